import { kommunParties, type Party, regionParties } from '../../../kernel/parties.ts';

/** Whom the person turns to in each sector (product.md 8). */
export const sectors = ['fk', 'af', 'care', 'social', 'employer'] as const;
export type Sector = (typeof sectors)[number];
export type SectorContact = { sector: Sector; name: string; phone: string };

const inSector: Record<Exclude<Sector, 'fk'>, readonly Party[]> = {
  af: ['AF'],
  care: [...regionParties, 'FHV'],
  social: kommunParties,
  employer: ['ARBG'],
};

type Known = { party: Party; person: { name: string; phone: string } };

/**
 * The contacts as they follow from who has taken part, `participants` newest first: the case's officer for FK, of every
 * other sector whoever took part last, rather somebody with a telephone number. A sector that nobody came from has none.
 */
export function contactsOf(officer: { name: string; phone: string }, participants: readonly Known[]): SectorContact[] {
  return sectors.flatMap((sector): SectorContact[] => {
    if (sector === 'fk') return [{ sector, name: officer.name, phone: officer.phone }];
    const theirs = participants.filter(({ party }) => inSector[sector].includes(party));
    const one = theirs.find(({ person }) => person.phone !== '') ?? theirs[0];
    return one ? [{ sector, name: one.person.name, phone: one.person.phone }] : [];
  });
}

/** Those of a plan, where Försäkringskassan's contact stands by itself with its unit. */
export const besideFk = (contacts: readonly SectorContact[]): SectorContact[] =>
  contacts.filter(({ sector }) => sector !== 'fk');
