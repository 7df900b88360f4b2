import { type Kysely, sql } from 'kysely';
import { newId } from '../../kernel/ids.ts';
import type { IsoInstant } from '../../kernel/time.ts';
import type { Vault } from '../../kernel/vault.ts';
import type { Database, Reads, Writes } from '../db/database.ts';
import type { Tables } from '../db/tables.ts';
import { chained, type Head, sealOf } from './chain.ts';
import { checkpointChain, type HeadFile } from './heads.ts';

/**
 * A checkpoint names the head of every chain that grew since the one before: how many rows it had, and the last one's
 * seal. It is sealed over the checkpoint before, and stays when the rows are disposed of.
 */
export type Named = {
  chain: string;
  /** Rows that the chain had, from its first one; also the place of the last. */
  position: number;
  seal: string;
  /** Rows up to this place are disposed of, and the seal of the last of them. */
  cut: { position: number; seal: string } | null;
};
type Checkpoint = Tables['log_checkpoint'];

export function sealOfCheckpoint(
  vault: Vault,
  { position, at, chains, id }: Omit<Checkpoint, 'seal'>,
  before: string,
): string {
  return vault.stamp(`checkpoint ${JSON.stringify([id, position, at, chains, before])}`);
}

/** Every checkpoint in its order. */
export async function* everyCheckpoint({ db }: Reads): AsyncGenerator<Checkpoint & { named: Named[] }> {
  for (let after = 0, full = true; full; ) {
    const rows = await db
      .selectFrom('log_checkpoint')
      .selectAll()
      .where('position', '>', after)
      .orderBy('position')
      .limit(100)
      .execute();
    for (const row of rows) yield { ...row, named: readNamed(row.chains) };
    after = rows.at(-1)?.position ?? after;
    full = rows.length === 100;
  }
}

/** What stands in a checkpoint; nothing when it was changed so that it cannot be read. */
function readNamed(chains: string): Named[] {
  try {
    const named: unknown = JSON.parse(chains);
    return Array.isArray(named) ? named : [];
  } catch {
    return [];
  }
}

const headOfCheckpoint = ({ position, seal }: Pick<Checkpoint, 'position' | 'seal'>): Head => ({
  chain: checkpointChain,
  position,
  seal,
});

/** What the checkpoints say of each chain at last, their own included. */
async function namedSoFar(reads: Reads): Promise<{ chains: Map<string, Named>; last: Checkpoint | null }> {
  const chains = new Map<string, Named>();
  let last: Checkpoint | null = null;
  for await (const checkpoint of everyCheckpoint(reads)) {
    for (const one of checkpoint.named) chains.set(one.chain, one);
    chains.set(checkpointChain, { ...headOfCheckpoint(checkpoint), cut: null });
    last = checkpoint;
  }
  return { chains, last };
}

/** Last row of each chain, found by jumping from one to the next in the index. */
async function headsInDatabase({ db }: Reads): Promise<Head[]> {
  const { rows } = await sql<Head>`
    with recursive chains (chain) as (
      select (select chain from audit order by chain, position limit 1)
      union all
      select (select a.chain from audit as a where a.chain > chains.chain order by a.chain, a.position limit 1)
      from chains where chains.chain is not null)
    select a.chain, a.position, a.seal from chains join audit as a on a.chain = chains.chain and a.position =
      (select b.position from audit as b where b.chain = chains.chain order by b.chain desc, b.position desc limit 1)
  `.execute(db as Kysely<Tables>);
  return rows;
}

const rowsAtOnce = 1_000;

/** Rows of one chain behind a place, in their order; few at first, since most askers want no more. */
async function* rowsBehind({ db }: Reads, chain: string, place: number): AsyncGenerator<Tables['audit']> {
  for (let after = place, limit = 1; ; limit = rowsAtOnce) {
    const rows = await db
      .selectFrom('audit')
      .selectAll()
      .where('chain', '=', chain)
      .where('position', '>', after)
      .orderBy('position')
      .limit(limit)
      .execute();
    yield* rows;
    after = rows.at(-1)?.position ?? after;
    if (rows.length < limit) return;
  }
}

/**
 * The last of the rows at the front of a chain that are older than `before`. What does not verify is not disposed of:
 * else a changed date would do away with a row.
 */
async function agedPrefix(reads: Reads, chain: string, cut: Named['cut'], before: IsoInstant): Promise<Named['cut']> {
  let last = cut ?? { position: 0, seal: '' };
  for await (const row of rowsBehind(reads, chain, last.position)) {
    const follows = row.position === last.position + 1 && row.seal === sealOf(reads.vault, row, last.seal);
    if (!follows || row.at >= before) break;
    last = { position: row.position, seal: row.seal };
  }
  return last.position > (cut?.position ?? 0) ? last : null;
}

