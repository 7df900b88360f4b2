import { describe, expect, test } from 'vitest';
import {
  beside,
  empty,
  mayPrepare,
  mayReadShared,
  narrower,
  type Preparation,
  type PreparationField,
  printOf,
  type Share,
  textOf,
  type Way,
  write,
} from '../../src/features/meeting/preparation/rules.ts';
import { meetingStates, type Participant } from '../../src/features/meeting/rules.ts';

const officer: Share = { audience: 'officer', readers: [] };
const all: Share = { audience: 'all', readers: [] };
const chosen = (...readers: string[]): Share => ({ audience: 'chosen', readers });

const employer = { id: 'a', party: 'ARBG', view: 'yes', removedAt: null, sentSequence: 0 } as const;
test.each<[what: string, change: Partial<Parameters<typeof mayReadShared>[0]>, share: Share, reads: boolean]>([
  ['for the officer', {}, officer, false],
  ['for all', {}, all, true],
  ['for the chosen', {}, chosen('a', 'b'), true],
  ['for others that were chosen', {}, chosen('b'), false],
  ['a list that was left from before', {}, { audience: 'officer', readers: ['a'] }, false],
  ['for all, when removed', { removedAt: '2026-01-01T00:00:00.000Z' }, all, false],
  ['for the chosen, when removed', { removedAt: '2026-01-01T00:00:00.000Z' }, chosen('a'), false],
  ['for all, when the person says no to them', { view: 'no' }, all, false],
  ['for the chosen, when the person says no to them', { view: 'no' }, chosen('a'), false],
  ['for all, before they are invited', { sentSequence: null }, all, false],
  ['for all, when not asked about them but invited with a reason', { view: 'not_asked' }, all, true],
])('another participant reads what is %s', (_, change, share, reads) => {
  expect(mayReadShared({ ...employer, ...change }, share, 'scheduled')).toBe(reads);
});

test('sharing and preparing end with the final minutes, and with a meeting that is called off', () => {
  const open = meetingStates.filter((state) => mayPrepare(state));
  expect(open).toEqual(['planning', 'proposed', 'scheduled', 'held']);
  expect(meetingStates.filter((state) => mayReadShared(employer, all, state))).toEqual(open);
});

test.each<[a: Share, b: Share, both: Share]>([
  [officer, all, officer],
  [all, all, all],
  [all, chosen('a'), chosen('a')],
  [chosen('a'), officer, officer],
  [chosen('a', 'b'), chosen('b', 'c'), chosen('b')],
])('%j and %j let %j read', (a, b, both) => {
  expect(narrower(a, b)).toEqual(both);
  expect(narrower(b, a)).toEqual(both);
});

const piece = (text: string) => ({ text, at: '2026-01-01T00:00:00.000Z', via: 'link', by: null }) as const;
const standing = (share: Share, ...texts: string[]): Preparation => ({
  ...empty('p', 'want'),
  pieces: texts.map(piece),
  share,
});
const nothing = { replace: null, add: null, share: null };

describe('what becomes of a field', () => {
  const one = standing(officer, 'A');
  test.each<[string, Preparation, Way, text: string, share: Share | null, seen: string, object | string]>([
    ['changed by who sees it', one, 'own', 'B', all, printOf(one), { ...nothing, replace: 'B', share: all }],
    ['left as it was', one, 'own', 'A', null, printOf(one), nothing],
    ['emptied', one, 'own', '', null, printOf(one), { ...nothing, replace: '' }],
    ['left as it was, from an older page', one, 'own', 'A', officer, 'older', { ...nothing, share: officer }],
    ['changed from an older page', one, 'own', 'B', null, printOf(standing(all, 'A')), 'changed_by_someone_else'],
    ['added to by link', one, 'link', 'B', officer, '', { ...nothing, add: 'B', share: officer }],
    ['never shared with more by link', one, 'link', 'B', all, '', { ...nothing, add: 'B', share: officer }],
    [
      'shared by link when nothing stood there',
      standing(officer),
      'link',
      'B',
      all,
      '',
      { ...nothing, add: 'B', share: all },
    ],
    [
      'shared with fewer by link',
      standing(all, 'A'),
      'link',
      'B',
      officer,
      '',
      { ...nothing, add: 'B', share: officer },
    ],
    ['untouched by an empty field of a link', standing(all, 'A'), 'link', '', officer, '', nothing],
    ['added to as noted', one, 'noted', 'B', null, '', { ...nothing, add: 'B' }],
    ['shared as noted, without a word', one, 'noted', '', all, '', { ...nothing, share: all }],
    ['too much unseen', standing(officer, 'x'.repeat(2_900)), 'link', 'x'.repeat(101), null, '', 'full'],
  ])('%s', (_, before, way, text, share, seen, expected) => {
    const result = write(before, { field: 'want', text, share, seen }, way);
    expect(result.ok ? result.value : result.code).toEqual(expected);
  });
});

test('beside the minutes only what is for all stands apart from what is for the officer', () => {
  const participants = [
    { id: 'p', party: 'PERSON', person: { name: 'Personen' } },
    { id: 'a', party: 'ARBG', person: { name: 'Chefen' } },
  ] as unknown as Participant[];
  const of = (participantId: string, field: PreparationField, share: Share, text: string): Preparation => ({
    ...{ participantId, field, share },
    pieces: [piece(text)],
  });
  const preparations = [
    of('p', 'want', all, 'för alla'),
    of('p', 'canManage', chosen('a'), 'för chefen'),
    of('p', 'canGet', officer, 'för handläggaren'),
    // A share that is there, by whatever mistake, opens nothing.
    of('p', 'notDiscuss', all, 'inte alls'),
    of('a', 'text', all, 'från chefen'),
  ];
  const found = beside(participants, { preparations, adaptations: [], papers: [] });
  expect(found.forAll.map(({ pieces }) => textOf({ pieces }))).toEqual(['för alla']);
  expect(found.forOfficer.map(({ field, readers }) => [field, readers])).toEqual([
    ['canManage', 'Chefen'],
    ['canGet', ''],
  ]);
  expect([found.notDiscuss, found.alone, found.nothing]).toEqual(['inte alls', true, false]);
  expect(beside(participants, { preparations: [], adaptations: [], papers: [] }).nothing).toBe(true);
});
