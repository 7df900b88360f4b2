import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createApp } from '../../src/app.ts';
import { addMinutes } from '../../src/kernel/time.ts';
import { originAllows } from '../../src/platform/web/origin.ts';
import { sweepSessions } from '../../src/platform/web/session.ts';
import { goodRequest, openTestApp, origin, type TestApp } from '../support/app.ts';
import { storedBytes } from '../support/database.ts';

const start = '2026-11-23T09:00:00.000Z';
let app: TestApp;
beforeAll(async () => {
  app = await openTestApp({ now: start });
});
beforeEach(async () => {
  clockAt(0);
  await app.house.engine.database.transaction(({ db }) => db.deleteFrom('session').execute());
});
afterAll(() => app.close());

const sessions = () => app.house.engine.database.reads.db.selectFrom('session').selectAll().execute();
const clockAt = (minutes: number) => app.setClock(addMinutes(start, minutes));
/** Whether the visitor is let in where one must be signed in. */
async function isIn(visitor: { get(path: string): Promise<Response> }): Promise<boolean> {
  const response = await visitor.get('/inkorg');
  if (response.status === 200) return true;
  expect(response.status).toBe(303);
  expect(response.headers.get('location')).toBe('/logga-in?till=/inkorg');
  return false;
}
async function signInCookie(served = app.app, from = origin): Promise<string> {
  const response = await served.request(`${from}/logga-in/demo`, {
    method: 'POST',
    headers: { origin: from, 'content-type': 'application/x-www-form-urlencoded' },
    body: 'account=fk',
  });
  expect(response.status).toBe(303);
  return response.headers.get('set-cookie') ?? '';
}

describe('cookie', () => {
  const flags = (cookie: string) => cookie.split('; ').slice(1).sort();

  test('is for this site’s own pages, out of reach of scripts, and gone with the browser', async () => {
    const cookie = await signInCookie();
    expect(cookie).toMatch(/^samsyn=[A-Za-z0-9_-]{43};/);
    expect(flags(cookie)).toEqual(['HttpOnly', 'Path=/', 'SameSite=Lax']);
  });

  test('is Secure where the site is https', async () => {
    const { house } = app;
    const served = createApp({ ...house, config: { ...house.config, baseUrl: 'https://moten.example' } });
    expect(flags(await signInCookie(served, 'https://moten.example'))).toEqual([
      'HttpOnly',
      'Path=/',
      'SameSite=Lax',
      'Secure',
    ]);
  });

  test('each sign-in has its own, and what it holds stands nowhere in the database', async () => {
    const values = [await signInCookie(), await signInCookie()].map((cookie) => cookie.slice(7, 50));
    expect(values[0]).not.toBe(values[1]);
    const rows = await sessions();
    expect(rows).toHaveLength(2);
    expect(rows.map(({ id_hash }) => id_hash).some((hash) => values.includes(hash))).toBe(false);
    const bytes = await storedBytes(app);
    for (const value of values) expect(bytes.includes(value)).toBe(false);
  });

  test.each(['', 'x', 'a'.repeat(43), '%00', 'a'.repeat(5000)])('%s opens nothing', async (value) => {
    const response = await app.app.request(`${origin}/inkorg`, { headers: { cookie: `samsyn=${value}` } });
    expect(response.status).toBe(303);
    expect(response.headers.get('location')).toBe('/logga-in?till=/inkorg');
  });

  test('the hash from the database opens nothing', async () => {
    await signInCookie();
    const [row] = await sessions();
    const response = await app.app.request(`${origin}/inkorg`, { headers: { cookie: `samsyn=${row?.id_hash}` } });
    expect(response.status).toBe(303);
  });
});

