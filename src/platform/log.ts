import pino, { type DestinationStream, type Logger, type LoggerOptions } from 'pino';

export type Log = Logger;
export type LogTarget = DestinationStream;

const errorRank = pino.levels.values.error ?? 50;

/**
 * One JSON line per event, on standard output unless told otherwise: route patterns, codes, ids, durations. Never a path, a query,
 * a name, an address or an error's own message, since a driver's message may quote what was typed. `onError` is told
 * the event of every line that is an error.
 */
export function createLog(
  level: string,
  onError: (event: string) => void = () => {},
  target: LogTarget = pino.destination(1),
): Log {
  const options: LoggerOptions = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    hooks: {
      logMethod(given, method, rank) {
        if (rank >= errorRank) onError(String((given[0] as { event?: unknown })?.event ?? 'other'));
        method.apply(this, given);
      },
    },
  };
  return pino(options, target);
}

/** What may be logged about an unexpected error: its class, code and where it arose. */
export function faultOf(error: unknown): { fault: string; code: string | null; at: string[] } {
  if (!(error instanceof Error)) return { fault: typeof error, code: null, at: [] };
  const code = (error as { code?: unknown }).code;
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  return {
    fault: error.name,
    code: typeof code === 'string' ? code : null,
    at: frames.slice(0, 6).map((f) => f.trim()),
  };
}
