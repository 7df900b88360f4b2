import { type MailText, paragraphsOf, type Translate } from '../../kernel/mail.ts';
import { formatDate, type IsoDate } from '../../kernel/time.ts';

/** Facts of the mail to somebody who got what was not for them, or a document that has been corrected: no word of it. */
export type CorrectionFacts = {
  to: string;
  noticeId: string;
  phone: string;
  officerName: string;
  sentOn: IsoDate | null;
};

/** Once per correction and receiver. */
export function correctionMessage(participantId: string, facts: CorrectionFacts) {
  return {
    kind: facts.sentOn === null ? 'correction.corrected' : 'correction.wrong_recipient',
    stream: `correction ${participantId}`,
    dedupeKey: `correction ${facts.noticeId}`,
    facts,
  };
}

export function correctionMail(facts: CorrectionFacts, t: Translate): MailText {
  const { phone, officerName, sentOn } = facts;
  const [subject, body] =
    sentOn === null
      ? [t('mail.corrected.subject'), t('mail.corrected.body', { phone })]
      : [t('mail.wrongRecipient.subject'), t('mail.wrongRecipient.body', { phone, date: formatDate(sentOn) })];
  return { subject, paragraphs: paragraphsOf(body), link: null, officerName };
}
