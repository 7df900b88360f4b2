import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openTestApp, type TestApp } from '../support/app.ts';
import { storedBytes } from '../support/database.ts';
import { fillForm, parseForm, validateHtml } from '../support/html.ts';

/** Writing minutes together: what is told to whom, what is kept, what participants write themselves. */

const now = '2026-11-23T09:00:00.000Z';
type Visitor = Awaited<ReturnType<TestApp['signIn']>>;
type News = {
  version: number;
  state: string;
  mark?: string;
  fields: { field: string; text: string; version: number }[];
  earlier?: Record<string, string>;
  contributions?: string;
  measures?: string;
  writers?: string;
  standing?: string;
};
let app: TestApp;
let fk: Visitor;
let employer: Visitor;
let meeting: string;
let minutes: string;
/** The employer's. */
let participant: string;

const database = () => app.house.engine.database;
beforeAll(async () => {
  app = await openTestApp({ now });
  fk = await app.signIn('fk');
  employer = await app.signIn('arbetsgivare');
  const { db } = database().reads;
  meeting = (await db.selectFrom('meeting').select('id').where('state', '=', 'scheduled').executeTakeFirstOrThrow()).id;
  minutes = `/moten/${meeting}/protokoll`;
  const account = await db
    .selectFrom('account')
    .select('id')
    .where('demo_key', '=', 'arbetsgivare')
    .executeTakeFirstOrThrow();
  const row = await db
    .selectFrom('participant')
    .select('id')
    .where('meeting_id', '=', meeting)
    .where('party', '!=', 'PERSON')
    .orderBy('id')
    .executeTakeFirstOrThrow();
  participant = row.id;
  await database().transaction((w) =>
    w.db.updateTable('participant').set({ account_id: account.id }).where('id', '=', participant).execute(),
  );
  expect((await fk.post(`/moten/${meeting}/hallet`, {})).status).toBe(303);
});
afterAll(() => app.close());

let boxes = 0;
/** A box that no other test has written in. */
let box: string;
beforeEach(() => {
  const all = ['canDo', 'cannotDo', 'ownWords', 'notAgreed', 'planGoal', 'otherNeeded', 'followUpPurpose'];
  box = all[boxes++ % all.length] as string;
});

const patch = (field: string, text: string, baseVersion: number, who = fk) =>
  who.patch(minutes, { field, text, baseVersion });
const standing = async (field: string) =>
  (await ask(fk, 0)).news.fields.find((one) => one.field === field) ?? { text: '', version: 0 };
async function ask(who: Visitor, after: number, mark = '') {
  const response = await who.get(`${minutes}/andringar?efter=${after}&sida=${encodeURIComponent(mark)}`);
  return { status: response.status, news: (response.status === 200 ? await response.json() : {}) as News };
}
/** Opens the page, and gives the mark that its scripts ask on with. */
async function openPage(who = fk) {
  const html = await (await who.get(minutes)).text();
  validateHtml(html, minutes);
  return {
    html,
    mark: /data-mark="([^"]+)"/.exec(html)?.[1] ?? '',
    cursor: Number(/data-cursor="(\d+)"/.exec(html)?.[1]),
  };
}
const looks = async () =>
  (
    await database()
      .reads.db.selectFrom('audit')
      .select(['action', 'outcome'])
      .where('meeting_id', '=', meeting)
      .where('outcome', '=', 'seen')
      .execute()
  ).length;

