import { addDays, type IsoDate, type IsoInstant, stockholmDate } from '../../kernel/time.ts';
import { addWorkingDays, isWorkingDay } from '../../kernel/working-days.ts';

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
 * The e-mail addresses we send to: ASCII, and no character that a mailto: URI or a calendar property would need
 * escaped, so that an address reads the same in the mail, in ATTENDEE and in the reply.
 */
export const isMailAddress = (text: string): boolean =>
  text.length <= 254 &&
  /^[A-Za-z0-9!$'*+/=^_`{|}~-]+(\.[A-Za-z0-9!$'*+/=^_`{|}~-]+)*@[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*$/.test(
    text,
  ) &&
  text.indexOf('@') <= 64;

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
  let wished = meeting;
  for (let left = WORKING_DAYS_TO_PREPARE; left > 0; ) {
    wished = addDays(wished, -1);
    if (isWorkingDay(wished)) left--;
  }
  const fair = addWorkingDays(today, 1);
  const dayBefore = addDays(meeting, -1);
  const day = wished < fair ? fair : wished;
  if (day <= dayBefore) return day;
  return dayBefore < today ? today : dayBefore;
}
