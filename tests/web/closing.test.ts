import { sql } from 'kysely';
import { extractText } from 'unpdf';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ClosingContent } from '../../src/features/closing/rules.ts';
import type { Sealed } from '../../src/features/filing/document/rules.ts';
import { readAttachment } from '../../src/platform/pdf/attachment.ts';
import { verifyInstallation } from '../../src/verification.ts';
import { goodRequest, openTestApp, type TestApp } from '../support/app.ts';
import { fillForm, parseForm, validateHtml } from '../support/html.ts';

/** A case from open to closed: prepared, read by the person, undone, closed with a document, and only read after it. */

let app: TestApp;
let fk: Awaited<ReturnType<TestApp['signIn']>>;
let person: typeof fk;
/** The demo's case with a plan. */
let caseId: string;
const db = () => app.house.engine.database.reads.db;
const t = (key: string, params?: Record<string, unknown>) => app.house.texts.t(key, params);
const path = () => `/arenden/${caseId}/avslut`;
const stateOf = async () =>
  (await db().selectFrom('case_file').select('state').where('id', '=', caseId).executeTakeFirstOrThrow()).state;

beforeAll(async () => {
  app = await openTestApp({ now: '2026-11-23T09:00:00.000Z' });
  [fk, person] = [await app.signIn('fk'), await app.signIn('individ')];
  const row = await db().selectFrom('meeting').selectAll().where('state', '=', 'minuted').executeTakeFirstOrThrow();
  caseId = row.case_id ?? '';
});
afterAll(() => app.close());

async function page(who: typeof fk, at: string, status = 200): Promise<string> {
  const response = await who.get(at);
  expect(response.status, at).toBe(status);
  const html = await response.text();
  validateHtml(html, at);
  return html;
}
/** The form as its page fills it, with the rest of it. */
async function filled(changes: Record<string, string | string[]> = {}): Promise<URLSearchParams> {
  const form = parseForm(await page(fk, `${path()}?andra=1`), path());
  const all: Record<string, string | string[]> = { reason: 'capacity_regained', ownView: 'Jag klarar mig nu.' };
  let going = 0;
  for (const [name, { values }] of form.fields) {
    if (/^goal-[0-9a-f]+$/.test(name) && values.length === 0) all[name] = 'partly';
    if (/^measure-[\w-]{36}$/.test(name)) {
      all[name] = going === 0 ? 'goes_on' : 'done';
      if (going === 0) all[`${name}-whom`] = 'Företagshälsan, Bo Ek';
      going += 1;
    }
    if (/^contact-\w+-phone$/.test(name) && !values[0] && form.fields.get(name.replace('-phone', ''))?.values[0])
      all[name] = '08-465 004 99';
  }
  expect(going).toBeGreaterThan(0);
  return fillForm(form, { ...all, ...changes });
}
const send = (body: URLSearchParams) => fk.post(path(), Object.fromEntries(body));

