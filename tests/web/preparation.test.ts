import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { simpleParser } from 'mailparser';
import { extractText } from 'unpdf';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { linkPath } from '../../src/kernel/links.ts';
import { addMinutes } from '../../src/kernel/time.ts';
import { verifyInstallation } from '../../src/verification.ts';
import { openTestApp, type TestApp } from '../support/app.ts';
import { parseForm, validateHtml } from '../support/html.ts';

/** What is said before a meeting, through the pages: who reads what, and where it never comes. One story, in order. */

type Visitor = ReturnType<TestApp['visitor']>;
type Fields = Record<string, string | string[]>;
let test: TestApp;
let fk: Visitor;
let self: Visitor;
let employer: Visitor;
let care: Visitor;
const stranger = () => test.visitor();
let meeting: string;
let caseId: string;
const ids: Record<string, string> = {};
const links: Record<string, string> = {};

const db = () => test.house.engine.database.reads.db;
const set = (
  change: (w: Parameters<Parameters<TestApp['house']['engine']['database']['transaction']>[0]>[0]) => Promise<unknown>,
) =>
  test.house.engine.database.transaction(async (w) => {
    await change(w);
  });
async function page(visitor: Visitor, path: string, status = 200): Promise<string> {
  const response = await visitor.get(path);
  const html = await response.text();
  expect(response.status, path).toBe(status);
  validateHtml(html, path);
  return html;
}
async function post(visitor: Visitor, path: string, fields: Fields, status = 303): Promise<string> {
  const response = await visitor.post(path, fields);
  const html = await response.text();
  expect(response.status, `${path} ${html}`).toBe(status);
  if (status !== 303) validateHtml(html, path);
  return html;
}
/** What a form of a page would send, with some of it changed. */
const filled = (html: string, action: string, change: Fields = {}): Fields => ({
  ...Object.fromEntries([...parseForm(html, action).fields].map(([name, { values }]) => [name, values])),
  ...change,
});
const at = (rest = '') => `/moten/${meeting}/${rest || 'forberedelse'}`;
const own = (party: string) => `/mina-moten/${ids[party]}`;
const canSee = async (visitor: Visitor, party: string, word: string) =>
  (await page(visitor, own(party))).includes(word);

beforeAll(async () => {
  test = await openTestApp();
  fk = await test.signIn('fk');
  const account = async (key: string) =>
    (await db().selectFrom('account').select('id').where('demo_key', '=', key).executeTakeFirstOrThrow()).id;
  const found = await db()
    .selectFrom('meeting')
    .select(['id', 'case_id'])
    .where('state', '=', 'scheduled')
    .executeTakeFirstOrThrow();
  [meeting, caseId] = [found.id, found.case_id ?? ''];
  for (const row of await db().selectFrom('participant').selectAll().where('meeting_id', '=', meeting).execute()) {
    ids[row.party] = row.id;
    links[row.party] = linkPath(test.house.config.linkKey, 'participant', row.id, row.link_generation);
  }
  const bound = { ARBG: await account('arbetsgivare'), PV: await account('af') };
  const individual_account_id = await account('individ');
  await set(async ({ db }) => {
    await db.updateTable('case_file').set({ individual_account_id }).where('id', '=', caseId).execute();
    for (const [party, account_id] of Object.entries(bound)) {
      const row = { account_id, sent_sequence: 0, view: 'yes' };
      await db
        .updateTable('participant')
        .set(row)
        .where('id', '=', ids[party] ?? '')
        .execute();
    }
  });
  [self, employer, care] = [await test.signIn('individ'), await test.signIn('arbetsgivare'), await test.signIn('af')];
});
afterAll(() => test.close());

