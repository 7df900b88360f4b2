import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ICAL from 'ical.js';
import { type ParsedMail, simpleParser } from 'mailparser';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { normaliseLine, normaliseText } from '../../src/kernel/text.ts';
import { addMinutes } from '../../src/kernel/time.ts';
import { openTestApp, type TestApp } from '../support/app.ts';
import { parseForm, parseLinks, validateHtml } from '../support/html.ts';

/** One case whose every field holds everything hostile at once, from the request to the plan, beside a plain one. */

const line =
  'zqzq<script>zqzq()</script>"><img src=x onerror=zqzq()>{{zqzq}}#read("/etc/zqzq")\u202Egnp\u2066\r\nBcc: zqzq@ond.example\r\n\0\x1b👩‍👩‍👧\uFEFF\\n;,:';
const text = `${line}\n#import "@preview/zqzq:1.0.0": *\n$ zqzq $ *zqzq* <zqzq> @zqzq </textarea>\n-----\nBEGIN:VEVENT\n]]>`;
const url = 'https://video.example/zqzq"><script>zqzq()</script>{room}';
const domain = 'ond.example';

type Visitor = ReturnType<TestApp['visitor']>;
type Fields = Record<string, string | string[]>;
type Chain = { officer: Visitor; receipt: string; request: string; meeting: string; caseId: string; domain: string };
let test: TestApp;
let hostile: Chain;
let plain: Chain;
beforeAll(async () => {
  test = await openTestApp();
  plain = await runChain('plain.example', '20120129-2388', (name) =>
    name === 'videoUrl' ? 'https://video.example/rum' : 'Ord',
  );
  hostile = await runChain(domain, '20181231-2385', (name, area) => (name === 'videoUrl' ? url : area ? text : line));
}, 60_000);
afterAll(() => test.close());

