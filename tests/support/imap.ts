import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import hoodiecrow from 'hoodiecrow-imap';
import { ImapFlow } from 'imapflow';
import { freePort } from './postgres.ts';

export type TestImapServer = {
  /** For readMailbox. */
  url: string;
  /** Puts mails into INBOX, in this order. */
  append(...raws: (string | Buffer)[]): Promise<void>;
  /** How many mails each folder holds. */
  counts(): Promise<Record<string, number>>;
  /** Resolves when INBOX is empty; rejects after `timeout` ms. */
  emptied(timeout?: number): Promise<void>;
  close(): Promise<void>;
};

/** The servers there are here: one from the registry, and Dovecot where it is installed. */
export const imapServers = [
  'hoodiecrow',
  ...(existsSync('/usr/sbin/dovecot') && process.getuid?.() === 0 ? ['dovecot'] : []),
] as const;

/** `plugins` are hoodiecrow's extensions of IMAP. */
export async function startImapServer(
  kind: (typeof imapServers)[number] = 'hoodiecrow',
  plugins = ['IDLE', 'MOVE', 'UIDPLUS', 'LITERALPLUS', 'NAMESPACE'],
  onPort?: number,
): Promise<TestImapServer> {
  const port = onPort ?? (await freePort());
  const stop = kind === 'dovecot' ? await startDovecot(port) : await startHoodiecrow(port, plugins);
  const client = new ImapFlow({
    ...{ host: '127.0.0.1', port, secure: false, logger: false },
    auth: { user: 'testuser', pass: 'testpass' },
  });
  client.on('error', () => {});
  await client.connect();
  async function counts(): Promise<Record<string, number>> {
    const found: Record<string, number> = {};
    for (const { path } of await client.list()) {
      const status = await client.status(path, { messages: true });
      found[path] = status ? (status.messages ?? 0) : 0;
    }
    return found;
  }
  return {
    url: `imap://testuser:testpass@127.0.0.1:${port}`,
    async append(...raws) {
      for (const raw of raws) await client.append('INBOX', raw);
    },
    counts,
    async emptied(timeout = 10_000) {
      for (const end = Date.now() + timeout; ; await pause(20)) {
        const status = await client.status('INBOX', { messages: true });
        if (status !== false && status?.messages === 0) return;
        if (Date.now() > end) throw new Error(`mails are left in INBOX: ${JSON.stringify(await counts())}`);
      }
    },
    async close() {
      await client.logout().catch(() => client.close());
      await stop();
    },
  };
}

async function startHoodiecrow(port: number, plugins: string[]): Promise<() => Promise<void>> {
  const imap = hoodiecrow({ plugins, storage: { INBOX: {}, '': { separator: '/', folders: {} } } });
  const sockets = new Set<Socket>();
  imap.server.on('connection', (socket: Socket) => {
    // It writes in small pieces, each of which would wait for the one before it to be acknowledged.
    socket.setNoDelay(true);
    sockets.add(socket);
  });
  await new Promise<void>((resolve) => imap.listen(port, '127.0.0.1', resolve));
  return () => {
    const closed = new Promise<void>((resolve) => imap.close(() => resolve()));
    for (const socket of sockets) socket.destroy();
    return closed;
  };
}

async function startDovecot(port: number): Promise<() => Promise<void>> {
  const base = mkdtempSync(join(tmpdir(), 'samsyn-dovecot-'));
  chmodSync(base, 0o755);
  const mail = join(base, 'mail');
  mkdirSync(mail);
  execFileSync('chown', ['mail:mail', mail]);
  const config = join(base, 'dovecot.conf');
  writeFileSync(
    config,
    `protocols = imap
listen = 127.0.0.1
base_dir = ${base}/run
ssl = no
disable_plaintext_auth = no
log_path = ${base}/log
mail_location = maildir:${mail}/%u
first_valid_uid = 1
first_valid_gid = 1
passdb {
  driver = static
  args = password=testpass
}
userdb {
  driver = static
  args = uid=mail gid=mail home=${mail}/%u
}
namespace inbox {
  inbox = yes
}
service imap-login {
  inet_listener imap {
    port = ${port}
  }
  inet_listener imaps {
    port = 0
  }
}
`,
  );
  const child = spawn('/usr/sbin/dovecot', ['-F', '-c', config], { stdio: 'ignore' });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  for (let tries = 0; tries < 100 && !(await answers(port)); tries++) await pause(50);
  return async () => {
    child.kill('SIGTERM');
    await ended;
    rmSync(base, { recursive: true, force: true });
  };
}

async function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('data', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
