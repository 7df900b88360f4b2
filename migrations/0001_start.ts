import { type CreateTableBuilder, type Kysely, sql } from 'kysely';

/**
 * Ids are UUIDv7 made in code, instants ISO-UTC with milliseconds, dates YYYY-MM-DD, booleans 0/1.
 * A state is a reference to its code table, so that a new code is a row. "sealed" columns hold AES-256-GCM text.
 */
const codes: Record<string, string[]> = {
  request_state: ['received', 'needs_info', 'on_hold', 'confirmed', 'declined', 'withdrawn', 'merged', 'misfiled'],
  case_state: ['open', 'closing', 'closed', 'disposed'],
  meeting_state: ['planning', 'proposed', 'scheduled', 'held', 'minuted', 'cancelled'],
  answer: ['needs_action', 'accepted', 'tentative', 'declined'],
  delivery: ['queued', 'sent', 'bounced', 'letter', 'phone'],
  person_view: ['yes', 'no', 'talk_first', 'not_asked'],
  minutes_state: ['draft', 'review', 'finalised'],
  measure_state: ['draft', 'planned', 'ongoing', 'done', 'not_done', 'changed'],
  outbox_state: ['queued', 'sent', 'failed'],
};

type Table = CreateTableBuilder<string, never>;
const needed = (table: Table, ...columns: string[]): Table =>
  columns.reduce((t, name) => t.addColumn(name as never, 'text', (c) => c.notNull()) as Table, table);
const optional = (table: Table, ...columns: string[]): Table =>
  columns.reduce((t, name) => t.addColumn(name as never, 'text') as Table, table);
const number = (table: Table, name: string, initial?: number): Table =>
  table.addColumn(name as never, 'integer', (c) =>
    initial === undefined ? c.notNull() : c.notNull().defaultTo(initial),
  ) as Table;
const refers = (table: Table, name: string, target: string, nullable = false): Table =>
  table.addColumn(name as never, 'text', (c) => (nullable ? c : c.notNull()).references(target)) as Table;
const coded = (table: Table, name: string, list: string, nullable = false): Table =>
  refers(table, name, `code_${list}.code`, nullable);

