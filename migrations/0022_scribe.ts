import type { Kysely } from 'kysely';

/** The colleague whom the officer has asked to write the minutes of a meeting too. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const { schema } = db;
  await schema
    .alterTable('meeting')
    .addColumn('scribe_id', 'text', (c) => c.references('account.id'))
    .execute();
  await schema.createIndex('meeting_scribe').on('meeting').columns(['scribe_id', 'state']).execute();
}
