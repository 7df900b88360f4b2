/** What differs between databases, in one place. */

/** Which rule of the schema an error broke; null for any other error. */
export function brokenRule(error: unknown): 'unique' | 'check' | 'foreign_key' | 'not_null' | null {
  const message = error instanceof Error ? error.message : '';
  if (!message.startsWith('SQLITE_CONSTRAINT')) return null;
  if (message.includes('UNIQUE')) return 'unique';
  if (message.includes('CHECK')) return 'check';
  if (message.includes('FOREIGN KEY')) return 'foreign_key';
  return message.includes('NOT NULL') ? 'not_null' : null;
}

/** Whether the database could not be reached or could not write, and trying again later may help. */
export function databaseIsAway(error: unknown): boolean {
  const code = error instanceof Error ? (error as { code?: unknown }).code : null;
  return typeof code === 'string' && /^SQLITE_(BUSY|LOCKED|CANTOPEN|FULL|IOERR|READONLY|MISUSE)/.test(code);
}
