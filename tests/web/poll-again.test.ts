import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { takeMail } from '../../src/features/invitation/reply/commands.ts';
import { tendPolls } from '../../src/features/meeting/poll/commands.ts';
import { findPoll } from '../../src/features/meeting/poll/store.ts';
import { permit } from '../../src/platform/db/access.ts';
import { bounce, exchange, google, type Invitation, ios, type Said, thunderbird } from '../support/calendar-replies.ts';
import { fillForm, parseForm, parseLinks, validateHtml } from '../support/html.ts';
import { canary, fixed, opened, openWorld, type Received, shape, type World } from './invitation-world.ts';

/** Other times for a meeting that has one, begun by somebody's own proposal; and answers to holds by calendar mail. */

let w: World;
let officer: string;
let ids: { lena: string; bo: string };

beforeEach(async () => {
  w = await openWorld({ imapUrl: 'imap://x:y@localhost' });
  officer = await w.signIn('fk');
  await w.add('PERSON', canary.individual, '');
  await w.add('FK', 'Sara Lind', 'sara.lind@fk.example.se');
  ids = {
    lena: await w.add('ARBG', 'Lena Dal', 'lena@verkstad.example.se'),
    bo: await w.add('FACK', 'Bo Fack', 'bo@facket.example.se'),
  };
});
afterEach(() => w.close());

const act = (path: string, body: Record<string, string | string[]> = {}) => w.post(`${w.path}${path}`, body, officer);
const mail = async () => opened(await w.letters());
async function page(path: string, cookie = officer): Promise<string> {
  const html = await (await w.get(path, cookie)).text();
  validateHtml(html, path.replace(/[A-Za-z0-9_-]{65}/, ':token'));
  return html;
}
const poll = async () => {
  const found = await findPoll(permit(w.house.engine.database.reads), w.meetingId);
  if (!found) throw new Error('no proposal');
  return found;
};
const take = (raw: string | Buffer) => takeMail(w.house.engine, Buffer.from(raw), w.house.config.mailFrom);
const toAnswer = ({ uid, sequence, organizer, to }: Received): Invitation => ({
  ...{ uid, sequence, organizer, attendee: to },
});
const everybody = ['bo', 'lena', 'sara.lind'];
const each = (...what: string[]) => everybody.flatMap((who) => what.map((one) => `${who} ${one}`));
const invite = async () => {
  await act('/tid', fixed);
  await act('/kallelse');
  return mail();
};
const proposed = '2026-12-21T09:00:00.000Z';

