import { createHash } from 'node:crypto';
import { addMinutes, type IsoInstant } from '../../kernel/time.ts';
import type { Engine } from '../command.ts';
import type { Writes } from '../db/database.ts';
import { faultOf, type Log } from '../log.ts';
import { MailError, type MailTransport, type OutgoingMail } from '../mail/transport.ts';
import { claimMessage, markSent, markUnsent, type OutboxRow, pauseAfter } from './outbox.ts';

/** How one kind of message becomes a mail, and what follows from its fate. src/messages.ts makes these. */
export type MessageKind = {
  render(row: OutboxRow): OutgoingMail;
  /** Runs in the transaction that records the outcome. */
  settled?(writes: Writes, row: OutboxRow, outcome: 'sent' | 'failed', now: IsoInstant): Promise<void>;
};

const leaseMinutes = 2;

/**
 * Sends what is due until nothing is. A crash between the server's yes and `markSent` sends the message again
 * when the lease ends, with the same Message-ID: at least once, never silently not at all.
 */
export async function sendDueMessages(
  engine: Engine,
  transport: MailTransport,
  kinds: Record<string, MessageKind>,
  log: Log,
  stopping: () => boolean,
): Promise<void> {
  while (!stopping()) {
    const now = engine.clock.now();
    const row = await engine.database.transaction((w) => claimMessage(w, now, addMinutes(now, leaseMinutes)));
    if (!row) return;
    const kind = kinds[row.kind];
    try {
      if (!kind) throw new MailError(true, 'unknown_kind');
      const mail = kind.render(row);
      await transport.send(mail);
      const at = engine.clock.now();
      const sha256 = createHash('sha256')
        .update(mail.calendar?.content ?? mail.text)
        .digest('hex');
      await engine.database
        .transaction(async (w) => {
          if (await markSent(w, row, at, sha256)) await kind.settled?.(w, row, 'sent', at);
        })
        .catch(async (error) => {
          // What follows from a sent message may fail; that it was sent must not be forgotten for that.
          log.error({ event: 'mail', outbox: row.id, ...faultOf(error) }, 'sent, but not settled');
          await engine.database.transaction((w) => markSent(w, row, at, sha256));
        });
    } catch (error) {
      const permanent = error instanceof MailError && error.permanent;
      const code = error instanceof MailError ? error.code : faultOf(error).fault;
      const pause = permanent ? null : pauseAfter(row.attempts);
      log.warn({ event: 'mail', outbox: row.id, attempts: row.attempts, code, again: pause }, 'mail not sent');
      if (!(error instanceof MailError)) log.error({ event: 'mail', ...faultOf(error) }, 'mail could not be made');
      const at = engine.clock.now();
      await engine.database.transaction(async (w) => {
        const noted = await markUnsent(w, row, pause === null ? null : addMinutes(at, pause), code);
        if (noted && pause === null) await kind?.settled?.(w, row, 'failed', at);
      });
    }
  }
}
