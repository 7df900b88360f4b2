import { startPostgres } from './postgres.ts';

/** Vitest's global set-up of the projects that run on PostgreSQL: one server for all their files. */
export default async function setup(): Promise<() => Promise<void>> {
  const server = await startPostgres();
  process.env.TEST_POSTGRES = server.url;
  return () => server.close();
}
