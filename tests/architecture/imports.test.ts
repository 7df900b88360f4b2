import { appendFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Findings, inspect } from './house.ts';

const ROOT = join(import.meta.dirname, '../..');

type Rule = keyof Findings;

// Each rule of the house, and files that break it: [rule, file at fault, its text, what is found in it].
const BROKEN: [Rule, file: string, text: string, found: string][] = [
  ['unresolved', 'src/kernel/time.ts', "import './gone.ts';", ' → ./gone.ts'],

  ['misplaced', 'src/utils/text.ts', '', ''],
  ['misplaced', 'src/features/text.ts', '', ''],
  ['misplaced', 'src/features/plan/helpers.ts', '', ''],
  ['misplaced', 'src/features/plan/followup/deep/rules.ts', '', ''],
  ['misplaced', 'src/platform/old.js', '', ''],

  ['imports', 'src/kernel/time.ts', "import '../platform/clock.ts';", ' → platform/clock'],
  ['imports', 'src/kernel/time.ts', "import 'node:fs';", ' → node:fs'],
  ['imports', 'src/kernel/time.ts', "import 'zod';", ' → npm:zod'],
  ['imports', 'src/platform/clock.ts', "import '../features/plan/rules.ts';", ' → other:rules'],
  ['imports', 'src/platform/clock.ts', "import '../app.ts';", ' → app'],
  ['imports', 'src/platform/clock.ts', "import '../../migrations/0001_start.ts';", ' → migrations'],
  ['imports', 'migrations/0002_next.ts', "import '../src/kernel/ids.ts';", ' → kernel'],
  // Pure files take not even a type from the platform.
  ...['rules', 'page', 'mail'].flatMap((name): typeof BROKEN => {
    const file = `src/features/plan/${name}.ts`;
    return [
      ['imports', file, "import type { Db } from '../../platform/db/database.ts';", ' → platform/db/database'],
      ['imports', file, "import { readFileSync } from 'node:fs';", ' → node:fs'],
      ['imports', file, "import type { z } from 'zod';", ' → npm:zod'],
      ['imports', file, "import './store.ts';", ' → own:store'],
      ['imports', file, "import '../case/page.ts';", ' → other:page'],
    ];
  }),
  ['imports', 'src/features/plan/input.ts', "import './store.ts';", ' → own:store'],
  ['imports', 'src/features/plan/input.ts', "import '../case/input.ts';", ' → other:input'],
  ['imports', 'src/features/plan/input.ts', "import 'hono';", ' → npm:hono'],
  ['imports', 'src/features/plan/store.ts', "import './commands.ts';", ' → own:commands'],
  ['imports', 'src/features/plan/store.ts', "import '../../platform/mail/mail.ts';", ' → platform/mail/mail'],
  ['imports', 'src/features/plan/commands.ts', "import './page.ts';", ' → own:page'],
  ['imports', 'src/features/plan/commands.ts', "import '../case/mail.ts';", ' → other:mail'],
  ['imports', 'src/features/plan/commands.ts', "import 'hono/cookie';", ' → npm:hono'],
  ['imports', 'src/features/plan/routes.ts', "import '../case/routes.ts';", ' → other:routes'],
  ['imports', 'src/features/plan/routes.ts', "import '../case/page.ts';", ' → other:page'],
  ['imports', 'src/features/plan/routes.ts', "import '../case/input.ts';", ' → other:input'],
  ['imports', 'src/features/plan/routes.ts', "import '../case/store.ts';", ' → other:store'],
  ['imports', 'src/features/plan/routes.ts', "import '../../platform/db/database.ts';", ' → platform/db/database'],
  ['imports', 'src/features/plan/render.ts', "import './store.ts';", ' → own:store'],
  ['imports', 'src/features/plan/followup/rules.ts', "import('../store.ts');", ' → own:store'],

  ['cycles', 'src/features/meeting/rules.ts', "import type { Poll } from '../poll/rules.ts';", ''],
  ['cycles', 'src/features/poll/rules.ts', "import type { Meeting } from '../meeting/rules.ts';", ''],

  ['queries', 'src/features/log/commands.ts', "db.selectFrom('goal');", ':1 .selectFrom()'],
  ['queries', 'src/features/log/routes.ts', "\ndb\n.insertInto('goal');", ':2 .insertInto()'],
  ['queries', 'src/seed.ts', "db.updateTable('goal');", ':1 .updateTable()'],
  ['queries', 'src/migrate.ts', "db.deleteFrom('goal');", ':1 .deleteFrom()'],
  ['queries', 'src/tidy.ts', 'sql<number>`select 1`;', ':1 sql``'],

  ['transactions', 'src/features/log/store.ts', 'db.transaction();', ':1 .transaction()'],
  ['transactions', 'src/platform/log.ts', 'db.startTransaction();', ':1 .startTransaction()'],

  ['permits', 'src/look.ts', 'const all = permit(reads);', ':1 permit'],

  ['swedish', 'src/features/log/page.ts', "const a = 'Mål';", ":1 'Mål'"],
  ['swedish', 'src/features/log/mail.ts', 'const a = `Hej $' + '{name}, \\u00e4r det du?`;', ":1 ', är det du?'"],

  ['console', 'src/tick.ts', 'console.log(1);', ':1 console.log()'],
  ['console', 'src/features/log/rules.ts', 'console.error(1);', ':1 console.error()'],

  ['long', 'src/kernel/text.ts', '//\n'.repeat(400), ': 401 lines'],
  ['long', 'views/assets/minutes.js', '\n'.repeat(500), ': 501 lines'],
  ['long', 'views/assets/theme/1-ground.css', '\n'.repeat(400), ': 401 lines'],
];

