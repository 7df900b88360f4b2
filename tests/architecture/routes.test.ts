import { afterAll, beforeAll, expect, test } from 'vitest';
import { allRoutes } from '../../src/app.ts';
import { rightsTable } from '../../src/features/account/rules.ts';
import type { Action } from '../../src/kernel/access.ts';
import { openTestApp, type TestApp } from '../support/app.ts';

let app: TestApp;
beforeAll(async () => {
  app = await openTestApp({ seed: false });
});
afterAll(() => app.close());

const declared = () => allRoutes(app.house).map(({ method, path }) => `${method.toUpperCase()} ${path}`);
/** Served without an action: they hold nothing of anybody's. */
const open = ['GET /healthz', 'GET /readyz', 'GET /metrics', 'GET /assets/:name'];

test('every served route has a declared action', () => {
  const served = app.app.routes.filter(({ method }) => method !== 'ALL').map(({ method, path }) => `${method} ${path}`);
  expect(served.length).toBeGreaterThan(20);
  expect(served.filter((route) => !declared().includes(route) && !open.includes(route))).toEqual([]);
  expect(declared().filter((route) => !served.includes(route))).toEqual([]);
});

test('what is served for every method is a middleware on every path', () => {
  const all = app.app.routes.filter(({ method }) => method === 'ALL').map(({ path }) => path);
  expect(new Set(all)).toEqual(new Set(['/*']));
});

test('no route is declared twice, and none hides behind a pattern that comes before it', () => {
  const routes = declared();
  expect(routes.filter((route, i) => routes.indexOf(route) !== i)).toEqual([]);
  const hidden = routes.filter((route, i) =>
    routes.slice(0, i).some((earlier) => {
      const pattern = earlier.replace(/[.]/g, '\\$&').replace(/:\w+/g, '[^/]+');
      return new RegExp(`^${pattern}$`).test(route) && earlier !== route;
    }),
  );
  expect(hidden).toEqual([]);
});

test('every action that a route names is one of the table, and every action but the worker’s has a route', () => {
  const named = new Set(allRoutes(app.house).flatMap(({ action }) => action));
  const actions = Object.keys(rightsTable) as Action[];
  expect([...named].filter((action) => !actions.includes(action))).toEqual([]);
  const worker: Action[] = [
    ...(['account.set_up', 'log.dispose', 'log.restore', 'meeting.close_poll', 'request.end_hold'] as const),
    ...(['measure.remind', 'meeting.remind', 'minutes.remind', 'participation.take_mail'] as const),
  ];
  expect(actions.filter((action) => !named.has(action)).sort()).toEqual(worker.sort());
});
