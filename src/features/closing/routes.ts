import { view } from '../../platform/command.ts';
import type { House } from '../../platform/house.ts';
import { type Ctx, caller, type FormBody, type Route, readForm } from '../../platform/web/route.ts';
import { closeCase, type PrintClosing, prepareClosing, undoClosing } from './commands.ts';
import { readClosing } from './input.ts';
import { closedPage, preparedPage, preparePage } from './page.ts';
import { printClosing } from './render.ts';
import { closingFileName } from './rules.ts';
import { type ClosingFacts, locateClosing, readClosingDocument, readClosingFacts, readClosingPdf } from './store.ts';

type Form = Parameters<typeof preparePage>[1];
const idOf = (c: Ctx): string => c.req.param('id') ?? '';
/** Which version the page was made from. */
const wasIn = ({ was = '' }: FormBody): string => String([was].flat()[0]);

/** A case comes to its end: written by its officer, read by the person, closed, and a document from then on. */
export function closingRoutes(house: House): Route[] {
  const { engine, reply, texts } = house;
  const { t } = texts;
  const path = (c: Ctx) => `/arenden/${idOf(c)}/avslut`;

  function read(c: Ctx, action: 'case.see' | 'case.close') {
    return view(engine, caller(c), {
      action,
      locate: (reads) => locateClosing(reads, idOf(c)),
      read: async (reads, plan, now) => ({
        facts: await readClosingFacts(reads, plan, now),
        document: plan.found.state === 'closed' ? await readClosingDocument(reads, idOf(c)) : null,
        now,
      }),
    });
  }

  const writeForm = (c: Ctx, facts: ClosingFacts, form: Form, status: 200 | 409 | 422) =>
    reply.page(c, 'closing/prepare', preparePage(facts, form, engine.clock.now(), status === 409), {
      titleKey: 'close.title',
      mood: 'officer',
      status,
      scripts: ['form.js'],
    });

  /** By state and reader: the form, what has been prepared, or the document. */
  async function show(c: Ctx, status: 200 | 409 | 422 = 200) {
    const seen = await read(c, 'case.see');
    if (!seen.ok) return reply.refused(c, seen.code);
    const { facts, document, now } = seen.value;
    const actor = c.get('actor');
    const { subject } = facts.found;
    const self = engine.rights('case.see', actor, subject).by === 'self';
    const acts = engine.rights('case.close', actor, subject).verdict === 'allowed';
    const { closing } = facts;
    const prepared = facts.found.state === 'closing' && closing !== null;
    if (!document && acts && (!prepared || c.req.query('andra') !== undefined)) {
      return writeForm(c, facts, null, 200);
    }
    if (!document && !prepared) return reply.see(c, `/arenden/${idOf(c)}`);
    const model =
      document || !closing
        ? closedPage((document as NonNullable<typeof document>).content, { caseId: idOf(c), self })
        : preparedPage({ ...facts, closing }, { self, acts, account: subject.individualUserId !== null }, now);
    return reply.page(
      c,
      'closing/show',
      { ...model, changed: status === 409 },
      {
        titleKey: document ? 'close.documentTitle' : self ? 'close.ownTitle' : 'close.title',
        mood: self ? 'person' : 'officer',
        status,
      },
    );
  }

  async function prepare(c: Ctx) {
    const body = await readForm(c);
    let form: Form = null;
    const done = await prepareClosing(engine, caller(c), idOf(c), wasIn(body), ({ goals, going }) => {
      const input = readClosing(body, { goals, measures: going }, engine.clock.now());
      if (!input.ok) form = input;
      return input.ok ? input.value : null;
    });
    if (done.ok) return reply.see(c, path(c), 'avslut');
    if (done.code !== 'fields' && done.code !== 'changed_by_someone_else') return reply.refused(c, done.code);
    const seen = await read(c, 'case.close');
    if (!seen.ok) return reply.refused(c, seen.code);
    if (form) return writeForm(c, seen.value.facts, form, 422);
    return writeForm(c, seen.value.facts, { values: body, errors: { '': { code: 'changed' } } }, 409);
  }

  const print: PrintClosing = (content, createdAt) => printClosing(content, t, createdAt);

  async function close(c: Ctx) {
    const was = wasIn(await readForm(c));
    const words = { measure: t('close.measureNote'), meeting: t('close.meetingReason') };
    const done = await closeCase(engine, caller(c), idOf(c), was, words, print);
    if (done.ok) return reply.see(c, path(c), 'avslutat');
    if (done.code === 'not_found' || done.code === 'forbidden' || done.code === 'not_now')
      return reply.refused(c, done.code);
    return show(c, done.code === 'changed_by_someone_else' ? 409 : 422);
  }

  async function undo(c: Ctx) {
    await readForm(c);
    const done = await undoClosing(engine, caller(c), idOf(c));
    if (done.ok) return reply.see(c, `/arenden/${idOf(c)}`, 'avslut-angrat');
    return reply.refused(c, done.code);
  }

  function file(extension: 'pdf' | 'json', type: string): Route {
    return {
      method: 'get',
      path: `/arenden/:id/avslut.${extension}`,
      action: 'document.read',
      async handle(c) {
        const found = await view(engine, caller(c), {
          action: 'document.read',
          locate: (reads) => locateClosing(reads, idOf(c)),
          async read(reads) {
            const document = await readClosingDocument(reads, idOf(c));
            if (!document) return null;
            const { id, content } = document;
            const body = extension === 'pdf' ? await readClosingPdf(reads, id) : JSON.stringify(content, null, 2);
            return { content, body };
          },
        });
        if (!found.ok) return reply.refused(c, found.code);
        if (!found.value) return reply.error(c, 404);
        const { content, body } = found.value;
        return c.body(body, 200, {
          'Content-Type': type,
          'Content-Disposition': `inline; filename="${closingFileName(content, extension)}"`,
          'Cache-Control': 'no-store',
        });
      },
    };
  }

  return [
    { method: 'get', path: '/arenden/:id/avslut', action: 'case.see', handle: (c) => show(c) },
    { method: 'post', path: '/arenden/:id/avslut', action: 'case.close', handle: prepare },
    { method: 'post', path: '/arenden/:id/avslut/klart', action: 'case.close', handle: close },
    { method: 'post', path: '/arenden/:id/avslut/angra', action: 'case.close', handle: undo },
    file('pdf', 'application/pdf'),
    file('json', 'application/json; charset=utf-8'),
  ];
}
