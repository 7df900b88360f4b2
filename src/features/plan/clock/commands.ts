import type { User } from '../../../kernel/access.ts';
import { accept, type Decision, refuse } from '../../../kernel/decision.ts';
import { type Caller, command, type Engine } from '../../../platform/command.ts';
import type { SickLeave } from './rules.ts';
import { insertSickLeave, locateDays } from './store.ts';

/**
 * Notes a case's sick periods anew. Refuses `fields` without anything to note, and `changed_by_someone_else` when they
 * are not those that the page was opened with (`seen`, empty for none).
 */
export function noteSickLeave(
  engine: Engine,
  caller: Caller,
  caseId: string,
  input: { facts: SickLeave; seen: string } | null,
): Promise<Decision<null>> {
  return command(engine, caller, {
    action: 'case.days',
    locate: (reads) => locateDays(reads, caseId),
    async run(work, { days }) {
      if (!input) return refuse('fields');
      if (input.seen !== (days.noted?.id ?? '')) return refuse('changed_by_someone_else');
      const accountId = (work.actor as User).id;
      await insertSickLeave(work, { id: work.newId(), caseId, facts: input.facts, at: work.now, accountId });
      return accept(null);
    },
  });
}
