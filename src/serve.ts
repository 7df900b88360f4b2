import { join } from 'node:path';
import { serve } from '@hono/node-server';
import { createApp } from './app.ts';
import { startMailbox } from './mailbox.ts';
import { messageKinds } from './messages.ts';
import { openHouse } from './open-house.ts';
import { ConfigError, readConfig } from './platform/config.ts';
import { databaseIsAway } from './platform/db/portable.ts';
import { createMailTransport } from './platform/mail/transport.ts';
import { socketLimits } from './platform/web/socket.ts';
import { seedDemo } from './seed.ts';
import { startWorker } from './worker.ts';

/** env → config → database → migrate → seed → web and/or worker; SIGTERM lets running work finish and exits 0. */
async function run(): Promise<void> {
  const config = readConfig(process.env);
  const { house, onWake, close } = await openHouse(config);
  if (config.demo && config.role !== 'worker') await seedDemo(house);

  const transport = createMailTransport({ smtpUrl: config.smtpUrl, mailDir: join(config.dataDir, 'mail') });
  const worker = config.role === 'web' ? null : startWorker(house.engine, transport, messageKinds(house), house.log);
  const mailbox = worker && startMailbox(house);
  if (worker) onWake(worker.wake);
  if (config.role === 'worker') process.stdout.write(house.texts.t('console.worker'));

  const app = config.role === 'worker' ? null : createApp(house);
  const server =
    app &&
    serve({ fetch: app.fetch, port: config.port, hostname: config.host, serverOptions: socketLimits() }, () => {
      process.stdout.write(house.texts.t('console.ready', { url: config.baseUrl }));
      if (config.demo)
        process.stdout.write(
          house.texts.t('console.tryFirst', { url: config.baseUrl, mail: join(config.dataDir, 'mail') }),
        );
    });

  server?.on('error', (error) => {
    process.stderr.write(`Samsyn cannot listen on ${config.host}:${config.port}: ${error.message}\n`);
    process.exit(1);
  });

  let stopping = false;
  async function stop(): Promise<void> {
    if (stopping) return;
    stopping = true;
    // A message that hangs is given back: its lease ends, and another worker sends it.
    setTimeout(() => process.exit(0), 9_000).unref();
    if (server) {
      // Whoever is still sending by then holds up the rest no longer.
      setTimeout(() => 'closeAllConnections' in server && server.closeAllConnections(), 5_000).unref();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    }
    await Promise.all([mailbox?.stop(), worker?.stop()]);
    await transport.close();
    await close();
    process.exit(0);
  }
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
}

export const main = (): Promise<void> =>
  run().catch((error: unknown) => {
    const problems =
      error instanceof ConfigError
        ? error.problems
        : databaseIsAway(error)
          ? ['DATABASE_URL: the database does not answer, or cannot be written to']
          : null;
    process.stderr.write(
      problems
        ? `Samsyn cannot start:\n${problems.map((problem) => `  ${problem}`).join('\n')}\n`
        : `${error instanceof Error ? error.stack : String(error)}\n`,
    );
    process.exit(1);
  });
