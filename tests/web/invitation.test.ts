import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { recordDelivery } from '../../src/features/invitation/store.ts';
import { updateParticipant } from '../../src/features/meeting/participant/store.ts';
import { permit } from '../../src/platform/db/access.ts';
import { fillForm, parseForm, parseLinks, validateHtml } from '../support/html.ts';
import { canary, fixed, openWorld, type Received, type World } from './invitation-world.ts';

let w: World;
let officer: string;
let ids: { person: string; fk: string; employer: string; doctor: string };
const all: Received[] = [];

beforeEach(async () => {
  w = await openWorld();
  officer = await w.signIn('fk');
  ids = {
    person: await w.add('PERSON', canary.individual, ''),
    fk: await w.add('FK', 'Sara Lind', 'sara.lind@fk.example.se'),
    employer: await w.add('ARBG', canary.colleague, 'Chef@verkstad.example.se'),
    doctor: await w.add('PV', 'Lena Dal', 'lena.dal@region.example.se'),
  };
});
afterEach(() => w.close());

const act = async (path: string, body: Record<string, string> = {}) => w.post(`${w.path}${path}`, body, officer);
const receive = async () => {
  const fresh = await w.mails();
  all.push(...fresh);
  return fresh;
};
const invite = async () => {
  await act('/tid', fixed);
  await act('/kallelse');
  return receive();
};
const page = async (path: string, cookie = '') => {
  const response = await w.get(path, cookie);
  const html = await response.text();
  validateHtml(html, path.replace(/[A-Za-z0-9_-]{65}/, ':token'));
  return { status: response.status, html };
};
const shape = (mails: Received[]) => mails.map((one) => [one.to, one.method, one.sequence]).sort();

