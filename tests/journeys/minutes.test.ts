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

/** The text the server has, by a save that it is bound to refuse. */
const onServer = async (field: string) => ((await (await elsewhere(field, '?', -1)).json()) as { text: string }).text;
const panelOf = (name: string) => officer.page.locator(`[data-field="${name}"] [role="alert"]`);
const button = (name: string) => officer.page.getByRole('button', { name, exact: true });

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
  expect(await box('ownWords').inputValue()).toBe('Deras text\nMin text');
});

test('a conflict that is not resolved is there again after a reload, with both texts', async () => {
  expect((await elsewhere('question-responsibility-said', 'Deras text', 0)).status()).toBe(200);
  await box('question-responsibility-said').fill('Min text');
  await panelOf('question-responsibility-said').waitFor();
  await officer.visit(minutes);
  await panelOf('question-responsibility-said').waitFor();
  expect(await panelOf('question-responsibility-said').innerText()).toContain('Deras text');
  expect(await box('question-responsibility-said').inputValue()).toBe('Min text');
  expect(await onServer('question-responsibility-said')).toBe('Deras text');
  await button('Ta den andras text').click();
  await state('Sparat kl.');
  expect(await box('question-responsibility-said').inputValue()).toBe('Deras text');
});

test.each([
  ['planGoal', 'is shown', true],
  ['otherNeeded', 'is on its way', false],
])('no button of the form saves over the other text in %s while the conflict %s', async (name, _when, shown) => {
  const { page } = officer;
  expect((await elsewhere(name, 'Deras text', 0)).status()).toBe(200);
  const slow = async (route: Route) => {
    if (route.request().method() === 'PATCH') await new Promise((done) => setTimeout(done, 500));
    await route.continue();
  };
  await page.route(`**${minutes}`, slow);
  const sent = page.waitForRequest((request) => request.method() === 'PATCH');
  await box(name).fill('Min text');
  await sent;
  if (shown) await panelOf(name).waitFor();
  await button('Spara allt på sidan').click();
  await page.locator(`[data-field="${name}"] [role="alert"]:focus`).waitFor();
  await state('Någon annan har skrivit i samma ruta');
  expect(await onServer(name)).toBe('Deras text');
  await page.unroute(`**${minutes}`, slow);
  await button('Behåll min text').click();
  await state('Sparat kl.');
  expect(await onServer(name)).toBe('Min text');
  await officer.follow(() => button('Spara allt på sidan').click());
  expect(await keptKeys()).toEqual([]);
});

test('a conflict that the form comes back with is asked about there, and again after a reload', async () => {
  expect((await elsewhere('followUpPurpose', 'Deras text', 0)).status()).toBe(200);
  await box('followUpPurpose').fill('Min text');
  await officer.follow(() => button('Spara allt på sidan').click());
  await button('Behåll båda').waitFor();
  await officer.visit(minutes);
  await button('Behåll båda').waitFor();
  expect(await onServer('followUpPurpose')).toBe('Deras text');
  await button('Behåll båda').click();
  await state('Sparat kl.');
  expect(await onServer('followUpPurpose')).toBe('Deras text\nMin text');
});

test('a text that is too long says so, by its box, and is not lost by signing out', async () => {
  const { page } = officer;
  await box('followUpPurpose').fill('å'.repeat(4_001));
  await state('Texten i rutan ”');
  const label = await page.locator('[data-field="followUpPurpose"] label').first().innerText();
  await state(`”${label.trim()}” är för lång`);
  expect(await officer.page.locator('.counter--over').innerText()).toBe('1 tecken för mycket');
  expect(await box('followUpPurpose').getAttribute('aria-invalid')).toBe('true');
  await officer.check();
  await page.locator('form[action="/logga-ut"] button').click();
  await page.waitForTimeout(500);
  expect(page.url()).toContain('/protokoll');
  expect(await box('followUpPurpose').inputValue()).toHaveLength(4_001);
  await box('followUpPurpose').fill('Kort nog');
  await state('Sparat kl.');
  expect(await box('followUpPurpose').getAttribute('aria-invalid')).toBeNull();
  expect(await onServer('followUpPurpose')).toBe('Kort nog');
  await officer.visit(minutes);
});

test('a choice between two texts waits for an own one that is too long to be kept', async () => {
  const field = 'planGoal';
  const version = await box(field).locator('xpath=ancestor::*[@data-field]').getAttribute('data-version');
  expect((await elsewhere(field, 'Deras nya text', Number(version))).status()).toBe(200);
  await box(field).fill('Min nya text');
  await panelOf(field).waitFor();
  await box(field).fill('å'.repeat(4_001));
  await button('Ta den andras text').click();
  await state('är för lång');
  expect(await box(field).inputValue()).toHaveLength(4_001);
  await box(field).fill('Min kortare text');
  await button('Ta den andras text').click();
  await state('Sparat kl.');
  expect(await box(field).inputValue()).toBe('Deras nya text');
  const earlier = officer.page.locator(`[data-field="${field}"] [data-earlier]`);
  await expect.poll(() => earlier.textContent()).toContain('Min kortare text');
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
  expect(await press('Alt+g')).toBe('text');
});

