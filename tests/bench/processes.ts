import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onServer } from '../support/database.ts';
import { startPostgres } from '../support/postgres.ts';
import { atLeast, inTurn, load, type Row, startServer } from './measure.ts';
import { seedFolder, signIn } from './pages.ts';

const rounds = 5;
const seconds = 3;

/** Two web processes on one PostgreSQL against one; the load and the database share the same cores. */
export async function processes(): Promise<Row[]> {
  const dataDir = mkdtempSync(join(tmpdir(), 'samsyn-bench-'));
  const postgres = await startPostgres({ durable: true });
  await onServer('create database bench', postgres.url);
  const databaseUrl = `${postgres.url}/bench`;
  const { cases } = await seedFolder(dataDir, 4_000, databaseUrl);
  const env = { DATA_DIR: dataDir, DATABASE_URL: databaseUrl, ROLE: 'web' };
  const [one, two] = [await startServer('src/main.ts', env), await startServer('src/main.ts', env)];
  const cookie = await signIn(one.url, 'fk');
  await Promise.all([load(one.url, cases, cookie, 2), load(two.url, cases, cookie, 2)]);
  const { ours, other, ratio } = await inTurn(
    rounds,
    async () => {
      const [a, b] = await Promise.all([one, two].map(({ url }) => load(url, cases, cookie, seconds)));
      return (a ?? 0) + (b ?? 0);
    },
    () => load(one.url, cases, cookie, seconds),
  );
  await one.stop();
  await two.stop();
  await postgres.close();
  rmSync(dataDir, { recursive: true });
  const show = (rate: number) => `${rate.toFixed(0)}/s`;
  return [atLeast('case page on PostgreSQL: two processes against one', ratio, 1, show(ours), show(other))];
}