describe('the life of an invitation', () => {
  test('request, new time, new place and cancellation, each once to each', async () => {
    const first = await invite();
    expect(shape(first)).toEqual([
      ['Chef@verkstad.example.se', 'REQUEST', 0],
      ['lena.dal@region.example.se', 'REQUEST', 0],
      ['sara.lind@fk.example.se', 'REQUEST', 0],
    ]);
    expect((await w.one(ids.person)).delivery).toBe('queued');
    expect((await w.one(ids.employer)).delivery).toBe('sent');

    await w.post(await w.link(ids.doctor), { answer: 'accepted', comment: canary.comment });
    expect(await w.one(ids.doctor)).toMatchObject({ answer: 'accepted', answerSequence: 0 });
    const moved = await act('/tid', { ...fixed, startsAt: '2026-12-18T09:00', reason: canary.reason });
    expect(moved.status).toBe(303);
    expect(await w.one(ids.doctor)).toMatchObject({ answer: 'needs_action', sentSequence: 1, comment: canary.comment });
    const second = await receive();
    expect(shape(second).map(([, method, sequence]) => [method, sequence])).toEqual(Array(3).fill(['REQUEST', 1]));

    await act('/tid', { ...fixed, startsAt: '2026-12-18T09:00', placeKind: 'phone', reason: canary.reason });
    const third = await receive();
    expect(third.map((one) => one.sequence)).toEqual([2, 2, 2]);
    expect(third[0]?.mail.text).toContain('Svara igen');

    const off = await act('/installd', { reason: canary.reason });
    expect(off.headers.get('location')).toBe(`${w.path}`);
    const last = await receive();
    expect(last.map((one) => [one.method, one.sequence, one.status])).toEqual(
      Array(3).fill(['CANCEL', 3, 'CANCELLED']),
    );

    for (const to of new Set(first.map((one) => one.to))) {
      const mine = [first, second, third, last].map((round) => round.filter((one) => one.to === to));
      expect(mine.map((round) => round.length)).toEqual([1, 1, 1, 1]);
      const messages = mine.flat();
      const stamps = messages.map((one) => one.stamp);
      expect(stamps).toEqual([...new Set(stamps)].sort());
      expect(new Set(messages.map((one) => one.uid)).size).toBe(1);
      expect(new Set(messages.map((one) => one.organizer)).size).toBe(1);
      expect(new Set(messages.map((one) => one.mail.messageId)).size).toBe(4);
      for (const one of messages) {
        expect(one.attendees).toEqual([to]);
        expect(one.names).toEqual([]);
        expect(one.mail.from?.value[0]?.address).toBe(one.organizer);
      }
    }
  });

  test('acts within one second leave in order, with a DTSTAMP of their own', async () => {
    await act('/tid', fixed);
    await act('/kallelse');
    await act('/tid', { ...fixed, startsAt: '2026-12-18T09:00', reason: 'x' });
    await act('/installd', { reason: 'x' });
    const mine = (await receive()).filter((one) => one.to.startsWith('lena'));
    expect(mine.map((one) => [one.method, one.sequence, one.stamp])).toEqual([
      ['REQUEST', 0, '2026-11-23T09:00:00Z'],
      ['REQUEST', 1, '2026-11-23T09:00:01Z'],
      ['CANCEL', 2, '2026-11-23T09:00:02Z'],
    ]);
  });

  test('nothing new is sent twice', async () => {
    await invite();
    expect((await act('/kallelse')).status).toBe(303);
    await act('/tid', { ...fixed, interpreterLanguage: 'arabiska', interpreterBooked: 'on' });
    expect(await receive()).toEqual([]);
    const meeting = await w.meeting();
    expect([meeting?.sequence, meeting?.interpreterLanguage, meeting?.interpreterBooked]).toEqual([
      0,
      'arabiska',
      true,
    ]);
    const responses = await Promise.all([act('/installd', { reason: 'x' }), act('/installd', { reason: 'x' })]);
    expect(responses.map((one) => one.status).sort()).toEqual([303, 422]);
    expect((await receive()).length).toBe(3);
  });

  test('somebody added afterwards is sent for alone', async () => {
    await invite();
    await w.add('FACK', 'Bo Fack', 'bo@facket.example.se');
    await act('/kallelse');
    expect(shape(await receive())).toEqual([['bo@facket.example.se', 'REQUEST', 0]]);
  });

  test('one is removed and added again: CANCEL without STATUS, then a newer REQUEST from the same address', async () => {
    const [before] = (await invite()).filter((one) => one.to.startsWith('Chef'));
    await w.post(await w.link(ids.doctor), { answer: 'accepted' });
    await act(`/deltagare/${ids.employer}/bort`);
    const cancel = await receive();
    expect(cancel.map((one) => [one.to, one.method, one.sequence, one.status])).toEqual([
      ['Chef@verkstad.example.se', 'CANCEL', 1, null],
    ]);
    expect((await w.get(await w.link(ids.employer))).status).toBe(404);

    const again = await w.add('ARBG', canary.colleague, 'chef@VERKSTAD.example.se');
    await act('/kallelse');
    const [request, ...others] = await receive();
    expect(others).toEqual([]);
    expect([request?.method, request?.sequence]).toEqual(['REQUEST', 2]);
    expect(request?.organizer).toBe(before?.organizer);
    expect(String(request?.stamp) > String(cancel[0]?.stamp)).toBe(true);
    // Nobody else is asked again: the doctor's yes stands, and a change is above all that was ever sent.
    expect(await w.one(ids.doctor)).toMatchObject({ answer: 'accepted', answerSequence: 0, sentSequence: 0 });
    await w.post(await w.link(again), { answer: 'accepted', sequence: '2' });
    expect(await w.one(again)).toMatchObject({ answer: 'accepted', answerSequence: 2, sentSequence: 2 });
    await act('/tid', { ...fixed, durationMinutes: '90', reason: 'x' });
    const changed = await receive();
    expect(changed.map((one) => one.sequence)).toEqual([3, 3, 3]);
    expect(changed.find((one) => one.to === request?.to)?.organizer).toBe(before?.organizer);
  });

  test('an address nobody has verified is never written to', async () => {
    await invite();
    await w.set((t) => updateParticipant(permit(t), ids.doctor, { verified: null }));
    await act('/tid', { ...fixed, startsAt: '2026-12-18T09:00', reason: 'x' });
    expect(shape(await receive()).map(([to]) => to)).toEqual(['Chef@verkstad.example.se', 'sara.lind@fk.example.se']);
    expect((await act('/kallelse')).status).toBe(303);
    expect(await receive()).toEqual([]);
    await w.set((t) =>
      updateParticipant(permit(t), ids.doctor, {
        verified: { at: '2026-11-23T09:00:00.000Z', by: w.officerId, how: 'x' },
      }),
    );
    await act('/kallelse');
    expect(shape(await receive())).toEqual([['lena.dal@region.example.se', 'REQUEST', 1]]);
  });

  test('a new link leaves the old one dead and goes out with the same SEQUENCE', async () => {
    await invite();
    const old = await w.link(ids.doctor);
    expect((await act(`/deltagare/${ids.doctor}/ny-lank`)).status).toBe(303);
    const [mail, ...others] = await receive();
    expect(others).toEqual([]);
    expect([mail?.to, mail?.method, mail?.sequence]).toEqual(['lena.dal@region.example.se', 'REQUEST', 0]);
    expect(mail?.mail.text).toContain(await w.link(ids.doctor));
    expect((await w.get(old)).status).toBe(404);
    expect((await w.get(await w.link(ids.doctor))).status).toBe(200);
  });

  afterAll(() => {
    expect(all.length).toBeGreaterThan(20);
    for (const { raw, mail } of all) {
      const read = [
        raw,
        mail.subject,
        mail.text,
        mail.html,
        ...mail.attachments.map((one) => one.content.toString()),
      ].join('\n');
      for (const word of Object.values(canary)) expect(read.toLowerCase()).not.toContain(word.toLowerCase());
      for (const word of ['avstämningsmöte', 'Lena Dal', 'rehabilitering']) expect(read).not.toContain(word);
      expect(mail.subject?.includes('öte')).toBe(true);
    }
  });
});

