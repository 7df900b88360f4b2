import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ICAL from 'ical.js';
import { simpleParser } from 'mailparser';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { renderCancel, renderRequest } from '../../src/features/invitation/render.ts';
import {
  buildMail,
  createMailTransport,
  MailError,
  type MailTransport,
  type OutgoingMail,
} from '../../src/platform/mail/transport.ts';
import { startSmtpServer, type TestSmtpServer } from '../support/smtp.ts';

const to = 'Anna.Exempel@kommun.example.se';

const facts = {
  uid: '0198c2a4-6d1e-7c55-9a3b-2f6f0b1d7e11@moten.example.se',
  sequence: 0,
  dtstamp: '2026-11-23T09:15:30.123Z',
  startsAt: '2027-01-14T12:00:00.000Z',
  endsAt: '2027-01-14T13:00:00.000Z',
  summary: 'Möte med Försäkringskassan 👋',
  location: 'Se länken',
  description: 'Läs mer på länken',
  url: 'https://moten.example.se/svar/abc',
  organizer: 'moten+k3v9q2@moten.example.se',
  attendee: to,
};

const plain: OutgoingMail = {
  messageId: '<0198c2a4-7777@moten.example.se>',
  date: '2026-11-23T09:15:30.123Z',
  from: 'moten+k3v9q2@moten.example.se',
  envelopeFrom: 'moten+k3v9q2@moten.example.se',
  to,
  subject: 'Möte torsdag 14 januari 2027 kl. 13.00 (K7Q2)',
  text: 'Hej!\n\nFörsäkringskassan har bokat ett möte.\n.\nEn punkt ensam på en rad.\n',
  html: '<p>Hej!</p><p>Försäkringskassan har bokat ett möte.</p>',
};

const invitation: OutgoingMail = { ...plain, calendar: { method: 'REQUEST', content: renderRequest(facts) } };
const cancellation: OutgoingMail = {
  ...plain,
  calendar: { method: 'CANCEL', content: renderCancel({ ...facts, sequence: 1 }, 'meeting') },
};

type Part = { type: string; headers: string; body: Buffer; parts: Part[] };

/** The MIME tree as it stands in the bytes; mailparser would flatten it. */
function mimeTree(raw: string): Part {
  const end = raw.indexOf('\r\n\r\n');
  const headers = raw.slice(0, end).replace(/\r\n[ \t]+/g, ' ');
  const body = raw.slice(end + 4);
  const type = /^Content-Type: *([^;\r\n]+)/im.exec(headers)?.[1] ?? '';
  const boundary = /boundary="?([^";]+)/i.exec(headers)?.[1];
  const sections = boundary ? `\r\n${body}`.split(`\r\n--${boundary}`).slice(1, -1) : [];
  const base64 = /^Content-Transfer-Encoding: *base64/im.test(headers);
  return {
    type,
    headers,
    body: Buffer.from(body, base64 ? 'base64' : 'utf8'),
    parts: sections.map((section) => mimeTree(section.slice(2))),
  };
}

const shape = (part: Part): unknown => (part.parts.length === 0 ? part.type : { [part.type]: part.parts.map(shape) });

const sha256 = (bytes: Buffer | string) => createHash('sha256').update(bytes).digest('hex');

const failure = async (sending: Promise<unknown>): Promise<MailError> => {
  const error = await sending.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(MailError);
  return error as MailError;
};

