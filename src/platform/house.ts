import type { Engine } from './command.ts';
import type { Config } from './config.ts';
import type { IdentityProvider } from './identity/provider.ts';
import type { Log } from './log.ts';
import type { Metrics } from './metrics.ts';
import type { Renderer } from './web/render.ts';
import type { Replies } from './web/reply.ts';
import type { Texts } from './web/text.ts';

/** Everything a feature's routes are handed. `contact` is what public pages say about reaching the authority. */
export type House = {
  config: Config;
  engine: Engine;
  texts: Texts;
  renderer: Renderer;
  reply: Replies;
  log: Log;
  metrics: Metrics;
  /** Null where nobody signs in with an e-ID. */
  identity: IdentityProvider | null;
  contact: { phone: string; address: string };
};
