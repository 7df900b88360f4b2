import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { addMinutes } from '../../src/kernel/time.ts';
import { openHouse } from '../../src/open-house.ts';
import type { Engine } from '../../src/platform/command.ts';
import {
  createMailTransport,
  MailError,
  type MailTransport,
  type OutgoingMail,
} from '../../src/platform/mail/transport.ts';
import {
  claimMessages,
  type OutboxRow,
  pauseAfter,
  type QueuedMessage,
  queueMessage,
} from '../../src/platform/outbox/outbox.ts';
import { type MessageKind, sendDueMessages } from '../../src/platform/outbox/worker.ts';
import { openTestApp, type TestApp } from '../support/app.ts';
import { startSmtpServer, type TestSmtpServer } from '../support/smtp.ts';

const start = '2026-11-23T09:00:00.000Z';
const leaseMinutes = 2;

let smtp: TestSmtpServer;
let app: TestApp;
let engine: Engine;
let transport: MailTransport;
let now: string;
let settled: string[];

beforeAll(async () => {
  smtp = await startSmtpServer();
  app = await openTestApp({ seed: false, smtpUrl: smtp.url });
  engine = app.house.engine;
  transport = createMailTransport({ smtpUrl: smtp.url, mailDir: '' });
});
beforeEach(async () => {
  now = start;
  app.setClock(start);
  settled = [];
  smtp.messages.length = 0;
  await engine.database.transaction(async ({ db }) => {
    await db.deleteFrom('outbox').execute();
    await db.deleteFrom('counter').execute();
  });
});
afterAll(async () => {
  await transport.close();
  await app.close();
  await smtp.close();
});

function moveClock(minutes: number): void {
  now = addMinutes(now, minutes);
  app.setClock(now);
}

const render = (row: OutboxRow): OutgoingMail => ({
  messageId: row.messageId,
  date: row.createdAt,
  from: 'moten@samsyn.example',
  envelopeFrom: 'moten@samsyn.example',
  to: `${row.stream}@kommun.example`,
  subject: String(row.facts.subject),
  text: 'Hej!\n',
  html: '<p>Hej!</p>',
});
const kinds: Record<string, MessageKind> = {
  test: {
    render,
    async settled({ db }, rows, outcome, at) {
      for (const row of rows) {
        settled.push(`${row.facts.subject} ${outcome}`);
        await db
          .insertInto('counter')
          .values({ name: `${row.id} ${outcome} ${at}`, value: 1 })
          .execute();
      }
    },
  },
};

/** Queues messages named `stream/subject`, in one transaction, as one command does. */
const queue = (names: string[], more: Partial<QueuedMessage> = {}) =>
  engine.database.transaction(async (writes) => {
    for (const name of names) {
      const [stream = '', subject = ''] = name.split('/');
      const message = { kind: 'test', stream, dedupeKey: name, facts: { subject }, ...more };
      await queueMessage(writes, message, now, 'samsyn.example');
    }
  });
const send = (by: MailTransport = transport, on: Engine = engine) =>
  sendDueMessages(on, by, kinds, app.house.log, () => false);
const arrived = () => smtp.messages.map(({ parsed }) => parsed.subject);
const rows = () => engine.database.reads.db.selectFrom('outbox').selectAll().orderBy('id').execute();
const counters = async () =>
  (await engine.database.reads.db.selectFrom('counter').select('name').execute()).map(({ name }) => name);

test('a message is sent once, with what was stored, and its fate is recorded', async () => {
  await queue(['anna/one']);
  await send();
  await send();
  const [row] = await rows();
  expect(smtp.messages).toHaveLength(1);
  expect(smtp.messages[0]?.envelope).toEqual({ from: 'moten@samsyn.example', to: ['anna@kommun.example'] });
  expect(smtp.messages[0]?.parsed.messageId).toBe(`<${row?.message_id}>`);
  expect(smtp.messages[0]?.parsed.date?.toISOString()).toBe('2026-11-23T09:00:00.000Z');
  expect(row).toMatchObject({ state: 'sent', attempts: 1, sent_at: start, lease_until: null, last_error: null });
  expect(row?.sha256).toMatch(/^[0-9a-f]{64}$/);
  expect(row?.facts).not.toContain('one');
  expect(settled).toEqual(['one sent']);
  expect(await counters()).toEqual([`${row?.id} sent ${start}`]);
});

