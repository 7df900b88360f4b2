import { FieldReader, type FieldsRead } from '../../kernel/fields.ts';
import { type Finding, findings } from './rules.ts';

type Body = Record<string, string | string[]>;
const noteCap = 600;

export type Found = { finding: Finding; note: string };

/** What a reviewer found; anything but that all is well says what. */
export function readFinding(body: Body): FieldsRead<Found> {
  const r = new FieldReader(body);
  const finding = r.choice('finding', findings, { required: true });
  const note = r.text('note', { cap: noteCap, required: finding === 'ask' || finding === 'deviation' });
  return r.done(() => ({ finding: finding as Finding, note }));
}
