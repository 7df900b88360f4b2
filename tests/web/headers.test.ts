import { Writable } from 'node:stream';
import pino from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createApp } from '../../src/app.ts';
import { WriterBusy } from '../../src/platform/db/sqlite.ts';
import { createLog, faultOf } from '../../src/platform/log.ts';
import demo from '../../views/demo/demo.json' with { type: 'json' };
import { goodRequest, openTestApp, origin, type TestApp } from '../support/app.ts';
import { validateHtml } from '../support/html.ts';

let app: TestApp;
beforeAll(async () => {
  app = await openTestApp();
});
afterAll(() => app.close());

const csp =
  "default-src 'none'; img-src 'self' data:; style-src 'self'; script-src 'self'; connect-src 'self'; " +
  "form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

async function errorPage(response: Response, status: number, words: string): Promise<string> {
  const html = await response.text();
  const reference = response.headers.get('x-request-id') as string;
  expect(response.status).toBe(status);
  expect(response.headers.get('content-type')).toBe('text/html; charset=UTF-8');
  expect(response.headers.get('cache-control')).toBe('no-store');
  expect(reference).toMatch(/^[2-9A-Z]{4}-[2-9A-Z]{4}$/);
  expect(html).toContain(reference);
  expect(html).toContain('<html lang="sv">');
  expect(html).toContain(words);
  validateHtml(html, String(status));
  return html;
}

describe('headers', () => {
  test.each([
    '/',
    '/begaran/ny',
    '/logga-in',
    '/nowhere',
    '/healthz',
    '/readyz',
    '/assets/theme.css',
  ])('%s', async (path) => {
    const { headers } = await app.app.request(`${origin}${path}`);
    expect(headers.get('content-security-policy')).toBe(csp);
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('x-frame-options')).toBe('DENY');
    expect(headers.get('referrer-policy')).toBe('same-origin');
    expect(headers.get('cross-origin-opener-policy')).toBe('same-origin');
    expect(headers.get('x-powered-by')).toBe(null);
    expect(headers.get('strict-transport-security'), 'no promise on http').toBe(null);
  });

  test('on https the browser is told to stay there', async () => {
    const served = createApp({ ...app.house, config: { ...app.house.config, baseUrl: 'https://moten.example' } });
    const { headers } = await served.request('https://moten.example/');
    expect(headers.get('strict-transport-security')).toBe('max-age=31536000');
  });

  test('no page needs what the policy forbids', async () => {
    for (const path of ['/', '/begaran/ny', '/logga-in', '/aktorer', '/nowhere']) {
      const html = await (await app.app.request(`${origin}${path}`)).text();
      expect(html).not.toMatch(/<style|style="|<script(?![^>]* src="\/assets\/)|\son\w+="|(src|href)="(https?:)?\/\//);
    }
  });

  test('pages are not kept by anybody', async () => {
    const officer = await app.signIn('fk');
    expect((await officer.get('/inkorg')).headers.get('cache-control')).toBe('no-store');
    expect((await app.app.request(`${origin}/`)).headers.get('cache-control')).toBe('no-store');
  });

  test('each answer has its own reference', async () => {
    const seen = new Set<string | null>();
    for (let i = 0; i < 20; i++) seen.add((await app.app.request(`${origin}/healthz`)).headers.get('x-request-id'));
    expect(seen.size).toBe(20);
    expect(seen.has(null)).toBe(false);
  });
});

describe('health', () => {
  test('a migrated database is ready', async () => {
    const [health, ready] = [await app.app.request('/healthz'), await app.app.request('/readyz')];
    expect([health.status, await health.text(), ready.status, await ready.text()]).toEqual([200, 'ok', 200, 'ready']);
  });

  test('one that is not migrated is not, and neither is a closed one', async () => {
    const other = await openTestApp({ seed: false });
    const { database } = other.house.engine;
    await database.transaction(({ db }) => db.deleteFrom('kysely_migration').execute());
    expect((await other.app.request('/readyz')).status).toBe(503);
    expect((await other.app.request('/healthz')).status).toBe(200);
    await other.close();
    expect((await other.app.request('/readyz')).status).toBe(503);
    expect((await other.app.request('/healthz')).status).toBe(200);
  });
});

