import { accept, type Decision, refuse } from '../../../kernel/decision.ts';
import { normaliseLine } from '../../../kernel/text.ts';
import {
  addDays,
  type IsoDate,
  type IsoInstant,
  parseStockholm,
  stockholmDate,
  stockholmLocal,
} from '../../../kernel/time.ts';
import {
  addWorkingDays,
  type HolidayCode,
  holidayOf,
  isWorkingDay,
  workingDaysBefore,
} from '../../../kernel/working-days.ts';
import {
  type Gate,
  gatesOf,
  type Meeting,
  type MeetingState,
  mayArrange,
  type Participant,
  type Person,
  type Talk,
} from '../rules.ts';

export const mostTimes = 20;
const shortestMinutes = 15;
const longestMinutes = 480;

/** How long a proposed meeting can be. */
export const isLength = (minutes: number): boolean =>
  Number.isInteger(minutes) && minutes >= shortestMinutes && minutes <= longestMinutes;

export type PollState = 'open' | 'closed' | 'booked' | 'abandoned';
export type PollMove = 'close' | 'book' | 'abandon';
export const votes = ['yes', 'if_needed', 'no'] as const;
export type Vote = (typeof votes)[number];

/** states.md "Poll". `closed`: no more answers, and nothing decided. A move that is not listed is refused. */
const pollMoves: Record<PollMove, Partial<Record<PollState, PollState>>> = {
  close: { open: 'closed' },
  book: { open: 'booked', closed: 'booked' },
  abandon: { open: 'abandoned', closed: 'abandoned' },
};

export function movePoll(state: PollState, move: PollMove): Decision<PollState> {
  const to = pollMoves[move][state];
  return to ? accept(to) : refuse('not_now');
}

export const isLive = (state: PollState): boolean => state === 'open' || state === 'closed';

export type Option = {
  id: string;
  startsAt: IsoInstant;
  endsAt: IsoInstant;
  /** Of the hold in calendars, and of the meeting when the time is booked. */
  uid: string;
  booked: boolean;
};
export type Asked = {
  participantId: string;
  /** Where the mail and the holds went; empty for who is asked by letter or telephone. */
  address: string;
  askedAt: IsoInstant;
  held: boolean;
  delivery: 'queued' | 'sent' | 'bounced' | 'letter';
  answeredAt: IsoInstant | null;
  remindedAt: IsoInstant | null;
};
export type GivenVote = { optionId: string; participantId: string; vote: Vote };
/** `at`: when it was given; for an answer by mail its DTSTAMP. */
export type KeptVote = GivenVote & { at: IsoInstant; via: 'link' | 'account' | 'phone' | 'letter' | 'mail' };
export type Poll = {
  id: string;
  meetingId: string;
  state: PollState;
  version: number;
  /** The last day to answer. */
  lastDay: IsoDate;
  /** Each time stands as tentative in the calendars of those who are asked by mail. */
  holds: boolean;
  createdAt: IsoInstant;
  options: Option[];
  asked: Asked[];
  votes: KeptVote[];
};

/** More than anybody types is not looked at. */
const mostRead = 100;

/** The times of a form, ticked (`startsAt`) or typed (`typed-1` …), in order; empty ones and doubles left out. */
export function typedTimes(form: Readonly<Record<string, string | string[] | undefined>>): string[] {
  const given = Object.entries(form).flatMap(([name, value]) => (/^(startsAt|typed-\d{1,2})$/.test(name) ? value : []));
  return [...new Set(given.map((text) => normaliseLine(text ?? '')))]
    .filter((text) => text !== '')
    .slice(0, mostRead)
    .sort();
}

/** Whether the clock shows one of the times twice, so that the form must ask which is meant. */
export const comesTwice = (typed: readonly string[]): boolean =>
  typed.some((text) => {
    const parsed = parseStockholm(text);
    return parsed.ok && parsed.ambiguous;
  });

/**
 * One proposal at a time, and until the meeting is held. A fixed time stands while others are asked for: the meeting makes
 * no move (states.md "Meeting") until one of them is booked, which is `reschedule`.
 */
export const mayPropose = (state: MeetingState, live: boolean): boolean => !live && mayArrange(state);

/** An invitation's gates but time and quorum: whom the person does not want invited is not asked for times either. */
export const gatesBeforeAsking = (
  meeting: Meeting,
  participants: readonly Participant[],
  talks: readonly Talk[],
): Gate[] => gatesOf(meeting, participants, talks).filter(({ code }) => code !== 'no_time' && code !== 'quorum');

/**
 * How somebody is asked; `none`: nobody has verified their address. A mail tells that there is a meeting and holds tell
 * when, so where the identity is protected everybody is asked by letter or telephone.
 */
export function askedBy(
  one: Pick<Participant, 'verifiedAt'> & { person: Pick<Person, 'email'> },
  protectedIdentity: boolean,
): 'mail' | 'letter' | 'none' {
  if (one.person.email === '' || protectedIdentity) return 'letter';
  return one.verifiedAt === null ? 'none' : 'mail';
}

/** Whether they are asked where they are reached now: whoever has another address since is asked there. */
export const isAsked = (poll: Pick<Poll, 'asked'>, one: Pick<Participant, 'id' | 'person'>): boolean =>
  poll.asked.some(
    ({ participantId, address }) => participantId === one.id && (address === '' || address === one.person.email),
  );

