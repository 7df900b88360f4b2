import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { MinutesContent } from '../../src/features/filing/document/rules.ts';
import { listParticipants } from '../../src/features/meeting/participant/store.ts';
import { permit } from '../../src/platform/db/access.ts';
import { goodRequest, openTestApp, type TestApp } from '../support/app.ts';
import { parseForm, validateHtml } from '../support/html.ts';

/** A meeting is never minuted without it being known what comes next, and what comes next is a meeting of the case. */

let app: TestApp;
let fk: Awaited<ReturnType<TestApp['signIn']>>;
const db = () => app.house.engine.database.reads.db;
const t = (key: string) => app.house.texts.t(key);
const reads = () => permit(app.house.engine.database.reads);

beforeAll(async () => {
  app = await openTestApp({ now: '2026-11-23T09:00:00.000Z' });
  fk = await app.signIn('fk');
});
afterAll(() => app.close());

async function post(path: string, fields: Record<string, string | string[]>, status = 303): Promise<string> {
  const response = await fk.post(path, fields);
  const html = await response.text();
  expect(response.status, `${path}: ${html.slice(0, 300)}`).toBe(status);
  if (status !== 303) validateHtml(html, path);
  return status === 303 ? (response.headers.get('location') ?? '') : html;
}
async function page(path: string): Promise<string> {
  const response = await fk.get(path);
  expect(response.status, path).toBe(200);
  const html = await response.text();
  validateHtml(html, path);
  return html;
}

/** A meeting that has been held, with the person, FK and two others; ids. */
async function heldMeeting(kind: string): Promise<{ meeting: string; caseId: string }> {
  await post('/begaran', { ...goodRequest, individualNumber: '', individualNumberMissing: 'on', channel: 'phone' });
  const { id } = await db().selectFrom('request').select('id').orderBy('id', 'desc').executeTakeFirstOrThrow();
  const decided = { decision: 'confirm', kind, purpose: 'Komma överens.' };
  const meeting = (await post(`/begaran/${id}/beslut`, decided)).split('/').at(-1) ?? '';
  for (const party of ['PERSON', 'FK', 'PV', 'SOC', 'TOLK']) {
    const person = { party, name: `${party} namn`, phone: '08-123 45 67', email: `${party.toLowerCase()}@x.example` };
    await post(`/moten/${meeting}/deltagare`, { ...person, required: 'on', verified: 'on', verifiedHow: 'Ringde.' });
  }
  const people = await listParticipants(reads(), meeting);
  const views = people.map(({ id, party }) => [`party-${id}`, party === 'SOC' ? 'no' : 'yes']);
  await post(`/moten/${meeting}/samtal`, { how: 'På telefon.', ...Object.fromEntries(views) });
  const time = { startsAt: '2026-11-30T09:00', durationMinutes: '60', placeKind: 'phone' };
  await post(`/moten/${meeting}/tid`, time);
  await post(`/moten/${meeting}/hallet`, {});
  const row = await db().selectFrom('meeting').select('case_id').where('id', '=', meeting).executeTakeFirstOrThrow();
  return { meeting, caseId: row.case_id ?? '' };
}
const others = (caseId: string, meeting: string) =>
  db().selectFrom('meeting').selectAll().where('case_id', '=', caseId).where('id', '!=', meeting).execute();
const lock = (meeting: string, fields: Record<string, string>, status = 303) =>
  post(`/moten/${meeting}/protokoll/faststallande`, { reason: 'Alla hörde.', ...fields }, status);
const write = (meeting: string, fields: Record<string, string>) =>
  post(`/moten/${meeting}/protokoll`, {
    ...fields,
    ...Object.fromEntries(Object.keys(fields).map((name) => [`version-${name}`, '0'])),
  });

