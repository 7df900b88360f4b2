import { type MailText, paragraphsOf, type Translate } from '../../kernel/mail.ts';
import { formatDate, type IsoDate, type IsoInstant } from '../../kernel/time.ts';

/** Facts of a mail to a requester: enough to render it when it leaves, with no link and no word about a person. */
export type RequesterFacts = {
  to: string;
  requestId: string;
  linkGeneration: number;
  reference: string;
  /** Day to answer by, when FK asks for more. */
  answerBy: IsoDate | null;
};

type Request = { id: string; reference: string; linkGeneration: number };

function message(kind: string, request: Request, dedupe: string, facts: { to: string; answerBy: IsoDate | null }) {
  const { id: requestId, linkGeneration, reference } = request;
  return {
    kind,
    stream: requestId,
    dedupeKey: `${kind} ${requestId} ${dedupe}`,
    facts: { requestId, linkGeneration, reference, ...facts } satisfies RequesterFacts,
  };
}

/** "We have your request", with the link to the receipt. Once per request. */
export const receiptMessage = (request: Request, to: string) =>
  message('request.receipt', request, '', { to, answerBy: null });

/** "Your request has a new link". Once per link. */
export const newLinkMessage = (request: Request, to: string) =>
  message('request.link', request, String(request.linkGeneration), { to, answerBy: null });

/** "There is an answer", or with `answerBy` "we have a question". Once per act of FK's. */
export const newsMessage = (request: Request, to: string, now: IsoInstant, answerBy: IsoDate | null) =>
  message(answerBy === null ? 'request.news' : 'request.ask', request, now, { to, answerBy });

/** The words of the mails a requester can get (texts-sv 5): neutral, the same whatever the answer is. */
export function requesterMail(kind: string, facts: RequesterFacts, link: string, t: Translate): MailText {
  const name = kind.slice('request.'.length);
  const date = facts.answerBy === null ? '' : formatDate(facts.answerBy);
  return {
    subject: t(`mail.${name}.subject`, { ref: facts.reference }),
    paragraphs: paragraphsOf(t(`mail.${name}.body`, { link, date })),
    link,
    officerName: null,
  };
}
