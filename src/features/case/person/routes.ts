import type { FieldErrors, FieldValues } from '../../../kernel/fields.ts';
import { stockholmDate } from '../../../kernel/time.ts';
import { view } from '../../../platform/command.ts';
import type { House } from '../../../platform/house.ts';
import { type Ctx, caller, type Route, readForm } from '../../../platform/web/route.ts';
import { locateCase } from '../store.ts';
import { endRepresentative, protect, registerRepresentative } from './commands.ts';
import { readProtection, readRepresentation } from './input.ts';
import { personPage } from './page.ts';
import { listProtections, listRepresentations } from './store.ts';

type Form = { values: FieldValues; errors: FieldErrors };
const emptyForm: Form = { values: {}, errors: {} };

/** Who acts for the individual of a case, and whether their identity is protected. */
export function personRoutes(house: House): Route[] {
  const { config, engine, reply, texts } = house;
  const given = { issuer: config.oidc?.issuer ?? '', privateOrganisation: texts.t('account.private') };
  const idOf = (c: Ctx) => c.req.param('id') ?? '';
  const today = () => stockholmDate(engine.clock.now());

  async function page(c: Ctx, form: Form, status: 200 | 422) {
    const { actor } = caller(c);
    const seen = await view(engine, caller(c), {
      action: 'case.see',
      locate: (reads) => locateCase(reads, idOf(c)),
      async read(reads, found, now) {
        const self = engine.rights('case.see', actor, found.subject).by === 'self';
        const account = found.individualAccountId;
        const [representations, protections] = await Promise.all([
          account === null ? [] : listRepresentations(reads, account),
          self ? [] : listProtections(reads, found.id),
        ]);
        const acts = engine.rights('case.represent', actor, found.subject).verdict === 'allowed';
        return personPage(
          { id: found.id, protected: found.individual.protectedIdentity },
          { representations, protections },
          { self, acts, now, form },
        );
      },
    });
    if (!seen.ok) return reply.refused(c, seen.code);
    const { self } = seen.value;
    return reply.page(c, 'case/person', seen.value, {
      titleKey: self ? 'person.ownHeading' : 'person.heading',
      mood: self ? 'person' : 'officer',
      status,
      scripts: ['form.js'],
    });
  }

  const back = (c: Ctx, done: string) => reply.see(c, `/arenden/${idOf(c)}/foretradare`, done);

  async function register(c: Ctx) {
    const body = await readForm(c);
    const input = readRepresentation(body, today());
    if (!input.ok) return page(c, input, 422);
    const done = await registerRepresentative(engine, caller(c), idOf(c), input.value, given);
    if (done.ok) return back(c, 'foretradare');
    if (done.code !== 'no_representative' && done.code !== 'self') return reply.refused(c, done.code);
    return page(c, { values: body, errors: { number: { code: done.code } } }, 422);
  }

  async function end(c: Ctx) {
    const done = await endRepresentative(engine, caller(c), { caseId: idOf(c), id: c.req.param('rid') ?? '' });
    return done.ok ? back(c, 'foretradare-slut') : reply.refused(c, done.code);
  }

  async function change(c: Ctx) {
    const body = await readForm(c);
    const input = readProtection(body, today());
    if (!input.ok) return page(c, input, 422);
    const done = await protect(engine, caller(c), idOf(c), input.value);
    if (done.ok) return back(c, input.value.protected ? 'skydd' : 'skydd-bort');
    if (done.code !== 'not_now') return reply.refused(c, done.code);
    return page(c, { values: body, errors: { '': { code: done.code } } }, 422);
  }

  const path = '/arenden/:id/foretradare';
  return [
    { method: 'get', path, action: 'case.see', handle: (c) => page(c, emptyForm, 200) },
    { method: 'post', path, action: 'case.represent', handle: register },
    { method: 'post', path: `${path}/:rid/slut`, action: 'case.represent', handle: end },
    { method: 'post', path: '/arenden/:id/skydd', action: 'case.protect', handle: change },
  ];
}
