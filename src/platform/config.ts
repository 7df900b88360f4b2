import { randomBytes } from 'node:crypto';
import { accessSync, constants, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { z } from 'zod';

/** Settings as the rest of the house reads them. The environment is read here and nowhere else. */
export type Config = {
  port: number;
  host: string;
  baseUrl: string;
  dataDir: string;
  /** `sqlite:<absolute path>` or `postgres://…`. */
  databaseUrl: string;
  demo: boolean;
  smtpUrl: string | null;
  mailFrom: string;
  linkKey: Buffer;
  dataKey: Buffer;
  videoUrlTemplate: string | null;
  /** Where people sign in; null where only the demo is open. */
  oidc: { issuer: string; clientId: string; clientSecret: string | null; acr: string | null } | null;
  role: 'all' | 'web' | 'worker';
  /** Whether the proxy in front tells whom a request came from. */
  trustProxy: boolean;
  /** Whether the person sees the names of those in the log, beside unit and role: the authority's rule. */
  logNames: boolean;
  logLevel: string;
};

/** The settings are wrong; `problems` names each variable, never its value. */
export class ConfigError extends Error {
  readonly problems: string[];
  constructor(problems: string[]) {
    super(problems.join('\n'));
    this.problems = problems;
  }
}

const url = (...protocols: string[]) =>
  z.string().refine((text) => URL.canParse(text) && protocols.includes(new URL(text).protocol), {
    message: `must be a URL that starts with ${protocols.join(' or ')}`,
  });
const onOff = z.enum(['on', 'off']);
const key = z
  .string()
  .transform((text) => Buffer.from(text, /^[0-9a-f]{64}$/i.test(text) ? 'hex' : 'base64'))
  .refine((bytes) => bytes.length === 32, { message: 'must be 32 bytes, as 64 hexadecimal digits or base64' });

const environment = z.object({
  NODE_ENV: z.string().optional(),
  PORT: z
    .string()
    .regex(/^\d{1,5}$/, { message: 'must be a port number' })
    .transform(Number)
    .refine((port) => port <= 65_535, { message: 'must be a port number' })
    .default(3000),
  HOST: z
    .string()
    .regex(/^[A-Za-z0-9.:%_-]+$/, { message: 'must be a host name or an address' })
    .default('127.0.0.1'),
  // Paths are the product's own: one in front of them would be lost from every link.
  BASE_URL: url('http:', 'https:')
    .refine((text) => !URL.canParse(text) || /^\w+:\/\/[^/?#]+\/?$/.test(text), { message: 'must have no path' })
    .optional(),
  DATA_DIR: z.string().min(1).default('./data'),
  DATABASE_URL: z
    .string()
    .refine(
      (text) => (/^postgres(ql)?:\/\//.test(text) ? URL.canParse(text) : text.startsWith('sqlite:') && text.length > 7),
      {
        message: 'must be sqlite:<path> or postgres://…',
      },
    )
    .transform((text) => text.replace(/^sqlite:(.+)$/s, (_, path: string) => `sqlite:${resolve(path)}`))
    .optional(),
  DEMO: onOff.optional(),
  SMTP_URL: url('smtp:', 'smtps:').optional(),
  MAIL_FROM: z
    .string()
    .regex(/^[^\s@<>"+,;:]+@[^\s@<>",;:]+$/, { message: 'must be a plain address without +' })
    .default('moten@localhost'),
  IMAP_URL: url('imap:', 'imaps:').optional(),
  OIDC_ISSUER: url('http:', 'https:').optional(),
  OIDC_CLIENT_ID: z.string().min(1).optional(),
  OIDC_CLIENT_SECRET: z.string().min(1).optional(),
  OIDC_ACR: z.string().min(1).optional(),
  LINK_KEY: key.optional(),
  DATA_KEY: key.optional(),
  VIDEO_URL_TEMPLATE: url('https:')
    .refine((text) => text.includes('{room}'), { message: 'must contain {room}' })
    .optional(),
  ROLE: z.enum(['all', 'web', 'worker']).default('all'),
  TRUST_PROXY: onOff.default('off'),
  LOG_NAMES: onOff.default('off'),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
});

/** Keys made at the first start and kept in `DATA_DIR/keys` (0600). Two first starts at once end with the same keys. */
function keptKeys(dataDir: string): { LINK_KEY: Buffer; DATA_KEY: Buffer } {
  const file = join(dataDir, 'keys');
  const mine = join(dataDir, `.keys-${process.pid}`);
  const made = `LINK_KEY=${randomBytes(32).toString('hex')}\nDATA_KEY=${randomBytes(32).toString('hex')}\n`;
  writeFileSync(mine, made, { mode: 0o600 });
  try {
    linkSync(mine, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(mine, { force: true });
  }
  const kept = Object.fromEntries(
    readFileSync(file, 'utf8')
      .split('\n')
      .map((line) => line.split('=')),
  );
  const keys = z.object({ LINK_KEY: key, DATA_KEY: key }).safeParse(kept);
  if (!keys.success) throw new ConfigError(['DATA_DIR: the keys kept in it are damaged']);
  return keys.data;
}

/** Reads and checks the environment. @throws ConfigError naming every variable that is wrong or missing. */
export function readConfig(env: Record<string, string | undefined>): Config {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''));
  const parsed = environment.safeParse(given);
  if (!parsed.success) {
    throw new ConfigError(parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`));
  }
  const e = parsed.data;
  const production = e.NODE_ENV === 'production';
  const demo = (e.DEMO ?? (production ? 'off' : 'on')) === 'on';
  if (production) {
    const missing = (['OIDC_ISSUER', 'LINK_KEY', 'DATA_KEY', 'SMTP_URL'] as const)
      .filter((name) => e[name] === undefined)
      .map((name) => `${name}: must be set when NODE_ENV=production`);
    if (!e.BASE_URL?.startsWith('https:'))
      missing.push('BASE_URL: must be set to an https address when NODE_ENV=production');
    if (e.OIDC_ISSUER && !/^https:|^http:\/\/(localhost|127\.0\.0\.1|\[::1\])[:/]/.test(new URL(e.OIDC_ISSUER).href))
      missing.push('OIDC_ISSUER: must be an https address when NODE_ENV=production');
    if (demo) missing.push('DEMO: must be off when NODE_ENV=production');
    if (missing.length > 0) throw new ConfigError(missing);
  }
  const dataDir = resolve(e.DATA_DIR);
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    accessSync(dataDir, constants.W_OK);
  } catch {
    throw new ConfigError(['DATA_DIR: must be a folder that can be written to']);
  }
  const kept = e.LINK_KEY && e.DATA_KEY ? null : keptKeys(dataDir);
  const baseUrl = new URL(e.BASE_URL ?? `http://localhost:${e.PORT}`).origin;
  return {
    port: e.PORT,
    host: e.HOST,
    baseUrl,
    dataDir,
    databaseUrl: e.DATABASE_URL ?? `sqlite:${join(dataDir, 'samsyn.db')}`,
    demo,
    smtpUrl: e.SMTP_URL ?? null,
    mailFrom: e.MAIL_FROM,
    linkKey: (e.LINK_KEY ?? kept?.LINK_KEY) as Buffer,
    dataKey: (e.DATA_KEY ?? kept?.DATA_KEY) as Buffer,
    videoUrlTemplate: e.VIDEO_URL_TEMPLATE ?? null,
    // In the Swedish federations a client is called by its address.
    oidc: e.OIDC_ISSUER
      ? {
          issuer: new URL(e.OIDC_ISSUER).href,
          clientId: e.OIDC_CLIENT_ID ?? baseUrl,
          clientSecret: e.OIDC_CLIENT_SECRET ?? null,
          acr: e.OIDC_ACR ?? null,
        }
      : null,
    role: e.ROLE,
    trustProxy: e.TRUST_PROXY === 'on',
    logNames: e.LOG_NAMES === 'on',
    logLevel: e.LOG_LEVEL,
  };
}
