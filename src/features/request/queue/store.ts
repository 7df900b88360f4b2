import { type ExpressionBuilder, type SelectQueryBuilder, sql } from 'kysely';
import type { Party } from '../../../kernel/parties.ts';
import type { IsoDate, IsoInstant } from '../../../kernel/time.ts';
import type { CaseReads } from '../../../platform/db/access.ts';
import type { Reads } from '../../../platform/db/database.ts';
import type { Tables } from '../../../platform/db/tables.ts';
import { type Disclosure, disclosedState, mostTold, type RequestKind, type RequestState, undecided } from '../rules.ts';

export type QueueRow = {
  id: string;
  reference: string;
  state: RequestState;
  kind: RequestKind;
  role: Party;
  receivedAt: IsoInstant;
  endedAt: IsoInstant | null;
  officerId: string | null;
  officerName: string | null;
  holdUntil: IsoDate | null;
  holdEnded: boolean;
  protectedIdentity: boolean;
};
/** A requester's own request: the state is what they may know. */
export type OwnRow = Omit<QueueRow, 'state' | 'officerId' | 'officerName'> & { state: RequestState | 'handled' };
export type QueueFilter = {
  view: 'all' | 'mine' | 'unassigned';
  state: RequestState | null;
  kind: RequestKind | null;
  /** Key of the last row of the page before. */
  after: { receivedAt: IsoInstant; id: string } | null;
};
export const queuePage = 25;

const rowColumns = [
  'r.id',
  'r.reference',
  'r.state',
  'r.kind',
  'r.requester_role',
  'r.received_at',
  'r.ended_at',
  'r.officer_id',
  'r.hold_until',
  'r.hold_ended',
  'r.protected_identity',
] as const;
const queueColumns = [...rowColumns, 'o.name as officer_name'] as const;

type Row = {
  id: string;
  reference: string;
  state: string;
  kind: string;
  requester_role: string;
  received_at: string;
  ended_at: string | null;
  officer_id: string | null;
  officer_name: string | null;
  hold_until: string | null;
  hold_ended: number;
  protected_identity: number;
};

export function toQueueRows(vault: Reads['vault'], rows: readonly Row[]): QueueRow[] {
  return rows.map((row) => ({
    id: row.id,
    reference: row.reference,
    state: row.state as RequestState,
    kind: row.kind as RequestKind,
    role: row.requester_role as Party,
    receivedAt: row.received_at,
    endedAt: row.ended_at,
    officerId: row.officer_id,
    officerName: vault.openStaff(row.officer_name),
    holdUntil: row.hold_until,
    holdEnded: row.hold_ended === 1,
    protectedIdentity: row.protected_identity === 1,
  }));
}

const literally = (states: readonly RequestState[]) => states.map((state) => sql.lit(state));
type Mine = 'of the unit' | 'of no unit';
/** Whose queue it is. `named`: 1 for who is named for protected identities; others know of none but their own. */
type Reader = { id: string; unitId: string; named: number };

/** What a reader may know of that a protected identity hides from others. */
export const knownTo =
  (reader: Pick<Reader, 'id' | 'named'>) => (w: ExpressionBuilder<{ r: Tables['request'] }, 'r'>) =>
    w.or([w('r.protected_identity', '<=', reader.named as 0 | 1), w('r.officer_id', '=', reader.id)]);

/** Undecided requests that one unit has taken, or none has. The states are literal, as in the partial index. */
function waiting(db: Reads['db'], reader: Reader, mine: Mine) {
  const query = db.selectFrom('request as r').where('r.state', 'in', literally(undecided)).where(knownTo(reader));
  return mine === 'of the unit' ? query.where('r.unit_id', '=', reader.unitId) : query.where('r.unit_id', 'is', null);
}

type List<R> = SelectQueryBuilder<{ r: Tables['request'] }, 'r', R>;
/** What a unit sees of the queue, read as two lists, since each then follows the index and stops when it is long enough. */
const merged = <R>(db: Reads['db'], list: (mine: Mine) => List<R>) =>
  db
    .selectFrom(list('of the unit').as('own'))
    .selectAll()
    .unionAll(db.selectFrom(list('of no unit').as('free')).selectAll())
    .as('r');

const oneMore = sql.lit(queuePage + 1);

