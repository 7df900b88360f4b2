import { extractText } from 'unpdf';
import { beforeAll, describe, expect, test } from 'vitest';
import { plainPlan } from '../../src/features/plan/plain/rules.ts';
import { measureRow, planDocument, printPlan } from '../../src/features/plan/render.ts';
import { groupsFor, type PlanData, planData, type Rendering, renderings } from '../../src/features/plan/rules.ts';
import { type PlanDocument, planVersions } from '../../src/features/plan/version/rules.ts';
import type { Party } from '../../src/kernel/parties.ts';
import { formatDate, formatLongDate } from '../../src/kernel/time.ts';
import { renderPdf } from '../../src/platform/pdf/render.ts';
import { viewsDir } from '../../src/platform/web/render.ts';
import { loadTexts } from '../../src/platform/web/text.ts';

/** FK's plan, AF's action plan and SIP of one plan, compared by what their PDFs say. */

const { t } = loadTexts(`${viewsDir}text`);
const now = '2026-11-23T09:15:30.000Z';
const parties: Party[] = ['ARBG', 'PV', 'SOC', 'AF', 'PERSON', 'REKO', 'AME', 'ANNAN', 'FK', 'AF', 'SPEC', 'KHSL'];
const texts = [
  'Ordna en plats med höj- och sänkbart bord',
  'Bedöma om sjukskrivningen kan ändras till halvtid, och skriva ett nytt läkarintyg',
  'Söka ekonomiskt bistånd\noch boka hembesök',
  '“Pröva” arbetsträning – 50 % #1 *inte* mer',
];
const measures = parties.map((carriedOutBy, i) => ({
  ...{ id: `m${i}`, number: i + 1, caseId: 'case', meetingId: 'meeting', position: i, version: 1 },
  ...{ text: `${texts[i % texts.length]} (${i + 1})`, goal: i % 2 ? 'Halvtid' : '', person: `Namn Namnsson ${i}` },
  ...{ carriedOutBy, followedUpBy: i % 3 ? ('FK' as const) : null, due: i % 4 === 3 ? null : `2026-12-${10 + i}` },
  ...{
    kind: i % 2 ? null : ('support' as const),
    start: i % 3 ? null : '2026-11-02',
    followUpOn: i % 5 ? null : '2027-01-07',
  },
  ...{ state: (['planned', 'ongoing', 'done', 'not_done'] as const)[i % 4] ?? 'planned', reports: [] },
}));
const minutes = {
  document: { number: '2026/000001-1', finalisedAt: now },
  meeting: { id: 'meeting', kind: 'reconciliation' },
  participants: [{ party: 'PERSON', attendance: 'present' }],
  texts: {
    planGoal: 'Jag vill orka',
    subGoals: 'Ett\nTvå',
    sipNeeds: 'Boendestöd',
    sipOverall: 'kommun',
    otherNeeded: 'Ring',
    employerPlan: 'Finns, 3 mars',
  },
  measures: [],
} as unknown as PlanDocument;
const facts = {
  found: { id: 'case', number: '2026/000001', individual: { name: 'Maja Berglund' } },
  contact: { name: 'Sara Lindqvist', phone: '08-465 004 11', unit: 'Granvik' },
  texts: planVersions([minutes])[0]?.texts as never,
  contacts: [
    { sector: 'fk' as const, name: 'Sara Lindqvist', phone: '08-465 004 11' },
    { sector: 'employer' as const, name: 'Eva Norling', phone: '08-465 004 21' },
  ],
  ...{ measures, meetings: [], documents: [minutes], goalNotes: [] },
};

/** Without what typesetting adds: white space, hyphens, soft breaks. */
const bare = (text: string) => text.replace(/[\s\u00AD\u200B\u2010-]/g, '');

const plans = new Map<Rendering, PlanData>();
const said = new Map<Rendering, string>();
beforeAll(async () => {
  for (const as of renderings) {
    const plan = planData(facts, now, as);
    plans.set(as, plan);
    const pdf = await printPlan(plan, t, now);
    said.set(as, bare((await extractText(new Uint8Array(pdf), { mergePages: true })).text));
  }
});

const rows = (as: Rendering) => (plans.get(as) as PlanData).measures.map((one) => bare(measureRow(one, t).join('')));