describe('while it is prepared', () => {
  test('its page is filled from the plan and from who took part, and says what is missing in place', async () => {
    const form = parseForm(await page(fk, path()), path());
    const value = (name: string) => form.fields.get(name)?.values[0];
    expect(value('contact-fk')).toBe('Sara Lindqvist');
    expect(value('closesOn')).toBe('2026-12-07');
    expect([...form.fields.values()].some(({ values }) => values[0] === 'yes')).toBe(true);
    const refused = await fk.post(path(), {
      ...{ reason: 'other', ownViewMissing: '', closesOn: '2026-01-01', 'contact-care': 'Bo Ek' },
    });
    expect(refused.status).toBe(422);
    const html = await refused.text();
    validateHtml(html, 'closing');
    for (const name of ['reasonText', 'ownView', 'contact-fk', 'closesOn']) expect(html).toContain(`href="#f-${name}"`);
    expect(html).toContain('Fyll i: Telefon till vården');
    expect(await stateOf()).toBe('open');
  });

  test('everything goes on, the person reads it, the unit too, and nobody else', async () => {
    expect((await send(await filled({ closesOn: '2026-12-07' }))).headers.get('location')).toBe(path());
    expect(await stateOf()).toBe('closing');
    expect(await page(fk, path())).toContain('Personen kan läsa det här.');
    const own = await page(person, path());
    for (const text of [t('close.capacity_regained'), 'Jag klarar mig nu.', 'Företagshälsan, Bo Ek', '7 december 2026'])
      expect(own).toContain(text);
    expect(own).not.toContain('/avslut/klart');
    expect(await page(person, `/arenden/${caseId}`)).toContain(path());
    await page(await app.signIn('fk2'), path());
    for (const account of ['koordinator', 'arbetsgivare', 'af', 'kommun', 'registrator', 'admin']) {
      expect((await (await app.signIn(account)).get(path())).status, account).toBe(404);
    }
    const [measure] = await db()
      .selectFrom('measure')
      .select('id')
      .where('case_id', '=', caseId)
      .where('state', '=', 'ongoing')
      .execute();
    expect((await fk.post(`/atgarder/${measure?.id}/status`, { status: 'ongoing', note: 'På väg.' })).status).toBe(303);
  });

  test('is not written over by whoever has not seen it, nor closed unseen', async () => {
    const [first, second] = [await filled({ ownView: 'Först.' }), await filled({ ownView: 'Sedan.' })];
    expect((await send(first)).status).toBe(303);
    const late = await send(second);
    const html = await late.text();
    validateHtml(html, 'prepared meanwhile');
    expect([late.status, html.includes('Sedan.'), html.includes('Först.')]).toEqual([409, true, true]);
    expect(await page(person, path())).toContain('Först.');
    // Sent again from that page it is what its writer wants.
    expect((await send(fillForm(parseForm(html, path()), {}))).status).toBe(303);
    const now = { closesOn: '2026-11-23', cancelMeetings: 'on' };
    const today = await filled(now);
    expect((await send(today)).status).toBe(303);
    const seen = parseForm(await page(fk, path()), `${path()}/klart`);
    const was = seen.fields.get('was')?.values[0] ?? '';
    expect((await send(await filled({ ...now, ownView: 'Jag klarar mig nu.' }))).status).toBe(303);
    const unseen = await fk.post(`${path()}/klart`, { was });
    expect([unseen.status, await stateOf()]).toEqual([409, 'closing']);
    expect(await unseen.text()).toContain(t('close.changed'));
    expect((await send(await filled({ closesOn: '2026-12-07', cancelMeetings: [] }))).status).toBe(303);
  });

  test('the officer tells a person who has no account here', async () => {
    const row = db().selectFrom('case_file').select('individual_account_id').where('id', '=', caseId);
    const before = await row.executeTakeFirstOrThrow();
    const set = (change: { individual_account_id: string | null }) =>
      app.house.engine.database.transaction(async (w) => {
        await w.db.updateTable('case_file').set(change).where('id', '=', caseId).execute();
      });
    await set({ individual_account_id: null });
    expect(await page(fk, path())).toContain('Personen har inget konto här. Berätta vad som står');
    await set(before);
  });

  test('is the officer’s own act', async () => {
    for (const [account, status] of [
      ['fk2', 403],
      ['chef', 403],
      ['individ', 403],
      ['arbetsgivare', 404],
    ] as const) {
      const other = await app.signIn(account);
      for (const act of ['', '/klart', '/angra']) {
        expect((await other.post(`${path()}${act}`, {})).status, `${account} ${act}`).toBe(status);
      }
    }
    expect(await stateOf()).toBe('closing');
  });

  test('cannot be closed before its day, and there is no document', async () => {
    const html = await page(fk, path());
    expect(html).toContain(t('close.blocked.not_yet'));
    expect(html).not.toContain('/avslut/klart');
    expect((await fk.post(`${path()}/klart`, {})).status).toBe(422);
    expect(await stateOf()).toBe('closing');
    for (const extension of ['pdf', 'json']) expect((await fk.get(`${path()}.${extension}`)).status).toBe(404);
  });

  test('can be undone, and what was written is there the next time', async () => {
    expect((await fk.post(`${path()}/angra`, {})).status).toBe(303);
    expect(await stateOf()).toBe('open');
    const again = parseForm(await page(fk, path()), path());
    expect(again.fields.get('ownView')?.values).toEqual(['Jag klarar mig nu.']);
    expect((await fk.post(`${path()}/angra`, {})).status).toBe(422);
    expect((await person.get(path())).headers.get('location')).toBe(`/arenden/${caseId}`);
  });
});

