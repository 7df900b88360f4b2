import type { KeyKind, PersonState, UnknownRule } from '../sign-in/rules.ts';
import { givenRoles, mayHandleProtected, needsUnit } from './rules.ts';

type Row = { id: string };
type Form = { values: Record<string, string | string[]>; errors: Record<string, { code: string }> };
export const emptyForm: Form = { values: {}, errors: {} };

/** One page of a list, and where the rest is. */
function paged<R extends Row>(rows: readonly R[], size: number, path: string) {
  const shown = rows.slice(0, size);
  const last = rows.length > size ? shown.at(-1) : undefined;
  return { rows: shown, next: last ? `${path}efter=${last.id}` : null };
}

/** What is, until something else has been typed. */
const filled = (form: Form, values: Record<string, string>): Form =>
  Object.keys(form.values).length > 0 ? form : { ...form, values };

const stateKind = (state: string) => (state === 'active' ? 'ok' : state === 'waiting' ? 'wait' : 'neutral');

type PersonRow = { id: string; name: string; state: PersonState; createdAt: string };

export function startPage(facts: { waiting: readonly PersonRow[]; rule: UnknownRule }, size: number, form: Form) {
  return {
    ...paged(facts.waiting, size, '/administration?'),
    rule: facts.rule,
    form: filled(form, { unknown: facts.rule }),
  };
}

export function organisationsPage(
  rows: readonly (Row & { name: string; party: string; state: string })[],
  size: number,
) {
  const page = paged(rows, size, '/administration/organisationer?');
  return { ...page, rows: page.rows.map((row) => ({ ...row, stateKind: stateKind(row.state) })) };
}

export function peoplePage(rows: readonly PersonRow[], size: number) {
  const page = paged(rows, size, '/administration/personer?');
  return { ...page, rows: page.rows.map((row) => ({ ...row, stateKind: stateKind(row.state) })) };
}

type UnitRow = { id: string; name: string; state: string };
export function organisationPage(
  organisation: { id: string; name: string; party: string; state: string },
  units: readonly UnitRow[],
  form: Form,
) {
  return {
    organisation,
    form,
    open: organisation.state === 'active',
    units: units.map((unit) => ({ ...unit, stateKind: stateKind(unit.state) })),
  };
}

type AssignmentRow = { id: string; role: string; organisation: string; unit: string | null; state: string };
export function personPage(
  person: PersonRow,
  facts: { assignments: readonly (AssignmentRow & { handlesProtected: boolean })[]; kinds: readonly KeyKind[] },
  form: Form,
) {
  return {
    person,
    form,
    stateKind: stateKind(person.state),
    waiting: person.state === 'waiting',
    open: person.state !== 'closed',
    kinds: [...new Set(facts.kinds)],
    assignments: facts.assignments.map((one) => ({ ...one, stateKind: stateKind(one.state) })),
  };
}

/** A new assignment in an organisation that has been picked. */
export function newAssignmentPage(
  person: { id: string; name: string },
  organisation: { id: string; name: string; party: string },
  units: readonly UnitRow[],
  form: Form,
) {
  const fk = organisation.party === 'FK';
  return {
    person,
    organisation,
    fk,
    form,
    roles: givenRoles.filter((role) => fk || !needsUnit(role)),
    units: units.filter(({ state }) => state === 'active').map(({ id, name }) => ({ value: id, label: name })),
  };
}

export function pickPage(
  person: { id: string; name: string },
  rows: readonly (Row & { name: string; party: string })[],
  size: number,
  { errors }: Form,
) {
  const form = { values: {}, errors: errors.organisation ? { '': { code: 'admin_organisation' } } : {} };
  return { person, form, ...paged(rows, size, `/administration/personer/${person.id}/uppdrag?`) };
}

type Assignment = {
  id: string;
  personId: string;
  name: string;
  role: Parameters<typeof mayHandleProtected>[0];
  organisation: string;
  unit: string | null;
  email: string | null;
  phone: string | null;
  handlesProtected: boolean;
  state: string;
};
export function assignmentPage(one: Assignment, form: Form) {
  const values = {
    email: one.email ?? '',
    phone: one.phone ?? '',
    ...(one.handlesProtected && { handlesProtected: 'on' }),
  };
  return {
    one,
    form: filled(form, values),
    open: one.state === 'active',
    mayHandleProtected: mayHandleProtected(one.role),
  };
}