/** The last day to answer unless the officer says another: in three working days, and before the first time. */
export function usualLastDay(firstStart: IsoInstant, now: IsoInstant): IsoDate {
  const today = stockholmDate(now);
  const wished = addWorkingDays(today, 3);
  const dayBefore = addDays(stockholmDate(firstStart), -1);
  const day = wished < dayBefore ? wished : dayBefore;
  return day < today ? today : day;
}

/** Answers are taken, and changed, through the last day. */
export const mayVote = (poll: Pick<Poll, 'state' | 'lastDay'>, now: IsoInstant): boolean =>
  poll.state === 'open' && stockholmDate(now) <= poll.lastDay;

export const shouldClose = (poll: Pick<Poll, 'state' | 'lastDay'>, now: IsoInstant): boolean =>
  poll.state === 'open' && stockholmDate(now) > poll.lastDay;

const remindFrom = 'T08:00';

/** When those who have not answered are reminded: at eight on the working day before the last day, but not the day they were asked. */
export function remindsOn(poll: Pick<Poll, 'lastDay' | 'createdAt'>): IsoDate {
  const day = workingDaysBefore(poll.lastDay, 1);
  const dayAfter = addDays(stockholmDate(poll.createdAt), 1);
  return day < dayAfter ? dayAfter : day;
}

export const shouldRemind = (poll: Pick<Poll, 'state' | 'lastDay' | 'createdAt'>, now: IsoInstant): boolean =>
  mayVote(poll, now) && stockholmLocal(now) >= `${remindsOn(poll)}${remindFrom}`;

export type Ranked = {
  optionId: string;
  startsAt: IsoInstant;
  /** Every required party has said that they can, if need be. */
  everyRequired: boolean;
  can: number;
  ifNeeded: number;
  /** Participants who have said no, and who have said nothing. */
  cannot: string[];
  silent: string[];
};

/**
 * The times, best first: those that every required party can come to, then fewest "vid behov", then the earliest. Who has
 * not answered cannot be counted on, so that a required party's silence is no yes.
 */
export function rankTimes(
  options: readonly Pick<Option, 'id' | 'startsAt'>[],
  people: readonly { id: string; required: boolean }[],
  given: readonly GivenVote[],
): Ranked[] {
  const ranked = options.map(({ id, startsAt }): Ranked => {
    const said = new Map(given.filter(({ optionId }) => optionId === id).map((one) => [one.participantId, one.vote]));
    const those = (vote: Vote | undefined) => people.filter((one) => said.get(one.id) === vote).map((one) => one.id);
    const can = [...those('yes'), ...those('if_needed')];
    return {
      optionId: id,
      startsAt,
      everyRequired: people.every((one) => !one.required || can.includes(one.id)),
      can: those('yes').length,
      ifNeeded: those('if_needed').length,
      cannot: those('no'),
      silent: those(undefined),
    };
  });
  return ranked.sort(
    (a, b) =>
      Number(b.everyRequired) - Number(a.everyRequired) ||
      a.ifNeeded - b.ifNeeded ||
      (a.startsAt < b.startsAt ? -1 : a.startsAt > b.startsAt ? 1 : 0),
  );
}

/** Somebody is busy then; with what is nobody's business. `participantId` null: the officer. */
export type Busy = { participantId: string | null; startsAt: IsoInstant; endsAt: IsoInstant };

export const overlaps = (a: { startsAt: IsoInstant; endsAt: IsoInstant }, b: Busy): boolean =>
  a.startsAt < b.endsAt && b.startsAt < a.endsAt;

/** What a day is, where it is not an ordinary working day. */
export function dayNotice(date: IsoDate): { holiday: HolidayCode | null; weekend: boolean } {
  const holiday = holidayOf(date);
  return { holiday, weekend: holiday === null && !isWorkingDay(date) };
}

// A hold is sent once, and withdrawn or turned into the invitation once (RFC 5546 2.1.4: a new status is a new SEQUENCE).
export const holdSequence = { sent: 0, next: 1 } as const;

/**
 * Of which times somebody still has a hold in their calendar: of all while the proposal lives; of the booked one until
 * the invitation, which has its UID, has replaced it; of none otherwise. `uid`: of the meeting, whose invitation keeps
 * its own where a time was fixed before.
 */
export function heldOptions(poll: Poll, asked: Asked, { uid, invited }: { uid: string; invited: boolean }): Option[] {
  if (!asked.held || asked.address === '') return [];
  if (isLive(poll.state)) return poll.options;
  return poll.state === 'booked' && !invited ? poll.options.filter((one) => one.booked && one.uid === uid) : [];
}

/** Whether a booked time still stands as only tentative with somebody whom the invitation can reach. */
export const holdsWait = (
  poll: Poll,
  meeting: Pick<Meeting, 'uid'>,
  participants: readonly Participant[],
  protectedIdentity: boolean,
): boolean =>
  !isLive(poll.state) &&
  participants.some((one) => {
    const asked = poll.asked.find(({ participantId }) => participantId === one.id);
    const held = asked && heldOptions(poll, asked, { uid: meeting.uid, invited: one.sentSequence !== null });
    return held !== undefined && held.length > 0 && askedBy(one, protectedIdentity) === 'mail';
  });
