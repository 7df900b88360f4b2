import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addDays } from '../../src/kernel/time.ts';
import {
  addWorkingDays,
  type HolidayCode,
  holidayOf,
  isWorkingDay,
  workingDaysBetween,
} from '../../src/kernel/working-days.ts';

// Written out by hand from the almanac, not computed.
const HOLIDAYS: Record<string, HolidayCode> = {
  '2026-01-01': 'new_year', // Thursday
  '2026-01-06': 'epiphany', // Tuesday
  '2026-04-03': 'good_friday',
  '2026-04-05': 'easter_day',
  '2026-04-06': 'easter_monday',
  '2026-05-01': 'may_day', // Friday
  '2026-05-14': 'ascension', // Thursday
  '2026-05-24': 'whit_sunday',
  '2026-06-06': 'national_day', // Saturday
  '2026-06-19': 'midsummer_eve', // Friday
  '2026-06-20': 'midsummer_day', // Saturday, the earliest it can be
  '2026-10-31': 'all_saints', // Saturday, the earliest it can be
  '2026-12-24': 'christmas_eve', // Thursday
  '2026-12-25': 'christmas_day', // Friday
  '2026-12-26': 'boxing_day', // Saturday
  '2026-12-31': 'new_years_eve', // Thursday

  '2027-01-01': 'new_year', // Friday
  '2027-01-06': 'epiphany', // Wednesday
  '2027-03-26': 'good_friday',
  '2027-03-28': 'easter_day',
  '2027-03-29': 'easter_monday',
  '2027-05-01': 'may_day', // Saturday
  '2027-05-06': 'ascension', // Thursday
  '2027-05-16': 'whit_sunday',
  '2027-06-06': 'national_day', // Sunday
  '2027-06-25': 'midsummer_eve', // Friday
  '2027-06-26': 'midsummer_day', // Saturday, the latest it can be
  '2027-11-06': 'all_saints', // Saturday, the latest it can be
  '2027-12-24': 'christmas_eve', // Friday
  '2027-12-25': 'christmas_day', // Saturday
  '2027-12-26': 'boxing_day', // Sunday
  '2027-12-31': 'new_years_eve', // Friday

  '2028-01-01': 'new_year', // Saturday
  '2028-01-06': 'epiphany', // Thursday
  '2028-04-14': 'good_friday',
  '2028-04-16': 'easter_day',
  '2028-04-17': 'easter_monday',
  '2028-05-01': 'may_day', // Monday
  '2028-05-25': 'ascension', // Thursday
  '2028-06-04': 'whit_sunday',
  '2028-06-06': 'national_day', // Tuesday
  '2028-06-23': 'midsummer_eve', // Friday
  '2028-06-24': 'midsummer_day', // Saturday
  '2028-11-04': 'all_saints', // Saturday
  '2028-12-24': 'christmas_eve', // Sunday
  '2028-12-25': 'christmas_day', // Monday
  '2028-12-26': 'boxing_day', // Tuesday
  '2028-12-31': 'new_years_eve', // Sunday
};

/** Mon–Fri days of a year, less those of the list above that fall on Mon–Fri: counted by hand. */
const WORKING_DAYS_IN: [year: number, days: number][] = [
  [2026, 261 - 10],
  [2027, 261 - 8],
  [2028, 260 - 9],
];

const everyDate = (from: string, to: string): string[] => {
  const dates = [];
  for (let date = from; date <= to; date = addDays(date, 1)) dates.push(date);
  return dates;
};

const anyDate = fc.integer({ min: 0, max: 20_000 }).map((days) => addDays('2000-01-01', days));

describe('holidayOf', () => {
  it('knows exactly the holidays and eves of 2026, 2027 and 2028', () => {
    const found = everyDate('2026-01-01', '2028-12-31').flatMap((date) => {
      const holiday = holidayOf(date);
      return holiday === null ? [] : [[date, holiday]];
    });
    expect(found).toEqual(Object.entries(HOLIDAYS));
  });

  it.each([
    '2000-04-23',
    '2008-03-23',
    '2011-04-24',
    '2019-04-21',
    '2024-03-31',
    '2025-04-20',
    '2030-04-21',
    '2038-04-25',
  ])('has Easter on %s', (date) => {
    expect(holidayOf(date)).toBe('easter_day');
  });
});

