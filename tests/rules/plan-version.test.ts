import { describe, expect, test } from 'vitest';
import { type GoalNote, goalKey, linesOf, subGoalsAt } from '../../src/features/plan/goal/rules.ts';
import type { MeasureReport, PlanMeasure } from '../../src/features/plan/rules.ts';
import {
  askedPair,
  difference,
  factsAt,
  type PlanDocument,
  planVersions,
  snapshotOf,
} from '../../src/features/plan/version/rules.ts';

const at = (day: string) => `2026-${day}T09:00:00.000Z`;
type Agreed = PlanDocument['measures'][number];
const measure = (number: number, more: Partial<Agreed> = {}): Agreed => ({
  ...{ id: `m${number}`, number, text: `Åtgärd ${number}`, goal: '', carriedOutBy: 'ARBG', person: '' },
  ...{ followedUpBy: 'FK', due: '2026-06-01', ...more },
});
const document = (
  number: string,
  day: string,
  texts: Record<string, string>,
  measures: Agreed[],
  amends?: string,
): PlanDocument =>
  ({
    document: { number, finalisedAt: at(day), amends },
    meeting: { id: `meeting-${amends ?? number}`, kind: 'follow_up' },
    participants: [{ party: 'PERSON', attendance: 'present' }],
    texts,
    measures,
  }) as unknown as PlanDocument;

const first = document('1', '03-01', { planGoal: 'Halvtid', subGoals: '- En timme\n- Två timmar' }, [
  measure(1),
  measure(2),
]);
const second = document('2', '04-01', { planGoal: 'Heltid' }, [measure(3)]);
/** An amendment to the first: a word is another, and one measure was never agreed. */
const amendment = document('3', '04-10', { planGoal: 'Halvtid på dagen' }, [measure(1, { due: '2026-07-01' })], '1');

describe('the versions of a plan', () => {
  test('are made by documents alone, one each, and hold what was agreed until then', () => {
    const versions = planVersions([first, second]);
    expect(
      versions.map(({ number, measures, texts }) => [number, texts.goal, measures.map((one) => one.number)]),
    ).toEqual([
      [1, 'Halvtid', [1, 2]],
      [2, 'Heltid', [1, 2, 3]],
    ]);
    expect(versions[1]?.madeBy).toEqual({
      number: '2',
      meetingId: 'meeting-2',
      kind: 'follow_up',
      finalisedAt: at('04-01'),
      amends: null,
    });
    expect(planVersions([])).toEqual([]);
  });

  test('of an amendment: the amended text is in its place, later minutes stay later, and what it left out is gone', () => {
    const [, before, after] = planVersions([first, second, amendment]);
    expect(before?.measures.map(({ id }) => id)).toEqual(['m1', 'm2', 'm3']);
    expect(after?.measures.map(({ id, due }) => [id, due])).toEqual([
      ['m1', '2026-07-01'],
      ['m3', '2026-06-01'],
    ]);
    expect(after?.texts.goal).toBe('Heltid');
    // An amendment of an amendment is of the same minutes.
    const again = document('4', '04-11', {}, [], '3');
    expect(planVersions([first, second, amendment, again])[3]?.measures.map(({ id }) => id)).toEqual(['m3']);
  });

  test('a measure that later minutes name again is as they say', () => {
    const [, version] = planVersions([first, document('2', '04-01', {}, [measure(1, { text: 'Annat' })])]);
    expect(version?.measures.map(({ text }) => text)).toEqual(['Annat', 'Åtgärd 2']);
  });
});

const report = (day: string, status: MeasureReport['status'], grantedDue: string | null = null): MeasureReport => ({
  ...{ measureId: 'm1', status, note: '', obstacle: '', meet: false, proposedDue: grantedDue, grantedDue },
  decision: null,
  ...{ at: at(day), accountName: null },
});
const row = (one: Agreed, reports: MeasureReport[]): PlanMeasure =>
  ({
    ...one,
    kind: null,
    start: null,
    followUpOn: null,
    state: reports.at(-1)?.status ?? 'planned',
    due: reports.at(-1)?.grantedDue ?? one.due,
    reports,
  }) as unknown as PlanMeasure;
const note = (day: string, goal: string, reachedOn: string | null): GoalNote => ({
  goal,
  reachedOn,
  at: at(day),
  accountName: null,
});

const facts = (documents: PlanDocument[], rows: PlanMeasure[], goalNotes: GoalNote[] = []) => ({
  found: { id: 'case', number: '2026/000001', individual: { name: 'Namn' } },
  contact: { name: 'Sara', phone: '1', unit: 'Enheten' },
  texts: planVersions(documents).at(-1)?.texts ?? null,
  measures: rows,
  meetings: [{ id: 'later', kind: 'follow_up', state: 'scheduled', startsAt: at('09-01'), endsAt: null }],
  documents,
  goalNotes,
  contacts: [],
});

