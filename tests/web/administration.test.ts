import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addDays, stockholmDate } from '../../src/kernel/time.ts';
import { openTestApp, type TestApp } from '../support/app.ts';
import { parseForm, parseLinks, validateHtml } from '../support/html.ts';
import { runTool, settings } from '../support/tool.ts';

/** Organisations, units, people and their assignments; absence and cover; the first administrator. */

let app: TestApp;
let admin: Awaited<ReturnType<TestApp['signIn']>>;
let fkId: string;
let unitId: string;
beforeAll(async () => {
  app = await openTestApp();
  admin = await app.signIn('admin');
  const unit = await reads().selectFrom('unit').selectAll().executeTakeFirstOrThrow();
  fkId = unit.organisation_id;
  unitId = unit.id;
});
afterAll(() => app.close());

const reads = () => app.house.engine.database.reads.db;
type Fields = Record<string, string>;
/** Posts what must be taken; where it leads. */
async function done(path: string, fields: Fields, by = admin): Promise<string> {
  const response = await by.post(path, fields);
  expect(response.status, `${path} ${await response.text()}`).toBe(303);
  return response.headers.get('location') ?? '';
}
/** Posts what must be refused in place: the text of the code is there, and what was typed is kept. */
async function refused(path: string, fields: Fields, code: string, by = admin): Promise<void> {
  const response = await by.post(path, fields);
  const html = await response.text();
  expect(response.status, path).toBe(422);
  validateHtml(html, path);
  expect(html).toContain(app.house.texts.t(`err.${code}`, { label: '', over: '' }).slice(0, 9));
  const form = parseForm(html, path);
  for (const [name, value] of Object.entries(fields)) {
    expect(form.fields.get(name)?.values ?? [''], name).toContain(
      form.fields.get(name)?.choices?.includes(value) === false ? '' : value,
    );
  }
}
const addOrganisation = (name: string, party: string) => done('/administration/organisationer', { name, party });
const addPerson = (hsaId: string) => done('/administration/personer', { name: 'Vera Vik', number: '', hsaId });
const text = async (path: string, by = admin) => (await by.get(path)).text();

describe('organisations and units', () => {
  test('are added, renamed and closed, and never deleted', async () => {
    const home = await addOrganisation('Granvik Bygg AB', 'ARBG');
    await done(home, { name: 'Granvik Hus AB' });
    expect(await text('/administration/organisationer')).toContain('Granvik Hus AB');
    await done(`${home}/avsluta`, {});
    const row = await reads()
      .selectFrom('organisation')
      .selectAll()
      .where('id', '=', home.split('/').at(-1) ?? '')
      .executeTakeFirst();
    expect(row).toMatchObject({ name: 'Granvik Hus AB', party: 'ARBG', state: 'closed' });
  });

  test('a unit is added to Försäkringskassan and closed when nobody is in it', async () => {
    const unit = { name: 'Försäkringskassan Nordvik', phone: '08-465 004 60', address: 'Torget 1' };
    const home = await done(`/administration/organisationer/${fkId}/enhet`, unit);
    const path =
      /\/administration\/enheter\/[\w-]+/.exec((await text(home)).split('Nordvik')[0]?.slice(-120) ?? '')?.[0] ?? '';
    await done(path, { ...unit, address: 'Torget 2' });
    expect(await text(path)).toContain('Torget 2');
    await done(`${path}/avsluta`, {});
    expect((await admin.post(`/administration/enheter/${unitId}/avsluta`, {})).status).toBe(422);
    expect((await admin.post(`/administration/organisationer/${fkId}/avsluta`, {})).status).toBe(422);
  });

  test.each<[string, Fields, string]>([
    ['/administration/organisationer', { name: '', party: 'ARBG' }, 'required'],
    ['/administration/organisationer', { name: 'Namn', party: 'PERSON' }, 'choice'],
    ['/administration/organisationer', { name: 'x'.repeat(201), party: 'ARBG' }, 'tooLong'],
    ['/administration/personer', { name: 'Vera Vik', number: '', hsaId: '' }, 'key'],
    ['/administration/personer', { name: 'Vera Vik', number: '19970131-2391', hsaId: '' }, 'number'],
    ['/administration/personer', { name: 'Vera Vik', number: '', hsaId: 'SE1' }, 'hsaId'],
  ])('%s refuses %j', (path, fields, code) => refused(path, fields, code));

  test('private people and those whom cases are about are nobody’s to manage', async () => {
    expect(await text('/administration/organisationer')).not.toContain('Privatperson');
    expect(await text('/administration/personer')).not.toContain('Maja');
    const individual = await reads()
      .selectFrom('account')
      .select('id')
      .where('role', '=', 'individual')
      .executeTakeFirstOrThrow();
    for (const path of ['', '/avsluta']) {
      expect((await admin.get(`/administration/uppdrag/${individual.id}${path}`)).status).toBe(404);
    }
    expect((await admin.post(`/administration/uppdrag/${individual.id}/avsluta`, {})).status).toBe(404);
  });
});

