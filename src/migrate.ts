import { createVault } from './kernel/vault.ts';
import { readConfig } from './platform/config.ts';
import { openDatabase } from './platform/db/database.ts';

/** Brings the database up to date and ends: for a deployment that migrates before it starts. */
const config = readConfig(process.env);
const database = await openDatabase(config.databaseUrl, createVault(config.dataKey));
await database.migrate();
await database.close();
