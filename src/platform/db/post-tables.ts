import type { IsoInstant } from '../../kernel/time.ts';
import type { Sealed } from './tables.ts';

/** What comes by mail. */
export type PostTables = {
  /** What became of each mail to the reply mailbox. */
  incoming_mail: {
    id: string;
    /** SHA-256 of its bytes. */
    digest: string;
    at: IsoInstant;
    outcome: 'processed' | 'ignored' | 'human';
    code: string;
    meeting_id: string | null;
    participant_id: string | null;
    facts: Sealed | null;
    handled_at: IsoInstant | null;
    handled_by: string | null;
  };
};
