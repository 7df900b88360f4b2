import type { Generated } from 'kysely';
import type { IsoInstant } from '../../kernel/time.ts';
import type { Sealed } from './tables.ts';

/** Meetings between organisations, about no individual. */
export type StructuralTables = {
  structural_meeting: {
    id: string;
    unit_id: string;
    number: string;
    state: string;
    version: Generated<number>;
    created_at: IsoInstant;
    created_by: string;
    /** This and what follows: when its minutes are locked. */
    finalised_at: IsoInstant | null;
    finalised_by: string | null;
    content: Sealed | null;
    hash: string | null;
    seal: string | null;
    /** Base64 of the file, sealed. */
    pdf: Sealed | null;
  };
  structural_field: {
    structural_meeting_id: string;
    field: string;
    text: Sealed;
    version: number;
    updated_at: IsoInstant;
    updated_by: string;
  };
};
