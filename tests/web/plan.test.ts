import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { goalKey } from '../../src/features/plan/goal/rules.ts';
import type { PlanData } from '../../src/features/plan/rules.ts';
import demo from '../../views/demo/demo.json' with { type: 'json' };
import { openTestApp, type TestApp } from '../support/app.ts';
import { fillForm, parseForm, validateHtml } from '../support/html.ts';

/** A plan through two meetings: its versions, sub-goals, renderings, picture and days, as its pages show them. */

const now = '2026-11-23T09:00:00.000Z';
let app: TestApp;
let fk: Awaited<ReturnType<TestApp['signIn']>>;
let person: typeof fk;
let plan: string;

beforeAll(async () => {
  app = await openTestApp({ now });
  fk = await app.signIn('fk');
  person = await app.signIn('individ');
  const { db } = app.house.engine.database.reads;
  const meeting = await db.selectFrom('meeting').selectAll().where('state', '=', 'minuted').executeTakeFirstOrThrow();
  plan = `/arenden/${meeting.case_id}`;
});
afterAll(() => app.close());

async function page(who: typeof fk, path: string): Promise<string> {
  const response = await who.get(path);
  expect(response.status, path).toBe(200);
  const html = await response.text();
  validateHtml(html, path);
  return html;
}
const data = async (query = '') => (await (await fk.get(`${plan}/plan.json${query}`)).json()) as PlanData;
const t = (key: string, params?: Record<string, unknown>) => app.house.texts.t(key, params);

describe('sub-goals', () => {
  const [reached, open] = demo.minutes.fields.subGoals.split('\n') as [string, string];

  test('are checked off by the officer, as dated rows that can be taken back', async () => {
    const key = goalKey(open);
    const form = parseForm(await page(fk, `${plan}/plan?delmal=${key}`), `${plan}/plan/delmal`);
    const send = (fields: object) => fk.post(form.action, { ...Object.fromEntries(fillForm(form, {})), ...fields });
    const bad = await send({ reachedOn: '2026-11-24' });
    expect(bad.status).toBe(422);
    const html = await bad.text();
    validateHtml(html, 'sub-goal');
    expect(parseForm(html, `${plan}/plan/delmal`).fields.get('reachedOn')?.values).toEqual(['2026-11-24']);
    expect((await send({ reachedOn: '2026-11-20', reached: 'yes' })).status).toBe(303);
    expect((await data()).subGoals).toEqual([
      { text: reached, reachedOn: expect.any(String) },
      { text: open, reachedOn: '2026-11-20' },
    ]);
    expect(await page(person, `${plan}/plan`)).toContain(t('plan.subGoal.reachedOn', { date: '20 november 2026' }));
    expect((await send({ reachedOn: '', reached: 'no' })).status).toBe(303);
    expect((await data()).subGoals[1]?.reachedOn).toBeNull();
    // One that the plan does not have (any more).
    expect((await fk.post(form.action, { goal: goalKey('x'), reachedOn: '2026-11-20' })).status).toBe(409);
    expect((await person.post(form.action, { goal: key, reachedOn: '2026-11-20' })).status).toBe(403);
  });
});

