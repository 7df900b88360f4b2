import type { Translate } from '../../kernel/mail.ts';
import { formatDate, formatLongDate, stockholmDate } from '../../kernel/time.ts';
import type { DocumentBlock, DocumentModel } from '../../platform/pdf/document.ts';
import { renderWithData } from '../../platform/pdf/with-data.ts';
import type { Sealed } from '../filing/document/rules.ts';
import { countPeople, type StructuralContent, structuralFileName } from './rules.ts';

/** Locked minutes as PDF/A-3a, with the same content as data inside. */
export function printStructural(content: Sealed<StructuralContent>, t: Translate): Promise<Uint8Array> {
  return renderWithData(structuralDocument(content, t), t, {
    createdAt: content.document.finalisedAt,
    name: structuralFileName(content, 'json'),
    data: content,
  });
}

/** The minutes as a document: who was there, the agenda with its notes, measures as a table, next meeting. */
export function structuralDocument(content: Sealed<StructuralContent>, t: Translate): DocumentModel {
  const { document, meeting, participants, agenda, measures, next } = content;
  const text = (value: string): DocumentBlock[] => (value ? [{ kind: 'text', text: value }] : []);
  const table = (caption: string, columns: string[], widths: number[], rows: string[][]): DocumentBlock[] =>
    rows.length === 0 ? [] : [{ kind: 'table', caption, columns, widths, rows }];
  const when = [meeting.day && formatLongDate(meeting.day), meeting.time].filter(Boolean).join(', ');
  const sections: { heading: string; blocks: DocumentBlock[] }[] = [
    {
      heading: t('min.participants'),
      blocks: table(
        t('structural.counted', countPeople(participants)),
        [t('structural.organisation'), t('structural.people')],
        [4, 7],
        participants.map(({ organisation, people }) => [
          organisation || t('structural.noOrganisation'),
          people.join('\n'),
        ]),
      ),
    },
    ...agenda.map(({ heading, notes }) => ({
      heading: heading || t('structural.notes'),
      blocks: text(notes || t('structural.noNotes')),
    })),
    {
      heading: t('min.measures'),
      blocks: table(
        t('min.measures.caption'),
        [t('plan.number'), t('plan.measure'), t('plan.owner'), t('plan.due')],
        [1, 7, 4, 3],
        measures.map((one) => [String(one.number), one.text, one.who, one.due ? formatDate(one.due) : t('plan.noDue')]),
      ),
    },
    {
      heading: t('structural.next'),
      blocks: [...text(next.day ? formatLongDate(next.day) : ''), ...text(next.about)],
    },
  ];
  return {
    language: 'sv',
    title: meeting.title,
    authority: t('pdf.authority'),
    unit: document.unit,
    diaryLabel: t('min.documentNumber'),
    diaryNumber: document.number,
    pageLabel: t('pdf.page'),
    facts: [
      { label: t('pdf.authority.label'), value: t('pdf.authority') },
      { label: t('min.documentNumber'), value: document.number },
      { label: t('common.kind'), value: t('kindName.structural') },
      ...(when ? [{ label: t('min.when'), value: when }] : []),
      ...(meeting.place ? [{ label: t('common.place'), value: meeting.place }] : []),
      {
        label: t('min.finalisedBy'),
        value: `${document.finalisedBy}, ${formatDate(stockholmDate(document.finalisedAt))}`,
      },
    ],
    sections: sections.filter(({ blocks }) => blocks.length > 0).map((section) => ({ ...section, numbered: true })),
    footer: t('min.footer', { number: document.number, hash: content.hash.slice(0, 16) }),
  };
}
