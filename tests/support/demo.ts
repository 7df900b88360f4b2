import { copyFileSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { IsoInstant } from '../../src/kernel/time.ts';
import { openHouse } from '../../src/open-house.ts';
import { readConfig } from '../../src/platform/config.ts';
import { seedDemo } from '../../src/seed.ts';
import { freshDatabase, kind } from './database.ts';

/**
 * DATABASE_URL of a database with the demo in it as of `now`, and its keys in `dataDir`. It is filled once in a run of
 * the tests, through the commands as always, and copied from then on.
 */
export async function demoDatabase(dataDir: string, now: IsoInstant | null): Promise<string> {
  const master = join(process.env.TEST_RUN as string, `${kind} ${now ?? 'today'}`.replace(/\W+/g, '-'));
  if (!existsSync(master)) await fill(master, now);
  copyFileSync(join(master, 'keys'), join(dataDir, 'keys'));
  if (kind === 'postgres') return freshDatabase(dataDir, readFileSync(join(master, 'name'), 'utf8'));
  copyFileSync(join(master, 'samsyn.db'), join(dataDir, 'samsyn.db'));
  return freshDatabase(dataDir);
}

/** Two files may do so at once: the first that is done is the one that stays. */
async function fill(master: string, now: IsoInstant | null): Promise<void> {
  const mine = `${master}-${process.pid}`;
  mkdirSync(mine);
  const url = await freshDatabase(mine);
  const config = readConfig({ DATA_DIR: mine, DATABASE_URL: url, LOG_LEVEL: 'silent' });
  const { house, close } = await openHouse(config, now === null ? {} : { clock: { now: () => now } });
  await seedDemo(house);
  await close();
  writeFileSync(join(mine, 'name'), url.split('/').at(-1) as string);
  try {
    renameSync(mine, master);
  } catch (error) {
    if (!existsSync(master)) throw error;
  }
}
