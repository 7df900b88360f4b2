import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listParticipants } from '../../src/features/meeting/participant/store.ts';
import { permit } from '../../src/platform/db/access.ts';
import { goodRequest, openTestApp, type TestApp } from '../support/app.ts';
import { parseForm, parseLinks, validateHtml } from '../support/html.ts';

let test: TestApp;
let fk: Awaited<ReturnType<TestApp['signIn']>>;
beforeAll(async () => {
  test = await openTestApp();
  fk = await test.signIn('fk');
});
afterAll(() => test.close());

/** A confirmed meeting of the officer's: its path. */
async function newMeeting(kind = 'reconciliation'): Promise<string> {
  await test.visitor().post('/begaran', { ...goodRequest, individualNumber: '', individualNumberMissing: 'on' });
  const links = parseLinks(await (await fk.get('/inkorg')).text());
  const id = links.filter((href) => /^\/begaran\/[0-9a-f-]{36}$/.test(href)).at(-1) ?? '';
  const response = await fk.post(`${id}/beslut`, { decision: 'confirm', kind, purpose: 'Syfte.' });
  return response.headers.get('location') ?? '';
}
const rows = (meeting: string) =>
  listParticipants(permit(test.house.engine.database.reads), meeting.slice('/moten/'.length), { removed: true });
const row = async (meeting: string, party: string) => (await rows(meeting)).find((one) => one.party === party);
const add = (meeting: string, fields: Record<string, string>) =>
  fk.post(`${meeting}/deltagare`, { name: 'Någon', ...fields });
const talk = (meeting: string, fields: Record<string, string>) =>
  fk.post(`${meeting}/samtal`, { how: 'Telefon.', ...fields });

describe('an address is used only when somebody has verified that very one', () => {
  it('by the participant form', async () => {
    const meeting = await newMeeting();
    const first = { party: 'ARBG', email: 'Chefen@Arbete.Example', verified: 'on', verifiedHow: 'Ringde växeln.' };
    expect((await add(meeting, first)).status).toBe(303);
    const id = (await row(meeting, 'ARBG'))?.id ?? '';
    expect((await row(meeting, 'ARBG'))?.person.email).toBe('Chefen@arbete.example');
    const path = `${meeting}/deltagare`;
    const html = await (await fk.get(`${path}?rad=${id}`)).text();
    await validateHtml(html, path);
    expect(html).toContain('Ringde växeln.');
    expect(parseForm(html, path).fields.get('verified')?.values ?? []).toEqual([]);
    // A new name leaves the verification as it is; a new address has none.
    await add(meeting, { party: 'ARBG', participant: id, name: 'Annan', email: 'Chefen@arbete.example' });
    expect((await row(meeting, 'ARBG'))?.verifiedHow).toBe('Ringde växeln.');
    await add(meeting, { party: 'ARBG', participant: id, email: 'ny@arbete.example' });
    expect((await row(meeting, 'ARBG'))?.verifiedAt).toBe(null);
  });

  it('by the talk', async () => {
    const meeting = await newMeeting();
    await add(meeting, { party: 'PERSON', email: 'okand@post.example' });
    await talk(meeting, { personEmail: '', personPhone: '070-174 06 09' });
    expect(await row(meeting, 'PERSON')).toMatchObject({
      verifiedAt: null,
      person: { email: 'okand@post.example', phone: '070-174 06 09' },
    });
    await talk(meeting, { personEmail: 'saker@post.example', personPhone: '' });
    expect((await row(meeting, 'PERSON'))?.verifiedHow).toBe('Telefon.');
    // Said to be unsafe after all: taken back, and the invitation goes by letter.
    await talk(meeting, { personEmail: '', personPhone: '' });
    expect(await row(meeting, 'PERSON')).toMatchObject({ verifiedAt: null, person: { email: '' } });
    // A form without the fields changes nothing.
    await talk(meeting, { personEmail: 'saker@post.example', personPhone: '' });
    await talk(meeting, {});
    expect((await row(meeting, 'PERSON'))?.person.email).toBe('saker@post.example');
  });
});

it('a view that is not posted again is not asked', async () => {
  const meeting = await newMeeting('sip');
  await add(meeting, { party: 'PV' });
  const id = (await row(meeting, 'PV'))?.id ?? '';
  await talk(meeting, { [`party-${id}`]: 'yes' });
  expect((await row(meeting, 'PV'))?.view).toBe('yes');
  await talk(meeting, {});
  expect((await row(meeting, 'PV'))?.view).toBe('not_asked');
});

it('who is invited and then refused by the person is not written to again, until the meeting is called off', async () => {
  const meeting = await newMeeting();
  const verified = { verified: 'on', verifiedHow: 'Ringde.' };
  await add(meeting, { party: 'FK', email: 'h@fk.example', ...verified });
  await add(meeting, { party: 'ARBG', email: 'chef@a.example', ...verified });
  const id = (await row(meeting, 'ARBG'))?.id ?? '';
  await talk(meeting, { [`party-${id}`]: 'yes' });
  const time = { startsAt: '2027-02-03T09:00', durationMinutes: '60', placeKind: 'phone' };
  await fk.post(`${meeting}/tid`, time);
  expect((await fk.post(`${meeting}/kallelse`, {})).status).toBe(303);
  await talk(meeting, { [`party-${id}`]: 'no' });
  await fk.post(`${meeting}/tid`, { ...time, startsAt: '2027-02-04T09:00', reason: 'Ny tid.' });
  expect([(await row(meeting, 'FK'))?.sentSequence, (await row(meeting, 'ARBG'))?.sentSequence]).toEqual([1, 0]);
  await fk.post(`${meeting}/deltagare/${id}/ny-lank`, {});
  expect((await row(meeting, 'ARBG'))?.sentSequence).toBe(0);
  await fk.post(`${meeting}/installd`, { reason: 'Går inte.' });
  expect([(await row(meeting, 'FK'))?.sentSequence, (await row(meeting, 'ARBG'))?.sentSequence]).toEqual([2, 2]);
});
