import { tendReviews } from './features/approval/commands.ts';
import { tendReminders } from './features/invitation/reminder/commands.ts';
import { keepLog } from './features/log/commands.ts';
import { tendPolls } from './features/meeting/poll/commands.ts';
import { tendMeasures } from './features/plan/reminder/commands.ts';
import { releaseHolds } from './features/request/commands.ts';
import type { Engine } from './platform/command.ts';
import { eachInTurn } from './platform/groups.ts';
import { faultOf, type Log } from './platform/log.ts';
import type { MailTransport } from './platform/mail/transport.ts';
import { createSender, type MessageKind } from './platform/outbox/worker.ts';
import { sweepRates } from './platform/web/rate.ts';
import { sweepSessions } from './platform/web/session.ts';

const tickMs = 1_000;
const sweepMs = 60_000;

/** What is seen to every minute. */
export const chores: ((engine: Engine) => Promise<unknown>)[] = [
  releaseHolds,
  keepLog,
  tendPolls,
  tendReminders,
  tendMeasures,
  tendReviews,
  ({ database, clock }) => sweepSessions(database, clock.now()),
  ({ database, clock }) => sweepRates(database, clock.now()),
];

export type Worker = { wake(): void; stop(): Promise<void> };

/** Sends what is queued, at once when woken and otherwise every second; every minute ends holds, reminds, ends old sessions and counts, and keeps the log. */
export function startWorker(
  engine: Engine,
  transport: MailTransport,
  kinds: Record<string, MessageKind>,
  log: Log,
): Worker {
  const sender = createSender(engine, transport, kinds, log, () => wake());
  let stopping = false;
  let running: Promise<void> | null = null;
  let again = false;
  let sweptAt = Number.NEGATIVE_INFINITY;

  async function round(): Promise<void> {
    do {
      again = false;
      try {
        if ((await sender.take()) > 0) again = true;
        if (performance.now() - sweptAt > sweepMs && !stopping) {
          sweptAt = performance.now();
          await eachInTurn(chores, (chore) => chore(engine));
        }
      } catch (error) {
        log.error({ event: 'worker', ...faultOf(error) }, 'worker round failed');
        // The next tick tries again.
        again = false;
      }
    } while (again && !stopping);
  }

  function wake(): void {
    again = true;
    if (stopping || running) return;
    running = round().finally(() => {
      running = null;
      if (again) wake();
    });
  }

  const timer = setInterval(wake, tickMs);
  wake();
  return {
    wake,
    async stop() {
      stopping = true;
      clearInterval(timer);
      await running;
      await sender.idle();
    },
  };
}
