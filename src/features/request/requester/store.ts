import type { Party } from '../../../kernel/parties.ts';
import type { IsoInstant } from '../../../kernel/time.ts';
import type { CaseReads, CaseWrites } from '../../../platform/db/access.ts';
import type { RequestForm, RequestState } from '../rules.ts';
import { isWithheld, toldOf, type Withholding, type WithholdingMove, type WithholdingOutcome } from './rules.ts';

/** What has been asked and said about naming the requester, oldest first. */
export async function listWithholdings({ db, vault }: CaseReads, requestId: string): Promise<Withholding[]> {
  const rows = await db
    .selectFrom('withholding as w')
    .innerJoin('account as a', 'a.id', 'w.by_id')
    .leftJoin('account as d', 'd.id', 'w.decided_by')
    .select([
      'w.id',
      'w.move',
      'w.reason',
      'w.at',
      'w.by_id',
      'w.decided_at',
      'w.outcome',
      'a.name',
      'd.name as decided_name',
    ])
    .where('w.request_id', '=', requestId)
    .orderBy('w.at')
    .orderBy('w.id')
    .limit(50)
    .execute();
  return rows.map((row) => ({
    id: row.id,
    move: row.move,
    reason: vault.open(row.reason),
    at: row.at,
    byId: row.by_id,
    byName: vault.openStaff(row.name),
    decidedAt: row.decided_at,
    decidedByName: vault.openStaff(row.decided_name),
    outcome: row.outcome,
  }));
}

export async function insertWithholding(
  { db, vault }: CaseWrites,
  row: { id: string; requestId: string; move: WithholdingMove; reason: string; at: IsoInstant; byId: string },
): Promise<void> {
  const { id, requestId, move, reason, at, byId } = row;
  await db
    .insertInto('withholding')
    .values({
      ...{ id, request_id: requestId, move, reason: vault.seal(reason), at, by_id: byId },
      ...{ decided_at: null, decided_by: null, outcome: null },
    })
    .execute();
}

/** False when somebody else has looked since. */
export async function decideWithholding(
  { db }: CaseWrites,
  id: string,
  decided: { outcome: WithholdingOutcome; at: IsoInstant; byId: string },
): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('withholding')
    .set({ outcome: decided.outcome, decided_at: decided.at, decided_by: decided.byId })
    .where('id', '=', id)
    .where('decided_at', 'is', null)
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

/** A request as the person it is about may know it; `requester` is null while it is withheld. */
export type ToldRequest = {
  id: string;
  caseId: string | null;
  state: RequestState;
  receivedAt: IsoInstant;
  requester: { name: string; role: Party; organisation: string } | null;
};

const mostShown = 20;

/** The latest requests about the individuals with these accounts, newest first: those in their cases, and by their number. */
export async function listRequestsAbout(reads: CaseReads, accountIds: readonly string[]): Promise<ToldRequest[]> {
  const { db, vault } = reads;
  const byNumber = db
    .selectFrom('account as a')
    .innerJoin('request as r', 'r.number_fp', 'a.number_fp')
    .select('r.id')
    .where('a.id', 'in', accountIds);
  const byCase = db
    .selectFrom('case_file as c')
    .innerJoin('request as r', 'r.case_id', 'c.id')
    .select('r.id')
    .where('c.individual_account_id', 'in', accountIds);
  const rows = await db
    .selectFrom('request')
    .select(['id', 'case_id', 'state', 'received_at', 'officer_id', 'form'])
    .where('id', 'in', byNumber.union(byCase))
    .where('officer_id', 'is not', null)
    .orderBy('received_at', 'desc')
    .orderBy('id', 'desc')
    .limit(mostShown)
    .execute();
  const withheld = await withheldAmong(
    reads,
    rows.map(({ id }) => id),
  );
  return rows
    .filter(({ state, officer_id }) => toldOf({ state: state as RequestState, officerId: officer_id }))
    .map((row) => {
      const form = JSON.parse(vault.open(row.form)) as RequestForm;
      return {
        id: row.id,
        caseId: row.case_id,
        state: row.state as RequestState,
        receivedAt: row.received_at,
        requester: withheld.has(row.id)
          ? null
          : { name: form.requesterName, role: form.requesterRole, organisation: form.requesterOrganisation },
      };
    });
}

/** Those of the requests whose requester the person may not know. */
export async function withheldAmong({ db }: CaseReads, requestIds: readonly string[]): Promise<Set<string>> {
  if (requestIds.length === 0) return new Set();
  const rows = await db
    .selectFrom('withholding')
    .select(['request_id', 'move', 'outcome'])
    .where('request_id', 'in', requestIds)
    .orderBy('at')
    .orderBy('id')
    .limit(50 * mostShown)
    .execute();
  const steps = Map.groupBy(rows, (row) => row.request_id);
  return new Set([...steps].flatMap(([id, of]) => (isWithheld(of) ? [id] : [])));
}
