import type { Reads, Writes } from '../db/database.ts';

const prefix = 'mail ';

/** Counts a mail that was read, under how it ended: in the database, since a worker alone has nobody who asks it. */
export async function countMail({ db }: Writes, outcome: string): Promise<void> {
  await db
    .insertInto('counter')
    .values({ name: prefix + outcome, value: 1 })
    .onConflict((c) => c.column('name').doUpdateSet((s) => ({ value: s('counter.value', '+', 1) })))
    .execute();
}

/** How many mails have been read, by how they ended. */
export async function mailCounts({ db }: Reads): Promise<{ outcome: string; count: number }[]> {
  const rows = await db
    .selectFrom('counter')
    .selectAll()
    .where('name', '>=', prefix)
    .where('name', '<', `${prefix}~`)
    .execute();
  return rows.map(({ name, value }) => ({ outcome: name.slice(prefix.length), count: Number(value) }));
}
