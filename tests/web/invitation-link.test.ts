import ICAL from 'ical.js';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { linkToken } from '../../src/kernel/links.ts';
import { fillForm, parseForm, validateHtml } from '../support/html.ts';
import { canary, type Four, fixed, openWorld, type World } from './invitation-world.ts';

let w: World;
let officer: string;
let ids: Four;

beforeEach(async () => {
  w = await openWorld();
  officer = await w.signIn('fk');
  ids = await w.addFour({ person: 'person@mejl.example.se' });
  await w.post(`${w.path}/tid`, fixed, officer);
  await w.post(`${w.path}/kallelse`, {}, officer);
});
afterEach(() => w.close());

const read = async (path: string) => {
  const response = await w.get(path);
  const html = await response.text();
  validateHtml(html, 'link');
  return { status: response.status, html, headers: response.headers };
};

describe('a participant’s own page', () => {
  test('says when, where and who invites, and asks for an answer', async () => {
    const { status, html, headers } = await read(await w.link(ids.doctor));
    expect(status).toBe(200);
    expect(headers.get('referrer-policy')).toBe('same-origin');
    expect(headers.get('cache-control')).toBe('no-store');
    for (const words of [
      'torsdag 17 december 2026',
      'kl. 13.00–14.00',
      canary.place,
      'Sara Lind',
      '08-465 004 01',
      'noindex',
    ]) {
      expect(html).toContain(words);
    }
    expect(html).toContain('<title>Möte torsdag 17 december 2026 – ');
  });

  test.each(['person', 'employer', 'doctor', 'fk'] as const)('of %s tells of nobody else', async (who) => {
    await w.post(await w.link(ids.employer), { answer: 'declined', comment: canary.comment });
    const { html } = await read(await w.link(ids[who]));
    const { individual, colleague, purpose, comment } = canary;
    for (const word of [individual, colleague, purpose, comment, 'Lena Dal', '@', 'vstämningsmöte', '2026/000001']) {
      expect(html).not.toContain(word);
    }
    expect(html.includes('Du har svarat nej')).toBe(who === 'employer');
    expect(html.includes('page--person')).toBe(who === 'person');
  });

  test('before there is a time it says so', async () => {
    const early = await openWorld();
    const doctor = await early.add('PV', 'Lena Dal', '');
    const response = await early.get(await early.link(doctor));
    const html = await response.text();
    validateHtml(html, 'link without a time');
    expect(html).toContain('Tiden är inte bestämd än');
    expect((await early.get(`${await early.link(doctor)}/mote.ics`)).status).toBe(404);
    await early.close();
  });

  test('a cancelled meeting says so and takes no answer', async () => {
    await w.post(`${w.path}/installd`, { reason: 'x' }, officer);
    const link = await w.link(ids.doctor);
    const { status, html } = await read(link);
    expect([status, html.includes('Mötet är inställt'), html.includes('<form')]).toEqual([200, true, false]);
    expect((await w.post(link, { answer: 'accepted' })).status).toBe(422);
    expect((await w.get(`${link}/mote.ics`)).status).toBe(404);
  });
});

