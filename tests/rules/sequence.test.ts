import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  answerBy,
  answerCounts,
  answersReset,
  type MeetingChange,
  nextSequence,
  plusAddress,
} from '../../src/features/invitation/rules.ts';
import { isMailAddress } from '../../src/kernel/mail.ts';

describe('SEQUENCE', () => {
  const table: [MeetingChange, number, boolean][] = [
    ['time', 1, true],
    ['place', 1, true],
    ['place_typo', 0, false],
    ['cancel', 1, false],
    ['remove', 1, false],
    ['reinvite', 1, true],
  ];
  test.each(table)('%s adds %i, new answers: %s', (change, added, reset) => {
    expect(nextSequence(0, change)).toBe(added);
    expect(nextSequence(7, change)).toBe(7 + added);
    expect(answersReset(change)).toBe(reset);
  });

  const changes = fc.array(fc.constantFrom(...table.map(([change]) => change)));

  test('never falls, grows by one at most, and grows with every cancellation', () => {
    fc.assert(
      fc.property(changes, (history) => {
        let sequence = 0;
        for (const change of history) {
          const next = nextSequence(sequence, change);
          expect([sequence, sequence + 1]).toContain(next);
          if (change === 'cancel' || change === 'remove') expect(next).toBe(sequence + 1);
          sequence = next;
        }
      }),
    );
  });

  test('an answer stops counting when, and only when, the invited are asked again or called off', () => {
    fc.assert(
      fc.property(fc.nat({ max: 1000 }), changes, (start, history) => {
        const now = history.reduce(nextSequence, start);
        const untouched = history.every((change) => change === 'place_typo');
        expect(answerCounts(start, now)).toBe(untouched);
        if (history.some(answersReset)) expect(answerCounts(start, now)).toBe(false);
      }),
    );
  });

  test('an answer from the future does not count', () => {
    expect(answerCounts(3, 2)).toBe(false);
  });
});

describe('addresses', () => {
  test.each([
    'moten@localhost',
    'Anna.Exempel@kommun.example.se',
    "o'neil+x@a-b.example",
    `${'a'.repeat(64)}@x.se`,
  ])('%s is one', (address) => {
    expect(isMailAddress(address)).toBe(true);
  });

  test.each([
    '',
    'moten',
    '@host.se',
    'a@',
    'a b@host.se',
    'a@b@c.se',
    'a.@host.se',
    '.a@host.se',
    'a..b@host.se',
    'a@-host.se',
    'a@host..se',
    'a?subject=x@host.se',
    'a%40b@host.se',
    'a,b@host.se',
    'a;b@host.se',
    '"a"@host.se',
    '<a@host.se>',
    'åsa@host.se',
    'a@örebro.se',
    'a@host.se\r\nATTENDEE:mailto:x@evil.example',
    'a@host.se\n',
    `${'a'.repeat(65)}@x.se`,
    `a@${'b.'.repeat(126)}se`,
  ])('%j is none', (address) => {
    expect(isMailAddress(address)).toBe(false);
  });

  test('a plus-address keeps box and host', () => {
    expect(plusAddress('moten@localhost', 'ab12')).toBe('moten+ab12@localhost');
    expect(plusAddress('moten@fk.example.se', 'a_b-3')).toBe('moten+a_b-3@fk.example.se');
  });

  test.each(['', 'AB', 'a b', 'a@b', 'a\r\nb', 'å', 'x'.repeat(60)])('tag %j is refused', (tag) => {
    expect(() => plusAddress('moten@localhost', tag)).toThrow(RangeError);
  });
});

describe('last day to answer', () => {
  test.each([
    // The meeting is on Thursday 17 December 2026.
    ['five working days before', '2026-12-17T12:00:00.000Z', '2026-11-23T09:00:00.000Z', '2026-12-10'],
    ['at least until the next working day', '2026-12-17T12:00:00.000Z', '2026-12-11T09:00:00.000Z', '2026-12-14'],
    ['the day before at the latest', '2026-12-17T12:00:00.000Z', '2026-12-16T09:00:00.000Z', '2026-12-16'],
    ['today when the meeting is today', '2026-12-17T12:00:00.000Z', '2026-12-17T06:00:00.000Z', '2026-12-17'],
    [
      'Christmas and New Year are no working days',
      '2027-01-07T12:00:00.000Z',
      '2026-11-23T09:00:00.000Z',
      '2026-12-28',
    ],
    [
      'asked on a Friday for a Monday: a Sunday is the day before',
      '2026-12-14T12:00:00.000Z',
      '2026-12-11T09:00:00.000Z',
      '2026-12-13',
    ],
    ['the days are Stockholm days', '2026-12-16T23:30:00.000Z', '2026-11-23T09:00:00.000Z', '2026-12-10'],
  ])('%s', (_why, startsAt, now, day) => {
    expect(answerBy(startsAt, now)).toBe(day);
  });

  test('is never before today, and before the meeting whenever it is not today', () => {
    const instant = fc.date({ min: new Date('2026-01-01'), max: new Date('2030-01-01'), noInvalidDate: true });
    fc.assert(
      fc.property(instant, fc.integer({ min: 0, max: 60 * 24 * 60 }), (now, minutes) => {
        const startsAt = new Date(now.getTime() + minutes * 60_000).toISOString();
        const day = answerBy(startsAt, now.toISOString());
        const stockholm = (iso: string) => new Date(iso).toLocaleDateString('sv-SE', { timeZone: 'Europe/Stockholm' });
        const [today, meeting] = [stockholm(now.toISOString()), stockholm(startsAt)];
        expect(day >= today).toBe(true);
        expect(day < meeting || (meeting === today && day === today)).toBe(true);
      }),
    );
  });
});
