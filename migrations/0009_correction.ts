import { type CreateTableBuilder, type Kysely, sql } from 'kysely';

/** Guided corrections: proposed by one, decided by another; what they took from documents; who was told. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const { schema } = db;
  type Table = CreateTableBuilder<string, never>;
  const text = (t: Table, ...names: string[]): Table =>
    names.reduce((u, name) => u.addColumn(name as never, 'text', (c) => c.notNull()) as Table, t);
  const optional = (t: Table, ...names: string[]): Table =>
    names.reduce((u, name) => u.addColumn(name as never, 'text') as Table, t);
  const refers = (t: Table, name: string, target: string, needed = true): Table =>
    t.addColumn(name as never, 'text', (c) => (needed ? c.notNull() : c).references(target)) as Table;
  const table = (name: string) =>
    schema.createTable(name).addColumn('id', 'text', (c) => c.primaryKey()) as unknown as Table;

  await schema
    .createTable('code_correction_state')
    .addColumn('code', 'text', (c) => c.primaryKey())
    .execute();
  for (const code of ['proposed', 'approved', 'rejected']) {
    await sql`insert into code_correction_state (code) values (${code})`.execute(db);
  }

  // reason, answer, wanted: sealed. `wanted` says what to remove; it goes when the proposal is decided.
  let t = refers(text(table('correction'), 'kind', 'reason', 'proposed_at'), 'state', 'code_correction_state.code');
  t = optional(t, 'wanted', 'places', 'sent_on', 'answer', 'decided_at');
  t = refers(refers(t, 'case_id', 'case_file.id', false), 'request_id', 'request.id', false);
  t = refers(refers(t, 'unit_id', 'unit.id'), 'participant_id', 'participant.id', false);
  t = refers(refers(t, 'proposed_by', 'account.id'), 'decided_by', 'account.id', false);
  await t.execute();
  await schema.createIndex('correction_case').on('correction').columns(['case_id', 'proposed_at']).execute();
  await schema.createIndex('correction_request').on('correction').columns(['request_id', 'proposed_at']).execute();
  await sql`create index correction_waiting on correction (proposed_at, id) where state = 'proposed'`.execute(db);
  await sql`create unique index correction_one_misfile on correction (request_id)
    where state = 'proposed' and kind = 'misfile'`.execute(db);

  // holder: document or release, whose row `filed_id` is.
  await text(
    refers(schema.createTable('correction_section') as unknown as Table, 'correction_id', 'correction.id'),
    'holder',
    'filed_id',
    'section',
  )
    .addPrimaryKeyConstraint('correction_section_key', ['correction_id', 'filed_id', 'section'] as never[])
    .execute();
  await schema.createIndex('correction_section_of').on('correction_section').columns(['holder', 'filed_id']).execute();

  // How somebody who had got what was wrong was told: mail, call, or not yet.
  t = refers(refers(table('correction_notice'), 'correction_id', 'correction.id'), 'participant_id', 'participant.id');
  t = refers(optional(t, 'via', 'at'), 'account_id', 'account.id', false);
  await t.execute();
  await schema.createIndex('correction_notice_of').on('correction_notice').column('correction_id').execute();
}
