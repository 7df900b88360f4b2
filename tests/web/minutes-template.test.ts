import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { MinutesContent } from '../../src/features/filing/document/rules.ts';
import { minutesDocument } from '../../src/features/minutes/render.ts';
import { renderPdf } from '../../src/platform/pdf/render.ts';
import { goodRequest, openTestApp, type TestApp } from '../support/app.ts';
import { fillForm, parseForm, validateHtml } from '../support/html.ts';

/** Two meetings alike, whose minutes were opened with version 1 and version 2 of their template: side by side. */

type Visitor = ReturnType<TestApp['visitor']>;
type Place = { meeting: string; caseId: string; path: string; people: Record<string, string> };
let app: TestApp;
let fk: Visitor;
let old: Place;
let now: Place;
const t = (key: string, params = {}) => app.house.texts.t(key, params);

async function post(path: string, fields: Record<string, string | string[]>, status = 303): Promise<string> {
  const response = await fk.post(path, fields);
  if (response.status !== status) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return status === 303 ? (response.headers.get('location') ?? '') : response.text();
}
async function page(path: string): Promise<string> {
  const response = await fk.get(path);
  expect(response.status, path).toBe(200);
  const html = await response.text();
  validateHtml(html, path);
  return html;
}

/** A meeting that has been held, with an employer, whom the person lets know everything, and a doctor. */
async function held(individualNumber: string): Promise<Place> {
  const { db } = app.house.engine.database.reads;
  await app.visitor().post('/begaran', { ...goodRequest, individualNumber, questions: ['part_time'] });
  const request = await db.selectFrom('request').select('id').orderBy('id', 'desc').executeTakeFirstOrThrow();
  const confirm = { decision: 'confirm', kind: 'reconciliation', purpose: 'Nästa steg.' };
  const meeting = (await post(`/begaran/${request.id}/beslut`, confirm)).split('/').at(-1) ?? '';
  const at = `/moten/${meeting}`;
  for (const [party, name, organisation] of [
    ['PERSON', 'Tove Ask', ''],
    ['FK', 'Sara Lindqvist', ''],
    ['ARBG', 'Lena Dal', 'Verkstaden'],
    ['PV', 'Vera Vik', 'Vårdcentralen'],
  ] as const)
    await post(`${at}/deltagare`, { party, name, organisation });
  const rows = await db.selectFrom('participant').select(['id', 'party']).where('meeting_id', '=', meeting).execute();
  await post(`${at}/samtal`, {
    how: 'På telefon.',
    ...Object.fromEntries(rows.map(({ id }) => [`party-${id}`, 'yes'])),
  });
  await post(`${at}/tid`, { startsAt: '2090-03-03T09:00', durationMinutes: '60', placeKind: 'phone' });
  await post(`${at}/hallet`, {});
  const { case_id } = await db
    .selectFrom('meeting')
    .select('case_id')
    .where('id', '=', meeting)
    .executeTakeFirstOrThrow();
  const people = Object.fromEntries(rows.map(({ id, party }) => [party, id]));
  return { meeting, caseId: case_id ?? '', path: `${at}/protokoll`, people };
}

beforeAll(async () => {
  app = await openTestApp();
  fk = await app.signIn('fk');
  old = await held('20120129-2388');
  now = await held('20181231-2385');
  await app.house.engine.database.transaction(async ({ db }) => {
    await db.updateTable('minutes').set({ template_version: 1 }).where('meeting_id', '=', old.meeting).execute();
  });
});
afterAll(() => app.close());

const patch = async ({ path }: Place, field: string, text: string) =>
  (await fk.patch(path, { field, text, baseVersion: 0 })).json();
const unknown = { code: 'unknown_field' };
const names = async ({ path }: Place) => [...parseForm(await page(path), path).fields.keys()];

