import { navigation, rights } from './features/account/rules.ts';
import { askedClaims, askedScopes, levelsFrom } from './features/account/sign-in/rules.ts';
import { createVault } from './kernel/vault.ts';
import { createAuditLog } from './platform/audit/audit.ts';
import { beginLog } from './platform/audit/checkpoint.ts';
import { headsFolder, openHeadFile } from './platform/audit/heads.ts';
import { type Clock, systemClock } from './platform/clock.ts';
import type { Config } from './platform/config.ts';
import { openDatabase } from './platform/db/database.ts';
import type { House } from './platform/house.ts';
import { createIdentityProvider } from './platform/identity/provider.ts';
import { createLog, faultOf, type LogTarget } from './platform/log.ts';
import { createMetrics } from './platform/metrics.ts';
import { createRenderer, viewsDir } from './platform/web/render.ts';
import { createReplies } from './platform/web/reply.ts';
import { loadTexts } from './platform/web/text.ts';

const beatMs = 60 * 60_000;

/** Builds everything a process shares, on a migrated database. The caller connects the worker with `onWake`. */
export async function openHouse(
  config: Config,
  options: { clock?: Clock; logTo?: LogTarget } = {},
): Promise<{ house: House; onWake(wake: () => void): void; close(): Promise<void> }> {
  const metrics = createMetrics();
  const log = createLog(config.logLevel, metrics.error, options.logTo);
  const vault = createVault(config.dataKey);
  const database = await openDatabase(config.databaseUrl, vault);
  await database.migrate();
  const clock = options.clock ?? systemClock;
  const heads = openHeadFile(headsFolder(config.dataDir), vault, (error) =>
    log.error({ event: 'log_heads', ...faultOf(error) }, 'the head of a chain was not kept'),
  );
  await beginLog(database, heads, clock.now());
  // What the log's chains end in, for whoever keeps this output: a third place, apart from database and disk.
  const beating = setInterval(() => {
    void heads.beat();
    log.info({ event: 'log_heads', heads: heads.heads() });
  }, beatMs).unref();
  const texts = loadTexts(`${viewsDir}text`);
  const renderer = createRenderer({ viewsDir, texts });
  const contact = { phone: texts.t('authority.phone'), address: texts.t('authority.address') };
  const identity =
    config.oidc &&
    createIdentityProvider({
      ...config.oidc,
      acrValues: levelsFrom(config.oidc.acr),
      redirectUri: `${config.baseUrl}/logga-in/oidc/svar`,
      signedOutUri: `${config.baseUrl}/logga-ut/klar`,
      scopes: askedScopes,
      claims: askedClaims,
      clock,
      log,
    });
  let wake = () => {};
  const house: House = {
    config,
    texts,
    renderer,
    log,
    metrics,
    identity,
    contact,
    engine: {
      database,
      audit: createAuditLog(database, heads),
      heads,
      clock,
      rights,
      mailDomain: new URL(config.baseUrl).hostname,
      wake: () => wake(),
    },
    reply: createReplies({
      renderer,
      texts,
      demo: config.demo,
      phone: contact.phone,
      secure: config.baseUrl.startsWith('https:'),
      navigation,
    }),
  };
  return {
    house,
    onWake: (given) => {
      wake = given;
    },
    async close() {
      clearInterval(beating);
      await database.close();
      heads.close();
    },
  };
}
