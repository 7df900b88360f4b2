import type { FieldErrors, FieldValues } from '../../../kernel/fields.ts';
import { view } from '../../../platform/command.ts';
import type { House } from '../../../platform/house.ts';
import { type Ctx, caller, type Route, readForm } from '../../../platform/web/route.ts';
import { nameScribe } from './commands.ts';
import { mayNameScribe } from './rules.ts';
import { findScribe, listColleagues, locateNaming } from './store.ts';

/** Where the officer asks a colleague to write the minutes with them. */
export function scribeRoutes(house: House): Route[] {
  const { engine, reply, config } = house;
  const issuer = config.oidc?.issuer ?? '';
  const idOf = (c: Ctx) => c.req.param('id') ?? '';
  const path = '/moten/:id/skriver-med';

  async function show(c: Ctx, form: { values: FieldValues; errors: FieldErrors }, status: 200 | 409 | 422) {
    const seen = await view(engine, caller(c), {
      action: 'meeting.arrange',
      locate: (reads) => locateNaming(reads, idOf(c)),
      async read(reads, meeting) {
        const [colleagues, scribe] = await Promise.all([
          listColleagues(reads, meeting, issuer),
          findScribe(reads, meeting),
        ]);
        return {
          ...{ id: meeting.id, kind: meeting.kind, startsAt: meeting.startsAt, endsAt: meeting.endsAt },
          ...{ individual: meeting.individual.name, scribe, open: mayNameScribe(meeting.state) },
          options: colleagues.filter(({ id }) => id !== scribe?.id).map(({ id, name }) => ({ value: id, label: name })),
        };
      },
    });
    if (!seen.ok) return reply.refused(c, seen.code);
    return reply.page(
      c,
      'meeting/scribe',
      { ...seen.value, form },
      { titleKey: seen.value.scribe ? 'scribe.title' : 'scribe.name', mood: 'officer', status },
    );
  }

  async function name(c: Ctx) {
    const body = await readForm(c);
    const chosen = String([body.scribe ?? ''].flat()[0]);
    const wrong = (code: string, status: 409 | 422) =>
      show(c, { values: { scribe: chosen }, errors: { scribe: { code } } }, status);
    const done = await nameScribe(engine, caller(c), idOf(c), chosen, issuer);
    if (done.ok) return reply.see(c, `/moten/${idOf(c)}`, 'skriver-med');
    if (done.code === 'officer') return wrong(chosen === '' ? 'choose' : 'officer', 422);
    if (done.code === 'not_now') return wrong('not_now', 422);
    return done.code === 'changed_by_someone_else' ? wrong(done.code, 409) : reply.refused(c, done.code);
  }

  async function takeBack(c: Ctx) {
    const done = await nameScribe(engine, caller(c), idOf(c), null, issuer);
    if (done.ok) return reply.see(c, `/moten/${idOf(c)}`, 'skriver-inte-med');
    const again = done.code === 'not_now' || done.code === 'changed_by_someone_else';
    if (!again) return reply.refused(c, done.code);
    return show(c, { values: {}, errors: { scribe: { code: done.code } } }, done.code === 'not_now' ? 422 : 409);
  }

  return [
    { method: 'get', path, action: 'meeting.arrange', handle: (c) => show(c, { values: {}, errors: {} }, 200) },
    { method: 'post', path, action: 'meeting.arrange', handle: name },
    { method: 'post', path: `${path}/bort`, action: 'meeting.arrange', handle: takeBack },
  ];
}
