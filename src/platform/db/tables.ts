import type { Generated } from 'kysely';
import type { IsoDate, IsoInstant } from '../../kernel/time.ts';
import type { AccountTables } from './account-tables.ts';
import type { PostTables } from './post-tables.ts';

/** AES-256-GCM text made by `vault.seal`; `vault.open` reads it. The mark, which no value has, tells it from other text. */
export type Sealed = string & { readonly sealed?: true };
export type Flag = 0 | 1;

export type Tables = AccountTables &
  PostTables & {
    counter: { name: string; value: number };
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
      proposed_end: IsoInstant | null;
      /** SEQUENCE and time of the newest proposal, also when it has been turned down. */
      proposed_sequence: number | null;
      proposed_at: IsoInstant | null;
      /** SEQUENCE and DTSTAMP of the newest answer by mail. */
      reply_sequence: number | null;
      reply_stamp: IsoInstant | null;
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
    };
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
    consent: {
      id: string;
      case_id: string;
      case_party_id: string;
      act: string;
      /** JSON list of kinds of information. */
      kinds: string;
      until: IsoDate | null;
      how: string;
      note: Sealed | null;
      exclusions: Sealed | null;
      at: IsoInstant;
      account_id: string;
    };
    release: {
      id: string;
      case_id: string;
      case_party_id: string;
      document_id: string;
      meeting_id: string | null;
      consent_id: string | null;
      kind: string;
      number: string;
      /** JSON. */
      grounds: Sealed;
      reservation: Flag;
      state: string;
      made_at: IsoInstant;
      made_by: string;
      content: Sealed;
      hash: string;
      previous_hash: string;
      seal: string;
      /** Base64 of the file, sealed. */
      pdf: Sealed;
      recalled_at: IsoInstant | null;
      recalled_by: string | null;
      recall_reason: Sealed | null;
    };
    notice: { id: string; meeting_id: string; text: Sealed | null; at: IsoInstant; account_id: string };
    notice_given: {
      id: string;
      meeting_id: string;
      notice_id: string;
      how: string;
      day: IsoDate;
      note: Sealed | null;
      at: IsoInstant;
      account_id: string;
    };
    outbox: {
      id: string;
      meeting_id: string | null;
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
  person: ['id'],
  person_key: ['fingerprint'],
  account: ['id'],
  setting: ['name'],
  spent_sign_in: ['state_fp'],
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
  talk: ['id'],
  minutes: ['id'],
  minutes_field: ['minutes_id', 'field'],
  measure: ['id'],
  measure_report: ['id'],
  document: ['id'],
  consent: ['id'],
  release: ['id'],
  notice: ['id'],
  notice_given: ['id'],
  incoming_mail: ['id'],
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
  person: { name: true },
  session: { sign_out_hint: true },
  representation: { how: true },
  emergency: { reason: true, outcome: true },
  case_party: { organisation: true },
  case_file: { individual: true },
  request: { form: true },
  request_move: { details: true },
  meeting: { purpose: true, place: true, video_url: true, interpreter_language: true },
  meeting_move: { details: true },
  participant: { person: true, verified_how: true, comment: true },
  talk: { how: true, go_on_reason: true, unsafe_contact: true },
  minutes_field: { text: true },
  measure: { body: true },
  measure_report: { note: true },
  document: { content: true, pdf: true },
  consent: { note: true, exclusions: true },
  release: { grounds: true, content: true, pdf: true, recall_reason: true },
  notice: { text: true },
  notice_given: { note: true },
  incoming_mail: { facts: true },
  outbox: { facts: true },
};

/** Columns that refer to a row of their own table, which may come later in the order of the key. */
export const refersWithin: { readonly [T in TableName]?: keyof Tables[T] & string } = { request: 'merged_into' };
