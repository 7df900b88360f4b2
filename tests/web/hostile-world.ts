import { createApp } from '../../src/app.ts';
import { insertAccount, insertUnit } from '../../src/features/account/store.ts';
import type { LinkScope, User } from '../../src/kernel/access.ts';
import { newId } from '../../src/kernel/ids.ts';
import { linkToken } from '../../src/kernel/links.ts';
import type { Writes } from '../../src/platform/db/database.ts';
import { findSession } from '../../src/platform/web/session.ts';
import { goodRequest, openTestApp, origin, type TestApp } from '../support/app.ts';

/** The demo, a meeting whose minutes are being written, and a second unit of FK's with a case from request to plan. */

export const accounts = [
  'fk',
  'fk2',
  'chef',
  'koordinator',
  'arbetsgivare',
  'af',
  'kommun',
  'individ',
  'registrator',
  'admin',
] as const;

/** What one path parameter can stand for, by the words before it in the path. */
export type Place = { request: string; case: string; meeting: string; participant: string; measure: string };
export type Fields = Record<string, string | string[]>;

/** A body that every form takes, by route. */
export function goodBodies(people: {
  officer: string;
  participants: string[];
  options?: string[];
}): Record<string, Fields> {
  const votes = Object.fromEntries((people.options ?? []).map((id) => [`option-${id}`, 'yes']));
  return {
    'POST /logga-in/demo': { account: 'fk', back: '' },
    'POST /logga-ut': {},
    'POST /begaran': goodRequest,
    'POST /begaran/kvitto/:token/komplettering': { text: 'Ett tillägg.' },
    'POST /begaran/kvitto/:token/aterkallelse': { reason: '' },
    'POST /begaran/:id/beslut': { decision: 'confirm', kind: 'reconciliation', purpose: 'Nästa steg.' },
    'POST /begaran/:id/tilldelning': { officer: people.officer },
    'POST /arenden/:id/tilldelning': { officer: people.officer },
    'POST /moten/:id/deltagare': { party: 'PV', name: 'Vera Vård' },
    'POST /moten/:id/samtal': {
      how: 'På telefon.',
      ...Object.fromEntries(people.participants.map((id) => [`party-${id}`, 'yes'])),
    },
    'POST /moten/:id/tid': {
      startsAt: '2027-03-03T09:00',
      durationMinutes: '60',
      placeKind: 'phone',
      reason: 'Ny tid.',
    },
    'POST /moten/:id/tidsforslag': { startsAt: ['2027-03-03T09:00', '2027-03-04T09:00'], durationMinutes: '60' },
    'POST /moten/:id/tidsforslag/fraga': {},
    'POST /moten/:id/tidsforslag/avsluta': {},
    'POST /moten/:id/deltagare/:pid/tider': { via: 'phone', ...votes },
    'POST /svar/:token/tider': votes,
    'POST /kalender/flode': { act: 'on' },
    'POST /moten/:id/kallelse': {},
    'POST /moten/:id/installd': { reason: 'Går inte.' },
    'POST /moten/:id/deltagare/:pid/bort': {},
    'POST /moten/:id/deltagare/:pid/svar': { answer: 'accepted', via: 'phone', comment: '' },
    'POST /moten/:id/deltagare/:pid/ny-lank': {},
    'POST /svar/:token': { answer: 'accepted', comment: '' },
    'POST /moten/:id/hallet': {},
    'PATCH /moten/:id/protokoll': { field: 'canDo', text: 'Sitta.', baseVersion: '0' },
    'POST /moten/:id/protokoll': { canDo: 'Sitta.', 'version-canDo': '0' },
    'POST /moten/:id/protokoll/atgarder': { text: 'Ordna en stol', carriedOutBy: 'ARBG' },
    'POST /moten/:id/protokoll/faststallande': { reason: 'Alla hörde texten.', noFollowUpReason: 'Bokas sedan.' },
    'POST /atgarder/:id/status': { status: 'ongoing', note: 'På väg.' },
  };
}

/** Sent as its route wants it: JSON to the autosave, a form to all others. */
export function requestOf(
  method: string,
  fields: Fields | undefined,
  headers: Record<string, string> = {},
): RequestInit {
  const sent = { 'sec-fetch-site': 'same-origin', ...headers };
  if (fields === undefined) return { method, headers: sent };
  if (method === 'PATCH') {
    const json = { ...fields, baseVersion: Number(fields.baseVersion) };
    return { method, headers: { ...sent, origin, 'content-type': 'application/json' }, body: JSON.stringify(json) };
  }
  const pairs = Object.entries(fields).flatMap(([name, value]) => [value].flat().map((one) => [name, one]));
  return { method, headers: { ...sent, origin }, body: new URLSearchParams(pairs as [string, string][]) };
}

