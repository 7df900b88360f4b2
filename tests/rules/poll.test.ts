import { describe, expect, test } from 'vitest';
import { readProposal } from '../../src/features/meeting/poll/input.ts';
import {
  askedBy,
  type GivenVote,
  heldOptions,
  holdsWait,
  mayPropose,
  mayVote,
  movePoll,
  type Poll,
  type PollMove,
  rankTimes,
  remindsOn,
  shouldClose,
  shouldRemind,
  usualLastDay,
} from '../../src/features/meeting/poll/rules.ts';
import type { Participant } from '../../src/features/meeting/rules.ts';

const codes = { y: 'yes', i: 'if_needed', n: 'no' } as const;
const A = { id: 'A', required: true };
const B = { id: 'B', required: true };
const c = { id: 'c', required: false };
const d = { id: 'd', required: false };

/** Times by name, `1` the earliest; a line of letters says what each person answered to it: y, i, n, or - for nothing. */
const votesOf = (people: { id: string }[], answers: Record<string, string>): GivenVote[] =>
  Object.entries(answers).flatMap(([optionId, line]) =>
    [...line].flatMap((letter, at) =>
      letter === '-'
        ? []
        : [{ optionId, participantId: people[at]?.id ?? '', vote: codes[letter as keyof typeof codes] }],
    ),
  );

describe('the grid ranks', () => {
  test.each<[why: string, people: { id: string; required: boolean }[], answers: Record<string, string>, order: string]>(
    [
      ['nobody has answered: by date', [A, B, c], { 1: '---', 2: '---', 3: '---' }, '123'],
      ['every required party can: first, however late', [A, B, c], { 1: 'yny', 2: 'yyn', 3: 'nyy' }, '213'],
      ['vid behov is a yes', [A, B], { 1: 'yn', 2: 'ii' }, '21'],
      ['silence of a required party is no yes', [A, B, c], { 1: 'y-y', 2: 'yyn' }, '21'],
      ['silence of another matters not', [A, c], { 1: 'y-', 2: 'yy' }, '12'],
      ['a no of another matters not', [A, c], { 1: 'yn', 2: 'yy' }, '12'],
      ['fewest vid behov among those all can', [A, B, c], { 1: 'iiy', 2: 'yiy', 3: 'yyy' }, '321'],
      ['vid behov of another counts too', [A, c, d], { 1: 'yii', 2: 'yiy', 3: 'yny' }, '321'],
      ['fewest vid behov among those not all can', [A, B], { 1: 'in', 2: 'yn', 3: 'nn' }, '231'],
      ['all can with many vid behov before not all with none', [A, B, c, d], { 1: 'ynyy', 2: 'iiii' }, '21'],
      ['ties by date', [A, B], { 3: 'yi', 1: 'iy', 2: 'yi' }, '123'],
      ['nobody is required: all are equal but for vid behov', [c, d], { 1: 'in', 2: 'nn', 3: 'yy' }, '231'],
      ['one of whom no one asks counts as one who said nothing', [A], { 1: '-', 2: 'y' }, '21'],
    ],
  )('%s', (_why, people, answers, order) => {
    const options = Object.keys(answers).map((id) => ({ id, startsAt: `2027-03-0${id}T08:00:00.000Z` }));
    const ranked = rankTimes(options, people, votesOf(people, answers));
    expect(ranked.map(({ optionId }) => optionId).join('')).toBe(order);
  });

  test('and counts', () => {
    const options = [{ id: '1', startsAt: '2027-03-01T08:00:00.000Z' }];
    const people = [A, B, c, d];
    expect(rankTimes(options, people, votesOf(people, { 1: 'yin-' }))).toEqual([
      {
        ...{ optionId: '1', startsAt: '2027-03-01T08:00:00.000Z', everyRequired: true },
        ...{ can: 1, ifNeeded: 1, cannot: ['c'], silent: ['d'] },
      },
    ]);
  });

  test('without the votes of those who have left', () => {
    const given = votesOf([A, B], { 1: 'yi', 2: 'yy' });
    const options = ['1', '2'].map((id) => ({ id, startsAt: `2027-03-0${id}T08:00:00.000Z` }));
    expect(rankTimes(options, [A], given).map(({ optionId, ifNeeded }) => [optionId, ifNeeded])).toEqual([
      ['1', 0],
      ['2', 0],
    ]);
  });
});

