import type { Action } from '../../kernel/access.ts';
import { looksLikeId } from '../../kernel/ids.ts';
import { nothingYet, view } from '../../platform/command.ts';
import type { House } from '../../platform/house.ts';
import { type Ctx, caller, type Route, readForm, userOf } from '../../platform/web/route.ts';
import { handOverCase } from './commands.ts';
import { readFilter } from './input.ts';
import { casePage, casesPage, inboxPage } from './page.ts';
import { locateWholeCase, queuePageSize, readCases, readDocuments, readInbox, readTold } from './store.ts';

/** Pages that gather what the other features hold: the day, the list of cases, a case, the documents to file. */
export function deskRoutes(house: House): Route[] {
  const { engine, reply } = house;
  type Reads = Parameters<typeof readInbox>[0];

  /** A list: permitted by role alone, and logged. */
  function list<T>(c: Ctx, action: Action, read: (reads: Reads, now: string) => Promise<T>) {
    return view(engine, caller(c), {
      action,
      locate: nothingYet,
      read: (reads, _, now) => read(reads, now),
    });
  }
  async function inbox(c: Ctx) {
    const user = userOf(c);
    const filter = readFilter(c.req.query());
    const seen = await list(c, 'request.list', async (reads, now) => {
      return inboxPage(user, await readInbox(reads, user, filter, now), filter, queuePageSize, now);
    });
    if (!seen.ok) return reply.refused(c, seen.code);
    return reply.page(c, 'desk/inbox', seen.value, {
      titleKey: seen.value.inside ? 'inbox.title' : 'inbox.ownTitle',
      mood: 'officer',
    });
  }

  async function cases(c: Ctx) {
    const user = userOf(c);
    const after = c.req.query('efter');
    const mine = c.req.query('visa') === 'mine';
    const seen = await list(c, 'case.list', (reads) =>
      readCases(reads, user, { mine, after: after && looksLikeId(after) ? after : null }),
    );
    if (!seen.ok) return reply.refused(c, seen.code);
    const model = casesPage(user, seen.value, mine);
    return reply.page(c, 'desk/cases', model, {
      titleKey: model.self ? 'cases.ownTitle' : 'cases.title',
      mood: model.self ? 'person' : 'officer',
    });
  }

  async function showCase(c: Ctx, errors: Record<string, { code: string }> = {}, status: 200 | 422 = 200) {
    const user = userOf(c);
    const id = c.req.param('id') ?? '';
    const seen = await view(engine, caller(c), {
      action: 'case.see',
      locate: (reads) => locateWholeCase(reads, id),
      async read(reads, { found, facts }, now) {
        const self = engine.rights('case.see', user, found.subject).by === 'self';
        return casePage(found, facts, {
          self,
          represents: self && user.role === 'representative',
          mayCorrect: engine.rights('correction.propose', user, found.subject).verdict === 'allowed',
          mayRelease: engine.rights('release.make', user, found.subject).verdict === 'allowed',
          mayClose: engine.rights('case.close', user, found.subject).verdict === 'allowed',
          mayOpen: engine.rights('case.open_meeting', user, found.subject).verdict === 'allowed',
          mayAssign: engine.rights('case.assign', user, found.subject).verdict === 'allowed',
          mayReadLog: engine.rights('case.log', user, found.subject).verdict === 'allowed',
          emergency: engine.rights('case.see', user, found.subject).by === 'emergency',
          told: self ? await readTold(reads, found) : [],
          now,
          form: { values: {}, errors },
        });
      },
    });
    if (!seen.ok) return reply.refused(c, seen.code);
    return reply.page(c, seen.value.self ? 'desk/own-case' : 'desk/case', seen.value, {
      titleKey: 'case.title',
      titleParams: { number: seen.value.found.number },
      mood: seen.value.self ? 'person' : 'officer',
      status,
    });
  }

  async function handOver(c: Ctx) {
    const id = c.req.param('id') ?? '';
    const { officer } = await readForm(c);
    const done = await handOverCase(engine, caller(c), id, typeof officer === 'string' ? officer : '');
    if (done.ok) return reply.see(c, `/arenden/${id}`, 'overlamnat');
    if (done.code === 'officer') return showCase(c, { officer: { code: done.code } }, 422);
    return reply.refused(c, done.code);
  }

  async function documents(c: Ctx) {
    const user = userOf(c);
    const after = c.req.query('efter');
    const seen = await list(c, 'document.list', (reads) =>
      readDocuments(reads, user, after && looksLikeId(after) ? after : null),
    );
    if (!seen.ok) return reply.refused(c, seen.code);
    return reply.page(c, 'desk/documents', seen.value, { titleKey: 'documents.title', mood: 'officer' });
  }

  return [
    { method: 'get', path: '/inkorg', action: 'request.list', handle: inbox },
    { method: 'get', path: '/arenden', action: 'case.list', handle: cases },
    { method: 'get', path: '/arenden/:id', action: 'case.see', handle: (c) => showCase(c) },
    { method: 'post', path: '/arenden/:id/tilldelning', action: 'case.assign', handle: handOver },
    { method: 'get', path: '/handlingar', action: 'document.list', handle: documents },
  ];
}