class RolledBack extends Error {
  readonly value: unknown;
  constructor(value: unknown) {
    super('rolled back');
    this.value = value;
  }
}

/**
 * The same product on the same database, where every transaction runs to its end and is then undone: a thousand posts,
 * each on the same ground. Refusals and looks are written by themselves, as ever.
 */
export function dryRun({ house }: TestApp, log = house.log) {
  const { database } = house.engine;
  const counted = { done: 0 };
  const engine = {
    ...house.engine,
    database: {
      ...database,
      async transaction<T>(work: (writes: Writes) => Promise<T>): Promise<T> {
        try {
          return await database.transaction(async (writes) => {
            const before = await doneRows(writes);
            const value = await work(writes);
            counted.done += (await doneRows(writes)) - before;
            throw new RolledBack(value);
          });
        } catch (error) {
          if (error instanceof RolledBack) return error.value as T;
          throw error;
        }
      },
    },
  };
  /** Every act that is done ends with an audit row that says so. */
  async function doneRows({ db }: Writes): Promise<number> {
    const { n } = await db
      .selectFrom('audit')
      .select((s) => s.fn.countAll<number>().as('n'))
      .where('outcome', '=', 'done')
      .executeTakeFirstOrThrow();
    return n;
  }
  return {
    app: createApp({ ...house, log, engine }),
    /** How many acts were done, had they not been undone. */
    counted,
  };
}

