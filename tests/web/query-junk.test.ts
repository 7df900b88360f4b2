import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { allRoutes } from '../../src/app.ts';
import { linkToken } from '../../src/kernel/links.ts';
import { addMinutes } from '../../src/kernel/time.ts';
import { origin } from '../support/app.ts';
import { kind } from '../support/database.ts';
import { validateHtml } from '../support/html.ts';
import { administeredId, type HostileWorld, openHostileWorld, postOf, requestOf } from './hostile-world.ts';

/** Junk in the address: queries on every page, paths that are none, methods nobody uses, and guessed links. */

let world: HostileWorld;
beforeAll(async () => {
  world = await openHostileWorld();
});
afterAll(() => world.test.close());

const names = [
  'visa',
  'lage',
  'slag',
  'efter',
  'till',
  'rad',
  'atgard',
  'rapportera',
  'delmal',
  'version',
  'fran',
  'organisation',
  'as',
  'party',
  'document',
  'q',
  '__proto__',
  'constructor',
];
const values = [
  ...[
    '',
    '%00',
    '%ff%fe',
    '%',
    '%zz',
    '%ED%A0%80',
    '__proto__',
    'mine',
    "1'--",
    '%0d%0aSet-Cookie:%20zq=1',
    '//ond.example',
    '%2F%2Fond.example',
  ],
  ...[
    '<script>zq</script>',
    '%22%3E%3Cscript%3Ezq',
    '{{zq}}',
    '9'.repeat(300),
    '2026-99-99T99:99:99.999Z_00000000-0000-0000-0000-000000000000',
    '%F0%9F%91%A9',
  ],
];
const queries = [
  ...values.map((value) => names.map((name) => `${name}=${value}`).join('&')),
  ...[
    '&&&===',
    'visa',
    'visa=a&visa=b&efter=x&efter=y',
    'visa[]=1&visa[a][b]=2',
    `x=${'a'.repeat(8_000)}`,
    '?'.repeat(500),
  ],
];

/** Who can see most of a page. */
const asWhom: [pattern: RegExp, account: string][] = [
  [/^\/handlingar/, 'registrator'],
  [/^\/administration/, 'admin'],
  [/^\/(enheten|nodatkomst|kalendersvar)|\/logg$/, 'chef'],
  [/^\/loggranskning/, 'granskare'],
  [/invandning$/, 'af'],
  [/^\/atgarder\/:id$/, 'arbetsgivare'],
  [/^\/(moten|arenden|atgarder|samverkan|utlamnat|inkorg|rattelser|begaran\/:id)/, 'fk'],
];

it('a query changes no page, whatever is in it', async () => {
  const { test, places, unassigned, sessions } = world;
  const token = {
    svar: await world.tokenOf('participant', places.invited.participant),
    exemplar: await world.tokenOf('participant', world.reader.participant),
    begaran: await world.tokenOf('receipt', unassigned),
    kalender: await world.tokenOf('feed', world.feedOf),
    atgard: await world.tokenOf('measure', places.minuted.measure),
    enkat: await world.tokenOf('survey', world.survey),
  };
  const faults: string[] = [];
  const pages = allRoutes(test.house).filter(({ method }) => method === 'get');
  for (const { path } of pages) {
    const place = /protokoll\/(granskning|invandning|besked|andring)/.test(path)
      ? world.reviewing
      : /moten.*faststallande|arenden.*rattelse|^\/rattelser/.test(path)
        ? places.writing
        : /protokoll|plan|samtycken|utlamna|exemplar|atgard/.test(path)
          ? places.minuted
          : places.invited;
    const request = /rattelse|besked/.test(path) ? place.request : unassigned;
    const ids = {
      ...{ begaran: request, arenden: place.case, moten: place.meeting },
      ...{ rattelser: place.correction, utlamnat: place.release, svar: place.release },
      ...{
        atgarder: place.measure,
        nodatkomst: place.emergency,
        loggranskning: place.review,
        samverkan: place.structural,
      },
    };
    const id = administeredId(world.administered, path) ?? ids[path.split('/')[1] as keyof typeof ids] ?? '';
    const filled = path
      .replace(
        ':token',
        path.includes('/exemplar') ? token.exemplar : token[(path.split('/')[1] ?? '') as keyof typeof token],
      )
      .replace(':pid', place.participant)
      .replace(':into', world.into)
      .replace(':sid', place.consent)
      .replace(':mid', postOf(path, place))
      .replace(':rid', place.row)
      .replace(':id', id);
    const code = path.includes(':token/exemplar') ? world.reader.cookie : undefined;
    const cookie = code ?? sessions.get(asWhom.find(([pattern]) => pattern.test(path))?.[1] ?? '')?.cookie;
    const get = (query: string) =>
      test.app.request(`${origin}${filled}?${query}`, { headers: cookie ? { cookie } : {} });
    const plain = (await get('')).status;
    // Without a sign-in that was begun, the end of one says so; and no case here has been closed, no answer given.
    const missing = path === '/logga-in/oidc/svar' || /(avslut\.(pdf|json)|besked\.pdf)$/.test(path);
    if (![200, 303].includes(plain) && !missing) faults.push(`${path}: ${plain} without a query`);
    for (const query of queries) {
      const response = await get(query);
      const html = await response.text();
      if (![plain, 200, 303].includes(response.status))
        faults.push(`${path}?${query.slice(0, 60)}: ${response.status}`);
      if (/<script>zq|ond\.example/.test(html)) faults.push(`${path}?${query.slice(0, 60)}: shown as it is`);
      if (/zq|ond/.test(`${response.headers.get('location')} ${response.headers.getSetCookie()}`))
        faults.push(`${path}: led away`);
    }
  }
  expect(faults).toEqual([]);
  expect(pages.length).toBeGreaterThan(25);
}, 60_000);

