import { setTimeout as pause } from 'node:timers/promises';
import type { BrowserContext } from 'playwright-core';
import type { Browser, Page } from './browser.ts';

/** Several people at random in the same minutes, each in a browser of their own; words that are never the same twice. */

const boxes = ['canDo', 'cannotDo', 'ownWords', 'notAgreed', 'planGoal', 'otherNeeded', 'followUpPurpose'];
const choices = ['Behåll båda', 'Behåll båda', 'Behåll min text', 'Ta den andras text'];

/** `mulberry32`: the same numbers for the same seed. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Characters, well below what a box takes. */
const FULL = 3_500;

export type Writer = { baseUrl: string; account: string };

// Notes in the page when a word is first in a box, by its own typing or by what came, and which came while the box was
// being written in; a string, since the tests are
// compiled without the DOM's types.
const WATCH = `
  window.met = {};
  window.held = {};
  const look = () => {
    const now = Date.now();
    for (const { value } of document.querySelectorAll('[data-field] textarea, [data-field] input[type=text]'))
      for (const [word] of value.matchAll(/\\bw\\d+x\\d+e\\b/g)) window.met[word] ??= now;
  };
  document.addEventListener('DOMContentLoaded', () => {
    document.addEventListener('minutes:changed', ({ detail }) =>
      queueMicrotask(() => {
        look();
        for (const { text } of detail.fields)
          for (const [word] of text.matchAll(/\\bw\\d+x\\d+e\\b/g)) if (!(word in window.met)) window.held[word] = 1;
      }),
    );
    document.addEventListener('input', look);
  });
`;

export type Together = {
  /** Every word that was typed whole, the box it was typed in and when. */
  typed: Map<string, { box: string; at: number; by: number; waits: boolean }>;
  /**
   * Milliseconds from a word's last key to each other screen where it came by itself: where both had a line, and neither
   * was to choose between two texts first.
   */
  latencies: number[];
  conflicts: number;
  /** What each screen shows at the end, by box. */
  screens: Record<string, string>[];
};

/**
 * Types for so many seconds. The second writer loses the line for a while, the last one closes the browser in the middle
 * of it and opens it again. Then everybody settles what is open, and waits until all is saved and shown.
 */
