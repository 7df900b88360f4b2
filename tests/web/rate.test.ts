import type { AddressInfo } from 'node:net';
import { serve } from '@hono/node-server';
import pino from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { createApp } from '../../src/app.ts';
import { linkToken } from '../../src/kernel/links.ts';
import { addMinutes } from '../../src/kernel/time.ts';
import { network, rateLimits, sweepRates } from '../../src/platform/web/rate.ts';
import { openTestApp, origin, type TestApp } from '../support/app.ts';
import { kind } from '../support/database.ts';
import { validateHtml } from '../support/html.ts';

/** What touches the table is tried on both databases, what stays in the memory of a process on one. */

let test: TestApp;
let app: TestApp['app'];
let now = '2027-03-01T08:00:20.000Z';
beforeAll(async () => {
  test = await openTestApp();
});
afterAll(() => test.close());
beforeEach(() => {
  // Every test in a minute of its own.
  now = addMinutes(now, 10);
  test.setClock(now);
  app = createApp(test.house);
});

/** A token of the right shape that opens nothing: a dead link, unless it comes too often. */
const token = (n: number) =>
  linkToken(Buffer.alloc(32, 1), 'participant', `00000000-0000-7000-8000-${String(n).padStart(12, '0')}`, 1);
const from = (remoteAddress: string) => ({ incoming: { socket: { remoteAddress } } });
type Asked = { path: string; address?: string; cookie?: string; times: number; of?: TestApp['app']; method?: string };

/** How often each status came. */
async function ask({ path, address, cookie, times, of = app, method = 'GET' }: Asked): Promise<Record<number, number>> {
  const seen: Record<number, number> = {};
  for (let i = 0; i < times; i++) {
    const headers = { origin, ...(cookie && { cookie }) };
    const { status } = await of.request(`${origin}${path}`, { method, headers }, address ? from(address) : undefined);
    seen[status] = (seen[status] ?? 0) + 1;
  }
  return seen;
}
const rows = () => test.house.engine.database.reads.db.selectFrom('rate').selectAll().execute();
/** What this test's minute has come to in the table. */
const total = async () =>
  (await rows()).reduce((sum, { minute, count }) => sum + (now.startsWith(minute) ? count : 0), 0);
const told = (count: number) =>
  vi.waitFor(async () => expect(await total()).toBe(count), { timeout: 4_000, interval: 20 });

it('lets at least as many pass as the issue asks for', () => {
  expect(rateLimits.link).toBeGreaterThanOrEqual(60);
  expect(rateLimits.address).toBeGreaterThanOrEqual(600);
});

describe('one personal link', () => {
  it.each([
    ['/svar/:token', 'GET'],
    ['/svar/:token', 'POST'],
    ['/svar/:token/mote.ics', 'GET'],
    ['/begaran/kvitto/:token', 'GET'],
    ['/begaran/kvitto/:token/komplettering', 'POST'],
    ['/begaran/kvitto/:token/aterkallelse', 'POST'],
  ])('%s by %s', async (path, method) => {
    const asked = { path: path.replace(':token', token(1)), method, times: rateLimits.link + 5 };
    expect(await ask(asked)).toEqual({ 404: rateLimits.link, 429: 5 });
    expect(await ask({ ...asked, path: path.replace(':token', token(2)), times: 1 })).toEqual({ 404: 1 });
  });

  it('counts all its pages together, whoever asks and from wherever', async () => {
    const half = rateLimits.link / 2;
    const cookie = await session('fk');
    expect(await ask({ path: `/svar/${token(1)}`, address: '192.0.2.1', times: half })).toEqual({ 404: half });
    const calendar = { path: `/svar/${token(1)}/mote.ics`, address: '192.0.2.2', cookie, times: half };
    expect(await ask(calendar)).toEqual({ 404: half });
    expect(await ask({ path: `/svar/${token(1)}`, times: 1 })).toEqual({ 429: 1 });
  });

  it('is not kept when it cannot be one, however long it is', async () => {
    const path = `/svar/${'a'.repeat(10_000)}`;
    expect(await ask({ path, times: rateLimits.link + 5 })).toEqual({ 404: rateLimits.link + 5 });
  });

  it('may be asked for again when the minute is over', async () => {
    const asked = { path: `/svar/${token(1)}`, times: rateLimits.link + 1 };
    expect(await ask(asked)).toEqual({ 404: rateLimits.link, 429: 1 });
    test.setClock(addMinutes(test.house.engine.clock.now(), 1));
    expect(await ask(asked)).toEqual({ 404: rateLimits.link, 429: 1 });
  });
});

