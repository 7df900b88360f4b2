import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { migrations } from '../../migrations/index.ts';
import { createVault } from '../../src/kernel/vault.ts';
import { deletePrefix } from '../../src/platform/audit/checkpoint.ts';
import { type Database, openDatabase, type Writes } from '../../src/platform/db/database.ts';
import { brokenRule } from '../../src/platform/db/portable.ts';
import demo from '../../views/demo/demo.json' with { type: 'json' };
import { goodRequest, openTestApp } from '../support/app.ts';
import { everyRow, freshDatabase, kind, storedBytes } from '../support/database.ts';

const run = promisify(execFile);
const vault = createVault(Buffer.alloc(32, 1));
let home: string;

beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'samsyn-database-'));
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

const open = async (): Promise<Database> => openDatabase(await freshDatabase(mkdtempSync(join(home, 'db-'))), vault);

const failure = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => null,
    (error: unknown) => error,
  );

describe(`on ${kind}`, () => {
  let database: Database;
  beforeEach(async () => {
    database = await open();
    await database.migrate();
  });
  afterEach(() => database.close());

  const put = ({ db }: Writes, name: string, value: number) =>
    db.insertInto('counter').values({ name, value }).execute();
  const names = async () => {
    const rows = await database.reads.db.selectFrom('counter').select('name').execute();
    return rows.map(({ name }) => name).sort();
  };

  test('of 20 × 50 parallel transactions exactly those that end well are there, at once', async () => {
    const committed: string[] = [];
    for (let round = 0; round < 20; round++) {
      const work = Array.from({ length: 50 }, async (_, i) => {
        const key = `${round}-${i}`;
        const outcome = await failure(
          database.transaction(async (writes) => {
            await put(writes, `${key}-a`, i);
            // Others run here, if anything lets them.
            await new Promise((resolve) => setImmediate(resolve));
            await put(writes, `${key}-b`, i);
            if (i % 2 === 1) throw new Error('back');
          }),
        );
        const seen = await database.reads.db
          .selectFrom('counter')
          .select('value')
          .where('name', 'like', `${key}-%`)
          .execute();
        if (i % 2 === 1) {
          expect(outcome).toEqual(new Error('back'));
          expect(seen).toEqual([]);
        } else {
          expect(outcome).toBe(null);
          expect(seen).toEqual([{ value: i }, { value: i }]);
          committed.push(`${key}-a`, `${key}-b`);
        }
      });
      await Promise.all(work);
    }
    expect(await names()).toEqual(committed.sort());
    expect(committed).toHaveLength(20 * 25 * 2);
  });

  test('a transaction sees its own rows, and nobody else does before it ends', async () => {
    await database.transaction(async (writes) => {
      await put(writes, 'mine', 1);
      expect(await writes.db.selectFrom('counter').select('name').execute()).toEqual([{ name: 'mine' }]);
      expect(await names()).toEqual([]);
    });
    expect(await names()).toEqual(['mine']);
  });

  test('a broken rule inside a transaction takes the whole of it back', async () => {
    const error = await failure(
      database.transaction(async (writes) => {
        await put(writes, 'once', 1);
        await put(writes, 'once', 2);
      }),
    );
    expect(brokenRule(error)).toBe('unique');
    expect(await names()).toEqual([]);
    await database.transaction((writes) => put(writes, 'after', 1));
    expect(await names()).toEqual(['after']);
  });

  test('reads cannot write: it does not compile', () => {
    const { reads } = database;
    // @ts-expect-error reads have no insertInto
    expect(() => reads.db.insertInto('counter').values({ name: 'x', value: 1 })).not.toThrow();
    // @ts-expect-error nor updateTable
    expect(() => reads.db.updateTable('counter').set({ value: 1 })).not.toThrow();
    // @ts-expect-error nor deleteFrom
    expect(() => reads.db.deleteFrom('counter')).not.toThrow();
    // @ts-expect-error nor a transaction
    const begin = () => reads.db.transaction();
    // @ts-expect-error and are no Writes
    const pass = () => deletePrefix(reads, 'x', 0);
    expect([begin, pass]).toHaveLength(2);
  });

  test('reads cannot write: it does not work', async () => {
    const writes = database.reads as unknown as Writes;
    expect(await failure(put(writes, 'x', 1))).toBeInstanceOf(Error);
    expect(await failure(writes.db.deleteFrom('counter').execute())).toBeInstanceOf(Error);
    expect(await names()).toEqual([]);
  });

  test('migrating again changes nothing, and ready() tells a migrated database from an empty one', async () => {
    await database.transaction((writes) => put(writes, 'kept', 1));
    await Promise.all([database.migrate(), database.migrate()]);
    expect(await names()).toEqual(['kept']);
    expect(await database.ready()).toBe(true);
    const empty = await open();
    expect(await empty.ready()).toBe(false);
    await empty.close();
    expect(await empty.ready()).toBe(false);
  });

  test('which rule was broken is told apart', async () => {
    const session = { id_hash: 'x', account_id: 'nobody', created_at: '', seen_at: '' };
    const breaking: [string | null, (writes: Writes) => Promise<unknown>][] = [
      ['unique', async (w) => [await put(w, 'a', 1), await put(w, 'a', 2)]],
      ['foreign_key', (w) => w.db.insertInto('session').values(session).execute()],
      ['not_null', (w) => put(w, 'b', null as unknown as number)],
      [null, () => Promise.reject(new Error('UNIQUE constraint failed, said somebody else'))],
      [null, (w) => sql`select * from no_such_table`.execute(w.db)],
    ];
    for (const [rule, work] of breaking) expect(brokenRule(await failure(database.transaction(work)))).toBe(rule);
    expect(brokenRule('UNIQUE')).toBe(null);
  });

  test('one open case per person is the database’s own rule', async () => {
    await database.transaction(async ({ db }) => {
      await db.insertInto('organisation').values({ id: 'o', party: 'FK', name: 'n' }).execute();
      await db
        .insertInto('unit')
        .values({ id: 'u', organisation_id: 'o', name: 'n', phone: '', address: '' })
        .execute();
      const account = { id: 'a', demo_key: null, role: 'officer' as const, fk: 1 as const, party: 'FK', name: 'x' };
      const rest = { organisation_id: 'o', unit_id: 'u', email: null, phone: null, number_fp: null };
      await db
        .insertInto('account')
        .values({ ...account, ...rest })
        .execute();
    });
    const add = (id: string, state: string, number_fp: string | null) =>
      failure(
        database.transaction(({ db }) =>
          db
            .insertInto('case_file')
            .values({
              ...{ id, number: id, state, number_fp, individual: 'x', individual_account_id: null, officer_id: 'a' },
              ...{ unit_id: 'u', opened_at: '', closed_at: null },
            })
            .execute(),
        ),
      );
    expect(await add('1', 'open', 'fp')).toBe(null);
    expect(brokenRule(await add('2', 'open', 'fp'))).toBe('unique');
    expect(brokenRule(await add('3', 'closing', 'fp'))).toBe('unique');
    expect(await add('4', 'closed', 'fp')).toBe(null);
    expect(await add('5', 'open', null)).toBe(null);
    expect(await add('6', 'open', null)).toBe(null);
    expect(brokenRule(await add('7', 'no_such_state', null))).toBe('foreign_key');
  });

  test('three processes may migrate one new database at once, ten times', async () => {
    const script = join(import.meta.dirname, '../support/migrate.ts');
    for (let round = 0; round < 10; round++) {
      const url = await freshDatabase(mkdtempSync(join(home, 'db-')));
      await Promise.all(Array.from({ length: 3 }, () => run(process.execPath, [script, url])));
      const migrated = await openDatabase(url, vault);
      expect(await migrated.ready()).toBe(true);
      const rows = await migrated.reads.db.selectFrom('kysely_migration').select('name').execute();
      expect(rows.map(({ name }) => name).sort()).toEqual(Object.keys(migrations).sort());
      await migrated.close();
    }
  }, 90_000);
});

