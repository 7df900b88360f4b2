import type { FieldErrors, FieldValues } from '../../kernel/fields.ts';
import { characters } from '../../kernel/text.ts';
import { type FieldState, fingerprint, type SavedField } from '../minutes/rules.ts';
import {
  agendaRows,
  byOrganisation,
  contentOf,
  countPeople,
  fields,
  headingField,
  measureField,
  measureRows,
  notesField,
  type StructuralContent,
  type StructuralFacts,
} from './rules.ts';

/** What a post came to, when its page is shown again. */
export type Outcome = {
  posted: FieldValues;
  conflicts: ReadonlyMap<string, SavedField>;
  /** Field name → refusal code. */
  errors: Readonly<Record<string, string>>;
};
const nothing: Outcome = { posted: {}, conflicts: new Map(), errors: {} };

/** The page that the meeting is written on. */
export function writePage({ meeting, fields: saved }: StructuralFacts, outcome: Outcome = nothing) {
  const kept = (name: string) => outcome.conflicts.has(name) || name in outcome.errors;
  const first = (name: string): string => [outcome.posted[name]].flat()[0] ?? '';
  const state = (name: string): FieldState => saved.get(name) ?? { text: '', version: 0 };
  const form: { values: FieldValues; errors: FieldErrors } = { values: {}, errors: {} };
  for (const { name, cap, label } of fields.values()) {
    form.values[name] = kept(name) ? first(name) : state(name).text;
    const code = outcome.errors[name];
    if (code) form.errors[name] = { code, params: { over: characters(first(name)) - cap, label } };
    else if (outcome.conflicts.has(name)) form.errors[name] = { code: 'conflict', params: { label } };
  }
  const box = (name: string) => {
    const { text, version } = state(name);
    const theirs = outcome.conflicts.get(name);
    const { label, type, cap } = fields.get(name) ?? { label: '', type: 'line', cap: 0 };
    // A text that is refused keeps the version it was written on; in a conflict saving again is the choice.
    const stamp = kept(name) && !theirs ? first(`seen-${name}`) : `${version}.${fingerprint(text)}`;
    return { name, label, type, cap, stamp, theirs: theirs ? { text: theirs.text, by: theirs.by } : null };
  };
  return {
    meeting,
    form,
    conflicts: outcome.conflicts.size > 0,
    heading: state('title').text,
    facts: ['title', 'day', 'time', 'place'].map(box),
    participants: box('participants'),
    count: countPeople(byOrganisation(state('participants').text)),
    agenda: agendaRows.map((row) => ({
      number: row,
      heading: box(headingField(row)),
      notes: box(notesField(row)),
    })),
    measures: measureRows.map((row) => ({
      number: row,
      boxes: (['text', 'who', 'due'] as const).map((part) => box(measureField(row, part))),
    })),
    next: ['nextDay', 'nextAbout'].map(box),
  };
}

/** The page that asks before the minutes are locked: what happens, and what is not written. */
export function lockPage(facts: StructuralFacts, changed: boolean) {
  const content = contentOf(facts, { finalisedAt: '', finalisedBy: '' });
  return {
    meeting: facts.meeting,
    title: content.meeting.title,
    changed,
    count: countPeople(content.participants),
    missing: [
      ...(content.meeting.day ? [] : ['day']),
      ...(content.participants.length > 0 ? [] : ['participants']),
      ...(content.measures.every(({ who, due }) => who && due) ? [] : ['measures']),
      ...(content.next.day ? [] : ['next']),
    ],
  };
}

/** Locked minutes as they are read. `tooLate`: what was typed meanwhile did not come into them. */
export function readPage(content: StructuralContent, late: readonly string[]) {
  const { document, meeting, participants, agenda, measures, next } = content;
  return { document, meeting, participants, agenda, measures, next, count: countPeople(participants), late };
}

/** What was typed into minutes that were locked meanwhile, so that it can be copied. */
export function lateTexts({ fields: saved }: StructuralFacts, posted: FieldValues): string[] {
  return [...fields.values()]
    .filter(({ type }) => type !== 'date')
    .map(({ name }) => ({ name, text: ([posted[name]].flat()[0] ?? '').replaceAll('\r\n', '\n').trim() }))
    .filter(({ name, text }) => text !== '' && text !== (saved.get(name)?.text ?? ''))
    .map(({ text }) => text);
}
