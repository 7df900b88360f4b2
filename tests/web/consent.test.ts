import { extractText } from 'unpdf';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../../src/kernel/ids.ts';
import { goodRequest, openTestApp, type TestApp } from '../support/app.ts';
import { parseForm, validateHtml } from '../support/html.ts';

/** The person's own pages: what each party may know, what has been given, and what they must be told before they come. */

type Visitor = ReturnType<TestApp['visitor']>;
let test: TestApp;
let fk: Visitor;
let maja: Visitor;
let caseId: string;
/** Party code → id, in Maja's case. */
const parties: Record<string, string> = {};

const db = () => test.house.engine.database.reads.db;
const accountId = async (key: string) =>
  (await db().selectFrom('account').select('id').where('demo_key', '=', key).executeTakeFirstOrThrow()).id;
const consents = () => `/arenden/${caseId}/samtycken`;
const pageOf = async (visitor: Visitor, path: string) => {
  const response = await visitor.get(path);
  expect(response.status, path).toBe(200);
  const html = await response.text();
  await validateHtml(html, path);
  return html;
};
const last = (partyId = parties.REKO ?? '') =>
  db()
    .selectFrom('consent')
    .selectAll()
    .where('case_party_id', '=', partyId)
    .orderBy('id', 'desc')
    .executeTakeFirstOrThrow();

beforeAll(async () => {
  test = await openTestApp();
  [fk, maja] = [await test.signIn('fk'), await test.signIn('individ')];
  const own = await db()
    .selectFrom('case_file')
    .select('id')
    .where('individual_account_id', '=', await accountId('individ'))
    .executeTakeFirstOrThrow();
  caseId = own.id;
  for (const { id, party } of await db().selectFrom('case_party').selectAll().where('case_id', '=', caseId).execute())
    parties[party] = id;
});
afterAll(() => test.close());

describe('the person', () => {
  it('sees what each party may know, what it was given, and is asked nothing beforehand', async () => {
    const html = await pageOf(maja, consents());
    expect(html).toContain('Granvik Träförädling AB');
    expect(html).toContain('Inget om vilken vård jag får.');
    expect(html).toContain('/utlamnat/');
    const fresh = parseForm(await pageOf(maja, `${consents()}?party=REKO`), consents());
    expect(fresh.fields.get('kinds')?.values).toEqual([]);
    expect(fresh.fields.get('until')?.values[0]).toMatch(/^\d{4}-\d\d-\d\d$/);
    // Health was said yes to before, and is still not filled in.
    expect(parseForm(await pageOf(maja, `${consents()}?party=PV`), consents()).fields.get('kinds')?.values).toEqual([
      'contact',
      'work',
      'measures',
    ]);
  });

  it('gives, limits, renews and takes back, and every step stands', async () => {
    const give = (kinds: string[], until: string) => maja.post(consents(), { party: 'REKO', kinds, until });
    const inDays = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
    const acts: string[] = [];
    for (const [kinds, days] of [
      [['work', 'health'], 30],
      [['work'], 30],
      [['work'], 60],
    ] as const) {
      expect((await give([...kinds], inDays(days))).status).toBe(303);
      acts.push((await last()).act);
    }
    const held = await last();
    expect(held).toMatchObject({ how: 'signed_in', note: null });
    expect(await pageOf(maja, `${consents()}/${held.id}/aterkallelse`)).toContain('kan vi inte ta tillbaka');
    expect((await maja.post(`${consents()}/${held.id}/aterkallelse`, {})).status).toBe(303);
    acts.push((await last()).act);
    expect(acts).toEqual(['give', 'limit', 'renew', 'withdraw']);
    expect(await pageOf(maja, consents())).toContain('togs tillbaka');
    // What is over is not taken back once more.
    const again = await maja.post(`${consents()}/${held.id}/aterkallelse`, {});
    expect(again.status).toBe(409);
    await validateHtml(await again.text(), 'taken back twice');
  });

  it.each<[string, Record<string, string | string[]>, string]>([
    ['nothing', { party: 'REKO' }, 'Välj minst en sak'],
    ['a day that has been', { party: 'REKO', kinds: 'work', until: '2020-01-01' }, 'har redan varit'],
    ['more than a year', { party: 'REKO', kinds: 'work', until: '2099-01-01' }, 'högst ett år'],
    ['no day', { party: 'REKO', kinds: 'work', until: '' }, 'Fyll i'],
    ['a party that is none', { party: 'AF', kinds: 'work' }, 'Välj en part'],
    ['everything, by a word of its own', { party: 'REKO', kinds: 'all' }, 'Välj ett av alternativen'],
  ])('is told why not, and loses nothing: %s', async (_name, fields, words) => {
    const before = (await last()).id;
    const response = await maja.post(consents(), { ...fields, exclusions: 'Inget om lönen' });
    expect(response.status).toBe(422);
    const html = await response.text();
    await validateHtml(html, 'a refused consent');
    expect(html).toContain(words);
    if (fields.party === 'REKO') expect(html).toContain('Inget om lönen');
    expect((await last()).id).toBe(before);
  });

  it('is not spoken for by an officer without saying how', async () => {
    const noted = (fields: Record<string, string>) => fk.post(consents(), { party: 'REKO', kinds: 'work', ...fields });
    expect((await noted({})).status).toBe(422);
    expect((await noted({ how: 'representative' })).status).toBe(422);
    for (const [how, kept] of [
      ['oral', 'oral'],
      ['written', 'written'],
      ['På telefon i går', 'oral'],
    ] as const) {
      expect((await noted({ how })).status).toBe(303);
      expect((await last()).how).toBe(kept);
    }
    expect((await fk.post(`${consents()}/${(await last()).id}/aterkallelse`, {})).status).toBe(422);
  });

  it('can be spoken for by who represents them, whose basis stands beside', async () => {
    const [account, individual, officer] = [
      await accountId('kommun'),
      await accountId('individ'),
      await accountId('fk'),
    ];
    const now = test.house.engine.clock.now();
    await test.house.engine.database.transaction((w) =>
      w.db
        .insertInto('representation')
        .values({
          ...{
            id: newId(now),
            account_id: account,
            individual_account_id: individual,
            basis: 'special_representative',
          },
          ...{ how: w.vault.seal('x'), first_day: '2026-01-01', last_day: null, created_at: now, created_by: officer },
        })
        .execute(),
    );
    const guardian = await test.signIn('kommun');
    expect((await guardian.post(consents(), { party: 'REKO', kinds: 'work' })).status).toBe(303);
    expect((await last()).how).toBe('representative');
    expect(await pageOf(maja, consents())).toContain('God man');
  });
});

