import type { IsoInstant } from '../../../kernel/time.ts';
import { isWaiting, type Letter } from '../letter/rules.ts';
import type { MeetingEvent, Participant } from '../rules.ts';
import type { IncomingMail, SentMessage } from './rules.ts';

/** Kinds of message that put a version into a calendar; those with a name of their own; any other is a message. */
const revisions = ['request', 'update', 'place', 'cancel', 'removed', 'address'];
const named = [
  ...[...revisions, 'counter_declined', 'reminder', 'reminder_answer', 'declined', 'news'],
  ...['ask', 'remind', 'hold', 'withdrawn'],
];

const messageStatus = { queued: 'wait', sent: 'ok', failed: 'overdue', withdrawn: 'neutral' } as const;

const kindOf = ({ kind }: SentMessage): string => {
  if (kind.startsWith('review.')) return kind === 'review.remind' ? 'reminder_answer' : 'news';
  const last = kind.split('.').at(-1) ?? '';
  return named.includes(last) ? last : 'other';
};

/** What went to several in one act, together: the same kind of the same revision, written in the same minute. */
function grouped(messages: readonly SentMessage[]): [SentMessage, ...SentMessage[]][] {
  const groups = Map.groupBy(messages, (one) => [one.kind, one.sequence, one.at.slice(0, 16)].join(' '));
  return [...groups.values()] as [SentMessage, ...SentMessage[]][];
}

/** What has happened to a meeting, what was sent about it and what came back, newest first. */
export function timeline(
  meetingId: string,
  facts: {
    participants: readonly Participant[];
    events: readonly MeetingEvent[];
    messages: readonly SentMessage[];
    mails: readonly IncomingMail[];
    letters: readonly Letter[];
  },
) {
  const who = new Map(facts.participants.map((one) => [one.id, one]));
  const nameOf = (id: string | null) => (id === null ? undefined : who.get(id))?.person.name ?? null;
  const rows = [
    ...facts.events.map((event) => ({
      ...{ type: 'event' as const, ...event, reason: event.details.reason ?? '' },
      via: event.details.via ?? null,
      saidAs: event.details.saidAs ?? null,
      saidBy: event.details.saidBy ?? '',
    })),
    ...grouped(facts.messages).map(([first, ...others]) => ({
      type: 'message' as const,
      at: first.sentAt ?? first.at,
      kind: kindOf(first),
      sequence: first.sequence,
      versioned: first.sequence !== null && revisions.includes(kindOf(first)),
      // More than a few are folded; what did not arrive is said outside the fold.
      many: others.length > 2,
      failed: [first, ...others].filter(({ state }) => state === 'failed').length,
      to: [first, ...others].map((message) => ({
        href: `/moten/${meetingId}/utskick/${message.id}`,
        name: nameOf(message.participantId),
        to: message.to,
        // Which of the proposed times it is about.
        startsAt: message.pollId === null ? null : message.startsAt,
        state: message.state,
        stateKind: messageStatus[message.state],
      })),
    })),
    ...facts.letters.map((letter) => ({
      type: 'letter' as const,
      at: letter.settledAt ?? letter.createdAt,
      kind: letter.kind,
      name: nameOf(letter.participantId),
      state: letter.settledHow ?? 'waiting',
      by: letter.settledBy,
      stateKind: letter.settledAt === null ? 'wait' : letter.settledHow === 'replaced' ? 'neutral' : 'ok',
    })),
    // What changed something is an event already.
    ...facts.mails
      .filter(({ outcome }) => outcome !== 'processed')
      .map((mail) => ({
        type: 'mail' as const,
        at: mail.at,
        code: mail.code,
        name: nameOf(mail.participantId),
        answer: mail.facts?.answer ?? null,
        comment: mail.facts?.comment ?? '',
        handled: mail.handledAt !== null,
      })),
  ];
  return rows.sort((a, b) => (a.at < b.at ? 1 : a.at > b.at ? -1 : 0));
}

/** Mails that wait for the officer to read them. */
export const unread = (meetingId: string, mails: readonly IncomingMail[]) =>
  mails
    .filter(({ outcome, handledAt }) => outcome === 'human' && handledAt === null)
    .map(({ id, at, code }) => ({ at, code, href: `/moten/${meetingId}/kalendersvar/${id}` }));

/** Letters that wait to be printed, also to those who have been taken out, each with whom it is to. */
export const toPrint = (
  meetingId: string,
  letters: readonly Letter[],
  participants: readonly Participant[],
  now: IsoInstant,
) =>
  letters
    .filter((one) => isWaiting(one, now))
    .map(({ participantId, kind }) => ({
      kind,
      name: participants.find(({ id }) => id === participantId)?.person.name ?? '',
      href: `/moten/${meetingId}/deltagare/${participantId}/brev`,
    }));

/** Each participant's latest answer to an earlier message, while they have not answered the present one. */
export function lateAnswers(mails: readonly IncomingMail[]): Map<string, string> {
  const late = new Map<string, string>();
  for (const { code, participantId, facts } of mails) {
    if (code === 'stale' && participantId !== null && facts?.answer && !late.has(participantId)) {
      late.set(participantId, facts.answer);
    }
  }
  return late;
}
