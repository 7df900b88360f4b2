import type { Generated } from 'kysely';
import type { IsoDate, IsoInstant } from '../../kernel/time.ts';
import type { Flag, Sealed } from './tables.ts';

/** What a case consists of, from the request to what was released of it. */
export type CaseTables = {
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
    /** Whether the individual wants to be reminded. */
    reminders: Generated<Flag>;
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
    /** Taken back: it opens nothing, and nothing is mailed. */
    link_revoked: Generated<Flag>;
  };
  /** A move takes effect as rules.ts says; another person decides it. */
  withholding: {
    id: string;
    request_id: string;
    move: 'withhold' | 'lift';
    reason: Sealed;
    at: IsoInstant;
    by_id: string;
    decided_at: IsoInstant | null;
    decided_by: string | null;
    outcome: 'approved' | 'rejected' | null;
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
  case_party: {
    id: string;
    case_id: string;
    party: string;
    organisation: Sealed;
    created_at: IsoInstant;
    /** How the organisation has said that its copy may be read with a code by mail; null while it has not. */
    code_how: Sealed | null;
    code_at: IsoInstant | null;
    code_by: string | null;
  };
  /** Each time somebody set or took away the protection of a case's identity. */
  protection: { id: string; case_id: string; protected: Flag; reason: Sealed; at: IsoInstant; by_id: string };
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
    /** About when it is to be, before it has a time. */
    planned_for: IsoDate | null;
    /** When the worker next looks whom to remind; null when no more are to come. */
    remind_at: IsoInstant | null;
    /** A colleague who writes its minutes too. */
    scribe_id: string | null;
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
    /** Who said it, when it was not the participant: a code, and the name. */
    answered_as: string | null;
    answered_by: Sealed | null;
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
  link_code: {
    id: string;
    participant_id: string;
    created_at: IsoInstant;
    tries: Generated<number>;
    used_at: IsoInstant | null;
  };
  link_session: { id_hash: string; participant_id: string; link_generation: number; until: IsoInstant };
  /** Somebody signed in says that they are a participant; the officer's word makes it so. */
  binding: {
    id: string;
    participant_id: string;
    account_id: string;
    asked_at: IsoInstant;
    decided_at: IsoInstant | null;
    decided_by: string | null;
    outcome: 'yes' | 'no' | null;
    how: Sealed | null;
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
    /** The version of the minutes that it was written in. */
    seq: number;
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
  correction: {
    id: string;
    kind: string;
    state: string;
    case_id: string | null;
    request_id: string | null;
    /** Unit of whoever proposed it. */
    unit_id: string;
    /** JSON: what is to be removed; null when it has been decided. */
    wanted: Sealed | null;
    reason: Sealed;
    /** JSON: where text was removed, as names of fields, once it has been approved. */
    places: string | null;
    participant_id: string | null;
    sent_on: IsoDate | null;
    proposed_at: IsoInstant;
    proposed_by: string;
    answer: Sealed | null;
    decided_at: IsoInstant | null;
    decided_by: string | null;
  };
  /** `holder`: the table of the filed row whose section a correction took text from. */
  correction_section: { correction_id: string; holder: string; filed_id: string; section: string };
  correction_notice: {
    id: string;
    correction_id: string;
    participant_id: string;
    via: string | null;
    at: IsoInstant | null;
    account_id: string | null;
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
};
