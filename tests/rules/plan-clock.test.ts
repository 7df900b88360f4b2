import { describe, expect, test } from 'vitest';
import { readSickLeave } from '../../src/features/plan/clock/input.ts';
import {
  addedTogether,
  assessmentDays,
  chainToday,
  clocksOf,
  dateOfDay,
  dayOne,
  daysHad,
  extents,
  joined,
  type SickPeriod,
} from '../../src/features/plan/clock/rules.ts';
import { addDays, type IsoDate } from '../../src/kernel/time.ts';
import sv from '../../views/text/sv.json' with { type: 'json' };

const period = (firstDay: IsoDate, lastDay: IsoDate | null = null): SickPeriod => ({ firstDay, lastDay, extent: null });

test('the first day with reduced work capacity is day 1', () => {
  expect(dayOne).toBe(1);
  expect(dateOfDay([period('2026-03-01')], dayOne)).toBe('2026-03-01');
  expect(daysHad([period('2026-03-01')], '2026-03-01')).toBe(1);
});

describe('the days of the rehabilitation chain (SFB 27:46–49, 51)', () => {
  test.each<[string, SickPeriod[], (IsoDate | null)[]]>([
    ['one that goes on', [period('2026-01-01')], ['2026-03-31', '2026-06-29', '2026-12-31']],
    ['over 29 February', [period('2028-01-01')], ['2028-03-30', '2028-06-28', '2028-12-30']],
    ['from 29 February', [period('2028-02-29')], ['2028-05-28', '2028-08-26', '2029-02-27']],
    ['over the turn of a year', [period('2026-12-31')], ['2027-03-30', '2027-06-28', '2027-12-30']],
    ['one that ended on day 89', [period('2026-01-01', '2026-03-30')], [null, null, null]],
    ['one that ended on day 90', [period('2026-01-01', '2026-03-31')], ['2026-03-31', null, null]],
    // 10 days, then 80 more from the second first day.
    [
      'two, 30 days between',
      [period('2026-01-01', '2026-01-10'), period('2026-02-10')],
      ['2026-04-30', '2026-07-29', '2027-01-30'],
    ],
    [
      'two, 89 days between: added',
      [period('2026-01-01', '2026-01-10'), period('2026-04-10')],
      ['2026-06-28', '2026-09-26', '2027-03-30'],
    ],
    [
      'two, 90 days between: not added',
      [period('2026-01-01', '2026-01-10'), period('2026-04-11')],
      ['2026-07-09', '2026-10-07', '2027-04-10'],
    ],
    [
      'three in a row',
      [period('2026-01-01', '2026-01-31'), period('2026-03-01', '2026-03-31'), period('2026-05-01')],
      ['2026-05-28', '2026-08-26', '2027-02-27'],
    ],
    [
      'three, the first too long ago',
      [period('2025-01-01', '2025-03-31'), period('2026-03-01', '2026-03-31'), period('2026-05-01')],
      ['2026-06-28', '2026-09-26', '2027-03-30'],
    ],
    [
      'given in any order',
      [period('2026-02-10'), period('2026-01-01', '2026-01-10')],
      ['2026-04-30', '2026-07-29', '2027-01-30'],
    ],
    ['none', [], [null, null, null]],
  ])('%s', (_what, periods, dates) => {
    const chain = addedTogether(periods);
    expect([90, 180, 365].map((day) => dateOfDay(chain, day))).toEqual(dates);
    const [date] = dates;
    // The two ways to count agree: on the day before, one day fewer has been had.
    if (date) expect([daysHad(chain, date), daysHad(chain, addDays(date, -1))]).toEqual([90, 89]);
  });

  test('the days between are those that have passed: 89 are added, 90 are not', () => {
    expect(addedTogether([period('2026-01-01', '2026-01-10'), period(addDays('2026-01-10', 90))])).toHaveLength(2);
    expect(addedTogether([period('2026-01-01', '2026-01-10'), period(addDays('2026-01-10', 91))])).toHaveLength(1);
  });

  test.each<[string, SickPeriod[], number]>([
    ['the next day', [period('2026-01-01', '2026-01-10'), period('2026-01-11')], 1],
    ['the day after that', [period('2026-01-01', '2026-01-10'), period('2026-01-12')], 2],
    ['over each other', [period('2026-01-01', '2026-01-20'), period('2026-01-11', '2026-01-15')], 1],
  ])('a period that follows %s: %#', (_what, periods, count) => {
    expect(joined(periods)).toHaveLength(count);
    expect(joined(periods)[0]?.firstDay).toBe('2026-01-01');
  });

  test('a part of the capacity counts as a whole day (27:45–46)', () => {
    for (const extent of extents) {
      expect(dateOfDay(addedTogether([{ ...period('2026-01-01'), extent } as SickPeriod]), 90)).toBe('2026-03-31');
    }
    const changed = [
      { ...period('2026-01-01', '2026-02-10'), extent: 'full' as const },
      { ...period('2026-02-11'), extent: 'quarter' as const },
    ];
    expect(dateOfDay(addedTogether(changed), 90)).toBe('2026-03-31');
  });

  test.each<[string, SickPeriod[], IsoDate, ReturnType<typeof chainToday>]>([
    ['before anything', [period('2026-05-01')], '2026-04-30', null],
    ['on its first day', [period('2026-05-01')], '2026-05-01', { day: 1, periods: 1, ended: null, over: false }],
    [
      'in a second period',
      [period('2026-01-01', '2026-01-10'), period('2026-02-10')],
      '2026-02-10',
      { day: 11, periods: 2, ended: null, over: false },
    ],
    [
      'between two',
      [period('2026-01-01', '2026-01-10')],
      '2026-01-20',
      { day: 10, periods: 1, ended: '2026-01-10', over: false },
    ],
    [
      '89 days after',
      [period('2026-01-01', '2026-01-10')],
      '2026-04-10',
      { day: 10, periods: 1, ended: '2026-01-10', over: false },
    ],
    [
      '90 days after',
      [period('2026-01-01', '2026-01-10')],
      '2026-04-11',
      { day: 10, periods: 1, ended: '2026-01-10', over: true },
    ],
    [
      'in one whose last day is ahead',
      [period('2026-05-01', '2026-06-30')],
      '2026-05-31',
      { day: 31, periods: 1, ended: null, over: false },
    ],
  ])('where somebody is: %s', (_what, periods, today, expected) => {
    expect(chainToday(periods, today)).toEqual(expected);
  });
});

