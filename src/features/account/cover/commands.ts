import type { User } from '../../../kernel/access.ts';
import { accept, type Decision, refuse } from '../../../kernel/decision.ts';
import { addDays, stockholmDate } from '../../../kernel/time.ts';
import { type Caller, command, type Engine, nothingYet, type Work } from '../../../platform/command.ts';
import { findAccount } from '../store.ts';
import type { Absence } from './rules.ts';
import { endCover, insertCover } from './store.ts';

/** Whether somebody is a case officer of the unit of whoever acts. */
async function isColleague(work: Work, id: string): Promise<boolean> {
  const { unitId } = work.actor as User;
  const found = await findAccount(work, id);
  return found?.role === 'officer' && found.fk && unitId !== null && found.unitId === unitId;
}

/** From the first to the last day the one has the other's rights in their cases. Refuses `officer`, `cover`. */
export const enterCover = (engine: Engine, caller: Caller, input: Absence): Promise<Decision<null>> =>
  command(engine, caller, {
    action: 'unit.cover',
    locate: nothingYet,
    async run(work) {
      if (!(await isColleague(work, input.officerId))) return refuse('officer');
      if (!(await isColleague(work, input.coverId))) return refuse('cover');
      const by = (work.actor as User).id;
      await insertCover(work, { ...input, id: work.newId(), createdAt: work.now, createdBy: by });
      return accept(null);
    },
  });

/** Ends an absence at once, for whoever came back early. */
export const stopCover = (engine: Engine, caller: Caller, id: string): Promise<Decision<null>> =>
  command(engine, caller, {
    action: 'unit.cover',
    locate: nothingYet,
    async run(work) {
      const yesterday = addDays(stockholmDate(work.now), -1);
      const ended = await endCover(work, id, (work.actor as User).unitId ?? '', yesterday);
      return ended ? accept(null) : refuse('not_found');
    },
  });
