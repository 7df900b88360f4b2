import { readdirSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Browser, launchBrowser, openPage } from '../support/browser.ts';

// A test of the tester: each kind of mistake the journeys rely on the browser harness to catch.

const shell = (main: string) =>
  `<!doctype html><html lang="sv"><head><title>Sida</title></head><body><main><h1>Rubrik</h1>${main}</main></body></html>`;

const PAGES: Record<string, string> = {
  '/good': shell('<p>Allt väl</p><a href="/other">Vidare</a>'),
  '/other': shell('<p>En annan sida</p><a href="/good">Tillbaka</a>'),
  '/no-label': shell('<input name="x">'),
  '/low-contrast': shell('<p class="pale">Blek text</p>'),
  '/inline-script': shell('<script>document.title = "no";</script>'),
  '/foreign-image': shell('<img alt="" src="https://elsewhere.example/x.png">'),
  '/console-error': shell('<script src="/console.js"></script>'),
  '/page-error': shell('<script src="/throw.js"></script>'),
  '/no-asset': shell('<script src="/missing.js"></script>'),
  '/wide': shell('<p class="wide">Bred</p>'),
};

const STYLE = '<link rel="stylesheet" href="/style.css">';
const ASSETS: Record<string, [type: string, body: string]> = {
  '/console.js': ['text/javascript', 'console.error("said the page")'],
  '/throw.js': ['text/javascript', 'throw new Error("thrown by the page")'],
  '/style.css': ['text/css', '.pale { color: #ccc } .wide { width: 900px }'],
};

let server: Server;
let browser: Browser;
let baseUrl: string;

beforeAll(async () => {
  server = createServer((request, response) => {
    const path = request.url ?? '/';
    const asset = ASSETS[path];
    response.setHeader(
      'Content-Security-Policy',
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'",
    );
    if (asset) return response.setHeader('Content-Type', asset[0]).end(asset[1]);
    response.statusCode = path === '/broken' ? 500 : path === '/refused' ? 422 : path in PAGES ? 200 : 404;
    const page = PAGES[path] ?? shell('<p>Nej</p>');
    response.setHeader('Content-Type', 'text/html; charset=utf-8').end(page.replace('</head>', `${STYLE}</head>`));
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  browser = await launchBrowser();
});

afterAll(async () => {
  await browser?.close();
  server?.close();
});

describe('the browser harness', () => {
  test.each([
    ['/no-label', /axe label at input/],
    ['/low-contrast', /axe color-contrast at p/],
    ['/inline-script', /CSP violation: script-src-elem inline/],
    ['/inline-script', /CSP: .*Content Security Policy/],
    ['/foreign-image', /CSP violation: img-src https:\/\/elsewhere/],
    ['/console-error', /console error: said the page/],
    ['/page-error', /page error: thrown by the page/],
    ['/no-asset', /\/missing\.js: answered 404/],
    ['/broken', /\/broken: answered 500/],
  ])('%s is refused with %s', async (path, problem) => {
    const visitor = await openPage(browser, baseUrl);
    await expect(visitor.visit(path)).rejects.toThrow(problem);
    await visitor.close();
  });

  test.each([
    {},
    { javaScriptEnabled: false },
    { colorScheme: 'dark' as const },
  ])('a good page, a followed link and a 422 pass with %o', async (options) => {
    const visitor = await openPage(browser, baseUrl, options);
    await visitor.visit('/good');
    await visitor.follow(() => visitor.page.getByRole('link', { name: 'Vidare' }).click());
    await visitor.visit('/refused');
    await visitor.checkNarrow();
    expect(visitor.problems).toEqual([]);
    await visitor.close();
  });

  test('axe also works where the visitor has no JavaScript', async () => {
    const visitor = await openPage(browser, baseUrl, { javaScriptEnabled: false });
    await expect(visitor.visit('/no-label')).rejects.toThrow(/axe label/);
    await visitor.close();
  });

  test('a page that was left unchecked is a problem', async () => {
    const visitor = await openPage(browser, baseUrl);
    await visitor.page.goto('/good');
    await expect(visitor.visit('/other')).rejects.toThrow('/good: left without being checked');
    await visitor.close();
  });

  test('sideways scroll at 320 px names what sticks out', async () => {
    const visitor = await openPage(browser, baseUrl);
    await visitor.visit('/wide');
    await expect(visitor.checkNarrow()).rejects.toThrow(/p\.wide/);
    await visitor.close();
  });

  test('text is drawn with the carried font, by the carried libraries', async () => {
    const visitor = await openPage(browser, baseUrl, { screenshots: join(tmpdir(), 'samsyn-browser-test') });
    await visitor.visit('/good');
    await visitor.screenshot('good');
    const session = await visitor.page.context().newCDPSession(visitor.page);
    await session.send('DOM.enable');
    await session.send('CSS.enable');
    const { root } = await session.send('DOM.getDocument');
    const { nodeId } = await session.send('DOM.querySelector', { nodeId: root.nodeId, selector: 'p' });
    const { fonts } = await session.send('CSS.getPlatformFontsForNode', { nodeId });
    expect(fonts.map((font) => font.familyName)).toEqual(['Open Sans']);

    const loaded = readdirSync('/proc')
      .filter((id) => /^\d+$/.test(id))
      .map((id) => mapsOf(id))
      .filter((maps) => maps.includes('samsyn-chromium-') && maps.includes('libnss3'));
    expect(loaded.length).toBeGreaterThan(0);
    for (const maps of loaded) expect(maps).not.toMatch(/\s\/(usr\/)?lib\/.*libnss3/);
    await visitor.close();
  });
});

/** The files a process has mapped; empty when it is gone or someone else's. */
function mapsOf(id: string): string {
  try {
    return readFileSync(`/proc/${id}/maps`, 'utf8');
  } catch {
    return '';
  }
}
