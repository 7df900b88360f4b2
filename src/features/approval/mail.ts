import { type MailText, paragraphsOf, type Translate } from '../../kernel/mail.ts';
import { formatLongDate, type IsoDate } from '../../kernel/time.ts';
import type { Meeting, Participant } from '../meeting/rules.ts';

/** `again`: something was changed; `remind`: no answer yet; `final` and `amended`: there is something to read. */
export const reviewMailKinds = ['ask', 'again', 'remind', 'final', 'amended'] as const;
export type ReviewMailKind = (typeof reviewMailKinds)[number];

/** Facts of a mail that there is something to read, and not a word about what or about whom. */
export type ReviewFacts = {
  to: string;
  participantId: string;
  meetingId: string;
  reference: string;
  officerName: string;
  phone: string;
  /** Until when an answer is asked for; null when none is. */
  lastDay: IsoDate | null;
};

/** One of each kind per participant and `about`: a day, or a document's number. They leave in order. */
export function reviewMessage(
  kind: ReviewMailKind,
  meeting: Meeting,
  one: Participant,
  lastDay: IsoDate | null,
  about: string,
) {
  const facts: ReviewFacts = {
    ...{ to: one.person.email, participantId: one.id, meetingId: meeting.id, reference: meeting.reference },
    ...{ officerName: meeting.officer.name, phone: meeting.officer.phone, lastDay },
  };
  return {
    ...{ kind: `review.${kind}`, stream: `review ${one.id}`, meetingId: meeting.id, facts },
    dedupeKey: `review ${kind} ${one.id} ${about}`,
  };
}

export function reviewMail(kind: string, facts: ReviewFacts, link: string, t: Translate): MailText {
  const { reference: ref, phone, lastDay } = facts;
  const asks = lastDay !== null;
  const key = kind === 'review.remind' ? 'mail.reviewRemind' : asks ? 'mail.review' : 'mail.reviewRead';
  return {
    subject: t(`${key}.subject`, { ref }),
    paragraphs: paragraphsOf(t(`${key}.body`, { link, phone, ...(lastDay && { day: formatLongDate(lastDay) }) })),
    link,
    officerName: facts.officerName,
  };
}
