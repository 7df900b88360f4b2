import { describe, expect, test } from 'vitest';
import type { MinutesContent } from '../../src/features/filing/document/rules.ts';
import type { MeetingKind } from '../../src/features/meeting/rules.ts';
import {
  byParty,
  followUpAhead,
  isOverdue,
  type MeasureState,
  measureStates,
  measureStatuses,
  moveMeasure,
  nextMeeting,
  planTexts,
} from '../../src/features/plan/rules.ts';

const today = '2026-11-23';

describe('a measure', () => {
  test.each<[string, MeasureState, string | null, boolean]>([
    ['the day before', 'planned', '2026-11-22', true],
    ['the day before, begun', 'ongoing', '2026-11-22', true],
    ['the day itself', 'planned', today, false],
    ['the day after', 'planned', '2026-11-24', false],
    ['no day', 'planned', null, false],
    ['done', 'done', '2026-01-01', false],
    ['came to nothing', 'not_done', '2026-01-01', false],
    ['changed', 'changed', '2026-01-01', false],
    ['a draft', 'draft', '2026-01-01', false],
  ])('is overdue or not: %s', (_what, state, due, overdue) => {
    expect(isOverdue({ state, due }, today)).toBe(overdue);
  });

  test('takes any status once it is agreed, and none before', () => {
    for (const status of measureStatuses) {
      expect(moveMeasure('draft', status)).toEqual({ ok: false, code: 'not_now' });
      for (const state of measureStates.filter((one) => one !== 'draft')) {
        expect(moveMeasure(state, status)).toEqual({ ok: true, value: status });
      }
    }
    expect(measureStatuses).toEqual(['planned', 'ongoing', 'done', 'not_done', 'changed']);
  });

  test('stands under who carries it out', () => {
    const measures = (['ARBG', 'PV', 'ARBG'] as const).map((carriedOutBy, i) => ({ carriedOutBy, number: i + 1 }));
    expect(byParty(measures).map(({ party, measures }) => [party, measures.map(({ number }) => number)])).toEqual([
      ['ARBG', [1, 3]],
      ['PV', [2]],
    ]);
  });
});

describe('the plan of a case', () => {
  const minutes = (number: string, kind: MeetingKind, texts: Record<string, string>) =>
    ({
      document: { number, finalisedAt: `${today}T09:00:00.000Z` },
      meeting: { id: number, kind },
      participants: [],
      texts,
    }) as unknown as MinutesContent;

  test('is nothing before any minutes are final', () => {
    expect(planTexts([])).toBeNull();
  });

  test('has of each text the last that was agreed, but the follow-up of the latest meeting only', () => {
    const plan = planTexts([
      minutes('1', 'sip', {
        planGoal: 'Halvtid',
        ownWords: 'Lagom',
        followUpDate: '2026-10-01',
        followUpPurpose: 'Se',
      }),
      minutes('2', 'follow_up', { planGoal: 'Heltid' }),
    ]);
    expect(plan).toMatchObject({
      kind: 'fk',
      goal: 'Heltid',
      ownWords: 'Lagom',
      followUpDate: null,
      followUpPurpose: '',
    });
    expect(plan?.builtFrom.map(({ number }) => number)).toEqual(['1', '2']);
    expect(planTexts([minutes('1', 'sip', {})])?.kind).toBe('sip');
  });

  test('names the first booked meeting that lies ahead', () => {
    const meeting = (id: string, state: string, startsAt: string | null) => ({
      id,
      state,
      startsAt,
      kind: 'sip',
      endsAt: null,
    });
    const list = [
      meeting('cancelled', 'cancelled', '2026-11-24T09:00:00.000Z'),
      meeting('later', 'scheduled', '2026-12-24T09:00:00.000Z'),
      meeting('next', 'scheduled', '2026-11-25T09:00:00.000Z'),
      meeting('past', 'scheduled', '2026-11-20T09:00:00.000Z'),
      meeting('untimed', 'planning', null),
    ];
    expect(nextMeeting(list, '2026-11-23T09:00:00.000Z')?.id).toBe('next');
    expect(nextMeeting(list.slice(3), '2026-11-23T09:00:00.000Z')).toBeNull();
  });

  test('tells of an agreed follow-up until its day, and then of none', () => {
    const texts = { followUpDate: '2026-11-24', followUpPurpose: 'Hur det går' };
    expect(followUpAhead(texts, '2026-11-24', false)).toEqual({ date: '2026-11-24', purpose: 'Hur det går' });
    expect(followUpAhead(texts, '2026-11-25', false)).toEqual({ date: null, purpose: '' });
    // A meeting that is booked has a time of its own.
    expect(followUpAhead(texts, '2026-11-25', true)).toEqual({ date: null, purpose: 'Hur det går' });
    expect(followUpAhead({ followUpDate: null, followUpPurpose: '' }, '2026-11-25', false).date).toBeNull();
  });
});
