import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { simpleParser } from 'mailparser';
import { expect } from 'vitest';
import { tendReminders } from '../../src/features/invitation/reminder/commands.ts';
import { tendMeasures } from '../../src/features/plan/reminder/commands.ts';
import { linkToken } from '../../src/kernel/links.ts';
import { addMinutes, stockholmDate } from '../../src/kernel/time.ts';
import { openTestApp } from '../support/app.ts';
import { parseForm, parseLinks } from '../support/html.ts';

/** The number of the person whom everything is about. */
export const individualNumber = '20120129-2388';

/** One case from the form to the cancelled meeting, with a word of its own in every field that anybody can type in. */
export async function openCanaryWorld() {
  const test = await openTestApp({ seed: true, log: 'trace' });
  /** Each word that was typed, with where. */
  const planted = new Map<string, string>();
  function word(field: string): string {
    const canary = `Kanarie${planted.size}ord`;
    planted.set(canary, field);
    return canary;
  }

  /** Fills every text field of a form on a page with a word of its own, and whatever is given. */
  async function fill(html: string, action: string, given: Record<string, string | string[]>) {
    const fields: Record<string, string | string[]> = {};
    for (const [name, { values, choices }] of parseForm(html, action).fields) {
      const chosen =
        choices !== undefined ||
        /^(version-|seen-|attendance-|idempotencyKey|sequence|participant$|from$|was$)/.test(name);
      fields[name] = chosen ? values.filter((value) => value !== '') : word(`${action} ${name}`);
    }
    return { ...fields, ...given };
  }

  const guest = test.visitor();
  const request = await fill(await (await guest.get('/begaran/ny')).text(), '/begaran', {
    requesterRole: 'PV',
    requesterEmail: 'begaren@utomstaende.example',
    requesterPhone: '08-465 004 77',
    individualNumber,
    individualNumberMissing: [],
    protectedIdentity: [],
    kind: 'sip',
    questions: ['measures'],
    parties: ['SOC'],
    consent: 'yes',
  });
  expect(Object.keys(request).length).toBeGreaterThan(20);
  const sent = await guest.post('/begaran', request);
  expect(sent.status, await sent.clone().text()).toBe(303);
  const receipt = (sent.headers.get('location') ?? '').split('?')[0] ?? '';
  await guest.post(`${receipt}/komplettering`, { text: word('supplement') });

  const fk = await test.signIn('fk');
  const links = parseLinks(await (await fk.get('/inkorg')).text());
  const id = links.filter((href) => /^\/begaran\/[0-9a-f-]{36}$/.test(href)).at(-1) ?? '';
  const decide = async (given: Record<string, string>) => {
    const page = await (await fk.get(id)).text();
    const response = await fk.post(`${id}/beslut`, await fill(page, `${id}/beslut`, { caseNumber: '', ...given }));
    expect(response.status, await response.clone().text()).toBe(303);
    return response.headers.get('location') ?? '';
  };
  await decide({ decision: 'ask', reasonCode: '', holdUntil: '', disclosure: 'outcome_and_reason' });
  const confirmed = {
    decision: 'confirm',
    kind: 'sip',
    reasonCode: '',
    holdUntil: '',
    disclosure: 'outcome_and_reason',
  };
  const meeting = (await decide(confirmed)).split('?')[0] ?? '';

  const people = [
    ['PERSON', 'personen@utomstaende.example'],
    ['FK', 'handlaggaren@utomstaende.example'],
    ['PV', 'varden@utomstaende.example'],
    ['SOC', 'kommunen@utomstaende.example'],
  ] as const;
  const post = async (path: string, page: string, given: Record<string, string | string[]>) => {
    const response = await fk.post(path, await fill(await (await fk.get(page)).text(), path, given));
    expect(response.status, `${path} ${await response.clone().text()}`).toBe(303);
  };
  for (const [party, email] of people) {
    await post(`${meeting}/deltagare`, `${meeting}/deltagare`, {
      party,
      email,
      phone: '08-465 004 78',
      verified: 'on',
      required: 'on',
    });
  }
  const talk = await (await fk.get(`${meeting}/samtal`)).text();
  const views = [...parseForm(talk, `${meeting}/samtal`).fields.keys()].filter((name) => name.startsWith('party-'));
  await post(`${meeting}/samtal`, `${meeting}/samtal`, {
    ...Object.fromEntries(views.map((name) => [name, 'yes'])),
    personEmail: 'personen@utomstaende.example',
    personPhone: '',
  });
  const tick = async () => {
    test.setClock(addMinutes(test.house.engine.clock.now(), 1));
    await test.deliver();
  };
  const time = (startsAt: string) => ({
    startsAt,
    durationMinutes: '60',
    placeKind: 'care_centre',
    videoUrl: 'https://kanarieurl.example/rum',
    interpreterBooked: [],
  });
  const proposal = `${meeting}/tidsforslag`;
  const chosen = (...startsAt: string[]) => ({
    ...{ startsAt, durationMinutes: '60', lastDay: '', holds: 'on' },
    ...Object.fromEntries([1, 2, 3].map((n) => [`typed-${n}`, ''])),
  });
  await post(proposal, proposal, chosen('2027-03-03T09:00', '2027-03-03T13:00'));
  await tick();
  const first = parseLinks(await (await fk.get(proposal)).text()).find((href) => href.includes('/tid?tid=')) ?? '';
  await post(`${meeting}/tid`, first, {
    ...time('2027-03-03T09:00'),
    option: new URL(first, 'http://x').searchParams.get('tid') ?? '',
  });
  await tick();

  const mails = async () =>
    Promise.all(
      readdirSync(join(test.dataDir, 'mail')).map(async (file) => {
        const raw = readFileSync(join(test.dataDir, 'mail', file));
        return { raw, parsed: await simpleParser(raw) };
      }),
    );
  /** To those whom this case is about, and to its officer of those who cannot come. */
  const ours = async () =>
    (await mails()).filter(
      ({ parsed: { to, subject } }) =>
        (to && !Array.isArray(to) && to.text.endsWith('@utomstaende.example')) ||
        subject?.includes('kan inte komma') ||
        subject?.includes('i en plan'),
    );
  for (const { parsed } of await ours()) {
    const link = /http:\/\/localhost:3000(\/svar\/\S+)/.exec(parsed.text ?? '')?.[1];
    if (!link) continue;
    const answered = await guest.post(link, { answer: 'declined', comment: word('answer') });
    expect(answered.status).toBe(303);
    const sending = `${link}/forberedelse`;
    const page = await (await guest.get(sending)).text();
    expect((await guest.post(sending, await fill(page, sending, {}))).status).toBe(303);
    const asking = `${link}/anpassning`;
    if (page.includes(asking)) expect((await guest.post(asking, await fill(page, asking, {}))).status).toBe(303);
  }
  // Somebody else says an answer, on the telephone.
  const noted = parseLinks(await (await fk.get(meeting)).text()).find((href) => href.endsWith('/svar')) ?? '';
  await post(noted, noted, { answer: 'tentative', via: 'phone', saidAs: 'support', proposedStart: '' });
  const before = `${meeting}/forberedelse`;
  await post(`${meeting}/anpassning/svar`, before, { seen: '' });
  await post(`${meeting}/underlag`, before, {});
  const notes = { via: 'phone' };
  await post(before, `${before}?anteckna=text`, notes);
  await post(`${meeting}/anpassning`, `${before}?anteckna=adaptation`, notes);
  await post(`${meeting}/tid`, `${meeting}/tid`, time('2027-03-04T09:00'));
  await tick();
  // Other times while that one stands; a feed is fetched meanwhile.
  await post(proposal, proposal, chosen('2027-03-05T09:00'));
  await fk.post('/kalender/flode', { act: 'on' });
  const feedPath = /value="http:\/\/localhost:3000(\/kalender\/[^"]+\.ics)"/.exec(
    await (await fk.get('/kalender/flode')).text(),
  )?.[1];
  const feed = await (await guest.get(feedPath ?? '')).text();
  await tick();
  // Two working days before; nobody stays signed in that long.
  test.setClock('2027-03-02T07:00:00.000Z');
  await tendReminders(test.house.engine);
  await tick();
  await fk.post('/logga-in/demo', { account: 'fk' });
  const theCase = parseLinks(await (await fk.get(meeting)).text()).find((href) => href.startsWith('/arenden/')) ?? '';
  const consents = `${theCase}/samtycken`;
  const asked = parseForm(await (await fk.get(`${consents}?party=PV`)).text(), consents).fields;
  const given = (name: string) => asked.get(name)?.values[0] ?? '';
  const said = { party: given('party'), until: given('until'), kinds: ['work'], how: 'oral' };
  await post(consents, `${consents}?party=PV`, said);
  const onConsents = parseLinks(await (await fk.get(consents)).text());
  const back = onConsents.find((href) => href.endsWith('/aterkallelse')) ?? '';
  await post(back, back, {});
  await post(`${meeting}/installd`, `${meeting}/installd`, {});
  await tick();
  // Another meeting in the case, and the case comes to its end with it.
  const another = { kind: 'follow_up', plannedFor: '2027-09-01' };
  await post(`${theCase}/moten`, `${theCase}/moten/nytt`, another);
  const closing = `${theCase}/avslut`;
  const sectors = ['fk', 'af', 'care', 'social', 'employer'];
  const phones = Object.fromEntries(sectors.map((sector) => [`contact-${sector}-phone`, '08-465 004 79']));
  const today = stockholmDate(test.house.engine.clock.now());
  await post(closing, closing, { ...phones, reason: 'other', cancelMeetings: 'on', closesOn: today });
  await post(`${closing}/klart`, closing, {});
  await tick();

  // Whoever carries something out tells how it goes and asks for time, by link; the officer answers.
  const { id: measure, link_generation } = await test.house.engine.database.reads.db
    .selectFrom('measure as m')
    .innerJoin('participant as p', 'p.id', 'm.owner_id')
    .select(['m.id', 'p.link_generation'])
    .where('m.number', '=', 1)
    .executeTakeFirstOrThrow();
  const carried = `/atgard/${linkToken(test.house.config.linkKey, 'measure', measure, link_generation)}`;
  const told = { status: 'ongoing', proposedDue: '2027-05-03', meet: 'on', seen: '', sendKey: '' };
  const report = await fill(await (await guest.get(carried)).text(), carried, told);
  expect((await guest.post(carried, report)).status).toBe(303);
  const answer = `/atgarder/${measure}/datum`;
  await post(answer, answer, { decision: 'granted', asked: '2027-05-03' });
  test.setClock('2027-03-02T07:10:00.000Z');
  await tendMeasures(test.house.engine);
  await tick();

  // A meeting about nobody, to its locked minutes.
  const opened = await fk.post(
    '/samverkan',
    await fill(await (await fk.get('/samverkan/ny')).text(), '/samverkan', { day: '2027-03-04' }),
  );
  const structural = opened.headers.get('location') ?? '';
  const days = { day: '2027-03-04', nextDay: '2027-09-01' };
  const due = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`measure-${i + 1}-due`, '2027-06-01']));
  await post(structural, structural, { ...days, ...due });
  await post(`${structural}/faststallande`, `${structural}/faststallande`, {});

  return { test, planted, people, ours, feed };
}