async function runChain(
  domain: string,
  number: string,
  value: (name: string, area: boolean) => string,
): Promise<Chain> {
  const guest = test.visitor();
  const officer = await test.signIn('fk');

  /** Fills every field that takes text; whatever is given decides the rest. */
  function fill(html: string, action: string, given: Fields): Fields {
    const fields: Fields = {};
    for (const [name, { values, choices }] of parseForm(html, action).fields) {
      const hidden = new RegExp(`type="hidden"[^>]* name="${name}"`).test(html);
      const short = new RegExp(`<input[^>]* name="${name}"`).test(html);
      fields[name] = choices !== undefined || hidden ? values.filter((one) => one !== '') : value(name, !short);
    }
    return { ...fields, ...given };
  }
  async function post(by: Visitor, page: string, action: string, given: Fields, button = ''): Promise<string> {
    const html = await (await by.get(page)).text();
    const response = await by.post(action, fill(html, button || action, given));
    if (response.status !== 303)
      throw new Error(`${action}: ${response.status} ${(await response.text()).replace(/<[^>]*>/g, ' ')}`);
    return (response.headers.get('location') ?? '').replace(/[?#].*/, '');
  }
  async function tick() {
    test.setClock(addMinutes(test.house.engine.clock.now(), 1));
    await test.deliver();
  }

  const receipt = await post(guest, '/begaran/ny', '/begaran', {
    ...{ requesterRole: 'PV', requesterEmail: `begaren@${domain}`, requesterPhone: '', individualNumber: number },
    ...{ individualNumberMissing: [], protectedIdentity: [], kind: 'sip', parties: ['SOC'], consent: 'yes' },
  });
  const { db } = test.house.engine.database.reads;
  const newest = await db.selectFrom('request').select('id').orderBy('id', 'desc').executeTakeFirstOrThrow();
  const request = `/begaran/${newest.id}`;
  const none = { reasonCode: '', holdUntil: '', caseNumber: '' };
  const outward = { ...none, disclosure: 'outcome_and_reason' };
  await post(officer, request, `${request}/beslut`, { ...outward, decision: 'ask' });
  await post(guest, receipt, `${receipt}/komplettering`, {});
  const meeting = await post(officer, request, `${request}/beslut`, { ...outward, decision: 'confirm', kind: 'sip' });
  for (const party of ['PERSON', 'FK', 'PV', 'SOC']) {
    const reached = {
      email: `${party.toLowerCase()}@${domain}`,
      phone: '08-465 004 78',
      verified: 'on',
      required: 'on',
    };
    await post(officer, `${meeting}/deltagare`, `${meeting}/deltagare`, { party, ...reached });
  }
  const views = [
    ...parseForm(await (await officer.get(`${meeting}/samtal`)).text(), `${meeting}/samtal`).fields.keys(),
  ];
  await post(officer, `${meeting}/samtal`, `${meeting}/samtal`, {
    ...Object.fromEntries(views.filter((name) => name.startsWith('party-')).map((name) => [name, 'yes'])),
    ...{ personEmail: `person@${domain}`, personPhone: '' },
  });
  const time = { durationMinutes: '60', placeKind: 'care_centre', interpreterBooked: [] };
  await post(officer, `${meeting}/tid`, `${meeting}/tid`, { ...time, startsAt: '2027-03-03T09:00' });
  await post(officer, `${meeting}/kallelse`, `${meeting}/kallelse`, {});
  await tick();
  for (const { text = '' } of await mailsTo(domain)) {
    const link = /http:\/\/localhost:3000(\/svar\/\S+)/.exec(text)?.[1];
    if (link) await post(guest, link, link, { answer: 'accepted', proposedStart: '' });
  }
  await post(officer, `${meeting}/tid`, `${meeting}/tid`, { ...time, startsAt: '2027-03-04T09:00' });
  await tick();
  await post(officer, `${meeting}/hallet`, `${meeting}/hallet`, {});
  const minutes = `${meeting}/protokoll`;
  const measure = { carriedOutBy: 'PV', followedUpBy: 'FK', due: '2027-05-01', edit: [], remove: [], next: [] };
  await post(
    officer,
    minutes,
    `${minutes}/atgarder`,
    { ...measure, start: '', followUpOn: '', followUpDate: '' },
    minutes,
  );
  const finalise = `${minutes}/faststallande`;
  await post(officer, finalise, finalise, {});
  await tick();
  const caseId =
    (
      await db
        .selectFrom('meeting')
        .select('case_id')
        .where('id', '=', meeting.split('/').at(-1) ?? '')
        .executeTakeFirstOrThrow()
    ).case_id ?? '';
  const plan = `/arenden/${caseId}/plan`;
  const { id } = await db.selectFrom('measure').select('id').where('case_id', '=', caseId).executeTakeFirstOrThrow();
  await post(officer, `${plan}?rapportera=${id}`, `/atgarder/${id}/status`, { status: 'ongoing', proposedDue: '' });
  return { officer, receipt, request, meeting, caseId, domain };
}

const folder = () => join(test.dataDir, 'mail');
async function mailsTo(domain: string): Promise<ParsedMail[]> {
  const mails = await Promise.all(
    readdirSync(folder())
      .sort()
      .map((file) => simpleParser(readFileSync(join(folder(), file)))),
  );
  return mails.filter(({ to }) => to && !Array.isArray(to) && to.text.endsWith(`@${domain}`));
}

/** Markup that would come alive, or a character that no page may hold. */
const alive = /<script>zqzq|<img src=x|<\/textarea>\n-----|[^\P{Cc}\n\t]|[\u202A-\u202E\u2066-\u2069\uFEFF]/u;

it('every page that shows it is a right page, on which nothing comes alive', async () => {
  const { officer, meeting, caseId, request, receipt } = hostile;
  const waiting = [
    meeting,
    `/arenden/${caseId}`,
    `/arenden/${caseId}/plan`,
    `${meeting}/protokoll`,
    request,
    receipt,
    '/inkorg',
    '/arenden',
  ];
  const seen = new Set<string>();
  for (let path = waiting.shift(); path !== undefined; path = waiting.shift()) {
    if (seen.has(path)) continue;
    seen.add(path);
    const response = await officer.get(path);
    expect([200, 303], path).toContain(response.status);
    if (!response.headers.get('content-type')?.startsWith('text/html')) continue;
    const html = await response.text();
    validateHtml(html, path);
    expect(alive.exec(html)?.[0], path).toBe(undefined);
    waiting.push(
      ...parseLinks(html)
        .filter((href) => href.startsWith(meeting) || href.startsWith(`/arenden/${caseId}`))
        .map((href) => href.replace(/#.*/, '')),
    );
  }
  expect(seen.size).toBeGreaterThan(11);
  const shown = await (await officer.get(`/arenden/${caseId}/plan`)).text();
  expect(shown).toContain('&lt;script&gt;zqzq()&lt;/script&gt;');
  expect(shown).toContain('{{zqzq}}');
});

describe('mail', () => {
  it('has the headers and parts of any other, and goes to whom it should', async () => {
    const shape = (mail: ParsedMail) => ({
      subject: mail.subject,
      headers: mail.headerLines.map(({ key }) => key),
      parts: mail.attachments.map(({ contentType, filename }) => `${contentType} ${filename ?? ''}`),
      to:
        mail.to && !Array.isArray(mail.to)
          ? mail.to.value.map(({ address, name }) => `${name}<${address?.split('@')[0]}>`)
          : [],
      cc: mail.cc ?? mail.bcc,
    });
    // Each case has its own number in the subject, and mails of one moment leave side by side.
    const shapes = async (domain: string) =>
      (await mailsTo(domain))
        .map((mail) => JSON.stringify(shape(mail)).replaceAll(/[2-9A-Z]{4}-[2-9A-Z]{4}/g, '····'))
        .sort();
    expect((await mailsTo(domain)).length).toBeGreaterThan(8);
    expect(await shapes(domain)).toEqual(await shapes(plain.domain));
  });

  it('brings calendar objects of one event that any calendar reads', async () => {
    let read = 0;
    for (const { attachments } of await mailsTo(domain)) {
      for (const { content } of attachments.filter(({ contentType }) => contentType === 'text/calendar')) {
        const raw = content.toString('utf8');
        const calendar = new ICAL.Component(ICAL.parse(raw));
        expect(calendar.getAllSubcomponents('vevent')).toHaveLength(1);
        expect(raw.split('\r\n').every((one) => Buffer.byteLength(one) <= 75 && !/[\r\n]/.test(one))).toBe(true);
        read += 1;
      }
    }
    expect(read).toBe(8);
  });

  it('the download of each participant is one too', async () => {
    const links = (await mailsTo(domain)).flatMap(
      ({ text = '' }) => /http:\/\/localhost:3000(\/svar\/\S+)/.exec(text)?.[1] ?? [],
    );
    for (const link of new Set(links)) {
      const page = await test.visitor().get(link);
      validateHtml(await page.text(), 'a link');
      const file = await (await test.visitor().get(`${link}/mote.ics`)).text();
      expect(new ICAL.Component(ICAL.parse(file)).getAllSubcomponents('vevent')).toHaveLength(1);
    }
    expect(new Set(links).size).toBe(4);
  });
});

describe('documents', () => {
  it('the PDFs are made', async () => {
    const { officer, meeting, caseId } = hostile;
    for (const path of [`${meeting}/protokoll.pdf`, `/arenden/${caseId}/plan.pdf`]) {
      const response = await officer.get(path);
      expect([response.status, response.headers.get('content-type')], path).toEqual([200, 'application/pdf']);
      const bytes = Buffer.from(await response.arrayBuffer());
      expect(bytes.subarray(0, 5).toString()).toBe('%PDF-');
      expect(bytes.length).toBeGreaterThan(10_000);
    }
  });

  it('the JSON holds every word that was written, normalised and otherwise untouched', async () => {
    const { officer, meeting, caseId } = hostile;
    const read = async (path: string) => JSON.stringify(await (await officer.get(path)).json());
    const minutes = await read(`${meeting}/protokoll.json`);
    const plan = await read(`/arenden/${caseId}/plan.json`);
    expect(minutes).toContain(JSON.stringify(normaliseText(text)).slice(1, -1));
    expect(minutes).toContain(JSON.stringify(normaliseLine(line)).slice(1, -1));
    expect(plan).toContain(JSON.stringify(normaliseText(text)).slice(1, -1));
  });

  it('the letter is made too', async () => {
    const { officer } = hostile;
    const { db } = test.house.engine.database.reads;
    const { id } = await db
      .selectFrom('meeting')
      .select('id')
      .where('state', '=', 'scheduled')
      .executeTakeFirstOrThrow();
    const fields = { party: 'ARBG', name: line, title: line, organisation: line, phone: '08-465 004 78' };
    expect((await officer.post(`/moten/${id}/deltagare`, fields)).status).toBe(303);
    const rows = await db
      .selectFrom('participant')
      .select(['id', 'sent_sequence'])
      .where('meeting_id', '=', id)
      .orderBy('id')
      .execute();
    const sent = rows.find(({ sent_sequence }) => sent_sequence !== null);
    const letter = await officer.get(`/moten/${id}/deltagare/${sent?.id}/brev.pdf`);
    expect([letter.status, letter.headers.get('content-type')]).toEqual([200, 'application/pdf']);
  });
});