describe('by link', () => {
  it('a participant sends a text, adds to it, and never reads it there', async () => {
    const link = links.ARBG ?? '';
    await post(stranger(), `${link}/forberedelse`, { text: 'Kanariett' });
    await post(stranger(), `${link}/forberedelse`, { text: 'Kanaritva' });
    for (const path of [link, `${link}/forberedelse`]) {
      const html = await page(stranger(), path);
      expect(html).toMatch(/Du har skickat in en text \d+ \w+ \d{4}\. Logga in för att läsa eller ändra den\./);
      expect(html).not.toContain('Kanari');
    }
    const officer = await page(fk, at());
    expect(officer).toContain('Kanariett');
    expect(officer).toContain('Kanaritva');
  });

  it.each<[string, Fields, kept: string, said: string]>([
    ['nothing', { text: ' ' }, '', 'Skriv något i minst ett av fälten'],
    ['too much', { text: `${'z'.repeat(600)}slut` }, 'zslut', '4 tecken för lång'],
    ['a personal number', { text: 'Det är 20120129-2388.' }, 'Det är 20120129-2388.', 'personnummer'],
  ])('%s is refused in place, with what was typed', async (_, fields, kept, said) => {
    const html = await post(stranger(), `${links.PV}/forberedelse`, fields, 422);
    expect(html).toContain(said);
    expect(html).toContain(kept);
  });

  it('the person writes in fields of their own, and no page of the link says what', async () => {
    const link = links.PERSON ?? '';
    const fields = { want: 'Kanariwant', wantAudience: 'all', notDiscuss: 'Kanarinot', notDiscussAudience: 'all' };
    await post(stranger(), `${link}/forberedelse`, fields);
    await post(stranger(), `${link}/forberedelse`, { canGet: 'Kanarichosen', canGetAudience: 'chosen' });
    for (const path of [link, `${link}/forberedelse`]) {
      const html = await page(stranger(), path);
      expect(html).toContain('Du har skickat in en text');
      expect(html).not.toMatch(/Kanari|Granvik Träförädling|Helena Brodin/);
    }
    // To choose whom takes signing in: until then it is nobody.
    expect(await canSee(employer, 'ARBG', 'Kanariwant')).toBe(true);
    for (const [visitor, party] of [
      [employer, 'ARBG'],
      [care, 'PV'],
    ] as const) {
      expect(await page(visitor, own(party))).not.toMatch(/Kanarinot|Kanarichosen/);
    }
    expect(await page(stranger(), links.ARBG ?? '')).not.toContain('Kanari');
  });

  it('nobody but the person asks for another way of meeting', async () => {
    await post(stranger(), `${links.ARBG}/anpassning`, { adaptation: 'x' }, 404);
  });
});

