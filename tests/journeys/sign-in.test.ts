import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Browser, launchBrowser, openPage } from '../support/browser.ts';
import { freePort } from '../support/postgres.ts';
import { startProvider, type TestProvider } from '../support/provider.ts';
import { startServer, type TestServer } from '../support/server.ts';

/** In a real browser: with an e-ID there and back, one of two assignments, the other, out at both ends; then each role. */

let provider: TestProvider;
let server: TestServer;
let browser: Browser;
beforeAll(async () => {
  const port = await freePort();
  provider = await startProvider({ origin: `http://localhost:${port}` });
  server = await startServer({ PORT: String(port), ...provider.env });
  browser = await launchBrowser();
  await addColleague();
});
afterAll(async () => {
  await browser?.close();
  await server?.stop();
  await provider?.close();
});

const hsaId = 'SE2120000000-KOLLEGA';

/** An administrator gives somebody two assignments before they have ever signed in. */
async function addColleague(): Promise<void> {
  provider.users.set('kollega', { sub: 'kollega', claims: { employeeHsaId: hsaId, name: 'Påhittad Kollega' } });
  let cookie = '';
  const post = async (path: string, fields: Record<string, string>) => {
    const response = await fetch(server.baseUrl + path, {
      ...{ method: 'POST', redirect: 'manual', body: new URLSearchParams(fields) },
      headers: { origin: server.baseUrl, cookie },
    });
    cookie ||= response.headers.getSetCookie()[0]?.split(';')[0] ?? '';
    expect(response.status, path).toBe(303);
    return response.headers.get('location') ?? '';
  };
  const page = async (path: string) => (await fetch(server.baseUrl + path, { headers: { cookie } })).text();
  await post('/logga-in/demo', { account: 'admin' });
  const home = await post('/administration/personer', { name: 'Påhittad Kollega', hsaId });
  const organisation = /\?organisation=([\w-]+)"/.exec(await page(`${home}/uppdrag`))?.[1] ?? '';
  const units = await page(`/administration/organisationer/${organisation}`);
  const unit = /\/administration\/enheter\/([\w-]+)/.exec(units)?.[1] ?? '';
  await post(`${home}/uppdrag`, { organisation, role: 'officer', unit });
  await post(`${home}/uppdrag`, { organisation, role: 'administrator' });
}

test('signing in, choosing, changing, and signing out at both ends', async () => {
  const visitor = await openPage(browser, server.baseUrl);
  const { page, visit, follow } = visitor;
  const button = (name: string) => page.getByRole('button', { name, exact: true });
  const link = (name: string) => page.getByRole('link', { name, exact: true });

  await visit('/logga-in');
  await follow(() => link('Logga in med e-legitimation').click());
  expect(page.url()).toContain(provider.issuer);
  await follow(() => link('kollega').click());
  expect(page.url()).toBe(`${server.baseUrl}/logga-in/val`);
  await visitor.checkNarrow();
  await page.locator('label', { hasText: 'Handläggare, Försäkringskassan Granvik' }).click();
  await follow(() => button('Fortsätt').click());
  expect(page.url()).toBe(`${server.baseUrl}/inkorg`);

  await follow(() => link('Byt uppdrag').click());
  await page.locator('label', { hasText: 'Administratör, Försäkringskassan' }).click();
  await follow(() => button('Fortsätt').click());
  await page.getByRole('heading', { name: 'Administration' }).waitFor();
  await visitor.checkNarrow();

  // Our own page goes on by itself, before anybody can look at it.
  await Promise.all([page.waitForURL(`${provider.issuer}/**`), button('Logga ut').click()]);
  expect(visitor.problems.splice(0)).toEqual([expect.stringMatching(/logga-ut\/vidare: left without being checked/)]);
  await visitor.check();
  await follow(() => button('Yes').click());
  expect(page.url()).toMatch(`${server.baseUrl}/logga-ut/klar`);
  expect(provider.state.endedSessions).toBe(1);

  await visit('/inkorg');
  expect(page.url()).toBe(`${server.baseUrl}/logga-in?till=/inkorg`);
  // The provider has forgotten them too: it asks who they are.
  await follow(() => link('Logga in med e-legitimation').click());
  await page.getByRole('heading', { name: 'Who are you?' }).waitFor();
  await visitor.close();
});

/** Somebody of the demonstration in a browser of their own, without a look at the page where one signs in. */
async function signedIn(account: string) {
  const visitor = await openPage(browser, server.baseUrl);
  const form = { account };
  await visitor.page.context().request.post('/logga-in/demo', { form, headers: { origin: server.baseUrl } });
  return visitor;
}

test('what the person and those around them see of access, consent and the log holds for everybody', async () => {
  const person = await signedIn('individ');
  const { page, visit, checkNarrow } = person;
  await visit('/arenden');
  await person.follow(() => page.locator('main tbody a').first().click());
  await checkNarrow();
  const home = new URL(page.url()).pathname;
  for (const part of ['begärde mötet', 'Vad har andra fått om dig?', 'Vad har rättats?']) {
    expect(await page.locator('main').textContent()).toContain(part);
  }
  const doors = page.locator('main .doors a');
  expect(await doors.count()).toBe(4);
  for (const path of await doors.evaluateAll((all) => all.map((a) => a.getAttribute('href') ?? ''))) {
    await visit(path);
    await checkNarrow();
    expect(await page.locator('main a[href^="tel:"]').count(), path).toBeGreaterThan(0);
  }

  // With the keys alone: open the first party's choices, and come from the first box to the button, seeing where one is.
  await visit(`${home}/samtycken`);
  await person.follow(() =>
    page
      .getByRole('link', { name: /^Ändra/ })
      .first()
      .press('Enter'),
  );
  await checkNarrow();
  await page.locator('#val input[type="checkbox"]').first().focus();
  const reached: string[] = [];
  for (let i = 0; i < 14 && !reached.includes('Spara mina val'); i++) {
    reached.push(await page.evaluate<string>(FOCUSED));
    await page.keyboard.press('Tab');
  }
  expect(reached).toContain('Spara mina val');
  expect(reached.filter((one) => one.startsWith('unseen'))).toEqual([]);
  await person.close();

  const officer = await signedIn('fk');
  for (const path of ['', '/utlamnande?party=ARBG&document=minutes', '/foretradare']) {
    await officer.visit(home + path);
    await officer.checkNarrow();
  }
  // What is wrong is said above and beside the field, also to whom hears the page.
  await officer.follow(() => officer.page.getByRole('button', { name: 'Anteckna', exact: true }).click());
  expect(await officer.page.title()).toMatch(/^Fel/);
  await officer.close();

  for (const [account, path] of [
    ['chef', `${home}/logg`],
    ['granskare', '/loggranskning'],
    ['foretradare', home],
  ] as const) {
    const visitor = await signedIn(account);
    await visitor.visit(path);
    await visitor.checkNarrow();
    await visitor.close();
  }
});

// A string, since the tests are compiled without the DOM's types.
const FOCUSED = `(() => {
  const e = document.activeElement;
  const { outlineStyle, boxShadow } = getComputedStyle(e);
  const label = e.labels && e.labels[0] ? getComputedStyle(e.labels[0], '::before') : null;
  const seen = outlineStyle !== 'none' || boxShadow !== 'none' || (label && (label.boxShadow !== 'none' || label.outlineStyle !== 'none'));
  return seen ? (e.textContent || e.name || '').trim() : 'unseen ' + e.tagName + ' ' + e.name;
})()`;
