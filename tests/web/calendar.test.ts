import ICAL from 'ical.js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newId } from '../../src/kernel/ids.ts';
import { parseForm, parseLinks, validateHtml } from '../support/html.ts';
import { canary, fixed, openWorld, type World } from './invitation-world.ts';

/** One meeting, on 17 December 2026 at 13, of one officer, to whom an employer with an account is invited. */

let w: World;
let officer: string;
let employer: string;
let employerId: string;
beforeAll(async () => {
  w = await openWorld();
  officer = await w.signIn('fk');
  await w.add('PERSON', canary.individual, '');
  await w.add('FK', 'Sara Lind', 'sara.lind@fk.example.se');
  const invited = await w.add('ARBG', canary.colleague, 'chef@verkstad.example.se');
  await w.post(`${w.path}/tid`, fixed, officer);
  await w.post(`${w.path}/kallelse`, {}, officer);
  await w.set(async ({ db, vault }) => {
    const fk = await db.selectFrom('account').selectAll().where('demo_key', '=', 'fk').executeTakeFirstOrThrow();
    const own = { role: 'participant' as const, fk: 0 as const, party: 'ARBG', unit_id: null };
    employerId = newId('2026-11-23T09:00:00.000Z');
    await db
      .insertInto('account')
      .values({ ...fk, ...own, id: employerId, demo_key: 'chef', name: vault.seal('Chefen'), feed_on: 0 })
      .execute();
    await db.updateTable('participant').set({ account_id: employerId }).where('id', '=', invited).execute();
  });
  employer = await w.signIn('chef');
});
afterAll(() => w.close());

const page = async (path: string, cookie: string) => {
  const html = await (await w.get(path, cookie)).text();
  await validateHtml(html, path);
  return html;
};

describe('the calendar page', () => {
  test.each(['manad', 'vecka', 'lista'])('in the view %s has the meeting, for whom it is', async (view) => {
    const path = `/kalender?vy=${view}&datum=2026-12-15`;
    const own = await page(path, officer);
    expect(own).toContain('13.00–14.00');
    expect(own).toContain('2026/000001');
    expect(parseLinks(own)).toContain(w.path);
    const invited = await page(path, employer);
    expect(invited).toContain('13.00–14.00');
    expect(invited).not.toContain('2026/000001');
    expect(parseLinks(invited)).not.toContain(w.path);
    const colleague = await page(path, await w.signIn('fk2'));
    expect(colleague).not.toContain('13.00–14.00');
    for (const html of [own, invited]) for (const word of Object.values(canary)) expect(html).not.toContain(word);
  });

  test.each([
    ['manad', '2026-12-15', 'december 2026', '2026-11-01', '2027-01-01'],
    ['manad', '2027-01-31', 'januari 2027', '2026-12-01', '2027-02-01'],
    ['vecka', '2027-01-01', 'Vecka 53, 28 december–3 januari 2027', '2026-12-21', '2027-01-04'],
    ['lista', '2026-12-15', '14 december–10 januari 2027', '2026-11-16', '2027-01-11'],
  ])('%s of %s is %s, and turns both ways', async (view, date, heading, before, after) => {
    const html = await page(`/kalender?vy=${view}&datum=${date}`, officer);
    expect(html).toContain(`<h2 id="period">${heading}</h2>`);
    expect(parseForm(html, '/kalender').fields.get('datum')?.choices).toEqual([before, '2026-11-23', after]);
  });

  test('names holidays and weeks, and says why it is empty', async () => {
    const html = await page('/kalender?vy=manad&datum=2026-12-01', officer);
    for (const words of ['Julafton', 'Annandag jul', 'v. 49', 'v. 53']) expect(html).toContain(words);
    expect(await page('/kalender?vy=vecka&datum=2027-05-01', employer)).toContain('möten som du är inbjuden till');
    expect(await page('/kalender?vy=%00&datum=junk', officer)).toContain('november 2026');
  });
});

