import { extractText } from 'unpdf';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { InformationKind } from '../../src/features/consent/rules.ts';
import { readAttachment } from '../../src/platform/pdf/attachment.ts';
import { verifyInstallation } from '../../src/verification.ts';
import { goodRequest, openTestApp, type TestApp } from '../support/app.ts';

/** From what the person says to what a party reads, through the pages: every kind has words of its own. */

const word = (name: string) => `Kanarie${name.replaceAll(/[-_]/g, '')}slut`;
/** Fields of the minutes with the kinds that must be allowed before a party is told of them. */
const needs: Record<string, InformationKind[]> = {
  planGoal: ['measures'],
  'question-part_time-said': ['work'],
  'question-part_time-agreed': ['work'],
  'question-measures-said': ['measures', 'health'],
  'question-measures-agreed': ['measures'],
  canDo: ['work'],
  cannotDo: ['work'],
  ownWords: ['work', 'measures', 'health', 'social'],
  notAgreed: ['work', 'measures', 'health', 'social'],
  takenAway: ['measures'],
  otherNeeded: ['measures'],
  followUpPurpose: ['measures'],
};
const measure = word('measure');
const others: Record<string, InformationKind[]> = { PV: ['contact', 'health'], SOC: ['contact', 'social'] };
const inPlan = ['planGoal', 'ownWords', 'otherNeeded', 'followUpPurpose'];
const written: Record<string, InformationKind[]> = { ...needs, ...others, measure: ['measures'] };

type Visitor = ReturnType<TestApp['visitor']>;
let test: TestApp;
let fk: Visitor;
let caseId: string;
let meeting: string;
const partyIds: Record<string, string> = {};
const exclusions = word('exclusions');

const db = () => test.house.engine.database.reads.db;
async function post(path: string, fields: Record<string, string | string[]>, status = 303): Promise<string> {
  const response = await fk.post(path, fields);
  if (response.status !== status) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return response.headers.get('location') ?? '';
}
const inDays = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);

beforeAll(async () => {
  test = await openTestApp();
  fk = await test.signIn('fk');
  await test.visitor().post('/begaran', { ...goodRequest, questions: ['part_time', 'measures'] });
  const request = await db().selectFrom('request').select('id').orderBy('id', 'desc').executeTakeFirstOrThrow();
  const confirm = { decision: 'confirm', kind: 'reconciliation', purpose: 'Nästa steg.' };
  meeting = (await post(`/begaran/${request.id}/beslut`, confirm)).split('/').at(-1) ?? '';
  for (const [party, name, organisation] of [
    ['PERSON', 'Tove Ask', ''],
    ['FK', 'Sara Lindqvist', ''],
    ['ARBG', 'Lena Dal', 'Verkstaden'],
    ['ARBG', word('otherEmployer'), 'Bageriet'],
    ['PV', word('PV'), 'Vårdcentralen'],
    ['SOC', word('SOC'), 'Kommunen'],
  ] as const) {
    const email = { email: `${party}.${organisation || 'x'}@utomstaende.example`.toLowerCase().replace('å', 'a') };
    await post(`/moten/${meeting}/deltagare`, {
      ...{ party, name, organisation, ...email, verified: 'on', verifiedHow: 'Ringde.' },
    });
  }
  const participants = await db()
    .selectFrom('participant')
    .select(['id', 'party', 'case_party_id'])
    .where('meeting_id', '=', meeting)
    .orderBy('id')
    .execute();
  for (const { party, case_party_id } of participants) partyIds[party] ??= case_party_id ?? '';
  const views = Object.fromEntries(participants.map(({ id }) => [`party-${id}`, 'yes']));
  await post(`/moten/${meeting}/samtal`, { how: 'På telefon.', ...views });
  await post(`/moten/${meeting}/tid`, { startsAt: `${inDays(30)}T09:00`, durationMinutes: '60', placeKind: 'phone' });
  await post(`/moten/${meeting}/kallelse`, {});
  await post(`/moten/${meeting}/hallet`, {});
  const fields = Object.keys(needs).flatMap((name) => [
    [name, word(name)],
    [`version-${name}`, '0'],
  ]);
  await post(`/moten/${meeting}/protokoll`, { ...Object.fromEntries(fields), followUpDate: inDays(60) });
  await post(`/moten/${meeting}/protokoll/atgarder`, { text: measure, carriedOutBy: 'ARBG' });
  await post(`/moten/${meeting}/protokoll/faststallande`, { reason: word('reason'), noFollowUpReason: '' });
  const row = await db().selectFrom('meeting').select('case_id').where('id', '=', meeting).executeTakeFirstOrThrow();
  caseId = row.case_id ?? '';
});
afterAll(() => test.close());

