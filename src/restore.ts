import { newId } from './kernel/ids.ts';
import { createAuditLog } from './platform/audit/audit.ts';
import { openHeadFile, setHeadsAside } from './platform/audit/heads.ts';
import { systemClock } from './platform/clock.ts';
import { archivedAt, restoreArchive } from './platform/db/archive.ts';
import { runTool, sayCompared } from './tool.ts';

/**
 * Puts a backup into an empty database, all of it or nothing. The log went on after it was made: the heads that say so
 * are set aside, and the log says why.
 */
await runTool('restore -- <file>', async ({ argument: file, database, headsFolder, keys, say }) => {
  sayCompared(say, await restoreArchive(database, keys, file));
  const at = systemClock.now();
  const reference = newId(at);
  await setHeadsAside(headsFolder, reference);
  const heads = openHeadFile(headsFolder, keys.vault);
  await createAuditLog(database, heads).record({
    ...{ action: 'log.restore', actor: { kind: 'worker' }, subject: null, outcome: 'done', relation: 'worker' },
    ...{ code: await archivedAt(file), reference, origin: null, at },
  });
  heads.close();
  say('tool.restore');
  return true;
});
