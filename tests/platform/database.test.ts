import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { CompiledQuery, sql } from 'kysely';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createVault } from '../../src/kernel/vault.ts';
import { writeAudit } from '../../src/platform/audit/audit.ts';
import { type Database, openDatabase, type Writes } from '../../src/platform/db/database.ts';
import { brokenRule } from '../../src/platform/db/portable.ts';
import { openSqlite, WriterBusy } from '../../src/platform/db/sqlite.ts';
import demo from '../../views/demo/demo.json' with { type: 'json' };
import { goodRequest, openTestApp } from '../support/app.ts';

const run = promisify(execFile);
const vault = createVault(Buffer.alloc(32, 1));
let home: string;

beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'samsyn-database-'));
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

const freshFile = () => join(mkdtempSync(join(home, 'db-')), 'samsyn.db');

/** Every database the product runs on: an empty one of its kind, not yet migrated. */
const targets: { name: string; open(): Promise<Database> }[] = [
  { name: 'sqlite', open: () => openDatabase(freshFile(), vault) },
];

const failure = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => null,
    (error: unknown) => error,
  );

describe.each(targets)('$name', ({ open }) => {
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
    const pass = () => writeAudit(reads);
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
});

describe('the SQLite driver', () => {
  type Own = { own: { id: number; word: string } };
  let file: string;
  let own: Awaited<ReturnType<typeof openSqlite<Own>>>;
  beforeEach(async () => {
    file = freshFile();
    own = await openSqlite<Own>(file, { patienceMs: 60, readers: 2 });
    await sql`create table own (id integer primary key, word text check (word <> 'bad'))`.execute(own.writer);
  });
  afterEach(() => failure(own.close()));

  test('check is told from unique', async () => {
    const add = (id: number, word: string) => failure(own.writer.insertInto('own').values({ id, word }).execute());
    expect(await add(1, 'good')).toBe(null);
    expect(brokenRule(await add(2, 'bad'))).toBe('check');
    expect(brokenRule(await add(1, 'good'))).toBe('unique');
  });

  test('says so when the writer is used from inside its own transaction, and works on afterwards', async () => {
    const error = await failure(
      own.writer.transaction().execute(async (trx) => {
        await trx.insertInto('own').values({ id: 1, word: 'lost' }).execute();
        await own.writer.insertInto('own').values({ id: 2, word: 'stuck' }).execute();
      }),
    );
    expect(error).toBeInstanceOf(WriterBusy);
    expect(await own.reader.selectFrom('own').selectAll().execute()).toEqual([]);
    await own.writer.insertInto('own').values({ id: 3, word: 'after' }).execute();
    expect(await own.reader.selectFrom('own').selectAll().execute()).toEqual([{ id: 3, word: 'after' }]);
  });

  test('those who wait get the writer in turn, one at a time', async () => {
    const order: string[] = [];
    await Promise.all(
      ['a', 'b', 'c'].map((name) =>
        own.writer.transaction().execute(async () => {
          order.push(`${name}>`);
          await new Promise((resolve) => setTimeout(resolve, 5));
          order.push(`<${name}`);
        }),
      ),
    );
    expect(order.join(' ')).toBe('a> <a b> <b c> <c');
  });

  const ask = (db: typeof own.reader, n: number) =>
    db.executeQuery<{ n: number }>(CompiledQuery.raw(`select ${n} as n, ? as word`, ['x']));

  test('keeps working when there are more different statements than it keeps', async () => {
    for (const db of [own.reader, own.writer]) {
      // The first one is used again and again while others push the oldest out.
      for (let i = 0; i < 500; i += 10) {
        const asked = Array.from({ length: 10 }, (_, j) => [ask(db, i + j), ask(db, 0)]).flat();
        const rows = (await Promise.all(asked)).map((result) => result.rows[0]?.n);
        expect(rows).toEqual(Array.from({ length: 10 }, (_, j) => [i + j, 0]).flat());
      }
    }
    await own.close();
  });

  test('closes after the same statement was asked for many times at once', async () => {
    const rows = await Promise.all(Array.from({ length: 60 }, () => ask(own.reader, 7)));
    expect(rows.every((result) => result.rows[0]?.n === 7)).toBe(true);
    await own.close();
  });

  test('a faulty statement is an error of its own query only', async () => {
    const outcomes = await Promise.all([
      failure(own.reader.executeQuery(CompiledQuery.raw('select nothing from nowhere'))),
      failure(ask(own.reader, 1)),
    ]);
    expect(outcomes).toEqual([expect.objectContaining({ code: 'SQLITE_ERROR' }), null]);
  });

  test('writes nothing that a crash could lose: WAL with full synchronisation, and foreign keys are on', async () => {
    const pragma = async (name: string) =>
      Object.values((await sql<Record<string, unknown>>`pragma ${sql.raw(name)}`.execute(own.writer)).rows[0] ?? {})[0];
    expect(await pragma('journal_mode')).toBe('wal');
    expect(await pragma('synchronous')).toBe(2);
    expect(await pragma('foreign_keys')).toBe(1);
  });

  test('three processes may migrate one new file at once', async () => {
    const script = join(import.meta.dirname, '../support/migrate.ts');
    for (let round = 0; round < 4; round++) {
      const target = freshFile();
      await Promise.all(Array.from({ length: 3 }, () => run(process.execPath, [script, target])));
      const database = await openDatabase(target, vault);
      expect(await database.ready()).toBe(true);
      const rows = await database.reads.db.selectFrom('kysely_migration').select('name').execute();
      expect(new Set(rows.map(({ name }) => name)).size).toBe(rows.length);
      await database.close();
    }
  }, 60_000);
});