describe('time', () => {
  const refused: [string, Record<string, string>, string][] = [
    ['the hour that does not exist', { startsAt: '2027-03-28T02:30' }, 'f-startsAt-error'],
    ['the past', { startsAt: '2026-11-20T13:00' }, 'f-startsAt-error'],
    ['no time at all', { startsAt: 'imorgon' }, 'f-startsAt-error'],
    ['14 minutes', { durationMinutes: '14' }, 'f-durationMinutes-error'],
    ['481 minutes', { durationMinutes: '481' }, 'f-durationMinutes-error'],
    ['no place', { placeKind: '' }, 'f-placeKind-error'],
    ['a video link without encryption', { videoUrl: 'http://video.example/x' }, 'f-videoUrl-error'],
    ['a script for a link', { videoUrl: 'javascript:alert(1)' }, 'f-videoUrl-error'],
    ['a number in the place', { place: 'hos 19970131-2390' }, 'f-place-error'],
  ];
  test.each(refused)('%s is refused and everything typed is kept', async (_what, change, error) => {
    const response = await act('/tid', { ...fixed, ...change });
    const html = await response.text();
    expect(response.status).toBe(422);
    validateHtml(html, 'time');
    expect(html).toContain(error);
    const form = parseForm(html, `${w.path}/tid`);
    expect(fillForm(form).get('place')).toBe(change.place ?? canary.place);
    expect((await w.meeting())?.state).toBe('planning');
  });

  const noticed: [string, string, string][] = [
    ['a Thursday', '2026-12-17T13:00', 'tid'],
    ['a Saturday', '2026-12-12T13:00', 'tid-weekend'],
    ['Christmas Day', '2026-12-25T13:00', 'tid-holiday'],
    ['the hour that comes twice', '2027-10-31T02:30', 'tid-ambiguous'],
  ];
  test.each(noticed)('%s is taken', async (_what, startsAt, done) => {
    const response = await act('/tid', { ...fixed, startsAt });
    expect(response.status).toBe(303);
    expect(response.headers.get('location')).toBe(`${w.path}`);
    expect((await page(`${w.path}/tid`, officer)).status).toBe(200);
    expect(response.headers.getSetCookie().join()).toContain(`klart=${done};`);
  });

  test('the ambiguous hour is the first, in summer time', async () => {
    await act('/tid', { ...fixed, startsAt: '2027-10-31T02:30' });
    expect((await w.meeting())?.startsAt).toBe('2027-10-31T00:30:00.000Z');
  });

  test('a fixed time changes only with a reason', async () => {
    await act('/tid', fixed);
    const response = await act('/tid', { ...fixed, startsAt: '2026-12-18T09:00' });
    expect(response.status).toBe(422);
    expect(await response.text()).toContain('f-reason-error');
    expect((await w.meeting())?.startsAt).toBe('2026-12-17T12:00:00.000Z');
  });

  test('a video meeting without a link gets a room, and keeps it', async () => {
    await act('/tid', { ...fixed, placeKind: 'video', place: '' });
    const room = (await w.meeting())?.videoUrl;
    expect(room).toMatch(/^https:\/\/video\.example\/[0-9a-f-]{36}$/);
    await act('/tid', { ...fixed, placeKind: 'video', place: '', durationMinutes: '30', reason: 'x' });
    expect((await w.meeting())?.videoUrl).toBe(room);
  });
});

