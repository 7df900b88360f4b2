import { FieldReader, type FieldsRead } from '../../kernel/fields.ts';
import type { Party } from '../../kernel/parties.ts';
import { partyCodes } from '../../kernel/parties.ts';
import { characters } from '../../kernel/text.ts';
import type { IsoDate } from '../../kernel/time.ts';
import { measureKinds } from '../filing/document/rules.ts';
import { type AnswerKind, answerKinds, checkLastDay, type ReviewSection } from '../minutes/review/rules.ts';
import { capOf, checkField, type FieldRule } from '../minutes/rules.ts';
import { type MeasureRow, measureField } from './rules.ts';

type Body = Record<string, string | string[]>;

const textCap = 1_000;
const nameCap = 200;
const reasonCap = 600;

function readLastDay(r: FieldReader, today: IsoDate, again: boolean): IsoDate {
  const day = r.date('lastDay', { required: true });
  const checked = day === null ? null : checkLastDay(day, today, again);
  if (checked && !checked.ok) r.fail('lastDay', checked.code);
  return day ?? '';
}

/** Until when the minutes are out. */
export function readRelease(body: Body, today: IsoDate): FieldsRead<{ lastDay: IsoDate }> {
  const r = new FieldReader(body);
  const lastDay = readLastDay(r, today, false);
  return r.done(() => ({ lastDay }));
}

/** `section`: empty for the whole copy. `seen`: how the sections were worded, empty when the form does not say. */
export type ApproveInput = { section: ReviewSection | ''; seen: string };

export function readApproval(body: Body): ApproveInput {
  const r = new FieldReader(body);
  return { section: r.line('section', { cap: nameCap }) as ReviewSection | '', seen: r.line('seen', { cap: textCap }) };
}

export type ObjectInput = {
  kind: Exclude<AnswerKind, 'approved'>;
  section: ReviewSection;
  text: string;
  instead: string;
};

/** What does not hold, or is to be added. */
export function readObjection(body: Body): FieldsRead<ObjectInput> {
  const r = new FieldReader(body);
  const kind = r.choice('kind', answerKinds) === 'added' ? 'added' : 'objected';
  const section = r.line('section', { cap: nameCap, required: true }) as ReviewSection;
  const text = r.text('text', { cap: textCap, required: true });
  const instead = r.text('instead', { cap: textCap });
  return r.done(() => ({ kind, section, text, instead: kind === 'added' ? '' : instead }));
}

export type NoteInput = {
  kind: AnswerKind;
  section: ReviewSection | '';
  text: string;
  instead: string;
  via: 'phone' | 'letter';
  day: IsoDate;
  how: string;
};

/** An answer that came by telephone or letter: what was said, when, and how the officer knows who said it. */
export function readNote(body: Body, today: IsoDate): FieldsRead<NoteInput> {
  const r = new FieldReader(body);
  const kind = r.choice('kind', answerKinds, { required: true });
  const section = r.line('section', { cap: nameCap, required: kind === 'objected' || kind === 'added' });
  const text = r.text('text', { cap: textCap, required: kind === 'objected' || kind === 'added' });
  const instead = r.text('instead', { cap: textCap });
  const via = r.choice('via', ['phone', 'letter'] as const, { required: true });
  const day = r.date('day', { required: true });
  if (day !== null && day > today) r.fail('day', 'future');
  const how = r.line('how', { cap: nameCap, required: true });
  return r.done(() => ({
    ...{ kind: kind as AnswerKind, section: section as ReviewSection | '', text, instead },
    ...{ via: via as 'phone' | 'letter', day: day as IsoDate, how },
  }));
}

/** The officer's words to an objection; without any it is only read. */
export function readSettle(body: Body): FieldsRead<{ objection: string; answer: string }> {
  const r = new FieldReader(body);
  const objection = r.line('objection', { cap: nameCap });
  const answer = r.text(`answer-${objection}` in body ? `answer-${objection}` : 'answer', { cap: textCap });
  return r.done(() => ({ objection, answer }));
}