describe('the other days', () => {
  const days = (facts: Partial<Parameters<typeof clocksOf>[0]>) =>
    Object.fromEntries(
      clocksOf({ periods: [], noSgi: false, assessments: [], ...facts }, '2026-03-10').map(({ code, date }) => [
        code,
        date,
      ]),
    );

  test.each<[string, SickPeriod[], IsoDate | undefined]>([
    ['day 30 of the period', [period('2026-03-01')], '2026-03-30'],
    ['in February of a leap year', [period('2028-02-01')], '2028-03-01'],
    [
      'of the latest period, whatever was before',
      [period('2026-01-01', '2026-01-20'), period('2026-03-01')],
      '2026-03-30',
    ],
    ['a Sunday stays a Sunday', [period('2026-02-28')], '2026-03-29'],
    ['a period that was over before', [period('2026-03-01', '2026-03-29')], undefined],
  ])("the employer's plan (SFB 30:6): %s", (_what, periods, date) => {
    expect(days({ periods }).employer_plan).toBe(date);
  });

  test.each<[string, IsoDate | null, IsoDate | null, { first: IsoDate | null; done: IsoDate | null }]>([
    ['ten working days', '2026-03-02', null, { first: '2026-03-16', done: null }],
    ['over Easter', '2026-03-30', null, { first: '2026-04-15', done: null }],
    ['asked for on a Saturday', '2026-03-07', null, { first: '2026-03-20', done: null }],
    ['four weeks from the first meeting', '2026-03-02', '2026-03-10', { first: '2026-03-16', done: '2026-04-07' }],
    ['nobody knows when it was asked for', null, '2026-03-10', { first: null, done: '2026-04-07' }],
  ])('a joint assessment: %s', (_what, requestedOn, firstMeetingOn, expected) => {
    expect(assessmentDays({ requestedOn, firstMeetingOn })).toEqual(expected);
  });

  test.each<[string, boolean, SickPeriod[], IsoDate | undefined]>([
    ['two months', true, [period('2026-03-10')], '2026-05-10'],
    ['to a month that has no such day', true, [period('2025-12-31')], '2026-02-28'],
    ['to 29 February', true, [period('2027-12-31')], '2028-02-29'],
    ['with SGI there is none', false, [period('2026-03-10')], undefined],
    ['without a period there is none', true, [], undefined],
  ])('without SGI: %s', (_what, noSgi, periods, date) => {
    expect(days({ noSgi, periods }).no_sgi).toBe(date);
  });

  test('are told soonest first, each with its words and its source', () => {
    const all = clocksOf(
      {
        periods: [period('2026-03-01')],
        noSgi: true,
        assessments: [{ requestedOn: '2026-03-02', firstMeetingOn: '2026-03-10' }],
      },
      '2026-03-10',
    );
    expect(all.map(({ code }) => code)).toEqual([
      'joint_first',
      'employer_plan',
      'joint_done',
      'no_sgi',
      'chain_90',
      'chain_180',
      'chain_365',
    ]);
    for (const { code } of all)
      expect(sv).toMatchObject({ [`clock.${code}`]: expect.any(String), [`clockSource.${code}`]: expect.any(String) });
    expect(all[0]).toMatchObject({ date: '2026-03-16', daysTo: 6 });
  });
});

