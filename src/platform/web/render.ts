import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { extname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import Handlebars, { type HelperOptions } from 'handlebars';
import { removalWords, showRemovals } from '../../kernel/removal.ts';
import {
  formatClock,
  formatDate,
  formatDayMonth,
  formatLongDate,
  formatWeekday,
  stockholmDate,
} from '../../kernel/time.ts';
import { buildField, buildSummary, type Form } from './field.ts';
import type { Texts } from './text.ts';

/** Whom a page is for: it sets density, type size and tone. */
export type Mood = 'public' | 'officer' | 'person';

/** What the layout needs beside the page's own body. `scripts` are names in views/assets. */
export type Shell = {
  title: string;
  mood: Mood;
  demo: boolean;
  user: { id: string; name: string; roleName: string; represents: boolean } | null;
  nav: readonly { href: string; label: string; current: boolean }[];
  noindex: boolean;
  scripts: readonly string[];
  /** Code of what was just done, for scripts; empty most of the time. */
  done?: string;
  notice?: { kind: 'success' | 'info' | 'warning'; text: string } | null;
  /** The number to call for help, shown on every page of the person's. */
  phone: string;
};

/** A file under /assets/. `version` is a hash of its bytes, so it may be cached for ever under ?v=version. */
export type Asset = { body: Buffer<ArrayBuffer>; zipped(): Buffer<ArrayBuffer>; type: string; version: string };

export type Renderer = {
  /** Body inside the layout: a whole HTML document. */
  page(name: string, model: object, shell: Shell): string;
  /** Body alone: mail parts and fragments. */
  body(name: string, model: object): string;
  assets: ReadonlyMap<string, Asset>;
};

/** The project's own views, wherever the process was started. */
export const viewsDir = fileURLToPath(new URL('../../../views/', import.meta.url));

const mimeTypes: Record<string, string> = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** Knows every template under `viewsDir`; each is parsed when it is first needed, and a test needs them all. */
export function createRenderer(options: { viewsDir: string; texts: Texts }): Renderer {
  const assets = loadAssets(options.viewsDir);
  const engine = Handlebars.create();
  const helpers = makeHelpers(options.texts, assets);
  engine.registerHelper(helpers);
  const knownHelpers = Object.fromEntries(Object.keys(helpers).map((name) => [name, true]));

  const templates = new Map<string, HandlebarsTemplateDelegate>();
  // As Handlebars calls a partial: a template called by itself first wraps every helper anew, which costs a third of
  // its time. Nothing that a model inherits is read.
  const inherited = { whitelist: {}, defaultValue: false };
  const asPartial = {
    ...{ partial: true, helpers: engine.helpers, partials: engine.partials, decorators: {}, hooks: {} },
    protoAccessControl: { properties: inherited, methods: inherited },
  };
  for (const file of readdirSync(options.viewsDir, { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('.hbs')) continue;
    const name = relative('.', file).replaceAll('\\', '/').slice(0, -'.hbs'.length);
    let compiled: HandlebarsTemplateDelegate | undefined;
    const template: HandlebarsTemplateDelegate = (model, asked) => {
      compiled ??= compile(name, readFileSync(join(options.viewsDir, file), 'utf8'));
      return compiled(model, asked);
    };
    templates.set(name, template);
    engine.registerPartial(name, template);
  }

  function compile(name: string, source: string): HandlebarsTemplateDelegate {
    return engine.compile(fold(parse(engine, name, source), options.texts, helpers.asset), {
      strict: true,
      knownHelpersOnly: true,
      preventIndent: true,
      explicitPartialContext: true,
      knownHelpers,
    });
  }

  const inWords = removalWords(options.texts.t);
  const body = (name: string, model: object): string => {
    const template = templates.get(name);
    if (!template) throw new Error(`no view ${name}`);
    return showRemovals(template(model, { ...asPartial, data: { root: model } } as RuntimeOptions), inWords);
  };
  return {
    body,
    page: (name, model, shell) => body('layouts/page', { notice: null, done: '', ...shell, body: body(name, model) }),
    assets,
  };
}

function parse(engine: typeof Handlebars, name: string, source: string) {
  try {
    return engine.parse(source);
  } catch (cause) {
    throw new Error(`view ${name} does not parse`, { cause });
  }
}

type Node = hbs.AST.MustacheStatement | hbs.AST.SubExpression;
const isLiteral = (node: hbs.AST.Node): node is hbs.AST.StringLiteral | hbs.AST.NumberLiteral =>
  node.type === 'StringLiteral' || node.type === 'NumberLiteral';

/** Writes into a template what is the same whenever it is rendered: texts without values, addresses of assets. */
function fold(program: hbs.AST.Program, texts: Texts, asset: (name: string) => hbs.SafeString): hbs.AST.Program {
  const constantOf = ({ path, params, hash }: Node): string | undefined => {
    const [key] = params;
    const values = (hash?.pairs ?? []).map(({ key, value }): [string, hbs.AST.Expression] => [key, value]);
    if (!key || !isLiteral(key) || !values.every(([, value]) => isLiteral(value))) return undefined;
    const given = Object.fromEntries(values.map(([name, value]) => [name, (value as hbs.AST.StringLiteral).value]));
    const name = (path as hbs.AST.PathExpression).original;
    if (name === 't') return Handlebars.escapeExpression(texts.t(String(key.value), given));
    return name === 'asset' ? asset(String(key.value)).toString() : undefined;
  };
  class Folder extends Handlebars.Visitor {
    override MustacheStatement(node: hbs.AST.MustacheStatement): void {
      const value = constantOf(node);
      if (value === undefined) super.MustacheStatement(node);
      else Object.assign(node, { type: 'ContentStatement', value, original: value });
    }
  }
  new Folder().accept(program);
  return program;
}

function loadAssets(viewsDir: string): Map<string, Asset> {
  const folder = join(viewsDir, 'assets');
  const bodies = readdirSync(folder, { withFileTypes: true }).map((entry): [string, Buffer<ArrayBuffer>] => {
    const path = join(folder, entry.name);
    if (entry.isFile()) return [entry.name, readFileSync(path)];
    // A folder is one stylesheet in parts, joined by name: the browser asks once.
    const parts = readdirSync(path).sort();
    return [`${entry.name}.css`, Buffer.concat(parts.map((part) => readFileSync(join(path, part))))];
  });
  const design = readFileSync(fileURLToPath(import.meta.resolve('@fkui/design/lib/fkui.min.css')));
  return new Map(
    [['fkui.css', design] as const, ...bodies].map(([name, body]) => {
      const version = createHash('sha256').update(body).digest('hex').slice(0, 12);
      let zipped: Buffer<ArrayBuffer> | undefined;
      const type = mimeTypes[extname(name)] ?? 'application/octet-stream';
      return [name, { body, zipped: () => (zipped ??= gzipSync(body, { level: 9 })), type, version }];
    }),
  );
}

const isTrue = (value: unknown): boolean => Boolean(value) && !Handlebars.Utils.isEmpty(value);

/** The words of a text, with the telephone number among them as a link that a phone can call. */
function callable(words: string, phone: unknown) {
  if (typeof phone !== 'string' || !words.includes(phone)) return words;
  const link = `<a class="tel" href="tel:${phone.replace(/\D/g, '').replace(/^0/, '+46')}">${Handlebars.escapeExpression(phone)}</a>`;
  return new Handlebars.SafeString(
    words
      .split(phone)
      .map((part) => Handlebars.escapeExpression(part))
      .join(link),
  );
}

/** An instant or a date as the Stockholm date; anything else is a mistake in the page's model. */
function dateOf(value: unknown): string {
  if (typeof value !== 'string') throw new Error('a date helper was handed something that is not a date');
  return value.length === 10 ? value : stockholmDate(value);
}

function makeHelpers(texts: Texts, assets: ReadonlyMap<string, Asset>) {
  const { t } = texts;
  const removed = removalWords(t);
  return {
    t: (key: string, { hash }: HelperOptions) => callable(t(key, hash), hash.phone),
    tk: (family: string, code: string, { hash }: HelperOptions) => t(`${family}.${code}`, hash),
    eq: (a: unknown, b: unknown) => a === b,
    not: (value: unknown) => !isTrue(value),
    and: (...values: unknown[]) => values.slice(0, -1).every(isTrue),
    or: (...values: unknown[]) => values.slice(0, -1).find(isTrue) ?? false,
    includes: (list: string | readonly unknown[], value: string) => list.includes(value),
    /** "yes no" → ['yes', 'no'], for options written in the template. */
    codes: (list: string) => list.split(' '),

    date: (value: unknown) => formatDate(dateOf(value)),
    longDate: (value: unknown) => formatLongDate(dateOf(value)),
    dayMonth: (value: unknown) => formatDayMonth(dateOf(value)),
    weekdayName: (value: unknown) => formatWeekday(dateOf(value)),
    clock: (instant: string) => formatClock(instant),
    when: (start: string, end: unknown) => {
      const day = formatLongDate(stockholmDate(start));
      return typeof end === 'string'
        ? t('format.when', { day, start: formatClock(start), end: formatClock(end) })
        : t('format.from', { day, start: formatClock(start) });
    },
    stamp: (instant: string) =>
      t('format.stamp', { date: formatDate(stockholmDate(instant)), time: formatClock(instant) }),

    /** Text with its line breaks; where a correction took text away, that stands set off. */
    lines: (value: string) => {
      const html = Handlebars.escapeExpression(value).replaceAll('\n', '<br>');
      return new Handlebars.SafeString(showRemovals(html, (on) => `<em class="removed">${removed(on)}</em>`));
    },
    f: (form: Form, name: string, { hash }: HelperOptions) => buildField(texts, form, name, hash),
    summary: (form: Form, family: string) => buildSummary(texts, form, family),
    asset: (name: string) => {
      const asset = assets.get(name);
      if (!asset) throw new Error(`no asset ${name}`);
      return new Handlebars.SafeString(`/assets/${name}?v=${asset.version}`);
    },
  };
}
