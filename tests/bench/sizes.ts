import { atMost, median, type Row, startServer } from './measure.ts';
import { seedFolder, signIn } from './pages.ts';

const few = 1_000;
const many = 1_000_000;
const asked = 600;

/** The same pages from a small installation and from a big one, asked for in turn, one at a time. */
export async function sizes(): Promise<Row[]> {
  const [small, big] = [await open(few), await open(many)];
  const rows: Row[] = [];
  for (const { what, kind } of [
    { what: 'queue', kind: 'queue' },
    { what: 'case page', kind: 'case' },
    { what: 'plan', kind: 'plan' },
    { what: 'cases of the unit', kind: 'cases' },
  ] as const) {
    const times: { small: number[]; big: number[] } = { small: [], big: [] };
    for (let i = 0; i < asked; i++) {
      times.small.push(await small.time(kind, i));
      times.big.push(await big.time(kind, i));
    }
    const [ours, other] = [median(times.big.slice(100)), median(times.small.slice(100))];
    const label = `${what}: ${many} meetings against ${few}`;
    rows.push(atMost(label, ours / other, 1.2, `${ours.toFixed(2)} ms`, `${other.toFixed(2)} ms`));
  }
  await small.stop();
  await big.stop();
  return rows;
}

/** Kept between runs, since a million meetings take minutes to write. */
async function open(meetings: number) {
  const dataDir = `test-results/meetings-${meetings}`;
  const { cases } = await seedFolder(dataDir, meetings);
  const server = await startServer('src/main.ts', { DATA_DIR: dataDir });
  const cookie = await signIn(server.url, 'fk');
  const paths = {
    queue: ['/inkorg'],
    case: cases,
    plan: cases.map((path) => `${path}/plan`),
    cases: ['/arenden'],
  };
  return {
    stop: server.stop,
    /** Milliseconds until the page is there. */
    async time(kind: keyof typeof paths, i: number): Promise<number> {
      const path = paths[kind][i % paths[kind].length];
      const started = performance.now();
      const response = await fetch(`${server.url}${path}`, { headers: { cookie } });
      await response.text();
      if (response.status !== 200) throw new Error(`bench: ${path} answered ${response.status}`);
      return performance.now() - started;
    },
  };
}
