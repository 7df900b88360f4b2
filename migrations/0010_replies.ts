import { type Kysely, sql } from 'kysely';

/** Answers that come by mail: what became of each mail, what somebody proposed, and which meeting a message was about. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const { schema } = db;
  const add = (table: string, name: string, type: 'text' | 'integer' = 'text') =>
    schema.alterTable(table).addColumn(name, type).execute();

  // SEQUENCE and DTSTAMP of the newest answer by mail and of the newest proposal: an older one never outranks them.
  await add('participant', 'reply_sequence', 'integer');
  await add('participant', 'reply_stamp');
  await add('participant', 'proposed_end');
  await add('participant', 'proposed_sequence', 'integer');
  await add('participant', 'proposed_at');
  await sql`update participant set proposed_sequence = sent_sequence, proposed_at = answered_at
    where proposed_start is not null`.execute(db);

  await add('outbox', 'meeting_id');
  await sql`update outbox set meeting_id =
    (select meeting_id from participant where stream = 'invitation ' || participant.mail_tag)`.execute(db);
  await schema.createIndex('outbox_meeting').on('outbox').columns(['meeting_id', 'id']).execute();

  // outcome, code: how the mail ended. facts: sealed, and gone once a human has dealt with it.
  await schema
    .createTable('incoming_mail')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('digest', 'text', (c) => c.notNull().unique())
    .addColumn('at', 'text', (c) => c.notNull())
    .addColumn('outcome', 'text', (c) => c.notNull())
    .addColumn('code', 'text', (c) => c.notNull())
    .addColumn('meeting_id', 'text', (c) => c.references('meeting.id'))
    .addColumn('participant_id', 'text', (c) => c.references('participant.id'))
    .addColumn('facts', 'text')
    .addColumn('handled_at', 'text')
    .addColumn('handled_by', 'text', (c) => c.references('account.id'))
    .execute();
  await schema.createIndex('incoming_mail_meeting').on('incoming_mail').columns(['meeting_id', 'id']).execute();
  await sql`create index incoming_mail_waiting on incoming_mail (meeting_id, id)
    where outcome = 'human' and handled_at is null`.execute(db);
}
