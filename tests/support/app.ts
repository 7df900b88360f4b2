import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createApp } from '../../src/app.ts';
import { type IsoInstant, instantOf } from '../../src/kernel/time.ts';
import { messageKinds } from '../../src/messages.ts';
import { openHouse } from '../../src/open-house.ts';
import { readConfig } from '../../src/platform/config.ts';
import { createMailTransport } from '../../src/platform/mail/transport.ts';
import { sendDueMessages } from '../../src/platform/outbox/worker.ts';
import { freshDatabase } from './database.ts';
import { demoDatabase } from './demo.ts';
import { guarded } from './guard.ts';

export const origin = 'http://localhost:3000';

/**
 * The whole product without a socket: an own database in a temporary folder, the demo accounts and cases,
 * a clock that tests can move.
 */
export async function openTestApp(
  options: { smtpUrl?: string; now?: IsoInstant; seed?: boolean; log?: 'trace'; env?: Record<string, string> } = {},
) {
  const dataDir = mkdtempSync(join(tmpdir(), 'samsyn-test-'));
  const config = readConfig({
    DATA_DIR: dataDir,
    DATABASE_URL: await (options.seed === false ? freshDatabase(dataDir) : demoDatabase(dataDir, options.now ?? null)),
    BASE_URL: origin,
    MAIL_FROM: 'moten@samsyn.example',
    LOG_LEVEL: options.log ?? 'silent',
    SMTP_URL: options.smtpUrl,
    ...options.env,
  });
  let now = options.now ?? null;
  const clock = { now: () => now ?? instantOf(Temporal.Now.instant()) };
  const logged: string[] = [];
  const { house, close } = await openHouse(config, { clock, logTo: { write: (line) => logged.push(line) } });
  const rendered = new Set<string>();
  const { page, body } = house.renderer;
  house.renderer.page = (name, model, shell) => {
    rendered.add(name);
    return page(name, guarded(model), guarded(shell));
  };
  house.renderer.body = (name, model) => {
    rendered.add(name);
    return body(name, guarded(model));
  };
  const app = createApp(house);
  const transport = createMailTransport({ smtpUrl: config.smtpUrl, mailDir: join(dataDir, 'mail') });

  /** A visitor with an own cookie jar, sending the headers that a browser sends. */
  function visitor(extra: Record<string, string> = {}) {
    const jar = new Map<string, string>();
    async function ask(path: string, init: RequestInit = {}): Promise<Response> {
      const headers = new Headers({ 'sec-fetch-site': 'same-origin', ...extra, ...(init.headers as object) });
      if (jar.size > 0) headers.set('cookie', [...jar].map((pair) => pair.join('=')).join('; '));
      const response = await app.request(`${origin}${path}`, { ...init, headers });
      for (const set of response.headers.getSetCookie()) {
        const [pair = ''] = set.split(';');
        const at = pair.indexOf('=');
        if (/max-age=0/i.test(set)) jar.delete(pair.slice(0, at));
        else jar.set(pair.slice(0, at), pair.slice(at + 1));
      }
      return response;
    }
    return {
      get: (path: string) => ask(path),
      head: (path: string) => ask(path, { method: 'HEAD' }),
      post: (path: string, fields: Record<string, string | string[]>) =>
        ask(path, {
          method: 'POST',
          headers: { origin },
          body: new URLSearchParams(
            Object.entries(fields).flatMap(([name, value]) => [value].flat().map((one) => [name, one])),
          ),
        }),
      patch: (path: string, json: object) =>
        ask(path, {
          method: 'PATCH',
          headers: { origin, 'content-type': 'application/json' },
          body: JSON.stringify(json),
        }),
      ask,
    };
  }

  return {
    app,
    house,
    /** Names of the templates that were rendered so far. */
    rendered,
    dataDir,
    /** Every line of the log, where it is asked for. */
    logged,
    visitor,
    async signIn(account: string) {
      const user = visitor();
      const response = await user.post('/logga-in/demo', { account });
      if (response.status !== 303) throw new Error(`sign-in as ${account}: ${response.status}`);
      return user;
    },
    setClock(instant: IsoInstant) {
      now = instant;
    },
    /** Sends everything that is due. */
    deliver: () => sendDueMessages(house.engine, transport, messageKinds(house), house.log, () => false),
    async close() {
      await transport.close();
      await close();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

export type TestApp = Awaited<ReturnType<typeof openTestApp>>;

/** A request that the form accepts; invented, with numbers from the list that may be used. */
export const goodRequest = {
  requesterName: 'Nils Vester',
  requesterRole: 'ARBG',
  requesterEmail: 'nils.vester@exempel.example',
  individualName: 'Tove Ask',
  individualNumber: '20120129-2388',
  kind: 'unsure',
  purpose: 'Komma överens om nästa steg.',
  consent: 'yes',
};
