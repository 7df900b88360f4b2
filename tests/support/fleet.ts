import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** One place in the fleet, filled by one process after another. */
export type Place = {
  env: Record<string, string>;
  child: ChildProcess | null;
  /** What its latest process has printed. */
  output: string;
};

export const place = (env: Record<string, string>): Place => ({ env, child: null, output: '' });

/** Whether its latest process has said that it is at work. */
export const isAtWork = (at: Place): boolean => /^Samsyn .*\n/m.test(at.output);

/** Starts `src/main.ts` in a place; does not wait until it answers. */
export function start(at: Place): void {
  const child = spawn(process.execPath, ['src/main.ts'], { cwd: root, env: { PATH: process.env.PATH, ...at.env } });
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk) => {
      if (at.child === child) at.output += chunk;
    });
  }
  at.child = child;
  at.output = '';
}

/** SIGKILL: no chance to finish anything. */
export async function kill(at: Place): Promise<void> {
  const { child } = at;
  if (!child || child.exitCode !== null || child.signalCode !== null) throw new Error(`ended by itself:\n${at.output}`);
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

/** SIGTERM: whatever is under way is finished. Resolves with the exit code. */
export async function stop(at: Place): Promise<number | null> {
  const { child } = at;
  if (!child || child.exitCode !== null || child.signalCode !== null) return child?.exitCode ?? null;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const [code] = await ended;
  return code;
}
