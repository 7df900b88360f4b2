import { type MailText, paragraphsOf, type Translate } from '../../kernel/mail.ts';
import {
  formatClock,
  formatDate,
  formatLongDate,
  formatWeekday,
  type IsoDate,
  type IsoInstant,
  stockholmDate,
} from '../../kernel/time.ts';
import type { Meeting, Participant, PlaceKind } from '../meeting/rules.ts';
import { type Reminder, reminderKinds } from '../reminder/rules.ts';
import { answerBy, type FixedMeeting } from './rules.ts';

/** `address`: to the address somebody had before; `counter_declined`: the time they proposed is not to be. */
export type InvitationKind = 'request' | 'update' | 'place' | 'cancel' | 'removed' | 'address' | 'counter_declined';

/** Facts of a mail to a participant: when and roughly where, and not a word about whom or what it concerns. */
export type InvitationFacts = {
  to: string;
  participantId: string;
  meetingId: string;
  linkGeneration: number;
  /** Of the plus-address that answers go to. */
  mailTag: string;
  reference: string;
  uid: string;
  sequence: number;
  startsAt: IsoInstant;
  endsAt: IsoInstant;
  placeKind: PlaceKind;
  /** The FK unit's registered address: what the place is called when it is `office`. */
  officeAddress: string;
  officerName: string;
  phone: string;
  answerBy: IsoDate;
};

/** The facts of one participant's message at `sequence`. A typed place or video link is never among them. */
export function invitationFacts(
  meeting: FixedMeeting,
  one: Participant,
  sequence: number,
  now: IsoInstant,
): InvitationFacts {
  return {
    to: one.person.email,
    participantId: one.id,
    meetingId: meeting.id,
    linkGeneration: one.linkGeneration,
    mailTag: one.mailTag,
    reference: meeting.reference,
    uid: meeting.uid,
    sequence,
    startsAt: meeting.startsAt,
    endsAt: meeting.endsAt,
    placeKind: meeting.placeKind,
    officeAddress: meeting.unit.address,
    officerName: meeting.officer.name,
    phone: meeting.officer.phone,
    answerBy: answerBy(meeting.startsAt, now),
  };
}

/** Of all that is sent to a plus-address, in order. */
export const streamOf = (mailTag: string): string => `invitation ${mailTag}`;

/**
 * One message of each kind per SEQUENCE and link, and per what else it is `about`. They leave in order per plus-address rather than per participant,
 * so that the CANCEL to somebody removed never comes after the REQUEST when they are added again.
 */
export function invitationMessage(kind: InvitationKind, facts: InvitationFacts, about = '') {
  return {
    kind: `invitation.${kind}`,
    stream: streamOf(facts.mailTag),
    dedupeKey: `invitation ${facts.participantId} ${facts.sequence} ${kind} ${facts.linkGeneration}${about}`,
    meetingId: facts.meetingId,
    facts,
  };
}

/**
 * One reminder for each time that is due, in the stream of what else is sent to them. It has no calendar object, since
 * nothing in anybody's calendar changes.
 */
export const reminderMessage = (kind: Reminder, facts: InvitationFacts, dueAt: IsoInstant) => ({
  ...invitationMessage('request', facts),
  kind: reminderKinds[kind],
  dedupeKey: `reminder ${facts.participantId} ${dueAt}`,
});

/** To the officer: that somebody cannot come, and neither who nor when. */
export type DeclinedFacts = { to: string; meetingId: string; reference: string };

/** One for each participant and each time of the meeting. */
export const declinedMessage = (to: string, meeting: Meeting, one: Participant) => ({
  kind: 'officer.declined',
  stream: `officer ${meeting.officer.id}`,
  dedupeKey: `declined ${one.id} ${one.sentSequence}`,
  meetingId: meeting.id,
  facts: { to, meetingId: meeting.id, reference: meeting.reference } satisfies DeclinedFacts,
});

export const declinedMail = (facts: DeclinedFacts, link: string, t: Translate): MailText => ({
  subject: t('mail.declined.subject', { ref: facts.reference }),
  paragraphs: paragraphsOf(t('mail.declined.body', { link })),
  link,
  officerName: null,
});

export type NewsFacts = Pick<
  InvitationFacts,
  'to' | 'participantId' | 'linkGeneration' | 'mailTag' | 'reference' | 'sequence' | 'officerName'
>;

/**
 * What is mailed instead about somebody whose identity is protected: that there is something to read, and neither time
 * nor place. Those stand in the letter, and on the pages of who signs in.
 */
