import { systemClock } from './platform/clock.ts';
import { writeArchive } from './platform/db/archive.ts';
import { needMigrated, runTool } from './tool.ts';

/** Writes all that the database holds, but for sessions, to one file; others may work meanwhile. */
await runTool('backup -- <file>', async ({ argument: file, database, keys, say }) => {
  await needMigrated(database);
  const sums = await writeArchive(database, keys, file, systemClock.now());
  const rows = Object.values(sums).reduce((total, sum) => total + sum.rows, 0);
  say('tool.backup', { rows, file });
  return true;
});
