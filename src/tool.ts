import { createVault } from './kernel/vault.ts';
import { headsFolder } from './platform/audit/heads.ts';
import { ConfigError, readConfig } from './platform/config.ts';
import type { Keys } from './platform/db/archive.ts';
import { type Database, openDatabase } from './platform/db/database.ts';
import { type Compared, Refused, Unequal } from './platform/db/rows.ts';
import { faultOf } from './platform/log.ts';
import { viewsDir } from './platform/web/render.ts';
import { loadTexts, type TextParams } from './platform/web/text.ts';

export type Tool = {
  /** What stands after the command's name. */
  argument: string;
  databaseUrl: string;
  /** Where the heads of the log's chains are kept. */
  headsFolder: string;
  database: Database;
  keys: Keys;
  /** Prints the text of a key as a line. */
  say(key: string, params?: TextParams): void;
};

/**
 * Runs one of the commands beside `start` on the database that the settings name. Exit code: 0 when `work` says that
 * all is well, 1 otherwise, 2 when it was called wrongly. Nothing that a driver says is printed: it may quote a row.
 */
export async function runTool(usage: string, work: (tool: Tool) => Promise<boolean>): Promise<void> {
  const fail = (text: string, code = 1) => {
    process.stderr.write(`${text}\n`);
    process.exitCode = code;
  };
  const { t } = loadTexts(`${viewsDir}text`);
  const say = (key: string, params?: TextParams) => process.stdout.write(`${t(key, params)}\n`);
  const given = process.argv.slice(2);
  if (given.length !== usage.split('<').length - 1) return fail(`Usage: npm run ${usage}`, 2);
  try {
    const { databaseUrl, dataDir, dataKey, linkKey } = readConfig(process.env);
    const vault = createVault(dataKey);
    const database = await openDatabase(databaseUrl, vault);
    try {
      const place = { databaseUrl, headsFolder: headsFolder(dataDir), database, keys: { vault, linkKey } };
      if (!(await work({ argument: given[0] ?? '', ...place, say }))) process.exitCode = 1;
    } finally {
      await database.close();
    }
  } catch (error) {
    if (error instanceof Refused) return fail(error.message);
    if (error instanceof ConfigError) return fail(error.problems.join('\n'));
    if (error instanceof Unequal) {
      sayCompared(say, error.compared);
      return fail('Not every row arrived as it was. Nothing was kept.');
    }
    const { code, fault, at } = faultOf(error);
    fail(`Could not finish: ${code ?? [fault, ...at].join('\n  ')}`);
  }
}

/** @throws Refused when the database is not there or was made by another version. */
export async function needMigrated(database: Database): Promise<void> {
  if (!(await database.ready())) {
    throw new Refused(
      'There is no database of this version where DATABASE_URL says: start Samsyn or run npm run migrate.',
    );
  }
}

/** How many rows of each table, and whether all of them are equal. */
export function sayCompared(say: Tool['say'], compared: Compared[]): void {
  for (const { table, given, arrived } of compared) {
    const outcome = given.sha256 === arrived.sha256 ? 'tool.equal' : 'tool.unequal';
    say(outcome, {
      table: table.padEnd(16),
      rows: String(given.rows).padStart(9),
      arrived: String(arrived.rows).padStart(9),
    });
  }
}
