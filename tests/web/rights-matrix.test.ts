import type { Kysely, QueryExecutor } from 'kysely';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { allRoutes } from '../../src/app.ts';
import { needsSession, rights } from '../../src/features/account/rules.ts';
import { locateReader } from '../../src/features/approval/store.ts';
import { locateCoded, locateRelease } from '../../src/features/consent/release/store.ts';
import { locateCorrection } from '../../src/features/correction/store.ts';
import { locateMinutesDocument } from '../../src/features/filing/document/store.ts';
import { locateLinked } from '../../src/features/invitation/store.ts';
import { locateEmergency } from '../../src/features/log/emergency/store.ts';
import { locateReview } from '../../src/features/log/review/store.ts';
import { locateMailOf, locateMessage, locateUnplaced } from '../../src/features/meeting/post/store.ts';
import { locateMeeting } from '../../src/features/meeting/store.ts';
import { locateContributing } from '../../src/features/minutes/live/store.ts';
import { locateOpened } from '../../src/features/minutes/store.ts';
import { locateCarried } from '../../src/features/plan/owner/store.ts';
import { locatePlan } from '../../src/features/plan/store.ts';
import { locateRequest } from '../../src/features/request/store.ts';
import { locateStructural } from '../../src/features/structural/store.ts';
import { type Action, type Actor, nobody, type Subject } from '../../src/kernel/access.ts';
import { claimedId } from '../../src/kernel/links.ts';
import { addDays } from '../../src/kernel/time.ts';
import { rateLimits } from '../../src/platform/web/rate.ts';
import { origin } from '../support/app.ts';
import {
  accounts,
  administeredId,
  dryRun,
  goodBodies,
  type HostileWorld,
  openHostileWorld,
  type Place,
  postOf,
  requestOf,
} from './hostile-world.ts';

/** Every route × every demo account and no session × what is theirs, what is others', what does not exist. */

let world: HostileWorld;
let dry: ReturnType<typeof dryRun>;
let routes: { name: string; method: string; path: string; actions: Action[] }[];
const rows: Row[] = [];
/** How often the database has been asked, by whomever. */
let queries = 0;
beforeAll(async () => {
  // Who may is asked here, not how often: every visitor comes by the same links within a minute.
  rateLimits.link = 10_000;
  world = await openHostileWorld();
  countQueries();
  dry = dryRun(world.test);
  routes = allRoutes(world.test.house).map(({ method, path, action }) => ({
    name: `${method.toUpperCase()} ${path}`,
    method: method.toUpperCase(),
    path,
    actions: [action].flat(),
  }));
  for (const route of routes) for (const column of await columnsOf(route.path)) await fill(route, column);
}, 120_000);
/** Counts at what every executor, of a reader or of a transaction, inherits. */
function countQueries(): void {
  let base: QueryExecutor = (world.test.house.engine.database.reads.db as Kysely<never>).getExecutor();
  while (!Object.hasOwn(base, 'executeQuery')) base = Object.getPrototypeOf(base);
  const { executeQuery } = base;
  vi.spyOn(base, 'executeQuery').mockImplementation(function (this: QueryExecutor, ...asked) {
    // The rate limit counts beside the requests, now and then.
    if (!/"rate"/.test(asked[0].sql)) queries++;
    return executeQuery.apply(this, asked) as never;
  });
}
afterAll(() => {
  vi.restoreAllMocks();
  return world.test.close();
});

/** What is done to minutes by those whom they are out to. */
const byReader: readonly Action[] = ['minutes.review', 'minutes.approve', 'minutes.object'];
const nothing = { scope: 'participant', id: '' } as const;
const visitors = [...accounts, 'nobody'] as const;
type Visitor = (typeof visitors)[number];
type Column = { name: string; place: Place; token?: string; code?: string };
type Row = {
  route: string;
  column: string;
  visitor: Visitor;
  expected: string;
  status: number;
  body: string;
  headers: string;
  done: number;
  /** How often the database was asked. */
  queries: number;
};

