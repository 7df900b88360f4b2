import { type IsoDate, parseDate } from './time.ts';

/** `digits` are always twelve, YYYYMMDDNNNN. */
export type ParsedPersonalNumber =
  | { ok: true; digits: string; kind: 'personal' | 'coordination' }
  | { ok: false; code: 'number' };

const REFUSED: ParsedPersonalNumber = { ok: false, code: 'number' };

// Pasted text brings other dashes (hyphen, non-breaking hyphen, en dash, minus), which all stand for the hyphen.
const NUMBER = '(\\d\\d)?(\\d{6})[^\\S\\n]?([-+\u2010\u2011\u2013\u2212]?)[^\\S\\n]?(\\d{4})';
const WHOLE = new RegExp(`^\\s*${NUMBER}\\s*$`);
const WITHIN = new RegExp(`(?<!\\d)${NUMBER}(?!\\d)`, 'g');

// The oldest birth date that Försäkringskassan's own code accepts (Forsakringskassan/designsystem, packages/logic).
const OLDEST = '1840-05-06';

/** Mod 10 over ten digits, the first doubled. */
function hasCheckDigit(ten: string): boolean {
  let sum = 0;
  for (const [i, digit] of [...ten].entries()) {
    const product = Number(digit) * (i % 2 === 0 ? 2 : 1);
    sum += product > 9 ? product - 9 : product;
  }
  return sum % 10 === 0;
}

/**
 * Reads a personal number (folkbokföringslagen (1991:481) 18 §) or a coordination number (lag (2022:1697)
 * om samordningsnummer), of ten or twelve digits. What it tells is not exactly a birth date: if the numbers of a day
 * run out, both laws let a nearby day stand for it.
 *
 * - The hyphen becomes a plus in the year the person turns 100 (18 §), so ten digits without a plus are the last
 *   hundred years. A plus on twelve digits must be true; a hyphen there need not be, since the century is written out.
 * - In a coordination number the day is raised by 60. Exactly 60 means that the day is not known; the month still is.
 */
export function parsePersonalNumber(text: string, today: IsoDate): ParsedPersonalNumber {
  const match = WHOLE.exec(text);
  if (match === null) return REFUSED;
  const [, century, birth = '', sign, last = ''] = match;
  const thisYear = Number(today.slice(0, 4));
  const newest = sign === '+' ? thisYear - 100 : thisYear;
  const year = century ? Number(century + birth.slice(0, 2)) : newest - ((newest - Number(birth.slice(0, 2))) % 100);
  const writtenDay = Number(birth.slice(4));
  const day = writtenDay < 60 ? writtenDay : writtenDay - 60 || 1;
  const born = parseDate(`${String(year).padStart(4, '0')}-${birth.slice(2, 4)}-${String(day).padStart(2, '0')}`);
  if (born === null || born < OLDEST || born > today || year > newest || !hasCheckDigit(birth + last)) return REFUSED;
  return {
    ok: true,
    digits: `${born.slice(0, 2)}${birth}${last}`,
    kind: writtenDay < 60 ? 'personal' : 'coordination',
  };
}

/** Twelve digits as 'YYYYMMDD-NNNN'. */
export const formatPersonalNumber = (digits: string): string => `${digits.slice(0, 8)}-${digits.slice(8)}`;

/** Twelve digits as 'YYYYMMDD-XXXX': the last four are what makes a number a key to somebody's affairs. */
export const maskPersonalNumber = (digits: string): string => `${digits.slice(0, 8)}-XXXX`;

/** Whether a valid number stands anywhere in free text, on one line and not as part of a longer run of digits. */
export const containsPersonalNumber = (text: string, today: IsoDate): boolean =>
  (text.match(WITHIN) ?? []).some((candidate) => parsePersonalNumber(candidate, today).ok);
