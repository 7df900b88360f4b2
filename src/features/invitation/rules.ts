import { isMailAddress } from '../../kernel/mail.ts';
import {
  addDays,
  type IsoDate,
  type IsoInstant,
  parseStockholm,
  stockholmDate,
  stockholmLocal,
} from '../../kernel/time.ts';
import {
  addWorkingDays,
  type HolidayCode,
  holidayOf,
  isWorkingDay,
  workingDaysBefore,
} from '../../kernel/working-days.ts';
import { type LetterKind, readsOnPaper } from '../meeting/letter/rules.ts';
import type { Answer, Meeting, Participant, PlaceKind } from '../meeting/rules.ts';

/**
 * What a message about a meeting can tell. `place` is a move to another place; `place_typo` the same place spelt right;
 * `cancel` the whole meeting; `remove` one participant; `reinvite` a participant who was removed before.
 */
export type MeetingChange = 'time' | 'place' | 'place_typo' | 'cancel' | 'remove' | 'reinvite';

// RFC 5546 2.1.4: SEQUENCE grows when the time or the status changes, when a new place makes old answers doubtful, and
// with every CANCEL. A client that has seen a CANCEL ignores a REQUEST that is not newer.
const CHANGES: Record<MeetingChange, { newSequence: boolean; newAnswers: boolean }> = {
  time: { newSequence: true, newAnswers: true },
  place: { newSequence: true, newAnswers: true },
  place_typo: { newSequence: false, newAnswers: false },
  cancel: { newSequence: true, newAnswers: false },
  remove: { newSequence: true, newAnswers: false },
  reinvite: { newSequence: true, newAnswers: true },
};

/** The SEQUENCE of the message that tells of the change: the current one, or one more. The first REQUEST has 0. */
export const nextSequence = (current: number, change: MeetingChange): number =>
  CHANGES[change].newSequence ? current + 1 : current;

/** Whether those who are invited must answer anew (RFC 5546 2.1.4 and 3.2.2.1: back to NEEDS-ACTION). */
export const answersReset = (change: MeetingChange): boolean => CHANGES[change].newAnswers;

/** An answer counts for the revision it was given to; an answer to another is shown as such, never counted. */
export const answerCounts = (answerSequence: number, currentSequence: number): boolean =>
  answerSequence === currentSequence;

/**
 * `moten@host` and `ab12` → `moten+ab12@host`, the ORGANIZER by which a reply finds its participant. The tag is lower
 * case since mail systems do not keep case; throws RangeError on another tag, or when the address would not be valid.
 */
export function plusAddress(from: string, tag: string): string {
  const address = from.replace('@', `+${tag}@`);
  if (!/^[a-z0-9_-]+$/.test(tag) || !isMailAddress(address)) throw new RangeError('no plus-address of this tag');
  return address;
}

const WORKING_DAYS_TO_PREPARE = 5;

/**
 * The last day to answer: five working days before the meeting, but at least until the next working day, and never
 * later than the day before the meeting (or today, when the meeting is today).
 */
export function answerBy(startsAt: IsoInstant, now: IsoInstant): IsoDate {
  const meeting = stockholmDate(startsAt);
  const today = stockholmDate(now);
  const wished = workingDaysBefore(meeting, WORKING_DAYS_TO_PREPARE);
  const fair = addWorkingDays(today, 1);
  const dayBefore = addDays(meeting, -1);
  const day = wished < fair ? fair : wished;
  if (day <= dayBefore) return day;
  return dayBefore < today ? today : dayBefore;
}

/** What is told about a meeting once its time is fixed. */
export type Appointment = {
  startsAt: IsoInstant;
  endsAt: IsoInstant;
  placeKind: PlaceKind;
  place: string;
  videoUrl: string;
};
export type FixedMeeting = Meeting & Appointment;

export const hasTime = (meeting: Meeting): meeting is FixedMeeting =>
  meeting.startsAt !== null && meeting.endsAt !== null && meeting.placeKind !== null;

/** What the invited must be told of, or null when nothing they go by is new. */
export function changeBetween(before: Meeting, after: Appointment): 'time' | 'place' | null {
  if (before.startsAt !== after.startsAt || before.endsAt !== after.endsAt) return 'time';
  const moved =
    before.placeKind !== after.placeKind || before.place !== after.place || before.videoUrl !== after.videoUrl;
  return moved ? 'place' : null;
}

