import { setTimeout as pause } from 'node:timers/promises';
import { addMinutes, type IsoInstant } from '../../kernel/time.ts';
import type { Engine } from '../command.ts';
import type { Reads, Writes } from '../db/database.ts';
import { databaseIsAway } from '../db/portable.ts';
import { inGroups } from '../groups.ts';
import { faultOf, type Log } from '../log.ts';
import { MailError, type MailTransport, type OutgoingMail } from '../mail/transport.ts';
import {
  claimMessages,
  extendLeases,
  markSent,
  markUnsent,
  markWithdrawn,
  type OutboxRow,
  pauseAfter,
} from './outbox.ts';

/** How one kind of message becomes a mail, and what follows from its fate. src/messages.ts makes these. */
export type MessageKind = {
  render(row: OutboxRow): OutgoingMail;
  /**
   * Whether it is still worth sending, asked as late as can be: in the moment before, and before it would be tried again.
   * Without this it always is. Facts instead of a yes: those of its own that still are right, which it is then made from.
   */
  stands?(reads: Reads, row: OutboxRow, now: IsoInstant): Promise<boolean | object>;
  /** Runs in the transaction that records the outcome, which these messages share. */
  settled?(writes: Writes, rows: OutboxRow[], outcome: 'sent' | 'failed', now: IsoInstant): Promise<void>;
};

export type Sender = {
  /** Starts sending what is due, as far as there is room. Resolves with how many it took. */
  take(): Promise<number>;
  /** Resolves when one of the messages under way has ended; at once when there is none. */
  progress(): Promise<unknown>;
  /** Resolves when nothing is under way. */
  idle(): Promise<unknown>;
};

const leaseMinutes = 2;
const leaseRenewedMs = 60_000;
const recordAgainMs = 1_000;
/** Messages under way at once: enough that their records share commits, few enough for the mail server's pool. */
const mostUnderWay = 50;

type Sent = { row: OutboxRow; sha256: string };
/** Not sent; `again` is when to try next, null when it is given up. */
type Unsent = { row: OutboxRow; again: IsoInstant | null; code: string };
/** Not sent, since it had become pointless. */
type Withdrawn = { row: OutboxRow; withdrawn: true };
type Outcome = Sent | Unsent | Withdrawn;
const isSent = (outcome: Outcome): outcome is Sent => 'sha256' in outcome;
const isWithdrawn = (outcome: Outcome): outcome is Withdrawn => 'withdrawn' in outcome;

/**
 * Sends messages side by side and records each one's fate as soon as it is known. A crash between the server's yes and
 * that record sends the message again when its lease ends, with the same Message-ID: at least once, never silently not
 * at all. `onEnd` is told whenever one has ended, so that the next of its stream may leave.
 */
