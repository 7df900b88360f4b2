import {
  CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  Kysely,
  type QueryResult,
  type SelectModifierNode,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
  sql,
} from 'kysely';
import sqlite3 from 'sqlite3';
import type { Opened } from './database.ts';
import { type TableName, tableKeys } from './tables.ts';

/**
 * Kysely on the npm package `sqlite3`. Two instances are made of it: one with a single writer connection
 * behind a mutex, one with a few read-only connections. Kysely's own SqliteDialect is for another driver.
 */

/** The writer was asked for while it was busy for too long, most often from inside its own transaction. */
export class WriterBusy extends Error {
  /** As SQLite itself says when another process holds the file. */
  readonly code = 'SQLITE_BUSY';
  constructor() {
    super('waited too long for the writer: is it used outside trx inside a transaction?');
  }
}

const statementsKept = 200;

class Connection implements DatabaseConnection {
  readonly #database: sqlite3.Database;
  readonly #statements = new Map<string, sqlite3.Statement>();

  constructor(database: sqlite3.Database) {
    this.#database = database;
  }

  static open(file: string, mode: number, pragmas: string[]): Promise<Connection> {
    return new Promise((resolve, reject) => {
      const database = new sqlite3.Database(file, mode, (error) => {
        if (error) return reject(error);
        database.exec(pragmas.map((pragma) => `pragma ${pragma};`).join(''), (failed) =>
          failed ? reject(failed) : resolve(new Connection(database)),
        );
      });
    });
  }

  async #prepare(sql: string): Promise<sqlite3.Statement> {
    const made = await new Promise<sqlite3.Statement>((resolve, reject) => {
      const statement: sqlite3.Statement = this.#database.prepare(sql, (error: Error | null) =>
        error ? reject(error) : resolve(statement),
      );
    });
    const first = this.#statements.get(sql);
    if (first) {
      // Somebody else prepared the same meanwhile; one that nobody keeps would hold the connection open.
      made.finalize();
      return first;
    }
    if (this.#statements.size >= statementsKept) {
      const [oldest] = this.#statements;
      if (oldest) {
        this.#statements.delete(oldest[0]);
        oldest[1].finalize();
      }
    }
    this.#statements.set(sql, made);
    return made;
  }

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    const node = query.query;
    const changes =
      (node.kind === 'InsertQueryNode' || node.kind === 'UpdateQueryNode' || node.kind === 'DeleteQueryNode') &&
      !node.returning;
    const ddl = /^(create|drop|alter)\b/i.test(query.sql);
    if (ddl) {
      await new Promise<void>((resolve, reject) =>
        this.#database.exec(query.sql, (error) => (error ? reject(error) : resolve())),
      );
      return { rows: [] };
    }
    // A kept one is used without waiting, so that nothing can finalise it in between.
    const statement = this.#statements.get(query.sql) ?? (await this.#prepare(query.sql));
    return new Promise((resolve, reject) => {
      if (changes) {
        statement.run(query.parameters, function (this: sqlite3.RunResult, error: Error | null) {
          if (error) reject(error);
          else resolve({ rows: [], numAffectedRows: BigInt(this.changes) });
        });
      } else {
        statement.all(query.parameters, (error: Error | null, rows: unknown[]) =>
          error ? reject(error) : resolve({ rows: rows as R[] }),
        );
      }
    });
  }

  // biome-ignore lint/correctness/useYield: Kysely's interface; nothing here streams
  async *streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    throw new Error('not used: every list is paged by key');
  }

  async close(): Promise<void> {
    for (const statement of this.#statements.values()) {
      await new Promise<void>((resolve) => statement.finalize(() => resolve()));
    }
    await new Promise<void>((resolve, reject) => this.#database.close((error) => (error ? reject(error) : resolve())));
  }
}

const common = ['busy_timeout=5000', 'foreign_keys=on', 'temp_store=memory'];

/** One connection, one transaction at a time; the others wait in line. */
class WriterDriver implements Driver {
  readonly #file: string;
  readonly #patienceMs: number;
  #connection: Connection | null = null;
  #busy = false;
  readonly #line: (() => void)[] = [];

  constructor(file: string, patienceMs: number) {
    this.#file = file;
    this.#patienceMs = patienceMs;
  }

