import type { IsoInstant } from '../../../kernel/time.ts';
import type { CaseReads, CaseWrites } from '../../../platform/db/access.ts';
import type { Reads, Writes } from '../../../platform/db/database.ts';
import { type Code, codeTries } from './rules.ts';

/** The latest codes of a participant, newest first. */
export async function listCodes({ db }: Reads, participantId: string): Promise<Code[]> {
  const rows = await db
    .selectFrom('link_code')
    .select(['id', 'created_at', 'tries', 'used_at'])
    .where('participant_id', '=', participantId)
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .limit(5)
    .execute();
  return rows.map((row) => ({ id: row.id, createdAt: row.created_at, tries: row.tries, usedAt: row.used_at }));
}

export async function insertCode(
  { db }: Writes,
  code: { id: string; participantId: string; createdAt: IsoInstant },
): Promise<void> {
  const { id, participantId, createdAt } = code;
  await db
    .insertInto('link_code')
    .values({ id, participant_id: participantId, created_at: createdAt, used_at: null })
    .execute();
}

/** Counts one more guess, however many come at once; false when the tries are used up or the code is. */
export async function countTry({ db }: Writes, id: string): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('link_code')
    .set((s) => ({ tries: s('tries', '+', 1) }))
    .where('id', '=', id)
    .where('tries', '<', codeTries)
    .where('used_at', 'is', null)
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

/** A right guess uses the code up. */
export async function useCode({ db }: Writes, id: string, now: IsoInstant): Promise<void> {
  await db.updateTable('link_code').set({ used_at: now }).where('id', '=', id).execute();
}

/** What a participant's organisation has chosen; null while they take part for no party of the case. */
export type PartyChoice = { codeAt: IsoInstant | null; codeHow: string | null };

export async function findPartyChoice({ db, vault }: CaseReads, casePartyId: string): Promise<PartyChoice | null> {
  const row = await db
    .selectFrom('case_party')
    .select(['code_at', 'code_how'])
    .where('id', '=', casePartyId)
    .executeTakeFirst();
  return row ? { codeAt: row.code_at, codeHow: vault.open(row.code_how) } : null;
}

/** Notes that a party's organisation has chosen that its copy is read with a mailed code; null takes it back. */
export async function setPartyChoice(
  { db, vault }: CaseWrites,
  casePartyId: string,
  choice: { how: string; at: IsoInstant; byId: string } | null,
): Promise<void> {
  await db
    .updateTable('case_party')
    .set({ code_how: vault.seal(choice?.how ?? null), code_at: choice?.at ?? null, code_by: choice?.byId ?? null })
    .where('id', '=', casePartyId)
    .execute();
}
