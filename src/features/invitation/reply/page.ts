import type { FieldErrors, FieldValues } from '../../../kernel/fields.ts';
import { type IsoInstant, parseStockholm, stockholmLocal } from '../../../kernel/time.ts';
import { isLength } from '../../meeting/poll/rules.ts';
import type { IncomingMail, RenderedMessage } from '../../meeting/post/rules.ts';
import type { Meeting, Participant } from '../../meeting/rules.ts';
import { channelOf, hasTime, timeNotices } from '../rules.ts';
import { proposedEnd } from './rules.ts';

type Form = { values: FieldValues; errors: FieldErrors };

/** One page of the mails that nobody could place. */
export function unplacedPage(mails: readonly IncomingMail[], pageSize: number) {
  const rows = mails.slice(0, pageSize);
  const last = mails.length > pageSize ? rows.at(-1) : undefined;
  return {
    rows: rows.map(({ id, at, code, facts }) => ({ id, at, code, from: facts?.from ?? '' })),
    next: last ? `/kalendersvar?efter=${last.id}` : null,
  };
}

/** One mail for a human; `path` is where it is said to be dealt with. */
export function mailPage(mail: IncomingMail, { path, back }: { path: string; back: string }) {
  const { from = '', subject = '', text = '', comment = '' } = mail.facts ?? {};
  const { answer = null, instead = null, startsAt = null } = mail.facts ?? {};
  return {
    ...{ from, subject, text, comment, answer, instead, startsAt },
    path,
    toMeeting: back !== '/kalendersvar',
    back,
    at: mail.at,
    code: mail.code,
    handledAt: mail.handledAt,
  };
}

/** The choice that a proposed time gives; `open` is false when there is none any more. */
export function proposalPage(
  meeting: Meeting,
  one: Participant,
  { clashes, asking }: { clashes: readonly { startsAt: IsoInstant; endsAt: IsoInstant }[]; asking: boolean },
  form: Form,
) {
  const { proposedStart: startsAt, proposedEnd: endsAt } = one;
  const open = meeting.state === 'scheduled' && startsAt !== null && hasTime(meeting);
  const end = open ? proposedEnd({ startsAt, endsAt }, meeting) : null;
  return {
    ...whom(meeting, one),
    open,
    startsAt: meeting.startsAt,
    endsAt: meeting.endsAt,
    proposedStart: startsAt,
    proposedEnd: end,
    asking,
    askAll: `/moten/${meeting.id}/tidsforslag${asking || end === null || startsAt === null ? '' : formOf(startsAt, end)}`,
    notices: startsAt === null ? [] : timeNotices(startsAt, clashes),
    channel: channelOf(one),
    form,
  };
}

/** The form to propose times, begun with one. */
function formOf(startsAt: IsoInstant, endsAt: IsoInstant): string {
  const local = stockholmLocal(startsAt).slice(0, 16);
  const first = parseStockholm(local);
  const minutes = (Date.parse(endsAt) - Date.parse(startsAt)) / 60_000;
  const query = new URLSearchParams({ startsAt: local });
  if (isLength(minutes)) query.set('durationMinutes', String(minutes));
  if (first.ok && first.instant < startsAt) query.set('night', 'second');
  return `?${query}`;
}

export function addressPage(meeting: Meeting, one: Participant, form: Form) {
  return {
    ...whom(meeting, one),
    open: meeting.state === 'scheduled' && one.sentSequence !== null,
    email: one.person.email,
    form,
  };
}

const whom = (meeting: Meeting, one: Participant) => ({
  meetingId: meeting.id,
  id: one.id,
  name: one.person.name,
  party: one.party,
});

/** A message as it was sent, rendered once more. Links in it are somebody's own, and are not shown. */
export function messagePage(
  meeting: Pick<Meeting, 'id'>,
  message: {
    row: { kind: string; createdAt: IsoInstant; facts: Record<string, unknown> };
    state: 'queued' | 'sent' | 'failed' | 'withdrawn';
    sentAt: IsoInstant | null;
    sha256: string | null;
  },
  rendered: RenderedMessage | null,
) {
  const { facts } = message.row;
  return {
    meetingId: meeting.id,
    state: message.state,
    queuedAt: message.row.createdAt,
    sentAt: message.sentAt,
    sha256: message.sha256,
    same: rendered === null || message.sha256 === null ? null : rendered.sha256 === message.sha256,
    to: String(facts.to ?? ''),
    sequence: Number(facts.sequence ?? 0),
    hasSequence: facts.sequence !== undefined,
    rendered: rendered && {
      subject: rendered.subject,
      text: withoutLinks(rendered.text),
      calendar:
        rendered.calendar === null
          ? null
          : withoutLinks(rendered.calendar.replace(/\r\n[ \t]/g, '').replaceAll('\r', '')),
    },
  };
}

const withoutLinks = (text: string): string => text.replace(/\/[A-Za-z0-9_-]{40,}/g, '/…');