export async function up(db: Kysely<unknown>): Promise<void> {
  const schema = db.schema;
  const table = (name: string) =>
    schema.createTable(name).addColumn('id', 'text', (c) => c.primaryKey()) as unknown as Table;

  for (const [name, list] of Object.entries(codes)) {
    await schema
      .createTable(`code_${name}`)
      .addColumn('code', 'text', (c) => c.primaryKey())
      .execute();
    for (const code of list) await sql`insert into ${sql.table(`code_${name}`)} (code) values (${code})`.execute(db);
  }

  await schema
    .createTable('counter')
    .addColumn('name', 'text', (c) => c.primaryKey())
    .addColumn('value', 'integer', (c) => c.notNull())
    .execute();

  await needed(table('organisation'), 'party', 'name').execute();
  await needed(refers(table('unit'), 'organisation_id', 'organisation.id'), 'name', 'phone', 'address').execute();

  let t = table('account');
  t = optional(t, 'demo_key');
  t = needed(t, 'role', 'party', 'name'); // name: sealed
  t = optional(t, 'email', 'phone', 'number_fp'); // email, phone: sealed
  t = refers(refers(number(t, 'fk'), 'organisation_id', 'organisation.id'), 'unit_id', 'unit.id', true);
  await t.execute();
  await schema.createIndex('account_demo_key').on('account').column('demo_key').unique().execute();
  await schema.createIndex('account_number').on('account').column('number_fp').unique().execute();
  await schema.createIndex('account_unit').on('account').columns(['unit_id', 'role']).execute();

  await needed(
    refers(
      schema.createTable('session').addColumn('id_hash', 'text', (c) => c.primaryKey()) as unknown as Table,
      'account_id',
      'account.id',
    ),
    'created_at',
    'seen_at',
  ).execute();
  await schema.createIndex('session_seen').on('session').column('seen_at').execute();

  t = table('case_file');
  t = coded(needed(t, 'number', 'individual', 'opened_at'), 'state', 'case_state'); // individual: sealed
  t = optional(number(t, 'version', 1), 'number_fp', 'closed_at');
  t = refers(t, 'individual_account_id', 'account.id', true);
  t = refers(refers(t, 'officer_id', 'account.id'), 'unit_id', 'unit.id');
  await t.execute();
  await schema.createIndex('case_number').on('case_file').column('number').unique().execute();
  await sql`create unique index case_one_open on case_file (number_fp) where state in ('open', 'closing')`.execute(db);
  await schema.createIndex('case_unit').on('case_file').columns(['unit_id', 'state', 'id']).execute();
  await schema.createIndex('case_officer').on('case_file').columns(['officer_id', 'state', 'id']).execute();
  await schema.createIndex('case_individual').on('case_file').columns(['individual_account_id']).execute();

  t = table('request');
  t = coded(needed(t, 'reference', 'channel', 'requester_role', 'kind', 'form'), 'state', 'request_state'); // form: sealed
  t = number(number(number(t, 'version', 1), 'link_generation', 1), 'hold_ended', 0);
  t = needed(number(t, 'protected_identity', 0), 'received_at', 'created_at');
  t = optional(t, 'idempotency_key', 'number_fp', 'hold_until', 'ended_at');
  t = refers(refers(t, 'requester_account_id', 'account.id', true), 'registered_by', 'account.id', true);
  t = refers(refers(t, 'officer_id', 'account.id', true), 'unit_id', 'unit.id', true);
  t = refers(refers(t, 'case_id', 'case_file.id', true), 'merged_into', 'request.id', true);
  await t.execute();
  await schema.createIndex('request_reference').on('request').column('reference').unique().execute();
  await schema.createIndex('request_idempotency').on('request').column('idempotency_key').unique().execute();
  await schema.createIndex('request_queue').on('request').columns(['state', 'unit_id', 'received_at', 'id']).execute();
  await schema.createIndex('request_officer').on('request').columns(['officer_id', 'received_at', 'id']).execute();
  await schema.createIndex('request_person').on('request').columns(['number_fp', 'received_at']).execute();
  await schema.createIndex('request_own').on('request').columns(['requester_account_id', 'received_at']).execute();
  await schema.createIndex('request_case').on('request').column('case_id').execute();
  await schema.createIndex('request_hold').on('request').columns(['state', 'hold_until']).execute();

  t = needed(refers(table('request_move'), 'request_id', 'request.id'), 'move', 'at');
  t = refers(optional(t, 'reason_code', 'disclosure', 'details'), 'account_id', 'account.id', true); // details: sealed
  await t.execute();
  await schema.createIndex('request_move_request').on('request_move').columns(['request_id', 'at']).execute();
  await sql`create unique index request_ends_once on request_move (request_id)
    where move in ('confirm', 'decline', 'withdraw', 'merge')`.execute(db);

  t = coded(needed(table('meeting'), 'kind', 'reference', 'uid', 'purpose', 'created_at'), 'state', 'meeting_state'); // purpose: sealed
  t = number(number(number(t, 'version', 1), 'sequence', 0), 'interpreter_booked', 0);
  t = optional(t, 'starts_at', 'ends_at', 'place_kind', 'place', 'video_url', 'interpreter_language', 'held_at'); // place, video_url, interpreter_language: sealed
  t = refers(refers(t, 'case_id', 'case_file.id', true), 'request_id', 'request.id', true);
  t = refers(refers(t, 'officer_id', 'account.id'), 'unit_id', 'unit.id');
  await t.execute();
  await schema.createIndex('meeting_uid').on('meeting').column('uid').unique().execute();
  await schema.createIndex('meeting_request').on('meeting').column('request_id').unique().execute();
  await schema.createIndex('meeting_case').on('meeting').columns(['case_id', 'id']).execute();
  await schema.createIndex('meeting_officer').on('meeting').columns(['officer_id', 'starts_at']).execute();

  t = needed(refers(table('meeting_move'), 'meeting_id', 'meeting.id'), 'move', 'at');
  t = refers(optional(t, 'details'), 'account_id', 'account.id', true); // details: sealed
  await t.execute();
  await schema.createIndex('meeting_move_meeting').on('meeting_move').columns(['meeting_id', 'at']).execute();

  t = needed(refers(table('participant'), 'meeting_id', 'meeting.id'), 'party', 'person', 'mail_tag', 'created_at'); // person: sealed
  t = coded(coded(t, 'view', 'person_view'), 'answer', 'answer');
  t = coded(number(number(number(t, 'required', 0), 'link_generation', 1), 'version', 1), 'delivery', 'delivery', true);
  t = t.addColumn('answer_sequence' as never, 'integer').addColumn('sent_sequence' as never, 'integer') as Table;
  t = optional(
    t,
    'verified_at',
    'verified_how',
    'answered_at',
    'answered_via',
    'comment',
    'proposed_start',
    'removed_at',
  ); // verified_how, comment: sealed
  t = refers(t, 'verified_by', 'account.id', true);
  await t.execute();
  await schema.createIndex('participant_meeting').on('participant').columns(['meeting_id', 'created_at']).execute();
  await schema.createIndex('participant_tag').on('participant').column('mail_tag').unique().execute();
  await sql`create unique index participant_one_individual on participant (meeting_id) where party = 'PERSON'`.execute(
    db,
  );

  t = needed(refers(table('talk'), 'meeting_id', 'meeting.id'), 'at', 'how', 'views'); // how: sealed
  t = refers(optional(t, 'go_on_reason', 'unsafe_contact'), 'account_id', 'account.id'); // both sealed
  await t.execute();
  await schema.createIndex('talk_meeting').on('talk').columns(['meeting_id', 'at']).execute();

  t = coded(needed(refers(table('minutes'), 'meeting_id', 'meeting.id'), 'opened_at'), 'state', 'minutes_state');
  t = optional(number(number(t, 'template_version'), 'version', 1), 'finalised_at');
  t = refers(refers(t, 'opened_by', 'account.id'), 'finalised_by', 'account.id', true);
  await t.execute();
  await schema.createIndex('minutes_meeting').on('minutes').column('meeting_id').unique().execute();

  t = needed(
    refers(schema.createTable('minutes_field') as unknown as Table, 'minutes_id', 'minutes.id'),
    'field',
    'text', // sealed
    'updated_at',
  );
  t = refers(number(t, 'version'), 'updated_by', 'account.id');
  await t.addPrimaryKeyConstraint('minutes_field_key', ['minutes_id', 'field'] as never[]).execute();

  t = refers(
    refers(refers(table('measure'), 'case_id', 'case_file.id'), 'meeting_id', 'meeting.id'),
    'minutes_id',
    'minutes.id',
  );
  t = coded(needed(t, 'body', 'carried_out_by', 'created_at'), 'state', 'measure_state'); // body: sealed
  t = optional(number(number(t, 'position'), 'version', 1), 'followed_up_by', 'due');
  t = t.addColumn('number' as never, 'integer') as Table;
  await refers(t, 'created_by', 'account.id').execute();
  await schema.createIndex('measure_case').on('measure').columns(['case_id', 'number']).execute();
  await schema.createIndex('measure_minutes').on('measure').columns(['minutes_id', 'position']).execute();
  await schema.createIndex('measure_due').on('measure').columns(['state', 'due']).execute();

  t = coded(needed(refers(table('measure_report'), 'measure_id', 'measure.id'), 'at'), 'status', 'measure_state');
  t = optional(t, 'note', 'proposed_due', 'granted_due'); // note: sealed
  await refers(t, 'account_id', 'account.id', true).execute();
  await schema.createIndex('measure_report_measure').on('measure_report').columns(['measure_id', 'at']).execute();

  t = refers(refers(table('document'), 'case_id', 'case_file.id'), 'meeting_id', 'meeting.id', true);
  t = needed(t, 'kind', 'number', 'created_at', 'content', 'hash', 'previous_hash', 'seal', 'pdf'); // content, pdf: sealed
  await refers(number(t, 'position'), 'created_by', 'account.id').execute();
  await schema.createIndex('document_chain').on('document').columns(['case_id', 'position']).unique().execute();
  await schema.createIndex('document_number').on('document').column('number').unique().execute();
  await schema.createIndex('document_meeting').on('document').column('meeting_id').execute();

  t = coded(
    needed(table('outbox'), 'kind', 'stream', 'dedupe_key', 'facts', 'message_id', 'created_at', 'due_at'),
    'state',
    'outbox_state',
  ); // facts: sealed
  t = optional(number(t, 'attempts', 0), 'lease_until', 'sent_at', 'sha256', 'last_error');
  await t.execute();
  await schema.createIndex('outbox_dedupe').on('outbox').column('dedupe_key').unique().execute();
  await schema.createIndex('outbox_due').on('outbox').columns(['state', 'due_at', 'id']).execute();
  await schema.createIndex('outbox_stream').on('outbox').columns(['stream', 'id']).execute();

  t = needed(table('audit'), 'at', 'actor', 'action', 'outcome', 'reference');
  await optional(t, 'account_id', 'code', 'request_id', 'case_id', 'meeting_id').execute();
  await schema.createIndex('audit_case').on('audit').columns(['case_id', 'at']).execute();
  await schema.createIndex('audit_meeting').on('audit').columns(['meeting_id', 'at']).execute();
  await schema.createIndex('audit_request').on('audit').columns(['request_id', 'at']).execute();
}
