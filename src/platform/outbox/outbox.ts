import { newId } from '../../kernel/ids.ts';
import { type IsoInstant, stampAfter } from '../../kernel/time.ts';
import type { Reads, Writes } from '../db/database.ts';

/** When a message is due that waits for nothing: always, whatever the clock was when it was written. */
const atOnce: IsoInstant = '1970-01-01T00:00:00.000Z';

/** A message to be sent: facts, not text. It is rendered when it leaves, so no link is ever stored. */
export type QueuedMessage = {
  kind: string;
  /** Messages of one stream leave in order, e.g. one participant's. */
  stream: string;
  /** A second message with the same key is never written. */
  dedupeKey: string;
  facts: object;
  /** The meeting it is about, if it is about one. */
  meetingId?: string;
  /** Not before; default at once. */
  dueAt?: IsoInstant;
};

export type OutboxRow = {
  id: string;
  kind: string;
  stream: string;
  messageId: string;
  createdAt: IsoInstant;
  attempts: number;
  facts: Record<string, unknown>;
};

/** Queues one message in the caller's transaction. Its Message-ID is fixed here, so that a second copy is recognised. */
export async function queueMessage(
  { db, vault }: Writes,
  message: QueuedMessage,
  now: IsoInstant,
  mailDomain: string,
): Promise<void> {
  const id = newId(now);
  await db
    .insertInto('outbox')
    .values({
      id,
      meeting_id: message.meetingId ?? null,
      kind: message.kind,
      stream: message.stream,
      dedupe_key: message.dedupeKey,
      facts: vault.seal(JSON.stringify(message.facts)),
      message_id: `${id}@${mailDomain}`,
      created_at: now,
      due_at: message.dueAt ?? atOnce,
      state: 'queued',
      lease_until: null,
      sent_at: null,
      sha256: null,
      last_error: null,
    })
    .onConflict((conflict) => conflict.column('dedupe_key').doNothing())
    .execute();
}

/**
 * Queues a message a whole second after the one before it in its stream where two acts come that close: its row's time
 * is its DTSTAMP and its place in the queue.
 */
export async function sendInOrder(
  work: Writes & { now: IsoInstant; mailDomain: string; send(message: QueuedMessage): Promise<void> },
  message: QueuedMessage,
): Promise<void> {
  const last = await work.db
    .selectFrom('outbox')
    .select('created_at')
    .where('stream', '=', message.stream)
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst();
  const at = stampAfter(last?.created_at ?? null, work.now);
  await (at === work.now ? work.send(message) : queueMessage(work, message, at, work.mailDomain));
}

/**
 * Takes up to `most` messages that are due, until `leaseUntil`: nobody else takes them before. A message waits while
 * an earlier one of its stream is unsent, so that a cancellation never overtakes its invitation.
 */
export async function claimMessages(
  { db, vault }: Writes,
  now: IsoInstant,
  leaseUntil: IsoInstant,
  most: number,
): Promise<OutboxRow[]> {
  const found = await db
    .selectFrom('outbox as o')
    .select(['o.id', 'o.kind', 'o.stream', 'o.facts', 'o.message_id', 'o.created_at', 'o.attempts'])
    .where('o.state', '=', 'queued')
    .where('o.due_at', '<=', now)
    .where((w) => w.or([w('o.lease_until', 'is', null), w('o.lease_until', '<', now)]))
    .where((w) =>
      w.not(
        w.exists(
          w
            .selectFrom('outbox as e')
            .select('e.id')
            .whereRef('e.stream', '=', 'o.stream')
            .whereRef('e.id', '<', 'o.id')
            .where('e.state', '=', 'queued'),
        ),
      ),
    )
    .orderBy('o.due_at')
    .orderBy('o.id')
    .limit(most)
    .forUpdate('o')
    .skipLocked()
    .execute();
  if (found.length === 0) return [];
  await db
    .updateTable('outbox')
    .set((s) => ({ lease_until: leaseUntil, attempts: s('attempts', '+', 1) }))
    .where(
      'id',
      'in',
      found.map(({ id }) => id),
    )
    .execute();
  return found.map((row) => ({
    id: row.id,
    kind: row.kind,
    stream: row.stream,
    messageId: row.message_id,
    createdAt: row.created_at,
    attempts: row.attempts + 1,
    facts: JSON.parse(vault.open(row.facts)),
  }));
}

/** Keeps messages that are still on their way from being taken by another worker. */
export async function extendLeases({ db }: Writes, ids: string[], leaseUntil: IsoInstant): Promise<void> {
  await db
    .updateTable('outbox')
    .set({ lease_until: leaseUntil })
    .where('id', 'in', ids)
    .where('state', '=', 'queued')
    .execute();
}

