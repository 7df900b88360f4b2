import { stockholmDate } from '../../../kernel/time.ts';
import { view } from '../../../platform/command.ts';
import type { House } from '../../../platform/house.ts';
import { type Ctx, caller, type FormBody, type Route, readForm } from '../../../platform/web/route.ts';
import { noteSickLeave } from './commands.ts';
import { readSickLeave, rowsIn } from './input.ts';
import { daysPage } from './page.ts';
import { locateDays } from './store.ts';

/** Days to know of in a case, and the sick periods that they are counted from. */
export function clockRoutes(house: House): Route[] {
  const { engine, reply } = house;
  const idOf = (c: Ctx) => c.req.param('id') ?? '';

  async function show(c: Ctx, posted: Parameters<typeof daysPage>[2]['posted'], status: 200 | 409 | 422) {
    const seen = await view(engine, caller(c), {
      action: 'case.see',
      locate: (reads) => locateDays(reads, idOf(c)),
      read: async (_reads, days, now) => ({ ...days, now }),
    });
    if (!seen.ok) return reply.refused(c, seen.code);
    const { found, days, now } = seen.value;
    const actor = c.get('actor');
    const self = engine.rights('case.see', actor, found.subject).by === 'self';
    const mayWrite = engine.rights('case.days', actor, found.subject).verdict === 'allowed';
    const model = { ...daysPage(found, days, { self, mayWrite, now, posted }), changed: status === 409 };
    return reply.page(c, 'plan/days', model, {
      titleKey: 'clock.title',
      mood: self ? 'person' : 'officer',
      status,
      scripts: ['form.js'],
    });
  }

  async function note(c: Ctx) {
    const body: FormBody = await readForm(c);
    const input = readSickLeave(body, stockholmDate(engine.clock.now()));
    const done = await noteSickLeave(engine, caller(c), idOf(c), input.ok ? input.value : null);
    if (done.ok) return reply.see(c, `/arenden/${idOf(c)}/dagar`, 'dagar');
    if (done.code !== 'fields' && done.code !== 'changed_by_someone_else') return reply.refused(c, done.code);
    const errors = input.ok ? {} : input.errors;
    return show(c, { values: body, errors, rows: rowsIn(body) }, input.ok ? 409 : 422);
  }

  const path = '/arenden/:id/dagar';
  return [
    { method: 'get', path, action: 'case.see', handle: (c) => show(c, null, 200) },
    { method: 'post', path, action: 'case.days', handle: note },
  ];
}
