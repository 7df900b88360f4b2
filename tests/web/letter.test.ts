import { extractText } from 'unpdf';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { insertAccount } from '../../src/features/account/store.ts';
import { insertRepresentation } from '../../src/features/case/person/store.ts';
import { listLetters } from '../../src/features/meeting/letter/store.ts';
import { permit } from '../../src/platform/db/access.ts';
import { fillForm, parseForm, validateHtml } from '../support/html.ts';
import { canary, fixed, openWorld, type World } from './invitation-world.ts';

/** Whoever has no e-mail learns of every change too, and answers by telephone, slip, or through somebody else. */

let w: World;
let officer: string;
let ids: { person: string; employer: string; doctor: string; fk: string };

beforeEach(async () => {
  w = await openWorld();
  officer = await w.signIn('fk');
  ids = {
    person: await w.add('PERSON', canary.individual, ''),
    fk: await w.add('FK', 'Sara Lind', 'sara.lind@fk.example.se'),
    employer: await w.add('ARBG', 'Åsa-Maria Östergård', ''),
    doctor: await w.add('PV', 'Lena Dal', 'lena.dal@region.example.se'),
  };
});
afterEach(() => w.close());

const act = (path: string, body: Record<string, string | string[]> = {}) => w.post(`${w.path}${path}`, body, officer);
async function page(path: string, cookie = officer) {
  const response = await w.get(path, cookie);
  const html = await response.text();
  await validateHtml(html, path);
  return html;
}
const letterTo = (id: string) => `/deltagare/${id}/brev`;
async function printed(id: string): Promise<string> {
  const pdf = await (await w.get(`${w.path}${letterTo(id)}.pdf`, officer)).arrayBuffer();
  return (await extractText(new Uint8Array(pdf), { mergePages: true })).text.replace(/\s+/g, ' ');
}
/** Kind and fate of each letter to somebody, newest first. */
const letters = async (id: string) =>
  (await listLetters(permit(w.house.engine.database.reads), w.meetingId))
    .filter(({ participantId }) => participantId === id)
    .map(({ kind, settledHow }) => `${kind} ${settledHow ?? 'waiting'}`);
/** As the officer does it, with the letter that the page shows. */
async function settle(id: string, how: string) {
  const path = `${w.path}${letterTo(id)}`;
  const form = parseForm(await page(path), path);
  return w.post(path, Object.fromEntries(fillForm(form, { how })), officer);
}
const needs = async () => {
  const [inbox, meeting] = await Promise.all([page('/inkorg'), page(w.path)]);
  return {
    inbox: /([^\s>]+) brev behöver skickas: möte/.exec(inbox)?.[1] ?? null,
    meeting: /([^\s>]+) brev behöver skickas/.exec(meeting)?.[1] ?? null,
  };
};