export async function writeTogether(
  browser: Browser,
  minutes: string,
  writers: readonly Writer[],
  options: { seconds: number; seed: number },
): Promise<Together> {
  const found: Together = { typed: new Map(), latencies: [], conflicts: 0, screens: [] };
  const until = Date.now() + options.seconds * 1000;
  const met: Record<string, number>[] = writers.map(() => ({}));
  const held = writers.map(() => new Set<string>());
  const lost = { from: Number.POSITIVE_INFINITY, to: Number.POSITIVE_INFINITY };
  /** What a writer typed in a box lately waits for what they choose there. */
  const waits = (by: number, boxes: readonly string[]) => {
    for (const one of found.typed.values())
      if (one.by === by && boxes.includes(one.box) && Date.now() - one.at < 4_000) one.waits = true;
  };
  const pages = await Promise.all(writers.map((writer) => enter(browser, writer, minutes)));

  let reopenedAt = Number.POSITIVE_INFINITY;
  async function remember(page: Page, by: number): Promise<void> {
    const { met: there, held: waiting } = await page.evaluate<{
      met: Record<string, number>;
      held: Record<string, number>;
    }>('({ met: window.met, held: window.held })');
    for (const [word, at] of Object.entries(there)) (met[by] as Record<string, number>)[word] ??= at;
    for (const word of Object.keys(waiting)) held[by]?.add(word);
  }

  async function write(by: number): Promise<void> {
    const random = numbers(options.seed + by);
    const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
    const began = Date.now();
    let next = 0;
    let away = false;
    let reopened = false;
    const share = () => (Date.now() - began) / (until - began);
    while (Date.now() < until) {
      const page = pages[by] as Page;
      if (by === 1 && writers.length > 1) {
        const now = share() > 0.3 && share() < 0.5;
        if (now !== away) {
          await page.context().setOffline(now);
          lost[now ? 'from' : 'to'] = Date.now();
        }
        away = now;
      }
      if (by === writers.length - 1 && share() > 0.6 && !reopened) {
        reopened = true;
        reopenedAt = Date.now();
        await remember(page, by);
        pages[by] = await reopen(browser, page, writers[by] as Writer, minutes);
        continue;
      }
      if (random() < 0.4) {
        const settled = await settle(page, pick);
        waits(by, settled);
        found.conflicts += settled.length;
      }
      // Most of the time in one's own box, so that there is something to agree on between the conflicts.
      const box = random() < 0.75 ? (boxes[by % boxes.length] as string) : pick(boxes);
      const control = page.locator(`[data-field="${box}"]`).locator('textarea, input[type=text]');
      // Nobody writes on in a box that takes no more: two who choose both texts there would fill it over its brim.
      if ((await control.inputValue()).length > FULL) continue;
      await control.focus();
      const last = random() < 0.8;
      await page.keyboard.press(last ? 'Control+End' : 'Control+Home');
      const word = `w${by}x${next++}e`;
      await page.keyboard.type(last ? ` ${word}.` : `${word}. `, { delay: 4 });
      found.typed.set(word, { box, at: Date.now(), by, waits: false });
      await pause(60 + random() * 340);
    }
    if (away) {
      await (pages[by] as Page).context().setOffline(false);
      lost.to = Date.now();
    }
  }
  await Promise.all(writers.map((_, by) => write(by)));

  const random = numbers(options.seed - 1);
  for (let still = 0; still < 3; ) {
    for (const page of pages)
      found.conflicts += (await settle(page, (list) => list[Math.floor(random() * list.length)] as never)).length;
    await pause(400);
    found.screens = await Promise.all(pages.map(read));
    const [first, ...others] = found.screens.map((screen) => JSON.stringify(screen));
    const waiting = await Promise.all(pages.map((page) => page.evaluate<number>('localStorage.length')));
    const same = others.every((one) => one === first) && waiting.every((count) => count === 0);
    still = same ? still + 1 : 0;
    if (Date.now() > until + 40_000) break;
  }
  await Promise.all(pages.map(remember));
  for (const [word, { at, by, waits }] of found.typed) {
    for (const [other, screen] of met.entries()) {
      const seen = screen[word];
      const away = [by, other].includes(1) && at > lost.from - 1_000 && at < lost.to + 1_000;
      if (other === by || seen === undefined || waits || away || held[other]?.has(word)) continue;
      // A page that was closed then shows it when it is opened.
      if (other === writers.length - 1 && seen - at > 0 && at < reopenedAt && seen > reopenedAt) continue;
      found.latencies.push(Math.max(0, seen - at));
    }
  }
  await Promise.all(pages.map((page) => page.context().close()));
  return found;
}

async function enter(browser: Browser, { baseUrl, account }: Writer, minutes: string): Promise<Page> {
  const page = await open(await browser.newContext({ baseURL: baseUrl, viewport: { width: 1280, height: 900 } }));
  await page.request.post('/logga-in/demo', { form: { account }, headers: { origin: baseUrl } });
  await page.goto(minutes);
  return page;
}

async function open(context: BrowserContext): Promise<Page> {
  await context.addInitScript(WATCH);
  return context.newPage();
}

/** Closes the browser as it is, what it keeps included, and opens it again. */
async function reopen(browser: Browser, page: Page, { baseUrl }: Writer, minutes: string): Promise<Page> {
  const storageState = await page.context().storageState();
  await page.context().close();
  const again = await open(
    await browser.newContext({ baseURL: baseUrl, storageState, viewport: { width: 1280, height: 900 } }),
  );
  await again.goto(minutes);
  return again;
}

/** Chooses in every conflict that the page shows; returns in which boxes. */
async function settle(page: Page, pick: (list: readonly string[]) => string): Promise<string[]> {
  const panels = page.locator('[data-field]:has([role="alert"])');
  const settled: string[] = [];
  for (let count = await panels.count(); count > 0 && settled.length < 10; count = await panels.count()) {
    const box = panels.first();
    settled.push((await box.getAttribute('data-field', { timeout: 500 }).catch(() => null)) ?? '');
    const button = box.getByRole('button', { name: pick(choices), exact: true });
    await button.click({ timeout: 2_000 }).catch(() => {});
  }
  return settled;
}

const read = (page: Page) =>
  page.evaluate<Record<string, string>>(`Object.fromEntries(
    ${JSON.stringify(boxes)}.map((name) => [name, document.querySelector('[data-field="' + name + '"] :is(textarea, input[type=text])').value.trim()]),
  )`);

/** The value that so many of a hundred are not above. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