describe('the message', () => {
  test('is the same bytes each time', async () => {
    expect((await buildMail(invitation)).equals(await buildMail({ ...invitation }))).toBe(true);
  });

  test('carries the stored Message-ID and date, with or without brackets', async () => {
    for (const messageId of ['<a1b2@moten.example.se>', 'a1b2@moten.example.se']) {
      const mail = await simpleParser(await buildMail({ ...plain, messageId }));
      expect(mail.messageId).toBe('<a1b2@moten.example.se>');
      expect(mail.date?.toISOString()).toBe('2026-11-23T09:15:30.000Z');
    }
  });

  test('without a calendar is text and HTML', async () => {
    const raw = (await buildMail(plain)).toString();
    expect(shape(mimeTree(raw))).toEqual({ 'multipart/alternative': ['text/plain', 'text/html'] });
  });

  test('is refused when its METHOD is not the calendar object’s', async () => {
    const { content } = invitation.calendar ?? { content: '' };
    await expect(buildMail({ ...plain, calendar: { method: 'CANCEL', content } })).rejects.toThrow('METHOD');
  });

  test.each([
    'Anna <anna@kommun.example.se>',
    'anna@kommun.example.se, bo@kommun.example.se',
    'anna@kommun.example.se\r\nBcc: x@evil.example',
    'anna',
    '',
  ])('is refused when the recipient is %j', async (address) => {
    for (const change of [{ to: address }, { envelopeFrom: address }, { replyTo: address }]) {
      await expect(buildMail({ ...plain, ...change })).rejects.toThrow(MailError);
    }
  });

  test('a line break in the subject makes no header', async () => {
    const mail = await simpleParser(await buildMail({ ...plain, subject: 'Möte\r\nBcc: x@evil.example\r\n\r\nbrev' }));
    expect(mail.bcc).toBeUndefined();
    expect(mail.text).toContain('Försäkringskassan');
  });
});

describe('by SMTP', () => {
  let server: TestSmtpServer;
  let transport: MailTransport;

  beforeAll(async () => {
    server = await startSmtpServer();
    transport = createMailTransport({ smtpUrl: server.url, mailDir: '/nonexistent' });
  });
  afterEach(() => {
    server.messages.length = 0;
  });
  afterAll(async () => {
    await transport.close();
    await server.close();
  });

  test.each([
    ['an invitation', invitation, 'REQUEST'],
    ['a cancellation', cancellation, 'CANCEL'],
  ])('%s has the shape that all clients read', async (_name, message, method) => {
    const { response } = await transport.send(message);
    expect(response).toMatch(/^250 /);
    const [received] = await server.waitFor(1);
    if (!received || !message.calendar) throw new Error('nothing came');
    expect(received.envelope).toEqual({ from: plain.envelopeFrom, to: [to] });

    const tree = mimeTree(received.raw.toString());
    expect(shape(tree)).toEqual({
      'multipart/mixed': [{ 'multipart/alternative': ['text/plain', 'text/html', 'text/calendar'] }, 'application/ics'],
    });
    const inline = tree.parts[0]?.parts[2];
    const attached = tree.parts[1];
    expect(inline?.headers).toContain(`text/calendar; charset=utf-8; method=${method}`);
    for (const part of [inline, attached]) {
      expect(sha256(part?.body ?? '')).toBe(sha256(message.calendar.content));
    }

    const calendar = new ICAL.Component(ICAL.parse(inline?.body.toString() ?? '') as string);
    const vevent = calendar.getFirstSubcomponent('vevent');
    expect(calendar.getFirstPropertyValue('method')).toBe(method);
    const header = (name: string) => new RegExp(`^${name}: (.*)$`, 'im').exec(tree.headers)?.[1];
    expect(`mailto:${header('To')}`).toBe(
      String(vevent?.getFirstPropertyValue('attendee')).replace('MAILTO', 'mailto'),
    );
    expect(`mailto:${header('From')}`).toBe(vevent?.getFirstPropertyValue('organizer'));
    expect(received.parsed.subject).toBe(plain.subject);
    expect(received.parsed.text).toBe(plain.text);
  });

  test('many at once, each once', async () => {
    const sent = Array.from({ length: 20 }, (_, i) => ({ ...invitation, messageId: `<m${i}@moten.example.se>` }));
    await Promise.all(sent.map((message) => transport.send(message)));
    const ids = server.messages.map((message) => message.parsed.messageId);
    expect(ids.sort()).toEqual(sent.map((message) => message.messageId).sort());
  });

  test.each([
    [550, 'recipient', true],
    [553, 'recipient', true],
    [450, 'recipient', false],
    [503, 'recipient', false],
    [530, 'recipient', false],
    [554, 'data', true],
    [451, 'data', false],
    // Refusing our sender says nothing about the recipient.
    [550, 'sender', false],
  ] as const)('%i to the %s: for good = %s', async (code, stage, permanent) => {
    server.failNext(code, stage);
    const error = await failure(transport.send(invitation));
    expect(error.permanent).toBe(permanent);
    expect(error.code).toBe(String(code));
    expect(`${error.stack} ${JSON.stringify(error)} ${String(error.cause)}`).not.toMatch(/anna|kommun|Möte|Hej/i);
    // The server is none the worse.
    await transport.send(invitation);
    expect(server.messages).toHaveLength(1);
  });

  test('a connection lost after the message is a failure to try again, and no second copy by itself', async () => {
    server.dropNext();
    const error = await failure(transport.send(invitation));
    expect(error.permanent).toBe(false);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(server.messages).toHaveLength(1);
  });

  test('no server is a failure to try again', async () => {
    const unused = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => unused.once('listening', resolve));
    const { port } = unused.address() as { port: number };
    await new Promise((resolve) => unused.close(resolve));
    const lost = createMailTransport({ smtpUrl: `smtp://127.0.0.1:${port}`, mailDir: '/nonexistent' });
    const error = await failure(lost.send(invitation));
    expect(error).toMatchObject({ permanent: false, code: 'ESOCKET' });
    await lost.close();
  });

  test('close lets a message under way finish', async () => {
    const other = createMailTransport({ smtpUrl: server.url, mailDir: '/nonexistent' });
    const sending = other.send(invitation);
    await other.close();
    expect((await sending).response).toMatch(/^250 /);
  });
});

