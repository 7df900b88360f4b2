import { mkdirSync, writeFileSync } from 'node:fs';
import { feed } from './feed.ts';
import { firstView } from './first-view.ts';
import { mail } from './mail.ts';
import { machine, type Row } from './measure.ts';
import { pages } from './pages.ts';
import { pdf } from './pdf.ts';
import { memory, startUp } from './process.ts';
import { processes } from './processes.ts';
import { sizes } from './sizes.ts';

/** `npm run bench`: every part, or those named as arguments; a table here and all figures in test-results/bench.json. */
const parts: Record<string, () => Promise<Row[]>> = {
  pages,
  feed,
  sizes,
  mail,
  pdf,
  start: startUp,
  memory,
  'first-view': firstView,
  processes,
};

const asked = process.argv.slice(2);
const rows: Row[] = [];
const before = machine();
const words = Object.entries(before).map(([name, value]) => `${name} ${value}`);
process.stdout.write(
  `${words.join(', ')}\n\n| what | Samsyn | against | ratio | goal | met |\n|---|---|---|---|---|---|\n`,
);
for (const [name, part] of Object.entries(parts)) {
  if (asked.length > 0 && !asked.includes(name)) continue;
  for (const row of await part()) {
    rows.push(row);
    process.stdout.write(`${line(row)}\n`);
  }
}
mkdirSync('test-results', { recursive: true });
writeFileSync('test-results/bench.json', `${JSON.stringify({ machine: before, rows }, null, 2)}\n`);

function line({ what, ours, other, ratio, goal, met }: Row): string {
  return `| ${what} | ${ours} | ${other} | ${ratio.toFixed(2)} | ${goal} | ${met ? 'yes' : '**no**'} |`;
}
