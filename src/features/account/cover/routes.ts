import type { FieldErrors, FieldValues } from '../../../kernel/fields.ts';
import { looksLikeId } from '../../../kernel/ids.ts';
import { stockholmDate } from '../../../kernel/time.ts';
import { nothingYet, view } from '../../../platform/command.ts';
import type { House } from '../../../platform/house.ts';
import { type Ctx, caller, type FormBody, type Route, readForm } from '../../../platform/web/route.ts';
import { listOfficers } from '../store.ts';
import { enterCover, stopCover } from './commands.ts';
import { readCover } from './input.ts';
import { coverPage, listCovers } from './store.ts';

/** A manager's own unit: who is away, and who covers for them. */
export function coverRoutes(house: House): Route[] {
  const { engine, reply } = house;
  const today = () => stockholmDate(engine.clock.now());

  async function unitPage(
    c: Ctx,
    form: { values: FieldValues; errors: FieldErrors } = { values: {}, errors: {} },
    status: 200 | 422 = 200,
  ) {
    const unitId = c.get('session')?.user.unitId ?? '';
    const after = c.req.query('efter');
    const seen = await view(engine, caller(c), {
      action: 'unit.cover',
      locate: nothingYet,
      async read(reads, _, now) {
        const [officers, covers] = await Promise.all([
          listOfficers(reads, unitId, false),
          listCovers(reads, unitId, stockholmDate(now), after && looksLikeId(after) ? after : null),
        ]);
        const rows = covers.slice(0, coverPage);
        const last = covers.length > coverPage ? rows.at(-1) : undefined;
        return { officers, rows, next: last ? `/enheten?efter=${last.id}` : null };
      },
    });
    if (!seen.ok) return reply.refused(c, seen.code);
    const { officers, rows, next } = seen.value;
    const options = officers.map(({ id, name }) => ({ value: id, label: name }));
    return reply.page(
      c,
      'account/cover',
      { options, rows, next, form },
      { titleKey: 'unit.title', mood: 'officer', status },
    );
  }

  async function enter(c: Ctx) {
    const body: FormBody = await readForm(c);
    const read = readCover(body, today());
    if (!read.ok) return unitPage(c, read, 422);
    const done = await enterCover(engine, caller(c), read.value);
    if (done.ok) return reply.see(c, '/enheten', 'franvaro');
    if (done.code !== 'officer' && done.code !== 'cover') return reply.refused(c, done.code);
    return unitPage(c, { values: body as FieldValues, errors: { [done.code]: { code: 'officer' } } }, 422);
  }

  async function stop(c: Ctx) {
    const done = await stopCover(engine, caller(c), c.req.param('id') ?? '');
    return done.ok ? reply.see(c, '/enheten', 'franvaro-slut') : reply.refused(c, done.code);
  }

  return [
    { method: 'get', path: '/enheten', action: 'unit.cover', handle: (c) => unitPage(c) },
    { method: 'post', path: '/enheten/franvaro', action: 'unit.cover', handle: enter },
    { method: 'post', path: '/enheten/franvaro/:id/bort', action: 'unit.cover', handle: stop },
  ];
}
