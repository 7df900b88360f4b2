import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createVault } from '../../src/kernel/vault.ts';
import type { Keys } from '../../src/platform/db/archive.ts';
import type { TestApp } from './app.ts';

const root = join(import.meta.dirname, '../..');

export const keysOf = ({ house }: TestApp): Keys => ({
  vault: createVault(house.config.dataKey),
  linkKey: house.config.linkKey,
});

/** The environment of another process of the same installation, but for its database. */
export const settings = ({ house, dataDir }: TestApp): Record<string, string> => ({
  ...{ DATA_DIR: dataDir, LOG_LEVEL: 'silent', BASE_URL: house.config.baseUrl },
  LINK_KEY: house.config.linkKey.toString('hex'),
  DATA_KEY: house.config.dataKey.toString('hex'),
});

export type Ran = { code: number | null; out: string; err: string };

/** Starts `src/<name>.ts` in a process of its own, as `npm run <name>` does. */
export function startTool(
  name: string,
  args: string[],
  env: Record<string, string>,
  input = '',
): { child: ChildProcess; ended: Promise<Ran> } {
  const child = spawn(process.execPath, [`src/${name}.ts`, ...args], {
    cwd: root,
    env: { PATH: process.env.PATH, ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  child.stdin?.end(input);
  const read = { out: '', err: '' };
  child.stdout?.on('data', (chunk) => {
    read.out += chunk;
  });
  child.stderr?.on('data', (chunk) => {
    read.err += chunk;
  });
  const ended = new Promise<Ran>((resolve) => child.once('close', (code) => resolve({ code, ...read })));
  return { child, ended };
}

export const runTool = (name: string, args: string[], env: Record<string, string>, input?: string): Promise<Ran> =>
  startTool(name, args, env, input).ended;
