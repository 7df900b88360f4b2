import type { Actor } from '../../kernel/access.ts';
import { accept, type Decision, refuse } from '../../kernel/decision.ts';
import type { InformationKind } from '../../kernel/information.ts';
import { addMonths, type IsoDate, type IsoInstant } from '../../kernel/time.ts';

/** How it was given. A representative who is signed in says it as the person would; their basis is kept with it. */
export const consentWays = ['signed_in', 'written', 'oral', 'representative'] as const;
export type ConsentWay = (typeof consentWays)[number];
/** The ways that an officer can note; nobody else than who is signed in has signed in. */
export const notedWays = ['oral', 'written', 'representative'] as const;

export type ConsentAct = 'give' | 'limit' | 'renew' | 'withdraw';
export type ConsentState = 'given' | 'limited' | 'withdrawn' | 'expired';

/** Whether who is signed in says it themselves or for the person; null for an officer, who notes what was said. */
export function speakingAs(actor: Actor, individualAccountId: string | null): 'signed_in' | 'representative' | null {
  if (actor.kind !== 'user' || individualAccountId === null) return null;
  if (actor.id === individualAccountId) return 'signed_in';
  return actor.represents.includes(individualAccountId) ? 'representative' : null;
}

/** One dated fact: what the person said to one party, all of it. It is never changed; what is said later comes after it. */
export type Consent = {
  id: string;
  partyId: string;
  act: ConsentAct;
  kinds: readonly InformationKind[];
  /** The last day it holds; null for a withdrawal. */
  until: IsoDate | null;
  how: ConsentWay;
  /** How it was said, as an officer noted it; of a representative who was signed in the code of their basis. */
  note: string;
  /** What may not be told, whatever the kinds say. */
  exclusions: string;
  at: IsoInstant;
  /** Account that wrote it down. */
  accountId: string;
  accountName: string;
  /** By an officer who was told it. */
  noted: boolean;
};

/** What was said last to a party decides; null when nothing has been said. */
export const latestOf = <C extends Pick<Consent, 'id' | 'partyId' | 'at'>>(
  consents: readonly C[],
  partyId: string,
): C | null =>
  consents
    .filter((one) => one.partyId === partyId)
    .reduce<C | null>(
      (last, one) => (last && (last.at > one.at || (last.at === one.at && last.id > one.id)) ? last : one),
      null,
    );

/** states.md "Consent". It ends with its last day, without anybody doing anything. */
export function stateOf(consent: Pick<Consent, 'act' | 'until'>, today: IsoDate): ConsentState {
  if (consent.act === 'withdraw' || consent.until === null) return 'withdrawn';
  if (consent.until < today) return 'expired';
  return consent.act === 'limit' ? 'limited' : 'given';
}

export const isLive = (consent: Pick<Consent, 'act' | 'until'>, today: IsoDate): boolean =>
  ['given', 'limited'].includes(stateOf(consent, today));

/** `why` there is no yes, or which consent it is, with what must still not be told. */
export type MayShare =
  | { may: true; consentId: string; exclusions: string }
  | { may: false; why: 'nothing_said' | 'withdrawn' | 'expired' | 'other_kinds' };

/**
 * Whether the person's yes lets a party know something of this kind today (SFB 30:10, OSL 10:1 and 12:2). It pre-fills a
 * release and is no release.
 */
export function mayShare(
  consents: readonly Pick<Consent, 'id' | 'partyId' | 'act' | 'kinds' | 'until' | 'exclusions' | 'at'>[],
  partyId: string,
  kind: InformationKind,
  today: IsoDate,
): MayShare {
  const latest = latestOf(consents, partyId);
  if (!latest) return { may: false, why: 'nothing_said' };
  const state = stateOf(latest, today);
  if (state === 'withdrawn' || state === 'expired') return { may: false, why: state };
  if (!latest.kinds.includes(kind)) return { may: false, why: 'other_kinds' };
  return { may: true, consentId: latest.id, exclusions: latest.exclusions };
}

/**
 * A yes has an end, so that it is asked for again: half a year when nothing else is said, which is as long as the
 * next assessment in the chain of rehabilitation is away (SFB 27:48), and never more than a year.
 */
export const usualUntil = (today: IsoDate): IsoDate => addMonths(today, 6);
export const lastUntil = (today: IsoDate): IsoDate => addMonths(today, 12);

export type Said = { kinds: readonly InformationKind[]; until: IsoDate; exclusions: string };

/**
 * What saying this comes to, after what was said before. Refuses `kinds` (a yes to nothing is no yes), `past`, and
 * `consent_too_long`: a consent must not be so general that all secrecy is waived.
 */
export function consentAct(before: Consent | null, said: Said, today: IsoDate): Decision<ConsentAct> {
  if (said.kinds.length === 0) return refuse('kinds');
  if (said.until < today) return refuse('past');
  if (said.until > lastUntil(today)) return refuse('consent_too_long');
  if (!before || !isLive(before, today)) return accept('give');
  const taken = before.kinds.some((kind) => !said.kinds.includes(kind));
  const excluded = said.exclusions !== '' && said.exclusions !== before.exclusions;
  if (taken || excluded || said.until < (before.until ?? '')) return accept('limit');
  const same = said.kinds.length === before.kinds.length;
  return accept(same && said.until > (before.until ?? '') ? 'renew' : 'give');
}

/** Refuses `changed_by_someone_else` unless this is what was said last and still holds. */
export function mayWithdraw(latest: Consent | null, id: string, today: IsoDate): Decision<Consent> {
  return latest && latest.id === id && isLive(latest, today) ? accept(latest) : refuse('changed_by_someone_else');
}

/** How far a yes goes, for the words beside a party. `state` is `none` while nothing has been said. */
export function extentOf(consents: readonly Consent[], partyId: string, today: IsoDate) {
  const latest = latestOf(consents, partyId);
  return {
    state: latest ? stateOf(latest, today) : ('none' as const),
    live: latest !== null && isLive(latest, today),
    kinds: latest?.kinds ?? [],
    until: latest?.until ?? null,
    at: latest?.at ?? null,
  };
}
