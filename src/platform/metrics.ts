import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Reads } from './db/database.ts';
import { mailCounts } from './mail/counts.ts';
import { outboxState } from './outbox/outbox.ts';

/** What a process counts, for Prometheus. Labels are route patterns, methods, codes: never a path, an id or a name. */
export type Metrics = {
  request(route: string, method: string, status: number, seconds: number): void;
  /** Something that was logged as an error; `event` is the log line's own code. */
  error(event: string): void;
  /** The text of `GET /metrics`; what the database says is left out while it is away. */
  text(reads: Reads, now: string): Promise<string>;
  contentType: string;
};

export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  const requests = new Counter({
    name: 'samsyn_requests_total',
    help: 'Requests answered by this process',
    labelNames: ['route', 'method', 'status'],
    registers,
  });
  const seconds = new Histogram({
    name: 'samsyn_request_seconds',
    help: 'Time from a request to its answer',
    labelNames: ['route'],
    buckets: [0.005, 0.02, 0.1, 0.5, 2, 10],
    registers,
  });
  const errors = new Counter({
    name: 'samsyn_errors_total',
    help: 'Errors logged by this process',
    labelNames: ['event'],
    registers,
  });
  const up = new Gauge({ name: 'samsyn_database_up', help: '1 when the database answers', registers });
  const messages = new Gauge({
    name: 'samsyn_outbox_messages',
    help: 'Messages that wait to be sent, that wait for another try, and that were given up',
    labelNames: ['state'],
    registers,
  });
  const oldest = new Gauge({
    name: 'samsyn_outbox_oldest_seconds',
    help: 'Age of the oldest message that waits; 0 when none does',
    registers,
  });

  const replies = new Gauge({
    name: 'samsyn_replies_read',
    help: 'Mails read from the reply mailbox by all workers, by how they ended',
    labelNames: ['outcome'],
    registers,
  });

  return {
    request(route, method, status, took) {
      requests.inc({ route, method, status });
      seconds.observe({ route }, took);
    },
    error: (event) => errors.inc({ event }),
    contentType: registry.contentType,
    async text(reads, now) {
      const state = await outboxState(reads).catch(() => null);
      const read = await mailCounts(reads).catch(() => []);
      replies.reset();
      for (const { outcome, count } of read) replies.set({ outcome }, count);
      up.set(state ? 1 : 0);
      messages.reset();
      oldest.reset();
      if (state) {
        for (const name of ['queued', 'retrying', 'failed'] as const) messages.set({ state: name }, state[name]);
        oldest.set(state.oldest === null ? 0 : Math.max(0, (Date.parse(now) - Date.parse(state.oldest)) / 1000));
      }
      return registry.metrics();
    },
  };
}