export function newsMessage(kind: InvitationKind, facts: InvitationFacts, about = '') {
  const { to, participantId, linkGeneration, mailTag, reference, sequence, officerName } = facts;
  const message = invitationMessage(kind, facts, about);
  const kept: NewsFacts = { to, participantId, linkGeneration, mailTag, reference, sequence, officerName };
  return { ...message, kind: 'participation.news', facts: kept };
}

/** That the officer has answered what the person asked for: a mail that there is something to read, and nothing else. */
export function answeredMessage(meeting: Meeting, one: Participant, adaptationId: string) {
  const facts: NewsFacts = {
    to: one.person.email,
    participantId: one.id,
    linkGeneration: one.linkGeneration,
    mailTag: one.mailTag,
    reference: meeting.reference,
    sequence: meeting.sequence,
    officerName: meeting.officer.name,
  };
  const dedupeKey = `adaptation ${adaptationId}`;
  return {
    ...{ kind: 'participation.news', stream: `invitation ${one.mailTag}` },
    ...{ dedupeKey, meetingId: meeting.id, facts },
  };
}

export const newsMail = (
  facts: Pick<NewsFacts, 'reference' | 'officerName'>,
  link: string,
  t: Translate,
): MailText => ({
  subject: t('mail.person.subject', { ref: facts.reference }),
  paragraphs: paragraphsOf(t('mail.person.body', { link })),
  link,
  officerName: facts.officerName,
});

/** The place in words that point at nobody's clinic or workplace (calendar.md "Content"). */
const neutralPlace = (facts: InvitationFacts, t: Translate): string =>
  facts.placeKind === 'office' ? facts.officeAddress : t(`placeNeutral.${facts.placeKind}`);

const texts: Record<string, { subject: string; body: string }> = {
  'invitation.request': { subject: 'mail.invite.subject', body: 'mail.invite.body' },
  'invitation.update': { subject: 'mail.update.subject', body: 'mail.update.body' },
  'invitation.place': { subject: 'mail.update.subject', body: 'mail.updatePlace.body' },
  'invitation.cancel': { subject: 'mail.cancel.subject', body: 'mail.cancel.body' },
  'invitation.removed': { subject: 'mail.cancel.subject', body: 'mail.removed.body' },
  'invitation.address': { subject: 'mail.cancel.subject', body: 'mail.address.body' },
  [reminderKinds.meeting]: { subject: 'mail.reminder.subject', body: 'mail.reminder.body' },
  [reminderKinds.answer]: { subject: 'mail.reminderAnswer.subject', body: 'mail.reminderAnswer.body' },
  'invitation.counter_declined': { subject: 'mail.counterDeclined.subject', body: 'mail.counterDeclined.body' },
};

/** Where answers are taken: a calendar's only where the reply mailbox is read. */
export const answersHow = (byCalendar: boolean, t: Translate): string =>
  byCalendar ? t('mail.how.calendar') : t('mail.how.link');

/** The words of the mails a participant can get (texts-sv 5): the same for everybody, the person included. `how`: as `answersHow` says it. */
export function invitationMail(
  kind: string,
  facts: InvitationFacts,
  link: string,
  how: string,
  t: Translate,
): MailText {
  const keys = texts[kind];
  if (!keys) throw new Error(`no mail of kind ${kind}`);
  const day = stockholmDate(facts.startsAt);
  const params = {
    weekday: formatWeekday(day),
    date: formatDate(day),
    start: formatClock(facts.startsAt),
    end: formatClock(facts.endsAt),
    ref: facts.reference,
    placeNeutral: neutralPlace(facts, t),
    answerBy: formatLongDate(facts.answerBy),
    officerName: facts.officerName,
    phone: facts.phone,
    link,
    how,
  };
  const paragraphs = paragraphsOf(t(keys.body, params));
  return {
    subject: t(keys.subject, params),
    paragraphs,
    link: paragraphs.includes(link) ? link : null,
    officerName: facts.officerName,
  };
}

/** What their calendar says, as render.ts takes it. `organizer` is the plus-address, or any of ours for a download. */
export function invitationCalendar(
  facts: InvitationFacts,
  { link, organizer, dtstamp }: { link: string; organizer: string; dtstamp: IsoInstant },
  t: Translate,
) {
  return {
    uid: facts.uid,
    sequence: facts.sequence,
    dtstamp,
    startsAt: facts.startsAt,
    endsAt: facts.endsAt,
    summary: t('ics.summary', { ref: facts.reference }),
    location: neutralPlace(facts, t),
    description: t('ics.description', { link }),
    url: link,
    organizer,
    attendee: facts.to,
  };
}
