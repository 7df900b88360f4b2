import { type MailText, paragraphsOf, type Translate } from '../../../kernel/mail.ts';

/** Facts of the mail that says that there is something to read, and not a word about what or about whom. */
export type ReleaseFacts = {
  to: string;
  participantId: string;
  /** Of the link that they read by; null for whoever signs in. */
  linkGeneration: number | null;
  releaseId: string;
  reference: string;
  officerName: string;
};

/** One message per copy and address; neither stands in what is not sealed. */
export const releaseMessage = (facts: ReleaseFacts) => ({
  kind: 'release.news',
  stream: `release ${facts.participantId}`,
  dedupeKey: `release ${facts.releaseId} ${facts.participantId}`,
  facts,
});

export function releaseMail(facts: ReleaseFacts, link: string, t: Translate): MailText {
  return {
    subject: t('mail.person.subject', { ref: facts.reference }),
    paragraphs: paragraphsOf(t(facts.linkGeneration === null ? 'mail.person.body' : 'mail.coded.body', { link })),
    link,
    officerName: facts.officerName,
  };
}
