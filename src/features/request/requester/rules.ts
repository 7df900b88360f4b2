import { isSamePerson, type User } from '../../../kernel/access.ts';
import { accept, type Decision, refuse } from '../../../kernel/decision.ts';
import type { IsoInstant } from '../../../kernel/time.ts';
import type { RequestState } from '../rules.ts';

/**
 * Whether the person may see who asked for the meeting. As a rule they may; OSL 28:3 keeps it from them where it must
 * be feared that somebody who told of them would come to harm. It takes two people to withhold it and two to lift that.
 */
export type Withholding = {
  id: string;
  move: 'withhold' | 'lift';
  reason: string;
  at: IsoInstant;
  byId: string;
  byName: string;
  decidedAt: IsoInstant | null;
  decidedByName: string | null;
  outcome: 'approved' | 'rejected' | null;
};
export type WithholdingMove = Withholding['move'];
export type WithholdingOutcome = NonNullable<Withholding['outcome']>;

type Step = Pick<Withholding, 'move' | 'outcome'>;

/**
 * Oldest first. On the safe side while nobody else has looked: what was asked to be withheld is withheld at once, and
 * stays so until somebody else has agreed to lift it.
 */
export function isWithheld(steps: readonly Step[]): boolean {
  return steps.reduce((withheld, { move, outcome }) => {
    if (move === 'withhold') return withheld || outcome !== 'rejected';
    return withheld && outcome !== 'approved';
  }, false);
}

/** The one that waits for a second look, if any. */
export const pending = <S extends Step>(steps: readonly S[]): S | null =>
  steps.find(({ outcome }) => outcome === null) ?? null;

/** Refuses `not_now` while another waits, and what is so already. */
export function mayPropose(steps: readonly Step[], move: WithholdingMove): Decision<null> {
  return pending(steps) || isWithheld(steps) === (move === 'withhold') ? refuse('not_now') : accept(null);
}

/** Refuses `not_now` when nothing waits, and `second_look` for who asked for it. */
export function mayDecide(steps: readonly Withholding[], by: Pick<User, 'id' | 'near'>): Decision<Withholding> {
  const waiting = pending(steps);
  if (!waiting) return refuse('not_now');
  return isSamePerson(by, waiting.byId) ? refuse('second_look') : accept(waiting);
}

/**
 * Whether the person sees that somebody asked for a meeting about them. Not before an officer has taken or answered it:
 * until then nobody has judged whether it is dangerous to tell. What came to the wrong place is about nobody.
 */
export const toldOf = (request: { state: RequestState; officerId: string | null }): boolean =>
  request.officerId !== null && request.state !== 'misfiled' && request.state !== 'merged';
