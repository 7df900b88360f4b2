import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { linkToken } from '../../src/kernel/links.ts';
import { openHouse } from '../../src/open-house.ts';
import { readConfig } from '../../src/platform/config.ts';
import { seedDemo } from '../../src/seed.ts';
import type { BarePage } from './bare.ts';
import { atLeast, inTurn, load, processorTime, type Row, startServer } from './measure.ts';
import { seedMany } from './seed.ts';

const meetings = 40_000;
const rounds = 5;
const seconds = 3;

/** Signs in to a running server; returns the session's cookie. */
export async function signIn(url: string, account: string): Promise<string> {
  const response = await fetch(`${url}/logga-in/demo`, {
    method: 'POST',
    headers: { 'sec-fetch-site': 'same-origin' },
    body: new URLSearchParams({ account }),
    redirect: 'manual',
  });
  const [cookie] = response.headers.getSetCookie();
  if (response.status !== 303 || !cookie) throw new Error(`bench: sign-in answered ${response.status}`);
  return cookie.split(';')[0] ?? '';
}

/** Fills a data folder; returns paths of open cases of the first officer, and of participants' own pages. */
export async function seedFolder(
  dataDir: string,
  meetings: number,
  databaseUrl?: string,
): Promise<{ cases: string[]; links: string[] }> {
  const config = readConfig({ DATA_DIR: dataDir, DATABASE_URL: databaseUrl, LOG_LEVEL: 'warn' });
  const { house, close } = await openHouse(config);
  await seedDemo(house);
  const { db } = house.engine.database.reads;
  const filled = await db.selectFrom('meeting').select('id').where('uid', 'like', '%@seed.example').limit(1).execute();
  if (filled.length === 0) await seedMany(house, meetings);
  const cases = await db
    .selectFrom('case_file as c')
    .innerJoin('account as a', 'a.id', 'c.officer_id')
    .select('c.id')
    .where('a.demo_key', '=', 'fk')
    .where('c.state', '=', 'open')
    .where('c.number_fp', 'like', 'seed%')
    .limit(30)
    .execute();
  const participants = await db
    .selectFrom('participant as p')
    .innerJoin('meeting as m', 'm.id', 'p.meeting_id')
    .select('p.id')
    .where('m.state', '=', 'scheduled')
    .where('m.uid', 'like', '%@seed.example')
    .limit(2_000)
    .execute();
  await close();
  return {
    cases: cases.map(({ id }) => `/arenden/${id}`),
    links: participants.map(({ id }) => `/svar/${linkToken(config.linkKey, 'participant', id, 1)}`),
  };
}

/** The same bytes from us and from Hono alone, five pages that people open most. */
export async function pages(): Promise<Row[]> {
  const dataDir = mkdtempSync(join(tmpdir(), 'samsyn-bench-'));
  const { cases, links } = await seedFolder(dataDir, meetings);
  const ours = await startServer('src/main.ts', { DATA_DIR: dataDir });
  const cookie = await signIn(ours.url, 'fk');
  const kinds = [
    { what: 'public form /begaran/ny', paths: ['/begaran/ny'], cookie: '', goal: 0.5 },
    { what: 'link page /svar/<token>', paths: links, cookie: '', goal: 0.5 },
    { what: 'queue /inkorg', paths: ['/inkorg'], cookie, goal: 0.35 },
    { what: 'case page /arenden/<id>', paths: cases, cookie, goal: 0.35 },
    { what: 'plan /arenden/<id>/plan', paths: cases.map((path) => `${path}/plan`), cookie, goal: 0.35 },
  ];
  const file = join(dataDir, 'bare.json');
  const samples = await Promise.all(kinds.map((kind) => sample(ours.url, kind.paths[0] ?? '', kind.cookie)));
  writeFileSync(file, JSON.stringify(samples));
  const bare = await startServer('tests/bench/bare.ts', { BARE_PAGES: file });
  const rows: Row[] = [];
  for (const { what, paths, cookie, goal } of kinds) {
    await load(ours.url, paths, cookie, 2);
    await load(bare.url, paths.slice(0, 1), cookie, 1);
    const before = processorTime(bare.pid);
    const found = await inTurn(
      rounds,
      () => load(ours.url, paths, cookie, seconds),
      () => load(bare.url, paths.slice(0, 1), cookie, seconds),
    );
    const busy = (processorTime(bare.pid) - before) / (rounds * seconds);
    rows.push(
      atLeast(
        what,
        found.ratio,
        goal,
        `${found.ours.toFixed(0)}/s`,
        `${found.other.toFixed(0)}/s (${busy.toFixed(2)})`,
      ),
    );
  }
  await ours.stop();
  await bare.stop();
  rmSync(dataDir, { recursive: true });
  return rows;
}

export async function sample(url: string, path: string, cookie: string): Promise<BarePage> {
  const response = await fetch(`${url}${path}`, { headers: { cookie, 'accept-encoding': 'identity' } });
  const headers = Object.fromEntries(response.headers);
  for (const name of ['connection', 'keep-alive', 'date', 'content-length', 'transfer-encoding']) delete headers[name];
  return { path, headers, body: await response.text() };
}
