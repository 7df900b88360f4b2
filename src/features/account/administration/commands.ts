import type { User } from '../../../kernel/access.ts';
import { accept, type Decision, refuse } from '../../../kernel/decision.ts';
import { type Caller, command, type Engine, nothingYet, type Work } from '../../../platform/command.ts';
import { closeSessionsOf } from '../../../platform/web/session.ts';
import { changePerson, findKeys, findPerson, insertKeys, insertPerson, writeUnknownRule } from '../person/store.ts';
import { type KeyKind, keyOf, type UnknownRule } from '../sign-in/rules.ts';
import { insertAccount, insertOrganisation, insertUnit } from '../store.ts';
import type { AssignmentInput, OrganisationInput, PersonInput, UnitInput } from './input.ts';
import { judgeAssignment, mayHandleProtected } from './rules.ts';
import {
  changeAssignment,
  changeOrganisation,
  changeUnit,
  closeAssignmentsOf,
  findAssignment,
  findOrganisation,
  findUnitRow,
  firstOrganisation,
  hasAdministrator,
  isInUse,
  personOfAccount,
  renameAssignments,
} from './store.ts';

/** Everything an administrator does is one action: of organisations, units and people, never of a case. */
const administer = <T>(engine: Engine, caller: Caller, run: (work: Work) => Promise<Decision<T>>) =>
  command(engine, caller, { action: 'account.administer', locate: nothingYet, run });

type Saved = Promise<Decision<{ id: string }>>;

export const setUnknownRule = (engine: Engine, caller: Caller, rule: UnknownRule): Promise<Decision<null>> =>
  administer(engine, caller, async (work) => {
    await writeUnknownRule(work, rule);
    return accept(null);
  });

/** Adds an organisation, or renames the one with this id: the party it is stays. */
export const putOrganisation = (engine: Engine, caller: Caller, id: string | null, input: OrganisationInput): Saved =>
  administer(engine, caller, async (work) => {
    if (id === null) {
      const added = { id: work.newId(), name: input.name, party: input.party as string };
      await insertOrganisation(work, added);
      return accept({ id: added.id });
    }
    if (!(await findOrganisation(work, id))) return refuse('not_found');
    await changeOrganisation(work, id, { name: input.name });
    return accept({ id });
  });

export const addUnit = (engine: Engine, caller: Caller, organisationId: string, input: UnitInput): Saved =>
  administer(engine, caller, async (work) => {
    const organisation = await findOrganisation(work, organisationId);
    if (!organisation) return refuse('not_found');
    if (organisation.state !== 'active') return refuse('closed');
    const id = work.newId();
    await insertUnit(work, { id, organisationId, ...input });
    return accept({ id });
  });

export const putUnit = (engine: Engine, caller: Caller, id: string, input: UnitInput): Saved =>
  administer(engine, caller, async (work) => {
    if (!(await findUnitRow(work, id))) return refuse('not_found');
    await changeUnit(work, id, input);
    return accept({ id });
  });

type KnownAs = { kind: KeyKind; fingerprint: string };
const printsOf = (keys: readonly KnownAs[]): string[] => keys.map(({ fingerprint }) => fingerprint);

function keysOf({ vault }: Work, { number, hsaId }: PersonInput, issuer: string): KnownAs[] {
  const given: [KeyKind, string | null][] = [
    ['number', number],
    ['hsa', hsaId],
  ];
  return given.flatMap(([kind, value]) =>
    value === null ? [] : [{ kind, fingerprint: vault.fingerprint(keyOf(issuer, kind, value).text) }],
  );
}

/** Adds somebody by number or HSA-id, or changes the name and adds a key. Refuses `taken` for somebody else's key. */
export const putPerson = (
  engine: Engine,
  caller: Caller,
  id: string | null,
  input: PersonInput,
  issuer: string,
): Saved =>
  administer(engine, caller, async (work) => {
    const { now } = work;
    const keys = keysOf(work, input, issuer);
    const known = keys.length > 0 ? await findKeys(work, printsOf(keys)) : [];
    if (known.some(({ personId }) => personId !== id)) return refuse('taken');
    if (id !== null && !(await findPerson(work, id))) return refuse('not_found');
    const personId = id ?? work.newId();
    if (id === null) await insertPerson(work, { id: personId, name: input.name, state: 'active', at: now });
    else {
      await changePerson(work, personId, { name: input.name });
      await renameAssignments(work, personId, input.name);
    }
    const fresh = keys.filter(({ fingerprint }) => !known.some((one) => one.fingerprint === fingerprint));
    await insertKeys(work, personId, fresh, now);
    return accept({ id: personId });
  });

/**
 * Gives somebody an assignment, which is also how one who waits is let in. Refuses `own` to whoever would give it to
 * themselves, `organisation` for an unknown one, and what `judgeAssignment` refuses.
 */
