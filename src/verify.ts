import { needMigrated, runTool } from './tool.ts';
import { verifyInstallation } from './verification.ts';

const faultsShown = 100;

/** Checks the whole installation; others may work meanwhile. */
await runTool('verify', async ({ database, say }) => {
  await needMigrated(database);
  const { rows, faults } = await verifyInstallation(database);
  for (const [table, count] of Object.entries(rows)) {
    say('tool.count', { table: table.padEnd(16), rows: String(count).padStart(9) });
  }
  for (const { code, ...where } of faults.slice(0, faultsShown)) say(`verify.${code}`, where);
  say('tool.faults', { count: faults.length, documents: rows.document });
  return faults.length === 0;
});