describe('a proposal of somebody’s own, for everybody to answer', () => {
  let invitations: Awaited<ReturnType<typeof mail>>;
  beforeEach(async () => {
    invitations = await invite();
  });
  const invitationTo = (name: string) =>
    toAnswer(invitations.find(({ to }) => to.startsWith(name))?.object as Received);
  const said: Said = {
    ...{ partstat: 'TENTATIVE', stamp: '20261123T080000Z' },
    proposed: { start: '20261221T100000', end: '20261221T113000' },
  };
  const choice = () => `${w.path}/deltagare/${ids.lena}/forslag`;
  /** The form that the choice leads to, with one more time in it, as it is sent. */
  async function ask(more: Record<string, string> = {}) {
    const href = parseLinks(await page(choice())).find((link) => link.includes('/tidsforslag?')) ?? '';
    const form = parseForm(await page(href), `${w.path}/tidsforslag`);
    const sent = fillForm(form, { 'typed-2': '2026-12-22T13:00', ...more });
    const body: Record<string, string[]> = {};
    for (const [name, value] of sent) body[name] = [...(body[name] ?? []), String(value)];
    return act('/tidsforslag', body);
  }

  test.each([
    ['by mail', () => take(google(invitationTo('lena'), said)), 90],
    ['by link', async () => w.post(await w.link(ids.lena), { proposedStart: '2026-12-21T10:00' }), 60],
  ])('that came %s: the meeting stands, and is moved when one is booked', async (_way, come, minutes) => {
    await come();
    expect((await ask()).headers.get('location')).toBe(`${w.path}/tidsforslag`);
    const { options, state } = await poll();
    expect(state).toBe('open');
    expect(options.map(({ startsAt }) => startsAt)).toEqual([proposed, '2026-12-22T12:00:00.000Z']);
    expect(Date.parse(options[0]?.endsAt ?? '') - Date.parse(proposed)).toBe(minutes * 60_000);
    expect(await w.meeting()).toMatchObject({ state: 'scheduled', sequence: 0, startsAt: '2026-12-17T12:00:00.000Z' });
    expect((await w.one(ids.lena)).proposedStart).toBeNull();
    const asked = await mail();
    expect(shape(asked)).toEqual(each('mail'));
    expect(asked[0]?.text).toContain('kanske flytta mötet torsdag 17 december 2026 kl. 13.00');
    expect(await page(w.path)).toContain('Svar på tidsförslaget');

    // On their own page: what is fixed with its answer, and the times.
    const link = await w.link(ids.bo);
    const own = await page(link, '');
    expect(own).toContain('Möte torsdag 17 december 2026');
    expect(own).toContain('Mötet kanske flyttas');
    await w.post(link, { answer: 'accepted' });
    const votes = Object.fromEntries(options.map(({ id }) => [`option-${id}`, 'yes']));
    expect((await w.post(`${link}/tider`, votes)).status).toBe(303);
    expect(await w.one(ids.bo)).toMatchObject({ answer: 'accepted', answerSequence: 0 });

    expect(await page(`${w.path}/tidsforslag`)).toContain('Mötet är kvar torsdag 17 december 2026');
    const path = `${w.path}/tid`;
    const booking = parseForm(await page(`${path}?tid=${options[1]?.id}`), path);
    expect((await act('/tid', Object.fromEntries(fillForm(booking)))).status).toBe(422);
    const done = await act('/tid', Object.fromEntries(fillForm(booking, { reason: canary.reason })));
    expect(done.status).toBe(303);
    const moved = await mail();
    expect(shape(moved)).toEqual(each('REQUEST 1 CONFIRMED'));
    expect(new Set(moved.map(({ object }) => `${object?.uid} ${object?.start}`))).toEqual(
      new Set([`${invitationTo('bo').uid} 2026-12-22T13:00:00`]),
    );
    expect((await poll()).state).toBe('booked');
    expect(await w.one(ids.bo)).toMatchObject({ answer: 'needs_action' });
    expect(await page(link, '')).not.toContain('Mötet kanske flyttas');
  });

  test('with holds: all of them leave the calendars, the invitation keeps its own place', async () => {
    await take(google(invitationTo('lena'), said));
    await ask({ holds: 'on' });
    expect(shape(await mail())).toEqual(each('REQUEST 0 TENTATIVE', 'REQUEST 0 TENTATIVE', 'mail'));
    await take(google(invitationTo('bo'), { ...said, stamp: '20261123T080100Z' }));
    expect(await page(`${w.path}/deltagare/${ids.bo}/forslag`)).toContain('Deltagarna väljer redan bland andra tider.');
    const { options } = await poll();
    await act('/tid', { ...fixed, startsAt: '2026-12-21T10:00', option: options[0]?.id ?? '', reason: 'x' });
    const after = await mail();
    expect(shape(after)).toEqual(each('CANCEL 1 CANCELLED', 'CANCEL 1 CANCELLED', 'REQUEST 1 CONFIRMED'));
    const request = after.find(({ object }) => object?.method === 'REQUEST');
    expect(request?.object?.uid).toBe(invitationTo('bo').uid);
    // Nothing is withdrawn twice.
    await act(`/deltagare/${ids.bo}/bort`);
    expect(shape(await mail())).toEqual(['bo CANCEL 2 null']);
    await act('/installd', { reason: 'x' });
    expect(shape(await mail())).toEqual(['lena CANCEL 3 CANCELLED', 'sara.lind CANCEL 3 CANCELLED']);
  });

  const holds = { startsAt: ['2026-12-21T10:00', '2026-12-22T13:00'], durationMinutes: '60', holds: 'on' };
  const withdrawn = each('CANCEL 1 CANCELLED', 'CANCEL 1 CANCELLED');
  test.each<[string, () => Promise<unknown>, string, string[]]>([
    [
      'ends with another time',
      () => act('/tid', { ...fixed, startsAt: '2026-12-18T09:00', reason: 'x' }),
      ...(['abandoned', [...withdrawn, ...each('REQUEST 1 CONFIRMED')]] as const),
    ] as never,
    [
      'goes on when only the place is another',
      () => act('/tid', { ...fixed, placeKind: 'phone', reason: 'x' }),
      ...(['open', each('REQUEST 1 CONFIRMED')] as const),
    ] as never,
    ['ends when the meeting is held', () => act('/hallet'), 'abandoned', withdrawn],
    [
      'ends when it is called off',
      () => act('/installd', { reason: 'x' }),
      ...(['abandoned', [...withdrawn, ...each('CANCEL 1 CANCELLED')]] as const),
    ] as never,
    ['ends by itself and leaves the meeting', () => act('/tidsforslag/avsluta'), 'abandoned', withdrawn],
    [
      'leaves an address that is changed',
      () => act(`/deltagare/${ids.bo}/adress`, { email: 'ny@facket.example.se', verifiedHow: 'Ringde.' }),
      'open',
      ['bo CANCEL 1 CANCELLED', 'bo CANCEL 1 CANCELLED', 'bo CANCEL 1 null', 'ny REQUEST 2 CONFIRMED'],
    ],
  ])('%s', async (_what, change, state, mails) => {
    expect((await act('/tidsforslag', holds)).status).toBe(303);
    const held = await mail();
    expect((await act('/tidsforslag', holds)).status).toBe(422);
    await page(`${w.path}/tidsforslag/avsluta`);
    expect(((await change()) as Response).status).toBe(303);
    const after = await mail();
    expect(shape(after)).toEqual(mails.sort());
    for (const { to, object } of after.filter((one) => one.object?.status === 'CANCELLED')) {
      const before = [...held, ...invitations].find((one) => one.to === to && one.object?.uid === object?.uid);
      expect(object?.organizer).toBe(before?.object?.organizer);
    }
    expect((await poll()).state).toBe(state);
    // Whatever it was, nobody is asked again about what is over.
    w.pass({ hours: 72 });
    await tendPolls(w.house.engine);
    expect((await mail()).filter(() => state !== 'open')).toEqual([]);
  });

  test('waits while a booked time is still only tentative with somebody', async () => {
    await act('/installd', { reason: 'x' });
    const other = await openWorld();
    const cookie = await other.signIn('fk');
    for (const party of ['PERSON', 'FK', 'PV'] as const)
      await other.add(party, party, party === 'PERSON' ? '' : `${party.toLowerCase()}@x.example`);
    const post = (path: string, body: Record<string, string | string[]>) =>
      other.post(`${other.path}${path}`, body, cookie);
    await post('/tidsforslag', holds);
    await other.set(({ db }) => db.updateTable('participant').set({ view: 'no' }).where('party', '=', 'PV').execute());
    await post('/tid', { ...fixed, startsAt: '2026-12-21T10:00' });
    await other.set(({ db }) => db.updateTable('participant').set({ view: 'yes' }).execute());
    const refused = await post('/tidsforslag', holds);
    expect(refused.status).toBe(422);
    expect(await refused.text()).toContain('Skicka inbjudan först');
    await post('/kallelse', {});
    expect((await post('/tidsforslag', holds)).status).toBe(303);
    await other.close();
  });
});

