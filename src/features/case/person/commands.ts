import type { Action, User } from '../../../kernel/access.ts';
import { accept, type Decision, refuse } from '../../../kernel/decision.ts';
import { type Caller, command, type Engine, type Work } from '../../../platform/command.ts';
import { privateOrganisation } from '../../account/person/store.ts';
import { keyOf } from '../../account/sign-in/rules.ts';
import { findAccountOfPerson, insertAccount } from '../../account/store.ts';
import { type FoundCase, locateCase } from '../store.ts';
import type { RepresentationInput } from './input.ts';
import { endRepresentation, findRepresentative, giveAccount, insertRepresentation, setProtection } from './store.ts';

function onCase(
  engine: Engine,
  caller: Caller,
  action: Action,
  id: string,
  run: (work: Work, found: FoundCase) => Promise<Decision<null>>,
): Promise<Decision<null>> {
  return command(engine, caller, { action, locate: (reads) => locateCase(reads, id), run });
}

/**
 * Lets somebody act for the individual. Refuses `no_representative` when nobody has an account as representative under that
 * number, and `self` when it is the individual's own.
 */
export function registerRepresentative(
  engine: Engine,
  caller: Caller,
  caseId: string,
  input: RepresentationInput,
  /** The identity provider that vouches for numbers, and what private people stand under. */
  house: { issuer: string; privateOrganisation: string },
): Promise<Decision<null>> {
  return onCase(engine, caller, 'case.represent', caseId, async (work, found) => {
    const { number, ...rest } = input;
    if (number === found.individual.number) return refuse('self');
    const keys = [number, keyOf(house.issuer, 'number', number).text];
    const representative = await findRepresentative(work, keys.map(work.vault.fingerprint));
    if (!representative) return refuse('no_representative');
    const individualAccountId = found.individualAccountId ?? (await accountFor(work, found, house.privateOrganisation));
    await insertRepresentation(work, {
      ...rest,
      id: work.newId(),
      accountId: representative.id,
      individualAccountId,
      at: work.now,
      byId: (work.actor as User).id,
    });
    return accept(null);
  });
}

/** The individual's account, found by their number or made. */
async function accountFor(work: Work, { id, individual }: FoundCase, organisation: string): Promise<string> {
  const { name, number } = individual;
  const known = number === null ? null : await findAccountOfPerson(work, work.vault.fingerprint(number));
  const accountId = known?.id ?? work.newId();
  if (!known) {
    await insertAccount(work, {
      ...{ id: accountId, demoKey: null, role: 'individual', fk: false, party: 'PERSON', unitId: null },
      ...{ name, personalNumber: number, email: null, phone: null },
      organisationId: await privateOrganisation(work, { id: work.newId(), name: organisation }),
    });
  }
  await giveAccount(work, id, accountId);
  return accountId;
}

/** Ends a representation at once. Refuses `not_found` for one that is not this individual's, or is over. */
export function endRepresentative(
  engine: Engine,
  caller: Caller,
  at: { caseId: string; id: string },
): Promise<Decision<null>> {
  return onCase(engine, caller, 'case.represent', at.caseId, async (work, found) => {
    const { individualAccountId } = found;
    if (individualAccountId === null) return refuse('not_found');
    const ended = { individualAccountId, at: work.now, byId: (work.actor as User).id };
    return (await endRepresentation(work, at.id, ended)) ? accept(null) : refuse('not_found');
  });
}

/** Protects the case's identity or takes the protection away. Refuses `not_now` when it is so already. */
export function protect(
  engine: Engine,
  caller: Caller,
  caseId: string,
  wanted: { protected: boolean; reason: string },
): Promise<Decision<null>> {
  return onCase(engine, caller, 'case.protect', caseId, async (work, found) => {
    if (found.individual.protectedIdentity === wanted.protected) return refuse('not_now');
    const by = { id: work.newId(), at: work.now, byId: (work.actor as User).id };
    await setProtection(work, caseId, { ...by, ...wanted });
    return accept(null);
  });
}
