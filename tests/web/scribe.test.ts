import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { keyOf } from '../../src/features/account/sign-in/rules.ts';
import { openTestApp, type TestApp } from '../support/app.ts';
import { fillForm, parseForm, validateHtml } from '../support/html.ts';

/** FK's invited scribe (states.md "Rights"): a colleague whom the officer asks to write one meeting's minutes. */

type Visitor = Awaited<ReturnType<TestApp['signIn']>>;
let app: TestApp;
let fk: Visitor;
let colleague: Visitor;
let colleagueId: string;
let meeting: string;
const path = () => `/moten/${meeting}/skriver-med`;
const minutes = () => `/moten/${meeting}/protokoll`;

const db = () => app.house.engine.database.reads.db;
const change = (table: 'account' | 'case_file' | 'meeting', id: string, set: Record<string, unknown>) =>
  app.house.engine.database.transaction((w) =>
    w.db
      .updateTable(table)
      .set(set)
      .where('id', '=', id)
      .execute()
      .then(() => {}),
  );
beforeAll(async () => {
  app = await openTestApp({ now: '2026-11-23T09:00:00.000Z' });
  fk = await app.signIn('fk');
  colleague = await app.signIn('fk2');
  const account = db().selectFrom('account').select('id').where('demo_key', '=', 'fk2');
  colleagueId = (await account.executeTakeFirstOrThrow()).id;
  meeting = (await db().selectFrom('meeting').select('id').where('state', '=', 'scheduled').executeTakeFirstOrThrow())
    .id;
});
afterAll(() => app.close());
beforeEach(() => change('meeting', meeting, { scribe_id: null }));

async function page(who: Visitor, at: string, status = 200): Promise<string> {
  const response = await who.get(at);
  expect(response.status, at).toBe(status);
  const html = await response.text();
  validateHtml(html, at);
  return html;
}
const name = (scribe = colleagueId) => fk.post(path(), { scribe });
const caseId = async () =>
  (await db().selectFrom('meeting').select('case_id').where('id', '=', meeting).executeTakeFirstOrThrow()).case_id ??
  '';
const scribeNow = async () =>
  (await db().selectFrom('meeting').select('scribe_id').where('id', '=', meeting).executeTakeFirstOrThrow()).scribe_id;

describe('the officer asks a colleague', () => {
  test('on a page of its own, and everybody who may see the meeting is told', async () => {
    const form = parseForm(await page(fk, path()), path());
    expect(form.action).toBe(path());
    const body = Object.fromEntries(fillForm(form, { scribe: colleagueId }));
    expect((await fk.post(path(), body)).headers.get('location')).toBe(`/moten/${meeting}`);
    expect(await page(fk, `/moten/${meeting}`)).toContain('tillsammans med Omar Haddad');
    expect(await page(colleague, `/moten/${meeting}`)).toContain('Du skriver tillsammans med handläggaren.');
    expect(await page(fk, path())).not.toContain(`value="${colleagueId}"`);
    expect(await page(colleague, '/inkorg')).toContain(`/moten/${meeting}"`);
    expect(await page(fk, '/inkorg')).not.toContain('Du ska skriva');
    await fk.post(`${path()}/bort`, {});
    expect(await page(fk, `/moten/${meeting}`)).toContain('Handläggaren skriver själv.');
    expect(await page(colleague, '/inkorg')).not.toContain('Du ska skriva');
  });

  test.each<[string, () => string | Promise<string>]>([
    ['nobody', () => ''],
    ['what is no account', () => 'x'],
    ['the officer', async () => (await keyed('fk')).id],
    ['a manager', async () => (await keyed('chef')).id],
    ['somebody of another organisation', async () => (await keyed('arbetsgivare')).id],
    ['the person', async () => (await keyed('individ')).id],
  ])('never %s', async (_who, of) => {
    const refused = await name(await of());
    expect(refused.status).toBe(422);
    validateHtml(await refused.text(), path());
    expect(await scribeNow()).toBeNull();
  });

  test('never who is not named for a protected identity', async () => {
    await change('case_file', await caseId(), { protected_identity: 1 });
    expect((await name()).status).toBe(422);
    expect(await page(fk, path())).toContain('ingen annan handläggare');
    await change('account', colleagueId, { handles_protected: 1 });
    expect((await name()).status).toBe(303);
    await change('account', colleagueId, { handles_protected: 0 });
    expect(await page(colleague, '/inkorg')).not.toContain('Du ska skriva');
    await change('case_file', await caseId(), { protected_identity: 0 });
  });

  test.each(['is the person', 'represents the person'] as const)('never who %s (FL 16 §)', async (how) => {
    const of = await caseId();
    const individual = (await keyed('individ')).id;
    const number = '19120211-9150';
    const at = '2026-01-01T00:00:00.000Z';
    await change('case_file', of, { individual_account_id: individual });
    await app.house.engine.database.transaction(async ({ db, vault }) => {
      const row = await db.selectFrom('case_file').select('individual').where('id', '=', of).executeTakeFirstOrThrow();
      const facts = JSON.parse(vault.open(row.individual));
      const individualWith = vault.seal(JSON.stringify({ ...facts, number }));
      await db.updateTable('case_file').set({ individual: individualWith }).where('id', '=', of).execute();
      const decided = { state: 'active', created_at: at, decided_at: null, decided_by: null };
      await db
        .insertInto('person')
        .values({ id: how, name: vault.seal('Omar'), ...decided })
        .execute();
      await db.updateTable('account').set({ person_id: how }).where('id', '=', colleagueId).execute();
      if (how === 'is the person') {
        const key = {
          fingerprint: vault.fingerprint(keyOf(app.house.config.oidc?.issuer ?? '', 'number', number).text),
          kind: 'number',
          person_id: how,
          created_at: at,
        };
        await db.insertInto('person_key').values(key).execute();
        return;
      }
      const days = { first_day: '2026-01-01', last_day: null, created_at: at, created_by: colleagueId };
      await db
        .insertInto('representation')
        .values({
          ...{ id: 'r', account_id: colleagueId, individual_account_id: individual, basis: 'attorney' },
          ...{ how: vault.seal('Fullmakt'), ...days, ended_at: null, ended_by: null },
        })
        .execute();
    });
    expect((await name()).status).toBe(422);
    await app.house.engine.database.transaction(async ({ db }) => {
      await db.deleteFrom('representation').where('id', '=', 'r').execute();
      await db.deleteFrom('person_key').where('person_id', '=', how).execute();
    });
    expect((await name()).status).toBe(303);
    await change('account', colleagueId, { person_id: null });
  });
});

