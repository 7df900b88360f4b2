import { type Kysely, sql } from 'kysely';

/** When a meeting is next reminded of, whether the individual wants that, and messages that were never sent because they had become pointless. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const { schema } = db;
  await sql`insert into code_outbox_state (code) values ('withdrawn')`.execute(db);

  await schema.alterTable('meeting').addColumn('remind_at', 'text').execute();
  // The worker works out when, as it does for a time that has passed.
  await sql`update meeting set remind_at = created_at where state = 'scheduled'`.execute(db);
  await sql`create index meeting_remind on meeting (remind_at)
    where state = 'scheduled' and remind_at is not null`.execute(db);

  await schema
    .alterTable('case_file')
    .addColumn('reminders', 'integer', (c) => c.notNull().defaultTo(1))
    .execute();
}
