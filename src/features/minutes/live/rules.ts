import { addMinutes, type IsoInstant } from '../../../kernel/time.ts';
import type { FieldRule, FieldState, SavedField } from '../rules.ts';

/** What somebody at the meeting wrote themselves is a field that no document holds; the officer takes it in. */
export const contributionField = (participantId: string): string => `contribution-${participantId}`;
/** Which version of it was taken in. */
export const takenInField = (participantId: string): string => `${contributionField(participantId)}-taken`;

/** What was typed of a measure that was not added before the lock: no field of any minutes, and kept as late texts are. */
export const typedMeasure = 'atgard';

const wordsOf = (text: string): string[] => text.split(/\s+/).filter(Boolean);

/** Whether a word that stood in one text is missing from another; one that stood twice must stand twice. */
export function losesWords(before: string, after: string): boolean {
  const left = new Map<string, number>();
  for (const word of wordsOf(after)) left.set(word, (left.get(word) ?? 0) + 1);
  for (const word of wordsOf(before)) {
    const count = left.get(word) ?? 0;
    if (count === 0) return true;
    left.set(word, count - 1);
  }
  return false;
}

/** A text that did not stay in its field: `met` is the version of the field that it met there. */
export type Kept = { text: string; met: number; late: boolean };

/**
 * What saving a field leaves to its history, so that no word that anybody typed is gone. In a conflict that is the text
 * that came second, whatever its writer then chooses; when they choose it over the other one, `warned`, that is the
 * other one. What a writer changes without a conflict is no loss: they had the text before them.
 */
export function keptOf(
  rule: Pick<FieldRule, 'type'>,
  current: FieldState,
  text: string,
  outcome: 'same' | 'write' | 'conflict' | 'late',
  warned: boolean,
): { of: 'writer' | 'other'; kept: Kept } | null {
  if (rule.type !== 'text' && rule.type !== 'line') return null;
  const met = current.version;
  if (outcome === 'conflict' || outcome === 'late') {
    const late = outcome === 'late';
    // Kept also where nothing of it is lost: it says that its writer was warned of this version.
    return text === '' || (late && !losesWords(text, current.text))
      ? null
      : { of: 'writer', kept: { text, met, late } };
  }
  return outcome === 'write' && warned && losesWords(current.text, text)
    ? { of: 'other', kept: { text: current.text, met, late: false } }
    : null;
}

/** Whether a text says all that its writer kept before: who writes on in a conflict would else be kept at each stop. */
export const takesPlaceOf = (now: Pick<Kept, 'text' | 'late'>, before: Pick<Kept, 'text' | 'late'>): boolean =>
  now.late === before.late && !losesWords(before.text, now.text);

/** A text of a field's history, as it is read. */
export type Earlier = { field: string; text: string; by: string; at: IsoInstant; late: boolean };

/** What of the history is still not in its field, newest first. */
export const notThere = (history: readonly Earlier[], textOf: (field: string) => string): Earlier[] =>
  history.filter(({ field, text }) => losesWords(text, textOf(field)));

/** The text of a field with what somebody wrote themselves after it. */
export const withTaken = (before: string, quote: string): string => (before === '' ? quote : `${before}\n\n${quote}`);

/** How a contribution stands: never taken in, taken in as it is, or changed since. */
export type Standing = 'waiting' | 'taken' | 'changed';
export function standingOf(contribution: FieldState, taken: FieldState | undefined): Standing {
  if (!taken || taken.text === '') return 'waiting';
  return Number(taken.text) === contribution.version ? 'taken' : 'changed';
}

/** Who wrote in the minutes in the last minutes, but for the reader. */
const writingMinutes = 3;
export function writersNow(fields: Iterable<SavedField>, reader: string, now: IsoInstant): string[] {
  const since = addMinutes(now, -writingMinutes);
  const here = [...fields].filter(({ at, byId, version }) => version > 0 && at > since && byId !== reader);
  return [...new Set(here.map(({ by }) => by))].sort(new Intl.Collator('sv').compare);
}

/**
 * A page that was opened, and logged, goes on for so long; then looking on is a look of its own. Another process may
 * have opened it, with a clock a little ahead.
 */
const pageMinutes = 60;
export const goesOn = (openedAt: IsoInstant, now: IsoInstant): boolean =>
  openedAt > addMinutes(now, -pageMinutes) && openedAt < addMinutes(now, 1);

/** How many minutes of the meeting each question has, by its length; 0 where it has none. */
export function minutesEach(startsAt: IsoInstant | null, endsAt: IsoInstant | null, questions: number): number {
  if (startsAt === null || endsAt === null || questions === 0) return 0;
  return Math.floor((Date.parse(endsAt) - Date.parse(startsAt)) / 60_000 / questions);
}
