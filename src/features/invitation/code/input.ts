import { normaliseLine } from '../../../kernel/text.ts';

/** `typed` is shown again; `code` is it without the blanks of who reads in pairs. What is no code is a wrong one. */
export function readCode(body: Readonly<Record<string, string | string[]>>): {
  typed: string;
  code: string;
  claim: boolean;
} {
  const first = (name: string) => [body[name] ?? ''].flat()[0] ?? '';
  const typed = normaliseLine(first('code'));
  return { typed, code: typed.replaceAll(' ', ''), claim: first('claim') !== '' };
}