describe('isWorkingDay', () => {
  it.each([
    ['2026-11-20', true], // Friday
    ['2026-11-21', false], // Saturday
    ['2026-11-22', false], // Sunday
    ['2026-11-23', true], // Monday
    ['2026-12-23', true],
    ['2026-12-24', false], // eve
    ['2026-12-28', true],
    ['2026-12-31', false], // eve
    ['2026-06-19', false], // eve
    ['2026-04-02', true], // Maundy Thursday
    ['2026-05-25', true], // Whit Monday, no holiday since 2005
    ['2026-10-30', true], // the day before All Saints
    ['2026-01-05', true], // the eve of Epiphany
  ])('%s: %s', (date, expected) => {
    expect(isWorkingDay(date)).toBe(expected);
  });
});

describe('workingDaysBetween', () => {
  it.each([
    ['the same day', '2026-11-23', '2026-11-23', 0],
    ['backwards', '2026-11-24', '2026-11-23', 0],
    ['the next day', '2026-11-23', '2026-11-24', 1],
    ['the first day is not counted, the last is', '2026-11-23', '2026-11-27', 4],
    ['a weekend', '2026-11-20', '2026-11-22', 0],
    ['over a weekend', '2026-11-20', '2026-11-23', 1],
    ['from a Saturday', '2026-11-21', '2026-11-23', 1],
    ['two weeks', '2026-11-23', '2026-12-07', 10],
    ['over Christmas and Epiphany', '2026-12-23', '2027-01-07', 6], // 28, 29, 30 December, 4, 5, 7 January
    ['over Easter', '2026-04-02', '2026-04-07', 1],
  ])('%s', (_, from, to, expected) => {
    expect(workingDaysBetween(from, to)).toBe(expected);
  });

  it.each(WORKING_DAYS_IN)('%i has %i', (year, days) => {
    expect(workingDaysBetween(`${year - 1}-12-31`, `${year}-12-31`)).toBe(days);
  });

  it('adds up', () => {
    fc.assert(
      fc.property(fc.tuple(anyDate, anyDate, anyDate), (dates) => {
        const [a, b, c] = dates.toSorted() as [string, string, string];
        expect(workingDaysBetween(a, c)).toBe(workingDaysBetween(a, b) + workingDaysBetween(b, c));
      }),
    );
  });

  it('is what counting day by day gives', () => {
    fc.assert(
      fc.property(anyDate, fc.integer({ min: 0, max: 500 }), (from, days) => {
        const to = addDays(from, days);
        expect(workingDaysBetween(from, to)).toBe(everyDate(addDays(from, 1), to).filter(isWorkingDay).length);
      }),
      { numRuns: 30 },
    );
  });
});

describe('addWorkingDays', () => {
  it.each([
    ['none', '2026-11-21', 0, '2026-11-21'],
    ['one', '2026-11-23', 1, '2026-11-24'],
    ['over a weekend', '2026-11-20', 1, '2026-11-23'],
    ['from a Sunday', '2026-11-22', 1, '2026-11-23'],
    ['ten', '2026-11-23', 10, '2026-12-07'],
    ['over Christmas and New Year', '2026-12-23', 4, '2027-01-04'],
  ])('%s', (_, date, n, expected) => {
    expect(addWorkingDays(date, n)).toBe(expected);
  });

  it('ends on a working day, that many away', () => {
    fc.assert(
      fc.property(anyDate, fc.integer({ min: 1, max: 60 }), (date, n) => {
        const end = addWorkingDays(date, n);
        expect(isWorkingDay(end)).toBe(true);
        expect(workingDaysBetween(date, end)).toBe(n);
      }),
      { numRuns: 50 },
    );
  });

  it.each([-1, 1.5, Number.NaN])('does not take %d', (n) => {
    expect(() => addWorkingDays('2026-11-23', n)).toThrow(RangeError);
  });
});
