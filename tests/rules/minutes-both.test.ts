import { readFileSync } from 'node:fs';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { losesWords } from '../../src/features/minutes/live/rules.ts';

/** "Behåll båda": two texts of one box as one. */

const script = readFileSync(new URL('../../views/assets/minutes-both.js', import.meta.url), 'utf8');
const { bothTexts } = runInNewContext(`${script}; globalThis`) as {
  bothTexts: (theirs: string, mine: string) => string;
};

describe('both texts', () => {
  test.each([
    ['nothing in common', 'Deras text', 'Min text', 'Deras text\nMin text'],
    ['the same', 'En text. Och en till.', 'En text. Och en till.', 'En text. Och en till.'],
    ['one is empty', '', 'Min text', 'Min text'],
    ['the other is', 'Deras text', '', 'Deras text'],
    ['each wrote on', 'Sitter mycket. Orkar gå.', 'Sitter mycket. Orkar stå.', 'Sitter mycket. Orkar gå.\nOrkar stå.'],
    ['each wrote first', 'Går. Sitter.', 'Står. Sitter.', 'Går. Står. Sitter.'],
    ['each somewhere else', 'Går. Sitter.', 'Sitter. Står.', 'Går. Sitter.\nStår.'],
    ['in the middle', 'Ett. Två. Fyra.', 'Ett. Tre. Fyra.', 'Ett. Två. Tre. Fyra.'],
    ['lines', '- går\n- sitter', '- går\n- står\n- sitter', '- går\n- står\n- sitter'],
    [
      'a mark within a word',
      'Kl. 9.30 t.ex. på måndag',
      'Kl. 9.30 t.ex. på tisdag',
      'Kl. 9.30 t.ex. på måndag\npå tisdag',
    ],
    ['said twice', 'Ja. Ja.', 'Ja.', 'Ja. Ja.'],
    ['a blank line', 'Ett.\n\nTvå.', 'Ett.\n\nTre.', 'Ett.\n\nTvå.\nTre.'],
  ])('%s', (_, theirs, mine, both) => {
    expect(bothTexts(theirs, mine)).toBe(both);
  });

  test('no word of either is gone, and what both say stands once', () => {
    let seed = 7;
    const random = (below: number) => {
      seed = (seed * 48_271) % 2_147_483_647;
      return seed % below;
    };
    for (let round = 0; round < 500; round++) {
      const [base, a, b] = [0, 1, 2].map((who) =>
        Array.from({ length: random(12) }, (_, i) => `w${who}x${i}${['.', '!', '\n', ''][random(4)]}`),
      ) as [string[], string[], string[]];
      const mixed = (own: string[]) => own.reduce((all, word) => all.toSpliced(random(all.length + 1), 0, word), base);
      const [theirs, mine] = [mixed(a).join(' '), mixed(b).join(' ')];
      const both = bothTexts(theirs, mine);
      expect(losesWords(theirs, both) || losesWords(mine, both), `${theirs} | ${mine} | ${both}`).toBe(false);
      expect(both.length).toBeLessThanOrEqual(theirs.length + mine.length + 1);
    }
  });

  test('two full boxes do not keep a page waiting', () => {
    const full = (word: string) => `${word}. `.repeat(1_333);
    const began = performance.now();
    expect(bothTexts(full('a'), full('b')).length).toBeGreaterThan(7_000);
    expect(performance.now() - began).toBeLessThan(2_000);
  });
});
