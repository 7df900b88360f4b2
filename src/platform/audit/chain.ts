import { newId } from '../../kernel/ids.ts';
import type { IsoInstant } from '../../kernel/time.ts';
import type { Vault } from '../../kernel/vault.ts';
import type { Tables } from '../db/tables.ts';

/**
 * Rows of the log stand in chains. A row's seal is keyed (DATA_KEY, which is outside the database) and covers all its
 * columns, its place and the seal before it, so that none can be changed, put in, moved or taken out unseen. There are
 * many chains, since one would make every command wait for every other: each process has some to itself, and knows
 * their heads without asking the database.
 */

/** The last row of a chain: what the next one is sealed over. Position 0 is an empty chain. */
export type Head = { chain: string; position: number; seal: string };

export const newChain = (now: IsoInstant): Head => ({ chain: newId(now), position: 0, seal: '' });

type Row = Tables['audit'];
type Place = 'chain' | 'position' | 'seal';
export type Unsealed = Omit<Row, Place>;

/** Every column that a seal covers beside the place. One that is missing here does not compile. */
const covered: Record<keyof Unsealed, true> = {
  ...{ id: true, at: true, actor: true, account_id: true, action: true, outcome: true, code: true },
  ...{ request_id: true, case_id: true, meeting_id: true, reference: true, relation: true, origin: true },
};
const coveredColumns = Object.keys(covered) as (keyof Unsealed)[];
export const auditColumns = [...coveredColumns, 'chain', 'position', 'seal'] as const;

/** The seal of a row that follows the one with the seal `before`. */
export function sealOf(vault: Vault, row: Unsealed & Pick<Row, 'chain' | 'position'>, before: string): string {
  return vault.stamp(
    `log ${JSON.stringify([row.chain, row.position, before, ...coveredColumns.map((name) => row[name])])}`,
  );
}

/** The row as the next one of a chain; its place and seal are the chain's new head. */
export function chained(vault: Vault, head: Head, row: Unsealed): Row {
  const placed = { ...row, chain: head.chain, position: head.position + 1 };
  return { ...placed, seal: sealOf(vault, placed, head.seal) };
}

export const headOf = ({ chain, position, seal }: Head): Head => ({ chain, position, seal });