describe('minutes are not final before it is known what comes next', () => {
  test('neither booked, nor a day, nor a reason: refused in place, and nothing is made', async () => {
    const { meeting, caseId } = await heldMeeting('reconciliation');
    const path = `/moten/${meeting}/protokoll/faststallande`;
    expect(await page(path)).toContain(t('min.finalise.noFollowUp'));
    const refused = await lock(meeting, {}, 422);
    expect(refused).toContain('href="#f-noFollowUpReason"');
    expect(refused).toContain('Alla hörde.');
    expect(await lock(meeting, { followUp: 'book' }, 422)).toContain(t('err.follow_up_day'));
    expect(await others(caseId, meeting)).toEqual([]);
    await lock(meeting, { noFollowUpReason: 'Personen vill vänta.' });
    expect(await others(caseId, meeting)).toEqual([]);
    const json = (await (await fk.get(`/moten/${meeting}/protokoll.json`)).json()) as MinutesContent;
    expect(json.document.noFollowUpReason).toBe('Personen vill vänta.');
  });

  test('a day in the minutes is booked with them: same people, verified addresses, the person’s no', async () => {
    const { meeting, caseId } = await heldMeeting('reconciliation');
    await write(meeting, { followUpDate: '2027-01-12', followUpPurpose: 'Se hur halvtid går.' });
    const form = parseForm(
      await page(`/moten/${meeting}/protokoll/faststallande`),
      `/moten/${meeting}/protokoll/faststallande`,
    );
    expect(form.fields.get('followUp')).toEqual({ values: ['book'], choices: ['book', 'none'] });
    await lock(meeting, { followUp: 'book', noFollowUpReason: '' });
    const [next, ...rest] = await others(caseId, meeting);
    expect(rest).toEqual([]);
    expect(next).toMatchObject({ kind: 'follow_up', state: 'planning', planned_for: '2027-01-12', starts_at: null });
    const shown = await page(`/moten/${next?.id}`);
    expect(shown).toContain('Se hur halvtid går.');
    expect(shown).toContain('12 januari 2027');
    const spine = await page(`/arenden/${caseId}`);
    expect(spine).toContain('12 januari 2027');
    // In the order it happened, and the talk that was held is still told of.
    expect(spine.indexOf(`/moten/${meeting}`)).toBeLessThan(spine.indexOf(`/moten/${next?.id}`));
    expect(spine).not.toContain(t('talk.none'));
    const before = await listParticipants(reads(), meeting);
    const after = await listParticipants(reads(), next?.id ?? '');
    const told = (list: typeof after) =>
      list
        .filter(({ party }) => party !== 'TOLK')
        .map((one) => [one.party, one.person, one.verifiedAt, one.verifiedHow, one.view]);
    expect(told(after)).toEqual(told(before));
    expect(after.map(({ party }) => party)).toEqual(['PERSON', 'FK', 'PV', 'SOC']);
    // Their links, answers and plus-addresses are their own.
    const tags = [...before, ...after].map(({ mailTag }) => mailTag);
    expect(new Set(tags).size).toBe(tags.length);
    expect(after.every(({ sentSequence, answer }) => sentSequence === null && answer === 'needs_action')).toBe(true);
    const verifiers = await db()
      .selectFrom('participant')
      .select(['verified_by'])
      .where('meeting_id', 'in', [meeting, next?.id ?? ''])
      .distinct()
      .execute();
    expect(verifiers).toHaveLength(1);
    const json = (await (await fk.get(`/moten/${meeting}/protokoll.json`)).json()) as MinutesContent;
    expect(json.document.noFollowUpReason).toBe('');
    // Locked twice, booked once.
    await fk.post(`/moten/${meeting}/protokoll/faststallande`, { reason: 'x', followUp: 'book' });
    expect(await others(caseId, meeting)).toHaveLength(1);
  });

  test('the follow-up of a SIP is a SIP: every yes is asked for again before anybody is invited', async () => {
    const { meeting, caseId } = await heldMeeting('sip');
    await write(meeting, { followUpDate: '2027-01-12' });
    await lock(meeting, {});
    const [next] = await others(caseId, meeting);
    expect(next?.kind).toBe('sip');
    const views = (await listParticipants(reads(), next?.id ?? '')).map(({ party, view }) => `${party} ${view}`);
    expect(views).toEqual(['PERSON not_asked', 'FK not_asked', 'PV not_asked', 'SOC no']);
    await post(`/moten/${next?.id}/tid`, { startsAt: '2027-01-12T09:00', durationMinutes: '60', placeKind: 'phone' });
    await post(`/moten/${next?.id}/kallelse`, {}, 422);
    expect(await page(`/moten/${next?.id}`)).toContain(t('talk.none'));
    await app.house.engine.database.transaction(async (w) => {
      await w.db
        .updateTable('meeting')
        .set({ state: 'held' })
        .where('id', '=', next?.id ?? '')
        .execute();
    });
    // What can no longer be done is no longer asked for.
    expect(await page(`/moten/${next?.id}`)).toContain(t('talk.noneThen'));
    const sent = db()
      .selectFrom('participant')
      .select('id')
      .where('meeting_id', '=', next?.id ?? '')
      .where('sent_sequence', 'is not', null);
    expect(await sent.execute()).toEqual([]);
  });

  test('a meeting that is booked already is enough, and one that was called off is not', async () => {
    const { meeting, caseId } = await heldMeeting('reconciliation');
    const made = await post(`/arenden/${caseId}/moten`, {
      kind: 'follow_up',
      purpose: 'Följa upp.',
      plannedFor: '2027-02-01',
    });
    expect(await page(`/moten/${meeting}/protokoll/faststallande`)).toContain('1 februari 2027');
    await post(`${made}/installd`, { reason: 'Fel dag.' });
    await lock(meeting, {}, 422);
    await post(`/arenden/${caseId}/moten`, { kind: 'follow_up', purpose: 'Följa upp.', plannedFor: '2027-02-02' });
    await lock(meeting, {});
    expect((await others(caseId, meeting)).map(({ state }) => state).sort()).toEqual(['cancelled', 'planning']);
  });

  test('the minutes of a meeting that ends the case need none', async () => {
    const { meeting, caseId } = await heldMeeting('closing');
    expect(await page(`/moten/${meeting}/protokoll/faststallande`)).toContain(t('min.finalise.closing'));
    await lock(meeting, {});
    expect(await others(caseId, meeting)).toEqual([]);
  });
});

