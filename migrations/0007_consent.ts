import { type CreateTableBuilder, type Kysely, sql } from 'kysely';

/**
 * What the person lets each party know, the frozen copies that were released on it, and the information of SFB 110:53
 * and 58. Consents and texts are dated facts, added and never changed; a copy can be recalled, once.
 */
const codes: Record<string, string[]> = {
  consent_act: ['give', 'limit', 'renew', 'withdraw'],
  release_state: ['made', 'recalled'],
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
  const flag = (t: Table, name: string): Table => t.addColumn(name as never, 'integer', (c) => c.notNull()) as Table;
  const refers = (t: Table, name: string, target: string, needed = true): Table =>
    t.addColumn(name as never, 'text', (c) => (needed ? c.notNull() : c).references(target)) as Table;
  const table = (name: string) =>
    schema.createTable(name).addColumn('id', 'text', (c) => c.primaryKey()) as unknown as Table;

  // kinds: JSON list of codes. how: code. note, exclusions: sealed. until: the last day, null when it is withdrawn.
  let t = refers(refers(table('consent'), 'case_id', 'case_file.id'), 'case_party_id', 'case_party.id');
  t = optional(text(refers(t, 'act', 'code_consent_act.code'), 'kinds', 'how', 'at'), 'until', 'note', 'exclusions');
  t = refers(t, 'account_id', 'account.id');
  await t.execute();
  await schema.createIndex('consent_case').on('consent').columns(['case_id', 'at']).execute();
  await schema.createIndex('consent_party').on('consent').column('case_party_id').execute();

  // grounds, content, pdf, recall_reason: sealed. document_id: what it was made from, for a plan the last one filed.
  t = refers(refers(table('release'), 'case_id', 'case_file.id'), 'case_party_id', 'case_party.id');
  t = refers(refers(t, 'document_id', 'document.id'), 'meeting_id', 'meeting.id', false);
  t = refers(refers(t, 'consent_id', 'consent.id', false), 'state', 'code_release_state.code');
  t = text(flag(t, 'reservation'), 'kind', 'number', 'grounds', 'made_at', 'content', 'hash', 'previous_hash');
  t = refers(text(t, 'seal', 'pdf'), 'made_by', 'account.id');
  t = refers(optional(t, 'recalled_at', 'recall_reason'), 'recalled_by', 'account.id', false);
  await t.execute();
  await schema.createIndex('release_number').on('release').column('number').unique().execute();
  await schema.createIndex('release_case').on('release').columns(['case_id', 'id']).execute();
  await schema.createIndex('release_party').on('release').columns(['case_party_id', 'id']).execute();
  await schema.createIndex('release_meeting').on('release').columns(['meeting_id', 'case_party_id']).execute();

  // text: sealed; null where the officer found that the information does not apply.
  t = refers(
    optional(text(refers(table('notice'), 'meeting_id', 'meeting.id'), 'at'), 'text'),
    'account_id',
    'account.id',
  );
  await t.execute();
  await schema.createIndex('notice_meeting').on('notice').columns(['meeting_id', 'at']).execute();

  // How the person was informed: a code; on: the day it was; note: sealed.
  t = refers(refers(table('notice_given'), 'notice_id', 'notice.id'), 'meeting_id', 'meeting.id');
  t = refers(optional(text(t, 'how', 'day', 'at'), 'note'), 'account_id', 'account.id');
  await t.execute();
  await schema.createIndex('notice_given_meeting').on('notice_given').columns(['meeting_id', 'at']).execute();
}
