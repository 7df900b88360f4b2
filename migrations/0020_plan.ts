import type { Kysely } from 'kysely';

/** What officers note beside the plan's versions: sub-goals that are reached, and the sick periods that days are counted from. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const { schema } = db;
  // goal: the sub-goal's words, sealed. reached_on: null when it is not reached after all.
  await schema
    .createTable('goal_note')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('case_id', 'text', (c) => c.notNull().references('case_file.id'))
    .addColumn('goal', 'text', (c) => c.notNull())
    .addColumn('reached_on', 'text')
    .addColumn('at', 'text', (c) => c.notNull())
    .addColumn('account_id', 'text', (c) => c.notNull().references('account.id'))
    .execute();
  await schema.createIndex('goal_note_case').on('goal_note').columns(['case_id', 'id']).execute();

  // facts: all of a case's sick periods, sealed. Every change is a row; the last one counts.
  await schema
    .createTable('sick_leave')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('case_id', 'text', (c) => c.notNull().references('case_file.id'))
    .addColumn('facts', 'text', (c) => c.notNull())
    .addColumn('at', 'text', (c) => c.notNull())
    .addColumn('account_id', 'text', (c) => c.notNull().references('account.id'))
    .execute();
  await schema.createIndex('sick_leave_case').on('sick_leave').columns(['case_id', 'id']).execute();
}
