import type { User } from '../../kernel/access.ts';
import { accept, type Decision, refuse } from '../../kernel/decision.ts';
import { type Caller, command, type Engine } from '../../platform/command.ts';
import { mayTake } from '../account/rules.ts';
import { findAccount } from '../account/store.ts';
import { assignCase, locateCase } from '../case/store.ts';
import { assignMeetings } from '../meeting/store.ts';

/** Hands a case, and so its meetings, to an officer of the same unit. Refuses `officer` for anybody else. */
export function handOverCase(engine: Engine, caller: Caller, id: string, officerId: string): Promise<Decision<null>> {
  return command(engine, caller, {
    action: 'case.assign',
    locate: (reads) => locateCase(reads, id),
    async run(work, found) {
      const officer = await findAccount(work, officerId);
      const unitId = (work.actor as User).unitId;
      if (!officer || !unitId || !mayTake(officer, unitId, found.subject)) return refuse('officer');
      await assignCase(work, id, { id: officer.id, unitId });
      await assignMeetings(work, id, { id: officer.id, unitId });
      return accept(null);
    },
  });
}