/** What a form makes of some fields and measures. */
export type Edited = { fields: Map<string, string>; measures: MeasureRow[]; removed: string[] };

/** Rows for new measures at the end of the form. */
export const newRows = 2;

function readMeasures(r: FieldReader, body: Body, known: readonly string[], mayRemove: boolean) {
  const parties = partyCodes.filter((code) => code !== 'TOLK');
  const measures: MeasureRow[] = [];
  const removed: string[] = [];
  for (let i = 0; i < known.length + newRows; i++) {
    const id = known[i] ?? '';
    const at = (name: string) => measureField(id, i - known.length, name);
    if (id === '' && !body[at('text')]) continue;
    if (id !== '' && !(at('text') in body)) continue;
    if (id !== '' && mayRemove && r.flag(at('remove'))) {
      removed.push(id);
      continue;
    }
    const text = r.text(at('text'), { cap: textCap, required: true });
    const carriedOutBy = r.choice(at('carriedOutBy'), parties, { required: true }) as Party;
    const person = r.line(at('person'), { cap: nameCap });
    const followedUpBy = r.choice(at('followedUpBy'), parties);
    const due = r.date(at('due'));
    const goal = r.text(at('goal'), { cap: textCap });
    const kind = r.choice(at('kind'), measureKinds);
    const start = r.date(at('start'));
    if (start !== null && due !== null && due < start) r.fail(at('due'), 'beforeStart');
    const followUpOn = r.date(at('followUpOn'));
    measures.push({ id, text, carriedOutBy, person, followedUpBy, due, goal, kind, start, followUpOn });
  }
  return { measures, removed };
}

/**
 * Fields and measures out of a form. `keep` makes marks of corrections again of what the page showed as words; a field
 * that is not in the form is left as it is.
 */
function readEdited(
  r: FieldReader,
  body: Body,
  given: {
    rules: Iterable<FieldRule>;
    measures: readonly string[] | null;
    mayRemove: boolean;
    keep: (field: string, typed: string) => string;
  },
): Edited {
  const fields = new Map<string, string>();
  for (const rule of given.rules) {
    const { name } = rule;
    const ticks = rule.type === 'list' && body[`asked-${name}`] !== undefined;
    if (!(name in body) && !ticks) continue;
    const typed = ticks ? [body[name] ?? []].flat().join(' ') : ([body[name]].flat()[0] ?? '');
    r.values[name] = rule.type === 'list' ? typed.split(' ') : typed;
    const checked = checkField(rule, typed);
    if (checked.ok) fields.set(name, given.keep(name, checked.value));
    else r.fail(name, checked.code, { over: characters(typed) - capOf(rule) });
  }
  const rows = given.measures ? readMeasures(r, body, given.measures, given.mayRemove) : { measures: [], removed: [] };
  return { fields, ...rows };
}

type Asked = Omit<Parameters<typeof readEdited>[2], 'mayRemove'>;

/** A section as it is to be worded, and until when it is read again. `was`: how it was worded on the page. */
export function readChange(
  body: Body,
  asked: Asked,
  today: IsoDate,
): FieldsRead<Edited & { lastDay: IsoDate; was: string }> {
  const r = new FieldReader(body);
  const edited = readEdited(r, body, { ...asked, mayRemove: true });
  const lastDay = readLastDay(r, today, true);
  const was = r.line('was', { cap: nameCap });
  return r.done(() => ({ ...edited, lastDay, was }));
}

/** Minutes as an amendment words them, and why. `was`: number of the wording that the page was made from. */
export function readAmendment(body: Body, asked: Asked): FieldsRead<Edited & { reason: string; was: string }> {
  const r = new FieldReader(body);
  const edited = readEdited(r, body, { ...asked, mayRemove: false });
  const reason = r.text('reason', { cap: reasonCap, required: true });
  const was = r.line('was', { cap: nameCap });
  return r.done(() => ({ ...edited, reason, was }));
}
