import { formatPersonalNumber } from '../../kernel/personal-number.ts';
import { formatDate, type IsoInstant, stockholmDate } from '../../kernel/time.ts';
import type { DocumentBlock, DocumentModel } from '../../platform/pdf/document.ts';
import { renderWithData } from '../../platform/pdf/with-data.ts';
import { correctedOn, type Sealed, type Translate } from '../filing/document/rules.ts';
import { type ClosingContent, closingFileName } from './rules.ts';

/** How a case was closed, as PDF/A-3a with the same content as data inside. */
export function printClosing(
  content: Sealed<ClosingContent>,
  t: Translate,
  createdAt: IsoInstant,
): Promise<Uint8Array> {
  return renderWithData(closingDocument(content, t), t, {
    createdAt,
    name: closingFileName(content, 'json'),
    data: content,
  });
}

/** Why, what the person says, what was reached, what goes on and whom to turn to. */
export function closingDocument(content: Sealed<ClosingContent>, t: Translate): DocumentModel {
  const { document, individual, closing, texts, goals, contacts, measures } = content;
  const corrected = correctedOn(content);
  const text = (value: string | undefined, label?: string): DocumentBlock[] =>
    value ? [{ kind: 'text', text: value, ...(label && { label }) }] : [];
  const table = (caption: string, columns: string[], widths: number[], rows: string[][]): DocumentBlock[] =>
    rows.length === 0 ? text(t('close.none')) : [{ kind: 'table', caption, columns, widths, rows }];
  const sections: { heading: string; blocks: DocumentBlock[] }[] = [
    {
      heading: t('close.reason'),
      blocks: [...text(t(`close.${closing.reason}`)), ...text(texts.reasonText)],
    },
    {
      heading: t('close.own'),
      blocks: [...text(texts.ownView), ...text(texts.ownViewMissing, t('close.ownMissing'))],
    },
    {
      heading: t('close.goals'),
      blocks: table(
        t('close.goals.caption'),
        [t('close.goal'), t('close.reached'), t('close.goalNote')],
        [5, 2, 5],
        goals.map((one) => [one.text, t(`close.reach.${one.reached}`), one.note]),
      ),
    },
    {
      heading: t('close.measures'),
      blocks: table(
        t('close.measures.caption'),
        [t('plan.number'), t('plan.measure'), t('close.outcome'), t('close.whom')],
        [1, 6, 3, 4],
        measures.map((one) => [String(one.number), one.text, t(`close.outcome.${one.outcome}`), one.whom]),
      ),
    },
    {
      heading: t('close.contacts'),
      blocks: table(
        t('close.contacts.caption'),
        [t('close.sector'), t('common.name'), t('close.phone')],
        [4, 5, 4],
        contacts.map((one) => [t(`sector.${one.sector}`), one.name, one.phone]),
      ),
    },
  ];
  return {
    language: 'sv',
    title: t('close.documentTitle'),
    authority: t('pdf.authority'),
    unit: document.unit,
    diaryLabel: t('pdf.diary'),
    diaryNumber: document.caseNumber,
    pageLabel: t('pdf.page'),
    facts: [
      { label: t('pdf.authority.label'), value: t('pdf.authority') },
      { label: t('pdf.diary'), value: document.caseNumber },
      { label: t('min.documentNumber'), value: document.number },
      ...(corrected ? [{ label: t('corr.corrected'), value: formatDate(corrected) }] : []),
      {
        label: t('pdf.individual'),
        value: [individual.name, individual.number && formatPersonalNumber(individual.number)]
          .filter(Boolean)
          .join(', '),
      },
      { label: t('close.openedAt'), value: formatDate(stockholmDate(document.openedAt)) },
      { label: t('close.closedAt'), value: formatDate(stockholmDate(document.closedAt)) },
      { label: t('close.closedBy'), value: document.closedBy },
    ],
    sections: sections.map((section) => ({ ...section, numbered: true })),
    footer: t('min.footer', { number: document.number, hash: content.hash.slice(0, 16) }),
  };
}
