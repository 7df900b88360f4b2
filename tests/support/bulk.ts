import { type RawBuilder, sql } from 'kysely';
import { createAuditLog } from '../../src/platform/audit/audit.ts';
import type { Database } from '../../src/platform/db/database.ts';

const instant = '2025-01-02T03:04:05.678Z';

/**
 * Many rows at once, past the commands, with ids before all others: requests, of which each tenth is merged into the
 * next one, messages that have been sent, and rows of the log.
 */
export async function addBulk(
  database: Database,
  rows: { requests?: number; messages?: number; events?: number },
): Promise<void> {
  const at = sql.lit(instant);
  const word = (text: string) => sql.lit(text);
  const id = (i: RawBuilder<unknown> = sql`i`) => sql`'00000000-0000-7000-8000-' || cast(100000000000 + ${i} as text)`;
  await database.transaction(async ({ db, vault }) => {
    async function add(table: string, count: number, columns: Record<string, RawBuilder<unknown>>): Promise<void> {
      if (count === 0) return;
      await sql`insert into ${sql.table(table)} (${sql.join(Object.keys(columns).map((name) => sql.ref(name)))})
        with recursive n(i) as (select 1 union all select i + 1 from n where i < ${sql.lit(count)})
        select ${sql.join(Object.values(columns))} from n`.execute(db);
    }
    await add('request', rows.requests ?? 0, {
      ...{ id: id(), reference: id(), channel: word('web'), requester_role: word('ARBG'), kind: word('unsure') },
      ...{ form: word(vault.seal('{}')), state: word('withdrawn'), received_at: at, created_at: at },
      merged_into: sql`case when i % 10 = 0 and i < ${sql.lit(rows.requests ?? 0)} then ${id(sql`i + 1`)} end`,
    });
    await add('outbox', rows.messages ?? 0, {
      ...{ id: id(), kind: word('receipt'), stream: id(), dedupe_key: id(), facts: word(vault.seal('{}')) },
      ...{ message_id: id(), created_at: at, due_at: at, state: word('sent'), sent_at: at },
    });
  });
  const audit = createAuditLog(database, { place: () => () => {} });
  const entry = { action: 'request.see', actor: { kind: 'worker' }, outcome: 'seen', at: instant } as const;
  await Promise.all(
    Array.from({ length: rows.events ?? 0 }, (_, i) =>
      audit.record({ ...entry, subject: null, relation: null, code: null, reference: `${i}`, origin: null }),
    ),
  );
}
