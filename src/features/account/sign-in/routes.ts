import { deleteCookie, generateCookie, getCookie, setCookie } from 'hono/cookie';
import { addMinutes } from '../../../kernel/time.ts';
import type { House } from '../../../platform/house.ts';
import { type Ctx, caller, type Route, readForm } from '../../../platform/web/route.ts';
import { findHolder } from '../../../platform/web/session.ts';
import { assignmentsOf } from '../person/store.ts';
import { safeReturn } from '../rules.ts';
import { listDemoAccounts } from '../store.ts';
import { chooseAssignment, completeSignIn, endSessions, signInDemo, signOut } from './commands.ts';
import { signInMinutes } from './rules.ts';

export const sessionCookie = 'samsyn';
/** Sealed, each for a few minutes: what a started sign-in must be met by, and what the provider wants back at sign-out. */
const startedCookie = 'samsyn-inloggning';
const startedPath = '/logga-in/oidc';
const endedCookie = 'samsyn-utloggning';
const endedPath = '/logga-ut';
/** A cookie has room for 4,096 bytes; a longer token is left out, and the provider asks instead. */
const longestCookie = 3_800;

type Started = { state: string; nonce: string; verifier: string; until: string; back: string | null };

export function signInRoutes(house: House): Route[] {
  const { config, engine, reply, identity, texts } = house;
  const { vault } = engine.database.reads;
  const flags = { httpOnly: true, sameSite: 'Lax', secure: config.baseUrl.startsWith('https:') } as const;

  function openSealed<T>(c: Ctx, name: string): T | null {
    try {
      return JSON.parse(vault.open(getCookie(c, name) ?? ''));
    } catch {
      return null;
    }
  }
  /** A page's headers are made with it, so a cookie that goes is said there. */
  const withoutCookie = (c: Ctx, name: string, path: string, more: Record<string, string> = {}) =>
    c.set('headers', { ...c.get('headers'), ...more, 'Set-Cookie': generateCookie(name, '', { path, maxAge: 0 }) });
  const putSession = (c: Ctx, id: string) => setCookie(c, sessionCookie, id, { path: '/', ...flags });

  async function signInPage(c: Ctx, status: 200 | 422 = 200) {
    const back = safeReturn(c.req.query('till'));
    const accounts = config.demo ? await listDemoAccounts(engine.database.reads) : [];
    return reply.page(
      c,
      'account/sign-in',
      {
        ...{ demo: config.demo, eid: identity !== null, accounts, back, phone: house.contact.phone },
        expired: back !== null || status === 422,
      },
      { titleKey: 'signIn.title', mood: 'public', noindex: true, status },
    );
  }

  /** What went wrong, in words that nobody can learn anything about anybody else from. */
  function failed(c: Ctx, code: string) {
    withoutCookie(c, startedCookie, startedPath);
    return reply.page(
      c,
      'account/sign-in-failed',
      { code, phone: house.contact.phone, reference: c.get('reference') },
      { titleKey: 'signIn.failedTitle', mood: 'public', noindex: true, status: code === 'away' ? 503 : 422 },
    );
  }

  async function begin(c: Ctx) {
    if (!identity) return reply.see(c, '/logga-in');
    const begun = await identity.begin();
    if (!begun.ok) return failed(c, begun.code);
    const until = addMinutes(engine.clock.now(), signInMinutes);
    const started: Started = { ...begun.value.begun, until, back: safeReturn(c.req.query('till')) };
    const sealed = vault.seal(JSON.stringify(started));
    setCookie(c, startedCookie, sealed, { path: startedPath, ...flags, maxAge: signInMinutes * 60 });
    return c.redirect(begun.value.url, 303);
  }

  async function finish(c: Ctx) {
    const started = openSealed<Started>(c, startedCookie);
    if (!identity || !started || started.state !== c.req.query('state')) return failed(c, 'elsewhere');
    if (started.until <= engine.clock.now()) return failed(c, 'expired');
    const vouched = await identity.finish(new URL(c.req.url).search, started);
    if (!vouched.ok) return failed(c, vouched.code);
    const done = await completeSignIn(engine, caller(c), {
      ...{ vouched: vouched.value, state: started.state, before: c.get('session')?.idHash ?? null },
      words: { privateOrganisation: texts.t('account.private'), unnamed: texts.t('account.unnamed') },
    });
    if (!done.ok) return failed(c, done.code);
    deleteCookie(c, startedCookie, { path: startedPath });
    putSession(c, done.value.sessionId);
    const { startPage } = done.value;
    return reply.see(c, startPage === null ? '/logga-in/val' : (started.back ?? startPage));
  }

  async function choicePage(c: Ctx, status: 200 | 422 = 200, errors: Record<string, { code: string }> = {}) {
    const holder = await findHolder(engine.database.reads, getCookie(c, sessionCookie) ?? '', engine.clock.now());
    if (!holder) return status === 422 ? signInPage(c, 422) : reply.see(c, '/logga-in');
    const options = (await assignmentsOf(engine.database.reads, holder)).map(({ id, role, organisation, unit }) => ({
      value: id,
      label: `${texts.t(`userRole.${role}`)}, ${unit ?? organisation}`,
      selected: id === holder.accountId,
    }));
    return reply.page(
      c,
      'account/choose',
      { options, form: { values: {}, errors } },
      { titleKey: 'choose.title', mood: 'public', noindex: true, status },
    );
  }

  async function choose(c: Ctx) {
    const { account } = await readForm(c);
    const cookie = getCookie(c, sessionCookie) ?? '';
    const done = await chooseAssignment(engine, caller(c), cookie, typeof account === 'string' ? account : '');
    if (!done.ok) return choicePage(c, 422, { account: { code: account ? 'choice' : 'required' } });
    putSession(c, done.value.sessionId);
    return reply.see(c, done.value.startPage);
  }

  async function leave(c: Ctx) {
    const session = c.get('session');
    const ended = session && (await signOut(engine, caller(c), session.idHash));
    deleteCookie(c, sessionCookie, { path: '/', secure: flags.secure });
    c.header('Clear-Site-Data', '"storage"');
    const hint = ended?.ok ? ended.value : null;
    if (hint === null) return reply.see(c, '/logga-in', 'utloggad');
    // A form may lead to no other origin (form-action), not even by way of a redirect: a page goes on from here.
    const sealed = vault.seal(JSON.stringify(hint));
    const kept = sealed.length > longestCookie ? vault.seal('""') : sealed;
    setCookie(c, endedCookie, kept, { path: endedPath, ...flags, maxAge: 120 });
    return reply.see(c, '/logga-ut/vidare');
  }

  function signedOut(c: Ctx, next: string | null, both: boolean) {
    withoutCookie(c, endedCookie, endedPath, next ? { Refresh: `0; url=${next}` } : {});
    return reply.page(
      c,
      'account/signed-out',
      { next, both },
      { titleKey: 'signedOut.title', mood: 'public', noindex: true },
    );
  }

  async function goOn(c: Ctx) {
    const hint = openSealed<string>(c, endedCookie);
    const next = hint !== null && identity ? await identity.signOutUrl(hint) : null;
    return signedOut(c, next, false);
  }

  async function endedThere(c: Ctx) {
    const { logout_token: token } = await readForm(c);
    const read = identity && typeof token === 'string' ? await identity.readLogout(token) : null;
    c.header('Cache-Control', 'no-store');
    if (!read?.ok) return c.body(null, read?.code === 'away' ? 503 : 400);
    const done = await endSessions(engine, caller(c), read.value);
    return c.body(null, done.ok ? 200 : 400);
  }

  return [
    { method: 'get', path: '/logga-in', action: 'public.read', handle: (c) => signInPage(c) },
    {
      method: 'post',
      path: '/logga-in/demo',
      action: 'session.open',
      uncounted: true,
      async handle(c) {
        if (!config.demo) return reply.error(c, 404);
        const form = await readForm(c);
        const before = c.get('session')?.idHash ?? null;
        const opened = await signInDemo(engine, caller(c), String(form.account ?? ''), before);
        if (!opened.ok) return reply.refused(c, opened.code);
        const { sessionId, startPage } = opened.value;
        putSession(c, sessionId);
        return reply.see(c, safeReturn(typeof form.back === 'string' ? form.back : undefined) ?? startPage);
      },
    },
    { method: 'get', path: '/logga-in/oidc', action: 'session.open', handle: begin },
    { method: 'get', path: '/logga-in/oidc/svar', action: 'session.open', handle: finish },
    { method: 'post', path: '/logga-in/oidc/utloggad', action: 'session.end', handle: endedThere },
    { method: 'get', path: '/logga-in/val', action: 'session.open', handle: (c) => choicePage(c) },
    { method: 'post', path: '/logga-in/val', action: 'session.open', handle: choose },
    { method: 'post', path: '/logga-ut', action: 'session.close', handle: leave },
    { method: 'get', path: '/logga-ut/vidare', action: 'public.read', handle: goOn },
    { method: 'get', path: '/logga-ut/klar', action: 'public.read', handle: (c) => signedOut(c, null, true) },
  ];
}