describe('signed in', () => {
  it('a party reads and changes its own text, from the page as it stands', async () => {
    const path = `${own('ARBG')}/forberedelse`;
    const html = await page(employer, path);
    expect(parseForm(html, path).fields.get('text')?.values).toEqual(['Kanariett\n\nKanaritva']);
    await post(employer, path, filled(html, path, { text: 'Kanaritre' }));
    expect(await page(fk, at())).not.toContain('Kanariett');
    const late = await post(employer, path, filled(html, path, { text: 'Kanarisen' }), 409);
    expect(late).toContain('Kanaritre');
    expect(parseForm(late, path).fields.get('text')?.values).toEqual(['Kanarisen']);
    await post(employer, path, filled(late, path));
    expect(await page(fk, at())).toContain('Kanarisen');
    expect((await care.get(path)).status).toBe(404);
  });

  it('the person sees it all, and says who may read each', async () => {
    const html = await page(self, at());
    for (const word of ['Kanariwant', 'Kanarinot', 'Kanarichosen', 'Vad mötet ska leda till']) {
      expect(html).toContain(word);
    }
    expect(html).not.toContain('Kanarisen');
    const change = { canGetAudience: 'chosen', canGetReaders: [ids.PV ?? ''], canManage: 'Kanarimanage 我可以' };
    await post(self, at(), filled(html, at(), change));
    expect(await canSee(care, 'PV', 'Kanarichosen')).toBe(true);
    expect(await canSee(employer, 'ARBG', 'Kanarichosen')).toBe(false);
    for (const [visitor, party] of [
      [employer, 'ARBG'],
      [care, 'PV'],
    ] as const) {
      const shown = await page(visitor, own(party));
      expect(shown).toContain('Kanariwant');
      expect(shown).not.toMatch(/Kanarimanage|Kanarinot/);
    }
    const refused = await post(self, at(), filled(await page(self, at()), at(), { wantAudience: 'chosen' }), 422);
    expect(refused).toContain('Vilka får läsa det?');
  });

  it('what is taken back, and whoever is told no or removed, is out at once', async () => {
    expect(await canSee(employer, 'ARBG', 'Kanariwant')).toBe(true);
    await post(self, at(), filled(await page(self, at()), at(), { wantAudience: 'officer' }));
    expect(await canSee(employer, 'ARBG', 'Kanariwant')).toBe(false);
    await post(self, at(), filled(await page(self, at()), at(), { wantAudience: 'all' }));
    const row = (change: { view?: string; removed_at?: string | null }) =>
      set(({ db }) =>
        db
          .updateTable('participant')
          .set(change)
          .where('id', '=', ids.PV ?? '')
          .execute(),
      );
    expect(await canSee(care, 'PV', 'Kanarichosen')).toBe(true);
    await row({ view: 'no' });
    expect(await page(care, own('PV'))).not.toContain('Kanari');
    await row({ view: 'yes', removed_at: '2026-01-01T00:00:00.000Z' });
    await page(care, own('PV'), 404);
    await row({ removed_at: null });
    expect(await canSee(care, 'PV', 'Kanarichosen')).toBe(true);
  });

  it('who represents the person answers for them; no colleague and no manager reads a word', async () => {
    const representative = await test.signIn('foretradare');
    expect(await page(representative, at())).toContain('Kanarinot');
    for (const account of ['fk2', 'chef']) {
      const visitor = await test.signIn(account);
      await page(visitor, at(), 403);
      const html = await page(visitor, `/moten/${meeting}`);
      expect(html).not.toContain('Kanari');
      expect(html).toContain('2 har skickat in något.');
    }
  });

  it('the officer notes what is said on the telephone beneath what stands, and edits nothing', async () => {
    const html = await page(fk, `${at()}?anteckna=text`);
    expect(parseForm(html, at()).fields.get('want')?.values).toEqual(['']);
    await post(fk, at(), filled(html, at(), { want: 'Kanarinoted' }), 422);
    await post(fk, at(), filled(html, at(), { want: 'Kanarinoted', via: 'phone' }));
    const shown = await page(self, at());
    expect(parseForm(shown, at()).fields.get('want')?.values).toEqual(['Kanariwant\n\nKanarinoted']);
    expect(parseForm(shown, at()).fields.get('wantAudience')?.values).toEqual(['all']);
    expect(await page(fk, at())).toMatch(/Kanarinoted[\s\S]*?på telefon[\s\S]*?Sara/);
  });

  it('a guided correction reaches it, and an old page does not put it back', async () => {
    const before = await page(self, at());
    const wrong = { kind: 'wrong_person', passage: 'Kanarimanage', reason: 'Gäller någon annan.' };
    const response = await fk.post(`/arenden/${caseId}/rattelse`, wrong);
    const path = response.headers.get('location') ?? '';
    const second = await test.signIn('fk2');
    await post(second, `${path}/godkannande`, filled(await page(second, path), `${path}/godkannande`));
    const html = await page(self, at());
    expect(html).not.toContain('Kanarimanage');
    expect(html).toContain('[Text borttagen');
    await post(self, at(), filled(before, at()), 409);
    expect(await page(self, at())).not.toContain('Kanarimanage');
    // What the page showed in words is a mark again when it comes back.
    await post(self, at(), filled(html, at(), { canGet: 'Kanarichosen igen' }));
    expect(await page(fk, at())).toContain('class="removed"');
    expect((await verifyInstallation(test.house.engine.database)).faults).toEqual([]);
  });
});

