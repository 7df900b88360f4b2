import type { Translate } from '../../../kernel/mail.ts';
import { printed } from '../../../kernel/removal.ts';
import { formatDate, formatLongDate, stockholmDate } from '../../../kernel/time.ts';
import type { DocumentModel, DocumentSection } from '../../../platform/pdf/document.ts';
import { renderPdf } from '../../../platform/pdf/render.ts';
import { fileName } from '../../filing/document/rules.ts';
import type { Answer } from './rules.ts';

/** FK's answer as a letter, PDF/A-3a, with the same answer as data inside. */
export function printAnswer(answer: Answer, contact: { phone: string }, t: Translate): Promise<Uint8Array> {
  const model = printed(answerDocument(answer, contact, t), t);
  return renderPdf(model, {
    standard: 'a-3a',
    createdAt: answer.document.answeredAt,
    attachment: {
      name: answerFileName(answer, 'json'),
      json: JSON.stringify(answer, null, 2),
      description: t('pdf.data', { title: model.title }),
    },
  });
}

export const answerFileName = ({ document }: Answer, extension: 'pdf' | 'json'): string =>
  fileName('besked', document.reference, extension);

/** The words of the receipt's page (texts-sv), for who has no link, and for the case file. */
export function answerDocument(
  { document, to, answer }: Answer,
  contact: { phone: string },
  t: Translate,
): DocumentModel {
  const { reference, ownReference, receivedAt, answeredAt } = document;
  const section = (heading: string, text: string | null): DocumentSection[] =>
    text ? [{ heading, numbered: false, blocks: [{ kind: 'text', text }] }] : [];
  return {
    language: 'sv',
    title: t('answer.title'),
    authority: t('pdf.authority'),
    unit: '',
    diaryLabel: t('letter.reference'),
    diaryNumber: reference,
    pageLabel: t('pdf.page'),
    address: [to.organisation, to.name].filter((line) => line !== ''),
    lead: t(`status.${answer.status}`, { date: answer.holdUntil ? formatDate(answer.holdUntil) : '' }),
    facts: [
      { label: t('letter.from'), value: t('pdf.authority') },
      { label: t('letter.reference'), value: reference },
      ...(ownReference ? [{ label: t('answer.ownReference'), value: ownReference }] : []),
      { label: t('answer.received'), value: formatLongDate(stockholmDate(receivedAt)) },
      { label: t('answer.date'), value: formatLongDate(stockholmDate(answeredAt)) },
    ],
    sections: [
      ...section(t(answer.status === 'needs_info' ? 'receipt.question' : 'receipt.from'), answer.text),
      ...section(t('receipt.reason'), answer.reasonCode && t(`decline.${answer.reasonCode}`)),
      ...section(t('receipt.instead'), answer.instead),
      ...section(t('answer.questions'), t('answer.contact', contact)),
    ],
    footer: t('answer.footer', { ref: reference }),
  };
}
