import { type CreateTableBuilder, type Kysely, sql } from 'kysely';

/** Minutes that are out for review: who is asked about which sections, what they answer, what is changed meanwhile. */
const codes: Record<string, string[]> = {
  review_answer: ['approved', 'objected', 'added'],
  review_via: ['own', 'phone', 'letter'],
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
  const table = (name: string) => schema.createTable(name) as unknown as Table;
  const text = (t: Table, ...names: string[]): Table =>
    names.reduce((u, name) => u.addColumn(name as never, 'text', (c) => c.notNull()) as Table, t);
  const optional = (t: Table, ...names: string[]): Table =>
    names.reduce((u, name) => u.addColumn(name as never, 'text') as Table, t);
  const refers = (t: Table, name: string, target: string, needed = true): Table =>
    t.addColumn(name as never, 'text', (c) => (needed ? c.notNull() : c).references(target)) as Table;
  const number = (t: Table, name: string): Table => t.addColumn(name as never, 'integer', (c) => c.notNull()) as Table;
  const key = (t: Table, name: string, ...columns: string[]) =>
    t.addPrimaryKeyConstraint(name, columns as never[]).execute();

  // Every row has a seal over all its other columns. remind_at: null when nobody is to be reminded any more.
  let t = refers(table('review'), 'minutes_id', 'minutes.id');
  t = text(optional(t, 'remind_at'), 'last_day', 'released_at', 'seal');
  await key(refers(t, 'released_by', 'account.id'), 'review_key', 'minutes_id');
  await schema.createIndex('review_remind').on('review').column('remind_at').execute();

  // sections: codes with a space between; empty for somebody who may read nothing.
  t = refers(refers(table('review_reader'), 'minutes_id', 'minutes.id'), 'participant_id', 'participant.id');
  await key(text(t, 'sections', 'told', 'seal'), 'review_reader_key', 'minutes_id', 'participant_id');

  // One row for each change of a section while the minutes are out.
  t = text(refers(table('review_section'), 'minutes_id', 'minutes.id'), 'section', 'last_day', 'at', 'seal');
  t = refers(number(t, 'version'), 'account_id', 'account.id');
  await key(t, 'review_section_key', 'minutes_id', 'section', 'version');

  // text, instead, how, answer: sealed. day: when it was said or written, of what the officer notes.
  t = table('review_answer').addColumn('id' as never, 'text', (c) => c.primaryKey()) as Table;
  t = refers(refers(t, 'minutes_id', 'minutes.id'), 'participant_id', 'participant.id');
  t = number(text(t, 'section', 'at', 'seal'), 'section_version');
  t = refers(refers(t, 'kind', 'code_review_answer.code'), 'via', 'code_review_via.code');
  t = optional(refers(t, 'account_id', 'account.id'), 'text', 'instead', 'how', 'day', 'read_at', 'answer');
  t = refers(refers(t, 'read_by', 'account.id', false), 'answered_by', 'account.id', false);
  await optional(t, 'answered_at', 'withdrawn_at').execute();
  await schema.createIndex('review_answer_minutes').on('review_answer').columns(['minutes_id', 'id']).execute();
}
