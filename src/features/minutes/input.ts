import { FieldReader, type FieldsRead } from '../../kernel/fields.ts';
import { type Party, partyCodes } from '../../kernel/parties.ts';
import { measureKinds } from '../filing/document/rules.ts';
import { followUpChoices, type NextStep, nextStep } from '../followup/rules.ts';
import type { MeasureDraft } from '../plan/rules.ts';
import type { FieldChange, FieldRule } from './rules.ts';

type Body = Record<string, string | string[]>;

const measureCap = 1_000;
const nameCap = 200;
const reasonCap = 600;

/** One autosaved field; null when the body has another shape. */
export function readPatch(json: unknown): FieldChange | null {
  if (typeof json !== 'object' || json === null) return null;
  const { field, text, baseVersion } = json as Record<string, unknown>;
  // A number, or what the page's hidden field holds.
  const version = Number(String(baseVersion).split('.')[0] || Number.NaN);
  if (typeof field !== 'string' || typeof text !== 'string' || !Number.isSafeInteger(version)) return null;
  return { field, text, baseVersion: version };
}

/**
 * The fields a form holds, out of those the minutes have. `version-<field>` is `3` or `3.<fingerprint of the text>`. Of
 * boxes to tick a form holds only those that are; its version says that they were there.
 */
export function readFields(body: Body, rules: Iterable<FieldRule>): FieldChange[] {
  const first = (name: string) => [body[name]].flat()[0];
  return [...rules].flatMap(({ name: field, type }): FieldChange[] => {
    const stamp = first(`version-${field}`);
    const ticked = stamp === undefined && !(field in body) ? undefined : [body[field] ?? []].flat().join(' ');
    const typed = type === 'list' ? ticked : first(field);
    if (typed === undefined) return [];
    const [version, was] = (stamp ?? '0').split('.');
    return [{ field, text: typed, baseVersion: Number(version) || 0, was }];
  });
}

export type MeasureChange = MeasureDraft & { measure: string; measureVersion: number | null };
const measureFields = ['text', 'carriedOutBy', 'person', 'followedUpBy', 'due', 'goal', 'kind', 'start', 'followUpOn'];

/** Whether anything stands in the measure's fields, so that it is never lost with the page. */
export const hasMeasure = (body: Body): boolean => measureFields.some((name) => String(body[name] ?? '').trim() !== '');

/** A measure that is added, or with `measure` one that is changed. */
export function readMeasure(body: Body): FieldsRead<MeasureChange> {
  const parties = partyCodes.filter((code) => code !== 'TOLK');
  const r = new FieldReader(body);
  const text = r.text('text', { cap: measureCap, required: true });
  const carriedOutBy = r.choice('carriedOutBy', parties, { required: true });
  const person = r.line('person', { cap: nameCap });
  const followedUpBy = r.choice('followedUpBy', parties);
  const due = r.date('due');
  const goal = r.text('goal', { cap: measureCap });
  const kind = r.choice('kind', measureKinds);
  const start = r.date('start');
  if (start !== null && due !== null && due < start) r.fail('due', 'beforeStart');
  const followUpOn = r.date('followUpOn');
  const measure = r.line('measure', { cap: nameCap });
  const version = r.line('measureVersion', { cap: nameCap });
  return r.done(() => ({
    text,
    carriedOutBy: carriedOutBy as Party,
    person,
    followedUpBy,
    due,
    goal,
    kind,
    start,
    followUpOn,
    measure,
    measureVersion: version === '' ? null : Number(version),
  }));
}

export type FinaliseInput = { reason: string; noFollowUpReason: string; next: NextStep };

/** Why the minutes are locked without a review, and what comes next: a follow-up, or why none. */
export function readFinalise(
  body: Body,
  facts: { reviewed: boolean; followUp: Parameters<typeof nextStep>[0] },
): FieldsRead<FinaliseInput> {
  const r = new FieldReader(body);
  const reason = r.text('reason', { cap: reasonCap, required: !facts.reviewed });
  const choice = r.choice('followUp', followUpChoices);
  const given = r.text('noFollowUpReason', { cap: reasonCap });
  const next = nextStep(facts.followUp, { choice, reason: given });
  if (!next.ok) r.fail('noFollowUpReason', next.code);
  return r.done(() => {
    const step = next.ok ? next.value : 'reason';
    return { reason, noFollowUpReason: step === 'reason' ? given : '', next: step };
  });
}
