import { FieldReader, type FieldsRead } from '../../../kernel/fields.ts';
import type { IsoDate } from '../../../kernel/time.ts';

type Body = Readonly<Record<string, string | string[]>>;
const textCap = 600;

/** The officer's word on whether the account is the participant's; `binding` is the claim that they saw. */
export function readBindingWord(
  body: Body,
  today: IsoDate,
): FieldsRead<{ binding: string; outcome: 'yes' | 'no'; how: string }> {
  const r = new FieldReader(body);
  const binding = r.line('binding', { cap: 64, required: true });
  const outcome = r.choice('outcome', ['yes', 'no'] as const, { required: true });
  const how = r.text('bindHow', { cap: textCap, required: outcome !== 'no', noNumber: today });
  return r.done(() => ({ binding, outcome: outcome as 'yes' | 'no', how }));
}

/** What the organisation has chosen, and how it was said; null when it is taken back. */
export function readPartyChoice(body: Body, today: IsoDate): FieldsRead<string | null> {
  const r = new FieldReader(body);
  const allow = r.choice('allow', ['yes', 'no'] as const, { required: true });
  const how = r.text('codeHow', { cap: textCap, required: allow !== 'no', noNumber: today });
  return r.done(() => (allow === 'yes' ? how : null));
}
