import type { Party } from '../../kernel/parties.ts';
import { partyCodes } from '../../kernel/parties.ts';
import { type IsoInstant, stockholmDate } from '../../kernel/time.ts';
import { workingDaysBetween } from '../../kernel/working-days.ts';
import type { Letter } from './letter/rules.ts';
import { type Notice, type NoticeGiven, noticeState } from './notice/rules.ts';
import {
  lacksDoctor,
  type Meeting,
  mayArrange,
  openGates,
  type Participant,
  personViews,
  type Talk,
  unverified,
} from './rules.ts';

const answerStatus = { needs_action: 'wait', accepted: 'ok', tentative: 'neutral', declined: 'no' } as const;
/** `open`: an answer can still come, so that a missing one needs the officer. */
function row(one: Participant, open: boolean, protectedIdentity: boolean, late: string | null, letter: Letter | null) {
  const answered = one.answer !== 'needs_action';
  return {
    ...one,
    answerKind: answered || open ? answerStatus[one.answer] : 'neutral',
    answered,
    stale: answered && one.answerSequence !== one.sentSequence,
    invited: one.sentSequence !== null,
    late: one.answerSequence === one.sentSequence ? null : late,
    byLetter: one.person.email === '',
    // Of a protected identity a mail says neither when nor where.
    letter: letter !== null || (one.sentSequence !== null && protectedIdentity),
    paper: letter && (letter.settledHow ?? 'waiting'),
  };
}

/** The meeting as its officer sees it; `acts` says whether this user may change it. */
export function meetingPage(
  meeting: Meeting,
  facts: {
    participants: readonly Participant[];
    talks: readonly Talk[];
    /** Answers to an earlier message, by participant. */
    late: ReadonlyMap<string, string>;
    /** Newest first. */
    letters: readonly Letter[];
    notice: { latest: Notice | null; given: readonly NoticeGiven[] };
    /** Participants whom somebody signed in says that they are. */
    waiting: readonly string[];
    /** Of a proposal of times that lives. */
    poll: 'open' | 'closed' | null;
  },
  options: { acts: boolean; now: IsoInstant },
) {
  const { participants, talks, late } = facts;
  const letterOf = ({ id }: Participant) =>
    facts.letters.find(({ participantId, settledHow }) => participantId === id && settledHow !== 'replaced') ?? null;
  const open = mayArrange(meeting.state);
  const gates = open ? openGates(meeting, participants, talks) : [];
  const passedOver = unverified(participants);
  const unsent = participants.filter(
    (one) => !passedOver.includes(one) && (one.sentSequence === null || one.sentSequence < meeting.sequence),
  ).length;
  return {
    acts: options.acts,
    passedOver: open
      ? passedOver.map(({ id, party }) => ({ party, href: `/moten/${meeting.id}/deltagare?rad=${id}` }))
      : [],
    meeting,
    participants: participants.map((one) => ({
      ...row(one, open, meeting.individual.protectedIdentity, late.get(one.id) ?? null, letterOf(one)),
      unreminded: one.party === 'PERSON' && !meeting.wantsReminders,
      waiting: facts.waiting.includes(one.id),
    })),
    claims: participants
      .filter(({ id }) => facts.waiting.includes(id))
      .map(({ id, party }) => ({ party, href: `/moten/${meeting.id}/deltagare/${id}/atkomst` })),
    lastTalk: talks[0] ?? null,
    noticeState: noticeState(meeting.kind, facts.notice.latest, facts.notice.given),
    noticeGiven: facts.notice.given,
    gates,
    open,
    scheduled: meeting.state === 'scheduled',
    poll: open ? facts.poll : null,
    toChoose: open && facts.poll === 'closed',
    ahead: open && meeting.startsAt !== null && meeting.startsAt > options.now,
    workingDays:
      meeting.startsAt === null ? 0 : workingDaysBetween(stockholmDate(options.now), stockholmDate(meeting.startsAt)),
    reminders: remindersPart(meeting, participants, options.now),
    begun: meeting.startsAt !== null && meeting.startsAt <= options.now,
    ready: open && gates.length === 0 && unsent > 0,
    unsent,
    noDoctor:
      open &&
      lacksDoctor(
        meeting.kind,
        participants.map(({ party }) => party),
      ),
    needsInterpreter: open && meeting.interpreterLanguage !== null && !meeting.interpreterBooked,
    cancelled: meeting.state === 'cancelled',
    done: meeting.state === 'held' || meeting.state === 'minuted',
  };
}

/** What the officer is told of reminders: null until somebody is invited, and once the meeting has begun. */
function remindersPart(meeting: Meeting, participants: readonly Participant[], now: IsoInstant) {
  const ahead = meeting.state === 'scheduled' && meeting.startsAt !== null && meeting.startsAt > now;
  if (!ahead || !participants.some(({ sentSequence }) => sentSequence !== null)) return null;
  if (meeting.individual.protectedIdentity) return { code: 'protected', next: null };
  return { code: meeting.remindAt === null ? 'none' : 'next', next: meeting.remindAt };
}

export function participantFormPage(meeting: Meeting, form: object, row: Participant | null) {
  const addable: readonly Party[] = partyCodes.filter((code) => code !== 'PERSON');
  return {
    meeting,
    form,
    row,
    parties: row ? [row.party] : addable,
    isPerson: row?.party === 'PERSON',
    /** The address has been written to: changing it is an act of its own. */
    changeAddress: row !== null && row.sentSequence !== null && row.person.email !== '',
    mayRemove: row !== null && row.party !== 'PERSON',
  };
}

export function talkPage(meeting: Meeting, form: object, participants: readonly Participant[], talks: readonly Talk[]) {
  const asked = participants.filter(({ party }) => party !== 'PERSON' && party !== 'FK');
  const individual = participants.find(({ party }) => party === 'PERSON') ?? null;
  return {
    meeting,
    form,
    talks,
    lastTalk: talks[0] ?? null,
    asked: asked.map((one) => ({ ...one, field: `party-${one.id}` })),
    askedIds: asked.map(({ id }) => id),
    views: personViews,
    person: individual && { ...individual.person, verified: individual.verifiedAt !== null },
  };
}
