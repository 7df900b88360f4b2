import { sql } from 'kysely';
import type { Party } from '../../../kernel/parties.ts';
import type { IsoInstant } from '../../../kernel/time.ts';
import type { CaseReads, CaseWrites } from '../../../platform/db/access.ts';
import type { Reads } from '../../../platform/db/database.ts';
import type { CaseParty } from './rules.ts';

type Row = { id: string; case_id: string; party: string; organisation: string };

/** A case's parties in the order they came. */
export const partiesOfCase = (db: Reads['db'], caseId: string) =>
  db
    .selectFrom('case_party')
    .select(['id', 'case_id', 'party', 'organisation'])
    .where('case_id', '=', caseId)
    .orderBy('id')
    .limit(sql.lit(200));

export const toCaseParty = (vault: Reads['vault'], row: Row): CaseParty => ({
  id: row.id,
  caseId: row.case_id,
  party: row.party as Party,
  organisation: vault.open(row.organisation),
});

export async function listCaseParties({ db, vault }: CaseReads, caseId: string): Promise<CaseParty[]> {
  return (await partiesOfCase(db, caseId).execute()).map((row) => toCaseParty(vault, row));
}

export async function insertCaseParty(
  { db, vault }: CaseWrites,
  { id, caseId, party, organisation, createdAt }: CaseParty & { createdAt: IsoInstant },
): Promise<void> {
  const row = { id, case_id: caseId, party, organisation: vault.seal(organisation), created_at: createdAt };
  await db.insertInto('case_party').values(row).execute();
}
