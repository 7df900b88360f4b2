import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { simpleParser } from 'mailparser';
import { extractText } from 'unpdf';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Copy } from '../../src/features/consent/release/rules.ts';
import { type MinutesContent, type Sealed, verifyChain } from '../../src/features/filing/document/rules.ts';
import { printMinutes } from '../../src/features/minutes/render.ts';
import { addMinutes } from '../../src/kernel/time.ts';
import { sealedColumns, type TableName, type Tables } from '../../src/platform/db/tables.ts';
import { readAttachment } from '../../src/platform/pdf/attachment.ts';
import { verifyInstallation } from '../../src/verification.ts';
import { goodRequest, openTestApp, type TestApp } from '../support/app.ts';
import { everyRow, kind, storedBytes } from '../support/database.ts';
import { fillForm, parseForm, validateHtml } from '../support/html.ts';
import { dryRun, requestOf } from './hostile-world.ts';

/** A text about somebody else is copied from the request into everything, and taken out again by two people. */

const now = '2026-11-25T09:00:00.000Z';
const secret = 'Kanariesyster äter medicin mot kramper';
/** Of the person of the first sample case. */
const individNumber = '19970131-2390';
const shownMark = '[Text borttagen 25 november 2026]';

let app: TestApp;
type Visitor = Awaited<ReturnType<TestApp['signIn']>>;
let fk: Visitor;
let fk2: Visitor;
let chef: Visitor;
let guest: Visitor;
/** Paths of the request, its receipt, its meeting, its case. */
let request: string;
let receipt: string;
let meeting: string;
let caseId: string;

const database = () => app.house.engine.database;
const t = (key: string, params?: Record<string, unknown>) => app.house.texts.t(key, params);

async function page(who: Visitor, path: string, status = 200): Promise<string> {
  const response = await who.get(path);
  const html = await response.text();
  expect(response.status, `${path} ${html}`).toBe(status);
  validateHtml(html, path);
  return html;
}
async function post(
  who: Visitor,
  path: string,
  fields: Record<string, string | string[]>,
  status = 303,
): Promise<string> {
  const response = await who.post(path, fields);
  const text = await response.text();
  expect(response.status, `${path} ${text}`).toBe(status);
  return status === 303 ? (response.headers.get('location') ?? '') : text;
}

async function send(fields: Record<string, string> = {}): Promise<{ request: string; receipt: string }> {
  const where = await post(guest, '/begaran', { ...goodRequest, ...fields });
  const row = await database()
    .reads.db.selectFrom('request')
    .select('id')
    .orderBy('id', 'desc')
    .executeTakeFirstOrThrow();
  return { request: `/begaran/${row.id}`, receipt: where };
}

