import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cruise, type ICruiseResult } from 'dependency-cruiser';
import ts from 'typescript';

/**
 * Who may import what. A target is a layer (`kernel`, `platform`, `app`, `migrations`), a platform part
 * (`platform/db`), a file of the same feature (`own:store`) or of another (`other:store`), a package (`npm:zod`)
 * or a part of Node (`node:fs`). A word also covers what is below it: `own` any file of the feature, `npm` any package.
 */
const MAY_IMPORT: Record<string, string[]> = {
  app: ['kernel', 'platform', 'own', 'other', 'app', 'migrations', 'npm', 'node', 'views/demo'],
  migrations: ['migrations', 'npm'],
  // node:crypto computes and does no I/O: hashes and keys for links, ids and sealed columns.
  kernel: ['kernel', 'node:crypto'],
  platform: ['kernel', 'platform', 'npm', 'node'],
  'platform/db': ['kernel', 'platform', 'npm', 'node', 'migrations'],
  rules: ['kernel', 'own:rules', 'other:rules'],
  page: ['kernel', 'own:rules', 'other:rules'],
  mail: ['kernel', 'own:rules', 'other:rules'],
  // A calendar's answer is untrusted too, and read with what is made for it.
  input: ['kernel', 'own:rules', 'other:rules', 'npm:zod', 'npm:@zone-eu/mailsplit', 'npm:ical.js', 'npm:libmime'],
  store: ['kernel', 'own:rules', 'other:rules', 'own:store', 'other:store', 'platform/db', 'npm:kysely'],
  commands: [
    ...['kernel', 'platform', 'own:rules', 'own:input', 'own:store', 'own:commands', 'own:mail'],
    ...['other:rules', 'other:store', 'other:commands'],
  ],
  routes: ['kernel', 'own', 'other:commands', 'platform/house', 'platform/web', 'platform/command', 'npm:hono'],
  render: ['kernel', 'own:rules', 'other:rules', 'own:render', 'platform/pdf', 'npm'],
};

const FEATURE_FILES = ['rules', 'input', 'commands', 'store', 'page', 'routes', 'mail', 'render'];
const QUERIES = ['selectFrom', 'insertInto', 'updateTable', 'deleteFrom', 'mergeInto'];
const TRANSACTIONS = ['transaction', 'startTransaction'];
// What a user does goes through `command`; the others write nothing but their own rows.
const MAY_TRANSACT = /^(src\/platform\/(db|command|audit|outbox|web\/(session|rate))\b|migrations\/)/;

const MAY_PERMIT = ['src/platform/command.ts', 'src/platform/db/access.ts'];

// As Node resolves `hono/cookie`.
const RESOLVE = { exportsFields: ['exports'], conditionNames: ['node', 'import', 'default', 'types'] };

/** What the rules say about one tree of files, each finding one line that begins with the file at fault. */
export interface Findings {
  /** Every .ts file the directory walk saw but dependency-cruiser did not: then all the rest proves nothing. */
  unseen: string[];
  unresolved: string[];
  /** Files in a folder, or with a name, the house has no place for. */
  misplaced: string[];
  imports: string[];
  cycles: string[];
  queries: string[];
  transactions: string[];
  /** The gate's mark given by anything but the gate. */
  permits: string[];
  swedish: string[];
  console: string[];
  long: string[];
}

/** Reads `src`, `migrations` and `views` below `root`. */
export async function inspect(root: string): Promise<Findings> {
  const files = ['src', 'migrations', 'views'].flatMap((folder) => walk(root, folder));
  const sources = files.filter((file) => file.endsWith('.ts'));
  const { output } = await cruise(
    ['src', 'migrations'],
    { baseDir: root, tsPreCompilationDeps: true, doNotFollow: 'node_modules' },
    RESOLVE,
  );
  const { modules } = output as ICruiseResult;
  const seen = modules.map((module) => module.source);
  const edges = modules
    .filter((module) => sources.includes(module.source))
    .flatMap(({ source, dependencies }) => dependencies.map((dependency) => ({ from: source, ...dependency })));
  const findings: Findings = {
    unseen: sources.filter((file) => !seen.includes(file)),
    unresolved: edges.filter((edge) => edge.couldNotResolve).map((edge) => `${edge.from} → ${edge.module}`),
    misplaced: files.filter((file) => !file.startsWith('views/') && (!file.endsWith('.ts') || !kindOf(file))),
    imports: edges
      .filter((edge) => !edge.couldNotResolve)
      .map((edge) => ({ from: edge.from, kind: kindOf(edge.from), target: targetOf(edge.from, edge) }))
      .filter(({ kind, target }) => kind !== undefined && !MAY_IMPORT[kind]?.some((allowed) => covers(allowed, target)))
      .map(({ from, target }) => `${from} → ${target}`),
    cycles: cycles(edges.map(({ from, resolved }) => [featureOf(from), featureOf(resolved)])),
    ...{ queries: [], transactions: [], permits: [], swedish: [], console: [] },
    long: files
      .filter((file) => !file.startsWith('views/text/') && /\.(ts|js|hbs|css)$/.test(file))
      .map((file) => ({ file, lines: readFileSync(join(root, file), 'utf8').split('\n').length - 1 }))
      .filter(({ lines }) => lines > 400)
      .map(({ file, lines }) => `${file}: ${lines} lines`),
  };
  for (const file of sources) readCode(root, file, findings);
  return findings;
}

