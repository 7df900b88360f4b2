import type { FieldErrors, FieldValues } from '../../kernel/fields.ts';
import type { Party } from '../../kernel/parties.ts';
import { characters } from '../../kernel/text.ts';
import { type IsoDate, type IsoInstant, stockholmDate } from '../../kernel/time.ts';
import { correctedOn, type MinutesContent, measureKinds, type Sealed } from '../filing/document/rules.ts';
import { followUpChoices, followUpKind } from '../followup/rules.ts';
import { type Before, beside } from '../meeting/preparation/rules.ts';
import { lawCheck, planTypeOf } from '../plan/law/rules.ts';
import { type Agenda, agendaOf } from '../plan/owner/rules.ts';
import { type PlanDocument, type PlanVersion, planVersions } from '../plan/version/rules.ts';
import type { Earlier } from './live/rules.ts';
import { endOf, isOver, unread } from './review/rules.ts';
import {
  attendanceField,
  attendances,
  capOf,
  type FieldState,
  fieldsOf,
  fingerprint,
  type MinutesFacts,
  measureParties,
  outline,
  partsField,
  partsOfMeeting,
  questionsOf,
  templateOf,
  writtenSections,
} from './rules.ts';
import { isConcerned, notesParts, type Section, type TemplateField, takenParts } from './template/rules.ts';

/** What a post came to, when its page is shown again. */
export type Outcome = {
  posted: FieldValues;
  conflicts: readonly string[];
  /** Field name → refusal code. */
  errors: Readonly<Record<string, string>>;
  measureErrors: FieldErrors;
  /** The measure in the form was not saved, so what was typed stays. */
  measureFailed: boolean;
  /** The measure in the form was saved, so the browser forgets its copy. */
  measureSaved: boolean;
  /** A contribution that was not taken in, and why. */
  takeFailed: string;
  takeError: string;
};
const nothing: Outcome = {
  posted: {},
  conflicts: [],
  errors: {},
  measureErrors: {},
  measureFailed: false,
  measureSaved: false,
  takeFailed: '',
  takeError: '',
};

type Form = { values: FieldValues; errors: FieldErrors };
/** A meeting of the case that is booked, or planned for about a day. */
type NextMeeting = {
  id: string;
  kind: string;
  startsAt: IsoInstant | null;
  endsAt: IsoInstant | null;
  plannedFor: IsoDate | null;
};

/** One field as the page shows it: its version, and what somebody else wrote when that differs. */
type Box = {
  name: string;
  type: 'textarea' | 'text' | 'date' | 'select' | 'checkbox';
  label: string;
  help: string;
  family: string;
  options: readonly string[];
  /** Text keys of standard wordings. */
  wordings: readonly string[];
  /** The version that the text shown was written on. */
  version: number;
  /**
   * The hidden version field: number and fingerprint of the text. In a conflict it is the other text's, which is shown
   * beside: without scripts, saving again is the choice.
   */
  stamp: string;
  theirs: { text: string; by: string } | null;
  /** What the field shows is not what is saved. */
  unsaved: boolean;
  /** What conflicts did not leave in it, newest first. */
  earlier: readonly { text: string; by: string; at: string }[];
};

const boxTypes = { text: 'textarea', line: 'text', date: 'date', code: 'select', list: 'checkbox' } as const;
const measureLabels: Record<string, string> = {
  text: 'plan.measure',
  carriedOutBy: 'plan.owner',
  person: 'min.measure.person',
  followedUpBy: 'plan.followedBy',
  due: 'plan.due',
  goal: 'plan.goal',
  kind: 'plan.kind',
  start: 'plan.start',
  followUpOn: 'plan.followUpOn',
};

/**
 * The page an officer writes on while the meeting runs. `before`: what was said before it, for who may read that;
 * `editing`: the measure that is open in the form; `earlier`: by field, what conflicts did not leave in it.
 */
