import type { User } from '../../../kernel/access.ts';
import type { RequestState } from '../rules.ts';
import { isWithheld, mayDecide, pending, toldOf, type Withholding } from './rules.ts';

/** What an officer sees of whether the person may know who asked, and what they can do about it. */
export function requesterCard(
  request: { state: RequestState; officerId: string | null; form: { requesterRole: string } },
  steps: readonly Withholding[],
  reader: User | null,
) {
  const waiting = pending(steps);
  const withheld = isWithheld(steps);
  return {
    isPerson: request.form.requesterRole === 'PERSON',
    state: withheld ? 'withheld' : toldOf(request) ? 'shown' : 'later',
    steps: steps.map(({ move, reason, at, byName, decidedAt, decidedByName, outcome }) => ({
      ...{ move, reason, at, byName, decidedAt, decidedByName },
      outcome: outcome ?? 'waiting',
    })),
    waits: waiting !== null,
    mayLook: reader !== null && mayDecide(steps, reader).ok,
    move: withheld ? 'lift' : 'withhold',
  };
}
