import { expect } from 'vitest';
import type { Page } from './browser.ts';

/** One thing that a screen reader meets. `level`: of a heading; `within`: roles around it, outermost first. */
export type Met = { role: string; name: string; level: number | null; within: string[] };

type Node = {
  nodeId: string;
  ignored: boolean;
  role?: { value: string };
  name?: { value: string };
  properties?: { name: string; value: { value: unknown } }[];
  childIds?: string[];
};

/** What says nothing by itself. */
const silent = new Set(['generic', 'none', 'InlineTextBox', 'StaticText', 'LineBreak', 'ListMarker', 'LabelText']);

/** The page as Chromium gives it to a screen reader, in the order it is read. */
export async function readingOrder(page: Page): Promise<Met[]> {
  const devTools = await page.context().newCDPSession(page);
  const { nodes } = (await devTools.send('Accessibility.getFullAXTree')) as { nodes: Node[] };
  await devTools.detach();
  const byId = new Map(nodes.map((node) => [node.nodeId, node]));
  const met: Met[] = [];
  const go = (node: Node | undefined, within: string[]) => {
    if (!node) return;
    const role = node.role?.value ?? 'none';
    const told = !node.ignored && !silent.has(role);
    if (told) {
      const level = node.properties?.find(({ name }) => name === 'level')?.value.value;
      met.push({ role, name: node.name?.value ?? '', level: role === 'heading' ? Number(level) : null, within });
    }
    for (const child of node.childIds ?? []) go(byId.get(child), told ? [...within, role] : within);
  };
  go(nodes[0], []);
  return met;
}

/** What is wrong with the order, a line each; nothing for a page that reads well. */
export function faultsOfReading(met: readonly Met[]): string[] {
  const headings = met.filter(({ role, within }) => role === 'heading' && within.includes('main'));
  const landmarks = met.map(({ role }) => role).filter((role) => ['banner', 'main', 'contentinfo'].includes(role));
  const faults = headings.flatMap(({ level, name }, i) => [
    ...(name === '' ? [`heading ${i + 1} says nothing`] : []),
    ...((level ?? 0) > (headings[i - 1]?.level ?? 0) + 1 ? [`heading "${name}" skips a level`] : []),
    ...(i > 0 && level === 1 ? [`heading "${name}" is a second title`] : []),
  ]);
  if (landmarks.join() !== 'banner,main,contentinfo') faults.push(`the landmarks are ${landmarks.join()}`);
  for (const [i, { role, name, within }] of met.entries()) {
    const parent = within.at(-1);
    if (role === 'listitem' && parent !== 'list') faults.push(`an item stands in ${parent}`);
    if (['table', 'image', 'link', 'button', 'region'].includes(role) && name === '')
      faults.push(`a ${role} has no name`);
    if (/^(textbox|radio|checkbox|combobox|Date)$/.test(role) && name === '') faults.push(`a ${role} has no name`);
    if (role === 'radio' && !met.slice(0, i).findLast((one) => /group$/.test(one.role))?.name)
      faults.push(`"${name}" answers no question`);
    if (
      role === 'button' &&
      parent !== 'Date' &&
      within.includes('main') &&
      met.findIndex((one) => one.role === role && one.name === name) < i
    )
      faults.push(`two buttons are called "${name}"`);
    if (role !== 'table') continue;
    const cells = met.slice(i + 1).filter((one) => /^(columnheader|rowheader|cell)$/.test(one.role));
    const [columns] = [cells.findIndex((one) => one.role !== 'columnheader')];
    if (columns < 2) faults.push(`table "${name}" does not begin with what its columns are`);
    if (cells[columns]?.role !== 'rowheader') faults.push(`table "${name}" does not say what its rows are`);
  }
  return faults;
}

/** Reads the page wide and narrow; its headings begin with these, in this order. What is met in `main`. */
export async function readThrough(page: Page, headings: readonly string[]): Promise<Met[]> {
  const before = page.viewportSize();
  let met: Met[] = [];
  for (const width of [1280, 375]) {
    await page.setViewportSize({ width, height: 900 });
    const all = await readingOrder(page);
    expect(faultsOfReading(all)).toEqual([]);
    met = all.filter(({ within }) => within.includes('main'));
    const heard = met.filter(({ role }) => role === 'heading').map(({ name }) => name);
    expect(heard.slice(0, headings.length)).toEqual(headings);
    expect(all[0]?.name).toContain(heard[0]);
  }
  if (before) await page.setViewportSize(before);
  return met;
}

/** The heading that each link and button stands under, for those whose name begins so; by what the name goes on with. */
export function standsUnder(met: readonly Met[], name: string): [about: string, heading: string][] {
  let heading = '';
  return met.flatMap((one): [string, string][] => {
    if (one.role === 'heading' && one.level === 2) heading = one.name;
    if (!['link', 'button'].includes(one.role) || !one.name.startsWith(name)) return [];
    return [[one.name.slice(name.length).replace(/^ ?: /, ''), heading]];
  });
}
