import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export type TextParams = Readonly<Record<string, unknown>>;

/** Every visible string by key. `t` throws on an unknown key or a missing value, so no half sentence reaches anybody. */
export type Texts = { t(key: string, params?: TextParams): string; has(key: string): boolean };

/** A text taken apart where its values go: there is one more of `words` than of `names`. */
type Text = { words: string[]; names: string[] };

function parse(text: string): Text {
  const parts = text.split(/\{\{(\w+)\}\}/);
  return { words: parts.filter((_, at) => at % 2 === 0), names: parts.filter((_, at) => at % 2 === 1) };
}

/** Reads `sv.json` in `dir`. A number `count` among the params picks key_zero, key_one or key_other. */
export function loadTexts(dir: string): Texts {
  const read = JSON.parse(readFileSync(join(dir, 'sv.json'), 'utf8')) as Record<string, string>;
  const catalogue = new Map(Object.entries(read).map(([key, text]) => [key, parse(text)]));
  const keys = new Set([...catalogue.keys()].map((key) => key.replace(/_other$/, '')));

  const find = (key: string, count: unknown): Text | undefined => {
    const plain = catalogue.get(key);
    if (plain !== undefined || typeof count !== 'number') return plain;
    const form = count === 0 ? '_zero' : count === 1 ? '_one' : '_other';
    return catalogue.get(key + form) ?? catalogue.get(`${key}_other`);
  };

  return {
    has: (key) => keys.has(key),
    t: (key, params = {}) => {
      const text = find(key, params.count);
      if (text === undefined) throw new Error(`no text for ${key}`);
      let made = text.words[0] ?? '';
      for (const [at, name] of text.names.entries()) {
        const value = params[name];
        if (typeof value !== 'string' && typeof value !== 'number') {
          throw new Error(`text ${key} needs a value for ${name}`);
        }
        made += value + (text.words[at + 1] ?? '');
      }
      return made;
    },
  };
}