describe('the same plan', () => {
  test.each(['fk', 'af', 'sip'])('as %s: page, data and file', async (as) => {
    const plain = await data();
    const other = await data(`?as=${as}`);
    expect(other.measures).toEqual(plain.measures);
    expect(other.document.as).toBe(as);
    const html = await page(fk, `${plan}/plan?as=${as}`);
    for (const { text } of plain.measures) expect(html.split(`</strong> ${text}`)).toHaveLength(2);
    const pdf = await fk.get(`${plan}/plan.pdf?as=${as}`);
    expect(pdf.headers.get('content-type')).toBe('application/pdf');
    expect(pdf.headers.get('content-disposition')).toContain(as === 'fk' ? 'plan-2026-' : `plan-${as}-2026-`);
  });

  test('in plain words says who does what, when and whom to ring', async () => {
    const html = await page(person, `${plan}/plan/enkelt`);
    const own = demo.minutes.measures.find(({ carriedOutBy }) => carriedOutBy === 'PERSON');
    for (const words of [t('plain.you'), own?.text, demo.minutes.fields.planGoal, 'tel:'])
      expect(html).toContain(words);
  });

  test('as a picture has its own style and no other, and a table with the same beside it', async () => {
    const answer = await fk.get(`${plan}/plan.svg`);
    expect(answer.headers.get('content-type')).toBe('image/svg+xml');
    const svg = await answer.text();
    const style = /<style>([^<]*)<\/style>/.exec(svg)?.[1] ?? '';
    const hash = createHash('sha256').update(style).digest('base64');
    expect(answer.headers.get('content-security-policy')).toBe(
      `default-src 'none'; style-src 'sha256-${hash}'; frame-ancestors 'none'`,
    );
    expect(svg).not.toMatch(/ style=|<script|on\w+=/);
    const html = await page(person, `${plan}/plan`);
    for (const { number, text } of (await data()).measures) {
      expect(svg).toContain(`>${number}. `);
      expect(html).toContain(`<div>${number}. ${text}</div>`);
    }
  });
});

describe('what a plan lacks', () => {
  test('is named, with where to write it: at the next meeting, in minutes once they are open', async () => {
    expect(await page(fk, `${plan}/plan`)).toContain(t('plan.lawHelp.fk'));
    const html = await page(fk, `${plan}/plan?as=sip`);
    expect(html).toContain(
      t('plan.missing', {
        items: [t('plan.item.sipNeeds'), t('plan.item.sipEach'), t('plan.item.sipOverall')].join(', '),
      }),
    );
    expect(html).toContain(t('plan.write.meeting'));
  });
});

/** A follow-up whose minutes are written through the page; without a request, as an officer arranges it. */
async function secondMeeting() {
  const { database } = app.house.engine;
  const first = await database.reads.db
    .selectFrom('meeting')
    .selectAll()
    .where('state', '=', 'minuted')
    .executeTakeFirstOrThrow();
  const id = '01a11111-0000-7000-8000-000000000001';
  await database.transaction(async ({ db }) => {
    const { version, ...row } = first;
    await db
      .insertInto('meeting')
      .values({
        ...row,
        id,
        uid: 'second',
        reference: 'second',
        request_id: null,
        kind: 'follow_up',
        state: 'scheduled',
        held_at: null,
      })
      .execute();
  });
  return id;
}