describe('a letter', () => {
  test('waits for the officer after the invitation, a move, a cancellation and a removal', async () => {
    await act('/tid', fixed);
    await act('/kallelse');
    expect(await needs()).toEqual({ inbox: '2', meeting: '2' });
    expect(await letters(ids.doctor)).toEqual([]);
    expect(await printed(ids.employer)).toContain('har bokat ett möte');
    expect((await settle(ids.employer, 'letter')).status).toBe(303);
    expect((await w.one(ids.employer)).delivery).toBe('letter');
    expect(await needs()).toEqual({ inbox: 'Ett', meeting: 'Ett' });

    // Seen before the move, said to be sent after it: the letter about the new time is not.
    const before = `${w.path}${letterTo(ids.person)}`;
    const stale = fillForm(parseForm(await page(before), before), { how: 'letter' });
    await act('/tid', { ...fixed, startsAt: '2026-12-18T09:00', reason: canary.reason });
    expect((await w.post(before, Object.fromEntries(stale), officer)).status).toBe(409);
    expect(await letters(ids.person)).toEqual(['update waiting', 'request replaced']);
    expect(await letters(ids.employer)).toEqual(['update waiting', 'request letter']);
    const moved = await printed(ids.employer);
    expect(moved).toContain('fredag 18 december 2026');
    expect(moved).not.toContain(canary.reason);
    await settle(ids.person, 'phone');
    expect((await w.one(ids.person)).delivery).toBe('phone');

    await act('/tid', { ...fixed, startsAt: '2026-12-18T09:00', placeKind: 'office', reason: 'x' });
    expect((await letters(ids.person))[0]).toBe('place waiting');

    await act(`/deltagare/${ids.employer}/bort`);
    expect((await letters(ids.employer))[0]).toBe('removed waiting');
    expect(await page(w.path)).toContain('Åsa-Maria Östergård: behöver inte vara med');
    expect(await printed(ids.employer)).toContain('Du behöver inte vara med på mötet');
    await settle(ids.employer, 'letter');

    await act('/installd', { reason: canary.reason });
    expect(await letters(ids.person)).toEqual(['cancel waiting', 'place replaced', 'update phone', 'request replaced']);
    const off = await printed(ids.person);
    expect(off).toContain('är inställt');
    expect(off).not.toContain(canary.reason);
    expect(await needs()).toEqual({ inbox: 'Ett', meeting: 'Ett' });
    await settle(ids.person, 'phone');
    expect(await needs()).toEqual({ inbox: null, meeting: null });
    const timeline = await page(w.path);
    for (const words of [
      'Brev: inställt möte',
      'Brev: ny tid',
      'Sagt på telefon',
      'Skickat med brev',
      'Behövs inte längre',
    ]) {
      expect(timeline).toContain(words);
    }
  });

  test('is nobody’s but the officer’s, needs an answer to how, and there is none to whom nothing is to be told', async () => {
    await act('/tid', fixed);
    expect((await w.get(`${w.path}${letterTo(ids.person)}`, officer)).status).toBe(303);
    await act('/kallelse');
    expect((await act(letterTo(ids.person), {})).status).toBe(422);
    const cookie = await w.signIn('fk2');
    expect((await w.get(`${w.path}${letterTo(ids.person)}`, cookie)).status).toBe(403);
    expect((await w.post(`${w.path}${letterTo(ids.person)}`, { how: 'phone' }, cookie)).status).toBe(403);
    expect((await w.get(`/moten/${w.otherMeetingId}${letterTo(ids.person)}`, officer)).status).toBe(404);
    // It comes too late once the meeting has begun.
    w.pass({ hours: 24 * 40 });
    expect(await needs()).toEqual({ inbox: null, meeting: null });
  });

  test('tells of what is called off where the address is nobody’s any more', async () => {
    await act('/tid', fixed);
    await act('/kallelse');
    await act(`/deltagare/${ids.doctor}/aterkallelse`);
    await act('/tid', { ...fixed, startsAt: '2026-12-18T09:00', reason: 'x' });
    expect(await letters(ids.doctor)).toEqual([]);
    await act('/installd', { reason: 'x' });
    expect(await letters(ids.doctor)).toEqual(['cancel waiting']);
  });

  test('asks for times, and waits no more when they have been told or a time is booked', async () => {
    const times = ['2026-12-08T09:00', '2026-12-09T13:00'];
    await act('/tidsforslag', { startsAt: times, durationMinutes: '60' });
    expect(await needs()).toEqual({ inbox: '2', meeting: '2' });
    const asked = await printed(ids.person);
    for (const words of ['Kan vid behov', 'tisdag 8 december 2026, kl. 09.00–10.00', 'onsdag 9 december 2026']) {
      expect(asked).toContain(words);
    }
    const note = `${w.path}/deltagare/${ids.employer}/tider`;
    const form = parseForm(await page(note), note);
    const options = [...form.fields.keys()].filter((name) => name.startsWith('option-'));
    const said = {
      via: 'phone',
      saidAs: 'support',
      saidBy: 'Karin Stöd',
      ...Object.fromEntries(options.map((name) => [name, 'yes'])),
    };
    expect((await w.post(note, { ...said, saidBy: '' }, officer)).status).toBe(422);
    expect((await w.post(note, Object.fromEntries(fillForm(form, said)), officer)).status).toBe(303);
    expect(await letters(ids.employer)).toEqual(['poll phone']);
    expect(await page(w.path)).toContain('genom stödpersonen Karin Stöd');
    const [option = ''] = options;
    await act('/tid', { ...fixed, startsAt: times[0] ?? '', option: option.replace('option-', '') });
    expect(await letters(ids.person)).toEqual(['request waiting', 'poll replaced']);
  });
});

