import type { IsoDate, IsoInstant } from '../../../kernel/time.ts';

/**
 * By what somebody acts for the individual: god man and förvaltare (FB 11:4, 11:7), a person with power of attorney
 * (FL 14 §), a child's guardian (FB 6:11), and a future power of attorney that has come into force (lag 2017:310).
 */
export const bases = ['special_representative', 'trustee', 'attorney', 'guardian', 'future_power'] as const;
export type Basis = (typeof bases)[number];

export type Representation = {
  id: string;
  name: string;
  basis: Basis;
  /** What the officer saw or asked to be sure of it. */
  how: string;
  firstDay: IsoDate;
  /** Null: until it is ended. */
  lastDay: IsoDate | null;
  endedAt: IsoInstant | null;
  byName: string;
};

/** `coming` before its first day; `over` after its last, or once it was ended. */
export function representationState(
  one: Pick<Representation, 'firstDay' | 'lastDay' | 'endedAt'>,
  today: IsoDate,
): 'coming' | 'holds' | 'over' {
  if (one.endedAt !== null || (one.lastDay !== null && one.lastDay < today)) return 'over';
  return one.firstDay > today ? 'coming' : 'holds';
}

/** Somebody set the protection of the case's identity, or took it away. */
export type Protection = { protected: boolean; reason: string; at: IsoInstant; byName: string };
