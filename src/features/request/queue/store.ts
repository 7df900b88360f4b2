import type { IsoDate, IsoInstant } from '../../../kernel/time.ts';
import type { Reads } from '../../../platform/db/database.ts';
import type { Party } from '../../case/rules.ts';
import { type Disclosure, disclosedState, type RequestKind, type RequestState, undecided } from '../rules.ts';

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

const queueColumns = [
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
  'o.name as officer_name',
] as const;

function toQueueRow(
  vault: Reads['vault'],
  row: {
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
  },
): QueueRow {
  return {
    id: row.id,
    reference: row.reference,
    state: row.state as RequestState,
    kind: row.kind as RequestKind,
    role: row.requester_role as Party,
    receivedAt: row.received_at,
    endedAt: row.ended_at,
    officerId: row.officer_id,
    officerName: vault.open(row.officer_name),
    holdUntil: row.hold_until,
    holdEnded: row.hold_ended === 1,
    protectedIdentity: row.protected_identity === 1,
  };
}

/** One page of a unit's undecided requests, those that no unit has taken included; oldest first, one row more if there are more. */
export async function listQueue(
  { db, vault }: Reads,
  officer: { id: string; unitId: string },
  filter: QueueFilter,
): Promise<QueueRow[]> {
  let query = db
    .selectFrom('request as r')
    .leftJoin('account as o', 'o.id', 'r.officer_id')
    .select(queueColumns)
    .where('r.state', 'in', filter.state ? [filter.state] : [...undecided])
    .where((w) => w.or([w('r.unit_id', '=', officer.unitId), w('r.unit_id', 'is', null)]));
  if (filter.view === 'mine') query = query.where('r.officer_id', '=', officer.id);
  if (filter.view === 'unassigned') query = query.where('r.officer_id', 'is', null);
  if (filter.kind) query = query.where('r.kind', '=', filter.kind);
  const { after } = filter;
  if (after) {
    query = query.where((w) =>
      w.or([
        w('r.received_at', '>', after.receivedAt),
        w.and([w('r.received_at', '=', after.receivedAt), w('r.id', '>', after.id)]),
      ]),
    );
  }
  const rows = await query
    .orderBy('r.received_at')
    .orderBy('r.id')
    .limit(queuePage + 1)
    .execute();
  return rows.map((row) => toQueueRow(vault, row));
}

/** Requests that a signed-in requester sent, newest first; one page by key. */
export async function listOwnRequests(
  { db, vault }: Reads,
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
  if (after) query = query.where('r.received_at', '<', after.receivedAt);
  const rows = await query
    .orderBy('r.received_at', 'desc')
    .limit(queuePage + 1)
    .execute();
  return rows.map((row) => {
    const { officerId, officerName, state, ...own } = toQueueRow(vault, row);
    return { ...own, state: disclosedState(state, row.disclosure as Disclosure | null) };
  });
}

/** Other requests about the same person, found by the number's fingerprint alone; newest first. */
export async function listSamePerson(
  { db, vault }: Reads,
  request: { id: string; numberFingerprint: string | null },
): Promise<QueueRow[]> {
  if (request.numberFingerprint === null) return [];
  const rows = await db
    .selectFrom('request as r')
    .leftJoin('account as o', 'o.id', 'r.officer_id')
    .select(queueColumns)
    .where('r.number_fp', '=', request.numberFingerprint)
    .where('r.id', '!=', request.id)
    .orderBy('r.received_at', 'desc')
    .limit(20)
    .execute();
  return rows.map((row) => toQueueRow(vault, row));
}

/** How many undecided requests came in before `before` and wait for this unit; and how many holds have ended. */
export async function countWaiting(
  { db }: Reads,
  unitId: string,
  before: IsoInstant,
): Promise<{ late: number; holdEnded: number }> {
  const row = await db
    .selectFrom('request as r')
    .select((s) => [
      s.fn.count<number>('r.id').filterWhere('r.received_at', '<', before).as('late'),
      s.fn.count<number>('r.id').filterWhere('r.hold_ended', '=', 1).as('ended'),
    ])
    .where('r.state', 'in', ['received', 'needs_info'])
    .where((w) => w.or([w('r.unit_id', '=', unitId), w('r.unit_id', 'is', null)]))
    .executeTakeFirstOrThrow();
  return { late: Number(row.late), holdEnded: Number(row.ended) };
}

/** The requests that led to a case, oldest first. */
export async function listRequestsOfCase({ db, vault }: Reads, caseId: string): Promise<QueueRow[]> {
  const rows = await db
    .selectFrom('request as r')
    .leftJoin('account as o', 'o.id', 'r.officer_id')
    .select(queueColumns)
    .where('r.case_id', '=', caseId)
    .orderBy('r.received_at')
    .limit(50)
    .execute();
  return rows.map((row) => toQueueRow(vault, row));
}
