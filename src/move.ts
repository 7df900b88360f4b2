import { openDatabase } from './platform/db/database.ts';
import { moveEverything, Refused } from './platform/db/rows.ts';
import { needMigrated, runTool, sayCompared } from './tool.ts';

/** Copies an installation from SQLite into an empty PostgreSQL database, all of it or nothing, and compares every row. */
await runTool('move -- <postgres://…>', async ({ argument: url, databaseUrl, database, keys, say }) => {
  if (!/^postgres(ql)?:\/\//.test(url) || !URL.canParse(url)) throw new Refused('The target must be postgres://…');
  if (!databaseUrl.startsWith('sqlite:')) throw new Refused('DATABASE_URL must be the SQLite database to move from.');
  if (!(await database.alone())) throw new Refused('Samsyn is running on this database: stop it first.');
  await needMigrated(database);
  const target = await openDatabase(url, keys.vault);
  try {
    sayCompared(say, await moveEverything(database, target));
  } finally {
    await target.close();
  }
  say('tool.move');
  return true;
});
