import type { Kysely } from 'kysely';

/** About when a follow-up is to be, how a case ends, and the survey's unused links and counts. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const { schema } = db;
  await schema.alterTable('meeting').addColumn('planned_for', 'text').execute();

  // body: sealed.
  await schema
    .createTable('closing')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('case_id', 'text', (c) => c.notNull().unique().references('case_file.id'))
    .addColumn('version', 'integer', (c) => c.notNull().defaultTo(1))
    .addColumn('body', 'text', (c) => c.notNull())
    .addColumn('closes_on', 'text', (c) => c.notNull())
    .addColumn('prepared_at', 'text', (c) => c.notNull())
    .addColumn('prepared_by', 'text', (c) => c.notNull().references('account.id'))
    .execute();

  // Ids are random: they hold no time, and no order.
  await schema
    .createTable('survey_link')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('who', 'text', (c) => c.notNull())
    .addColumn('made_on', 'text', (c) => c.notNull())
    .execute();
  await schema
    .createTable('survey_count')
    .addColumn('period', 'text', (c) => c.notNull())
    .addColumn('who', 'text', (c) => c.notNull())
    .addColumn('question', 'text', (c) => c.notNull())
    .addColumn('answer', 'text', (c) => c.notNull())
    .addColumn('count', 'integer', (c) => c.notNull())
    .addPrimaryKeyConstraint('survey_count_key', ['period', 'who', 'question', 'answer'])
    .execute();
}
