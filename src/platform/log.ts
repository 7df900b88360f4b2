import pino, { type Logger } from 'pino';

export type Log = Logger;

const errorRank = pino.levels.values.error ?? 50;

/**
 * One JSON line per event on standard output: route patterns, codes, ids, durations. Never a path, a query,
 * a name, an address or an error's own message, since a driver's message may quote what was typed. `onError` is told
 * the event of every line that is an error.
 */
export function createLog(level: string, onError: (event: string) => void = () => {}): Log {
  return pino({
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    hooks: {
      logMethod(given, method, rank) {
        if (rank >= errorRank) onError(String((given[0] as { event?: unknown })?.event ?? 'other'));
        method.apply(this, given);
      },
    },
  });
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