describe('vault', () => {
  const other = createVault(Buffer.alloc(32, 2));

  test('what was sealed opens to the same text, and two seals of one text differ', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const sealed = vault.seal(text);
        expect(vault.open(sealed)).toBe(text);
        expect(vault.seal(text)).not.toBe(sealed);
        expect(sealed).toMatch(/^[0-9a-f]{8}\.[A-Za-z0-9_-]+$/);
        if (text.length > 3) expect(Buffer.from(sealed.slice(9), 'base64url').includes(text)).toBe(false);
      }),
    );
    expect([vault.seal(null), vault.open(null)]).toEqual([null, null]);
  });

  test('a changed value does not open', () => {
    const sealed = vault.seal('Tove Ask');
    const [id, payload] = sealed.split('.') as [string, string];
    const bytes = Buffer.from(payload, 'base64url');
    for (let i = 0; i < bytes.length; i++) {
      const changed = Buffer.from(bytes);
      changed[i] = (changed[i] as number) ^ 1;
      expect(() => vault.open(`${id}.${changed.toString('base64url')}`), `byte ${i}`).toThrow();
    }
    for (let length = 0; length < bytes.length; length++) {
      expect(() => vault.open(`${id}.${bytes.subarray(0, length).toString('base64url')}`), `${length} bytes`).toThrow();
    }
    for (const broken of ['', 'x', id, `${id}.`, payload]) expect(() => vault.open(broken)).toThrow();
  });

  test('another key is refused, with its id and nothing of the value in the message', () => {
    const sealed = other.seal('Tove Ask');
    expect(sealed.slice(0, 8)).not.toBe(vault.seal('x').slice(0, 8));
    expect(other.seal('y').slice(0, 8)).toBe(sealed.slice(0, 8));
    expect(() => vault.open(sealed)).toThrow(`sealed with another key (${sealed.slice(0, 8)})`);
    const posing = `${vault.seal('x').slice(0, 8)}${sealed.slice(8)}`;
    expect(() => vault.open(posing)).toThrow();
  });

  test('fingerprints are equal for equal numbers and one key, and only then', () => {
    const numbers = ['199701312390', '201812312385', '201201292388', '197010632391', '197010602394'];
    const prints = [...numbers, ...numbers].map(vault.fingerprint);
    expect(new Set(prints).size).toBe(numbers.length);
    expect(prints.slice(0, 5)).toEqual(prints.slice(5));
    for (const number of numbers) {
      expect(other.fingerprint(number)).not.toBe(vault.fingerprint(number));
      expect(vault.fingerprint(number)).not.toBe(vault.stamp(number));
    }
  });
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

  const tables = await sql<{ name: string }>`select name from sqlite_master where type = 'table'`.execute(
    app.house.engine.database.reads.db as never,
  );
  let cells = 0;
  for (const { name } of tables.rows) {
    const { rows } = await sql<Record<string, unknown>>`select * from ${sql.table(name)}`.execute(
      app.house.engine.database.reads.db as never,
    );
    for (const [column, value] of rows.flatMap((row) => Object.entries(row))) {
      cells += 1;
      const found = words.filter((word) => String(value).includes(word));
      expect(found, `${name}.${column}`).toEqual([]);
    }
  }
  expect(cells).toBeGreaterThan(1000);

  const files = readdirSync(app.dataDir).filter((file) => file.startsWith('samsyn.db'));
  expect(files).toContain('samsyn.db-wal');
  for (const file of files) {
    const bytes = readFileSync(join(app.dataDir, file));
    const found = words.filter((word) => bytes.includes(word));
    expect(found, file).toEqual([]);
  }
  await app.close();
});
