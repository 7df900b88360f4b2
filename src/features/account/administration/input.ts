import { FieldReader, type FieldsRead } from '../../../kernel/fields.ts';
import { isMailAddress } from '../../../kernel/mail.ts';
import type { Party } from '../../../kernel/parties.ts';
import { parsePersonalNumber } from '../../../kernel/personal-number.ts';
import type { IsoDate } from '../../../kernel/time.ts';
import { isHsaId, type UnknownRule, unknownRules } from '../sign-in/rules.ts';
import { type GivenRole, givenRoles, organisationParties } from './rules.ts';

type Body = Readonly<Record<string, string | string[] | undefined>>;

export type OrganisationInput = { name: string; party: Party | null };

/** `party` is chosen once, when the organisation is added. */
export function readOrganisation(body: Body, added: boolean): FieldsRead<OrganisationInput> {
  const reader = new FieldReader(body);
  const name = reader.line('name', { cap: 200, required: true });
  const party = added ? reader.choice('party', organisationParties, { required: true }) : null;
  return reader.done(() => ({ name, party }));
}

export type UnitInput = { name: string; phone: string; address: string };

export function readUnit(body: Body): FieldsRead<UnitInput> {
  const reader = new FieldReader(body);
  const name = reader.line('name', { cap: 200, required: true });
  const phone = reader.phone('phone');
  if (phone === null) reader.fail('phone', 'required');
  const address = reader.line('address', { cap: 200, required: true });
  return reader.done(() => ({ name, phone: phone ?? '', address }));
}

/** `number`: twelve digits. */
export type PersonInput = { name: string; number: string | null; hsaId: string | null };

/** Who is added needs a number or an HSA-id to be known by; later one may be added to the name. */
export function readPerson(body: Body, added: boolean, today: IsoDate): FieldsRead<PersonInput> {
  const reader = new FieldReader(body);
  const name = reader.line('name', { cap: 200, required: true });
  const number = reader.line('number', { cap: 40 });
  const read = parsePersonalNumber(number, today);
  if (number !== '' && !read.ok) reader.fail('number', 'number');
  const hsaId = reader.line('hsaId', { cap: 40 }).toUpperCase();
  if (hsaId !== '' && !isHsaId(hsaId)) reader.fail('hsaId', 'hsaId');
  if (added && number === '' && hsaId === '') reader.fail('number', 'key');
  return reader.done(() => ({ name, number: read.ok ? read.digits : null, hsaId: hsaId === '' ? null : hsaId }));
}

type Contact = { email: string | null; phone: string | null; handlesProtected: boolean };
export type AssignmentInput = Contact & { role: GivenRole; organisationId: string; unitId: string | null };

function contactOf(reader: FieldReader): Contact {
  const email = reader.line('email', { cap: 200 });
  if (email !== '' && !isMailAddress(email)) reader.fail('email', 'email');
  const phone = reader.phone('phone');
  return { email: email === '' ? null : email, phone, handlesProtected: reader.flag('handlesProtected') };
}

/** How whoever has the assignment is reached in it, and whether they are named for protected identities. */
export function readContact(body: Body): FieldsRead<Contact> {
  const reader = new FieldReader(body);
  const contact = contactOf(reader);
  return reader.done(() => contact);
}

export function readAssignment(body: Body): FieldsRead<AssignmentInput> {
  const reader = new FieldReader(body);
  const organisationId = reader.line('organisation', { cap: 64, required: true });
  const role = reader.choice('role', givenRoles as GivenRole[], { required: true });
  const unitId = reader.line('unit', { cap: 64 });
  const contact = contactOf(reader);
  return reader.done(() => ({
    ...contact,
    ...{ role: role as GivenRole, organisationId, unitId: unitId === '' ? null : unitId },
  }));
}

export function readUnknown(body: Body): FieldsRead<UnknownRule> {
  const reader = new FieldReader(body);
  const rule = reader.choice('unknown', unknownRules, { required: true });
  return reader.done(() => rule as UnknownRule);
}
