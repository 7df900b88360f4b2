import { readFileSync } from 'node:fs';
import { HtmlValidate } from 'html-validate';

const validator = new HtmlValidate(
  JSON.parse(readFileSync(new URL('../../.htmlvalidate.json', import.meta.url), 'utf8')),
);

/** Throws a line per mistake when a page is not valid HTML; `where` is the path or template it came from. */
export function validateHtml(html: string, where: string): void {
  const { results } = validator.validateStringSync(html);
  const mistakes = results.flatMap((result) =>
    result.messages.map((m) => `${where}:${m.line}:${m.column} ${m.ruleId}: ${m.message}`),
  );
  if (mistakes.length > 0) throw new Error(`${mistakes.length} mistake(s) in the HTML\n${mistakes.join('\n')}`);
}

/** The `href` of every link on the page, in order. */
export function parseLinks(html: string): string[] {
  return tags(html, 'a').flatMap(({ attributes }) => attributes.get('href') ?? []);
}

export interface FormField {
  /** What a browser would send now: none for an unchecked box, several for repeated names. */
  values: string[];
  /** The only values a user can pick; absent where anything can be typed. */
  choices?: string[];
}

export interface Form {
  action: string;
  method: string;
  fields: Map<string, FormField>;
}

/** The form with this `id` or `action`; throws, naming those there are, when the page has no such form. */
export function parseForm(html: string, idOrAction: string): Form {
  const forms = tags(html, 'form');
  const found = forms.find(({ attributes }) => [attributes.get('id'), attributes.get('action')].includes(idOrAction));
  if (!found) {
    const names = forms.map(({ attributes }) => attributes.get('id') ?? attributes.get('action'));
    throw new Error(`no form ${idOrAction}; the page has: ${names.join(', ') || 'none'}`);
  }
  return {
    action: found.attributes.get('action') ?? '',
    method: (found.attributes.get('method') ?? 'get').toUpperCase(),
    fields: fieldsOf(found.content),
  };
}

export type Changes = Record<string, string | string[]>;

/**
 * The form's body after a user has changed some fields (`[]` empties one). Throws for what the page would not let a
 * user do: a field that is not there, or a value that is not among the choices.
 */
export function fillForm(form: Form, changes: Changes = {}): URLSearchParams {
  const body = new URLSearchParams();
  for (const name of Object.keys(changes)) {
    if (!form.fields.has(name)) throw new Error(`no field ${name} in the form ${form.action}`);
  }
  for (const [name, { values, choices }] of form.fields) {
    for (const value of [changes[name] ?? values].flat()) {
      if (choices && !choices.includes(value)) throw new Error(`${name} offers ${choices.join(', ')}, not ${value}`);
      body.append(name, value);
    }
  }
  return body;
}

/** Fills and posts a form as a browser on the same site does. */
export function submitForm(
  app: { request(path: string, init: RequestInit): Response | Promise<Response> },
  form: Form,
  changes: Changes = {},
  headers: Record<string, string> = {},
): Promise<Response> {
  return Promise.resolve(
    app.request(form.action, {
      method: form.method,
      headers: { 'Sec-Fetch-Site': 'same-origin', ...headers },
      body: fillForm(form, changes),
    }),
  );
}

function fieldsOf(content: string): Map<string, FormField> {
  const fields = new Map<string, FormField>();
  const add = (name: string, values: string[], choices?: string[]) => {
    const field = fields.get(name) ?? { values: [] };
    fields.set(name, {
      values: [...field.values, ...values],
      ...(choices ? { choices: [...(field.choices ?? []), ...choices] } : {}),
    });
  };
  for (const { tag, attributes, content: inner } of tags(content, 'input', 'textarea', 'select', 'button')) {
    const name = attributes.get('name');
    if (!name || attributes.has('disabled')) continue;
    const type = tag === 'input' ? (attributes.get('type') ?? 'text') : tag;
    const value = attributes.get('value') ?? '';
    if (type === 'textarea') add(name, [decode(inner.replace(/^\r?\n/, ''))]);
    else if (type === 'select') {
      const options = tags(inner, 'option').map((option) => ({
        value: option.attributes.get('value') ?? decode(option.content.trim()),
        selected: option.attributes.has('selected'),
      }));
      const selected = options.filter((option) => option.selected);
      // With nothing selected a drop-down sends its first option.
      const sent = selected.length > 0 || attributes.has('multiple') ? selected : options.slice(0, 1);
      add(
        name,
        sent.map((option) => option.value),
        options.map((option) => option.value),
      );
    } else if (type === 'checkbox' || type === 'radio') {
      const choice = attributes.get('value') ?? 'on';
      add(name, attributes.has('checked') ? [choice] : [], [choice]);
    } else if (type === 'button' || type === 'submit') {
      // Sent only when it is the button that is pressed: the test says so.
      add(name, [], [value]);
    } else add(name, [value]);
  }
  return fields;
}

interface Tag {
  tag: string;
  attributes: Map<string, string>;
  /** What is between the tag and its end tag; '' for a void element. Elements of one name must not be nested. */
  content: string;
}

function tags(html: string, ...names: string[]): Tag[] {
  const starts = new RegExp(`<(${names.join('|')})\\b((?:[^>"']|"[^"]*"|'[^']*')*)>`, 'gi');
  return [...html.replace(/<!--.*?-->/gs, '').matchAll(starts)].map((match) => {
    const tag = (match[1] ?? '').toLowerCase();
    const rest = match.input.slice(match.index + match[0].length);
    return {
      tag,
      attributes: attributesOf(match[2] ?? ''),
      content: tag === 'input' ? '' : rest.slice(0, Math.max(0, rest.search(new RegExp(`</${tag}\\s*>`, 'i')))),
    };
  });
}

function attributesOf(text: string): Map<string, string> {
  const found = text.matchAll(/([^\s=/"']+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+)))?/g);
  return new Map([...found].map((m) => [(m[1] ?? '').toLowerCase(), decode(m[2] ?? m[3] ?? m[4] ?? '')]));
}

const ENTITIES: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: '\u00a0' };

function decode(text: string): string {
  return text.replace(/&(?:#x([\da-f]+)|#(\d+)|([a-z]+));/gi, (whole, hex, decimal, name) =>
    name
      ? (ENTITIES[name] ?? whole)
      : String.fromCodePoint(hex ? Number.parseInt(hex, 16) : Number.parseInt(decimal, 10)),
  );
}
