import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { listParticipants } from '../../src/features/meeting/participant/store.ts';
import { linkToken } from '../../src/kernel/links.ts';
import { openHouse } from '../../src/open-house.ts';
import { headsFolder, readHeads } from '../../src/platform/audit/heads.ts';
import { readConfig } from '../../src/platform/config.ts';
import { permit } from '../../src/platform/db/access.ts';
import { seedDemo } from '../../src/seed.ts';
import { verifyInstallation } from '../../src/verification.ts';
import { goodRequest } from '../support/app.ts';
import { freshDatabase, kind } from '../support/database.ts';
import { isAtWork, kill, type Place, place, start, stop } from '../support/fleet.ts';
import { freePort } from '../support/postgres.ts';
import { type ReceivedMail, startSmtpServer, type TestSmtpServer } from '../support/smtp.ts';

/**
 * Processes are killed at random moments while requests, decisions and answers come in and mail goes out: two web and
 * two worker processes on PostgreSQL, one that does both on SQLite. Nothing that was accepted is lost, and nothing is
 * sent twice without cause.
 */
const kills = Number(process.env.KILLS ?? 100);
const origin = 'http://localhost:9999';

let home: string;
let smtp: TestSmtpServer;
let fleet: Place[];
let env: Record<string, string>;
let house: Awaited<ReturnType<typeof openHouse>>;

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'samsyn-kill-'));
  smtp = await startSmtpServer({ answersAfterMs: () => Math.random() * 30 });
  env = {
    DATA_DIR: home,
    DATABASE_URL: await freshDatabase(home),
    BASE_URL: origin,
    SMTP_URL: smtp.url,
    MAIL_FROM: 'moten@samsyn.example',
    LOG_LEVEL: 'error',
    TRUST_PROXY: 'on',
  };
  house = await openHouse(readConfig({ ...env, LOG_LEVEL: 'silent' }));
  await seedDemo(house.house);
  const port = async () => ({ PORT: String(await freePort()) });
  fleet =
    kind === 'sqlite'
      ? [place({ ...env, ...(await port()), ROLE: 'all' })]
      : [
          ...[place({ ...env, ...(await port()), ROLE: 'web' }), place({ ...env, ...(await port()), ROLE: 'web' })],
          ...[place({ ...env, ROLE: 'worker' }), place({ ...env, ROLE: 'worker' })],
        ];
}, 60_000);
afterAll(async () => {
  await Promise.all(fleet.map(stop));
  await house.close();
  await smtp.close();
  rmSync(home, { recursive: true, force: true });
});

type Answer = { status: number; location: string; cookie: string };

/** Posts to one of the web processes; null when it was killed before it answered. */
function post(path: string, fields: Record<string, string>, cookie = ''): Promise<Answer | null> {
  const webs = fleet.filter((one) => one.env.ROLE !== 'worker');
  const { PORT } = (webs[Math.floor(Math.random() * webs.length)] as Place).env;
  // Each from an address of its own, so that no limit stops the many.
  const from = `2001:db8:${Math.floor(Math.random() * 65_536).toString(16)}::1`;
  const type = 'application/x-www-form-urlencoded';
  const headers = { 'content-type': type, origin, cookie, 'x-forwarded-for': from };
  return new Promise((resolve) => {
    const call = httpRequest(
      { host: '127.0.0.1', port: PORT, path, method: 'POST', headers, timeout: 20_000 },
      (got) => {
        got.resume();
        got.on('close', () => {
          const [set = ''] = got.headers['set-cookie'] ?? [];
          const whole = got.complete ? { status: got.statusCode ?? 0, location: got.headers.location ?? '' } : null;
          resolve(whole && { ...whole, cookie: set.split(';')[0] as string });
        });
      },
    );
    call.on('error', () => resolve(null));
    call.end(new URLSearchParams(fields).toString());
  });
}

/** Posts until somebody answers, as a patient person would. */
async function postUntilAnswered(...given: Parameters<typeof post>): Promise<Answer> {
  for (;;) {
    const answer = await post(...given);
    if (answer) return answer;
    await pause(20);
  }
}

/** What the product said yes to, so that it must be there in the end. */
const accepted = {
  /** Idempotency key → the receipt's path. */
  requests: new Map<string, string>(),
  /** Request id → what was decided. */
  decisions: new Map<string, string>(),
  /** Participant id → number of the last answer that was accepted. */
  answers: new Map<string, number>(),
};

