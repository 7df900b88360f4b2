import type { DocumentModel } from '../../../platform/pdf/document.ts';
import { renderWithData } from '../../../platform/pdf/with-data.ts';
import { fileName, type MinutesContent, type Translate } from '../../filing/document/rules.ts';
import { type Contact, plainSections } from '../../plan/plain/rules.ts';
import { plainLead, plainMinutes } from './rules.ts';

/** The minutes in plain Swedish as PDF/A-3a, with what it says, and no more of the minutes, as data inside. */
export function printPlainMinutes(content: MinutesContent, contact: Contact, t: Translate): Promise<Uint8Array> {
  const { number, caseNumber, finalisedAt } = content.document;
  const data = {
    document: { kind: 'minutes_plain', number, caseNumber },
    individual: { name: content.individual.name },
    parts: plainMinutes(content, contact, t),
  };
  return renderWithData(plainMinutesDocument(content, contact, t), t, {
    createdAt: finalisedAt,
    name: plainFileName(content, 'json'),
    data,
  });
}

export const plainFileName = ({ document }: MinutesContent, extension: 'pdf' | 'json'): string =>
  fileName('protokoll-enkelt', document.number, extension);

export function plainMinutesDocument(content: MinutesContent, contact: Contact, t: Translate): DocumentModel {
  const { document, individual } = content;
  return {
    language: 'sv',
    large: true,
    title: t('plain.min.title'),
    authority: t('pdf.authority'),
    unit: contact.unit,
    diaryLabel: t('min.documentNumber'),
    diaryNumber: document.number,
    pageLabel: t('pdf.page'),
    lead: plainLead(content, t),
    facts: [
      { label: t('pdf.individual'), value: individual.name },
      { label: t('min.documentNumber'), value: document.number },
    ],
    sections: plainSections(plainMinutes(content, contact, t)),
    footer: t('plain.min.footer', { number: document.number }),
  };
}