export const addAssignment = (engine: Engine, caller: Caller, personId: string, input: AssignmentInput): Saved =>
  administer(engine, caller, async (work) => {
    const person = await findPerson(work, personId);
    const organisation = await findOrganisation(work, input.organisationId);
    if (!person) return refuse('not_found');
    if (!organisation) return refuse('organisation');
    if (await isOwn(work, personId)) return refuse('own');
    const unit = input.unitId === null ? null : await findUnitRow(work, input.unitId);
    const judged = judgeAssignment({ role: input.role, organisation, unit });
    if (!judged.ok) return judged;
    const id = work.newId();
    await insertAccount(work, {
      ...{ id, demoKey: null, personId, name: person.name, personalNumber: null },
      ...{ role: input.role, ...judged.value, organisationId: organisation.id, unitId: unit?.id ?? null },
      ...{ email: input.email, phone: input.phone },
      handlesProtected: input.handlesProtected && mayHandleProtected(input.role),
    });
    if (person.state !== 'active') {
      await changePerson(work, personId, { state: 'active', at: work.now, by: (work.actor as User).id });
    }
    return accept({ id });
  });

/** Contact details, and whether they are named for protected identities; another role is another assignment. */
export const putAssignment = (
  engine: Engine,
  caller: Caller,
  id: string,
  input: Pick<AssignmentInput, 'email' | 'phone' | 'handlesProtected'>,
): Saved =>
  administer(engine, caller, async (work) => {
    const found = await findAssignment(work, id);
    if (!found) return refuse('not_found');
    if (await isOwn(work, found.personId)) return refuse('own');
    const handlesProtected = input.handlesProtected && mayHandleProtected(found.role);
    await changeAssignment(work, id, { email: input.email, phone: input.phone, handlesProtected });
    return accept({ id });
  });

export type Closable = 'organisation' | 'unit' | 'person' | 'assignment';

/**
 * Closes, never deletes; whoever is signed in by it is signed out. Refuses `in_use` while anybody has an assignment
 * there, and `own` for one's own, so that there is always an administrator left.
 */
export const close = (engine: Engine, caller: Caller, what: Closable, id: string): Saved =>
  administer(engine, caller, async (work) => {
    const closed = { state: 'closed' } as const;
    if (what === 'organisation') {
      if (!(await findOrganisation(work, id))) return refuse('not_found');
      if (await isInUse(work, 'organisation_id', id)) return refuse('in_use');
      await changeOrganisation(work, id, closed);
      return accept({ id });
    }
    if (what === 'unit') {
      const unit = await findUnitRow(work, id);
      if (!unit) return refuse('not_found');
      if (await isInUse(work, 'unit_id', id)) return refuse('in_use');
      await changeUnit(work, id, closed);
      return accept({ id: unit.organisationId });
    }
    const personId = what === 'person' ? id : (await findAssignment(work, id))?.personId;
    if (personId === undefined || !(await findPerson(work, personId))) return refuse('not_found');
    if (await isOwn(work, personId)) return refuse('own');
    if (what === 'assignment') {
      await changeAssignment(work, id, closed);
      await closeSessionsOf(work, { column: 'account_id', value: id });
      return accept({ id: personId });
    }
    await closeAssignmentsOf(work, personId);
    await changePerson(work, personId, { ...closed, at: work.now, by: (work.actor as User).id });
    await closeSessionsOf(work, { column: 'person_id', value: personId });
    return accept({ id: personId });
  });

const isOwn = async (work: Work, personId: string): Promise<boolean> =>
  (await personOfAccount(work, (work.actor as User).id)) === personId;

/**
 * The first administrator of an installation, or the next when nobody is left: by whoever runs the server. Refuses
 * `has_administrator` when there is one, and `taken` for a key that somebody has who is no administrator.
 */
export const makeFirstAdministrator = (
  engine: Engine,
  caller: Caller,
  organisation: string,
  input: PersonInput,
  issuer: string,
): Promise<Decision<null>> =>
  command(engine, caller, {
    action: 'account.set_up',
    locate: nothingYet,
    async run(work) {
      if (await hasAdministrator(work)) return refuse('has_administrator');
      const keys = keysOf(work, input, issuer);
      if ((await findKeys(work, printsOf(keys))).length > 0) return refuse('taken');
      const personId = work.newId();
      const organisationId = await firstOrganisation(work, { id: work.newId(), name: organisation });
      await insertPerson(work, { id: personId, name: input.name, state: 'active', at: work.now });
      await insertKeys(work, personId, keys, work.now);
      await insertAccount(work, {
        ...{ id: work.newId(), demoKey: null, personId, name: input.name, personalNumber: null, role: 'administrator' },
        ...{ fk: true, party: 'FK', organisationId, unitId: null, email: null, phone: null },
      });
      return accept(null);
    },
  });