/** When the process that sent to a port of the mail server was killed. */
const deaths = new Map<string, number>();

/** Fills a place with a process that has a port of the mail server to itself. */
async function startSomebody(at: Place): Promise<void> {
  at.env.SMTP_URL = (await smtp.door()).url;
  start(at);
}

let acceptedAnswers = 0;
const accepts = () => accepted.requests.size + accepted.decisions.size + acceptedAnswers;

const idempotencyKeys = new Map<string, string>();
const decidable: string[] = [];

async function somebodyRequests(i: number): Promise<void> {
  const key = `kill-${i}-${randomUUID()}`;
  const form = { ...goodRequest, requesterEmail: `begarare${i}@exempel.example`, individualName: `Person ${i}` };
  const { individualNumber: _, ...unnumbered } = form;
  const fields = { ...unnumbered, individualNumberMissing: 'on', idempotencyKey: key };
  const answer = await postUntilAnswered('/begaran', fields);
  expect(answer.status).toBe(303);
  expect(answer.location).toMatch(/^\/begaran\/kvitto\//);
  accepted.requests.set(key, answer.location);
}

async function officerDecides(i: number, cookie: string): Promise<void> {
  const id = decidable.pop();
  if (!id) return;
  const decision: Record<string, string> =
    i % 2 === 0
      ? { decision: 'confirm', kind: 'reconciliation', purpose: 'Nästa steg.' }
      : { decision: 'decline', reasonCode: 'too_early', instead: 'Vi ringer.' };
  const answer = await postUntilAnswered(`/begaran/${id}/beslut`, decision, cookie);
  // 409: the first try was killed after it was done, and this one came second.
  expect([303, 409]).toContain(answer.status);
  accepted.decisions.set(id, i % 2 === 0 ? 'confirmed' : 'declined');
}

async function participantAnswers(i: number, one: { id: string; token: string }): Promise<void> {
  const answer = await postUntilAnswered(`/svar/${one.token}`, {
    answer: i % 2 ? 'accepted' : 'declined',
    comment: `${i}`,
  });
  expect(answer.status).toBe(303);
  accepted.answers.set(one.id, i);
  acceptedAnswers += 1;
}

/** UID, SEQUENCE and DTSTAMP of the calendar object in a mail; empty for a mail without one. */
async function calendarFacts({ parsed }: ReceivedMail): Promise<string[]> {
  const object = parsed.attachments.find((one) => one.contentType === 'text/calendar')?.content.toString() ?? '';
  return ['UID', 'SEQUENCE', 'DTSTAMP'].map(
    (name) => new RegExp(`^${name}[:;].*(\\r\\n .*)*`, 'm').exec(object)?.[0] ?? '',
  );
}

test(`killed ${kills} times at random, it loses nothing and sends nothing twice without cause`, async () => {
  const { reads, transaction } = house.house.engine.database;
  for (const one of fleet) await startSomebody(one);
  const { cookie } = await postUntilAnswered('/logga-in/demo', { account: 'fk' });

  const { id: meetingId } = await reads.db
    .selectFrom('meeting')
    .select('id')
    .where('state', '=', 'scheduled')
    .executeTakeFirstOrThrow();
  const people = (await listParticipants(permit(reads), meetingId))
    .filter(({ sentSequence }) => sentSequence !== null)
    .map(({ id, linkGeneration }) => ({
      id,
      token: linkToken(house.house.config.linkKey, 'participant', id, linkGeneration),
    }));

  /** The dead hold their leases for two minutes: that time has passed. */
  const endLeases = () =>
    transaction(({ db }) =>
      db.updateTable('outbox').set({ lease_until: null }).where('state', '=', 'queued').execute(),
    );

  let going = true;
  let acts = 0;
  const keepRequesting = async () => {
    while (going) {
      await somebodyRequests(acts++);
      const fresh = await reads.db
        .selectFrom('request')
        .select(['id', 'idempotency_key'])
        .where('state', '=', 'received')
        .orderBy('id', 'desc')
        .limit(3)
        .execute();
      for (const row of fresh) {
        if (idempotencyKeys.has(row.id) || !row.idempotency_key?.startsWith('kill-')) continue;
        idempotencyKeys.set(row.id, row.idempotency_key);
        decidable.push(row.id);
      }
      await pause(50 + Math.random() * 100);
    }
  };
  const keepDeciding = async () => {
    while (going) {
      await officerDecides(acts++, cookie);
      await pause(Math.random() * 60);
    }
  };
  const keepAnswering = async (one: { id: string; token: string }) => {
    while (going) {
      await participantAnswers(acts++, one);
      // As often as one link may be used.
      await pause(700 + Math.random() * 100);
    }
  };
  const traffic = Promise.all([
    ...[keepRequesting(), keepRequesting(), keepRequesting(), keepDeciding()],
    ...people.slice(0, 2).map(keepAnswering),
  ]);

  for (let killed = 0; killed < kills; killed++) {
    // Between a request and its mail: something has just been accepted.
    const before = accepts();
    while (accepts() < before + 3 || fleet.filter(isAtWork).length < fleet.length * 0.75) await pause(5);
    await pause(Math.random() * 60);
    const atWork = fleet.filter(isAtWork);
    const victim = atWork[Math.floor(Math.random() * atWork.length)] as Place;
    deaths.set(victim.env.SMTP_URL as string, Date.now());
    await kill(victim);
    // Where one process does everything, every lease is a dead one's.
    if (kind === 'sqlite') await endLeases();
    await startSomebody(victim);
  }
  going = false;
  await traffic;
  while (!fleet.every(isAtWork)) await pause(20);
  expect(await Promise.all(fleet.map(stop))).toEqual(fleet.map(() => 0));
  for (const one of fleet) expect(one.output, one.env.ROLE).not.toMatch(/"level":[56]0/);

  const copiesBefore = smtp.messages.length;
  await endLeases();
  const last = fleet.at(-1) as Place;
  await startSomebody(last);
  while (!isAtWork(last)) await pause(20);
  for (const end = Date.now() + 60_000; ; await pause(50)) {
    const left = await reads.db.selectFrom('outbox').select('id').where('state', '!=', 'sent').limit(1).execute();
    if (left.length === 0) break;
    if (Date.now() > end) throw new Error(`mail is left:\n${last.output}`);
  }
  expect(await stop(last)).toBe(0);

  // Everything that was accepted is there.
  for (const [key, receipt] of accepted.requests) {
    const rows = await reads.db.selectFrom('request').select('id').where('idempotency_key', '=', key).execute();
    expect(rows, receipt).toHaveLength(1);
  }
  for (const [id, state] of accepted.decisions) {
    const row = await reads.db.selectFrom('request').select('state').where('id', '=', id).executeTakeFirstOrThrow();
    expect(row.state).toBe(state);
  }
  const answered = new Map(
    (await listParticipants(permit(reads), meetingId)).map(({ id, comment }) => [id, Number(comment)]),
  );
  expect(accepted.answers.size).toBe(2);
  for (const [id, number] of accepted.answers) expect(answered.get(id)).toBe(number);

  // The log is whole, and goes as far as each process that was killed had kept its head.
  const heads = await readHeads(headsFolder(home), reads.vault);
  const { faults, log } = await verifyInstallation(house.house.engine.database, heads);
  expect([...faults, ...log.faults]).toEqual([]);
  expect(heads.files.length).toBeGreaterThan(fleet.length);

  // Every message was sent; a second copy only of one whose worker was killed right after the first.
  const rows = await reads.db.selectFrom('outbox').select(['message_id', 'state']).execute();
  const byId = Map.groupBy(smtp.messages, ({ parsed }) => parsed.messageId ?? '');
  expect([...byId.keys()].sort()).toEqual(rows.map(({ message_id }) => `<${message_id}>`).sort());
  let copies = 0;
  for (const [id, [first, ...more]] of byId) {
    let before = first as ReceivedMail;
    for (const copy of more) {
      copies += 1;
      expect(await calendarFacts(copy)).toEqual(await calendarFacts(before));
      expect(copy.raw.equals(before.raw), id).toBe(true);
      // Whoever had brought the one before was killed before it could record that.
      const death = deaths.get(`smtp://127.0.0.1:${before.port}`);
      expect(death, `${id} was sent again though its worker lived`).toBeDefined();
      expect((death ?? 0) - before.takenAt, `${id} was not recorded in time`).toBeLessThan(5_000);
      before = copy;
    }
  }
  console.log(
    `${kind}: ${kills} kills, ${accepted.requests.size} requests, ${accepted.decisions.size} decisions, ` +
      `${acceptedAnswers} answers; ${byId.size} messages, ${copies} second copies, ${smtp.messages.length - copiesBefore} sent at the end`,
  );
}, 600_000);
