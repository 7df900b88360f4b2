import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { takeMail } from '../../src/features/invitation/reply/commands.ts';
import { google, type Invitation, type Said } from '../support/calendar-replies.ts';
import { everyRow, kind } from '../support/database.ts';
import { parseForm, validateHtml } from '../support/html.ts';
import { randomReplies } from '../support/random-replies.ts';
import { canary, fixed, openWorld, type Received, type World } from './invitation-world.ts';

/** What the officer makes of what came by mail: another time, another address, and the messages as they were sent. */

let w: World;
let officer: string;
let ids: { lena: string; bo: string };
let invitations: Received[];

beforeEach(async () => {
  w = await openWorld();
  officer = await w.signIn('fk');
  await w.add('PERSON', canary.individual, '');
  await w.add('FK', 'Sara Lind', 'sara.lind@fk.example.se');
  ids = {
    lena: await w.add('ARBG', 'Lena Dal', 'lena@verkstad.example.se'),
    bo: await w.add('FACK', 'Bo Fack', 'bo@facket.example.se'),
  };
  await act('/tid', fixed);
  await act('/kallelse');
  invitations = await w.mails();
});
afterEach(() => w.close());

const act = (path: string, body: Record<string, string> = {}) => w.post(`${w.path}${path}`, body, officer);
const page = async (path: string) => {
  const response = await w.get(path, officer);
  const html = await response.text();
  validateHtml(html, path);
  return html;
};
const invitationTo = (name: string): Invitation => {
  const { uid, sequence, organizer, to } = invitations.find((one) => one.to.startsWith(name)) as Received;
  return { uid, sequence, organizer, attendee: to };
};
const said: Said = {
  partstat: 'TENTATIVE',
  stamp: '20261123T080000Z',
  proposed: { start: '20261221T100000', end: '20261221T113000' },
};
const take = (raw: string | Buffer) => takeMail(w.house.engine, Buffer.from(raw), w.house.config.mailFrom);
const propose = () => take(google(invitationTo('lena'), said));
const seen = '2026-12-21T09:00:00.000Z';
const proposal = () => `/deltagare/${ids.lena}/forslag`;

describe('a proposed time', () => {
  test('is accepted: a new REQUEST to all, with the proposed length and place', async () => {
    await propose();
    const html = await page(`${w.path}${proposal()}`);
    expect(html).toContain('kl. 10.00–11.30');
    expect(parseForm(html, `${w.path}${proposal()}`).fields.get('seen')?.values).toContain(seen);
    const bare = await act(proposal(), { choice: 'accept', seen });
    expect(bare.status).toBe(422);
    expect((await act(proposal(), { choice: 'accept', seen, reason: canary.reason })).status).toBe(303);
    const mails = await w.mails();
    expect(mails.map(({ method, sequence, start }) => [method, sequence, start])).toEqual(
      Array(3).fill(['REQUEST', 1, '2026-12-21T10:00:00']),
    );
    expect(await w.meeting()).toMatchObject({
      endsAt: '2026-12-21T10:30:00.000Z',
      placeKind: 'care_centre',
      sequence: 1,
    });
    expect(await w.one(ids.lena)).toMatchObject({ proposedStart: null, answer: 'needs_action' });
    expect(mails.map(({ raw }) => raw).join()).not.toContain(canary.reason);
  });

  test.each([
    ['by mail', propose],
    ['by link', async () => w.post(await w.link(ids.lena), { proposedStart: '2026-12-21T10:00' })],
  ])('that came %s is declined: DECLINECOUNTER and words to that person alone', async (_way, come) => {
    await come();
    expect((await act(proposal(), { choice: 'decline', seen })).status).toBe(303);
    const [mail, ...others] = await w.mails();
    expect(others).toEqual([]);
    expect([mail?.to, mail?.method, mail?.sequence, mail?.status]).toEqual([
      'lena@verkstad.example.se',
      'DECLINECOUNTER',
      0,
      null,
    ]);
    expect(mail?.attendees).toEqual(['lena@verkstad.example.se']);
    expect(mail?.mail.subject).toMatch(/^Tiden du föreslog går inte/);
    expect(mail?.mail.text).toContain('Mötet är kvar torsdag 17 december 2026 kl. 13.00');
    expect(await w.meeting()).toMatchObject({ sequence: 0, startsAt: '2026-12-17T12:00:00.000Z' });
    expect(await w.one(ids.lena)).toMatchObject({ proposedStart: null });
    // The same proposal again, and the same choice on a page that was open: neither comes back.
    await take(Buffer.concat([Buffer.from('X: y\r\n'), Buffer.from(google(invitationTo('lena'), said))]));
    expect((await w.one(ids.lena)).proposedStart).toBeNull();
    expect((await act(proposal(), { choice: 'accept', seen, reason: 'x' })).status).toBe(409);
    expect(await w.mails()).toEqual([]);
  });

  test('another one declined at the same SEQUENCE is told too', async () => {
    await propose();
    await act(proposal(), { choice: 'decline', seen });
    const other = { start: '20261222T100000', end: '20261222T110000' };
    await take(google(invitationTo('lena'), { ...said, stamp: '20261123T080100Z', proposed: other }));
    await act(proposal(), { choice: 'decline', seen: '2026-12-22T09:00:00.000Z' });
    expect((await w.mails()).map(({ method }) => method)).toEqual(['DECLINECOUNTER', 'DECLINECOUNTER']);
  });

  test('that changed while its page was open is not accepted', async () => {
    await propose();
    const other = { start: '20261222T100000', end: '20261222T110000' };
    await take(google(invitationTo('lena'), { ...said, stamp: '20261123T080100Z', proposed: other }));
    const response = await act(proposal(), { choice: 'accept', seen, reason: 'Passar.' });
    expect(response.status).toBe(409);
    const html = await response.text();
    expect(html).toContain('Passar.');
    expect(html).toContain('22 december');
  });

  test('is gone when the meeting has another time', async () => {
    await propose();
    await act('/tid', { ...fixed, startsAt: '2026-12-18T09:00', reason: 'x' });
    expect((await w.get(`${w.path}${proposal()}`, officer)).status).toBe(303);
    expect((await w.one(ids.lena)).proposedStart).toBeNull();
  });
});