describe('what is new', () => {
  test('is told once, to whoever writes; nothing new is an empty answer', async () => {
    const { mark, cursor } = await openPage();
    expect((await ask(fk, cursor, mark)).status).toBe(204);
    const { version } = await standing(box);
    await patch(box, 'Sitta & stå', version);
    const { news } = await ask(fk, cursor, mark);
    expect(news.fields).toEqual([{ field: box, text: 'Sitta & stå', version: version + 1 }]);
    expect(news.version).toBe(cursor + 1);
    expect((await ask(fk, news.version, mark)).status).toBe(204);
  });

  test('tells of measures that others add and take away', async () => {
    const { mark, cursor } = await openPage();
    await fk.post(`${minutes}/atgarder`, { text: 'Ordna en <stol>', carriedOutBy: 'ARBG' });
    const { news } = await ask(fk, cursor, mark);
    expect(news.measures).toContain('Ordna en &lt;stol&gt;');
    expect(news.fields).toEqual([]);
  });

  test('is a look for as long as the page is open, and not one each time', async () => {
    const { mark, cursor } = await openPage();
    const before = await looks();
    for (let i = 0; i < 5; i++) await ask(fk, cursor, mark);
    expect(await looks()).toBe(before);
    // Without the page, or with the mark of somebody else's, each is a look of its own.
    const other = (await openPage(employer)).mark;
    const opened = await looks();
    for (const wrong of ['', 'x', other, mark.replace('.', '_'), `${now}.${'x'.repeat(43)}`]) {
      const { status, news } = await ask(fk, cursor, wrong);
      expect([status, news.mark?.startsWith(now)], wrong).toEqual([200, true]);
    }
    expect(await looks()).toBe(opened + 5);
    // And so it is an hour later, once.
    app.setClock('2026-11-23T10:00:00.000Z');
    fk = await app.signIn('fk');
    employer = await app.signIn('arbetsgivare');
    const later = await ask(fk, cursor, mark);
    expect(later.status).toBe(200);
    expect((await ask(fk, cursor, later.news.mark)).status).toBe(204);
    expect(await looks()).toBe(opened + 6);
    app.setClock(now);
  });

  test('is nobody’s but theirs who write in the minutes or to them', async () => {
    await patch(box, 'hemligheten', (await standing(box)).version);
    const { mark } = await openPage();
    const statuses = { fk2: 403, chef: 403, koordinator: 404, af: 404, kommun: 404, registrator: 404, admin: 404 };
    for (const [account, status] of Object.entries(statuses)) {
      const response = await (await app.signIn(account)).get(`${minutes}/andringar?efter=0&sida=${mark}`);
      expect([account, response.status]).toEqual([account, status]);
      expect(await response.text()).not.toContain('hemligheten');
    }
    const nobody = await app.visitor().get(`${minutes}/andringar?efter=0&sida=${mark}`);
    expect(nobody.status).toBe(303);
    const theirs = await employer.get(`${minutes}/andringar?efter=0&sida=${mark}`);
    expect(Object.keys((await theirs.clone().json()) as object).sort()).toEqual([
      ...['fields', 'mark', 'standing', 'state', 'version'],
    ]);
    expect(await theirs.text()).not.toContain('hemligheten');
    expect((await openPage(employer)).html).not.toContain('hemligheten');
  });
});

describe('no word is lost', () => {
  test('the text that came second stays in the history, and the first when it is written over', async () => {
    const { version } = await standing(box);
    await patch(box, 'deras blå ord', version);
    expect((await patch(box, 'mina gröna ord', version)).status).toBe(409);
    const earlier = async () => (await ask(fk, 0)).news.earlier?.[box] ?? '';
    expect(await earlier()).toContain('mina gröna ord');
    expect(await earlier()).not.toContain('deras blå ord');
    expect((await openPage()).html).toContain('mina gröna ord');
    // Chosen over the other: now that one is what is not in the box.
    expect((await patch(box, 'mina gröna ord', version + 1)).status).toBe(200);
    expect(await earlier()).toContain('deras blå ord');
    expect(await earlier()).not.toContain('mina gröna ord');
    // Both: nothing is missing.
    await patch(box, 'mina gröna ord deras blå', version + 2);
    expect(await earlier()).toBe('');
  });

  test('the same text that meets the same again is kept once; without scripts a choice keeps the other too', async () => {
    const form = parseForm((await openPage()).html, minutes);
    const { version } = await standing(box);
    await patch(box, 'tredje ordet', version);
    const body = Object.fromEntries(fillForm(form, { [box]: 'fjärde ordet' }));
    const shown = await fk.post(minutes, body);
    expect(shown.status).toBe(409);
    expect((await fk.post(minutes, body)).status).toBe(409);
    const again = parseForm(await shown.text(), minutes);
    expect((await fk.post(minutes, Object.fromEntries(fillForm(again, {})))).status).toBe(303);
    const earlier = (await ask(fk, 0)).news.earlier?.[box] ?? '';
    expect(earlier.split('tredje ordet').length - 1).toBe(1);
    expect(earlier).not.toContain('fjärde ordet');
    const { n } = await database()
      .reads.db.selectFrom('minutes_history')
      .select((s) => s.fn.countAll<number>().as('n'))
      .where('field', '=', box)
      .executeTakeFirstOrThrow();
    expect(Number(n)).toBe(2);
  });

  test('who writes on in a conflict has one text kept, the whole one', async () => {
    const { version } = await standing(box);
    await patch(box, 'deras', version);
    for (const text of ['Först', 'Först det', 'Före: Först det']) await patch(box, text, version);
    const earlier = (await ask(fk, 0)).news.earlier?.[box] ?? '';
    expect(earlier.match(/Först/g)).toHaveLength(1);
    expect(earlier).toContain('Före: Först det');
  });

  test('hundreds of conflicts hide none of it', async () => {
    const { version } = await standing(box);
    await patch(box, 'deras', version);
    for (let i = 0; i < 220; i++) await patch(box, `ordet-${i}.`, version);
    const earlier = (await ask(fk, 0)).news.earlier?.[box] ?? '';
    expect([0, 1, 219].filter((i) => !earlier.includes(`ordet-${i}.`))).toEqual([]);
  });
});