describe('the information of SFB 110:53 and 58', () => {
  let meeting: string;
  const information = () => `/moten/${meeting}/information`;

  beforeAll(async () => {
    await test.visitor().post('/begaran', { ...goodRequest, individualNumber: '19970131-2390' });
    const request = await db().selectFrom('request').select('id').orderBy('id', 'desc').executeTakeFirstOrThrow();
    const decided = await fk.post(`/begaran/${request.id}/beslut`, {
      ...{ decision: 'confirm', kind: 'reconciliation', purpose: 'Nästa steg.' },
    });
    meeting = (decided.headers.get('location') ?? '').split('/').at(-1) ?? '';
  });

  it('is not there before an officer has adapted it', async () => {
    expect(await pageOf(maja, information())).not.toContain('Jag har läst');
    expect((await maja.post(`${information()}/last`, {})).status).toBe(422);
    const form = parseForm(await pageOf(fk, information()), information());
    expect(form.fields.get('text')?.values[0]).toContain('110 kap. 14, 52, 53 och 58 §§');
    expect(form.fields.get('applies')?.values).toEqual([]);
  });

  it('is given by who reads it and says so, never by the page being opened', async () => {
    const write = (fields: Record<string, string>) => fk.post(information(), fields);
    expect((await write({ text: 'Anpassad text.' })).status).toBe(422);
    expect((await write({ applies: 'yes', text: 'Anpassad text.' })).status).toBe(303);
    for (let i = 0; i < 2; i++) expect(await pageOf(maja, information())).toContain('Anpassad text.');
    const given = () =>
      db().selectFrom('notice_given').select(['how', 'day', 'at']).where('meeting_id', '=', meeting).execute();
    expect(await given()).toEqual([]);
    expect(await pageOf(fk, `/moten/${meeting}`)).toContain('Personen har inte bekräftat informationen');
    expect((await maja.post(`${information()}/last`, {})).status).toBe(303);
    expect(await given()).toMatchObject([{ how: 'signed_in' }]);
    expect(await pageOf(fk, `/moten/${meeting}`)).toContain('Läst efter inloggning');
    expect(await pageOf(maja, information())).not.toContain(
      '<button class="button button--primary" type="submit" aria-describedby',
    );
  });

  it('must be given anew when its words have changed, by letter or on the telephone too', async () => {
    await fk.post(information(), { applies: 'yes', text: 'Ännu en text.' });
    expect(await pageOf(fk, information())).toContain('Personen har inte bekräftat');
    const note = (fields: Record<string, string>) => fk.post(`${information()}/lamnad`, fields);
    expect((await note({ how: 'phone', day: '2999-01-01' })).status).toBe(422);
    expect((await note({ how: 'phone', day: '2026-01-08', note: 'Med tolk.' })).status).toBe(303);
    expect(await pageOf(fk, information())).toContain('Med tolk.');
  });

  it('stands in the letter to the person, and in no other', async () => {
    const people = await db()
      .selectFrom('participant')
      .select(['id', 'party'])
      .where('meeting_id', '=', meeting)
      .execute();
    const person = people.find(({ party }) => party === 'PERSON')?.id ?? '';
    const add = (fields: Record<string, string>) => fk.post(`/moten/${meeting}/deltagare`, fields);
    for (const party of ['FK', 'PV']) await add({ party, name: `${party} namn` });
    await fk.post(`/moten/${meeting}/samtal`, {
      how: 'På telefon.',
      goOnReason: 'Personen vill det.',
    });
    await fk.post(`/moten/${meeting}/tid`, { startsAt: '2099-03-03T09:00', durationMinutes: '60', placeKind: 'phone' });
    expect((await fk.post(`/moten/${meeting}/kallelse`, {})).status).toBe(303);
    const letter = async (id: string) => {
      const pdf = await (await fk.get(`/moten/${meeting}/deltagare/${id}/brev.pdf`)).arrayBuffer();
      return (await extractText(new Uint8Array(pdf), { mergePages: true })).text;
    };
    const other = await db()
      .selectFrom('participant')
      .select('id')
      .where('meeting_id', '=', meeting)
      .where('party', '=', 'PV')
      .executeTakeFirstOrThrow();
    expect(await letter(person)).toContain('Ännu en text.');
    expect(await letter(other.id)).not.toContain('Ännu en text.');
  });
});
