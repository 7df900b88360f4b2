import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sql } from 'kysely';
import pg from 'pg';
import type { Database } from '../../src/platform/db/database.ts';
import { type TableName, tableKeys, tableNames } from '../../src/platform/db/tables.ts';

/** Which database this run of the tests is on; vitest.config.ts runs them on each. */
export const kind = process.env.TEST_DATABASE === 'postgres' ? 'postgres' : 'sqlite';

/** Runs one statement on the PostgreSQL server of the tests, outside any database of theirs. */
export async function onServer(statement: string, url = process.env.TEST_POSTGRES): Promise<void> {
  const client = new pg.Client(`${url}/postgres`);
  await client.connect();
  await client.query(statement);
  await client.end();
}

/**
 * DATABASE_URL of a database of its own: an empty one, or on PostgreSQL a copy of another that nobody has open. A
 * SQLite one lies in `folder`.
 */
export async function freshDatabase(folder: string, copyOf = 'template1'): Promise<string> {
  if (kind === 'sqlite') return `sqlite:${join(folder, 'samsyn.db')}`;
  const name = `test_${randomBytes(8).toString('hex')}`;
  await onServer(`create database ${name} template ${copyOf}`);
  return `${process.env.TEST_POSTGRES}/${name}`;
}

export type Rows = Partial<Record<TableName, Record<string, unknown>[]>>;

/** Every row of every table but those named, in the order of its key. */
export function everyRow(database: Database, but: TableName[] = []): Promise<Rows> {
  return database.snapshot(async ({ db }) => {
    const read: Rows = {};
    for (const name of tableNames.filter((each) => !but.includes(each))) {
      const keys = sql.join(tableKeys[name].map((key) => sql.ref(key)));
      const query = sql<Record<string, unknown>>`select * from ${sql.table(name)} order by ${keys}`;
      read[name] = (await query.execute(db as never)).rows;
    }
    return read;
  });
}

/** What is stored, as bytes: SQLite's files with their journal, or every value of every row. */
export async function storedBytes(app: {
  dataDir: string;
  house: { engine: { database: Database } };
}): Promise<Buffer> {
  if (kind === 'postgres') return Buffer.from(JSON.stringify(await everyRow(app.house.engine.database)));
  const files = readdirSync(app.dataDir).filter((file) => file.startsWith('samsyn.db'));
  if (!files.includes('samsyn.db-wal')) throw new Error('no journal: is this the database?');
  return Buffer.concat(files.map((file) => readFileSync(join(app.dataDir, file))));
}