export function writePage(
  facts: MinutesFacts,
  before: Before | null,
  editing: string | null,
  outcome: Outcome = nothing,
  earlier: Readonly<Record<string, Box['earlier']>> = {},
) {
  const { meeting, fields, template, participants } = facts;
  const rules = fieldsOf(template);
  const parts = partsOfMeeting(template);
  const kept = (name: string) => outcome.conflicts.includes(name) || name in outcome.errors;
  const state = (name: string): FieldState => fields.get(name) ?? { text: '', version: 0 };
  const first = (name: string): string => [outcome.posted[name]].flat()[0] ?? '';

  const box = (name: string, shown: Pick<Box, 'label'> & Partial<Box>): Box => {
    const { text, version } = state(name);
    const saved = fields.get(name);
    const stamp = `${version}.${fingerprint(text)}`;
    const written = kept(name) ? first(`version-${name}`) || '0' : stamp;
    return {
      name,
      type: boxTypes[rules.get(name)?.type ?? 'text'],
      ...{ help: '', family: '', options: [], wordings: [] },
      ...shown,
      version: Number(written.split('.')[0]) || 0,
      stamp: outcome.conflicts.includes(name) ? stamp : written,
      theirs: outcome.conflicts.includes(name) && saved ? { text: saved.text, by: saved.by } : null,
      unsaved: kept(name),
      earlier: earlier[name] ?? [],
    };
  };
  const boxOf = ({ name, label, help = '', family = '', codes = [], wordings = [] }: TemplateField): Box =>
    box(name, { label, help, family, options: codes, wordings });

  const form: Form = { values: {}, errors: {} };
  for (const [name, rule] of rules) {
    const posted = first(name);
    const list = (text: string) => text.split(' ').filter(Boolean);
    if (rule.type === 'list')
      form.values[name] = kept(name) ? [outcome.posted[name] ?? []].flat() : list(state(name).text);
    else form.values[name] = kept(name) ? posted : state(name).text;
    const code = outcome.errors[name];
    if (code) form.errors[name] = { code, params: { over: characters(posted) - capOf(rule) } };
    else if (outcome.conflicts.includes(name)) form.errors[name] = { code: 'conflict' };
  }

  const open = facts.measures.find(({ id }) => id === editing);
  const typed = outcome.measureFailed;
  const measureForm: Form = { values: {}, errors: {} };
  for (const [name, label] of Object.entries(measureLabels)) {
    measureForm.values[name] = typed ? (outcome.posted[name] ?? '') : String(open?.[name as keyof typeof open] ?? '');
    const error = outcome.measureErrors[name];
    if (error) measureForm.errors[name] = { code: error.code, params: { ...error.params, label } };
  }

  const asked = questionsOf(template).flatMap(({ code, asked }) => (asked ? [code as string] : []));
  const sections = writtenSections(template).map((section) => {
    const { code, place, fields: own } = section;
    const boxes = own.map(boxOf);
    const has = ({ name }: Pick<Box, 'name'>) => [form.values[name]].flat().some(Boolean);
    const [said, agreed] = place === 'question' ? boxes : [];
    return {
      ...{ code, place, heading: section.heading, help: section.help ?? '', concerns: section.concerns },
      kinds: notesParts(template) ? kindsOf(section) : [],
      own: code === 'own_question' ? template.ownQuestion : '',
      asked: asked.includes(code),
      state: agreed && has(agreed) ? 'agreed' : said && has(said) ? 'said' : 'empty',
      open: asked.includes(code) || boxes.some(({ name }) => kept(name)),
      some: boxes.some(has),
      rows: code === 'taken_away' && boxes.length > 1 ? inRows(boxes, takenParts.length) : [],
      boxes,
    };
  });
  // The one in focus is open; the others wait folded with their state.
  const foremost = sections.find(({ place }) => place === 'question');
  if (foremost) foremost.open = true;

  return {
    meeting: { ...heading(facts), purpose: meeting.purpose },
    before: before && beside(participants, before),
    form,
    summary: {
      values: {},
      errors: {
        ...form.errors,
        ...measureForm.errors,
        ...(outcome.takeFailed && { [`take-to-${outcome.takeFailed}`]: { code: 'take' } }),
      },
    },
    conflicts: outcome.conflicts.length > 0 || (typed && Object.keys(outcome.measureErrors).length === 0),
    attendance: participants.map(({ id, party, person }) => ({
      party,
      person: [person.name, person.organisation].filter(Boolean).join(', '),
      present: box(attendanceField(id), { label: '', family: 'attendance', options: attendances }),
      parts: parts.length > 0 ? box(partsField(id), { label: '', family: 'min.section', options: parts }) : null,
      // What is seldom for them: a help when somebody leaves early, and no rule.
      unconcerned: parts.length > 0 ? sections.filter((one) => !isConcerned(one, party)).map(({ code }) => code) : [],
    })),
    groups: grouped(sections),
    measureKinds,
    measureForm,
    measureMore: ['kind', 'start', 'followUpOn'].some((name) => measureForm.values[name] || name in measureForm.errors),
    measureSaved: outcome.measureSaved,
    parties: partyGroups(participants),
    editing: open ? { id: open.id, version: open.version } : null,
  };
}

