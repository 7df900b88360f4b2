import { FieldReader, type FieldsRead } from '../../kernel/fields.ts';
import type { IsoDate } from '../../kernel/time.ts';
import { type MeasureStatus, measureStatuses } from './rules.ts';

type Body = Record<string, string | string[]>;

const noteCap = 600;

export type ReportInput = { status: MeasureStatus; note: string; proposedDue: IsoDate | null };

/** How a measure goes. */
export function readReport(body: Body): FieldsRead<ReportInput> {
  const r = new FieldReader(body);
  const status = r.choice('status', measureStatuses, { required: true });
  const note = r.text('note', { cap: noteCap });
  const proposedDue = r.date('proposedDue');
  return r.done(() => ({ status: status as MeasureStatus, note, proposedDue }));
}
