import { type CreateTableBuilder, type Kysely, sql } from 'kysely';

/**
 * Who may reach what beside the officer of a case: those named for protected identities, covers, representatives,
 * emergencies, and the parties that take part in it.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  const { schema } = db;
  const flag = (table: string, name: string) =>
    schema
      .alterTable(table)
      .addColumn(name, 'integer', (c) => c.notNull().defaultTo(0))
      .execute();
  await flag('account', 'handles_protected');
  await flag('case_file', 'protected_identity');
  await sql`update case_file set protected_identity = 1
    where id in (select case_id from request where protected_identity = 1)`.execute(db);

  type Table = CreateTableBuilder<string, never>;
  const text = (t: Table, ...names: string[]): Table =>
    names.reduce((u, name) => u.addColumn(name as never, 'text', (c) => c.notNull()) as Table, t);
  const optional = (t: Table, ...names: string[]): Table =>
    names.reduce((u, name) => u.addColumn(name as never, 'text') as Table, t);
  const refers = (t: Table, name: string, target: string, needed = true): Table =>
    t.addColumn(name as never, 'text', (c) => (needed ? c.notNull() : c).references(target)) as Table;
  const table = (name: string) =>
    schema.createTable(name).addColumn('id', 'text', (c) => c.primaryKey()) as unknown as Table;

  // Absence: another officer of the unit has the same rights from the first to the last day.
  let t = refers(refers(table('cover'), 'officer_id', 'account.id'), 'cover_id', 'account.id');
  t = refers(text(t, 'first_day', 'last_day', 'created_at'), 'created_by', 'account.id');
  await t.execute();
  await schema.createIndex('cover_by').on('cover').columns(['cover_id', 'last_day']).execute();

  // basis: code; how: sealed. Without a last day it holds until it is ended.
  t = refers(refers(table('representation'), 'account_id', 'account.id'), 'individual_account_id', 'account.id');
  t = optional(text(t, 'basis', 'how', 'first_day', 'created_at'), 'last_day');
  t = refers(t, 'created_by', 'account.id');
  await t.execute();
  await schema.createIndex('representation_by').on('representation').columns(['account_id', 'last_day']).execute();
  await schema.createIndex('representation_of').on('representation').column('individual_account_id').execute();

  // reason, outcome: sealed. Reviewed by somebody who did not open it. Without a case: a number that is none was tried.
  t = refers(refers(table('emergency'), 'account_id', 'account.id'), 'case_id', 'case_file.id', false);
  t = optional(text(t, 'reason', 'at', 'until'), 'reviewed_at', 'outcome');
  t = refers(t, 'reviewed_by', 'account.id', false);
  await t.execute();
  await schema.createIndex('emergency_by').on('emergency').columns(['account_id', 'until']).execute();
  await schema.createIndex('emergency_case').on('emergency').columns(['case_id', 'at']).execute();

  // organisation: sealed. Two employers of one case are two parties; the same one in two meetings is one.
  t = refers(text(table('case_party'), 'party', 'organisation', 'created_at'), 'case_id', 'case_file.id');
  await t.execute();
  await schema.createIndex('case_party_case').on('case_party').column('case_id').execute();
  for (const [name, target] of [
    ['account_id', 'account.id'],
    ['case_party_id', 'case_party.id'],
  ] as const) {
    await schema
      .alterTable('participant')
      .addColumn(name, 'text', (c) => c.references(target))
      .execute();
    await schema
      .createIndex(`participant_${name.slice(0, -3)}`)
      .on('participant')
      .column(name)
      .execute();
  }
}
