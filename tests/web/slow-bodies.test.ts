import { connect, type Socket } from 'node:net';
import { serve } from '@hono/node-server';
import pino from 'pino';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createApp } from '../../src/app.ts';
import { socketLimits } from '../../src/platform/web/socket.ts';
import { goodRequest, openTestApp, origin, type TestApp } from '../support/app.ts';
import { kind } from '../support/database.ts';
import { startServer } from '../support/server.ts';

/** What comes over a real socket slowly, without end, or not as HTTP at all. The patience is short here. */

let test: TestApp;
let port: number;
const closing: (() => Promise<void>)[] = [];
const lines: string[] = [];

/** The product on a socket of its own. */
function listen(patienceMs: number): Promise<number> {
  const log = pino({ level: 'trace' }, { write: (line) => lines.push(line) });
  const { fetch } = createApp({ ...test.house, log });
  const serverOptions = socketLimits(patienceMs);
  return new Promise((resolve) => {
    const server = serve({ fetch, port: 0, hostname: '127.0.0.1', serverOptions }, (info) => resolve(info.port));
    closing.push(() => new Promise((done) => server.close(() => done())));
  });
}

beforeAll(async () => {
  test = await openTestApp();
  port = await listen(600);
});
afterAll(async () => {
  await Promise.all(closing.map((close) => close()));
  await test.close();
});

/** Sends bytes as they are, and resolves with everything that came until the other end hung up. */
function send(
  bytes: string,
  then: (socket: Socket) => void = () => {},
  at = port,
): Promise<{ text: string; ms: number }> {
  return new Promise((resolve) => {
    const started = performance.now();
    let text = '';
    const socket = connect(at, '127.0.0.1');
    socket.setEncoding('utf8');
    socket.on('data', (chunk) => {
      text += chunk;
    });
    socket.on('error', () => {});
    socket.on('close', () => resolve({ text, ms: performance.now() - started }));
    socket.write(bytes, 'latin1');
    then(socket);
  });
}
const statusOf = ({ text }: { text: string }) => Number(text.split(' ')[1] ?? 0);

const post = (path: string, headers: string) =>
  `POST ${path} HTTP/1.1\r\nHost: localhost:3000\r\nOrigin: ${origin}\r\nContent-Type: application/x-www-form-urlencoded\r\n${headers}\r\n`;
const chunk = (bytes: string) => `${bytes.length.toString(16)}\r\n${bytes}\r\n`;
const hangUp = 'Connection: close\r\n';

describe('what never comes whole', () => {
  it.each([
    ['half of the headers', 'GET / HTTP/1.1\r\nHost: localhost\r\nX-A: '],
    ['half of a body', `${post('/begaran', 'Content-Length: 100\r\n')}requesterName=x`],
    ['half of a body in chunks', `${post('/begaran', 'Transfer-Encoding: chunked\r\n')}${chunk('requesterName=x')}`],
    ['a body that is waited for', post('/begaran', 'Expect: 100-continue\r\nContent-Length: 100\r\n')],
    ['nothing of a body that is too large', post('/begaran', 'Content-Length: 900000\r\n')],
  ])('%s is answered 408, and the line is free', async (_, bytes) => {
    const answer = await send(bytes);
    expect(answer.text).toContain('HTTP/1.1 408 Request Timeout');
    expect(answer.ms).toBeLessThan(2_000);
  });

  it('a body that trickles in is cut off too', async () => {
    const answer = await send(post('/begaran', 'Transfer-Encoding: chunked\r\n'), (socket) => {
      const timer = setInterval(() => socket.write(chunk('a')), 50);
      socket.on('close', () => clearInterval(timer));
    });
    expect(statusOf(answer)).toBe(408);
    expect(answer.ms).toBeLessThan(2_000);
  });

  it('nothing is done with the half that came', async () => {
    const receipt = (await test.visitor().post('/begaran', goodRequest)).headers.get('location') ?? '';
    for (const half of [
      `${post(`${receipt}/aterkallelse`, 'Content-Length: 100\r\n')}reason=`,
      `${post(`${receipt}/aterkallelse`, 'Transfer-Encoding: chunked\r\n')}${chunk('reason=')}`,
    ]) {
      await send(half, (socket) => setTimeout(() => socket.destroy(), 100));
      await send(half);
    }
    const { db } = test.house.engine.database.reads;
    const states = await db.selectFrom('request').select('state').orderBy('id', 'desc').limit(1).execute();
    expect(states).toEqual([{ state: 'received' }]);
  });

  it('many of them at once keep nobody else waiting', async () => {
    const officer = await test.signIn('fk');
    const at = await listen(60_000);
    const sockets: Socket[] = [];
    for (let i = 0; i < 60; i++) {
      const length = i % 2 ? 'Content-Length: 100\r\n' : 'Transfer-Encoding: chunked\r\n';
      void send(post('/begaran', length), (socket) => sockets.push(socket), at);
    }
    await vi.waitFor(() => expect(sockets.filter(({ bytesWritten }) => bytesWritten > 0)).toHaveLength(60));
    for (let i = 0; i < 5; i++) {
      expect((await test.visitor().post('/begaran', goodRequest)).status).toBe(303);
      expect((await officer.get('/inkorg')).status).toBe(200);
    }
    for (const socket of sockets) socket.destroy();
  });
});