const poll: Poll = {
  ...{ id: 'p', meetingId: 'm', state: 'open', version: 1, holds: true, votes: [] },
  // A Friday; asked on the Monday before at ten.
  ...{ lastDay: '2026-11-27', createdAt: '2026-11-23T09:00:00.000Z' },
  options: ['1', '2'].map((id) => ({
    ...{ id, startsAt: `2026-12-0${id}T08:00:00.000Z`, endsAt: `2026-12-0${id}T09:00:00.000Z` },
    ...{ uid: `${id}@samsyn.example`, booked: id === '2' },
  })),
  asked: [],
};
const asked = {
  ...{ participantId: 'A', address: 'a@b.example', askedAt: poll.createdAt, held: true },
  ...{ delivery: 'sent' as const, answeredAt: null, remindedAt: null },
};

describe('a proposal', () => {
  test('moves as states.md lists, and no other way', () => {
    const states = ['open', 'closed', 'booked', 'abandoned'] as const;
    const table = Object.fromEntries(
      (['close', 'book', 'abandon'] as PollMove[]).map((move) => [
        move,
        states.map((state) => {
          const moved = movePoll(state, move);
          return moved.ok ? moved.value : '-';
        }),
      ]),
    );
    expect(table).toEqual({
      close: ['closed', '-', '-', '-'],
      book: ['booked', 'booked', '-', '-'],
      abandon: ['abandoned', 'abandoned', '-', '-'],
    });
    expect(mayPropose('planning', false)).toBe(true);
    expect(mayPropose('proposed', false)).toBe(true);
    expect(mayPropose('proposed', true)).toBe(false);
    expect(mayPropose('scheduled', false)).toBe(true);
    for (const over of ['held', 'minuted', 'cancelled'] as const) expect(mayPropose(over, false)).toBe(false);
  });

  test.each([
    ['the last minute of the last day', '2026-11-27T22:59:59.000Z', true, false],
    ['midnight after', '2026-11-27T23:00:00.000Z', false, true],
  ])('takes answers through %s: %s', (_when, now, open, over) => {
    expect(mayVote(poll, now)).toBe(open);
    expect(shouldClose(poll, now)).toBe(over);
  });

  test.each([
    ['the working day before', '2026-11-27', '2026-11-26'],
    ['over a weekend', '2026-11-30', '2026-11-27'],
    ['over Christmas', '2026-12-28', '2026-12-23'],
    ['never on the day they were asked', '2026-11-24', '2026-11-24'],
  ])('reminds %s', (_why, lastDay, day) => {
    expect(remindsOn({ ...poll, lastDay })).toBe(day);
    expect(shouldRemind({ ...poll, lastDay }, `${day}T06:59:00.000Z`)).toBe(false);
    expect(shouldRemind({ ...poll, lastDay }, `${day}T07:00:00.000Z`)).toBe(true);
  });

  test.each([
    ['in three working days', '2026-12-20T09:00:00.000Z', '2026-11-26'],
    ['the day before the first time', '2026-11-25T09:00:00.000Z', '2026-11-24'],
    ['today at the earliest', '2026-11-23T13:00:00.000Z', '2026-11-23'],
  ])('usually ends %s', (_why, first, day) => {
    expect(usualLastDay(first, '2026-11-23T09:00:00.000Z')).toBe(day);
  });

  test.each([
    ['live: all', 'open', false, ['1', '2']],
    ['no longer answered, not yet decided: all', 'closed', false, ['1', '2']],
    ['booked: that one', 'booked', false, ['2']],
    ['booked and invited: none, the invitation has its UID', 'booked', true, []],
    ['abandoned: none', 'abandoned', false, []],
  ] as const)('has holds in a calendar while %s', (_why, state, invited, held) => {
    const meeting = { uid: poll.options[1]?.uid ?? '', invited };
    expect(heldOptions({ ...poll, state }, asked, meeting).map(({ id }) => id)).toEqual(held);
    expect(heldOptions({ ...poll, state }, { ...asked, held: false }, meeting)).toEqual([]);
    expect(heldOptions({ ...poll, state }, { ...asked, address: '' }, meeting)).toEqual([]);
  });

  test('has no hold left once a meeting that had a UID of its own is moved to its time', () => {
    expect(heldOptions({ ...poll, state: 'booked' }, asked, { uid: 'm@x', invited: false })).toEqual([]);
  });

  test.each([
    ['booked, and not invited', 'booked', {}, true],
    ['booked and invited', 'booked', { sentSequence: 1 }, false],
    ['booked, at an address that nobody vouches for any more', 'booked', { verifiedAt: null }, false],
    ['live', 'open', {}, false],
  ] as const)('waits for the invitation while it is %s: %s', (_what, state, change, waits) => {
    const one = {
      id: 'a',
      person: { email: 'a@x.se' },
      verifiedAt: 'now',
      sentSequence: null,
      ...change,
    } as Participant;
    const held = { ...poll, state, asked: [{ ...asked, participantId: 'a' }] };
    expect(holdsWait(held, { uid: poll.options[1]?.uid ?? '' }, [one], false)).toBe(waits);
  });

  test.each([
    ['a verified address', 'a@b.example', 'now', false, 'mail'],
    ['an address that nobody has verified', 'a@b.example', null, false, 'none'],
    ['no address', '', null, false, 'letter'],
    ['a protected identity', 'a@b.example', 'now', true, 'letter'],
  ])('asks by %s', (_who, email, verifiedAt, isProtected, by) => {
    const person = { name: '', title: '', organisation: '', email, phone: '' };
    expect(askedBy({ person, verifiedAt }, isProtected)).toBe(by);
  });
});

