import { FieldReader, type FieldsRead } from '../../../kernel/fields.ts';

/** A case's number and why somebody without ordinary right needs to see it. */
export function readOpening(
  body: Record<string, string | string[]>,
): FieldsRead<{ caseNumber: string; emergencyReason: string }> {
  const r = new FieldReader(body);
  const caseNumber = r.line('caseNumber', { cap: 40, required: true });
  const emergencyReason = r.text('emergencyReason', { cap: 600, required: true });
  return r.done(() => ({ caseNumber, emergencyReason }));
}
