import type { IsoDate, IsoInstant } from '../../../kernel/time.ts';
import type { CaseReads, CaseWrites } from '../../../platform/db/access.ts';
import type { Basis, Protection, Representation } from './rules.ts';

/** Who represents an individual, and who did, newest first. */
export async function listRepresentations(
  { db, vault }: CaseReads,
  individualAccountId: string,
): Promise<Representation[]> {
  const rows = await db
    .selectFrom('representation as r')
    .innerJoin('account as a', 'a.id', 'r.account_id')
    .innerJoin('account as b', 'b.id', 'r.created_by')
    .select(['r.id', 'r.basis', 'r.how', 'r.first_day', 'r.last_day', 'r.ended_at', 'a.name', 'b.name as by_name'])
    .where('r.individual_account_id', '=', individualAccountId)
    .orderBy('r.id', 'desc')
    .limit(20)
    .execute();
  return rows.map((row) => ({
    id: row.id,
    name: vault.open(row.name),
    basis: row.basis as Basis,
    how: vault.open(row.how),
    firstDay: row.first_day,
    lastDay: row.last_day,
    endedAt: row.ended_at,
    byName: vault.openStaff(row.by_name),
  }));
}

/** The latest changes of a case's protection, newest first. */
export async function listProtections({ db, vault }: CaseReads, caseId: string): Promise<Protection[]> {
  const rows = await db
    .selectFrom('protection as p')
    .innerJoin('account as a', 'a.id', 'p.by_id')
    .select(['p.protected', 'p.reason', 'p.at', 'a.name'])
    .where('p.case_id', '=', caseId)
    .orderBy('p.id', 'desc')
    .limit(20)
    .execute();
  return rows.map((row) => ({
    protected: row.protected === 1,
    reason: vault.open(row.reason),
    at: row.at,
    byName: vault.openStaff(row.name),
  }));
}

/**
 * The assignment as representative of whoever has one of these fingerprints: of their number, or of the key by which the
 * identity provider knows it; null when there is none.
 */
export async function findRepresentative(
  { db }: CaseReads,
  fingerprints: readonly string[],
): Promise<{ id: string } | null> {
  const people = db.selectFrom('person_key').select('person_id').where('fingerprint', 'in', fingerprints);
  const row = await db
    .selectFrom('account')
    .select('id')
    .where('role', '=', 'representative')
    .where('state', '=', 'active')
    .where((w) => w.or([w('number_fp', 'in', fingerprints), w('person_id', 'in', people)]))
    .executeTakeFirst();
  return row ?? null;
}

/** Ties a case to the account of the individual it is about. */
export async function giveAccount({ db }: CaseWrites, caseId: string, accountId: string): Promise<void> {
  await db.updateTable('case_file').set({ individual_account_id: accountId }).where('id', '=', caseId).execute();
}

export async function insertRepresentation(
  { db, vault }: CaseWrites,
  row: {
    id: string;
    accountId: string;
    individualAccountId: string;
    basis: Basis;
    how: string;
    firstDay: IsoDate;
    lastDay: IsoDate | null;
    at: IsoInstant;
    byId: string;
  },
): Promise<void> {
  await db
    .insertInto('representation')
    .values({
      id: row.id,
      account_id: row.accountId,
      individual_account_id: row.individualAccountId,
      basis: row.basis,
      how: vault.seal(row.how),
      first_day: row.firstDay,
      last_day: row.lastDay,
      created_at: row.at,
      created_by: row.byId,
      ended_at: null,
      ended_by: null,
    })
    .execute();
}

/** Ends it at once. False when it is none of this individual's, or has ended already. */
export async function endRepresentation(
  { db }: CaseWrites,
  id: string,
  ended: { individualAccountId: string; at: IsoInstant; byId: string },
): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('representation')
    .set({ ended_at: ended.at, ended_by: ended.byId })
    .where('id', '=', id)
    .where('individual_account_id', '=', ended.individualAccountId)
    .where('ended_at', 'is', null)
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}
/**
 * Sets or takes away the protection of a case's identity, and of every request about the same person: lists and the
 * rights table go by the columns. The reason is kept.
 */
export async function setProtection(
  { db, vault }: CaseWrites,
  caseId: string,
  change: { id: string; protected: boolean; reason: string; at: IsoInstant; byId: string },
): Promise<void> {
  const flag = change.protected ? 1 : 0;
  await db
    .insertInto('protection')
    .values({
      ...{ id: change.id, case_id: caseId, protected: flag, reason: vault.seal(change.reason) },
      ...{ at: change.at, by_id: change.byId },
    })
    .execute();
  await db
    .updateTable('case_file')
    .set((s) => ({ protected_identity: flag, version: s('version', '+', 1) }))
    .where('id', '=', caseId)
    .execute();
  await db.updateTable('request').set({ protected_identity: flag }).where('case_id', '=', caseId).execute();
  const number = db.selectFrom('case_file').select('number_fp').where('id', '=', caseId);
  await db.updateTable('request').set({ protected_identity: flag }).where('number_fp', '=', number).execute();
}
