import { afterAll, beforeAll, expect, it } from 'vitest';
import demo from '../../views/demo/demo.json' with { type: 'json' };
import { type Browser, launchBrowser, type OpenPage, openPage } from '../support/browser.ts';
import { startServer, type TestServer } from '../support/server.ts';

/** The person prepares on a phone, saved as they write, and the officer answers. Every page is judged by axe. */

let browser: Browser;
let server: TestServer;
let officer: OpenPage;
let person: OpenPage;

beforeAll(async () => {
  server = await startServer();
  browser = await launchBrowser();
  officer = await openPage(browser, server.baseUrl);
  person = await openPage(browser, server.baseUrl, { viewport: { width: 375, height: 800 } });
});
afterAll(async () => {
  await officer?.close();
  await person?.close();
  await browser?.close();
  await server?.stop();
});

const send = (from: OpenPage, path: string, form: Record<string, string>) =>
  from.page.request.post(path, { form, headers: { origin: server.baseUrl }, maxRedirects: 0 });

it('is saved as it is written, read by the officer, and answered', async () => {
  await send(officer, '/logga-in/demo', { account: 'fk' });
  await send(person, '/logga-in/demo', { account: 'individ' });
  const { individualName, individualNumber } = demo.requests.maja;
  const about = {
    requesterName: 'Maja',
    requesterRole: 'PERSON',
    requesterPhone: '08-465 004 00',
    purpose: 'Nästa steg.',
  };
  const channel = { channel: 'phone', receivedAt: '' };
  const request = await send(officer, '/begaran', { ...about, individualName, individualNumber, ...channel });
  const registered = request.headers().location?.split('?')[0] ?? '';
  const decided = await send(officer, `${registered}/beslut`, {
    decision: 'confirm',
    kind: 'follow_up',
    purpose: 'Nästa steg.',
  });
  const meeting = decided.headers().location?.split('?')[0] ?? '';
  const before = `${meeting}/forberedelse`;
  await send(officer, `${meeting}/underlag`, { title0: 'Läkarintyg från maj' });

  await person.visit(before);
  await person.checkNarrow();
  await person.page.getByLabel('Vad jag vill').fill('Börja halvtid.');
  await person.page.getByText(/^Sparat kl\. \d\d\.\d\d$/).waitFor();
  await person.page.getByLabel('Det här vill jag inte prata om').fill('Flytten.');
  await person.page.getByText('Sparar').waitFor();
  // Pressed at once: what is on its way is not in its way.
  await person.follow(() => person.page.getByRole('button', { name: 'Spara', exact: true }).click());
  expect(await person.page.getByLabel('Vad jag vill').inputValue()).toBe('Börja halvtid.');
  expect(await person.page.getByLabel('Det här vill jag inte prata om').inputValue()).toBe('Flytten.');
  await person.page.getByLabel('Nej, ta inte med det').press(' ');
  await person.follow(() => person.page.getByRole('button', { name: 'Spara svaren' }).click());
  await send(person, `${meeting}/anpassning`, { adaptation: 'Pauser.' });

  await officer.visit(before);
  await officer.checkNarrow();
  expect(await officer.page.locator('main').textContent()).toMatch(/Flytten\.[\s\S]*Börja halvtid\./);
  await officer.page.getByLabel('Ditt svar').fill('Vi tar paus efter en halvtimme.');
  await officer.follow(() => officer.page.getByRole('button', { name: 'Svara personen' }).click());
  await officer.visit(`${before}?anteckna=text`);
  await person.visit(before);
  expect(await person.page.getByText('Vi tar paus efter en halvtimme.').isVisible()).toBe(true);
});
