import { type MailText, paragraphsOf, type Translate } from '../../kernel/mail.ts';

/** Facts of the mail, forgotten when it has been sent: then nothing tells whose a link was. */
export type SurveyFacts = { to: string; linkId: string };

/** `unique`: random, so that the row that stays says nothing. */
export const surveyMessage = (facts: SurveyFacts, unique: string) => ({
  kind: 'survey.ask',
  stream: `survey ${unique}`,
  dedupeKey: `survey ${unique}`,
  facts,
});

/** The same words to everybody, and not a word about whom or what it concerns. */
export const surveyMail = (link: string, t: Translate): MailText => ({
  subject: t('mail.survey.subject'),
  paragraphs: paragraphsOf(t('mail.survey.body', { link })),
  link,
  officerName: null,
});