const consent = (kinds: string[], more: Record<string, string> = {}) =>
  post(`/arenden/${caseId}/samtycken`, { party: partyIds.ARBG ?? '', kinds, how: 'oral', ...more });
const release = (document: string, more: Record<string, string | string[]> = {}, status = 303) =>
  post(`/arenden/${caseId}/utlamnande`, { party: partyIds.ARBG ?? '', document, ...more }, status);

type State = 'no' | 'yes' | 'ground';
const kinds = ['contact', 'work', 'measures', 'health', 'social'] as const;
/** Every two states of every two kinds stand together in some row (an orthogonal array of nine and its mirror). */
const rows: State[][] = [
  ['no', 'no', 'no', 'no', 'no'],
  ['no', 'yes', 'yes', 'ground', 'yes'],
  ['no', 'ground', 'ground', 'yes', 'ground'],
  ['yes', 'no', 'yes', 'yes', 'ground'],
  ['yes', 'yes', 'ground', 'no', 'no'],
  ['yes', 'ground', 'no', 'ground', 'yes'],
  ['ground', 'no', 'ground', 'ground', 'yes'],
  ['ground', 'yes', 'no', 'yes', 'ground'],
  ['ground', 'ground', 'yes', 'no', 'no'],
  ['yes', 'yes', 'yes', 'yes', 'yes'],
  ['ground', 'ground', 'ground', 'ground', 'no'],
  ['no', 'yes', 'ground', 'yes', 'yes'],
];

describe('a copy holds exactly what is allowed, on its page, in its file and in its data', () => {
  it('every two kinds in every two states', () => {
    // Contact only names people, so social stands for the last column of the array.
    for (const [a, b] of [
      [0, 1],
      [0, 2],
      [0, 3],
      [1, 2],
      [1, 3],
      [2, 3],
      [0, 4],
    ] as const) {
      expect(new Set(rows.map((row) => `${row[a]} ${row[b]}`)).size, `${kinds[a]} and ${kinds[b]}`).toBe(9);
    }
  });

  it.each(rows.map((row) => [row.join(' '), row] as const))('%s', async (_name, row) => {
    const state = Object.fromEntries(kinds.map((kind, i) => [kind, row[i]])) as Record<InformationKind, State>;
    const said = kinds.filter((kind) => state[kind] === 'yes');
    if (said.length > 0) await consent(said, { exclusions });
    else await consent(['contact']).then(withdraw);
    const grounds = kinds
      .filter((kind) => state[kind] === 'ground')
      .flatMap((kind) => [
        [`ground-${kind}`, 'no_harm'],
        [`groundText-${kind}`, word('ground')],
      ]);
    for (const document of ['minutes', 'plan'] as const) {
      const known = document === 'minutes' ? Object.keys(written) : [...inPlan, 'measure'];
      const expected = known.filter((name) => written[name]?.every((kind) => state[kind] !== 'no')).sort();
      const fields = Object.fromEntries(grounds);
      if (!expected.some((name) => !(name in others))) {
        await release(document, fields, 422);
        continue;
      }
      const at = await release(document, fields);
      const pdf = Buffer.from(await (await fk.get(`${at}/exemplar.pdf`)).arrayBuffer());
      const json = await (await fk.get(`${at}/exemplar.json`)).text();
      const page = await (await fk.get(at)).text();
      const printed = (await extractText(new Uint8Array(pdf), { mergePages: true })).text;
      const sources = { json, printed, attached: readAttachment(pdf) ?? '', page };
      for (const [where, text] of Object.entries(sources)) {
        const found = Object.keys(written).filter((name) => text.includes(word(name)));
        expect(found.sort(), `${document}, ${where}`).toEqual(expected);
        for (const name of ['reason', 'exclusions']) expect(text, where).not.toContain(word(name));
        expect(text, where).not.toContain('20120129');
        expect(text, where).toContain('Tove Ask');
        if (where !== 'page') expect(text, where).not.toContain(word('ground'));
      }
      expect(JSON.parse(sources.attached)).toEqual(JSON.parse(json));
      // Sections are counted by the document itself, one after another.
      const numbers = [...printed.matchAll(/^(\d+) \p{Lu}/gmu)].map(([, number]) => Number(number));
      expect(numbers.slice(0, 2)).toEqual([1, 2].slice(0, numbers.length));
    }
  });
});

/** Takes back what was said last to the employer. */
async function withdraw(): Promise<void> {
  const { id } = await db()
    .selectFrom('consent')
    .select('id')
    .where('case_id', '=', caseId)
    .where('case_party_id', '=', partyIds.ARBG ?? '')
    .orderBy('id', 'desc')
    .executeTakeFirstOrThrow();
  await post(`/arenden/${caseId}/samtycken/${id}/aterkallelse`, { note: 'Sagt på telefon.' });
}

