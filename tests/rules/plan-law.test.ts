import { describe, expect, test } from 'vitest';
import {
  type LawCode,
  type LawFacts,
  lawCheck,
  lawCodes,
  makingCheck,
  type PlanType,
  planTypeOf,
  whereToWrite,
} from '../../src/features/plan/law/rules.ts';
import type { Party } from '../../src/kernel/parties.ts';
import sv from '../../views/text/sv.json' with { type: 'json' };

const day = '2026-11-23';
const by = (carriedOutBy: Party, due: string | null = day, person = '') => ({ carriedOutBy, due, person });
const nothing: LawFacts = { measures: [], otherNeeded: '', sipNeeds: '', sipOverall: '' };
const missing = (type: PlanType, plan: Partial<LawFacts>) =>
  lawCheck(type, { ...nothing, ...plan })
    .filter(({ present }) => !present)
    .map(({ code }) => code);

/** Every subset of a list. */
const subsets = <T>(list: readonly T[]): T[][] =>
  list.reduce<T[][]>((all, one) => all.concat(all.map((some) => [...some, one])), [[]]);

describe('what a plan is', () => {
  test.each<['fk' | 'sip', string, PlanType]>([
    ['fk', '', 'fk'],
    ['fk', 'no', 'fk'],
    // SFB 30:12: only when rehabiliteringsersättning can be paid, and the officer says so.
    ['fk', 'yes', 'rehabilitation'],
    ['sip', '', 'sip'],
    ['sip', 'yes', 'sip'],
  ])('%s, "%s": %s', (kind, answer, type) => {
    expect(planTypeOf(kind, answer)).toBe(type);
  });
});

describe.each(['fk', 'rehabilitation'] as const)('SFB 30:13 in a plan of the type %s', (type) => {
  const whole: LawFacts = { ...nothing, measures: [by('ARBG'), by('ANNAN', day, 'Föreningen')], otherNeeded: 'x' };
  /** The least that takes an item away from a whole plan. Without measures nobody is responsible and there is no time plan. */
  const without: Record<string, (plan: LawFacts) => LawFacts> = {
    responsible: (plan) => ({ ...plan, measures: plan.measures.map((one) => ({ ...one, person: '' })) }),
    timeplan: (plan) => ({ ...plan, measures: plan.measures.map((one, i) => (i === 0 ? { ...one, due: null } : one)) }),
    other: (plan) => ({ ...plan, otherNeeded: '' }),
    measures: (plan) => ({ ...plan, measures: [] }),
  };
  const items = ['measures', 'responsible', 'timeplan', 'other'];

  test.each(
    subsets(Object.keys(without)).map((some) => [some.join(', ') || 'nothing', some] as const),
  )('lacks %s', (_what, some) => {
    const plan = some.reduce((left, item) => without[item]?.(left) ?? left, whole);
    const expected = some.includes('measures')
      ? items.filter((item) => item !== 'other' || some.includes('other'))
      : items.filter((item) => some.includes(item));
    expect(missing(type, plan)).toEqual(expected);
  });

  test.each<[string, LawFacts['measures'], string[]]>([
    ['none', [], ['measures', 'responsible', 'timeplan']],
    ['one without a day', [by('ARBG', null)], ['timeplan']],
    ['one of two without a day', [by('ARBG'), by('PV', null)], ['timeplan']],
    ['somebody else, without a name', [by('ANNAN')], ['responsible']],
    ['somebody else, by name', [by('ANNAN', day, 'Nils')], []],
  ])('measures: %s', (_what, measures, expected) => {
    expect(missing(type, { measures, otherNeeded: 'x' })).toEqual(expected);
  });
});

