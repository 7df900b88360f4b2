import { type IsoDate, type IsoInstant, parseStockholm, stockholmDate } from '../../kernel/time.ts';
import { workingDaysBefore } from '../../kernel/working-days.ts';
import { askedBy } from '../meeting/poll/rules.ts';
import { type Meeting, type Participant, type Person, viewAllows } from '../meeting/rules.ts';

/**
 * When a meeting is reminded of. The afternoon before is the last working day's: who finds on a Friday that Monday will
 * not do can still ring somebody, on a Sunday nobody answers.
 */
const reminders = [
  { workingDays: 7, clock: '08:00' },
  { workingDays: 2, clock: '08:00' },
  { workingDays: 1, clock: '13:00' },
] as const;

/** The clock is never changed by day, so that these times exist once on every date. */
function at(day: IsoDate, clock: string): IsoInstant {
  const parsed = parseStockholm(`${day}T${clock}`);
  if (!parsed.ok) throw new RangeError(parsed.code);
  return parsed.instant;
}

/** All reminders of a meeting, earliest first. */
export const remindersOf = (startsAt: IsoInstant): IsoInstant[] =>
  reminders.map(({ workingDays, clock }) => at(workingDaysBefore(stockholmDate(startsAt), workingDays), clock));

/** The first reminder of a time that is fixed or changed now, and told of today; null when it is too soon for any. */
export const firstReminder = (startsAt: IsoInstant, now: IsoInstant): IsoInstant | null =>
  remindersOf(startsAt).find((reminder) => stockholmDate(reminder) > stockholmDate(now)) ?? null;

/** The reminder to send now, which is the latest of those that are due, and when to look again. None once it has begun. */
export function dueReminder(
  startsAt: IsoInstant,
  now: IsoInstant,
): { due: IsoInstant | null; next: IsoInstant | null } {
  const all = remindersOf(startsAt);
  const due = now < startsAt ? all.findLast((reminder) => reminder <= now) : undefined;
  return { due: due ?? null, next: all.find((reminder) => reminder > now) ?? null };
}

/** Of the meeting, or that an answer is missing. */
export type Reminder = 'meeting' | 'answer';

/** What each is called in the outbox. */
export const reminderKinds = {
  meeting: 'invitation.reminder',
  answer: 'invitation.reminder_answer',
} as const satisfies Record<Reminder, string>;

/**
 * How somebody is to be reminded of a meeting, null when not: only by mail, of the time they were last told, while the
 * person has not said no to them and they have not said no themselves. The individual can choose none. Where the identity
 * is protected there are none at all: the day on which such a mail comes would tell when the meeting is.
 */
export function reminderFor(
  meeting: Pick<Meeting, 'kind' | 'state' | 'startsAt' | 'sequence' | 'wantsReminders'> & {
    individual: Pick<Meeting['individual'], 'protectedIdentity'>;
  },
  one: Pick<Participant, 'party' | 'view' | 'verifiedAt' | 'removedAt' | 'sentSequence' | 'delivery'> & {
    person: Pick<Person, 'email'>;
    /** As far as it counts today. */
    answer: Participant['answer'];
  },
  now: IsoInstant,
): Reminder | null {
  if (meeting.state !== 'scheduled' || meeting.startsAt === null || now >= meeting.startsAt) return null;
  if (askedBy(one, meeting.individual.protectedIdentity) !== 'mail' || one.delivery === 'bounced') return null;
  if (one.removedAt !== null || one.sentSequence === null || one.sentSequence < meeting.sequence) return null;
  if (!viewAllows(meeting.kind, one.party, one.view, 'invited')) return null;
  if (one.party === 'PERSON' && !meeting.wantsReminders) return null;
  if (one.answer === 'declined') return null;
  return one.answer === 'needs_action' ? 'answer' : 'meeting';
}