test('one dedupe key is one message, within a command and between commands', async () => {
  await queue(['anna/one', 'anna/one']);
  await queue(['anna/one']);
  await send();
  await queue(['anna/one']);
  await send();
  expect(arrived()).toEqual(['one']);
});

test('a message is not sent before it is due', async () => {
  await queue(['anna/later'], { dueAt: addMinutes(start, 10) });
  await send();
  expect(arrived()).toEqual([]);
  moveClock(10);
  await send();
  expect(arrived()).toEqual(['later']);
});

test('nothing is sent of what was rolled back', async () => {
  const queueing = engine.database.transaction(async (writes) => {
    await queueMessage(writes, { kind: 'test', stream: 'anna', dedupeKey: 'x', facts: {} }, now, 'samsyn.example');
    throw new Error('back');
  });
  await expect(queueing).rejects.toThrow('back');
  await send();
  expect(arrived()).toEqual([]);
});

test('told to stop, the worker finishes what is under way and takes no more', async () => {
  await queue(['anna/one', 'anna/two', 'bo/three']);
  let asked = 0;
  await sendDueMessages(engine, transport, kinds, app.house.log, () => asked++ > 0);
  expect(arrived().sort()).toEqual(['one', 'three']);
  expect((await rows()).map(({ state, lease_until }) => [state, lease_until])).toEqual([
    ['sent', null],
    ['queued', null],
    ['sent', null],
  ]);
});

describe('pauses', () => {
  const expected = [1, 2, 5, 15, 30, 60, 120, 240, 480, 720, 720, 720];

  test('grow, and end after some two days', () => {
    expect(expected.map((_, i) => pauseAfter(i + 1))).toEqual(expected);
    expect(pauseAfter(13)).toBe(null);
    expect(pauseAfter(1000)).toBe(null);
    const hours = expected.reduce((sum, minutes) => sum + minutes) / 60;
    expect(hours).toBeGreaterThan(48);
    expect(hours).toBeLessThan(72);
  });

  test('are kept, and after the last one the message is given up', async () => {
    const failing: MailTransport = {
      send: () => Promise.reject(new MailError(false, '451')),
      close: async () => {},
    };
    await queue(['anna/one', 'anna/two']);
    for (const pause of expected) {
      await send(failing);
      expect((await rows())[0]).toMatchObject({ state: 'queued', due_at: addMinutes(now, pause), last_error: '451' });
      moveClock(pause - 1);
      const before = (await rows())[0]?.attempts;
      await send(failing);
      expect((await rows())[0]?.attempts, `not ${pause - 1} minutes after`).toBe(before);
      expect(settled).toEqual([]);
      moveClock(1);
    }
    await send(failing);
    expect((await rows())[0]).toMatchObject({ state: 'failed', attempts: 13, last_error: '451', lease_until: null });
    expect(settled).toEqual(['one failed']);
    expect((await rows())[1], 'the next of the stream had its turn').toMatchObject({ state: 'queued', attempts: 1 });
    moveClock(24 * 60);
    await send();
    expect(arrived()).toEqual(['two']);
  });
});

