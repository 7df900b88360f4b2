import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { characters, normaliseLine, normaliseText } from '../../src/kernel/text.ts';

describe('normaliseText', () => {
  it.each([
    ['line ends', 'a\r\nb\rc\nd', 'a\nb\nc\nd'],
    ['empty lines between paragraphs', 'a\r\n\r\nb', 'a\n\nb'],
    ['tab kept', 'a\tb', 'a\tb'],
    ['ends', ' \n\t a b \u00A0\n', 'a b'],
    ['only space', ' \r\n ', ''],
    ['composed', 'A\u030A a\u0308 o\u0308', '\u00C5 \u00E4 \u00F6'],
    ['composed over a dropped character', 'a\u200E\u0308', '\u00E4'],
    ['null and other controls', 'a\u0000b\u0007c\u001Bd\u007Fe\u0085f', 'abcdef'],
    ['byte-order mark', '\uFEFFa\uFEFFb', 'ab'],
    ['private use', 'a\uE000\u{F0000}\u{10FFFD}b', 'ab'],
    ['lone surrogates', 'a\uD83Db\uDE00c', 'abc'],
    ['pairs kept', 'a\u{1F600}b', 'a\u{1F600}b'],
    ['noncharacters', 'a\uFDD0\uFFFE\uFFFF\u{1FFFE}b', 'ab'],
    ['bidi overrides', 'a\u202A\u202B\u202C\u202D\u202Eb', 'ab'],
    ['bidi isolates', 'a\u2066\u2067\u2068\u2069b', 'ab'],
    ['bidi marks', 'a\u200E\u200Fb', 'ab'],
    ['joiners of emoji and scripts kept', 'a\u200D\u200Cb', 'a\u200D\u200Cb'],
    ['space inside kept', 'a  b\n  c', 'a  b\n  c'],
  ])('%s', (_, text, expected) => {
    expect(normaliseText(text)).toBe(expected);
  });

  it('changes nothing the second time', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(normaliseText(normaliseText(text))).toBe(normaliseText(text));
      }),
    );
  });
});

describe('normaliseLine', () => {
  it.each([
    ['newlines', 'a\r\nb\n\nc', 'a b c'],
    ['tabs and spaces', '  a \t  b\u00A0 c\u2028d ', 'a b c d'],
    ['invisible between spaces', 'a \u202E b', 'a b'],
    ['nothing left', '\uFEFF\n\t', ''],
  ])('%s', (_, text, expected) => {
    expect(normaliseLine(text)).toBe(expected);
  });

  it('is one line without double or outer spaces', () => {
    const piece = fc.oneof(fc.constantFrom(' ', '\n', '\r\n', '\t', '\u00A0', '\u2028', '\u202E'), fc.string());
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        expect(normaliseLine(pieces.join(''))).toMatch(/^(\S+( \S+)*)?$/);
      }),
    );
  });
});

describe('characters', () => {
  it.each([
    ['', 0],
    ['abc', 3],
    ['\u00E5\u00E4\u00F6', 3],
    ['a\u{1F600}b', 3],
  ])('%j has %i', (text, length) => {
    expect(characters(text)).toBe(length);
  });
});
