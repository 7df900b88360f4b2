import { FieldReader, type FieldsRead } from '../../../kernel/fields.ts';
import type { IsoDate } from '../../../kernel/time.ts';
import type { WithholdingMove, WithholdingOutcome } from './rules.ts';

type Body = Readonly<Record<string, string | string[]>>;

/** Asking that the person is not told who asked, or is told again. */
export function readWithholding(body: Body, today: IsoDate): FieldsRead<{ move: WithholdingMove; reason: string }> {
  const r = new FieldReader(body);
  const move = r.choice('move', ['withhold', 'lift'] as const, { required: true });
  const reason = r.text('withholdReason', { cap: 600, required: true, noNumber: today });
  return r.done(() => ({ move: move as WithholdingMove, reason }));
}

/** Somebody else's yes or no to it. */
export function readSecondLook(body: Body): FieldsRead<WithholdingOutcome> {
  const r = new FieldReader(body);
  const outcome = r.choice('outcome', ['approved', 'rejected'] as const, { required: true });
  return r.done(() => outcome as WithholdingOutcome);
}

/** A new link to the receipt, or none. */
export function readLinkAct(body: Body): FieldsRead<'renew' | 'revoke'> {
  const r = new FieldReader(body);
  const act = r.choice('act', ['renew', 'revoke'] as const, { required: true });
  return r.done(() => act as 'renew' | 'revoke');
}
