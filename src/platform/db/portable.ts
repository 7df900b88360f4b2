/** What differs between databases, in one place: how they say what went wrong. */

const codeOf = (error: unknown): string => {
  const code = error instanceof Error ? (error as { code?: unknown }).code : null;
  return typeof code === 'string' ? code : '';
};

/** SQLSTATE class 23 (PostgreSQL, appendix A). */
const brokenRules = { '23505': 'unique', '23514': 'check', '23503': 'foreign_key', '23502': 'not_null' } as const;

/** Which rule of the schema an error broke; null for any other error. */
export function brokenRule(error: unknown): 'unique' | 'check' | 'foreign_key' | 'not_null' | null {
  const known = brokenRules[codeOf(error) as keyof typeof brokenRules];
  if (known) return known;
  const message = error instanceof Error ? error.message : '';
  if (!message.startsWith('SQLITE_CONSTRAINT')) return null;
  if (message.includes('UNIQUE')) return 'unique';
  if (message.includes('CHECK')) return 'check';
  if (message.includes('FOREIGN KEY')) return 'foreign_key';
  return message.includes('NOT NULL') ? 'not_null' : null;
}

/**
 * Whether a transaction failed only because another one was at work, so that it may succeed when run again from its
 * start: serialization failure, deadlock, and on PostgreSQL a broken uniqueness, which can stand for the first
 * (manual 13.5 "Serialization Failure Handling").
 */
export function lostARace(error: unknown): boolean {
  return ['40001', '40P01', '23505'].includes(codeOf(error));
}

/** SQLite's codes; PostgreSQL's classes of lost connections, missing resources, time-outs and shutdown; Node's for the network. */
const away =
  /^(SQLITE_(BUSY|LOCKED|CANTOPEN|FULL|IOERR|READONLY|MISUSE)|08|25006|53|55P03|57014|57P0|58|40001|40P01|XX00[12]|E(CONN|PIPE|TIMEDOUT|HOSTUNREACH|NETUNREACH|NOTFOUND|AI_AGAIN))/;
/** What pg says without a code. */
const awayWords =
  /^(Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error|Client was closed)/;

/** Whether the database could not be reached or could not write, and trying again later may help. */
export function databaseIsAway(error: unknown): boolean {
  return away.test(codeOf(error)) || (error instanceof Error && awayWords.test(error.message));
}
