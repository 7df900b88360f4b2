import { addDays, type IsoDate } from './time.ts';

export type HolidayCode =
  | 'new_year'
  | 'epiphany'
  | 'good_friday'
  | 'easter_day'
  | 'easter_monday'
  | 'may_day'
  | 'ascension'
  | 'whit_sunday'
  | 'national_day'
  | 'midsummer_eve'
  | 'midsummer_day'
  | 'all_saints'
  | 'christmas_eve'
  | 'christmas_day'
  | 'boxing_day'
  | 'new_years_eve';

/** Whole days since 1970-01-01, a Thursday. */
const dayNumber = (date: IsoDate): number => Date.parse(date) / 86_400_000;

/** 0 = Monday … 6 = Sunday. */
export const weekday = (date: IsoDate): number => (((dayNumber(date) + 3) % 7) + 7) % 7;

/** The Monday of the date's week. */
export const mondayOf = (date: IsoDate): IsoDate => addDays(date, -weekday(date));

const saturdayFrom = (date: IsoDate): IsoDate => addDays(date, (12 - weekday(date)) % 7);

/** Gregorian Easter by the anonymous (Meeus/Jones/Butcher) algorithm, which needs no tables. */
function easterDay(year: number): IsoDate {
  const a = year % 19;
  const b = Math.floor(year / 100);
  const c = year % 100;
  const g = Math.floor((8 * b + 13) / 25);
  const h = (19 * a + b - Math.floor(b / 4) - g + 15) % 30;
  const l = (32 + 2 * (b % 4) + 2 * Math.floor(c / 4) - h - (c % 4)) % 7;
  const m = Math.floor((a + 11 * h + 19 * l) / 433);
  const month = Math.floor((h + l - 7 * m + 90) / 25);
  const day = (h + l - 7 * m + 33 * month + 19) % 32;
  return `${year}-0${month}-${String(day).padStart(2, '0')}`;
}

/**
 * The public holidays of lag (1989:253) om allmänna helgdagar 1 and 2 §§ (as amended by 2004:1320) apart from ordinary
 * Sundays, and the three eves on which lag (1930:173) 2 § lets no statutory time run out. Where two fall on one
 * day, the one later in the list stands.
 */
function holidaysOf(year: number): Map<IsoDate, HolidayCode> {
  const easter = easterDay(year);
  const midsummer = saturdayFrom(`${year}-06-20`);
  return new Map([
    [`${year}-01-01`, 'new_year'],
    [`${year}-01-06`, 'epiphany'],
    [addDays(easter, -2), 'good_friday'],
    [easter, 'easter_day'],
    [addDays(easter, 1), 'easter_monday'],
    [`${year}-05-01`, 'may_day'],
    [addDays(easter, 39), 'ascension'],
    [addDays(easter, 49), 'whit_sunday'],
    [`${year}-06-06`, 'national_day'],
    [addDays(midsummer, -1), 'midsummer_eve'],
    [midsummer, 'midsummer_day'],
    [saturdayFrom(`${year}-10-31`), 'all_saints'],
    [`${year}-12-24`, 'christmas_eve'],
    [`${year}-12-25`, 'christmas_day'],
    [`${year}-12-26`, 'boxing_day'],
    [`${year}-12-31`, 'new_years_eve'],
  ]);
}

type Year = { holidays: Map<IsoDate, HolidayCode>; onWeekdays: IsoDate[] };
const known = new Map<number, Year>();

function inYear(year: number): Year {
  const found = known.get(year);
  if (found) return found;
  const holidays = holidaysOf(year);
  const made = { holidays, onWeekdays: [...holidays.keys()].filter((date) => weekday(date) < 5) };
  known.set(year, made);
  return made;
}

const yearOf = (date: IsoDate): number => Number(date.slice(0, 4));

/** The holiday or eve on a date, by the law as it stands since 2005; null on other days, ordinary Sundays too. */
export const holidayOf = (date: IsoDate): HolidayCode | null => inYear(yearOf(date)).holidays.get(date) ?? null;

/** Monday to Friday, and neither a public holiday nor one of the three eves. */
export const isWorkingDay = (date: IsoDate): boolean => weekday(date) < 5 && holidayOf(date) === null;

/** Monday to Friday days up to and including a date, from a fixed Monday. */
function weekdaysThrough(date: IsoDate): number {
  const days = dayNumber(date) + 3;
  const weeks = Math.floor(days / 7);
  return 5 * weeks + Math.min(days - 7 * weeks + 1, 5);
}

/** Working days after `from`, up to and including `to`; 0 when `to` is the same day or earlier. */
export function workingDaysBetween(from: IsoDate, to: IsoDate): number {
  if (to <= from) return 0;
  let count = weekdaysThrough(to) - weekdaysThrough(from);
  for (let year = yearOf(from); year <= yearOf(to); year++) {
    for (const date of inYear(year).onWeekdays) {
      if (date > from && date <= to) count--;
    }
  }
  return count;
}

function workingDaysFrom(date: IsoDate, n: number, step: 1 | -1): IsoDate {
  if (!Number.isInteger(n) || n < 0) throw new RangeError('working days are counted whole, from nought');
  let day = date;
  for (let left = n; left > 0; ) {
    day = addDays(day, step);
    if (isWorkingDay(day)) left--;
  }
  return day;
}

/** The n:th working day after a date; with n = 0 the date itself. Throws RangeError unless n is a whole number ≥ 0. */
export const addWorkingDays = (date: IsoDate, n: number): IsoDate => workingDaysFrom(date, n, 1);

/** The n:th working day before a date; otherwise as addWorkingDays. */
export const workingDaysBefore = (date: IsoDate, n: number): IsoDate => workingDaysFrom(date, n, -1);