describe('error pages', () => {
  test('an unknown path', async () => {
    await errorPage(await app.app.request(`${origin}/finns/inte`), 404, 'Sidan finns inte');
    await errorPage(await app.app.request(`${origin}/assets/../package.json`), 404, 'Sidan finns inte');
    await errorPage(await app.app.request(`${origin}/assets/nothing.css`), 404, 'Sidan finns inte');
  });

  test('too much', async () => {
    const megabyte = 'x'.repeat(1024 * 1024);
    const body = new URLSearchParams({ ...goodRequest, wishes: megabyte }).toString();
    const headers = { origin, 'content-type': 'application/x-www-form-urlencoded' };
    const said = { method: 'POST', headers: { ...headers, 'content-length': String(body.length) }, body };
    await errorPage(await app.app.request(`${origin}/begaran`, said), 413, 'För mycket text');
    const unsaid = new ReadableStream({
      start(controller) {
        controller.enqueue(new TextEncoder().encode(body));
        controller.close();
      },
    });
    const streamed = { method: 'POST', headers, body: unsaid, duplex: 'half' } as RequestInit;
    await errorPage(await app.app.request(`${origin}/begaran`, streamed), 413, 'För mycket text');
  });

  test.each([
    ['a database that does not answer', () => Object.assign(new Error('away'), { code: 'SQLITE_IOERR' })],
    ['a writer that is busy for too long', () => new WriterBusy()],
  ])('%s', async (_, fault) => {
    const { house } = app;
    const database = { ...house.engine.database, transaction: () => Promise.reject(fault()) };
    const away = createApp({ ...house, engine: { ...house.engine, database } });
    const headers = { origin, 'content-type': 'application/x-www-form-urlencoded' };
    const body = new URLSearchParams(goodRequest).toString();
    const response = await away.request(`${origin}/begaran`, { method: 'POST', headers, body });
    await errorPage(response, 503, 'Tjänsten fungerar inte just nu');
  });

  test('a fault shows neither its message nor where it arose', async () => {
    const lines: string[] = [];
    const log = pino({ level: 'trace' }, { write: (line) => lines.push(line) });
    const breaking = createApp({
      ...app.house,
      log,
      reply: {
        ...app.house.reply,
        page: () => {
          throw new TypeError('Tove Ask 20120129-2388');
        },
      },
    });
    const response = await breaking.request(`${origin}/`);
    const html = await errorPage(response, 500, 'Något gick fel');
    expect(html).not.toMatch(/Tove|120129-?2388|TypeError|\.ts\b|node_modules| at /);
    const fault = lines.map((line) => JSON.parse(line)).find(({ event }) => event === 'fault');
    expect(fault).toMatchObject({ reference: response.headers.get('x-request-id'), fault: 'TypeError', route: '/' });
    expect(fault.at[0]).toContain('headers.test.ts');
    expect(lines.join('')).not.toMatch(/Tove|120129-?2388/);
  });
});

describe('assets', () => {
  const links = (html: string) => [...html.matchAll(/"(\/assets\/[^"]+)"/g)].map((match) => match[1] as string);

  test('every one that a page names is there, and may be kept for ever at that address', async () => {
    const html = await (await app.app.request(`${origin}/begaran/ny`)).text();
    expect(links(html).length).toBeGreaterThan(3);
    for (const path of links(html)) {
      const response = await app.app.request(`${origin}${path}`);
      expect(response.status, path).toBe(200);
      expect(response.headers.get('cache-control'), path).toBe('public, max-age=31536000, immutable');
      expect(response.headers.get('content-type'), path).toMatch(/^(text\/css|text\/javascript|image\/svg\+xml)/);
      expect(response.headers.get('set-cookie')).toBe(null);
    }
  });

  test('at any other version they are asked for again', async () => {
    for (const path of ['/assets/theme.css', '/assets/theme.css?v=0123456789ab']) {
      const response = await app.app.request(`${origin}${path}`);
      expect([response.status, response.headers.get('cache-control')]).toEqual([200, 'no-cache']);
    }
  });
});

