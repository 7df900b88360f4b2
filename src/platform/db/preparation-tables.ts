import type { Generated } from 'kysely';
import type { IsoInstant } from '../../kernel/time.ts';
import type { Sealed } from './tables.ts';

/** What is said before a meeting. */
export type PreparationTables = {
  /** `field`: of the person's own, or `text` of anybody else. `account_id`: null where it came by a link. */
  preparation: {
    id: string;
    meeting_id: string;
    participant_id: string;
    field: string;
    text: Sealed;
    at: IsoInstant;
    via: string;
    account_id: string | null;
  };
  /** `readers`: JSON list of participant ids, for the audience `chosen`. */
  preparation_share: { participant_id: string; field: string; audience: string; readers: string };
  /** Another way of meeting that the person asks for. */
  adaptation: {
    id: string;
    meeting_id: string;
    text: Sealed;
    at: IsoInstant;
    via: string;
    account_id: string | null;
    answer: Sealed | null;
    answered_at: IsoInstant | null;
    answered_by: string | null;
  };
  /** What the officer means to bring; the person's answer is to this version of its title. */
  paper: {
    id: string;
    meeting_id: string;
    title: Sealed;
    version: Generated<number>;
    created_at: IsoInstant;
    created_by: string;
    removed_at: IsoInstant | null;
    answer: string | null;
    answered_at: IsoInstant | null;
    answered_via: string | null;
    answered_by: string | null;
  };
};