describe('another meeting in a case', () => {
  test('its page is filled from the meeting or the measure that it comes from, and its address says nothing', async () => {
    const { meeting, caseId } = await heldMeeting('reconciliation');
    await write(meeting, { followUpDate: '2027-01-12', followUpPurpose: 'Se hur halvtid går.' });
    await post(`/moten/${meeting}/protokoll/atgarder`, { text: 'Ordna en stol', carriedOutBy: 'ARBG' });
    await lock(meeting, { followUp: 'none', noFollowUpReason: 'Sedan.' });
    const path = `/arenden/${caseId}/moten/nytt`;
    const filled = parseForm(await page(`${path}?efter=${meeting}`), `/arenden/${caseId}/moten`).fields;
    const value = (name: string) => filled.get(name)?.values;
    expect([value('kind'), value('purpose'), value('plannedFor'), value('from')]).toEqual([
      ['follow_up'],
      ['Se hur halvtid går.'],
      ['2027-01-12'],
      [meeting],
    ]);
    expect(value('keep')).toHaveLength(3);
    const { id } = await db()
      .selectFrom('measure')
      .select('id')
      .where('case_id', '=', caseId)
      .executeTakeFirstOrThrow();
    const ofMeasure = parseForm(await page(`${path}?atgard=${id}`), `/arenden/${caseId}/moten`).fields;
    expect(ofMeasure.get('purpose')?.values).toEqual(['Följa upp åtgärd 1: Ordna en stol']);
    // Another case's measure fills nothing in.
    const foreign = await db()
      .selectFrom('measure')
      .select('id')
      .where('case_id', '!=', caseId)
      .executeTakeFirstOrThrow();
    const other = parseForm(await page(`${path}?atgard=${foreign.id}`), `/arenden/${caseId}/moten`).fields;
    expect(other.get('purpose')?.values).not.toEqual(ofMeasure.get('purpose')?.values);

    // Only those who were kept come along, and the person always.
    const [kept = ''] = value('keep') ?? [];
    const made = await post(`/arenden/${caseId}/moten`, {
      kind: 'multi_party',
      purpose: 'Prata.',
      from: meeting,
      keep: [kept],
    });
    const people = await listParticipants(reads(), made.split('/').at(-1) ?? '');
    expect(people.map(({ party }) => party)).toEqual(['PERSON', 'FK']);
  });

  test('bad fields come back in place, and a meeting of another case brings nobody', async () => {
    const { caseId } = await heldMeeting('reconciliation');
    const bad = await post(`/arenden/${caseId}/moten`, { kind: '', purpose: '', plannedFor: '2020-01-01' }, 422);
    for (const name of ['kind', 'purpose', 'plannedFor']) expect(bad).toContain(`href="#f-${name}"`);
    const foreign = await db()
      .selectFrom('meeting')
      .select('id')
      .where('case_id', '!=', caseId)
      .executeTakeFirstOrThrow();
    const typed = { kind: 'follow_up', purpose: 'Följa upp.', from: foreign.id };
    expect(await post(`/arenden/${caseId}/moten`, typed, 422)).toContain('Följa upp.');
  });

  test('is the officer’s own act', async () => {
    const { caseId } = await heldMeeting('reconciliation');
    for (const [account, status] of [
      ['fk2', 403],
      ['chef', 403],
      ['arbetsgivare', 404],
      ['individ', 404],
    ] as const) {
      const other = await app.signIn(account);
      expect((await other.get(`/arenden/${caseId}/moten/nytt`)).status, account).toBe(status);
      expect((await other.post(`/arenden/${caseId}/moten`, { kind: 'follow_up', purpose: 'x' })).status, account).toBe(
        status,
      );
    }
  });
});
