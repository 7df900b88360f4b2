import { type MailText, paragraphsOf, type Translate } from '../../../kernel/mail.ts';
import type { IsoDate } from '../../../kernel/time.ts';
import { answerKind, type DigestFacts, digestKind } from './rules.ts';

/** `print`: the keyed fingerprint of the address: one mail to it a day, whatever there is to tell. */
export const digestMessage = (facts: DigestFacts, print: string) => ({
  kind: digestKind,
  stream: `measures ${print}`,
  dedupeKey: digestKey(print, facts.day),
  facts,
});
export const digestKey = (print: string, day: IsoDate): string => `measures ${print} ${day}`;

export type AnsweredFacts = { to: string; measureId: string; linkGeneration: number };

export const answeredMessage = ({ id, ...facts }: AnsweredFacts & { id: string }) => ({
  kind: answerKind,
  stream: `measure ${facts.measureId}`,
  dedupeKey: `measure answer ${id}`,
  facts,
});

/** `own`: pages of the measures, or the one where all are; `late`: the officer's list. Each stands on a line of its own. */
export function digestMail(links: { own: readonly string[]; late: string | null }, t: Translate): MailText {
  const { own, late } = links;
  const paragraphs = [
    ...(own.length > 0 ? [...paragraphsOf(t('mail.measures.body')), ...own] : []),
    ...(late === null ? [] : [...paragraphsOf(t('mail.measures.late')), late]),
    ...paragraphsOf(t('mail.measures.end')),
  ];
  return {
    subject: t('mail.measures.subject'),
    paragraphs,
    ...{ link: null, links: late === null ? own : [...own, late], officerName: null },
  };
}

export const answeredMail = (link: string, t: Translate): MailText => ({
  subject: t('mail.measureAnswered.subject'),
  paragraphs: paragraphsOf(t('mail.measureAnswered.body', { link })),
  link,
  officerName: null,
});