  async init(): Promise<void> {
    this.#connection = await Connection.open(this.#file, sqlite3.OPEN_READWRITE | sqlite3.OPEN_CREATE, [
      ...common,
      'journal_mode=wal',
      'synchronous=full',
      // What is deleted or overwritten is wiped, so that a corrected text is in no free page of the file.
      'secure_delete=on',
    ]);
  }

  async acquireConnection(): Promise<DatabaseConnection> {
    if (this.#busy) {
      await new Promise<void>((resolve, reject) => {
        const turn = () => {
          clearTimeout(timer);
          resolve();
        };
        const timer = setTimeout(() => {
          this.#line.splice(this.#line.indexOf(turn), 1);
          reject(new WriterBusy());
        }, this.#patienceMs);
        this.#line.push(turn);
      });
    }
    this.#busy = true;
    return this.#connection as Connection;
  }

  async releaseConnection(): Promise<void> {
    const next = this.#line.shift();
    if (next) next();
    else this.#busy = false;
  }

  async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('begin immediate'));
  }
  async commitTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('commit'));
  }
  async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    try {
      await connection.executeQuery(CompiledQuery.raw('rollback'));
    } catch (error) {
      // A full disk or a failed write has rolled back already; the error to tell is that one.
      if (!(error instanceof Error && error.message.includes('no transaction is active'))) throw error;
    }
  }
  async destroy(): Promise<void> {
    await this.#connection?.close();
  }
}

/** A few read-only connections taken in turn; each query is its own snapshot. */
class ReaderDriver implements Driver {
  readonly #file: string;
  readonly #count: number;
  #connections: Connection[] = [];
  #next = 0;

  constructor(file: string, count: number) {
    this.#file = file;
    this.#count = count;
  }

  async init(): Promise<void> {
    for (let i = 0; i < this.#count; i++) {
      this.#connections.push(await Connection.open(this.#file, sqlite3.OPEN_READONLY, [...common, 'query_only=on']));
    }
  }
  async acquireConnection(): Promise<DatabaseConnection> {
    this.#next = (this.#next + 1) % this.#connections.length;
    return this.#connections[this.#next] as Connection;
  }
  async releaseConnection(): Promise<void> {}
  /** A read transaction: all it reads is as it was at its first query. Only for a driver of one connection. */
  async beginTransaction(connection: DatabaseConnection): Promise<void> {
    if (this.#count > 1) throw new Error('the readers open no transaction');
    await connection.executeQuery(CompiledQuery.raw('begin'));
  }
  async commitTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('commit'));
  }
  async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('rollback'));
  }
  async destroy(): Promise<void> {
    for (const connection of this.#connections) await connection.close();
  }
}

class Adapter extends SqliteAdapter {
  /** Our drivers share out their own connections: Kysely's lock would let one reader read at a time, with no patience. */
  override get supportsMultipleConnections(): boolean {
    return true;
  }
  /** Several processes may migrate at once: `begin immediate` around the whole migration is the lock. */
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

/** A transaction has the whole file to itself, so that `for update` and `skip locked` are always so: nothing to say. */
class Compiler extends SqliteQueryCompiler {
  protected override visitSelectModifier(node: SelectModifierNode): void {
    if (node.modifier === 'Distinct') super.visitSelectModifier(node);
  }
}

function dialect(driver: () => Driver): Dialect {
  return {
    createDriver: driver,
    createAdapter: () => new Adapter(),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new Compiler(),
  };
}

/** Opens the file (made if missing) as a writer and, opened after it, a pool of readers. */
export async function openSqlite<T>(
  file: string,
  options: { readers?: number; patienceMs?: number } = {},
): Promise<Opened<T>> {
  const patienceMs = options.patienceMs ?? 15_000;
  const writer = new Kysely<T>({ dialect: dialect(() => new WriterDriver(file, patienceMs)) });
  await writer.executeQuery(CompiledQuery.raw('select 1'));
  const reader = new Kysely<T>({ dialect: dialect(() => new ReaderDriver(file, options.readers ?? 4)) });
  return {
    writer,
    reader,
    snapshots: () => new Kysely<T>({ dialect: dialect(() => new ReaderDriver(file, 1)) }),
    migrator: () => new Kysely<T>({ dialect: dialect(() => new WriterDriver(file, patienceMs)) }),
    async brokenReferences() {
      const found = await sql<{ table: TableName; row: number }>`
        select distinct "table", "rowid" as "row" from pragma_foreign_key_check`.execute(reader);
      return Promise.all(
        found.rows.map(async ({ table, row }) => {
          const key = sql.join(tableKeys[table].map((name) => sql.ref(name)));
          const { rows } = await sql<object>`select ${key} from ${sql.table(table)} where rowid = ${row}`.execute(
            reader,
          );
          return { table, id: Object.values(rows[0] ?? {}).join('/') };
        }),
      );
    },
    // The journal of a file that others have open cannot be changed, nor one that a transaction is at work on.
    alone: () =>
      writer.executeQuery(CompiledQuery.raw('pragma journal_mode=delete')).then(
        () => true,
        (error: { code?: string }) => {
          if (error.code === 'SQLITE_BUSY') return false;
          throw error;
        },
      ),
    async forget() {
      await writer.executeQuery(CompiledQuery.raw('pragma wal_checkpoint(truncate)'));
    },
    async close() {
      await reader.destroy();
      await writer.destroy();
    },
  };
}
