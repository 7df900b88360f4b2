import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { type RawBuilder, sql } from 'kysely';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createApp } from '../../src/app.ts';
import { readPdf } from '../../src/features/filing/document/store.ts';
import { claimedId } from '../../src/kernel/links.ts';
import { createVault } from '../../src/kernel/vault.ts';
import { openHouse } from '../../src/open-house.ts';
import { readConfig } from '../../src/platform/config.ts';
import { permit } from '../../src/platform/db/access.ts';
import { type Keys, restoreArchive, writeArchive } from '../../src/platform/db/archive.ts';
import { type Database, openDatabase } from '../../src/platform/db/database.ts';
import { brokenRule } from '../../src/platform/db/portable.ts';
import { Refused } from '../../src/platform/db/rows.ts';
import { refersWithin, type TableName, tableNames } from '../../src/platform/db/tables.ts';
import { verifyInstallation } from '../../src/verification.ts';
import demo from '../../views/demo/demo.json' with { type: 'json' };
import { goodRequest, openTestApp, type TestApp } from '../support/app.ts';
import { addBulk } from '../support/bulk.ts';
import { everyRow, freshDatabase, kind, type Rows } from '../support/database.ts';
import { keysOf, runTool, settings, startTool } from '../support/tool.ts';

const at = '2026-11-23T09:00:00.000Z';
let home: string;
const opened: Database[] = [];

beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'samsyn-archive-'));
});
afterEach(async () => {
  for (const database of opened.splice(0)) await database.close();
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

const folder = () => mkdtempSync(join(home, 'in-'));
/** An empty database, of this run's kind or of the kind named. */
async function empty(keys: Keys, url?: string): Promise<Database & { url: string }> {
  const address = url ?? (await freshDatabase(folder()));
  const database = await openDatabase(address, keys.vault);
  opened.push(database);
  await database.migrate();
  return { ...database, url: address };
}
const linesOf = (file: string) => gunzipSync(readFileSync(file)).toString().trimEnd().split('\n');
/** The rows that an archive holds, read without the product. */
function rowsIn(file: string): Rows {
  const rows: Rows = {};
  let columns: string[] = [];
  let list: Record<string, unknown>[] = [];
  for (const line of linesOf(file).slice(1, -1)) {
    const value = JSON.parse(line);
    if (Array.isArray(value)) list.push(Object.fromEntries(columns.map((column, i) => [column, value[i]])));
    else {
      ({ columns } = value);
      list = rows[value.table as TableName] ??= [];
    }
  }
  return rows;
}
const failure = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => null,
    (error: unknown) => error,
  );
const countRows = async (database: Database) => Object.values(await everyRow(database)).flat().length;

describe('a backup taken while others work', () => {
  test('is of one moment, and restores to an installation that verifies', async () => {
    const app = await openTestApp({ now: at });
    const keys = keysOf(app);
    const { database } = app.house.engine;
    await addBulk(database, { requests: 2_000, events: 15_000 });
    const { db } = database.reads;
    const officer = await app.signIn('fk');
    const meeting = (
      await db.selectFrom('meeting').select('id').where('state', '=', 'scheduled').executeTakeFirstOrThrow()
    ).id;
    expect((await officer.post(`/moten/${meeting}/hallet`, {})).status).toBe(303);

    const accepted: string[] = [];
    const undecided: string[] = [];
    const decided: string[] = [];
    let working = true;
    const until = (done: () => boolean) => expect.poll(done, { timeout: 10_000, interval: 1 }).toBe(true);
    const again = (times: number, work: (i: number) => Promise<void>) =>
      Array.from({ length: times }, async (_, i) => {
        while (working) await work(i);
      });
    let version = 0;
    const work = [
      ...again(20, async () => {
        const sent = await app.visitor().post('/begaran', goodRequest);
        const token = /^\/begaran\/kvitto\/([^?]+)/.exec(sent.headers.get('location') ?? '')?.[1] as string;
        expect(sent.status).toBe(303);
        accepted.push(token);
        undecided.push(claimedId(token) as string);
      }),
      ...again(10, async () => {
        const id = undecided.shift();
        if (!id) return void (await new Promise((resolve) => setTimeout(resolve, 5)));
        const answer = { decision: 'decline', reasonCode: 'other', instead: 'x', reason: 'x', disclosure: 'outcome' };
        expect((await officer.post(`/begaran/${id}/beslut`, answer)).status).toBe(303);
        decided.push(id);
      }),
      ...again(1, async () => {
        const field = { field: 'canDo', text: `text ${version}`, baseVersion: version };
        expect(await (await officer.patch(`/moten/${meeting}/protokoll`, field)).json()).toEqual({
          version: ++version,
        });
      }),
    ];
    await until(() => accepted.length >= 20 && version > 3);
    const before = [...accepted];
    const file = join(folder(), 'backup.gz');
    const sums = await writeArchive(database, keys, file, at);
    const during = accepted.length - before.length;
    working = false;
    await Promise.all(work);
    expect(during).toBeGreaterThan(0);

    const target = await empty(keys);
    const compared = await restoreArchive(target, keys, file);
    const restored = await everyRow(target);
    const left = { session: undefined, rate: undefined };
    const none = Object.fromEntries(tableNames.map((table) => [table, []]));
    expect({ ...restored, ...left }).toEqual({ ...none, ...rowsIn(file), ...left });
    expect(Object.fromEntries(compared.map(({ table, arrived }) => [table, arrived]))).toEqual(sums);
    expect((await verifyInstallation(target)).faults).toEqual([]);
    expect(restored.session).toEqual([]);

    // One moment: what a command writes is there as a whole or not at all.
    const ids = new Set(
      [restored.request, restored.meeting, restored.case_file].flatMap((rows) => rows?.map(({ id }) => id)),
    );
    const done = restored.audit?.filter(({ outcome }) => outcome === 'done') ?? [];
    const named = done.flatMap((row) => [row.request_id, row.meeting_id, row.case_id]).filter(Boolean);
    expect(named.filter((id) => !ids.has(id))).toEqual([]);
    const submitted = restored.request?.filter(
      ({ id }) => undecided.includes(id as string) || decided.includes(id as string),
    );
    for (const { id, state } of submitted ?? []) {
      const moves = restored.request_move?.filter(({ request_id }) => request_id === id).map(({ move }) => move);
      const audited = done.filter(({ request_id }) => request_id === id).map(({ action }) => action);
      expect(moves?.includes('decline')).toBe(state === 'declined');
      expect(audited.includes('request.decline')).toBe(state === 'declined');
      expect(audited).toContain('request.submit');
    }
    for (const token of before) expect(ids).toContain(claimedId(token));
    expect(submitted?.length).toBeLessThan(accepted.length);

    const { house, close } = await openHouse(readConfig({ ...settings(app), DATABASE_URL: target.url }));
    const page = await createApp(house).request(`http://localhost:3000/begaran/kvitto/${before[0]}`);
    expect(page.status).toBe(200);
    expect(await page.text()).toContain(submitted?.find(({ id }) => id === claimedId(before[0] as string))?.reference);
    await close();
    for (const { id } of restored.document ?? []) {
      const pdf = await readPdf(permit(target.reads), id as string);
      expect(pdf.equals(await readPdf(permit(database.reads), id as string))).toBe(true);
      expect(pdf.subarray(0, 5).toString()).toBe('%PDF-');
    }
    await app.close();
  }, 60_000);
});

describe('what is no whole backup of this installation is refused, and the database stays empty', () => {
  let app: TestApp;
  let keys: Keys;
  let file: string;
  let bytes: Buffer;
  let lines: string[];
  beforeAll(async () => {
    app = await openTestApp({ now: at });
    keys = keysOf(app);
    file = join(folder(), 'backup.gz');
    await writeArchive(app.house.engine.database, keys, file, at);
    bytes = readFileSync(file);
    lines = linesOf(file);
  });
  afterAll(() => app.close());

  const packed = (...texts: string[]) => gzipSync(texts.map((text) => `${text}\n`).join(''));
  const swapped = (list: string[], i: number, j: number) =>
    list.map((line, at) => (at === i ? list[j] : at === j ? list[i] : line) as string);
  const rowOf = (table: string) => lines.findIndex((line) => line.startsWith(`{"table":"${table}"`)) + 1;
  const changed = (i: number, from: string | RegExp, to: string) => {
    const line = (lines[i] as string).replace(from, to);
    expect(line).not.toBe(lines[i]);
    return packed(...lines.with(i, line));
  };
  const damaged = 'The file is damaged or not whole. Nothing was restored.';
  const otherKey = 'The backup belongs to another DATA_KEY. Nothing was restored.';
  const cases: [string, () => Buffer, string][] = [
    ['nothing', () => Buffer.alloc(0), damaged],
    ['something else', () => Buffer.from('samsyn'), damaged],
    ['something else, zipped', () => gzipSync('samsyn'), damaged],
    ['half of it', () => bytes.subarray(0, bytes.length / 2), damaged],
    ['all but one byte', () => bytes.subarray(0, -1), damaged],
    ['all but the last line', () => packed(...lines.slice(0, -1)), damaged],
    ['only the header', () => packed(...lines.slice(0, 1)), damaged],
    ['the last line without its end', () => gzipSync(lines.join('\n')), damaged],
    ['a line after the last', () => packed(...lines, '["case 2027",1]'), damaged],
    ['one row less', () => packed(...lines.toSpliced(rowOf('audit'), 1)), damaged],
    ['one row twice', () => packed(...lines.toSpliced(rowOf('audit'), 0, lines[rowOf('audit')] as string)), damaged],
    ['two rows in each other’s place', () => packed(...swapped(lines, rowOf('audit'), rowOf('audit') + 1)), damaged],
    ['a row before any table', () => packed(...lines.toSpliced(1, 0, '["case 2027",1]')), damaged],
    ['one letter of a row', () => changed(rowOf('unit'), /[a-z]",/, 'ö",'), damaged],
    [
      'two columns in each other’s place',
      () => changed(rowOf('counter') - 1, '"name","value"', '"value","name"'),
      damaged,
    ],
    ['a table nobody knows', () => changed(rowOf('counter') - 1, 'counter', 'session'), damaged],
    ['another instant', () => changed(0, /"at":"2026/, '"at":"2027'), otherKey],
    ['another stamp', () => changed(lines.length - 1, /"stamp":".{4}/, '"stamp":"____'), otherKey],
    [
      'another version',
      () => changed(0, /"migration":"\w+"/, '"migration":"9999_next"'),
      expect.stringMatching(/^The backup is from version 9999_next/),
    ],
  ];
  test.each(cases)('%s', async (_name, make, message) => {
    const tampered = join(folder(), 'tampered.gz');
    writeFileSync(tampered, make());
    const target = await empty(keys);
    const error = await failure(restoreArchive(target, keys, tampered));
    expect(error).toBeInstanceOf(Refused);
    expect((error as Refused).message).toEqual(message);
    expect(await countRows(target)).toBe(0);
  });

  test('a row and its sum changed by somebody without the key', async () => {
    const copy = join(folder(), 'forged.gz');
    const forger = { ...keys, vault: createVault(Buffer.alloc(32, 7)) };
    await writeArchive(app.house.engine.database, forger, copy, at);
    const target = await empty(keys);
    expect(await failure(restoreArchive(target, keys, copy))).toEqual(new Refused(otherKey));
    const link = { ...keys, linkKey: Buffer.alloc(32, 7) };
    expect(String(await failure(restoreArchive(target, link, file)))).toContain('another LINK_KEY');
    expect(await countRows(target)).toBe(0);
  });

  test('a byte that is another, wherever it is', async () => {
    const target = await empty(keys);
    const tampered = join(folder(), 'flipped.gz');
    const step = Math.ceil(bytes.length / 120);
    const all = Array.from(bytes, (_, i) => i);
    // Bytes 4 to 9 of a gzip file say when and on what kind of computer it was made, and nothing of what is in it.
    const places = all.filter((i) => i < 4 || (i >= 10 && (i < 20 || i % step === 0 || i >= bytes.length - 12)));
    for (const i of places) {
      writeFileSync(tampered, bytes.with(i, (bytes[i] as number) ^ 0xff));
      expect(await failure(restoreArchive(target, keys, tampered)), `byte ${i}`).toBeInstanceOf(Refused);
    }
    expect(places.length).toBeGreaterThan(130);
    expect(await countRows(target)).toBe(0);
  });

  test('a database that has a row already', async () => {
    const target = await empty(keys);
    await target.transaction(({ db }) => db.insertInto('counter').values({ name: 'mine', value: 1 }).execute());
    const error = await failure(restoreArchive(target, keys, file));
    expect(error).toEqual(new Refused('The database is not empty. Nothing was written to it.'));
    expect(await countRows(target)).toBe(1);
  });

  test('a fault on the way takes all of it back', async () => {
    const target = await empty(keys);
    await target.transaction(({ db }) => sql`delete from code_outbox_state`.execute(db));
    expect(brokenRule(await failure(restoreArchive(target, keys, file)))).toBe('foreign_key');
    expect(await countRows(target)).toBe(0);
  });

  test('and the whole one goes from each kind of database to the other', async () => {
    const other = await empty(keys, `sqlite:${join(folder(), 'other.db')}`);
    await restoreArchive(other, keys, file);
    const back = join(folder(), 'back.gz');
    await writeArchive(other, keys, back, at);
    expect(linesOf(back)).toEqual(lines);
    const target = await empty(keys);
    await restoreArchive(target, keys, back);
    expect((await verifyInstallation(target)).faults).toEqual([]);
  });
});

test.runIf(kind === 'sqlite')('every table of the schema is copied, after those it refers to', async () => {
  const { db } = (await empty({ vault: createVault(Buffer.alloc(32, 1)), linkKey: Buffer.alloc(32, 1) })).reads;
  const run = <T>(query: RawBuilder<T>) => query.execute(db as never).then(({ rows }) => rows);
  const tables = await run(sql<{ name: string }>`select name from sqlite_master where type = 'table'`);
  const own = tables.map(({ name }) => name).filter((name) => !/^(code_|kysely_|sqlite_)/.test(name));
  expect(own.sort()).toEqual([...tableNames].sort());
  for (const [at, table] of tableNames.entries()) {
    const references = await run(
      sql<{ table: string; from: string }>`select "table", "from" from pragma_foreign_key_list(${table})`,
    );
    const forward = references.filter((one) => tableNames.indexOf(one.table as TableName) >= at);
    expect(forward).toEqual(refersWithin[table] ? [{ table, from: refersWithin[table] }] : []);
  }
});

describe('the commands', () => {
  test('back up, restore and verify, and say no word about anybody', async () => {
    const app = await openTestApp({ now: at });
    await app.visitor().post('/begaran', { ...goodRequest, individualName: 'Zqnamn Zqnamnsson' });
    const dir = folder();
    const file = join(dir, 'backup.gz');
    const env = { ...settings(app), DATABASE_URL: app.house.config.databaseUrl };
    const done = await runTool('backup', [file], env);
    expect(done).toMatchObject({ code: 0, err: '' });
    expect(done.out).toContain(`${Object.values(rowsIn(file)).flat().length} rader`);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readdirSync(dir)).toEqual(['backup.gz']);

    const { url } = await empty(keysOf(app));
    const there = { ...env, DATABASE_URL: url };
    const restored = await runTool('restore', [file], there);
    expect(restored).toMatchObject({ code: 0, err: '' });
    expect(restored.out).toMatch(/^request +7 rader, alla lika$/m);
    const verified = await runTool('verify', [], there);
    expect(verified).toMatchObject({ code: 0, err: '' });
    expect(verified.out).toMatch(/^request +7 rader$/m);
    // The heads that were kept before tell that the log went on; that it was restored tells why.
    expect(verified.out).toMatch(/^Loggen går vidare efter den här databasen: .* en säkerhetskopia av 2\d{3}-/m);

    const twice = await runTool('restore', [file], there);
    expect(twice).toEqual({ code: 1, out: '', err: 'The database is not empty. Nothing was written to it.\n' });
    const locked = await runTool('verify', [], { ...there, DATA_KEY: '7'.repeat(64) });
    expect(locked.code).toBe(1);
    expect(locked.out).toMatch(/^account \S+: name /m);
    const foreign = await runTool('restore', [file], { ...there, DATA_KEY: '7'.repeat(64) });
    expect(foreign).toMatchObject({ code: 1, out: '', err: expect.stringContaining('another DATA_KEY') });
    const called: [string, string[], Record<string, string>, number, string][] = [
      ['restore', [join(dir, 'none')], there, 1, 'Could not finish: ENOENT\n'],
      ['backup', [join(dir, 'none/x')], env, 1, 'Could not finish: ENOENT\n'],
      ['backup', [], env, 2, 'Usage: npm run backup -- <file>\n'],
      ['verify', [], { ...env, LINK_KEY: 'x' }, 1, expect.stringContaining('LINK_KEY: must be')],
    ];
    await Promise.all(
      called.map(async ([name, args, given, code, err]) =>
        expect(await runTool(name, args, given)).toEqual({ code, out: '', err }),
      ),
    );

    const said = [done, restored, verified, twice, locked, foreign].map(({ out, err }) => out + err).join();
    const words = ['Zqnamn', ...demo.accounts.flatMap(({ name, email }) => [name, email])];
    expect(words.filter((word) => said.includes(word))).toEqual([]);
    await app.close();
  }, 60_000);

  test('a backup that is killed leaves nothing that looks whole, and the next one replaces it', async () => {
    const app = await openTestApp({ now: at, seed: false });
    await addBulk(app.house.engine.database, { events: 30_000 });
    const dir = folder();
    const file = join(dir, 'backup.gz');
    writeFileSync(file, 'yesterday');
    const env = { ...settings(app), DATABASE_URL: app.house.config.databaseUrl };
    const { child, ended } = startTool('backup', [file], env);
    await expect.poll(() => readdirSync(dir).length, { timeout: 10_000, interval: 1 }).toBe(2);
    child.kill('SIGKILL');
    await ended;
    expect(readFileSync(file, 'utf8')).toBe('yesterday');
    expect((await runTool('backup', [file], env)).code).toBe(0);
    expect(rowsIn(file).audit?.length).toBe(30_000);
    expect(readdirSync(dir)).toEqual(['backup.gz']);
    await app.close();
  }, 60_000);
});