test('HEAD says what GET would, without a body', async () => {
  for (const path of ['/', '/healthz', '/assets/theme.css', '/nowhere']) {
    const get = await app.app.request(`${origin}${path}`);
    const head = await app.app.request(`${origin}${path}`, { method: 'HEAD' });
    expect(await head.text()).toBe('');
    expect([head.status, head.headers.get('content-type')]).toEqual([get.status, get.headers.get('content-type')]);
  }
  const page = await app.app.request(`${origin}/inkorg`, { method: 'HEAD' });
  expect([page.status, page.headers.get('location')]).toEqual([303, '/logga-in?till=/inkorg']);
});

describe('log', () => {
  test('one line per request, with the route’s pattern and nothing of what was asked or typed', async () => {
    const lines: string[] = [];
    const destination = new Writable({
      write(chunk, _encoding, done) {
        lines.push(String(chunk));
        done();
      },
    });
    const served = createApp({ ...app.house, log: pino({ level: 'trace' }, destination) });
    const ask = (path: string, init: RequestInit = {}) => served.request(`${origin}${path}`, init);
    const post = (path: string, fields: Record<string, string>, headers: Record<string, string> = {}) =>
      ask(path, {
        method: 'POST',
        headers: { origin, 'content-type': 'application/x-www-form-urlencoded', ...headers },
        body: new URLSearchParams(fields).toString(),
      });
    const receipt = (await post('/begaran', goodRequest)).headers.get('location') as string;
    const token = receipt.split(/[/?]/).at(3) as string;
    expect(token).toHaveLength(65);
    await ask(receipt);
    await post(`/begaran/kvitto/${token}/komplettering`, { text: 'Zqtillägg' });
    await post('/begaran', { ...goodRequest, requesterEmail: 'zqfel' });
    await ask('/begaran/ny?zqnamn=Tove');
    await ask('/zqstig/Tove');
    const cookie = (await post('/logga-in/demo', { account: 'fk' })).headers.get('set-cookie')?.split(';')[0] as string;
    await ask('/inkorg', { headers: { cookie } });

    const routes = lines
      .map((line) => JSON.parse(line))
      .map(({ method, route, status }) => `${method} ${route} ${status}`);
    expect(routes).toEqual([
      'POST /begaran 303',
      'GET /begaran/kvitto/:token 200',
      'POST /begaran/kvitto/:token/komplettering 303',
      'POST /begaran 422',
      'GET /begaran/ny 200',
      expect.stringMatching(/^GET \/?\* 404$/),
      'POST /logga-in/demo 303',
      'GET /inkorg 200',
    ]);
    const all = lines.join('');
    for (const word of [
      ...[
        token,
        token.slice(22),
        'zq',
        'Zq',
        'Tove',
        '0129-2388',
        '01292388',
        'nils.vester',
        'Vester',
        cookie.slice(7),
      ],
      ...demo.accounts.flatMap(({ name, email }) => [name, email]),
    ]) {
      expect(all).not.toContain(word);
    }
  });

  test('an unexpected error is told by class, code and place, never in its own words', () => {
    const error = Object.assign(new TypeError('Tove Ask\n    said so'), { code: 'SQLITE_ERROR' });
    const told = faultOf(error);
    expect(told).toMatchObject({ fault: 'TypeError', code: 'SQLITE_ERROR' });
    expect(told.at[0]).toContain('headers.test.ts');
    expect(JSON.stringify(told)).not.toMatch(/Tove|said so/);
    expect(faultOf('Tove Ask')).toEqual({ fault: 'string', code: null, at: [] });
    expect(faultOf(Object.assign(new Error('x'), { code: 5 })).code).toBe(null);
  });

  test('the level is the one that is set', () => {
    expect(['silent', 'warn'].map((level) => createLog(level).level)).toEqual(['silent', 'warn']);
  });
});
