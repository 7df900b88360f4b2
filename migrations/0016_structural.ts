import type { Kysely } from 'kysely';

/** Meetings between organisations about no individual: what is written, field by field, and the minutes as they were locked. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const { schema } = db;
  // content, pdf: sealed, and as hash and seal there once it is locked.
  await schema
    .createTable('structural_meeting')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('unit_id', 'text', (c) => c.notNull().references('unit.id'))
    .addColumn('number', 'text', (c) => c.notNull().unique())
    .addColumn('state', 'text', (c) => c.notNull().references('code_minutes_state.code'))
    .addColumn('version', 'integer', (c) => c.notNull().defaultTo(1))
    .addColumn('created_at', 'text', (c) => c.notNull())
    .addColumn('created_by', 'text', (c) => c.notNull().references('account.id'))
    .addColumn('finalised_at', 'text')
    .addColumn('finalised_by', 'text', (c) => c.references('account.id'))
    .addColumn('content', 'text')
    .addColumn('hash', 'text')
    .addColumn('seal', 'text')
    .addColumn('pdf', 'text')
    .execute();
  await schema.createIndex('structural_meeting_unit').on('structural_meeting').columns(['unit_id', 'id']).execute();

  // text: sealed.
  await schema
    .createTable('structural_field')
    .addColumn('structural_meeting_id', 'text', (c) => c.notNull().references('structural_meeting.id'))
    .addColumn('field', 'text', (c) => c.notNull())
    .addColumn('text', 'text', (c) => c.notNull())
    .addColumn('version', 'integer', (c) => c.notNull())
    .addColumn('updated_at', 'text', (c) => c.notNull())
    .addColumn('updated_by', 'text', (c) => c.notNull().references('account.id'))
    .addPrimaryKeyConstraint('structural_field_key', ['structural_meeting_id', 'field'])
    .execute();
}
