import type { IsoDate, IsoInstant } from '../../../kernel/time.ts';
import type { Reads, Writes } from '../../../platform/db/database.ts';
import type { Absence } from './rules.ts';

export type Cover = { id: string; officer: string; cover: string; firstDay: IsoDate; lastDay: IsoDate };

export const coverPage = 25;

/** Absences of a unit's officers that are not over, in the order they were entered; one more than a page when there are. */
export async function listCovers(
  { db, vault }: Reads,
  unitId: string,
  today: IsoDate,
  after: string | null,
): Promise<Cover[]> {
  let query = db
    .selectFrom('cover as c')
    .innerJoin('account as o', 'o.id', 'c.officer_id')
    .innerJoin('account as d', 'd.id', 'c.cover_id')
    .select(['c.id', 'o.name as officer', 'd.name as cover', 'c.first_day', 'c.last_day'])
    .where('o.unit_id', '=', unitId)
    .where('c.last_day', '>=', today);
  if (after) query = query.where('c.id', '>', after);
  const rows = await query
    .orderBy('c.id')
    .limit(coverPage + 1)
    .execute();
  return rows.map((row) => ({
    ...{ id: row.id, firstDay: row.first_day, lastDay: row.last_day },
    ...{ officer: vault.openStaff(row.officer), cover: vault.openStaff(row.cover) },
  }));
}

export async function insertCover(
  { db }: Writes,
  row: Absence & { id: string; createdAt: IsoInstant; createdBy: string },
): Promise<void> {
  await db
    .insertInto('cover')
    .values({
      ...{ id: row.id, officer_id: row.officerId, cover_id: row.coverId },
      ...{ first_day: row.firstDay, last_day: row.lastDay, created_at: row.createdAt, created_by: row.createdBy },
    })
    .execute();
}

/** Lets an absence of the unit's end before today; what it was stays. False when the unit has none that goes on. */
export async function endCover({ db }: Writes, id: string, unitId: string, yesterday: IsoDate): Promise<boolean> {
  const result = await db
    .updateTable('cover')
    .set({ last_day: yesterday })
    .where('id', '=', id)
    .where('last_day', '>', yesterday)
    .where('officer_id', 'in', db.selectFrom('account').select('id').where('unit_id', '=', unitId))
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}
