import { FieldReader, type FieldsRead } from '../../../kernel/fields.ts';
import type { IsoDate } from '../../../kernel/time.ts';

/** `goal`: the sub-goal's key; `reachedOn` null: not reached after all. */
export type GoalInput = { goal: string; reachedOn: IsoDate | null };

/** A sub-goal is checked off with a day that has been; `reached=no` takes it back. */
export function readGoal(body: Readonly<Record<string, string | string[]>>, today: IsoDate): FieldsRead<GoalInput> {
  const r = new FieldReader(body);
  const goal = r.line('goal', { cap: 40, required: true });
  const back = r.choice('reached', ['yes', 'no'] as const) === 'no';
  const day = r.date('reachedOn', { required: !back });
  if (!back && day !== null && day > today) r.fail('reachedOn', 'future');
  return r.done(() => ({ goal, reachedOn: back ? null : day }));
}