describe('an answer to a hold', () => {
  let held: Awaited<ReturnType<typeof mail>>;
  const times = ['2026-12-08T09:00', '2026-12-09T13:00', '2026-12-10T10:00'];
  beforeEach(async () => {
    await act('/tidsforslag', { startsAt: times, durationMinutes: '60', holds: 'on' });
    held = await mail();
  });
  const holdOf = async (name: string, at: number): Promise<Invitation> => {
    const { uid } = (await poll()).options[at] as { uid: string };
    return toAnswer(held.find(({ to, object }) => to.startsWith(name) && object?.uid === uid)?.object as Received);
  };
  const said = (partstat: Said['partstat'], minute = 0): Said => ({
    ...{ partstat, stamp: `20261123T08${String(minute).padStart(2, '0')}00Z` },
  });
  test('is a vote, from every kind of client, in whatever order it comes', async () => {
    expect(held[0]?.text).toMatch(/svara/i);
    expect(held.some(({ text }) => text.includes('på länken eller i din kalender'))).toBe(true);
    const mails = [
      google(await holdOf('lena', 0), said('DECLINED', 5)),
      google(await holdOf('lena', 0), said('ACCEPTED', 1)),
      ios(await holdOf('lena', 1), said('TENTATIVE', 2)),
      exchange(await holdOf('lena', 2), said('ACCEPTED', 3)),
      thunderbird(await holdOf('bo', 0), said('ACCEPTED', 4)),
    ];
    for (const raw of mails) await take(raw);
    for (const raw of mails) await take(raw);
    const given = async () =>
      (await poll()).votes.map(({ optionId, participantId, vote, via }) =>
        [optionId, participantId === ids.lena ? 'lena' : 'bo', vote, via].join(' '),
      );
    const [first, second, third] = (await poll()).options.map(({ id }) => id);
    const all = [
      ...[`${first} bo yes mail`, `${first} lena no mail`, `${second} lena if_needed mail`, `${third} lena yes mail`],
    ].sort();
    expect((await given()).sort()).toEqual(all);
    expect(
      (await poll()).asked.filter(({ answeredAt }) => answeredAt !== null).map((one) => one.participantId),
    ).toEqual([ids.lena]);
    // A vote and nothing else.
    expect(await w.meeting()).toMatchObject({ state: 'proposed', startsAt: null });
    expect(await w.one(ids.lena)).toMatchObject({ answer: 'needs_action', proposedStart: null });
    const html = await page(`${w.path}/tidsforslag`);
    expect(html).toContain('1 kan, 1 kan inte, 2 har inte svarat');
    expect(await page(w.path)).toContain('Svar på tidsförslaget: ');

    // What came later by link stands above what was written before it.
    await w.post(`${await w.link(ids.bo)}/tider`, { [`option-${first}`]: 'no' });
    await take(google(await holdOf('bo', 0), said('ACCEPTED', 30)));
    expect((await given()).sort()).toEqual(
      all.map((one) => (one === `${first} bo yes mail` ? `${first} bo no link` : one)),
    );
  });

  test('after the last day, or once a time is booked, changes nothing', async () => {
    w.pass({ hours: 24 * 5 });
    await tendPolls(w.house.engine);
    officer = await w.signIn('fk');
    expect(await take(google(await holdOf('lena', 0), said('ACCEPTED')))).toBe('ignored');
    expect((await poll()).votes).toEqual([]);
    expect(await page('/inkorg')).toContain('Svarstiden är slut. Välj tid för mötet K7M2-4QXR');
    expect(await page(w.path)).toContain('Svarstiden för tidsförslaget är slut.');
    const { options } = await poll();
    await act('/tid', {
      startsAt: times[0] ?? '',
      durationMinutes: '60',
      placeKind: 'office',
      option: options[0]?.id ?? '',
    });
    expect(await page('/inkorg')).not.toContain('Svarstiden är slut');
    const late = await take(google(await holdOf('lena', 0), said('ACCEPTED', 1)));
    expect([late, (await w.one(ids.lena)).answer]).toEqual(['ignored', 'needs_action']);
    expect(await page(w.path)).toContain('Svarade Kommer på en tidigare inbjudan');
    await mail();
    const answer = { ...(await holdOf('lena', 0)), sequence: 1 };
    expect(await take(google(answer, said('ACCEPTED', 2)))).toBe('processed');
    expect((await w.one(ids.lena)).answer).toBe('accepted');
  });

  test('that came back says that the address does not work', async () => {
    expect(await take(bounce(await holdOf('lena', 0), held[0]?.raw ?? ''))).toBe('processed');
    expect(await page(`${w.path}/tidsforslag`)).toContain('Mejlet kom inte fram');
    expect(await page(w.path)).toContain('Ett mejl kom inte fram');
  });

  test('of everybody puts the choice before the officer', async () => {
    expect(await page('/inkorg')).not.toContain('Välj tid för mötet');
    const { options, asked } = await poll();
    const given = Object.fromEntries(options.map(({ id }) => [`option-${id}`, 'yes']));
    for (const { participantId } of asked) await act(`/deltagare/${participantId}/tider`, { via: 'phone', ...given });
    expect(await page('/inkorg')).toContain('Alla har svarat på tiderna. Välj tid för mötet K7M2-4QXR');
  });

  test('and what asked for it stand on the meeting’s page, the holds folded', async () => {
    const html = await page(w.path);
    expect(html.match(/<h3>(Preliminär tid i kalendern|Fråga om tider)<\/h3>/g)).toHaveLength(2);
    expect(html).toContain('tisdag 8 december 2026, kl. 09.00');
    const paths = [...new Set(html.match(/\/moten\/[\w-]+\/utskick\/[\w-]+/g))];
    expect(paths).toHaveLength(3 * 4);
    for (const path of paths) expect(await page(path)).toContain('Mejlet är exakt det som skickades');
  });
});