// A tree that breaks no rule, though it comes near several.
const SOUND: Record<string, string> = {
  'migrations/0001_start.ts': "import type { Kysely } from 'kysely'; // åäö\ndb.insertInto('x');",
  'src/main.ts': "import './app.ts'; import { pino } from 'pino'; console.log('started');",
  'src/app.ts':
    "import './features/plan/routes.ts'; import './features/case/store.ts'; import '../migrations/0001_start.ts';",
  'src/worker.ts':
    "import './platform/clock.ts'; const a = 'db.selectFrom() and sql``'; // db.selectFrom(), console.log()",
  'src/kernel/ids.ts': '',
  'src/kernel/time.ts': "import './ids.ts';",
  'src/platform/clock.ts': "import '../kernel/time.ts'; import 'node:fs'; import 'pino'; import 'hono/cookie';",
  'src/platform/db/database.ts':
    "import 'kysely'; import '../../../migrations/0001_start.ts'; db.transaction(); db.selectFrom('x');",
  'src/platform/command.ts': "import './db/database.ts'; db.transaction();",
  'src/platform/mail/mail.ts': '',
  'src/platform/web/render.ts': '',
  'src/features/case/rules.ts': "import '../../kernel/time.ts';",
  ...{ 'src/features/case/input.ts': '', 'src/features/case/store.ts': '', 'src/features/case/mail.ts': '' },
  ...{ 'src/features/case/page.ts': '', 'src/features/case/routes.ts': '', 'src/features/case/commands.ts': '' },
  'src/features/plan/rules.ts': "import type { Case } from '../case/rules.ts';",
  'src/features/plan/input.ts': "import { z } from 'zod'; import './rules.ts';",
  'src/features/plan/store.ts':
    "import '../case/store.ts'; import { sql } from 'kysely'; import '../../platform/db/database.ts'; db.selectFrom('x'); sql`x`;",
  'src/features/plan/mail.ts': "import './rules.ts';",
  'src/features/plan/page.ts': "import '../case/rules.ts'; // Sidan för mål",
  'src/features/plan/render.ts': "import 'ical-generator'; import './rules.ts';",
  'src/features/plan/commands.ts':
    "import './store.ts'; import './mail.ts'; import type {} from './input.ts'; import '../case/commands.ts'; import '../../platform/command.ts';",
  'src/features/plan/routes.ts':
    "import './page.ts'; import './render.ts'; import '../case/commands.ts'; import '../../platform/web/render.ts'; import 'hono';",
  'src/features/plan/followup/rules.ts': "import '../rules.ts';",
  'views/text/sv.json': '{}\n'.repeat(1000),
  'views/plan/plan.hbs': '',
};

const ALL: Rule[] = [
  ...(['unseen', 'unresolved', 'misplaced', 'imports', 'cycles'] as const),
  ...(['queries', 'transactions', 'permits', 'swedish', 'console', 'long'] as const),
];

describe('the house', () => {
  let findings: Findings;
  beforeAll(async () => {
    findings = await inspect(ROOT);
  });

  test.each(ALL)('nothing is found: %s', (rule) => {
    expect(findings[rule]).toEqual([]);
  });
});

describe('the rules of the house', () => {
  const trees: string[] = [];
  afterAll(() => {
    for (const root of trees) rmSync(root, { recursive: true });
  });

  /** Writes a tree and inspects it; texts for the same file follow one another. */
  async function inspectTree(...files: [file: string, text: string][]): Promise<Findings> {
    const root = mkdtempSync(join(tmpdir(), 'samsyn-house-'));
    trees.push(root);
    for (const [file, text] of files) {
      mkdirSync(dirname(join(root, file)), { recursive: true });
      appendFileSync(join(root, file), `${text}\n`);
    }
    symlinkSync(join(ROOT, 'node_modules'), join(root, 'node_modules'));
    return inspect(root);
  }

  test('find nothing in a sound tree', async () => {
    const found = await inspectTree(...Object.entries(SOUND));
    expect(ALL.filter((rule) => found[rule].length > 0).map((rule) => found[rule])).toEqual([]);
  });

  test('find each mistake in a broken tree, and nothing else', async () => {
    const broken = BROKEN.map(([, file, text]): [string, string] => [file, text]);
    const found = await inspectTree(...Object.entries(SOUND), ...broken);
    for (const rule of ALL) {
      const expected = BROKEN.filter(([of]) => of === rule).map(([, file, , what]) => file + what);
      expect(found[rule].sort(), rule).toEqual(rule === 'cycles' ? ['meeting → poll → meeting'] : expected.sort());
    }
  });
});
