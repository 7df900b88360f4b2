import { expect } from 'vitest';
import type { OpenPage } from './browser.ts';

/** A page without a mouse. */

/**
 * The stop that has the focus: its number in the document (-1 for none), its name, and what is wrong with how it shows.
 * A stop other than `before` is compared with how it looks without the focus, which it is given back. (A date has stops
 * of its own for day, month, year and calendar, and would be set back to the first.)
 */
const FOCUSED = (before: number | null) => `(() => {
  const on = document.activeElement;
  if (!on || on === document.body) return { at: -1, name: '', wrong: '', radio: false };
  const at = [...document.querySelectorAll('*')].indexOf(on);
  const label = on.labels?.[0];
  const shown = () => [[on], [label], [label, '::before'], [label, '::after'], [on.closest('.door')]]
    .filter(([one]) => one)
    .map(([one, part]) => getComputedStyle(one, part))
    .map((s) => [s.outlineStyle, s.outlineWidth, s.boxShadow, s.borderColor, s.backgroundColor, s.textDecoration].join())
    .join('|');
  const wrong = [];
  if (${before} !== null && at !== ${before}) {
    const focused = shown();
    on.blur();
    if (shown() === focused) wrong.push('does not show the focus');
    on.focus({ preventScroll: true });
  }
  const box = (label && on.matches('[type=radio], [type=checkbox]') ? label : on).getBoundingClientRect();
  if (box.bottom <= 0 || box.top >= innerHeight || box.right <= 0 || box.left >= innerWidth) wrong.push('is out of sight');
  const legend = on.matches('[type=radio]') ? on.closest('fieldset')?.querySelector('legend')?.innerText + ' ' : '';
  const name = legend + (label?.innerText ?? on.getAttribute('aria-label') ?? on.innerText ?? '');
  return {
    at,
    // Words for a screen reader alone are set apart from what is seen.
    name: name.replace(/\\s+/g, ' ').replace(/ : /g, ': ').trim(),
    wrong: wrong.join(', '),
    radio: on.matches('[type=radio]'),
  };
})()`;
type Stop = { at: number; name: string; wrong: string; radio: boolean };

export const focused = ({ page }: OpenPage, before: number | null = null): Promise<Stop> =>
  page.evaluate<Stop>(FOCUSED(before));

/** Goes on by the Tab key to what begins with a name; each stop on the way shows the focus and is in sight. */
export async function tabTo(open: OpenPage, name: string, key: 'Tab' | 'Shift+Tab' = 'Tab'): Promise<void> {
  const passed: string[] = [];
  for (let ends = 0, last = (await focused(open)).at; ends < 2; ) {
    await open.page.keyboard.press(key);
    const stop = await focused(open, last);
    last = stop.at;
    if (stop.at === -1) ends++;
    passed.push(stop.name);
    expect([stop.name, stop.wrong]).toEqual([stop.name, '']);
    if (stop.name.startsWith(name)) return;
  }
  throw new Error(`no "${name}" among ${passed.join(' | ')}`);
}

/** Follows what has the focus to the next page. */
export const enter = (open: OpenPage): Promise<void> => open.follow(() => open.page.keyboard.press('Enter'));

/** By Tab to what begins with a name, and by Enter on to the next page. */
export async function go(open: OpenPage, name: string): Promise<void> {
  await tabTo(open, name);
  await enter(open);
}

/** By Tab to a field, where all that stands there is written over. */
export async function write(open: OpenPage, label: string, text: string): Promise<void> {
  await tabTo(open, label);
  await open.page.keyboard.press('ControlOrMeta+a');
  await open.page.keyboard.type(text);
}

/** A day, as it is typed in the browser of the tests: month first. */
export async function writeDay(open: OpenPage, label: string, day: string): Promise<void> {
  const [year = '', month = '', dayOfMonth = ''] = day.split('-');
  await tabTo(open, label);
  await open.page.keyboard.type(month + dayOfMonth + year);
}

/** By Tab to a group of radio buttons, and by its arrow keys to one of them. */
export async function choose(open: OpenPage, legend: string, option: string): Promise<void> {
  await tabTo(open, legend);
  // The first one is chosen by Space; an arrow chooses the next.
  await open.page.keyboard.press('Space');
  for (let i = 0; i < 12; i++) {
    if ((await focused(open)).name.endsWith(` ${option}`)) return;
    await open.page.keyboard.press('ArrowDown');
  }
  throw new Error(`no "${option}" in "${legend}"`);
}

/**
 * Goes through the page by Tab and back by Shift+Tab, from the top. Throws when a stop does not show that it has the
 * focus or is out of sight, when the stops are in another order than the text, and when the keys do not get out again.
 */
export async function walk(open: OpenPage): Promise<string[]> {
  const { page } = open;
  await page.evaluate('document.activeElement?.blur(), getSelection().removeAllRanges(), scrollTo(0, 0)');
  const through = async (key: 'Tab' | 'Shift+Tab'): Promise<Stop[]> => {
    const stops: Stop[] = [];
    for (let same = 0; same < 8; ) {
      await page.keyboard.press(key);
      const now = await focused(open, key === 'Tab' ? (stops.at(-1)?.at ?? -1) : null);
      if (now.at === -1) return stops;
      if (now.at === stops[0]?.at && stops.length > 1) return stops;
      same = now.at === stops.at(-1)?.at ? same + 1 : 0;
      if (same === 0) stops.push(now);
    }
    throw new Error(`${page.url()}: the ${key} key does not leave "${stops.at(-1)?.name}"`);
  };
  const on = await through('Tab');
  const back = await through('Shift+Tab');
  const places = (stops: Stop[]) => stops.filter(({ radio }) => !radio).map(({ name }) => name);
  const faults = [
    ...on.filter(({ wrong }) => wrong).map(({ name, wrong }) => `"${name}" ${wrong}`),
    ...on
      .filter(({ at }, i) => at < (on[i - 1]?.at ?? -1))
      .map(({ name }) => `"${name}" comes before what precedes it`),
  ];
  expect(faults).toEqual([]);
  expect(places(back).reverse()).toEqual(places(on));
  return on.map(({ name }) => name);
}
