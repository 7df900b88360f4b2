import type { JWTPayload } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { instantOf } from '../../src/kernel/time.ts';
import { sweepSessions } from '../../src/platform/web/session.ts';
import { goodRequest, openTestApp, origin, type TestApp } from '../support/app.ts';
import { storedBytes } from '../support/database.ts';
import { validateHtml } from '../support/html.ts';
import { claim, loa2, loa3, loa4, type ProviderUser, startProvider, type TestProvider } from '../support/provider.ts';

/** Signing in and out against a real OpenID provider; what it answers is spoilt on the way where a test says so. */

let provider: TestProvider;
let app: TestApp;
beforeAll(async () => {
  provider = await startProvider({ origin, fetch: (url, init) => Promise.resolve(app.app.request(String(url), init)) });
  app = await openTestApp({ env: provider.env });
});
beforeEach(() => {
  clockAt(0);
  Object.assign(provider.state, { tamper: null, down: 0 });
});
afterAll(async () => {
  await app.close();
  await provider.close();
});

/** The real clock, so many seconds ahead. */
const clockAt = (seconds: number) => app.setClock(instantOf(Temporal.Now.instant().add({ seconds })));
const reads = () => app.house.engine.database.reads;
const rows = (table: 'session' | 'person' | 'account' | 'person_key' | 'spent_sign_in') =>
  reads().db.selectFrom(table).selectAll().execute() as Promise<Record<string, unknown>[]>;

const print = (number: string) => reads().vault.fingerprint(number);

type Visitor = ReturnType<TestApp['visitor']>;
/** A citizen, by number; somebody at work, by HSA-id. Numbers are Skatteverket's for tests. */
const citizen = (number: string, more: object = {}): ProviderUser => ({
  sub: `citizen-${number.slice(0, 4)}`,
  claims: { [claim('personalIdentityNumber')]: number, name: 'Påhittad Person', ...more },
});
const employee = (hsaId: string, more: object = {}): ProviderUser => ({
  sub: `employee-${hsaId}`,
  claims: { employeeHsaId: hsaId, name: 'Påhittad Kollega', ...more },
});

/** From the sign-in page by way of the provider to where it sends the browser. */
async function comeBack(visitor: Visitor, user: ProviderUser, till = ''): Promise<string> {
  const begun = await visitor.get(`/logga-in/oidc${till}`);
  expect(begun.status).toBe(303);
  return provider.follow(begun.headers.get('location') ?? '', user);
}
const signIn = async (visitor: Visitor, user: ProviderUser, till = '') =>
  visitor.get(await comeBack(visitor, user, till));

/** The page says what went wrong by this text, and nobody was let in. */
async function expectRefused(response: Response, code: string, status = 422): Promise<void> {
  const html = await response.text();
  expect(html).toContain(app.house.texts.t(`signIn.failed.${code}`));
  expect(response.status).toBe(status);
  validateHtml(html, 'sign-in-failed');
  expect(response.headers.getSetCookie().filter((cookie) => cookie.startsWith('samsyn='))).toEqual([]);
}

async function addPerson(hsaId: string, assignments: { role: string; unit?: boolean }[]): Promise<string> {
  const admin = await app.signIn('admin');
  const made = await admin.post('/administration/personer', { name: 'Påhittad Kollega', hsaId });
  const home = made.headers.get('location') ?? '';
  for (const { role, unit } of assignments) await giveAssignment(home, role, unit);
  return home;
}
async function giveAssignment(home: string, role: string, unit = false): Promise<void> {
  const admin = await app.signIn('admin');
  const { db } = reads();
  const organisation = await db
    .selectFrom('organisation')
    .selectAll()
    .where('party', '=', 'FK')
    .executeTakeFirstOrThrow();
  const { id } = await db.selectFrom('unit').select('id').executeTakeFirstOrThrow();
  const given = await admin.post(`${home}/uppdrag`, { organisation: organisation.id, role, unit: unit ? id : '' });
  expect(given.status, await given.text()).toBe(303);
}

