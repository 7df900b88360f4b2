import { describe, expect, test } from 'vitest';
import {
  goesOn,
  keptOf,
  losesWords,
  minutesEach,
  notThere,
  standingOf,
  takesPlaceOf,
  withTaken,
  writersNow,
} from '../../src/features/minutes/live/rules.ts';

/** Writing together: what is kept beside a field, and what others see of it. */

describe('a text loses words', () => {
  test.each([
    ['', '', false],
    ['ett två', 'två  ett\ntre', false],
    ['ett ett', 'ett', true],
    ['ett ett', 'ett två ett', false],
    ['ett', '', true],
    ['ett', 'Ett', true],
    ['ett', 'etta', true],
    ['', 'ett', false],
  ])('%j, then %j: %s', (before, after, lost) => {
    expect(losesWords(before, after)).toBe(lost);
  });
});

describe('what saving leaves to the history', () => {
  const current = { text: 'deras ord', version: 4 };
  const mine = (text: string, late = false) => ({ of: 'writer', kept: { text, met: 4, late } });
  const theirs = { of: 'other', kept: { text: 'deras ord', met: 4, late: false } };
  test.each([
    ['text', 'mina ord', 'conflict', false, mine('mina ord')],
    ['line', 'mina ord', 'conflict', false, mine('mina ord')],
    // Nothing of it is lost, but it says that its writer was warned of version 4.
    ['text', 'deras', 'conflict', false, mine('deras')],
    ['text', '', 'conflict', false, null],
    // Whoever was shown the other text and writes over it.
    ['text', 'mina ord', 'write', true, theirs],
    ['text', 'deras ord och mina', 'write', true, null],
    // Whoever changes what they had before them.
    ['text', 'mina ord', 'write', false, null],
    ['text', 'deras ord', 'same', true, null],
    ['text', 'mina ord', 'late', false, mine('mina ord', true)],
    ['text', 'deras', 'late', false, null],
    // A choice is no word that anybody typed.
    ['code', 'present', 'conflict', false, null],
    ['date', '2026-12-01', 'late', false, null],
    ['list', 'goal', 'conflict', false, null],
  ] as const)('%s %j, %s, warned %s', (type, text, outcome, warned, kept) => {
    expect(keptOf({ type }, current, text, outcome, warned)).toEqual(kept);
  });

  test.each([
    ['mina', false, 'mina', false, true],
    ['mina', false, 'mina ord', false, true],
    ['mina ord', false, 'mina', false, false],
    ['mina', false, 'dina', false, false],
    ['mina', false, 'mina ord', true, false],
  ])('%j (late: %s), then %j (late: %s): in its place: %s', (before, wasLate, text, late, takes) => {
    expect(takesPlaceOf({ text, late }, { text: before, late: wasLate })).toBe(takes);
  });

  test('and of that only what is not in the field is shown', () => {
    const at = { by: 'Eva', at: '2026-11-23T09:00:00.000Z', late: false };
    const history = [
      { field: 'canDo', text: 'mina ord', ...at },
      { field: 'canDo', text: 'deras ord', ...at },
      { field: 'gone', text: 'ord', ...at },
    ];
    const texts: Record<string, string> = { canDo: 'mina ord står kvar' };
    expect(notThere(history, (field) => texts[field] ?? '').map(({ text }) => text)).toEqual(['deras ord', 'ord']);
  });
});

describe('contributions', () => {
  test.each([
    [undefined, 'waiting'],
    ['', 'waiting'],
    ['3', 'taken'],
    ['2', 'changed'],
  ])('version 3, taken in %j: %s', (taken, standing) => {
    const marked = taken === undefined ? undefined : { text: taken, version: 1 };
    expect(standingOf({ text: 'ord', version: 3 }, marked)).toBe(standing);
  });

  test('stand last in their field', () => {
    expect(withTaken('', 'Eva: ord')).toBe('Eva: ord');
    expect(withTaken('Först.', 'Eva: ord')).toBe('Först.\n\nEva: ord');
  });
});

const now = '2026-11-23T09:00:00.000Z';

test('who writes now: others, in the last three minutes, each once', () => {
  const field = (byId: string, by: string, at: string, version = 1) => ({ text: 'x', version, by, byId, at });
  const fields = [
    field('a', 'Åsa', '2026-11-23T08:58:00.000Z'),
    field('a', 'Åsa', '2026-11-23T08:59:00.000Z'),
    field('b', 'Bo', '2026-11-23T08:59:59.000Z'),
    // From a computer whose clock is ahead.
    field('c', 'Cia', '2026-11-23T09:00:10.000Z'),
    field('d', 'Dan', '2026-11-23T08:56:59.000Z'),
    field('me', 'Jag', '2026-11-23T08:59:59.000Z'),
    field('', '', '', 0),
  ];
  expect(writersNow(fields, 'me', now)).toEqual(['Bo', 'Cia', 'Åsa']);
});

test.each([
  ['2026-11-23T09:00:00.000Z', true],
  ['2026-11-23T08:00:00.001Z', true],
  ['2026-11-23T08:00:00.000Z', false],
  ['2026-11-23T09:00:59.999Z', true],
  ['2026-11-23T09:01:00.000Z', false],
  ['', false],
  ['soon', false],
])('a page opened at %s goes on: %s', (openedAt, goes) => {
  expect(goesOn(openedAt, now)).toBe(goes);
});

test.each([
  [null, null, 6, 0],
  ['2026-11-23T09:00:00.000Z', '2026-11-23T10:00:00.000Z', 6, 10],
  ['2026-11-23T09:00:00.000Z', '2026-11-23T10:00:00.000Z', 7, 8],
  ['2026-11-23T09:00:00.000Z', '2026-11-23T10:00:00.000Z', 0, 0],
])('from %s to %s over %i questions: %i minutes each', (startsAt, endsAt, questions, each) => {
  expect(minutesEach(startsAt, endsAt, questions)).toBe(each);
});
