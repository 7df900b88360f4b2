import type { User } from '../../../kernel/access.ts';
import type { IsoInstant } from '../../../kernel/time.ts';
import type { Participant } from '../rules.ts';

/** Somebody signed in who says that they are a participant, having given the code that was mailed to the participant. */
export type Binding = {
  id: string;
  participantId: string;
  accountId: string;
  /** As the account says. */
  name: string;
  organisation: string;
  askedAt: IsoInstant;
};

/**
 * Who can say that they are this participant: whoever has an account outside Försäkringskassan. The
 * person and who represents them reach their own case by being who they are, never by a link.
 */
export const mayBind = (user: User, one: Pick<Participant, 'party' | 'accountId'>): boolean =>
  !user.fk &&
  one.party !== 'PERSON' &&
  user.role !== 'individual' &&
  user.role !== 'representative' &&
  one.accountId !== user.id;
