import { extractText } from 'unpdf';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { amend } from '../../src/features/approval/amendment/commands.ts';
import { approve, object } from '../../src/features/approval/commands.ts';
import { printCopy } from '../../src/features/consent/release/render.ts';
import { verifyChain } from '../../src/features/filing/document/rules.ts';
import { finaliseMinutes } from '../../src/features/minutes/commands.ts';
import { printMinutes } from '../../src/features/minutes/render.ts';
import type { User } from '../../src/kernel/access.ts';
import { readAttachment } from '../../src/platform/pdf/attachment.ts';
import { findSession } from '../../src/platform/web/session.ts';
import { verifyInstallation } from '../../src/verification.ts';
import { parseForm, validateHtml } from '../support/html.ts';
import { openReviewWorld, type ReviewWorld } from './review-world.ts';

/** Final minutes are worded anew: a document that refers to the old, told to whoever read it; and what comes at the same moment. */

let world: ReviewWorld;
let person: ReturnType<ReviewWorld['officer']>;
const followUp = { reason: '', noFollowUpReason: 'Bokas sedan.' };
const user = async (account: string): Promise<User> => {
  const signedIn = await world.test.app.request('http://localhost:3000/logga-in/demo', {
    ...{ method: 'POST', body: new URLSearchParams({ account }) },
    headers: { origin: 'http://localhost:3000', 'sec-fetch-site': 'same-origin' },
  });
  const cookie = signedIn.headers.get('set-cookie')?.split(';')[0]?.split('=')[1] ?? '';
  const { engine } = world.test.house;
  const session = await findSession(engine.database.reads, cookie, engine.clock.now());
  if (!session) throw new Error('no session');
  return session.user;
};
const caller = (actor: User) => ({ actor, reference: 'R' });
const rattelse = () => `${world.at}/rattelse`;
beforeAll(async () => {
  world = await openReviewWorld('2027-03-18T09:00:00.000Z');
  person = await world.test.signIn('individ');
});
afterAll(() => world.test.close());

describe('what comes at the same moment', () => {
  it('minutes go out once, whoever is first, and not while somebody writes', async () => {
    const both = await Promise.all(
      ['2027-04-01', '2027-04-02'].map((lastDay) => world.officer().post(`${world.at}/granskning`, { lastDay })),
    );
    expect(both.map(({ status }) => status).sort()).toEqual([303, 409]);
    const rows = await world.db.selectFrom('review').selectAll().execute();
    expect(rows).toHaveLength(1);
    const [patch] = await Promise.all([
      world.officer().patch(world.at, { field: 'canDo', text: 'Annat.', baseVersion: 1 }),
    ]);
    expect(patch.status).toBe(409);
  });

  it('an objection that comes while they are being locked is not locked over', async () => {
    for (const party of ['PERSON', 'ARBG', 'PV']) {
      const note = { participant: world.of(party), kind: 'approved', via: 'phone', day: '2027-03-18', how: 'Ringde.' };
      await world.post(`${world.at}/besked`, note);
    }
    const { engine, texts } = world.test.house;
    const [officer, self] = [await user('fk'), await user('individ')];
    let printed = 0;
    const locking = await finaliseMinutes(
      engine,
      caller(officer),
      world.meeting,
      () => ({ reason: '', noFollowUpReason: 'Bokas sedan.', next: 'reason' }),
      async (content, at) => {
        if (printed++ === 0) {
          const said = { kind: 'objected', section: 'ability', text: 'Det stämmer inte.', instead: '' } as const;
          expect((await object(engine, caller(self), world.meeting, said)).ok).toBe(true);
        }
        return printMinutes(content, texts.t, at);
      },
    );
    expect(locking).toEqual({ ok: false, code: 'unread_objections' });
    expect([printed, await world.state()]).toEqual([1, 'review']);
    const [objection] = (await world.review()).answers.filter(({ kind }) => kind === 'objected');
    expect((await person.post(`${world.at}/invandning/aterkallelse`, { objection: 'nonsense-id' })).status).toBe(422);
    expect((await person.post(`${world.at}/invandning/aterkallelse`, { objection: objection?.id ?? '' })).status).toBe(
      303,
    );
    expect(await approve(engine, caller(self), world.meeting, { section: '', seen: '' })).toMatchObject({ ok: true });
  });

  it('two who lock make one document', async () => {
    const both = await Promise.all([1, 2].map(() => world.officer().post(`${world.at}/faststallande`, followUp)));
    expect(both.map(({ status }) => status).sort()).toEqual([303, 409]);
    const [content, ...more] = await world.contents();
    expect(more).toEqual([]);
    // Taken back, and then approved: nothing stands.
    expect(content?.objections).toBeUndefined();
    expect(content?.participants.find(({ party }) => party === 'PERSON')?.answer?.state).toBe('approved');
    expect((await person.post(`${world.at}/godkannande`, {})).status).toBe(409);
  });
});

