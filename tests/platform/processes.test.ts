import { afterAll, beforeAll, expect, test } from 'vitest';
import { createApp } from '../../src/app.ts';
import { openHouse } from '../../src/open-house.ts';
import { goodRequest, openTestApp, origin, type TestApp } from '../support/app.ts';

/** Two processes on one database, each with its own connections and nothing else in common. */

let first: TestApp;
let other: Awaited<ReturnType<typeof openHouse>>;
let second: ReturnType<typeof createApp>;
beforeAll(async () => {
  first = await openTestApp();
  other = await openHouse(first.house.config);
  second = createApp(other.house);
});
afterAll(async () => {
  await other.close();
  await first.close();
});

async function signIn(account: string): Promise<string> {
  const response = await first.visitor().post('/logga-in/demo', { account });
  return (response.headers.get('set-cookie') ?? '').split(';')[0] as string;
}
const post = (app: TestApp['app'], path: string, fields: Record<string, string>, cookie = '') =>
  app.request(`${origin}${path}`, { method: 'POST', headers: { origin, cookie }, body: new URLSearchParams(fields) });

test('who signed in at one is signed in at the other, and signed out at both at once', async () => {
  const cookie = await signIn('fk');
  const inbox = () => second.request(`${origin}/inkorg`, { headers: { cookie } });
  expect((await inbox()).status).toBe(200);
  expect((await post(first.app, '/logga-ut', {}, cookie)).status).toBe(303);
  expect((await inbox()).headers.get('location')).toBe('/logga-in?till=/inkorg');
});

test('two officers decide at once, each at another process, twenty times: one 303, one 409', async () => {
  const cookies = [await signIn('fk'), await signIn('fk2')] as const;
  const { db } = first.house.engine.database.reads;
  for (let round = 0; round < 20; round++) {
    const key = `processes-${round}`;
    const { individualNumber: _, ...form } = goodRequest;
    await post(second, '/begaran', { ...form, individualNumberMissing: 'on', idempotencyKey: key });
    const { id } = await db
      .selectFrom('request')
      .select('id')
      .where('idempotency_key', '=', key)
      .executeTakeFirstOrThrow();
    const path = `/begaran/${id}/beslut`;
    const confirm = { decision: 'confirm', kind: 'reconciliation', purpose: 'Nästa steg.' };
    const decline = { decision: 'decline', reasonCode: 'too_early', instead: 'Vi ringer.' };
    const answers = await Promise.all([
      post(first.app, path, confirm, cookies[0]),
      post(second, path, round % 2 === 0 ? confirm : decline, cookies[1]),
    ]);
    expect(answers.map(({ status }) => status).sort(), `round ${round}`).toEqual([303, 409]);
    const meetings = await db.selectFrom('meeting').select('id').where('request_id', '=', id).execute();
    const decided = await db.selectFrom('request').select('state').where('id', '=', id).executeTakeFirstOrThrow();
    expect(meetings.length).toBe(decided.state === 'confirmed' ? 1 : 0);
  }
});

test('one person’s requests confirmed at once by two processes open one case', async () => {
  const cookies = [await signIn('fk'), await signIn('fk2')] as const;
  const { db } = first.house.engine.database.reads;
  const keys = ['one-person-1', 'one-person-2', 'one-person-3', 'one-person-4'];
  for (const idempotencyKey of keys) await post(second, '/begaran', { ...goodRequest, idempotencyKey });
  const requests = await db.selectFrom('request').select('id').where('idempotency_key', 'in', keys).execute();
  const confirm = { decision: 'confirm', kind: 'reconciliation', purpose: 'Nästa steg.' };
  const answers = await Promise.all(
    requests.map(({ id }, i) => {
      const app = i % 2 === 0 ? first.app : second;
      return post(app, `/begaran/${id}/beslut`, confirm, cookies[i % 2]);
    }),
  );
  expect(answers.map(({ status }) => status)).toEqual([303, 303, 303, 303]);
  const cases = await db
    .selectFrom('request')
    .select('case_id')
    .distinct()
    .where('idempotency_key', 'in', keys)
    .execute();
  expect(cases).toHaveLength(1);
  expect(cases[0]?.case_id).not.toBe(null);
});

test('one form sent to both at once is one request, with one receipt', async () => {
  const form = { ...goodRequest, idempotencyKey: 'sent-to-both' };
  const answers = await Promise.all([first.app, second, first.app, second].map((app) => post(app, '/begaran', form)));
  expect(new Set(answers.map((answer) => answer.headers.get('location'))).size).toBe(1);
});
