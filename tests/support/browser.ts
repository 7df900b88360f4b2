import { createReadStream, createWriteStream, existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { brotliDecompressSync, createBrotliDecompress } from 'node:zlib';
import { AxeBuilder } from '@axe-core/playwright';
import { type Browser, chromium, type Page } from 'playwright-core';

export type { Browser, Page };

const FLAGS = [
  '--no-sandbox',
  '--no-zygote',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
  '--disable-quic',
  '--font-render-hinting=none',
];

const WCAG = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

/** A headless Chromium that needs nothing of the machine but glibc: its libraries and fonts come from npm too. */
export async function launchBrowser(): Promise<Browser> {
  const home = await unpackedChromium();
  return chromium.launch({
    executablePath: join(home, 'chromium'),
    args: FLAGS,
    env: { ...process.env, LD_LIBRARY_PATH: join(home, 'lib'), FONTCONFIG_FILE: join(home, 'fonts.conf') },
  });
}

export interface PageOptions {
  javaScriptEnabled?: boolean;
  viewport?: { width: number; height: number };
  colorScheme?: 'light' | 'dark';
  /** Where `screenshot` puts its files. */
  screenshots?: string;
}

/** One visitor in a fresh browser context (own cookies). Every page it meets must pass `check`. */
export interface OpenPage {
  page: Page;
  /** Everything found wrong so far, a line each: the path (of the page, or of what failed to load) and what. */
  problems: string[];
  /** Goes to a path of the app and checks the page. */
  visit(path: string): Promise<void>;
  /** Does something that loads a new page (a click, a submit), waits for it and checks it. */
  follow(action: () => Promise<unknown>): Promise<void>;
  /** Runs axe on the page as it is now; throws when there is any problem, new or old. */
  check(): Promise<void>;
  /** Throws when the page scrolls sideways in a window 320 CSS px wide (WCAG 1.4.10), naming what sticks out. */
  checkNarrow(): Promise<void>;
  /** The whole page as `<screenshots>/<name>.png`. */
  screenshot(name: string): Promise<void>;
  close(): Promise<void>;
}

export async function openPage(browser: Browser, baseUrl: string, options: PageOptions = {}): Promise<OpenPage> {
  const context = await browser.newContext({
    baseURL: baseUrl,
    locale: 'sv-SE',
    timezoneId: 'Europe/Stockholm',
    reducedMotion: 'reduce',
    colorScheme: options.colorScheme ?? 'light',
    viewport: options.viewport ?? { width: 1280, height: 900 },
  });
  const page = await context.newPage();
  // Not Playwright's own option: that one cannot be lifted while axe, which waits for timers, looks at the page.
  const devTools = await context.newCDPSession(page);
  const withoutScripts = options.javaScriptEnabled === false;
  const stopScripts = (value: boolean) => devTools.send('Emulation.setScriptExecutionDisabled', { value });
  if (withoutScripts) await stopScripts(true);
  const problems: string[] = [];
  let unchecked: string | undefined;

  const note = (what: string, url = page.url()) => problems.push(`${pathOf(url)}: ${what}`);

  page.on('domcontentloaded', () => {
    if (unchecked) problems.push(`${unchecked}: left without being checked (use visit, follow or check)`);
    unchecked = page.url() === 'about:blank' ? undefined : pathOf(page.url());
  });
  page.on('console', (message) => {
    // Chromium's echo of a status code; 422 or 409 is often what a journey wants. `response` below judges those.
    if (message.type() !== 'error' || message.text().startsWith('Failed to load resource')) return;
    note(`${message.text().includes('Content Security Policy') ? 'CSP' : 'console error'}: ${message.text()}`);
  });
  page.on('pageerror', (error) => note(`page error: ${error.message}`));
  page.on('response', (response) => {
    const asset = !['document', 'fetch', 'xhr'].includes(response.request().resourceType());
    if (response.status() >= (asset ? 400 : 500)) note(`answered ${response.status()}`, response.url());
  });
  page.on('requestfailed', (request) => {
    // Aborted by the browser itself: a download begins, or the visitor moves on.
    const reason = request.failure()?.errorText ?? '';
    if (reason !== 'net::ERR_ABORTED') note(`request failed (${reason})`, request.url());
  });
  // The console names the rule that was broken; the event also tells what broke it. Neither is bound by the CSP.
  await page.exposeFunction('noteCspViolation', (what: string) => note(`CSP violation: ${what}`));
  await page.addInitScript(
    `addEventListener('securitypolicyviolation', (e) => noteCspViolation(e.effectiveDirective + ' ' + e.blockedURI));`,
  );

  const check = async () => {
    await page.waitForLoadState('load');
    unchecked = undefined;
    if (withoutScripts) await stopScripts(false);
    const { violations } = await new AxeBuilder({ page }).withTags(WCAG).analyze();
    if (withoutScripts) await stopScripts(true);
    for (const { id, help, nodes } of violations) {
      for (const node of nodes) note(`axe ${id} at ${node.target.join(' ')}: ${help}`);
    }
    if (problems.length > 0) throw new Error(`${problems.length} problem(s) in the browser\n${problems.join('\n')}`);
  };

  return {
    page,
    problems,
    check,
    async visit(path) {
      await page.goto(path);
      await check();
    },
    async follow(action) {
      await Promise.all([page.waitForEvent('domcontentloaded'), action()]);
      await check();
    },
    async checkNarrow() {
      const before = page.viewportSize();
      await page.setViewportSize({ width: 320, height: 800 });
      const wide = await page.evaluate<string[]>(TOO_WIDE);
      if (before) await page.setViewportSize(before);
      if (wide.length > 0) throw new Error(`${pathOf(page.url())} scrolls sideways at 320 px\n${wide.join('\n')}`);
    },
    async screenshot(name) {
      const directory = options.screenshots ?? 'test-results';
      await mkdir(directory, { recursive: true });
      await page.screenshot({ path: join(directory, `${name}.png`), fullPage: true });
    },
    close: () => context.close(),
  };
}

// A string, since the tests are compiled without the DOM's types.
const TOO_WIDE = `(() => {
  const root = document.documentElement;
  if (root.scrollWidth <= innerWidth) return [];
  const wide = [...document.body.querySelectorAll('*')].filter((e) => e.getBoundingClientRect().right > innerWidth);
  const name = (e) => e.tagName.toLowerCase() + (e.id && '#' + e.id) + [...e.classList].map((c) => '.' + c).join('');
  return ['scrollWidth ' + root.scrollWidth, ...wide.slice(0, 10).map(name)];
})()`;

function pathOf(url: string): string {
  return URL.canParse(url) ? new URL(url).pathname + new URL(url).search : url;
}

/** The folder with `chromium`, `lib/` and `fonts.conf`, unpacked from the package once per version and machine. */
async function unpackedChromium(): Promise<string> {
  const carried = join(dirname(createRequire(import.meta.url).resolve('@sparticuz/chromium')), '..');
  const { version } = JSON.parse(await readFile(join(carried, 'package.json'), 'utf8')) as { version: string };
  const home = join(tmpdir(), `samsyn-chromium-${version}`);
  if (existsSync(home)) return home;

  // Unpacked beside and renamed, so that a half-written folder is never used and parallel runs cannot collide.
  const fresh = await mkdtemp(`${home}-`);
  await pipeline(
    createReadStream(join(carried, 'bin/chromium.br')),
    createBrotliDecompress({ chunkSize: 2 ** 21 }),
    createWriteStream(join(fresh, 'chromium'), { mode: 0o755 }),
  );
  await untar(join(carried, 'bin/al2023.tar.br'), fresh);
  await untar(join(carried, 'bin/fonts.tar.br'), fresh);
  // Only the carried font, so that a page is laid out alike on every machine, also on one without fonts.
  await writeFile(
    join(fresh, 'fonts.conf'),
    `<?xml version="1.0"?><fontconfig><dir>${home}/fonts</dir><cachedir>${home}/font-cache</cachedir></fontconfig>`,
  );
  await rename(fresh, home).catch(async (error: NodeJS.ErrnoException) => {
    await rm(fresh, { recursive: true });
    if (!existsSync(home)) throw error;
  });
  return home;
}

/** Unpacks the plain files of a small .tar.br: 512-byte headers with name at 0, octal size at 124 and type at 156. */
async function untar(archive: string, target: string): Promise<void> {
  const tar = brotliDecompressSync(await readFile(archive));
  const text = (from: number, length: number) => tar.toString('utf8', from, from + length).replace(/\0.*$/s, '');
  for (let at = 0; at + 512 <= tar.length && tar[at] !== 0; ) {
    const size = Number.parseInt(text(at + 124, 12), 8);
    const isFile = ['0', ''].includes(text(at + 156, 1));
    if (isFile) {
      const path = join(target, text(at, 100));
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, tar.subarray(at + 512, at + 512 + size));
    }
    at += 512 + Math.ceil(size / 512) * 512;
  }
}
