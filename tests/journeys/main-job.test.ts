import ICAL from 'ical.js';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Browser, launchBrowser, type OpenPage, openPage } from '../support/browser.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { type ReceivedMail, startSmtpServer, type TestSmtpServer } from '../support/smtp.ts';

/**
 * One real case the whole way, as its people see it: the form, FK's answer, the talk, the invitation in a real mail,
 * the answer from the mail's link, the minutes, the plan and the PDF. Every page is judged by axe.
 */

/** Typed into every field that takes text about the case. None may ever stand in a mail. */
const canary = 'Kanariefågel';
const individual = { name: `${canary} Personsson`, number: '20120129-2388' };

let browser: Browser;
let smtp: TestSmtpServer;
let server: TestServer;
let guest: OpenPage;
let officer: OpenPage;

beforeAll(async () => {
  smtp = await startSmtpServer();
  server = await startServer({ SMTP_URL: smtp.url, MAIL_FROM: 'moten@samsyn.example' });
  browser = await launchBrowser();
  guest = await openPage(browser, server.baseUrl, { viewport: { width: 375, height: 800 } });
  officer = await openPage(browser, server.baseUrl);
});

afterAll(async () => {
  await guest?.close();
  await officer?.close();
  await browser?.close();
  const code = await server?.stop();
  await smtp?.close();
  expect(code).toBe(0);
});

const to = (address: string) => smtp.messages.filter(({ envelope }) => envelope.to.includes(address));

