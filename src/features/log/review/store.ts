import { nobody } from '../../../kernel/access.ts';
import { looksLikeId } from '../../../kernel/ids.ts';
import type { IsoInstant } from '../../../kernel/time.ts';
import { type CaseReads, type CaseWrites, Located } from '../../../platform/db/access.ts';
import type { Reads } from '../../../platform/db/database.ts';
import type { Finding } from '../rules.ts';
import { loggedRows, toLogged } from '../store.ts';
import { type Review, type ReviewRow, reviewPageSize } from './rules.ts';

const reviews = (db: Reads['db']) =>
  db
    .selectFrom('log_review as r')
    .innerJoin('account as b', 'b.id', 'r.account_id')
    .select(['r.id', 'r.at', 'r.first_day', 'r.last_day', 'r.size', 'r.seed', 'r.finished_at', 'b.name']);
type Row = Awaited<ReturnType<ReturnType<typeof reviews>['execute']>>[number];

const toReview = (vault: Reads['vault'], row: Row): Review => ({
  id: row.id,
  at: row.at,
  reviewer: vault.openStaff(row.name),
  firstDay: row.first_day,
  lastDay: row.last_day,
  size: row.size,
  seed: row.seed,
  finishedAt: row.finished_at,
});

export async function locateReview({ db, vault }: Reads, id: string): Promise<Located<Review> | null> {
  const row = looksLikeId(id) ? await reviews(db).where('r.id', '=', id).executeTakeFirst() : undefined;
  return row ? new Located({ ...nobody }, () => toReview(vault, row)) : null;
}

/** Samples, newest first, behind one; at most one more than a page. */
export async function listReviews({ db, vault }: CaseReads, after: string | null): Promise<Review[]> {
  let query = reviews(db);
  if (after !== null) query = query.where('r.id', '<', after);
  const rows = await query
    .orderBy('r.id', 'desc')
    .limit(reviewPageSize + 1)
    .execute();
  return rows.map((row) => toReview(vault, row));
}

/** The rows of a sample, as they were drawn; of a case its number alone. */
export async function listReviewRows({ db, vault }: CaseReads, reviewId: string): Promise<ReviewRow[]> {
  const rows = await loggedRows(db)
    .rightJoin('log_review_row as r', 'r.audit_id', 'l.id')
    .leftJoin('request as q', 'q.id', 'l.request_id')
    .leftJoin('case_file as c', (join) =>
      join.on((on) => on('c.id', '=', (e) => e.fn.coalesce('l.case_id', 'q.case_id'))),
    )
    .select(['r.id as row_id', 'r.position', 'r.audit_id', 'r.outcome as finding', 'r.note', 'r.noted_at', 'c.number'])
    .where('r.review_id', '=', reviewId)
    .orderBy('r.position')
    .execute();
  return rows.map((row) => ({
    id: row.row_id,
    position: row.position,
    auditId: row.audit_id,
    logged: row.id === null ? null : { ...toLogged(vault, row as never), caseNumber: row.number },
    finding: row.finding as Finding | null,
    note: vault.open(row.note),
    notedAt: row.noted_at,
  }));
}

export async function insertReview(
  { db }: CaseWrites,
  review: Omit<Review, 'reviewer' | 'finishedAt'> & { accountId: string },
  rows: readonly { id: string; auditId: string }[],
): Promise<void> {
  const { accountId, firstDay, lastDay, ...rest } = review;
  await db
    .insertInto('log_review')
    .values({ ...rest, account_id: accountId, first_day: firstDay, last_day: lastDay })
    .execute();
  await db
    .insertInto('log_review_row')
    .values(rows.map(({ id, auditId }, at) => ({ id, review_id: review.id, position: at + 1, audit_id: auditId })))
    .execute();
}

/** Notes what was found about a row; whoever notes the last one finishes the sample. */
export async function noteRow(
  { db, vault }: CaseWrites,
  reviewId: string,
  rowId: string,
  found: { finding: Finding; note: string; at: IsoInstant },
): Promise<void> {
  await db
    .updateTable('log_review_row')
    .set({ outcome: found.finding, note: vault.seal(found.note), noted_at: found.at })
    .where('id', '=', rowId)
    .execute();
  const left = db
    .selectFrom('log_review_row')
    .select('id')
    .where('review_id', '=', reviewId)
    .where('outcome', 'is', null);
  await db
    .updateTable('log_review')
    .set({ finished_at: found.at })
    .where('id', '=', reviewId)
    .where('finished_at', 'is', null)
    .where((w) => w.not(w.exists(left)))
    .execute();
}