beforeAll(async () => {
  app = await openTestApp({ now });
  [fk, fk2, chef] = [await app.signIn('fk'), await app.signIn('fk2'), await app.signIn('chef')];
  guest = app.visitor();
  // The person of the first sample case, so that they can sign in and read.
  ({ request, receipt } = await send({
    ...{ individualNumber: individNumber, purpose: `Nästa steg. ${secret}.`, tried: secret.toUpperCase() },
    ...{ ownQuestion: `Är det så att ${secret.replaceAll(' ', '\n')}?`, questions: 'part_time' },
  }));
  await post(guest, `${receipt}/komplettering`, { text: `Glömde: ${secret}` });
  const confirmed = { decision: 'confirm', kind: 'reconciliation', purpose: `Nästa steg. ${secret}.`, reason: secret };
  meeting = await post(fk, `${request}/beslut`, confirmed);
  for (const party of ['PERSON', 'FK', 'PV', 'SOC']) {
    const person = { party, name: `${party} namn`, email: `${party}@utomstaende.example`.toLowerCase() };
    await post(fk, `${meeting}/deltagare`, { ...person, verified: 'on', verifiedHow: `Ringde. ${secret}` });
  }
  const talk = parseForm(await page(fk, `${meeting}/samtal`), `${meeting}/samtal`);
  const views = [...talk.fields.keys()].filter((name) => name.startsWith('party-')).map((name) => [name, 'yes']);
  await post(fk, `${meeting}/samtal`, { ...Object.fromEntries(views), how: secret, unsafeContact: secret });
  const time = { startsAt: '2027-03-03T09:00', durationMinutes: '60', placeKind: 'office', place: secret };
  await post(fk, `${meeting}/tid`, time);
  await post(fk, `${meeting}/kallelse`, {});
  await deliver();
  const link = await linkOf('pv@utomstaende.example');
  await post(guest, link, { answer: 'declined', comment: secret });
  await post(fk, `${meeting}/hallet`, {});
  await post(fk, `${meeting}/protokoll`, {
    ...{ planGoal: `Arbeta. ${secret}`, 'version-planGoal': '0', canDo: secret, 'version-canDo': '0' },
    ...{ 'question-part_time-said': `Läkaren sa: ${secret}`, 'version-question-part_time-said': '0' },
    ...{ 'question-own_question-said': 'Nej.', 'version-question-own_question-said': '0' },
  });
  await post(fk, `${meeting}/protokoll/atgarder`, {
    text: `Ordna en stol. ${secret}`,
    carriedOutBy: 'ARBG',
    goal: secret,
  });
  const lock = { reason: `Alla hörde. ${secret}`, noFollowUpReason: secret };
  await post(fk, `${meeting}/protokoll/faststallande`, lock);
  const row = await database()
    .reads.db.selectFrom('measure')
    .select(['id', 'case_id'])
    .where('meeting_id', '=', meetingId())
    .executeTakeFirstOrThrow();
  caseId = row.case_id;
  const { db } = database().reads;
  const receivers = await db
    .selectFrom('participant')
    .select('case_party_id')
    .where('meeting_id', '=', meetingId())
    .where('party', 'in', ['PV', 'SOC'])
    .orderBy('id')
    .execute();
  for (const { case_party_id } of receivers) {
    const party = case_party_id ?? '';
    const kinds = ['contact', 'work', 'measures', 'health', 'social'];
    await post(fk, `/arenden/${caseId}/samtycken`, { party, kinds, how: 'oral', note: secret, exclusions: '' });
    await post(fk, `/arenden/${caseId}/utlamnande`, { party, document: 'minutes' });
  }
  await post(fk, `/atgarder/${row.id}/status`, {
    status: 'ongoing',
    note: `På väg. ${secret}`,
    obstacle: `Väntar. ${secret}`,
  });
}, 60_000);
afterAll(() => app.close());

async function deliver(): Promise<void> {
  app.setClock(addMinutes(app.house.engine.clock.now(), 1));
  await app.deliver();
}
async function mails() {
  const folder = join(app.dataDir, 'mail');
  const all = await Promise.all(
    readdirSync(folder)
      .sort()
      .map((file) => simpleParser(readFileSync(join(folder, file)))),
  );
  return all.map(({ to, subject, text }) => ({
    to: to && !Array.isArray(to) ? to.text : '',
    subject,
    text: text ?? '',
  }));
}
async function linkOf(address: string): Promise<string> {
  const mail = (await mails()).findLast(({ to, text }) => to === address && text.includes('/svar/'));
  return /http:\/\/localhost:3000(\/svar\/\S+)/.exec(mail?.text ?? '')?.[1] ?? '';
}

/** Every place in the database, sealed or not, where a text stands, as `table.column`; files are looked through. */
async function standsIn(text: string): Promise<string[]> {
  const { vault } = database().reads;
  const loose = new RegExp(text.split(' ').join('\\s+'), 'i');
  const found = new Set<string>();
  for (const [table, rows] of Object.entries(await everyRow(database()))) {
    const sealed = Object.keys(sealedColumns[table as keyof typeof sealedColumns] ?? {});
    for (const row of rows) {
      for (const [column, value] of Object.entries(row)) {
        if (typeof value !== 'string') continue;
        let open = sealed.includes(column) ? vault.open(value) : value;
        if (column === 'pdf') open = readAttachment(Buffer.from(open, 'base64')) ?? 'no data';
        if (loose.test(open.replaceAll('\\n', ' '))) found.add(`${table}.${column}`);
      }
    }
  }
  return [...found].sort();
}

