import { isSamePerson, type User } from '../../../kernel/access.ts';
import { accept, type Decision, refuse } from '../../../kernel/decision.ts';
import { addMinutes, type IsoInstant } from '../../../kernel/time.ts';
import type { Finding } from '../rules.ts';

/**
 * How long a case stays open to whoever opened it without ordinary right: half a working day, so that what is urgent
 * can be finished, and who comes back tomorrow writes why once more.
 */
const openHours = 4;
export const openUntil = (now: IsoInstant): IsoInstant => addMinutes(now, openHours * 60);

/** Numbers that are no case's, tried by one account within an hour, before it has to wait. */
export const mostTries = 5;
export const triesSince = (now: IsoInstant): IsoInstant => addMinutes(now, -60);

/** A case opened without ordinary right, or a number tried that is no case's. */
export type Emergency = {
  id: string;
  caseId: string | null;
  caseNumber: string | null;
  accountId: string;
  name: string;
  unit: string | null;
  reason: string;
  at: IsoInstant;
  until: IsoInstant;
  reviewedAt: IsoInstant | null;
  finding: Finding | null;
};

/** Reviewed once, and never by who opened it. */
export function mayReview(
  emergency: Pick<Emergency, 'accountId' | 'reviewedAt'>,
  by: Pick<User, 'id' | 'near'>,
): Decision<null> {
  if (isSamePerson(by, emergency.accountId)) return refuse('own_emergency');
  return emergency.reviewedAt === null ? accept(null) : refuse('changed_by_someone_else');
}
