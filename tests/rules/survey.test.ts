import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readAnswers } from '../../src/features/survey/input.ts';
import {
  type Answer,
  answers,
  type Counts,
  isOver,
  periodOf,
  shownOf,
  smallestGroup,
  smallestNumber,
  surveys,
  whoIsAsked,
} from '../../src/features/survey/rules.ts';

const counts = (yes: number, mostly: number, little: number, no: number): Counts => ({ yes, mostly, little, no });

describe('what is shown', () => {
  test.each<[string, Counts, number[]]>([
    ['nobody', counts(0, 0, 0, 0), []],
    ['too few in all', counts(3, 3, 3, 0), []],
    ['too few in one half', counts(20, 20, 2, 2), []],
    ['one half empty', counts(20, 20, 0, 0), []],
    ['yes and no, where an answer is of too few', counts(20, 4, 5, 6), [24, 11]],
    ['the smallest halves', counts(5, 0, 0, 5), [5, 5]],
    ['every answer of enough', counts(5, 6, 7, 8), [5, 6, 7, 8]],
  ])('%s', (_name, given, expected) => {
    expect(shownOf(given).map(({ count }) => count)).toEqual(expected);
  });

  test('no number of fewer than the smallest, and none unless enough have answered', () => {
    const some = fc.nat({ max: 60 });
    fc.assert(
      fc.property(some, some, some, some, (...four) => {
        const given = counts(...four);
        const shown = shownOf(given);
        for (const { of, count } of shown) {
          expect(count).toBeGreaterThanOrEqual(smallestNumber);
          expect(count).toBe(of.reduce((sum, one) => sum + given[one], 0));
        }
        if (four.reduce((a, b) => a + b) < smallestGroup) expect(shown).toEqual([]);
        // Each answer at most once: no two numbers overlap, so none is the difference of two.
        const told = shown.flatMap(({ of }) => of);
        expect(new Set(told).size).toBe(told.length);
      }),
    );
  });

  // Somebody who knows this code, and sees a page, tries every table that the page could have come from.
  const limits = { group: 4, number: 2 };
  const most = 9;
  const range = Array.from({ length: most + 1 }, (_, i) => i);
  const tables = range
    .flatMap((a) => range.flatMap((b) => range.flatMap((c) => range.map((d) => counts(a, b, c, d)))))
    .filter((one) => answers.reduce((sum, answer) => sum + one[answer], 0) <= most);
  const page = (given: Counts) => JSON.stringify(shownOf(given, limits));
  const couldBe = Map.groupBy(tables, page);

  test('what is not shown cannot be reckoned: every hidden answer could be several numbers, one of them none', () => {
    for (const [shown, possible] of couldBe) {
      const told = (JSON.parse(shown) as { of: Answer[] }[]).flatMap(({ of }) => (of.length === 1 ? of : []));
      for (const answer of answers.filter((one) => !told.includes(one))) {
        const values = new Set(possible.map((one) => one[answer]));
        expect(values.size, `${answer} of ${shown}`).toBeGreaterThan(1);
        expect(values.has(0), `${answer} of ${shown}`).toBe(true);
      }
    }
  });

  test('that nobody said a thing, or everybody did, is never shown', () => {
    for (const [, possible] of couldBe) {
      for (const half of [answers.slice(0, 2), answers.slice(2)]) {
        const everyone = possible.every((one) => half.every((answer) => one[answer] === 0));
        expect(everyone && possible.some((one) => answers.some((answer) => one[answer] > 0))).toBe(false);
      }
    }
  });

  test('one more answer changes no page of its quarter, which is not shown before it is over', () => {
    const days = ['2026-10-01', '2026-11-25', '2026-12-31'];
    for (const day of days) {
      expect(periodOf(day)).toBe('2026-Q4');
      expect(isOver('2026-Q4', `${day}T12:00:00.000Z`)).toBe(false);
      expect(isOver('2026-Q3', `${day}T12:00:00.000Z`)).toBe(true);
    }
    expect(isOver('2026-Q4', '2027-01-01T12:00:00.000Z')).toBe(true);
  });

  test.each([
    ['2026-01-01', '2026-Q1'],
    ['2026-03-31', '2026-Q1'],
    ['2026-04-01', '2026-Q2'],
    ['2026-09-30', '2026-Q3'],
  ])('%s is of %s', (day, period) => expect(periodOf(day)).toBe(period));
});

describe('who is asked', () => {
  const meeting = { wantsReminders: true, individual: { protectedIdentity: false } };
  const good = {
    ...{ id: 'p', party: 'AF', verifiedAt: 'x', delivery: 'sent', view: 'yes', person: { email: 'a@b.example' } },
  } as const;
  test.each<[string, object, object, string, string]>([
    ['somebody who was there', {}, {}, 'present', 'other'],
    ['the person', {}, { party: 'PERSON' }, 'remote', 'person'],
    ['the person, who wants no reminders', { wantsReminders: false }, { party: 'PERSON' }, 'present', ''],
    ['another, where the person wants none', { wantsReminders: false }, {}, 'present', 'other'],
    ['an interpreter', {}, { party: 'TOLK' }, 'present', ''],
    ['somebody who did not come', {}, {}, 'absent', ''],
    ['somebody whose coming nobody noted', {}, {}, '', 'other'],
    ['an address that nobody verified', {}, { verifiedAt: null }, 'present', ''],
    ['no address', {}, { person: { email: '' } }, 'present', ''],
    ['an address that mail came back from', {}, { delivery: 'bounced' }, 'present', ''],
    ['whom the person has said no to', {}, { view: 'no' }, 'present', ''],
    ['a protected identity', { individual: { protectedIdentity: true } }, {}, 'present', ''],
  ])('%s', (_name, more, one, attendance, who) => {
    const asked = whoIsAsked({ ...meeting, ...more }, [{ ...good, ...one } as never], () => attendance);
    expect(asked.map((a) => a.who)).toEqual(who ? [who] : []);
  });
});

describe('what is read of a form', () => {
  test('every question may be left out, and what somebody will not say is not kept', () => {
    const read = readAnswers({ said: 'yes', heard: 'none', who: '', worth: 'no' }, 'person');
    expect(read.ok && read.value).toEqual([{ question: 'said', answer: 'yes' }]);
  });
  test('an answer that is none is refused', () => {
    const read = readAnswers({ purpose: 'x' }, 'other');
    expect(!read.ok && read.errors).toEqual({ purpose: { code: 'choice' } });
  });
  test('five questions each', () => {
    expect(Object.values(surveys).map((one) => one.length)).toEqual([5, 5]);
  });
});