describe('when it is closed', () => {
  let meeting: string;
  const content = async () => (await (await fk.get(`${path()}.json`)).json()) as Sealed<ClosingContent>;

  test('a meeting ahead must be called off, and its participants are told neutrally', async () => {
    const planned = db()
      .selectFrom('meeting')
      .select('id')
      .where('case_id', '=', caseId)
      .where('state', '=', 'planning');
    meeting = (await planned.executeTakeFirstOrThrow()).id;
    await fk.post(`/moten/${meeting}/samtal`, { how: 'På telefon.', goOnReason: 'Hen vill.' });
    await fk.post(`/moten/${meeting}/tid`, { startsAt: '2027-01-12T09:00', durationMinutes: '60', placeKind: 'phone' });
    expect((await fk.post(`/moten/${meeting}/kallelse`, {})).status).toBe(303);
    await send(await filled({ closesOn: '2026-11-23', cancelMeetings: [] }));
    expect(await page(fk, path())).toContain(t('close.blocked.meetings_ahead'));
    expect((await fk.post(`${path()}/klart`, {})).status).toBe(422);
    await send(await filled({ closesOn: '2026-11-23', cancelMeetings: 'on' }));
    expect(await page(fk, '/inkorg')).toContain(path());
    expect((await fk.post(`${path()}/klart`, {})).headers.get('location')).toBe(path());
    expect(await stateOf()).toBe('closed');
    const kinds = await db().selectFrom('outbox').select(['kind']).where('meeting_id', '=', meeting).execute();
    expect(kinds.filter(({ kind }) => kind === 'invitation.cancel').length).toBeGreaterThan(0);
    const open = await db().selectFrom('meeting').select('state').where('case_id', '=', caseId).execute();
    expect(open.map(({ state }) => state).sort()).toEqual(['cancelled', 'minuted']);
    expect((await fk.post(`${path()}/klart`, {})).status).toBe(403);
  });

  test('the document is numbered and chained, its file holds its data, and the whole installation is sound', async () => {
    const document = await content();
    const rows = await db()
      .selectFrom('document')
      .selectAll()
      .where('case_id', '=', caseId)
      .orderBy('position')
      .execute();
    expect(rows.map(({ kind }) => kind)).toEqual(['minutes', 'closing']);
    expect(rows[1]).toMatchObject({
      number: document.document.number,
      previous_hash: rows[0]?.hash,
      hash: document.hash,
    });
    const response = await fk.get(`${path()}.pdf`);
    expect(response.headers.get('content-disposition')).toMatch(/^inline; filename="avslut-2026-\d{6}-2\.pdf"$/);
    const pdf = Buffer.from(await response.arrayBuffer());
    expect(JSON.parse(readAttachment(pdf) ?? '')).toEqual(document);
    const { text } = await extractText(new Uint8Array(pdf), { mergePages: true });
    for (const word of ['Jag klarar mig nu.', t('close.capacity_regained'), 'Sara Lindqvist'])
      expect(text).toContain(word);
    const verified = await verifyInstallation(app.house.engine.database);
    expect(verified.faults).toEqual([]);
  });

  test('a closing that was changed by hand, or taken away, is found', async () => {
    const row = await db()
      .selectFrom('document')
      .selectAll()
      .where('case_id', '=', caseId)
      .where('kind', '=', 'closing')
      .executeTakeFirstOrThrow();
    const change = (statement: string) =>
      app.house.engine.database.transaction(({ db: w }) =>
        sql
          .raw(statement)
          .execute(w)
          .then(() => {}),
      );
    const faults = async () =>
      (await verifyInstallation(app.house.engine.database)).faults.map(({ code }) => code).sort();
    await change(`update document set hash = '${'0'.repeat(64)}' where id = '${row.id}'`);
    expect(await faults()).toEqual(['hash', 'seal']);
    await change(`update document set hash = '${row.hash}', kind = 'minutes' where id = '${row.id}'`);
    expect(await faults()).toEqual(['seal', 'unfiled']);
    await change(`update document set kind = 'closing' where id = '${row.id}'`);
    expect(await faults()).toEqual([]);
  });

  test('measures that ended have ended, the one that goes on says with whom', async () => {
    const { measures } = await content();
    const rows = await db().selectFrom('measure').select(['id', 'state']).where('case_id', '=', caseId).execute();
    for (const one of measures) {
      const state = rows.find(({ id }) => id === one.id)?.state;
      if (one.outcome === 'goes_on') expect([state, one.whom]).toEqual(['planned', 'Företagshälsan, Bo Ek']);
      else expect(state).toBe(one.outcome);
    }
    expect(measures.filter(({ outcome }) => outcome === 'goes_on')).toHaveLength(1);
  });

  test('the person reads it, and whom to turn to', async () => {
    const { contacts } = await content();
    const text = t('close.contact', { name: contacts[0]?.name, phone: contacts[0]?.phone });
    for (const at of [`/arenden/${caseId}`, path()]) {
      expect((await page(person, at)).replaceAll(/<[^>]+>/g, '')).toContain(text);
    }
    expect(await page(person, `/arenden/${caseId}/plan`)).toContain(t('plan.closed'));
    expect((await person.get(`${path()}.pdf`)).status).toBe(200);
  });

  test('the reason is for Försäkringskassan and the person: nothing of it is on other pages or in mails', async () => {
    const reason = t('close.capacity_regained');
    for (const account of ['koordinator', 'arbetsgivare', 'af', 'kommun']) {
      const other = await app.signIn(account);
      for (const at of [`${path()}.pdf`, `${path()}.json`, path()]) expect((await other.get(at)).status, at).toBe(404);
      for (const at of ['/inkorg', '/utlamnat', '/mina-moten'])
        expect(await (await other.get(at)).text()).not.toContain(reason);
    }
    const released = await (await fk.get(`/arenden/${caseId}/utlamnande`)).text();
    expect(released).not.toContain((await content()).document.number);
    const { vault } = app.house.engine.database.reads;
    for (const { facts } of await db().selectFrom('outbox').select('facts').execute())
      expect(vault.open(facts)).not.toContain('capacity_regained');
    await page(await app.signIn('registrator'), '/handlingar');
    expect((await (await app.signIn('registrator')).get(`${path()}.pdf`)).status).toBe(200);
  });

  test('it is only read: every act that changes it is refused, and no page offers one', async () => {
    const measure = await db()
      .selectFrom('measure')
      .select('id')
      .where('case_id', '=', caseId)
      .executeTakeFirstOrThrow();
    for (const [at, fields] of [
      [path(), { reason: 'not_needed' }],
      [`${path()}/angra`, {}],
      [`/arenden/${caseId}/moten`, { kind: 'follow_up', purpose: 'x' }],
      [`/arenden/${caseId}/plan/delmal`, { goal: 'x' }],
      [`/arenden/${caseId}/dagar`, {}],
      [`/arenden/${caseId}/samtycken`, { party: 'PV', kinds: 'work', how: 'oral' }],
      [`/atgarder/${measure.id}/status`, { status: 'done' }],
      [`/moten/${meeting}/deltagare`, { party: 'PV', name: 'Vera' }],
    ] as [string, Record<string, string>][]) {
      expect((await fk.post(at, fields)).status, at).toBe(403);
    }
    const shown = (await page(fk, `/arenden/${caseId}`)) + (await page(fk, `/arenden/${caseId}/plan`));
    expect(shown).not.toContain('rapportera=');
    expect(shown).not.toContain('/moten/nytt');
  });

  test('a new request about the same person opens a new case', async () => {
    const number = '20120129-2388';
    const confirm = async () => {
      await app.visitor().post('/begaran', { ...goodRequest, individualNumber: number });
      const { id } = await db().selectFrom('request').select('id').orderBy('id', 'desc').executeTakeFirstOrThrow();
      const sent = await fk.post(`/begaran/${id}/beslut`, {
        decision: 'confirm',
        kind: 'reconciliation',
        purpose: 'x',
      });
      const meetingId = (sent.headers.get('location') ?? '').split('/').at(-1) ?? '';
      return (
        (await db().selectFrom('meeting').select('case_id').where('id', '=', meetingId).executeTakeFirstOrThrow())
          .case_id ?? ''
      );
    };
    const first = await confirm();
    caseId = first;
    expect(await confirm()).toBe(first);
    const body = {
      ...{ reason: 'person_wishes', ownViewMissing: 'Svarar inte.', closesOn: '2026-11-23', cancelMeetings: 'on' },
      ...{ 'contact-fk': 'Sara Lindqvist', 'contact-fk-phone': '08-465 004 00' },
    };
    expect((await fk.post(path(), body)).status).toBe(303);
    // While it comes to its end it is still the one.
    expect(await confirm()).toBe(first);
    expect((await fk.post(`${path()}/klart`, {})).status).toBe(303);
    const second = await confirm();
    expect(second).not.toBe(first);
    expect((await verifyInstallation(app.house.engine.database)).faults).toEqual([]);
  });
});

test('the plan names a contact in each sector that took part', async () => {
  const row = await db()
    .selectFrom('meeting')
    .select('case_id')
    .where('state', '=', 'minuted')
    .executeTakeFirstOrThrow();
  const html = await page(fk, `/arenden/${row.case_id}/plan`);
  for (const sector of ['fk', 'employer', 'care']) expect(html).toContain(t(`sector.${sector}`));
  expect(html).toMatch(/<li><strong>[^<]+<\/strong><br>[^<]*<a class="tel" href="tel:/);
});