it('the page says in Swedish how long to wait, and the headers say it in seconds', async () => {
  await ask({ path: `/svar/${token(1)}`, times: rateLimits.link });
  const response = await app.request(`${origin}/svar/${token(1)}`);
  const html = await response.text();
  expect(response.status).toBe(429);
  expect(response.headers.get('retry-after')).toBe('40');
  expect(html).toContain('För många försök');
  expect(html).toContain('Vänta en minut och försök igen.');
  expect(html).toContain(response.headers.get('x-request-id'));
  validateHtml(html, '429');
});

/** The cookie of a session. */
async function session(account: string): Promise<string> {
  const response = await app.request(`${origin}/logga-in/demo`, {
    method: 'POST',
    headers: { origin },
    body: new URLSearchParams({ account }),
  });
  return response.headers.get('set-cookie')?.split(';')[0] ?? '';
}

describe.runIf(kind === 'sqlite')('one address', () => {
  const address = '192.0.2.7';

  it('is counted on every public page and at sign-in, together', async () => {
    const most = rateLimits.address - 3;
    expect(await ask({ path: '/aktorer', address, times: most })).toEqual({ 200: most });
    expect(await ask({ path: '/logga-in', address, times: 3 })).toEqual({ 200: 3 });
    for (const path of ['/', '/logga-in', '/begaran/ny', `/svar/${token(3)}`]) {
      expect(await ask({ path, address, times: 1 }), path).toEqual({ 429: 1 });
    }
    expect(await ask({ path: '/begaran', method: 'POST', address, times: 1 })).toEqual({ 429: 1 });
    expect(await ask({ path: '/', address: '192.0.2.8', times: 1 })).toEqual({ 200: 1 });
    // Nor does it stop who has signed in, the sign-in of the demo, files of the pages, or who watches over the process.
    const cookie = await session('fk');
    expect(await ask({ path: '/inkorg', address, cookie, times: 3 })).toEqual({ 200: 3 });
    expect(await ask({ path: '/begaran/ny', address, cookie, times: 3 })).toEqual({ 200: 3 });
    expect(await ask({ path: '/logga-in/demo', method: 'POST', address, times: 3 })).toEqual({ 404: 3 });
    expect(await ask({ path: '/healthz', address, times: 3 })).toEqual({ 200: 3 });
    expect(await ask({ path: '/assets/theme.css', address, times: 3 })).toEqual({ 200: 3 });
  });

  it('is never counted for the sign-in of the demo, nor for a session', async () => {
    const times = rateLimits.address + 50;
    expect(await ask({ path: '/logga-in/demo', method: 'POST', address, times })).toEqual({ 404: times });
    const cookie = await session('registrator');
    expect(await ask({ path: '/aktorer', address, cookie, times })).toEqual({ 200: times });
    expect(await ask({ path: '/aktorer', address, times: 1 })).toEqual({ 200: 1 });
  });

  it.each([
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['2001:db8:1:2:aaaa::1', '2001:db8:1:2'],
    ['2001:0DB8:0001:0002:ffff:ffff:ffff:ffff', '2001:db8:1:2'],
    ['2001:db8::1', '2001:db8:0:0'],
    ['2001:db8:0:1::', '2001:db8:0:1'],
    ['fe80::1%eth0', 'fe80:0:0:0'],
    ['::1', '0:0:0:0'],
    ['64:ff9b::192.0.2.7', '64:ff9b:0:0'],
    ['', ''],
  ])('%s is counted as %s', (given, as) => {
    expect(network(given)).toBe(as);
  });

  it('of IPv6 is the whole network of a subscriber', async () => {
    const times = rateLimits.address;
    await ask({ path: '/aktorer', address: '2001:db8:1:2::1', times });
    expect(await ask({ path: '/aktorer', address: '2001:db8:1:2:ffff::2', times: 1 })).toEqual({ 429: 1 });
    expect(await ask({ path: '/aktorer', address: '2001:db8:1:3::1', times: 1 })).toEqual({ 200: 1 });
  });
});

