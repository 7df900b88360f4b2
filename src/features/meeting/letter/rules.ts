import type { IsoInstant } from '../../../kernel/time.ts';
import type { Participant } from '../rules.ts';

/** What a letter tells: as the mails of the same name; `poll` asks for times. */
export type LetterKind = 'request' | 'update' | 'place' | 'cancel' | 'removed' | 'counter_declined' | 'poll';

/** How somebody was told in the end. */
export const toldHows = ['letter', 'phone'] as const;
export type ToldHow = (typeof toldHows)[number];

/**
 * A letter to somebody who gets no mail. It waits until the officer says that it is sent, or that they have told it by
 * telephone; a later one takes its place, since each says all that holds.
 */
export type Letter = {
  id: string;
  participantId: string;
  kind: LetterKind;
  startsAt: IsoInstant | null;
  endsAt: IsoInstant | null;
  createdAt: IsoInstant;
  settledAt: IsoInstant | null;
  settledHow: ToldHow | 'replaced' | null;
  /** Who said that it is sent. */
  settledBy: string | null;
};

/** Whether somebody still has to be told: not once the meeting has begun, when a letter comes too late. */
export const isWaiting = (one: Pick<Letter, 'settledAt' | 'startsAt'>, now: IsoInstant): boolean =>
  one.settledAt === null && (one.startsAt === null || one.startsAt > now);

/**
 * Who must have it on paper when no mail may say when: whoever has no address, or cannot read it signed in. At
 * Försäkringskassan it is in the case.
 */
export const readsOnPaper = (one: Pick<Participant, 'person' | 'party' | 'accountId'>): boolean =>
  one.person.email === '' || (one.party !== 'FK' && one.accountId === null);
