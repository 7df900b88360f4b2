import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ConfigError, readConfig } from '../../src/platform/config.ts';

const run = promisify(execFile);
const hexKey = 'ab'.repeat(32);
let home: string;

beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'samsyn-config-'));
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

const fresh = () => mkdtempSync(join(home, 'data-'));

function refusal(env: Record<string, string>): ConfigError {
  try {
    readConfig(env);
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return error as ConfigError;
  }
  throw new Error('it was accepted');
}
const variables = (error: ConfigError) => [...new Set(error.problems.map((problem) => problem.split(':')[0]))].sort();

test('defaults', () => {
  const dataDir = fresh();
  const { linkKey, dataKey, ...rest } = readConfig({ DATA_DIR: dataDir });
  expect(rest).toEqual({
    port: 3000,
    host: '127.0.0.1',
    baseUrl: 'http://localhost:3000',
    dataDir,
    databaseUrl: `sqlite:${join(dataDir, 'samsyn.db')}`,
    demo: true,
    smtpUrl: null,
    mailFrom: 'moten@localhost',
    videoUrlTemplate: null,
    oidc: null,
    role: 'all',
    trustProxy: false,
    logLevel: 'info',
  });
  expect([linkKey.length, dataKey.length]).toEqual([32, 32]);
  expect(linkKey.equals(dataKey)).toBe(false);
});

test.each<[Record<string, string>, Record<string, unknown>]>([
  [{ PORT: '8080' }, { port: 8080, baseUrl: 'http://localhost:8080' }],
  [
    { PORT: '8080', BASE_URL: 'https://moten.example/' },
    { port: 8080, baseUrl: 'https://moten.example' },
  ],
  [{ PORT: '' }, { port: 3000 }],
  [{ HOST: '::1' }, { host: '::1' }],
  [{ TRUST_PROXY: 'on' }, { trustProxy: true }],
  [{ HOST: '0.0.0.0' }, { host: '0.0.0.0' }],
  [{ DATABASE_URL: 'sqlite:/var/lib/samsyn/x.db' }, { databaseUrl: 'sqlite:/var/lib/samsyn/x.db' }],
  [{ DATABASE_URL: 'postgres://u:p@db.example/samsyn' }, { databaseUrl: 'postgres://u:p@db.example/samsyn' }],
  [{ DEMO: 'off' }, { demo: false }],
  [{ NODE_ENV: 'test' }, { demo: true }],
  [{ SMTP_URL: 'smtp://u:p@mail.example:587' }, { smtpUrl: 'smtp://u:p@mail.example:587' }],
  [
    { ROLE: 'worker', LOG_LEVEL: 'silent' },
    { role: 'worker', logLevel: 'silent' },
  ],
  [{ VIDEO_URL_TEMPLATE: 'https://v.example/{room}' }, { videoUrlTemplate: 'https://v.example/{room}' }],
  [
    { OIDC_ISSUER: 'https://id.example', BASE_URL: 'https://moten.example' },
    { oidc: { issuer: 'https://id.example/', clientId: 'https://moten.example', clientSecret: null, acr: null } },
  ],
  [
    { OIDC_ISSUER: 'http://localhost:1/a', OIDC_CLIENT_ID: 'b', OIDC_CLIENT_SECRET: 'c', OIDC_ACR: 'd' },
    { oidc: { issuer: 'http://localhost:1/a', clientId: 'b', clientSecret: 'c', acr: 'd' } },
  ],
  [{ LINK_KEY: hexKey }, { linkKey: Buffer.alloc(32, 0xab) }],
  [{ DATA_KEY: Buffer.alloc(32, 7).toString('base64') }, { dataKey: Buffer.alloc(32, 7) }],
])('%o gives %o', (env, expected) => {
  expect(readConfig({ DATA_DIR: fresh(), ...env })).toMatchObject(expected);
});

// Each value is one that nothing else in a message would contain.
const malformed: [name: string, ...values: string[]][] = [
  ['PORT', 'qqport', '70123', '-7', '80.25', '0x1F90', '8e3', '   '],
  ['HOST', 'qq host', 'http://qqhost', 'qqhost/x'],
  ['BASE_URL', 'qqbase', 'ftp://qqbase', 'localhost:3111', 'https://qq.example/below', 'https://qq.example/?q=1'],
  ['DATABASE_URL', 'qqdata', 'mysql://u:qqpass@h/d', 'postgres://u:qqpass@qq qq/d', 'postgresqq'],
  ['DEMO', 'qqyes', 'ON', 'true'],
  ['SMTP_URL', 'qqsmtp', 'https://u:qqpass@mail.example'],
  ['MAIL_FROM', 'qqfrom', 'qq <qq@qq.example>', 'qq+x@qq.example', 'qq@qq.example, qr@qq.example'],
  ['IMAP_URL', 'qqimap', 'smtp://u:qqpass@mail.example'],
  ['OIDC_ISSUER', 'qqissuer', 'ftp://qqissuer'],
  ['LINK_KEY', 'qqkey', hexKey.slice(2), `${hexKey}ff`],
  ['DATA_KEY', 'qqkey', 'qq'.repeat(32)],
  ['VIDEO_URL_TEMPLATE', 'https://qqvideo.example/x', 'http://qqvideo.example/{room}', 'qqvideo {room}'],
  ['ROLE', 'qqrole', 'All'],
  ['TRUST_PROXY', 'qqproxy', '1.2.3.4'],
  ['LOG_LEVEL', 'qqlevel', 'INFO'],
];
test.each(
  malformed.flatMap(([name, ...values]) => values.map((value) => [name, value] as const)),
)('%s=%s is refused by name, without the value', (name, value) => {
  const error = refusal({ DATA_DIR: fresh(), [name]: value });
  expect(variables(error)).toEqual([name]);
  for (const word of [value.trim(), 'qqpass'].filter((each) => each !== '')) expect(error.message).not.toContain(word);
});

