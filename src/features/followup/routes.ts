import { view } from '../../platform/command.ts';
import type { House } from '../../platform/house.ts';
import { type Ctx, caller, type Route, readForm } from '../../platform/web/route.ts';
import { openNext } from './commands.ts';
import { readNext } from './input.ts';
import { nextPage } from './page.ts';
import { locateOpenCase, readNextFacts } from './store.ts';

/** Another meeting in a case. An address names the meeting or the measure that it comes from, never in words. */
export function followUpRoutes(house: House): Route[] {
  const { engine, reply, texts } = house;
  const idOf = (c: Ctx) => c.req.param('id') ?? '';

  async function show(c: Ctx, form: Parameters<typeof nextPage>[1], after: string | undefined, status: 200 | 422) {
    const seen = await view(engine, caller(c), {
      action: 'case.open_meeting',
      locate: (reads) => locateOpenCase(reads, idOf(c)),
      read: (reads, found) => readNextFacts(reads, found, { after, measure: c.req.query('atgard') }),
    });
    if (!seen.ok) return reply.refused(c, seen.code);
    const model = nextPage(seen.value, form, engine.clock.now(), ({ number, text }) =>
      texts.t('next.purposeOf', { number, text }),
    );
    const options = { titleKey: 'next.title', mood: 'officer' as const, status, scripts: ['form.js'] };
    return reply.page(c, 'followup/next', model, options);
  }

  async function open(c: Ctx) {
    const body = await readForm(c);
    const input = readNext(body, engine.clock.now());
    const after = String(body.from ?? '');
    if (!input.ok) return show(c, input, after, 422);
    const done = await openNext(engine, caller(c), idOf(c), input.value);
    if (done.ok) return reply.see(c, `/moten/${done.value.meetingId}`, 'nytt-mote');
    if (done.code !== 'meeting') return reply.refused(c, done.code);
    return show(c, { values: body, errors: { '': { code: 'gone' } } }, undefined, 422);
  }

  return [
    {
      method: 'get',
      path: '/arenden/:id/moten/nytt',
      action: 'case.open_meeting',
      handle: (c) => show(c, null, c.req.query('efter'), 200),
    },
    { method: 'post', path: '/arenden/:id/moten', action: 'case.open_meeting', handle: open },
  ];
}
