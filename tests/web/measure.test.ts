import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { insertAccount, insertOrganisation } from '../../src/features/account/store.ts';
import { newId } from '../../src/kernel/ids.ts';
import { linkCode } from '../../src/kernel/links.ts';
import { fillForm, parseForm, parseLinks, validateHtml } from '../support/html.ts';
import { canary } from './invitation-world.ts';
import { type MeasureWorld, openMeasureWorld, written } from './measure-world.ts';

/** A measure as whoever carries it out sees it, by link and signed in, and as its officer does. */

let w: MeasureWorld;
let officer: string;
let one: { caseId: string; meetingId: string };
/** The employer, and what they carry out. */
let owner: string;
let id: string;
let link: string;

beforeEach(async () => {
  w = await openMeasureWorld();
  officer = await w.signIn('fk');
  one = await w.addCase();
  owner = await w.add('ARBG', canary.colleague, 'chef@verkstad.example.se', true, one.meetingId);
  id = await w.agree(one, 1, 'ARBG', '2026-12-10');
  link = await w.measureLink(id);
});
afterEach(() => w.close());

async function page(path: string, cookie = '', status = 200): Promise<string> {
  const response = await w.get(path, cookie);
  expect(response.status, path).toBe(status);
  const html = await response.text();
  validateHtml(html, path.replace(/[A-Za-z0-9_-]{65}/, ':token'));
  return html;
}
const words = (html: string) => Object.values(written).filter((word) => html.includes(word));
const t = (key: string, params?: Record<string, unknown>) => w.house.texts.t(key, params);
/** The page of the next meeting, which the officer calls. */
async function nextMeeting(): Promise<string> {
  const called = await w.post(
    `/arenden/${one.caseId}/moten`,
    { kind: 'follow_up', purpose: 'Följa upp.', plannedFor: '' },
    officer,
  );
  return page(called.headers.get('location') ?? '', officer);
}
const reports = () =>
  w.house.engine.database.reads.db
    .selectFrom('measure_report')
    .selectAll()
    .where('measure_id', '=', id)
    .orderBy('id')
    .execute();

/** An account of the employer's, bound to the participant where that is said. */
async function account(bound: boolean): Promise<string> {
  const [organisationId, accountId] = [newId(w.house.engine.clock.now()), newId(w.house.engine.clock.now())];
  await w.set(async (work) => {
    await insertOrganisation(work, { id: organisationId, party: 'ARBG', name: 'Verkstaden' });
    const person = { name: canary.colleague, email: null, phone: null, personalNumber: null, unitId: null };
    const role = { role: 'participant', fk: false, party: 'ARBG', organisationId } as const;
    await insertAccount(work, { ...role, ...person, id: accountId, demoKey: 'arbetsgivare' });
    if (bound)
      await work.db.updateTable('participant').set({ account_id: accountId }).where('id', '=', owner).execute();
  });
  return w.signIn('arbetsgivare');
}
const askForTime = async (proposedDue = '2027-01-20', more = {}) =>
  expect(
    (await w.post(link, { status: 'ongoing', proposedDue, note: written.note, obstacle: written.obstacle, ...more }))
      .status,
  ).toBe(303);
const decide = (fields: Record<string, string>) =>
  w.post(`/atgarder/${id}/datum`, { asked: '2027-01-20', words: written.words, ...fields }, officer);

