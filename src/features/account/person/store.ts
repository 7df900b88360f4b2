import type { Role } from '../../../kernel/access.ts';
import type { IsoInstant } from '../../../kernel/time.ts';
import type { Reads, Writes } from '../../../platform/db/database.ts';
import type { Holder, KeyKind, KnownKey, PersonState, UnknownRule } from '../sign-in/rules.ts';

export type Person = { id: string; name: string; state: PersonState; createdAt: IsoInstant };
/** One assignment, as whoever holds it would tell it. */
export type Assignment = { id: string; role: Role; organisation: string; unit: string | null };

const personColumns = ['id', 'name', 'state', 'created_at'] as const;
const toPerson = (
  vault: Reads['vault'],
  row: { id: string; name: string; state: string; created_at: IsoInstant },
): Person => ({ id: row.id, name: vault.open(row.name), state: row.state as PersonState, createdAt: row.created_at });

export async function findPerson({ db, vault }: Reads, id: string): Promise<Person | null> {
  const row = await db.selectFrom('person').select(personColumns).where('id', '=', id).executeTakeFirst();
  return row ? toPerson(vault, row) : null;
}

export const peoplePage = 25;

/** People in the order they came, of one state or of every; one more than a page when there are more. */
export async function listPeople(
  { db, vault }: Reads,
  options: { state: PersonState | null; after: string | null },
): Promise<Person[]> {
  let query = db.selectFrom('person').select(personColumns);
  if (options.state) query = query.where('state', '=', options.state);
  if (options.after) query = query.where('id', '>', options.after);
  const rows = await query
    .orderBy('id')
    .limit(peoplePage + 1)
    .execute();
  return rows.map((row) => toPerson(vault, row));
}

export async function insertPerson(
  { db, vault }: Writes,
  person: { id: string; name: string; state: PersonState; at: IsoInstant },
): Promise<void> {
  const { id, state, at } = person;
  await db
    .insertInto('person')
    .values({
      ...{ id, state, name: vault.seal(person.name), created_at: at },
      ...{ decided_at: null, decided_by: null },
    })
    .execute();
}

export async function changePerson(
  { db, vault }: Writes,
  id: string,
  change: { name: string } | { state: PersonState; at: IsoInstant; by: string },
): Promise<void> {
  const set =
    'name' in change
      ? { name: vault.seal(change.name) }
      : { state: change.state, decided_at: change.at, decided_by: change.by };
  await db.updateTable('person').set(set).where('id', '=', id).execute();
}

export async function insertKeys(
  { db }: Writes,
  personId: string,
  keys: readonly { kind: KeyKind; fingerprint: string }[],
  at: IsoInstant,
): Promise<void> {
  if (keys.length === 0) return;
  await db
    .insertInto('person_key')
    .values(keys.map((key) => ({ ...key, person_id: personId, created_at: at })))
    .execute();
}

export async function findKeys({ db }: Reads, fingerprints: readonly string[]): Promise<KnownKey[]> {
  const rows = await db
    .selectFrom('person_key')
    .select(['fingerprint', 'person_id'])
    .where('fingerprint', 'in', fingerprints)
    .execute();
  return rows.map((row) => ({ fingerprint: row.fingerprint, personId: row.person_id }));
}

/** What kinds of key a person has, and their fingerprints. */
export async function keysOfPerson({ db }: Reads, personId: string): Promise<{ kind: KeyKind; fingerprint: string }[]> {
  const rows = await db
    .selectFrom('person_key')
    .select(['kind', 'fingerprint'])
    .where('person_id', '=', personId)
    .orderBy('created_at')
    .limit(50)
    .execute();
  return rows as { kind: KeyKind; fingerprint: string }[];
}

