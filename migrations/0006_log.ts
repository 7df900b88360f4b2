import { type CreateTableBuilder, type Kysely, sql } from 'kysely';

/** The log: why and from where, chained and sealed; its checkpoints; and what those who review it find. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const { schema } = db;
  // origin: sealed. Rows from before have no place in a chain; the first start gives them one.
  for (const name of ['relation', 'origin', 'seal']) await schema.alterTable('audit').addColumn(name, 'text').execute();
  await schema.alterTable('audit').addColumn('position', 'integer').execute();
  await schema
    .alterTable('audit')
    .addColumn('chain', 'text', (c) => c.notNull().defaultTo(''))
    .execute();
  await schema.createIndex('audit_place').on('audit').columns(['chain', 'position']).unique().execute();
  // Ids sort as time does: a log is paged by them alone.
  for (const name of ['audit_case', 'audit_meeting', 'audit_request']) await schema.dropIndex(name).execute();
  await sql`create index audit_case on audit (case_id, id) where case_id is not null`.execute(db);
  await sql`create index audit_request on audit (request_id, id) where request_id is not null`.execute(db);

  type Table = CreateTableBuilder<string, never>;
  const text = (t: Table, ...names: string[]): Table =>
    names.reduce((u, name) => u.addColumn(name as never, 'text', (c) => c.notNull()) as Table, t);
  const optional = (t: Table, ...names: string[]): Table =>
    names.reduce((u, name) => u.addColumn(name as never, 'text') as Table, t);
  const number = (t: Table, ...names: string[]): Table =>
    names.reduce((u, name) => u.addColumn(name as never, 'integer', (c) => c.notNull()) as Table, t);
  const refers = (t: Table, name: string, target: string): Table =>
    t.addColumn(name as never, 'text', (c) => c.notNull().references(target)) as Table;
  const table = (name: string) =>
    schema.createTable(name).addColumn('id', 'text', (c) => c.primaryKey()) as unknown as Table;

  await number(text(table('log_checkpoint'), 'at', 'chains', 'seal'), 'position').execute();
  await schema.createIndex('log_checkpoint_place').on('log_checkpoint').column('position').unique().execute();

  let t = refers(text(table('log_review'), 'at', 'first_day', 'last_day', 'seed'), 'account_id', 'account.id');
  t = optional(number(t, 'size'), 'finished_at');
  await t.execute();

  // note: sealed. It outlives the row of the log that it is about.
  t = refers(text(table('log_review_row'), 'audit_id'), 'review_id', 'log_review.id');
  t = optional(number(t, 'position'), 'outcome', 'note', 'noted_at');
  await t.execute();
  await schema
    .createIndex('log_review_row_place')
    .on('log_review_row')
    .columns(['review_id', 'position'])
    .unique()
    .execute();

  // The outcome of a review by its code; what was noted about it stands sealed beside it.
  await schema.alterTable('emergency').addColumn('finding', 'text').execute();
  await sql`create index emergency_unreviewed on emergency (id) where reviewed_at is null`.execute(db);
}
