import type { FieldValues } from '../../kernel/fields.ts';
import type { Party } from '../../kernel/parties.ts';
import type { IsoDate } from '../../kernel/time.ts';
import type { CaseParty } from '../case/party/rules.ts';
import { isAllowed, partsOf, sourceOfMinutes } from '../consent/release/rules.ts';
import type { Consent } from '../consent/rules.ts';
import type { MeasureContent, MinutesContent } from '../filing/document/rules.ts';
import type { Participant } from '../meeting/rules.ts';
import { hasAnswered, type Review, type ReviewSection, sectionsIn } from '../minutes/review/rules.ts';
import {
  attendanceField,
  attendances,
  contentOf,
  type FieldRule,
  fieldsOf,
  measureParties,
  type OutlineText,
  outline,
  partsField,
  partsOfMeeting,
  templateOf,
  type Worded,
  writtenSections,
} from '../minutes/rules.ts';
import { sectionsOf } from '../minutes/template/rules.ts';
import type { MeasureDraft } from '../plan/rules.ts';

const notFiled = { position: 0, lastNumber: 0, finalisedAt: '', finalisedBy: '', reason: '', noFollowUpReason: '' };

/** Minutes as they would be filed now, for who reads them before. */
export const draftOf = (facts: Worded): MinutesContent => contentOf(facts, notFiled);

const partName = (list: string, entry: string | number): string => [list, entry].join('.');

/** Who reads: the person, who may read everything about themselves, or a party of the case; null for nobody known. */
export type Reading = 'person' | CaseParty | null;

/**
 * What somebody may read of minutes before they are final: the person all of it but what is internal, a party what a copy
 * would hold today (features/consent/release). Nothing tells that there was more.
 */
export function readableBy(
  content: MinutesContent,
  reading: Reading,
  consents: readonly Consent[],
  today: IsoDate,
): MinutesContent {
  if (reading === 'person') return content;
  const allowed = reading === null ? [] : partsOf(sourceOfMinutes(content), reading, consents, [], today);
  const names = new Set(allowed.filter(isAllowed).map(({ name }) => name));
  const kept = (list: string) => (_: unknown, i: number) => names.has(partName(list, i));
  const texts = Object.entries(content.texts).filter(([field]) => names.has(partName('texts', field)));
  const own = texts.some(([field]) => field.startsWith('question-own_question-'));
  return {
    ...content,
    participants: content.participants.filter(kept('participants')),
    texts: Object.fromEntries(own ? [...texts, ['ownQuestion', content.texts.ownQuestion ?? '']] : texts),
    taken: (content.taken ?? []).filter(kept('taken')),
    measures: content.measures.filter(kept('measures')),
    objections: [],
  };
}

/** The sections that somebody's word is asked about. */
export const sectionsFor = (...given: Parameters<typeof readableBy>): ReviewSection[] => {
  const content = readableBy(...given);
  return sectionsIn(templateOf(content), content);
};

/** Told by mail: where somebody has verified the address and mail comes through. Otherwise the officer rings or writes. */
export const isTold = ({
  person,
  verifiedAt,
  delivery,
}: Pick<Participant, 'person' | 'verifiedAt' | 'delivery'>): boolean =>
  person.email !== '' && verifiedAt !== null && delivery !== 'bounced';

/** Who is reminded: whoever has something to answer and has not; not a person who wants no reminders. */
export const silent = <P extends Pick<Participant, 'id' | 'party'>>(
  review: Review,
  participants: readonly P[],
  wantsReminders: boolean,
): P[] =>
  participants.filter(({ id, party }) => {
    const reader = review.readers.find(({ participantId }) => participantId === id);
    return reader && !hasAnswered(review, reader) && (party !== 'PERSON' || wantsReminders);
  });

/** A section as it is read; `heading` and labels are text keys, `codes` are answers out of a list. */
export type SectionRead = {
  code: ReviewSection;
  heading: string;
  question: string;
  texts: OutlineText[];
  codes: { label: string; family: string; code: string }[];
  participants: MinutesContent['participants'];
  taken: NonNullable<MinutesContent['taken']>;
  measures: MinutesContent['measures'];
  followUpDate: string;
};

/** Minutes, or what somebody may read of them, section by section in the order they are read; `also` those, with or without a text. */
export function sectionsRead(content: MinutesContent, also: readonly ReviewSection[] = []): SectionRead[] {
  const template = templateOf(content);
  const outlined = outline(template, content.texts);
  return sectionsIn(template, content, also).map((code) => {
    const section = sectionsOf(template).find((one) => one.code === code);
    const heading = section?.heading ?? (code === 'participants' ? 'min.participants' : 'min.measures');
    const told = section && outlined.find((one) => one.heading === section.heading);
    const purpose = code === 'follow_up' ? content.texts.followUpPurpose : undefined;
    return {
      code,
      heading,
      question: code === 'own_question' ? (content.texts.ownQuestion ?? '') : '',
      texts: purpose ? [{ label: '', text: purpose, own: false }] : (told?.texts ?? []),
      codes: (section?.fields ?? []).flatMap(({ name, type, label, family = '' }) =>
        type === 'code' && content.texts[name] ? [{ label, family, code: content.texts[name] }] : [],
      ),
      participants: code === 'participants' ? content.participants : [],
      taken: code === 'taken_away' ? (content.taken ?? []) : [],
      measures: code === 'agreed_measures' ? content.measures : [],
      followUpDate: code === 'follow_up' ? (content.texts.followUpDate ?? '') : '',
    };
  });
}