export async function openHostileWorld() {
  const test = await openTestApp();
  const { database, clock } = test.house.engine;
  const { db } = database.reads;

  const sessions = new Map<string, { cookie: string; user: User }>();
  async function signIn(account: string) {
    const response = await test.app.request(`${origin}/logga-in/demo`, requestOf('POST', { account }));
    const cookie = response.headers.get('set-cookie')?.split(';')[0] ?? '';
    const session = await findSession(database.reads, cookie.split('=')[1] ?? '', clock.now());
    if (!session) throw new Error(`no session for ${account}`);
    sessions.set(account, { cookie, user: session.user });
    return test.signIn(account);
  }
  for (const account of accounts) await signIn(account);

  /** From the public form to the minutes, through the pages, as one officer. */
  async function makeMeeting(account: string, individual: Fields) {
    const officer = await signIn(account);
    const own = sessions.get(account)?.user.id ?? '';
    const post = async (path: string, fields: Fields) => {
      const response = await officer.post(path, fields);
      if (response.status !== 303) throw new Error(`${path}: ${response.status} ${await response.text()}`);
      return response.headers.get('location') ?? '';
    };
    const sent = await test.visitor().post('/begaran', { ...goodRequest, ...individual });
    if (sent.status !== 303) throw new Error(`the request: ${sent.status}`);
    const request = (await db.selectFrom('request').select('id').orderBy('id', 'desc').executeTakeFirstOrThrow()).id;
    const meeting =
      (
        await post(`/begaran/${request}/beslut`, {
          decision: 'confirm',
          kind: 'reconciliation',
          purpose: 'Nästa steg.',
        })
      )
        .split('/')
        .at(-1) ?? '';
    for (const party of ['PERSON', 'FK', 'PV', 'SOC']) {
      const person = { party, name: `${party} namn`, email: `${party}@utomstaende.example`.toLowerCase() };
      await post(`/moten/${meeting}/deltagare`, { ...person, verified: 'on', verifiedHow: 'Ringde.' });
    }
    const participants = await db
      .selectFrom('participant')
      .select(['id', 'party'])
      .where('meeting_id', '=', meeting)
      .orderBy('id')
      .execute();
    const bodies = goodBodies({ officer: own, participants: participants.map(({ id }) => id) });
    const step = (name: string) => post(`/moten/${meeting}/${name}`, bodies[`POST /moten/:id/${name}`] ?? {});
    await step('samtal');
    const { case_id } = await db
      .selectFrom('meeting')
      .select('case_id')
      .where('id', '=', meeting)
      .executeTakeFirstOrThrow();
    return { request, case: case_id ?? '', meeting, participant: participants.at(-1)?.id ?? '', step };
  }

  async function makeCase(account: string, individualNumber: string, ending: string[]): Promise<Place> {
    const { step, ...place } = await makeMeeting(account, { individualNumber });
    const steps = ['tid', 'kallelse', 'hallet', 'protokoll', 'protokoll/atgarder', ...ending];
    for (const name of steps) await step(name);
    const measure = await db
      .selectFrom('measure')
      .select('id')
      .where('meeting_id', '=', place.meeting)
      .executeTakeFirstOrThrow();
    return { ...place, measure: measure.id };
  }

  /** A meeting for which times are proposed. */
  async function makePolling(): Promise<Place> {
    const { step, ...place } = await makeMeeting('fk', { individualNumber: '', individualNumberMissing: 'on' });
    await step('tidsforslag');
    return { ...place, measure: newId(now) };
  }

  const now = clock.now();
  const unitId = newId(now);
  const fk = sessions.get('fk')?.user as User;
  await database.transaction(async (w) => {
    const { organisationId } = fk;
    await insertUnit(w, {
      id: unitId,
      organisationId,
      name: 'Annan enhet',
      phone: '08-465 004 11',
      address: 'Ågatan 2',
    });
    const account = {
      role: 'officer',
      fk: true,
      party: 'FK',
      organisationId,
      unitId,
      name: 'Eva Ek',
      email: null,
      phone: null,
    } as const;
    await insertAccount(w, { ...account, id: newId(now), demoKey: 'elsewhere', personalNumber: null });
  });
  const elsewhere = await makeCase('elsewhere', '20120129-2388', ['protokoll/faststallande']);
  // Its officer is signed in; the page where one signs in lists the demo's own.
  await database.transaction((w) =>
    w.db.updateTable('account').set({ demo_key: null }).where('unit_id', '=', unitId).execute(),
  );
  const writing = await makeCase('fk', '20181231-2385', []);
  const polling = await makePolling();
  await (await signIn('fk')).post('/kalender/flode', { act: 'on' });
  const feedOf = sessions.get('fk')?.user.id ?? '';

  const demoMeeting = async (state: string, officer: string): Promise<Place> => {
    const row = await db
      .selectFrom('meeting')
      .select(['id', 'case_id', 'request_id'])
      .where('state', '=', state)
      .where('officer_id', '=', sessions.get(officer)?.user.id ?? '')
      .orderBy('id')
      .executeTakeFirstOrThrow();
    const participant = await db
      .selectFrom('participant')
      .select('id')
      .where('meeting_id', '=', row.id)
      .orderBy('id', 'desc')
      .executeTakeFirstOrThrow();
    const measure = await db
      .selectFrom('measure')
      .select('id')
      .where('meeting_id', '=', row.id)
      .orderBy('position')
      .executeTakeFirst();
    return {
      request: row.request_id ?? '',
      case: row.case_id ?? '',
      meeting: row.id,
      participant: participant.id,
      measure: measure?.id ?? newId(now),
    };
  };
  const minuted = await demoMeeting('minuted', 'fk');
  const invited = await demoMeeting('scheduled', 'fk');
  const colleague = await demoMeeting('planning', 'fk2');
  // The person has said yes to everybody, so that times can be proposed.
  const invitedThere = await db
    .selectFrom('participant')
    .select('id')
    .where('meeting_id', '=', colleague.meeting)
    .execute();
  const said = goodBodies({ officer: '', participants: invitedThere.map(({ id }) => id) })['POST /moten/:id/samtal'];
  await (await signIn('fk2')).post(`/moten/${colleague.meeting}/samtal`, said ?? {});
  const open = await db
    .selectFrom('request')
    .select('id')
    .where('state', '=', 'received')
    .where('officer_id', 'is', null)
    .executeTakeFirstOrThrow();

  return {
    test,
    sessions,
    /** Nobody has taken it; the coordinator asked for it. */
    unassigned: open.id,
    places: { minuted, invited, writing, colleague, elsewhere },
    /** Times are proposed for it; one of fk's. */
    polling,
    /** Whose calendar feed is on. */
    feedOf,
    unknown: {
      request: newId(now),
      case: newId(now),
      meeting: newId(now),
      participant: newId(now),
      measure: newId(now),
    } satisfies Place,
    /** The link of a participant, of a request's receipt, or of a feed. */
    async tokenOf(scope: LinkScope, id: string): Promise<string> {
      if (scope === 'feed') return linkToken(test.house.config.linkKey, scope, id, 1);
      const table = scope === 'participant' ? 'participant' : 'request';
      const row = await db.selectFrom(table).select('link_generation').where('id', '=', id).executeTakeFirst();
      return linkToken(test.house.config.linkKey, scope, id, row?.link_generation ?? 1);
    },
    async optionsOf(meeting: string): Promise<string[]> {
      const rows = await db
        .selectFrom('poll_option as o')
        .innerJoin('poll as p', 'p.id', 'o.poll_id')
        .select('o.id')
        .where('p.meeting_id', '=', meeting)
        .execute();
      return rows.map(({ id }) => id);
    },
    async participantsOf(meeting: string): Promise<string[]> {
      const rows = await db
        .selectFrom('participant')
        .select('id')
        .where('meeting_id', '=', meeting)
        .orderBy('id')
        .execute();
      return rows.map(({ id }) => id);
    },
  };
}

export type HostileWorld = Awaited<ReturnType<typeof openHostileWorld>>;
