import { FieldReader, type FieldsRead } from '../../../kernel/fields.ts';
import type { Party } from '../../../kernel/parties.ts';
import { containsPersonalNumber } from '../../../kernel/personal-number.ts';
import { characters } from '../../../kernel/text.ts';
import type { IsoDate } from '../../../kernel/time.ts';
import {
  audiences,
  fieldsOf,
  isShared,
  newTitles,
  notedVias,
  type Paper,
  type Preparation,
  type PreparationChange,
  type PreparationField,
  paperAnswers,
  type Share,
  textCap,
  textOf,
  type Way,
} from '../../meeting/preparation/rules.ts';

type Body = Readonly<Record<string, string | string[] | undefined>>;

const titleCap = 200;

/** A text that others may come to read, so that a number has no place in it. */
function readText(r: FieldReader, name: string, today: IsoDate, options: { cap: number; required?: boolean }): string {
  const text = r.text(name, options);
  if (containsPersonalNumber(text, today)) r.fail(name, 'noNumber');
  return text;
}

function readShare(r: FieldReader, field: PreparationField, readers: readonly string[], way: Way): Share | null {
  const audience = r.choice(`${field}Audience`, audiences);
  const chosen = r.many(`${field}Readers`, readers);
  if (audience === null) return way === 'link' ? { audience: 'officer', readers: [] } : null;
  // By a link nobody is told who takes part: they choose when they have signed in, and until then it is nobody.
  if (audience === 'chosen' && way !== 'link' && chosen.length === 0) {
    r.fail(`${field}Readers`, 'choose', { label: 'prep.readers' });
  }
  return { audience, readers: audience === 'chosen' ? chosen : [] };
}

export type Asked = { party: Party; readers: readonly string[]; way: Way; standing: readonly Preparation[] };

/** What somebody writes before a meeting: those of their fields that the form has. By a link: in one at least. */
export function readPreparation(body: Body, asked: Asked, today: IsoDate): FieldsRead<PreparationChange[]> {
  const { readers, way, standing } = asked;
  const fields = fieldsOf(asked.party);
  const r = new FieldReader(body);
  const changes: PreparationChange[] = [];
  for (const field of fields) {
    if (body[field] === undefined) continue;
    // More than usual may stand there, sent a little at a time.
    const now = standing.find((one) => one.field === field);
    const cap = way === 'own' && now ? Math.max(textCap, characters(textOf(now))) : textCap;
    const text = readText(r, field, today, { cap });
    const share = isShared(field) ? readShare(r, field, readers, way) : null;
    changes.push({ field, text, share, seen: way === 'own' ? r.line(`seen-${field}`, { cap: 64 }) : '' });
  }
  const [first] = fields;
  if (changes.length === 0 || (way === 'link' && changes.every(({ text }) => text === ''))) {
    r.fail(first ?? '', 'prepare');
  }
  return r.done(() => changes);
}

export type NotedVia = (typeof notedVias)[number];
/** How the officer was told; read only where an officer notes. */
export function readVia(body: Body): FieldsRead<NotedVia> {
  const r = new FieldReader(body);
  const via = r.choice('via', notedVias, { required: true });
  return r.done(() => via as NotedVia);
}

export function readAdaptation(body: Body, today: IsoDate): FieldsRead<string> {
  const r = new FieldReader(body);
  const text = readText(r, 'adaptation', today, { cap: textCap, required: true });
  return r.done(() => text);
}

/** `seen`: the latest that the officer had read when answering; empty for all. */
export function readAnswer(body: Body): FieldsRead<{ answer: string; seen: string }> {
  const r = new FieldReader(body);
  const answer = r.text('answer', { cap: textCap, required: true });
  const seen = r.line('seen', { cap: 64 });
  return r.done(() => ({ answer, seen }));
}

/** Titles of what is listed already, each with the version that the page showed, and new ones. An empty title takes away. */
export type PapersInput = { listed: { id: string; title: string; version: number | null }[]; added: string[] };

export function readPapers(body: Body, papers: readonly Paper[], today: IsoDate): FieldsRead<PapersInput> {
  const listed: PapersInput['listed'] = [];
  const r = new FieldReader(body);
  for (const { id } of papers) {
    const name = `title-${id}`;
    if (body[name] !== undefined) listed.push({ id, title: readTitle(r, name, today), version: readVersion(r, id) });
  }
  const added = newTitles.map((name) => readTitle(r, name, today));
  return r.done(() => ({ listed, added: added.filter((title) => title !== '') }));
}

/** Null where the form does not say which version of a title it showed. */
function readVersion(r: FieldReader, id: string): number | null {
  const version = r.line(`version-${id}`, { cap: 10 });
  return /^\d{1,9}$/.test(version) ? Number(version) : null;
}

function readTitle(r: FieldReader, name: string, today: IsoDate): string {
  const title = r.line(name, { cap: titleCap });
  if (containsPersonalNumber(title, today)) r.fail(name, 'noNumber');
  return title;
}

/** `version`: of the title that the page showed; null where it did not say. */
export type PaperAnswer = { id: string; answer: 'yes' | 'no'; version: number | null };

/** A yes or a no to each of what the officer means to bring; what has none is left as it was. */
export function readPaperAnswers(body: Body, papers: readonly Paper[]): FieldsRead<PaperAnswer[]> {
  const r = new FieldReader(body);
  const answers: PaperAnswer[] = [];
  for (const { id } of papers) {
    const answer = r.choice(`paper-${id}`, paperAnswers);
    const version = readVersion(r, id);
    if (answer) answers.push({ id, answer, version });
  }
  if (r.ok && answers.length === 0) r.fail(`paper-${papers[0]?.id ?? ''}`, 'choose', { label: 'prep.papers' });
  return r.done(() => answers);
}