describe('what stands in the way', () => {
  const closed: [string, () => Promise<unknown>, string][] = [
    ['no time', async () => {}, '/tid'],
    ['the person said no', () => w.set((t) => updateParticipant(permit(t), ids.doctor, { view: 'no' })), '/samtal'],
    [
      'the person was not asked',
      () => w.set((t) => updateParticipant(permit(t), ids.doctor, { view: 'not_asked' })),
      '/samtal',
    ],
    ['FK is not there', () => act(`/deltagare/${ids.fk}/bort`), '/deltagare'],
  ];
  test.each(closed)('%s: nothing is sent, and the page leads to where it is put right', async (what, arrange, href) => {
    if (what !== 'no time') await act('/tid', fixed);
    await arrange();
    const leads = (html: string) => parseLinks(html).some((link) => link.startsWith(`${w.path}${href}`));
    expect(leads((await page(`${w.path}/kallelse`, officer)).html)).toBe(true);
    const response = await act('/kallelse');
    expect(response.status).toBe(422);
    expect(leads(await response.text())).toBe(true);
    expect(await receive()).toEqual([]);
    expect((await w.one(ids.person)).sentSequence).toBeNull();
  });

  test('a recorded reason lets a party be invited whom the person was not asked about', async () => {
    await act('/tid', fixed);
    await w.set((t) => updateParticipant(permit(t), ids.doctor, { view: 'not_asked' }));
    await w.talk('behövs');
    expect((await act('/kallelse')).headers.get('location')).toBe(`${w.path}`);
  });

  test('an interpreter who is not booked is said, and stops nothing', async () => {
    await act('/tid', { ...fixed, interpreterLanguage: 'tigrinja' });
    expect((await page(`${w.path}/kallelse`, officer)).html).toContain('Tolk på tigrinja behövs');
    expect((await act('/kallelse')).status).toBe(303);
  });

  test('the page shows the very words of the mail', async () => {
    await act('/tid', fixed);
    const { html } = await page(`${w.path}/kallelse`, officer);
    await act('/kallelse');
    const [mail] = await receive();
    expect(html).toContain(mail?.mail.subject);
    expect(html).toContain('Svara gärna senast torsdag 10 december 2026');
    expect(mail?.mail.text).toContain('Svara gärna senast torsdag 10 december 2026');
  });
});

