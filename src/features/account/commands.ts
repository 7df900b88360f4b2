import { nobody } from '../../kernel/access.ts';
import { accept, type Decision, refuse } from '../../kernel/decision.ts';
import { type Caller, command, type Engine } from '../../platform/command.ts';
import { closeSession, openSession } from '../../platform/web/session.ts';
import { startPage } from './rules.ts';
import { findDemoAccount } from './store.ts';

/** Signs in as a demo account. Refuses `not_found` for a name that is none. */
export function signInDemo(
  engine: Engine,
  caller: Caller,
  key: string,
): Promise<Decision<{ sessionId: string; startPage: string }>> {
  return command(engine, caller, {
    action: 'session.open',
    locate: async () => nobody,
    async run(work) {
      const account = await findDemoAccount(work, key);
      if (!account) return refuse('not_found');
      const sessionId = await openSession(work, account.id, work.now);
      return accept({ sessionId, startPage: startPage({ kind: 'user', ...account }) });
    },
  });
}

export function signOut(engine: Engine, caller: Caller, idHash: string): Promise<Decision<null>> {
  return command(engine, caller, {
    action: 'session.close',
    locate: async () => nobody,
    async run(work) {
      await closeSession(work, idHash);
      return accept(null);
    },
  });
}
