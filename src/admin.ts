import { createInterface } from 'node:readline/promises';
import { makeFirstAdministrator } from './features/account/administration/commands.ts';
import { readPerson } from './features/account/administration/input.ts';
import { rights } from './features/account/rules.ts';
import { stockholmDate } from './kernel/time.ts';
import { createAuditLog } from './platform/audit/audit.ts';
import { openHeadFile } from './platform/audit/heads.ts';
import { systemClock } from './platform/clock.ts';
import { readConfig } from './platform/config.ts';
import { Refused } from './platform/db/rows.ts';
import { needMigrated, runTool } from './tool.ts';

/**
 * Makes somebody administrator where there is none: asks, a line each, for the organisation, the name, and the personal
 * number or HSA-id by which they will sign in. They are typed or piped, so that no list of processes shows them.
 */
await runTool('admin', async ({ database, headsFolder, keys, say }) => {
  await needMigrated(database);
  const { oidc, baseUrl } = readConfig(process.env);
  if (!oidc) throw new Refused('OIDC_ISSUER: must be set, so that whoever is made administrator can sign in.');
  const answers: string[] = [];
  const lines = createInterface({ input: process.stdin });
  const questions = ['tool.admin.organisation', 'tool.admin.name', 'tool.admin.key'];
  say(questions[0] as string);
  for await (const line of lines) {
    const next = questions[answers.push(line)];
    if (next === undefined) break;
    say(next);
  }
  const [organisation = '', name = '', key = ''] = answers.map((line) => line.trim());
  const now = systemClock.now();
  const person = readPerson({ name, [/^SE/i.test(key) ? 'hsaId' : 'number']: key }, true, stockholmDate(now));
  if (!person.ok || organisation === '') {
    say('tool.admin.wrong');
    return false;
  }
  const heads = openHeadFile(headsFolder, keys.vault);
  const log = { audit: createAuditLog(database, heads), heads };
  const engine = { database, ...log, clock: systemClock, rights, mailDomain: '', wake() {} };
  const caller = { actor: { kind: 'worker' } as const, reference: 'admin' };
  const made = await makeFirstAdministrator(engine, caller, organisation, person.value, oidc.issuer);
  heads.close();
  say(made.ok ? 'tool.admin.made' : `tool.admin.${made.code}`, { url: `${baseUrl}/logga-in` });
  return made.ok;
});
