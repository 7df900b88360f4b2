import { type Kysely, sql } from 'kysely';

/** Letters that an officer prints and sends, and who said an answer that an officer noted. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const { schema } = db;
  // answered_as: code, null for the participant; answered_by: sealed name of whoever else it was.
  for (const name of ['answered_as', 'answered_by'])
    await schema.alterTable('participant').addColumn(name, 'text').execute();

  // starts_at, ends_at: of the meeting the letter tells of. settled: sent, told by telephone, or replaced by a later one.
  await schema
    .createTable('letter')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('meeting_id', 'text', (c) => c.notNull().references('meeting.id'))
    .addColumn('participant_id', 'text', (c) => c.notNull().references('participant.id'))
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('starts_at', 'text')
    .addColumn('ends_at', 'text')
    .addColumn('created_at', 'text', (c) => c.notNull())
    .addColumn('settled_at', 'text')
    .addColumn('settled_by', 'text', (c) => c.references('account.id'))
    .addColumn('settled_how', 'text')
    .execute();
  await schema.createIndex('letter_meeting').on('letter').columns(['meeting_id', 'id']).execute();
  await sql`create unique index letter_one_waiting on letter (participant_id) where settled_at is null`.execute(db);
  await sql`create index letter_waiting on letter (meeting_id) where settled_at is null`.execute(db);
}
