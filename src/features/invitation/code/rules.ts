import { accept, type Decision, refuse } from '../../../kernel/decision.ts';
import { addMinutes, type IsoInstant } from '../../../kernel/time.ts';
import type { Participant } from '../../meeting/rules.ts';
import { channelOf } from '../rules.ts';

export const codeMinutes = 10;
export const codeTries = 5;
const codesAnHour = 3;

export type Code = { id: string; createdAt: IsoInstant; tries: number; usedAt: IsoInstant | null };

/**
 * A code goes only to an address that an officer has verified, and only so many an hour, so that nobody's mailbox is
 * filled and nobody gets more than fifteen guesses an hour. `sent`: when the latest codes were made, newest first.
 * Refuses `no_address`, `codes_many`.
 */
export function maySendCode(
  one: Pick<Participant, 'person' | 'verifiedAt'>,
  sent: readonly IsoInstant[],
  now: IsoInstant,
): Decision<null> {
  if (channelOf(one) !== 'mail') return refuse('no_address');
  const recent = sent.filter((at) => at > addMinutes(now, -60));
  return recent.length >= codesAnHour ? refuse('codes_many') : accept(null);
}

/** Whether a code can still be tried: the latest one, for ten minutes, until it has been used or guessed at five times. */
export const codeLives = (code: Code, now: IsoInstant): boolean =>
  code.usedAt === null && code.tries < codeTries && now < addMinutes(code.createdAt, codeMinutes);
