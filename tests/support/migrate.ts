import { createVault } from '../../src/kernel/vault.ts';
import { openDatabase } from '../../src/platform/db/database.ts';

/** Migrates the SQLite file named on the command line, as a starting process does. */
const database = await openDatabase(process.argv[2] as string, createVault(Buffer.alloc(32, 1)));
await database.migrate();
if (!(await database.ready())) throw new Error('not migrated');
await database.close();
