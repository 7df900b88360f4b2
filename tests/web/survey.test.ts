import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { listParticipants } from '../../src/features/meeting/participant/store.ts';
import { surveys } from '../../src/features/survey/rules.ts';
import { permit } from '../../src/platform/db/access.ts';
import { openTestApp, type TestApp } from '../support/app.ts';
import { everyRow } from '../support/database.ts';
import { parseForm, validateHtml } from '../support/html.ts';

/** Five questions after a meeting, whose answers are numbers that nothing in the database leads back from. */

let app: TestApp;
let fk: Awaited<ReturnType<TestApp['signIn']>>;
let meeting: string;
/** How many mails came before this meeting's. */
let earlier = 0;
/** Path of the link that each address was sent. */
const links = new Map<string, string>();
const db = () => app.house.engine.database.reads.db;
const t = (key: string) => app.house.texts.t(key);
const visitor = () => app.visitor();

const mails = () => {
  const dir = join(app.dataDir, 'mail');
  return readdirSync(dir)
    .sort()
    .map((name) => readFileSync(join(dir, name), 'utf8').replaceAll('=\r\n', '').replaceAll('=3D', '='));
};

beforeAll(async () => {
  app = await openTestApp({ now: '2026-11-23T09:00:00.000Z' });
  fk = await app.signIn('fk');
  const row = await db().selectFrom('meeting').selectAll().where('state', '=', 'scheduled').executeTakeFirstOrThrow();
  meeting = row.id;
  for (const one of await listParticipants(permit(app.house.engine.database.reads), meeting)) {
    const person = { name: one.person.name, organisation: one.person.organisation };
    const fields = { ...person, participant: one.id, party: one.party, verified: 'on', verifiedHow: 'Ringde.' };
    if (one.person.email === '')
      await fk.post(`/moten/${meeting}/deltagare`, { ...fields, email: `${one.party}@x.example` });
  }
  await app.deliver();
  earlier = mails().length;
  await fk.post(`/moten/${meeting}/hallet`, {});
  const locked = { reason: 'Alla hörde.', noFollowUpReason: 'Sedan.' };
  expect((await fk.post(`/moten/${meeting}/protokoll/faststallande`, locked)).status).toBe(303);
  await app.deliver();
  for (const mail of mails().slice(earlier)) {
    const [, path] = /(\/enkat\/[\w-]{65})/.exec(mail) ?? [];
    const [, to = ''] = /^To: (.+)\r?$/im.exec(mail) ?? [];
    if (path) links.set(to.trim(), path);
  }
});
afterAll(() => app.close());

const reached = async () =>
  (await listParticipants(permit(app.house.engine.database.reads), meeting)).filter(
    ({ verifiedAt, person, party }) => verifiedAt !== null && person.email !== '' && party !== 'TOLK',
  );

describe('the mail', () => {
  test('comes once to each verified address, and says nothing of anybody', async () => {
    const participants = await reached();
    expect(participants.length).toBeGreaterThan(2);
    expect([...links.keys()].sort()).toEqual(participants.map(({ person }) => person.email).sort());
    expect(new Set(links.values()).size).toBe(links.size);
    const own = mails().slice(earlier);
    expect(own.length).toBe(links.size);
    for (const mail of own) {
      for (const { person } of participants) if (person.name) expect(mail).not.toContain(person.name);
      expect(mail).not.toMatch(/avstämning|sjuk/i);
    }
  });

  test('is forgotten when it has been sent', async () => {
    const rows = await db().selectFrom('outbox').selectAll().where('kind', '=', 'survey.ask').execute();
    expect(rows.length).toBeGreaterThanOrEqual(links.size);
    for (const row of rows) {
      expect([row.state, row.meeting_id, row.sha256]).toEqual(['sent', null, null]);
      expect(app.house.engine.database.reads.vault.open(row.facts)).toBe('{}');
    }
  });
});

