import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export type TextParams = Readonly<Record<string, unknown>>;

/** Every visible string by key. `t` throws on an unknown key or a missing value, so no half sentence reaches anybody. */
export type Texts = { t(key: string, params?: TextParams): string; has(key: string): boolean };

/** Reads `sv.json` in `dir`. A number `count` among the params picks key_zero, key_one or key_other. */
export function loadTexts(dir: string): Texts {
  const catalogue = new Map(
    Object.entries(JSON.parse(readFileSync(join(dir, 'sv.json'), 'utf8')) as Record<string, string>),
  );

  const find = (key: string, count: unknown): string | undefined => {
    const plain = catalogue.get(key);
    if (plain !== undefined || typeof count !== 'number') return plain;
    const form = count === 0 ? 'zero' : count === 1 ? 'one' : 'other';
    return catalogue.get(`${key}_${form}`) ?? catalogue.get(`${key}_other`);
  };

  return {
    has: (key) => catalogue.has(key) || catalogue.has(`${key}_other`),
    t: (key, params = {}) => {
      const text = find(key, params.count);
      if (text === undefined) throw new Error(`no text for ${key}`);
      return text.replace(/\{\{(\w+)\}\}/g, (_, name: string) => {
        const value = params[name];
        if (typeof value === 'string' || typeof value === 'number') return String(value);
        throw new Error(`text ${key} needs a value for ${name}`);
      });
    },
  };
}