function walk(root: string, folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
    .sort();
}

/** The row of MAY_IMPORT a file answers to; undefined for a file the house has no place for. */
function kindOf(file: string): string | undefined {
  const [top, layer, ...rest] = file.split('/');
  if (top === 'migrations') return rest.length === 0 ? 'migrations' : undefined;
  if (rest.length === 0) return 'app';
  if (layer === 'platform' && rest[0] === 'db') return 'platform/db';
  if (layer === 'kernel' || layer === 'platform') return layer;
  const name = rest.at(-1)?.replace(/\.ts$/, '') ?? '';
  // features/<feature>/<file> or features/<feature>/<part>/<file>
  return layer === 'features' && [2, 3].includes(rest.length) && FEATURE_FILES.includes(name) ? name : undefined;
}

function featureOf(file: string): string | undefined {
  return /^src\/features\/([^/]+)\//.exec(file)?.[1];
}

interface Dependency {
  module: string;
  resolved: string;
  coreModule: boolean;
}

function targetOf(from: string, { module, resolved, coreModule }: Dependency): string {
  if (coreModule) return `node:${module.replace(/^node:/, '')}`;
  const npm = /node_modules\/((?:@types\/)?((?:@[^/]+\/)?[^/]+))/.exec(resolved);
  if (npm) return `npm:${npm[2]}`;
  const feature = featureOf(resolved);
  if (feature) return `${feature === featureOf(from) ? 'own' : 'other'}:${kindOf(resolved) ?? resolved}`;
  if (resolved.startsWith('src/platform/')) return resolved.slice('src/'.length).replace(/\.ts$/, '');
  return (resolved.endsWith('.ts') && kindOf(resolved)) || resolved;
}

function covers(allowed: string, target: string): boolean {
  return target === allowed || target.startsWith(`${allowed}/`) || target.startsWith(`${allowed}:`);
}

/** Each circle of features once, as `a → b → a`. */
function cycles(edges: [from: string | undefined, to: string | undefined][]): string[] {
  const next = new Map<string, Set<string>>();
  for (const [from, to] of edges) {
    if (from && to && from !== to) next.set(from, (next.get(from) ?? new Set()).add(to));
  }
  const found = new Set<string>();
  const go = (path: string[]) => {
    for (const to of next.get(path.at(-1) ?? '') ?? []) {
      // A circle is told from its alphabetically first feature, so that it is told once.
      if (to === path[0]) found.add([...path, to].join(' → '));
      else if (to > (path[0] ?? '') && !path.includes(to)) go([...path, to]);
    }
  };
  for (const feature of [...next.keys()].sort()) go([feature]);
  return [...found];
}

/** What the text of a file says, read from its syntax tree: a comment or a string is never taken for a call. */
function readCode(root: string, file: string, findings: Findings): void {
  const tree = ts.createSourceFile(file, readFileSync(join(root, file), 'utf8'), ts.ScriptTarget.Latest);
  const inDatabase = file.startsWith('src/platform/') || file.startsWith('migrations/');
  const mayTransact = MAY_TRANSACT.test(file);
  const at = (node: ts.Node) => `${file}:${tree.getLineAndCharacterOfPosition(node.getStart(tree)).line + 1}`;

  const visit = (node: ts.Node): void => {
    const called = ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression) && node.expression;
    if (called && !inDatabase && !file.endsWith('/store.ts') && QUERIES.includes(called.name.text)) {
      findings.queries.push(`${at(node)} .${called.name.text}()`);
    }
    // Named in an import or called, it is the same: nothing but the gate has to do with it.
    if (ts.isIdentifier(node) && node.text === 'permit' && !MAY_PERMIT.includes(file)) {
      findings.permits.push(`${at(node)} permit`);
    }
    if (called && !mayTransact && TRANSACTIONS.includes(called.name.text)) {
      findings.transactions.push(`${at(node)} .${called.name.text}()`);
    }
    if (called && file !== 'src/main.ts' && called.expression.getText(tree) === 'console') {
      findings.console.push(`${at(node)} console.${called.name.text}()`);
    }
    if (ts.isTaggedTemplateExpression(node) && node.tag.getText(tree) === 'sql') {
      if (!inDatabase && !file.endsWith('/store.ts')) findings.queries.push(`${at(node)} sql\`\``);
    }
    if (ts.isStringLiteralLike(node) || ts.isTemplateHead(node) || ts.isTemplateMiddleOrTemplateTail(node)) {
      if (/[åäö]/i.test(node.text)) findings.swedish.push(`${at(node)} '${node.text}'`);
    }
    ts.forEachChild(node, visit);
  };
  visit(tree);
}
