import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { simpleParser } from 'mailparser';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { takeMail } from '../../src/features/invitation/reply/commands.ts';
import { linkToken } from '../../src/kernel/links.ts';
import { addDays, stockholmDate } from '../../src/kernel/time.ts';
import { systemClock } from '../../src/platform/clock.ts';
import { viewsDir } from '../../src/platform/web/render.ts';
import { openTestApp, type TestApp } from '../support/app.ts';
import { letter } from '../support/calendar-replies.ts';
import { parseForm, parseLinks, validateHtml } from '../support/html.ts';

/** Every page there is, as everybody who may see it: valid HTML, and no template that asks for what it was not given. */

let test: TestApp;
beforeAll(async () => {
  test = await openTestApp();
});
afterAll(() => test.close());

const accounts = ['fk', 'fk2', 'chef', 'koordinator', 'arbetsgivare', 'individ', 'registrator', 'admin', 'granskare'];
const starts = [
  ...['/', '/logga-in', '/begaran/ny', '/inkorg', '/arenden', '/handlingar', '/administration', '/enheten'],
  ...['/nodatkomst', '/loggranskning', '/samverkan'],
];

type Visitor = ReturnType<TestApp['visitor']>;

/** Follows every link of ours from the start pages, but those that were followed before. Returns path → status. */
async function crawl(
  visitor: Visitor,
  who: string,
  from: string[],
  before: readonly string[] = [],
): Promise<Map<string, number>> {
  const seen = new Map<string, number>();
  const waiting = [...from];
  for (let path = waiting.shift(); path !== undefined; path = waiting.shift()) {
    if (seen.has(path)) continue;
    const response = await visitor.get(path);
    seen.set(path, response.status);
    if (response.status === 303)
      waiting.push((response.headers.get('location') ?? '').replace(/^https?:\/\/[^/]+/, ''));
    if (!response.headers.get('content-type')?.startsWith('text/html')) continue;
    const html = await response.text();
    await validateHtml(html, `${path} as ${who}`);
    const links = parseLinks(html).filter((href) => href.startsWith('/') && !href.startsWith('/assets/'));
    waiting.push(...links.filter((href) => !before.includes(href)));
  }
  return seen;
}

/** Somebody with an assignment, and an absence: then every page of the administrator's and the manager's has a row. */
async function administer(): Promise<void> {
  const { db } = test.house.engine.database.reads;
  const officers = await db
    .selectFrom('account')
    .select(['id', 'organisation_id'])
    .where('role', '=', 'officer')
    .execute();
  const [one, other] = officers;
  const admin = await test.signIn('admin');
  const added = await admin.post('/administration/personer', { name: 'Vera Vik', hsaId: 'SE2120000000-V' });
  const home = added.headers.get('location') ?? '';
  await admin.post(`${home}/uppdrag`, { organisation: one?.organisation_id ?? '', role: 'administrator' });
  const days = { firstDay: '2099-02-01', lastDay: '2099-02-05' };
  const chef = await test.signIn('chef');
  await chef.post('/enheten/franvaro', { officer: one?.id ?? '', cover: other?.id ?? '', ...days });
  await crawl(admin, 'admin', ['/administration']);
  await crawl(chef, 'chef', ['/enheten']);
}

/** A mail to read and a time to answer, both about the demo's invited meeting. */
async function comeByMail(): Promise<void> {
  const { engine, config } = test.house;
  const one = await engine.database.reads.db
    .selectFrom('participant as p')
    .innerJoin('meeting as m', 'm.id', 'p.meeting_id')
    .select(['p.id', 'p.mail_tag', 'p.link_generation'])
    .where('m.state', '=', 'scheduled')
    .where('p.sent_sequence', 'is not', null)
    .executeTakeFirstOrThrow();
  const to = config.mailFrom.replace('@', `+${one.mail_tag}@`);
  await takeMail(engine, Buffer.from(letter(to, 'x@utomstaende.example', 'Hej!')), config.mailFrom);
  const link = `/svar/${linkToken(config.linkKey, 'participant', one.id, one.link_generation)}`;
  const day = engine.clock.now().slice(0, 10);
  await test.visitor().post(link, { proposedStart: `${Number(day.slice(0, 4)) + 1}-03-03T10:00` });
}

