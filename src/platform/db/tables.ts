import type { Generated } from 'kysely';
import type { Role } from '../../kernel/access.ts';
import type { IsoDate, IsoInstant } from '../../kernel/time.ts';

/** AES-256-GCM text made by `vault.seal`; `vault.open` reads it. The mark, which no value has, tells it from other text. */
export type Sealed = string & { readonly sealed?: true };
type Flag = 0 | 1;

export type Tables = {
  counter: { name: string; value: number };
  organisation: { id: string; party: string; name: string };
  unit: { id: string; organisation_id: string; name: string; phone: string; address: string };
  account: {
    id: string;
    demo_key: string | null;
    role: Role;
    fk: Flag;
    party: string;
    organisation_id: string;
    unit_id: string | null;
    name: Sealed;
    email: Sealed | null;
    phone: Sealed | null;
    /** Fingerprint of the individual's own number. */
    number_fp: string | null;
    handles_protected: Generated<Flag>;
    feed_on: Generated<Flag>;
    feed_generation: Generated<number>;
  };
  /** From the first to the last day, both included. */
  cover: {
    id: string;
    officer_id: string;
    cover_id: string;
    first_day: IsoDate;
    last_day: IsoDate;
    created_at: IsoInstant;
    created_by: string;
  };
  representation: {
    id: string;
    account_id: string;
    individual_account_id: string;
    basis: string;
    how: Sealed;
    first_day: IsoDate;
    last_day: IsoDate | null;
    created_at: IsoInstant;
    created_by: string;
  };
  emergency: {
    id: string;
    account_id: string;
    case_id: string;
    reason: Sealed;
    at: IsoInstant;
    until: IsoInstant;
    reviewed_at: IsoInstant | null;
    reviewed_by: string | null;
    outcome: Sealed | null;
  };
  /** `minute`: YYYY-MM-DDTHH:MM in UTC. */
  rate: { key: string; minute: string; count: number };
  session: { id_hash: string; account_id: string; created_at: IsoInstant; seen_at: IsoInstant };
  case_file: {
    id: string;
    number: string;
    state: string;
    version: Generated<number>;
    individual: Sealed;
    number_fp: string | null;
    individual_account_id: string | null;
    officer_id: string;
    unit_id: string;
    protected_identity: Generated<Flag>;
    opened_at: IsoInstant;
    closed_at: IsoInstant | null;
  };
  request: {
    id: string;
    reference: string;
    idempotency_key: string | null;
    state: string;
    version: Generated<number>;
    channel: string;
    received_at: IsoInstant;
    created_at: IsoInstant;
    requester_role: string;
    requester_account_id: string | null;
    registered_by: string | null;
    kind: string;
    protected_identity: Flag;
    form: Sealed;
    number_fp: string | null;
    officer_id: string | null;
    unit_id: string | null;
    case_id: string | null;
    merged_into: string | null;
    hold_until: IsoDate | null;
    hold_ended: Generated<Flag>;
    ended_at: IsoInstant | null;
    link_generation: Generated<number>;
  };
  request_move: {
    id: string;
    request_id: string;
    move: string;
    at: IsoInstant;
    account_id: string | null;
    reason_code: string | null;
    disclosure: string | null;
    details: Sealed | null;
  };
  case_party: { id: string; case_id: string; party: string; organisation: Sealed; created_at: IsoInstant };
  meeting: {
    id: string;
    case_id: string | null;
    request_id: string | null;
    kind: string;
    state: string;
    version: Generated<number>;
    reference: string;
    uid: string;
    sequence: Generated<number>;
    purpose: Sealed;
    starts_at: IsoInstant | null;
    ends_at: IsoInstant | null;
    place_kind: string | null;
    place: Sealed | null;
    video_url: Sealed | null;
    interpreter_language: Sealed | null;
    interpreter_booked: Generated<Flag>;
    held_at: IsoInstant | null;
    officer_id: string;
    unit_id: string;
    created_at: IsoInstant;
  };
  meeting_move: {
    id: string;
    meeting_id: string;
    move: string;
    at: IsoInstant;
    account_id: string | null;
    details: Sealed | null;
  };
  participant: {
    id: string;
    meeting_id: string;
    party: string;
    person: Sealed;
    required: Flag;
    verified_at: IsoInstant | null;
    verified_by: string | null;
    verified_how: Sealed | null;
    view: string;
    answer: string;
    answer_sequence: number | null;
    answered_at: IsoInstant | null;
    answered_via: string | null;
    comment: Sealed | null;
    proposed_start: IsoInstant | null;
    delivery: string | null;
    sent_sequence: number | null;
    removed_at: IsoInstant | null;
    mail_tag: string;
    link_generation: Generated<number>;
    version: Generated<number>;
    created_at: IsoInstant;
    /** Who signs in as this participant, once that has been bound. */
    account_id: string | null;
    case_party_id: string | null;
    /** Keyed fingerprint of the address in lower case. */
    email_fp: string | null;
  };
  poll: {
    id: string;
    meeting_id: string;
    state: string;
    version: Generated<number>;
    last_day: IsoDate;
    holds: Flag;
    created_at: IsoInstant;
    created_by: string;
  };
  poll_option: {
    id: string;
    poll_id: string;
    starts_at: IsoInstant;
    ends_at: IsoInstant;
    uid: string;
    booked: Generated<Flag>;
  };
  /** `address`: where the mail and the holds went; empty for a letter. `held`: they have a hold for each time. */
  poll_asked: {
    poll_id: string;
    participant_id: string;
    address: Sealed;
    asked_at: IsoInstant;
    held: Flag;
    delivery: string;
    answered_at: IsoInstant | null;
    reminded_at: IsoInstant | null;
  };
  poll_vote: { option_id: string; participant_id: string; vote: string; at: IsoInstant; via: string };
  talk: {
    id: string;
    meeting_id: string;
    at: IsoInstant;
    account_id: string;
    how: Sealed;
    go_on_reason: Sealed | null;
    unsafe_contact: Sealed | null;
    /** JSON: participant id → view at the time of the talk. */
    views: string;
  };
  minutes: {
    id: string;
    meeting_id: string;
    template_version: number;
    state: string;
    version: Generated<number>;
    opened_at: IsoInstant;
    opened_by: string;
    finalised_at: IsoInstant | null;
    finalised_by: string | null;
  };
  minutes_field: {
    minutes_id: string;
    field: string;
    text: Sealed;
    version: number;
    updated_at: IsoInstant;
    updated_by: string;
  };
  measure: {
    id: string;
    case_id: string;
    meeting_id: string;
    minutes_id: string;
    position: number;
    /** Given when the minutes are finalised: 1, 2, 3 … within the case. */
    number: number | null;
    state: string;
    version: Generated<number>;
    body: Sealed;
    carried_out_by: string;
    followed_up_by: string | null;
    due: IsoDate | null;
    created_at: IsoInstant;
    created_by: string;
  };
  measure_report: {
    id: string;
    measure_id: string;
    status: string;
    note: Sealed | null;
    proposed_due: IsoDate | null;
    granted_due: IsoDate | null;
    at: IsoInstant;
    account_id: string | null;
  };
  document: {
    id: string;
    case_id: string;
    meeting_id: string | null;
    kind: string;
    position: number;
    number: string;
    created_at: IsoInstant;
    created_by: string;
    content: Sealed;
    hash: string;
    previous_hash: string;
    seal: string;
    /** Base64 of the file, sealed. */
    pdf: Sealed;
  };
  outbox: {
    id: string;
    kind: string;
    /** Messages of one stream leave in the order they were written. */
    stream: string;
    dedupe_key: string;
    facts: Sealed;
    message_id: string;
    created_at: IsoInstant;
    due_at: IsoInstant;
    state: 'queued' | 'sent' | 'failed';
    attempts: Generated<number>;
    lease_until: IsoInstant | null;
    sent_at: IsoInstant | null;
    sha256: string | null;
    last_error: string | null;
  };
  audit: {
    id: string;
    at: IsoInstant;
    actor: string;
    account_id: string | null;
    action: string;
    outcome: string;
    code: string | null;
    request_id: string | null;
    case_id: string | null;
    meeting_id: string | null;
    reference: string;
  };
  kysely_migration: { name: string; timestamp: string };
};

