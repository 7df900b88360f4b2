import { deleteCookie, setCookie } from 'hono/cookie';
import type { House } from '../../platform/house.ts';
import { type Ctx, caller, type Route, readForm } from '../../platform/web/route.ts';
import { signInDemo, signOut } from './commands.ts';
import { safeReturn } from './rules.ts';
import { listDemoAccounts } from './store.ts';

export const sessionCookie = 'samsyn';

export function accountRoutes(house: House): Route[] {
  const { config, engine, reply } = house;
  const secure = config.baseUrl.startsWith('https:');

  async function signInPage(c: Ctx) {
    const back = safeReturn(c.req.query('till'));
    const accounts = config.demo ? await listDemoAccounts(engine.database.reads) : [];
    return reply.page(
      c,
      'account/sign-in',
      { demo: config.demo, accounts, back, expired: back !== null },
      { titleKey: 'signIn.title', mood: 'public', noindex: true },
    );
  }

  return [
    { method: 'get', path: '/logga-in', action: 'public.read', handle: signInPage },
    {
      method: 'post',
      path: '/logga-in/demo',
      action: 'session.open',
      uncounted: true,
      async handle(c) {
        if (!config.demo) return reply.error(c, 404);
        const form = await readForm(c);
        const opened = await signInDemo(
          engine,
          caller(c),
          String(form.account ?? ''),
          c.get('session')?.idHash ?? null,
        );
        if (!opened.ok) return reply.refused(c, opened.code);
        const { sessionId, startPage } = opened.value;
        setCookie(c, sessionCookie, sessionId, { path: '/', httpOnly: true, sameSite: 'Lax', secure });
        return reply.see(c, safeReturn(typeof form.back === 'string' ? form.back : undefined) ?? startPage);
      },
    },
    {
      method: 'post',
      path: '/logga-ut',
      action: 'session.close',
      async handle(c) {
        const session = c.get('session');
        if (session) await signOut(engine, caller(c), session.idHash);
        deleteCookie(c, sessionCookie, { path: '/', secure });
        c.header('Clear-Site-Data', '"storage"');
        return reply.see(c, '/logga-in', 'utloggad');
      },
    },
  ];
}
