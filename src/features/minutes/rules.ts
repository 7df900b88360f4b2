import { accept, type Decision, refuse } from '../../kernel/decision.ts';
import { sha256 } from '../../kernel/digest.ts';
import { type Party, partyCodes } from '../../kernel/parties.ts';
import { characters, isReadable, normaliseText } from '../../kernel/text.ts';
import { type IsoInstant, parseDate } from '../../kernel/time.ts';
import type { MinutesContent, ReviewWord, Taken } from '../filing/document/rules.ts';
import { followUpKind } from '../followup/rules.ts';
import type { Meeting, MeetingKind, Participant } from '../meeting/rules.ts';
import type { Measure, MeasureDraft } from '../plan/rules.ts';
import type { Question } from '../request/rules.ts';
import type { Review, ReviewRecord } from './review/rules.ts';
import {
  asksOf,
  notesParts,
  type QuestionCode,
  type Section,
  type SectionCode,
  sectionsOf,
  type TemplateField,
  type TemplateName,
  takenField,
  takenParts,
  takenRows,
} from './template/rules.ts';

export const minutesStates = ['draft', 'review', 'finalised'] as const;
export type MinutesState = (typeof minutesStates)[number];
export type MinutesMove = 'release' | 'reopen' | 'finalise';

/** states.md "Minutes". A move that is not listed is refused. */
const moves: Record<MinutesMove, Partial<Record<MinutesState, MinutesState>>> = {
  release: { draft: 'review' },
  reopen: { review: 'draft' },
  finalise: { review: 'finalised', draft: 'finalised' },
};

/**
 * The state after the move. Refuses `finalised` for anything done to locked minutes, `reason_needed` when a draft is
 * finalised without saying why nobody reviewed it, and `not_now` where the table has no such move.
 */
export function moveMinutes(state: MinutesState, move: MinutesMove, reason: string): Decision<MinutesState> {
  if (state === 'finalised') return refuse('finalised');
  const to = moves[move][state];
  if (!to) return refuse('not_now');
  return move === 'finalise' && state === 'draft' && reason === '' ? refuse('reason_needed') : accept(to);
}

export const attendances = ['present', 'part', 'remote', 'absent'] as const;
export const textCap = 4_000;
/** The most characters that a field takes. */
export const capOf = ({ type }: Pick<FieldRule, 'type'>): number => (type === 'line' ? 200 : textCap);

/** `codes`: the only values, beside an empty one; of a `list` any of them, with a space between. */
export type FieldRule = { name: string; type: TemplateField['type'] | 'list'; codes?: readonly string[] };

/** What a template needs to know about the meeting it is for. */
export type TemplateFacts = TemplateName & {
  participantIds: readonly string[];
  /** The standard questions that the request asked. */
  asked: readonly Question[];
  ownQuestion: string;
};

/** The questions of a meeting: first those that were asked, then the rest of the template. */
export function questionsOf(facts: TemplateFacts): { code: QuestionCode; asked: boolean }[] {
  const { asked, ownQuestion } = facts;
  return [
    ...asked.map((code) => ({ code, asked: true })),
    ...(ownQuestion ? [{ code: 'own_question' as const, asked: true }] : []),
    ...asksOf(facts)
      .filter((code) => !asked.includes(code))
      .map((code) => ({ code, asked: false })),
  ];
}

/** The sections of a meeting's minutes in the order they are written, its questions where the template has them. */
export function writtenSections(facts: TemplateFacts): Section[] {
  const sections = sectionsOf(facts);
  const at = sections.findIndex(({ place }) => place === 'question');
  const asked = questionsOf(facts).flatMap(({ code }) => sections.filter((one) => one.code === code));
  return sections.filter(({ place }) => place !== 'question').toSpliced(at, 0, ...asked);
}

/** What somebody who was there for part of the meeting can have been there for, in order; nothing where that is not noted. */
export const partsOfMeeting = (facts: TemplateFacts): SectionCode[] =>
  notesParts(facts)
    ? writtenSections(facts).flatMap(({ code }) => (code === 'follow_up' ? ['agreed_measures', code] : [code]))
    : [];

export const attendanceField = (participantId: string): string => `attendance-${participantId}`;
export const partsField = (participantId: string): string => `attendance-${participantId}-parts`;

