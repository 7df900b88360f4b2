import type { IsoInstant } from '../../../kernel/time.ts';
import { holdSequence, isLive, type KeptVote, mayVote, type Option, type Poll } from '../../meeting/poll/rules.ts';
import type { Answer, Meeting, Participant } from '../../meeting/rules.ts';
import { mayAnswer } from '../rules.ts';

export type { RenderedMessage, StoredMessage } from '../../meeting/post/rules.ts';

export type GivenAnswer = Exclude<Answer, 'needs_action'>;
/** `endsAt` is null where the proposal says only when to begin. */
export type ProposedTime = { startsAt: IsoInstant; endsAt: IsoInstant | null };

/** What somebody's calendar says in a REPLY or a COUNTER; addresses are bare and in small letters. */
export type CalendarAnswer = {
  kind: 'answer';
  uid: string;
  /** RFC 5545 3.8.7.4: one that is missing is 0. */
  sequence: number;
  stamp: IsoInstant | null;
  /** `instead`: whom they delegate to. */
  attendees: { address: string; answer: GivenAnswer | 'delegated' | null; instead: string | null }[];
  comment: string;
  /** `unclear`: a time that cannot be placed on any clock we know. */
  proposal: ProposedTime | 'unclear' | null;
};
/** `other`: a METHOD that is no answer, such as our own REQUEST sent back. */
export type CalendarRead = CalendarAnswer | { kind: 'other' } | { kind: 'unreadable' };

/** A mail out of the reply mailbox, as far as it matters. It is a claim, not proof. */
export type MailRead = {
  from: string;
  to: string[];
  subject: string;
  /** What a human would read; the beginning of it. */
  text: string;
  automatic: boolean;
  /** `failed`: a report that a message did not arrive. */
  report: 'failed' | 'other' | null;
  calendar: CalendarRead | null;
  fault: 'too_large' | 'unreadable' | null;
};

/** How every mail ends, in exactly one way. */
export const mailEnds = ['processed', 'ignored', 'human'] as const;
export type MailEnd = (typeof mailEnds)[number];

/** What a mail may change: an answer, a vote, a proposal, whether an address works. Never a decision, a time or who takes part. */
export type ReplyChange = {
  answer?: { answer: GivenAnswer; comment: string; stamp: IsoInstant };
  proposal?: ProposedTime & { stamp: IsoInstant };
  bounced?: true;
  vote?: KeptVote;
};

export type Verdict =
  | { end: 'processed'; code: 'answer' | 'counter' | 'bounced' | 'vote'; participantId: string; change: ReplyChange }
  | {
      end: 'ignored';
      code: 'automatic' | 'report' | 'not_an_answer' | 'no_answer' | 'closed' | 'removed' | 'stale' | 'older';
      participantId: string | null;
    }
  | {
      end: 'human';
      code:
        | ('too_large' | 'unreadable' | 'letter' | 'bounce' | 'no_meeting' | 'other_meeting' | 'stranger')
        | ('delegated' | 'ahead' | 'proposal' | 'same_time' | 'hold_counter');
      participantId: string | null;
    };

export type ReplyCode = Verdict['code'];

/** The meeting a mail is about, as found by plus-address or UID, with everybody of it, the removed too. */
export type Addressed = {
  meeting: Pick<Meeting, 'uid' | 'state' | 'startsAt' | 'endsAt'>;
  participants: readonly Participant[];
  /** Whose plus-address the mail was sent to. */
  taggedId: string | null;
  /** The latest proposal of times. */
  poll: Poll | null;
  /** The UID is that of a hold of this meeting, perhaps of an earlier proposal. */
  ofHold: boolean;
};

/** The tags of our plus-addresses among those a mail was sent to: `moten+ab12@host` → `ab12`. */
export function tagsOf(to: readonly string[], from: string): string[] {
  const [local = '', domain = ''] = from.toLowerCase().split('@');
  const tags = to.flatMap((address) =>
    address.startsWith(`${local}+`) && address.endsWith(`@${domain}`)
      ? [address.slice(local.length + 1, -domain.length - 1)]
      : [],
  );
  return [...new Set(tags.filter((tag) => /^[a-z0-9_-]{1,80}$/.test(tag)))];
}

/**
 * What is to become of a mail (calendar.md "Incoming answers"). `about` is null where neither plus-address nor UID
 * leads to a meeting.
 */
