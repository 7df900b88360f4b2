import type { Kysely } from 'kysely';

/** Writing together: which change of the minutes a field was last written by, and what a conflict did not leave in its field. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const { schema } = db;
  await schema
    .alterTable('minutes_field')
    .addColumn('seq', 'integer', (c) => c.notNull().defaultTo(0))
    .execute();

  // text: sealed.
  await schema
    .createTable('minutes_history')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('minutes_id', 'text', (c) => c.notNull().references('minutes.id'))
    .addColumn('field', 'text', (c) => c.notNull())
    .addColumn('text', 'text', (c) => c.notNull())
    .addColumn('met', 'integer', (c) => c.notNull())
    .addColumn('late', 'integer', (c) => c.notNull())
    .addColumn('seq', 'integer', (c) => c.notNull())
    .addColumn('written_at', 'text', (c) => c.notNull())
    .addColumn('written_by', 'text', (c) => c.notNull().references('account.id'))
    .execute();
  await schema.createIndex('minutes_history_seq').on('minutes_history').columns(['minutes_id', 'seq']).execute();
  await schema.createIndex('minutes_history_field').on('minutes_history').columns(['minutes_id', 'field']).execute();
}
