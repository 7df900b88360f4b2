import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CompiledQuery, sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { brokenRule } from '../../src/platform/db/portable.ts';
import { openSqlite, WriterBusy } from '../../src/platform/db/sqlite.ts';

const failure = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => null,
    (error: unknown) => error,
  );

describe('the SQLite driver', () => {
  type Own = { own: { id: number; word: string } };
  let home: string;
  let own: Awaited<ReturnType<typeof openSqlite<Own>>>;
  beforeEach(async () => {
    home = mkdtempSync(join(tmpdir(), 'samsyn-sqlite-'));
    own = await openSqlite<Own>(join(home, 'own.db'), { patienceMs: 60, readers: 2 });
    await sql`create table own (id integer primary key, word text check (word <> 'bad'))`.execute(own.writer);
  });
  afterEach(async () => {
    await failure(own.close());
    rmSync(home, { recursive: true, force: true });
  });

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

  test('knows whether others have the file open, and being alone, lets nobody in during a transaction', async () => {
    const file = join(home, 'own.db');
    const other = await openSqlite<Own>(file);
    expect(await own.alone()).toBe(false);
    await other.close();
    expect(await own.alone()).toBe(true);
    await own.writer.transaction().execute(async () => {
      expect(await failure(openSqlite<Own>(file))).toMatchObject({ code: 'SQLITE_BUSY' });
    });
    await (await openSqlite<Own>(file)).close();
  });
});