/** Whoever carries out a measure of the demo's asks for more time by their link. */
async function carryOut(officer: Awaited<ReturnType<TestApp['signIn']>>): Promise<void> {
  const { engine, config } = test.house;
  const { id, link_generation } = await engine.database.reads.db
    .selectFrom('measure as m')
    .innerJoin('participant as p', 'p.id', 'm.owner_id')
    .select(['m.id', 'p.link_generation'])
    .where('m.number', '=', 1)
    .executeTakeFirstOrThrow();
  const link = `/atgard/${linkToken(config.linkKey, 'measure', id, link_generation)}`;
  const visitor = test.visitor();
  for (const path of [link, `${link}/kod`]) validateHtml(await (await visitor.get(path)).text(), 'a measure by link');
  const year = Number(engine.clock.now().slice(0, 4)) + 1;
  const sent = await visitor.post(link, { status: 'ongoing', obstacle: 'Semester.', proposedDue: `${year}-05-03` });
  expect(sent.status).toBe(303);
  for (const path of ['/forsenat', `/atgarder/${id}/datum`, '/mina-atgarder'])
    validateHtml(await (await officer.get(path)).text(), path);
}

describe('every page', () => {
  it.each(accounts)('as %s is valid and leads nowhere that fails', async (account) => {
    const seen = await crawl(await test.signIn(account), account, starts);
    const bad = [...seen].filter(([path, status]) => ![200, 303].includes(status) && !starts.includes(path));
    expect(bad).toEqual([]);
    expect(seen.size).toBeGreaterThan(8);
  }, 60_000);

  it('as a stranger is valid, and asks to sign in where it must', async () => {
    const seen = await crawl(test.visitor(), 'nobody', starts);
    expect([...seen].filter(([, status]) => ![200, 303].includes(status))).toEqual([]);
    expect(seen.get('/inkorg')).toBe(303);
  });

  it('has been rendered, each template of them', async () => {
    const nobody = test.visitor();
    const officer = await test.signIn('fk');
    for (const path of ['/finns-inte', '/begaran/kvitto/x', '/svar/x', '/logga-in/oidc/svar', '/logga-ut/klar']) {
      await validateHtml(await (await nobody.get(path)).text(), path);
    }
    await validateHtml(await (await officer.get('/logga-in/val')).text(), '/logga-in/val');
    await administer();
    await comeByMail();
    await carryOut(officer);
    const paths = [...(await crawl(officer, 'fk', ['/arenden'])).keys()];
    const meetings = paths.filter((path) => /^\/moten\/[0-9a-f-]{36}$/.test(path));
    // The invited meeting is held in another test's house; here its steps are only looked at and one is taken too late.
    for (const meeting of meetings) {
      for (const step of ['tid', 'kallelse', 'samtal', 'deltagare', 'installd', 'skriver-med', 'hallet', 'protokoll']) {
        await validateHtml(await (await officer.get(`${meeting}/${step}`)).text(), `${meeting}/${step}`);
      }
    }
    const invited: string[] = [];
    for (const meeting of meetings) {
      const held = await officer.post(`${meeting}/hallet`, {});
      if (held.status === 303) invited.push(meeting);
      else await validateHtml(await held.text(), `${meeting}/hallet`);
    }
    expect(invited.length).toBeGreaterThan(0);
    for (const meeting of invited) {
      await crawl(officer, 'fk', [`${meeting}/protokoll`, `${meeting}/protokoll/faststallande`], paths);
      for (const account of ['arbetsgivare', 'af', 'kommun']) {
        const theirs = await (await test.signIn(account)).get(`${meeting}/protokoll`);
        await validateHtml(await theirs.text(), `${meeting}/protokoll as ${account}`);
      }
    }
    const [ofCase = ''] = paths.filter((path) => /^\/arenden\/[0-9a-f-]{36}\/rattelse$/.test(path));
    const choices = parseForm(await (await officer.get(ofCase)).text(), ofCase).fields.get('places')?.choices ?? [];
    const correction = { kind: 'wrong_person', places: choices.slice(0, 1), passage: '', reason: 'En annan människa.' };
    validateHtml(await (await officer.post(ofCase, { ...correction, step: 'preview' })).text(), `${ofCase} preview`);
    const proposed = (await officer.post(ofCase, correction)).headers.get('location') ?? '';
    validateHtml(await (await officer.get(proposed)).text(), proposed);
    const [request = ''] = parseLinks(await (await officer.get('/inkorg')).text()).filter((path) =>
      /^\/begaran\/[0-9a-f-]{36}$/.test(path),
    );
    validateHtml(await (await officer.post(`${request}/sammanslagning`, { into: request })).text(), 'merge');
    const locked = meetings.filter((meeting) => !invited.includes(meeting));
    const person = await test.signIn('individ');
    for (const meeting of locked) {
      validateHtml(await (await person.get(`${meeting}/forberedelse`)).text(), `${meeting}/forberedelse`);
    }
    for (const meeting of locked) {
      const late = await officer.post(`${meeting}/protokoll`, { ownWords: 'För sent.', 'version-ownWords': '0' });
      await validateHtml(await late.text(), `${meeting}/protokoll too late`);
    }
    const [minuted = ''] = paths.filter((path) => path.endsWith('utlamnande'));
    const proposal = await officer.get(`${minuted}?party=ARBG&document=minutes`);
    await validateHtml(await proposal.text(), 'a release');
    await proposeTimes();
    for (const link of await linksInMail()) {
      const response = await nobody.get(link);
      // What is released is read after signing in.
      const expected = link === '/utlamnat' ? [303] : [200, 404];
      expect(expected, link).toContain(response.status);
      if (response.status !== 303) await validateHtml(await response.text(), 'a link in a mail');
      if (link.startsWith('/svar/')) await validateHtml(await (await nobody.get(`${link}/kod`)).text(), 'a code');
    }
    const [ofFile = ''] = parseLinks(await (await officer.get('/arenden?visa=mine')).text()).filter((path) =>
      /^\/arenden\/[0-9a-f-]{36}$/.test(path),
    );
    const ending = {
      ...{ reason: 'person_wishes', ownView: 'Ja.', closesOn: stockholmDate(systemClock.now()), cancelMeetings: 'on' },
      ...{ 'contact-fk': 'Sara Lindqvist', 'contact-fk-phone': '08-465 004 11' },
    };
    const form = parseForm(await (await officer.get(`${ofFile}/avslut`)).text(), `${ofFile}/avslut`).fields;
    const goals = [...form.keys()].filter((name) => /^goal-[0-9a-f]+$/.test(name)).map((name) => [name, 'no']);
    const open = [...form.keys()].filter((name) => /^measure-.{36}$/.test(name)).map((name) => [name, 'done']);
    await officer.post(`${ofFile}/avslut`, { ...Object.fromEntries([...goals, ...open]), ...ending });
    await validateHtml(await (await officer.get(`${ofFile}/avslut`)).text(), `${ofFile}/avslut`);
    await validateHtml(await (await officer.get('/statistik')).text(), '/statistik');
    await validateHtml(await (await nobody.get('/enkat/tack')).text(), '/enkat/tack');
    const structural = (await officer.post('/samverkan', { title: 'Länsdialog' })).headers.get('location') ?? '';
    await crawl(officer, 'fk', ['/samverkan', `${structural}/faststallande`], paths);
    await officer.post(`${structural}/faststallande`, {});
    await crawl(officer, 'fk', [structural], paths);
    const unknown = { caseNumber: '2027/999999', emergencyReason: 'Ringer från sjukhuset.' };
    expect((await officer.post('/nodatkomst', unknown)).status).toBe(422);
    const reviewer = await test.signIn('granskare');
    const days = { firstDay: '2026-01-01', lastDay: addDays(stockholmDate(systemClock.now()), -1), size: '5' };
    expect((await reviewer.post('/loggranskning', days)).status).toBe(303);
    await crawl(reviewer, 'granskare', ['/loggranskning']);
    // Minutes that are out for review and their amendments have tests of their own, which look at each page and at this.
    const all = readdirSync(viewsDir, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.hbs') && !/^(partials|layouts|approval)\//.test(file))
      .map((file) => file.slice(0, -'.hbs'.length));
    expect(all.filter((name) => !test.rendered.has(name) && !partOfAnother.has(name))).toEqual([]);
  }, 60_000);
});

it('a case is handed over inside its unit, with its meetings, and to nobody else', async () => {
  const fk = await test.signIn('fk');
  const officers = async (path: string) => [
    ...parseForm(await (await fk.get(path)).text(), `${path}/tilldelning`).fields,
  ];
  const path =
    parseLinks(await (await fk.get('/arenden')).text()).find((href) => /^\/arenden\/[0-9a-f-]+$/.test(href)) ?? '';
  const [[, select] = ['', { choices: [] }]] = (await officers(path)).filter(([name]) => name === 'officer');
  const meeting = parseLinks(await (await fk.get(path)).text()).find((href) => /^\/moten\/[0-9a-f-]+/.test(href)) ?? '';
  const fk2 = await test.signIn('fk2');
  const mayArrange = async () => [(await fk.get(`${meeting}/tid`)).status, (await fk2.get(`${meeting}/tid`)).status];
  expect((await mayArrange()).sort()).toEqual([200, 403]);
  const chef = await test.signIn('chef');
  const seen = new Set<string>();
  for (const officer of (select?.choices ?? []).filter((value) => value !== '')) {
    expect((await chef.post(`${path}/tilldelning`, { officer })).status).toBe(303);
    seen.add((await mayArrange()).join());
  }
  expect(seen).toEqual(new Set(['200,403', '403,200']));
  expect((await chef.post(`${path}/tilldelning`, { officer: 'nobody-at-all' })).status).toBe(422);
  expect((await (await test.signIn('koordinator')).post(`${path}/tilldelning`, { officer: 'x' })).status).toBe(404);
});

/** Times are proposed for the one meeting that has none yet, looked at and given up. */
async function proposeTimes(): Promise<void> {
  const officer = await test.signIn('fk2');
  const linksOn = async (path: string, kind: string) =>
    parseLinks(await (await officer.get(path)).text()).filter((href) =>
      new RegExp(`^/${kind}/[0-9a-f-]{36}$`).test(href),
    );
  for (const file of await linksOn('/arenden?visa=mine', 'arenden')) {
    const [meeting = ''] = await linksOn(file, 'moten');
    const talk = parseForm(await (await officer.get(`${meeting}/samtal`)).text(), `${meeting}/samtal`);
    const views = [...talk.fields.keys()].filter((name) => name.startsWith('party-'));
    await officer.post(`${meeting}/samtal`, {
      how: 'Ringde.',
      ...Object.fromEntries(views.map((one) => [one, 'yes'])),
    });
    const startsAt = ['2090-03-03T09:00', '2090-03-04T09:00'];
    const sent = await officer.post(`${meeting}/tidsforslag`, { startsAt, durationMinutes: '60' });
    expect(sent.status).toBe(303);
    const participants = parseLinks(await (await officer.get(`${meeting}/tidsforslag`)).text());
    for (const path of [
      `${meeting}/tidsforslag`,
      `${meeting}/tidsforslag/avsluta`,
      ...participants.filter((href) => /tider$|tid=/.test(href)),
    ]) {
      await validateHtml(await (await officer.get(path)).text(), path);
    }
    const [link] = (await linksInMail()).slice(-1);
    await validateHtml(await (await test.visitor().get(link ?? '')).text(), 'a link to vote by');
    await officer.post(`${meeting}/tidsforslag/avsluta`, {});
  }
}

/** Sends what is queued, and finds the personal links in it. */
async function linksInMail(): Promise<string[]> {
  await test.deliver();
  const folder = join(test.dataDir, 'mail');
  const mails = await Promise.all(readdirSync(folder).map((file) => simpleParser(readFileSync(join(folder, file)))));
  return mails.flatMap(({ text }) => /http:\/\/localhost:3000(\/\S+)/.exec(text ?? '')?.[1] ?? []);
}

/** Views that other views include. */
const partOfAnother = new Set([
  'desk/spine',
  'closing/contacts',
  'closing/told',
  'request/decide',
  'minutes/box',
  'minutes/contributions',
  'minutes/earlier',
  'minutes/measures',
  'minutes/writers',
  'minutes/section',
  'structural/box',
  'plan/agenda',
  'plan/measure',
  'plan/news',
  'plan/report',
  'plan/changes',
  'plan/clocks',
  'plan/sub-goals',
  'plan/timeline',
  'plan/timeline-rows',
  'plan/value',
  'invitation/notices',
  'invitation/reminders',
  'invitation/reached',
  'invitation/said',
  'meeting/sent',
  'correction/changes',
  'correction/misfiles',
  'correction/reached',
  'request/merged',
  'consent/extent',
  'consent/form',
  'consent/said',
  'meeting/informed',
  'meeting/notice-state',
  'log/who',
  'log/what',
  'log/finding',
  'log/unreviewed',
  'request/requester',
  'meeting/poll/times',
  'invitation/preparation/way',
  'meeting/poll/vote',
  'calendar/meeting',
  'invitation/preparation/answers',
  'invitation/preparation/box',
  'meeting/before',
  'meeting/pieces',
]);
