import { accept, type Decision, refuse } from '../../kernel/decision.ts';
import { type Caller, command, type Engine, nothingYet } from '../../platform/command.ts';
import { closeSession, openSession } from '../../platform/web/session.ts';
import { startPage } from './rules.ts';
import {
  findDemoAccount,
  hasAccounts,
  insertAccount,
  insertOrganisation,
  insertUnit,
  type NewAccount,
  type Unit,
} from './store.ts';

/** Signs in as a demo account, and ends the session that was open before. Refuses `not_found` for a name that is none. */
export function signInDemo(
  engine: Engine,
  caller: Caller,
  key: string,
  before: string | null,
): Promise<Decision<{ sessionId: string; startPage: string }>> {
  return command(engine, caller, {
    action: 'session.open',
    locate: nothingYet,
    async run(work) {
      const account = await findDemoAccount(work, key);
      if (!account) return refuse('not_found');
      if (before) await closeSession(work, before);
      const sessionId = await openSession(work, account.id, work.now);
      return accept({ sessionId, startPage: startPage(account) });
    },
  });
}

export function signOut(engine: Engine, caller: Caller, idHash: string): Promise<Decision<null>> {
  return command(engine, caller, {
    action: 'session.close',
    locate: nothingYet,
    async run(work) {
      await closeSession(work, idHash);
      return accept(null);
    },
  });
}

export type SetUp = {
  organisations: { id: string; party: string; name: string }[];
  units: Unit[];
  accounts: NewAccount[];
};

/** Fills an empty installation with its organisations, units and accounts. Refuses `not_empty` otherwise. */
export function setUp(engine: Engine, caller: Caller, given: SetUp): Promise<Decision<null>> {
  return command(engine, caller, {
    action: 'account.set_up',
    locate: nothingYet,
    async run(work) {
      if (await hasAccounts(work)) return refuse('not_empty');
      for (const organisation of given.organisations) await insertOrganisation(work, organisation);
      for (const unit of given.units) await insertUnit(work, unit);
      for (const account of given.accounts) await insertAccount(work, account);
      return accept(null);
    },
  });
}
