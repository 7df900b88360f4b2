import { accept, type Decision, refuse } from '../../../kernel/decision.ts';
import { addDays, type IsoDate, type IsoInstant, parseStockholm, stockholmDate } from '../../../kernel/time.ts';
import { addWorkingDays, workingDaysBefore } from '../../../kernel/working-days.ts';
import type { MinutesContent, Objection, ReviewWord } from '../../filing/document/rules.ts';
import type { Participant } from '../../meeting/rules.ts';
import { type Section, type SectionCode, sectionsOf, type TemplateName } from '../template/rules.ts';

/** What is approved piece by piece: the template's sections, and who was there. */
export type ReviewSection = SectionCode | 'participants';

export const answerKinds = ['approved', 'objected', 'added'] as const;
export type AnswerKind = (typeof answerKinds)[number];
export const answerVias = ['own', 'phone', 'letter'] as const;
export type AnswerVia = (typeof answerVias)[number];

/** One thing that a participant has said about a section, as it was worded then. */
export type ReviewAnswer = {
  id: string;
  participantId: string;
  section: ReviewSection;
  sectionVersion: number;
  kind: AnswerKind;
  text: string;
  instead: string;
  via: AnswerVia;
  /** Of what the officer notes: who said it, and on which day. */
  how: string;
  day: IsoDate | null;
  at: IsoInstant;
  /** An objection or an addition: when the officer has read it, and what the officer says to it. */
  readAt: IsoInstant | null;
  answer: string;
  answeredAt: IsoInstant | null;
  withdrawnAt: IsoInstant | null;
};

/** Whom the minutes were given to, with the sections that their word is asked about: none for who may read nothing. */
export type Reader = { participantId: string; sections: ReviewSection[]; told: 'mail' | 'none' };
/** A section was changed while the minutes were out, for the `version`:th time. */
export type SectionChange = { section: ReviewSection; version: number; lastDay: IsoDate; at: IsoInstant };

export type Review = {
  minutesId: string;
  releasedAt: IsoInstant;
  lastDay: IsoDate;
  remindAt: IsoInstant | null;
  readers: Reader[];
  changes: SectionChange[];
  /** In the order they came. */
  answers: ReviewAnswer[];
};

/** Working days that are offered to read minutes, and to read again what was changed. */
const usualDays = 10;
const usualAgain = 5;
/** No review is longer: whoever has not answered within two months is asked in another way. */
const mostDays = 60;
/** Whoever is to read something again has at least these days to it. */
const fewestAgain = 3;

export const usualLastDay = (today: IsoDate): IsoDate => addWorkingDays(today, usualDays);
export const usualLastDayAgain = (today: IsoDate): IsoDate => addWorkingDays(today, usualAgain);

/** Whether somebody can be given until this day. Refuses `notAfterToday`, `tooSoon` (to read again), `tooFar`. */
export function checkLastDay(day: IsoDate, today: IsoDate, again = false): Decision<IsoDate> {
  if (day <= today) return refuse('notAfterToday');
  if (again && day < addDays(today, fewestAgain)) return refuse('tooSoon');
  return day > addDays(today, mostDays) ? refuse('tooFarReview') : accept(day);
}

/** In the morning of the working day before the last day; null when that has begun. */
export function remindAt(lastDay: IsoDate, now: IsoInstant): IsoInstant | null {
  const parsed = parseStockholm(`${workingDaysBefore(lastDay, 1)}T08:00`);
  return parsed.ok && stockholmDate(parsed.instant) > stockholmDate(now) ? parsed.instant : null;
}

/** Whose word is asked: everybody but FK, which writes and locks, and interpreters; of who did not come, the person alone. */
export const isAsked = (one: Pick<Participant, 'party' | 'view'>, attendance: string): boolean =>
  one.party === 'PERSON' ||
  (one.party !== 'FK' && one.party !== 'TOLK' && one.view !== 'no' && attendance !== 'absent');

/** What a section can be read out of: minutes, or what somebody may read of them. */
export type Readable = Pick<MinutesContent, 'participants' | 'texts' | 'taken' | 'measures'>;

const saysAnything = ({ texts, taken = [] }: Readable, { code, fields }: Section): boolean =>
  (code === 'taken_away' && taken.length > 0) || fields.some(({ name }) => texts[name]);

/** The sections of minutes that say anything, in the order they are read; and those that are asked for, whatever they say. */
export function sectionsIn(
  template: TemplateName,
  content: Readable,
  also: readonly ReviewSection[] = [],
): ReviewSection[] {
  const written = sectionsOf(template).filter((one) => also.includes(one.code) || saysAnything(content, one));
  const codes = written.map(({ code }) => code);
  return [
    ...(content.participants.length > 0 || also.includes('participants') ? ['participants' as const] : []),
    ...codes.filter((code) => code !== 'follow_up'),
    ...(content.measures.length > 0 || also.includes('agreed_measures') ? ['agreed_measures' as const] : []),
    ...codes.filter((code) => code === 'follow_up'),
  ];
}

type Changed = Pick<Review, 'changes'>;
type Said = Changed & Pick<Review, 'answers'>;

/** How often a section has been changed while the minutes were out. */
export const versionOf = ({ changes }: Changed, section: ReviewSection): number =>
  Math.max(0, ...changes.filter((one) => one.section === section).map(({ version }) => version));

/** The last day to answer about a section: the review's, or that of its latest change. */
export const lastDayOf = (review: Changed & Pick<Review, 'lastDay'>, section: ReviewSection): IsoDate =>
  review.changes.findLast((one) => one.section === section)?.lastDay ?? review.lastDay;

/** The last of all last days. */
export const endOf = ({ lastDay, changes }: Changed & Pick<Review, 'lastDay'>): IsoDate =>
  changes.reduce((last, one) => (one.lastDay > last ? one.lastDay : last), lastDay);