test('nothing that anybody typed can be read in the database’s files', async () => {
  const app = await openTestApp();
  const typed: Record<string, string> = {
    requesterName: 'Zqnamea Zqnameb',
    requesterOrganisation: 'Zqorganisation',
    requesterRoleOther: 'Zqroleother',
    onBehalfOf: 'Zqbehalf',
    requesterEmail: 'zqmail@zqmail.example',
    requesterPhone: '070-174 99 88',
    requesterReference: 'Zqreference',
    individualName: 'Zqpersona Zqpersonb',
    individualContact: 'Zqcontact',
    interpreterLanguage: 'Zqlanguage',
    purpose: 'Zqpurpose',
    tried: 'Zqtried',
    needs: 'Zqneeds',
    ownQuestion: 'Zqquestion',
    partiesNote: 'Zqparties',
    wishes: 'Zqwishes',
    disclosureBasis: 'Zqbasis',
  };
  const sent = { ...goodRequest, ...typed, requesterRole: 'SOC', consent: 'no' };
  const visitor = app.visitor();
  const receipt = (await visitor.post('/begaran', sent)).headers.get('location') ?? '';
  expect(receipt).toMatch(/^\/begaran\/kvitto\//);
  const path = receipt.split('?')[0] as string;
  const token = path.split('/').at(-1) as string;
  expect((await visitor.post(`${path}/komplettering`, { text: 'Zqsupplement' })).status).toBe(303);
  const officer = await app.signIn('fk');
  const { id } = await app.house.engine.database.reads.db
    .selectFrom('request')
    .select('id')
    .orderBy('id', 'desc')
    .executeTakeFirstOrThrow();
  const declined = await officer.post(`/begaran/${id}/beslut`, {
    ...{ decision: 'decline', reasonCode: 'other', instead: 'Zqinstead', reason: 'Zqreason' },
    ...{ disclosure: 'outcome_and_reason', disclosureGround: 'Zqground', outwardText: 'Zqoutward' },
  });
  expect(declined.status).toBe(303);

  const words = [
    ...Object.values(typed).flatMap((value) => [value, value.toLowerCase()]),
    ...['Zqsupplement', 'Zqinstead', 'Zqreason', 'Zqground', 'Zqoutward', 'zqmail', 'Zqnameb'],
    ...[goodRequest.individualNumber, goodRequest.individualNumber.replace('-', ''), '20129-2388', token],
    ...demo.accounts.flatMap((account) => [account.name, account.email, account.phone]),
    ...Object.values(demo.requests).flatMap((request) => [request.individualName, request.purpose]),
    ...['199701312390', '19970131', '197010632391', '197010602394'],
  ].filter((word) => word.length > 3);

  const rows = Object.entries(await everyRow(app.house.engine.database));
  const cells = rows.flatMap(([table, list]) =>
    list.flatMap((row) => Object.entries(row).map((cell) => [table, ...cell])),
  );
  expect(cells.length).toBeGreaterThan(1000);
  for (const [table, column, value] of cells) {
    const found = words.filter((word) => String(value).includes(word));
    expect(found, `${table}.${column}`).toEqual([]);
  }
  const bytes = await storedBytes(app);
  expect(words.filter((word) => bytes.includes(word))).toEqual([]);
  await app.close();
});
