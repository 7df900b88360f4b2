import type { ServerOptions } from 'node:http';

/** A phone on a poor line sends the largest form within this; whoever takes longer is holding on to a place. */
const patienceMs = 30_000;

/** Limits of the HTTP server: headers and then the whole request must have come in time, or it answers 408 and hangs up. */
export const socketLimits = (requestTimeout = patienceMs): ServerOptions => ({
  requestTimeout,
  headersTimeout: requestTimeout / 2,
  connectionsCheckingInterval: requestTimeout / 6,
});
