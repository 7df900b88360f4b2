import { formatDate, type IsoInstant, stockholmDate } from '../../kernel/time.ts';
import type { DocumentBlock, DocumentModel, DocumentSection } from '../../platform/pdf/document.ts';
import { renderWithData } from '../../platform/pdf/with-data.ts';
import type { Translate } from '../filing/document/rules.ts';
import { plainDoing, plainNext, plainSections } from './plain/rules.ts';
import { groupsFor, type PlanData, planFileName, type Rendering } from './rules.ts';

type Section = { heading: string; blocks: DocumentBlock[] };

/** The plan as PDF/A-3a with the same plan as data inside. */
export function printPlan(plan: PlanData, t: Translate, createdAt: IsoInstant): Promise<Uint8Array> {
  return renderWithData(planDocument(plan, t), t, {
    createdAt,
    name: planFileName(plan, 'json'),
    data: plan,
  });
}

/**
 * The plan as FK's plan, AF's action plan or a SIP, of two pages or so. The three differ in title, order and what the law
 * asks; every measure stands in each of them once, in the same words.
 */
export function planDocument(plan: PlanData, t: Translate): DocumentModel {
  const { document, contact } = plan;
  const { as } = document;
  const title = t(`plan.asTitle.${as}`);
  const goal: Section = {
    heading: t('plan.goalTitle'),
    blocks: [
      ...text('', plan.goal),
      ...(plan.subGoals.length > 0
        ? [{ kind: 'list' as const, label: t('plan.subGoals'), items: plan.subGoals.map((one) => subGoal(one, t)) }]
        : []),
      ...text(t('min.ownWords'), plan.ownWords),
    ],
  };
  const measures: Section = {
    heading: t('plan.measures'),
    blocks: tables(as, plan.measures).map(({ caption, measures }) => table(t(caption), measures, t)),
  };
  const needs: Section = { heading: t('min.field.sipNeeds'), blocks: text('', plan.sipNeeds) };
  const overall = text(t('min.field.sipOverall'), plan.sipOverall && t(`min.sipOverall.${plan.sipOverall}`));
  const further: Section = {
    heading: t('plan.furtherTitle'),
    blocks: [
      ...(as === 'sip' ? [] : text(t('min.field.sipNeeds'), plan.sipNeeds)),
      ...overall,
      ...text(t('min.field.otherNeeded'), plan.otherNeeded),
      ...text(t('min.field.employerPlan'), plan.employerPlan),
    ],
  };
  const sections: Section[] = [
    ...(as === 'sip' ? [needs] : []),
    ...(as === 'af' ? [measures, goal] : [goal, measures]),
    further,
    { heading: t('plan.followUp'), blocks: followUp(plan, t) },
    ...(document.type === null ? [] : [law(plan, document.type, t)]),
    {
      heading: t('plan.contact'),
      blocks: [{ kind: 'text', text: t('plan.contact.text', contact) }, ...others(plan, t)],
    },
    plain(plan, t),
  ];
  return {
    language: 'sv',
    title,
    authority: t('pdf.authority'),
    unit: contact.unit,
    diaryLabel: t('pdf.diary'),
    diaryNumber: document.caseNumber,
    pageLabel: t('pdf.page'),
    facts: [
      { label: t('pdf.authority.label'), value: t('pdf.authority') },
      { label: t('pdf.diary'), value: document.caseNumber },
      { label: t('pdf.individual'), value: plan.individual.name },
      { label: t('plan.asOf'), value: formatDate(document.asOf) },
      { label: t('plan.version'), value: String(document.version) },
      { label: t('plan.builtFrom'), value: document.builtFrom.map(({ number }) => number).join(', ') },
    ],
    sections: sections
      .filter(({ blocks }) => blocks.length > 0)
      .map((section): DocumentSection => ({ ...section, numbered: true })),
    footer: t('plan.footer', { date: formatDate(document.asOf) }),
  };
}

