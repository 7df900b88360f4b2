import type { Translate } from './mail.ts';
import { formatDate, type IsoDate } from './time.ts';

/**
 * What stands where a guided correction took a text away: the word and its day between two private-use characters. No
 * such character is left of anything that anybody types (normaliseText), so nobody can write a mark, or break one.
 */
export const removalMark = (on: IsoDate): string => `\uE000removed ${on}\uE001`;

const marks = /\uE000removed (\d{4}-\d\d-\d\d)\uE001/g;

/** The text, or the JSON or HTML around it, with each mark as `show` words it. */
export const showRemovals = (text: string, show: (on: IsoDate) => string): string =>
  text.includes('\uE000') ? text.replace(marks, (_, on: IsoDate) => show(on)) : text;

/** Changes what stands between the marks and leaves the marks as they are. */
export const besideRemovals = (text: string, change: (part: string) => string): string =>
  text.includes('\uE000')
    ? text.replace(/(\uE000[^\uE001]*\uE001)|[^\uE000]+/g, (part, mark) => mark ?? change(part))
    : change(text);

/** A text as it came back from a form, where marks were words: those that `before` held are marks again, and no more. */
export function keepRemovals(typed: string, before: string, show: (on: IsoDate) => string): string {
  let kept = typed;
  for (const [mark, on] of before.matchAll(marks)) kept = kept.replace(show(on as IsoDate), () => mark);
  return kept;
}

/** How a mark reads (texts-sv `corr.removed`). */
export const removalWords =
  (t: Translate) =>
  (on: IsoDate): string =>
    t('corr.removed', { date: formatDate(on) });

/** Anything made of plain values, as it is printed: its marks in words. */
export const printed = <T>(model: T, t: Translate): T =>
  JSON.parse(showRemovals(JSON.stringify(model), removalWords(t))) as T;
