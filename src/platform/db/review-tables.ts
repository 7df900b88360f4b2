import type { IsoDate, IsoInstant } from '../../kernel/time.ts';
import type { Sealed } from './tables.ts';

/** Minutes that are out for review. `seal`: over all other columns of the row. */
export type ReviewTables = {
  review: {
    minutes_id: string;
    last_day: IsoDate;
    /** When the worker reminds those who have not answered; null when it has, or there is nobody. */
    remind_at: IsoInstant | null;
    released_at: IsoInstant;
    released_by: string;
    seal: string;
  };
  /** Whom the minutes were given to, and for which sections their word is asked. */
  review_reader: { minutes_id: string; participant_id: string; sections: string; told: string; seal: string };
  /** A section was changed while the minutes were out. */
  review_section: {
    minutes_id: string;
    section: string;
    version: number;
    last_day: IsoDate;
    at: IsoInstant;
    account_id: string;
    seal: string;
  };
  review_answer: {
    id: string;
    minutes_id: string;
    participant_id: string;
    section: string;
    /** How often the section had been changed when this was said about it. */
    section_version: number;
    kind: string;
    text: Sealed | null;
    instead: Sealed | null;
    via: string;
    how: Sealed | null;
    day: IsoDate | null;
    at: IsoInstant;
    account_id: string;
    read_at: IsoInstant | null;
    read_by: string | null;
    answer: Sealed | null;
    answered_at: IsoInstant | null;
    answered_by: string | null;
    withdrawn_at: IsoInstant | null;
    seal: string;
  };
};
