import { setTimeout as pause } from 'node:timers/promises';
import type { ImapFlow } from 'imapflow';
import { faultOf, type Log } from '../log.ts';

export type Mailbox = {
  /** Lets the mail at hand finish, then hangs up. */
  stop(): Promise<void>;
};

/** A server without IDLE, or one that forgets to tell, is asked this often. */
const pollMs = 60_000;
/** How long a connection is quiet before it listens; longer than the pause between two commands of one round. */
const listenAfterMs = 300;
const pausesSeconds = [1, 2, 5, 15, 30, 60, 120, 300];

/** Seconds to wait after the n-th failure in a row. */
export const pauseBeforeReconnect = (failures: number): number =>
  pausesSeconds[Math.min(failures, pausesSeconds.length) - 1] ?? 1;

/**
 * Hands every mail in a mailbox to `take`, and moves it to the folder of how it ended, for as long as the process lives.
 * Any number of processes may read the same mailbox: a mail may be handed over more than once, and `take` must bear
 * that. One that `take` throws on stays where it is until the next round.
 */
export function readMailbox<End extends string>(options: {
  /** `imap[s]://user:password@host[:port][/mailbox]`; INBOX unless named. */
  url: string;
  /** Bytes of a mail that are fetched at most. */
  most: number;
  /** Folder names, made where they are missing. */
  folders: Record<End, string>;
  take(raw: Uint8Array): Promise<End>;
  log: Log;
}): Mailbox {
  const { url, most, folders, take, log } = options;
  const stopping = new AbortController();
  const { signal } = stopping;

  async function run(): Promise<void> {
    let failures = 0;
    while (!signal.aborted) {
      try {
        await session(() => {
          failures = 0;
        });
      } catch (error) {
        if (!signal.aborted) fault(error, 'mailbox not reached');
      }
      failures++;
      await sleep(pauseBeforeReconnect(failures) * 1_000);
    }
  }

  /** One connection, until it ends. `served`: a round of it went well, which a server that takes nobody never lets happen. */
  async function session(served: () => void): Promise<void> {
    const client = await connect(url);
    let wake = () => {};
    const closed = new Promise<void>((resolve) => client.once('close', resolve));
    const hangUp = () => (client.usable ? wake() : client.close());
    signal.addEventListener('abort', hangUp);
    try {
      await client.connect();
      for (const folder of Object.values<string>(folders)) await client.mailboxCreate(folder);
      await client.mailboxOpen(decodeURIComponent(new URL(url).pathname.slice(1)) || 'INBOX');
      while (!signal.aborted && client.usable) {
        const woken = new Promise<void>((resolve) => {
          wake = resolve;
        });
        client.removeAllListeners('exists').on('exists', () => wake());
        await round(client);
        served();
        if (!signal.aborted) await Promise.race([woken, closed, sleep(pollMs)]);
      }
    } finally {
      signal.removeEventListener('abort', hangUp);
      await client.logout().catch(() => client.close());
    }
  }

  async function round(client: ImapFlow): Promise<void> {
    const found = (await client.search({ deleted: false }, { uid: true })) || [];
    for (const uid of found) {
      if (signal.aborted || !client.usable) return;
      const mail = await client.fetchOne(String(uid), { source: { maxLength: most } }, { uid: true });
      // Another worker may have moved it.
      if (!mail || mail.source === undefined) continue;
      const end = await take(mail.source).catch((error: unknown) => fault(error, 'mail not taken'));
      if (end) await client.messageMove(String(uid), folders[end], { uid: true });
    }
  }

  function fault(error: unknown, what: string): null {
    log.error({ event: 'mailbox', ...faultOf(error) }, what);
    return null;
  }

  const sleep = (ms: number): Promise<unknown> => pause(ms, undefined, { signal }).catch(() => {});
  const running = run();
  return {
    async stop() {
      stopping.abort();
      await running;
    },
  };
}

async function connect(url: string): Promise<ImapFlow> {
  const { ImapFlow: Client } = await import('imapflow');
  const { protocol, hostname, port, username, password } = new URL(url);
  const secure = protocol === 'imaps:';
  const client = new Client({
    host: hostname,
    port: Number(port) || (secure ? 993 : 143),
    secure,
    auth: { user: decodeURIComponent(username), pass: decodeURIComponent(password) },
    logger: false,
    autoIdleDelay: listenAfterMs,
    connectionTimeout: 10_000,
    greetingTimeout: 10_000,
  });
  // Whatever it is, the connection ends with it and is made anew.
  client.on('error', () => {});
  return client;
}
