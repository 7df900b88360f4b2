import type { CreateTableBuilder, Kysely } from 'kysely';

/**
 * Who signs in: people above their assignments (account), the keys by which an identity provider's word leads to them,
 * and what the administrator sets. Sessions are made anew, so everybody signs in once more.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  const { schema } = db;
  type Table = CreateTableBuilder<string, never>;
  const text = (t: Table, ...names: string[]): Table =>
    names.reduce((u, name) => u.addColumn(name as never, 'text', (c) => c.notNull()) as Table, t);
  const optional = (t: Table, ...names: string[]): Table =>
    names.reduce((u, name) => u.addColumn(name as never, 'text') as Table, t);
  const refers = (t: Table, name: string, target: string, needed = true): Table =>
    t.addColumn(name as never, 'text', (c) => (needed ? c.notNull() : c).references(target)) as Table;
  const table = (name: string, key = 'id') =>
    schema.createTable(name).addColumn(key, 'text', (c) => c.primaryKey()) as unknown as Table;

  // name: sealed. decided_by: the account that approved, refused or closed; accounts refer to people, so it is no reference.
  await optional(text(table('person'), 'name', 'state', 'created_at'), 'decided_at', 'decided_by').execute();
  await schema.createIndex('person_state').on('person').columns(['state', 'id']).execute();

  await refers(text(table('person_key', 'fingerprint'), 'kind', 'created_at'), 'person_id', 'person.id').execute();
  await schema.createIndex('person_key_person').on('person_key').column('person_id').execute();

  await schema
    .alterTable('account')
    .addColumn('person_id', 'text', (c) => c.references('person.id'))
    .execute();
  await schema.createIndex('account_person').on('account').column('person_id').execute();
  await schema.createIndex('account_organisation').on('account').columns(['organisation_id', 'id']).execute();
  for (const name of ['account', 'organisation', 'unit']) {
    await schema
      .alterTable(name)
      .addColumn('state', 'text', (c) => c.notNull().defaultTo('active'))
      .execute();
  }
  await schema.createIndex('unit_organisation').on('unit').columns(['organisation_id', 'id']).execute();
  await schema.createIndex('cover_of').on('cover').columns(['officer_id', 'last_day']).execute();

  await text(table('setting', 'name'), 'value').execute();
  await text(table('spent_sign_in', 'state_fp'), 'until').execute();
  await schema.createIndex('spent_sign_in_until').on('spent_sign_in').column('until').execute();

  // Without an account while an assignment is being chosen. sign_out_hint: sealed; the provider's own ids: fingerprints.
  await schema.dropTable('session').execute();
  let t = refers(text(table('session', 'id_hash'), 'created_at', 'seen_at'), 'account_id', 'account.id', false);
  t = refers(t, 'person_id', 'person.id', false);
  t = optional(t, 'number_fp', 'sign_out_hint', 'provider_sid', 'provider_sub');
  await t.addColumn('several' as never, 'integer', (c) => c.notNull().defaultTo(0)).execute();
  await schema.createIndex('session_seen').on('session').column('seen_at').execute();
  for (const column of ['account_id', 'person_id', 'provider_sid', 'provider_sub']) {
    await schema.createIndex(`session_${column}`).on('session').column(column).execute();
  }
}