const everywhere = [
  'consent.note',
  ...[
    'document.content',
    'document.pdf',
    'measure.body',
    'measure_report.note',
    'measure_report.obstacle',
    'meeting.place',
    'meeting.purpose',
  ],
  'meeting_move.details',
  ...['minutes_field.text', 'participant.comment', 'participant.verified_how', 'request.form', 'request_move.details'],
  ...['talk.how', 'talk.unsafe_contact'],
];
everywhere.push('release.content', 'release.pdf');
everywhere.sort();
const about = () => `/arenden/${caseId}`;
const meetingId = () => meeting.split('/')[2] ?? '';
const proposal = { kind: 'wrong_person', passage: secret, reason: 'Gäller en annan människa.' };
const propose = (fields: Record<string, string | string[]> = {}) =>
  post(fk, `${about()}/rattelse`, { ...proposal, ...fields });
/** What the approver's page sends. */
async function approval(who: Visitor, path: string): Promise<Record<string, string>> {
  return Object.fromEntries(fillForm(parseForm(await page(who, path), `${path}/godkannande`)));
}
const content = async (): Promise<Sealed<MinutesContent>> =>
  (await (await fk.get(`${meeting}/protokoll.json`)).json()) as Sealed<MinutesContent>;

/** What must not change: everything but what every act adds to. */
const rest = async () => {
  const but: TableName[] = ['audit', 'session', 'rate', 'correction', 'correction_section', 'correction_notice'];
  return everyRow(database(), but);
};

describe('before anybody approves', () => {
  test('the text stands in everything it was copied to', async () => {
    expect(await standsIn(secret)).toEqual(everywhere);
  });

  test('the form keeps what was typed, and says what is wrong', async () => {
    const html = await page(fk, `${about()}/rattelse`);
    expect(html).toContain('Kanariesyster');
    for (const [fields, field] of [
      [{ passage: 'Står inte någonstans', step: 'preview' }, 'passage'],
      [{ passage: '', step: 'preview' }, 'places'],
      [{ passage: 'Står inte någonstans' }, 'passage'],
      [{ reason: `Det står att ${secret}` }, 'reason'],
      [{ kind: 'wrong_recipient', participant: '' }, 'participant'],
      [{ kind: '' }, 'kind'],
    ] as const) {
      const back = await post(fk, `${about()}/rattelse`, { ...proposal, ...fields }, 422);
      validateHtml(back, 'propose');
      expect(back, field).toContain(`href="#f-${field}"`);
      const form = parseForm(back, `${about()}/rattelse`);
      expect(form.fields.get('passage')?.values).toEqual(['passage' in fields ? fields.passage : secret]);
    }
  });

  test('the preview shows every place before and after, changes nothing, and leads back without loss', async () => {
    const before = await rest();
    const html = await post(fk, `${about()}/rattelse`, { ...proposal, step: 'preview' }, 200);
    validateHtml(html, 'preview');
    const places = html.split(t('corr.after')).length - 1;
    expect(places).toBeGreaterThan(20);
    expect(html).toContain(t('corr.standsIn', { count: places }));
    expect(html).toContain('<em class="removed">');
    const kept = Object.fromEntries(fillForm(parseForm(html, `${about()}/rattelse`)));
    expect(kept).toMatchObject(proposal);
    const back = await post(fk, `${about()}/rattelse`, { ...kept, step: 'edit' }, 200);
    expect(Object.fromEntries(fillForm(parseForm(back, `${about()}/rattelse`)))).toMatchObject({ passage: secret });
    expect(await rest()).toEqual(before);
    expect(await database().reads.db.selectFrom('correction').select('id').execute()).toEqual([]);
  });

  test('a proposal changes nothing, its proposer cannot approve it, and a no leaves all as it was', async () => {
    const before = await rest();
    const path = await propose();
    expect(await page(fk, path)).not.toContain('/godkannande');
    const given = await approval(fk2, path);
    await post(fk, `${path}/godkannande`, given, 403);
    await post(fk, `${path}/avslag`, { answer: 'Nej.' }, 403);
    await post(await app.signIn('registrator'), `${path}/godkannande`, given, 404);
    expect(await page(chef, '/inkorg')).toContain(path);
    expect(await page(fk2, '/inkorg')).toContain(path);
    expect(await page(fk, '/inkorg')).not.toContain(path);
    await post(chef, `${path}/avslag`, { answer: '' }, 422);
    await post(chef, `${path}/avslag`, { answer: 'Det gäller visst rätt person.' });
    expect(await rest()).toEqual(before);
    expect(await page(fk, path)).toContain('Det gäller visst rätt person.');
    // What it wanted removed is forgotten.
    expect(await standsIn(secret)).toEqual(everywhere);
    expect(await page(await app.signIn('individ'), about())).not.toContain(t('corr.ofCase'));
    await post(chef, `${path}/godkannande`, given, 409);
  });

  test('what has changed since the approver looked is looked at again', async () => {
    const path = await propose();
    const given = await approval(chef, path);
    await post(guest, `${receipt}/aterkallelse`, { reason: `Ändrade mig. ${secret}` });
    const again = await post(chef, `${path}/godkannande`, given, 409);
    validateHtml(again, 'changed since');
    expect(again).toContain(t('corr.changedSince'));
    expect(await standsIn(secret)).toContain('document.content');
    await post(chef, `${path}/avslag`, { answer: 'Görs om.' });
  });

  test('an approval that is cut off has done nothing', async () => {
    const path = await propose();
    const before = await everyRow(database(), ['audit', 'rate', 'session']);
    const dry = dryRun(app);
    const session = await chefCookie();
    const init = requestOf('POST', await approval(chef, path), { cookie: session });
    expect((await dry.app.request(`http://localhost:3000${path}/godkannande`, init)).status).toBe(303);
    expect(dry.counted.done).toBe(1);
    expect(await everyRow(database(), ['audit', 'rate', 'session'])).toEqual(before);
    await post(chef, `${path}/avslag`, { answer: 'Görs om.' });
  });
});