describe('typed times', () => {
  const now = '2026-11-23T09:00:00.000Z';
  const read = (startsAt: string | string[], more: Record<string, string> = {}) =>
    readProposal({ startsAt, durationMinutes: '60', ...more }, now);
  const errorsOf = (result: ReturnType<typeof read>) =>
    result.ok ? {} : Object.fromEntries(Object.entries(result.errors).map(([name, { code }]) => [name, code]));

  test('come in any order, each once', () => {
    const typed = read(['2026-12-08T09:00', '', '2026-12-07T10:30', '2026-12-08T09:00']);
    expect(typed).toMatchObject({
      ok: true,
      value: {
        holds: false,
        lastDay: '2026-11-26',
        times: [
          { startsAt: '2026-12-07T09:30:00.000Z', endsAt: '2026-12-07T10:30:00.000Z' },
          { startsAt: '2026-12-08T08:00:00.000Z', endsAt: '2026-12-08T09:00:00.000Z' },
        ],
      },
    });
  });

  test.each<[why: string, startsAt: string | string[], more: Record<string, string>, errors: Record<string, string>]>([
    ['none', '', {}, { startsAt: 'choose' }],
    ['no time', 'i morgon', {}, { startsAt: 'time' }],
    ['the past', '2026-11-23T09:59', {}, { startsAt: 'past' }],
    ['the hour that is skipped', '2027-03-28T02:30', {}, { startsAt: 'timeGap' }],
    ['the hour that comes twice, not said which', '2027-10-31T02:30', {}, { night: 'required' }],
    ['one too many', Array.from({ length: 21 }, (_, i) => `2026-12-01T08:${10 + i}`), {}, { startsAt: 'pollTooMany' }],
    ['no length', '2026-12-01T08:00', { durationMinutes: '' }, { durationMinutes: 'required' }],
    ['a last day after the first time', '2026-12-01T08:00', { lastDay: '2026-12-02' }, { lastDay: 'pollLastDay' }],
    ['a last day that has been', '2026-12-01T08:00', { lastDay: '2026-11-22' }, { lastDay: 'pollLastDay' }],
  ])('are refused: %s', (_why, startsAt, more, errors) => {
    expect(errorsOf(read(startsAt, more))).toEqual(errors);
  });

  test('are twenty at most', () => {
    expect(read(Array.from({ length: 20 }, (_, i) => `2026-12-01T08:${10 + i}`)).ok).toBe(true);
  });

  test.each([
    ['first', '2027-10-31T00:30:00.000Z'],
    ['second', '2027-10-31T01:30:00.000Z'],
  ])('of the hour that comes twice: the %s', (night, startsAt) => {
    expect(read('2027-10-31T02:30', { night })).toMatchObject({ ok: true, value: { times: [{ startsAt }] } });
  });
});
