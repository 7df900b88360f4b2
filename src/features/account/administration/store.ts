import type { Role } from '../../../kernel/access.ts';
import { looksLikeId } from '../../../kernel/ids.ts';
import type { Reads, Writes } from '../../../platform/db/database.ts';

export type State = 'active' | 'closed';
export type OrganisationRow = { id: string; party: string; name: string; state: State };
export type UnitRow = {
  id: string;
  organisationId: string;
  name: string;
  phone: string;
  address: string;
  state: State;
};
export type AssignmentRow = {
  id: string;
  personId: string;
  name: string;
  role: Role;
  organisationId: string;
  organisation: string;
  unit: string | null;
  email: string | null;
  phone: string | null;
  handlesProtected: boolean;
  state: State;
};

/** Rows of a page; each list gives one more when there are more. */
export const listPage = 25;
/** A drop-down or the list below a page's form. */
const most = 200;

export async function findOrganisation({ db }: Reads, id: string): Promise<OrganisationRow | null> {
  if (!looksLikeId(id)) return null;
  const row = await db.selectFrom('organisation').selectAll().where('id', '=', id).executeTakeFirst();
  return row ? { ...row, state: row.state as State } : null;
}

/** Organisations in the order they were added; private people's own is nobody's to manage. */
export async function listOrganisations(
  { db }: Reads,
  options: { after: string | null; open: boolean },
): Promise<OrganisationRow[]> {
  let query = db.selectFrom('organisation').selectAll().where('party', '!=', 'PERSON');
  if (options.open) query = query.where('state', '=', 'active');
  if (options.after) query = query.where('id', '>', options.after);
  const rows = await query
    .orderBy('id')
    .limit(listPage + 1)
    .execute();
  return rows.map((row) => ({ ...row, state: row.state as State }));
}

const toUnit = ({ organisation_id, state, ...row }: Omit<UnitRow, 'organisationId'> & { organisation_id: string }) => ({
  ...row,
  organisationId: organisation_id,
  state: state as State,
});

export async function findUnitRow({ db }: Reads, id: string): Promise<UnitRow | null> {
  if (!looksLikeId(id)) return null;
  const row = await db.selectFrom('unit').selectAll().where('id', '=', id).executeTakeFirst();
  return row ? toUnit({ ...row, state: row.state as State }) : null;
}

export async function listUnits({ db }: Reads, organisationId: string): Promise<UnitRow[]> {
  const rows = await db
    .selectFrom('unit')
    .selectAll()
    .where('organisation_id', '=', organisationId)
    .orderBy('id')
    .limit(most)
    .execute();
  return rows.map((row) => toUnit({ ...row, state: row.state as State }));
}

const assignments = (db: Reads['db']) =>
  db
    .selectFrom('account as a')
    .innerJoin('person as p', 'p.id', 'a.person_id')
    .innerJoin('organisation as o', 'o.id', 'a.organisation_id')
    .leftJoin('unit as u', 'u.id', 'a.unit_id')
    .select(['a.id', 'p.id as person_id', 'p.name', 'a.role', 'o.id as organisation_id', 'o.name as organisation'])
    .select(['u.name as unit', 'a.email', 'a.phone', 'a.handles_protected', 'a.state']);
type Row = Awaited<ReturnType<ReturnType<typeof assignments>['execute']>>[number];

const toAssignment = (vault: Reads['vault'], row: Row): AssignmentRow => ({
  ...{ id: row.id, role: row.role, organisation: row.organisation, unit: row.unit, state: row.state as State },
  ...{ personId: row.person_id, organisationId: row.organisation_id, name: vault.open(row.name) },
  ...{ email: vault.open(row.email), phone: vault.open(row.phone), handlesProtected: row.handles_protected === 1 },
});

/** An assignment that was given to a person; an individual's or a demo's account is none. */
export async function findAssignment({ db, vault }: Reads, id: string): Promise<AssignmentRow | null> {
  if (!looksLikeId(id)) return null;
  const row = await assignments(db).where('a.id', '=', id).executeTakeFirst();
  return row ? toAssignment(vault, row) : null;
}

export async function listAssignments({ db, vault }: Reads, personId: string): Promise<AssignmentRow[]> {
  const rows = await assignments(db).where('a.person_id', '=', personId).orderBy('a.id').limit(most).execute();
  return rows.map((row) => toAssignment(vault, row));
}

export async function personOfAccount({ db }: Reads, accountId: string): Promise<string | null> {
  const row = await db.selectFrom('account').select('person_id').where('id', '=', accountId).executeTakeFirst();
  return row?.person_id ?? null;
}

export async function changeOrganisation(
  { db }: Writes,
  id: string,
  change: { name: string } | { state: State },
): Promise<void> {
  await db.updateTable('organisation').set(change).where('id', '=', id).execute();
}

export async function changeUnit(
  { db }: Writes,
  id: string,
  change: { name: string; phone: string; address: string } | { state: State },
): Promise<void> {
  await db.updateTable('unit').set(change).where('id', '=', id).execute();
}

export async function changeAssignment(
  { db, vault }: Writes,
  id: string,
  change: { email: string | null; phone: string | null; handlesProtected: boolean } | { state: State },
): Promise<void> {
  const set =
    'state' in change
      ? change
      : {
          email: vault.seal(change.email),
          phone: vault.seal(change.phone),
          handles_protected: change.handlesProtected ? (1 as const) : (0 as const),
        };
  await db.updateTable('account').set(set).where('id', '=', id).execute();
}

/** A person's name stands on each of their assignments, where pages read it. */
export async function renameAssignments({ db, vault }: Writes, personId: string, name: string): Promise<void> {
  await db
    .updateTable('account')
    .set({ name: vault.seal(name) })
    .where('person_id', '=', personId)
    .execute();
}

/** Closes what is open of a person's assignments; their ids. */
export async function closeAssignmentsOf({ db }: Writes, personId: string): Promise<string[]> {
  const rows = await db
    .updateTable('account')
    .set({ state: 'closed' })
    .where('person_id', '=', personId)
    .where('state', '=', 'active')
    .returning('id')
    .execute();
  return rows.map(({ id }) => id);
}

/** Whether anybody has an open assignment there, demo accounts included. */
export async function isInUse({ db }: Reads, where: 'organisation_id' | 'unit_id', id: string): Promise<boolean> {
  const row = await db
    .selectFrom('account')
    .select('id')
    .where(where, '=', id)
    .where('state', '=', 'active')
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

export async function hasAdministrator({ db }: Reads): Promise<boolean> {
  const row = await db
    .selectFrom('account')
    .select('id')
    .where('role', '=', 'administrator')
    .where('state', '=', 'active')
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

/** The first of Försäkringskassan's organisations, made when there is none. */
export async function firstOrganisation({ db }: Writes, made: { id: string; name: string }): Promise<string> {
  const row = await db
    .selectFrom('organisation')
    .select('id')
    .where('party', '=', 'FK')
    .where('state', '=', 'active')
    .orderBy('id')
    .executeTakeFirst();
  if (row) return row.id;
  await db
    .insertInto('organisation')
    .values({ ...made, party: 'FK' })
    .execute();
  return made.id;
}
