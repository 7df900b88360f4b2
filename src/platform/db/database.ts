import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { IsolationLevel, Kysely, Transaction } from 'kysely';
import { Migrator } from 'kysely/migration';
import { migrations } from '../../../migrations/index.ts';
import type { Vault } from '../../kernel/vault.ts';
import { lostARace } from './portable.ts';
import type { TableName, Tables } from './tables.ts';

/** What a store needs to read: no way to write compiles. */
export type Reads = { db: Pick<Kysely<Tables>, 'selectFrom' | 'with' | 'fn'>; vault: Vault };
/** What a store needs to write: only `command()` and the worker hand it out. */
export type Writes = { db: Transaction<Tables>; vault: Vault };

/** A row by the values of its key. */
export type RowName = { table: TableName; id: string };

export type Database = {
  reads: Reads;
  /**
   * Runs `work` as if nobody else were there (SERIALIZABLE), in one transaction; whatever it throws rolls back.
   * Work that lost a race is run again from its start, so it must change nothing but the database.
   */
  transaction<T>(work: (writes: Writes) => Promise<T>): Promise<T>;
  /** Runs one statement, which is a transaction of its own. */
  statement(work: (db: Writes['db']) => Promise<void>): Promise<void>;
  /** A short transaction that takes rows others may be after, with `for update skip locked`, and hinders nobody. */
  claim<T>(work: (writes: Writes) => Promise<T>): Promise<T>;
  /** Everything that `work` reads is as it was at one moment, however long it takes. */
  snapshot<T>(work: (reads: Reads) => Promise<T>): Promise<T>;
  /** Brings the schema up to date; several processes may do so at once. */
  migrate(): Promise<void>;
  /** True when the database answers and every migration has run. */
  ready(): Promise<boolean>;
  /** Rows that refer to one that is not there, as the database itself finds them. */
  brokenReferences(): Promise<RowName[]>;
  /** Whether no other process has the database open; from then on none comes in while a transaction runs. SQLite only. */
  alone(): Promise<boolean>;
  /**
   * What was overwritten or deleted leaves the files, as far as the database itself can see to it: SQLite empties its
   * journal, and its pages are wiped as they are freed. PostgreSQL keeps old rows until it vacuums, and its journal.
   */
  forget(): Promise<void>;
  close(): Promise<void>;
};

/** What one kind of database brings; all that differs between the kinds is below this. */
export type Opened<T> = {
  writer: Kysely<T>;
  /** Connections that can only read; each query sees what has been committed. */
  reader: Kysely<T>;
  /** A connection for one long read. */
  snapshots(): Kysely<T>;
  /** Connections without time limits. */
  migrator(): Kysely<T>;
  brokenReferences(): Promise<RowName[]>;
  alone(): Promise<boolean>;
  forget(): Promise<void>;
  close(): Promise<void>;
};

const triesOfARace = 20;

/** Name of the last migration this program knows. */
export const newestMigration = Object.keys(migrations).sort().at(-1) as string;

/** Opens `sqlite:<path>` (made if missing) or `postgres://…`. */
export async function openDatabase(url: string, vault: Vault): Promise<Database> {
  const { writer, reader, snapshots, migrator, brokenReferences, alone, forget, close } = await open(url);

  const inTransaction = <T>(isolation: IsolationLevel, work: (writes: Writes) => Promise<T>): Promise<T> =>
    again(() =>
      writer
        .transaction()
        .setIsolationLevel(isolation)
        .execute((db) => work({ db, vault })),
    );

  return {
    reads: { db: reader, vault },
    transaction: (work) => inTransaction('serializable', work),
    statement: (work) => work(writer as Writes['db']),
    claim: (work) => inTransaction('read committed', work),
    async snapshot(work) {
      const one = snapshots();
      try {
        const moment = one.transaction().setIsolationLevel('repeatable read');
        return await moment.execute((db) => work({ db, vault }));
      } finally {
        await one.destroy();
      }
    },
    async migrate() {
      const db = migrator();
      try {
        const { error } = await new Migrator({
          db,
          provider: { getMigrations: async () => migrations },
        }).migrateToLatest();
        if (error) throw error;
      } finally {
        await db.destroy();
      }
    },
    async ready() {
      try {
        const last = await reader
          .selectFrom('kysely_migration')
          .select('name')
          .orderBy('name', 'desc')
          .limit(1)
          .executeTakeFirst();
        return last?.name === newestMigration;
      } catch {
        return false;
      }
    },
    brokenReferences,
    alone,
    forget,
    close,
  };
}

async function open(url: string): Promise<Opened<Tables>> {
  // Each driver is loaded only where it is used.
  if (/^postgres(ql)?:/.test(url)) return (await import('./postgres.ts')).openPostgres<Tables>(url);
  const file = url.slice('sqlite:'.length);
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  return (await import('./sqlite.ts')).openSqlite<Tables>(file);
}

/** Runs `work` until it does not lose a race, a bounded number of times. */
async function again<T>(work: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await work();
    } catch (error) {
      if (tries === triesOfARace || !lostARace(error)) throw error;
      // Some time at random, longer each time: those who met must not meet again.
      await pause(Math.random() * Math.min(2 ** tries, 100));
    }
  }
}
