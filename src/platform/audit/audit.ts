import type { Action, Actor, Relation, Subject } from '../../kernel/access.ts';
import { newId } from '../../kernel/ids.ts';
import type { IsoInstant } from '../../kernel/time.ts';
import type { Vault } from '../../kernel/vault.ts';
import type { Database, Writes } from '../db/database.ts';
import { preparedInsert } from '../db/prepared.ts';
import { inGroups } from '../groups.ts';
import { auditColumns, chained, type Head, headOf, newChain, type Unsealed } from './chain.ts';
import type { HeadFile } from './heads.ts';

/** One thing that was done, seen or refused: ids and codes only, never words about a person. */
export type AuditEntry = {
  action: Action;
  actor: Actor;
  subject: Subject | null;
  outcome: 'done' | 'seen' | 'refused';
  /** By which relation the rights table allowed it; null when it did not. */
  relation: Relation | null;
  code: string | null;
  reference: string;
  /** The network address it came from; null for the worker. Sealed before it is stored. */
  origin: string | null;
  at: IsoInstant;
};

function actorLabel(actor: Actor): string {
  return actor.kind === 'user' ? actor.role : actor.kind === 'link' ? `link:${actor.scope}` : actor.kind;
}

function rowOf(vault: Vault, entry: AuditEntry): Unsealed {
  return {
    id: newId(entry.at),
    at: entry.at,
    actor: actorLabel(entry.actor),
    account_id: entry.actor.kind === 'user' ? entry.actor.id : null,
    action: entry.action,
    outcome: entry.outcome,
    code: entry.code,
    request_id: entry.subject?.requestId ?? null,
    case_id: entry.subject?.caseId ?? null,
    meeting_id: entry.subject?.meetingId ?? null,
    reference: entry.reference,
    relation: entry.relation,
    origin: vault.seal(entry.origin),
  };
}

const insertRows = preparedInsert('audit', auditColumns);

export type AuditLog = {
  /** Writes a row that stands alone (a look, a refusal); resolves when it is on disk. Rows share commits. */
  record(entry: AuditEntry): Promise<void>;
  /**
   * Runs a transaction that leaves rows: `write` puts them in, as the last statement. It may be called again when the
   * transaction is run again after a lost race.
   */
  within<T>(
    transact: (write: (writes: Writes, entries: readonly AuditEntry[]) => Promise<void>) => Promise<T>,
  ): Promise<T>;
};

/** A chain, lent to one transaction at a time, and its record among the heads. */
type Slot = { head: Head; keep: (head: Head) => void };

/**
 * The log of one process. Its chains are its own, so nothing is read and no row is locked to write the next one. What
 * became of a row is known when its commit is; a chain about whose last row that is not known is left as it is, and
 * another is begun.
 */
export function createAuditLog(database: Database, heads: Pick<HeadFile, 'place'>): AuditLog {
  const { vault } = database.reads;
  const free: Slot[] = [];

  function lend() {
    let slot: Slot | undefined;
    let next: Head | undefined;
    return {
      async put(db: Writes['db'], entries: readonly AuditEntry[]): Promise<void> {
        slot ??= free.pop() ?? { head: newChain(entries[0]?.at ?? ''), keep: heads.place() };
        let { head } = slot;
        const rows = entries.map((entry) => {
          const row = chained(vault, head, rowOf(vault, entry));
          head = headOf(row);
          return row;
        });
        await insertRows(db, rows);
        next = head;
      },
      /** Without it the slot is not lent again. */
      committed(): void {
        if (!slot || !next) return;
        slot.head = next;
        slot.keep(next);
        free.push(slot);
      },
    };
  }

  return {
    record: inGroups(async (entries) => {
      const loan = lend();
      await database.statement((db) => loan.put(db, entries));
      loan.committed();
    }),
    async within(transact) {
      const loan = lend();
      const value = await transact(({ db }, entries) => loan.put(db, entries));
      loan.committed();
      return value;
    },
  };
}
