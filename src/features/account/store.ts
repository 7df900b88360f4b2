import { sql } from 'kysely';
import type { Role } from '../../kernel/access.ts';
import type { Reads, Writes } from '../../platform/db/database.ts';

export type Unit = { id: string; organisationId: string; name: string; phone: string; address: string };
export type Account = {
  id: string;
  demoKey: string | null;
  role: Role;
  fk: boolean;
  party: string;
  organisationId: string;
  unitId: string | null;
  name: string;
  email: string | null;
  phone: string | null;
  /** Named to handle cases of people with protected identity. */
  handlesProtected: boolean;
};

export type NewAccount = Omit<Account, 'handlesProtected'> & {
  handlesProtected?: boolean;
  personalNumber: string | null;
  /** Who works in it; none in a demo account, nor in an individual's own. */
  personId?: string;
};

export async function insertOrganisation(
  { db }: Writes,
  row: { id: string; party: string; name: string },
): Promise<void> {
  await db.insertInto('organisation').values(row).execute();
}

export async function insertUnit({ db }: Writes, unit: Unit): Promise<void> {
  const { organisationId, ...rest } = unit;
  await db
    .insertInto('unit')
    .values({ ...rest, organisation_id: organisationId })
    .execute();
}

export async function insertAccount({ db, vault }: Writes, account: NewAccount): Promise<void> {
  await db
    .insertInto('account')
    .values({
      id: account.id,
      demo_key: account.demoKey,
      role: account.role,
      fk: account.fk ? 1 : 0,
      party: account.party,
      organisation_id: account.organisationId,
      unit_id: account.unitId,
      name: vault.seal(account.name),
      email: vault.seal(account.email),
      phone: vault.seal(account.phone),
      number_fp: account.personalNumber === null ? null : vault.fingerprint(account.personalNumber),
      handles_protected: account.handlesProtected ? 1 : 0,
      person_id: account.personId ?? null,
    })
    .execute();
}

const accountColumns = [
  'id',
  'demo_key',
  'role',
  'fk',
  'party',
  'organisation_id',
  'unit_id',
  'name',
  'email',
  'phone',
  'handles_protected',
] as const;
type AccountRow = {
  id: string;
  demo_key: string | null;
  role: Role;
  fk: 0 | 1;
  party: string;
  organisation_id: string;
  unit_id: string | null;
  name: string;
  email: string | null;
  phone: string | null;
  handles_protected: 0 | 1;
};

function toAccount(vault: Reads['vault'], row: AccountRow): Account {
  return {
    id: row.id,
    demoKey: row.demo_key,
    role: row.role,
    fk: row.fk === 1,
    party: row.party,
    organisationId: row.organisation_id,
    unitId: row.unit_id,
    name: vault.open(row.name),
    email: vault.open(row.email),
    phone: vault.open(row.phone),
    handlesProtected: row.handles_protected === 1,
  };
}

/** An account that is open. */
export async function findAccount({ db, vault }: Reads, id: string): Promise<Account | null> {
  const row = await db
    .selectFrom('account')
    .select(accountColumns)
    .where('id', '=', id)
    .where('state', '=', 'active')
    .executeTakeFirst();
  return row ? toAccount(vault, row) : null;
}

/** The demo accounts in the order they were made; no more than a page of them. */
export async function listDemoAccounts({ db, vault }: Reads): Promise<Account[]> {
  const rows = await db
    .selectFrom('account')
    .select(accountColumns)
    .where('demo_key', 'is not', null)
    .where('state', '=', 'active')
    .orderBy('id')
    .limit(20)
    .execute();
  return rows.map((row) => toAccount(vault, row));
}

export async function findDemoAccount({ db, vault }: Reads, key: string): Promise<Account | null> {
  const row = await db
    .selectFrom('account')
    .select(accountColumns)
    .where('demo_key', '=', key)
    .where('state', '=', 'active')
    .executeTakeFirst();
  return row ? toAccount(vault, row) : null;
}

export const officers = (db: Reads['db']) =>
  db
    .selectFrom('account')
    .select(['id', 'name'])
    .where('role', '=', sql.lit('officer'))
    .where('state', '=', sql.lit('active'))
    .limit(sql.lit(200));

const collator = new Intl.Collator('sv');

/** Officers by name. */
export const toOfficers = (vault: Reads['vault'], rows: readonly { id: string; name: string }[]) =>
  rows.map(({ id, name }) => ({ id, name: vault.openStaff(name) })).sort((a, b) => collator.compare(a.name, b.name));

/** Case officers of one FK unit, by name; for a protected identity those who are named for it. */
export async function listOfficers(
  { db, vault }: Reads,
  unitId: string,
  protectedIdentity: boolean,
): Promise<{ id: string; name: string }[]> {
  const ofUnit = officers(db).where('unit_id', '=', unitId);
  const named = protectedIdentity ? ofUnit.where('handles_protected', '=', 1) : ofUnit;
  return toOfficers(vault, await named.execute());
}

export async function findUnit({ db }: Reads, id: string): Promise<Unit | null> {
  const row = await db.selectFrom('unit').selectAll().where('id', '=', id).executeTakeFirst();
  return row
    ? { id: row.id, organisationId: row.organisation_id, name: row.name, phone: row.phone, address: row.address }
    : null;
}

/** The account of the person with this number's fingerprint, if they have one. */
export async function findAccountOfPerson({ db }: Reads, numberFingerprint: string): Promise<{ id: string } | null> {
  const row = await db
    .selectFrom('account')
    .select('id')
    .where('number_fp', '=', numberFingerprint)
    .where('role', '=', 'individual')
    .executeTakeFirst();
  return row ?? null;
}

export async function hasAccounts({ db }: Reads): Promise<boolean> {
  return (await db.selectFrom('account').select('id').limit(1).executeTakeFirst()) !== undefined;
}