describe('another way of meeting', () => {
  it('is asked for, without an answer to the invitation, and waits where the officer looks', async () => {
    const answer = async () =>
      (
        await db()
          .selectFrom('participant')
          .select('answer')
          .where('id', '=', ids.PERSON ?? '')
          .executeTakeFirstOrThrow()
      ).answer;
    const stood = await answer();
    await post(stranger(), `${links.PERSON}/anpassning`, { adaptation: '' }, 422);
    await post(stranger(), `${links.PERSON}/anpassning`, { adaptation: 'Kanariadapt' });
    expect(await page(stranger(), links.PERSON ?? '')).not.toContain('Kanariadapt');
    expect(await answer()).toBe(stood);
    expect(await page(fk, '/inkorg')).toContain(`/moten/${meeting}/forberedelse`);
    for (const path of [`/moten/${meeting}`, `/moten/${meeting}/kallelse`, `/moten/${meeting}/hallet`]) {
      const html = await page(fk, path);
      expect(html, path).toContain('görs på ett annat sätt');
      expect(html, path).not.toContain('Kanariadapt');
    }
  });

  it('is answered, with a mail that says nothing, and read signed in', async () => {
    const html = await page(fk, at());
    const action = at('anpassning/svar');
    await post(fk, action, filled(html, action, { answer: '' }), 422);
    // Asked while the officer was writing: it waits for an answer of its own.
    await post(self, at('anpassning'), { adaptation: 'Kanarisecond' });
    await post(fk, action, filled(html, action, { answer: 'Kanarianswer' }));
    const shown = await page(self, at());
    expect(shown).toMatch(
      /Kanariadapt[\s\S]*Handläggarens svar[\s\S]*Kanarianswer[\s\S]*Kanarisecond[\s\S]*inte svarat än/,
    );
    const byLink = await page(stranger(), links.PERSON ?? '');
    expect(byLink).toMatch(/Handläggaren har svarat på det du bad om/);
    expect(byLink).not.toContain('Kanari');
    const officer = await page(fk, at());
    expect(officer).toContain('Kanarisecond');
    await post(fk, action, filled(officer, action, { answer: 'Kanarianswer två' }));
    expect(await page(fk, '/inkorg')).not.toContain(`/moten/${meeting}/forberedelse`);
    await post(fk, action, { answer: 'Igen' }, 422);
  });

  it('is noted by the officer for who telephones', async () => {
    await post(fk, at('anpassning'), { adaptation: 'Kanariphone' }, 422);
    await post(fk, at('anpassning'), { adaptation: 'Kanariphone', via: 'phone' });
    expect(await page(self, at())).toContain('Kanariphone');
  });
});

describe('what the officer means to bring', () => {
  const said = () => at('underlag/svar');
  const paperOf = async (title: string) => {
    const html = await page(fk, at());
    const fields = [...parseForm(html, at('underlag')).fields];
    const name = fields.find(([, { values }]) => values[0] === title)?.[0] ?? '';
    return name.replace('title-', 'paper-');
  };

  it('is listed, and the person says yes or no to each', async () => {
    await post(fk, at('underlag'), { title0: 'Kanariett intyg', title1: 'Kanaritva plan' });
    const byLink = await page(stranger(), links.PERSON ?? '');
    expect(byLink).toContain('Handläggaren vill ta med underlag');
    expect(byLink).not.toContain('Kanari');
    const [first, second] = [await paperOf('Kanariett intyg'), await paperOf('Kanaritva plan')];
    await post(self, said(), {}, 422);
    await post(self, said(), filled(await page(self, at()), said(), { [first]: 'yes', [second]: 'no' }));
    expect(await page(fk, at())).toMatch(/Kanaritva plan[\s\S]*?Personen har sagt nej. Ta inte med det./);
    expect(await page(fk, `/moten/${meeting}`)).toContain('Underlag: 1 ja, 1 nej, 0 utan svar.');
    for (const visitor of [employer, care]) {
      expect(await page(visitor, own(visitor === care ? 'PV' : 'ARBG'))).not.toMatch(/intyg|Kanaritva plan/);
    }
  });

  it('another title is asked about anew, and an answer to the old one does not count', async () => {
    const old = await page(self, at());
    const first = await paperOf('Kanariett intyg');
    const list = await page(fk, at());
    const name = first.replace('paper-', 'title-');
    await post(fk, at('underlag'), filled(list, at('underlag'), { [name]: 'Kanariett annat intyg' }));
    expect(await page(fk, `/moten/${meeting}`)).toContain('Underlag: 0 ja, 1 nej, 1 utan svar.');
    await post(self, said(), filled(old, said(), { [first]: 'yes' }), 409);
    await post(fk, at('underlag'), filled(list, at('underlag'), { [name]: 'Kanariett tredje' }), 409);
    // The person says it on the telephone.
    await post(fk, said(), { [first]: 'yes' }, 422);
    await post(fk, said(), { [first]: 'yes', via: 'phone' });
    const again = filled(await page(fk, at()), at('underlag'), { [await nameOf('Kanaritva plan')]: '' });
    await post(fk, at('underlag'), again);
    expect(await page(fk, `/moten/${meeting}`)).toContain('Underlag: 1 ja, 0 nej, 0 utan svar.');
  });
  const nameOf = async (title: string) => (await paperOf(title)).replace('paper-', 'title-');
});