describe('another address', () => {
  const path = () => `/deltagare/${ids.lena}/adress`;
  test('CANCEL to the old one, REQUEST to the new one, and the old mail opens nothing', async () => {
    await take(google(invitationTo('lena'), { ...said, partstat: 'ACCEPTED', proposed: undefined }));
    const oldLink = await w.link(ids.lena);
    await page(`${w.path}${path()}`);
    expect((await act(path(), { email: 'lena@ny.example.se', verifiedHow: '' })).status).toBe(422);
    expect((await act(path(), { email: 'LENA@verkstad.example.se', verifiedHow: 'x' })).status).toBe(422);
    expect((await act(path(), { email: 'lena@ny.example.se', verifiedHow: 'Ringde växeln.' })).status).toBe(303);
    const mails = await w.mails();
    expect(mails.map(({ to, method, sequence, status }) => [to, method, sequence, status]).sort()).toEqual([
      ['lena@ny.example.se', 'REQUEST', 2, 'CONFIRMED'],
      ['lena@verkstad.example.se', 'CANCEL', 1, null],
    ]);
    const [cancel, request] = mails.toSorted((a, b) => a.method.localeCompare(b.method));
    expect(cancel?.organizer).toBe(invitationTo('lena').organizer);
    expect(request?.organizer).not.toBe(cancel?.organizer);
    expect(cancel?.mail.text).not.toMatch(/svar\//);
    expect(await w.one(ids.lena)).toMatchObject({ answer: 'needs_action', sentSequence: 2, delivery: 'sent' });
    expect((await w.get(oldLink)).status).toBe(404);
    expect(await take(google({ ...invitationTo('lena'), sequence: 2 }, { ...said, stamp: '20261123T080500Z' }))).toBe(
      'human',
    );
    expect((await w.one(ids.lena)).answer).toBe('needs_action');
    const { organizer = '' } = request ?? {};
    const answer = { ...invitationTo('lena'), sequence: 2, organizer, attendee: 'lena@ny.example.se' };
    expect(await take(google(answer, { partstat: 'DECLINED', stamp: '20261123T080600Z' }))).toBe('processed');
    expect((await w.one(ids.lena)).answer).toBe('declined');
    // Back again: above all that either address has had.
    await act(path(), { email: 'lena@verkstad.example.se', verifiedHow: 'Ringde.' });
    expect((await w.mails()).map(({ method, sequence }) => [method, sequence]).sort()).toEqual([
      ['CANCEL', 3],
      ['REQUEST', 4],
    ]);
    expect(await page(w.path)).toContain('Avbokning till tidigare adress');
  });
});

test('a message is rendered again byte for byte, without anybody’s own link', async () => {
  const html = await page(w.path);
  const paths = [...new Set(html.match(/\/moten\/[\w-]+\/utskick\/[\w-]+/g))];
  expect(paths.length).toBe(3);
  for (const path of paths) {
    const message = await page(path);
    expect(message).toContain('Mejlet är exakt det som skickades');
    expect(message).not.toMatch(/svar\/[\w-]{20}/);
    expect(message).toContain('METHOD:REQUEST');
  }
  const id = paths[0]?.split('/').at(-1) ?? '';
  await w.set(({ db }) =>
    db
      .updateTable('outbox')
      .set({ sha256: '0'.repeat(64) })
      .where('id', '=', id)
      .execute(),
  );
  expect(await page(paths[0] ?? '')).toContain('inte ut precis som när det skickades');
  await act('/tid', { ...fixed, startsAt: '2026-12-18T09:00', reason: 'x' });
  expect(await page(w.path)).toContain('På väg ut');
});

// Where each commit takes a while there are fewer.
const many = kind === 'sqlite' ? 1_000 : 200;
test(`${many} random mails: each has one row and one end, and nothing changes but answers, votes, proposals and addresses that fail`, async () => {
  await act('/tid', { ...fixed, startsAt: '2026-12-18T09:00', reason: 'x' });
  const invitation = { ...invitationTo('lena'), sequence: 1 };
  // Everybody is asked for other times too, so that mails can be about holds.
  const times = { startsAt: ['2026-12-21T10:00', '2026-12-22T10:00'], durationMinutes: '60', lastDay: '2026-12-20' };
  await w.post(`${w.path}/tidsforslag`, { ...times, holds: 'on' }, officer);
  const { database } = w.house.engine;
  const holds = (await everyRow(database)).poll_option?.map(({ uid }) => String(uid)) ?? [];
  const changing = ['participant', 'meeting_move', 'incoming_mail', 'counter', 'audit'] as const;
  const ofPoll = ['poll_asked', 'poll_vote'] as const;
  const before = await everyRow(database, [...changing, ...ofPoll]);
  const { participant: people = [], poll_asked: asked = [] } = await everyRow(database);
  const mails = fc.sample(randomReplies(invitation, { day: '20261123', holds }), many);
  const ends: string[] = [];
  for (const mail of mails) ends.push(await take(mail));
  expect(new Set(ends)).toEqual(new Set(['processed', 'ignored', 'human']));
  const after = await everyRow(database);
  // A second time each ends as it did, and does nothing.
  for (const [at, mail] of mails.slice(0, 50).entries()) expect(await take(mail)).toBe(ends[at]);
  expect(await everyRow(database)).toEqual(after);
  expect(await everyRow(database, [...changing, ...ofPoll])).toEqual(before);

  const rows = after.incoming_mail ?? [];
  expect(rows.length).toBe(new Set(mails.map((mail) => mail.toString('base64'))).size);
  const codes = new Set(rows.map(({ code }) => String(code)));
  const usual = ['answer', 'vote', 'counter', 'bounced', 'stale', 'older', 'stranger', 'letter', 'unreadable'];
  if (many === 1_000) expect([...codes]).toEqual(expect.arrayContaining(usual));
  const mayChange =
    /^(answer|answer_sequence|answered_at|answered_via|comment|proposed_\w+|reply_\w+|delivery|version)$/;
  const kept = (of: Record<string, unknown>[]) =>
    of.map((row) => Object.entries(row).filter(([name]) => !mayChange.test(name)));
  expect(kept(after.participant ?? [])).toEqual(kept(people));
  expect(after.participant?.filter(({ id }) => id !== ids.lena)).toEqual(people.filter(({ id }) => id !== ids.lena));
  for (const { participant_id, via } of after.poll_vote ?? [])
    expect([participant_id, via]).toEqual([ids.lena, 'mail']);
  const others = (of: Record<string, unknown>[]) => of.filter(({ participant_id }) => participant_id !== ids.lena);
  expect(others(after.poll_asked ?? [])).toEqual(others(asked));
  // Every change has its mail, and every mail that is said to have changed something its event.
  const changed = rows.filter(({ outcome }) => outcome === 'processed');
  const moves = (after.meeting_move ?? []).filter(({ move }) =>
    ['answered_mail', 'counter_proposed', 'voted', 'bounced'].includes(String(move)),
  );
  expect(moves.length).toBeGreaterThanOrEqual(changed.length);
  expect(moves.length).toBeLessThanOrEqual(2 * changed.length);

  const counted = Object.fromEntries((after.counter ?? []).map(({ name, value }) => [name, Number(value)]));
  const outcomes = Map.groupBy(rows, ({ outcome }) => outcome);
  for (const [outcome, those] of outcomes) expect(counted[`mail ${outcome}`]).toBe(those.length);
  const metrics = await (await w.get('/metrics')).text();
  expect(metrics).toContain(`samsyn_replies_read{outcome="human"} ${outcomes.get('human')?.length}`);
});
