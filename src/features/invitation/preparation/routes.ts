import type { FieldsRead } from '../../../kernel/fields.ts';
import { keepRemovals, removalWords } from '../../../kernel/removal.ts';
import { stockholmDate } from '../../../kernel/time.ts';
import { view } from '../../../platform/command.ts';
import type { House } from '../../../platform/house.ts';
import { statusOf } from '../../../platform/web/reply.ts';
import { type Ctx, caller, type FormBody, type Route, readForm } from '../../../platform/web/route.ts';
import { answerAsked, answerPapers, askAdaptation, prepare, putPapers } from './commands.ts';
import { readAdaptation, readAnswer, readPaperAnswers, readPapers, readPreparation, readVia } from './input.ts';
import { type Form, officerPage, type Posted, personPage } from './page.ts';
import { locatePreparation, readPreparationPage } from './store.ts';

type Of = NonNullable<Posted>['of'];

/** What is said before a meeting, as the person says it signed in, and as the officer reads, notes and answers it. */
export function preparationRoutes(house: House): Route[] {
  const { engine, reply, texts } = house;
  const idOf = (c: Ctx) => c.req.param('id') ?? '';
  const today = () => stockholmDate(engine.clock.now());
  const words = removalWords(texts.t);
  const keep = (typed: string, standing: string) => keepRemovals(typed, standing, words);
  const noting = (c: Ctx) => c.get('session')?.user.fk === true;
  const done = (c: Ctx, what: string) => reply.see(c, `/moten/${idOf(c)}/forberedelse`, what);

  async function show(c: Ctx, posted: Posted, status: 200 | 409 | 422) {
    const seen = await view(engine, caller(c), {
      action: 'preparation.see',
      locate: (reads) => locatePreparation(reads, idOf(c)),
      read: readPreparationPage,
    });
    if (!seen.ok) return reply.refused(c, seen.code);
    const self = engine.rights('preparation.see', c.get('actor'), seen.value.meeting.subject).by === 'self';
    const model = self
      ? personPage(seen.value, posted)
      : officerPage(seen.value, posted, c.req.query('anteckna') ?? '');
    return reply.page(c, self ? 'invitation/preparation/person' : 'invitation/preparation/officer', model, {
      titleKey: self ? 'prep.title' : 'prep.officer.title',
      mood: self ? 'person' : 'officer',
      status,
      scripts: self ? ['form.js', 'prepare.js'] : ['form.js'],
    });
  }

  /** The page once more with what was typed, or what no page can mend. */
  function again(c: Ctx, of: Of, code: string, form: Form) {
    if (code === 'not_found' || code === 'forbidden') return reply.refused(c, code);
    if (code === 'fields') return show(c, { of, form, changed: false }, 422);
    const changed = code === 'changed_by_someone_else';
    return show(
      c,
      { of, form: { values: form.values, errors: changed ? {} : { '': { code } } }, changed },
      changed ? 409 : 422,
    );
  }

  /** Reads a form that the person sends, or in which the officer also says how they were told. */
  function reader(body: FormBody) {
    const form: Form = { values: { ...body }, errors: {} };
    const read = <T>(self: boolean, input: FieldsRead<T>) => {
      const via = self ? ({ ok: true, value: 'account' } as const) : readVia(body);
      for (const one of [via, input]) {
        if (one.ok) continue;
        Object.assign(form.values, one.values);
        Object.assign(form.errors, one.errors);
      }
      return via.ok && input.ok ? { said: input.value, via: via.value } : null;
    };
    return { form, read };
  }

  async function write(c: Ctx) {
    const body = await readForm(c);
    const { form, read } = reader(body);
    const written = await prepare(engine, caller(c), idOf(c), keep, ({ self, standing, readers }) => {
      const way = self ? 'own' : 'noted';
      return read(self, readPreparation(body, { party: 'PERSON', readers, way, standing }, today()));
    });
    // Saved while it is being written: the page stays as it is.
    if (body.autosave) {
      return written.ok ? c.json(written.value) : c.json({ code: written.code }, statusOf(written.code));
    }
    return written.ok
      ? done(c, noting(c) ? 'forberedelse-antecknad' : 'forberedelse')
      : again(c, 'text', written.code, form);
  }

  async function ask(c: Ctx) {
    const body = await readForm(c);
    const { form, read } = reader(body);
    const asked = await askAdaptation(engine, caller(c), idOf(c), (self) => read(self, readAdaptation(body, today())));
    return asked.ok
      ? done(c, noting(c) ? 'anpassning-antecknad' : 'anpassning')
      : again(c, 'adaptation', asked.code, form);
  }
  async function answer(c: Ctx) {
    const body = await readForm(c);
    const input = readAnswer(body);
    if (!input.ok) return again(c, 'answer', 'fields', input);
    const answered = await answerAsked(engine, caller(c), idOf(c), input.value);
    if (!answered.ok) return again(c, 'answer', answered.code, { values: body, errors: {} });
    return done(c, answered.value.told ? 'anpassning-svar' : 'anpassning-svar-ring');
  }

  async function list(c: Ctx) {
    const body = await readForm(c);
    const form: Form = { values: {}, errors: {} };
    const read = (papers: Parameters<typeof readPapers>[1]) => {
      const input = readPapers(body, papers, today());
      if (!input.ok) Object.assign(form, input);
      return input.ok ? input.value : null;
    };
    const listed = await putPapers(engine, caller(c), idOf(c), read, keep);
    return listed.ok ? done(c, 'underlag') : again(c, 'papers', listed.code, form);
  }

  async function say(c: Ctx) {
    const body = await readForm(c);
    const { form, read } = reader(body);
    const said = await answerPapers(engine, caller(c), idOf(c), (papers, self) =>
      read(self, readPaperAnswers(body, papers)),
    );
    return said.ok ? done(c, 'underlag-svar') : again(c, 'said', said.code, form);
  }

  const path = '/moten/:id';
  return [
    { method: 'get', path: `${path}/forberedelse`, action: 'preparation.see', handle: (c) => show(c, null, 200) },
    { method: 'post', path: `${path}/forberedelse`, action: 'preparation.write', handle: write },
    { method: 'post', path: `${path}/anpassning`, action: 'preparation.write', handle: ask },
    { method: 'post', path: `${path}/anpassning/svar`, action: 'preparation.arrange', handle: answer },
    { method: 'post', path: `${path}/underlag`, action: 'preparation.arrange', handle: list },
    { method: 'post', path: `${path}/underlag/svar`, action: 'preparation.write', handle: say },
  ];
}
