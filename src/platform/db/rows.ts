import { createHash, type Hash } from 'node:crypto';
import { type Kysely, sql } from 'kysely';
import type { Database, Reads, Writes } from './database.ts';
import { refersWithin, type TableName, tableKeys, tableNames } from './tables.ts';

/** Some rows of one table, in the order of its key; the columns of a table are always in the same order. */
export type Batch = { table: TableName; columns: readonly string[]; rows: readonly (readonly unknown[])[] };
/** SHA-256 over a table's rows in the order of its key: equal sums, equal rows. */
export type Sum = { rows: number; sha256: string };
export type Sums = Partial<Record<TableName, Sum>>;

type Row = Record<string, unknown>;

/** What was asked cannot be done, or proved wrong; the message is for the operator and names nothing about a person. */
export class Refused extends Error {}

/** Few enough that neither the parameters of an insert nor the memory for sealed files run out. */
export const batchRows = 200;

/** Every row of the tables, a batch at a time. Read it inside one transaction. */
export async function* readRows(db: Reads['db'], tables: readonly TableName[]): AsyncGenerator<Batch> {
  for (const table of tables) {
    const keys = tableKeys[table];
    const order = sql.join(keys.map((key) => sql.ref(key)));
    let after = sql``;
    for (let full = true; full; ) {
      const page = sql<Row>`select * from ${sql.table(table)} ${after} order by ${order} limit ${sql.lit(batchRows)}`;
      const { rows } = await page.execute(db as Kysely<unknown>);
      const last = rows.at(-1);
      if (!last) break;
      const columns = Object.keys(last).sort();
      yield { table, columns, rows: rows.map((row) => columns.map((column) => row[column])) };
      after = sql`where (${order}) > (${sql.join(keys.map((key) => last[key]))})`;
      full = rows.length === batchRows;
    }
  }
}

/** Adds up batches as they pass. The lines are what an archive holds. */
export function createSums(): { lines(batch: Batch): string; sums(tables: readonly TableName[]): Sums } {
  const open = new Map<TableName, { rows: number; hash: Hash }>();
  return {
    lines({ table, columns, rows }) {
      const first = !open.has(table);
      const sum = open.get(table) ?? { rows: 0, hash: createHash('sha256') };
      open.set(table, sum);
      const lines = `${first ? `${JSON.stringify({ table, columns })}\n` : ''}${rows.map((row) => `${JSON.stringify(row)}\n`).join('')}`;
      sum.rows += rows.length;
      sum.hash.update(lines);
      return lines;
    },
    sums: (tables) =>
      Object.fromEntries(
        tables.map((table) => {
          const { rows, hash } = open.get(table) ?? { rows: 0, hash: createHash('sha256') };
          return [table, { rows, sha256: hash.digest('hex') }];
        }),
      ),
  };
}

export type Compared = { table: TableName; given: Sum; arrived: Sum };

/** Some rows are not as they were given, so nothing was kept. */
export class Unequal extends Error {
  readonly compared: Compared[];
  constructor(compared: Compared[]) {
    super('not every row arrived as it was');
    this.compared = compared;
  }
}

/**
 * Puts every row that the batches bring into an empty, migrated database, reads all of them back and compares.
 * @throws Refused when the database is not empty, Unequal when a row did not arrive as it was.
 */
export async function fillEmpty(
  { db }: Writes,
  batches: AsyncIterable<Batch>,
  tables: readonly TableName[],
): Promise<Compared[]> {
  for (const table of tableNames) {
    const some = await sql`select 1 from ${sql.table(table)} limit 1`.execute(db);
    if (some.rows.length > 0) throw new Refused('The database is not empty. Nothing was written to it.');
  }
  const untyped = db as unknown as Kysely<Record<string, Row>>;
  const given = createSums();
  const references: { table: TableName; column: string; row: Row }[] = [];
  for await (const batch of batches) {
    given.lines(batch);
    const { table, columns } = batch;
    const column = refersWithin[table];
    const rows = batch.rows.map((values): Row => Object.fromEntries(columns.map((name, i) => [name, values[i]])));
    const free = column ? rows.map((row) => ({ ...row, [column]: null })) : rows;
    await untyped.insertInto(table).values(free).execute();
    if (column) references.push(...rows.filter((row) => row[column] !== null).map((row) => ({ table, column, row })));
  }
  for (const { table, column, row } of references) {
    let update = untyped.updateTable(table).set({ [column]: row[column] });
    for (const key of tableKeys[table]) update = update.where(key, '=', row[key]);
    await update.execute();
  }
  const arrived = createSums();
  for await (const batch of readRows(db, tables)) arrived.lines(batch);
  const [before, after] = [given.sums(tables), arrived.sums(tables)];
  const compared = tables.map((table) => ({ table, given: before[table] as Sum, arrived: after[table] as Sum }));
  if (compared.some((one) => one.given.sha256 !== one.arrived.sha256)) throw new Unequal(compared);
  return compared;
}

/** Copies everything into an empty database, sessions too. Nothing is written to the first one meanwhile. */
export async function moveEverything(from: Database, to: Database): Promise<Compared[]> {
  await to.migrate();
  return from.transaction((source) =>
    to.transaction((target) => fillEmpty(target, readRows(source.db, tableNames), tableNames)),
  );
}