describe('the way there', () => {
  test('asks for a code with PKCE, state, nonce and an essential level of assurance', async () => {
    const visitor = app.visitor();
    const [one, other] = [await visitor.get('/logga-in/oidc'), await visitor.get('/logga-in/oidc')].map(
      (response) => new URL(response.headers.get('location') ?? '').searchParams,
    );
    expect(one?.get('response_type')).toBe('code');
    expect(one?.get('code_challenge_method')).toBe('S256');
    expect(one?.get('redirect_uri')).toBe(`${origin}/logga-in/oidc/svar`);
    const { id_token, userinfo } = JSON.parse(one?.get('claims') ?? '{}');
    expect(id_token.acr).toEqual({ essential: true, values: [loa3, loa4] });
    expect(Object.keys(userinfo)).toContain(claim('personalIdentityNumber'));
    expect(Object.keys(id_token)).toEqual(['acr']);
    for (const name of ['state', 'nonce', 'code_challenge']) {
      // 256 bits, and new each time.
      expect(one?.get(name)).toMatch(/^[A-Za-z0-9_-]{43}$/);
      expect(one?.get(name)).not.toBe(other?.get(name));
    }
  });

  test('keeps what must meet the answer in this browser only, sealed', async () => {
    const cookie = (await app.visitor().get('/logga-in/oidc')).headers.getSetCookie()[0] ?? '';
    expect(cookie.split('; ').slice(1).sort()).toEqual([
      'HttpOnly',
      'Max-Age=600',
      'Path=/logga-in/oidc',
      'SameSite=Lax',
    ]);
    expect(cookie).toMatch(/^samsyn-inloggning=[0-9a-f]{8}\.[A-Za-z0-9_-]+;/);
  });

  test('is offered on the sign-in page', async () => {
    const html = await (await app.visitor().get('/logga-in?till=/inkorg')).text();
    expect(html).toContain('href="/logga-in/oidc?till=/inkorg"');
    validateHtml(html, '/logga-in');
  });
});

