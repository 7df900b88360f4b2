import type { MeetingEvent, Participant } from '../rules.ts';
import type { IncomingMail, SentMessage } from './rules.ts';

/** Kinds of message with a name of their own; any other is a message. */
const named = [
  ...['request', 'update', 'place', 'cancel', 'removed', 'address', 'counter_declined'],
  ...['ask', 'remind', 'hold', 'withdrawn'],
];

/** The holds that somebody was sent for one proposal are one thing that happened. */
const together = ({ id, kind, pollId, participantId, state, sequence }: SentMessage): string =>
  pollId === null || sequence === null ? id : `${kind} ${pollId} ${participantId} ${state}`;

const messageStatus = { queued: 'wait', sent: 'ok', failed: 'overdue' } as const;

/** What has happened to a meeting, what was sent about it and what came back, newest first. */
export function timeline(
  meetingId: string,
  facts: {
    participants: readonly Participant[];
    events: readonly MeetingEvent[];
    messages: readonly SentMessage[];
    mails: readonly IncomingMail[];
  },
) {
  const who = new Map(facts.participants.map((one) => [one.id, one]));
  const nameOf = (id: string | null) => (id === null ? undefined : who.get(id))?.person.name ?? null;
  const rows = [
    ...facts.events.map((event) => ({ type: 'event' as const, ...event, reason: event.details.reason ?? '' })),
    ...[...Map.groupBy(facts.messages, together).values()].flatMap((group) => {
      const [message] = group;
      if (!message) return [];
      const kind = message.kind.split('.').at(-1) ?? '';
      const hrefOf = ({ id }: SentMessage) => `/moten/${meetingId}/utskick/${id}`;
      return {
        type: 'message' as const,
        at: message.sentAt ?? message.at,
        kind: named.includes(kind) ? kind : 'other',
        href: group.length > 1 ? null : hrefOf(message),
        times: group.length > 1 ? group.toReversed().map((one) => ({ startsAt: one.startsAt, href: hrefOf(one) })) : [],
        name: nameOf(message.participantId),
        to: message.to,
        sequence: message.sequence,
        versioned: message.sequence !== null,
        state: message.state,
        stateKind: messageStatus[message.state],
      };
    }),
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