/** The SEQUENCE of a change of the whole meeting: above all that anybody has been sent, the removed included. */
export const sequenceOfChange = (
  current: number,
  sent: readonly (number | null)[],
  change: 'time' | 'place' | 'cancel',
): number => nextSequence(Math.max(current, ...sent.map((one) => one ?? 0)), change);

/**
 * The SEQUENCE of somebody's first REQUEST. `cancelled` are those of the CANCELs their address has had before: it is
 * raised for them alone, so that nobody else is asked again.
 */
export const sequenceOfInvitation = (current: number, cancelled: readonly number[]): number =>
  Math.max(current, ...cancelled.map((one) => nextSequence(one, 'reinvite')));

/** How somebody is reached. `none`: there is an address, but no officer has verified it. */
export function channelOf(one: Pick<Participant, 'person' | 'verifiedAt'>): 'mail' | 'letter' | 'none' {
  if (one.person.email === '') return 'letter';
  return one.verifiedAt === null ? 'none' : 'mail';
}

/**
 * Whether the officer must print a letter: to who has no address; about a protected identity, of whom a mail says neither
 * when nor where; and that there is nothing to come to, when the address is nobody's any more.
 */
export function needsLetter(
  meeting: Pick<Meeting, 'individual'>,
  one: Pick<Participant, 'person' | 'verifiedAt' | 'party' | 'accountId'>,
  kind: LetterKind,
): boolean {
  const channel = channelOf(one);
  if (channel === 'none') return kind === 'cancel' || kind === 'removed';
  return channel === 'letter' || (meeting.individual.protectedIdentity && readsOnPaper(one));
}

/** Somebody as the officer's pages name them, with how they are reached. */
export const reached = (one: Participant) => ({
  id: one.id,
  party: one.party,
  name: one.person.name,
  email: one.person.email,
  channel: channelOf(one),
});

/** Whether they have not been sent the meeting as it now is. */
export const isUnsent = (one: Pick<Participant, 'sentSequence'>, sequence: number): boolean =>
  one.sentSequence === null || one.sentSequence < sequence;

/** Removed participants of the same meeting who had the same address and were invited; addresses know no case. */
export function formerSelves(one: Participant, all: readonly Participant[]): Participant[] {
  const address = one.person.email.toLowerCase();
  return all.filter(
    (other) =>
      other.removedAt !== null &&
      other.sentSequence !== null &&
      address !== '' &&
      other.person.email.toLowerCase() === address,
  );
}

/** Worth saying about a time, and never a reason to refuse it. */
export type TimeNotice =
  | { code: 'ambiguous' | 'weekend' }
  | { code: 'clash'; startsAt: IsoInstant; endsAt: IsoInstant }
  | { code: 'holiday'; holiday: HolidayCode };

/** What most needs saying first. `clashes` are the officer's own other meetings. */
export function timeNotices(
  startsAt: IsoInstant,
  clashes: readonly { startsAt: IsoInstant; endsAt: IsoInstant }[],
): TimeNotice[] {
  const local = parseStockholm(stockholmLocal(startsAt));
  const date = stockholmDate(startsAt);
  const holiday = holidayOf(date);
  const notices: TimeNotice[] = clashes.map((clash) => ({ code: 'clash', ...clash }));
  if (local.ok && local.ambiguous) notices.unshift({ code: 'ambiguous' });
  if (holiday !== null) notices.push({ code: 'holiday', holiday });
  else if (!isWorkingDay(date)) notices.push({ code: 'weekend' });
  return notices;
}

/** Answers are taken until the meeting begins. */
export const mayAnswer = (meeting: Pick<Meeting, 'state' | 'startsAt'>, now: IsoInstant): boolean =>
  meeting.state === 'scheduled' && meeting.startsAt !== null && now < meeting.startsAt;

/** The answer as far as it is to what they were last sent (an older one is theirs no more). */
export const standingAnswer = (one: Pick<Participant, 'answer' | 'answerSequence' | 'sentSequence'>): Answer =>
  one.answerSequence !== null && one.sentSequence !== null && answerCounts(one.answerSequence, one.sentSequence)
    ? one.answer
    : 'needs_action';
