import { type Action, type Actor, nobody, type Rights, type Subject } from '../kernel/access.ts';
import type { Decision } from '../kernel/decision.ts';
import { newId } from '../kernel/ids.ts';
import type { IsoInstant } from '../kernel/time.ts';
import type { AuditLog } from './audit/audit.ts';
import type { HeadFile } from './audit/heads.ts';
import type { Clock } from './clock.ts';
import { type CaseReads, type CaseWrites, Located, permit } from './db/access.ts';
import type { Database, Reads } from './db/database.ts';
import { type QueuedMessage, queueMessage } from './outbox/outbox.ts';

/** What every act needs: handed in once by main.ts. */
export type Engine = {
  database: Database;
  audit: AuditLog;
  /** The heads of the log's chains, as this process keeps them apart from the database. */
  heads: HeadFile;
  clock: Clock;
  rights: Rights;
  /** Domain part of Message-IDs and calendar UIDs. */
  mailDomain: string;
  /** Tells the worker that a message was committed. */
  wake(): void;
};

/** Inside a command: the transaction, the time and who acts. */
export type Work = CaseWrites & {
  now: IsoInstant;
  actor: Actor;
  mailDomain: string;
  newId(): string;
  /** Says that the same, or another act, is done to this too: permission is asked for it, and the log has a row of it. */
  also(subject: Subject, action?: Action): void;
  /** Queues a message in the same transaction. */
  send(message: QueuedMessage): Promise<void>;
};

/** `origin`: the network address it comes from, where there is one. */
export type Caller = { actor: Actor; reference: string; origin?: string | null };

class Refusal extends Error {
  readonly code: string;
  constructor(code: string) {
    super(code);
    this.code = code;
  }
}

/** `hidden` becomes `not_found`, so that nobody learns that something exists. */
function verdictCode(verdict: 'forbidden' | 'hidden'): string {
  return verdict === 'hidden' ? 'not_found' : 'forbidden';
}

/** For what is done to nothing that is there yet, or to lists: each its own, so that an act can note what it made. */
export const nothingYet = async (): Promise<Located<Subject>> => {
  const subject = { ...nobody };
  return new Located(subject, () => subject);
};

/**
 * The only way to change anything: one transaction in which the subject is found, the rights table asked,
 * the change made, audited and its messages queued, or nothing at all.
 * Refusal codes: `not_found`, `forbidden`, and those of `run`. A refusal's audit row is written by itself afterwards.
 */
export async function command<C, T>(
  engine: Engine,
  caller: Caller,
  spec: {
    action: Action;
    locate(reads: Reads): Promise<Located<C> | null>;
    run(work: Work, found: C): Promise<Decision<T>>;
  },
): Promise<Decision<T>> {
  const now = engine.clock.now();
  const { actor, reference, origin = null } = caller;
  const entry = { action: spec.action, actor, reference, origin, at: now };
  let located: Located<C> | null = null;
  let sent = false;
  try {
    const decision = await engine.audit.within((write) =>
      engine.database.transaction(async (writes) => {
        located = await spec.locate(writes);
        if (!located) throw new Refusal('not_found');
        const { subject } = located;
        const { verdict, by: relation } = engine.rights(spec.action, actor, subject);
        if (verdict !== 'allowed') throw new Refusal(verdictCode(verdict));
        const permitted = permit(writes);
        const rows = [{ ...entry, subject, relation, outcome: 'done' as const, code: null }];
        const work: Work = {
          ...permitted,
          now,
          actor,
          mailDomain: engine.mailDomain,
          newId: () => newId(now),
          also(other, action = spec.action) {
            const ruling = engine.rights(action, actor, other);
            if (ruling.verdict !== 'allowed') throw new Refusal(verdictCode(ruling.verdict));
            rows.push({ ...entry, action, subject: other, relation: ruling.by, outcome: 'done', code: null });
          },
          send: (message) => {
            sent = true;
            return queueMessage(writes, message, now, engine.mailDomain);
          },
        };
        const result = await spec.run(work, located.open(permitted));
        if (!result.ok) throw new Refusal(result.code);
        await write(writes, rows);
        return result;
      }),
    );
    if (sent) engine.wake();
    return decision;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const subject = (located as Located<C> | null)?.subject ?? null;
    await engine.audit.record({ ...entry, subject, relation: null, outcome: 'refused', code: error.code });
    return { ok: false, code: error.code };
  }
}

/**
 * Runs an act that makes something before its transaction, and once more when what that rests on changed meanwhile.
 */
export async function againIfBeaten<T>(act: () => Promise<Decision<T>>): Promise<Decision<T>> {
  const first = await act();
  return !first.ok && first.code === 'changed_by_someone_else' ? act() : first;
}

/**
 * `command()`'s twin for pages about a case: permission, one read, one audit row. What cannot be logged is not shown.
 * `continues`: this reads on in a page whose opening was logged, so that a page that keeps itself fresh is one look.
 */
export async function view<C, T>(
  engine: Engine,
  caller: Caller,
  spec: {
    action: Action;
    locate(reads: Reads): Promise<Located<C> | null>;
    read(reads: CaseReads, found: C, now: IsoInstant): Promise<T>;
    continues?: boolean;
  },
): Promise<Decision<T>> {
  const now = engine.clock.now();
  const { reads } = engine.database;
  const located = await spec.locate(reads);
  const subject = located?.subject ?? null;
  const { actor, reference, origin = null } = caller;
  const entry = { action: spec.action, actor, subject, reference, origin, at: now };
  const ruling = subject && engine.rights(spec.action, actor, subject);
  if (!located || ruling?.verdict !== 'allowed') {
    const code = verdictCode(ruling?.verdict === 'forbidden' ? 'forbidden' : 'hidden');
    await engine.audit.record({ ...entry, relation: null, outcome: 'refused', code });
    return { ok: false, code };
  }
  const permitted = permit(reads);
  const [value] = await Promise.all([
    spec.read(permitted, located.open(permitted), now),
    spec.continues || engine.audit.record({ ...entry, relation: ruling.by, outcome: 'seen', code: null }),
  ]);
  return { ok: true, value };
}
