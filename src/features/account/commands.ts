import { accept, type Decision, refuse } from '../../kernel/decision.ts';
import { type Caller, command, type Engine, nothingYet } from '../../platform/command.ts';
import { hasAccounts, insertAccount, insertOrganisation, insertUnit, type NewAccount, type Unit } from './store.ts';

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
