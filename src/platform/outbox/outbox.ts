import { newId } from '../../kernel/ids.ts';
import type { IsoInstant } from '../../kernel/time.ts';
import type { Writes } from '../db/database.ts';

/** A message to be sent: facts, not text. It is rendered when it leaves, so no link is ever stored. */
export type QueuedMessage = {
  kind: string;
  /** Messages of one stream leave in order, e.g. one participant's. */
  stream: string;
  /** A second message with the same key is never written. */
  dedupeKey: string;
  facts: object;
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
      kind: message.kind,
      stream: message.stream,
      dedupe_key: message.dedupeKey,
      facts: vault.seal(JSON.stringify(message.facts)),
      message_id: `${id}@${mailDomain}`,
      created_at: now,
      due_at: message.dueAt ?? now,
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
 * Takes the next message that is due, for `leaseMs`. A message waits while an earlier one of its stream is unsent,
 * so that a cancellation never overtakes its invitation. Null when nothing is due.
 */
export async function claimMessage(
  { db, vault }: Writes,
  now: IsoInstant,
  leaseUntil: IsoInstant,
): Promise<OutboxRow | null> {
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
    .limit(1)
    .executeTakeFirst();
  if (!found) return null;
  await db
    .updateTable('outbox')
    .set({ lease_until: leaseUntil, attempts: found.attempts + 1 })
    .where('id', '=', found.id)
    .execute();
  return {
    id: found.id,
    kind: found.kind,
    stream: found.stream,
    messageId: found.message_id,
    createdAt: found.created_at,
    attempts: found.attempts + 1,
    facts: JSON.parse(vault.open(found.facts)),
  };
}

/** False when another worker, after the end of this one's lease, has recorded the message's fate already. */
export async function markSent({ db }: Writes, row: OutboxRow, at: IsoInstant, sha256: string): Promise<boolean> {
  const result = await db
    .updateTable('outbox')
    .set({ state: 'sent', sent_at: at, sha256, lease_until: null, last_error: null })
    .where('id', '=', row.id)
    .where('state', '=', 'queued')
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
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

const pausesMinutes = [1, 2, 5, 15, 30, 60, 120, 240, 480, 720, 720, 720];

/** Minutes to wait after attempt number `attempts`; null when it is time to give up (after some two days). */
export function pauseAfter(attempts: number): number | null {
  return pausesMinutes[attempts - 1] ?? null;
}