/** Every field that the minutes of a meeting have, by name, in the order of the page. No other name is saved. */
export function fieldsOf(facts: TemplateFacts): Map<string, FieldRule> {
  const parts = partsOfMeeting(facts);
  const rules: FieldRule[] = [
    ...facts.participantIds.flatMap((id): FieldRule[] => [
      { name: attendanceField(id), type: 'code', codes: attendances },
      ...(parts.length > 0 ? [{ name: partsField(id), type: 'list' as const, codes: parts }] : []),
    ]),
    ...writtenSections(facts).flatMap(({ fields }) =>
      fields.map(({ name, type, codes }): FieldRule => ({ name, type, ...(codes && { codes }) })),
    ),
  ];
  return new Map(rules.map((rule) => [rule.name, rule]));
}

/** What was typed into a field, normalised. Refuses `tooLong`, `date`, `choice`, `unreadable`. */
export function checkField(rule: FieldRule, typed: string): Decision<string> {
  const value = normaliseText(typed);
  if (value === '') return accept('');
  if (rule.type === 'date' && parseDate(value) === null) return refuse('date');
  if (rule.type === 'code' && !rule.codes?.includes(value)) return refuse('choice');
  if (rule.type === 'list') {
    const picked = value.split(/\s+/);
    const known = rule.codes?.filter((code) => picked.includes(code)) ?? [];
    return known.length === new Set(picked).size ? accept(known.join(' ')) : refuse('choice');
  }
  if (!isReadable(value)) return refuse('unreadable');
  return characters(value) > capOf(rule) ? refuse('tooLong') : accept(value);
}

/** One field as it is saved. Version 0 and no text: nobody has written in it yet. */
export type FieldState = { text: string; version: number };
/** `was`: fingerprint of the text the writer's page was opened with, when the page says so. */
export type FieldChange = { field: string; text: string; baseVersion: number; was?: string };

/** Tells whether a field's text is still the one a page was opened with, without sending the text along. */
export const fingerprint = (value: string): string => sha256(value).slice(0, 16);

/**
 * What saving a field comes to. `same`: it already says so, or the writer did not touch it, whoever else did.
 * `conflict`: somebody wrote in between, and neither text may be lost.
 */
export function compareField(current: FieldState, change: FieldChange): 'same' | 'write' | 'conflict' {
  if (change.text === current.text || change.was === fingerprint(change.text)) return 'same';
  return change.baseVersion === current.version ? 'write' : 'conflict';
}

export type Minutes = {
  id: string;
  meetingId: string;
  templateVersion: number;
  state: MinutesState;
  version: number;
  openedAt: IsoInstant;
};

/** `by`: the writer's name, `byId`: their account. */
export type SavedField = FieldState & { by: string; byId: string; at: IsoInstant };
export const unwritten: SavedField = { text: '', version: 0, by: '', byId: '', at: '' };

/** Everything minutes consist of, with their meeting. */
export type MinutesFacts = {
  minutes: Minutes;
  meeting: Meeting;
  participants: Participant[];
  template: TemplateFacts;
  fields: Map<string, SavedField>;
  measures: Measure[];
  /** Null while they have not been out for review. */
  review: Review | null;
};

/** The follow-up that the minutes agree on: its day and purpose as they were written, with everybody from this meeting. */
export function followUpOf({ meeting, fields }: Pick<MinutesFacts, 'meeting' | 'fields'>) {
  return {
    kind: followUpKind(meeting.kind),
    purpose: fields.get('followUpPurpose')?.text || meeting.purpose,
    plannedFor: fields.get('followUpDate')?.text || null,
    from: meeting.id,
    keep: null,
  };
}

/** Who can carry out or follow up a measure: those who take part first, then everybody else, but no interpreter. */
export function measureParties(participants: readonly { party: Party }[]): { here: Party[]; others: Party[] } {
  const present = new Set<Party>([...participants.map(({ party }) => party), 'FK']);
  const all = partyCodes.filter((code) => code !== 'TOLK');
  return { here: all.filter((code) => present.has(code)), others: all.filter((code) => !present.has(code)) };
}

/** The questions that somebody takes away, row by row. */
function takenOf(text: (name: string) => string): Taken[] {
  return takenRows
    .map((row) => {
      const [question = '', by = '', where = ''] = takenParts.map((part) => text(takenField(row, part)));
      return { question, by, where };
    })
    .filter((row) => Object.values(row).some(Boolean));
}