test('what others write comes by itself, and the caret stays where it is', async () => {
  const { page } = officer;
  const field = 'notAgreed';
  await box(field).fill('Början, slut');
  await state('Sparat kl.');
  const caret = () =>
    page.evaluate<[string, number, string]>(
      '[document.activeElement.name, document.activeElement.selectionStart, document.activeElement.value]',
    );
  await box(field).focus();
  for (const key of ['Control+Home', ...'Början'].map((one) => (one.length === 1 ? 'ArrowRight' : one)))
    await page.keyboard.press(key);
  expect(await caret()).toEqual([field, 6, 'Början, slut']);
  expect((await elsewhere(field, 'Först: Början, slut', 1)).status()).toBe(200);
  await expect.poll(() => box(field).inputValue()).toBe('Först: Början, slut');
  expect(await caret()).toEqual([field, 13, 'Först: Början, slut']);
  await page.keyboard.type('!');
  await state('Sparat kl.');
  expect(await onServer(field)).toBe('Först: Början!, slut');
});

test('who takes part writes for themselves, and with one key it stands in the minutes and becomes a measure', async () => {
  const { page } = officer;
  const employer = await openPage(browser, server.baseUrl);
  await employer.visit('/logga-in');
  await employer.follow(() => employer.page.locator('form:has(input[value="arbetsgivare"]) button').first().click());
  await employer.visit('/mina-moten');
  const own = employer.page.locator('a[href^="/mina-moten/"]');
  for (let i = 0; i < (await own.count()); i++) {
    await employer.visit((await own.nth(i).getAttribute('href')) ?? '');
    const link = employer.page.locator(`a[href="${minutes}"]`);
    if ((await link.count()) > 0) {
      await employer.follow(() => link.click());
      break;
    }
    await employer.visit('/mina-moten');
  }
  await employer.checkNarrow();
  await employer.page.locator('textarea').fill('Vi ordnar ett tyst rum.');
  const waiting = page.locator('[data-contribution][data-waiting]');
  await waiting.waitFor();
  await employer.screenshot('minutes-contribute');
  await officer.check();
  await box('question-responsibility-agreed').evaluate((one) => one.closest('details')?.setAttribute('open', ''));
  await box('question-responsibility-agreed').focus();
  await page.keyboard.press('Alt+l');
  await expect
    .poll(() => box('question-responsibility-agreed').inputValue(), { timeout: 5_000 })
    .toContain('tyst rum.');
  await employer.page.getByText('Handläggaren har lyft in din text').waitFor();
  expect(await waiting.count()).toBe(0);
  await page.keyboard.press('Control+End');
  for (let i = 0; i < 'tyst rum.'.length; i++) await page.keyboard.press('Shift+ArrowLeft');
  await page.keyboard.press('Alt+m');
  expect(await page.locator('#f-text').inputValue()).toBe('tyst rum.');
  expect(await page.locator(':focus').getAttribute('name')).toBe('text');
  await page.locator('#f-text').fill('');
  // The whole box by pointer, with the list of the keys beside.
  await box('question-responsibility-agreed').press('Control+End');
  await button('Gör till åtgärd').click();
  expect(await page.locator('#f-text').inputValue()).toContain('Vi ordnar ett tyst rum.');
  await page.locator('#f-text').fill('');
  await page.locator('.keys summary').click();
  await officer.check();
  await officer.checkNarrow();
  await officer.screenshot('minutes-together');
  await employer.close();
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

test('who was there for what, standard wordings and questions taken away, with the keyboard', async () => {
  const { page } = officer;
  const attendee = page.locator('.attendee').last();
  const parts = attendee.locator('summary');
  expect(await parts.isVisible()).toBe(false);
  await attendee.locator('select').selectOption('part');
  await parts.focus();
  await page.keyboard.press('Enter');
  const ticks = attendee.locator('input[type=checkbox]');
  await ticks.first().focus();
  await page.keyboard.press('Space');
  await state('Sparat kl.');

  const agreed = page.locator('[data-field="question-responsibility-agreed"]');
  await page.locator('details[data-question]', { has: agreed }).evaluate((fold) => fold.setAttribute('open', ''));
  await agreed.locator('textarea').fill('Först.');
  await agreed.locator('summary').focus();
  await page.keyboard.press('Enter');
  await agreed.getByRole('button', { name: 'Personen ringer … om något inte fungerar.' }).focus();
  await page.keyboard.press('Enter');
  await page.keyboard.type('Jonas');
  expect(await agreed.locator('textarea').inputValue()).toBe('Först.\nPersonen ringer Jonas om något inte fungerar.');

  const rows = page.locator('.taken > li');
  const shown = () => rows.evaluateAll((all) => all.filter((row) => row.checkVisibility()).length);
  expect(await shown()).toBe(1);
  await box('taken-1-question').fill('Kan schemat läggas om?');
  expect(await shown()).toBe(2);
  await box('taken-1-where').fill('Ledningsgruppen');
  await state('Sparat kl.');
  expect(await keptKeys()).toEqual([]);
  await officer.check();
  await officer.checkNarrow();
  await officer.visit(minutes);
  expect(await ticks.first().isChecked()).toBe(true);
  expect(await ticks.nth(1).isChecked()).toBe(false);
  expect([await shown(), await box('taken-1-where').inputValue()]).toEqual([2, 'Ledningsgruppen']);
  // Without a line a tick waits in the browser, and is there again after a reload.
  const drop = (route: Route) => (route.request().method() === 'PATCH' ? route.abort('aborted') : route.continue());
  await page.route(`**${minutes}`, drop);
  await parts.press('Enter');
  await ticks.first().press('Space');
  await state('Sparas när nätet är tillbaka');
  await page.unroute(`**${minutes}`, drop);
  await officer.visit(minutes);
  await state('Sparat kl.');
  expect(await ticks.first().isChecked()).toBe(false);
});

test('a measure that was saved by another button is not put back, whatever page comes next', async () => {
  const { page } = officer;
  const type = async (text: string) => {
    await page.locator('#f-text').fill(text);
    await page.locator('#f-carriedOutBy').selectOption('ARBG');
  };
  const filed = async (texts: string[]) => {
    expect(await page.locator('#f-text').inputValue()).toBe('');
    expect(await page.locator('.measure > p:first-child').allInnerTexts()).toEqual(texts);
  };
  await type('Ordna ett bord');
  await officer.follow(() => page.locator('button[name="next"][value="lock"]').click());
  await officer.follow(() => page.getByRole('link', { name: 'Avbryt' }).click());
  await filed(['Ordna en stol', 'Ordna ett bord']);

  await type('Ordna en lampa');
  await officer.follow(() => page.locator('button[name="edit"]').first().click());
  await officer.follow(() => page.getByRole('link', { name: 'Avbryt' }).click());
  await filed(['Ordna en stol', 'Ordna ett bord', 'Ordna en lampa']);

  await box('canDo').fill('x'.repeat(4_001));
  await type('Ordna en matta');
  await officer.follow(() => button('Spara allt på sidan').click());
  await officer.visit(minutes);
  await filed(['Ordna en stol', 'Ordna ett bord', 'Ordna en lampa', 'Ordna en matta']);
  await box('canDo').fill('Sitta');
  await state('Sparat kl.');
  expect(await keptKeys()).toEqual([]);
});

test('locking leaves nothing in the browser, nor does signing out', async () => {
  const { page } = officer;
  await page.context().setOffline(true);
  await box('notAgreed').fill('Blir kvar');
  await page.context().setOffline(false);
  const account = await page.locator('[data-account]').first().getAttribute('data-account');
  const other = `samsyn:minutes:another:${account}:canDo`;
  await page.evaluate((key) => localStorage.setItem(key, '{}'), other);
  await officer.follow(() => page.locator('button[name="next"][value="lock"]').click());
  await officer.checkNarrow();
  await officer.screenshot('minutes-lock');
  await page.locator('#f-reason').fill('Alla hörde texten.');
  await page.locator('#f-noFollowUpReason').fill('Bokas sedan.');
  await officer.follow(() => page.getByRole('button', { name: 'Lås anteckningarna' }).click());
  expect(await page.locator('main').innerText()).toContain('Blir kvar');
  expect(await keptKeys()).toEqual([other]);
  // What another browser of theirs had no line for is kept beside the minutes when it comes here, and not in the browser.
  const own = `samsyn:minutes:${minutes.split('/')[2]}:${account}`;
  const long = `Hann inte med ${'långtext '.repeat(600)}Sist`;
  await page.evaluate(
    ([at, text]) => {
      localStorage.setItem(`${at}:canDo`, JSON.stringify({ text, version: 0 }));
      localStorage.setItem(`${at}:atgard:`, '{"text":"Ordna en hylla","carriedOutBy":"ARBG","person":"Eva Norling"}');
    },
    [own, long],
  );
  await page.goto(minutes);
  await page.locator('details', { hasText: 'Text som kom efter låsningen' }).waitFor();
  officer.problems.length = 0;
  await officer.check();
  const late = await page.locator('details').textContent();
  for (const text of ['Text som kom', 'Hann inte med', 'Sist', 'Ordna en hylla', 'Eva Norling'])
    expect(late).toContain(text);
  expect(await keptKeys()).toEqual([other]);
  await officer.checkNarrow();
  await officer.screenshot('minutes-read');
  await officer.follow(() => page.getByRole('link', { name: 'Till planen' }).click());
  await officer.checkNarrow();
  await officer.screenshot('plan');
  await officer.visit(minutes);
  await officer.follow(() => page.getByRole('button', { name: 'Logga ut' }).click());
  expect(await keptKeys()).toEqual([]);
});