const text = (label: string, value: string): DocumentBlock[] => (value ? [{ kind: 'text', label, text: value }] : []);

const subGoal = ({ text, reachedOn }: PlanData['subGoals'][number], t: Translate): string =>
  reachedOn ? t('plan.subGoal.reachedAt', { goal: text, date: formatDate(reachedOn) }) : text;

/** One table of who does what, AF's own first in its plan; in a SIP one for each authority, as HSL 16:4 and SoL 10:8 ask. */
function tables(as: Rendering, measures: PlanData['measures']) {
  const groups = groupsFor(as, measures);
  if (as === 'sip') return groups.map(({ head, measures }) => ({ caption: `planGroup.${head}`, measures }));
  return [{ caption: 'min.measures.caption', measures: groups.flatMap((group) => group.measures) }].filter(
    (one) => one.measures.length > 0,
  );
}

/** A measure as a row: the same cells in every document that the plan is shown as. */
export function measureRow(one: PlanData['measures'][number], t: Translate): string[] {
  const lines = (...parts: (string | null | false)[]) => parts.filter(Boolean).join('\n');
  return [
    String(one.number),
    lines(
      one.text,
      one.kind && t(`measureKind.${one.kind}`),
      one.goal && t('plan.goalOf', { goal: one.goal }),
      one.start && t('plan.startsOn', { date: formatDate(one.start) }),
    ),
    lines(t(`party.${one.carriedOutBy}`), one.person),
    lines(
      one.followedUpBy && t(`party.${one.followedUpBy}`),
      one.followUpOn && t('plan.followedUpOn', { date: formatDate(one.followUpOn) }),
    ),
    one.due ? formatDate(one.due) : t('plan.noDue'),
    lines(
      t(`measureStatus.${one.status}`) + (one.overdue ? ` · ${t('plan.overdue')}` : ''),
      ...one.reports.slice(-1).map(({ at, note }) => [formatDate(stockholmDate(at)), note].filter(Boolean).join(': ')),
    ),
  ];
}

const table = (caption: string, measures: PlanData['measures'], t: Translate): DocumentBlock => ({
  kind: 'table',
  caption,
  columns: [
    t('plan.number'),
    t('plan.measure'),
    t('plan.owner'),
    t('plan.followedBy'),
    t('plan.due'),
    t('common.state'),
  ],
  widths: [4, 26, 16, 18, 16, 16],
  rows: measures.map((one) => measureRow(one, t)),
});

function followUp({ followUp: { date, purpose, startsAt } }: PlanData, t: Translate): DocumentBlock[] {
  return [{ kind: 'text', text: [plainNext(startsAt, date, t), purpose].filter(Boolean).join('\n') }];
}

const law = (plan: PlanData, type: string, t: Translate): Section => ({
  heading: t(`plan.law.${type}`),
  blocks: [
    { kind: 'text', text: t(`plan.lawHelp.${type}`) },
    {
      kind: 'list',
      items: plan.law.map(({ code, present }) =>
        t(present ? 'plan.law.has' : 'plan.law.lacks', {
          item: t(`plan.item.${code}`),
          source: t(`plan.source.${code}`),
        }),
      ),
    },
  ],
});

/** The same once more in short sentences, for the person. */
const plain = (plan: PlanData, t: Translate): Section => ({
  heading: t('plain.title'),
  blocks: plainSections(plainDoing(plan, t)).flatMap(({ heading, blocks }) =>
    blocks.map((block, i) => (i === 0 ? { ...block, label: heading } : block)),
  ),
});

const others = ({ contacts }: PlanData, t: Translate): DocumentBlock[] =>
  contacts.length === 0
    ? []
    : [
        {
          kind: 'list',
          items: contacts.map(({ sector, name, phone }) =>
            [t(`sector.${sector}`), name, phone].filter(Boolean).join(', '),
          ),
        },
      ];
