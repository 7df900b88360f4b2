import { restoreArchive } from './platform/db/archive.ts';
import { runTool, sayCompared } from './tool.ts';

/** Puts a backup into an empty database, all of it or nothing. */
await runTool('restore -- <file>', async ({ argument: file, database, keys, say }) => {
  sayCompared(say, await restoreArchive(database, keys, file));
  say('tool.restore');
  return true;
});
