import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { simpleParser } from 'mailparser';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Browser, launchBrowser, type OpenPage, openPage } from '../support/browser.ts';
import { startServer, type TestServer } from '../support/server.ts';

/** Twenty times for twelve people, on a phone: asked, answered, ranked, booked. Every page is judged by axe. */

const phone = { width: 375, height: 800 };
let browser: Browser;
let server: TestServer;
let officer: OpenPage;
let guest: OpenPage;

beforeAll(async () => {
  server = await startServer({ MAIL_FROM: 'moten@samsyn.example' });
  browser = await launchBrowser();
  officer = await openPage(browser, server.baseUrl, { viewport: phone });
  guest = await openPage(browser, server.baseUrl, { viewport: phone, javaScriptEnabled: false });
});
afterAll(async () => {
  await officer?.close();
  await guest?.close();
  await browser?.close();
  await server?.stop();
});

const send = (from: OpenPage, path: string, form: Record<string, string>) =>
  from.page.request.post(path, { form, headers: { origin: server.baseUrl }, maxRedirects: 0 });
const reach = (from: OpenPage) => from.page.evaluate<number>('document.documentElement.scrollWidth');

/** The link in the newest mail to each address. */
async function links(): Promise<Map<string, string>> {
  const folder = join(server.dataDir, 'mail');
  const found = new Map<string, string>();
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.eml'))) {
    const { to, text } = await simpleParser(readFileSync(join(folder, file)));
    const link = /http:\/\/localhost:\d+(\/svar\/\S+)/.exec(text ?? '')?.[1];
    if (link) found.set([to ?? []].flat()[0]?.text ?? '', link);
  }
  return found;
}

it('twelve people and twenty times', async () => {
  await send(officer, '/logga-in/demo', { account: 'fk2' });
  await officer.visit('/arenden?visa=mine');
  await officer.follow(() => officer.page.locator('main a[href^="/arenden/"]:not([href*="visa"])').first().click());
  const meeting = (await officer.page.locator('a[href^="/moten/"]').first().getAttribute('href')) ?? '';
  const before = await officer.page.request.get(`${meeting}/samtal`);
  const known = new Set(
    [...(await before.text()).matchAll(/name="party-([0-9a-f-]+)"/g)].map((match) => match[1] ?? ''),
  );
  for (let n = known.size + 2; n < 12; n++) {
    const person = { party: 'ARBG', name: `Nora Nummer ${n}`, email: `n${n}@utomstaende.example` };
    const answer = await send(officer, `${meeting}/deltagare`, { ...person, verified: 'on', verifiedHow: 'Ringde.' });
    expect(answer.status()).toBe(303);
  }
  const talk = await (await officer.page.request.get(`${meeting}/samtal`)).text();
  const views = Object.fromEntries([...talk.matchAll(/name="(party-[0-9a-f-]+)"/g)].map((match) => [match[1], 'yes']));
  await send(officer, `${meeting}/samtal`, { how: 'Ringde.', ...views });

  await officer.visit(`${meeting}/tidsforslag`);
  await officer.checkNarrow();
  // Next week and the one after, ten times each; what was ticked follows along.
  for (const week of [1, 2]) {
    const boxes = officer.page.locator('.week input[name="startsAt"]');
    for (let n = 0; n < 10; n++) await boxes.nth(n * 2).press(' ');
    if (week === 1) await officer.follow(() => officer.page.getByRole('button', { name: 'Nästa vecka' }).click());
  }
  expect(await reach(officer)).toBeLessThanOrEqual(phone.width);
  await officer.follow(() => officer.page.getByRole('button', { name: 'Fråga deltagarna' }).click());
  expect(await officer.page.locator('main table').first().locator('tbody tr').count()).toBe(20);
  expect(await officer.page.locator('#people ~ table tbody tr').count()).toBe(12);

  for (let tries = 0; (await links().catch(() => new Map())).size < 9; tries++) {
    if (tries > 100) throw new Error('the mails did not come');
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const [first, ...rest] = [...(await links())].filter(([to]) => to.endsWith('@utomstaende.example'));
  await guest.visit(first?.[1] ?? '');
  await guest.checkNarrow();
  const times = guest.page.locator('fieldset.choices');
  expect(await times.count()).toBe(20);
  for (let n = 0; n < 20; n++)
    await times
      .nth(n)
      .getByLabel(n === 7 ? 'Kan' : 'Kan inte', { exact: true })
      .press(' ');
  await guest.follow(() => guest.page.getByRole('button', { name: 'Skicka mina svar' }).click());
  expect(await guest.page.getByText('Tack, dina svar är sparade.').isVisible()).toBe(true);
  const options = await guest.page.locator('fieldset.choices input[type="radio"][value="yes"]').all();
  const names = await Promise.all(options.map((option) => option.getAttribute('name')));
  const everyTime = Object.fromEntries(names.map((name, n) => [name ?? '', n === 7 ? 'yes' : 'if_needed']));
  for (const [, link] of rest) expect((await send(guest, `${link}/tider`, everyTime)).status()).toBe(303);

  await officer.visit(`${meeting}/tidsforslag`);
  await officer.checkNarrow();
  expect(await reach(officer)).toBeLessThanOrEqual(phone.width);
  await officer.screenshot('poll-answers');
  const best = officer.page.locator('main table').first().locator('tbody tr').first();
  expect(await best.textContent()).toContain('10 kan');
  expect(await best.textContent()).not.toMatch(/vid behov|kan inte/i);
  await officer.follow(() => best.getByRole('link', { name: 'Boka' }).click());
  await officer.page.getByLabel('Telefon', { exact: true }).press(' ');
  await officer.follow(() => officer.page.getByRole('button', { name: 'Boka och skicka inbjudan' }).click());
  expect(await officer.page.locator('.status').first().textContent()).toContain('Bokat');
});
