import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addDays,
  addMinutes,
  formatClock,
  formatDate,
  formatDayMonth,
  formatLongDate,
  formatWeekday,
  instantOf,
  parseDate,
  parseStockholm,
  stockholmDate,
  stockholmLocal,
} from '../../src/kernel/time.ts';

const SPRING = ['2026-03-29', '2027-03-28', '2028-03-26'];
const AUTUMN = ['2026-10-25', '2027-10-31', '2028-10-29'];

const once = (instant: string) => ({ ok: true, instant, ambiguous: false });
const twice = (instant: string) => ({ ok: true, instant, ambiguous: true });

const anyInstant = fc
  .date({ min: new Date('1980-04-06T01:00:00Z'), max: new Date('2099-12-31T22:59:00Z'), noInvalidDate: true })
  .map((date) => `${date.toISOString().slice(0, 16)}:00.000Z`);

describe('instantOf', () => {
  it.each([
    ['2026-11-23T08:00:00Z', '2026-11-23T08:00:00.000Z'],
    ['2026-11-23T08:00:00.5Z', '2026-11-23T08:00:00.500Z'],
    ['2026-11-23T08:00:00.123999999Z', '2026-11-23T08:00:00.123Z'],
    ['2026-11-23T09:00:00+01:00', '2026-11-23T08:00:00.000Z'],
  ])('%s', (text, expected) => {
    expect(instantOf(Temporal.Instant.from(text))).toBe(expected);
  });
});

describe('Stockholm', () => {
  it.each([
    ['2026-01-15T12:00:00.000Z', '2026-01-15T13:00'],
    ['2026-07-15T12:00:00.000Z', '2026-07-15T14:00'],
    ['2026-11-23T22:59:59.999Z', '2026-11-23T23:59'],
    ['2026-11-23T23:00:00.000Z', '2026-11-24T00:00'],
    ['2026-12-31T23:30:00.000Z', '2027-01-01T00:30'],
    ['2026-06-30T22:00:00.000Z', '2026-07-01T00:00'],
  ])('%s is %s', (instant, local) => {
    expect(stockholmLocal(instant)).toBe(local);
    expect(stockholmDate(instant)).toBe(local.slice(0, 10));
    expect(formatClock(instant)).toBe(local.slice(11).replace(':', '.'));
  });

  it.each(SPRING)('%s: the clock goes from 02.00 to 03.00 at 01:00Z', (day) => {
    expect(stockholmLocal(`${day}T00:59:00.000Z`)).toBe(`${day}T01:59`);
    expect(stockholmLocal(`${day}T01:00:00.000Z`)).toBe(`${day}T03:00`);
    expect(parseStockholm(`${day}T01:59`)).toEqual(once(`${day}T00:59:00.000Z`));
    expect(parseStockholm(`${day}T02:00`)).toEqual({ ok: false, code: 'timeGap' });
    expect(parseStockholm(`${day}T02:59`)).toEqual({ ok: false, code: 'timeGap' });
    expect(parseStockholm(`${day}T03:00`)).toEqual(once(`${day}T01:00:00.000Z`));
  });

  it.each(AUTUMN)('%s: the clock goes from 03.00 to 02.00 at 01:00Z', (day) => {
    expect(stockholmLocal(`${day}T00:59:00.000Z`)).toBe(`${day}T02:59`);
    expect(stockholmLocal(`${day}T01:00:00.000Z`)).toBe(`${day}T02:00`);
    expect(parseStockholm(`${day}T01:59`)).toEqual(once(`${addDays(day, -1)}T23:59:00.000Z`));
    expect(parseStockholm(`${day}T02:00`)).toEqual(twice(`${day}T00:00:00.000Z`));
    expect(parseStockholm(`${day}T02:59`)).toEqual(twice(`${day}T00:59:00.000Z`));
    expect(parseStockholm(`${day}T03:00`)).toEqual(once(`${day}T02:00:00.000Z`));
  });

  it.each([
    '',
    '2026-11-23',
    '2026-11-23 09:00',
    '2026-11-23T9:00',
    '2026-11-23T09:00:00',
    '2026-11-23T09:00Z',
    '2026-11-23T09:00+01:00',
    '2026-11-23T09:00[UTC]',
    ' 2026-11-23T09:00',
    '2026-11-23T24:00',
    '2026-11-23T09:60',
    '2026-02-29T09:00',
    '2026-11-31T09:00',
    '2026-13-01T09:00',
    '2026-00-10T09:00',
  ])('%j is no time', (text) => {
    expect(parseStockholm(text)).toEqual({ ok: false, code: 'time' });
  });

  it('reads back what it writes, an ambiguous hour as the first of the two', () => {
    // Change nights are rare, so half of the instants are drawn from the hours around them.
    const changeHour = fc
      .tuple(fc.constantFrom(...SPRING, ...AUTUMN), fc.integer({ min: -180, max: 180 }))
      .map(([day, minutes]) => addMinutes(`${day}T01:00:00.000Z`, minutes));
    fc.assert(
      fc.property(fc.oneof(anyInstant, changeHour), (instant) => {
        const parsed = parseStockholm(stockholmLocal(instant));
        if (!parsed.ok) throw new Error(parsed.code);
        const second = parsed.ambiguous && parsed.instant !== instant;
        expect(second ? addMinutes(parsed.instant, 60) : parsed.instant).toBe(instant);
      }),
      { numRuns: 500 },
    );
  });
});

