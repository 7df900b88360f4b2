import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createVault } from '../../src/kernel/vault.ts';
import { type Database, openDatabase } from '../../src/platform/db/database.ts';
import { tableNames } from '../../src/platform/db/tables.ts';
import { verifyInstallation } from '../../src/verification.ts';
import demo from '../../views/demo/demo.json' with { type: 'json' };
import { addBulk } from '../support/bulk.ts';
import { everyRow, freshDatabase, kind } from '../support/database.ts';
import { startServer } from '../support/server.ts';
import { type Ran, runTool } from '../support/tool.ts';

const keys = { LINK_KEY: '1'.repeat(64), DATA_KEY: '2'.repeat(64) };
const vault = createVault(Buffer.from(keys.DATA_KEY, 'hex'));

describe.runIf(kind === 'postgres')('an installation moves from SQLite to PostgreSQL', () => {
  let home: string;
  let file: string;
  let env: Record<string, string>;
  let source: Database;
  let running: Ran;
  let before: Awaited<ReturnType<typeof everyRow>>;
  const targets: Database[] = [];

  const openTarget = async (url: string): Promise<Database> => {
    const target = await openDatabase(url, vault);
    targets.push(target);
    return target;
  };
  const move = (...to: string[]) => runTool('move', to, env);
  /** Settings of another installation, with few rows. */
  async function small(): Promise<Record<string, string>> {
    const url = `sqlite:${join(mkdtempSync(join(home, 'small-')), 'samsyn.db')}`;
    const database = await openDatabase(url, vault);
    await database.migrate();
    await addBulk(database, { events: 500 });
    await database.close();
    return { ...env, DATABASE_URL: url };
  }

  beforeAll(async () => {
    home = mkdtempSync(join(tmpdir(), 'samsyn-move-'));
    file = `sqlite:${join(home, 'samsyn.db')}`;
    env = { DATA_DIR: home, DATABASE_URL: file, LOG_LEVEL: 'silent', ...keys };
    const server = await startServer({ ...keys, DATABASE_URL: file });
    const signedIn = await fetch(`${server.baseUrl}/logga-in/demo`, {
      ...{ method: 'POST', redirect: 'manual', headers: { origin: server.baseUrl, 'sec-fetch-site': 'same-origin' } },
      body: new URLSearchParams({ account: 'fk' }),
    });
    expect(signedIn.status).toBe(303);
    running = await runTool('move', [await freshDatabase(home)], env);
    await server.stop();
    source = await openDatabase(file, vault);
    await addBulk(source, { requests: 20_000, messages: 20_000, events: 65_000 });
    before = await everyRow(source);
    await source.close();
  }, 60_000);
  afterAll(async () => {
    for (const target of targets) await target.close();
    rmSync(home, { recursive: true, force: true });
  });

  test('not while it runs: what is written meanwhile would be lost', () => {
    expect(running).toEqual({ code: 1, out: '', err: 'Samsyn is running on this database: stop it first.\n' });
  });

  test('100,000 rows and more arrive, each as it was, and the next move is refused', async () => {
    const url = await freshDatabase(home);
    const start = performance.now();
    const moved = await move(url);
    const seconds = (performance.now() - start) / 1000;
    expect(moved).toMatchObject({ code: 0, err: '' });
    const total = Object.values(before).reduce((sum, rows) => sum + rows.length, 0);
    process.stdout.write(`moved ${total} rows in ${seconds.toFixed(1)} s, ${Math.round(total / seconds)} rows/s\n`);
    expect(total).toBeGreaterThan(105_000);
    for (const table of tableNames) {
      expect(moved.out).toMatch(new RegExp(`^${table} +${before[table]?.length} rader, alla lika$`, 'm'));
    }
    for (const { name, email } of demo.accounts) {
      expect(moved.out).not.toContain(name);
      expect(moved.out).not.toContain(email);
    }
    expect(moved.out).not.toContain('samsyn:samsyn@');

    const target = await openTarget(url);
    const arrived = await everyRow(target);
    for (const table of tableNames) expect(arrived[table]?.length, table).toBe(before[table]?.length);
    expect(arrived).toEqual(before);
    expect(arrived.session?.length).toBe(1);
    expect(arrived.request?.filter((row) => row.merged_into).length).toBe(1999);
    expect((await verifyInstallation(target)).faults).toEqual([]);

    expect(await move(url)).toEqual({
      ...{ code: 1, out: '', err: 'The database is not empty. Nothing was written to it.\n' },
    });
    expect((await everyRow(target)).audit?.length).toBe(before.audit?.length);
  }, 60_000);

  test('a row that does not arrive as it was is reported, and nothing is kept', async () => {
    const url = await freshDatabase(home);
    const target = await openTarget(url);
    await target.migrate();
    await target.transaction(async ({ db }) => {
      await sql`create function altered() returns trigger language plpgsql as
        $$ begin new.code = 'x'; return new; end $$`.execute(db);
      await sql`create trigger altered before insert on audit for each row
        when (new.reference = '300') execute function altered()`.execute(db);
    });
    const moved = await runTool('move', [url], await small());
    expect(moved).toMatchObject({ code: 1, err: 'Not every row arrived as it was. Nothing was kept.\n' });
    const wrong = moved.out.split('\n').filter((line) => line.includes('INTE LIKA'));
    expect(wrong).toEqual([expect.stringMatching(/^audit +500 rader gavs, +500 kom fram, INTE LIKA$/)]);
    expect(Object.values(await everyRow(target)).flat()).toEqual([]);
  });

  test('only from SQLite, and only to PostgreSQL', async () => {
    const few = await small();
    const move = (...to: string[]) => runTool('move', to, few);
    const url = await freshDatabase(home);
    expect(await move('sqlite:other.db')).toMatchObject({ code: 1, err: 'The target must be postgres://…\n' });
    expect(await move()).toMatchObject({ code: 2, err: 'Usage: npm run move -- <postgres://…>\n' });
    expect(await runTool('move', [url], { ...few, DATABASE_URL: url })).toMatchObject({
      ...{ code: 1, err: 'DATABASE_URL must be the SQLite database to move from.\n' },
    });
    const nowhere = await runTool('move', [url], { ...few, DATABASE_URL: `sqlite:${join(home, 'none.db')}` });
    expect(nowhere).toMatchObject({ code: 1, err: expect.stringContaining('no database of this version') });
    const refused = await move('postgres://samsyn:secret@127.0.0.1:9/none');
    expect(refused).toEqual({ code: 1, out: '', err: 'Could not finish: ECONNREFUSED\n' });
  });
});