async function chefCookie(): Promise<string> {
  const signedIn = await app.visitor().post('/logga-in/demo', { account: 'chef' });
  return signedIn.headers.get('set-cookie')?.split(';')[0] ?? '';
}

describe('once a second person has approved', () => {
  let path: string;
  /** Every sealed value that held the text. */
  const old: string[] = [];

  beforeAll(async () => {
    const { vault } = database().reads;
    for (const [table, rows] of Object.entries(await everyRow(database()))) {
      for (const column of Object.keys(sealedColumns[table as keyof typeof sealedColumns] ?? {})) {
        for (const row of rows) {
          const value = row[column] as string | null;
          if (value && /kanariesyster/i.test(vault.open(value))) old.push(value.slice(-60));
        }
      }
    }
    path = await propose();
    const given = await approval(chef, path);
    const answers = await Promise.all([chef, fk2].map((who) => who.post(`${path}/godkannande`, given)));
    // Two at once: one does it, the other reads that it is done.
    expect(answers.map(({ status }) => status).sort()).toEqual([303, 409]);
  });

  test('the text is in no row, no file and no data', async () => {
    expect(old.length).toBeGreaterThan(15);
    expect(await standsIn(secret)).toEqual([]);
    expect(await standsIn('kanariesyster')).toEqual([]);
  });

  test.runIf(kind === 'sqlite')('nor are its sealed bytes in any page of the file or its journal', async () => {
    const bytes = await storedBytes(app);
    expect(old.filter((value) => bytes.includes(value))).toEqual([]);
  });

  test('pages say in its place that text was removed, and what was beside it stands', async () => {
    for (const at of [request, meeting, `${meeting}/protokoll`, `${about()}/plan`]) {
      const html = await page(fk, at);
      expect(html, at).not.toMatch(/kanariesyster|[\uE000\uE001]/i);
      expect(html, at).toContain(shownMark);
    }
    expect(await page(fk, `${meeting}/protokoll`)).toContain(t('corr.correctedOn', { date: '25 november 2026' }));
    expect(await page(fk, request)).toContain(`Nästa steg. <em class="removed">${shownMark}</em>.`);
    expect(await page(fk, `${about()}/plan`)).toContain('Ordna en stol.');
  });

  test('the document is the one that was filed: same hash, no salt, a file made anew', async () => {
    const corrected = await content();
    expect(verifyChain([corrected]) || corrected.document.position > 1).toBe(true);
    expect((await verifyInstallation(database())).faults).toEqual([]);
    const proof = corrected.sections['texts.canDo'];
    expect(proof).toMatchObject({ salt: null, removed: { correction: path.split('/').at(-1), on: '2026-11-25' } });
    expect(corrected.sections['individual.name']?.salt).not.toBe(null);
    const pdf = Buffer.from(await (await fk.get(`${meeting}/protokoll.pdf`)).arrayBuffer());
    expect(JSON.parse(readAttachment(pdf) ?? '')).toEqual(corrected);
    const row = await database()
      .reads.db.selectFrom('correction')
      .selectAll()
      .where('state', '=', 'approved')
      .executeTakeFirstOrThrow();
    const anew = await printMinutes(corrected, app.house.texts.t, row.decided_at ?? '');
    expect(pdf.equals(Buffer.from(anew))).toBe(true);
    const { text } = await extractText(new Uint8Array(pdf), { mergePages: true });
    expect(text).not.toMatch(/kanariesyster/i);
    expect(text).toContain(shownMark);
    expect(text).toMatch(/Rättad\s+25 november 2026/);
  });

  test('a released copy is corrected as the document is, and who got it is told neutrally', async () => {
    const { db, vault } = database().reads;
    const [row] = await db
      .selectFrom('release')
      .selectAll()
      .where('meeting_id', '=', meetingId())
      .orderBy('id')
      .execute();
    const copy = JSON.parse(vault.open(row?.content ?? '')) as Sealed<Copy>;
    expect(copy.texts.canDo).toMatch(/^\uE000removed 2026-11-25\uE001$/);
    const pdf = Buffer.from(vault.open(row?.pdf ?? ''), 'base64');
    expect(JSON.parse(readAttachment(pdf) ?? '')).toEqual(copy);
    const { text } = await extractText(new Uint8Array(pdf), { mergePages: true });
    expect(text).toContain(shownMark);
    expect(text).toMatch(/Rättad\s+25 november 2026/);
    await deliver();
    for (const to of ['pv@utomstaende.example', 'soc@utomstaende.example']) {
      const told = (await mails()).filter((mail) => mail.to === to && mail.subject === t('mail.corrected.subject'));
      expect(told, to).toHaveLength(1);
      expect(told[0]?.text).not.toMatch(/avst.mning|sjuk|namn|http|2026\//i);
    }
    expect(await page(fk, path)).toContain(t('corr.told'));
  });

  test('the correction keeps the fact, its reason and its people, and nothing of the text', async () => {
    const row = await database()
      .reads.db.selectFrom('correction')
      .selectAll()
      .where('state', '=', 'approved')
      .executeTakeFirstOrThrow();
    expect(row).toMatchObject({ wanted: null, kind: 'wrong_person', case_id: caseId });
    expect(JSON.parse(row.places ?? '')).toContainEqual({ holder: 'document', field: 'canDo' });
    const html = await page(fk, path);
    expect(html).toContain(proposal.reason);
    expect(html).not.toContain('/godkannande');
    expect(await page(fk, about())).toContain(path);
  });

  test('the person reads that, when and by which unit, and not what', async () => {
    const individ = await app.signIn('individ');
    const html = await page(individ, about());
    expect(html).toContain('Rättat 25 november 2026');
    expect(html).not.toContain(path);
    expect(html).not.toContain(proposal.reason);
    expect((await individ.get(path)).status).toBe(404);
  });

  describe('what is done by hand is found', () => {
    const faults = async () => (await verifyInstallation(database())).faults.map(({ code }) => code).sort();
    let row: Tables['document'];
    const set = (change: Partial<Tables['document']>) =>
      database().transaction(async (w) => {
        await w.db
          .updateTable('document')
          .set(change as object)
          .where('id', '=', row.id)
          .execute();
      });
    beforeAll(async () => {
      row = await database()
        .reads.db.selectFrom('document')
        .selectAll()
        .where('meeting_id', '=', meetingId())
        .executeTakeFirstOrThrow();
    });

    test('another text where the mark stood', async () => {
      const corrected = await content();
      const forged = { ...corrected, texts: { ...corrected.texts, canDo: 'Allt' } };
      await set({ content: database().reads.vault.seal(JSON.stringify(forged)) });
      expect(await faults()).toEqual(['file', 'text']);
      await set({ content: row.content });
    });

    test('a mark of another correction', async () => {
      const corrected = await content();
      const proof = corrected.sections['texts.canDo'];
      if (proof?.salt !== null) throw new Error('no removal');
      const other = { ...proof, removed: { ...proof.removed, correction: 'another' } };
      const forged = { ...corrected, sections: { ...corrected.sections, 'texts.canDo': other } };
      await set({ content: database().reads.vault.seal(JSON.stringify(forged)) });
      expect(await faults()).toEqual(['file', 'removal', 'seal']);
      await set({ content: row.content });
    });

    test('a correction that was never approved', async () => {
      const state = (code: string) =>
        database().transaction(async (w) => {
          await w.db
            .updateTable('correction')
            .set({ state: code })
            .where('id', '=', path.split('/').at(-1) ?? '')
            .execute();
        });
      await state('rejected');
      // The document and its two copies.
      expect(await faults()).toEqual(['removal', 'removal', 'removal']);
      await state('approved');
      expect(await faults()).toEqual([]);
    });
  });
});

describe('a draft', () => {
  test('loses whole texts with their copies, and its open pages cannot put them back', async () => {
    const { request: other } = await send({
      individualName: 'Bo Ek',
      individualNumber: '20181231-2385',
      tried: 'Lång text som kopieras hit och dit.',
    });
    const at = await post(fk, `${other}/beslut`, {
      decision: 'confirm',
      kind: 'reconciliation',
      purpose: 'Nästa steg.',
    });
    await post(fk, `${at}/deltagare`, { party: 'FK', name: 'Handläggaren' });
    await post(fk, `${at}/deltagare`, { party: 'PV', name: 'Läkaren' });
    await post(fk, `${at}/tid`, { startsAt: '2027-03-04T09:00', durationMinutes: '60', placeKind: 'office' });
    await post(fk, `${at}/hallet`, {});
    const typed = { canDo: 'Se: Lång text som kopieras hit och dit. Sitta.', 'version-canDo': '0' };
    await post(fk, `${at}/protokoll`, typed);
    const opened = await page(fk, `${at}/protokoll`);
    const where = `/arenden/${/\/arenden\/([0-9a-f-]{36})/.exec(await page(fk, at))?.[1]}/rattelse`;
    const form = parseForm(await page(fk, where), where);
    const places = form.fields.get('places')?.choices?.filter((key) => key.endsWith('/tried')) ?? [];
    expect(places).toHaveLength(1);
    const path = await post(fk, where, { kind: 'too_much_health', places, passage: '', reason: 'Behövs inte.' });
    await post(chef, `${path}/godkannande`, await approval(chef, path));
    expect(await standsIn('Lång text som kopieras')).toEqual([]);
    const stale = fillForm(parseForm(opened, `${at}/protokoll`), { canDo: `${typed.canDo} Och stå.` });
    expect((await fk.post(`${at}/protokoll`, Object.fromEntries(stale))).status).toBe(409);
    // Saved again as it is shown, the mark is still a mark.
    const now_ = parseForm(await page(fk, `${at}/protokoll`), `${at}/protokoll`);
    expect(now_.fields.get('canDo')?.values).toEqual([`Se: ${shownMark} Sitta.`]);
    await post(fk, `${at}/protokoll`, Object.fromEntries(fillForm(now_, { canDo: `Se: ${shownMark} Sitta. Stå.` })));
    expect(await standsIn('\uE000removed 2026-11-25\uE001 Sitta. Stå.')).toEqual(['minutes_field.text']);
  });
});

describe('something went to the wrong receiver', () => {
  test('they are told neutrally, their link is dead, and who has no address is called', async () => {
    const { db } = database().reads;
    const id = meetingId();
    const one = await db
      .selectFrom('participant')
      .select('id')
      .where('meeting_id', '=', id)
      .where('party', '=', 'SOC')
      .executeTakeFirstOrThrow();
    const link = await linkOf('soc@utomstaende.example');
    expect((await guest.get(link)).status).toBe(200);
    const account = db.selectFrom('account').select('id').where('demo_key', '=', 'kommun');
    await database().transaction((w) =>
      w.db.updateTable('participant').set({ account_id: account }).where('id', '=', one.id).execute(),
    );
    const bound = await app.signIn('kommun');
    expect((await bound.get(`/mina-moten/${one.id}`)).status).toBe(200);
    const path = await propose({ kind: 'wrong_recipient', participant: one.id, sentOn: '2026-11-20', passage: '' });
    expect((await guest.get(link)).status).toBe(200);
    const copies = () =>
      db.selectFrom('release').select('state').where('meeting_id', '=', meetingId()).orderBy('id').execute();
    expect((await copies()).map(({ state }) => state)).toEqual(['made', 'made']);
    await post(fk2, `${path}/godkannande`, await approval(fk2, path));
    expect((await copies()).map(({ state }) => state)).toEqual(['made', 'recalled']);
    expect((await guest.get(link)).status).toBe(404);
    expect((await bound.get(`/mina-moten/${one.id}`)).status).toBe(404);
    const after = db.selectFrom('participant').select(['verified_at', 'account_id']).where('id', '=', one.id);
    expect(await after.executeTakeFirstOrThrow()).toEqual({ verified_at: null, account_id: null });
    await deliver();
    const mail = (await mails()).findLast(({ to }) => to === 'soc@utomstaende.example');
    expect(mail?.subject).toBe(t('mail.wrongRecipient.subject'));
    expect(mail?.text).toContain('20 november 2026');
    expect(mail?.text).not.toMatch(/avst.mning|sjuk|namn|http|2026\//i);
    expect(await page(fk, path)).toContain(t('corr.told'));

    const person = await db
      .selectFrom('participant')
      .select('id')
      .where('meeting_id', '=', id)
      .where('party', '=', 'FK')
      .executeTakeFirstOrThrow();
    await database().transaction(async (w) => {
      const nameless = { name: 'Utan adress', title: '', organisation: '', email: '', phone: '' };
      await w.db
        .updateTable('participant')
        .set({ person: w.vault.seal(JSON.stringify(nameless)) })
        .where('id', '=', person.id)
        .execute();
    });
    const second = await propose({
      kind: 'wrong_recipient',
      participant: person.id,
      sentOn: '2026-11-20',
      passage: '',
    });
    await post(fk2, `${second}/godkannande`, await approval(fk2, second));
    const html = await page(fk, second);
    expect(html).toContain(t('corr.told.not'));
    const call = Object.fromEntries(fillForm(parseForm(html, `${second}/samtal`)));
    await post(fk, `${second}/samtal`, call);
    await post(fk, `${second}/samtal`, call, 422);
    expect(await page(fk, second)).not.toContain(t('corr.told.not'));
  });
});

describe('a request that ends otherwise', () => {
  const stateOf = async (path: string) =>
    (
      await database()
        .reads.db.selectFrom('request')
        .selectAll()
        .where('id', '=', path.split('/')[2] ?? '')
        .executeTakeFirstOrThrow()
    ).state;

  test('is misfiled by an officer and a manager, whichever is first', async () => {
    for (const [first, second] of [
      [fk, chef],
      [chef, fk],
    ] as const) {
      const one = await send();
      await page(first, `${one.request}/felregistrerad`);
      await post(first, `${one.request}/felregistrerad`, { reason: '' }, 422);
      await post(first, `${one.request}/felregistrerad`, { reason: 'Hör till en annan myndighet.' });
      expect(await stateOf(one.request)).toBe('received');
      await post(first, `${one.request}/felregistrerad`, { reason: 'Igen.' }, 422);
      if (first === fk) await post(fk2, `${one.request}/felregistrerad`, { reason: 'Jag med.' }, 422);
      expect(await stateOf(one.request)).toBe('received');
      expect(await page(second, `${one.request}/felregistrerad`)).toContain('/rattelser/');
      await post(second, `${one.request}/felregistrerad`, { reason: 'Stämmer.' });
      expect(await stateOf(one.request)).toBe('misfiled');
      const told = await page(guest, one.receipt);
      expect(told).toContain(t('status.misfiled'));
      expect(told).not.toContain('myndighet.');
      await post(fk, `${one.request}/beslut`, { decision: 'confirm', kind: 'reconciliation', purpose: 'x' }, 409);
      await post(second, `${one.request}/felregistrerad`, { reason: 'Igen.' }, 422);
    }
  });

  test('is misfiled on the page of the correction too, and rejected there', async () => {
    const one = await send();
    await post(fk, `${one.request}/felregistrerad`, { reason: 'Fel.' });
    const path = /\/rattelser\/[0-9a-f-]{36}/.exec(await page(chef, '/inkorg'))?.[0] ?? '';
    expect(await page(fk2, path)).toContain(t('corr.needsOther'));
    await post(chef, `${path}/avslag`, { answer: 'Den är vår.' });
    expect(await stateOf(one.request)).toBe('received');
    await post(fk, `${one.request}/felregistrerad`, { reason: 'Fel.' });
    const again = /\/rattelser\/[0-9a-f-]{36}/.exec(await page(chef, '/inkorg'))?.[0] ?? '';
    await post(chef, `${again}/godkannande`, await approval(chef, again));
    expect(await stateOf(one.request)).toBe('misfiled');
  });

  test('is merged into another of the same person, and its requester learns nothing of it', async () => {
    const [one, other, stranger] = [
      await send(),
      await send({ requesterName: 'Hemlig Person', requesterRole: 'FACK' }),
      await send({ individualName: 'Någon Annan', individualNumber: '20181231-2385' }),
    ];
    const into = (path: string) => path.split('/')[2] ?? '';
    const html = await page(fk, one.request);
    expect(html).toContain(`${one.request}/sammanslagning/${into(other.request)}`);
    const ask = await page(fk, `${one.request}/sammanslagning/${into(other.request)}`);
    const form = parseForm(ask, `${one.request}/sammanslagning`);
    for (const wrong of [into(stranger.request), into(one.request), 'finnsinte', '']) {
      validateHtml(await post(fk, form.action, { into: wrong }, 422), 'merge');
    }
    await post(await app.signIn('koordinator'), form.action, { into: into(other.request) }, 404);
    expect(await stateOf(one.request)).toBe('received');
    await post(fk, form.action, Object.fromEntries(fillForm(form)));
    expect(await stateOf(one.request)).toBe('merged');
    expect(await stateOf(other.request)).toBe('received');
    await post(fk, form.action, { into: into(other.request) }, 422);
    await post(fk, `${other.request}/sammanslagning`, { into: into(one.request) }, 422);

    const told = await page(guest, one.receipt);
    expect(told).toContain(t('status.handled'));
    expect(told).not.toMatch(/Hemlig Person|slagen|FACK/);
    // As after any other answer that was not disclosed.
    await post(guest, `${one.receipt}/aterkallelse`, { reason: 'Ångrar mig.' });
    await page(guest, one.receipt);
    await post(fk, `${other.request}/beslut`, { decision: 'decline', reasonCode: 'other', instead: 'Ring.' });
    expect(withoutOwn(await page(guest, other.receipt))).toBe(withoutOwn(await page(guest, one.receipt)));
  });
});

/** A receipt without what is its own: reference, link. */
const withoutOwn = (html: string): string =>
  html
    .replaceAll(/[2-9A-Z]{4}-[2-9A-Z]{4}/g, '')
    .replaceAll(/kvitto\/[\w-]+/g, '')
    .replaceAll(/<div class="message-box message-box--success.*?<\/div>\s*<\/div>/gs, '');