describe('a session', () => {
  test('ends after an hour without a request', async () => {
    const officer = await app.signIn('fk');
    clockAt(59);
    expect(await isIn(officer)).toBe(true);
    clockAt(59 + 59);
    expect(await isIn(officer), 'counted from the last request').toBe(true);
    clockAt(59 + 59 + 60);
    expect(await isIn(officer)).toBe(false);
  });

  test('a request shortly after another is counted to within five minutes', async () => {
    const officer = await app.signIn('fk');
    clockAt(4);
    expect(await isIn(officer)).toBe(true);
    expect((await sessions())[0]?.seen_at, 'reading does not write each time').toBe(start);
    clockAt(5);
    expect(await isIn(officer)).toBe(true);
    expect((await sessions())[0]?.seen_at).toBe(addMinutes(start, 5));
  });

  test('ends after twelve hours whatever happens', async () => {
    const officer = await app.signIn('fk');
    for (let minutes = 30; minutes < 12 * 60; minutes += 30) {
      clockAt(minutes);
      expect(await isIn(officer), `${minutes} minutes`).toBe(true);
    }
    clockAt(12 * 60);
    expect(await isIn(officer)).toBe(false);
  });

  test('is deleted at sign-out, and so is the cookie; another’s session lives on', async () => {
    const officer = await app.signIn('fk');
    const colleague = await app.signIn('fk2');
    const cookie = await signInCookie();
    expect(await sessions()).toHaveLength(3);
    const response = await officer.post('/logga-ut', {});
    expect(response.status).toBe(303);
    expect(response.headers.get('set-cookie')).toMatch(/^samsyn=; Max-Age=0; Path=\//);
    expect(response.headers.get('clear-site-data')).toBe('"storage"');
    expect(await isIn(officer)).toBe(false);
    expect(await isIn(colleague)).toBe(true);
    const mine = cookie.split(';')[0] as string;
    await app.app.request(`${origin}/logga-ut`, { method: 'POST', headers: { cookie: mine, origin } });
    const replayed = await app.app.request(`${origin}/inkorg`, { headers: { cookie: mine } });
    expect(replayed.status, 'an old cookie opens nothing').toBe(303);
    expect(await sessions()).toHaveLength(1);
  });

  test('the sweep deletes those that have ended, and no other', async () => {
    const { database } = app.house.engine;
    await app.signIn('fk');
    clockAt(30);
    const colleague = await app.signIn('fk2');
    await sweepSessions(database, addMinutes(start, 60));
    expect(await sessions(), 'at the edge').toHaveLength(2);
    await sweepSessions(database, addMinutes(start, 61));
    expect(await sessions()).toEqual([expect.objectContaining({ seen_at: addMinutes(start, 30) })]);
    clockAt(61);
    expect(await isIn(colleague)).toBe(true);
    await sweepSessions(database, addMinutes(start, 24 * 60));
    expect(await sessions()).toEqual([]);
  });

  test('with DEMO=off nobody signs in as a demo account', async () => {
    const { house } = app;
    const served = createApp({ ...house, config: { ...house.config, demo: false } });
    const response = await served.request(`${origin}/logga-in/demo`, {
      method: 'POST',
      headers: { origin, 'content-type': 'application/x-www-form-urlencoded' },
      body: 'account=fk',
    });
    expect(response.status).toBe(404);
    expect(await sessions()).toEqual([]);
  });

  test('an account that does not exist is not signed in', async () => {
    const response = await app.visitor().post('/logga-in/demo', { account: 'nobody' });
    expect(response.status).toBe(404);
    expect(await sessions()).toEqual([]);
  });
});

describe('origin', () => {
  const own = 'https://moten.example';
  const safe = ['GET', 'HEAD', 'OPTIONS'];
  const unsafe = ['POST', 'PATCH', 'PUT', 'DELETE'];
  // [Origin, Sec-Fetch-Site, refused: never, always, or only when signed in].
  const rule: [string | undefined, string | undefined, refused: 'never' | 'always' | 'signed in'][] = [
    [undefined, undefined, 'signed in'],
    [undefined, 'same-origin', 'never'],
    [undefined, 'none', 'never'],
    [undefined, 'same-site', 'always'],
    [undefined, 'cross-site', 'always'],
    [own, undefined, 'never'],
    [own, 'same-origin', 'never'],
    [own, 'none', 'never'],
    [own, 'same-site', 'always'],
    [own, 'cross-site', 'always'],
    ...['https://evil.example', 'null', 'http://moten.example', `${own}:8443`, `${own}.evil.example`, ''].flatMap(
      (foreign) =>
        [undefined, 'same-origin', 'none', 'same-site', 'cross-site'].map(
          (site): [string, string | undefined, 'always'] => [foreign, site, 'always'],
        ),
    ),
  ];
  test.each(rule)('Origin %s with Sec-Fetch-Site %s: refused %s', (given, fetchSite, refused) => {
    for (const signedIn of [true, false]) {
      const ask = (method: string) => originAllows({ method, origin: given, fetchSite, signedIn, baseUrl: own });
      for (const method of safe) expect(ask(method), method).toBe(true);
      const allowed = refused === 'never' || (refused === 'signed in' && !signedIn);
      for (const method of unsafe) expect(ask(method), `${method}, signed in: ${signedIn}`).toBe(allowed);
    }
  });

  const countRequests = async () =>
    (await app.house.engine.database.reads.db.selectFrom('request').select('id').execute()).length;
  const form = (headers: Record<string, string>, cookie?: string) =>
    app.app.request(`${origin}/begaran`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers, ...(cookie ? { cookie } : {}) },
      body: new URLSearchParams(goodRequest).toString(),
    });

  test('a form from elsewhere is refused before anything is read, and nothing is written', async () => {
    const before = await countRequests();
    for (const headers of [
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { 'sec-fetch-site': 'cross-site' },
      { origin, 'sec-fetch-site': 'same-site' },
    ]) {
      const response = await form(headers as Record<string, string>);
      expect(response.status).toBe(403);
      expect(await response.text()).toContain(response.headers.get('x-request-id'));
    }
    expect(await countRequests()).toBe(before);
    expect((await form({})).status, 'a visitor without headers is nobody to protect').toBe(303);
    expect(await countRequests()).toBe(before + 1);
  });

  test('a signed-in post with neither header is refused, with either it is not', async () => {
    const cookie = (await signInCookie()).split(';')[0] as string;
    const post = (headers: Record<string, string>) =>
      app.app.request(`${origin}/logga-ut`, { method: 'POST', headers: { cookie, ...headers } });
    expect((await post({})).status).toBe(403);
    expect((await form({}, cookie)).status).toBe(403);
    expect(await sessions()).toHaveLength(1);
    expect((await post({ 'sec-fetch-site': 'same-origin' })).status).toBe(303);
    expect(await sessions()).toHaveLength(0);
  });

  test('an unknown path is refused in the same way', async () => {
    const response = await app.app.request(`${origin}/nowhere`, { method: 'DELETE', headers: { origin: 'null' } });
    expect(response.status).toBe(403);
  });
});
