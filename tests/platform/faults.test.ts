import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { sql } from 'kysely';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createApp } from '../../src/app.ts';
import { addMinutes } from '../../src/kernel/time.ts';
import { createVault } from '../../src/kernel/vault.ts';
import { messageKinds } from '../../src/messages.ts';
import { openHouse } from '../../src/open-house.ts';
import { readConfig } from '../../src/platform/config.ts';
import { openDatabase } from '../../src/platform/db/database.ts';
import { MailError, type MailTransport } from '../../src/platform/mail/transport.ts';
import { claimMessages } from '../../src/platform/outbox/outbox.ts';
import { sendDueMessages } from '../../src/platform/outbox/worker.ts';
import { startWorker } from '../../src/worker.ts';
import { goodRequest, openTestApp, origin, type TestApp } from '../support/app.ts';
import { kind } from '../support/database.ts';
import { fillForm, parseForm } from '../support/html.ts';
import { startPostgres } from '../support/postgres.ts';
import { startSmtpServer } from '../support/smtp.ts';

/** What happens when something breaks: an outcome that somebody sees, and nothing lost. */

const now = '2026-11-23T09:00:00.000Z';
const typed = { ...goodRequest, purpose: 'Rad ett.\nRad "två" & <tre>.', questions: ['part_time', 'adaptation'] };

const requests = (app: TestApp) =>
  app.house.engine.database.reads.db.selectFrom('request').select('id').orderBy('id').execute();

