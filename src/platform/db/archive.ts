import { createReadStream, createWriteStream } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { z } from 'zod';
import type { IsoInstant } from '../../kernel/time.ts';
import type { Vault } from '../../kernel/vault.ts';
import { faultOf } from '../log.ts';
import { type Database, newestMigration } from './database.ts';
import { type Batch, batchRows, type Compared, createSums, fillEmpty, Refused, readRows, type Sums } from './rows.ts';
import { tableNames } from './tables.ts';

/**
 * An archive is gzip over lines of JSON, the same for every kind of database: a header; of each table that has rows
 * its name and columns, then each row as an array, in the order of its key; and last how many rows each table has,
 * their SHA-256, and a stamp over all of it that only the installation's DATA_KEY makes.
 * Sessions are left out: a restored backup must not let anybody in again. So is what counts for minutes
 * only, and code tables: migrations bring them.
 */
export const archivedTables = tableNames.filter(
  (table) => !['session', 'link_session', 'rate', 'spent_sign_in'].includes(table),
);

const headerShape = z.object({ samsyn: z.literal(1), migration: z.string(), at: z.string(), linkKey: z.string() });
const tableShape = z.object({ table: z.enum(archivedTables), columns: z.array(z.string()) });
const footerShape = z.object({
  tables: z.record(z.enum(archivedTables), z.object({ rows: z.number(), sha256: z.string() })),
  stamp: z.string(),
});
type Header = z.infer<typeof headerShape>;

export type Keys = { vault: Vault; linkKey: Buffer };

/** Tells two link keys apart and gives neither away. */
const markOf = ({ vault, linkKey }: Keys): string => vault.stamp(`link key ${linkKey.toString('hex')}`);
const stampOf = ({ vault }: Keys, header: Header, sums: Sums): string =>
  vault.stamp(`archive ${JSON.stringify([header, sums])}`);

/**
 * Writes all rows as they are at one moment, while others go on working. The file, readable by its owner only, gets
 * its name when all of it is on disk, so that what a crash leaves behind is never taken for a backup.
 */
export async function writeArchive(database: Database, keys: Keys, file: string, at: IsoInstant): Promise<Sums> {
  const header: Header = { samsyn: 1, migration: newestMigration, at, linkKey: markOf(keys) };
  const partial = `${file}.partial`;
  await rm(partial, { force: true });
  try {
    const sums = await database.snapshot(async ({ db }) => {
      const adding = createSums();
      let total: Sums = {};
      async function* lines(): AsyncGenerator<string> {
        yield `${JSON.stringify(header)}\n`;
        for await (const batch of readRows(db, archivedTables)) yield adding.lines(batch);
        total = adding.sums(archivedTables);
        yield `${JSON.stringify({ tables: total, stamp: stampOf(keys, header, total) })}\n`;
      }
      const written = createWriteStream(partial, { flags: 'wx', mode: 0o600, flush: true });
      await pipeline(lines(), createGzip({ level: 1 }), written);
      return total;
    });
    await rename(partial, file);
    const folder = await open(dirname(file));
    await folder.sync().finally(() => folder.close());
    return sums;
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
}

/**
 * Puts an archive into an empty database, all of it or nothing, and reads it back.
 * @throws Refused when the file is not whole or not from this version and these keys, or the database is not empty.
 */
export async function restoreArchive(database: Database, keys: Keys, file: string): Promise<Compared[]> {
  // Once to its end before anything is written: only the last line proves the file.
  for await (const _ of readArchive(file, keys));
  await database.migrate();
  return database.transaction((writes) => fillEmpty(writes, readArchive(file, keys), archivedTables));
}

/** When an archive that has been proved whole was made. */
export async function archivedAt(file: string): Promise<IsoInstant> {
  for await (const line of linesOf(file)) return headerShape.parse(JSON.parse(line)).at;
  throw damaged();
}

const damaged = () => new Refused('The file is damaged or not whole. Nothing was restored.');

/** The rows of an archive; what is wrong with it may show only at the end. @throws Refused */
async function* readArchive(file: string, keys: Keys): AsyncGenerator<Batch> {
  const adding = createSums();
  let header: Header | null = null;
  let footer: z.infer<typeof footerShape> | null = null;
  let table: z.infer<typeof tableShape> | null = null;
  let rows: unknown[][] = [];
  try {
    for await (const line of linesOf(file)) {
      const value: unknown = JSON.parse(line);
      if (!header) {
        header = headerShape.parse(value);
        if (header.migration !== newestMigration) {
          throw new Refused(
            `The backup is from version ${header.migration} of the database and this is ${newestMigration}. ` +
              'Restore it with the program it was made with, then upgrade.',
          );
        }
        continue;
      }
      const isRow = Array.isArray(value);
      if (table && rows.length >= (isRow ? batchRows : 1)) {
        const batch: Batch = { ...table, rows };
        adding.lines(batch);
        yield batch;
        rows = [];
      }
      if (footer || (isRow && !table)) throw damaged();
      if (isRow) {
        rows.push(value);
        continue;
      }
      const next = z.union([tableShape, footerShape]).parse(value);
      if ('table' in next) table = next;
      else footer = next;
    }
  } catch (error) {
    const unreadable =
      error instanceof SyntaxError || error instanceof z.ZodError || /^Z_/.test(faultOf(error).code ?? '');
    throw unreadable ? damaged() : error;
  }
  const sums = adding.sums(archivedTables);
  if (!header || !footer || JSON.stringify(sums) !== JSON.stringify(footer.tables)) throw damaged();
  if (footer.stamp !== stampOf(keys, header, sums)) {
    throw new Refused('The backup belongs to another DATA_KEY. Nothing was restored.');
  }
  if (header.linkKey !== markOf(keys)) {
    throw new Refused('The backup belongs to another LINK_KEY: no personal link would open. Nothing was restored.');
  }
}

async function* linesOf(file: string): AsyncGenerator<string> {
  const unzipped = createGunzip();
  unzipped.setEncoding('utf8');
  const all = pipeline(createReadStream(file), unzipped);
  // Whatever goes wrong there is thrown to the reader below.
  all.catch(() => {});
  let rest = '';
  for await (const chunk of unzipped as AsyncIterable<string>) {
    const [first = '', ...lines] = chunk.split('\n');
    rest += first;
    for (const next of lines) {
      yield rest;
      rest = next;
    }
  }
  await all;
  if (rest !== '') throw damaged();
}