/** What the words of minutes are taken from. */
export type Worded = {
  meeting: Pick<Meeting, 'id' | 'kind' | 'caseNumber' | 'purpose' | 'startsAt' | 'endsAt' | 'heldAt' | 'placeKind'> & {
    unit: { name: string };
    individual: { name: string; number: string | null };
  };
  participants: readonly (Pick<Participant, 'id' | 'party'> & {
    person: Pick<Participant['person'], 'name' | 'title' | 'organisation'>;
  })[];
  template: TemplateFacts;
  fields: ReadonlyMap<string, { text: string }>;
  measures: readonly (MeasureDraft & { id: string; number: number | null })[];
};

/** What minutes say as they stand, in the form they are filed in; measures are numbered after the case's last one. */
export function contentOf(
  facts: Worded,
  filed: {
    position: number;
    lastNumber: number;
    finalisedAt: IsoInstant;
    finalisedBy: string;
    reason: string;
    noFollowUpReason: string;
  },
  record: ReviewRecord | null = null,
): MinutesContent {
  const { meeting, fields, template } = facts;
  const text = (name: string) => fields.get(name)?.text ?? '';
  const texts = [...fieldsOf(template).keys()]
    .filter((name) => !/^(attendance|taken)-/.test(name))
    .map((name) => [name, text(name)] as const)
    .filter(([, written]) => written !== '');
  const noted = notesParts(template);
  const asksOwn = texts.some(([name]) => name.startsWith('question-own_question-'));
  return {
    document: {
      kind: 'minutes',
      number: `${meeting.caseNumber}-${filed.position}`,
      position: filed.position,
      templateVersion: template.version,
      caseNumber: meeting.caseNumber,
      finalisedAt: filed.finalisedAt,
      finalisedBy: filed.finalisedBy,
      reviewLeftOut: filed.reason,
      noFollowUpReason: filed.noFollowUpReason,
      ...(record && { review: record.review }),
    },
    individual: { name: meeting.individual.name, number: meeting.individual.number },
    meeting: {
      id: meeting.id,
      kind: meeting.kind,
      purpose: meeting.purpose,
      unit: meeting.unit.name,
      startsAt: meeting.startsAt,
      endsAt: meeting.endsAt,
      heldAt: meeting.heldAt,
      placeKind: meeting.placeKind,
    },
    participants: facts.participants.map(({ id, party, person }) => ({
      party,
      name: person.name,
      title: person.title,
      organisation: person.organisation,
      attendance: text(attendanceField(id)) || null,
      ...(noted && text(attendanceField(id)) === 'part' && { parts: text(partsField(id)).split(' ').filter(Boolean) }),
      ...(record?.words.has(id) && { answer: record.words.get(id) as ReviewWord }),
    })),
    texts: { ...Object.fromEntries(texts), ...(asksOwn && { ownQuestion: template.ownQuestion }) },
    ...(noted && { taken: takenOf(text) }),
    measures: facts.measures.map((measure, i) => ({
      id: measure.id,
      number: measure.number ?? filed.lastNumber + i + 1,
      text: measure.text,
      goal: measure.goal,
      carriedOutBy: measure.carriedOutBy,
      person: measure.person,
      followedUpBy: measure.followedUpBy,
      due: measure.due,
      kind: measure.kind,
      start: measure.start,
      followUpOn: measure.followUpOn,
    })),
    ...(record && record.objections.length > 0 && { objections: record.objections }),
  };
}

/** A heading and its texts, as minutes are read: on the page, on paper. `own`: the person's own words, set off. */
export type OutlineText = { label: string; text: string; own: boolean };
export type OutlineSection = { heading: string; question?: string; texts: OutlineText[] };

/**
 * The texts of minutes in the order they are read; what nobody wrote leaves no heading. `heading` and `label` are text
 * keys, a label may be empty; an own question brings its own words in `question`. What is a date, a code or a row is
 * shown in its own way.
 */
export function outline(template: TemplateName, texts: Readonly<Record<string, string>>): OutlineSection[] {
  return sectionsOf(template)
    .filter(({ code }) => code !== 'follow_up')
    .map(({ code, heading, fields }) => {
      const told = fields.filter(({ type }) => type === 'text');
      return {
        heading,
        ...(code === 'own_question' && { question: texts.ownQuestion ?? '' }),
        texts: told.flatMap(({ name, label, own = false }): OutlineText[] =>
          texts[name] ? [{ label: told.length > 1 ? label : '', text: texts[name], own }] : [],
        ),
      };
    })
    .filter((section) => section.texts.length > 0);
}

/** The template that a document, or a copy of one, was written with. */
export const templateOf = (content: {
  document: { templateVersion?: number };
  meeting: { kind: MeetingKind };
}): TemplateName => ({ version: content.document.templateVersion ?? 1, kind: content.meeting.kind });