export function createSender(
  engine: Engine,
  transport: MailTransport,
  kinds: Record<string, MessageKind>,
  log: Log,
  onEnd: () => void = () => {},
): Sender {
  const { database, clock } = engine;
  const underWay = new Map<string, Promise<void>>();
  const record = inGroups((outcomes: Outcome[]) => recordAll(outcomes), mostUnderWay);

  async function take(): Promise<number> {
    const room = mostUnderWay - underWay.size;
    if (room === 0) return 0;
    const now = clock.now();
    const rows = await database.claim((w) => claimMessages(w, now, addMinutes(now, leaseMinutes), room));
    for (const row of rows) {
      const sending = deliver(row).finally(() => {
        underWay.delete(row.id);
        onEnd();
      });
      underWay.set(row.id, sending);
    }
    return rows.length;
  }

  async function deliver(row: OutboxRow): Promise<void> {
    const renewal = setInterval(() => {
      const until = addMinutes(clock.now(), leaseMinutes);
      database.claim((w) => extendLeases(w, [row.id], until)).catch((error) => fault(row, error, 'lease not renewed'));
    }, leaseRenewedMs);
    let outcome = await attempt(row);
    // What comes after it in its stream would wait for a second try that is not to be.
    if ('again' in outcome && !(await stands(row).catch(() => true))) outcome = { row, withdrawn: true };
    while (!(await isRecorded(outcome))) await pause(recordAgainMs);
    clearInterval(renewal);
  }

  async function attempt(row: OutboxRow): Promise<Outcome> {
    try {
      const kind = kinds[row.kind];
      if (!kind) throw new MailError(true, 'unknown_kind');
      const standing = await stands(row);
      if (standing === false) return { row, withdrawn: true };
      const facts = standing === true ? row.facts : { ...standing };
      const { sha256 } = await transport.send(kind.render({ ...row, facts }));
      return { row, sha256 };
    } catch (error) {
      const permanent = error instanceof MailError && error.permanent;
      const code = error instanceof MailError ? error.code : faultOf(error).fault;
      const minutes = permanent ? null : pauseAfter(row.attempts);
      log.warn({ event: 'mail', outbox: row.id, attempts: row.attempts, code, again: minutes }, 'mail not sent');
      if (!(error instanceof MailError)) fault(row, error, 'mail could not be made');
      return { row, again: minutes === null ? null : addMinutes(clock.now(), minutes), code };
    }
  }

  const stands = async (row: OutboxRow): Promise<boolean | object> =>
    (await kinds[row.kind]?.stands?.(database.reads, row, clock.now())) ?? true;

  const recordAll = (outcomes: Outcome[]): Promise<void> =>
    database.transaction(async (writes) => {
      const at = clock.now();
      const ours = await markSent(writes, outcomes.filter(isSent), at);
      const sent = outcomes.flatMap(({ row }) => (ours.has(row.id) ? [row] : []));
      const failed: OutboxRow[] = [];
      for (const outcome of outcomes) {
        if (!('again' in outcome)) continue;
        const noted = await markUnsent(writes, outcome.row, outcome.again, outcome.code);
        if (noted && outcome.again === null) failed.push(outcome.row);
      }
      await markWithdrawn(
        writes,
        outcomes.filter(isWithdrawn).map(({ row }) => row),
      );
      for (const [kind, rows] of Map.groupBy(sent, kindOf)) await kind?.settled?.(writes, rows, 'sent', at);
      for (const [kind, rows] of Map.groupBy(failed, kindOf)) await kind?.settled?.(writes, rows, 'failed', at);
    });
  const kindOf = (row: OutboxRow) => kinds[row.kind];

  /** False while the database is away: what a mail server has taken must not be forgotten for that. */
  async function isRecorded(outcome: Outcome): Promise<boolean> {
    try {
      await record(outcome);
    } catch (error) {
      fault(outcome.row, error, 'fate not recorded');
      if (databaseIsAway(error)) return false;
      // Something in its group cannot be recorded; perhaps it is another.
      await recordAll([outcome]).catch(() => recordBare(outcome));
    }
    return true;
  }

  /** What follows from a sent message may fail; that it was sent must not. Of any other the lease ends. */
  async function recordBare(outcome: Outcome): Promise<void> {
    if (!isSent(outcome)) return;
    await database
      .transaction((writes) => markSent(writes, [outcome], clock.now()))
      .catch((error) => fault(outcome.row, error, 'sent, and not recorded'));
  }

  function fault(row: OutboxRow, error: unknown, what: string): void {
    log.error({ event: 'mail', outbox: row.id, ...faultOf(error) }, what);
  }

  return {
    take,
    progress: () => (underWay.size === 0 ? Promise.resolve() : Promise.race(underWay.values())),
    idle: async () => {
      while (underWay.size > 0) await Promise.all(underWay.values());
    },
  };
}

/** Sends until nothing is due and nothing is under way, or `stopping` says so. */
export async function sendDueMessages(
  engine: Engine,
  transport: MailTransport,
  kinds: Record<string, MessageKind>,
  log: Log,
  stopping: () => boolean,
): Promise<void> {
  let ended = false;
  const sender = createSender(engine, transport, kinds, log, () => {
    ended = true;
  });
  while (!stopping()) {
    ended = false;
    const took = await sender.take();
    if (took === 0 && !ended) {
      await sender.progress();
      if (!ended) break;
    }
  }
  await sender.idle();
}