async function newMail(address: string, count: number): Promise<ReceivedMail> {
  for (let tries = 0; to(address).length < count; tries++) {
    if (tries > 100) throw new Error(`${address} got ${to(address).length} mails, not ${count}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return to(address)[count - 1] as ReceivedMail;
}

const linkIn = (mail: ReceivedMail): string =>
  /http:\/\/localhost:\d+(\/[A-Za-z0-9/_-]+)/.exec(mail.parsed.text ?? '')?.[1] ?? '';

function invitationIn(mail: ReceivedMail) {
  const part = mail.parsed.attachments.find(({ contentType }) => contentType === 'text/calendar');
  const calendar = new ICAL.Component(ICAL.parse(part?.content.toString('utf8') ?? ''));
  const event = calendar.getFirstSubcomponent('vevent') as ICAL.Component;
  for (const zone of calendar.getAllSubcomponents('vtimezone')) ICAL.TimezoneService.register(zone);
  const instant = (name: string) => (event.getFirstPropertyValue(name) as ICAL.Time).toJSDate().toISOString();
  return { calendar, event, start: instant('dtstart'), end: instant('dtend') };
}

async function signIn(page: OpenPage, account: string) {
  await page.visit('/logga-in');
  await page.follow(() => page.page.locator(`form:has(input[value="${account}"]) button`).click());
}

const save = (page: OpenPage) => page.follow(() => page.page.locator('main .button--primary').last().click());

it('goes from the public form to the finalised plan and its PDF', async () => {
  // The request, by a doctor on a phone.
  await guest.visit('/');
  await guest.checkNarrow();
  await guest.follow(() => guest.page.getByRole('link', { name: 'Begär ett möte' }).first().click());
  await guest.checkNarrow();
  const form = guest.page;
  await form.getByLabel('Vem är du i förhållande till personen?').selectOption('PV');
  await form.getByLabel('Ditt namn').fill(`${canary} Läkarsson`);
  await form.getByLabel('Arbetsplats eller organisation').fill(`${canary}mottagningen`);
  await form.getByLabel('Din e-postadress').fill('lakaren@region.example');
  await form.getByLabel('Personens namn').fill(individual.name);
  await form.getByLabel('Personnummer eller samordningsnummer').fill('20120129-2389');
  await form.getByLabel('Vad ska mötet leda till?').fill(`${canary} ska prova halvtid.`);
  await form.getByLabel('Vem ska göra vad, och när?').press(' ');
  await form.getByLabel('Egen fråga').fill(`${canary} undrar.`);
  await form.getByRole('group', { name: 'Vilka mer behöver vara med?' }).getByLabel('Arbetsgivaren').press(' ');
  await form.getByLabel('Önskemål om tid, plats').fill(`${canary} vill ses på vårdcentralen.`);
  await form.getByLabel('Ja, personen vet om det och har sagt ja').press(' ');
  await guest.follow(() => form.getByRole('button', { name: 'Skicka begäran' }).click());
  expect(await form.getByRole('alert').textContent()).toContain('Kontrollera numret');
  expect(await form.getByLabel('Ditt namn').inputValue()).toBe(`${canary} Läkarsson`);
  await form.getByLabel('Personnummer eller samordningsnummer').fill(individual.number);
  await guest.follow(() => form.getByRole('button', { name: 'Skicka begäran' }).click());
  expect(await form.locator('h1').textContent()).toBe('Din begäran är skickad');
  const receipt = linkIn(await newMail('lakaren@region.example', 1));
  expect(form.url()).toContain(receipt);

  // FK's answer.
  await signIn(officer, 'fk');
  const desk = officer.page;
  await officer.follow(() => desk.locator('table.rows tbody tr').last().getByRole('link').click());
  expect(await desk.locator('main').textContent()).toContain('20120129-XXXX');
  await desk.getByLabel('Ja, vi håller ett möte').press(' ');
  await desk.getByLabel('Slags möte').selectOption('reconciliation');
  await desk.getByLabel('Syfte med mötet').fill(`${canary} provar halvtid.`);
  await desk.getByLabel('Skäl till akten').fill(`${canary} vill själv.`);
  await desk.getByLabel('Vad vi har kommit fram till', { exact: true }).press(' ');
  expect(await desk.locator('[data-preview]').textContent()).toContain('planerar ett möte');
  await officer.check();
  await officer.follow(() => desk.getByRole('button', { name: 'Spara beskedet' }).click());
  const meeting = new URL(desk.url()).pathname;
  expect(meeting).toMatch(/^\/moten\//);
  await newMail('lakaren@region.example', 2);
  await guest.visit(receipt);
  expect(await form.locator('.big-status').textContent()).toContain('planerar ett möte');

  // The meeting: participants, the talk, time and place.
  const people = [
    ['FK', `${canary} Handläggarsson`, 'handlaggaren@fk.example'],
    ['ARBG', `${canary} Chefsson`, 'chefen@arbete.example'],
  ] as const;
  for (const [party, name, email] of people) {
    await officer.visit(`${meeting}/deltagare`);
    await desk.getByLabel('Part', { exact: true }).selectOption(party);
    await desk.getByLabel('Namn').fill(name);
    await desk.getByLabel('Titel').fill(`${canary}titel`);
    await desk.getByLabel('E-postadress').fill(email);
    await desk.getByLabel('Jag har kontrollerat kontaktuppgifterna').press(' ');
    await desk.getByLabel('Hur kontrollerade du dem?').fill(`${canary} ringde.`);
    await save(officer);
  }
  await officer.follow(() => desk.getByRole('link', { name: 'Anteckna samtal' }).first().click());
  await desk.getByLabel('Hur och när pratade ni?').fill(`${canary} på telefon.`);
  await desk.getByLabel('Ja', { exact: true }).press(' ');
  await desk.getByLabel('Personens e-postadress').fill('personen@post.example');
  await save(officer);
  const setTime = async (startsAt: string, reason?: string) => {
    await officer.visit(`${meeting}/tid`);
    await desk.locator('[name=startsAt]').fill(startsAt);
    await desk.locator('[name=durationMinutes]').fill('60');
    await desk.locator('[name=placeKind][value=care_centre]').press(' ');
    await desk.locator('[name=place]').fill(`${canary}vägen 1`);
    if (reason) await desk.locator('[name=reason]').fill(reason);
    await save(officer);
  };
  await setTime('2027-01-20T10:00');
  await officer.visit(meeting);
  await officer.follow(() => desk.getByRole('link', { name: /Skicka inbjudan till/ }).click());
  await save(officer);

  // The invitation: one a person, neutral, the right instant all the year round.
  const addresses = ['handlaggaren@fk.example', 'chefen@arbete.example', 'personen@post.example'];
  const instants: [string, string][] = [
    ['2027-01-20T10:00', '2027-01-20T09:00:00.000Z'],
    ['2027-07-01T10:00', '2027-07-01T08:00:00.000Z'],
    ['2027-03-28T10:00', '2027-03-28T08:00:00.000Z'],
    ['2027-10-31T10:00', '2027-10-31T09:00:00.000Z'],
  ];
  const uids = new Set<string>();
  for (const [revision, [local, instant]] of instants.entries()) {
    if (revision > 0) await setTime(local, `${canary} kan inte då.`);
    for (const address of addresses) {
      const mail = await newMail(address, revision + 1);
      const { calendar, event, start, end } = invitationIn(mail);
      expect(calendar.getFirstPropertyValue('method')).toBe('REQUEST');
      expect(start).toBe(instant);
      expect(Date.parse(end) - Date.parse(start)).toBe(3_600_000);
      const attendees = event.getAllProperties('attendee');
      expect(attendees.map((attendee) => String(attendee.getFirstValue()).toLowerCase())).toEqual([
        `mailto:${address}`,
      ]);
      expect(attendees[0]?.getParameter('cn')).toBeUndefined();
      expect(event.getFirstPropertyValue('sequence')).toBe(revision);
      expect(mail.envelope.to).toEqual([address]);
      uids.add(String(event.getFirstPropertyValue('uid')));
    }
  }
  expect(uids.size).toBe(1);

  // The answer, by the link in the mail, without signing in and without JavaScript.
  const phone = await openPage(browser, server.baseUrl, {
    viewport: { width: 375, height: 800 },
    javaScriptEnabled: false,
  });
  await phone.visit(linkIn(await newMail('chefen@arbete.example', 4)));
  await phone.checkNarrow();
  expect(await phone.page.locator('main').textContent()).not.toContain(individual.name);
  await phone.page.locator('summary', { hasText: 'Meddelande till handläggaren' }).click();
  await phone.page.getByLabel('Meddelande till handläggaren').fill(`${canary} kommer.`);
  await phone.follow(() => phone.page.getByRole('button', { name: 'Ja, jag kommer' }).click());
  expect(await phone.page.locator('main').textContent()).toContain('Tack, ditt svar är sparat');
  await phone.close();
  await officer.visit(meeting);
  expect(await desk.locator('tr', { hasText: 'Chefsson' }).textContent()).toContain('Kommer');

  // The meeting is held; the minutes are saved as they are written, and survive a lost line.
  await officer.follow(() => desk.getByRole('link', { name: 'Öppna anteckningarna' }).click());
  await save(officer);
  await officer.visit(`${meeting}/protokoll`);
  const kept = () => desk.evaluate(() => Object.keys(localStorage).filter((key) => key.startsWith('samsyn:')));
  const patient = { timeout: 15_000 };
  const saveState = () => desk.locator('[data-save-state]').textContent();
  for (const select of await desk.locator('select[name^=attendance-]').all()) await select.selectOption('present');
  await desk.locator('[name=planGoal]').fill(`${canary} vill arbeta halvtid.`);
  await desk.locator('[name=question-responsibility-said]').fill('Alla är överens.');
  await desk.locator('[name=question-responsibility-agreed]').fill('Chefen ordnar schemat.');
  await desk.locator('[name=otherNeeded]').fill('Inget mer.');
  await expect.poll(saveState, patient).toMatch(/^Sparat kl\. /);
  await desk.context().setOffline(true);
  await desk.locator('[name=ownWords]').fill(`${canary} säger detta utan nät.`);
  await expect.poll(saveState, patient).toMatch(/nätet|kontakt/);
  await desk.context().setOffline(false);
  // The one thing that may go wrong here, and only here.
  const lost = officer.problems.splice(0);
  expect(lost.filter((problem) => !problem.includes('ERR_INTERNET_DISCONNECTED'))).toEqual([]);
  await officer.visit(`${meeting}/protokoll`);
  await expect.poll(kept, patient).toEqual([]);
  await officer.visit(`${meeting}/protokoll`);
  expect(await desk.locator('[name=ownWords]').inputValue()).toContain('utan nät');
  expect(await desk.locator('[name=planGoal]').inputValue()).toContain('halvtid');
  await desk.getByLabel('Vad ska göras?').fill('Ändra schemat');
  await desk.getByLabel('Vem gör det?').selectOption('ARBG');
  await desk.getByLabel('Vem följer upp?').selectOption('FK');
  await desk.getByLabel('Klart senast').fill('2027-11-30');
  await officer.follow(() => desk.locator('button[formaction$="/atgarder"]').last().click());
  await officer.follow(() => desk.locator('button[name=next][value=lock]').click());
  await desk.locator('[name=reason]').fill('Alla läste texten på mötet.');
  await desk.locator('[name=noFollowUpReason]').fill('Den bokas i december.');
  await save(officer);
  expect(await desk.locator('main').textContent()).toContain('klara och låsta');
  expect(await kept()).toEqual([]);

  // The plan, and the files.
  await officer.follow(() => desk.getByRole('link', { name: 'Till planen' }).click());
  expect(await desk.locator('main').textContent()).toContain('Ändra schemat');
  const files: [string, string][] = [
    [`${meeting}/protokoll.pdf`, '%PDF-'],
    [`${meeting}/protokoll.json`, '{'],
    [`${new URL(desk.url()).pathname}.pdf`, '%PDF-'],
    [`${new URL(desk.url()).pathname}.json`, '{'],
  ];
  for (const [path, starts] of files) {
    const file = await desk.request.get(`${server.baseUrl}${path}`);
    expect(file.status(), path).toBe(200);
    expect((await file.body()).subarray(0, starts.length).toString(), path).toBe(starts);
  }

  // Another meeting, by somebody who presses twice.
  const casePath = new URL(desk.url()).pathname.replace('/plan', '');
  await officer.visit(casePath);
  const meetings = async () =>
    new Set((await (await desk.request.get(`${server.baseUrl}${casePath}`)).text()).match(/\/moten\/[0-9a-f-]{36}/g))
      .size;
  const before = await meetings();
  await officer.visit(`${casePath}/moten/nytt`);
  await desk.locator('[name=kind]').selectOption('follow_up');
  await desk.locator('[name=purpose]').fill('Följa upp det som bestämdes.');
  // The first has arrived, and its answer is slow.
  await desk.route(`**${casePath}/moten`, async (route) => {
    const response = await route.fetch({ maxRedirects: 0 });
    await new Promise((done) => setTimeout(done, 500));
    await route.fulfill({ response }).catch(() => {});
  });
  const pressTwice = (one: { click(): void }) => {
    one.click();
    setTimeout(() => one.click(), 250);
  };
  await officer.follow(() => desk.getByRole('button', { name: 'Lägg upp mötet' }).evaluate(pressTwice));
  expect(await meetings()).toBe(before + 1);
  await officer.follow(() => desk.getByRole('button', { name: 'Logga ut' }).click());

  // No byte of any mail says anything about anybody.
  expect(smtp.messages.length).toBeGreaterThan(14);
  for (const { raw, parsed } of smtp.messages) {
    const decoded = [
      raw.toString('latin1'),
      raw.toString('utf8'),
      parsed.subject,
      parsed.text,
      parsed.html,
      ...parsed.attachments.map(({ content }) => content.toString('utf8').replaceAll('\r\n ', '')),
      ...[...raw.toString('latin1').matchAll(/^[A-Za-z0-9+/=\r\n]{60,}$/gm)].map(([base64]) =>
        Buffer.from(base64, 'base64').toString('utf8'),
      ),
    ].join('\n');
    expect(decoded).not.toMatch(/Kanarie|20120129|120129-?2388|avst.mning|halvtid|Personsson/i);
  }
}, 240_000);