describe('who takes part', () => {
  const own = (): string => `${minutes}/bidrag`;
  test('writes for themselves, as a form or while they write, and sees nothing but that', async () => {
    const { html, mark, cursor } = await openPage(employer);
    expect(html).not.toContain('data-field="canDo"');
    const form = parseForm(html, own());
    const sent = await employer.post(
      own(),
      Object.fromEntries(fillForm(form, { contribution: 'Vi kan ändra schemat.' })),
    );
    expect([sent.status, sent.headers.get('location')]).toEqual([303, minutes]);
    const { news } = await ask(employer, cursor, mark);
    expect(news.fields).toEqual([{ field: 'contribution', text: 'Vi kan ändra schemat.', version: 1 }]);
    const patched = await employer.patch(own(), { field: 'contribution', text: 'Vi kan ändra.', baseVersion: 1 });
    expect(await patched.json()).toEqual({ version: 2 });
    const stale = await employer.patch(own(), { field: 'contribution', text: 'Vi kan.', baseVersion: 1 });
    expect([stale.status, await stale.json()]).toMatchObject([409, { version: 2, text: 'Vi kan ändra.' }]);
    const old = await employer.post(own(), { contribution: 'En annan flik.', 'version-contribution': '1' });
    expect(old.status).toBe(409);
    validateHtml(await old.text(), 'own conflict');
    const long = await employer.post(own(), { contribution: 'x'.repeat(4_001), 'version-contribution': '2' });
    expect(long.status).toBe(422);
    validateHtml(await long.text(), 'too long');
    for (const body of [{ field: 'canDo', text: 'x', baseVersion: 0 }, []])
      expect((await employer.patch(own(), body)).status).toBe(422);
    expect((await patch('canDo', 'x', 0, employer)).status).toBe(404);
  });

  test('is taken in where the officer chooses, with who said it, and again when it was changed', async () => {
    await employer.patch(own(), { field: 'contribution', text: 'Schemat går att ändra.', baseVersion: 2 });
    const { html, cursor, mark } = await openPage();
    expect(html).toContain('Schemat går att ändra.');
    const before = await standing(box);
    const form = parseForm(html, minutes);
    const take = (to: string) =>
      fk.post(`${minutes}/inlyft`, {
        ...Object.fromEntries(fillForm(form, {})),
        [`take-to-${participant}`]: to,
        take: participant,
      });
    for (const [to, status] of [
      ['', 422],
      ['nowhere', 422],
    ] as const) {
      const refused = await take(to);
      expect(refused.status, to).toBe(status);
      const page = await refused.text();
      validateHtml(page, 'not taken in');
      expect(page).toContain(app.house.texts.t('contrib.error.unknown_field'));
    }
    expect((await take(box)).headers.get('location')).toBe(`${minutes}#bidrag`);
    const { text } = await standing(box);
    expect(text.startsWith(before.text)).toBe(true);
    expect(text).toMatch(/\S+ \S+.*: Schemat går att ändra\.$/);
    const { news } = await ask(fk, cursor, mark);
    expect(news.contributions).toContain(app.house.texts.t('contrib.takeAgain'));
    expect((await ask(employer, 0)).news.standing).toBe(app.house.texts.t('contrib.standing.taken'));
    await employer.patch(own(), { field: 'contribution', text: 'Schemat är ändrat.', baseVersion: 3 });
    expect((await ask(employer, 0)).news.standing).toBe(app.house.texts.t('contrib.standing.changed'));
    expect((await ask(fk, 0)).news.contributions).toContain(app.house.texts.t('contrib.state.changed'));
    // The person takes part too, and nobody else does.
    expect((await (await app.signIn('kommun')).post(own(), { contribution: 'x' })).status).toBe(404);
  });

  test('stands sealed, and in no document', async () => {
    await employer.patch(own(), { field: 'contribution', text: 'kanariefågelsång', baseVersion: 4 });
    const bytes = await storedBytes(app);
    expect(bytes.includes('contribution-')).toBe(true);
    expect(bytes.includes('kanariefågel')).toBe(false);
  });
});