describe('a version as it was', () => {
  const now = at('05-01');
  const rows = [
    row(measure(1), [report('03-10', 'ongoing'), report('04-20', 'done', '2026-08-01')]),
    row(measure(2), []),
    row(measure(3), []),
  ];
  const all = facts([first, second], rows, [
    note('03-15', 'En timme', '2026-03-14'),
    note('04-02', 'Två timmar', '2026-04-02'),
  ]);

  test.each<[number | null, string[], string[], (string | null)[], number]>([
    [1, ['planned', 'planned'], ['2026-06-01', '2026-06-01'], [null, null], 1],
    [2, ['ongoing', 'planned', 'planned'], ['2026-06-01', '2026-06-01', '2026-06-01'], ['2026-03-14', null], 2],
    [null, ['done', 'planned', 'planned'], ['2026-08-01', '2026-06-01', '2026-06-01'], ['2026-03-14', '2026-04-02'], 2],
    [9, ['done', 'planned', 'planned'], ['2026-08-01', '2026-06-01', '2026-06-01'], ['2026-03-14', '2026-04-02'], 2],
  ])('%s has the reports that had come by then, and no other', (number, states, dues, reached, documents) => {
    const then = factsAt(all, number, now);
    expect(then.facts.measures.map(({ state }) => state)).toEqual(states);
    expect(then.facts.measures.map(({ due }) => due)).toEqual(dues);
    expect(then.facts.documents).toHaveLength(documents);
    const goals = subGoalsAt(then.facts.texts?.subGoals ?? '', then.facts.goalNotes, then.now);
    expect(goals.map(({ reachedOn }) => reachedOn)).toEqual(reached);
  });
});

test('a day that an amendment gives stands over one that was granted before it, and not over one granted after', () => {
  const granted = [report('03-10', 'ongoing', '2026-06-15'), report('04-20', 'ongoing', '2026-09-01')];
  const reworded = document('4', '05-01', {}, [measure(1, { text: 'Annat', due: '2026-07-01' })], '1');
  const all = facts([first, amendment, reworded], [row(measure(1), granted)]);
  const due = (number: number) => factsAt(all, number, at('06-01')).facts.measures[0]?.due;
  expect([1, 2, 3].map(due)).toEqual(['2026-06-01', '2026-07-01', '2026-09-01']);
});

describe('the difference between two versions', () => {
  const rows = [
    row(measure(1), [report('04-20', 'ongoing', '2026-08-01')]),
    row(measure(2), [{ ...report('04-21', 'not_done'), measureId: 'm2' }]),
    row(measure(3), []),
  ];
  const all = facts([first, second, amendment], rows, [note('04-02', 'En timme', '2026-04-02')]);
  const of = (number: number | null) => {
    const then = factsAt(all, number, at('05-01'));
    return snapshotOf({ ...then.facts, texts: then.facts.texts as never }, then.now);
  };

  test('names what is new, what is another with before and after, and what has ended', () => {
    expect(difference(of(1), of(2))).toMatchObject({
      texts: [{ field: 'goal', before: 'Halvtid', after: 'Heltid' }],
      added: [{ number: 3 }],
      changed: [],
      ended: [],
      none: false,
    });
    expect(difference(of(2), of(3))).toMatchObject({
      added: [],
      changed: [{ number: 1, fields: [{ field: 'due', kind: 'date', before: '2026-06-01', after: '2026-07-01' }] }],
      ended: [{ number: 2, how: 'removed' }],
      // The amended minutes say nothing of sub-goals.
      subGoals: [
        { text: 'En timme', what: 'ended' },
        { text: 'Två timmar', what: 'ended' },
      ],
    });
    expect(
      difference(of(2), {
        ...of(2),
        measures: all.measures,
        subGoals: subGoalsAt('En timme\nTre timmar', all.goalNotes, at('05-01')),
      }),
    ).toMatchObject({
      changed: [
        {
          number: 1,
          fields: [{ field: 'due' }, { field: 'state', family: 'measureStatus', before: 'planned', after: 'ongoing' }],
        },
      ],
      ended: [{ number: 2, how: 'not_done' }],
      subGoals: [
        { text: 'En timme', what: 'reached', on: '2026-04-02' },
        { text: 'Tre timmar', what: 'added' },
        { text: 'Två timmar', what: 'ended' },
      ],
    });
  });

  test('of a version and itself is none, and backwards is the other way round', () => {
    for (const number of [1, 2, 3]) expect(difference(of(number), of(number)).none).toBe(true);
    expect(difference(of(2), of(1))).toMatchObject({ added: [], ended: [{ number: 3, how: 'removed' }] });
  });

  test.each<[string | undefined, string | undefined, number, [number, number]]>([
    [undefined, undefined, 3, [2, 3]],
    ['1', '3', 3, [1, 3]],
    ['3', '1', 3, [3, 1]],
    ['0', '4', 3, [2, 3]],
    ['__proto__', '1e1', 3, [2, 3]],
    [undefined, undefined, 1, [1, 1]],
    // Nothing to compare: no version has the number.
    [undefined, undefined, 0, [1, 0]],
  ])('asked for %s and %s of them', (from, to, count, pair) => {
    expect(askedPair(from, to, count)).toEqual(pair);
  });
});

describe('sub-goals', () => {
  test.each<[string, string[]]>([
    ['', []],
    ['En\nTvå', ['En', 'Två']],
    ['- En\n\n • Två \n* En', ['En', 'Två']],
    ['2–3 timmar', ['2–3 timmar']],
  ])('are lines: %j', (text, lines) => {
    expect(linesOf(text)).toEqual(lines);
  });

  test('are as the last note says, up to the moment', () => {
    const notes = [note('03-01', 'En', '2026-03-01'), note('03-02', 'En', null), note('03-03', 'En', '2026-03-03')];
    const on = (day: string) => subGoalsAt('En', notes, at(day))[0];
    expect(['02-28', '03-01', '03-02', '03-03'].map((day) => on(day)?.reachedOn)).toEqual([
      null,
      '2026-03-01',
      null,
      '2026-03-03',
    ]);
    expect(on('03-01')?.key).toBe(goalKey('En'));
  });
});
