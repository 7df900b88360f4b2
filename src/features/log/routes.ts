import { looksLikeId } from '../../kernel/ids.ts';
import { view } from '../../platform/command.ts';
import type { House } from '../../platform/house.ts';
import { caller, type Route, userOf } from '../../platform/web/route.ts';
import { listEmergencies } from './emergency/store.ts';
import { logPage } from './page.ts';
import { listLog, locateLogged, withheldOf } from './store.ts';

/** Who has read and changed what in a case. To look at it is logged too. */
export function logRoutes({ config, contact, engine, reply }: House): Route[] {
  return [
    {
      method: 'get',
      path: '/arenden/:id/logg',
      action: 'case.log',
      async handle(c) {
        const asked = c.req.query('efter') ?? '';
        const after = looksLikeId(asked) ? asked : null;
        const seen = await view(engine, caller(c), {
          action: 'case.log',
          locate: (reads) => locateLogged(reads, c.req.param('id') ?? ''),
          async read(reads, found) {
            const [log, withheld, emergencies] = await Promise.all([
              listLog(reads, found.id, after),
              withheldOf(reads, found.id),
              after === null ? listEmergencies(reads, found.id) : [],
            ]);
            const viewer = { user: userOf(c), named: config.logNames, first: after === null };
            return logPage(found, { ...log, withheld, emergencies }, viewer);
          },
        });
        if (!seen.ok) return reply.refused(c, seen.code);
        const model = { ...seen.value, phone: contact.phone };
        return reply.page(c, 'log/case', model, {
          titleKey: model.self ? 'me.log.title' : 'log.title',
          titleParams: { number: model.number },
          mood: model.self ? 'person' : 'officer',
        });
      },
    },
  ];
}
