import { type CreateTableBuilder, type Kysely, sql } from 'kysely';

/**
 * What is written before a meeting and with whom the person shares it, other ways of meeting that the person asks for,
 * and what the officer means to bring.
 */
const codes: Record<string, string[]> = {
  preparation_field: ['text', 'want', 'canManage', 'canGet', 'notDiscuss'],
  audience: ['officer', 'all', 'chosen'],
};

export async function up(db: Kysely<unknown>): Promise<void> {
  const { schema } = db;
  for (const [name, list] of Object.entries(codes)) {
    await schema
      .createTable(`code_${name}`)
      .addColumn('code', 'text', (c) => c.primaryKey())
      .execute();
    for (const code of list) await sql`insert into ${sql.table(`code_${name}`)} (code) values (${code})`.execute(db);
  }

  type Table = CreateTableBuilder<string, never>;
  const text = (t: Table, ...names: string[]): Table =>
    names.reduce((u, name) => u.addColumn(name as never, 'text', (c) => c.notNull()) as Table, t);
  const optional = (t: Table, ...names: string[]): Table =>
    names.reduce((u, name) => u.addColumn(name as never, 'text') as Table, t);
  const refers = (t: Table, name: string, target: string, needed = true): Table =>
    t.addColumn(name as never, 'text', (c) => (needed ? c.notNull() : c).references(target)) as Table;
  const table = (name: string) =>
    schema.createTable(name).addColumn('id', 'text', (c) => c.primaryKey()) as unknown as Table;

  // text: sealed. Several of a field stand beneath each other. account_id: null where it came by a link.
  let t = refers(refers(table('preparation'), 'meeting_id', 'meeting.id'), 'participant_id', 'participant.id');
  t = text(refers(t, 'field', 'code_preparation_field.code'), 'text', 'at', 'via');
  await refers(t, 'account_id', 'account.id', false).execute();
  await schema.createIndex('preparation_meeting').on('preparation').columns(['meeting_id', 'id']).execute();
  await schema.createIndex('preparation_participant').on('preparation').columns(['participant_id', 'id']).execute();

  // readers: JSON list of participant ids, for the audience `chosen`. No row: for the officer alone.
  t = refers(schema.createTable('preparation_share') as unknown as Table, 'participant_id', 'participant.id');
  t = text(refers(refers(t, 'field', 'code_preparation_field.code'), 'audience', 'code_audience.code'), 'readers');
  await t.addPrimaryKeyConstraint('preparation_share_key', ['participant_id', 'field'] as never[]).execute();

  // text, answer: sealed.
  t = text(refers(table('adaptation'), 'meeting_id', 'meeting.id'), 'text', 'at', 'via');
  t = optional(refers(t, 'account_id', 'account.id', false), 'answer', 'answered_at');
  await refers(t, 'answered_by', 'account.id', false).execute();
  await schema.createIndex('adaptation_meeting').on('adaptation').columns(['meeting_id', 'id']).execute();
  await sql`create index adaptation_open on adaptation (meeting_id) where answered_at is null`.execute(db);

  // title: sealed. answer: a vote's yes or no; it is to this version of the title.
  t = text(refers(table('paper'), 'meeting_id', 'meeting.id'), 'title', 'created_at');
  t = t.addColumn('version' as never, 'integer', (c) => c.notNull().defaultTo(1)) as Table;
  t = optional(refers(t, 'created_by', 'account.id'), 'removed_at', 'answered_at', 'answered_via');
  await refers(refers(t, 'answer', 'code_vote.code', false), 'answered_by', 'account.id', false).execute();
  await schema.createIndex('paper_meeting').on('paper').columns(['meeting_id', 'id']).execute();
}
