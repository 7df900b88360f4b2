import { randomUUID } from 'node:crypto';
import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import type { Vault } from '../../kernel/vault.ts';
import type { Head } from './chain.ts';

/**
 * Heads of chains are kept apart from the database, in a file per process in DATA_DIR/log-heads: whoever cuts the end
 * off a chain, or takes a whole one away, leaves a head that nothing answers to. A record is rewritten in place when
 * its row is known to be committed, so that after a crash it may be behind the database, never ahead of it.
 */
export const headsFolder = (dataDir: string): string => join(dataDir, 'log-heads');

/** The chain of checkpoints is kept like any other. */
export const checkpointChain = 'checkpoint';

/** Never across the border of a disk's sector, so that a power cut leaves the old record or the new one. */
const recordBytes = 256;
const deadAfterMs = 48 * 60 * 60_000;
const stampOf = (vault: Vault, { chain, position, seal }: Head): string =>
  vault.stamp(`head ${chain} ${position} ${seal}`);

export type HeadFile = {
  /** A record of its own for one chain; the first head that is put there opens the file. */
  place(): (head: Head) => void;
  /** The record for the chain of checkpoints. */
  checkpoint(head: Head): void;
  /** What the records say. */
  heads(): Head[];
  /** Shows that this process lives. */
  beat(): Promise<void>;
  /** Drops the files of processes that showed no life for two days, once every head in them is `safe` without. */
  drop(safe: (head: Head) => boolean): Promise<void>;
  close(): void;
};

/** `onFault` is told when a head could not be kept: by then its row is committed, and the next one will be. */
export function openHeadFile(folder: string, vault: Vault, onFault: (error: unknown) => void = () => {}): HeadFile {
  const file = join(folder, randomUUID());
  const records: Head[] = [];
  let descriptor: number | null = null;

  function put(at: number, head: Head): void {
    records[at] = head;
    const words = [head.chain, head.position, head.seal, stampOf(vault, head)].join(' ');
    try {
      if (descriptor === null) {
        mkdirSync(folder, { recursive: true, mode: 0o700 });
        descriptor = openSync(file, 'wx', 0o600);
      }
      writeSync(descriptor, `${words.padEnd(recordBytes - 1)}\n`, at * recordBytes);
    } catch (error) {
      onFault(error);
    }
  }

  function place(): (head: Head) => void {
    let at: number | null = null;
    return (head) => {
      at ??= records.length;
      put(at, head);
    };
  }

  return {
    place,
    checkpoint: place(),
    heads: () => [...records],
    async beat() {
      if (descriptor !== null) await utimes(file, new Date(), new Date()).catch(onFault);
    },
    async drop(safe) {
      for (const { file, heads, damaged } of (await readHeads(folder, vault)).files) {
        const { mtimeMs } = await stat(join(folder, file));
        if (Date.now() - mtimeMs > deadAfterMs && damaged === 0 && heads.every(safe)) await rm(join(folder, file));
      }
    },
    close() {
      if (descriptor !== null) closeSync(descriptor);
      descriptor = null;
    },
  };
}

/** A file of heads; `damaged` counts records that are not ours or not whole. */
export type KeptHeads = { file: string; heads: Head[]; damaged: number };
/** `aside`: what was kept when a backup was restored, by the row of the log that says so. */
export type AllHeads = { files: KeptHeads[]; aside: { restoreId: string; files: KeptHeads[] }[] };
export const noHeads: AllHeads = { files: [], aside: [] };

/** Reads what every process has kept in a folder. */
export async function readHeads(folder: string, vault: Vault): Promise<AllHeads> {
  const found = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const all: AllHeads = { files: [], aside: [] };
  for (const entry of found) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) all.aside.push({ restoreId: entry.name, files: (await readHeads(path, vault)).files });
    else all.files.push(readRecords(entry.name, await readFile(path, 'utf8'), vault));
  }
  return all;
}

function readRecords(file: string, text: string, vault: Vault): KeptHeads {
  const kept: KeptHeads = { file, heads: [], damaged: 0 };
  for (const line of text.split('\n').slice(0, -1)) {
    const [chain = '', position, seal = '', stamp] = line.trim().split(' ');
    const head = { chain, position: Number(position), seal };
    if (stamp === stampOf(vault, head)) kept.heads.push(head);
    else kept.damaged += 1;
  }
  return kept;
}

/** Puts all files into a folder of their own, named after the row of the log that says why. */
export async function setHeadsAside(folder: string, restoreId: string): Promise<void> {
  const found = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const files = found.filter((entry) => entry.isFile());
  if (files.length === 0) return;
  await mkdir(join(folder, restoreId), { mode: 0o700 });
  for (const { name } of files) await rename(join(folder, name), join(folder, restoreId, name));
}