describe('the answer', () => {
  const linkOf = async (party: string) => {
    const one = (await reached()).find((p) => (party === 'PERSON') === (p.party === 'PERSON'));
    return links.get(one?.person.email ?? '') ?? '';
  };
  const counts = () => db().selectFrom('survey_count').selectAll().orderBy('question').execute();

  test('the page has five questions, each of which may be left out, and its promise', async () => {
    for (const [party, who] of [
      ['PERSON', 'person'],
      ['AF', 'other'],
    ] as const) {
      const link = await linkOf(party);
      const response = await visitor().get(link);
      const html = await response.text();
      validateHtml(html, 'survey');
      expect(html).toContain(t('survey.intro'));
      const fields = parseForm(html, link).fields;
      expect([...fields.keys()]).toEqual([...surveys[who]]);
      for (const field of fields.values()) expect(field.values).toEqual([]);
    }
  });

  test('an answer that is none is refused, and the link is not used up', async () => {
    const link = await linkOf('PERSON');
    const refused = await visitor().post(link, { said: 'yes', heard: 'kanske' });
    expect(refused.status).toBe(422);
    validateHtml(await refused.text(), 'survey');
    expect(await counts()).toEqual([]);
    expect((await visitor().get(link)).status).toBe(200);
  });

  test('is counted once, and nothing in the whole database leads from it to anybody or from anybody to it', async () => {
    const link = await linkOf('PERSON');
    const before = await everyRow(app.house.engine.database);
    // Another day, so that its time is nobody's.
    app.setClock('2026-12-01T10:11:12.345Z');
    const [first, second] = await Promise.all([
      visitor().post(link, { said: 'yes', heard: 'no', who: 'none' }),
      visitor().post(link, { said: 'yes', heard: 'no' }),
    ]);
    expect([first.status, second.status].sort()).toEqual([303, 404]);
    expect(await (await visitor().get(link)).text()).toContain(t('survey.dead'));
    expect(await counts()).toEqual([
      { period: '2026-Q4', who: 'person', question: 'heard', answer: 'no', count: 1 },
      { period: '2026-Q4', who: 'person', question: 'said', answer: 'yes', count: 1 },
    ]);
    const after = await everyRow(app.house.engine.database);
    const changed = Object.keys(after).filter(
      (table) => JSON.stringify(after[table as never]) !== JSON.stringify(before[table as never]),
    );
    expect(changed.filter((table) => table !== 'rate').sort()).toEqual(['audit', 'survey_count', 'survey_link']);
    // What stays of the numbers holds no id, no instant and nothing finer than a quarter.
    for (const row of await counts()) {
      expect(Object.keys(row).sort()).toEqual(['answer', 'count', 'period', 'question', 'who']);
    }
    // Of the link nothing is left: neither its id nor its row, nor whose it was.
    const token = link.split('/').at(-1) ?? '';
    const hex = Buffer.from(token.slice(0, 22), 'base64url').toString('hex');
    const id = hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
    const whole = JSON.stringify(after);
    for (const trace of [token, token.slice(0, 22), hex, id]) expect(whole).not.toContain(trace);
    expect(JSON.stringify(before)).toContain(id);
    // The log says that somebody answered, with no subject and nobody's account.
    const logged = await db().selectFrom('audit').selectAll().where('action', '=', 'survey.answer').execute();
    expect(logged.length).toBeGreaterThan(1);
    for (const row of logged) {
      expect([row.account_id, row.case_id, row.meeting_id, row.request_id]).toEqual([null, null, null, null]);
    }
    expect((await visitor().get(link)).status).toBe(404);
    expect((await visitor().get('/enkat/tack')).status).toBe(200);
  });

  test('an unused link says neither whose it is nor when it was made', async () => {
    const rows = await db().selectFrom('survey_link').selectAll().execute();
    expect(rows.length).toBeGreaterThanOrEqual(links.size - 1);
    for (const row of rows) {
      expect(Object.keys(row).sort()).toEqual(['id', 'made_on', 'who']);
      // Version 4: random through and through.
      expect(row.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4/);
    }
    const rest = Object.entries(await everyRow(app.house.engine.database)).filter(([table]) => table !== 'survey_link');
    for (const { id } of rows) expect(JSON.stringify(rest)).not.toContain(id);
  });

  test('a link lives thirty days, and no other kind of link opens it', async () => {
    const link = await linkOf('AF');
    app.setClock('2026-12-23T22:00:00.000Z');
    expect((await visitor().get(link)).status).toBe(200);
    app.setClock('2026-12-24T09:00:00.000Z');
    expect((await visitor().get(link)).status).toBe(404);
    expect((await visitor().post(link, {})).status).toBe(404);
    expect((await visitor().get(link.replace('/enkat/', '/svar/'))).status).toBe(404);
  });
});

describe('the statistics', () => {
  const page = async (account: string) => {
    const response = await (await app.signIn(account)).get('/statistik');
    expect(response.status, account).toBe(200);
    const html = await response.text();
    validateHtml(html, '/statistik');
    return html;
  };
  const numbers = (html: string) => [...html.matchAll(/<li>[^<]*: (\d+)<\/li>/g)].map(([, number]) => Number(number));

  test('are for whoever is signed in, and show a quarter when it is over and enough have answered', async () => {
    const answers = { yes: 21, mostly: 4, little: 6, no: 5 };
    await app.house.engine.database.transaction(async ({ db }) => {
      const row = { period: '2026-Q4', who: 'other', question: 'right' };
      const rows = Object.entries(answers).map(([answer, count]) => ({ ...row, answer, count }));
      await db.insertInto('survey_count').values(rows).execute();
    });
    expect(await page('arbetsgivare')).toContain(t('survey.statistics.empty'));
    app.setClock('2027-01-01T09:00:00.000Z');
    for (const account of ['fk', 'chef', 'koordinator', 'individ', 'admin']) {
      expect(numbers(await page(account)), account).toEqual([25, 11]);
    }
    const anonymous = await visitor().get('/statistik');
    expect(anonymous.headers.get('location')).toBe('/logga-in?till=/statistik');
  });
});
