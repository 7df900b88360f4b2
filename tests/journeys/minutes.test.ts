import type { Route } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Browser, launchBrowser, type OpenPage, openPage } from '../support/browser.ts';
import { startServer, type TestServer } from '../support/server.ts';

/** Writing minutes while the line drops, the tab closes and somebody else writes in the same field. */

let browser: Browser;
let server: TestServer;
let officer: OpenPage;
let minutes: string;

beforeAll(async () => {
  server = await startServer();
  browser = await launchBrowser();
  officer = await openPage(browser, server.baseUrl);
  const { page } = officer;
  await officer.visit('/logga-in');
  await officer.follow(() =>
    page.locator('button[name="account"][value="fk"], form:has(input[value="fk"]) button').first().click(),
  );
  await officer.visit('/arenden');
  const cases = await page
    .locator('a[href^="/arenden/"]')
    .evaluateAll((links) => links.map((link) => link.getAttribute('href') ?? ''));
  for (const path of new Set(cases)) {
    const html = await (await page.request.get(path)).text();
    const [, meeting] = /href="(\/moten\/[0-9a-f-]{36})/.exec(html) ?? [];
    const held = meeting && (await (await page.request.get(`${meeting}/hallet`)).text());
    if (meeting && held?.includes(`action="${meeting}/hallet"`)) minutes = `${meeting}/protokoll`;
  }
  await officer.visit(minutes.replace('protokoll', 'hallet'));
  await officer.follow(() => page.locator('main form button').click());
});

afterAll(async () => {
  await officer?.close();
  await browser?.close();
  await server?.stop();
});

const box = (name: string) =>
  officer.page.locator(`[data-field="${name}"]`).locator('textarea, input:not([type=hidden]), select');
const state = (text: string) =>
  officer.page.locator('[data-save-state]', { hasText: text }).waitFor({ timeout: 5_000 });
const keptKeys = () => officer.page.evaluate(() => Object.keys(localStorage));
/** Saves a field past the page, as another window does. */
const elsewhere = (field: string, text: string, baseVersion: number) =>
  officer.page.request.patch(minutes, {
    headers: { origin: server.baseUrl },
    data: { field, text, baseVersion },
  });

test('what is written is saved by itself, and the page says so', async () => {
  await box('canDo').fill('Sitta och stå');
  await state('Sparat kl.');
  expect(await keptKeys()).toEqual([]);
  await officer.visit(minutes);
  expect(await box('canDo').inputValue()).toBe('Sitta och stå');
  await officer.checkNarrow();
});

test('without a line it waits, and is sent when the line is back', async () => {
  const { page } = officer;
  await page.context().setOffline(true);
  await box('cannotDo').fill('Arbeta i buller');
  await state('Ingen kontakt just nu');
  expect(await keptKeys()).toHaveLength(1);
  await page.context().setOffline(false);
  await state('Sparat kl.');
  expect(await keptKeys()).toEqual([]);
  officer.problems.length = 0;
});

test('what was not sent is there again after a reload, and is sent then', async () => {
  const { page } = officer;
  const drop = (route: Route) => (route.request().method() === 'PATCH' ? route.abort('aborted') : route.continue());
  await page.route(`**${minutes}`, drop);
  await box('cannotDo').fill('Arbeta under tidspress');
  await state('Sparas när nätet är tillbaka');
  await officer.visit(minutes);
  expect(await box('cannotDo').inputValue()).toBe('Arbeta under tidspress');
  await state('Sparas när nätet är tillbaka');
  await page.unroute(`**${minutes}`, drop);
  await officer.visit(minutes);
  await state('Sparat kl.');
  expect(await keptKeys()).toEqual([]);
  await officer.visit(minutes);
  expect(await box('cannotDo').inputValue()).toBe('Arbeta under tidspress');
});

test('a text that somebody wrote over is shown beside the own one, and both can be kept', async () => {
  const { page } = officer;
  expect((await elsewhere('ownWords', 'Deras text', 0)).status()).toBe(200);
  await box('ownWords').fill('Min text');
  const panel = page.locator('[data-field="ownWords"] [role="alert"]');
  await panel.waitFor();
  expect(await panel.innerText()).toContain('Deras text');
  expect(await box('ownWords').inputValue()).toBe('Min text');
  await officer.check();
  await panel.getByRole('button', { name: 'Behåll båda' }).click();
  await state('Sparat kl.');
  await officer.visit(minutes);
  expect(await box('ownWords').inputValue()).toBe('Deras text\n\nMin text');
});

test('the keys lead to the next question and to a new measure', async () => {
  const { page } = officer;
  const press = async (key: string) => {
    await page.keyboard.press(key);
    return page.locator(':focus').getAttribute('name');
  };
  const first = await press('Alt+n');
  const second = await press('Alt+n');
  expect([first, second]).toEqual([
    expect.stringMatching(/^question-.*-said$/),
    expect.stringMatching(/^question-.*-said$/),
  ]);
  expect(second).not.toBe(first);
  expect(await press('Alt+o')).toBe(second?.replace('-said', '-agreed'));
  expect(await press('Alt+a')).toBe('text');
});

test('a measure that was not added yet is there after a reload, and gone from the browser once it is', async () => {
  const { page } = officer;
  await page.locator('#f-text').fill('Ordna en stol');
  await officer.visit(minutes);
  expect(await page.locator('#f-text').inputValue()).toBe('Ordna en stol');
  await page.locator('#f-carriedOutBy').selectOption('ARBG');
  await page.locator('#f-due').fill('2030-01-15');
  await officer.follow(() => page.getByRole('button', { name: 'Lägg till åtgärden' }).click());
  expect(await page.locator('#f-text').inputValue()).toBe('');
  expect(await keptKeys()).toEqual([]);
  await officer.screenshot('minutes-write');
});

test('locking leaves nothing in the browser, nor does signing out', async () => {
  const { page } = officer;
  await page.context().setOffline(true);
  await box('notAgreed').fill('Blir kvar');
  await page.context().setOffline(false);
  await page.evaluate(() => localStorage.setItem('samsyn:minutes:another:canDo', '{}'));
  await officer.follow(() => page.locator('button[name="next"]').click());
  await officer.checkNarrow();
  await officer.screenshot('minutes-lock');
  await page.locator('#f-reason').fill('Alla hörde texten.');
  await page.locator('#f-noFollowUpReason').fill('Bokas sedan.');
  await officer.follow(() => page.getByRole('button', { name: 'Lås anteckningarna' }).click());
  expect(await page.locator('main').innerText()).toContain('Blir kvar');
  expect(await keptKeys()).toEqual(['samsyn:minutes:another:canDo']);
  await officer.checkNarrow();
  await officer.screenshot('minutes-read');
  await officer.follow(() => page.getByRole('link', { name: 'Till planen' }).click());
  await officer.checkNarrow();
  await officer.screenshot('plan');
  await officer.visit(minutes);
  await officer.follow(() => page.getByRole('button', { name: 'Logga ut' }).click());
  expect(await keptKeys()).toEqual([]);
});
