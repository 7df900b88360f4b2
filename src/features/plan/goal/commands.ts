import type { User } from '../../../kernel/access.ts';
import { accept, type Decision, refuse } from '../../../kernel/decision.ts';
import { type Caller, command, type Engine } from '../../../platform/command.ts';
import { locatePlan } from '../store.ts';
import type { GoalInput } from './input.ts';
import { goalKey, linesOf } from './rules.ts';
import { insertGoalNote } from './store.ts';

/**
 * Notes that a sub-goal of the plan as it stands was reached, or is not after all. Refuses `fields` without anything to
 * note, and `changed_by_someone_else` for a sub-goal that the plan does not have any more.
 */
export function noteGoal(
  engine: Engine,
  caller: Caller,
  caseId: string,
  input: GoalInput | null,
): Promise<Decision<null>> {
  return command(engine, caller, {
    action: 'plan.check_off',
    locate: (reads) => locatePlan(reads, caseId),
    async run(work, { texts }) {
      if (!input) return refuse('fields');
      const goal = linesOf(texts?.subGoals ?? '').find((line) => goalKey(line) === input.goal);
      if (goal === undefined) return refuse('changed_by_someone_else');
      const { reachedOn } = input;
      const accountId = (work.actor as User).id;
      await insertGoalNote(work, { id: work.newId(), caseId, goal, reachedOn, at: work.now, accountId });
      return accept(null);
    },
  });
}
