import type { Kysely } from 'kysely';

/** How often a visitor came in one minute; `key` is a keyed digest, so that neither link nor address can be read. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('rate')
    .addColumn('key', 'text', (c) => c.primaryKey())
    .addColumn('minute', 'text', (c) => c.notNull())
    .addColumn('count', 'integer', (c) => c.notNull())
    .execute();
  await db.schema.createIndex('rate_by_minute').on('rate').column('minute').execute();
}
