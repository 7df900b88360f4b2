import {
  type Compilable,
  type CompiledQuery,
  type Insertable,
  type Kysely,
  type SelectQueryBuilder,
  SqliteAdapter,
} from 'kysely';
import { jsonArrayFrom as postgresArray } from 'kysely/helpers/postgres';
import { jsonArrayFrom as sqliteArray } from 'kysely/helpers/sqlite';
import type { Reads, Writes } from './database.ts';
import type { Tables } from './tables.ts';

/**
 * Queries that are built once: for a page that is opened often, building and compiling costs more than the database.
 * Each is compiled per kind of database at its first use, with a stand-in for each value; a run puts in the values.
 */

// biome-ignore lint/suspicious/noExplicitAny: whatever is selected from, only the rows matter here
type Select<R> = SelectQueryBuilder<any, any, R>;
type Values = Readonly<Record<string, string | number | null>>;

class StandIn {
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
}
const standIns = new Proxy({}, { get: (_, name: string) => new StandIn(name) });

function compiledOnce<P extends Values>(build: (db: Kysely<Tables>, p: P) => Compilable) {
  const made = new WeakMap<object, CompiledQuery>();
  return async (given: unknown, values: P): Promise<unknown[]> => {
    const db = given as Kysely<Tables>;
    const executor = db.getExecutor();
    let query = made.get(executor.adapter);
    if (!query) {
      query = build(db, standIns as P).compile();
      made.set(executor.adapter, query);
    }
    const parameters = query.parameters.map((value) => (value instanceof StandIn ? values[value.name] : value));
    return (await executor.executeQuery({ ...query, parameters })).rows;
  };
}

/** A query by its values. `build` may use `p` only as values: it is not what the query runs with. */
export function prepared<P extends Values, R>(
  build: (db: Reads['db'], p: P) => Select<R>,
): (db: Reads['db'], values: P) => Promise<R[]> {
  return compiledOnce(build) as never;
}

/** Several lists by the same values in one round trip, each as of the same moment. */
export function gathered<P extends Values, Q extends Record<string, Select<unknown>>>(
  build: (db: Reads['db'], p: P) => Q,
): (db: Reads['db'], values: P) => Promise<{ [K in keyof Q]: Q[K] extends Select<infer R> ? R[] : never }> {
  const run = compiledOnce<P>((db, p) => {
    const array = db.getExecutor().adapter instanceof SqliteAdapter ? sqliteArray : postgresArray;
    return db.selectNoFrom(Object.entries(build(db, p)).map(([name, query]) => array(query).as(name)) as never);
  });
  return async (db, values) => {
    const [row] = (await run(db, values)) as [Record<string, unknown>];
    // SQLite has no type for JSON: it comes as text.
    for (const [name, list] of Object.entries(row)) if (typeof list === 'string') row[name] = JSON.parse(list);
    return row as never;
  };
}

/** Inserts rows that all have these columns; compiled once per number of rows. */
export function preparedInsert<T extends keyof Tables & string, C extends keyof Insertable<Tables[T]> & string>(
  table: T,
  columns: readonly C[],
): (db: Writes['db'], rows: readonly Pick<Insertable<Tables[T]>, C>[]) => Promise<void> {
  const bySize = new Map<number, ReturnType<typeof compiledOnce>>();
  return async (db, rows) => {
    let run = bySize.get(rows.length);
    if (!run) {
      const row = (p: Values, at: number) =>
        Object.fromEntries(columns.map((column, i) => [column, p[at * columns.length + i]]));
      run = compiledOnce((on, p) => on.insertInto(table).values(Array.from(rows, (_, at) => row(p, at)) as never));
      bySize.set(rows.length, run);
    }
    // A list is a record by place: making a name for each value would cost as much as binding it.
    await run(db, rows.flatMap((row) => columns.map((column) => row[column])) as never);
  };
}