describe('people and assignments', () => {
  test('a key belongs to one person', async () => {
    const home = await addPerson('SE2120000000-A');
    await refused(
      '/administration/personer',
      { name: 'Nora Norr', number: '', hsaId: 'SE2120000000-A' },
      'admin_taken',
    );
    const other = await addPerson('SE2120000000-B');
    await refused(other, { name: 'Vera Vik', number: '', hsaId: 'SE2120000000-A' }, 'admin_taken');
    await done(home, { name: 'Vera Väst', number: '19120211-9150', hsaId: 'SE2120000000-A' });
    const html = await text(home);
    expect(html).toContain('personnummer.');
    expect(html).not.toMatch(/120211-?9150/);
  });

  test('an assignment is what the organisation allows', async () => {
    const home = await addPerson('SE2120000000-C');
    const employer = (await addOrganisation('Granvik Såg AB', 'ARBG')).split('/').at(-1) ?? '';
    const give = `${home}/uppdrag`;
    await refused(give, { organisation: fkId, role: 'officer', unit: '' }, 'admin_unitNeeded');
    await refused(give, { organisation: fkId, role: 'administrator', unit: unitId }, 'admin_unitOther');
    await refused(give, { organisation: employer, role: 'officer' }, 'admin_roleElsewhere');
    await refused(give, { organisation: employer, role: 'individual' }, 'choice');
    const unknown = await admin.post(give, { organisation: 'x'.repeat(12), role: 'participant' });
    expect([unknown.status, (await unknown.text()).includes(app.house.texts.t('err.admin_organisation'))]).toEqual([
      422,
      true,
    ]);
    await done(give, {
      organisation: fkId,
      role: 'officer',
      unit: unitId,
      handlesProtected: 'on',
      email: 'v@exempel.example',
    });
    const made = await reads().selectFrom('account').selectAll().orderBy('id', 'desc').executeTakeFirstOrThrow();
    expect(made).toMatchObject({ role: 'officer', fk: 1, party: 'FK', unit_id: unitId, handles_protected: 1 });
    // She can be given cases now, as the unit's others can.
    expect(await text('/enheten', await app.signIn('chef'))).toContain('Vera Vik');
    const path = `/administration/uppdrag/${made.id}`;
    await done(path, { email: '', phone: '08-465 004 61' });
    const row = await reads()
      .selectFrom('account')
      .select('handles_protected')
      .where('id', '=', made.id)
      .executeTakeFirst();
    expect(row?.handles_protected).toBe(0);
    await done(`${path}/avsluta`, {});
    expect(await text('/enheten', await app.signIn('chef'))).not.toContain('Vera Vik');
  });

  test('nobody gives themselves anything, or closes their own way in', async () => {
    const home = await addPerson('SE2120000000-SELF');
    await done(`${home}/uppdrag`, { organisation: fkId, role: 'administrator' });
    const account = await reads().selectFrom('account').select('id').orderBy('id', 'desc').executeTakeFirstOrThrow();
    // As if they had signed in.
    const self = await app.signIn('admin');
    const { account_id } = await reads()
      .selectFrom('session')
      .select('account_id')
      .orderBy('seen_at', 'desc')
      .orderBy('created_at', 'desc')
      .executeTakeFirstOrThrow();
    expect(account_id).not.toBeNull();
    await app.house.engine.database.transaction(({ db }) =>
      db.updateTable('session').set({ account_id: account.id }).where('account_id', '=', account_id).execute(),
    );
    await refused(`${home}/uppdrag`, { organisation: fkId, role: 'officer', unit: unitId }, 'admin_own', self);
    for (const path of [`${home}/avsluta`, `/administration/uppdrag/${account.id}/avsluta`]) {
      const response = await self.post(path, {});
      expect([response.status, (await response.text()).includes(app.house.texts.t('err.admin_own'))]).toEqual([
        422,
        true,
      ]);
    }
    admin = await app.signIn('admin');
  });

  test('lists are paged', async () => {
    for (let n = 0; n < 26; n++) await addPerson(`SE2120000000-P${n}`);
    const first = await text('/administration/personer');
    const next = parseLinks(first).find((href) => href.includes('?efter=')) ?? '';
    const ids = (html: string) => html.match(/\/administration\/personer\/[\w-]{36}/g) ?? [];
    const all = [...ids(first), ...ids(await text(next))];
    expect(ids(first)).toHaveLength(25);
    expect(new Set(all).size).toBe(all.length);
    expect(all.length).toBeGreaterThan(26);
  });
});

