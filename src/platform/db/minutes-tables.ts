import type { IsoInstant } from '../../kernel/time.ts';
import type { Flag, Sealed } from './tables.ts';

/** What minutes have beside what stands in them. */
export type MinutesTables = {
  /** A text that a conflict did not leave in its field, or that came after the minutes were locked. */
  minutes_history: {
    id: string;
    minutes_id: string;
    field: string;
    text: Sealed;
    /** The version of the field that it met. */
    met: number;
    late: Flag;
    /** The version of the minutes that it was kept in. */
    seq: number;
    written_at: IsoInstant;
    written_by: string;
  };
};