export function judge(mail: MailRead, about: Addressed | null, now: IsoInstant): Verdict {
  const tagged = about?.participants.find(({ id }) => id === about.taggedId) ?? null;
  const human = (code: (Verdict & { end: 'human' })['code'], one = tagged): Verdict => ({
    end: 'human',
    code,
    participantId: one?.id ?? null,
  });
  const ignored = (code: (Verdict & { end: 'ignored' })['code'], one = tagged): Verdict => ({
    end: 'ignored',
    code,
    participantId: one?.id ?? null,
  });

  if (mail.fault) return human(mail.fault);
  if (mail.report === 'failed') {
    if (tagged === null || tagged.removedAt !== null || !wasMailed(tagged, about?.poll ?? null)) return human('bounce');
    return { end: 'processed', code: 'bounced', participantId: tagged.id, change: { bounced: true } };
  }
  if (mail.report === 'other') return ignored('report');
  const { calendar } = mail;
  if (calendar === null) return mail.automatic ? ignored('automatic') : human('letter');
  if (calendar.kind === 'other') return ignored('not_an_answer');
  if (calendar.kind === 'unreadable') return human('unreadable');
  if (about === null) return human('no_meeting');
  const { meeting, poll } = about;
  const option = poll?.options.find(({ uid }) => uid === calendar.uid) ?? null;
  if (calendar.uid !== meeting.uid && option === null) {
    return about.ofHold ? ignored('closed') : human('other_meeting');
  }
  const one = answering(mail, calendar, about, tagged);
  if (!one) return human('stranger');
  if (one.removedAt !== null) return ignored('removed', one);
  // The booked time's UID is the meeting's, and whoever is invited answers the invitation.
  if (poll && option && (option.uid !== meeting.uid || one.sentSequence === null)) {
    return judgeVote(calendar, one, { poll, option }, now, { human, ignored });
  }
  if (one.sentSequence === null) return human('stranger', one);
  if (!mayAnswer(meeting, now)) return ignored('closed', one);
  return judgeAnswer(calendar, one, meeting, now, { human, ignored });
}

/** Whether anything has been mailed to them that can come back. */
const wasMailed = (one: Participant, poll: Poll | null): boolean =>
  one.sentSequence !== null || isAskedByMail(one, poll);

export const isAskedByMail = (one: Participant, poll: Poll | null): poll is Poll =>
  poll !== null &&
  isLive(poll.state) &&
  poll.asked.some(({ participantId, address }) => participantId === one.id && address !== '');

const addressOf = (one: Participant): string => one.person.email.toLowerCase();

/**
 * Who answers: ATTENDEE must be an invited address, and the mail sent to that person's plus-address, or from that very
 * address. From alone may be an alias.
 */
function answering(
  mail: MailRead,
  calendar: CalendarAnswer,
  { participants }: Addressed,
  tagged: Participant | null,
): Participant | null {
  const named = (one: Participant) => calendar.attendees.some(({ address }) => address === addressOf(one));
  if (tagged) return named(tagged) ? tagged : null;
  const own = participants.filter((one) => mail.from !== '' && addressOf(one) === mail.from && named(one));
  return own.find(({ removedAt }) => removedAt === null) ?? own[0] ?? null;
}

type Say = {
  human(code: (Verdict & { end: 'human' })['code'], one: Participant): Verdict;
  ignored(code: (Verdict & { end: 'ignored' })['code'], one: Participant): Verdict;
};

function judgeAnswer(
  calendar: CalendarAnswer,
  one: Participant,
  meeting: Addressed['meeting'],
  now: IsoInstant,
  { human, ignored }: Say,
): Verdict {
  const { sequence, comment } = calendar;
  const answer = calendar.attendees.find(({ address }) => address === addressOf(one))?.answer ?? null;
  const proposal = differs(calendar.proposal, meeting) ? calendar.proposal : null;
  if (answer === 'delegated') return human('delegated', one);
  if (calendar.stamp === null) return human('unreadable', one);
  if (sequence > (one.sentSequence ?? 0)) return human('ahead', one);
  if (sequence < (one.sentSequence ?? 0)) return ignored('stale', one);
  if (proposal === 'unclear' || (proposal && !isPossible(proposal, now))) return human('proposal', one);
  if (answer === null && proposal === null) return ignored('no_answer', one);

  // A clock that runs ahead must not outrank all that is answered later.
  const stamp = calendar.stamp < now ? calendar.stamp : now;
  const lastAnswer = one.replySequence === sequence ? one.replyStamp : null;
  const lastProposal = one.proposedSequence === sequence ? one.proposedAt : null;
  // Two that were stamped in the same second and say different things: nobody knows which was meant.
  const tied =
    (answer !== null && stamp === lastAnswer && one.answeredVia === 'mail' && answer !== one.answer) ||
    (proposal !== null &&
      stamp === lastProposal &&
      one.proposedStart !== null &&
      proposal.startsAt !== one.proposedStart);
  if (tied) return human('same_time', one);
  const answersNew = answer !== null && isAfter(stamp, lastAnswer) && !isAfter(otherwiseAnswered(one, sequence), stamp);
  const proposesNew = proposal !== null && isAfter(stamp, lastProposal);
  if (answersNew || proposesNew) {
    return {
      end: 'processed',
      code: proposesNew ? 'counter' : 'answer',
      participantId: one.id,
      change: {
        ...(answersNew && { answer: { answer, comment, stamp } }),
        ...(proposesNew && { proposal: { ...proposal, stamp } }),
      },
    };
  }
  return ignored('older', one);
}

