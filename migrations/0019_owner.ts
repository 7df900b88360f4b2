import { type Kysely, sql } from 'kysely';

/** Who carries a measure out and how they are reached, when they are reminded, what the officer is to look at, and what was asked and answered. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const { schema } = db;
  const add = (table: string, name: string, type: 'text' | 'integer' = 'text') =>
    schema.alterTable(table).addColumn(name, type).execute();

  // owner_id: the participant of the meeting who carries it out. remind_at: when the worker next looks.
  await add('measure', 'owner_id');
  await add('measure', 'remind_at');
  await add('measure', 'ended_at');
  // signal, signal_on: what the officer is to look at, and since when. asked_due: a new day that waits for their word.
  await add('measure', 'signal');
  await add('measure', 'signal_on');
  await add('measure', 'asked_due');
  await sql`update measure set owner_id = (
    select min(p.id) from participant p
    where p.meeting_id = measure.meeting_id and p.party = measure.carried_out_by and p.removed_at is null
    having count(*) = 1) where number is not null`.execute(db);
  // The worker works out when, as it does for a time that has passed.
  await sql`update measure set remind_at = created_at
    where state in ('planned', 'ongoing') and due is not null`.execute(db);
  await sql`update measure set ended_at =
    coalesce((select max(r.at) from measure_report r where r.measure_id = measure.id), created_at)
    where state in ('done', 'not_done', 'changed')`.execute(db);

  await sql`create index measure_remind on measure (remind_at, id) where remind_at is not null`.execute(db);
  await schema.createIndex('measure_owner').on('measure').columns(['owner_id']).execute();
  await sql`create index measure_signal on measure (case_id) where signal_on is not null`.execute(db);

  // obstacle: sealed. decision: of the officer about a day that was asked for. send_key: of the form it was sent with.
  await add('measure_report', 'obstacle');
  await add('measure_report', 'decision');
  await add('measure_report', 'send_key');
  await schema
    .alterTable('measure_report')
    .addColumn('meet', 'integer', (c) => c.notNull().defaultTo(0))
    .execute();
  await schema
    .createIndex('measure_report_sent')
    .unique()
    .on('measure_report')
    .columns(['measure_id', 'send_key'])
    .execute();
}