describe('beside the minutes', () => {
  const minutes = () => `/moten/${meeting}/protokoll`;

  it('stands folded, what is for the officer in a fold of its own', async () => {
    await post(fk, at('hallet'), {});
    const html = await page(fk, minutes());
    const [, shared = '', alone = ''] =
      /<summary>Inför mötet([\s\S]*?)<summary>Bara för dig([\s\S]*?)<h2/.exec(html) ?? [];
    for (const word of ['Kanariwant', 'Kanarinoted', 'Kanariett annat intyg']) expect(shared).toContain(word);
    expect(shared).not.toMatch(/Kanarinot\b|Kanarichosen|Kanarisen|Kanariadapt/);
    for (const word of ['Kanarinot', 'Kanarichosen', 'Kanarisen', 'Kanariadapt', 'Kanarianswer'])
      expect(alone).toContain(word);
    expect(html.replace(shared, '').replace(alone, '')).not.toContain('Kanari');
    expect(html).not.toMatch(/<details[^>]* open[^>]*><summary>(Inför mötet|Bara för dig)/);
    // What is shared can still be taken back.
    await post(self, at(), filled(await page(self, at()), at(), { wantAudience: 'officer' }));
    expect(await canSee(employer, 'ARBG', 'Kanariwant')).toBe(false);
  });

  it('comes into no minutes, file or copy, and closes when they are final', async () => {
    await post(fk, minutes(), filled(await page(fk, minutes()), minutes(), { canDo: 'Sitta.' }));
    const lock = { reason: 'Alla hörde texten.', noFollowUpReason: 'Bokas sedan.' };
    await post(fk, `${minutes()}/faststallande`, lock);
    const json = await (await fk.get(`${minutes()}.json`)).text();
    expect(json).toContain('Sitta.');
    const pdf = await (await fk.get(`${minutes()}.pdf`)).arrayBuffer();
    const { text } = await extractText(new Uint8Array(pdf), { mergePages: true });
    expect(text).toContain('Sitta.');
    const copy = await page(fk, `/arenden/${caseId}/utlamnande?party=PV&document=minutes`);
    for (const bytes of [json, text, copy, await page(fk, minutes())]) expect(bytes).not.toContain('Kanari');
    expect(await page(employer, own('ARBG'))).not.toContain('Kanari');
    expect(await page(self, at())).toContain('Kanarinot');
    await post(self, at(), { want: 'För sent' }, 422);
    await post(employer, `${own('ARBG')}/forberedelse`, { text: 'För sent' }, 422);
    await post(stranger(), `${links.PV}/forberedelse`, { text: 'För sent' }, 422);
  });

  it('no mail has a word of it', async () => {
    test.setClock(addMinutes(test.house.engine.clock.now(), 1));
    await test.deliver();
    const folder = join(test.dataDir, 'mail');
    const mails = await Promise.all(readdirSync(folder).map((file) => simpleParser(readFileSync(join(folder, file)))));
    expect(mails.some(({ subject }) => subject?.startsWith('Det finns något nytt att läsa'))).toBe(true);
    for (const mail of mails) expect(`${mail.subject}${mail.text}${mail.html}`).not.toContain('Kanari');
  });
});