describe('the feed', () => {
  const arrange = (act: string, cookie: string) => w.post('/kalender/flode', { act }, cookie);
  const address = async (cookie: string) =>
    /value="http:\/\/localhost:3000(\/kalender\/[^"]+\.ics)"/.exec(await page('/kalender/flode', cookie))?.[1] ?? '';
  const ask = async (path: string, etag = '') =>
    w.app.request(path, { headers: etag ? { 'If-None-Match': etag } : {} });
  const events = (text: string) => new ICAL.Component(ICAL.parse(text) as string).getAllSubcomponents('vevent');

  test('is off until it is turned on, and then has times and nothing else', async () => {
    expect(await address(employer)).toBe('');
    await arrange('on', employer);
    const response = await ask(await address(employer));
    const text = await response.text();
    expect(response.headers.get('cache-control')).toBe('private');
    expect(response.headers.get('content-type')).toBe('text/calendar; charset=utf-8');
    for (const word of [...Object.values(canary), '2026/000001', 'METHOD', 'ORGANIZER', 'ATTENDEE', 'LOCATION'])
      expect(text).not.toContain(word);
    for (const line of ['NAME:', 'X-WR-CALNAME:', 'REFRESH-INTERVAL', 'X-PUBLISHED-TTL', 'BEGIN:VTIMEZONE']) {
      expect(text.indexOf(line)).toBeGreaterThan(0);
      expect(text.indexOf(line)).toBeLessThan(text.indexOf('BEGIN:VEVENT'));
    }
    expect(events(text).map((event) => String(event.getFirstPropertyValue('dtstart')))).toEqual([
      '2026-12-17T13:00:00',
    ]);
  });

  test('is the same until something in it changes', async () => {
    await arrange('on', officer);
    const path = await address(officer);
    const etag = (await ask(path)).headers.get('etag') ?? '';
    expect((await ask(path, etag)).status).toBe(304);
    expect((await ask(path, `"x", W/${etag}`)).status).toBe(304);
    await w.post(`${w.path}/tid`, { ...fixed, startsAt: '2026-12-18T09:00', reason: canary.reason }, officer);
    const moved = await ask(path, etag);
    expect(moved.status).toBe(200);
    const [event] = events(await moved.text());
    expect(String(event?.getFirstPropertyValue('dtstart'))).toBe('2026-12-18T09:00:00');
    expect(event?.getFirstPropertyValue('sequence')).toBe(1);
    expect((await ask(path, moved.headers.get('etag') ?? '')).status).toBe(304);
  });

  test('at an old address, turned off, or somebody else’s, is not there', async () => {
    await arrange('on', officer);
    const first = await address(officer);
    await arrange('on', officer);
    const second = await address(officer);
    expect([(await ask(first)).status, (await ask(second)).status]).toEqual([404, 200]);
    await arrange('off', officer);
    expect((await ask(second)).status).toBe(404);
    await arrange('on', officer);
    const third = await address(officer);
    expect([(await ask(first)).status, (await ask(second)).status, (await ask(third)).status]).toEqual([404, 404, 200]);
    expect((await ask(third.replace(/.{9}$/, 'AAAAA.ics'))).status).toBe(404);
    expect((await ask((await w.link(await w.add('PV', 'x', ''))).replace('/svar/', '/kalender/'))).status).toBe(404);
  });

  test('leaves out what is cancelled, what is long over, and whoever’s identity is protected', async () => {
    const path = await address(employer);
    const count = async () => events(await (await ask(path)).text()).length;
    const set = (change: object) => w.set(({ db }) => db.updateTable('case_file').set(change).execute());
    const become = (state: string) =>
      w.set(({ db }) =>
        db
          .updateTable('meeting')
          .set((s) => ({ version: s('version', '+', 1), state }))
          .where('id', '=', w.meetingId)
          .execute(),
      );
    expect(await count()).toBe(1);
    await become('cancelled');
    expect(await count()).toBe(0);
    await become('scheduled');
    expect(await count()).toBe(1);
    await set({ protected_identity: 1 });
    await become('scheduled');
    expect(await count()).toBe(0);
    await set({ protected_identity: 0 });
    expect(await count()).toBe(1);
    w.pass({ hours: 24 * 54 });
    expect(await count()).toBe(1);
    w.pass({ hours: 24 * 3 });
    expect(await count()).toBe(0);
  });
});
