import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { viewsDir } from '../../src/platform/web/render.ts';

const sourceDir = fileURLToPath(new URL('../../src/', import.meta.url));
const texts = Object.keys(JSON.parse(readFileSync(join(viewsDir, 'text/sv.json'), 'utf8')) as Record<string, string>);

/** A plural is one text to whoever asks for it. */
const keys = new Set(texts.map((key) => key.replace(/_(zero|one|other)$/, '')));

function read(folder: string, ending: string): { file: string; text: string }[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith(ending))
    .map((file) => ({ file, text: readFileSync(join(folder, file), 'utf8') }));
}
const views = read(viewsDir, '.hbs');
const sources = read(sourceDir, '.ts');
const found = (files: typeof views, ...patterns: RegExp[]) =>
  new Set(files.flatMap(({ text }) => patterns.flatMap((p) => [...text.matchAll(p)].map((match) => match[1] ?? ''))));

/** Keys that are named whole where they are asked for. */
const named = new Set([
  ...found(views, /\(?t "([^"]+)"/g, /(?:label|help)="([^"]+)"/g),
  ...found(
    sources,
    /\bt\(\s*'([^']+)'/g,
    /(?:titleKey|key|label|group|heading|help|\w+Key): '([a-z][A-Za-z]*\.[^']+)'/g,
  ),
]);
/** Families whose codes are named elsewhere: `tk "family" code`, `family="…"`, `summary form "…"`, `family.${code}`. */
const families = new Set([
  ...found(views, /tk "([^"]+)"/g, /family="([^"]+)"/g, /summary [\w.]+ "([^"]+)"/g),
  ...found(sources, /`([a-zA-Z][\w.]*)\.\$\{/g, /family: '([^']+)'/g, /\btk\(\s*'([^']+)'/g),
]);
/** Any other quoted word with a dot in it that is the name of a text. */
const quoted = new Set([...found(views, /"([A-Za-z][\w.-]+)"/g), ...found(sources, /'([A-Za-z][\w.-]+)'/g)]);

const ofFamily = (key: string): boolean => {
  const parts = key.split('.');
  return parts.some((_, at) => at > 0 && families.has(parts.slice(0, at).join('.')));
};

describe('texts', () => {
  it('are found where code and views are read at all', () => {
    expect(named.size).toBeGreaterThan(300);
    expect(families.size).toBeGreaterThan(20);
  });

  it('that are asked for are there', () => {
    const wanted = [...named].filter((key) => key.includes('.') && !/\.(css|js|svg)$/.test(key));
    expect(wanted.filter((key) => !keys.has(key))).toEqual([]);
  });

  it('that are there are asked for', () => {
    const used = (key: string) => named.has(key) || quoted.has(key) || ofFamily(key) || /^e\d{3}$/.test(key);
    expect([...keys].filter((key) => !used(key) && !used(key.replace(/\.help$/, '')))).toEqual([]);
  });

  it('of a family have a text for each of its codes', () => {
    // Kinds of message in the outbox are named the same way.
    const other = new Set(['invitation', 'request']);
    expect(
      [...families].filter((family) => !other.has(family) && ![...keys].some((key) => key.startsWith(`${family}.`))),
    ).toEqual([]);
  });
});
