import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createVault } from '../../src/kernel/vault.ts';
import { readConfig } from '../../src/platform/config.ts';
import { openDatabase } from '../../src/platform/db/database.ts';
import { goodRequest } from '../support/app.ts';
import { freshDatabase, kind } from '../support/database.ts';
import { freePort } from '../support/postgres.ts';

const root = join(import.meta.dirname, '../..');
let home: string;
let started: Started[] = [];

beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'samsyn-start-'));
});
afterEach(() => {
  // Only what a failed test left behind.
  for (const { child, pid } of started)
    if (child.exitCode === null && child.signalCode === null) process.kill(-pid, 'SIGKILL');
  started = [];
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

type Started = {
  child: ChildProcess;
  pid: number;
  url: string;
  output(): string;
  ended: Promise<{ code: number | null; ms: number }>;
};

/** `npm start` in a process group of its own, as somebody at a fresh machine's keyboard does. */
async function npmStart(env: Record<string, string>): Promise<Started> {
  const port = await freePort();
  const child = spawn('npm', ['start'], {
    cwd: root,
    detached: true,
    // Without the tools that the test runner put in front.
    env: {
      PATH: process.env.PATH?.replaceAll(/[^:]*node_modules[^:]*:/g, ''),
      HOME: process.env.HOME,
      PORT: String(port),
      ...env,
    },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk) => {
      output += chunk;
    });
  }
  const begun = performance.now();
  const ended = new Promise<{ code: number | null; ms: number }>((resolve) =>
    child.on('close', (code) => resolve({ code, ms: performance.now() - begun })),
  );
  const one = { child, pid: child.pid as number, url: `http://127.0.0.1:${port}`, output: () => output, ended };
  started.push(one);
  return one;
}

async function ready({ url, child, output }: Started): Promise<void> {
  for (const end = Date.now() + 30_000; Date.now() < end; ) {
    if (child.exitCode !== null) break;
    const response = await fetch(`${url}/readyz`).catch(() => null);
    if (response?.status === 200) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`not ready:\n${output()}`);
}

/** SIGTERM to npm, as an init system sends it; resolves with the exit code when the whole group is gone. */
async function stop(one: Started): Promise<{ code: number | null; ms: number }> {
  const begun = performance.now();
  process.kill(one.pid, 'SIGTERM');
  const { code } = await one.ended;
  expect(() => process.kill(-one.pid, 0), 'a process is left').toThrow('ESRCH');
  return { code, ms: performance.now() - begun };
}

async function counts(env: Record<string, string>) {
  const config = readConfig(env);
  const { reads, close } = await openDatabase(config.databaseUrl, createVault(config.dataKey));
  const tables = ['account', 'organisation', 'request', 'case_file', 'meeting', 'document'] as const;
  const rows = tables.map((table) =>
    reads.db
      .selectFrom(table)
      .select((s) => s.fn.countAll<number>().as('n'))
      .executeTakeFirstOrThrow(),
  );
  const found = (await Promise.all(rows)).map(({ n }) => n);
  await close();
  return Object.fromEntries(tables.map((table, i) => [table, found[i]]));
}

describe('npm start', () => {
  test('serves, seeds once, ends at SIGTERM with 0, and comes up again with what was there', async () => {
    const dataDir = mkdtempSync(join(home, 'data-'));
    const env = { DATA_DIR: dataDir, DATABASE_URL: await freshDatabase(dataDir) };
    const first = await npmStart(env);
    await ready(first);
    const page = await fetch(`${first.url}/`);
    expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=UTF-8']);
    expect(await page.text()).toContain('<html lang="sv">');
    expect(first.output()).toMatch(/igång: http:\/\/localhost:\d+/);

    const sent = fetch(`${first.url}/begaran`, {
      method: 'POST',
      redirect: 'manual',
      body: new URLSearchParams(goodRequest),
    });
    const answered = (await sent).headers.get('location');
    expect(answered).toMatch(/^\/begaran\/kvitto\//);
    const ended = await stop(first);
    expect(ended.code, first.output()).toBe(0);
    expect(ended.ms).toBeLessThan(10_000);
    for (const word of ['Tove', '0129-2388', '01292388', 'Vester', (answered ?? '').slice(16, 60)])
      expect(first.output()).not.toContain(word);
    const files = ['keys', 'log-heads', 'mail', ...(kind === 'sqlite' ? ['samsyn.db'] : [])];
    expect(readdirSync(dataDir).sort(), 'the database was closed').toEqual(files);
    const before = await counts(env);
    expect(before).toMatchObject({ account: 12 });

    const second = await npmStart(env);
    await ready(second);
    const receipt = await fetch(`${second.url}${answered}`);
    expect(receipt.status, 'the link of before still opens').toBe(200);
    expect((await stop(second)).code).toBe(0);
    expect(await counts(env)).toEqual(before);
  }, 90_000);

  test('a request under way at SIGTERM is answered, and new ones are not taken', async () => {
    const dataDir = mkdtempSync(join(home, 'data-'));
    const one = await npmStart({ DATA_DIR: dataDir, DATABASE_URL: await freshDatabase(dataDir), DEMO: 'off' });
    await ready(one);
    const body = new URLSearchParams(goodRequest).toString();
    let finish = () => {};
    const slow = new ReadableStream({
      start(controller) {
        controller.enqueue(new TextEncoder().encode(body.slice(0, 20)));
        finish = () => {
          controller.enqueue(new TextEncoder().encode(body.slice(20)));
          controller.close();
        };
      },
    });
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const init = { method: 'POST', redirect: 'manual', headers, body: slow, duplex: 'half' } as RequestInit;
    const answer = fetch(`${one.url}/begaran`, init);
    await new Promise((resolve) => setTimeout(resolve, 300));
    const stopped = stop(one);
    await new Promise((resolve) => setTimeout(resolve, 500));
    await expect(fetch(`${one.url}/healthz`, { headers: { connection: 'close' } })).rejects.toThrow();
    finish();
    expect((await answer).status).toBe(303);
    expect((await stopped).code).toBe(0);
  }, 60_000);

  test.each([
    ['PORT', { PORT: 'qqport' }],
    ['SMTP_URL', { SMTP_URL: 'https://qquser:qqpass@mail.example' }],
    ['OIDC_ISSUER', { NODE_ENV: 'production' }],
  ])(
    'a wrong %s stops the start, by name',
    async (name, env) => {
      const dataDir = mkdtempSync(join(home, 'data-'));
      const one = await npmStart({ DATA_DIR: dataDir, ...(env as Record<string, string>) });
      const { code } = await one.ended;
      expect(code).not.toBe(0);
      expect(one.output()).toContain(`  ${name}: `);
      expect(one.output()).not.toMatch(/qq|\n\s+at /);
      expect(readdirSync(dataDir)).toEqual([]);
    },
    30_000,
  );
});