/** The open assignments of whoever holds a session: a person's, and an individual's own by their number. */
export async function assignmentsOf({ db }: Reads, holder: Holder): Promise<Assignment[]> {
  const rows = await db
    .selectFrom('account as a')
    .innerJoin('organisation as o', 'o.id', 'a.organisation_id')
    .leftJoin('unit as u', 'u.id', 'a.unit_id')
    .leftJoin('person as p', 'p.id', 'a.person_id')
    .select(['a.id', 'a.role', 'o.name as organisation', 'u.name as unit'])
    .where('a.state', '=', 'active')
    .where((w) =>
      w.or([
        w.and([w('a.person_id', '=', holder.personId), w('p.state', '=', 'active')]),
        w.and([w('a.number_fp', '=', holder.numberFp), w('a.role', '=', 'individual')]),
        // A demo account is all there is to it.
        w.and([w('a.id', '=', holder.accountId), w('a.demo_key', 'is not', null)]),
      ]),
    )
    .orderBy('a.id')
    .limit(50)
    .execute();
  return rows;
}

export type Individual = { accountId: string | null; hasCase: boolean };

/** What there is here about the individual with any of these numbers' fingerprints; `numberFp` is the one they have now. */
export async function findIndividual(
  { db }: Reads,
  numberFp: string,
  fingerprints: readonly string[],
): Promise<Individual> {
  const accounts = await db
    .selectFrom('account')
    .select(['id', 'number_fp'])
    .where('number_fp', 'in', fingerprints)
    .where('role', '=', 'individual')
    .execute();
  const found = await db
    .selectFrom('case_file')
    .select('id')
    .where('number_fp', 'in', fingerprints)
    .where('state', '!=', 'disposed')
    .limit(1)
    .executeTakeFirst();
  const account = accounts.find((one) => one.number_fp === numberFp) ?? accounts[0];
  return { accountId: account?.id ?? null, hasCase: found !== undefined };
}

/** Binds an individual's account to the number they have now, and to it every case about them. */
export async function bindIndividual(
  { db }: Writes,
  accountId: string,
  numberFp: string,
  fingerprints: readonly string[],
): Promise<void> {
  await db
    .updateTable('account')
    .set({ number_fp: numberFp })
    .where('id', '=', accountId)
    .where('number_fp', '!=', numberFp)
    .execute();
  await db
    .updateTable('case_file')
    .set({ individual_account_id: accountId })
    .where('number_fp', 'in', fingerprints)
    .where((w) => w.or([w('individual_account_id', 'is', null), w('individual_account_id', '!=', accountId)]))
    .execute();
}

/** The organisation that private people stand under; made when the first of them signs in. */
export async function privateOrganisation({ db }: Writes, made: { id: string; name: string }): Promise<string> {
  const row = await db
    .selectFrom('organisation')
    .select('id')
    .where('party', '=', 'PERSON')
    .orderBy('id')
    .executeTakeFirst();
  if (row) return row.id;
  await db
    .insertInto('organisation')
    .values({ ...made, party: 'PERSON' })
    .execute();
  return made.id;
}

/** Marks a sign-in as completed; false when it already was. */
export async function spendSignIn({ db }: Writes, stateFp: string, until: IsoInstant): Promise<boolean> {
  const result = await db
    .insertInto('spent_sign_in')
    .values({ state_fp: stateFp, until })
    .onConflict((conflict) => conflict.column('state_fp').doNothing())
    .executeTakeFirst();
  return result.numInsertedOrUpdatedRows === 1n;
}

const unknownSetting = 'unknown_user';

/** What becomes of somebody unknown who signs in; until an administrator has said, they are refused. */
export async function readUnknownRule({ db }: Reads): Promise<UnknownRule> {
  const row = await db.selectFrom('setting').select('value').where('name', '=', unknownSetting).executeTakeFirst();
  return row?.value === 'wait' ? 'wait' : 'refuse';
}

export async function writeUnknownRule({ db }: Writes, value: UnknownRule): Promise<void> {
  await db
    .insertInto('setting')
    .values({ name: unknownSetting, value })
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ value }))
    .execute();
}