type Approval = { state: 'none' | 'approved' | 'objected'; at: IsoInstant | null; via: AnswerVia | null };

/** states.md "Section approval": what a participant's latest word about a section is, as it is worded now. */
export function approvalOf(review: Said, participantId: string, section: ReviewSection): Approval {
  const version = versionOf(review, section);
  const last = review.answers.findLast(
    (one) =>
      one.participantId === participantId &&
      one.section === section &&
      one.kind !== 'added' &&
      one.withdrawnAt === null &&
      one.sectionVersion === version,
  );
  if (!last || last.kind === 'added') return { state: 'none', at: null, via: null };
  return { state: last.kind, at: last.at, via: last.via };
}

/**
 * Whether an objection or an addition still stands: it was not taken back, and whoever objected has not approved the
 * section after a change.
 */
export function stands(review: Pick<Review, 'answers'>, one: ReviewAnswer): boolean {
  if (one.kind === 'approved' || one.withdrawnAt !== null) return false;
  return (
    one.kind === 'added' ||
    !review.answers.some(
      (later) =>
        later.participantId === one.participantId &&
        later.section === one.section &&
        later.kind === 'approved' &&
        later.sectionVersion > one.sectionVersion,
    )
  );
}

/** What stands, in the order it came. */
export const standing = (review: Pick<Review, 'answers'>): ReviewAnswer[] =>
  review.answers.filter((one) => stands(review, one));

/** What the officer has not read: minutes are never locked over it. */
export const unread = (review: Pick<Review, 'answers'>): ReviewAnswer[] =>
  review.answers.filter(
    ({ kind, readAt, withdrawnAt }) => kind !== 'approved' && readAt === null && withdrawnAt === null,
  );

/** What somebody's word is, all sections taken together. Silence is not a yes. */
export function wordOf(review: Said, reader: Reader): ReviewWord {
  if (reader.sections.length === 0) return { state: 'not_asked', at: null, via: null };
  const said = reader.sections.map((section) => approvalOf(review, reader.participantId, section));
  const own = standing(review).filter(
    ({ participantId, kind }) => participantId === reader.participantId && kind === 'objected',
  );
  const latest = [...said, ...own].reduce<Pick<ReviewWord, 'at' | 'via'>>(
    (last, { at, via }) => (at !== null && at > (last.at ?? '') ? { at, via } : last),
    { at: null, via: null },
  );
  if (own.length > 0) return { state: 'objected', ...latest };
  const approved = said.filter(({ state }) => state === 'approved').length;
  const state = approved === said.length ? 'approved' : approved > 0 ? 'partly' : 'silent';
  return { state, ...latest };
}

/** Whether somebody has said something about every section that is theirs, as it is worded now. */
export const hasAnswered = (review: Said, reader: Reader): boolean =>
  reader.sections.every((section) => approvalOf(review, reader.participantId, section).state !== 'none');

/** A review ends when everybody has answered, or with its last day. */
export const isOver = (review: Review, now: IsoInstant): boolean =>
  stockholmDate(now) > endOf(review) || review.readers.every((reader) => hasAnswered(review, reader));

/** Refuses `unread_objections` and `review_open`. Minutes that were never out for review are not this rule's. */
export function mayFinalise(review: Review | null, now: IsoInstant): Decision<null> {
  if (review === null) return accept(null);
  if (unread(review).length > 0) return refuse('unread_objections');
  return isOver(review, now) ? accept(null) : refuse('review_open');
}

/**
 * Whether somebody may say this about a section. Refuses `section` for one that is not theirs, and `objected`: whoever
 * has objected takes that back before they approve the same words.
 */
export function mayAnswer(
  review: Said,
  reader: Reader,
  given: { kind: AnswerKind; section: ReviewSection },
): Decision<null> {
  if (!reader.sections.includes(given.section)) return refuse('section');
  const { state } = approvalOf(review, reader.participantId, given.section);
  return given.kind === 'approved' && state === 'objected' ? refuse('objected') : accept(null);
}

/** The sections that somebody's whole approval is about: those of theirs that they have said nothing about. */
export const leftToApprove = (review: Said, reader: Reader): ReviewSection[] =>
  reader.sections.filter((section) => approvalOf(review, reader.participantId, section).state === 'none');

/** Tells whether what somebody looked at is still how the sections are worded. */
export const wordingOf = (review: Changed, sections: readonly ReviewSection[]): string =>
  sections.map((section) => `${section}.${versionOf(review, section)}`).join(' ');

/** What a review comes to in the minutes: everybody's word by participant, and what stands of what was said. */
export type ReviewRecord = {
  review: { releasedAt: IsoInstant; lastDay: IsoDate; answers: string[] };
  words: ReadonlyMap<string, ReviewWord>;
  objections: Objection[];
};

export function recordOf(
  review: Review,
  participants: readonly Pick<Participant, 'id' | 'party' | 'person'>[],
  lockedOn: IsoDate,
): ReviewRecord {
  const byId = new Map(participants.map((one) => [one.id, one]));
  const objections = standing(review).flatMap((one): Objection[] => {
    const by = byId.get(one.participantId);
    if (!by) return [];
    const { section, at, text, instead, answer } = one;
    const { name, organisation } = by.person;
    const kind = one.kind as Objection['kind'];
    return [{ kind, party: by.party, name, organisation, section, at, text, instead, answer }];
  });
  return {
    review: {
      releasedAt: review.releasedAt,
      lastDay: lockedOn < endOf(review) ? lockedOn : endOf(review),
      answers: review.answers.map(({ id }) => id).sort(),
    },
    words: new Map(review.readers.map((reader) => [reader.participantId, wordOf(review, reader)])),
    objections,
  };
}