test('every wrong variable is named at once', () => {
  expect(variables(refusal({ PORT: 'x', DEMO: 'x', LOG_LEVEL: 'x' }))).toEqual(['DEMO', 'LOG_LEVEL', 'PORT']);
});

test('a DATA_DIR that cannot be written to is named', () => {
  const file = join(fresh(), 'qqfile');
  writeFileSync(file, '');
  const kept: Record<string, string>[] = [{}, { LINK_KEY: hexKey, DATA_KEY: hexKey }];
  for (const keys of kept) {
    const error = refusal({ DATA_DIR: file, ...keys });
    expect(variables(error)).toEqual(['DATA_DIR']);
    expect(error.message).not.toContain('qqfile');
  }
});

describe('production', () => {
  const production = {
    NODE_ENV: 'production',
    OIDC_ISSUER: 'https://id.example',
    BASE_URL: 'https://moten.example',
    LINK_KEY: hexKey,
    DATA_KEY: 'cd'.repeat(32),
    SMTP_URL: 'smtps://mail.example',
  };

  test('starts with everything, and DEMO is off by default', () => {
    expect(readConfig({ ...production, DATA_DIR: fresh() })).toMatchObject({ demo: false });
  });

  test.each(['OIDC_ISSUER', 'BASE_URL', 'LINK_KEY', 'DATA_KEY', 'SMTP_URL'])('refuses without %s', (name) => {
    const dataDir = fresh();
    expect(variables(refusal({ ...production, DATA_DIR: dataDir, [name]: '' }))).toEqual([name]);
    expect(readdirSync(dataDir), 'no key is made').toEqual([]);
  });

  test.each([
    ['BASE_URL', 'http://moten.example'],
    ['DEMO', 'on'],
    ['OIDC_ISSUER', 'http://id.example'],
    ['OIDC_ISSUER', 'http://localhost.example'],
  ])('refuses %s=%s', (name, value) => {
    expect(variables(refusal({ ...production, DATA_DIR: fresh(), [name]: value }))).toEqual([name]);
  });

  test('names all that is missing at once', () => {
    expect(variables(refusal({ NODE_ENV: 'production', DEMO: 'on', DATA_DIR: fresh() }))).toEqual([
      'BASE_URL',
      'DATA_KEY',
      'DEMO',
      'LINK_KEY',
      'OIDC_ISSUER',
      'SMTP_URL',
    ]);
  });
});

describe('kept keys', () => {
  test('are made once, for the owner alone, and are the same at the second start', () => {
    const dataDir = join(fresh(), 'new', 'place');
    const first = readConfig({ DATA_DIR: dataDir });
    const bytes = readFileSync(join(dataDir, 'keys'));
    const second = readConfig({ DATA_DIR: dataDir });
    expect(readdirSync(dataDir)).toEqual(['keys']);
    expect(statSync(join(dataDir, 'keys')).mode & 0o777).toBe(0o600);
    expect(statSync(dataDir).mode & 0o777).toBe(0o700);
    expect(readFileSync(join(dataDir, 'keys')).equals(bytes)).toBe(true);
    expect([second.linkKey, second.dataKey]).toEqual([first.linkKey, first.dataKey]);
  });

  test('differ between installations, and a key that is set goes before the kept one', () => {
    const dataDir = fresh();
    const first = readConfig({ DATA_DIR: dataDir });
    const other = readConfig({ DATA_DIR: fresh() });
    expect(other.linkKey.equals(first.linkKey) || other.dataKey.equals(first.dataKey)).toBe(false);
    const set = readConfig({ DATA_DIR: dataDir, LINK_KEY: hexKey });
    expect([set.linkKey.toString('hex'), set.dataKey]).toEqual([hexKey, first.dataKey]);
  });

  test('a damaged file stops the start instead of making new keys', () => {
    const dataDir = fresh();
    writeFileSync(join(dataDir, 'keys'), 'LINK_KEY=qqdamaged\n');
    const error = refusal({ DATA_DIR: dataDir });
    expect(variables(error)).toEqual(['DATA_DIR']);
    expect(error.message).not.toContain('qqdamaged');
    expect(readFileSync(join(dataDir, 'keys'), 'utf8')).toBe('LINK_KEY=qqdamaged\n');
  });

  test('several first starts at once end with the same', async () => {
    const dataDir = fresh();
    const script = join(import.meta.dirname, '../support/read-config.ts');
    const starts = Array.from({ length: 4 }, () => run(process.execPath, [script], { env: { DATA_DIR: dataDir } }));
    const printed = (await Promise.all(starts)).map(({ stdout }) => stdout);
    expect(printed[0]).toMatch(/^[0-9a-f]{64} [0-9a-f]{64}$/);
    expect(new Set(printed).size).toBe(1);
    expect(readdirSync(dataDir)).toEqual(['keys']);
  });
});
