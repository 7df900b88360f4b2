import type { Generated } from 'kysely';
import type { Role } from '../../kernel/access.ts';
import type { IsoDate, IsoInstant } from '../../kernel/time.ts';
import type { Flag, Sealed } from './tables.ts';

/** Who works with cases, how they sign in, and whom they stand in for. */
export type AccountTables = {
  organisation: { id: string; party: string; name: string; state: Generated<string> };
  unit: {
    id: string;
    organisation_id: string;
    name: string;
    phone: string;
    address: string;
    state: Generated<string>;
  };
  account: {
    id: string;
    demo_key: string | null;
    role: Role;
    fk: Flag;
    party: string;
    organisation_id: string;
    unit_id: string | null;
    name: Sealed;
    email: Sealed | null;
    phone: Sealed | null;
    /** Fingerprint of the individual's own number. */
    number_fp: string | null;
    handles_protected: Generated<Flag>;
    /** Null for the individual, who is known by number alone, and for demo accounts. */
    person_id: string | null;
    state: Generated<string>;
    feed_on: Generated<Flag>;
    feed_generation: Generated<number>;
  };
  /** Somebody who works with cases and signs in, in one or more assignments. */
  person: {
    id: string;
    name: Sealed;
    state: string;
    created_at: IsoInstant;
    decided_at: IsoInstant | null;
    decided_by: string | null;
  };
  /** What an identity provider calls them by, as keyed fingerprints. */
  person_key: { fingerprint: string; kind: string; person_id: string; created_at: IsoInstant };
  setting: { name: string; value: string };
  /** Sign-ins that have been completed and cannot be again, until they are too old anyway. */
  spent_sign_in: { state_fp: string; until: IsoInstant };
  /** From the first to the last day, both included. */
  cover: {
    id: string;
    officer_id: string;
    cover_id: string;
    first_day: IsoDate;
    last_day: IsoDate;
    created_at: IsoInstant;
    created_by: string;
  };
  representation: {
    id: string;
    account_id: string;
    individual_account_id: string;
    basis: string;
    how: Sealed;
    first_day: IsoDate;
    last_day: IsoDate | null;
    created_at: IsoInstant;
    created_by: string;
    ended_at: IsoInstant | null;
    ended_by: string | null;
  };
  emergency: {
    id: string;
    account_id: string;
    /** Null when the number that was tried is no case's. */
    case_id: string | null;
    reason: Sealed;
    at: IsoInstant;
    until: IsoInstant;
    reviewed_at: IsoInstant | null;
    reviewed_by: string | null;
    finding: string | null;
    outcome: Sealed | null;
  };
  /** `minute`: YYYY-MM-DDTHH:MM in UTC. */
  rate: { key: string; minute: string; count: number };
  /** `account_id` is null while the assignment is being chosen. */
  session: {
    id_hash: string;
    account_id: string | null;
    created_at: IsoInstant;
    seen_at: IsoInstant;
    person_id: string | null;
    /** Fingerprint of the number that the provider vouched for. */
    number_fp: string | null;
    sign_out_hint: Sealed | null;
    provider_sid: string | null;
    provider_sub: string | null;
    /** Whether there was more than one assignment to choose from. */
    several: Generated<Flag>;
  };
};
