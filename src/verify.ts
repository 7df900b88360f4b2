import { readHeads } from './platform/audit/heads.ts';
import { needMigrated, runTool } from './tool.ts';
import { verifyInstallation } from './verification.ts';

const faultsShown = 100;

/** Checks the whole installation; others may work meanwhile. */
await runTool('verify', async ({ database, headsFolder, keys, say }) => {
  await needMigrated(database);
  // Before the database, which only gets further meanwhile.
  const heads = await readHeads(headsFolder, keys.vault);
  const { rows, faults, log } = await verifyInstallation(database, heads);
  for (const [table, count] of Object.entries(rows)) {
    say('tool.count', { table: table.padEnd(16), rows: String(count).padStart(9) });
  }
  for (const { code, ...where } of faults.slice(0, faultsShown)) say(`verify.${code}`, where);
  for (const { code, ...where } of log.faults.slice(0, faultsShown)) say(`verifyLog.${code}`, where);
  for (const { at, chains } of log.goesOn) say('verifyLog.goesOn', { at, chains });
  say('tool.log', { rows: rows.audit, chains: heads.files.flatMap((file) => file.heads).length });
  say('tool.faults', { count: faults.length + log.faults.length, documents: rows.document });
  return faults.length + log.faults.length === 0;
});
