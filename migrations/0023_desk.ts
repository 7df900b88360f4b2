import type { Kysely } from 'kysely';

/**
 * What waits on an officer's desk is found through their meetings, and those grow with the years: all that is asked of
 * them first stands in the index.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createIndex('meeting_desk')
    .on('meeting')
    .columns(['officer_id', 'state', 'id', 'reference'])
    .execute();
}
