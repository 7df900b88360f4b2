import { accept, type Decision, refuse } from '../../../kernel/decision.ts';
import type { Party } from '../../../kernel/parties.ts';
import { normaliseLine } from '../../../kernel/text.ts';

/** Whom something in a case can be released to: two employers are two, the same one in two meetings is one. */
export type CaseParty = {
  id: string;
  caseId: string;
  party: Party;
  /** Its organisation; the own name of somebody who takes part as a private person. */
  organisation: string;
};

/** The person may read everything about themselves, FK holds it, and an interpreter takes part in nothing. */
const receivesNothing: readonly Party[] = ['PERSON', 'FK', 'TOLK'];
export const isReceiving = (party: Party): boolean => !receivesNothing.includes(party);

/** What somebody takes part as. Two relatives without an organisation are two parties. */
export const partyNameOf = (person: { organisation: string; name: string }): string =>
  normaliseLine(person.organisation) || normaliseLine(person.name);

const folded = (name: string): string => normaliseLine(name).toLocaleLowerCase('sv');

/** The one of a case's parties that this is, however its name was written. */
export const sameParty = <P extends Pick<CaseParty, 'party' | 'organisation'>>(
  known: readonly P[],
  party: Party,
  name: string,
): P | undefined => known.find((one) => one.party === party && folded(one.organisation) === folded(name));

/** A party as a form names it: by id, or by its bare code while the case has one of it. Refuses `party`. */
export function namedParty<P extends Pick<CaseParty, 'id' | 'party'>>(known: readonly P[], given: string): Decision<P> {
  const coded = known.filter(({ party }) => party === given);
  const found = known.find(({ id }) => id === given) ?? (coded.length === 1 ? coded[0] : undefined);
  return found ? accept(found) : refuse('party');
}
