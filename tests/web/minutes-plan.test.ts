import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { MinutesContent } from '../../src/features/filing/document/rules.ts';
import type { PlanData } from '../../src/features/plan/rules.ts';
import { listMeasuresOfCase, overdueMeasures } from '../../src/features/plan/store.ts';
import { permit } from '../../src/platform/db/access.ts';
import { openTestApp, type TestApp } from '../support/app.ts';
import { fillForm, parseForm, validateHtml } from '../support/html.ts';

let app: TestApp;
let fk: Awaited<ReturnType<TestApp['signIn']>>;
let officerId: string;
/** The case with final minutes, and one without any. */
let caseId: string;
let young: string;

beforeAll(async () => {
  app = await openTestApp({ now: '2026-11-23T09:00:00.000Z' });
  fk = await app.signIn('fk');
  const { db } = app.house.engine.database.reads;
  const of = (state: string) =>
    db.selectFrom('meeting').selectAll().where('state', '=', state).executeTakeFirstOrThrow();
  const minuted = await of('minuted');
  caseId = minuted.case_id as string;
  officerId = minuted.officer_id;
  young = (await of('scheduled')).case_id as string;
});
afterAll(() => app.close());

const reads = () => app.house.engine.database.reads;
const planOf = async () => (await (await fk.get(`/arenden/${caseId}/plan.json`)).json()) as PlanData;
async function page(who: typeof fk, path: string): Promise<string> {
  const response = await who.get(path);
  expect(response.status, path).toBe(200);
  const html = await response.text();
  validateHtml(html, path);
  return html;
}

describe('the plan of a case', () => {
  test('shows every measure under who carries it out, and the goal in the person’s words', async () => {
    const html = await page(fk, `/arenden/${caseId}/plan`);
    const plan = await planOf();
    expect(plan.measures.length).toBeGreaterThan(2);
    for (const measure of plan.measures) {
      expect(html).toContain(measure.text);
      expect(html).toContain(`id="atgard-${measure.number}"`);
    }
    expect(plan.goal).not.toBe('');
    expect(html).toContain(plan.goal);
    expect(plan.law.map(({ code }) => code)).toEqual([
      ...['measures', 'responsible', 'timeplan', 'other'],
      ...['consulted', 'followUp'],
    ]);
  });

  test('says so while no minutes are final, and is no file', async () => {
    expect(await page(fk, `/arenden/${young}/plan`)).toContain(app.house.texts.t('plan.empty'));
    for (const file of ['pdf', 'json']) expect((await fk.get(`/arenden/${young}/plan.${file}`)).status).toBe(404);
  });

  test('is a PDF with the same plan as data inside', async () => {
    const pdf = await fk.get(`/arenden/${caseId}/plan.pdf`);
    expect(pdf.headers.get('content-type')).toBe('application/pdf');
    expect(pdf.headers.get('content-disposition')).toMatch(/^inline; filename="plan-2026-\d{6}\.pdf"$/);
    const bytes = Buffer.from(await pdf.arrayBuffer());
    expect(bytes.subarray(0, 5).toString()).toBe('%PDF-');
    expect(bytes.toString('latin1')).toContain('/AFRelationship');
  });

  test('is seen by the unit and the person, who cannot report, and by nobody else', async () => {
    for (const account of ['fk2', 'chef', 'individ']) {
      const html = await page(await app.signIn(account), `/arenden/${caseId}/plan`);
      expect(html, account).not.toContain('rapportera=');
    }
    const person = await app.signIn('individ');
    expect((await person.get(`/arenden/${young}/plan`)).status).toBe(404);
    for (const account of ['koordinator', 'arbetsgivare', 'af', 'kommun', 'admin', 'registrator']) {
      expect((await (await app.signIn(account)).get(`/arenden/${caseId}/plan`)).status, account).toBe(404);
    }
  });
});

describe('how a measure goes', () => {
  const overdue = async () => (await planOf()).measures.find((one) => one.overdue);
  const overdueOn = (day: string) => overdueMeasures(reads().db, officerId, day).execute();

  test('what is past its day stands out, in the plan and on the officer’s list', async () => {
    const late = await overdue();
    expect(late).toBeDefined();
    expect(await overdueOn('2026-11-23')).toMatchObject([{ id: late?.id, due: late?.due }]);
    // The day itself is still in time.
    expect(await overdueOn(late?.due ?? '')).toEqual([]);
    expect(await page(fk, `/arenden/${caseId}/plan`)).toContain('need--overdue');
  });

  test('bad fields come back in place with what was typed', async () => {
    const late = await overdue();
    const refused = await fk.post(`/atgarder/${late?.id}/status`, {
      status: '',
      note: 'Väntar på bordet',
      proposedDue: 'snart',
    });
    expect(refused.status).toBe(422);
    const html = await refused.text();
    validateHtml(html, 'report');
    expect(parseForm(html, `/atgarder/${late?.id}/status`).fields.get('note')?.values).toEqual(['Väntar på bordet']);
    expect(html).toContain('href="#f-status"');
    expect((await overdue())?.reports).toEqual(late?.reports);
  });

  test('a report is a dated row, moves the measure and grants the day that the officer sets', async () => {
    const late = await overdue();
    const path = `/arenden/${caseId}/plan?rapportera=${late?.id}`;
    const form = parseForm(await page(fk, path), `/atgarder/${late?.id}/status`);
    expect(form.fields.get('status')?.values).toEqual([late?.status]);
    const typed = { status: 'ongoing', note: 'Bordet är beställt', proposedDue: '2026-12-10' };
    const sent = await fk.post(form.action, Object.fromEntries(fillForm(form, typed)));
    expect(sent.headers.get('location')).toBe(`/arenden/${caseId}/plan#atgard-${late?.number}`);
    expect(await overdueOn('2026-11-23')).toEqual([]);
    const measure = (await listMeasuresOfCase(permit(reads()), caseId)).find(({ id }) => id === late?.id);
    expect(measure).toMatchObject({ state: 'ongoing', due: '2026-12-10' });
    expect(measure?.reports.at(-1)).toMatchObject({ ...typed, proposedDue: '2026-12-10', grantedDue: '2026-12-10' });
    expect(await page(fk, `/arenden/${caseId}/plan`)).toContain('Bordet är beställt');
    // What the minutes say stays as it was agreed.
    const minutes = (await (await fk.get(`/moten/${late?.meetingId}/protokoll.json`)).json()) as MinutesContent;
    expect(minutes.measures.find(({ id }) => id === late?.id)?.due).toBe(late?.due);
  });

  test('is reported by the case’s officer and whoever carries it out, and a draft by nobody', async () => {
    const [measure] = await listMeasuresOfCase(permit(reads()), caseId);
    for (const [account, status] of [
      ['fk2', 403],
      ['chef', 403],
      ['individ', 403],
      ['kommun', 404],
      ['admin', 404],
    ] as const) {
      const answer = await (await app.signIn(account)).post(`/atgarder/${measure?.id}/status`, { status: 'done' });
      expect(answer.status, account).toBe(status);
    }
    expect((await fk.post('/atgarder/01a10b33-b320-740e-a92b-69db229da348/status', { status: 'done' })).status).toBe(
      404,
    );
    expect((await listMeasuresOfCase(permit(reads()), caseId))[0]).toEqual(measure);
  });
});
