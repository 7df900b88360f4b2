import { afterAll, beforeAll, expect, test } from 'vitest';
import { addMinutes } from '../../src/kernel/time.ts';
import { goodRequest, openTestApp, type TestApp } from '../support/app.ts';

const now = '2026-11-23T09:00:00.000Z';
let app: TestApp;
beforeAll(async () => {
  app = await openTestApp({ now, seed: false });
});
afterAll(() => app.close());

async function metrics(): Promise<Map<string, number>> {
  const response = await app.app.request('/metrics');
  expect([response.status, response.headers.get('content-type')]).toEqual([
    200,
    expect.stringMatching(/^text\/plain;/),
  ]);
  const lines = (await response.text()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.split(' ').at(-1))]));
}

test('requests by route, how long they take, what waits in the outbox and for how long', async () => {
  const receipt = (await app.visitor().post('/begaran', goodRequest)).headers.get('location') ?? '';
  await app.visitor().get(receipt);
  await app.visitor().get('/begaran/kvitto/nothing');
  app.setClock(addMinutes(now, 90));
  const seen = await metrics();
  expect(seen.get('samsyn_requests_total{route="/begaran",method="POST",status="303"}')).toBe(1);
  expect(seen.get('samsyn_requests_total{route="/begaran/kvitto/:token",method="GET",status="200"}')).toBe(1);
  expect(seen.get('samsyn_requests_total{route="/begaran/kvitto/:token",method="GET",status="404"}')).toBe(1);
  expect(seen.get('samsyn_request_seconds_count{route="/begaran"}')).toBe(1);
  expect(seen.get('samsyn_database_up')).toBe(1);
  expect(seen.get('samsyn_outbox_messages{state="queued"}')).toBe(1);
  expect(seen.get('samsyn_outbox_messages{state="retrying"}')).toBe(0);
  expect(seen.get('samsyn_outbox_oldest_seconds')).toBe(90 * 60);
  await app.deliver();
  const after = await metrics();
  expect(after.get('samsyn_outbox_messages{state="queued"}')).toBe(0);
  expect(after.get('samsyn_outbox_oldest_seconds')).toBe(0);
});

test('no label holds anything of anybody', async () => {
  const words = [...Object.values(goodRequest), '/begaran/kvitto/n', '@', 'localhost'];
  const text = await (await app.app.request('/metrics')).text();
  for (const word of words.filter((each) => each.length > 4 || each === '@')) expect(text).not.toContain(word);
});