describe('the person of a case', () => {
  test('comes in by number, to what is theirs and nothing else', async () => {
    const visitor = app.visitor();
    const done = await signIn(visitor, citizen('199701312390'));
    expect([done.status, done.headers.get('location')]).toEqual([303, '/arenden']);
    const list = await (await visitor.get('/arenden')).text();
    expect(list.match(/href="\/arenden\/[^"]+"/g)).toHaveLength(1);
    expect((await visitor.get('/administration')).status).toBe(403);
  });

  test('gets an account at the first sign-in, and the same one at the next', async () => {
    const before = (await rows('account')).length;
    for (let time = 0; time < 2; time++) {
      const visitor = app.visitor();
      expect(
        (
          await signIn(visitor, {
            ...citizen(''),
            sub: 'ali',
            claims: { [claim('coordinationNumber')]: '197010632391' },
          })
        ).headers.get('location'),
      ).toBe('/arenden');
      expect((await (await visitor.get('/arenden')).text()).match(/href="\/arenden\/[^"]+"/g)).toHaveLength(1);
    }
    expect((await rows('account')).length).toBe(before + 1);
    expect(await rows('person')).toEqual([]);
  });

  test('is still known when a personal number has taken the place of a coordination number', async () => {
    const visitor = app.visitor();
    const karin = citizen('191202119150', { [claim('previousCoordinationNumber')]: '197010602394' });
    expect((await signIn(visitor, karin)).headers.get('location')).toBe('/arenden');
    expect((await (await visitor.get('/arenden')).text()).match(/href="\/arenden\/[^"]+"/g)).toHaveLength(1);
  });

  test('reaches what was begun under either number, also when each had an account', async () => {
    const visitor = app.visitor();
    const { id } = await reads()
      .db.selectFrom('account')
      .select('id')
      .where('number_fp', '=', print('191202119150'))
      .where('role', '=', 'individual')
      .executeTakeFirstOrThrow();
    // As if the coordination number had come to an account of its own again.
    await app.house.engine.database.transaction(async ({ db }) => {
      const row = await db.selectFrom('account').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
      await db
        .insertInto('account')
        .values({ ...row, id: 'another-one', number_fp: print('197010602394') })
        .execute();
      await db
        .updateTable('case_file')
        .set({ individual_account_id: 'another-one' })
        .where('number_fp', '=', print('197010602394'))
        .execute();
    });
    const karin = citizen('191202119150', { [claim('previousCoordinationNumber')]: '197010602394' });
    expect((await signIn(visitor, karin)).headers.get('location')).toBe('/arenden');
    expect((await (await visitor.get('/arenden')).text()).match(/href="\/arenden\/[^"]+"/g)).toHaveLength(1);
  });

  test('is reached by somebody who waits to be let in at work', async () => {
    await (await app.signIn('admin')).post('/administration/regel', { unknown: 'wait' });
    const visitor = app.visitor();
    const both = employee('SE2120000000-PATIENT', { [claim('personalIdentityNumber')]: '199701312390' });
    expect((await signIn(visitor, both)).headers.get('location')).toBe('/arenden');
    const { db } = reads();
    const [person] = await db.selectFrom('person').select(['id', 'state']).execute();
    expect(person?.state).toBe('waiting');
    // Nothing of it is left for the tests after this one.
    await app.house.engine.database.transaction(async (w) => {
      for (const table of ['session', 'person_key'] as const)
        await w.db
          .deleteFrom(table)
          .where('person_id', '=', person?.id ?? '')
          .execute();
      await w.db.deleteFrom('person').execute();
    });
  });

  test.each(['refuse', 'wait'])('whom no case is about reads so, and is not kept (%s)', async (unknown) => {
    const admin = await app.signIn('admin');
    await admin.post('/administration/regel', { unknown });
    const kept = async () => JSON.stringify([await rows('account'), await rows('person'), await rows('person_key')]);
    const before = await kept();
    await expectRefused(await signIn(app.visitor(), citizen('201812312385')), 'unknown');
    expect(await kept()).toBe(before);
    expect((await rows('session')).filter(({ number_fp }) => number_fp === print('201812312385'))).toEqual([]);
  });
});

describe('somebody unknown at work', () => {
  test('is refused, as long as the administrator has said nothing else', async () => {
    await (await app.signIn('admin')).post('/administration/regel', { unknown: 'refuse' });
    await expectRefused(await signIn(app.visitor(), employee('SE2120000000-REFUSED')), 'unknown');
    expect(await rows('person')).toEqual([]);
  });

  test('waits, is listed once, and comes in when an assignment is given', async () => {
    const admin = await app.signIn('admin');
    await admin.post('/administration/regel', { unknown: 'wait' });
    const user = employee('SE2120000000-WAITS');
    for (let time = 0; time < 2; time++) await expectRefused(await signIn(app.visitor(), user), 'waiting');
    const html = await (await admin.get('/administration')).text();
    validateHtml(html, '/administration');
    const [home, ...more] = [...html.matchAll(/href="(\/administration\/personer\/[^"]{30,})"/g)].map(
      (found) => found[1] ?? '',
    );
    expect(more).toEqual([]);
    await giveAssignment(home ?? '', 'officer', true);
    expect((await signIn(app.visitor(), user)).headers.get('location')).toBe('/inkorg');
    expect(await (await admin.get('/administration')).text()).not.toContain(home);
  });

  test('is refused for good when the administrator says no, and can be let in later', async () => {
    const admin = await app.signIn('admin');
    const user = employee('SE2120000000-NO');
    await expectRefused(await signIn(app.visitor(), user), 'waiting');
    const [person] = await reads().db.selectFrom('person').select('id').where('state', '=', 'waiting').execute();
    const home = `/administration/personer/${person?.id}`;
    validateHtml(await (await admin.get(`${home}/avsluta`)).text(), 'close');
    expect((await admin.post(`${home}/avsluta`, {})).status).toBe(303);
    await expectRefused(await signIn(app.visitor(), user), 'closed');
    await giveAssignment(home, 'administrator');
    expect((await signIn(app.visitor(), user)).headers.get('location')).toBe('/administration');
  });

  test('is somebody new with the same name and address: neither is a key', async () => {
    await addPerson('SE2120000000-SAMENAME', [{ role: 'administrator' }]);
    await (await app.signIn('admin')).post('/administration/regel', { unknown: 'refuse' });
    const namesake = { ...employee('SE2120000000-OTHER'), sub: 'employee-SE2120000000-SAMENAME' };
    namesake.claims.email = 'kollega@utomstaende.example';
    await expectRefused(await signIn(app.visitor(), namesake), 'unknown');
  });
});

describe('several assignments', () => {
  const user = employee('SE2120000000-SEVERAL');
  beforeAll(
    async () =>
      void (await addPerson('SE2120000000-SEVERAL', [{ role: 'officer', unit: true }, { role: 'administrator' }])),
  );

  test('are chosen between before anything else, and changed later without a new sign-in', async () => {
    const visitor = app.visitor();
    expect((await signIn(visitor, user, '?till=/inkorg')).headers.get('location')).toBe('/logga-in/val');
    for (const path of ['/inkorg', '/administration']) expect((await visitor.get(path)).status).toBe(303);
    const html = await (await visitor.get('/logga-in/val')).text();
    validateHtml(html, '/logga-in/val');
    const [officer = '', administrator = ''] = [...html.matchAll(/value="([^"]{30,})"/g)].map(
      (found) => found[1] ?? '',
    );
    expect((await visitor.post('/logga-in/val', { account: officer })).headers.get('location')).toBe('/inkorg');
    expect(await (await visitor.get('/inkorg')).text()).toContain('href="/logga-in/val"');
    expect((await visitor.get('/administration')).status).toBe(403);
    const asked = provider.state.asked.length;
    expect((await visitor.post('/logga-in/val', { account: administrator })).headers.get('location')).toBe(
      '/administration',
    );
    expect((await visitor.get('/administration')).status).toBe(200);
    expect(provider.state.asked.length).toBe(asked);
  });

  test('only one’s own can be chosen, and one must be', async () => {
    const other = await reads()
      .db.selectFrom('account')
      .select('id')
      .where('demo_key', '=', 'fk')
      .executeTakeFirstOrThrow();
    const visitor = app.visitor();
    await signIn(visitor, user);
    for (const account of [other.id, '', 'x']) {
      const response = await visitor.post('/logga-in/val', { account });
      expect(response.status).toBe(422);
      validateHtml(await response.text(), '/logga-in/val');
    }
    expect((await visitor.get('/inkorg')).status).toBe(303);
    const demo = await app.signIn('koordinator');
    expect((await demo.post('/logga-in/val', { account: other.id })).status).toBe(422);
    expect((await app.visitor().post('/logga-in/val', { account: other.id })).status).toBe(422);
  });

  test('must be chosen within ten minutes', async () => {
    const visitor = app.visitor();
    await signIn(visitor, user);
    clockAt(10 * 60 + 5);
    expect((await visitor.get('/logga-in/val')).headers.get('location')).toBe('/logga-in');
  });

  test('include one’s own case, of which no administrator knows', async () => {
    const home = await addPerson('SE2120000000-BOTH', [{ role: 'officer', unit: true }]);
    const visitor = app.visitor();
    const both = employee('SE2120000000-BOTH', { [claim('coordinationNumber')]: '197010632391' });
    expect((await signIn(visitor, both)).headers.get('location')).toBe('/logga-in/val');
    expect((await (await visitor.get('/logga-in/val')).text()).match(/name="account"/g)).toHaveLength(2);
    const seen = await (await (await app.signIn('admin')).get(home)).text();
    expect(seen.match(/\/administration\/uppdrag\//g)).toHaveLength(1);
  });
});

describe('somebody in several roles', () => {
  const user = employee('SE2120000000-ROLES', { [claim('personalIdentityNumber')]: '201201292388' });
  const visitor = {} as Record<'officer' | 'manager', Visitor>;
  beforeAll(async () => {
    await addPerson('SE2120000000-ROLES', [
      { role: 'officer', unit: true },
      { role: 'manager', unit: true },
    ]);
    for (const role of ['officer', 'manager'] as const) {
      visitor[role] = app.visitor();
      await signIn(visitor[role], user);
      const { db } = reads();
      const accounts = db.selectFrom('account').select('id').orderBy('id', 'desc').where('role', '=', role);
      const { id } = await accounts.executeTakeFirstOrThrow();
      expect((await visitor[role].post('/logga-in/val', { account: id })).status).toBe(303);
    }
  });
  async function request(fields: Record<string, string>): Promise<string> {
    await app.visitor().post('/begaran', { ...goodRequest, ...fields });
    const { db } = reads();
    return (await db.selectFrom('request').select('id').orderBy('id', 'desc').executeTakeFirstOrThrow()).id;
  }

  test('neither decides, reads, opens nor reviews what is about themselves (FL 16 §)', async () => {
    const id = await request({});
    const answer = { decision: 'confirm', kind: 'reconciliation', purpose: 'Nästa steg.' };
    for (const one of Object.values(visitor)) expect((await one.get(`/begaran/${id}`)).status).toBe(404);
    expect((await visitor.officer.post(`/begaran/${id}/beslut`, answer)).status).toBe(404);
    const fk = await app.signIn('fk');
    const meeting = (await fk.post(`/begaran/${id}/beslut`, answer)).headers.get('location') ?? '';
    const { db } = reads();
    const cases = db.selectFrom('case_file').select(['id', 'number']).orderBy('id', 'desc');
    const found = await cases.executeTakeFirstOrThrow();
    const opening = { caseNumber: found.number, emergencyReason: 'Brådskar.' };
    for (const one of Object.values(visitor)) {
      for (const path of [
        meeting,
        `/arenden/${found.id}`,
        `/arenden/${found.id}/samtycken`,
        `/arenden/${found.id}/logg`,
      ])
        expect((await one.get(path)).status, path).toBe(404);
      expect((await one.post('/nodatkomst', opening)).status).toBe(403);
    }
    const own = app.visitor();
    await signIn(own, user);
    const individual = db.selectFrom('account').select('id').where('number_fp', '=', print('201201292388'));
    const { id: account } = await individual.executeTakeFirstOrThrow();
    await own.post('/logga-in/val', { account });
    expect((await own.get(`/arenden/${found.id}`)).status).toBe(200);
  });

  test('is one person where it takes two', async () => {
    const id = await request({ individualNumber: '', individualNumberMissing: 'on' });
    const asked = { move: 'withhold', withholdReason: 'Hot.' };
    expect((await visitor.officer.post(`/begaran/${id}/begarare`, asked)).status).toBe(303);
    const look = { outcome: 'approved' };
    expect((await visitor.manager.post(`/begaran/${id}/begarare/granskning`, look)).status).toBe(422);
    expect((await (await app.signIn('chef')).post(`/begaran/${id}/begarare/granskning`, look)).status).toBe(303);
  });
});

describe('keys', () => {
  test('that lead to two people, or to one with another number, are refused', async () => {
    await addPerson('SE2120000000-ONE', [{ role: 'administrator' }]);
    await addPerson('SE2120000000-TWO', [{ role: 'administrator' }]);
    const both = { sub: 'both', claims: { employeeHsaId: ['SE2120000000-ONE', 'SE2120000000-TWO'] } };
    await expectRefused(await signIn(app.visitor(), both), 'key_conflict');
    // The number is learnt with the HSA-id; then the HSA-id is given to somebody else.
    const first = employee('SE2120000000-ONE', { [claim('personalIdentityNumber')]: '201812312385' });
    expect((await signIn(app.visitor(), first)).headers.get('location')).toBe('/administration');
    const second = employee('SE2120000000-ONE', { [claim('personalIdentityNumber')]: '201201292388' });
    await expectRefused(await signIn(app.visitor(), second), 'key_conflict');
    // By the number alone they are known from now on.
    expect((await signIn(app.visitor(), citizen('201812312385'))).headers.get('location')).toBe('/administration');
  });

  test('stand nowhere in what is stored, nor does anything that the provider said', async () => {
    const bytes = await storedBytes(app);
    for (const text of ['SE2120000000-ONE', '201812312385', 'Påhittad Kollega', 'employee-SE', 'eyJhbGciOi']) {
      expect(bytes.includes(text), text).toBe(false);
    }
  });
});

describe('what is closed', () => {
  test.each(['assignment', 'person'])('an %s ends the session at once, and the next sign-in', async (what) => {
    const user = employee(`SE2120000000-CLOSED${what}`);
    const home = await addPerson(`SE2120000000-CLOSED${what}`, [{ role: 'officer', unit: true }]);
    const visitor = app.visitor();
    await signIn(visitor, user);
    expect((await visitor.get('/inkorg')).status).toBe(200);
    const admin = await app.signIn('admin');
    const assignment = /\/administration\/uppdrag\/[\w-]+/.exec(await (await admin.get(home)).text())?.[0];
    expect((await admin.post(`${what === 'person' ? home : assignment}/avsluta`, {})).status).toBe(303);
    expect((await visitor.get('/inkorg')).status).toBe(303);
    await expectRefused(await signIn(app.visitor(), user), 'closed');
  });
});

describe('refused', () => {
  const user = citizen('199701312390');
  const changed = (change: (claims: JWTPayload) => JWTPayload) => () => {
    provider.state.tamper = (claims) => ({ claims: { ...claims, ...change(claims) } });
  };
  const spoilt: [string, code: string, () => void | Promise<void>][] = [
    ['another issuer', 'untrusted', changed(() => ({ iss: 'https://id.example' }))],
    ['another audience', 'untrusted', changed(() => ({ aud: 'somebody-else' }))],
    ['several audiences, none of them authorised', 'untrusted', changed(({ aud }) => ({ aud: [String(aud), 'b'] }))],
    ['another nonce', 'untrusted', changed(() => ({ nonce: 'x'.repeat(43) }))],
    ['no nonce', 'untrusted', changed(() => ({ nonce: undefined }))],
    ['no subject', 'untrusted', changed(() => ({ sub: undefined }))],
    ['too low an assurance', 'assurance', changed(() => ({ acr: loa2 }))],
    ['no assurance', 'assurance', changed(() => ({ acr: undefined }))],
    ['an assurance of another scale', 'assurance', changed(() => ({ acr: 'http://id.sambi.se/loa/loa3' }))],
    ['a token that is no longer valid', 'clock', changed(({ iat }) => ({ exp: Number(iat) - 60 }))],
    ['a token that is not valid yet', 'clock', changed(({ iat }) => ({ nbf: Number(iat) + 120 }))],
    ['a token of ten minutes ago', 'clock', changed(({ iat }) => ({ iat: Number(iat) - 600 }))],
    [
      'a token that somebody else signed',
      'untrusted',
      async () => {
        const key = await provider.newKey('foreign');
        provider.state.tamper = (claims) => ({ claims, key });
      },
    ],
    [
      'a token that somebody else signed under the provider’s key id',
      'untrusted',
      async () => {
        const key = await provider.newKey('foreign');
        const kid = provider.keyId();
        provider.state.tamper = (claims) => ({ claims, key, kid });
      },
    ],
  ];
  test.each(spoilt)('%s', async (_name, code, spoil) => {
    const sessions = (await rows('session')).length;
    const visitor = app.visitor();
    const back = await comeBack(visitor, user);
    await spoil();
    await expectRefused(await visitor.get(back), code);
    expect((await rows('session')).length).toBe(sessions);
    expect((await visitor.get('/arenden')).status).toBe(303);
  });

  test('somebody with a weaker e-ID than is asked for', async () => {
    await expectRefused(await signIn(app.visitor(), { ...user, acr: loa2 }), 'assurance');
    expect((await signIn(app.visitor(), { ...user, acr: loa4 })).status).toBe(303);
  });

  test('the same answer again, in the same browser and in one with the same cookie', async () => {
    const visitor = app.visitor();
    const begun = await visitor.get('/logga-in/oidc');
    const cookie = begun.headers.getSetCookie()[0]?.split(';')[0] ?? '';
    const back = await provider.follow(begun.headers.get('location') ?? '', user);
    expect((await visitor.get(back)).status).toBe(303);
    await expectRefused(await visitor.get(back), 'elsewhere');
    await expectRefused(await app.app.request(`${origin}${back}`, { headers: { cookie } }), 'expired');
  });

  test('a completed sign-in once more, even if the provider took its code again', async () => {
    const visitor = app.visitor();
    const begun = await visitor.get('/logga-in/oidc');
    const cookie = begun.headers.getSetCookie()[0]?.split(';')[0] ?? '';
    const back = await provider.follow(begun.headers.get('location') ?? '', user);
    const { identity } = app.house;
    if (!identity) throw new Error('no provider');
    const { finish } = identity;
    let vouched: ReturnType<typeof finish> | null = null;
    identity.finish = (...given) => {
      vouched ??= finish(...given);
      return vouched;
    };
    expect((await visitor.get(back)).status).toBe(303);
    await expectRefused(await app.app.request(`${origin}${back}`, { headers: { cookie } }), 'used');
    identity.finish = finish;
  });

  test('an answer after ten minutes, and one in another browser', async () => {
    const visitor = app.visitor();
    const back = await comeBack(visitor, user);
    await expectRefused(await app.visitor().get(back), 'elsewhere');
    clockAt(10 * 60 + 1);
    await expectRefused(await visitor.get(back), 'expired');
  });

  test.each([
    ['another state', (back: string) => back.replace(/state=[^&]+/, `state=${'a'.repeat(43)}`), 'elsewhere'],
    ['no state', (back: string) => back.replace(/state=[^&]+/, ''), 'elsewhere'],
    ['another code', (back: string) => back.replace(/code=[^&]+/, 'code=made-up'), 'expired'],
    ['no code', (back: string) => back.replace(/code=[^&]+/, ''), 'untrusted'],
    ['another issuer', (back: string) => back.replace(/iss=[^&]+/, 'iss=https%3A%2F%2Fid.example'), 'untrusted'],
    ['no issuer', (back: string) => back.replace(/&iss=[^&]+/, ''), 'untrusted'],
    ['a visitor who broke off', (back: string) => back.replace(/code=[^&]+/, 'error=access_denied'), 'declined'],
  ])('an answer with %s', async (_name, change, code) => {
    const visitor = app.visitor();
    await expectRefused(await visitor.get(change(await comeBack(visitor, user))), code);
  });

  test('an answer that was never asked for', async () => {
    await expectRefused(await app.visitor().get('/logga-in/oidc/svar?code=x&state=y'), 'elsewhere');
    await expectRefused(await app.visitor({ cookie: 'samsyn-inloggning=x' }).get('/logga-in/oidc/svar'), 'elsewhere');
  });
});

describe('clocks', () => {
  test.each([
    [20, true],
    [-20, true],
    [5 * 60, false],
    [-5 * 60, false],
  ])('ours is %i seconds ahead: %s', async (seconds, accepted) => {
    clockAt(seconds);
    const response = await signIn(app.visitor(), citizen('199701312390'));
    if (accepted) expect(response.status).toBe(303);
    else await expectRefused(response, 'clock');
  });
});

describe('the provider', () => {
  test('may change its keys from one moment to the next', async () => {
    const user = citizen('199701312390');
    expect((await signIn(app.visitor(), user)).status).toBe(303);
    const visitor = app.visitor();
    await provider.rotate();
    expect((await signIn(visitor, user)).status).toBe(303);
  });

  test('may be away: that is said, and everything else goes on', async () => {
    const visitor = app.visitor();
    const back = await comeBack(visitor, citizen('199701312390'));
    const officer = await app.signIn('fk');
    provider.state.down = 503;
    await expectRefused(await visitor.get(back), 'away', 503);
    await expectRefused(await visitor.get('/logga-in/oidc'), 'away', 503);
    expect((await visitor.get('/begaran/ny')).status).toBe(200);
    expect((await officer.get('/inkorg')).status).toBe(200);
    expect((await app.visitor().get('/readyz')).status).toBe(200);
    provider.state.down = 0;
    expect((await signIn(app.visitor(), citizen('199701312390'))).status).toBe(303);
  });

  test('is not asked before somebody signs in', async () => {
    const asked = provider.state.asked.length;
    const fresh = await openTestApp({ env: provider.env, seed: false });
    expect((await fresh.visitor().get('/logga-in')).status).toBe(200);
    await fresh.close();
    expect(provider.state.asked.length).toBe(asked);
  });
});

describe('a session', () => {
  test('gets an id of its own at sign-in, whatever the browser came with', async () => {
    const planted = 'a'.repeat(43);
    const visitor = await app.signIn('koordinator');
    const before = (await visitor.get('/inkorg')).status;
    const done = await signIn(visitor, citizen('199701312390'));
    const [cookie = ''] = done.headers.getSetCookie().filter((set) => set.startsWith('samsyn='));
    expect([before, cookie.split('; ').slice(1).sort()]).toEqual([200, ['HttpOnly', 'Path=/', 'SameSite=Lax']]);
    expect(cookie).not.toContain(planted);
    expect((await app.app.request(`${origin}/arenden`, { headers: { cookie: `samsyn=${planted}` } })).status).toBe(303);
  });

  test('that was open before is ended, and each change of assignment has a new id', async () => {
    const visitor = await app.signIn('koordinator');
    const open = (await rows('session')).map(({ id_hash }) => id_hash);
    await signIn(visitor, employee('SE2120000000-SEVERAL'));
    const choosing = (await rows('session')).map(({ id_hash }) => id_hash);
    expect(open.filter((hash) => !choosing.includes(hash))).toHaveLength(1);
    const account = /value="([^"]{30,})"/.exec(await (await visitor.get('/logga-in/val')).text())?.[1] ?? '';
    await visitor.post('/logga-in/val', { account });
    const chosen = (await rows('session')).map(({ id_hash }) => id_hash);
    expect(choosing.filter((hash) => !chosen.includes(hash))).toHaveLength(1);
    expect(chosen).toHaveLength(choosing.length);
  });

  test('leads back to the page that was asked for, and nowhere else', async () => {
    const user = citizen('199701312390');
    expect((await signIn(app.visitor(), user, '?till=/begaran/ny')).headers.get('location')).toBe('/begaran/ny');
    expect((await signIn(app.visitor(), user, '?till=//evil.example')).headers.get('location')).toBe('/arenden');
  });

  test('leaves no mark of its sign-in longer than it could be tried again', async () => {
    expect((await rows('spent_sign_in')).length).toBeGreaterThan(0);
    const later = instantOf(Temporal.Now.instant().add({ minutes: 21 }));
    const seen = await rows('session');
    await sweepSessions(app.house.engine.database, later);
    expect(await rows('spent_sign_in')).toEqual([]);
    expect((await rows('session')).length).toBe(seen.length);
  });
});

describe('sign-out', () => {
  const user = citizen('199701312390');

  test('ends here, and goes on to the provider by a page, not by the form', async () => {
    const visitor = app.visitor();
    await signIn(visitor, user);
    const out = await visitor.post('/logga-ut', {});
    expect([out.status, out.headers.get('location')]).toEqual([303, '/logga-ut/vidare']);
    expect((await visitor.get('/arenden')).status).toBe(303);
    const page = await visitor.get('/logga-ut/vidare');
    const url = new URL((page.headers.get('refresh') ?? '').replace('0; url=', ''));
    validateHtml(await page.text(), '/logga-ut/vidare');
    expect(url.origin).toBe(provider.issuer);
    expect(url.searchParams.get('post_logout_redirect_uri')).toBe(`${origin}/logga-ut/klar`);
    const [, claims = ''] = url.searchParams.get('id_token_hint')?.split('.') ?? [];
    expect(Object.keys(JSON.parse(Buffer.from(claims, 'base64url').toString())).sort()).toEqual([
      'acr',
      'aud',
      'exp',
      'iat',
      'iss',
      'nonce',
      'sid',
      'sub',
    ]);
    // Once: the token is in no cookie any more.
    expect((await visitor.get('/logga-ut/vidare')).headers.get('refresh')).toBeNull();
    expect((await visitor.get('/logga-ut/klar')).status).toBe(200);
  });

  test('tells the provider nothing about a person in an address, also when its token does', async () => {
    const visitor = app.visitor();
    provider.state.tamper = (claims) => ({ claims: { ...claims, name: 'Påhittad Person' } });
    await signIn(visitor, user);
    await visitor.post('/logga-ut', {});
    const url = new URL(((await visitor.get('/logga-ut/vidare')).headers.get('refresh') ?? '').replace('0; url=', ''));
    expect([...url.searchParams.keys()].sort()).toEqual(['client_id', 'post_logout_redirect_uri']);
  });

  test('ends here also when the provider is away', async () => {
    const visitor = app.visitor();
    await signIn(visitor, user);
    provider.state.down = 503;
    await visitor.post('/logga-ut', {});
    const page = await visitor.get('/logga-ut/vidare');
    expect(page.status).toBe(200);
    expect((await visitor.get('/arenden')).status).toBe(303);
  });

  /** What the provider posts when somebody signs out there. */
  const told = (token: string) =>
    app.app.request(`${origin}/logga-in/oidc/utloggad`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ logout_token: token }),
    });
  async function tokenFor(sid: string, more: JWTPayload = {}): Promise<JWTPayload> {
    const iat = Math.floor(Date.now() / 1_000);
    const events = { 'http://schemas.openid.net/event/backchannel-logout': {} };
    return { iss: provider.issuer, aud: provider.clientId, iat, exp: iat + 120, jti: 'x', sid, events, ...more };
  }
  /** Signs in two browsers of one user; the first one’s session at the provider. */
  async function twoBrowsers() {
    const [one, two] = [app.visitor(), app.visitor()];
    let sid = '';
    provider.state.tamper = (claims) => {
      sid ||= String(claims.sid);
      return { claims };
    };
    await signIn(one, user);
    provider.state.tamper = null;
    await signIn(two, user);
    return { one, two, sid };
  }

  test('at the provider ends the session of that browser here, by sid, or all of somebody’s, by sub', async () => {
    const { one, two, sid } = await twoBrowsers();
    expect((await told(await provider.sign(await tokenFor(sid)))).status).toBe(200);
    expect([(await one.get('/arenden')).status, (await two.get('/arenden')).status]).toEqual([303, 200]);
    const everywhere = await tokenFor('', { sid: undefined, sub: user.sub });
    expect((await told(await provider.sign(everywhere))).status).toBe(200);
    expect((await two.get('/arenden')).status).toBe(303);
  });

  test.each<[string, JWTPayload]>([
    ['of another issuer', { iss: 'https://id.example' }],
    ['for somebody else', { aud: 'somebody-else' }],
    ['that is an ID token', { events: undefined }],
    ['with a nonce', { nonce: 'x' }],
    ['of nobody', { sid: undefined }],
    ['that is old', { iat: Math.floor(Date.now() / 1_000) - 3_600, exp: Math.floor(Date.now() / 1_000) - 3_000 }],
  ])('is not believed by a token %s', async (_name, more) => {
    const { one, sid } = await twoBrowsers();
    expect((await told(await provider.sign(await tokenFor(sid, more)))).status).toBe(400);
    expect((await one.get('/arenden')).status).toBe(200);
  });

  test('is not believed by a token that somebody else signed, nor by none', async () => {
    const { one, sid } = await twoBrowsers();
    const forged = await provider.sign(await tokenFor(sid), await provider.newKey('foreign'));
    for (const token of [forged, '', 'x.y.z']) expect((await told(token)).status).toBe(400);
    expect((await one.get('/arenden')).status).toBe(200);
  });
});

test('without a provider there is no e-ID to sign in with', async () => {
  const bare = await openTestApp();
  const visitor = bare.visitor();
  expect(await (await visitor.get('/logga-in')).text()).not.toContain('/logga-in/oidc');
  expect((await visitor.get('/logga-in/oidc')).headers.get('location')).toBe('/logga-in');
  expect((await visitor.get('/logga-in/oidc/svar?code=x&state=y')).status).toBe(422);
  expect((await visitor.post('/logga-in/oidc/utloggad', { logout_token: 'x' })).status).toBe(400);
  await bare.close();
});

test('with the demo off nobody signs in as a demo account', async () => {
  const bare = await openTestApp({ env: { DEMO: 'off' } });
  const response = await bare.visitor().post('/logga-in/demo', { account: 'fk' });
  expect(response.status).toBe(404);
  expect(await (await bare.visitor().get('/logga-in')).text()).not.toContain('/logga-in/demo');
  await bare.close();
});
