import type { FieldErrors, FieldValues } from '../../kernel/fields.ts';
import { looksLikeId } from '../../kernel/ids.ts';
import { stockholmDate } from '../../kernel/time.ts';
import { nothingYet, view } from '../../platform/command.ts';
import type { House } from '../../platform/house.ts';
import { statusOf } from '../../platform/web/reply.ts';
import { type Ctx, caller, type Route, readForm, userOf } from '../../platform/web/route.ts';
import { lockStructural, openStructural, saveStructural } from './commands.ts';
import { readChanges, readNew } from './input.ts';
import { lateTexts, lockPage, type Outcome, readPage, writePage } from './page.ts';
import { printStructural } from './render.ts';
import { structuralFileName } from './rules.ts';
import { listPage, listStructural, locateStructural, readFacts, readFiled } from './store.ts';

type Form = { values: FieldValues; errors: FieldErrors };
const idOf = (c: Ctx): string => c.req.param('id') ?? '';

/** Meetings between organisations: listed, opened, written, locked, read. */
export function structuralRoutes({ engine, reply, texts }: House): Route[] {
  const seen = <T>(c: Ctx, read: (reads: Parameters<typeof readFacts>[0], id: string) => Promise<T>) =>
    view(engine, caller(c), {
      action: 'structural.see',
      locate: (from) => locateStructural(from, idOf(c)),
      read: async (from, meeting) => ({ facts: await readFacts(from, meeting), more: await read(from, meeting.id) }),
    });

  async function list(c: Ctx) {
    const after = c.req.query('efter');
    const found = await view(engine, caller(c), {
      action: 'structural.list',
      locate: nothingYet,
      read: (reads) => listStructural(reads, userOf(c).unitId, after && looksLikeId(after) ? after : null),
    });
    if (!found.ok) return reply.refused(c, found.code);
    const rows = found.value.slice(0, listPage);
    const next = found.value.length > listPage ? `/samverkan?efter=${rows.at(-1)?.id}` : '';
    return reply.page(c, 'structural/list', { rows, next }, { titleKey: 'structural.listTitle', mood: 'officer' });
  }

  async function askNew(c: Ctx, form: Form, status: 200 | 422) {
    const found = await view(engine, caller(c), {
      action: 'structural.open',
      locate: nothingYet,
      read: async () => null,
    });
    if (!found.ok) return reply.refused(c, found.code);
    return reply.page(
      c,
      'structural/new',
      { form },
      { titleKey: 'structural.new', mood: 'officer', status, scripts: ['form.js'] },
    );
  }

  async function open(c: Ctx) {
    const input = readNew(await readForm(c), stockholmDate(engine.clock.now()));
    if (!input.ok) return askNew(c, input, 422);
    const opened = await openStructural(engine, caller(c), input.value);
    return opened.ok ? reply.see(c, `/samverkan/${opened.value.id}`, 'samverkan-ny') : reply.refused(c, opened.code);
  }

  async function show(c: Ctx, status: 200 | 409 | 422 = 200, outcome?: Outcome) {
    const found = await seen(c, readFiled);
    if (!found.ok) return reply.refused(c, found.code);
    const { facts, more } = found.value;
    if (more) {
      const model = readPage(more.content, outcome ? lateTexts(facts, outcome.posted) : []);
      return reply.page(c, 'structural/read', model, { titleKey: 'structural.minutes', mood: 'officer', status });
    }
    return reply.page(c, 'structural/write', writePage(facts, outcome), {
      titleKey: 'structural.minutes',
      mood: 'officer',
      status,
      scripts: ['form.js', 'prepare.js'],
    });
  }

  async function save(c: Ctx) {
    const body = await readForm(c);
    const whole = body.autosave === 'on';
    const saved = await saveStructural(engine, caller(c), idOf(c), readChanges(body), { whole });
    if (whole) {
      c.set('headers', { ...c.get('headers'), 'Cache-Control': 'no-store' });
      return saved.ok ? c.json(saved.value.stamps) : c.json({ code: saved.code }, statusOf(saved.code));
    }
    const nothing = { posted: body, conflicts: new Map(), errors: {} };
    if (!saved.ok) return saved.code === 'finalised' ? show(c, 409, nothing) : reply.refused(c, saved.code);
    const { conflicts, errors } = saved.value;
    if (conflicts.size > 0 || Object.keys(errors).length > 0) {
      return show(c, conflicts.size > 0 ? 409 : 422, { posted: body, conflicts, errors });
    }
    if (body.next) return reply.see(c, `/samverkan/${idOf(c)}/faststallande`);
    return reply.see(c, `/samverkan/${idOf(c)}`, 'sparat');
  }

  async function askLock(c: Ctx, status: 200 | 409) {
    const found = await view(engine, caller(c), {
      action: 'structural.finalise',
      locate: (from) => locateStructural(from, idOf(c)),
      read: readFacts,
    });
    if (!found.ok) return reply.refused(c, found.code);
    if (found.value.meeting.state === 'finalised') return reply.see(c, `/samverkan/${idOf(c)}`);
    const model = lockPage(found.value, status === 409);
    return reply.page(c, 'structural/lock', model, { titleKey: 'min.finalise.title', mood: 'officer', status });
  }

  async function lock(c: Ctx) {
    const done = await lockStructural(engine, caller(c), idOf(c), (content) => printStructural(content, texts.t));
    if (done.ok) return reply.see(c, `/samverkan/${idOf(c)}`, 'samverkan-last');
    if (done.code === 'finalised') return show(c, 409);
    return done.code === 'changed_by_someone_else' ? askLock(c, 409) : reply.refused(c, done.code);
  }

  function file(extension: 'pdf' | 'json', type: string): Route {
    return {
      method: 'get',
      path: `/samverkan/:id/protokoll.${extension}`,
      action: 'structural.see',
      async handle(c) {
        const found = await seen(c, readFiled);
        if (!found.ok) return reply.refused(c, found.code);
        const filed = found.value.more;
        if (!filed) return reply.error(c, 404);
        return c.body(extension === 'pdf' ? filed.pdf : JSON.stringify(filed.content, null, 2), 200, {
          'Content-Type': type,
          'Content-Disposition': `inline; filename="${structuralFileName(filed.content, extension)}"`,
          'Cache-Control': 'no-store',
        });
      },
    };
  }

  const empty: Form = { values: {}, errors: {} };
  return [
    { method: 'get', path: '/samverkan', action: 'structural.list', handle: list },
    { method: 'get', path: '/samverkan/ny', action: 'structural.open', handle: (c) => askNew(c, empty, 200) },
    { method: 'post', path: '/samverkan', action: 'structural.open', handle: open },
    { method: 'get', path: '/samverkan/:id', action: 'structural.see', handle: (c) => show(c) },
    { method: 'post', path: '/samverkan/:id', action: 'structural.write', handle: save },
    {
      method: 'get',
      path: '/samverkan/:id/faststallande',
      action: 'structural.finalise',
      handle: (c) => askLock(c, 200),
    },
    { method: 'post', path: '/samverkan/:id/faststallande', action: 'structural.finalise', handle: lock },
    file('pdf', 'application/pdf'),
    file('json', 'application/json; charset=utf-8'),
  ];
}
