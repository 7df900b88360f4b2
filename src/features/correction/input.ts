import { FieldReader, type FieldsRead } from '../../kernel/fields.ts';
import type { IsoDate } from '../../kernel/time.ts';
import { type GuidedKind, guidedKinds } from './rules.ts';

type Body = Record<string, string | string[]>;

const reasonCap = 600;
/** As long as the longest text that can stand anywhere. */
const passageCap = 4_000;

export type Proposed = {
  kind: GuidedKind;
  picks: string[];
  passage: string;
  reason: string;
  participant: string;
  sentOn: IsoDate | null;
};
/** What the form is sent for: to look, to change what was written, or to propose. */
export type Step = 'preview' | 'edit' | 'propose';

export const readStep = (body: Body): Step => (body.step === 'preview' || body.step === 'edit' ? body.step : 'propose');

/** A proposed correction. Which texts and which participant there are is judged where they are known. */
export function readProposed(body: Body, today: IsoDate): FieldsRead<Proposed> {
  const r = new FieldReader(body);
  const kind = r.choice('kind', guidedKinds, { required: true });
  const picks = [body.places ?? []].flat().filter((key) => key !== '');
  r.values.places = picks;
  const passage = r.text('passage', { cap: passageCap });
  const reached = kind === 'wrong_recipient';
  const participant = r.line('participant', { cap: 64, required: reached });
  const sentOn = r.date('sentOn', { required: reached });
  if (sentOn !== null && sentOn > today) r.fail('sentOn', 'future');
  const reason = r.text('reason', { cap: reasonCap, required: true, noNumber: today });
  return r.done(() => ({ kind: kind as GuidedKind, picks, passage, reason, participant, sentOn }));
}

/** The second person's word; a no needs its reason. `seen` tells what their page showed. */
export function readAnswer(body: Body, today: IsoDate, no: boolean): FieldsRead<{ answer: string; seen: string }> {
  const r = new FieldReader(body);
  const answer = r.text('answer', { cap: reasonCap, required: no, noNumber: today });
  const seen = r.line('seen', { cap: 64 });
  if (!no && !/^[0-9a-f]{24}$/.test(seen)) r.fail('seen', 'changed_by_someone_else');
  return r.done(() => ({ answer, seen }));
}

export function readMisfile(body: Body, today: IsoDate): FieldsRead<{ reason: string }> {
  const r = new FieldReader(body);
  const reason = r.text('reason', { cap: reasonCap, required: true, noNumber: today });
  return r.done(() => ({ reason }));
}
