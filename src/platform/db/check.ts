import type { Reads, RowName } from './database.ts';
import { readRows } from './rows.ts';
import { sealedColumns, type TableName, tableKeys, tableNames } from './tables.ts';

/** Opens every sealed value. Tells how many rows each table has, and which values do not open with this key. */
export async function openEverything({
  db,
  vault,
}: Reads): Promise<{ rows: Record<TableName, number>; unopened: (RowName & { column: string })[] }> {
  const rows = Object.fromEntries(tableNames.map((table) => [table, 0])) as Record<TableName, number>;
  const unopened: (RowName & { column: string })[] = [];
  for await (const batch of readRows(db, tableNames)) {
    const { table, columns } = batch;
    const sealed = Object.keys(sealedColumns[table as keyof typeof sealedColumns] ?? {});
    rows[table] += batch.rows.length;
    for (const row of batch.rows) {
      for (const column of sealed) {
        try {
          vault.open(row[columns.indexOf(column)] as string | null);
        } catch {
          unopened.push({ table, id: tableKeys[table].map((key) => row[columns.indexOf(key)]).join('/'), column });
        }
      }
    }
  }
  return { rows, unopened };
}