describe('parseDate', () => {
  it.each(['2026-11-23', '2028-02-29', '2000-02-29', '1999-12-31'])('%s is a date', (text) => {
    expect(parseDate(text)).toBe(text);
  });

  it.each([
    '',
    '2026-02-29',
    '1900-02-29',
    '2026-04-31',
    '2026-13-01',
    '2026-00-01',
    '2026-01-00',
    '2026-1-1',
    '20261123',
    '2026-11-23T00:00',
    ' 2026-11-23',
    '2026-11-23\n',
    '+002026-11-23',
  ])('%j is none', (text) => {
    expect(parseDate(text)).toBeNull();
  });
});

describe('arithmetic', () => {
  it.each([
    ['2026-11-23T08:00:00.000Z', 90, '2026-11-23T09:30:00.000Z'],
    ['2026-11-23T08:00:00.000Z', -1, '2026-11-23T07:59:00.000Z'],
    ['2026-12-31T23:59:00.000Z', 1, '2027-01-01T00:00:00.000Z'],
    ['2027-03-28T00:30:00.000Z', 60, '2027-03-28T01:30:00.000Z'],
  ])('%s and %i minutes', (instant, minutes, expected) => {
    expect(addMinutes(instant, minutes)).toBe(expected);
  });

  it.each([
    ['2026-11-23', 0, '2026-11-23'],
    ['2026-11-30', 1, '2026-12-01'],
    ['2026-12-31', 1, '2027-01-01'],
    ['2028-02-28', 1, '2028-02-29'],
    ['2027-03-27', 2, '2027-03-29'],
    ['2026-01-01', -1, '2025-12-31'],
    ['2026-11-23', 365, '2027-11-23'],
  ])('%s and %i days', (date, days, expected) => {
    expect(addDays(date, days)).toBe(expected);
  });
});

describe('formats', () => {
  it.each([
    ['2026-03-12', 'torsdag', '12 mars', '12 mars 2026'],
    ['2026-11-23', 'måndag', '23 november', '23 november 2026'],
    ['2027-01-01', 'fredag', '1 januari', '1 januari 2027'],
    ['2027-10-31', 'söndag', '31 oktober', '31 oktober 2027'],
    ['2028-02-29', 'tisdag', '29 februari', '29 februari 2028'],
  ])('%s', (date, weekday, dayMonth, full) => {
    expect(formatWeekday(date)).toBe(weekday);
    expect(formatDayMonth(date)).toBe(dayMonth);
    expect(formatDate(date)).toBe(full);
    expect(formatLongDate(date)).toBe(`${weekday} ${full}`);
  });
});
