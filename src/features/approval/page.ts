import type { FieldErrors, FieldValues } from '../../kernel/fields.ts';
import type { Party } from '../../kernel/parties.ts';
import { type IsoInstant, stockholmDate } from '../../kernel/time.ts';
import { measureKinds } from '../filing/document/rules.ts';
import type { Participant } from '../meeting/rules.ts';
import {
  answerKinds,
  approvalOf,
  endOf,
  isOver,
  lastDayOf,
  leftToApprove,
  type Reader,
  type Review,
  type ReviewAnswer,
  type ReviewSection,
  stands,
  unread,
  usualLastDay,
  usualLastDayAgain,
  versionOf,
  wordingOf,
  wordOf,
} from '../minutes/review/rules.ts';
import type { MinutesFacts } from '../minutes/rules.ts';
import { changeable, draftOf, isTold, measureForms, partyChoices, sectionsRead, sheetOf, valuesOf } from './rules.ts';

export type Form = { values: FieldValues; errors: FieldErrors };
export const emptyForm: Form = { values: {}, errors: {} };

const headingOf = ({ meeting }: MinutesFacts) => ({
  ...{ id: meeting.id, caseId: meeting.caseId, kind: meeting.kind, individual: meeting.individual.name },
  ...{ startsAt: meeting.startsAt, endsAt: meeting.endsAt },
});

type Known = Pick<Participant, 'id' | 'party' | 'person'>;
const nameOf = ({ person }: Known): string => [person.name, person.organisation].filter(Boolean).join(', ');

/** Before minutes go out: who will read what, and until when. */
export function releasePage(
  facts: MinutesFacts,
  sections: ReadonlyMap<string, ReviewSection[]>,
  form: Form,
  now: IsoInstant,
) {
  const usual = usualLastDay(stockholmDate(now));
  return {
    meeting: headingOf(facts),
    form: { ...form, values: { lastDay: usual, ...form.values } },
    readers: facts.participants.map((one) => {
      const own = sections.get(one.id) ?? [];
      return {
        ...{ id: one.id, name: nameOf(one), party: one.party as Party, own, asked: sections.has(one.id) },
        all: one.party === 'PERSON',
        mail: own.length > 0 && isTold(one),
        account: one.accountId !== null,
      };
    }),
    attention: [...sections.values()].every((list) => list.length === 0),
  };
}

const settled = (review: Review, one: ReviewAnswer, by: Known | undefined) => ({
  ...{ id: one.id, kind: one.kind, text: one.text, instead: one.instead, at: one.at, via: one.via },
  ...{ how: one.how, day: one.day, readAt: one.readAt, answer: one.answer, answeredAt: one.answeredAt },
  name: by ? nameOf(by) : '',
  stands: stands(review, one),
  withdrawn: one.withdrawnAt !== null,
  answerField: `answer-${one.id}`,
  answerLabel: one.answer === '' ? 'app.answer.write' : 'app.answer.again',
});

/** What everybody who reads a section has said about it, and the names of those who have not. */
function answersAbout(review: Review, readers: readonly { reader: Reader; one: Known }[], section: ReviewSection) {
  const answers = readers
    .filter(({ reader }) => reader.sections.includes(section))
    .map(({ one }) => ({ name: nameOf(one), ...approvalOf(review, one.id, section) }));
  return {
    answers: answers.filter(({ state }) => state !== 'none'),
    silent: answers.flatMap(({ state, name }) => (state === 'none' ? [name] : [])).join('; '),
  };
}

/** Minutes that are out, for the officer: what everybody says about each section, and what is left to do. */
export function overviewPage(facts: MinutesFacts, form: Form, now: IsoInstant, changed: boolean) {
  const review = facts.review as Review;
  const byId = new Map(facts.participants.map((one) => [one.id, one]));
  const readers = review.readers.flatMap((reader) => {
    const one = byId.get(reader.participantId);
    return one ? [{ reader, one }] : [];
  });
  const over = isOver(review, now);
  const said = review.answers.filter(({ kind }) => kind !== 'approved');
  const sections = sectionsRead(
    draftOf(facts),
    said.map(({ section }) => section),
  );
  const all = sectionsRead(draftOf(facts), changeable(facts));
  const saying = sectionsRead(draftOf(facts)).map(({ code }) => code);
  return {
    meeting: headingOf(facts),
    form,
    changed,
    lastDay: endOf(review),
    passed: stockholmDate(now) > endOf(review),
    over,
    unread: unread(review).length,
    ready: over && unread(review).length === 0,
    readers: readers.map(({ reader, one }) => ({
      ...{ id: one.id, name: nameOf(one), party: one.party as Party, told: reader.told, word: wordOf(review, reader) },
      asked: reader.sections.length > 0,
      // Of somebody who has said something: how much they have said nothing about.
      left: reader.sections.filter((section) => approvalOf(review, one.id, section).state === 'none').length,
    })),
    /** Those that say nothing, and of which nothing was said. */
    empty: all
      .filter(({ code }) => !sections.some((one) => one.code === code))
      .map(({ code, heading }) => ({
        ...{ code, heading, question: code === 'own_question' ? facts.template.ownQuestion : '' },
      })),
    sections: sections.map((section) => ({
      ...section,
      says: saying.includes(section.code),
      reopened: versionOf(review, section.code) > 0 ? lastDayOf(review, section.code) : '',
      ...answersAbout(review, readers, section.code),
      said: said
        .filter(({ section: of }) => of === section.code)
        .map((one) => settled(review, one, byId.get(one.participantId))),
    })),
  };
}