/** A posted form came to nothing: the page says so, and sends the very same form again. */
async function expectKept(response: Response, fields: object = typed): Promise<Record<string, string[]>> {
  expect(response.status).toBe(503);
  const html = await response.text();
  expect(html).toContain('Tjänsten fungerar inte just nu');
  expect(html).not.toMatch(/SQLITE|ECONN|at \w+ \(/);
  const form = fillForm(parseForm(html, '/begaran'));
  const kept = Object.fromEntries([...new Set(form.keys())].map((name) => [name, form.getAll(name)]));
  for (const [name, value] of Object.entries(fields)) expect(kept[name], name).toEqual([value].flat());
  return kept;
}

describe.runIf(kind === 'sqlite')('SQLite', () => {
  let app: TestApp;
  beforeEach(async () => {
    app = await openTestApp({ seed: false });
  });
  afterEach(() => app.close());

  test('locked by another process for too long: 503 with what was typed, and all is well afterwards', async () => {
    const other = await openDatabase(app.house.config.databaseUrl, createVault(Buffer.alloc(32, 1)));
    let release = () => {};
    const held = other.transaction(
      () =>
        new Promise<void>((resolve) => {
          release = resolve;
        }),
    );
    await pause(100);
    const kept = await expectKept(await app.visitor().post('/begaran', typed));
    expect((await app.app.request('/begaran/ny')).status, 'what only reads goes on').toBe(200);
    release();
    await held;
    await other.close();
    expect(await requests(app)).toEqual([]);
    expect((await app.visitor().post('/begaran', kept)).status).toBe(303);
    expect(await requests(app)).toHaveLength(1);
  });

  test('a full disk: 503 with what was typed, nothing half done, and all is well when there is room', async () => {
    const pages = (limit: number) =>
      app.house.engine.database.transaction(({ db }) => sql.raw(`pragma max_page_count = ${limit}`).execute(db));
    await pages(1);
    const big = { ...typed, purpose: `${typed.purpose}${'x'.repeat(900)}` };
    const answers = await Promise.all(Array.from({ length: 20 }, () => app.visitor().post('/begaran', big)));
    const full = answers.filter(({ status }) => status === 503);
    expect(full.length).toBeGreaterThan(0);
    await expectKept(full[0] as Response, big);
    const stored = await requests(app);
    expect(stored).toHaveLength(answers.length - full.length);
    const moves = await app.house.engine.database.reads.db.selectFrom('request_move').select('request_id').execute();
    expect(moves.map(({ request_id }) => request_id).sort()).toEqual(stored.map(({ id }) => id));
    await pages(1_000_000);
    expect((await app.visitor().post('/begaran', typed)).status).toBe(303);
  });
});

describe.runIf(kind === 'postgres')('PostgreSQL', () => {
  test('gone and back: 503 meanwhile, then all goes on by itself, and no mail was sent twice', async () => {
    const server = await startPostgres();
    const smtp = await startSmtpServer();
    const home = mkdtempSync(join(tmpdir(), 'samsyn-faults-'));
    const env = { DATA_DIR: home, DATABASE_URL: `${server.url}/postgres`, BASE_URL: origin, LOG_LEVEL: 'silent' };
    const { house, close } = await openHouse(readConfig(env));
    const app = createApp(house);
    const post = (fields: object) =>
      app.request(`${origin}/begaran`, {
        method: 'POST',
        headers: { origin },
        body: new URLSearchParams(Object.entries(fields).flatMap(([k, v]) => [v].flat().map((one) => [k, one]))),
      });
    // The server goes away between a mail server's yes and the record of it.
    let sent = 0;
    const transport: MailTransport = {
      async send() {
        sent += 1;
        if (sent === 1) await server.stop();
        return { response: '250', sha256: '' };
      },
      close: async () => {},
    };
    expect((await post(typed)).status).toBe(303);
    const worker = startWorker(house.engine, transport, messageKinds(house), house.log);
    await vi.waitFor(() => expect(sent).toBe(1), 10_000);
    await vi.waitFor(async () => expect((await app.request('/readyz')).status).toBe(503), 10_000);
    expect((await app.request('/healthz')).status).toBe(200);
    expect(await (await app.request('/metrics')).text()).toContain('samsyn_database_up 0');
    expect((await app.request('/begaran/ny')).status, 'what needs no database goes on').toBe(200);
    const kept = await expectKept(await post(typed));

    await server.start();
    await vi.waitFor(async () => expect((await app.request('/readyz')).status).toBe(200), 10_000);
    expect((await post({ ...kept, requesterEmail: '', requesterPhone: '08-465 004 00' })).status).toBe(303);
    const rows = () => house.engine.database.reads.db.selectFrom('outbox').select(['state', 'attempts']).execute();
    await vi.waitFor(async () => expect(await rows()).toEqual([{ state: 'sent', attempts: 1 }]), 10_000);
    expect(sent).toBe(1);
    await worker.stop();
    await close();
    await smtp.close();
    await server.close();
    rmSync(home, { recursive: true, force: true });
  }, 60_000);

  test('a row that another connection holds for too long: 503 with what was typed', async () => {
    const app = await openTestApp();
    const holder = new pg.Client(app.house.config.databaseUrl);
    await holder.connect();
    await holder.query('begin');
    await holder.query('lock table request in access exclusive mode');
    const kept = await expectKept(await app.visitor().post('/begaran', typed));
    await holder.query('rollback');
    await holder.end();
    expect((await app.visitor().post('/begaran', kept)).status).toBe(303);
    await app.close();
  });
});

test('mail that does not leave, and mail that did not arrive, are on the officer’s page of the day', async () => {
  const app = await openTestApp();
  const fk = await app.signIn('fk');
  const inbox = async () => (await fk.get('/inkorg')).text();
  expect(await inbox()).not.toMatch(/mejl (har inte gått iväg|kom inte fram)/);
  const failing = (permanent: boolean): MailTransport => ({
    send: () => Promise.reject(new MailError(permanent, permanent ? '550' : 'ECONNREFUSED')),
    close: async () => {},
  });
  const send = (transport: MailTransport) =>
    sendDueMessages(app.house.engine, transport, messageKinds(app.house), app.house.log, () => false);
  await send(failing(false));
  expect(await inbox()).toMatch(/\d+ mejl har inte gått iväg\. Vi försöker igen\./);
  app.setClock(addMinutes(app.house.engine.clock.now(), 2));
  await send(failing(true));
  const html = await inbox();
  expect(html).not.toContain('har inte gått iväg');
  const [, meeting = ''] = /href="(\/moten\/[0-9a-f-]+)">\d+ mejl kom inte fram/.exec(html) ?? [];
  expect(await (await fk.get(meeting)).text()).toContain('Kom inte fram');
  await app.close();
});

describe('mail', () => {
  let app: TestApp;
  beforeEach(async () => {
    app = await openTestApp({ seed: false, now });
    expect((await app.visitor().post('/begaran', goodRequest)).status).toBe(303);
  });
  afterEach(() => app.close());
  const { close } = { close: async () => {} };
  const send = (transport: MailTransport) =>
    sendDueMessages(app.house.engine, transport, messageKinds(app.house), app.house.log, () => false);
  const row = () => app.house.engine.database.reads.db.selectFrom('outbox').selectAll().executeTakeFirstOrThrow();
  const metric = async (line: string) => expect(await (await app.app.request('/metrics')).text()).toContain(line);

  test('the server down: the message waits, the metrics say so, the product goes on', async () => {
    await send({ send: () => Promise.reject(new MailError(false, 'ECONNREFUSED')), close });
    expect(await row()).toMatchObject({ state: 'queued', attempts: 1, last_error: 'ECONNREFUSED' });
    app.setClock(addMinutes(now, 60));
    await metric('samsyn_outbox_messages{state="retrying"} 1');
    await metric('samsyn_outbox_oldest_seconds 3600');
    expect((await app.app.request('/readyz')).status).toBe(200);
  });

  test('the server slow for longer than a lease: nobody else takes the message meanwhile', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    let sent = 0;
    const other: MailTransport = { send: async () => ({ response: String(sent++), sha256: '' }), close };
    await send({
      async send() {
        for (let minutes = 1; minutes < 10; minutes++) {
          app.setClock(addMinutes(now, minutes));
          vi.advanceTimersByTime(60_000);
          await pause(50);
          await send(other);
        }
        return { response: '250', sha256: '' };
      },
      close,
    });
    vi.useRealTimers();
    expect(sent).toBe(0);
    expect(await row()).toMatchObject({ state: 'sent', attempts: 1 });
  });

  test('refused for good: the officer reads that it did not arrive', async () => {
    await send({ send: () => Promise.reject(new MailError(true, '550')), close });
    expect(await row()).toMatchObject({ state: 'failed', last_error: '550' });
    await metric('samsyn_outbox_messages{state="failed"} 1');
    const { move } = await app.house.engine.database.reads.db
      .selectFrom('request_move')
      .select('move')
      .orderBy('id', 'desc')
      .executeTakeFirstOrThrow();
    expect(move).toBe('undelivered');
  });

  test('the clock a day ahead when it was written, and put right: it leaves at once', async () => {
    app.setClock(addMinutes(now, -24 * 60));
    let sent = 0;
    await send({ send: async () => ({ response: String(sent++), sha256: '' }), close });
    expect(sent).toBe(1);
  });

  test('the clock a day ahead when it was taken, and its worker killed: it leaves when that day has come', async () => {
    const ahead = addMinutes(now, 24 * 60);
    await app.house.engine.database.claim((w) => claimMessages(w, ahead, addMinutes(ahead, 2), 1));
    let sent = 0;
    const transport: MailTransport = { send: async () => ({ response: String(sent++), sha256: '' }), close };
    app.setClock(addMinutes(now, 60));
    await send(transport);
    expect(sent).toBe(0);
    await metric('samsyn_outbox_oldest_seconds 3600');
    app.setClock(addMinutes(ahead, 3));
    await send(transport);
    expect(sent).toBe(1);
  });
});