describe('writing', () => {
  it('each has its own fields and takes no other', async () => {
    const [before, after] = [await names(old), await names(now)];
    const same = ['planGoal', 'question-work_training-said', 'canDo', 'ownWords', 'otherNeeded', 'followUpDate'];
    expect(before).toEqual(expect.arrayContaining([...same, 'takenAway']));
    expect(after).toEqual(
      expect.arrayContaining([...same, 'question-work_training-level', 'question-activity-avoid', 'taken-1-where']),
    );
    expect(before.filter((name) => /^taken-|level|avoid|assessment|-parts$/.test(name))).toEqual([]);
    expect(after).not.toContain('takenAway');
    expect(await patch(old, 'taken-1-question', 'x')).toEqual(unknown);
    expect(await patch(old, `attendance-${old.people.ARBG}-parts`, 'goal')).toEqual(unknown);
    expect(await patch(now, 'takenAway', 'x')).toEqual(unknown);
    expect(await patch(now, `attendance-${now.people.ARBG}-parts`, 'goal nothing')).toEqual({ code: 'choice' });
    expect(await patch(now, 'taken-1-by', 'x'.repeat(201))).toEqual({ code: 'tooLong' });
  });

  it('standard wordings stand where they can be copied, and none in the person’s own words', async () => {
    const html = await page(now.path);
    expect(html).toContain(t('min.wording.partTime'));
    const own = /data-field="ownWords".*?(?=data-field=)/s.exec(html)?.[0] ?? '';
    expect(own).toContain('<textarea');
    expect(own).not.toContain('data-wordings');
    expect(await page(old.path)).not.toContain('data-wordings');
  });

  it('what somebody was there for is ticked, and can be unticked again', async () => {
    const name = `attendance-${now.people.ARBG}-parts`;
    const ticked = async () => parseForm(await page(now.path), now.path).fields.get(name)?.values;
    const save = async (parts: string[]) => {
      const form = parseForm(await page(now.path), now.path);
      const body = fillForm(form, { [`attendance-${now.people.ARBG}`]: 'part', [name]: parts });
      const fields: Record<string, string[]> = {};
      for (const [key, value] of body) fields[key] = [...(fields[key] ?? []), value];
      await post(now.path, fields);
    };
    await save(['goal', 'ability']);
    expect(await ticked()).toEqual(['goal', 'ability']);
    await save([]);
    expect(await ticked()).toEqual([]);
    expect(await page(`${now.path}/faststallande`)).toContain(t('min.finalise.noParts'));
    await save(['goal', 'part_time', 'follow_up']);
    expect(await ticked()).toEqual(['goal', 'part_time', 'follow_up']);
    expect(await page(`${now.path}/faststallande`)).not.toContain(t('min.finalise.noParts'));
  });
});

describe('locked', () => {
  const word = (name: string) => `Ord${name.replaceAll(/[^a-z]/gi, '')}slut`;
  const written = ['planGoal', 'question-part_time-agreed', 'canDo', 'ownWords', 'otherNeeded'];
  const rows = ['taken-1-question', 'taken-1-by', 'taken-1-where'];
  const json = async ({ path }: Place) => (await (await fk.get(`${path}.json`)).json()) as MinutesContent;

  beforeAll(async () => {
    await post(old.path, Object.fromEntries([...written, 'takenAway'].map((name) => [name, word(name)])));
    await post(old.path, { [`attendance-${old.people.ARBG}`]: 'part' });
    await post(now.path, Object.fromEntries([...written, ...rows].map((name) => [name, word(name)])));
    for (const { path, caseId } of [old, now]) {
      await post(`${path}/atgarder`, { text: 'Ordna en stol', carriedOutBy: 'PV' });
      await post(`${path}/faststallande`, { reason: 'Alla läste.', noFollowUpReason: 'Bokas sedan.' });
      const kinds = ['contact', 'work', 'measures', 'health', 'social'];
      await post(`/arenden/${caseId}/samtycken`, { party: 'ARBG', kinds, how: 'oral' });
    }
  });

  it('each document says which version it was written with, and is read by it', async () => {
    const [before, after] = [await json(old), await json(now)];
    expect([before.document.templateVersion, after.document.templateVersion]).toEqual([1, 2]);
    expect([before.texts.takenAway, before.taken]).toEqual([word('takenAway'), undefined]);
    expect(after.taken).toEqual([
      { question: word(rows[0] ?? ''), by: word(rows[1] ?? ''), where: word(rows[2] ?? '') },
    ]);
    for (const { path } of [old, now]) {
      const html = await page(path);
      for (const name of written) expect(html).toContain(word(name));
      expect(html).toContain(t('min.field.takenAway'));
    }
    for (const content of [before, after]) {
      const model = minutesDocument(content, app.house.texts.t);
      const bytes = await renderPdf(model, { standard: 'ua-1', createdAt: content.document.finalisedAt });
      expect(Buffer.from(bytes).toString('latin1')).toContain('<pdfuaid:part>1');
    }
    expect(await page(old.path)).not.toContain(t('min.taken.where'));
    expect(await page(now.path)).toContain(`${t('min.section.goal')}, ${t('min.section.part_time')}`);
  });

  it('each is released by it: of version 2 nobody gets what was said when they had left', async () => {
    const release = async ({ caseId }: Place) => {
      const proposal = await page(`/arenden/${caseId}/utlamnande?party=ARBG&document=minutes`);
      const to = await post(`/arenden/${caseId}/utlamnande`, { party: 'ARBG', document: 'minutes' });
      const copy = await page(to);
      const data = await (await fk.get(`${to}/exemplar.json`)).json();
      return { proposal, copy: `${copy}${JSON.stringify(data)}` };
    };
    const before = await release(old);
    for (const name of [...written, 'takenAway']) expect(before.copy).toContain(word(name));
    expect(before.copy).toContain('Ordna en stol');
    expect(before.proposal).not.toContain(t('release.missed'));
    const after = await release(now);
    expect(after.proposal).toContain(t('release.missed'));
    const told = [...written, ...rows].filter((name) => after.copy.includes(word(name)));
    expect(told).toEqual(['planGoal', 'question-part_time-agreed']);
    expect(after.copy).not.toContain('Ordna en stol');
  });
});