describe('three documents of one plan', () => {
  test('have the same measures, owners and dates, word for word, each once', () => {
    const [fk, af, sip] = renderings.map((as) => rows(as).sort());
    expect(fk).toHaveLength(measures.length);
    expect([af, sip]).toEqual([fk, fk]);
    for (const as of renderings) {
      for (const row of rows(as)) expect(said.get(as)?.split(row), `${as} ${row}`).toHaveLength(2);
    }
    for (const [i, one] of measures.entries()) {
      const row = rows('fk')[i] ?? '';
      for (const part of [
        one.text,
        t(`party.${one.carriedOutBy}`),
        one.person,
        one.due ? formatDate(one.due) : t('plan.noDue'),
      ]) {
        expect(row).toContain(bare(part));
      }
    }
  });

  test('say whom to turn to', () => {
    for (const as of renderings) expect(said.get(as)).toContain(bare(`${t('sector.employer')}, Eva Norling, 08-465`));
  });

  test('begin with what each of them is, and ask what the law asks of it', () => {
    for (const as of renderings) expect(said.get(as)).toContain(bare(t(`plan.asTitle.${as}`)));
    expect(said.get('fk')).toContain(bare(t('plan.lawHelp.fk')));
    expect(said.get('sip')).toContain(bare(t('plan.lawHelp.sip')));
    expect(said.get('af')).not.toContain(bare(t('plan.law.fk')));
    expect(said.get('af')).not.toContain(bare(t('plan.law.sip')));
  });

  test('set AF first in its own plan, and in a SIP region, kommun and others apart', () => {
    const numbers = (as: Rendering) =>
      groupsFor(as, measures).flatMap(({ measures }) => measures.map(({ number }) => number));
    expect(numbers('af').slice(0, 2)).toEqual([4, 10]);
    expect(
      groupsFor('sip', measures).map(({ head, measures }) => [head, measures.map(({ number }) => number)]),
    ).toEqual([
      ['region', [2, 6, 11]],
      ['kommun', [3, 7, 12]],
      ['others', [1, 4, 5, 8, 9, 10]],
    ]);
    for (const as of renderings)
      expect(numbers(as).sort((a, b) => a - b)).toEqual(measures.map(({ number }) => number));
  });

  test.each(renderings)('as %s compiles as PDF/UA-1 too', async (as) => {
    const pdf = await renderPdf(planDocument(plans.get(as) as PlanData, t), { standard: 'ua-1', createdAt: now });
    expect(Buffer.from(pdf.subarray(0, 5)).toString()).toBe('%PDF-');
  });
});

describe('the plan in short', () => {
  test('tells the person’s own first, and what is done by itself', () => {
    const plan = plans.get('fk') as PlanData;
    const parts = plainPlan(plan, t);
    const told = (heading: string) => parts.filter((one) => one.heading === heading).flatMap(({ groups }) => groups);
    const of = (status: string) => plan.measures.filter((one) => one.status === status).map(({ text }) => text);
    expect(parts.map(({ heading }) => heading).slice(0, 3)).toEqual([
      t('plain.goal'),
      t('plain.steps'),
      t('plain.you'),
    ]);
    expect(told(t('plain.you'))).toEqual([{ label: '', lines: [measureTold(plan.measures[4])] }]);
    expect(told(t('plain.done'))).toEqual([{ label: '', lines: of('done') }]);
    const lines = parts.flatMap(({ groups }) =>
      groups.flatMap(({ lines }) => lines.map((line) => line.split('\n')[0])),
    );
    for (const text of [...of('planned'), ...of('ongoing')]) expect(lines).toContain(text.split('\n')[0]);
    for (const text of of('not_done')) expect(lines).not.toContain(text);
  });

  const measureTold = (one: PlanData['measures'][number] | undefined) =>
    [
      one?.text,
      one?.start && t('plain.starts', { date: formatLongDate(one.start) }),
      one?.due && t('plain.until', { date: formatLongDate(one.due) }),
    ]
      .filter(Boolean)
      .join('\n');

  test('is the last part of every document, with whom to ring', () => {
    for (const as of renderings) {
      expect(said.get(as)).toContain(bare(t('plain.title')));
      expect(said.get(as)).toContain(bare(t('plain.you')));
      expect(said.get(as)).toContain(bare(t('plain.callWho', facts.contact)));
    }
  });
});
