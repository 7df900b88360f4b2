import { FieldReader, type FieldsRead } from '../../../kernel/fields.ts';
import { type IsoDate, parseDate } from '../../../kernel/time.ts';
import { type MeasureStatus, measureStatuses } from '../rules.ts';
import { latestDue, type OwnReport } from './rules.ts';

type Body = Readonly<Record<string, string | string[]>>;

const noteCap = 600;

/** `seen`: the version of the measure that the page showed; `sendKey`: of the form. Both null where it had none. */
export type Posted = { seen: number | null; sendKey: string | null };
export type ReportInput = OwnReport & Posted;

const first = (body: Body, name: string): string => [body[name] ?? ''].flat()[0] ?? '';

function readPosted(body: Body): Posted {
  const [seen, key] = [first(body, 'seen'), first(body, 'sendKey')];
  return {
    seen: /^\d{1,9}$/.test(seen) ? Number(seen) : null,
    sendKey: /^[A-Za-z0-9_-]{8,100}$/.test(key) ? key : null,
  };
}

/** How a measure goes. A day asked for lies ahead; one that an officer sets may have been. */
export function readReport(body: Body, today: IsoDate, by: 'owner' | 'officer'): FieldsRead<ReportInput> {
  const r = new FieldReader(body);
  const status = r.choice('status', measureStatuses, { required: true });
  const note = r.text('note', { cap: noteCap });
  const obstacle = r.text('obstacle', { cap: noteCap });
  const proposedDue = r.date('proposedDue');
  if (by === 'owner' && proposedDue !== null && proposedDue <= today) r.fail('proposedDue', 'past');
  if (proposedDue !== null && proposedDue > latestDue(today)) r.fail('proposedDue', 'tooFar');
  const meet = r.flag('meet');
  return r.done(() => ({ status: status as MeasureStatus, note, obstacle, proposedDue, meet, ...readPosted(body) }));
}

export type DecisionInput = { granted: boolean; words: string; asked: IsoDate };

/** The officer's word about a day that was asked for. A no says why. */
export function readDecision(body: Body): FieldsRead<DecisionInput> {
  const r = new FieldReader(body);
  const decision = r.choice('decision', ['granted', 'refused'] as const, { required: true });
  const words = r.text('words', { cap: noteCap, required: decision === 'refused' });
  return r.done(() => ({ granted: decision === 'granted', words, asked: parseDate(first(body, 'asked')) ?? '' }));
}

/** A mailed code as it was typed, and without the blanks of who reads in pairs. */
export function readCode(body: Body): { typed: string; code: string } {
  const typed = new FieldReader(body).line('code', { cap: 20 });
  return { typed, code: typed.replaceAll(' ', '') };
}