/** What somebody wrote that could not be kept, to be read and copied. */
export const unsent = ({ text = '', instead = '' }: FieldValues): string[] => [text, instead].flat().filter(Boolean);

/** A participant's own copy: what they may read, with what they have said about it. `readable`: what is theirs to read today. */
export function ownPage(
  facts: MinutesFacts,
  own: { reader: Reader; person: boolean; represents: string },
  readable: ReturnType<typeof draftOf>,
  now: IsoInstant,
  form: Form & { changed: boolean },
) {
  const review = facts.review as Review;
  const theirs = sectionsRead(readable).map(({ code }) => code);
  const codes = own.reader.sections.filter((section) => theirs.includes(section));
  const reader = { ...own.reader, sections: codes };
  const mine = review.answers.filter(
    ({ participantId, kind }) => participantId === reader.participantId && kind !== 'approved',
  );
  // What they said and what still stands is theirs to take back, of a section that they cannot read any more too.
  const about = mine.filter((one) => stands(review, one)).map(({ section }) => section);
  const shown = sectionsRead(readable, about).filter(({ code }) => codes.includes(code) || about.includes(code));
  return {
    meeting: headingOf(facts),
    ...{ form, changed: form.changed, person: own.person, represents: own.represents, unsent: unsent(form.values) },
    phone: facts.meeting.officer.phone,
    lastDay: endOf({ ...review, changes: review.changes.filter(({ section }) => codes.includes(section)) }),
    passed: stockholmDate(now) > endOf(review),
    word: wordOf(review, reader),
    left: leftToApprove(review, reader).length,
    seen: wordingOf(review, codes),
    sections: shown.map((section) => ({
      ...section,
      asked: codes.includes(section.code),
      seen: wordingOf(review, [section.code]),
      reopened: versionOf(review, section.code) > 0 ? lastDayOf(review, section.code) : '',
      approval: approvalOf(review, reader.participantId, section.code),
      said: mine.filter(({ section: of }) => of === section.code).map((one) => settled(review, one, undefined)),
    })),
  };
}

/** Where somebody says what does not hold. */
export function objectPage(facts: MinutesFacts, section: ReturnType<typeof sectionsRead>[number], form: Form) {
  return {
    meeting: headingOf(facts),
    section,
    kinds: answerKinds.filter((kind) => kind !== 'approved'),
    form: { ...form, values: { kind: 'objected', ...form.values } },
  };
}

/** Where the officer notes what somebody said on the telephone or wrote. `sections`: those that their word is asked about. */
export function notePage(facts: MinutesFacts, one: Participant, reader: Reader, form: Form, now: IsoInstant) {
  const review = facts.review as Review;
  return {
    meeting: headingOf(facts),
    one: { id: one.id, name: nameOf(one), party: one.party as Party },
    left: leftToApprove(review, reader).length,
    sections: reader.sections,
    kinds: answerKinds,
    form: { ...form, values: { day: stockholmDate(now), ...form.values } },
  };
}

/** Where the officer changes one section of minutes that are out. */
export function changePage(
  facts: MinutesFacts,
  code: ReviewSection,
  form: Form & { changed: boolean; same: boolean },
  newRows: number,
  now: IsoInstant,
) {
  const review = facts.review as Review;
  const byId = new Map(facts.participants.map((one) => [one.id, one]));
  const fields = sheetOf(facts, code);
  const measures = code === 'agreed_measures' ? measureForms(facts.measures, newRows, {}) : null;
  const values = {
    ...valuesOf(fields, (name) => facts.fields.get(name)?.text ?? ''),
    ...measures?.values,
    lastDay: usualLastDayAgain(stockholmDate(now)),
    ...form.values,
  };
  return {
    meeting: headingOf(facts),
    code,
    // What may be the reason for the change.
    said: review.answers
      .filter((one) => one.section === code && stands(review, one))
      .map((one) => settled(review, one, byId.get(one.participantId))),
    was: wordingOf(review, [code]),
    /** How it is worded now, where somebody else has changed it meanwhile. */
    now: form.changed ? sectionsRead(draftOf(facts), [code]).find((one) => one.code === code) : null,
    fields,
    measures: measures?.rows ?? [],
    parties: partyChoices(facts.participants),
    measureKinds,
    ...{ changed: form.changed, same: form.same, form: { errors: form.errors, values } },
  };
}