describe('a temporary failure', () => {
  const failures: Record<string, () => Promise<MailTransport> | MailTransport> = {
    '450 at RCPT TO': () => {
      smtp.failNext(450);
      return transport;
    },
    '421 at MAIL FROM': () => {
      smtp.failNext(421, 'sender');
      return transport;
    },
    '451 after DATA': () => {
      smtp.failNext(451, 'data');
      return transport;
    },
    '535, which is our own set-up': () => {
      smtp.failNext(535);
      return transport;
    },
    'connection refused': async () => {
      const gone = await startSmtpServer();
      await gone.close();
      return createMailTransport({ smtpUrl: gone.url, mailDir: '' });
    },
  };
  test.each(Object.keys(failures))('%s: tried again, and sent', async (name) => {
    await queue(['anna/one']);
    const failing = await (failures[name] as () => Promise<MailTransport>)();
    await send(failing);
    expect(arrived()).toEqual([]);
    expect(await rows()).toEqual([
      expect.objectContaining({ state: 'queued', attempts: 1, due_at: addMinutes(start, 1), lease_until: null }),
    ]);
    expect((await rows())[0]?.last_error).toMatch(/^(\d{3}|E[A-Z]+)$/);
    expect(settled).toEqual([]);
    moveClock(1);
    await send();
    expect(arrived()).toEqual(['one']);
    expect(await rows()).toEqual([expect.objectContaining({ state: 'sent', attempts: 2, last_error: null })]);
    expect(settled).toEqual(['one sent']);
    if (failing !== transport) await failing.close();
  });

  test('a connection dropped after the message was taken: the second copy is the same message', async () => {
    await queue(['anna/one']);
    smtp.dropNext();
    await send();
    expect((await rows())[0]).toMatchObject({ state: 'queued', attempts: 1 });
    moveClock(1);
    await send();
    expect(smtp.messages).toHaveLength(2);
    expect(smtp.messages[1]?.raw.equals(smtp.messages[0]?.raw as Buffer)).toBe(true);
    expect(settled).toEqual(['one sent']);
  });
});

test('a permanent refusal fails at once, and what follows from it happens', async () => {
  await queue(['anna/one', 'anna/two']);
  smtp.failNext(550);
  await send();
  expect(settled).toEqual(['one failed', 'two sent']);
  const [first] = await rows();
  expect(first).toMatchObject({ state: 'failed', attempts: 1, last_error: '550', lease_until: null, sent_at: null });
  expect(await counters()).toContain(`${first?.id} failed ${start}`);
  moveClock(24 * 60);
  await send();
  expect(arrived()).toEqual(['two']);
});

test('a message of an unknown kind, or one that cannot be made, does not stop the others', async () => {
  await queue(['anna/unknown'], { kind: 'gone' });
  await queue(['bo/broken'], { kind: 'broken' });
  await queue(['eva/good']);
  const withBroken = {
    ...kinds,
    broken: {
      render() {
        throw new Error('Tove Ask');
      },
    },
  };
  await sendDueMessages(engine, transport, withBroken, app.house.log, () => false);
  expect(arrived()).toEqual(['good']);
  expect((await rows()).map(({ state, last_error }) => [state, last_error])).toEqual([
    ['failed', 'unknown_kind'],
    ['queued', 'Error'],
    ['sent', null],
  ]);
});

describe('order', () => {
  const many = Array.from({ length: 20 }, (_, i) => `${i}`);

  test('messages of one stream arrive as they were queued, also in one millisecond', async () => {
    await queue(many.map((name) => `anna/${name}`));
    await send();
    expect(arrived()).toEqual(many);
  });

  test('also when each was queued by itself in one millisecond', async () => {
    for (const name of many) await queue([`anna/${name}`]);
    await send();
    expect(arrived()).toEqual(many);
  });

  test('when the first fails for now the second waits, and other streams do not', async () => {
    await queue(['anna/one', 'anna/two', 'bo/three']);
    smtp.failNext(450);
    await send();
    expect(arrived()).toEqual(['three']);
    moveClock(1);
    await send();
    expect(arrived()).toEqual(['three', 'one', 'two']);
  });
});