describe.runIf(kind === 'sqlite')('over a real socket', () => {
  let close = async () => {};
  afterEach(() => close());

  async function listen(trustProxy: boolean): Promise<string> {
    const { fetch } = createApp({ ...test.house, config: { ...test.house.config, trustProxy } });
    const port = await new Promise<number>((resolve) => {
      const server = serve({ fetch, port: 0, hostname: '127.0.0.1' }, (info: AddressInfo) => resolve(info.port));
      close = () => new Promise((done) => server.close(() => done()));
    });
    return `http://127.0.0.1:${port}/aktorer`;
  }
  const statusWith = async (url: string, forwarded?: string) => {
    const response = await fetch(url, { headers: forwarded === undefined ? {} : { 'x-forwarded-for': forwarded } });
    await response.arrayBuffer();
    return response.status;
  };

  it('what a visitor writes about the address is not believed', async () => {
    const url = await listen(false);
    for (let i = 0; i < rateLimits.address; i++) expect(await statusWith(url, `198.51.100.${i % 250}`)).toBe(200);
    expect(await statusWith(url, '203.0.113.9')).toBe(429);
    expect(await statusWith(url)).toBe(429);
  });

  it('behind a trusted proxy only what the proxy itself appended is', async () => {
    const url = await listen(true);
    for (let i = 0; i < rateLimits.address; i++) {
      expect(await statusWith(url, `198.51.100.${i % 250}, 203.0.113.9`)).toBe(200);
    }
    expect(await statusWith(url, '198.51.100.1, 203.0.113.9')).toBe(429);
    expect(await statusWith(url, '203.0.113.9, 198.51.100.1')).toBe(200);
    // No address at all there: the proxy's own.
    expect(await statusWith(url)).toBe(200);
    expect(await statusWith(url, '203.0.113.9, unknown')).toBe(200);
  });
});

describe('several processes', () => {
  it('share a limit, and none passes it by more than what it has not told', async () => {
    const other = createApp(test.house);
    const tenth = rateLimits.link / 10;
    const path = `/svar/${token(5)}`;
    expect(await ask({ path, times: 6 * tenth })).toEqual({ 404: 6 * tenth });
    await told(6 * tenth);
    expect(await ask({ path, of: other, times: tenth })).toEqual({ 404: tenth });
    await told(7 * tenth);
    const rest = await ask({ path, of: other, times: rateLimits.link });
    expect(rest[404]).toBe(3 * tenth);
    await told(10 * tenth);
    const more = await ask({ path, times: rateLimits.link });
    expect(more[404] ?? 0).toBeLessThanOrEqual(4 * tenth);
  });

  it('know nothing of a seldom visitor, and of others nothing that can be read', async () => {
    const tenth = rateLimits.link / 10;
    await ask({ path: `/svar/${token(6)}`, address: '192.0.2.66', times: tenth - 1 });
    await ask({ path: `/svar/${token(7)}`, address: '192.0.2.77', times: tenth });
    await told(tenth);
    const text = JSON.stringify(await rows());
    expect(text).not.toMatch(/192\.0\.2|svar/);
    expect(text).not.toContain(token(7).slice(0, 22));
    for (const { key, minute } of await rows()) {
      expect(key).toMatch(/^[A-Za-z0-9_-]{43}$/);
      expect(minute).toMatch(/^2027-03-01T\d\d:\d\d$/);
    }
  });

  it('forget when the minutes are over', async () => {
    await ask({ path: `/svar/${token(8)}`, times: rateLimits.link });
    await told(rateLimits.link);
    const { database, clock } = test.house.engine;
    await sweepRates(database, clock.now());
    expect(await total()).toBe(rateLimits.link);
    await sweepRates(database, addMinutes(clock.now(), 3));
    expect(await rows()).toEqual([]);
  });

  it('go on counting each by itself while the database is away, and nobody notices', async () => {
    const lines: string[] = [];
    const fault = () => Promise.reject(Object.assign(new Error('192.0.2.1'), { code: 'SQLITE_IOERR' }));
    const { house } = test;
    const database = { ...house.engine.database, claim: fault };
    const log = pino({ level: 'error' }, { write: (line) => lines.push(line) });
    const of = createApp({ ...house, log, engine: { ...house.engine, database } });
    const asked = await ask({ path: `/svar/${token(9)}`, of, times: rateLimits.link + 1 });
    expect(asked).toEqual({ 404: rateLimits.link, 429: 1 });
    expect(JSON.parse(lines[0] ?? '{}')).toMatchObject({ event: 'rate', code: 'SQLITE_IOERR' });
    expect(lines.join('')).not.toContain('192.0.2.1');
  });
});
