import {
  addDays,
  type IsoDate,
  type IsoInstant,
  parseStockholm,
  stockholmDate,
  stockholmLocal,
} from '../../../kernel/time.ts';
import { addWorkingDays, isWorkingDay, workingDaysBefore } from '../../../kernel/working-days.ts';
import { askedBy } from '../../meeting/poll/rules.ts';
import type { Participant } from '../../meeting/rules.ts';

/** What it is called in the outbox. */
export const digestKind = 'measure.digest';
/** That the officer has answered about a day. */
export const answerKind = 'measure.answered';

/**
 * What one mail tells on one day: how many measures there are to say something about, each by its link where the owner
 * has no account, and whether there is something to look at for the officer. No names and no words.
 */
export type DigestFacts = {
  to: string;
  day: IsoDate;
  measures: { measureId: string; due: IsoDate; linkGeneration: number }[];
  /** Whoever carries them out has an account, and reads them all there. */
  account: boolean;
  /** Tag of the participant whose mail it comes from, so that a bounce is known as theirs. */
  mailTag: string | null;
  late: boolean;
};

const morning = '08:00';
const evening = '18:00';

/** The clock is never changed by day, so that the morning exists once on every date. */
function morningOf(day: IsoDate): IsoInstant {
  const parsed = parseStockholm(`${day}T${morning}`);
  if (!parsed.ok) throw new RangeError(parsed.code);
  return parsed.instant;
}

/** Nobody is written to in an evening or on a free day, however late the worker is. */
export function mayRemindAt(now: IsoInstant): boolean {
  const local = stockholmLocal(now);
  const clock = local.slice(11);
  return isWorkingDay(local.slice(0, 10)) && clock >= morning && clock < evening;
}

/** The next morning on which anybody may be reminded. */
export const nextMorning = (now: IsoInstant): IsoInstant => morningOf(addWorkingDays(stockholmDate(now), 1));

// A reminder before or on the day that falls on a free day comes the working day before it, while there still is time;
// one after the day comes the working day after it.
const before = (day: IsoDate): IsoDate => (isWorkingDay(day) ? day : workingDaysBefore(day, 1));
const after = (day: IsoDate): IsoDate => (isWorkingDay(day) ? day : addWorkingDays(day, 1));

export type Reminded = 'owner' | 'officer';
type Step = { at: IsoInstant; to: Reminded };

/**
 * All reminders of a day, earliest first: to the owner a week, a working day and no days before it, a day and a week after
 * it; then to the officer. Two of the owner's that fall on one day are one.
 */
export function remindersOf(due: IsoDate): Step[] {
  const last = after(addDays(due, 7));
  const owner = [before(addDays(due, -7)), workingDaysBefore(due, 1), before(due), after(addDays(due, 1)), last];
  return [
    ...[...new Set(owner)].sort().map((day): Step => ({ at: morningOf(day), to: 'owner' })),
    { at: morningOf(addWorkingDays(last, 1)), to: 'officer' },
  ];
}

/** The first reminder of a day that is agreed or granted now, and told of today; null when it is too late for any. */
export function firstReminder(due: IsoDate | null, now: IsoInstant): IsoInstant | null {
  if (due === null) return null;
  return remindersOf(due).find(({ at }) => stockholmDate(at) > stockholmDate(now))?.at ?? null;
}

/** Whom to remind now, by the latest of those that are due, and when to look again. */
export function dueReminder(due: IsoDate, now: IsoInstant): { to: Reminded | null; next: IsoInstant | null } {
  const all = remindersOf(due);
  return {
    to: all.findLast(({ at }) => at <= now)?.to ?? null,
    next: all.find(({ at }) => at > now)?.at ?? null,
  };
}

/**
 * How the owner of a measure is reminded. `mail`: to a verified address, that of their account where the participant has
 * none. `none`: the individual has chosen that. `call`: nothing may or can be mailed, so the officer rings: no verified
 * address, one that bounced, a protected identity (the day of a mail would tell), somebody the person has said no to.
 */
export function reachOwner(
  owner: Pick<Participant, 'party' | 'view' | 'verifiedAt' | 'delivery' | 'person' | 'removedAt'> | null,
  of: { protectedIdentity: boolean; wantsReminders: boolean; accountEmail: string },
): { how: 'mail'; to: string } | { how: 'call' | 'none'; to: null } {
  if (owner?.party === 'PERSON' && !of.wantsReminders) return { how: 'none', to: null };
  if (!owner || owner.removedAt !== null || owner.view === 'no' || of.protectedIdentity)
    return { how: 'call', to: null };
  if (askedBy(owner, of.protectedIdentity) === 'mail' && owner.delivery !== 'bounced')
    return { how: 'mail', to: owner.person.email };
  return of.accountEmail === '' ? { how: 'call', to: null } : { how: 'mail', to: of.accountEmail };
}