it('a filter that is one of ours still filters', async () => {
  const cookie = world.sessions.get('fk')?.cookie ?? '';
  const inbox = async (query: string) =>
    (await world.test.app.request(`${origin}/inkorg?${query}`, { headers: { cookie } })).text();
  expect(await inbox('visa=unassigned')).toContain(world.unassigned);
  expect(await inbox('visa=mine')).not.toContain(world.unassigned);
});

describe('a path that is none', () => {
  const bad = [
    '%00',
    '%ff',
    '%c0%ae%c0%ae',
    'x',
    '..',
    '..%2f..%2fetc%2fpasswd',
    '%2e%2e',
    'a'.repeat(65),
    'a'.repeat(5_000),
    "1'or'1'='1",
    '%0d%0aX-Zq:1',
    'Å'.repeat(10),
    '{{zq}}',
    '12345678\u202e',
    '12345678%00',
    ' '.repeat(12),
  ];

  it.each(['fk', 'nobody'])('is the same page to %s wherever an id should be', async (account) => {
    const cookie = world.sessions.get(account)?.cookie;
    const { meeting } = world.places.invited;
    const paths = bad.flatMap((id) => [
      ...[`/begaran/${id}`, `/arenden/${id}`, `/arenden/${id}/plan.pdf`, `/moten/${id}`, `/moten/${id}/tid`],
      ...[`/moten/${meeting}/deltagare/${id}/svar`, `/atgarder/${id}/status`, `/assets/${id}`, `/${id}`],
    ]);
    const seen = new Set<string>();
    for (const path of paths) {
      // A whole path may say less than it seems: `/moten/..` is the start page.
      const { pathname } = new URL(`${origin}${path}`);
      if (
        allRoutes(world.test.house).some((route) => route.path === pathname) ||
        (pathname.includes(meeting) && !pathname.includes('deltagare/'))
      )
        continue;
      const response = await world.test.app.request(`${origin}${path}`, { headers: cookie ? { cookie } : {} });
      expect(response.status, path).toBe(404);
      expect([...response.headers].join().includes('Zq'), path).toBe(false);
      // A file of the pages is looked for before anybody is asked who they are.
      if (!path.startsWith('/assets/'))
        seen.add((await response.text()).replaceAll(/[2-9A-Z]{4}-[2-9A-Z]{4}/g, '····'));
    }
    expect(seen.size).toBe(1);
    expect([...seen][0]).toContain('Sidan finns inte');
  });

  it('keeps its answer to a post, too', async () => {
    const cookie = world.sessions.get('fk')?.cookie ?? '';
    for (const id of bad.filter((one) => !/^(\.\.|%2e%2e)$/.test(one))) {
      for (const path of [`/moten/${id}/hallet`, `/begaran/${id}/beslut`, `/atgarder/${id}/status`]) {
        const response = await world.test.app.request(
          `${origin}${path}`,
          requestOf('POST', { decision: 'confirm' }, { cookie }),
        );
        expect(response.status, path).toBe(404);
      }
    }
  });
});

it.each([
  'PUT',
  'DELETE',
  'PATCH',
  'OPTIONS',
  'PROPFIND',
  'REPORT',
  'ZQ',
])('%s is answered by a page, never a fault', async (method) => {
  const { meeting, case: caseId } = world.places.invited;
  for (const account of ['fk', 'nobody']) {
    const cookie = world.sessions.get(account)?.cookie;
    for (const path of ['/', '/inkorg', '/begaran', `/moten/${meeting}`, `/arenden/${caseId}`, '/finns/inte']) {
      const response = await world.test.app.request(
        `${origin}${path}`,
        requestOf(method, undefined, { origin, ...(cookie && { cookie }) }),
      );
      expect(response.status, `${method} ${path} as ${account}`).toBe(404);
      expect(await response.text()).toContain('Sidan finns inte');
    }
  }
});

