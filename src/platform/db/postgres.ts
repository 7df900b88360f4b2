import { type DataTypeNode, Kysely, PostgresDialect, PostgresQueryCompiler } from 'kysely';
import pg from 'pg';
import type { Opened } from './database.ts';

/** Milliseconds: a statement, a wait for a lock, a transaction that does nothing, a wait for a connection of the pool. */
const timeouts = { statement: 15_000, lock: 5_000, idleInTransaction: 15_000, connection: 5_000 };
const statementsNamed = 200;

/** Counts come as bigint, which pg hands over as text; none of ours passes 2^53. */
const types: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
    oid === pg.types.builtins.INT8 ? Number : pg.types.getTypeParser(oid, format as 'text')) as never,
};

/** A client that has PostgreSQL parse and plan each statement once, and reuse it by name. */
class PreparingClient extends pg.Client {
  readonly #names = new Map<string, string>();

  // biome-ignore lint/suspicious/noExplicitAny: the overloads of pg are handed on as they are
  override query(...args: any[]): any {
    const [text, values, ...rest] = args;
    if (
      typeof text !== 'string' ||
      !Array.isArray(values) ||
      values.length > 60 ||
      !/^(select|with|insert|update|delete) /.test(text)
    ) {
      return super.query(...(args as Parameters<pg.Client['query']>));
    }
    let name = this.#names.get(text);
    if (name === undefined && this.#names.size < statementsNamed) {
      name = `s${this.#names.size}`;
      this.#names.set(text, name);
    }
    return super.query({ name, text, values } as never, ...(rest as []));
  }
}

/** Text sorts and compares by its bytes, as in SQLite, whatever the database's own locale: ids, instants, page keys. */
class Compiler extends PostgresQueryCompiler {
  protected override visitDataType(node: DataTypeNode): void {
    super.visitDataType(node);
    if (node.dataType === 'text') this.append(' collate "C"');
  }
}

class Dialect extends PostgresDialect {
  override createQueryCompiler() {
    return new Compiler();
  }
}

/** Connects to a `postgres://` address. The pools open connections when they are asked for, and again after a restart of the server. */
export function openPostgres<T>(url: string): Opened<T> {
  function connect(max: number, settings: string[], limits: Partial<pg.PoolConfig> = {}): Kysely<T> {
    const pool = new pg.Pool({
      connectionString: url,
      Client: PreparingClient,
      application_name: 'samsyn',
      max,
      types,
      keepAlive: true,
      connectionTimeoutMillis: timeouts.connection,
      idle_in_transaction_session_timeout: timeouts.idleInTransaction,
      options: settings.map((setting) => `-c ${setting}`).join(' '),
      ...limits,
    });
    // An idle connection that breaks is dropped from the pool; whoever asks next gets a new one.
    pool.on('error', () => {});
    // One that is in use tells by its query, but cries out besides.
    pool.on('connect', (client) => client.on('error', () => {}));
    return new Kysely<T>({ dialect: new Dialect({ pool }) });
  }
  const limits = { statement_timeout: timeouts.statement, lock_timeout: timeouts.lock };
  // Under SERIALIZABLE a scan of a whole table conflicts with every write to it: commands find their rows by index.
  const writer = connect(6, ['enable_seqscan=off'], limits);
  const reader = connect(8, ['default_transaction_read_only=on'], limits);
  return {
    writer,
    reader,
    snapshots: () => connect(1, ['default_transaction_read_only=on'], { idle_in_transaction_session_timeout: 0 }),
    // A lock or a statement of a migration may take its time.
    migrator: () => connect(2, []),
    // Its constraints cannot be switched off as SQLite's can.
    brokenReferences: async () => [],
    alone: async () => false,
    // What was overwritten lies in its pages until they are used again; `vacuum full` is for whoever runs the server.
    forget: async () => {},
    async close() {
      await Promise.all([reader.destroy(), writer.destroy()]);
    },
  };
}