describe('the colleague', () => {
  beforeAll(async () => {
    expect((await fk.post(`/moten/${meeting}/hallet`, {})).status).toBe(303);
  });
  beforeEach(() => name());
  const write = (text: string, baseVersion: number) =>
    colleague.patch(minutes(), { field: 'canDo', text, baseVersion });
  const standing = async () => {
    const { fields } = (await (await fk.get(`${minutes()}/andringar?efter=0&sida=`)).json()) as {
      fields: { field: string; version: number; text: string }[];
    };
    return fields.find(({ field }) => field === 'canDo') ?? { version: 0, text: '' };
  };

  test('writes as the officer does, and the two see each other’s words', async () => {
    const html = await page(colleague, minutes());
    expect(html).toContain('<textarea');
    expect(html).toContain('Du skriver åt handläggaren Sara Lindqvist');
    expect(html).not.toMatch(/name="next"/);
    expect(await page(colleague, '/inkorg')).toContain(`${minutes()}"`);
    expect((await write('Sitta', (await standing()).version)).status).toBe(200);
    expect((await standing()).text).toBe('Sitta');
    expect((await colleague.get(`${minutes()}/andringar?efter=0&sida=`)).status).toBe(200);
    expect((await colleague.post(`${minutes()}/atgarder`, { text: 'En stol', carriedOutBy: 'ARBG' })).status).toBe(303);
    expect(await page(fk, minutes())).toContain('En stol');
  });

  test('does nothing else', async () => {
    for (const at of ['faststallande', 'granskning']) {
      expect((await colleague.get(`${minutes()}/${at}`)).status, at).toBe(403);
      expect((await colleague.post(`${minutes()}/${at}`, { lastDay: '2026-12-20' })).status, at).toBe(403);
    }
    for (const at of ['tid', 'installd', 'skriver-med', 'skriver-med/bort']) {
      expect((await colleague.post(`/moten/${meeting}/${at}`, { scribe: colleagueId })).status, at).toBe(403);
    }
    const other = await db()
      .selectFrom('minutes')
      .select('meeting_id')
      .where('meeting_id', '!=', meeting)
      .executeTakeFirstOrThrow();
    const elsewhere = await colleague.patch(`/moten/${other.meeting_id}/protokoll`, {
      field: 'canDo',
      text: 'x',
      baseVersion: 0,
    });
    expect(elsewhere.status).toBe(403);
  });

  test('stops when the officer takes it back', async () => {
    await fk.post(`${path()}/bort`, {});
    expect((await write('x', (await standing()).version)).status).toBe(403);
    expect((await colleague.get(`${minutes()}/andringar?efter=0&sida=`)).status).toBe(403);
    expect(await page(colleague, minutes())).not.toContain('<textarea');
  });

  test('is in the log with why', async () => {
    await page(colleague, minutes());
    const row = await db()
      .selectFrom('audit')
      .select(['action', 'relation', 'outcome'])
      .where('meeting_id', '=', meeting)
      .orderBy('id', 'desc')
      .executeTakeFirstOrThrow();
    expect(row).toEqual({ action: 'minutes.write', relation: 'scribe', outcome: 'seen' });
  });

  test('reads while the minutes are out, and what they were still writing is kept beside', async () => {
    const sent = await fk.post(`${minutes()}/granskning`, { lastDay: '2026-12-20' });
    expect(sent.status).toBe(303);
    expect(await page(colleague, minutes())).not.toContain('<textarea');
    expect(await page(colleague, '/inkorg')).not.toContain(`${minutes()}"`);
    expect((await write('Det här kom sent', (await standing()).version)).status).toBe(409);
    const late = await colleague.post(minutes(), { canDo: 'Det här kom också sent', 'version-canDo': '0' });
    expect(late.status).toBe(409);
    expect(await late.text()).toContain('Det här kom också sent');
    const unchanged = await colleague.post(minutes(), {});
    expect(unchanged.status).toBe(409);
    validateHtml(await unchanged.text(), minutes());
    expect((await colleague.post(`${minutes()}/andring`, { section: 'ability', canDo: 'x' })).status).toBe(403);
  });

  test('cannot be asked once the minutes are final', async () => {
    await change('meeting', meeting, { state: 'minuted', scribe_id: null });
    expect((await name()).status).toBe(422);
    expect(await page(fk, path())).not.toContain('<select');
    expect(await page(fk, `/moten/${meeting}`)).not.toContain('skriver-med');
  });
});

const keyed = (key: string) =>
  db().selectFrom('account').select('id').where('demo_key', '=', key).executeTakeFirstOrThrow();
