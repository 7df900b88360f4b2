import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { simpleParser } from 'mailparser';
import { launchBrowser } from './browser.ts';
import { startServer } from './server.ts';

/** Takes the README's pictures of the real pages: `npm run screenshots`. */
const folder = fileURLToPath(new URL('../pictures/', import.meta.url));
mkdirSync(folder, { recursive: true });
const server = await startServer();
const browser = await launchBrowser();

async function picture(name: string, path: string, options: { account?: string; width: number; height: number }) {
  const { width, height } = options;
  const page = await (await browser.newContext({ viewport: { width, height }, baseURL: server.baseUrl })).newPage();
  if (options.account) {
    await page.goto('/logga-in');
    await page.locator(`form:has(input[value="${options.account}"]) button`).click();
  }
  await page.goto(path);
  await page.screenshot({ path: join(folder, `${name}.png`) });
  await page.context().close();
}

/** Paths of the demo's pages, found as an officer would find them. */
async function find(from: string, pattern: RegExp, at = 0): Promise<string> {
  const page = await (await browser.newContext({ baseURL: server.baseUrl })).newPage();
  await page.goto('/logga-in');
  await page.locator('form:has(input[value="fk"]) button').click();
  await page.goto(from);
  const links = await page.locator('main a').evaluateAll((all) => all.map((a) => a.getAttribute('href') ?? ''));
  await page.context().close();
  return links.filter((href) => pattern.test(href)).at(at) ?? from;
}

/** The link in the mail that went to an address. */
async function linkTo(address: string): Promise<string> {
  const mails = join(server.dataDir, 'mail');
  for (const file of readdirSync(mails).sort().reverse()) {
    const mail = await simpleParser(readFileSync(join(mails, file)));
    const link = /http:\/\/[^/]+(\/svar\/\S+)/.exec(mail.text ?? '')?.[1];
    if (link && mail.to && !Array.isArray(mail.to) && mail.to.text === address) return link;
  }
  return '/svar/x';
}

const wide = { account: 'fk', width: 1280, height: 860 };
const phone = { width: 375, height: 760 };
const aCase = /^\/arenden\/[0-9a-f-]+$/;
const minuted = await find('/arenden', aCase, -1);
const invited = await find(await find('/arenden', aCase, 1), /^\/moten\/[0-9a-f-]+$/);
await picture('start', '/', { width: 1280, height: 860 });
await picture('request', '/begaran/ny', phone);
await picture('inbox', '/inkorg', wide);
await picture('decide', await find('/inkorg', /^\/begaran\/[0-9a-f-]+$/, -1), wide);
await picture('meeting', invited, wide);
await picture('link', await linkTo('helena.brodin@regiongranviken.example'), phone);
await picture('minutes', await find(minuted, /protokoll$/), wide);
await picture('plan', `${minuted}/plan`, wide);
await browser.close();
await server.stop();