/** One page of what waits for a unit, oldest first; one row more if there are more. */
export function queueQuery(db: Reads['db'], officer: Reader, filter: QueueFilter) {
  const { view, state, kind, after } = filter;
  const list = (mine: Mine) => {
    let query = waiting(db, officer, mine);
    if (state) query = query.where('r.state', '=', state);
    if (view === 'mine') query = query.where('r.officer_id', '=', officer.id);
    if (view === 'unassigned') query = query.where('r.officer_id', 'is', null);
    if (kind) query = query.where('r.kind', '=', kind);
    if (after) query = query.where(pastKey('>', after));
    return query.select(rowColumns).orderBy('r.received_at').orderBy('r.id').limit(oneMore);
  };
  return db
    .selectFrom(merged(db, list))
    .leftJoin('account as o', 'o.id', 'r.officer_id')
    .select(queueColumns)
    .orderBy('r.received_at')
    .orderBy('r.id')
    .limit(oneMore);
}

/** Rows past a page's last one, by the key of the list. */
const pastKey =
  (side: '<' | '>', after: { receivedAt: IsoInstant; id: string }) =>
  (w: ExpressionBuilder<{ r: Tables['request'] }, 'r'>) =>
    w.and([
      w('r.received_at', side === '>' ? '>=' : '<=', after.receivedAt),
      w.or([w('r.received_at', side, after.receivedAt), w('r.id', side, after.id)]),
    ]);

/** Requests that a signed-in requester sent, newest first; one page by key. */
export async function listOwnRequests(
  { db, vault }: CaseReads,
  accountId: string,
  after: QueueFilter['after'],
): Promise<OwnRow[]> {
  let query = db
    .selectFrom('request as r')
    .leftJoin('account as o', 'o.id', 'r.officer_id')
    .leftJoin('request_move as e', (join) =>
      join.onRef('e.request_id', '=', 'r.id').on('e.move', 'in', ['confirm', 'decline']),
    )
    .select([...queueColumns, 'e.disclosure'])
    .where('r.requester_account_id', '=', accountId);
  if (after) query = query.where(pastKey('<', after));
  const rows = await query
    .orderBy('r.received_at', 'desc')
    .orderBy('r.id', 'desc')
    .limit(queuePage + 1)
    .execute();
  return toQueueRows(vault, rows).map(({ officerId, officerName, state, ...own }, at) => ({
    ...own,
    state: disclosedState(state, (rows[at]?.disclosure ?? null) as Disclosure | null),
  }));
}

/** Other requests about the same person that the reader may know of, found by the number's fingerprint alone; newest first. */
export async function listSamePerson(
  { db, vault }: CaseReads,
  request: { id: string; numberFingerprint: string | null },
  reader: { id: string; named: number },
): Promise<QueueRow[]> {
  if (request.numberFingerprint === null) return [];
  const rows = await db
    .selectFrom('request as r')
    .leftJoin('account as o', 'o.id', 'r.officer_id')
    .select(queueColumns)
    .where('r.number_fp', '=', request.numberFingerprint)
    .where('r.id', '!=', request.id)
    .where(knownTo(reader))
    .orderBy('r.received_at', 'desc')
    .limit(20)
    .execute();
  return toQueueRows(vault, rows);
}

/** Counts stop at one more than is told, in each of the two lists. */
const counted = (db: Reads['db'], list: (mine: Mine) => List<object>) =>
  db
    .selectFrom(
      merged(db, (mine) =>
        list(mine)
          .select('r.id')
          .limit(sql.lit(mostTold + 1)),
      ),
    )
    .select((s) => s.fn.countAll<number>().as('count'));

const open: readonly RequestState[] = ['received', 'needs_info'];

/** How many of what waits for a unit came in before an instant, and nobody has put on hold. */
export const lateQuery = (db: Reads['db'], p: Reader & { before: IsoInstant }) =>
  counted(db, (mine) =>
    waiting(db, p, mine).where('r.received_at', '<', p.before).where('r.state', 'in', literally(open)),
  );

/** How many have waited for something that has ended. */
export const holdEndedQuery = (db: Reads['db'], p: Reader) =>
  counted(db, (mine) =>
    waiting(db, p, mine).where('r.hold_ended', '=', sql.lit(1)).where('r.state', 'in', literally(open)),
  );

/** The requests that led to a case, oldest first. */
export const requestsOfCase = (db: Reads['db'], caseId: string) =>
  db
    .selectFrom('request as r')
    .leftJoin('account as o', 'o.id', 'r.officer_id')
    .select(queueColumns)
    .where('r.case_id', '=', caseId)
    .orderBy('r.received_at')
    .orderBy('r.id')
    .limit(sql.lit(50));
