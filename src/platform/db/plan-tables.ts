import type { Generated } from 'kysely';
import type { IsoDate, IsoInstant } from '../../kernel/time.ts';
import type { Flag, Sealed } from './tables.ts';

/** What was agreed, how it goes, and what officers note beside it. */
export type PlanTables = {
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
    /** The participant of the meeting who carries it out, where one is known. */
    owner_id: string | null;
    /** When the worker next looks whom to remind; null when no more are to come. */
    remind_at: IsoInstant | null;
    ended_at: IsoInstant | null;
    /** What the officer is to look at, a code, and since when. */
    signal: string | null;
    signal_on: IsoDate | null;
    /** A new day that its owner has asked for and the officer has not answered. */
    asked_due: IsoDate | null;
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
    obstacle: Sealed | null;
    meet: Generated<Flag>;
    decision: 'granted' | 'refused' | null;
    /** Of the form that it was sent with: the same form is one report. */
    send_key: string | null;
  };
  /** How a case is to end, or ended. `body`: JSON. */
  closing: {
    id: string;
    case_id: string;
    version: Generated<number>;
    body: Sealed;
    closes_on: IsoDate;
    prepared_at: IsoInstant;
    prepared_by: string;
  };
  goal_note: {
    id: string;
    case_id: string;
    goal: Sealed;
    reached_on: IsoDate | null;
    at: IsoInstant;
    account_id: string;
  };
  sick_leave: {
    id: string;
    case_id: string;
    facts: Sealed;
    at: IsoInstant;
    account_id: string;
  };
};