describe('sick periods in a form', () => {
  const today = '2026-03-10';
  const read = (fields: Record<string, string>) => readSickLeave(fields, today);
  test.each<[string, Record<string, string>, Record<string, string>]>([
    ['a first day ahead', { 'firstDay-0': '2026-03-11' }, { 'firstDay-0': 'future' }],
    ['no first day', { 'lastDay-0': '2026-03-01' }, { 'firstDay-0': 'required' }],
    [
      'an end before the beginning',
      { 'firstDay-0': '2026-03-02', 'lastDay-0': '2026-03-01' },
      { 'lastDay-0': 'beforeFirst' },
    ],
    ['an end far ahead', { 'firstDay-0': '2026-03-02', 'lastDay-0': '2036-03-01' }, { 'lastDay-0': 'sick_far' }],
    ['no date', { 'firstDay-0': 'i mars' }, { 'firstDay-0': 'date' }],
    ['two that go on', { 'firstDay-0': '2026-01-01', 'firstDay-1': '2026-03-01' }, { 'lastDay-0': 'sick_open' }],
    [
      'two over each other',
      { 'firstDay-0': '2026-01-01', 'lastDay-0': '2026-02-01', 'firstDay-1': '2026-02-01' },
      { 'firstDay-1': 'sick_overlap' },
    ],
    ['an unknown extent', { 'firstDay-0': '2026-01-01', 'extent-0': 'much' }, { 'extent-0': 'choice' }],
  ])('are refused: %s', (_what, fields, errors) => {
    const found = read(fields);
    expect(
      found.ok ? {} : Object.fromEntries(Object.entries(found.errors).map(([name, { code }]) => [name, code])),
    ).toEqual(errors);
  });

  test('come in any order, and an empty row is none', () => {
    const found = read({
      'firstDay-0': '2026-03-01',
      'lastDay-0': '',
      'extent-0': 'half',
      'firstDay-1': '',
      'firstDay-2': '2026-01-01',
      'lastDay-2': '2026-01-31',
      noSgi: 'on',
      seen: 'x',
    });
    expect(found).toEqual({
      ok: true,
      value: {
        facts: {
          periods: [
            { firstDay: '2026-01-01', lastDay: '2026-01-31', extent: null },
            { firstDay: '2026-03-01', lastDay: null, extent: 'half' },
          ],
          noSgi: true,
        },
        seen: 'x',
      },
    });
    expect(read({})).toMatchObject({ ok: true, value: { facts: { periods: [], noSgi: false } } });
  });
});
