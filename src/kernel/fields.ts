import { isMailAddress } from './mail.ts';
import { containsPersonalNumber } from './personal-number.ts';
import { characters, isReadable, normaliseLine, normaliseText } from './text.ts';
import { type IsoDate, parseDate } from './time.ts';

export type FieldErrors = Record<string, { code: string; params?: Record<string, unknown> }>;
export type FieldValues = Record<string, string | string[]>;

/** What was typed, kept to be shown again, and what is wrong with it. */
export type FieldsRefused = { ok: false; values: FieldValues; errors: FieldErrors };
export type FieldsRead<T> = { ok: true; value: T } | FieldsRefused;

/**
 * Reads an untrusted form field by field. Every value is normalised and kept; the first fault of each field is
 * recorded under a code that names a text `err.<code>`. Ends with `done(value)`.
 */
export class FieldReader {
  readonly values: FieldValues = {};
  readonly errors: FieldErrors = {};
  readonly #body: Readonly<Record<string, string | string[] | undefined>>;

  constructor(body: Readonly<Record<string, string | string[] | undefined>>) {
    this.#body = body;
  }

  #first(name: string): string {
    const value = this.#body[name];
    return (Array.isArray(value) ? value[0] : value) ?? '';
  }

  fail(name: string, code: string, params?: Record<string, unknown>): void {
    this.errors[name] ??= { code, params };
  }

  #keep(name: string, value: string, options: { cap: number; required?: boolean }): string {
    this.values[name] = value;
    if (!isReadable(value)) this.fail(name, 'unreadable');
    const over = characters(value) - options.cap;
    if (over > 0) this.fail(name, 'tooLong', { over });
    if (options.required && value === '') this.fail(name, 'required');
    return value;
  }

  /** One line of text; line breaks become spaces. */
  line(name: string, options: { cap: number; required?: boolean }): string {
    return this.#keep(name, normaliseLine(this.#first(name)), options);
  }

  /** Text with line breaks. With `noNumber`, today's date, a personal number in it is refused: it belongs in its own field. */
  text(name: string, options: { cap: number; required?: boolean; noNumber?: IsoDate }): string {
    const value = this.#keep(name, normaliseText(this.#first(name)), options);
    if (options.noNumber && containsPersonalNumber(value, options.noNumber)) this.fail(name, 'numberInText');
    return value;
  }

  /** One of the codes, or null when empty. Anything else is refused. */
  choice<C extends string>(name: string, codes: readonly C[], options: { required?: boolean } = {}): C | null {
    const value = normaliseLine(this.#first(name));
    this.values[name] = value;
    const found = codes.find((code) => code === value) ?? null;
    if (value !== '' && found === null) this.fail(name, 'choice');
    if (value === '' && options.required) this.fail(name, 'choose');
    return found;
  }

  /** Those of the codes that were ticked. Unknown ones are refused. */
  many<C extends string>(name: string, codes: readonly C[]): C[] {
    const given = this.#body[name];
    const list = (Array.isArray(given) ? given : given ? [given] : []).map(normaliseLine);
    this.values[name] = list;
    if (list.some((value) => !codes.includes(value as C))) this.fail(name, 'choice');
    return codes.filter((code) => list.includes(code));
  }

  /** A checkbox. */
  flag(name: string): boolean {
    const on = this.#first(name) !== '';
    if (on) this.values[name] = 'on';
    return on;
  }

  /** A date YYYY-MM-DD, or null when empty. */
  date(name: string, options: { required?: boolean } = {}): IsoDate | null {
    const value = normaliseLine(this.#first(name));
    this.values[name] = value;
    if (value === '') {
      if (options.required) this.fail(name, 'required');
      return null;
    }
    const date = parseDate(value);
    if (date === null) this.fail(name, 'date');
    return date;
  }

  /** A telephone number with area code, or null when empty. */
  phone(name: string): string | null {
    const value = this.line(name, { cap: 40 });
    if (value === '') return null;
    const digits = value.replace(/\D/g, '').length;
    if (!/^\+?[\d\s()/-]+$/.test(value) || digits < 7 || digits > 15) this.fail(name, 'phone');
    return value;
  }

  /** An address we can send to, or empty. A domain knows no case: written small, it is the same in mail and calendar. */
  email(name: string, options: { cap: number; required?: boolean }): string {
    const value = this.line(name, options).replace(/@.*$/, (domain) => domain.toLowerCase());
    if (value !== '' && !isMailAddress(value)) this.fail(name, 'email');
    return value;
  }

  get ok(): boolean {
    return Object.keys(this.errors).length === 0;
  }

  done<T>(value: () => T): FieldsRead<T> {
    return this.ok ? { ok: true, value: value() } : { ok: false, values: this.values, errors: this.errors };
  }
}
