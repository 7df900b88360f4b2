import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findDemoAccount } from '../../src/features/account/store.ts';
import { openHouse } from '../../src/open-house.ts';
import { readConfig } from '../../src/platform/config.ts';
import { freePort } from '../support/postgres.ts';
import { atMost, inTurn, type Row, start, startServer, untilReady } from './measure.ts';
import { seedFolder, signIn } from './pages.ts';

const rounds = 9;

/** From the start of the process to its first answer, with a database that is there, against Node and Hono alone. */
export async function startUp(): Promise<Row[]> {
  const dataDir = mkdtempSync(join(tmpdir(), 'samsyn-bench-'));
  await seedFolder(dataDir, 4);
  const timed = async (script: string): Promise<number> => {
    const port = await freePort();
    const started = performance.now();
    const child = start(script, { PORT: String(port), DATA_DIR: dataDir });
    await untilReady(`http://127.0.0.1:${port}`, child);
    const took = performance.now() - started;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    await ended;
    return took;
  };
  await timed('src/main.ts');
  const { ours, other, ratio } = await inTurn(
    rounds,
    () => timed('src/main.ts'),
    () => timed('tests/bench/bare.ts'),
  );
  rmSync(dataDir, { recursive: true });
  return [atMost('start to ready against Node and Hono', ratio, 3, `${ours.toFixed(0)} ms`, `${other.toFixed(0)} ms`)];
}

const sessions = 10_000;
const opened = 300;

/** Resident memory with many sessions in the database, after each kind of page was opened some hundred times. */
export async function memory(): Promise<Row[]> {
  const dataDir = mkdtempSync(join(tmpdir(), 'samsyn-bench-'));
  const { cases, links } = await seedFolder(dataDir, 1_000);
  const { house, close } = await openHouse(readConfig({ DATA_DIR: dataDir, LOG_LEVEL: 'warn' }));
  const { database, clock } = house.engine;
  const account = await findDemoAccount(database.reads, 'fk');
  const at = clock.now();
  for (let i = 0; i < sessions; i += 1_000) {
    const rows = Array.from({ length: 1_000 }, () => ({
      ...{ id_hash: randomBytes(32).toString('base64url'), account_id: account?.id ?? '' },
      ...{ created_at: at, seen_at: at },
    }));
    await database.transaction(({ db }) => db.insertInto('session').values(rows).execute());
  }
  await close();
  // The first start compiles; what that needs is in memory for as long as it runs.
  await (await startServer('src/main.ts', { DATA_DIR: dataDir })).stop();
  const server = await startServer('src/main.ts', { DATA_DIR: dataDir });
  const cookie = await signIn(server.url, 'fk');
  const plans = cases.map((path) => `${path}/plan`);
  for (const paths of [['/', '/begaran/ny', '/aktorer'], links, ['/inkorg'], cases, plans]) {
    for (let i = 0; i < opened; i++) {
      const response = await fetch(`${server.url}${paths[i % paths.length]}`, { headers: { cookie } });
      await response.text();
    }
  }
  const resident = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${server.pid}/status`, 'utf8'));
  await server.stop();
  rmSync(dataDir, { recursive: true });
  const mib = Number(resident?.[1]) / 1024;
  return [atMost('resident memory, 10,000 sessions, MiB', mib, 200, '', '')];
}
