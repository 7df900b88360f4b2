import { sql } from 'kysely';
import { type CaseReads, Located } from '../../platform/db/access.ts';
import type { Reads } from '../../platform/db/database.ts';
import { locateCase } from '../case/store.ts';
import { withheldAmong } from '../request/requester/store.ts';
import type { Logged } from './rules.ts';

export const logPageSize = 50;

/** A case whose log is asked for: its number, and nothing of what is in it. */
export async function locateLogged(reads: Reads, id: string): Promise<Located<{ id: string; number: string }> | null> {
  const found = await locateCase(reads, id);
  return found && new Located(found.subject, (access) => ({ id, number: found.open(access).number }));
}

/** Rows of the log with who acted, newest first, at most one more than a page. */
export const loggedRows = (db: Reads['db']) =>
  db
    .selectFrom('audit as l')
    .leftJoin('account as a', 'a.id', 'l.account_id')
    .leftJoin('unit as u', 'u.id', 'a.unit_id')
    .leftJoin('organisation as o', 'o.id', 'a.organisation_id')
    .select([
      'l.id',
      'l.at',
      'l.actor',
      'l.account_id',
      'l.request_id',
      'l.action',
      'l.outcome',
      'l.relation',
      'a.name',
    ])
    .select((s) => s.fn.coalesce('u.name', 'o.name').as('unit'));

type Row = Awaited<ReturnType<ReturnType<typeof loggedRows>['execute']>>[number];
export const toLogged = (vault: Reads['vault'], row: Row): Logged => ({
  id: row.id,
  at: row.at,
  actor: row.actor,
  accountId: row.account_id,
  requestId: row.request_id,
  unit: row.unit,
  name: vault.openStaff(row.name),
  action: row.action,
  outcome: row.outcome,
  relation: row.relation,
});

/** One page of a case's log behind a row: with what happened to its requests before it was opened. */
export async function listLog({ db, vault }: CaseReads, caseId: string, after: string | null) {
  const page = () => {
    const rows = loggedRows(db)
      .orderBy('l.id', 'desc')
      .limit(logPageSize + 1);
    return after === null ? rows : rows.where('l.id', '<', after);
  };
  const requests = db.selectFrom('request').select('id').where('case_id', '=', caseId);
  const [ofCase, before] = await Promise.all([
    page().where('l.case_id', '=', caseId).execute(),
    page().where('l.request_id', 'in', requests).where('l.case_id', 'is', null).execute(),
  ]);
  const rows = [...ofCase, ...before]
    .sort((a, b) => (a.id < b.id ? 1 : -1))
    .slice(0, logPageSize + 1)
    .map((row) => toLogged(vault, row));
  return { rows: rows.slice(0, logPageSize), more: rows.length > logPageSize };
}

/** Whom the person may not learn of: requests whose requester is withheld (OSL 28:3), and the requesters' accounts. */
export async function withheldOf(reads: CaseReads, caseId: string): Promise<Set<string>> {
  const { db } = reads;
  const requests = await db
    .selectFrom('request')
    .select(['id', 'requester_account_id'])
    .where('case_id', '=', caseId)
    .limit(100)
    .execute();
  const withheld = await withheldAmong(
    reads,
    requests.map(({ id }) => id),
  );
  const accounts = requests.flatMap((row) => (withheld.has(row.id) ? (row.requester_account_id ?? []) : []));
  return new Set([...withheld, ...accounts]);
}

/** Ids of the rows of a period that tell what somebody who works with cases did or saw, a batch at a time. */
export async function* staffRows(
  { db }: CaseReads,
  period: { from: string; before: string },
): AsyncGenerator<string[]> {
  for (let after = period.from, full = true; full; ) {
    const rows = await db
      .selectFrom('audit')
      .select(['id', 'actor'])
      .where('id', '>=', after)
      .where('id', '<', period.before)
      .where('account_id', 'is not', null)
      .where((w) => w.or([w('case_id', 'is not', null), w('request_id', 'is not', null)]))
      .where('actor', 'not in', ['individual', 'representative'])
      .orderBy('id')
      .limit(sql.lit(5_000))
      .execute();
    yield rows.map(({ id }) => id);
    after = `${rows.at(-1)?.id}~`;
    full = rows.length === 5_000;
  }
}
