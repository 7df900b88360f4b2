import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Browser, launchBrowser, openPage } from '../support/browser.ts';
import { freePort } from '../support/postgres.ts';
import { startProvider, type TestProvider } from '../support/provider.ts';
import { startServer, type TestServer } from '../support/server.ts';

/** With an e-ID in a real browser: there and back, one of two assignments, the other one, and out at both ends. */

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
