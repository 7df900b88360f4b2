import { type CreateTableBuilder, type Kysely, sql } from 'kysely';

/** Proposed times and the answers to them, who is at the same e-mail address, and each user's calendar feed. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const { schema } = db;
  for (const [name, codes] of [
    ['poll_state', ['open', 'closed', 'booked', 'abandoned']],
    ['vote', ['yes', 'if_needed', 'no']],
  ] as const) {
    await schema
      .createTable(`code_${name}`)
      .addColumn('code', 'text', (c) => c.primaryKey())
      .execute();
    for (const code of codes) await sql`insert into ${sql.table(`code_${name}`)} (code) values (${code})`.execute(db);
  }

  type Table = CreateTableBuilder<string, never>;
  const text = (t: Table, ...names: string[]): Table =>
    names.reduce((u, name) => u.addColumn(name as never, 'text', (c) => c.notNull()) as Table, t);
  const optional = (t: Table, ...names: string[]): Table =>
    names.reduce((u, name) => u.addColumn(name as never, 'text') as Table, t);
  const number = (t: Table, name: string, initial: number): Table =>
    t.addColumn(name as never, 'integer', (c) => c.notNull().defaultTo(initial)) as Table;
  const refers = (t: Table, name: string, target: string, needed = true): Table =>
    t.addColumn(name as never, 'text', (c) => (needed ? c.notNull() : c).references(target)) as Table;
  const table = (name: string) =>
    schema.createTable(name).addColumn('id', 'text', (c) => c.primaryKey()) as unknown as Table;

  let t = refers(refers(table('poll'), 'meeting_id', 'meeting.id'), 'state', 'code_poll_state.code');
  t = number(number(text(t, 'last_day', 'created_at'), 'version', 1), 'holds', 0);
  await refers(t, 'created_by', 'account.id').execute();
  await schema.createIndex('poll_meeting').on('poll').columns(['meeting_id', 'id']).execute();
  await sql`create unique index poll_one_live on poll (meeting_id) where state in ('open', 'closed')`.execute(db);
  await sql`create index poll_open on poll (last_day) where state = 'open'`.execute(db);

  t = refers(text(table('poll_option'), 'starts_at', 'ends_at', 'uid'), 'poll_id', 'poll.id');
  await number(t, 'booked', 0).execute();
  await schema.createIndex('poll_option_poll').on('poll_option').columns(['poll_id', 'starts_at']).execute();

  // Whom was asked, and at which address (sealed); held: whether they have a hold for each time in their calendar.
  t = refers(
    refers(schema.createTable('poll_asked') as unknown as Table, 'poll_id', 'poll.id'),
    'participant_id',
    'participant.id',
  );
  t = refers(number(text(t, 'address', 'asked_at'), 'held', 0), 'delivery', 'code_delivery.code');
  t = optional(t, 'answered_at', 'reminded_at');
  await t.addPrimaryKeyConstraint('poll_asked_key', ['poll_id', 'participant_id'] as never[]).execute();
  await schema.createIndex('poll_asked_participant').on('poll_asked').column('participant_id').execute();

  t = refers(
    refers(schema.createTable('poll_vote') as unknown as Table, 'option_id', 'poll_option.id'),
    'participant_id',
    'participant.id',
  );
  t = text(refers(t, 'vote', 'code_vote.code'), 'at', 'via');
  await t.addPrimaryKeyConstraint('poll_vote_key', ['option_id', 'participant_id'] as never[]).execute();

  // Keyed fingerprint of the address, in lower case, so that the same person's other meetings are found unread.
  await schema.alterTable('participant').addColumn('email_fp', 'text').execute();
  await schema.createIndex('participant_email').on('participant').column('email_fp').execute();

  // The feed's address counts up when it is turned on or changed, and opens nothing while it is off.
  for (const name of ['feed_on', 'feed_generation'])
    await schema
      .alterTable('account')
      .addColumn(name, 'integer', (c) => c.notNull().defaultTo(0))
      .execute();
}
