import type { IsoInstant } from '../../kernel/time.ts';
import type { Sealed } from './tables.ts';

/** What comes by mail, and what leaves on paper. */
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
  /** A letter to print: sent, told by telephone, or replaced by a later one once it is settled. */
  letter: {
    id: string;
    meeting_id: string;
    participant_id: string;
    kind: string;
    /** Of the meeting as the letter tells of it; null when it asks for times. */
    starts_at: IsoInstant | null;
    ends_at: IsoInstant | null;
    created_at: IsoInstant;
    settled_at: IsoInstant | null;
    settled_by: string | null;
    settled_how: 'letter' | 'phone' | 'replaced' | null;
  };
};