describe('the versions of a plan', () => {
  test('come with final minutes, can be opened as they were, and differ in words', async () => {
    const id = await secondMeeting();
    const minutes = `/moten/${id}/protokoll`;
    await fk.post(`/moten/${id}/hallet`, {});
    expect(await page(fk, `${plan}/plan?as=sip`)).toContain(`href="${minutes}#f-sipNeeds"`);
    const form = parseForm(await page(fk, minutes), minutes);
    const typed = {
      planGoal: 'Arbeta heltid',
      subGoals: 'Sex timmar om dagen',
      rehabilitation: 'yes',
      employerPlan: 'Ny plan, 20 november',
    };
    const measure = {
      text: 'Gå en kurs',
      carriedOutBy: 'AF',
      kind: 'education',
      start: '2026-12-01',
      due: '2026-12-20',
      followUpOn: '2027-01-10',
    };
    const backwards = await fk.post(`${minutes}/atgarder`, {
      ...Object.fromEntries(fillForm(form, typed)),
      ...measure,
      due: '2026-11-30',
    });
    expect(backwards.status).toBe(422);
    expect(parseForm(await backwards.text(), minutes).fields.get('kind')?.values).toEqual(['education']);
    const again = parseForm(await page(fk, minutes), minutes);
    expect((await fk.post(`${minutes}/atgarder`, { ...Object.fromEntries(fillForm(again)), ...measure })).status).toBe(
      303,
    );
    // What the plan had before is not asked for again.
    expect(await page(fk, `${minutes}/faststallande`)).toContain(t('min.finalise.lawDone'));
    app.setClock('2026-11-23T09:30:00.000Z');
    await fk.post(`${minutes}/faststallande`, { reason: 'Alla läste.', noFollowUpReason: 'Bokas sedan.' });

    const [was, is] = [await data('?version=1'), await data()];
    expect([was.document.version, is.document.version]).toEqual([1, 2]);
    expect(was.measures.map(({ number }) => number)).toEqual(is.measures.slice(0, -1).map(({ number }) => number));
    expect(was.measures.every(({ status }) => status === 'planned')).toBe(true);
    expect(is.measures.at(-1)).toMatchObject({ ...measure, status: 'planned' });
    expect([was.document.type, is.document.type]).toEqual(['fk', 'rehabilitation']);
    expect(was.goal).toBe(demo.minutes.fields.planGoal);

    const old = await page(person, `${plan}/plan?version=1`);
    expect(old).toContain(t('plan.versionShown', { number: 1, date: '2 november 2026' }));
    expect(old).not.toContain('Gå en kurs');
    expect(await page(fk, `${plan}/plan?version=1`)).not.toContain('rapportera=');
    for (const [query, words] of [
      [
        '?fran=1&till=2',
        [
          'Gå en kurs',
          demo.minutes.fields.planGoal,
          'Arbeta heltid',
          'Ny plan, 20 november',
          t('plan.difference.added'),
        ],
      ],
      ['?fran=2&till=2', [t('plan.difference.none')]],
      ['', ['Gå en kurs']],
    ] as const) {
      const html = await page(person, `${plan}/plan/skillnad${query}`);
      for (const word of words) expect(html, query).toContain(word);
    }
  });
});

describe('days to know of', () => {
  test('are counted from what the officer notes, told to the person, and never a decision', async () => {
    const path = `${plan}/dagar`;
    const form = parseForm(await page(fk, path), path);
    const send = (fields: object) => fk.post(path, { ...Object.fromEntries(fillForm(form)), ...fields });
    const bad = await send({ 'firstDay-2': '2026-09-20', 'lastDay-2': '2026-09-01' });
    expect(bad.status).toBe(422);
    const html = await bad.text();
    validateHtml(html, path);
    expect(parseForm(html, path).fields.get('lastDay-2')?.values).toEqual(['2026-09-01']);

    const saved = await send({
      'firstDay-0': '2026-10-01',
      'lastDay-0': '',
      'firstDay-1': '',
      'lastDay-1': '',
      'extent-1': '',
      noSgi: 'on',
    });
    expect(saved.status).toBe(303);
    // Somebody who had the page open does not write over it.
    expect((await send({})).status).toBe(409);
    const own = await page(person, path);
    for (const words of [
      '1 oktober 2026',
      'tisdag 29 december 2026',
      t('clockSource.chain_90'),
      t('clock.no_sgi'),
      t('plan.clock'),
    ])
      expect(own).toContain(words);
    expect(own).not.toContain('<form method="post" action="/arenden');
    expect(await page(fk, `${plan}/plan`)).toContain('tisdag 29 december 2026');
    for (const [who, status] of [
      ['fk2', 403],
      ['chef', 403],
      ['individ', 403],
      ['af', 404],
    ] as const) {
      expect((await (await app.signIn(who)).post(path, { 'firstDay-0': '2026-10-01' })).status, who).toBe(status);
    }
    const rows = await app.house.engine.database.reads.db.selectFrom('sick_leave').select('facts').execute();
    expect(rows).toHaveLength(2);
    expect(JSON.stringify(rows)).not.toContain('2026');
  });

  test('and sub-goals can be corrected like every text of the case', async () => {
    const html = await page(fk, `${plan}/rattelse`);
    for (const words of ['2026-10-01', demo.minutes.subGoalReached]) expect(html).toContain(words);
  });
});