export type TableName = Exclude<keyof Tables, 'kysely_migration'>;

/** The key of every table, each table after those it refers to. One that is missing here does not compile. */
export const tableKeys: { readonly [T in TableName]: readonly (keyof Tables[T] & string)[] } = {
  counter: ['name'],
  organisation: ['id'],
  unit: ['id'],
  account: ['id'],
  cover: ['id'],
  representation: ['id'],
  rate: ['key'],
  session: ['id_hash'],
  case_file: ['id'],
  emergency: ['id'],
  case_party: ['id'],
  request: ['id'],
  request_move: ['id'],
  meeting: ['id'],
  meeting_move: ['id'],
  participant: ['id'],
  poll: ['id'],
  poll_option: ['id'],
  poll_asked: ['poll_id', 'participant_id'],
  poll_vote: ['option_id', 'participant_id'],
  talk: ['id'],
  minutes: ['id'],
  minutes_field: ['minutes_id', 'field'],
  measure: ['id'],
  measure_report: ['id'],
  document: ['id'],
  outbox: ['id'],
  audit: ['id'],
};
export const tableNames = Object.keys(tableKeys) as TableName[];

type SealedIn<Row> = { [C in keyof Row]: 'sealed' extends keyof NonNullable<Row[C]> ? C : never }[keyof Row];

/** Every sealed column. One that is missing here, or that is not sealed, does not compile. */
export const sealedColumns: {
  readonly [T in TableName as [SealedIn<Tables[T]>] extends [never] ? never : T]: Readonly<
    Record<SealedIn<Tables[T]>, true>
  >;
} = {
  account: { name: true, email: true, phone: true },
  representation: { how: true },
  emergency: { reason: true, outcome: true },
  case_party: { organisation: true },
  case_file: { individual: true },
  request: { form: true },
  request_move: { details: true },
  meeting: { purpose: true, place: true, video_url: true, interpreter_language: true },
  meeting_move: { details: true },
  participant: { person: true, verified_how: true, comment: true },
  poll_asked: { address: true },
  talk: { how: true, go_on_reason: true, unsafe_contact: true },
  minutes_field: { text: true },
  measure: { body: true },
  measure_report: { note: true },
  document: { content: true, pdf: true },
  outbox: { facts: true },
};

/** Columns that refer to a row of their own table, which may come later in the order of the key. */
export const refersWithin: { readonly [T in TableName]?: keyof Tables[T] & string } = { request: 'merged_into' };
