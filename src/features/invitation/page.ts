import type { FieldErrors, FieldValues } from '../../kernel/fields.ts';
import { type IsoInstant, stockholmLocal } from '../../kernel/time.ts';
import { isLive, type Poll, rankTimes } from '../meeting/poll/rules.ts';
import {
  lacksDoctor,
  type Meeting,
  mayArrange,
  openGates,
  type Participant,
  placeKinds,
  type Talk,
} from '../meeting/rules.ts';
import { channelOf, isUnsent, reached, timeNotices } from './rules.ts';

export type Form = { values: FieldValues; errors: FieldErrors };
export const emptyForm: Form = { values: {}, errors: {} };

type Arrangement = {
  meeting: Meeting;
  participants: readonly Participant[];
  talks: readonly Talk[];
  clashes: readonly { startsAt: IsoInstant; endsAt: IsoInstant }[];
  asked: number;
};

const usualMinutes = 60;

/** Time and place as they stand, for the form to begin from. */
function currentTime(meeting: Meeting): FieldValues {
  const { startsAt, endsAt } = meeting;
  const minutes = startsAt && endsAt ? (Date.parse(endsAt) - Date.parse(startsAt)) / 60_000 : usualMinutes;
  return {
    startsAt: startsAt ? stockholmLocal(startsAt) : '',
    durationMinutes: String(minutes),
    placeKind: meeting.placeKind ?? '',
    place: meeting.place,
    videoUrl: meeting.videoUrl,
    interpreterLanguage: meeting.interpreterLanguage ?? '',
    interpreterBooked: meeting.interpreterBooked ? 'on' : '',
  };
}

/** `form` is null until something has been typed; `booking` is the proposed time that is booked, if one is. */
export function timePage(
  { meeting, participants, clashes }: Arrangement,
  form: Form | null,
  booking: ReturnType<typeof bookingPage>,
) {
  const proposed = booking && { startsAt: booking.startsAt, durationMinutes: String(booking.minutes) };
  return {
    meetingId: meeting.id,
    booking,
    form: form ?? { values: { ...currentTime(meeting), ...proposed }, errors: {} },
    placeKinds,
    fixed: meeting.state === 'scheduled',
    sequence: meeting.sequence,
    open: mayArrange(meeting.state),
    invited: participants.filter((one) => one.sentSequence !== null).length,
    notices: meeting.startsAt ? timeNotices(meeting.startsAt, clashes) : [],
  };
}

/**
 * A proposed time that is to be booked: who cannot come to it, and who has not answered. Null for what is no time of a
 * live proposal.
 */
export function bookingPage(
  { poll, participants }: { poll: Poll | null; participants: readonly Participant[] },
  optionId: string,
) {
  const option = poll && isLive(poll.state) ? poll.options.find(({ id }) => id === optionId) : undefined;
  const [rank] = poll && option ? rankTimes([option], participants, poll.votes) : [];
  if (!option || !rank) return null;
  const named = (ids: readonly string[]) =>
    participants
      .filter(({ id }) => ids.includes(id))
      .map(({ person, party, required }) => ({ name: person.name, party, required }));
  return {
    optionId: option.id,
    at: option.startsAt,
    until: option.endsAt,
    startsAt: stockholmLocal(option.startsAt),
    minutes: (Date.parse(option.endsAt) - Date.parse(option.startsAt)) / 60_000,
    cannot: named(rank.cannot),
    silent: named(rank.silent),
  };
}

/** What goes to whom if it is sent, and what stands in the way. `preview` is what everybody reads; null before a time. */
export function sendPage(
  { meeting, participants, talks, clashes, asked }: Arrangement,
  preview: { subject: string; paragraphs: string[] } | null,
) {
  const unsent = participants.filter((one) => isUnsent(one, meeting.sequence));
  const gates = openGates(meeting, participants, talks);
  const open = mayArrange(meeting.state);
  return {
    meetingId: meeting.id,
    open,
    asked: open ? asked : 0,
    gates: open ? gates : [],
    rows: open ? unsent.map(reached) : [],
    preview,
    ready: open && gates.length === 0 && unsent.some((one) => channelOf(one) !== 'none'),
    noDoctor: lacksDoctor(
      meeting.kind,
      participants.map(({ party }) => party),
    ),
    interpreterMissing: meeting.interpreterBooked ? null : meeting.interpreterLanguage,
    protectedIdentity: meeting.individual.protectedIdentity,
    unsafeContact: talks[0]?.unsafeContact ?? null,
    notices: meeting.startsAt ? timeNotices(meeting.startsAt, clashes) : [],
  };
}

/** Asks before a meeting is called off, and says who is told and how. */
export function cancelPage({ meeting, participants }: Arrangement, form: Form) {
  return {
    meetingId: meeting.id,
    open: mayArrange(meeting.state),
    startsAt: meeting.startsAt,
    endsAt: meeting.endsAt,
    rows: participants.filter((one) => one.sentSequence !== null).map(reached),
    form,
  };
}

/** Asks before somebody is taken out. */
export function removePage(meeting: Meeting, one: Participant) {
  return {
    meetingId: meeting.id,
    one: reached(one),
    invited: one.sentSequence !== null,
    open: mayArrange(meeting.state) && one.party !== 'PERSON',
  };
}
