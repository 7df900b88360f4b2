import { type MailText, paragraphsOf, type Translate } from '../../../kernel/mail.ts';
import {
  formatClock,
  formatDate,
  formatLongDate,
  formatWeekday,
  type IsoDate,
  type IsoInstant,
  stockholmDate,
} from '../../../kernel/time.ts';
import type { Meeting, Participant } from '../rules.ts';
import type { Option, Poll } from './rules.ts';

export type PollMailKind = 'ask' | 'remind';
export type HoldKind = 'hold' | 'withdrawn';

/** Facts of a mail that asks somebody for times: that there is to be a meeting, and not a word about whom or what. */
export type PollFacts = {
  to: string;
  pollId: string;
  participantId: string;
  linkGeneration: number;
  mailTag: string;
  officerName: string;
  lastDay: IsoDate;
  /** When the meeting is unless another time is booked; null before one is fixed. */
  fixedAt: IsoInstant | null;
};

export type HoldFacts = Omit<PollFacts, 'lastDay' | 'fixedAt'> & {
  reference: string;
  uid: string;
  sequence: number;
  startsAt: IsoInstant;
  endsAt: IsoInstant;
};

const common = (meeting: Meeting, poll: Poll, one: Participant, to: string) => ({
  to,
  pollId: poll.id,
  participantId: one.id,
  linkGeneration: one.linkGeneration,
  mailTag: one.mailTag,
  officerName: meeting.officer.name,
});

/** In the participant's own stream, so that what is about the proposal never comes after the invitation. */
const stream = (one: Participant): string => `invitation ${one.mailTag}`;

export function pollMessage(kind: PollMailKind, meeting: Meeting, poll: Poll, one: Participant) {
  const fixedAt = meeting.state === 'scheduled' ? meeting.startsAt : null;
  const facts: PollFacts = { ...common(meeting, poll, one, one.person.email), lastDay: poll.lastDay, fixedAt };
  return {
    ...{ kind: `poll.${kind}`, stream: stream(one), dedupeKey: `poll ${poll.id} ${one.id} ${kind}` },
    ...{ meetingId: meeting.id, facts },
  };
}

/** One time in one calendar, or out of it. `to` is the address that was asked. */
export function holdMessage(
  kind: HoldKind,
  meeting: Meeting,
  poll: Poll,
  { one, to, option, sequence }: { one: Participant; to: string; option: Option; sequence: number },
) {
  const { uid, startsAt, endsAt } = option;
  const facts: HoldFacts = {
    ...common(meeting, poll, one, to),
    ...{ reference: meeting.reference, uid, sequence, startsAt, endsAt },
  };
  return {
    ...{ kind: `poll.${kind}`, stream: stream(one), dedupeKey: `poll ${option.id} ${one.id} ${kind}` },
    ...{ meetingId: meeting.id, facts },
  };
}

const isLink = (paragraphs: string[], link: string) => (paragraphs.includes(link) ? link : null);

export function pollMail(kind: string, facts: PollFacts, link: string, t: Translate): MailText {
  const { officerName, fixedAt } = facts;
  const date = formatLongDate(facts.lastDay);
  const ask = () =>
    fixedAt
      ? t('mail.pollMove.body', { officerName, link, ...clockOf(fixedAt) })
      : t('mail.poll.body', { officerName, link });
  const [subject, body] =
    kind === 'poll.remind'
      ? [t('mail.pollReminder.subject', { date }), t('mail.pollReminder.body', { link })]
      : [t('mail.poll.subject', { date }), ask()];
  const paragraphs = paragraphsOf(body);
  return { subject, paragraphs, link: isLink(paragraphs, link), officerName };
}

const clockOf = (startsAt: IsoInstant) => {
  const day = stockholmDate(startsAt);
  return { weekday: formatWeekday(day), date: formatDate(day), start: formatClock(startsAt) };
};

/** `how`: how to answer, as `answersHow` says it. */
export function holdMail(kind: string, facts: HoldFacts, link: string, how: string, t: Translate): MailText {
  const params = {
    ...{ ...clockOf(facts.startsAt), end: formatClock(facts.endsAt), ref: facts.reference },
    ...{ link, how },
  };
  const [subject, body] =
    kind === 'poll.withdrawn'
      ? [t('mail.holdWithdrawn.subject', params), t('mail.holdWithdrawn.body', params)]
      : [t('mail.hold.subject', params), t('mail.hold.body', params)];
  const paragraphs = paragraphsOf(body);
  return { subject, paragraphs, link: isLink(paragraphs, link), officerName: facts.officerName };
}

/** What their calendar says of a time that is only proposed: no place, since there is none yet. */
export function holdCalendar(
  facts: HoldFacts,
  { link, organizer, dtstamp }: { link: string; organizer: string; dtstamp: IsoInstant },
  t: Translate,
) {
  const { uid, sequence, startsAt, endsAt, reference, to } = facts;
  return {
    ...{ uid, sequence, dtstamp, startsAt, endsAt, organizer },
    summary: t('ics.hold', { ref: reference }),
    location: t('ics.location.hidden'),
    description: t('ics.description', { link }),
    url: link,
    attendee: to,
  };
}
