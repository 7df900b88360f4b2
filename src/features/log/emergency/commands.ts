import type { User } from '../../../kernel/access.ts';
import { accept, type Decision, refuse } from '../../../kernel/decision.ts';
import { type Caller, command, type Engine } from '../../../platform/command.ts';
import type { Found } from '../input.ts';
import { mayReview, mostTries, openUntil, triesSince } from './rules.ts';
import { countTries, insertEmergency, locateByNumber, locateEmergency, markReviewed } from './store.ts';

/**
 * Opens a case to somebody without ordinary right to it, by a written reason, for looking and for some hours. Yields
 * its id, or null for a number that is no case's: that is noted too. Refuses `ordinary` and `too_many_tries`.
 */
export function openEmergency(
  engine: Engine,
  caller: Caller,
  given: { caseNumber: string; emergencyReason: string },
): Promise<Decision<string | null>> {
  let ordinary = false;
  return command(engine, caller, {
    action: 'emergency.open',
    async locate(reads) {
      const found = await locateByNumber(reads, given.caseNumber);
      ordinary = engine.rights('case.see', caller.actor, found.subject).verdict === 'allowed';
      return found;
    },
    async run(work, caseId) {
      const { id: accountId } = work.actor as User;
      const { now: at } = work;
      if ((await countTries(work, accountId, triesSince(at), mostTries)) >= mostTries) return refuse('too_many_tries');
      if (ordinary && caseId !== null) return refuse('ordinary');
      const until = caseId === null ? at : openUntil(at);
      await insertEmergency(work, { id: work.newId(), accountId, caseId, reason: given.emergencyReason, at, until });
      return accept(caseId);
    },
  });
}

/** Notes what somebody else found about one. Refuses `own_emergency` and `changed_by_someone_else`. */
export function reviewEmergency(engine: Engine, caller: Caller, id: string, found: Found): Promise<Decision<null>> {
  return command(engine, caller, {
    action: 'emergency.review',
    locate: (reads) => locateEmergency(reads, id),
    async run(work, emergency) {
      const by = work.actor as User;
      const may = mayReview(emergency, by);
      if (!may.ok) return may;
      const done = await markReviewed(work, id, { at: work.now, accountId: by.id, ...found });
      return done ? accept(null) : refuse('changed_by_someone_else');
    },
  });
}