describe('who may', () => {
  const acts = ['/tid', '/kallelse', '/installd'];
  test.each(acts)('%s: only the officer of the case', async (path) => {
    for (const [account, status] of [
      ['fk2', 403],
      ['elsewhere', 404],
    ] as const) {
      const cookie = await w.signIn(account);
      expect((await w.get(`${w.path}${path}`, cookie)).status).toBe(status);
      expect((await w.post(`${w.path}${path}`, { ...fixed, reason: 'x' }, cookie)).status).toBe(status);
    }
    expect((await w.meeting())?.state).toBe('planning');
  });

  test('a participant of another meeting is not found here, and the individual stays', async () => {
    await invite();
    const stranger = await w.add('AF', 'Ann Af', 'ann@af.example.se', true, w.otherMeetingId);
    for (const path of ['bort', 'svar', 'ny-lank']) {
      expect((await act(`/deltagare/${stranger}/${path}`, { answer: 'accepted', via: 'phone' })).status).toBe(404);
    }
    expect((await act(`/deltagare/${ids.person}/bort`)).status).toBe(422);
    expect((await w.get(`${w.path}/deltagare/${ids.person}/bort`, officer)).status).toBe(303);
    expect((await w.one(ids.person)).removedAt).toBeNull();
  });
});

describe('by telephone and letter', () => {
  test('the officer notes an answer, and it counts until the time changes', async () => {
    await invite();
    const path = `/deltagare/${ids.person}/svar`;
    expect((await page(`${w.path}${path}`, officer)).status).toBe(200);
    expect((await act(path, { answer: 'maybe', via: 'phone' })).status).toBe(422);
    expect((await act(path, { answer: 'accepted', via: 'letter', comment: canary.comment })).status).toBe(303);
    expect(await w.one(ids.person)).toMatchObject({ answer: 'accepted', answerSequence: 0, answeredVia: 'letter' });
    await act('/tid', { ...fixed, startsAt: '2026-12-18T09:00', reason: 'x' });
    expect(await w.one(ids.person)).toMatchObject({ answer: 'needs_action', delivery: 'queued', sentSequence: 1 });
    expect((await w.events()).map(({ move }) => move)).toEqual([
      'reschedule',
      'answer_noted',
      ...Array(4).fill('invited'),
      'fix_time',
    ]);
  });

  test('what became of a mail is noted, unless a later one has gone since', async () => {
    await invite();
    await act('/tid', { ...fixed, startsAt: '2026-12-18T09:00', reason: 'x' });
    const facts = { participantId: ids.doctor, sequence: 0 };
    await w.set((t) => recordDelivery(t, [facts], 'failed'));
    expect((await w.one(ids.doctor)).delivery).toBe('queued');
    await w.set((t) => recordDelivery(t, [{ ...facts, sequence: 1 }], 'failed'));
    expect((await w.one(ids.doctor)).delivery).toBe('bounced');
  });

  test('the letter is a PDF, and only for somebody who is invited', async () => {
    await act('/tid', fixed);
    const path = `${w.path}/deltagare/${ids.person}/brev.pdf`;
    expect((await w.get(path, officer)).status).toBe(422);
    await act('/kallelse');
    const response = await w.get(path, officer);
    expect(response.headers.get('content-type')).toBe('application/pdf');
    expect(
      Buffer.from(await response.arrayBuffer())
        .subarray(0, 5)
        .toString(),
    ).toBe('%PDF-');
    expect((await w.get(path, await w.signIn('fk2'))).status).toBe(403);
  });

  test('every page of the officer is valid', async () => {
    await invite();
    for (const path of [
      '/tid',
      '/kallelse',
      '/installd',
      `/deltagare/${ids.doctor}/bort`,
      `/deltagare/${ids.doctor}/svar`,
    ]) {
      expect((await page(`${w.path}${path}`, officer)).status).toBe(200);
    }
    expect(await (await act('/installd', { reason: '' })).text()).toContain('f-reason-error');
  });
});