/**
 * Records in one statement that messages were sent; `sha256` is of what was sent. Resolves with the ids of those that
 * it was for us to record: of the others another worker, after the end of the lease, has recorded the fate already.
 */
export async function markSent(
  { db }: Writes,
  sent: readonly { row: OutboxRow; sha256: string }[],
  at: IsoInstant,
): Promise<Set<string>> {
  const [first, ...more] = sent;
  if (!first) return new Set();
  const recorded = await db
    .updateTable('outbox')
    .set((s) => ({
      ...{ state: 'sent' as const, sent_at: at, lease_until: null, last_error: null },
      sha256: more
        .reduce(
          (cases, { row, sha256 }) => cases.when(row.id).then(sha256),
          s.case('id').when(first.row.id).then(first.sha256),
        )
        .end(),
    }))
    .where(
      'id',
      'in',
      sent.map(({ row }) => row.id),
    )
    .where('state', '=', 'queued')
    .returning('id')
    .execute();
  return new Set(recorded.map(({ id }) => id));
}

/**
 * Puts a message back for another try at `dueAt`, or gives it up when `dueAt` is null. `code` names the fault only.
 * False when the lease ended and another worker has taken the message since: its fate is that one's to record.
 */
export async function markUnsent(
  { db }: Writes,
  row: OutboxRow,
  dueAt: IsoInstant | null,
  code: string,
): Promise<boolean> {
  const result = await db
    .updateTable('outbox')
    .set(
      dueAt
        ? { due_at: dueAt, lease_until: null, last_error: code }
        : { state: 'failed', lease_until: null, last_error: code },
    )
    .where('id', '=', row.id)
    .where('state', '=', 'queued')
    .where('attempts', '=', row.attempts)
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

/** Ends messages that became pointless before they were sent. One that another worker has taken since is that one's. */
export async function markWithdrawn({ db }: Writes, rows: readonly OutboxRow[]): Promise<void> {
  if (rows.length === 0) return;
  await db
    .updateTable('outbox')
    .set({ state: 'withdrawn', lease_until: null })
    .where((w) => w.or(rows.map((row) => w.and([w('id', '=', row.id), w('attempts', '=', row.attempts)]))))
    .where('state', '=', 'queued')
    .execute();
}

/**
 * Ends those messages of a stream and of these kinds that wait, so that newer news need not wait behind them. One that is
 * on its way is left to its worker.
 */
export async function withdrawWaiting(
  { db, now }: Writes & { now: IsoInstant },
  stream: string,
  kinds: readonly string[],
): Promise<void> {
  await db
    .updateTable('outbox')
    .set({ state: 'withdrawn', lease_until: null })
    .where('stream', '=', stream)
    .where('kind', 'in', kinds)
    .where('state', '=', 'queued')
    .where((w) => w.or([w('lease_until', 'is', null), w('lease_until', '<', now)]))
    .execute();
}

const pausesMinutes = [1, 2, 5, 15, 30, 60, 120, 240, 480, 720, 720, 720];

/** Minutes to wait after attempt number `attempts`; null when it is time to give up (after some two days). */
export function pauseAfter(attempts: number): number | null {
  return pausesMinutes[attempts - 1] ?? null;
}

/**
 * Messages not yet sent: all, those whose last try failed, and since when the oldest waits; and those given up.
 */
export async function outboxState({ db }: Reads): Promise<{
  queued: number;
  retrying: number;
  failed: number;
  oldest: IsoInstant | null;
}> {
  const row = await db
    .selectFrom('outbox')
    .select((s) => [
      s.fn.count<number>('id').filterWhere('state', '=', 'queued').as('queued'),
      s.fn.count<number>('id').filterWhere('state', '=', 'queued').filterWhere('attempts', '>', 0).as('retrying'),
      s.fn.count<number>('id').filterWhere('state', '=', 'failed').as('failed'),
      s.fn.min('created_at').filterWhere('state', '=', 'queued').as('oldest'),
    ])
    .where('state', 'in', ['queued', 'failed'])
    .executeTakeFirstOrThrow();
  return row;
}

/** Forgets what messages were made from, and what was sent: that a mail left is all that stays. */
export async function forgetFacts({ db, vault }: Writes, ids: readonly string[]): Promise<void> {
  await db
    .updateTable('outbox')
    .set({ facts: vault.seal('{}'), sha256: null })
    .where('id', 'in', ids)
    .execute();
}