/**
 * Writes a checkpoint, with `disposeBefore` one that says which rows older than that instant are disposed of. When
 * somebody else writes one at the same moment, theirs stands and nothing is done. Returns what all of them then say.
 */
export async function writeCheckpoint(
  database: Database,
  heads: HeadFile,
  now: IsoInstant,
  disposeBefore: IsoInstant | null = null,
): Promise<Map<string, Named>> {
  const { reads } = database;
  const { vault } = reads;
  const { chains, last } = await namedSoFar(reads);
  const named: Named[] = [];
  for (const head of await headsInDatabase(reads)) {
    const known = chains.get(head.chain);
    // A chain never gets shorter: one that has is left as it was named, for the verification to find.
    if (known && known.position > head.position) continue;
    const before = known?.cut ?? null;
    const cut = disposeBefore === null ? null : await agedPrefix(reads, head.chain, before, disposeBefore);
    if (cut || known?.position !== head.position) named.push({ ...head, cut: cut ?? before });
  }
  const position = (last?.position ?? 0) + 1;
  const row = { id: newId(now), position, at: now, chains: JSON.stringify(named) };
  const seal = sealOfCheckpoint(vault, row, last?.seal ?? '');
  let written = 0n;
  await database.statement(async (db) => {
    const result = await db
      .insertInto('log_checkpoint')
      .values({ ...row, seal })
      .onConflict((conflict) => conflict.column('position').doNothing())
      .executeTakeFirst();
    written = result.numInsertedOrUpdatedRows ?? 0n;
  });
  if (written === 0n) return chains;
  heads.checkpoint(headOfCheckpoint({ position, seal }));
  for (const one of [...named, { ...headOfCheckpoint({ position, seal }), cut: null }]) chains.set(one.chain, one);
  return chains;
}

/** A chain of which rows are left that the checkpoints say are disposed of, and the place of the last to go now. */
export async function nextDisposed(
  { db }: Reads,
  named: Iterable<Named>,
): Promise<{ chain: string; position: number } | null> {
  for (const { chain, cut } of named) {
    if (!cut) continue;
    const rows = await db
      .selectFrom('audit')
      .select(['chain', 'position'])
      .where('chain', '=', chain)
      .where('position', '<=', cut.position)
      .orderBy('position')
      .limit(rowsAtOnce)
      .execute();
    const last = rows.at(-1);
    if (last) return last;
  }
  return null;
}

/** Deletes the front of a chain, up to a place that a checkpoint says is disposed of. */
export async function deletePrefix({ db }: Writes, chain: string, position: number): Promise<void> {
  await db.deleteFrom('audit').where('chain', '=', chain).where('position', '<=', position).execute();
}

/** The instant of the last checkpoint, or null. */
export async function lastCheckpoint({ db }: Reads): Promise<IsoInstant | null> {
  const row = await db
    .selectFrom('log_checkpoint')
    .select('at')
    .orderBy('position', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row?.at ?? null;
}

const earlier = { chain: 'earlier', position: 0, seal: '' };

/**
 * Rows that were written before there were chains get one, in the order of their ids; then the first checkpoint names
 * it. Only once: rows without a place that turn up later stay without, for the verification to find.
 */
export async function beginLog(database: Database, heads: HeadFile, now: IsoInstant): Promise<void> {
  if ((await lastCheckpoint(database.reads)) !== null) return;
  for (let more = true; more; ) {
    more = await database.transaction(async ({ db, vault }) => {
      const rows = await db
        .selectFrom('audit')
        .selectAll()
        .where('chain', '=', '')
        .orderBy('id')
        .limit(rowsAtOnce)
        .execute();
      if (rows.length === 0) return false;
      const before = await db
        .selectFrom('audit')
        .select(['chain', 'position', 'seal'])
        .where('chain', '=', earlier.chain)
        .orderBy('position', 'desc')
        .limit(1)
        .executeTakeFirst();
      let head: Head = before ?? earlier;
      for (const row of rows) {
        const { id, chain, position, seal } = chained(vault, head, row);
        await db.updateTable('audit').set({ chain, position, seal }).where('id', '=', id).execute();
        head = { chain, position, seal };
      }
      return rows.length === rowsAtOnce;
    });
  }
  await writeCheckpoint(database, heads, now);
}
