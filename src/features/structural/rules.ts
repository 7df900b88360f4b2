import { accept, type Decision, refuse } from '../../kernel/decision.ts';
import { containsPersonalNumber } from '../../kernel/personal-number.ts';
import { characters, isReadable, normaliseLine, normaliseText } from '../../kernel/text.ts';
import { type IsoDate, type IsoInstant, parseDate } from '../../kernel/time.ts';
import { fileName } from '../filing/document/rules.ts';
import type { SavedField } from '../minutes/rules.ts';

/**
 * Meetings between organisations (product.md `structural`): county dialogue, steering group. They are about no individual,
 * so there is no case, no consent and no release; a number that looks like a person's is refused.
 */

export type FieldRule = { name: string; type: 'line' | 'text' | 'date'; cap: number; label: string };
const field = (
  name: string,
  type: FieldRule['type'],
  label: string,
  cap = type === 'text' ? 6_000 : 200,
): FieldRule => ({
  ...{ name, type, cap, label },
});

const rowsOf = (count: number): number[] => Array.from({ length: count }, (_, i) => i + 1);
/** Rows that there is room for. */
export const agendaRows = rowsOf(20);
export const measureRows = rowsOf(20);
export const headingField = (row: number): string => `section-${row}-heading`;
export const notesField = (row: number): string => `section-${row}-notes`;
export const measureField = (row: number, part: 'text' | 'who' | 'due'): string => `measure-${row}-${part}`;

/** Every field there is, by name, in the order of the page. */
export const fields: ReadonlyMap<string, FieldRule> = new Map(
  [
    field('title', 'line', 'structural.title'),
    field('day', 'date', 'structural.day'),
    field('time', 'line', 'structural.time'),
    field('place', 'line', 'common.place'),
    field('participants', 'text', 'structural.participants', 20_000),
    ...agendaRows.flatMap((row) => [
      field(headingField(row), 'line', 'structural.heading'),
      field(notesField(row), 'text', 'structural.notes'),
    ]),
    ...measureRows.flatMap((row) => [
      field(measureField(row, 'text'), 'text', 'plan.measure', 1_000),
      field(measureField(row, 'who'), 'line', 'plan.owner'),
      field(measureField(row, 'due'), 'date', 'plan.due'),
    ]),
    field('nextDay', 'date', 'structural.nextDay'),
    field('nextAbout', 'text', 'structural.nextAbout', 1_000),
  ].map((rule) => [rule.name, rule]),
);

/** What was typed into a field, normalised. Refuses `required`, `date`, `unreadable`, `tooLong`, `noNumber`. */
export function checkField(rule: FieldRule, typed: string, today: IsoDate): Decision<string> {
  const value = rule.type === 'text' ? normaliseText(typed) : normaliseLine(typed);
  if (value === '') return rule.name === 'title' ? refuse('required') : accept('');
  if (rule.type === 'date' && parseDate(value) === null) return refuse('date');
  if (!isReadable(value)) return refuse('unreadable');
  if (characters(value) > rule.cap) return refuse('tooLong');
  return containsPersonalNumber(value, today) ? refuse('noNumber') : accept(value);
}

export type StructuralState = 'draft' | 'finalised';
export type Structural = {
  id: string;
  unit: string;
  state: StructuralState;
  version: number;
  createdAt: IsoInstant;
  number: string;
  finalisedAt: IsoInstant | null;
  finalisedBy: string;
};
export type StructuralFacts = { meeting: Structural; fields: ReadonlyMap<string, SavedField> };

/** Locked once, and never opened again. Refuses `finalised`. */
export const lock = (state: StructuralState): Decision<StructuralState> =>
  state === 'finalised' ? refuse('finalised') : accept('finalised');

export type Organisation = { organisation: string; people: string[] };

/**
 * People as they were pasted, a line each: name, title, organisation, with tabs, semicolons or commas between. The
 * organisation is last; who has none comes last. Sorted by organisation.
 */
export function byOrganisation(pasted: string): Organisation[] {
  const people = pasted.split('\n').flatMap((line) => {
    const parts = line.split(/[\t;,]/).map((part) => part.trim());
    const [name = '', ...rest] = parts.filter(Boolean);
    return name ? [{ organisation: rest.at(-1) ?? '', person: [name, ...rest.slice(0, -1)].join(', ') }] : [];
  });
  const { compare } = new Intl.Collator('sv');
  return [...Map.groupBy(people, ({ organisation }) => organisation)]
    .map(([organisation, group]) => ({ organisation, people: group.map(({ person }) => person) }))
    .sort(
      (a, b) =>
        Number(a.organisation === '') - Number(b.organisation === '') || compare(a.organisation, b.organisation),
    );
}

/** What locked minutes hold: ISO dates and instants, and the texts as they were typed. */
export type StructuralContent = {
  document: {
    kind: 'structural_minutes';
    number: string;
    finalisedAt: IsoInstant;
    finalisedBy: string;
    unit: string;
  };
  meeting: { id: string; title: string; day: IsoDate | null; time: string; place: string };
  participants: Organisation[];
  agenda: { heading: string; notes: string }[];
  measures: { number: number; text: string; who: string; due: IsoDate | null }[];
  next: { day: IsoDate | null; about: string };
};

/** What has been written so far; rows that nobody wrote in are left out. */
export function contentOf(
  { meeting, fields: saved }: StructuralFacts,
  filed: Pick<StructuralContent['document'], 'finalisedAt' | 'finalisedBy'>,
): StructuralContent {
  const text = (name: string): string => saved.get(name)?.text ?? '';
  const rows = <T extends object>(list: readonly T[]): T[] =>
    list.filter((row) => Object.values(row).some((value) => value !== '' && value !== null));
  return {
    document: { kind: 'structural_minutes', number: meeting.number, ...filed, unit: meeting.unit },
    meeting: {
      id: meeting.id,
      title: text('title'),
      day: text('day') || null,
      time: text('time'),
      place: text('place'),
    },
    participants: byOrganisation(text('participants')),
    agenda: rows(agendaRows.map((row) => ({ heading: text(headingField(row)), notes: text(notesField(row)) }))),
    measures: rows(
      measureRows.map((row) => ({
        text: text(measureField(row, 'text')),
        who: text(measureField(row, 'who')),
        due: text(measureField(row, 'due')) || null,
      })),
    ).map((one, i) => ({ number: i + 1, ...one })),
    next: { day: text('nextDay') || null, about: text('nextAbout') },
  };
}

export const countPeople = (participants: readonly Organisation[]) => ({
  people: participants.reduce((sum, { people }) => sum + people.length, 0),
  organisations: participants.filter(({ organisation }) => organisation !== '').length,
});

export const structuralFileName = ({ document }: StructuralContent, extension: 'pdf' | 'json'): string =>
  fileName('samverkan', document.number, extension);