/** The sections of some minutes that can be changed while they are out: those without a text too, so that one can come. */
export function changeable({ template }: Pick<Worded, 'template'>): ReviewSection[] {
  const written = writtenSections(template).flatMap(({ code }): ReviewSection[] =>
    code === 'follow_up' ? ['agreed_measures', code] : [code],
  );
  return ['participants', ...written];
}

/** What a form says of a measure: of one that there is, or a new one. */
export type MeasureRow = MeasureDraft & { id: string };

/** The words of a measure, for telling whether anything about it is another. */
export const draftFields = [
  ...(['text', 'carriedOutBy', 'person', 'followedUpBy', 'due', 'goal', 'kind', 'start', 'followUpOn'] as const),
];
export const sameMeasure = (one: Partial<MeasureDraft>, other: Partial<MeasureDraft>): boolean =>
  draftFields.every((name) => (one[name] ?? '') === (other[name] ?? ''));

export const asDraft = (one: MeasureContent): MeasureRow => ({
  ...{ kind: null, start: null, followUpOn: null },
  ...one,
});

/** A field of a section as a form shows it. `person`: whose attendance it is. */
export type SheetField = {
  name: string;
  type: 'textarea' | 'text' | 'date' | 'select' | 'checkbox';
  label: string;
  person: string;
  help: string;
  family: string;
  options: readonly string[];
};
const inputs = { text: 'textarea', line: 'text', date: 'date', code: 'select' } as const;

/** The fields of a section of some minutes; none for measures, which have a form of their own. */
export function sheetOf(facts: Pick<Worded, 'template' | 'participants'>, code: ReviewSection): SheetField[] {
  const { template, participants } = facts;
  if (code === 'participants') {
    const parts = partsOfMeeting(template);
    return participants.flatMap(({ id, person }): SheetField[] => {
      const common = { person: [person.name, person.organisation].filter(Boolean).join(', '), help: '' };
      const attendance = { name: attendanceField(id), label: 'min.attendance.who', family: 'attendance' };
      const there = { name: partsField(id), label: 'min.parts.who', family: 'min.section', options: parts };
      return [
        { ...common, ...attendance, type: 'select', options: attendances },
        ...(parts.length > 0 ? [{ ...common, ...there, type: 'checkbox' as const }] : []),
      ];
    });
  }
  const section = writtenSections(template).find((one) => one.code === code);
  return (section?.fields ?? []).map(({ name, type, label, help = '', family = '', codes = [] }) => ({
    ...{ name, type: inputs[type], label, person: '', help, family, options: codes },
  }));
}

/** How the fields of a sheet are checked. */
export function rulesFor(facts: Pick<Worded, 'template'>, fields: readonly SheetField[]): FieldRule[] {
  const names = new Set(fields.map(({ name }) => name));
  return [...fieldsOf(facts.template).values()].filter(({ name }) => names.has(name));
}

/**
 * Names the fields of a measure in a form by the measure, so that they are its own whatever comes or goes beside it;
 * `i`: which of the new ones, where it has no id.
 */
export const measureField = (id: string, i: number, name: string): string => `measure-${id || `new${i}`}-${name}`;

export type MeasureForm = {
  isNew: boolean;
  id: string;
  number: number | null;
  text: string;
  names: Record<string, string>;
};

/** The form's rows of measures, the new ones last, with their values as the form has them. */
export function measureForms(
  measures: readonly (MeasureRow & { number: number | null })[],
  newRows: number,
  values: FieldValues,
): { rows: MeasureForm[]; values: FieldValues } {
  const all = [...measures, ...Array.from({ length: newRows }, () => null)];
  const given: FieldValues = {};
  const rows = all.map((one, i): MeasureForm => {
    const field = (name: string) => measureField(one?.id ?? '', i - measures.length, name);
    const names = Object.fromEntries([...draftFields, 'remove'].map((name) => [name, field(name)]));
    for (const name of draftFields) given[field(name)] = String(one?.[name] ?? '');
    return { isNew: one === null, id: one?.id ?? '', number: one?.number ?? null, text: one?.text ?? '', names };
  });
  return { rows, values: { ...given, ...values } };
}

const lists = (field: SheetField, text: string) => (field.type === 'checkbox' ? text.split(' ').filter(Boolean) : text);

/** What the fields of some sections say now, as a form has them. */
export const valuesOf = (fields: readonly SheetField[], text: (name: string) => string): FieldValues =>
  Object.fromEntries(fields.map((field) => [field.name, lists(field, text(field.name))]));

export const partyChoices = (participants: readonly { party: Party }[]) => {
  const { here, others } = measureParties(participants);
  return [
    { group: 'min.parties.here', options: here },
    { group: 'min.parties.others', options: others },
  ];
};
