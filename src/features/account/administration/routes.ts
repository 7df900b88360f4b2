import type { Decision } from '../../../kernel/decision.ts';
import type { FieldErrors, FieldsRead, FieldValues } from '../../../kernel/fields.ts';
import { looksLikeId } from '../../../kernel/ids.ts';
import { stockholmDate } from '../../../kernel/time.ts';
import { nothingYet, view } from '../../../platform/command.ts';
import type { House } from '../../../platform/house.ts';
import { type Ctx, caller, type FormBody, type Route, readForm } from '../../../platform/web/route.ts';
import { findPerson, keysOfPerson, listPeople, peoplePage as peopleSize, readUnknownRule } from '../person/store.ts';
import {
  addAssignment,
  addUnit,
  type Closable,
  close,
  putAssignment,
  putOrganisation,
  putPerson,
  putUnit,
  setUnknownRule,
} from './commands.ts';
import { readAssignment, readContact, readOrganisation, readPerson, readUnit, readUnknown } from './input.ts';
import * as page from './page.ts';
import { organisationParties } from './rules.ts';
import {
  findAssignment,
  findOrganisation,
  findUnitRow,
  listAssignments,
  listOrganisations,
  listPage,
  listUnits,
} from './store.ts';

type Form = { values: FieldValues; errors: FieldErrors };
type Status = 200 | 409 | 422;

const base = '/administration';
/** What is closed from which page, and the page that then shows it. */
const closable: Record<string, { what: Closable; home: string }> = {
  organisationer: { what: 'organisation', home: 'organisationer' },
  enheter: { what: 'unit', home: 'organisationer' },
  personer: { what: 'person', home: 'personer' },
  uppdrag: { what: 'assignment', home: 'personer' },
};