describe('by link alone', () => {
  test('a number, a day and a form; what is sent is not shown back', async () => {
    const html = await page(link);
    expect(html).toContain('<h1>Åtgärd 1</h1>');
    expect(html).toContain('Klart senast 10 december 2026');
    expect(words(html)).toEqual([]);
    expect(html).not.toContain('Kanariefall');
    const form = parseForm(html, link);
    const typed = { status: 'ongoing', note: written.note, obstacle: written.obstacle, meet: 'on' };
    const sent = await w.post(form.action, Object.fromEntries(fillForm(form, typed)));
    expect(sent.headers.get('location')).toBe(link);
    const after = await page(link);
    expect(words(after)).toEqual([]);
    expect(after).toContain('Pågår');
    // The officer reads it, on the agenda and in their list.
    const seen = await nextMeeting();
    for (const word of [written.note, written.obstacle, t('plan.byLink')]) expect(seen).toContain(word);
    expect(await page('/forsenat', officer)).toContain(t('watch.signal.meet'));
    expect(await page('/inkorg', officer)).toContain(t('inbox.signals', { count: 1 }));
  });

  test('what is wrong comes back in place with all that was typed', async () => {
    for (const [fields, field] of [
      [{ status: '' }, 'status'],
      [{ status: 'done', proposedDue: '2026-11-23' }, 'proposedDue'],
      [{ status: 'done', proposedDue: '2036-11-23' }, 'proposedDue'],
      [{ status: 'done', note: 'x'.repeat(601) }, 'note'],
    ] as const) {
      const answer = await w.post(link, { note: written.note, ...fields });
      expect(answer.status).toBe(422);
      const html = await answer.text();
      validateHtml(html, 'report by link');
      expect(html).toContain(`href="#f-${field}"`);
      if (field !== 'note') expect(parseForm(html, link).fields.get('note')?.values).toEqual([written.note]);
    }
    expect(await reports()).toEqual([]);
  });

  test('the same form sent twice is one report, also at once', async () => {
    const form = parseForm(await page(link), link);
    const body = Object.fromEntries(fillForm(form, { status: 'ongoing', note: written.note }));
    const answers = await Promise.all([w.post(link, body), w.post(link, body), w.post(link, body)]);
    expect(answers.map(({ status }) => status)).toEqual([303, 303, 303]);
    expect(await reports()).toHaveLength(1);
    // The next page’s form is another.
    const again = parseForm(await page(link), link);
    expect((await w.post(link, Object.fromEntries(fillForm(again, { status: 'done' })))).status).toBe(303);
    expect(await reports()).toHaveLength(2);
  });

  test('whoever opened the page before somebody else reported is told, and can send again', async () => {
    const form = parseForm(await page(link), link);
    expect((await w.post(`/atgarder/${id}/status`, { status: 'not_done' }, officer)).status).toBe(303);
    const answer = await w.post(link, Object.fromEntries(fillForm(form, { status: 'ongoing', note: written.note })));
    expect(answer.status).toBe(409);
    const html = await answer.text();
    validateHtml(html, 'changed');
    expect(html).toContain(t('ownMeasure.changed', { state: 'Blev inte av' }));
    const again = parseForm(html, link);
    expect(again.fields.get('note')?.values).toEqual([written.note]);
    expect((await w.post(link, Object.fromEntries(fillForm(again, {})))).status).toBe(303);
    expect((await reports()).map(({ status }) => status)).toEqual(['not_done', 'ongoing']);
  });

  test('opens while the measure goes on and thirty days after, and not with an exchanged link', async () => {
    expect((await w.post(link, { status: 'done' })).status).toBe(303);
    w.pass({ hours: 30 * 24 });
    await page(link);
    w.pass({ hours: 24 });
    await page(link, '', 404);
    officer = await w.signIn('fk');
    expect((await w.post(`/atgarder/${id}/status`, { status: 'ongoing' }, officer)).status).toBe(303);
    await page(link);
    await w.set((work) =>
      work.db.updateTable('participant').set({ link_generation: 2 }).where('id', '=', owner).execute(),
    );
    await page(link, '', 404);
    expect((await w.post(link, { status: 'done' })).status).toBe(404);
  });

  test('of a closed case says so, and takes nothing', async () => {
    await w.set((work) =>
      work.db.updateTable('case_file').set({ state: 'closed' }).where('id', '=', one.caseId).execute(),
    );
    const ended = await page(link);
    expect(ended).toContain(t('ownMeasure.closed'));
    expect(ended).not.toContain(t('ownMeasure.anyway'));
    // What was typed on a page that was opened before is not lost, by link or signed in.
    const cookie = await account(true);
    for (const late of [
      await w.post(link, { status: 'done', note: written.note }),
      await w.post(`/atgarder/${id}/status`, { status: 'done', note: written.note }, cookie),
    ]) {
      expect(late.status).toBe(422);
      const html = await late.text();
      validateHtml(html, 'closed');
      for (const text of [t('err.not_now'), t('unsent'), written.note]) expect(html).toContain(text);
    }
    expect(await reports()).toEqual([]);
  });

  test('says what it is about with the mailed code, where the organisation has chosen that', async () => {
    expect(await page(link)).not.toContain(`${link}/kod`);
    await w.set(async (work) => {
      const party = { id: owner, case_id: one.caseId, party: 'ARBG', organisation: work.vault.seal('Verkstaden') };
      await work.db
        .insertInto('case_party')
        .values({ ...party, created_at: '2026-11-23T09:00:00.000Z' })
        .execute();
      await work.db.updateTable('participant').set({ case_party_id: owner }).where('id', '=', owner).execute();
    });
    const choose = (code_at: string | null) =>
      w.set((work) => work.db.updateTable('case_party').set({ code_at }).where('id', '=', owner).execute());
    await choose('2026-11-23T09:00:00.000Z');
    expect(await page(link)).toContain(`${link}/kod`);
    await page(`${link}/kod`);
    expect((await w.post(`${link}/kod`, {})).status).toBe(303);
    const [mail] = await w.letters();
    const { id: codeId } = await w.house.engine.database.reads.db
      .selectFrom('link_code')
      .select('id')
      .executeTakeFirstOrThrow();
    const code = linkCode(w.house.config.linkKey, codeId);
    expect(mail?.toString()).toContain(code);
    expect((await w.post(`${link}/kod/svar`, { code: code === '000000' ? '000001' : '000000' })).status).toBe(422);
    const right = await w.post(`${link}/kod/svar`, { code });
    expect(right.headers.get('location')).toBe(link);
    const cookie = (right.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
    expect(await page(link, cookie)).toContain(written.text);
    await choose(null);
    expect(await page(link, cookie)).not.toContain(written.text);
  });
});

describe('signed in', () => {
  test('who was bound reads and reports their own, in the order of the days', async () => {
    const cookie = await account(true);
    const other = await w.addCase();
    await w.add('PV', 'Lena Dal', 'lena@region.example.se', true, other.meetingId);
    const theirs = await w.agree(other, 1, 'PV', '2026-12-01');
    for (let number = 2; number <= 28; number++) await w.agree(one, number, 'ARBG', number % 3 ? '2026-12-24' : null);
    const first = await page('/mina-atgarder', cookie);
    const shown = (html: string) =>
      [...html.matchAll(/<strong>Åtgärd (\d+)<\/strong>/g)].map(([, number]) => Number(number));
    expect(shown(first)).toHaveLength(25);
    expect(shown(first)[0]).toBe(1);
    const next = parseLinks(first).find((href) => href.includes('?efter=')) ?? '';
    expect(
      shown(first)
        .concat(shown(await page(next, cookie)))
        .sort((a, b) => a - b),
    ).toEqual(Array.from({ length: 28 }, (_, i) => i + 1));
    expect(await page(`/atgarder/${id}`, cookie)).toContain(`${written.text} 1`);
    expect((await w.get(`/atgarder/${theirs}`, cookie)).status).toBe(404);
    expect((await w.post(`/atgarder/${theirs}/status`, { status: 'done' }, cookie)).status).toBe(404);
    const sent = await w.post(`/atgarder/${id}/status`, { status: 'done', note: written.note }, cookie);
    expect(sent.headers.get('location')).toBe(`/atgarder/${id}`);
    expect(await page(`/atgarder/${id}`, cookie)).toContain(written.note);
    expect(shown(await page('/mina-atgarder?visa=avslutade', cookie))).toEqual([1]);
    expect((await w.get('/forsenat', cookie)).status).toBe(403);
  });

  test('who was not bound sees nothing of it', async () => {
    const cookie = await account(false);
    expect(await page('/mina-atgarder', cookie)).toContain(t('ownMeasures.empty'));
    expect((await w.get(`/atgarder/${id}`, cookie)).status).toBe(404);
  });

  test('FK’s own are the officer’s of the case, and theirs who covers for them', async () => {
    await w.agree(one, 2, 'FK', '2026-12-11');
    expect(await page('/mina-atgarder', officer)).toContain(`${written.text} 2`);
    const colleague = await w.signIn('fk2');
    expect(await page('/mina-atgarder', colleague)).toContain(t('ownMeasures.empty'));
    // Who covers for them is mailed about it too, and reaches it.
    const { user_id } = await w.house.engine.database.reads.db
      .selectFrom('account')
      .select('id as user_id')
      .where('demo_key', '=', 'fk2')
      .executeTakeFirstOrThrow();
    const days = { first_day: '2026-11-01', last_day: '2026-12-31', created_at: '2026-11-01T09:00:00.000Z' };
    await w.set((work) =>
      work.db
        .insertInto('cover')
        .values({ id: user_id, officer_id: w.officerId, cover_id: user_id, created_by: w.officerId, ...days } as never)
        .execute(),
    );
    for (const cookie of [officer, colleague]) {
      const [href = ''] = parseLinks(await page('/mina-atgarder', cookie)).filter((one) => one.includes('atgard-2'));
      expect(href).toContain(`/arenden/${one.caseId}/plan?rapportera=`);
      await page(href.split('#')[0] ?? '', cookie);
    }
    // Of a protected identity only who handles those.
    await w.set((work) =>
      work.db.updateTable('case_file').set({ protected_identity: 1 }).where('id', '=', one.caseId).execute(),
    );
    expect(await page('/mina-atgarder', colleague)).toContain(t('ownMeasures.empty'));
  });
});

describe('a new day', () => {
  test('changes nothing until the officer grants it; then it is due that day, and there is an answer', async () => {
    await askForTime();
    expect((await w.row(id)).due).toBe('2026-12-10');
    expect(await page('/forsenat', officer)).toContain(t('plan.dateAsked', { date: '20 januari 2027' }));
    expect(await page(link)).toContain(t('ownMeasure.asked', { date: '20 januari 2027' }));
    const form = parseForm(await page(`/atgarder/${id}/datum`, officer), `/atgarder/${id}/datum`);
    const sent = await w.post(
      form.action,
      Object.fromEntries(fillForm(form, { decision: 'granted', words: written.words })),
      officer,
    );
    expect(sent.headers.get('location')).toBe(`/arenden/${one.caseId}/plan#atgard-1`);
    expect(await w.row(id)).toMatchObject({ due: '2027-01-20', asked_due: null, signal: 'obstacle' });
    const by = await page(link);
    expect(by).toContain('Klart senast 20 januari 2027');
    expect(words(by)).toEqual([]);
    const [mail] = await w.letters();
    expect(mail?.toString()).toContain('Du har');
    expect(words(mail?.toString() ?? '')).toEqual([]);
    // What was agreed stays: the row of the day stands beside it.
    expect((await reports()).map((row) => [row.proposed_due, row.granted_due, row.decision])).toEqual([
      ['2027-01-20', null, null],
      [null, '2027-01-20', 'granted'],
    ]);
    expect((await decide({ decision: 'granted' })).status).toBe(409);
  });

  test('is refused with a reason, which is read signed in and not by link', async () => {
    await askForTime();
    const cookie = await account(true);
    const bad = await decide({ decision: 'refused', words: '' });
    expect(bad.status).toBe(422);
    validateHtml(await bad.text(), 'decide');
    expect((await decide({ decision: 'refused' })).status).toBe(303);
    expect(await w.row(id)).toMatchObject({ due: '2026-12-10', asked_due: null });
    expect(words(await page(link))).toEqual([]);
    expect(await page(`/atgarder/${id}`, cookie)).toContain(written.words);
  });

  test.each<[string, () => Promise<unknown>]>([
    [
      'the person’s identity was protected',
      () =>
        w.set((work) =>
          work.db.updateTable('case_file').set({ protected_identity: 1 }).where('id', '=', one.caseId).execute(),
        ),
    ],
    [
      'the person said no to them',
      () => w.set((work) => work.db.updateTable('participant').set({ view: 'no' }).where('id', '=', owner).execute()),
    ],
  ])('is not told of by mail when %s before it was sent', async (_what, change) => {
    await askForTime();
    expect((await decide({ decision: 'granted' })).status).toBe(303);
    await change();
    expect(await w.letters()).toEqual([]);
  });

  test('another day asked for meanwhile is not granted by a yes to the first', async () => {
    await askForTime();
    await askForTime('2027-03-01');
    expect((await decide({ decision: 'granted' })).status).toBe(409);
    expect(await w.row(id)).toMatchObject({ due: '2026-12-10', asked_due: '2027-03-01' });
  });

  test('a yes and a report in one moment: both stand, or one is told', async () => {
    for (let round = 0; round < 6; round++) {
      await askForTime();
      const { version } = await w.row(id);
      const [said, decided] = await Promise.all([
        w.post(link, { status: 'done', seen: String(version) }),
        decide({ decision: 'granted' }),
      ]);
      expect([303, 409]).toContain(said.status);
      expect([303, 409]).toContain(decided.status);
      const rows = (await reports()).slice(-2);
      const row = await w.row(id);
      expect(row.asked_due).toBeNull();
      expect(row.state).toBe(said.status === 303 ? 'done' : 'ongoing');
      expect(rows.some((one) => one.decision === 'granted')).toBe(decided.status === 303);
      await w.post(`/atgarder/${id}/status`, { status: 'ongoing', proposedDue: '2026-12-10' }, officer);
    }
  });

  test('is the officer’s to answer, and nobody else’s', async () => {
    await askForTime();
    const party = await account(true);
    for (const [cookie, status] of [
      [await w.signIn('fk2'), 403],
      [await w.signIn('elsewhere'), 404],
      [party, 404],
    ] as const) {
      expect((await w.get(`/atgarder/${id}/datum`, cookie)).status).toBe(status);
      expect((await w.post(`/atgarder/${id}/datum`, { decision: 'granted', asked: '2027-01-20' }, cookie)).status).toBe(
        status,
      );
    }
    expect((await w.row(id)).due).toBe('2026-12-10');
  });
});

describe('the officer’s list', () => {
  test('holds what is late and what deviates, across cases, the longest first and page by page', async () => {
    const two = await w.addCase();
    await w.add('PV', 'Lena Dal', 'lena@region.example.se', true, two.meetingId);
    for (let number = 2; number <= 28; number++)
      await w.agree(
        number % 2 ? one : two,
        number,
        number % 2 ? 'ARBG' : 'PV',
        `2026-11-${String(30 - (number % 8)).padStart(2, '0')}`,
      );
    w.until('2026-12-14T09:00:00.000Z');
    officer = await w.signIn('fk');
    const first = await page('/forsenat', officer);
    const shown = (html: string) =>
      [...html.matchAll(/<strong>Åtgärd (\d+) i ärende/g)].map(([, number]) => Number(number));
    expect(shown(first)).toHaveLength(25);
    const next = parseLinks(first).find((href) => href.includes('?efter=')) ?? '';
    const all = shown(first).concat(shown(await page(next, officer)));
    expect(all.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 28 }, (_, i) => i + 1));
    // Due on 10 December, after all of November's.
    expect(all.at(-1)).toBe(1);
    expect(await page('/forsenat', await w.signIn('fk2'))).toContain(t('watch.empty'));
    // What the officer has reported on is looked at.
    expect((await w.post(`/atgarder/${id}/status`, { status: 'done' }, officer)).status).toBe(303);
    expect(shown(await page(next, officer))).not.toContain(1);
  });

  test('leads to a new meeting in the case, with who was at the last and the purpose written', async () => {
    await w.add('PERSON', canary.individual, '', false, one.meetingId);
    await askForTime('2027-01-20', { meet: 'on' });
    const path = `/arenden/${one.caseId}/moten`;
    const from = `${path}/nytt?atgard=${id}`;
    expect(await page('/forsenat', officer)).toContain(from.split('=')[1]);
    const form = parseForm(await page(from, officer), path);
    expect(form.fields.get('purpose')?.values[0]).toBe(t('next.purposeOf', { number: 1, text: `${written.text} 1` }));
    const bad = await w.post(path, { kind: 'follow_up', purpose: '' }, officer);
    expect(bad.status).toBe(422);
    const sent = await w.post(
      path,
      Object.fromEntries([...form.fields].map(([name, { values }]) => [name, values])),
      officer,
    );
    const meeting = sent.headers.get('location') ?? '';
    expect(meeting).toMatch(/^\/moten\//);
    const html = await page(meeting, officer);
    for (const word of [t('agenda.title'), written.text, written.obstacle, canary.colleague])
      expect(html).toContain(word);
    expect((await w.post(path, { kind: 'follow_up', purpose: 'x' }, await w.signIn('fk2'))).status).toBe(403);
    // By link a participant is told how many, and nothing more.
    const called = await w.house.engine.database.reads.db
      .selectFrom('participant')
      .select(['id', 'link_generation'])
      .where('meeting_id', '=', meeting.split('/')[2] ?? '')
      .where('party', '=', 'ARBG')
      .executeTakeFirstOrThrow();
    const { linkToken } = await import('../../src/kernel/links.ts');
    const mine = await page(
      `/svar/${linkToken(w.house.config.linkKey, 'participant', called.id, called.link_generation)}`,
    );
    expect(mine).toContain(t('inv.going', { count: 1 }));
    expect(words(mine)).toEqual([]);
  });
});
