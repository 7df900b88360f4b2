import { renameSync } from 'node:fs';
import { mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256 } from '../../kernel/digest.ts';
import type { IsoInstant } from '../../kernel/time.ts';

/**
 * A message as the outbox renders it. `to`, `replyTo` and `envelopeFrom` are bare addresses; `from` may carry the
 * authority's name. `messageId` and `date` are stored facts, so that a second sending is the same message.
 */
export type OutgoingMail = {
  messageId: string;
  date: IsoInstant;
  from: string;
  envelopeFrom: string;
  to: string;
  replyTo?: string;
  subject: string;
  text: string;
  html: string;
  calendar?: { method: 'REQUEST' | 'CANCEL' | 'DECLINECOUNTER'; content: string };
};

export type MailTransport = {
  /**
   * Hands over one message. `response` is the server's last line, or the file's name; `sha256` is of the bytes that
   * were handed over. Throws MailError.
   */
  send(message: OutgoingMail): Promise<{ response: string; sha256: string }>;
  /** Lets messages under way finish, then hangs up. */
  close(): Promise<void>;
};

/**
 * Why a message did not leave: `code` is the server's three digits or nodemailer's or Node's name for it. `permanent`:
 * this recipient or this message is refused for good; all else is worth another try. Holds neither address nor text.
 */
export class MailError extends Error {
  readonly permanent: boolean;
  readonly code: string;

  constructor(permanent: boolean, code: string) {
    super(`mail not sent: ${code}`);
    this.name = 'MailError';
    this.permanent = permanent;
    this.code = code;
  }
}

/** SMTP where there is a URL; otherwise every message becomes an .eml file in `mailDir`. */
export const createMailTransport = (config: { smtpUrl: string | null; mailDir: string }): MailTransport =>
  config.smtpUrl === null ? fileTransport(config.mailDir) : smtpTransport(config.smtpUrl);

/**
 * The message's bytes (RFC 5322, CRLF), the same for the same input. Throws MailError when an address is not bare, and
 * Error when the calendar says another METHOD than the mail: Outlook rejects that, Thunderbird shows no buttons.
 */
export async function buildMail(message: OutgoingMail): Promise<Buffer> {
  const { calendar } = message;
  for (const address of [message.to, message.envelopeFrom, message.replyTo ?? message.to]) {
    if (!/^[^\s<>()[\]\\,;:"@]+@[^\s<>()[\]\\,;:"@]+$/.test(address)) throw new MailError(true, 'EADDRESS');
  }
  if (calendar && !calendar.content.includes(`\r\nMETHOD:${calendar.method}\r\n`)) {
    throw new Error('the METHOD of the mail and of the calendar object differ');
  }
  // Loaded at the first message: it is no part of a start.
  const { default: MailComposer } = await import('nodemailer/lib/mail-composer');
  const mail = new MailComposer({
    messageId: `<${bare(message.messageId)}>`,
    date: new Date(message.date),
    from: message.from,
    to: message.to,
    replyTo: message.replyTo,
    subject: message.subject,
    text: message.text,
    html: message.html,
    // base64 carries the object's bytes as they are; nodemailer does so only for the attached copy.
    icalEvent: calendar && { ...calendar, contentTransferEncoding: 'base64' },
    disableFileAccess: true,
    disableUrlAccess: true,
  }).compile();
  // Boundaries are random otherwise.
  mail.baseBoundary = sha256(message.messageId).slice(0, 16);
  return mail.build();
}

const bare = (messageId: string): string => messageId.replace(/^<|>$/g, '');

function smtpTransport(url: string): MailTransport {
  const connect = async () =>
    (await import('nodemailer')).createTransport({
      url,
      pool: true,
      // Few enough for any mail server's limit per client, enough that waiting for its answers costs little.
      maxConnections: 10,
      maxMessages: 1_000,
      // Trying again is the outbox's business: only it knows what a broken connection may have delivered.
      maxRequeues: 0,
      dnsTimeout: 10_000,
      connectionTimeout: 10_000,
      greetingTimeout: 10_000,
      socketTimeout: 30_000,
    });
  let connected: ReturnType<typeof connect> | undefined;
  const deliver: MailTransport['send'] = async (message) => {
    const raw = await buildMail(message);
    connected ??= connect();
    const smtp = await connected;
    try {
      const { response } = await smtp.sendMail({ envelope: { from: message.envelopeFrom, to: [message.to] }, raw });
      return { response, sha256: sha256(raw) };
    } catch (error) {
      throw mailError(error);
    }
  };
  const underWay = new Set<Promise<unknown>>();
  return {
    send(message) {
      const sending = deliver(message).finally(() => underWay.delete(sending));
      underWay.add(sending);
      return sending;
    },
    async close() {
      await Promise.allSettled(underWay);
      (await connected)?.close();
    },
  };
}

/**
 * Only what the server says of the recipient or of the message itself is for good. A 5xx on sign-in or on the sender is
 * our own set-up: marking people's addresses as undeliverable for that would be wrong.
 */
function mailError(error: unknown): MailError {
  const { code, command, responseCode } = error as { code?: string; command?: string; responseCode?: number };
  if (!responseCode) return new MailError(false, code ?? 'EUNKNOWN');
  const refused = command === 'RCPT TO' || command === 'DATA';
  // 503 is a session out of step, 530–538 ask for sign-in or TLS; neither is about this message.
  const ours = responseCode === 503 || (responseCode >= 530 && responseCode <= 538);
  return new MailError(responseCode >= 500 && refused && !ours, String(responseCode));
}

function fileTransport(mailDir: string): MailTransport {
  let last = 0;
  return {
    async send(message) {
      const raw = await buildMail(message);
      const id = (bare(message.messageId).split('@')[0] ?? '').replace(/[^A-Za-z0-9_-]/g, '_');
      try {
        // The messages hold personal links: for the owner's eyes only.
        await mkdir(mailDir, { recursive: true, mode: 0o700 });
        const beside = join(mailDir, `.${id}.tmp`);
        const file = await open(beside, 'w', 0o600);
        try {
          await file.writeFile(raw);
          await file.sync();
        } finally {
          await file.close();
        }
        // Named and renamed in one step, and never twice in one millisecond: names sort as the files appear.
        last = Math.max(Date.now(), last + 1);
        const name = `${new Date(last).toISOString().replaceAll(':', '-')}-${id}.eml`;
        renameSync(beside, join(mailDir, name));
        const directory = await open(mailDir);
        await directory.sync().finally(() => directory.close());
        return { response: name, sha256: sha256(raw) };
      } catch (error) {
        throw new MailError(false, (error as NodeJS.ErrnoException).code ?? 'EUNKNOWN');
      }
    },
    close: async () => {},
  };
}