describe('a guessed link', () => {
  /** Ten thousand tokens of every kind that somebody might try. */
  async function guesses(): Promise<string[]> {
    const { places, unassigned } = world;
    const key = world.test.house.config.linkKey;
    const { participant } = places.invited;
    const [good, receipt] = [
      await world.tokenOf('participant', participant),
      await world.tokenOf('receipt', unassigned),
    ];
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    const random = () => Array.from(randomBytes(65), (byte) => alphabet[byte % 64]).join('');
    return [
      ...Array.from({ length: 7_000 }, random),
      // The right id with another proof.
      ...Array.from({ length: 1_500 }, () => good.slice(0, 22) + random().slice(22)),
      // One sign changed, at every place.
      ...Array.from({ length: 65 * 10 }, (_, i) => {
        const at = i % 65;
        const other = alphabet[(alphabet.indexOf(good[at] ?? '') + 1 + Math.floor(i / 65)) % 64];
        return good.slice(0, at) + other + good.slice(at + 1);
      }),
      ...Array.from({ length: 300 }, (_, generation) => linkToken(key, 'participant', participant, generation + 2)),
      ...Array.from({ length: 300 }, (_, i) => linkToken(randomBytes(32), 'participant', participant, (i % 3) + 1)),
      ...Array.from({ length: 64 }, (_, length) => good.slice(0, length + 1)),
      ...Array.from({ length: 100 }, (_, i) => good + 'A'.repeat(i + 1)),
      ...[receipt, linkToken(key, 'receipt', participant, 1), linkToken(key, 'participant', unassigned, 1)],
      ...[
        good.toLowerCase(),
        good.toUpperCase(),
        `${good}%00`,
        `${good}%20`,
        `%20${good}`,
        good.replace(/.$/, '='),
        '%00',
        '%ff',
        '__proto__',
      ],
    ].filter((token) => token !== good);
  }

  it('is the same dead link, ten thousand times, and quickly', async () => {
    const every = await guesses();
    expect(every.length).toBeGreaterThan(9_900);
    // A guess is refused by its proof, which no database knows: on the second one a tenth will do.
    const tokens = every.filter((_, i) => kind === 'sqlite' || i % 10 === 0);
    const { app } = world.test;
    const started = performance.now();
    const seen = new Map<string, number>();
    for (let i = 0; i < tokens.length; i += 50) {
      const answers = tokens.slice(i, i + 50).map(async (token) => {
        const response = await app.request(`${origin}/svar/${token}`);
        const page = (await response.text()).replaceAll(/[2-9A-Z]{4}-[2-9A-Z]{4}/g, '····');
        const headers = [...response.headers].filter(([name]) => name !== 'x-request-id');
        const answer = `${response.status} ${JSON.stringify(headers)} ${page}`;
        seen.set(answer, (seen.get(answer) ?? 0) + 1);
      });
      await Promise.all(answers);
    }
    expect([...seen.values()]).toEqual([tokens.length]);
    const [page = ''] = [...seen.keys()];
    expect(page.slice(0, 3)).toBe('404');
    validateHtml(page.slice(page.indexOf('<!')), 'a dead link');
    expect(performance.now() - started).toBeLessThan(30_000);
  }, 60_000);

  it('is as dead for the calendar object, for a receipt and for whatever is posted to it', async () => {
    const tokens = (await guesses()).filter((_, i) => i % 97 === 0 || i > 9_800);
    for (const token of tokens) {
      for (const [method, path] of [
        ['GET', `/svar/${token}/mote.ics`],
        ['POST', `/svar/${token}`],
        ['GET', `/begaran/kvitto/x${token}`],
        ['POST', `/begaran/kvitto/x${token}/komplettering`],
        ['POST', `/begaran/kvitto/x${token}/aterkallelse`],
      ] as const) {
        const body = method === 'POST' ? { answer: 'accepted', text: 'zq', reason: 'zq' } : undefined;
        const response = await world.test.app.request(`${origin}${path}`, requestOf(method, body));
        expect(response.status, `${method} ${path}`).toBe(404);
        expect(await response.text()).not.toContain('zq');
      }
    }
  }, 60_000);

  it('cannot be told from a good one by a participant who has been removed', async () => {
    const { participant } = world.places.invited;
    const good = await world.tokenOf('participant', participant);
    // Another minute: this one's tries of the link may be used up.
    world.test.setClock(addMinutes(world.test.house.engine.clock.now(), 1));
    expect((await world.test.app.request(`${origin}/svar/${good}`)).status).toBe(200);
    const { database } = world.test.house.engine;
    const remove = (at: string | null) =>
      database.transaction(({ db }) =>
        db.updateTable('participant').set({ removed_at: at }).where('id', '=', participant).execute(),
      );
    await remove('2026-01-01T00:00:00.000Z');
    const removed = await world.test.app.request(`${origin}/svar/${good}`);
    await remove(null);
    const never = await world.test.app.request(
      `${origin}/svar/${linkToken(Buffer.alloc(32), 'participant', participant, 1)}`,
    );
    const masked = async (response: Response) => (await response.text()).replaceAll(/[2-9A-Z]{4}-[2-9A-Z]{4}/g, '····');
    expect([removed.status, await masked(removed)]).toEqual([never.status, await masked(never)]);
  });
});