// The last, since it locks.
test('what comes while the minutes are out is kept, and its writer is told what happens now', async () => {
  const set = (state: string) =>
    database().transaction((w) =>
      w.db.updateTable('minutes').set({ state }).where('meeting_id', '=', meeting).execute(),
    );
  await set('review');
  const sent = { contribution: 'strax efter', 'version-contribution': '5' };
  const late = await employer.post(`${minutes}/bidrag`, sent);
  expect(late.status).toBe(409);
  const said = await late.text();
  validateHtml(said, 'out');
  for (const text of ['strax efter', 'När alla har svarat']) expect(said).toContain(text);
  const officer = await fk.post(minutes, { [box]: 'för sent', [`version-${box}`]: '0' });
  const page = await officer.text();
  expect(page).toContain('<h1>Anteckningarna är ute för granskning</h1>');
  expect(page).not.toContain('låst');
  await set('draft');
});

test('what comes after the lock is kept beside the minutes, said to its writer, and read by who may write', async () => {
  const page = await openPage();
  expect((await patch('atgard', 'ordna en lampa', 0)).status).toBe(422);
  const reason = { reason: 'Alla hörde texten.', noFollowUpReason: 'Bokas sedan.' };
  expect((await fk.post(`${minutes}/faststallande`, reason)).status).toBe(303);
  const { news } = await ask(fk, page.cursor, page.mark);
  expect(news.state).toBe('finalised');
  const { version } = await standing(box);
  const late = await patch(box, 'hann inte med', version);
  expect([late.status, await late.json()]).toEqual([409, { code: 'finalised', kept: true }]);
  const again = await patch(box, 'hann inte med', version);
  expect(again.status).toBe(409);
  // A measure that was never added is a text too, and there is no such box while the minutes are open.
  const measure = await patch('atgard', 'ordna en lampa', 0);
  expect([measure.status, await measure.json()]).toEqual([409, { code: 'finalised', kept: true }]);
  const own = await employer.post(`${minutes}/bidrag`, { contribution: 'inte vi heller', 'version-contribution': '5' });
  expect(own.status).toBe(409);
  const said = await own.text();
  validateHtml(said, 'late contribution');
  expect(said).toContain('inte vi heller');
  expect(said).toContain('href="/utlamnat"');
  const read = await (await fk.get(minutes)).text();
  validateHtml(read, 'late');
  // What another account left in this browser goes before anything is handed over.
  expect(read).toMatch(/form\.[^>]*><\/script>\s*<script[^>]*minutes-locked/);
  expect(read.split('hann inte med').length - 1).toBe(1);
  for (const text of ['inte vi heller', 'ordna en lampa']) expect(read).toContain(text);
  expect(await (await (await app.signIn('chef')).get(minutes)).text()).not.toContain('hann inte med');
  const file = await (await fk.get(`${minutes}.json`)).text();
  for (const text of ['hann inte med', 'kanariefågelsång', 'inte vi heller']) expect(file).not.toContain(text);
});