describe('as files', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'samsyn-mail-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test('each message is a whole .eml file, for the owner only, named in sending order', async () => {
    const mailDir = join(folder, 'data', 'mail');
    const transport = createMailTransport({ smtpUrl: null, mailDir });
    const ids = Array.from({ length: 12 }, (_, i) => `z${99 - i}`);
    const names: string[] = [];
    for (const id of ids) {
      names.push((await transport.send({ ...invitation, messageId: `<${id}@moten.example.se>` })).response);
    }
    await transport.close();

    expect(readdirSync(mailDir).sort()).toEqual(names);
    for (const [i, name] of names.entries()) {
      expect(name).toMatch(new RegExp(`^\\d{4}-\\d\\d-\\d\\dT\\d\\d-\\d\\d-\\d\\d\\.\\d{3}Z-${ids[i]}\\.eml$`));
    }
    const file = join(mailDir, names[0] ?? '');
    expect(statSync(file).mode & 0o077).toBe(0);
    expect(readFileSync(file).equals(await buildMail({ ...invitation, messageId: '<z99@moten.example.se>' }))).toBe(
      true,
    );
  });

  test('a Message-ID cannot choose another folder', async () => {
    const mailDir = join(folder, 'narrow');
    const transport = createMailTransport({ smtpUrl: null, mailDir });
    const { response } = await transport.send({ ...plain, messageId: '<../../x/y@moten.example.se>' });
    expect(response).toMatch(/Z-______x_y\.eml$/);
    expect(readdirSync(mailDir)).toEqual([response]);
  });

  test('a folder that cannot be written is a failure to try again, without its path', async () => {
    const taken = join(folder, 'taken');
    writeFileSync(taken, '');
    const error = await failure(createMailTransport({ smtpUrl: null, mailDir: taken }).send(plain));
    expect(error).toMatchObject({ permanent: false, code: 'EEXIST', message: 'mail not sent: EEXIST' });
  });
});
