import { type CreateTableBuilder, type Kysely, sql } from 'kysely';

/** Links that are taken back, codes by mail, who a participant is, who asked and may not be named, protected identities. */
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

  // A receipt's link that was taken back opens nothing and is mailed to nobody.
  await schema
    .alterTable('request')
    .addColumn('link_revoked', 'integer', (c) => c.notNull().defaultTo(0))
    .execute();

  // The code itself is derived from the id; of an opened session the hash of what the browser holds.
  await (
    refers(optional(text(table('link_code'), 'created_at'), 'used_at'), 'participant_id', 'participant.id') as Table
  )
    .addColumn('tries' as never, 'integer', (c) => c.notNull().defaultTo(0))
    .execute();
  await schema.createIndex('link_code_latest').on('link_code').columns(['participant_id', 'created_at']).execute();
  const session = schema.createTable('link_session').addColumn('id_hash', 'text', (c) => c.primaryKey());
  await refers(text(session as unknown as Table, 'until'), 'participant_id', 'participant.id')
    .addColumn('link_generation' as never, 'integer', (c) => c.notNull())
    .execute();
  await schema.createIndex('link_session_until').on('link_session').column('until').execute();

  // Whether the organisation has chosen that its copy is read with a mailed code; how it was said: sealed.
  await schema.alterTable('case_party').addColumn('code_how', 'text').execute();
  await schema.alterTable('case_party').addColumn('code_at', 'text').execute();
  await schema
    .alterTable('case_party')
    .addColumn('code_by', 'text', (c) => c.references('account.id'))
    .execute();

  // how: sealed. Somebody says that they are a participant; an officer says yes or no.
  let t = refers(refers(table('binding'), 'participant_id', 'participant.id'), 'account_id', 'account.id');
  t = refers(optional(text(t, 'asked_at'), 'decided_at', 'outcome', 'how'), 'decided_by', 'account.id', false);
  await t.execute();
  await sql`create unique index binding_open on binding (participant_id) where decided_at is null`.execute(db);

  // Somebody may be the person of one case and represent the person of another.
  await schema.dropIndex('account_number').execute();
  await schema.createIndex('account_number').on('account').columns(['number_fp', 'role']).unique().execute();

  // A representation ends at once, whatever day was set.
  await schema.alterTable('representation').addColumn('ended_at', 'text').execute();
  await schema
    .alterTable('representation')
    .addColumn('ended_by', 'text', (c) => c.references('account.id'))
    .execute();

  // reason: sealed. move: withhold or lift; outcome: approved or rejected, by somebody else.
  t = refers(
    text(refers(table('withholding'), 'request_id', 'request.id'), 'move', 'reason', 'at'),
    'by_id',
    'account.id',
  );
  t = refers(optional(t, 'decided_at', 'outcome'), 'decided_by', 'account.id', false);
  await t.execute();
  await schema.createIndex('withholding_request').on('withholding').columns(['request_id', 'at']).execute();
  await sql`create unique index withholding_open on withholding (request_id) where decided_at is null`.execute(db);

  // reason: sealed. Each change of a case's protected identity.
  t = refers(text(refers(table('protection'), 'case_id', 'case_file.id'), 'reason', 'at'), 'by_id', 'account.id');
  await t.addColumn('protected' as never, 'integer', (c) => c.notNull()).execute();
  await schema.createIndex('protection_case').on('protection').columns(['case_id', 'at']).execute();
}