describe('HSL 16:4 and SoL 10:8', () => {
  const items = ['sipNeeds', 'sipEach', 'sipOther', 'sipOverall'];

  test.each(
    subsets(items).map((some) => [some.join(', ') || 'nothing', some] as const),
  )('a SIP lacks %s', (_w, some) => {
    const measures = [
      ...(some.includes('sipEach') ? [by('PV')] : [by('PV'), by('SOC')]),
      ...(some.includes('sipOther') ? [] : [by('PERSON')]),
    ];
    const plan = {
      measures,
      sipNeeds: some.includes('sipNeeds') ? '' : 'x',
      sipOverall: some.includes('sipOverall') ? '' : 'kommun',
    };
    expect(missing('sip', plan)).toEqual(some);
  });

  test.each<[string, LawFacts['measures'], string, string[]]>([
    ['nobody', [], '', ['sipEach', 'sipOther']],
    ['the region alone', [by('SPEC')], '', ['sipEach', 'sipOther']],
    ['the kommun alone', [by('KHSL')], '', ['sipEach', 'sipOther']],
    ['somebody else alone', [by('ARBG')], '', ['sipEach']],
    ['both, and words on the others', [by('REKO'), by('AME')], 'Ingen annan', []],
  ])('who does something: %s', (_what, measures, otherNeeded, expected) => {
    expect(missing('sip', { measures, otherNeeded, sipNeeds: 'x', sipOverall: 'region' })).toEqual(expected);
  });
});

describe('how a plan is made and kept', () => {
  test.each<[PlanType, boolean, boolean, string[]]>([
    ['rehabilitation', true, true, []],
    ['rehabilitation', false, true, ['consulted']],
    ['rehabilitation', true, false, ['followUp']],
    ['fk', false, false, ['consulted', 'followUp']],
    ['sip', true, false, []],
    ['sip', false, true, ['sipConsulted']],
  ])('%s, consulted %s, followed up %s', (type, consulted, followUp, expected) => {
    const items = makingCheck(type, { consulted, followUp });
    expect(items.filter(({ present }) => !present).map(({ code }) => code)).toEqual(expected);
  });
});

test.each<[LawCode, string]>([
  ['consulted', '30 kap. 12 § SFB'],
  ['measures', '30 kap. 13 § 1 SFB'],
  ['responsible', '30 kap. 13 § 2 SFB'],
  ['timeplan', '30 kap. 13 § 3 SFB'],
  ['other', '30 kap. 13 § 4 SFB'],
  ['followUp', '30 kap. 14 § SFB'],
  // Of the two paragraphs that the page names above them.
  ['sipNeeds', 'punkt 1'],
  ['sipEach', 'punkt 2'],
  ['sipOther', 'punkt 3'],
  ['sipOverall', 'punkt 4'],
  // SoL has it in a paragraph of its own (domain.md B1).
  ['sipConsulted', '16 kap. 4 § HSL och 10 kap. 9 § SoL'],
])('%s has its words and its paragraph', (code, source) => {
  expect(sv).toHaveProperty([`plan.item.${code}`]);
  expect(sv[`plan.source.${code}`].replaceAll('\u00A0', ' ')).toBe(source);
});

test('no item is without', () => expect(lawCodes).toHaveLength(11));

describe('what is missing is written', () => {
  const meeting = (id: string, state: string) => ({ id, state, startsAt: null });
  test.each<[string, ReturnType<typeof meeting>[], string, string]>([
    [
      'in minutes that are open',
      [meeting('b', 'planning'), meeting('a', 'held')],
      'minutes',
      '/moten/a/protokoll#f-otherNeeded',
    ],
    [
      'at the next meeting',
      [meeting('c', 'planning'), meeting('b', 'scheduled'), meeting('a', 'minuted')],
      'meeting',
      '/moten/b',
    ],
    ['nowhere yet', [meeting('b', 'cancelled'), meeting('a', 'minuted')], 'none', '/arenden/case'],
    ['nowhere yet, without meetings', [], 'none', '/arenden/case'],
  ])('%s', (_what, meetings, at, href) => {
    expect(whereToWrite('other', 'case', meetings)).toEqual({ at, href });
  });
});
