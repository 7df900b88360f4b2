import { type AddressInfo, createServer, type Server } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { type ParsedMail, simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';

export type ReceivedMail = {
  envelope: { from: string; to: string[] };
  raw: Buffer;
  parsed: ParsedMail;
  /** Milliseconds: when it was there whole. */
  takenAt: number;
  /** The port it came to. */
  port: number;
};

export type TestSmtpServer = {
  /** For createMailTransport: no TLS, no sign-in. */
  url: string;
  /** In the order of arrival. */
  messages: ReceivedMail[];
  /** Resolves with all messages when at least `n` have come; rejects after `timeout` ms. */
  waitFor(n: number, timeout?: number): Promise<ReceivedMail[]>;
  /** The next message is refused with this code, at RCPT TO unless another stage is named; once. */
  failNext(code: number, stage?: 'sender' | 'recipient' | 'data'): void;
  /** The next message is taken whole, and the connection dropped instead of answering; once. */
  dropNext(): void;
  /** Another port of the same server, so that one sender can be told from another. */
  door(): Promise<{ url: string; port: number }>;
  close(): Promise<void>;
};

/** A real SMTP server on a free port of 127.0.0.1. */
export async function startSmtpServer(options: { answersAfterMs?(): number } = {}): Promise<TestSmtpServer> {
  const messages: ReceivedMail[] = [];
  let failure: { code: number; stage: string } | null = null;
  let drop = false;

  const refusal = (stage: string): Error | null => {
    if (failure?.stage !== stage) return null;
    const { code } = failure;
    failure = null;
    return Object.assign(new Error('refused: anna@kommun.example.se'), { responseCode: code });
  };

  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['AUTH', 'STARTTLS'],
    disableReverseLookup: true,
    onMailFrom: (_address, _session, done) => done(refusal('sender')),
    onRcptTo: (_address, _session, done) => done(refusal('recipient')),
    async onData(stream, session, done) {
      const chunks: Buffer[] = [];
      try {
        for await (const chunk of stream) chunks.push(chunk as Buffer);
      } catch {
        // The sender hung up in the middle: nothing has been taken.
        return done();
      }
      const error = refusal('data');
      if (error) return done(error);
      const raw = Buffer.concat(chunks);
      const from = session.envelope.mailFrom ? session.envelope.mailFrom.address : '';
      const to = session.envelope.rcptTo.map((recipient) => recipient.address);
      const takenAt = Date.now();
      const port = session.localPort;
      messages.push({ envelope: { from, to }, raw, parsed: await simpleParser(raw), takenAt, port });
      if (drop) {
        drop = false;
        // Closing the server's connections is the only way smtp-server has of hanging up on one.
        for (const connection of server.connections) connection.close();
        return;
      }
      if (options.answersAfterMs) await pause(options.answersAfterMs());
      done(null, `OK: message ${messages.length}`);
    },
  });
  // A connection that the client drops is an error to the server, and none to a test.
  server.on('error', () => {});
  const port = await listening(server.server);
  const doors: Server[] = [];

  return {
    url: `smtp://127.0.0.1:${port}`,
    messages,
    async waitFor(n, timeout = 5_000) {
      const end = Date.now() + timeout;
      while (messages.length < n) {
        if (Date.now() > end) throw new Error(`${messages.length} of ${n} messages came`);
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      return messages;
    },
    failNext(code, stage = 'recipient') {
      failure = { code, stage };
    },
    dropNext() {
      drop = true;
    },
    async door() {
      const door = createServer((socket) => server.server.emit('connection', socket));
      doors.push(door);
      const port = await listening(door);
      return { url: `smtp://127.0.0.1:${port}`, port };
    },
    async close() {
      for (const door of doors) door.close();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}