/** What stands on the meeting's agenda by itself, beside what is written. */
export const agendaPart = (followed: Agenda, now: IsoInstant) => agendaOf(followed, stockholmDate(now));

/** Every kind of information that a section is of, so that whoever writes knows who will be told. */
const kindsOf = ({ fields }: Section) => [...new Set(fields.flatMap(({ kinds, withheld }) => (withheld ? [] : kinds)))];

const inRows = <T>(list: readonly T[], width: number): T[][] =>
  Array.from({ length: list.length / width }, (_, i) => list.slice(i * width, (i + 1) * width));

/** Sections that stand beneath each other under one heading. */
function grouped<S extends Pick<Section, 'place' | 'code'>>(sections: readonly S[]) {
  const groups: { place: Section['place']; id: string; sections: S[] }[] = [];
  for (const section of sections) {
    const { place, code } = section;
    const last = groups.at(-1);
    if (last?.place === place && (place === 'question' || place === 'further')) last.sections.push(section);
    else groups.push({ place, id: `del-${code}`, sections: [section] });
  }
  return groups;
}

function heading({ meeting }: MinutesFacts) {
  return {
    id: meeting.id,
    caseId: meeting.caseId,
    caseNumber: meeting.caseNumber,
    kind: meeting.kind,
    individual: meeting.individual.name,
    startsAt: meeting.startsAt,
    endsAt: meeting.endsAt,
  };
}

/** Minutes as they are read, finalised or not. `reader`: what the page may offer whoever reads. */
export function readPage(
  content: MinutesContent | Sealed<MinutesContent>,
  state: 'draft' | 'review' | 'finalised',
  reader: {
    self: boolean;
    caseId: string;
    maySeeMeeting: boolean;
    tooLate: boolean;
    mayAmend?: boolean;
    /** What came after the lock, for who may write. */
    late: readonly Pick<Earlier, 'text' | 'by' | 'at'>[];
  },
  wordings: readonly { position: number; number: string; content: MinutesContent }[] = [],
) {
  const { number } = content.document;
  const at = wordings.findIndex((one) => one.number === number);
  const next = wordings[at + 1]?.content.document;
  const own = content.document;
  const amended = next ?? (own.amends ? own : null);
  return {
    mayAmend: false,
    ...reader,
    state,
    finalised: state === 'finalised',
    document: content.document,
    corrected: 'sections' in content ? (correctedOn(content) ?? '') : '',
    meeting: content.meeting,
    individual: content.individual.name,
    participants: content.participants.map((one) => ({ answer: null, ...one, parts: one.parts ?? [] })),
    taken: content.taken ?? [],
    sections: outline(templateOf(content), content.texts).map((section) => ({ question: '', ...section })),
    sipOverall: content.texts.sipOverall ?? '',
    rehabilitation: content.texts.rehabilitation ?? '',
    measures: content.measures.map((one) => ({ kind: null, start: null, followUpOn: null, ...one })),
    followUpDate: content.texts.followUpDate ?? '',
    followUpPurpose: content.texts.followUpPurpose ?? '',
    review: content.document.review ?? null,
    // Of the wording that comes after, or of this one.
    amendment: amended && { finalisedAt: amended.finalisedAt, reason: (amended.reason ?? '').replace(/\.+$/, '') },
    amendedKind: next === undefined ? 'info' : 'warning',
    wordings: wordings.map((one) => ({
      ...{ number: one.number, current: one.number === number },
      query: one === wordings.at(-1) ? '' : `?nr=${one.position}`,
    })),
    query: next === undefined ? '' : `?nr=${own.position}`,
    objections: content.objections ?? [],
  };
}

