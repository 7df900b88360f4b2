import { type Role, roles } from '../../../kernel/access.ts';
import { accept, type Decision, refuse } from '../../../kernel/decision.ts';
import { type Party, partyCodes, regionParties } from '../../../kernel/parties.ts';

/** Assignments are given; who is the individual of a case follows from their number. */
export const givenRoles = roles.filter((role) => role !== 'individual');
export type GivenRole = Exclude<Role, 'individual'>;

/** Private people stand under no organisation that anybody makes. */
export const organisationParties = partyCodes.filter((party) => party !== 'PERSON');

/** Roles that are held in a unit of Försäkringskassan's, and only there. */
const inUnit: readonly Role[] = ['officer', 'manager', 'registrator', 'log_reviewer'];
export const needsUnit = (role: Role): boolean => inUnit.includes(role);

/** The party somebody takes part as: a region's coordinator is REKO wherever in it they are employed (domain.md C1). */
function partyOf(role: Role, organisation: Party): Party {
  if (role === 'representative') return 'FORETR';
  return role === 'coordinator' && regionParties.includes(organisation) ? 'REKO' : organisation;
}

/**
 * An assignment as it may be: `fk` follows from the organisation. Refuses `closed` for an organisation or unit that is
 * no longer in use, `roleElsewhere` for FK's roles in another organisation, `unitNeeded`, and `unitOther` for a unit of
 * another organisation or for a role that has none.
 */
export function judgeAssignment(given: {
  role: GivenRole;
  organisation: { id: string; party: string; state: string };
  unit: { organisationId: string; state: string } | null;
}): Decision<{ fk: boolean; party: Party }> {
  const { role, organisation, unit } = given;
  const fk = organisation.party === 'FK';
  if (organisation.state !== 'active' || (unit && unit.state !== 'active')) return refuse('closed');
  if (needsUnit(role) && !fk) return refuse('roleElsewhere');
  if (needsUnit(role) && !unit) return refuse('unitNeeded');
  if (unit && (!needsUnit(role) || unit.organisationId !== organisation.id)) return refuse('unitOther');
  return accept({ fk, party: partyOf(role, organisation.party as Party) });
}

/** Only those who decide in cases or lead those who do can be named for protected identities. */
export const mayHandleProtected = (role: Role): boolean =>
  role === 'officer' || role === 'manager' || role === 'registrator';
