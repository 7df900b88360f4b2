import { nobody } from '../../kernel/access.ts';
import type { IsoDate, IsoInstant } from '../../kernel/time.ts';
import { type CaseReads, type CaseWrites, Located } from '../../platform/db/access.ts';
import type { Reads } from '../../platform/db/database.ts';
import type { Answer, Who } from './rules.ts';

/** A link that can be used once. Its id is random, and nothing says whose it is. */
export async function insertLink({ db }: CaseWrites, link: { id: string; who: Who; madeOn: IsoDate }): Promise<void> {
  await db.insertInto('survey_link').values({ id: link.id, who: link.who, made_on: link.madeOn }).execute();
}

/** Links of before a day, which open nothing any more. */
export async function deleteLinksBefore({ db }: CaseWrites, day: IsoDate): Promise<void> {
  await db.deleteFrom('survey_link').where('made_on', '<', day).execute();
}

export type FoundLink = { id: string; who: Who; linkGeneration: number; endedAt: IsoInstant };

/** An unused link as the subject of an answer, about nobody; null for a used one, which is no more. */
export async function findLink({ db }: Reads, id: string): Promise<FoundLink | null> {
  const row = await db.selectFrom('survey_link').selectAll().where('id', '=', id).executeTakeFirst();
  return row ? { id, who: row.who as Who, linkGeneration: 1, endedAt: `${row.made_on}T12:00:00.000Z` } : null;
}
export async function locateLink(reads: Reads, id: string): Promise<Located<FoundLink> | null> {
  const found = await findLink(reads, id);
  return found && new Located({ ...nobody, link: { scope: 'survey', id } }, () => found);
}

/** Uses a link up; false when it was used meanwhile. */
export async function deleteLink({ db }: CaseWrites, id: string): Promise<boolean> {
  const result = await db.deleteFrom('survey_link').where('id', '=', id).executeTakeFirst();
  return result.numDeletedRows === 1n;
}

/** Adds one to a number. */
export async function count(
  { db }: CaseWrites,
  row: { period: string; who: Who; question: string; answer: Answer },
): Promise<void> {
  await db
    .insertInto('survey_count')
    .values({ ...row, count: 1 })
    .onConflict((conflict) =>
      conflict
        .columns(['period', 'who', 'question', 'answer'])
        .doUpdateSet((s) => ({ count: s('survey_count.count', '+', 1) })),
    )
    .execute();
}

const mostPeriods = 8;

export type Counted = { period: string; who: string; question: string; answer: string; count: number };

/** The numbers of the latest quarters before one. */
export async function listCounts({ db }: CaseReads, before: string): Promise<Counted[]> {
  const periods = db
    .selectFrom('survey_count')
    .select('period')
    .distinct()
    .where('period', '<', before)
    .orderBy('period', 'desc')
    .limit(mostPeriods);
  return db
    .selectFrom('survey_count')
    .select(['period', 'who', 'question', 'answer', 'count'])
    .where('period', 'in', db.selectFrom(periods.as('p')).select('p.period'))
    .limit(mostPeriods * 100)
    .execute();
}
