import { FieldReader, type FieldsRead } from '../../../kernel/fields.ts';
import { type ToldHow, toldHows } from '../../meeting/letter/rules.ts';

/** How somebody was told; `letter` is the one that the officer saw. */
export function readTold(
  body: Readonly<Record<string, string | string[]>>,
): FieldsRead<{ letter: string; how: ToldHow }> {
  const r = new FieldReader(body);
  const letter = r.line('letter', { cap: 64 });
  const how = r.choice('how', toldHows, { required: true });
  return r.done(() => ({ letter, how: how as ToldHow }));
}
