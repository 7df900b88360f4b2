import { type Kysely, sql } from 'kysely';
import type { Reads } from '../db/database.ts';
import type { Tables } from '../db/tables.ts';
import { type Head, sealOf } from './chain.ts';
import { everyCheckpoint, type Named, sealOfCheckpoint } from './checkpoint.ts';
import { type AllHeads, checkpointChain } from './heads.ts';

/**
 * `unplaced`: a row without a place in a chain. `seal`: a row, or its place, that is not as it was sealed. `gap`: rows
 * are missing before it. `head`: the row that was last once is another. `tail`: the chain ended later than it does now.
 * `checkpoint`: one that is changed, missing or put in. `record`: a head kept apart that cannot be read. `aside`: heads
 * were set aside and nothing in the log says why.
 */
export type LogFault = {
  code: 'unplaced' | 'seal' | 'gap' | 'head' | 'tail' | 'checkpoint' | 'record' | 'aside';
  chain: string;
  position: number;
  /** The row, or the file of heads. */
  id: string;
};
/** A restored backup ended before the log did: how many chains went on. `at`: when that backup was made. */
export type GoesOn = { at: string; chains: number };
export type CheckedLog = { faults: LogFault[]; goesOn: GoesOn[] };

const rowsAtOnce = 1_000;
type Row = Tables['audit'];

/** Every row that has a place, chain by chain. */
async function* everyRow({ db }: Reads): AsyncGenerator<Row> {
  let after = sql``;
  for (let full = true; full; ) {
    const { rows } = await sql<Row>`
      select * from audit where position is not null ${after} order by chain, position limit ${sql.lit(rowsAtOnce)}`.execute(
      db as Kysely<Tables>,
    );
    yield* rows;
    const last = rows.at(-1);
    if (last) after = sql`and (chain, position) > (${last.chain}, ${last.position})`;
    full = rows.length === rowsAtOnce;
  }
}

/** Verifies the log as it is at one moment against its seals, its checkpoints and the heads kept apart from it. */
export async function checkLog(reads: Reads, kept: AllHeads): Promise<CheckedLog> {
  const faults: LogFault[] = [];
  const named = new Map<string, Named>();
  /** Chain → places at which it was once seen to end. */
  const ends = new Map<string, Head[]>();
  const endsAt = (head: Head) => void ends.set(head.chain, [...(ends.get(head.chain) ?? []), head]);
  for (const { file, heads, damaged } of kept.files) {
    heads.forEach(endsAt);
    for (let i = 0; i < damaged; i++) faults.push({ code: 'record', chain: '', position: 0, id: file });
  }

  let before: Head = { chain: checkpointChain, position: 0, seal: '' };
  for await (const one of everyCheckpoint(reads)) {
    const follows =
      one.position === before.position + 1 && one.seal === sealOfCheckpoint(reads.vault, one, before.seal);
    if (!follows) faults.push({ code: 'checkpoint', chain: checkpointChain, position: one.position, id: one.id });
    for (const chain of follows ? one.named : []) {
      named.set(chain.chain, chain);
      endsAt(chain);
    }
    before = { chain: checkpointChain, position: one.position, seal: one.seal };
    faults.push(...otherEnds(ends.get(checkpointChain), { ...before, id: one.id }));
  }
  faults.push(
    ...laterEnds(ends.get(checkpointChain), before.position).map((one) => ({ ...one, code: 'checkpoint' as const })),
  );
  ends.delete(checkpointChain);

  const unplaced = await reads.db.selectFrom('audit').select('id').where('position', 'is', null).limit(100).execute();
  for (const { id } of unplaced) faults.push({ code: 'unplaced', chain: '', position: 0, id });

  const restores = new Map<string, string>();
  let last: Head = { chain: '', position: 0, seal: '' };
  for await (const row of everyRow(reads)) {
    const { chain, position, id } = row;
    const fault = (code: LogFault['code']) => faults.push({ code, chain, position, id });
    const cut = named.get(chain)?.cut;
    // Disposed of, and only not yet deleted.
    if (cut && position <= cut.position) continue;
    if (chain !== last.chain) {
      faults.push(...ended(last));
      last = { chain, position: cut?.position ?? 0, seal: cut?.seal ?? '' };
    }
    // The seal of a row that is missing is not known, so neither is whether the next one follows it.
    if (position !== last.position + 1) fault('gap');
    else if (row.seal !== sealOf(reads.vault, row, last.seal)) fault('seal');
    else if (row.action === 'log.restore') restores.set(row.reference, row.code ?? '');
    faults.push(...otherEnds(ends.get(chain), row));
    last = { chain, position, seal: row.seal };
  }
  faults.push(...ended(last));
  // What is left was not met at all.
  for (const [chain, heads] of ends) faults.push(...laterEnds(heads, named.get(chain)?.cut?.position ?? 0));

  function ended({ chain, position }: Head): LogFault[] {
    const later = laterEnds(ends.get(chain), position);
    ends.delete(chain);
    return later;
  }

  const goesOn: GoesOn[] = [];
  for (const { restoreId, files } of kept.aside) {
    const at = restores.get(restoreId);
    if (at === undefined) faults.push({ code: 'aside', chain: '', position: 0, id: restoreId });
    else goesOn.push({ at, chains: files.flatMap(({ heads }) => heads).length });
  }
  return { faults, goesOn };
}

/** The row at a place where the chain once ended is another one now. */
const otherEnds = (heads: Head[] | undefined, { chain, position, seal, id }: Head & { id: string }): LogFault[] =>
  (heads ?? []).some((head) => head.position === position && head.seal !== seal)
    ? [{ code: 'head', chain, position, id }]
    : [];

/** The chain once ended later than at `position`. */
function laterEnds(heads: Head[] | undefined, position: number): LogFault[] {
  const [last] = (heads ?? []).toSorted((a, b) => b.position - a.position);
  return last && last.position > position ? [{ code: 'tail', chain: last.chain, position: last.position, id: '' }] : [];
}