describe('an answer', () => {
  test('is taken, can be changed, and the words with it are not read back', async () => {
    const link = await w.link(ids.employer);
    const form = parseForm((await read(link)).html, link);
    const response = await w.app.request(link, {
      method: 'POST',
      body: fillForm(form, { answer: 'tentative', comment: canary.comment }),
      headers: { 'Sec-Fetch-Site': 'same-origin' },
    });
    expect(response.headers.get('location')).toBe(`${link}`);
    expect(await w.one(ids.employer)).toMatchObject({
      answer: 'tentative',
      answerSequence: 0,
      comment: canary.comment,
    });
    const cookie = response.headers.getSetCookie().join();
    expect(cookie).toContain('klart=svar;');
    const thanked = await w.app.request(link, { headers: { cookie } });
    const html = await thanked.text();
    expect(html).toContain('Tack, ditt svar är sparat');
    expect(html).not.toContain(canary.comment);
    await w.post(link, { answer: 'accepted' });
    expect((await w.one(ids.employer)).answer).toBe('accepted');
  });

  test('to a page from before a change is not counted', async () => {
    const link = await w.link(ids.employer);
    await w.post(`${w.path}/tid`, { ...fixed, startsAt: '2026-12-18T09:00', reason: 'x' }, officer);
    const response = await w.post(link, { answer: 'accepted', sequence: '0', comment: 'skrivet' });
    const html = await response.text();
    validateHtml(html, 'changed');
    expect(response.status).toBe(409);
    expect(html).toContain('skrivet');
    expect((await w.one(ids.employer)).answer).toBe('needs_action');
    expect((await w.post(link, { answer: 'accepted', sequence: '1' })).status).toBe(303);
    expect(await w.one(ids.employer)).toMatchObject({ answer: 'accepted', answerSequence: 1 });
  });

  test('may be another time, which changes nothing by itself', async () => {
    const link = await w.link(ids.doctor);
    expect((await w.post(link, { proposedStart: '2026-12-21T10:00' })).status).toBe(303);
    expect(await w.one(ids.doctor)).toMatchObject({
      proposedStart: '2026-12-21T09:00:00.000Z',
      answer: 'needs_action',
    });
    expect((await w.meeting())?.startsAt).toBe('2026-12-17T12:00:00.000Z');
  });

  const refused: [string, Record<string, string>][] = [
    ['nothing', {}],
    ['an unknown answer', { answer: 'perhaps' }],
    ['an answer for others', { answer: 'needs_action' }],
    ['a number in the comment', { answer: 'accepted', comment: 'gäller 19970131-2390' }],
    ['601 characters', { answer: 'accepted', comment: 'x'.repeat(601) }],
    ['a time in the past', { proposedStart: '2026-11-20T10:00' }],
    ['a time that does not exist', { proposedStart: '2027-03-28T02:30' }],
  ];
  test.each(refused)('%s is refused, with what was typed kept', async (_what, body) => {
    const response = await w.post(await w.link(ids.doctor), body);
    const html = await response.text();
    validateHtml(html, 'refused answer');
    expect(response.status).toBe(422);
    expect(html).toContain(body.comment ?? 'torsdag 17 december 2026');
    expect(await w.one(ids.doctor)).toMatchObject({ answer: 'needs_action', proposedStart: null });
  });

  test('comes too late once the meeting has begun', async () => {
    w.pass({ hours: 24 * 24 + 3 });
    const response = await w.post(await w.link(ids.doctor), { answer: 'accepted' });
    expect(response.status).toBe(422);
    expect((await w.one(ids.doctor)).answer).toBe('needs_action');
  });
});

describe('what a link opens', () => {
  const dead: [string, () => Promise<string>][] = [
    ['a forged one', async () => `/svar/${linkToken(Buffer.alloc(32, 1), 'participant', ids.doctor, 1)}`],
    ['another generation', async () => `/svar/${linkToken(w.house.config.linkKey, 'participant', ids.doctor, 2)}`],
    ['another scope', async () => `/svar/${linkToken(w.house.config.linkKey, 'receipt', ids.doctor, 1)}`],
    ['nobody’s', async () => `/svar/${linkToken(w.house.config.linkKey, 'participant', w.meetingId, 1)}`],
    ['no token', async () => '/svar/abc'],
    [
      'an old one',
      async () => {
        w.pass({ hours: 24 * 24 + 4 + 31 * 24 });
        return w.link(ids.doctor);
      },
    ],
  ];
  test.each(dead)('%s opens nothing and changes nothing', async (_what, path) => {
    const link = await path();
    expect((await read(link)).status).toBe(404);
    expect((await w.post(link, { answer: 'accepted' })).status).toBe(404);
    expect((await w.get(`${link}/mote.ics`)).status).toBe(404);
    expect((await w.one(ids.doctor)).answer).toBe('needs_action');
  });

  test('is open until thirty days after the meeting', async () => {
    w.pass({ hours: 24 * 24 + 4 + 30 * 24 - 1 });
    expect((await read(await w.link(ids.doctor))).status).toBe(200);
  });

  test('GET and HEAD change nothing', async () => {
    const link = await w.link(ids.doctor);
    const before = [await w.one(ids.doctor), await w.meeting(), await w.events()];
    for (const path of [link, `${link}?answer=accepted`, `${link}/mote.ics`]) {
      await w.get(path);
      await w.app.request(path, { method: 'HEAD' });
    }
    expect([await w.one(ids.doctor), await w.meeting(), await w.events()]).toEqual(before);
  });

  test('the calendar object is the participant’s own, neutral and without METHOD', async () => {
    const response = await w.get(`${await w.link(ids.doctor)}/mote.ics`);
    expect(response.headers.get('content-type')).toBe('text/calendar; charset=utf-8');
    expect(response.headers.get('content-disposition')).toBe('attachment; filename="moten.ics"');
    const text = await response.text();
    const calendar = new ICAL.Component(ICAL.parse(text) as string);
    const event = calendar.getFirstSubcomponent('vevent');
    expect(calendar.getFirstPropertyValue('method')).toBeNull();
    expect(event?.getFirstPropertyValue('summary')).toBe('Möte (K7M2-4QXR)');
    expect(event?.getFirstPropertyValue('location')).toBe('Se länken');
    expect(text).not.toMatch(/ATTENDEE|ORGANIZER/);
    for (const word of Object.values(canary)) expect(text).not.toContain(word);
  });
});
