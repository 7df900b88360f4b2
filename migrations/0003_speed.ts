import { type Kysely, sql } from 'kysely';

/** Indexes that hold only what is still to be done, so that their size does not follow the number of all meetings. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const undecided = sql`state in ('received', 'needs_info', 'on_hold')`;
  await sql`create index request_waiting on request (unit_id, received_at, id, state) where ${undecided}`.execute(db);
  await sql`create index request_hold_ended on request (unit_id) where hold_ended = 1 and ${undecided}`.execute(db);
  await db.schema.dropIndex('request_queue').execute();

  await sql`create index measure_open on measure (case_id, due) where state in ('planned', 'ongoing')`.execute(db);
  await db.schema.dropIndex('measure_due').execute();

  // A list that is paged by key needs an index that ends in the key.
  await db.schema.createIndex('case_unit_newest').on('case_file').columns(['unit_id', 'id']).execute();
  await db.schema.createIndex('case_officer_newest').on('case_file').columns(['officer_id', 'id']).execute();
  await db.schema.dropIndex('request_own').execute();
  await db.schema
    .createIndex('request_own')
    .on('request')
    .columns(['requester_account_id', 'received_at', 'id'])
    .execute();
}