/** What the path's parameters stand for: own, a colleague's, another unit's, nothing. */
async function columnsOf(path: string): Promise<Column[]> {
  const { places, unknown, unassigned, tokenOf } = world;
  if (!path.includes(':')) return [{ name: 'no one', place: unknown }];
  if (path.includes(':token')) {
    if (path.startsWith('/kalender/')) {
      const token = (id: string) => tokenOf('feed', id);
      return [
        { name: 'own link', place: places.invited, token: await token(world.feedOf) },
        {
          name: 'link for something else',
          place: places.invited,
          token: await tokenOf('participant', places.invited.participant),
        },
        { name: 'unknown', place: unknown, token: await token(unknown.request) },
        { name: 'no token', place: unknown, token: 'x' },
      ];
    }
    if (path.startsWith('/enkat/')) {
      return [
        { name: 'own link', place: places.invited, token: await tokenOf('survey', world.survey) },
        { name: 'link for something else', place: places.invited, token: await tokenOf('feed', world.survey) },
        { name: 'unknown', place: unknown, token: await tokenOf('survey', unknown.request) },
        { name: 'no token', place: unknown, token: 'y' },
      ];
    }
    const receipt = path.startsWith('/begaran/');
    const measure = path.startsWith('/atgard/');
    const [scope, other] = receipt
      ? (['receipt', 'participant'] as const)
      : ([measure ? 'measure' : 'participant', 'receipt'] as const);
    const key = receipt ? 'request' : measure ? 'measure' : 'participant';
    const copies = path.includes('/exemplar');
    const read = { ...places.minuted, participant: world.reader.participant };
    const [person = ''] = await world.participantsOf(places.invited.meeting);
    const askedOf: Record<string, typeof read> = {
      tider: world.polling,
      paminnelser: { ...world.polling, participant: world.individual },
      anpassning: { ...places.invited, participant: person },
    };
    const asked = askedOf[path.split('/').at(-1) ?? ''] ?? places.invited;
    const byLink = measure ? places.minuted : asked;
    const place = receipt ? { ...places.invited, request: unassigned } : copies ? read : byLink;
    const token = await tokenOf(scope, place[key]);
    const coded = { place, token, code: world.reader.cookie };
    const another = (release: string) => ({ ...coded, place: { ...place, release } });
    return [
      { name: 'own link', place, token },
      ...(copies ? [{ name: 'own link and code', ...coded }] : []),
      ...(path.startsWith('/svar/:token/exemplar/:id')
        ? [
            { name: 'own link and code, another’s copy', ...another(places.elsewhere.release) },
            { name: 'own link and code, no copy', ...another(unknown.release) },
          ]
        : []),
      { name: 'link for something else', place, token: await tokenOf(other, place[key]) },
      { name: 'exchanged link', place, token: await tokenOf(scope, place[key], 99) },
      { name: 'unknown', place: unknown, token: await tokenOf(scope, unknown[key]) },
      { name: 'no token', place: unknown, token: `x${path.length}` },
    ];
  }
  // What is administered hangs on no case: by role alone.
  if (/^\/(administration|enheten)\//.test(path)) return [{ name: 'any', place: unknown }];
  const all = Object.entries({ ...places, unknown }).map(([name, place]) => ({ name, place }));
  if (/\/(tid(er|sforslag)|avslut)/.test(path)) return [...all, { name: 'polling', place: world.polling }];
  if (path.startsWith('/moten/:id/protokoll')) return [...all, { name: 'reviewing', place: world.reviewing }];
  if (!path.startsWith('/begaran/:id')) return all;
  return [...all, { name: 'unassigned', place: { ...unknown, request: unassigned } }];
}

/** The path with every parameter in it; a parameter that nobody has thought of is a mistake here. */
function fillPath(path: string, { place, token }: Column): string {
  const { request: begaran, case: arenden, meeting: moten, measure: atgarder, release: utlamnat } = place;
  const { emergency: nodatkomst, review: loggranskning, correction: rattelser, structural: samverkan } = place;
  const ids = {
    begaran,
    arenden,
    moten,
    atgarder,
    utlamnat,
    svar: utlamnat,
    rattelser,
    nodatkomst,
    loggranskning,
    samverkan,
  };
  const id = administeredId(world.administered, path) ?? ids[path.split('/')[1] as keyof typeof ids];
  const filled = path
    .replace(':token', token ?? ':token')
    .replace(':pid', place.participant)
    .replace(':mid', postOf(path, place))
    .replace(':into', world.into)
    .replace(':sid', place.consent)
    .replace(':rid', path.startsWith('/arenden/') ? place.representation : place.row)
    .replace(':id', id ?? ':id');
  if (filled.includes('/:')) throw new Error(`the matrix does not know what ${path} is about`);
  return filled;
}

/** What the path is about, read from the database, as the rights table is asked about it; null when there is none. */
async function subjectOf(
  path: string,
  action: Action,
  { place, token }: Column,
  visitor: Visitor,
): Promise<Subject | null> {
  const { reads } = world.test.house.engine.database;
  if (!path.includes(':')) return nobody;
  if (path.includes(':token')) {
    const [scope, id] = path.startsWith('/kalender/')
      ? (['feed', place === world.unknown ? place.request : world.feedOf] as const)
      : path.startsWith('/enkat/')
        ? (['survey', place === world.unknown ? place.request : world.survey] as const)
        : path.startsWith('/begaran/')
          ? (['receipt', place.request] as const)
          : path.startsWith('/atgard/')
            ? (['measure', place.measure] as const)
            : (['participant', place.participant] as const);
    const opens =
      token === (await world.tokenOf(scope, id)) &&
      claimedId(token) !== null &&
      id !== world.unknown.request &&
      id !== world.unknown.participant &&
      id !== world.unknown.measure;
    if (!opens) return null;
    if (action === 'release.list') return (await locateCoded(reads, id))?.subject ?? null;
    if (action === 'release.read')
      return (await locateRelease(reads, place.release, { participantId: id }))?.subject ?? null;
    return { ...nobody, link: { scope, id } };
  }
  if (/^\/(administration|enheten)\//.test(path)) return nobody;
  if (path === '/kalendersvar/:mid') return (await locateUnplaced(reads, place.unplaced))?.subject ?? null;
  if (path.includes(':mid')) {
    const locate = path.includes('/utskick/') ? locateMessage : locateMailOf;
    return (await locate(reads, place.meeting, postOf(path, place)))?.subject ?? null;
  }
  if (path.startsWith('/mina-moten/')) return (await locateLinked(reads, place.participant))?.at.subject ?? null;
  if (path.startsWith('/begaran/')) return (await locateRequest(reads, place.request))?.subject ?? null;
  if (path.startsWith('/arenden/')) return (await locatePlan(reads, place.case))?.subject ?? null;
  if (path.startsWith('/nodatkomst/')) return (await locateEmergency(reads, place.emergency))?.subject ?? null;
  if (path.startsWith('/loggranskning/')) return (await locateReview(reads, place.review))?.subject ?? null;
  if (path.startsWith('/rattelser/')) return (await locateCorrection(reads, place.correction))?.subject ?? null;
  if (path.startsWith('/samverkan/')) return (await locateStructural(reads, place.structural))?.subject ?? null;
  if (path.startsWith('/atgarder/')) return (await locateCarried(reads, place.measure))?.at.subject ?? null;
  if (path.startsWith('/utlamnat/')) {
    const reader = world.sessions.get(visitor)?.user.id ?? '';
    return (await locateRelease(reads, place.release, { accountId: reader }))?.subject ?? null;
  }
  // A party's copy is asked for by a query, and here there is none.
  if (action === 'release.read') return null;
  if (action === 'document.read') return (await locateMinutesDocument(reads, place.meeting))?.subject ?? null;
  if (action === 'minutes.amend') return (await locateMinutesDocument(reads, place.meeting))?.subject ?? null;
  if (byReader.includes(action)) {
    const user: Actor = world.sessions.get(visitor)?.user ?? { kind: 'public' };
    return (await locateReader(reads, place.meeting, user))?.subject ?? null;
  }
  if (action === 'minutes.contribute') {
    const user = world.sessions.get(visitor)?.user ?? { id: '' };
    return (await locateContributing(reads, place.meeting, user))?.subject ?? null;
  }
  const locate = action.startsWith('minutes.') ? locateOpened : locateMeeting;
  return (await locate(reads, place.meeting))?.subject ?? null;
}

/** `allowed`, `forbidden` or `hidden` by the rights table; without a session `sign in` where one is needed. */
function expectedOf(
  route: (typeof routes)[number],
  subjects: Map<Action, Subject | null>,
  visitor: Visitor,
  { code, token }: Column,
): string {
  if (visitor === 'nobody' && token === undefined && route.actions.every(needsSession)) return 'sign in';
  // A decision is one of four acts, and the body says which; a request sent without a channel is not registered.
  const actions =
    route.actions.includes('request.submit') || route.path.endsWith('/beslut')
      ? route.actions.slice(0, 1)
      : route.actions;
  const verdicts: string[] = [];
  for (const action of actions) {
    const subject = subjects.get(action);
    const user: Actor = world.sessions.get(visitor)?.user ?? { kind: 'public' };
    const link = subject?.link;
    const holder: Actor = { kind: 'link', ...(link ?? nothing), ...(code && { coded: true }) };
    const actor = token === undefined ? user : holder;
    verdicts.push(subject ? rights(action, actor, subject).verdict : 'hidden');
  }
  const verdict = ['allowed', 'forbidden'].find((one) => verdicts.includes(one)) ?? 'hidden';
  // What a code would open is not refused before it has been asked for.
  const copies = route.path.includes(':token/exemplar') && [...subjects.values()].some((subject) => subject !== null);
  return copies && code === undefined && verdict !== 'allowed' ? 'the code' : verdict;
}

const masked = (text: string) => text.replaceAll(/\b[2-9A-Z]{4}-[2-9A-Z]{4}\b/g, '····-····');

async function fill(route: (typeof routes)[number], column: Column): Promise<void> {
  const { name, method, path } = route;
  const participants = await world.participantsOf(column.place.meeting);
  const { administered, known, notice, into, numberElsewhere: caseNumber } = world;
  const officer = world.sessions.get('fk2')?.user.id ?? '';
  const options = await world.optionsOf(column.place.meeting);
  const papers = await world.papersOf(column.place.meeting);
  const body = goodBodies({ officer, participants, options, papers, administered, known, notice, into, caseNumber })[
    name
  ];
  if (method !== 'GET' && !body) throw new Error(`the matrix does not know what to send to ${name}`);
  const subjects = new Map<Action, Subject | null>();
  for (const visitor of visitors) {
    // Of all that is read, only a copy and what one writes oneself is somebody's by who asks.
    if (visitor === visitors[0] || path.startsWith('/utlamnat/') || path.includes('/protokoll')) {
      for (const action of route.actions) subjects.set(action, await subjectOf(path, action, column, visitor));
    }
    const cookie = [world.sessions.get(visitor)?.cookie, column.code].filter(Boolean).join('; ');
    dry.counted.done = 0;
    const before = queries;
    const init = requestOf(method, body, cookie ? { cookie } : {});
    const response = await dry.app.request(`${origin}${fillPath(path, column)}`, init);
    const kept = [...response.headers].filter(([header]) => header !== 'x-request-id');
    rows.push({
      ...{ route: name, column: column.name, visitor, status: response.status, done: dry.counted.done },
      queries: queries - before,
      expected: expectedOf(route, subjects, visitor, column),
      body: response.status < 400 ? '' : masked(await response.text()),
      headers: JSON.stringify(kept),
    });
  }
}

/**
 * Allowed, but there is nothing there yet: no plan before any minutes are final, no minutes before the meeting, no yes,
 * nobody who represents, and no case that has been closed.
 */
function nothingYet({ route, column, visitor }: Row): boolean {
  if (/samverkan.*\.(pdf|json)$/.test(route)) return column !== 'minuted';
  if (/avslut\.(pdf|json)$/.test(route)) return true;
  if (/plan(\/enkelt)?\.(pdf|json|svg)$/.test(route)) return ['invited', 'writing', 'colleague'].includes(column);
  if (route.includes('/samtycken/:sid')) return ['invited', 'colleague'].includes(column);
  if (route.includes('/foretradare/:rid/')) return column !== 'minuted';
  const leader = { invited: 'fk', colleague: 'fk2' }[column];
  return route === 'GET /moten/:id/protokoll' && leader !== undefined && visitor !== leader;
}

function isRight(row: Row): boolean {
  const { expected, status, route } = row;
  if (expected === 'hidden') return status === 404;
  if (expected === 'forbidden') return status === 403;
  if (expected === 'the code') return status === 303 && row.headers.includes('/kod"');
  if (expected === 'sign in') return route.startsWith('GET ') ? status === 303 : status === 403;
  return nothingYet(row) ? status === 404 : [200, 303, 409, 422].includes(status);
}

it('is as large as the product', () => {
  expect(new Set(rows.map(({ route }) => route)).size).toBe(routes.length);
  expect(routes.length).toBeGreaterThan(45);
  expect(rows.length).toBeGreaterThan(1_500);
  for (const expected of ['allowed', 'forbidden', 'hidden', 'sign in']) {
    expect(rows.filter((row) => row.expected === expected).length, expected).toBeGreaterThan(50);
  }
});

it('everybody gets what the rights table says, and nothing else', () => {
  const wrong = rows.filter((row) => !isRight(row));
  expect(
    wrong.map(({ route, column, visitor, expected, status }) => ({ route, column, visitor, expected, status })),
  ).toEqual([]);
});

/** Asks every route as somebody, and says where the answer is not the one that `like` got. */
async function unlike(cookie: string, like: Visitor): Promise<string[]> {
  const found: string[] = [];
  const { administered, known, notice, into, numberElsewhere: caseNumber } = world;
  const officer = world.sessions.get('fk2')?.user.id ?? '';
  for (const route of routes) {
    for (const column of await columnsOf(route.path)) {
      // The code has a cookie of its own, which these do not send.
      if (column.name.startsWith('own link and code')) continue;
      const participants = await world.participantsOf(column.place.meeting);
      const options = await world.optionsOf(column.place.meeting);
      const papers = await world.papersOf(column.place.meeting);
      const people = { officer, participants, options, papers, administered, known, notice, into, caseNumber };
      const body = goodBodies(people)[route.name];
      const answer = await dry.app.request(
        `${origin}${fillPath(route.path, column)}`,
        requestOf(route.method, body, { cookie }),
      );
      const theirs = rows.find((row) => row.route === route.name && row.column === column.name && row.visitor === like);
      if (answer.status !== theirs?.status)
        found.push(`${route.name}, ${column.name}: ${answer.status}, ${like} ${theirs?.status}`);
    }
  }
  return found;
}

it('a session that has ended is nobody’s, on every route', async () => {
  const { db } = world.test.house.engine.database.reads;
  const response = await world.test.app.request(`${origin}/logga-in/demo`, requestOf('POST', { account: 'fk' }));
  const cookie = response.headers.get('set-cookie')?.split(';')[0] ?? '';
  const { id_hash } = await db
    .selectFrom('session')
    .select('id_hash')
    .orderBy('created_at', 'desc')
    .executeTakeFirstOrThrow();
  await world.test.house.engine.database.transaction((w) =>
    w.db
      .updateTable('session')
      .set({ created_at: '2026-01-01T09:00:00.000Z', seen_at: '2026-01-01T09:00:00.000Z' })
      .where('id_hash', '=', id_hash)
      .execute(),
  );
  expect(await unlike(cookie, 'nobody')).toEqual([]);
}, 60_000);

it('who represents the person gets what the person gets, on every route about somebody', async () => {
  const response = await world.test.app.request(
    `${origin}/logga-in/demo`,
    requestOf('POST', { account: 'foretradare' }),
  );
  const cookie = response.headers.get('set-cookie')?.split(';')[0] ?? '';
  expect((await unlike(cookie, 'individ')).filter((line) => line.includes('/:'))).toEqual([]);
}, 60_000);

it('whoever may not do something has changed nothing by trying, and who may has', () => {
  expect(rows.filter(({ expected, done }) => expected !== 'allowed' && done > 0)).toEqual([]);
  const unsafe = rows.filter(({ route, expected }) => !route.startsWith('GET') && expected === 'allowed');
  // A text that comes after the lock, and one that was not taken in beside fields that were saved.
  const besides = ({ route, status }: Row) => route.includes('/protokoll') && (status === 409 || status === 422);
  const odd = unsafe.filter((row) => !besides(row));
  expect(odd.filter(({ status, done }) => (status === 200 || status === 303) !== done > 0)).toEqual([]);
  // Every act succeeds for somebody, so that its denial to others means something.
  const acts = routes.filter(({ method }) => method !== 'GET').map(({ name }) => name);
  expect(acts.filter((act) => !unsafe.some(({ route, done }) => route === act && done > 0))).toEqual([]);
});

it('what one may not know of looks the same as what does not exist', () => {
  const groups = Map.groupBy(
    rows.filter(({ status, expected }) => status === 404 && expected === 'hidden'),
    ({ route, visitor, column }) => `${route} as ${visitor}${column.includes('code') ? ' with the code' : ''}`,
  );
  const different = [...groups].filter(
    ([, group]) =>
      new Set(group.map((row) => `${row.body}${row.headers}`)).size > 1 ||
      new Set(group.map((row) => row.queries)).size > 1,
  );
  expect(different.map(([which, group]) => [which, ...group.map((row) => `${row.column} ${row.queries}`)])).toEqual([]);
  expect(rows.filter((row) => row.queries === 0 && row.expected === 'hidden')).toEqual([]);
  expect(groups.size).toBeGreaterThan(300);
});

/** Written out by hand, so that a mistake in the table cannot agree with itself. In the order of `visitors`. */
const literal: [route: string, column: string, statuses: string][] = [
  //                                                       fk  fk2 chef koo arb af  kom ind reg adm gra none
  ['POST /begaran/:id/beslut', 'unassigned', /*         */ '303 303 403 403 404 404 404 404 404 404 404 403'],
  ['POST /begaran/:id/beslut', 'elsewhere', /*          */ '404 404 404 404 404 404 404 404 404 404 404 403'],
  ['POST /begaran/:id/tilldelning', 'unassigned', /*    */ '303 303 303 403 404 404 404 404 404 404 404 403'],
  ['GET /begaran/:id', 'unassigned', /*                 */ '200 200 200 200 404 404 404 404 404 404 404 303'],
  ['GET /begaran/:id', 'elsewhere', /*                  */ '404 404 404 404 404 404 404 404 404 404 404 303'],
  ['GET /begaran/:id/besked.pdf', 'minuted', /*         */ '200 200 200 200 404 404 404 404 404 404 404 303'],
  ['GET /begaran/:id/besked.pdf', 'elsewhere', /*       */ '404 404 404 404 404 404 404 404 404 404 404 303'],
  ['GET /arenden/:id', 'minuted', /*                    */ '200 200 200 404 404 404 404 200 404 404 404 303'],
  ['GET /arenden/:id', 'invited', /*                    */ '200 200 200 404 404 404 404 404 404 404 404 303'],
  ['GET /arenden/:id', 'elsewhere', /*                  */ '404 404 404 404 404 404 404 404 404 404 404 303'],
  ['GET /arenden/:id/plan', 'minuted', /*               */ '200 200 200 404 404 404 404 200 404 404 404 303'],
  ['GET /arenden/:id/plan.pdf', 'minuted', /*           */ '200 200 200 404 404 404 404 200 200 404 404 303'],
  ['GET /arenden/:id/plan.pdf', 'elsewhere', /*         */ '404 404 404 404 404 404 404 404 404 404 404 303'],
  ['GET /arenden/:id/plan/enkelt.pdf', 'minuted', /*    */ '200 200 200 404 404 404 404 200 200 404 404 303'],
  ['GET /moten/:id', 'minuted', /*                      */ '200 200 200 404 404 404 404 404 404 404 404 303'],
  ['GET /moten/:id', 'elsewhere', /*                    */ '404 404 404 404 404 404 404 404 404 404 404 303'],
  ['GET /moten/:id/tid', 'invited', /*                  */ '200 403 403 404 404 404 404 404 404 404 404 303'],
  ['POST /moten/:id/tid', 'invited', /*                 */ '303 403 403 404 404 404 404 404 404 404 404 403'],
  ['POST /moten/:id/installd', 'colleague', /*          */ '403 303 403 404 404 404 404 404 404 404 404 403'],
  ['POST /moten/:id/deltagare/:pid/svar', 'invited', /* */ '303 403 403 404 404 404 404 404 404 404 404 403'],
  ['GET /moten/:id/protokoll', 'minuted', /*            */ '200 200 200 200 200 404 404 200 200 404 404 303'],
  ['GET /moten/:id/protokoll', 'writing', /*            */ '200 200 200 404 404 404 200 404 404 404 404 303'],
  ['GET /moten/:id/protokoll/andringar', 'writing', /*  */ '200 403 403 404 404 404 200 404 404 404 404 303'],
  ['PATCH /moten/:id/protokoll/bidrag', 'writing', /*   */ '403 403 403 404 404 404 200 404 404 404 404 403'],
  ['POST /moten/:id/protokoll/inlyft', 'writing', /*    */ '303 403 403 404 404 404 404 404 404 404 404 403'],
  ['GET /moten/:id/protokoll.pdf', 'minuted', /*        */ '200 200 200 404 404 404 404 200 200 404 404 303'],
  ['GET /moten/:id/protokoll/enkelt', 'minuted', /*     */ '200 200 200 404 404 404 404 200 200 404 404 303'],
  ['GET /moten/:id/protokoll/enkelt.pdf', 'minuted', /* */ '200 200 200 404 404 404 404 200 200 404 404 303'],
  ['GET /moten/:id/protokoll/enkelt', 'elsewhere', /*   */ '404 404 404 404 404 404 404 404 404 404 404 303'],
  ['GET /moten/:id/protokoll.json', 'elsewhere', /*     */ '404 404 404 404 404 404 404 404 404 404 404 303'],
  ['PATCH /moten/:id/protokoll', 'writing', /*          */ '200 403 403 404 404 404 404 404 404 404 404 403'],
  ['POST /moten/:id/protokoll/faststallande', 'writing', '303 403 403 404 404 404 404 404 404 404 404 403'],
  //                                                       fk  fk2 chef koo arb af  kom ind reg adm gra none
  ['GET /moten/:id/protokoll', 'reviewing', /*          */ '200 200 200 404 404 200 404 404 404 404 404 303'],
  ['POST /moten/:id/protokoll/godkannande', 'reviewing', '403 403 403 404 404 303 404 404 404 404 404 403'],
  ['POST /moten/:id/protokoll/invandning', 'reviewing', '403 403 403 404 404 303 404 404 404 404 404 403'],
  ['POST /moten/:id/protokoll/granskning', 'writing', /**/ '303 403 403 404 404 404 404 404 404 404 404 403'],
  ['POST /moten/:id/protokoll/andring', 'reviewing', /* */ '303 403 403 404 404 404 404 404 404 404 404 403'],
  ['GET /moten/:id/skriver-med', 'writing', /*          */ '200 403 403 404 404 404 404 404 404 404 404 303'],
  ['POST /moten/:id/skriver-med', 'writing', /*         */ '303 403 403 404 404 404 404 404 404 404 404 403'],
  ['POST /moten/:id/protokoll/rattelse', 'minuted', /*  */ '303 403 403 404 404 404 404 404 404 404 404 403'],
  ['GET /arenden/:id/moten/nytt', 'invited', /*         */ '200 403 403 404 404 404 404 404 404 404 404 303'],
  ['POST /arenden/:id/moten', 'invited', /*             */ '303 403 403 404 404 404 404 404 404 404 404 403'],
  ['POST /arenden/:id/avslut', 'invited', /*            */ '303 403 403 404 404 404 404 404 404 404 404 403'],
  ['POST /arenden/:id/avslut/klart', 'polling', /*      */ '303 403 403 404 404 404 404 404 404 404 404 403'],
  ['POST /arenden/:id/avslut/angra', 'polling', /*      */ '303 403 403 404 404 404 404 404 404 404 404 403'],
  ['GET /arenden/:id/avslut', 'polling', /*             */ '200 200 200 404 404 404 404 404 404 404 404 303'],
  ['GET /statistik', 'no one', /*                       */ '200 200 200 200 200 200 200 200 200 200 200 303'],
  ['GET /enkat/:token', 'own link', /*                  */ '200 200 200 200 200 200 200 200 200 200 200 200'],
  ['POST /enkat/:token', 'own link', /*                 */ '303 303 303 303 303 303 303 303 303 303 303 303'],
  ['POST /enkat/:token', 'link for something else', /*  */ '404 404 404 404 404 404 404 404 404 404 404 404'],
  ['GET /samverkan', 'no one', /*                       */ '200 200 200 403 403 403 403 403 403 403 403 303'],
  ['POST /samverkan', 'no one', /*                      */ '303 303 303 403 403 403 403 403 403 403 403 403'],
  ['GET /samverkan/:id', 'minuted', /*                  */ '200 200 200 404 404 404 404 404 404 404 404 303'],
  ['GET /samverkan/:id', 'elsewhere', /*                */ '404 404 404 404 404 404 404 404 404 404 404 303'],
  ['GET /samverkan/:id/protokoll.pdf', 'minuted', /*    */ '200 200 200 404 404 404 404 404 404 404 404 303'],
  ['POST /samverkan/:id', 'writing', /*                 */ '303 303 303 404 404 404 404 404 404 404 404 403'],
  ['POST /samverkan/:id/faststallande', 'writing', /*   */ '303 303 303 404 404 404 404 404 404 404 404 403'],
  ['POST /atgarder/:id/status', 'minuted', /*           */ '303 403 403 404 303 404 404 403 404 404 404 403'],
  ['POST /rattelser/:id/godkannande', 'minuted', /*      */ '403 303 303 404 404 404 404 404 404 404 404 403'],
  ['POST /rattelser/:id/avslag', 'minuted', /*           */ '403 303 303 404 404 404 404 404 404 404 404 403'],
  ['GET /rattelser/:id', 'minuted', /*                  */ '200 200 200 404 404 404 404 404 404 404 404 303'],
  ['POST /arenden/:id/rattelse', 'writing', /*          */ '303 403 403 404 404 404 404 404 404 404 404 403'],
  ['POST /begaran/:id/felregistrerad', 'unassigned', /* */ '303 303 303 403 404 404 404 404 404 404 404 403'],
  ['POST /begaran/:id/sammanslagning', 'unassigned', /* */ '303 303 303 403 404 404 404 404 404 404 404 403'],
  ['GET /arenden/:id/samtycken', 'minuted', /*          */ '200 200 200 404 404 404 404 200 404 404 404 303'],
  ['POST /arenden/:id/samtycken', 'minuted', /*         */ '303 403 403 404 404 404 404 303 404 404 404 403'],
  ['POST /arenden/:id/utlamnande', 'minuted', /*        */ '303 403 403 404 404 404 404 403 404 404 404 403'],
  ['GET /utlamnat/:id', 'minuted', /*                   */ '200 200 200 404 200 404 404 200 404 404 404 303'],
  ['GET /utlamnat/:id/exemplar.pdf', 'minuted', /*      */ '200 200 200 404 200 404 404 200 404 404 404 303'],
  ['GET /utlamnat/:id', 'elsewhere', /*                 */ '404 404 404 404 404 404 404 404 404 404 404 303'],
  ['POST /utlamnat/:id/aterkallelse', 'minuted', /*     */ '303 403 403 404 403 404 404 403 404 404 404 403'],
  ['POST /moten/:id/information/last', 'minuted', /*    */ '403 403 403 404 404 404 404 303 404 404 404 403'],
  ['GET /handlingar', 'no one', /*                      */ '403 403 403 403 403 403 403 403 200 403 403 303'],
  ['GET /arenden', 'no one', /*                         */ '200 200 200 403 403 403 403 200 403 403 403 303'],
  ['POST /moten/:id/tidsforslag', 'colleague', /*       */ '403 303 403 404 404 404 404 404 404 404 404 403'],
  ['GET /moten/:id/tidsforslag', 'polling', /*          */ '200 403 403 404 404 404 404 404 404 404 404 303'],
  ['GET /kalender', 'no one', /*                        */ '200 200 200 200 200 200 200 200 200 200 200 303'],
  ['GET /kalender/:token', 'own link', /*               */ '200 200 200 200 200 200 200 200 200 200 200 200'],
  ['GET /kalender/:token', 'unknown', /*                */ '404 404 404 404 404 404 404 404 404 404 404 404'],
  ['GET /svar/:token', 'own link', /*                   */ '200 200 200 200 200 200 200 200 200 200 200 200'],
  ['GET /svar/:token', 'link for something else', /*    */ '404 404 404 404 404 404 404 404 404 404 404 404'],
  [
    'GET /svar/:token/exemplar',
    'own link',
    /*                       */ '303 303 303 303 303 303 303 303 303 303 303 303',
  ],
  [
    'GET /svar/:token/exemplar',
    'own link and code',
    /*              */ '200 200 200 200 200 200 200 200 200 200 200 200',
  ],
  [
    'GET /svar/:token/exemplar/:id',
    'own link',
    /*                   */ '303 303 303 303 303 303 303 303 303 303 303 303',
  ],
  [
    'GET /svar/:token/exemplar/:id',
    'own link and code',
    /*          */ '200 200 200 200 200 200 200 200 200 200 200 200',
  ],
  [
    'GET /svar/:token/exemplar/:id/exemplar.pdf',
    'own link and code',
    '200 200 200 200 200 200 200 200 200 200 200 200',
  ],
  [
    'GET /svar/:token/exemplar/:id',
    'own link and code, no copy',
    /* */ '404 404 404 404 404 404 404 404 404 404 404 404',
  ],
  ['POST /svar/:token', 'unknown', /*                   */ '404 404 404 404 404 404 404 404 404 404 404 404'],
];

describe('by hand', () => {
  it.each(literal)('%s, %s', (route, column, statuses) => {
    const found = rows.filter((row) => row.route === route && row.column === column);
    expect(found.map(({ status }) => status).join(' ')).toBe(statuses);
  });

  it('only two of FK’s officers can confirm, whatever the request', () => {
    const confirmed = rows.filter(({ route, done }) => route === 'POST /begaran/:id/beslut' && done > 0);
    expect(new Set(confirmed.map(({ visitor }) => visitor))).toEqual(new Set(['fk', 'fk2']));
  });

  it('a party gets no page of any case or meeting, and the administrator none of anybody’s', () => {
    const outside: Visitor[] = ['koordinator', 'arbetsgivare', 'af', 'kommun', 'admin'];
    const about = rows.filter(
      ({ route, visitor, column }) =>
        /^\w+ \/(moten|arenden|atgarder|rattelser)\/:/.test(route) &&
        outside.includes(visitor) &&
        // But whoever carries out a measure, that one.
        !(visitor === 'arbetsgivare' && column === 'minuted' && /atgarder\/:id(\/status)?$/.test(route)),
    );
    expect(about.length).toBeGreaterThan(500);
    // But for the one where who takes part writes for themselves, in the meetings they take part in.
    const own = ({ route, expected }: Row) => route.includes('/protokoll') && expected === 'allowed';
    expect(about.filter((row) => row.status !== 404 && !own(row))).toEqual([]);
  });

  it('registering a request that came another way is for FK’s officers', async () => {
    const fields = { ...goodBodies({ officer: '', participants: [] })['POST /begaran'], channel: 'phone' };
    const statuses: number[] = [];
    for (const visitor of visitors) {
      const cookie = world.sessions.get(visitor)?.cookie;
      const init = requestOf('POST', fields, cookie ? { cookie } : {});
      statuses.push((await dry.app.request(`${origin}/begaran`, init)).status);
    }
    expect(statuses.join(' ')).toBe('303 303 403 403 403 403 403 403 403 403 403 403');
  });

  it.each(['ask', 'hold', 'decline'])('to %s is for those who can confirm', async (decision) => {
    const fields = {
      decision,
      reasonCode: decision === 'decline' ? 'too_early' : '',
      instead: 'Ring oss.',
      outwardText: 'Vi återkommer.',
    };
    const statuses: number[] = [];
    for (const visitor of visitors) {
      const cookie = world.sessions.get(visitor)?.cookie;
      const init = requestOf('POST', fields, cookie ? { cookie } : {});
      statuses.push((await dry.app.request(`${origin}/begaran/${world.unassigned}/beslut`, init)).status);
    }
    expect(statuses.join(' ')).toBe('303 303 403 403 404 404 404 404 404 404 404 403');
  });
});

describe('lists', () => {
  it.each(visitors)('for %s name nothing of another unit’s', async (visitor) => {
    const cookie = world.sessions.get(visitor)?.cookie;
    const secret = Object.values(world.places.elsewhere);
    for (const path of ['/', '/inkorg', '/arenden', '/arenden?visa=mine', '/handlingar', '/begaran/ny']) {
      const html = await (await dry.app.request(`${origin}${path}`, { headers: cookie ? { cookie } : {} })).text();
      expect(
        secret.filter((id) => html.includes(id)),
        path,
      ).toEqual([]);
    }
  });
});

it('a participant’s link opens no route when its time is over, for nobody', async () => {
  const now = world.test.house.engine.clock.now();
  const links = routes.filter(({ path }) => path.startsWith('/svar/:token'));
  expect(links.length).toBeGreaterThan(6);
  world.test.setClock(addDays(now.slice(0, 10), 400) + now.slice(10));
  const opened: string[] = [];
  for (const route of links) {
    for (const column of await columnsOf(route.path)) {
      const body = goodBodies({ officer: '', participants: [], known: world.known })[route.name];
      const answer = await dry.app.request(`${origin}${fillPath(route.path, column)}`, requestOf(route.method, body));
      if (answer.status !== 404) opened.push(`${route.name}, ${column.name}: ${answer.status}`);
    }
  }
  world.test.setClock(now);
  expect(opened).toEqual([]);
}, 60_000);