describe('what is too large', () => {
  const tooMuch = 'x'.repeat(64 * 1024);

  it.each([
    ['at once', `${post('/begaran', 'Content-Length: 1048576\r\n')}${tooMuch.repeat(16)}`],
    ['in chunks', `${post('/begaran', 'Transfer-Encoding: chunked\r\n')}${chunk(tooMuch).repeat(16)}0\r\n\r\n`],
  ])('%s is told so on a page, which the browser gets to read', async (_, bytes) => {
    const answer = await send(bytes);
    expect(statusOf(answer)).toBe(413);
    expect(answer.text).toContain('För mycket text');
  });

  it('without end is not read to the end', async () => {
    const answer = await send(post('/begaran', 'Transfer-Encoding: chunked\r\n'), (socket) => {
      const timer = setInterval(() => socket.write(chunk(tooMuch)), 10);
      socket.on('close', () => clearInterval(timer));
    });
    expect(statusOf(answer)).toBe(413);
    expect(answer.ms).toBeLessThan(2_000);
  });

  it('in the headers too', async () => {
    expect(statusOf(await send(`GET / HTTP/1.1\r\nHost: localhost\r\nX-A: ${tooMuch}\r\n\r\n`))).toBe(431);
    expect(statusOf(await send(`GET /?${tooMuch} HTTP/1.1\r\nHost: localhost\r\n\r\n`))).toBe(431);
  });
});

describe('what is no right HTTP, or strange', () => {
  const get = (line: string, headers = '') =>
    `${line} HTTP/1.1\r\nHost: localhost\r\n${headers}Connection: close\r\n\r\n`;
  it.each<[string, string, number]>([
    ['a chunk without a length', `${post('/begaran', 'Transfer-Encoding: chunked\r\n')}zz\r\n`, 400],
    [
      'two lengths of one body',
      `${post('/begaran', 'Content-Length: 4\r\nTransfer-Encoding: chunked\r\n')}0\r\n\r\nGET /x HTTP/1.1\r\n`,
      400,
    ],
    ['a host that is none', `GET / HTTP/1.1\r\nHost: a b\r\n${hangUp}\r\n`, 400],
    ['no host', `GET / HTTP/1.1\r\n${hangUp}\r\n`, 400],
    ['a path of Latin-1', get('GET /begar\xe4n'), 400],
    ['a path out of the house', get('GET /../../etc/passwd'), 404],
    ['one that is encoded', get('GET /%2e%2e/%2e%2e/etc/passwd'), 404],
    ['NUL for an id', get('GET /begaran/%00'), 404],
    ['bytes that are no UTF-8 for an id', get('GET /moten/%ff%fe%fd%fc%ff%fe%fd%fc'), 404],
    ['TRACE', get('TRACE /'), 404],
    ['a method of their own', get('BREW /'), 400],
    ['everything', get('OPTIONS *'), 400],
    ['another host’s page', get('GET http://ond.example/finns/inte'), 404],
    [
      'a compressed form',
      `${post('/begaran', `Content-Encoding: gzip\r\nContent-Length: 5\r\n${hangUp}`)}\x1f\x8b\x08\x00\x00`,
      400,
    ],
    ['a line break in a header', get('GET /', 'Cookie: samsyn=a\rb\r\n'), 400],
  ])('%s', async (_, bytes, status) => {
    expect(statusOf(await send(bytes))).toBe(status);
  });

  it('none of it is a fault, and none of it stands in the log', () => {
    const events = lines.map((line) => JSON.parse(line));
    expect(events.length).toBeGreaterThan(20);
    expect(events.filter(({ event }) => event !== 'request')).toEqual([]);
    expect(events.filter(({ status }) => status >= 500)).toEqual([]);
    expect(lines.join('')).not.toMatch(/passwd|ond\.example|requesterName/);
  });
});

it.runIf(kind === 'sqlite')('the process stops in time, and in order, though somebody is still sending', async () => {
  const server = await startServer();
  const at = Number(new URL(server.baseUrl).port);
  const sending = send(
    `${post('/begaran', 'Content-Length: 100\r\n').replaceAll('localhost:3000', `localhost:${at}`)}a`,
    () => {},
    at,
  );
  await new Promise((resolve) => setTimeout(resolve, 200));
  const started = performance.now();
  expect(await server.stop()).toBe(0);
  expect(performance.now() - started).toBeLessThan(8_000);
  await sending;
});
