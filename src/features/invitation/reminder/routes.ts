import type { House } from '../../../platform/house.ts';
import { personalLinks } from '../../../platform/web/link.ts';
import { type Ctx, caller, type Route, readForm } from '../../../platform/web/route.ts';
import { locateLinked } from '../store.ts';
import { chooseByLink, chooseInCase } from './commands.ts';

/** The individual's choice, whether to be reminded. */
export function reminderRoutes(house: House): Route[] {
  const { engine, reply } = house;
  const { dead, byToken } = personalLinks(house, 'participant', (id) => locateLinked(engine.database.reads, id));
  const read = async (c: Ctx): Promise<boolean> => (await readForm(c)).reminders !== 'none';
  const done = (wanted: boolean) => (wanted ? 'paminnelser' : 'paminnelser-av');

  async function byLink(c: Ctx) {
    return byToken(c, async (id, token) => {
      const wanted = await read(c);
      const chosen = await chooseByLink(engine, caller(c), id, wanted);
      return chosen.ok ? reply.see(c, `/svar/${token}`, done(wanted)) : dead(c);
    });
  }

  async function inCase(c: Ctx) {
    const id = c.req.param('id') ?? '';
    const wanted = await read(c);
    const chosen = await chooseInCase(engine, caller(c), id, wanted);
    return chosen.ok ? reply.see(c, `/arenden/${id}`, done(wanted)) : reply.refused(c, chosen.code);
  }

  return [
    { method: 'post', path: '/svar/:token/paminnelser', action: 'participation.remind', handle: byLink },
    { method: 'post', path: '/arenden/:id/paminnelser', action: 'case.remind', handle: inCase },
  ];
}