describe('cover', () => {
  const today = () => stockholmDate(app.house.engine.clock.now());
  const officers = () =>
    reads()
      .selectFrom('account')
      .select(['id', 'demo_key'])
      .where('demo_key', 'in', ['fk', 'fk2'])
      .orderBy('id')
      .execute();

  test('lets a colleague arrange the meetings of whoever is away, from the first to the last day', async () => {
    const [one, two] = (await officers()).map(({ id }) => id);
    const chef = await app.signIn('chef');
    const meeting = await reads()
      .selectFrom('meeting')
      .select('id')
      .where('state', '=', 'scheduled')
      .executeTakeFirstOrThrow();
    const mayArrange = async () => (await (await app.signIn('fk2')).get(`/moten/${meeting.id}/tid`)).status;
    expect(await mayArrange()).toBe(403);
    const days = { firstDay: addDays(today(), 1), lastDay: addDays(today(), 9) };
    await done('/enheten/franvaro', { officer: one ?? '', cover: two ?? '', ...days }, chef);
    expect(await mayArrange()).toBe(403);
    await done(
      '/enheten/franvaro',
      { officer: one ?? '', cover: two ?? '', firstDay: today(), lastDay: today() },
      chef,
    );
    expect(await mayArrange()).toBe(200);
    const html = await text('/enheten', chef);
    validateHtml(html, '/enheten');
    for (const path of html.match(/\/enheten\/franvaro\/[\w-]{36}\/bort/g) ?? []) {
      await done(path, {}, chef);
      expect((await chef.post(path, {})).status).toBe(404);
    }
    expect(await mayArrange()).toBe(403);
  });

  test('is between officers of the manager’s own unit', async () => {
    const [one] = (await officers()).map(({ id }) => id);
    const chef = await app.signIn('chef');
    const other = await reads()
      .selectFrom('account')
      .select('id')
      .where('demo_key', '=', 'koordinator')
      .executeTakeFirstOrThrow();
    const days = { firstDay: today(), lastDay: today() };
    await refused('/enheten/franvaro', { officer: one ?? '', cover: other.id, ...days }, 'officer', chef);
    await refused('/enheten/franvaro', { officer: other.id, cover: one ?? '', ...days }, 'officer', chef);
    await refused('/enheten/franvaro', { officer: one ?? '', cover: one ?? '', ...days }, 'coverSelf', chef);
  });
});

describe('npm run admin', () => {
  const run = async (fresh: TestApp, input: string) => {
    const env = { ...settings(fresh), DATABASE_URL: fresh.house.config.databaseUrl, OIDC_ISSUER: 'https://id.example' };
    return runTool('admin', [], env, input);
  };

  test('makes somebody administrator where there is none, and only there', async () => {
    const fresh = await openTestApp({ seed: false });
    const { db } = fresh.house.engine.database.reads;
    const wrong = await run(fresh, 'Försäkringskassan\nTorbjörn Frisk\n19120211-9151\n');
    expect([wrong.code, await db.selectFrom('account').select('id').execute()]).toEqual([1, []]);
    const made = await run(fresh, 'Försäkringskassan\nTorbjörn Frisk\n19120211-9150\n');
    expect([made.code, made.err]).toEqual([0, '']);
    expect(made.out).not.toMatch(/Frisk|9150/);
    const rows = await db.selectFrom('account').select(['role', 'fk', 'state', 'demo_key']).execute();
    expect(rows).toEqual([{ role: 'administrator', fk: 1, state: 'active', demo_key: null }]);
    expect(await db.selectFrom('person_key').select('kind').execute()).toEqual([{ kind: 'number' }]);
    const again = await run(fresh, 'Försäkringskassan\nNora Norr\nSE2120000000-NORA\n');
    expect(again.code).toBe(1);
    expect(again.out).toContain('Det finns redan en administratör');
    await fresh.close();
  });
});
