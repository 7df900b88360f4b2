import { readConfig } from '../../src/platform/config.ts';

/** Prints the keys that a process started with this environment uses. */
const { linkKey, dataKey } = readConfig(process.env);
process.stdout.write(`${linkKey.toString('hex')} ${dataKey.toString('hex')}`);
