import type { Generated } from 'kysely';
import type { IsoInstant } from '../../kernel/time.ts';
import type { AccountTables } from './account-tables.ts';
import type { CaseTables } from './case-tables.ts';
import type { LogTables } from './log-tables.ts';
import type { MinutesTables } from './minutes-tables.ts';
import type { PlanTables } from './plan-tables.ts';
import type { PostTables } from './post-tables.ts';
import type { PreparationTables } from './preparation-tables.ts';
import type { ReviewTables } from './review-tables.ts';
import type { StructuralTables } from './structural-tables.ts';
import type { SurveyTables } from './survey-tables.ts';

/** AES-256-GCM text made by `vault.seal`; `vault.open` reads it. The mark, which no value has, tells it from other text. */
export type Sealed = string & { readonly sealed?: true };
export type Flag = 0 | 1;

/** What belongs to no feature. */
type HouseTables = {
  counter: { name: string; value: number };
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
    /** `withdrawn`: it had become pointless before it was sent. */
    state: 'queued' | 'sent' | 'failed' | 'withdrawn';
    attempts: Generated<number>;
    lease_until: IsoInstant | null;
    sent_at: IsoInstant | null;
    sha256: string | null;
    last_error: string | null;
  };
  kysely_migration: { name: string; timestamp: string };
};

export type Tables = HouseTables &
  AccountTables &
  CaseTables &
  MinutesTables &
  PlanTables &
  PreparationTables &
  ReviewTables &
  StructuralTables &
  SurveyTables &
  PostTables &
  LogTables;

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
  protection: ['id'],
  request: ['id'],
  withholding: ['id'],
  request_move: ['id'],
  meeting: ['id'],
  meeting_move: ['id'],
  participant: ['id'],
  link_code: ['id'],
  link_session: ['id_hash'],
  binding: ['id'],
  poll: ['id'],
  poll_option: ['id'],
  poll_asked: ['poll_id', 'participant_id'],
  poll_vote: ['option_id', 'participant_id'],
  talk: ['id'],
  preparation: ['id'],
  preparation_share: ['participant_id', 'field'],
  adaptation: ['id'],
  paper: ['id'],
  minutes: ['id'],
  minutes_field: ['minutes_id', 'field'],
  review: ['minutes_id'],
  review_reader: ['minutes_id', 'participant_id'],
  review_section: ['minutes_id', 'section', 'version'],
  review_answer: ['id'],
  minutes_history: ['id'],
  measure: ['id'],
  measure_report: ['id'],
  goal_note: ['id'],
  sick_leave: ['id'],
  closing: ['id'],
  document: ['id'],
  correction: ['id'],
  correction_section: ['correction_id', 'filed_id', 'section'],
  correction_notice: ['id'],
  consent: ['id'],
  release: ['id'],
  notice: ['id'],
  notice_given: ['id'],
  structural_meeting: ['id'],
  structural_field: ['structural_meeting_id', 'field'],
  survey_link: ['id'],
  survey_count: ['period', 'who', 'question', 'answer'],
  incoming_mail: ['id'],
  letter: ['id'],
  outbox: ['id'],
  audit: ['id'],
  log_checkpoint: ['id'],
  log_review: ['id'],
  log_review_row: ['id'],
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
  case_party: { organisation: true, code_how: true },
  protection: { reason: true },
  case_file: { individual: true },
  request: { form: true },
  withholding: { reason: true },
  request_move: { details: true },
  meeting: { purpose: true, place: true, video_url: true, interpreter_language: true },
  meeting_move: { details: true },
  participant: { person: true, verified_how: true, comment: true, answered_by: true },
  binding: { how: true },
  poll_asked: { address: true },
  preparation: { text: true },
  adaptation: { text: true, answer: true },
  paper: { title: true },
  talk: { how: true, go_on_reason: true, unsafe_contact: true },
  minutes_field: { text: true },
  review_answer: { text: true, instead: true, how: true, answer: true },
  minutes_history: { text: true },
  measure: { body: true },
  measure_report: { note: true, obstacle: true },
  goal_note: { goal: true },
  sick_leave: { facts: true },
  closing: { body: true },
  document: { content: true, pdf: true },
  correction: { wanted: true, reason: true, answer: true },
  consent: { note: true, exclusions: true },
  release: { grounds: true, content: true, pdf: true, recall_reason: true },
  notice: { text: true },
  notice_given: { note: true },
  structural_meeting: { content: true, pdf: true },
  structural_field: { text: true },
  incoming_mail: { facts: true },
  outbox: { facts: true },
  audit: { origin: true },
  log_review_row: { note: true },
};

/** Columns that refer to a row of their own table, which may come later in the order of the key. */
export const refersWithin: { readonly [T in TableName]?: keyof Tables[T] & string } = { request: 'merged_into' };
