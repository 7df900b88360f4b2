import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { simpleParser } from 'mailparser';
import { extractText } from 'unpdf';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { InformationKind } from '../../src/kernel/information.ts';
import { linkCode, linkPath } from '../../src/kernel/links.ts';
import { addMinutes } from '../../src/kernel/time.ts';
import type { Writes } from '../../src/platform/db/database.ts';
import { readAttachment } from '../../src/platform/pdf/attachment.ts';
import { verifyInstallation } from '../../src/verification.ts';
import { goodRequest, openTestApp, origin, type TestApp } from '../support/app.ts';
import { validateHtml } from '../support/html.ts';

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
  'taken-1-question': ['measures'],
  'question-work_training-level': ['work'],
  'assessment-body-obstacle': ['health'],
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

describe('with a mailed code', () => {
  let one: { id: string; path: string };
  let at: string;
  let others: string;
  const idIn = (path: string) => path.split('/').at(-1) ?? '';
  const linkOf = async (participant = one.id) => {
    const { link_generation } = await db()
      .selectFrom('participant')
      .select('link_generation')
      .where('id', '=', participant)
      .executeTakeFirstOrThrow();
    return linkPath(test.house.config.linkKey, 'participant', participant, link_generation);
  };
  const write = (work: (db: Writes['db']) => { execute(): Promise<unknown> }) =>
    test.house.engine.database.transaction((w) => work(w.db).execute());
  async function participantOf(party: string): Promise<string> {
    const of = db().selectFrom('participant').select('id').where('meeting_id', '=', meeting);
    return (await of.where('case_party_id', '=', partyIds[party] ?? '').executeTakeFirstOrThrow()).id;
  }
  const choose = (allow: 'yes' | 'no') =>
    post(`${one.path}/kod`, { allow, codeHow: allow === 'yes' ? 'Chefen har valt det.' : '' });

  /** Whoever has the link and has given the code that was mailed. */
  async function coded(link: string, participant = one.id): Promise<Visitor> {
    const visitor = test.visitor();
    await write((w) => w.deleteFrom('link_code'));
    expect((await visitor.post(`${link}/kod`, {})).status).toBe(303);
    const sent = db().selectFrom('link_code').select('id').where('participant_id', '=', participant);
    const code = linkCode(test.house.config.linkKey, (await sent.executeTakeFirstOrThrow()).id);
    expect((await visitor.post(`${link}/kod/svar`, { code })).status).toBe(303);
    return visitor;
  }
  const copyAt = (link: string, copy = idIn(at)) =>
    ['', '/exemplar.pdf', '/exemplar.json'].map((file) => `${link}/exemplar/${copy}${file}`);
  const allAt = (link: string) => [`${link}/exemplar`, ...copyAt(link)];
  /** What each path answers: its status, and for who is sent on, where to. */
  async function answers(visitor: Visitor, paths: string[]): Promise<string[]> {
    const all: string[] = [];
    for (const path of paths) {
      const response = await visitor.get(path);
      if (response.status !== 200) expect(await response.text()).not.toMatch(/Tove|Kanarie/);
      all.push(`${response.status} ${response.headers.get('location') ?? ''}`.trim());
    }
    return all;
  }
  const every = (answer: string, count = 4) => Array.from({ length: count }, () => answer);
  const says = async (visitor: Visitor, path: string) => {
    const page = await (await visitor.get(path)).text();
    validateHtml(page, path);
    return page;
  };
  const offered = 'Utlämnat till din organisation';

  beforeAll(async () => {
    const id = await participantOf('ARBG');
    one = { id, path: `/moten/${meeting}/deltagare/${id}` };
    await write((w) => w.updateTable('participant').set({ account_id: null }).where('id', '=', id));
    await choose('yes');
    await consent(['work', 'measures']);
    await post(`/arenden/${caseId}/samtycken`, { party: partyIds.PV ?? '', kinds: ['work', 'measures'], how: 'oral' });
    await write((w) => w.deleteFrom('outbox'));
    at = await release('minutes');
    others = await release('minutes', { party: partyIds.PV ?? '' });
  });

  it('leads whoever has no account there by mail, and the others to sign in', async () => {
    await test.deliver();
    const folder = join(test.dataDir, 'mail');
    const files = readdirSync(folder).filter((file) => file.endsWith('.eml'));
    const mails = await Promise.all(files.map((file) => simpleParser(readFileSync(join(folder, file)))));
    const led = Object.fromEntries(
      mails.map(({ to, text }) => [[to ?? []].flat().map((one) => one.text)[0], /http\S+/.exec(text ?? '')?.[0]]),
    );
    expect(led).toEqual({
      'arbg.verkstaden@utomstaende.example': origin + (await linkOf()),
      'pv.vardcentralen@utomstaende.example': `${origin}/utlamnat`,
    });
    const rows = await db().selectFrom('outbox').select('facts').execute();
    const token = idIn(await linkOf());
    for (const { facts } of rows) expect(test.house.engine.database.reads.vault.open(facts)).not.toContain(token);
  });

  it('its party reads its copies, newest first, and each look stands in the log', async () => {
    const link = await linkOf();
    const visitor = await coded(link);
    for (const path of [link, `${link}/kod`]) expect(await says(visitor, path)).toContain(`href="${link}/exemplar"`);
    const list = await says(visitor, `${link}/exemplar`);
    const made = await db()
      .selectFrom('release')
      .select('id')
      .where('case_party_id', '=', partyIds.ARBG ?? '')
      .where('state', '=', 'made')
      .orderBy('id', 'desc')
      .execute();
    const shown = [...list.matchAll(/exemplar\/([0-9a-f-]{36})"/g)].map(([, id = '']) => id);
    expect(shown).toEqual(made.map(({ id }) => id).slice(0, 25));
    expect(shown[0]).toBe(idIn(at));
    const [page = '', ...files] = copyAt(link);
    const copy = await says(visitor, page);
    expect(copy).toContain(word('canDo'));
    expect(copy).toContain(files.find((file) => file.endsWith('.pdf')));
    expect(copy).not.toMatch(/\/(utlamnat|arenden)/);
    expect(await answers(visitor, files)).toEqual(['200', '200']);
    const seen = await db().selectFrom('audit').selectAll().orderBy('id', 'desc').limit(4).execute();
    expect(seen.map(({ action, relation, case_id }) => `${action} ${relation} ${case_id}`)).toEqual([
      ...every(`release.read coded ${caseId}`, 3),
      `release.list coded ${caseId}`,
    ]);
  });

  it('nobody reads without the code, in another browser, or with the code for another link', async () => {
    const link = await linkOf();
    const visitor = await coded(link);
    // Before the code, the page leads to where it is given.
    const before = await says(test.visitor(), link);
    expect(before).toContain(offered);
    expect(before).not.toContain('/exemplar');
    for (const other of [test.visitor(), await test.signIn('af'), fk]) {
      expect(await answers(other, allAt(link))).toEqual(every(`303 ${link}/kod`));
    }
    const pv = await participantOf('PV');
    const another = await linkOf(pv);
    // This visitor sends its cookie everywhere.
    expect(await answers(visitor, allAt(another))).toEqual(every(`303 ${another}/kod`));
    expect(await answers(visitor, copyAt(link, idIn(others)))).toEqual(every('404', 3));
    // The other party has not chosen it.
    const unchosen = await coded(another, pv);
    expect(await answers(unchosen, [`${another}/exemplar`, ...copyAt(another, idIn(others))])).toEqual(every('404'));
    expect(await says(unchosen, another)).not.toContain(offered);
    const live = [`/arenden/${caseId}`, `/moten/${meeting}`, at, '/utlamnat'];
    expect(await answers(visitor, live)).toEqual(live.map((path) => `303 /logga-in?till=${path}`));
  });

  it('nobody reads when the half hour is over, the link has ended or been exchanged, or the participant is removed', async () => {
    const link = await linkOf();
    const visitor = await coded(link);
    const now = test.house.engine.clock.now();
    test.setClock(addMinutes(now, 29));
    expect(await answers(visitor, allAt(link))).toEqual(every('200'));
    test.setClock(addMinutes(now, 31));
    expect(await answers(visitor, allAt(link))).toEqual(every(`303 ${link}/kod`));
    test.setClock(addMinutes(now, 70 * 24 * 60));
    expect(await answers(visitor, allAt(link))).toEqual(every('404'));
    test.setClock(now);
    expect(await answers(visitor, allAt(link))).toEqual(every('200'));
    await post(`${one.path}/ny-lank`, {});
    expect(await answers(visitor, allAt(link))).toEqual(every('404'));
    const renewed = await linkOf();
    expect(await answers(visitor, allAt(renewed))).toEqual(every(`303 ${renewed}/kod`));
    const again = await coded(renewed);
    const removed = (removed_at: string | null) =>
      write((w) => w.updateTable('participant').set({ removed_at }).where('id', '=', one.id));
    await removed(now);
    expect(await answers(again, allAt(renewed))).toEqual(every('404'));
    await removed(null);
    expect(await answers(again, allAt(renewed))).toEqual(every('200'));
  });

  it('nobody reads when the choice is taken back, or the identity of the person is protected', async () => {
    const link = await linkOf();
    const visitor = await coded(link);
    await choose('no');
    expect(await answers(visitor, allAt(link))).toEqual(every('404'));
    expect(await says(visitor, link)).not.toContain(offered);
    await choose('yes');
    expect(await answers(visitor, allAt(link))).toEqual(every('200'));
    await post(`/arenden/${caseId}/skydd`, { protectedIdentity: 'on', reason: 'Hot.' });
    expect(await answers(visitor, allAt(link))).toEqual(every('404'));
    await post(`/arenden/${caseId}/skydd`, { reason: 'Upphört.' });
  });

  it('nobody reads what is recalled', async () => {
    const link = await linkOf();
    const visitor = await coded(link);
    await post(`${at}/aterkallelse`, { reason: word('why') });
    const [page = '', ...files] = copyAt(link);
    const text = await says(visitor, page);
    expect(text).toContain('återkallade kopian');
    expect(text).not.toMatch(/Kanarie|Tove/);
    expect(await answers(visitor, files)).toEqual(['404', '404']);
    expect(await says(visitor, `${link}/exemplar`)).not.toContain(idIn(at));
  });
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