/** Parties for a select: those at the meeting before the others. */
function partyGroups(participants: MinutesFacts['participants']) {
  const { here, others } = measureParties(participants);
  return [
    { group: 'min.parties.here', options: here },
    { group: 'min.parties.others', options: others },
  ];
}

/**
 * The page that asks before minutes are locked: what happens, what is missing, why. `planned`: what the plan will be made
 * of, these minutes last. `followUp`: the meeting that follows, if one is booked.
 */
export function finalisePage(
  facts: MinutesFacts,
  planned: readonly PlanDocument[],
  followUp: { next: NextMeeting | null; closing: boolean; now: IsoInstant },
  form: Form,
  changed: boolean,
) {
  const { review } = facts;
  const { next, closing, now } = followUp;
  const today = stockholmDate(now);
  const text = (name: string) => facts.fields.get(name)?.text ?? '';
  const { texts, measures } = planVersions(planned).at(-1) as PlanVersion;
  const type = planTypeOf(texts.kind, texts.rehabilitation);
  const law = lawCheck(type, { ...texts, measures });
  return {
    meeting: heading(facts),
    form: { ...form, values: { followUp: 'book', ...form.values } },
    changed,
    measures: facts.measures.length,
    followUpDate: text('followUpDate'),
    next,
    /** The case ends, so nothing need follow. */
    closing,
    mayBook: text('followUpDate') >= today,
    followUpOptions: followUpChoices,
    followUpKind: followUpKind(facts.meeting.kind),
    reviewed: facts.minutes.state === 'review',
    unread: review ? unread(review).length : 0,
    open: review !== null && !isOver(review, now),
    lastDay: review ? endOf(review) : '',
    noAttendance: facts.participants
      .filter(({ id }) => text(attendanceField(id)) === '')
      .map(({ party, person }): { party: Party; name: string } => ({ party, name: person.name })),
    noParts: facts.participants
      .filter(
        ({ id }) => notesParts(facts.template) && text(attendanceField(id)) === 'part' && text(partsField(id)) === '',
      )
      .map(({ party, person }): { party: Party; name: string } => ({ party, name: person.name })),
    planType: type,
    lawMissing: law.filter(({ present }) => !present).map(({ code }) => code),
  };
}

/** What was typed after the minutes were locked, so that it can be copied: nothing anybody typed is thrown away. */
export function lateTexts(facts: MinutesFacts, posted: FieldValues): { name: string; text: string }[] {
  const fields = [...fieldsOf(facts.template).values()].filter(({ type }) => type === 'text' || type === 'line');
  return [...fields, { name: 'text' }, { name: 'goal' }]
    .map(({ name }) => ({ name, text: ([posted[name]].flat()[0] ?? '').trim() }))
    .filter(({ name, text }) => text !== '' && text !== (facts.fields.get(name)?.text ?? ''));
}
