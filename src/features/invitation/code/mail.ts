import { type MailText, paragraphsOf, type Translate } from '../../../kernel/mail.ts';
import { codeMinutes } from './rules.ts';

/** The code is not among the facts: it is derived from the id when the mail is made. */
export type CodeFacts = { to: string; codeId: string };

export const codeMessage = (code: { id: string; participantId: string; to: string }) => ({
  kind: 'participation.code',
  stream: `code ${code.participantId}`,
  dedupeKey: `code ${code.id}`,
  facts: { to: code.to, codeId: code.id } satisfies CodeFacts,
});

/** texts-sv 5: nothing but the code. */
export const codeMail = (code: string, t: Translate): MailText => ({
  subject: t('mail.code.subject'),
  paragraphs: paragraphsOf(t('mail.code.body', { code, minutes: codeMinutes })),
  link: null,
  officerName: null,
});