describe('who reads it', () => {
  let at: string;
  let employer: Visitor;
  beforeAll(async () => {
    const account = await db()
      .selectFrom('account')
      .select('id')
      .where('demo_key', '=', 'arbetsgivare')
      .executeTakeFirst();
    const bind = (case_party_id: string, account_id: string | null) =>
      test.house.engine.database.transaction((w) =>
        w.db.updateTable('participant').set({ account_id }).where('case_party_id', '=', case_party_id).execute(),
      );
    await bind(partyIds.ARBG ?? '', account?.id ?? null);
    employer = await test.signIn('arbetsgivare');
    await consent(['work', 'measures']);
    at = await release('minutes', { reservation: 'on' });
  });
  const part = (party: string, extension = 'json') =>
    `/moten/${meeting}/protokoll.${extension}?part=${partyIds[party]}`;

  it('the party that it is for, with the reservation on it, and no other', async () => {
    const page = await employer.get(at);
    expect(page.status).toBe(200);
    expect(await page.text()).toContain('Sprid det inte vidare');
    expect(await (await employer.get('/utlamnat')).text()).toContain(at);
    for (const path of [part('ARBG'), part('ARBG', 'pdf')]) expect((await employer.get(path)).status, path).toBe(200);
    const af = await test.signIn('af');
    for (const path of [at, `${at}/exemplar.pdf`, part('ARBG')]) expect((await af.get(path)).status, path).toBe(404);
    expect(await (await af.get('/utlamnat')).text()).not.toContain(at);
  });

  it('never the live case', async () => {
    const paths = [
      `/arenden/${caseId}`,
      `/moten/${meeting}`,
      `/moten/${meeting}/protokoll.pdf`,
      `/arenden/${caseId}/plan`,
    ];
    for (const path of [...paths, `/arenden/${caseId}/samtycken`, `/arenden/${caseId}/utlamnande`]) {
      expect((await employer.get(path)).status, path).toBe(404);
    }
  });

  it('is nobody where nothing was released', async () => {
    for (const visitor of [fk, employer]) expect((await visitor.get(part('PV'))).status).toBe(404);
    expect((await fk.get(`/moten/${meeting}/protokoll.json?part=ARBG`)).status).toBe(404);
  });

  it('still reads what was given after the yes is taken back, but gets no more', async () => {
    await withdraw();
    expect((await employer.get(at)).status).toBe(200);
    await release('minutes', {}, 422);
    const page = await (await fk.get(`/arenden/${caseId}/samtycken`)).text();
    expect(page).toContain('togs tillbaka');
    expect(page).toContain(at);
  });

  it('is nobody of the party once it is recalled; that it was made stays', async () => {
    await post(`${at}/aterkallelse`, { reason: word('why') });
    const page = await employer.get(at);
    const text = await page.text();
    expect(text).toContain('återkallade');
    expect(text).not.toMatch(/Kanarie/);
    for (const path of [`${at}/exemplar.pdf`, `${at}/exemplar.json`])
      expect((await employer.get(path)).status).toBe(404);
    expect(await (await fk.get(at)).text()).toContain(word('why'));
    expect((await fk.post(`${at}/aterkallelse`, { reason: 'Igen.' })).status).toBe(422);
    expect(await (await fk.get(`/arenden/${caseId}`)).text()).toContain('återkallad');
  });
});

it('what changed since it was looked at is not released', async () => {
  await consent(['work']);
  const proposal = await (await fk.get(`/arenden/${caseId}/utlamnande?party=${partyIds.ARBG}&document=minutes`)).text();
  const seen = /name="seen" value="(\w+)"/.exec(proposal)?.[1] ?? '';
  expect(seen).not.toBe('');
  await consent(['work', 'health']);
  await release('minutes', { seen }, 409);
});

it('a mail to each verified address says that there is something to read, and nothing else', async () => {
  const facts = await db()
    .selectFrom('outbox')
    .select(['kind', 'stream', 'dedupe_key'])
    .where('kind', '=', 'release.news')
    .execute();
  expect(facts.length).toBeGreaterThan(5);
  expect(JSON.stringify(facts)).not.toMatch(/@|Verkstaden|Tove/);
});

it('every copy is the one that was made, of the document it says', async () => {
  const { database } = test.house.engine;
  const verified = await verifyInstallation(database);
  expect(verified.rows.release).toBeGreaterThan(10);
  expect(verified.faults).toEqual([]);
  const [one, two] = await db().selectFrom('release').select(['id', 'content']).limit(2).execute();
  await database.transaction((w) =>
    w.db
      .updateTable('release')
      .set({ content: two?.content ?? '' })
      .where('id', '=', one?.id ?? '')
      .execute(),
  );
  const { faults } = await verifyInstallation(database);
  expect(faults.map(({ code, table }) => `${table} ${code}`)).toEqual(['release hash', 'release file']);
});
