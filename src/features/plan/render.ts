import { printed } from '../../kernel/removal.ts';
import { formatClock, formatDate, formatLongDate, type IsoInstant, stockholmDate } from '../../kernel/time.ts';
import type { DocumentBlock, DocumentModel, DocumentSection } from '../../platform/pdf/document.ts';
import { renderPdf } from '../../platform/pdf/render.ts';
import type { Translate } from '../filing/document/rules.ts';
import { byParty, type PlanData, planFileName } from './rules.ts';

/** The plan as PDF/A-3a with the same plan as data inside. */
export function printPlan(plan: PlanData, t: Translate, createdAt: IsoInstant): Promise<Uint8Array> {
  return renderPdf(printed(planDocument(plan, t), t), {
    standard: 'a-3a',
    createdAt,
    attachment: {
      name: planFileName(plan, 'json'),
      json: JSON.stringify(plan, null, 2),
      description: t('pdf.data', { title: t('plan.title') }),
    },
  });
}

/** The plan as a document of two pages or so, in the order of the page. */
export function planDocument(plan: PlanData, t: Translate): DocumentModel {
  const { document, contact } = plan;
  const text = (label: string, value: string): DocumentBlock[] => (value ? [{ kind: 'text', label, text: value }] : []);
  const sections: { heading: string; blocks: DocumentBlock[] }[] = [
    { heading: t('plan.goalTitle'), blocks: [...text('', plan.goal), ...text(t('min.ownWords'), plan.ownWords)] },
    {
      heading: t('plan.measures'),
      blocks: byParty(plan.measures).map(({ party, measures }) => table(party, measures, t)),
    },
    {
      heading: t('plan.furtherTitle'),
      blocks: [
        ...text(t('min.field.sipNeeds'), plan.sipNeeds),
        ...text(t('min.field.sipOverall'), plan.sipOverall && t(`min.sipOverall.${plan.sipOverall}`)),
        ...text(t('min.field.otherNeeded'), plan.otherNeeded),
      ],
    },
    { heading: t('plan.followUp'), blocks: followUp(plan, t) },
    {
      heading: t('plan.law'),
      blocks: [
        {
          kind: 'list',
          label: t(`plan.law.${document.plan}`),
          items: plan.law.map(({ code, present }) =>
            t(present ? 'plan.law.has' : 'plan.law.lacks', { item: t(`plan.item.${code}`) }),
          ),
        },
      ],
    },
    { heading: t('plan.contact'), blocks: [{ kind: 'text', text: t('plan.contact.text', contact) }] },
  ];
  return {
    language: 'sv',
    title: t('plan.title'),
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
      { label: t('plan.builtFrom'), value: document.builtFrom.map(({ number }) => number).join(', ') },
    ],
    sections: sections
      .filter(({ blocks }) => blocks.length > 0)
      .map((section): DocumentSection => ({ ...section, numbered: true })),
    footer: t('plan.footer', { date: formatDate(document.asOf) }),
  };
}

function table(party: string, measures: PlanData['measures'], t: Translate): DocumentBlock {
  return {
    kind: 'table',
    caption: t(`party.${party}`),
    columns: [t('plan.number'), t('plan.measure'), t('plan.followedBy'), t('plan.due'), t('common.state')],
    widths: [1, 6, 3, 3, 3],
    rows: measures.map((one) => [
      String(one.number),
      [one.text, one.person, one.goal && t('plan.goalOf', { goal: one.goal })].filter(Boolean).join('\n'),
      one.followedUpBy ? t(`party.${one.followedUpBy}`) : '',
      one.due ? formatDate(one.due) : t('plan.noDue'),
      [
        t(`measureStatus.${one.status}`) + (one.overdue ? ` · ${t('plan.overdue')}` : ''),
        ...one.reports
          .slice(-1)
          .map(({ at, note }) => [formatDate(stockholmDate(at)), note].filter(Boolean).join(': ')),
      ].join('\n'),
    ]),
  };
}

function followUp({ followUp: { date, purpose, startsAt } }: PlanData, t: Translate): DocumentBlock[] {
  const day = startsAt
    ? t('format.from', { day: formatLongDate(stockholmDate(startsAt)), start: formatClock(startsAt) })
    : date && formatLongDate(date);
  return [{ kind: 'text', text: [day || t('plan.followUp.none'), purpose].filter(Boolean).join('\n') }];
}