const votesOf = { accepted: 'yes', tentative: 'if_needed', declined: 'no' } as const;

/** What an answer to a hold is worth: a vote for that time, as long as votes are taken. */
function judgeVote(
  calendar: CalendarAnswer,
  one: Participant,
  { poll, option }: { poll: Poll; option: Option },
  now: IsoInstant,
  { human, ignored }: Say,
): Verdict {
  const answer = calendar.attendees.find(({ address }) => address === addressOf(one))?.answer ?? null;
  if (!poll.asked.some(({ participantId }) => participantId === one.id)) return human('stranger', one);
  if (!mayVote(poll, now)) return ignored('closed', one);
  if (answer === 'delegated') return human('delegated', one);
  if (calendar.stamp === null) return human('unreadable', one);
  if (calendar.sequence > holdSequence.sent) return human('ahead', one);
  if (calendar.proposal !== null && differs(calendar.proposal, option)) return human('hold_counter', one);
  if (answer === null) return ignored('no_answer', one);
  const stamp = calendar.stamp < now ? calendar.stamp : now;
  const vote = votesOf[answer];
  const last = poll.votes.find(({ optionId, participantId }) => optionId === option.id && participantId === one.id);
  if (last && !isAfter(stamp, last.at)) {
    const tied = last.via === 'mail' && !isAfter(last.at, stamp) && last.vote !== vote;
    return tied ? human('same_time', one) : ignored('older', one);
  }
  const given: KeptVote = { optionId: option.id, participantId: one.id, vote, at: stamp, via: 'mail' };
  return { end: 'processed', code: 'vote', participantId: one.id, change: { vote: given } };
}

/** DTSTAMP has whole seconds, and so has the comparison. */
const isAfter = (a: IsoInstant | null, b: IsoInstant | null): boolean =>
  a !== null && (b === null || a.slice(0, 19) > b.slice(0, 19));

/** When they answered this very revision by another way than mail. */
const otherwiseAnswered = (one: Participant, sequence: number): IsoInstant | null =>
  one.answeredVia !== 'mail' && one.answerSequence === sequence ? one.answeredAt : null;

/** A proposal of the time that already is, as some calendars send with every answer, is none. */
function differs(
  proposal: CalendarAnswer['proposal'],
  meeting: { startsAt: IsoInstant | null; endsAt: IsoInstant | null },
): boolean {
  if (proposal === null || proposal === 'unclear') return true;
  return !(proposal.startsAt === meeting.startsAt && (proposal.endsAt === null || proposal.endsAt === meeting.endsAt));
}

const longestHours = 24;

const isPossible = ({ startsAt, endsAt }: ProposedTime, now: IsoInstant): boolean =>
  startsAt > now &&
  (endsAt === null || (endsAt > startsAt && Date.parse(endsAt) - Date.parse(startsAt) <= longestHours * 3_600_000));

/** The end of a proposed meeting: what was proposed, or as long as the meeting is now. */
export const proposedEnd = (
  proposal: ProposedTime,
  meeting: { startsAt: IsoInstant; endsAt: IsoInstant },
): IsoInstant =>
  proposal.endsAt ??
  new Date(Date.parse(proposal.startsAt) + Date.parse(meeting.endsAt) - Date.parse(meeting.startsAt)).toISOString();

/**
 * Outlook's names of time zones with the zone each stands for (Unicode CLDR, windowsZones.xml, territory 001). The
 * European ones: a proposal in any other zone is for a human to read.
 */
export const windowsZones: Record<string, string> = {
  'Azores Standard Time': 'Atlantic/Azores',
  'Belarus Standard Time': 'Europe/Minsk',
  'Central Europe Standard Time': 'Europe/Budapest',
  'Central European Standard Time': 'Europe/Warsaw',
  'E. Europe Standard Time': 'Europe/Chisinau',
  'FLE Standard Time': 'Europe/Kyiv',
  'GMT Standard Time': 'Europe/London',
  'GTB Standard Time': 'Europe/Bucharest',
  'Greenwich Standard Time': 'Atlantic/Reykjavik',
  'Kaliningrad Standard Time': 'Europe/Kaliningrad',
  'Romance Standard Time': 'Europe/Paris',
  'Russian Standard Time': 'Europe/Moscow',
  'Turkey Standard Time': 'Europe/Istanbul',
  UTC: 'UTC',
  'W. Europe Standard Time': 'Europe/Berlin',
};
