import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { stockholmDate } from '../../src/kernel/time.ts';
import { systemClock } from '../../src/platform/clock.ts';
import { type Browser, launchBrowser } from '../support/browser.ts';
import { freshDatabase } from '../support/database.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { percentile, writeTogether } from '../support/together.ts';

/** Several in the same minutes, through two servers on one database: no word is lost, and all see the same. */

const seconds = Number(process.env.TOGETHER_SECONDS ?? 15);
const seed = Number(process.env.TOGETHER_SEED ?? Date.now() % 1_000_000);

let browser: Browser;
let servers: TestServer[];
let home: string;

/** Signed in, without a browser. */
async function signIn(account: string, { baseUrl } = servers[0] as TestServer) {
  const ask = (path: string, fields?: Record<string, string>, cookie = '') =>
    fetch(`${baseUrl}${path}`, {
      ...(fields && { method: 'POST', body: new URLSearchParams(fields) }),
      headers: { origin: baseUrl, cookie },
      redirect: 'manual',
    });
  const cookie = (await ask('/logga-in/demo', { account })).headers.get('set-cookie')?.split(';')[0];
  return (path: string, fields?: Record<string, string>) => ask(path, fields, cookie);
}

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'samsyn-together-'));
  const env = { DATA_DIR: home, DATABASE_URL: await freshDatabase(home) };
  servers = [await startServer(env)];
  servers.push(await startServer({ ...env, ROLE: 'web' }));
  browser = await launchBrowser();
  // The second officer covers for the first.
  const chef = await signIn('chef');
  const html = await (await chef('/enheten')).text();
  const [officers = ''] = /<select[^>]*name="officer"[\s\S]*?<\/select>/.exec(html) ?? [];
  const [one = '', two = ''] = [...officers.matchAll(/<option value="([\w-]{36})"/g)].map(([, id]) => id ?? '');
  const today = stockholmDate(systemClock.now());
  for (const [officer, cover] of [
    [one, two],
    [two, one],
  ] as const)
    await chef('/enheten/franvaro', { officer, cover, firstDay: today, lastDay: today });
});

afterAll(async () => {
  await browser?.close();
  for (const server of servers ?? []) await server.stop();
  rmSync(home, { recursive: true, force: true });
});

/** Opens the minutes of the first case's next meeting, once, and gives their path. */
async function openMinutes(): Promise<string> {
  const fk = await signIn('fk');
  const cases = (await (await fk('/arenden')).text()).match(/\/arenden\/[0-9a-f-]{36}/g) ?? [];
  for (const path of new Set(cases)) {
    const meetings = (await (await fk(path)).text()).match(/\/moten\/[0-9a-f-]{36}/g) ?? [];
    for (const meeting of new Set(meetings)) {
      const held = await (await fk(`${meeting}/hallet`)).text();
      if (held.includes(`action="${meeting}/hallet"`)) await fk(`${meeting}/hallet`, {});
      const minutes = await (await fk(`${meeting}/protokoll`)).text();
      if (minutes.includes('data-save-state')) return `${meeting}/protokoll`;
    }
  }
  throw new Error('no minutes to write in');
}

test.each([2, 5])(
  '%i browsers write at random, one loses the line and one is closed and opened again',
  async (count) => {
    const minutes = await openMinutes();
    const writers = Array.from({ length: count }, (_, i) => ({
      baseUrl: (servers[i % 2] as TestServer).baseUrl,
      account: i % 2 === 0 ? 'fk' : 'fk2',
    }));
    const found = await writeTogether(browser, minutes, writers, { seconds: seconds / 2, seed });
    const told = `seed ${seed}`;
    const news = (await (await (await signIn('fk'))(`${minutes}/andringar?efter=0`)).json()) as {
      fields: { field: string; text: string }[];
      earlier: Record<string, string>;
    };
    const inField = (box: string) => news.fields.find(({ field }) => field === box)?.text ?? '';
    const missing = [...found.typed].filter(
      ([word, { box }]) => !`${inField(box)} ${news.earlier[box] ?? ''}`.includes(word),
    );
    expect(missing, told).toEqual([]);
    for (const screen of found.screens) {
      for (const [box, text] of Object.entries(screen)) expect(text, `${told} ${box}`).toBe(inField(box));
    }
    expect(found.screens.length).toBe(count);
    expect(found.typed.size, told).toBeGreaterThan(count);
    const { latencies } = found;
    const [median, p95] = [0.5, 0.95].map((part) => Math.round(percentile(latencies, part)));
    console.log(
      `${count} browsers: ${found.typed.size} words, ${found.conflicts} conflicts, key → other screen ` +
        `${latencies.length} times: median ${median} ms, p95 ${p95} ms (${told})`,
    );
  },
  (seconds + 90) * 1000,
);
