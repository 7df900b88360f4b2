import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Kysely, Transaction } from 'kysely';
import { Migrator } from 'kysely/migration';
import { migrations } from '../../../migrations/index.ts';
import type { Vault } from '../../kernel/vault.ts';
import { openSqlite } from './sqlite.ts';
import type { Tables } from './tables.ts';

/** What a store needs to read: no way to write compiles. */
export type Reads = { db: Pick<Kysely<Tables>, 'selectFrom' | 'with' | 'fn'>; vault: Vault };
/** What a store needs to write: only `command()` and the worker hand it out. */
export type Writes = { db: Transaction<Tables>; vault: Vault };

export type Database = {
  reads: Reads;
  /** Runs `work` in one transaction; whatever it throws rolls back. */
  transaction<T>(work: (writes: Writes) => Promise<T>): Promise<T>;
  /** Brings the schema up to date; several processes may do so at once. */
  migrate(): Promise<void>;
  /** True when the database answers and every migration has run. */
  ready(): Promise<boolean>;
  close(): Promise<void>;
};

export async function openDatabase(file: string, vault: Vault): Promise<Database> {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const { writer, reader, close } = await openSqlite<Tables>(file);
  const migrator = new Migrator({ db: writer, provider: { getMigrations: async () => migrations } });
  return {
    reads: { db: reader, vault },
    transaction: (work) => writer.transaction().execute((db) => work({ db, vault })),
    async migrate() {
      const { error } = await migrator.migrateToLatest();
      if (error) throw error;
    },
    async ready() {
      try {
        const last = await reader
          .selectFrom('kysely_migration')
          .select('name')
          .orderBy('name', 'desc')
          .limit(1)
          .executeTakeFirst();
        return last?.name === Object.keys(migrations).sort().at(-1);
      } catch {
        return false;
      }
    },
    close,
  };
}
