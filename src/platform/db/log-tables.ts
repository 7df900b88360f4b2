import type { IsoDate, IsoInstant } from '../../kernel/time.ts';
import type { Sealed } from './tables.ts';

/** The log, its checkpoints, and what its reviewers find. */
export type LogTables = {
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
    /** Why: the relation by which the rights table allowed it; null when it did not. */
    relation: string | null;
    /** Whom the request came from; null for the worker. */
    origin: Sealed | null;
    chain: string;
    position: number;
    seal: string;
  };
  log_checkpoint: {
    id: string;
    position: number;
    at: IsoInstant;
    /** JSON: the head of every chain that grew or was disposed of since the checkpoint before (platform/audit/checkpoint.ts). */
    chains: string;
    seal: string;
  };
  log_review: {
    id: string;
    account_id: string;
    at: IsoInstant;
    first_day: IsoDate;
    last_day: IsoDate;
    size: number;
    seed: string;
    finished_at: IsoInstant | null;
  };
  log_review_row: {
    id: string;
    review_id: string;
    position: number;
    audit_id: string;
    outcome: string | null;
    note: Sealed | null;
    noted_at: IsoInstant | null;
  };
};
