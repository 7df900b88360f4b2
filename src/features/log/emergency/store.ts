import { nobody, type User } from '../../../kernel/access.ts';
import { looksLikeId } from '../../../kernel/ids.ts';
import type { IsoInstant } from '../../../kernel/time.ts';
import { type CaseReads, type CaseWrites, Located } from '../../../platform/db/access.ts';
import type { Reads } from '../../../platform/db/database.ts';
import type { Finding } from '../rules.ts';
import type { Emergency } from './rules.ts';

/** A case by its number: its id. What is no case's number is located too, as nothing: whoever tries it is noted. */
export async function locateByNumber({ db }: Reads, number: string): Promise<Located<string | null>> {
  const row = await db
    .selectFrom('case_file')
    .select(['id', 'unit_id', 'officer_id', 'individual_account_id', 'number_fp', 'protected_identity'])
    .where('number', '=', number)
    .executeTakeFirst();
  if (!row) return new Located({ ...nobody }, () => null);
  const place = { unitId: row.unit_id, officerId: row.officer_id, caseId: row.id };
  const about = { individualUserId: row.individual_account_id, numberFp: row.number_fp };
  return new Located({ ...nobody, ...place, ...about, protectedIdentity: row.protected_identity === 1 }, () => row.id);
}

/** How many numbers that are no case's an account has tried since then, up to `most`. */
export async function countTries(
  { db }: CaseReads | CaseWrites,
  accountId: string,
  since: IsoInstant,
  most: number,
): Promise<number> {
  const rows = await db
    .selectFrom('emergency')
    .select('id')
    .where('account_id', '=', accountId)
    .where('until', '>', since)
    .where('case_id', 'is', null)
    .limit(most)
    .execute();
  return rows.length;
}

export async function insertEmergency(
  { db, vault }: CaseWrites,
  opened: { id: string; accountId: string; caseId: string | null; reason: string; at: IsoInstant; until: IsoInstant },
): Promise<void> {
  const { accountId, caseId, reason, ...rest } = opened;
  await db
    .insertInto('emergency')
    .values({ ...rest, account_id: accountId, case_id: caseId, reason: vault.seal(reason) })
    .execute();
}

const emergencies = (db: Reads['db']) =>
  db
    .selectFrom('emergency as e')
    .innerJoin('account as a', 'a.id', 'e.account_id')
    .leftJoin('unit as u', 'u.id', 'a.unit_id')
    .leftJoin('case_file as c', 'c.id', 'e.case_id')
    .select(['e.id', 'e.case_id', 'e.account_id', 'e.reason', 'e.at', 'e.until', 'e.reviewed_at', 'e.finding'])
    .select(['a.name', 'a.unit_id as opener_unit', 'u.name as unit'])
    .select([
      'c.number',
      'c.unit_id',
      'c.officer_id',
      'c.individual_account_id',
      'c.number_fp',
      'c.protected_identity',
    ]);
type Row = Awaited<ReturnType<ReturnType<typeof emergencies>['execute']>>[number];

const toEmergency = (vault: Reads['vault'], row: Row): Emergency => ({
  id: row.id,
  caseId: row.case_id,
  caseNumber: row.number,
  accountId: row.account_id,
  name: vault.openStaff(row.name),
  unit: row.unit,
  reason: vault.open(row.reason),
  at: row.at,
  until: row.until,
  reviewedAt: row.reviewed_at,
  finding: row.finding as Finding | null,
});

/** One that is to be reviewed; a number that is no case's belongs to the unit of who tried it. */
export async function locateEmergency({ db, vault }: Reads, id: string): Promise<Located<Emergency> | null> {
  const row = looksLikeId(id) ? await emergencies(db).where('e.id', '=', id).executeTakeFirst() : undefined;
  if (!row) return null;
  const subject = {
    ...nobody,
    unitId: row.unit_id ?? row.opener_unit,
    officerId: row.officer_id,
    individualUserId: row.individual_account_id,
    numberFp: row.number_fp,
    protectedIdentity: row.protected_identity === 1,
    caseId: row.case_id,
  };
  return new Located(subject, () => toEmergency(vault, row));
}

export const emergencyPageSize = 20;

/**
 * Those that nobody has reviewed, oldest first: of the cases of a manager's unit, those with a protected identity only for
 * who is named for it; or with null of all and the numbers that are none.
 */
export async function listUnreviewed({ db, vault }: CaseReads, manager: User | null): Promise<Emergency[]> {
  let query = emergencies(db).where('e.reviewed_at', 'is', null);
  if (manager !== null) {
    query = query
      .where('c.unit_id', '=', manager.unitId)
      .where('c.protected_identity', '<=', manager.handlesProtected ? 1 : 0);
  }
  const rows = await query.orderBy('e.id').limit(emergencyPageSize).execute();
  return rows.map((row) => toEmergency(vault, row));
}

/** The latest of a case. */
export async function listEmergencies({ db, vault }: CaseReads, caseId: string): Promise<Emergency[]> {
  const rows = await emergencies(db)
    .where('e.case_id', '=', caseId)
    .orderBy('e.at', 'desc')
    .limit(emergencyPageSize)
    .execute();
  return rows.map((row) => toEmergency(vault, row));
}

/** Notes what a review found; false when somebody else has reviewed it meanwhile. */
export async function markReviewed(
  { db, vault }: CaseWrites,
  id: string,
  review: { at: IsoInstant; accountId: string; finding: Finding; note: string },
): Promise<boolean> {
  const result = await db
    .updateTable('emergency')
    .set({
      ...{ reviewed_at: review.at, reviewed_by: review.accountId, finding: review.finding },
      outcome: vault.seal(review.note),
    })
    .where('id', '=', id)
    .where('reviewed_at', 'is', null)
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}
