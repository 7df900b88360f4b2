/** Stands for what no typeface of ours can show: a PDF/A with an unknown glyph is refused (ISO 19005-3, 6.2.11.8). */
export const placeholder = '□';

/** Line and page breaks other than \n, and controls, which have no glyph. */
const breaks = /\r\n?|[\v\f\u0085\u2028\u2029]/g;
const controls = /(?!\n)\p{Cc}/gu;
/** Joiners, directions, soft breaks and the two emoji styles: invisible, but they say how the rest is set. */
const silent = /[\u00AD\u061C\u200B-\u200F\u202A-\u202E\u2060\u2066-\u2069]|\uFE0E|\uFE0F/u;
/** Everything else that is invisible by definition. */
const ignorable = /\p{Default_Ignorable_Code_Point}/gu;
/** Private use, unassigned and half characters; marks without a letter to stand on (U+0E33 and U+0EB3 begin as one). */
const unprintable = /[\p{Co}\p{Cn}\p{Cs}\uFFF9-\uFFFB]|^[\p{M}\u0E33\u0EB3]/u;
const plain = /^[\n -~]$/;
/** A run without a space too long for a line: addresses, nonsense. */
const unbroken = /[^\s\u200B]{28,}/gu;

/**
 * Returns the function every text passes before it is typeset. What it returns can always be printed: controls are
 * gone, what no single family can show together with its marks is a placeholder, and long runs may be broken.
 * `families`: the bytes of each family's font files, in the order in which the template tries them.
 */
export function createPrintable(families: Uint8Array[][]): (text: string) => string {
  const covers = families.map((files) => files.map(characters).reduce((some, all) => some.intersection(all)));
  const graphemes = new Intl.Segmenter('sv', { granularity: 'grapheme' });

  const shown = (grapheme: string): string => {
    if (unprintable.test(grapheme)) return placeholder;
    const points = [...grapheme].filter((point) => !silent.test(point));
    // A letter and its marks are typeset as one, by one font: two fonts that have half each do not help. And Typst
    // loses the beginning of what an earlier font has only the end of.
    const having = covers.map((has) => points.map((point) => has.has(point.codePointAt(0) ?? 0)));
    const chosen = having.find((has) => has.every(Boolean) || (!has[0] && has.includes(true)));
    if (chosen?.every(Boolean)) return grapheme;
    return points.length > 1 ? points.map(shown).join('') : placeholder;
  };

  return (text) => {
    const clean = text
      .normalize('NFC')
      .replace(breaks, '\n')
      .replace(controls, ' ')
      .replace(ignorable, (point) => (silent.test(point) ? point : ''));
    const parts = Array.from(graphemes.segment(clean), ({ segment }) =>
      plain.test(segment) ? segment : shown(segment),
    );
    return parts.join('').replace(unbroken, (run) => run.replace(/[@./_:?&=-]|[^\s@./_:?&=-]{20}/gu, '$&\u200B'));
  };
}

/** The code points a TrueType file has a glyph for: its cmap table, formats 4 and 12 (OpenType 1.9, "cmap"). */
function characters(file: Uint8Array): Set<number> {
  const font = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const found = new Set<number>();
  const cmap = tableOffset(font, 'cmap');
  for (let record = 0; record < font.getUint16(cmap + 2); record++) {
    const table = cmap + font.getUint32(cmap + 4 + record * 8 + 4);
    if (font.getUint16(table) === 12) {
      for (let group = 0; group < font.getUint32(table + 12); group++) {
        const at = table + 16 + group * 12;
        for (let point = font.getUint32(at); point <= font.getUint32(at + 4); point++) found.add(point);
      }
    }
    if (font.getUint16(table) === 4) {
      const twice = font.getUint16(table + 6);
      for (let segment = 0; segment < twice; segment += 2) {
        const end = font.getUint16(table + 14 + segment);
        const start = font.getUint16(table + 16 + twice + segment);
        const delta = font.getUint16(table + 16 + twice * 2 + segment);
        const rangeAt = table + 16 + twice * 3 + segment;
        const range = font.getUint16(rangeAt);
        for (let point = start; point <= end && point < 0xffff; point++) {
          const glyph = range === 0 ? point + delta : font.getUint16(rangeAt + range + (point - start) * 2);
          if (glyph % 0x10000 !== 0) found.add(point);
        }
      }
    }
  }
  return found;
}

function tableOffset(font: DataView, tag: string): number {
  for (let at = 12; at < 12 + font.getUint16(4) * 16; at += 16) {
    const name = String.fromCharCode(...[0, 1, 2, 3].map((index) => font.getUint8(at + index)));
    if (name === tag) return font.getUint32(at + 8);
  }
  throw new Error(`pdf: a font file has no ${tag} table`);
}