describe('an answer that the officer notes', () => {
  beforeEach(async () => {
    await act('/tid', fixed);
    await act('/kallelse');
  });
  const path = () => `/deltagare/${ids.person}/svar`;

  test.each<[string, Record<string, string>, object, string]>([
    [
      'from the participant on the telephone',
      { answer: 'accepted', via: 'phone' },
      { answer: 'accepted', answeredVia: 'phone', answeredFor: null, delivery: 'phone' },
      'på telefon,',
    ],
    [
      'from a slip, filled in by a support person',
      { answer: 'tentative', via: 'letter', saidAs: 'support', saidBy: 'Karin Stöd' },
      { answer: 'tentative', answeredVia: 'letter', answeredFor: { as: 'support', name: 'Karin Stöd' } },
      'med brev, genom stödpersonen Karin Stöd,',
    ],
    [
      'another time, by who represents them',
      { proposedStart: '2026-12-20T10:00', via: 'phone', saidAs: 'representative', saidBy: 'Eva God Man' },
      { answer: 'needs_action', proposedStart: '2026-12-20T09:00:00.000Z' },
      'genom företrädaren Eva God Man',
    ],
  ])('%s', async (_case, body, kept, shown) => {
    const form = parseForm(await page(`${w.path}${path()}`), `${w.path}${path()}`);
    expect((await act(path(), Object.fromEntries(fillForm(form, body)))).status).toBe(303);
    expect(await w.one(ids.person)).toMatchObject(kept);
    expect(await page(w.path)).toContain(shown);
    // Whoever answers has been told.
    expect(await letters(ids.person)).toEqual([`request ${body.via}`]);
  });

  test.each<[string, Record<string, string>, string]>([
    ['nothing said', { via: 'phone' }, 'answer'],
    ['by somebody without a name', { answer: 'accepted', via: 'phone', saidAs: 'support' }, 'saidBy'],
    ['a time that has been', { proposedStart: '2020-01-01T10:00', via: 'phone' }, 'proposedStart'],
  ])('is not taken: %s', async (_case, body, field) => {
    const refused = await act(path(), body);
    expect(refused.status).toBe(422);
    expect(await refused.text()).toContain(`f-${field}-error`);
    expect((await w.one(ids.person)).answer).toBe('needs_action');
  });

  test('of another time is turned down in a letter', async () => {
    await act(path(), { proposedStart: '2026-12-20T10:00', via: 'letter' });
    const proposal = `${w.path}/deltagare/${ids.person}/forslag`;
    const seen = (await w.one(ids.person)).proposedStart ?? '';
    expect(await page(proposal)).toContain('ett brev att skicka');
    expect((await w.post(proposal, { choice: 'decline', seen }, officer)).status).toBe(303);
    expect((await letters(ids.person))[0]).toBe('counter_declined waiting');
    expect(await printed(ids.person)).toContain('Den tiden går tyvärr inte');
  });
});

describe('signed in', () => {
  const account = (demoKey: string, role: 'individual' | 'representative', name: string) => ({
    ...{ id: `0198c2a4-6d1e-7c55-9a3b-${demoKey.padEnd(12, '0')}`, demoKey, role, name, fk: false, party: 'PERSON' },
    ...{ organisationId: '', unitId: null, email: null, phone: null, personalNumber: null },
  });
  const [self, guardian] = [
    account('individ', 'individual', canary.individual),
    account('ombud', 'representative', 'Eva God Man'),
  ];

  beforeEach(async () => {
    await w.set(async (writes) => {
      const { id: organisationId } = await writes.db.selectFrom('organisation').select('id').executeTakeFirstOrThrow();
      for (const one of [self, guardian]) await insertAccount(writes, { ...one, organisationId });
      await writes.db.updateTable('case_file').set({ individual_account_id: self.id }).execute();
      await insertRepresentation(permit(writes), {
        ...{ id: '0198c2a4-6d1e-7c55-9a3b-2f6f0b1d7e99', accountId: guardian.id, individualAccountId: self.id },
        ...{ basis: 'special_representative', how: 'Beslut', firstDay: '2026-01-01', lastDay: null },
        ...{ at: '2026-01-01T08:00:00.000Z', byId: w.officerId },
      });
    });
    await act('/tid', fixed);
    await act('/kallelse');
  });
  const own = () => `/mina-moten/${ids.person}`;

  test('the person answers as themselves', async () => {
    const cookie = await w.signIn('individ');
    expect(await page('/mina-moten', cookie)).toContain(own());
    expect(await page('/kalender?datum=2026-12-17', cookie)).toContain('Möte (K7M2-4QXR)');
    expect(await page(own(), cookie)).not.toContain('Du svarar för');
    expect((await w.post(own(), { answer: 'accepted' }, cookie)).status).toBe(303);
    expect(await w.one(ids.person)).toMatchObject({ answer: 'accepted', answeredVia: 'account', answeredFor: null });
    // Of others, they see and say nothing.
    for (const id of [ids.employer, ids.doctor]) {
      expect((await w.get(`/mina-moten/${id}`, cookie)).status).toBe(404);
      expect((await w.post(`/mina-moten/${id}`, { answer: 'declined' }, cookie)).status).toBe(404);
    }
  });

  test('who represents them answers for them, as long as they do', async () => {
    const cookie = await w.signIn('ombud');
    expect(await page('/mina-moten', cookie)).toContain(own());
    expect(await page(own(), cookie)).toContain(`Du svarar för ${canary.individual}`);
    expect((await w.post(own(), { answer: 'declined', comment: 'Vi hör av oss.' }, cookie)).status).toBe(303);
    const as = { as: 'representative', name: 'Eva God Man' };
    expect(await w.one(ids.person)).toMatchObject({ answer: 'declined', answeredVia: 'account', answeredFor: as });
    expect(await page(w.path)).toContain('inloggad, genom företrädaren Eva God Man');
    expect((await w.get(`/mina-moten/${ids.employer}`, cookie)).status).toBe(404);
    await w.set((writes) => writes.db.updateTable('representation').set({ last_day: '2026-11-01' }).execute());
    expect((await w.get(own(), cookie)).status).toBe(404);
    expect((await w.post(own(), { answer: 'accepted' }, cookie)).status).toBe(404);
    expect(await page('/mina-moten', cookie)).not.toContain(own());
  });
});