describe('lease', () => {
  const claim = async () => {
    const claimed = await engine.database.claim((writes) =>
      claimMessages(writes, now, addMinutes(now, leaseMinutes), 1),
    );
    return claimed[0];
  };

  test('a message whose worker died is sent when the lease ends, with the same Message-ID', async () => {
    await queue(['anna/one', 'anna/two']);
    const claimed = await claim();
    await send();
    moveClock(leaseMinutes);
    await send();
    expect(arrived(), 'not before').toEqual([]);
    moveClock(1);
    await send();
    expect(arrived()).toEqual(['one', 'two']);
    expect(smtp.messages[0]?.parsed.messageId).toBe(`<${claimed?.messageId}>`);
    expect((await rows())[0]).toMatchObject({ state: 'sent', attempts: 2 });
  });

  test('after a crash between the server’s yes and the record of it, the second copy is the same message', async () => {
    await queue(['anna/one']);
    const claimed = (await claim()) as OutboxRow;
    await transport.send(render(claimed));
    moveClock(leaseMinutes + 1);
    await send();
    expect(smtp.messages).toHaveLength(2);
    expect(smtp.messages[1]?.raw.equals(smtp.messages[0]?.raw as Buffer)).toBe(true);
    moveClock(24 * 60);
    await send();
    expect(smtp.messages).toHaveLength(2);
  });

  test('several workers at once, in two processes’ houses, never send one message twice', async () => {
    const names = Array.from({ length: 24 }, (_, i) => `s${i % 8}/${i}`);
    await queue(names);
    const second = await openHouse(app.house.config, { clock: { now: () => now } });
    await Promise.all([send(), send(), send(transport, second.house.engine), send(transport, second.house.engine)]);
    await second.close();
    expect(arrived().length).toBe(24);
    for (let stream = 0; stream < 8; stream++) {
      const mine = arrived().filter((subject) => Number(subject) % 8 === stream);
      expect(mine).toEqual([stream, stream + 8, stream + 16].map(String));
    }
    expect((await rows()).every(({ state, attempts }) => state === 'sent' && attempts === 1)).toBe(true);
  });

  test('a worker that was too slow does not take back what another has recorded', async () => {
    await queue(['anna/one']);
    const slow: MailTransport = {
      async send() {
        moveClock(leaseMinutes + 1);
        await send();
        throw new MailError(true, '550');
      },
      close: async () => {},
    };
    // It looks for no more: with the clock moved it could take its own message a second time, before the other one does.
    let looked = 0;
    await sendDueMessages(engine, slow, kinds, app.house.log, () => looked++ > 0);
    expect(await rows()).toEqual([expect.objectContaining({ state: 'sent', attempts: 2, last_error: null })]);
    expect(settled).toEqual(['one sent']);
  });
});

test('.eml files appear whole, and their names sort in sending order', async () => {
  const mailDir = join(app.dataDir, 'mail');
  const files = createMailTransport({ smtpUrl: null, mailDir });
  const long = {
    ...kinds,
    test: { render: (row: OutboxRow) => ({ ...render(row), text: `${'å'.repeat(200_000)}\n` }) },
  };
  await queue(Array.from({ length: 15 }, (_, i) => `anna/${String(i).padStart(2, '0')}`));
  const seen = new Map<string, number>();
  let sending = true;
  const watching = (async () => {
    while (sending) {
      await new Promise((resolve) => setImmediate(resolve));
      for (const name of readdirSync(app.dataDir).includes('mail') ? readdirSync(mailDir) : []) {
        if (name.endsWith('.eml') && !seen.has(name)) seen.set(name, readFileSync(join(mailDir, name)).length);
      }
    }
  })();
  await sendDueMessages(engine, files, long, app.house.log, () => false);
  sending = false;
  await watching;
  const names = readdirSync(mailDir).sort();
  expect(names).toHaveLength(15);
  expect(names.every((name) => /^\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d\.\d{3}Z-[0-9a-f-]{36}\.eml$/.test(name))).toBe(true);
  const whole = names.map((name) => readFileSync(join(mailDir, name)));
  expect(
    names.map((name) => seen.get(name) ?? -1).filter((size, i) => size !== -1 && size !== whole[i]?.length),
  ).toEqual([]);
  expect(seen.size).toBeGreaterThan(5);
  const subjects = whole.map((bytes) => /^Subject: (\d\d)/m.exec(bytes.toString())?.[1]);
  expect(subjects).toEqual(Array.from({ length: 15 }, (_, i) => String(i).padStart(2, '0')));
});
