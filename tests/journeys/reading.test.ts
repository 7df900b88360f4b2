import { afterAll, beforeAll, expect, test } from 'vitest';
import { formatDate, instantOf, stockholmDate } from '../../src/kernel/time.ts';
import { viewsDir } from '../../src/platform/web/render.ts';
import { loadTexts } from '../../src/platform/web/text.ts';
import demo from '../../views/demo/demo.json' with { type: 'json' };
import { type Browser, launchBrowser, type OpenPage, openPage } from '../support/browser.ts';
import { tabTo } from '../support/keyboard.ts';
import { faultsOfReading, readingOrder, readThrough } from '../support/reading.ts';
import { startServer, type TestServer } from '../support/server.ts';

/** Plan and minutes without eyes and without a mouse: what is read in which order, and what the keys alone can do. */

const { t } = loadTexts(`${viewsDir}text`);
let browser: Browser;
let server: TestServer;
let person: OpenPage;
let plan: string;
let minutes: string;

async function signedIn(account: string): Promise<OpenPage> {
  const one = await openPage(browser, server.baseUrl);
  const headers = { origin: server.baseUrl };
  await one.page.request.post('/logga-in/demo', { form: { account }, headers, maxRedirects: 0 });
  return one;
}

beforeAll(async () => {
  [server, browser] = await Promise.all([startServer(), launchBrowser()]);
  person = await signedIn('individ');
  const home = await (await person.page.request.get('/arenden')).text();
  plan = `${/\/arenden\/[0-9a-f-]{36}/.exec(home)?.[0]}/plan`;
  minutes = /\/moten\/[0-9a-f-]{36}\/protokoll/.exec(await (await person.page.request.get(plan)).text())?.[0] ?? '';
});

afterAll(async () => {
  await person?.close();
  await browser?.close();
  await server?.stop();
});

const ofPerson = demo.minutes.measures.filter(({ carriedOutBy }) => carriedOutBy === 'PERSON');

/** What each page's headings begin with and how many measures, lists and tables it has; the rest is a rule. */
const pages: [name: string, path: () => string, headings: string[], lists: number, tables: string[]][] = [
  [
    'the plan',
    () => plan,
    ['plan.title', 'plan.goalTitle', 'plan.subGoals', 'min.ownWords', 'plan.measures'],
    demo.minutes.measures.length,
    [],
  ],
  [
    'the minutes',
    () => minutes,
    ['min.title', 'min.participants', 'plan.goalTitle', 'min.field.planGoal'],
    0,
    ['min.attendance', 'min.taken.caption', 'min.measures.caption'],
  ],
  [
    'the minutes in plain Swedish',
    () => `${minutes}/enkelt`,
    ['plain.min.title', 'plain.ownWords', 'plain.goal', 'plain.steps', 'plain.agreed'],
    ofPerson.length,
    [],
  ],
  ['the plan in plain Swedish', () => `${plan}/enkelt`, ['plain.title', 'plain.ownWords', 'plain.goal'], 1, []],
];

test.each(
  pages,
)('a screen reader meets %s from title to end in order, wide and narrow', async (_name, path, ...expected) => {
  const [headings, items, tables] = expected;
  await person.page.setViewportSize({ width: 1280, height: 900 });
  await person.visit(path());
  const met = await readThrough(
    person.page,
    headings.map((key) => t(key)),
  );
  expect(met.filter(({ role }) => role === 'table').map(({ name }) => name)).toEqual(tables.map((key) => t(key)));
  expect(met.filter(({ role }) => role === 'listitem').length).toBeGreaterThanOrEqual(items);
});

test('the officer reports, reads the timeline as a table and ticks off a sub-goal with the keys alone', async () => {
  const officer = await signedIn('fk');
  const { page } = officer;
  const enter = () => officer.follow(() => page.keyboard.press('Enter'));
  await officer.visit(plan);
  await tabTo(officer, t('plan.reportOn'));
  await enter();
  await tabTo(officer, t('plan.field.status'));
  await page.keyboard.type(t('measureStatus.ongoing'));
  await tabTo(officer, t('plan.field.note'));
  await page.keyboard.type('Bordet är beställt.');
  await tabTo(officer, t('plan.saveReport'));
  await enter();
  expect(await page.locator('main').innerText()).toContain('Bordet är beställt.');

  await tabTo(officer, t('plan.timeline.table'));
  await page.keyboard.press('Enter');
  const table = (await readingOrder(page)).filter(({ within }) => within.includes('main'));
  expect(faultsOfReading(await readingOrder(page))).toEqual([]);
  expect(table.filter(({ role }) => role === 'table').map(({ name }) => name)).toEqual([t('plan.timeline')]);

  await officer.visit(plan);
  await tabTo(officer, t('plan.subGoal.checkOff'));
  await enter();
  const day = page.locator('input[type="date"]').first();
  await tabTo(officer, t('plan.subGoal.field.reachedOn'));
  expect(await day.evaluate((input) => input === input.ownerDocument.activeElement)).toBe(true);
  const today = stockholmDate(instantOf(Temporal.Now.instant()));
  const [year = '', month = '', dayOfMonth = ''] = today.split('-');
  // The browser of the tests writes dates as in the United States.
  await page.keyboard.type(month + dayOfMonth + year);
  await tabTo(officer, t('plan.subGoal.save'));
  await enter();
  expect(await page.locator('main').innerText()).toContain(t('plan.subGoal.reachedOn', { date: formatDate(today) }));
  await officer.close();
});