export function administrationRoutes(house: House): Route[] {
  const { engine, reply, config } = house;
  type Reads = typeof engine.database.reads;
  const issuer = config.oidc?.issuer ?? '';
  const idOf = (c: Ctx) => c.req.param('id') ?? '';
  const afterOf = (c: Ctx) => {
    const after = c.req.query('efter');
    return after && looksLikeId(after) ? after : null;
  };

  /** A page that only an administrator sees; `read` gives null for what does not exist. */
  async function show(
    c: Ctx,
    template: string | ((model: object) => string),
    titleKey: string,
    status: Status,
    read: (reads: Reads) => Promise<object | null>,
  ) {
    const seen = await view(engine, caller(c), { action: 'account.administer', locate: nothingYet, read });
    if (!seen.ok) return reply.refused(c, seen.code);
    if (seen.value === null) return reply.error(c, 404);
    const name = typeof template === 'string' ? template : template(seen.value);
    return reply.page(c, `account/administration/${name}`, seen.value, { titleKey, mood: 'officer', status });
  }

  /** A form that is read, done, and shown again with what was typed when either refuses. */
  function act<I, T>(given: {
    read(body: FormBody): FieldsRead<I>;
    run(c: Ctx, input: I): Promise<Decision<T>>;
    again(c: Ctx, form: Form, status: Status): Promise<Response> | Response;
    /** The field that a refusal of this code belongs to. */
    field(code: string): string;
    next(c: Ctx, value: T): string;
    done: string;
  }): Route['handle'] {
    return async (c) => {
      const body = await readForm(c);
      const read = given.read(body);
      const refused = (errors: FieldErrors) =>
        given.again(c, { values: read.ok ? (body as FieldValues) : read.values, errors }, 422);
      if (!read.ok) return refused(read.errors);
      const done = await given.run(c, read.value);
      if (done.ok) return reply.see(c, given.next(c, done.value), given.done);
      if (done.code === 'not_found' || done.code === 'forbidden') return reply.refused(c, done.code);
      return refused({ [given.field(done.code)]: { code: `admin_${done.code}` } });
    };
  }

  const startPage = (c: Ctx, form: Form = page.emptyForm, status: Status = 200) =>
    show(c, 'start', 'admin.title', status, async (reads) => {
      const [waiting, rule] = await Promise.all([
        listPeople(reads, { state: 'waiting', after: afterOf(c) }),
        readUnknownRule(reads),
      ]);
      return page.startPage({ waiting, rule }, peopleSize, form);
    });

  const organisationsPage = (c: Ctx) =>
    show(c, 'organisations', 'admin.organisations', 200, async (reads) =>
      page.organisationsPage(await listOrganisations(reads, { after: afterOf(c), open: false }), listPage),
    );

  const newOrganisation = (c: Ctx, form: Form = page.emptyForm, status: Status = 200) =>
    show(c, 'organisation-new', 'admin.organisation.add', status, async () => ({ form, parties: organisationParties }));

  const organisationPage = (c: Ctx, form: Form = page.emptyForm, status: Status = 200) =>
    show(c, 'organisation', 'admin.organisation', status, async (reads) => {
      const found = await findOrganisation(reads, idOf(c));
      return found && page.organisationPage(found, await listUnits(reads, found.id), form);
    });

  const newUnit = (c: Ctx, form: Form = page.emptyForm, status: Status = 200) =>
    show(c, 'unit', 'admin.unit.add', status, async (reads) => {
      const organisation = await findOrganisation(reads, idOf(c));
      return organisation && { organisation, unit: null, form, open: true };
    });

  const unitPage = (c: Ctx, form: Form = page.emptyForm, status: Status = 200) =>
    show(c, 'unit', 'admin.unit', status, async (reads) => {
      const unit = await findUnitRow(reads, idOf(c));
      const organisation = unit && (await findOrganisation(reads, unit.organisationId));
      return organisation && { organisation, unit, form, open: unit.state === 'active' };
    });

  const peoplePage = (c: Ctx) =>
    show(c, 'people', 'admin.people', 200, async (reads) =>
      page.peoplePage(await listPeople(reads, { state: null, after: afterOf(c) }), peopleSize),
    );

  const newPerson = (c: Ctx, form: Form = page.emptyForm, status: Status = 200) =>
    show(c, 'person-new', 'admin.person.add', status, async () => ({ form }));

  const personPage = (c: Ctx, form: Form = page.emptyForm, status: Status = 200) =>
    show(c, 'person', 'admin.person', status, async (reads) => {
      const person = await findPerson(reads, idOf(c));
      if (!person) return null;
      const [assignments, keys] = await Promise.all([
        listAssignments(reads, person.id),
        keysOfPerson(reads, person.id),
      ]);
      return page.personPage(person, { assignments, kinds: keys.map(({ kind }) => kind) }, form);
    });

  /** For an organisation that has been picked; else it is. */
  const newAssignment = (c: Ctx, organisationId: string, form: Form = page.emptyForm, status: Status = 200) => {
    const template = (model: object) => ('organisation' in model ? 'assignment-new' : 'pick');
    return show(c, template, 'admin.assignment.add', status, async (reads) => {
      const person = await findPerson(reads, idOf(c));
      if (!person) return null;
      const organisation = await findOrganisation(reads, organisationId);
      if (organisation)
        return page.newAssignmentPage(person, organisation, await listUnits(reads, organisation.id), form);
      return page.pickPage(person, await listOrganisations(reads, { after: afterOf(c), open: true }), listPage, form);
    });
  };

  const assignmentPage = (c: Ctx, form: Form = page.emptyForm, status: Status = 200) =>
    show(c, 'assignment', 'admin.assignment', status, async (reads) => {
      const found = await findAssignment(reads, idOf(c));
      return found && page.assignmentPage(found, form);
    });

  /** Asks first, and says what will happen. */
  const closePage = (c: Ctx, kind: string, error = '', status: Status = 200) =>
    show(c, 'close', 'admin.close', status, async (reads) => {
      const { what } = closable[kind] as { what: Closable };
      const find = {
        organisation: findOrganisation,
        unit: findUnitRow,
        person: findPerson,
        assignment: findAssignment,
      };
      const found = await find[what](reads, idOf(c));
      return (
        found && {
          ...{ what: what === 'person' && found.state === 'waiting' ? 'waiting' : what, name: found.name, error },
          ...{ path: `${base}/${kind}/${idOf(c)}`, closed: found.state === 'closed' },
        }
      );
    });

  const closing = Object.keys(closable).flatMap((kind): Route[] => {
    const { what, home } = closable[kind] as { what: Closable; home: string };
    const path = `${base}/${kind}/:id/avsluta`;
    return [
      { method: 'get', path, action: 'account.administer', handle: (c) => closePage(c, kind) },
      {
        method: 'post',
        path,
        action: 'account.administer',
        async handle(c) {
          const done = await close(engine, caller(c), what, idOf(c));
          if (done.ok) return reply.see(c, `${base}/${home}/${done.value.id}`, 'admin-avslutad');
          if (done.code === 'not_found' || done.code === 'forbidden') return reply.refused(c, done.code);
          return closePage(c, kind, `admin_${done.code}`, 422);
        },
      },
    ];
  });

  const organisationHome = (_: Ctx, { id }: { id: string }) => `${base}/organisationer/${id}`;
  const personHome = (_: Ctx, { id }: { id: string }) => `${base}/personer/${id}`;
  const today = () => stockholmDate(engine.clock.now());
  const saved = 'sparat';
  const routes: [method: 'get' | 'post', path: string, handle: Route['handle']][] = [
    ['get', '', (c) => startPage(c)],
    [
      'post',
      '/regel',
      act({
        read: readUnknown,
        run: (c, rule) => setUnknownRule(engine, caller(c), rule),
        again: startPage,
        field: () => 'unknown',
        next: () => base,
        done: saved,
      }),
    ],
    ['get', '/organisationer', organisationsPage],
    ['get', '/organisationer/ny', (c) => newOrganisation(c)],
    [
      'post',
      '/organisationer',
      act({
        read: (body) => readOrganisation(body, true),
        run: (c, input) => putOrganisation(engine, caller(c), null, input),
        again: newOrganisation,
        field: () => 'name',
        next: organisationHome,
        done: saved,
      }),
    ],
    ['get', '/organisationer/:id', (c) => organisationPage(c)],
    [
      'post',
      '/organisationer/:id',
      act({
        read: (body) => readOrganisation(body, false),
        run: (c, input) => putOrganisation(engine, caller(c), idOf(c), input),
        again: organisationPage,
        field: () => 'name',
        next: organisationHome,
        done: saved,
      }),
    ],
    ['get', '/organisationer/:id/enhet', (c) => newUnit(c)],
    [
      'post',
      '/organisationer/:id/enhet',
      act({
        read: readUnit,
        run: (c, input) => addUnit(engine, caller(c), idOf(c), input),
        again: newUnit,
        field: () => 'name',
        next: (c) => `${base}/organisationer/${idOf(c)}`,
        done: saved,
      }),
    ],
    ['get', '/enheter/:id', (c) => unitPage(c)],
    [
      'post',
      '/enheter/:id',
      act({
        read: readUnit,
        run: (c, input) => putUnit(engine, caller(c), idOf(c), input),
        again: unitPage,
        field: () => 'name',
        next: (_, { id }) => `${base}/enheter/${id}`,
        done: saved,
      }),
    ],
    ['get', '/personer', peoplePage],
    ['get', '/personer/ny', (c) => newPerson(c)],
    [
      'post',
      '/personer',
      act({
        read: (body) => readPerson(body, true, today()),
        run: (c, input) => putPerson(engine, caller(c), null, input, issuer),
        again: newPerson,
        field: () => 'number',
        next: personHome,
        done: 'admin-person',
      }),
    ],
    ['get', '/personer/:id', (c) => personPage(c)],
    [
      'post',
      '/personer/:id',
      act({
        read: (body) => readPerson(body, false, today()),
        run: (c, input) => putPerson(engine, caller(c), idOf(c), input, issuer),
        again: personPage,
        field: () => 'number',
        next: personHome,
        done: saved,
      }),
    ],
    ['get', '/personer/:id/uppdrag', (c) => newAssignment(c, c.req.query('organisation') ?? '')],
    [
      'post',
      '/personer/:id/uppdrag',
      act({
        read: readAssignment,
        run: (c, input) => addAssignment(engine, caller(c), idOf(c), input),
        again: (c, form, status) => newAssignment(c, String(form.values.organisation ?? ''), form, status),
        field: (code) => ({ organisation: 'organisation', unitNeeded: 'unit', unitOther: 'unit' })[code] ?? 'role',
        next: (c) => `${base}/personer/${idOf(c)}`,
        done: 'admin-uppdrag',
      }),
    ],
    ['get', '/uppdrag/:id', (c) => assignmentPage(c)],
    [
      'post',
      '/uppdrag/:id',
      act({
        read: readContact,
        run: (c, input) => putAssignment(engine, caller(c), idOf(c), input),
        again: assignmentPage,
        field: () => 'handlesProtected',
        next: (_, { id }) => `${base}/uppdrag/${id}`,
        done: saved,
      }),
    ],
  ];
  return [
    ...routes.map(([method, path, handle]): Route => {
      return { method, path: `${base}${path}`, action: 'account.administer', handle };
    }),
    ...closing,
  ];
}
