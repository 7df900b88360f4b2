import type { FieldErrors, FieldValues } from '../../../kernel/fields.ts';
import { type IsoDate, type IsoInstant, stockholmDate } from '../../../kernel/time.ts';
import { bases, type Protection, type Representation, representationState } from './rules.ts';

const kinds = { coming: 'wait', holds: 'ok', over: 'neutral' } as const;

/** Who acts for the individual and whether they are protected. `acts`: this reader may change it. */
export function personPage(
  found: { id: string; protected: boolean },
  facts: { representations: readonly Representation[]; protections: readonly Protection[] },
  options: { self: boolean; acts: boolean; now: IsoInstant; form: { values: FieldValues; errors: FieldErrors } },
) {
  const { self, acts, form } = options;
  const today: IsoDate = stockholmDate(options.now);
  return {
    caseId: found.id,
    ...{ self, acts, form, bases },
    protected: found.protected,
    protections: facts.protections,
    rows: facts.representations.map((one) => {
      const state = representationState(one, today);
      return { ...one, state, kind: kinds[state], mayEnd: acts && state !== 'over' };
    }),
  };
}