describe('an amendment', () => {
  const form = async () => {
    const { fields } = parseForm(await world.page(world.officer(), rattelse()), rattelse());
    return Object.fromEntries([...fields].map(([name, { values }]) => [name, values]));
  };

  it('is for the case’s officer alone', async () => {
    for (const [account, status] of Object.entries({
      fk2: 403,
      chef: 403,
      individ: 404,
      arbetsgivare: 404,
      registrator: 404,
      admin: 404,
    })) {
      const visitor = await world.test.signIn(account);
      expect([account, (await visitor.get(rattelse())).status]).toEqual([account, status]);
      expect((await visitor.post(rattelse(), { reason: 'x' })).status, account).toBe(status);
    }
  });

  it('needs a reason and something that is another, and is looked at first', async () => {
    const fields = await form();
    const [chair] = await world.measureIds();
    const post = (change: Record<string, string>) => world.officer().post(rattelse(), { ...fields, ...change });
    for (const step of ['', 'preview']) {
      expect((await post({ step, canDo: 'Stå.' })).status, 'no reason').toBe(422);
      expect((await post({ step, reason: 'Fel.' })).status, 'nothing is another').toBe(422);
      expect(
        (await post({ step, reason: 'Fel.', [`measure-${chair}-text`]: '' })).status,
        'a measure without words',
      ).toBe(422);
      expect((await post({ step, reason: 'Fel.', canDo: 'Stå.', was: 'another' })).status, 'another wording').toBe(409);
    }
    const preview = await post({
      step: 'preview',
      reason: 'Fel tid.',
      canDo: 'Sitta två timmar.',
      [`measure-${chair}-due`]: '2027-05-09',
    });
    const html = await preview.text();
    validateHtml(html, 'the difference');
    expect(preview.status).toBe(200);
    for (const word of ['Sitta en timme.', 'Sitta två timmar.', '1 maj 2027', '9 maj 2027', 'Fel tid.'])
      expect(html).toContain(word);
    expect(html).not.toContain('Värk i ryggen.</dd>');
    expect((await post({ step: 'edit', reason: 'Fel tid.', canDo: 'Sitta två timmar.' })).status).toBe(200);
    expect(await world.contents()).toHaveLength(1);
  });

  it('is a document that refers to the one before, and makes the next version of the plan', async () => {
    await world.post(`/arenden/${world.caseId}/utlamnande`, {
      ...{ party: world.partyOf('ARBG'), document: 'minutes', leaveOut: 'texts.followUpDate' },
    });
    await world.mails();
    // All at once or nothing: when a copy cannot be made, there is no amendment.
    const { engine, texts } = world.test.house;
    const edit = { fields: new Map([['canDo', 'Stå.']]), measures: [], removed: [], reason: 'Fel.', was: '' };
    const failing = amend(engine, caller(await user('fk')), world.meeting, () => edit, {
      document: (content, at) => printMinutes(content, texts.t, at),
      copy: () => Promise.reject(new Error('no paper')),
    });
    await expect(failing).rejects.toThrow('no paper');
    expect(await world.contents()).toHaveLength(1);
    const fields = await form();
    const [chair] = await world.measureIds();
    const added = {
      'measure-new0-text': 'Ring i maj',
      'measure-new0-carriedOutBy': 'FK',
      'measure-new0-due': '2027-05-20',
    };
    const change = { reason: 'Fel tid.', canDo: 'Sitta två timmar.', [`measure-${chair}-due`]: '2027-05-09', ...added };
    await world.post(rattelse(), { ...fields, ...change });
    const [first, second] = await world.contents();
    expect(second?.document).toMatchObject({
      kind: 'amendment',
      amends: first?.document.number,
      reason: 'Fel tid.',
      position: 2,
    });
    expect(first?.texts.canDo).toBe('Sitta en timme.');
    expect(second?.texts).toEqual({ ...first?.texts, canDo: 'Sitta två timmar.' });
    expect(second?.measures.map(({ number, text, due }) => ({ number, text, due }))).toEqual([
      { number: 1, text: 'Ordna en stol', due: '2027-05-09' },
      { number: 2, text: 'Ring i maj', due: '2027-05-20' },
    ]);
    expect(second?.measures[0]?.id).toBe(first?.measures[0]?.id);
    expect(verifyChain([first, second].filter((one) => one !== undefined))).toBe(true);
    const plan = JSON.parse(await (await world.officer().get(`/arenden/${world.caseId}/plan.json`)).text());
    expect(plan.document).toMatchObject({ version: 2, builtFrom: [{ number: second?.document.number }] });
    expect(plan.measures.map(({ text, due }: { text: string; due: string }) => [text, due])).toEqual([
      ['Ordna en stol', '2027-05-09'],
      ['Ring i maj', '2027-05-20'],
    ]);
    await world.page(world.officer(), `/arenden/${world.caseId}/plan`);
  });

  it('goes to those who got the minutes: by mail, and as a copy of the same parts', async () => {
    const mails = await world.mails();
    expect(mails.map((mail) => mail.to.split('@')[0]).sort()).toEqual(['lena', 'tove', 'vera']);
    for (const { text, subject } of mails) {
      for (const word of ['Tove', 'rätt', 'Sitta', 'Verkstaden']) expect(subject + text).not.toContain(word);
    }
    const copies = await world.db
      .selectFrom('release')
      .select(['content', 'document_id'])
      .where('meeting_id', '=', world.meeting)
      .orderBy('id')
      .execute();
    const [old, renewed] = copies.map(({ content }) => JSON.parse(world.database.reads.vault.open(content)));
    expect(copies).toHaveLength(2);
    expect([old.texts.canDo, renewed.texts.canDo]).toEqual(['Sitta en timme.', 'Sitta två timmar.']);
    expect(Object.keys(renewed.texts)).toEqual(Object.keys(old.texts));
    expect(renewed.texts.followUpDate).toBeUndefined();
    expect(renewed.measures).toHaveLength(2);
    // Both copies were logged as copies, the second one too.
    const logged = await world.db
      .selectFrom('audit')
      .select('id')
      .where('action', '=', 'release.make')
      .where('outcome', '=', 'done')
      .where('case_id', '=', world.caseId)
      .execute();
    expect(logged).toHaveLength(2);
  });

  it('leaves the text before to be read, marked; each wording has its own files', async () => {
    const latest = await world.page(person, world.at);
    expect(latest).toContain('Sitta två timmar.');
    const before = await world.page(person, `${world.at}?nr=1`);
    for (const page of [latest, before]) expect(page).toContain('Rättat 18 mars 2027. Skäl: Fel tid.');
    expect(before).toContain('Sitta en timme.');
    expect((await person.get(`${world.at}?nr=7`)).status).toBe(404);
    const [first, second] = await world.contents();
    for (const [query, content, word] of [
      ['?nr=1', first, 'Sitta en timme.'],
      ['', second, 'Fel tid.'],
    ] as const) {
      const pdf = new Uint8Array(await (await person.get(`${world.at}.pdf${query}`)).arrayBuffer());
      expect(JSON.parse(readAttachment(Buffer.from(pdf)) ?? '')).toEqual(content);
      expect((await extractText(pdf, { mergePages: true })).text.replaceAll(/\s+/g, ' ')).toContain(word);
      expect(await (await person.get(`${world.at}.json${query}`)).json()).toEqual(content);
    }
  });

  it('can be amended in its turn, one of two at a time', async () => {
    const fields = await form();
    const both = await Promise.all(
      ['Stå.', 'Ligga.'].map((canDo) => world.officer().post(rattelse(), { ...fields, reason: 'Igen.', canDo })),
    );
    expect(both.map(({ status }) => status).sort()).toEqual([303, 409]);
    const contents = await world.contents();
    expect(contents.map(({ document }) => document.amends ?? null)).toEqual([
      null,
      contents[0]?.document.number,
      contents[1]?.document.number,
    ]);
    expect(verifyChain(contents)).toBe(true);
    expect((await verifyInstallation(world.database)).faults).toEqual([]);
  });

  it('goes to no party that may not read it any more, and that party is told like the others', async () => {
    await world.post(`/arenden/${world.caseId}/utlamnande`, { party: world.partyOf('PV'), document: 'minutes' });
    const copies = () =>
      world.db.selectFrom('release').select('case_party_id').where('meeting_id', '=', world.meeting).execute();
    const before = await copies();
    const { id: consentId } = await world.db
      .selectFrom('consent')
      .select('id')
      .where('case_party_id', '=', world.partyOf('ARBG'))
      .executeTakeFirstOrThrow();
    await world.post(`/arenden/${world.caseId}/samtycken/${consentId}/aterkallelse`, { note: 'Ringde.' });
    await world.mails();
    // While the files are made another copy of the old wording is given: the files are made once more.
    const { engine, texts } = world.test.house;
    let printed = 0;
    const edit = { fields: new Map([['canDo', 'Sitta.']]), measures: [], removed: [], reason: 'Fel.', was: '' };
    const done = await amend(engine, caller(await user('fk')), world.meeting, () => edit, {
      document: (content, at) => printMinutes(content, texts.t, at),
      copy: async (content) => {
        if (printed++ === 0) {
          await world.post(`/arenden/${world.caseId}/utlamnande`, { party: world.partyOf('PV'), document: 'minutes' });
        }
        return printCopy(content, texts.t);
      },
    });
    expect([done.ok, printed]).toEqual([true, 2]);
    const after = await copies();
    expect(after.length - before.length).toBe(2);
    expect(after.at(-1)?.case_party_id).toBe(world.partyOf('PV'));
    expect((await world.mails()).map((mail) => mail.to.split('@')[0]).sort()).toEqual(['lena', 'tove', 'vera', 'vera']);
  });
});
