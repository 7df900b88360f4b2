// Invisible characters that no keyboard gives: controls (not newline and tab), private use, lone surrogates,
// noncharacters, the byte-order mark, and the bidi marks with which a text can be made to look like another.
const INVISIBLE =
  /[[\p{Cc}--[\n\t]]\p{Co}\p{Cs}\p{Noncharacter_Code_Point}\uFEFF\u200E\u200F\u202A-\u202E\u2066-\u2069]/gv;

/** Free text as it is stored: LF line ends, no invisible characters, NFC, no space at the ends. */
export const normaliseText = (s: string): string =>
  s.replace(/\r\n?/g, '\n').replace(INVISIBLE, '').normalize('NFC').trim();

/** As normaliseText, on one line: every run of white space is one space. */
export const normaliseLine = (s: string): string => normaliseText(s).replace(/\s+/g, ' ');

/** False where bytes that were not UTF-8 have become U+FFFD: nobody knows any more what was written there. */
export const isReadable = (s: string): boolean => !s.includes('\uFFFD');

/** Length in code points, which is what caps count, so that an emoji is not two characters. */
export const characters = (s: string): number => Array.from(s).length;
