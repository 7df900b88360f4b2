import { startOfDay } from '../../kernel/time.ts';
import { nothingYet, view } from '../../platform/command.ts';
import type { House } from '../../platform/house.ts';
import { type Ctx, caller, type Route } from '../../platform/web/route.ts';
import { feedRoutes } from './feed/routes.ts';
import { askedOf, calendarPage } from './page.ts';
import { spanOf } from './rules.ts';
import { listOwnMeetings } from './store.ts';

/** When whoever is signed in has meetings. Weeks and months are turned by a form, which works without scripts. */
export function calendarRoutes(house: House): Route[] {
  const { engine, reply } = house;

  async function show(c: Ctx) {
    const user = c.get('session')?.user;
    if (!user) return reply.expired(c);
    const now = engine.clock.now();
    const asked = askedOf({ vy: c.req.query('vy'), datum: c.req.query('datum') }, now);
    const { from, to } = spanOf(asked.view, asked.date);
    const seen = await view(engine, caller(c), {
      action: 'calendar.see',
      locate: nothingYet,
      read: (reads) => listOwnMeetings(reads, user.id, startOfDay(from), startOfDay(to)),
    });
    if (!seen.ok) return reply.refused(c, seen.code);
    const model = calendarPage(asked, seen.value, { officer: user.role === 'officer', now });
    return reply.page(c, 'calendar/calendar', model, {
      titleKey: 'calendar.title',
      mood: user.role === 'individual' ? 'person' : 'officer',
    });
  }

  return [{ method: 'get', path: '/kalender', action: 'calendar.see', handle: show }, ...feedRoutes(house)];
}
