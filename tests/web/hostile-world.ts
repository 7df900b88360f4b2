import { createApp } from '../../src/app.ts';
import { insertAccount, insertUnit } from '../../src/features/account/store.ts';
import { changesPrint } from '../../src/features/correction/rules.ts';
import { noteRefused } from '../../src/features/correction/store.ts';
import { insertCode } from '../../src/features/invitation/code/store.ts';
import { insertEmergency } from '../../src/features/log/emergency/store.ts';
import { insertReview } from '../../src/features/log/review/store.ts';
import { askBinding } from '../../src/features/meeting/binding/store.ts';
import { insertLetter } from '../../src/features/meeting/letter/store.ts';
import { updateParticipant } from '../../src/features/meeting/participant/store.ts';
import { insertMail } from '../../src/features/meeting/post/store.ts';
import { contributionField } from '../../src/features/minutes/live/rules.ts';
import { writeField } from '../../src/features/minutes/store.ts';
import { goalKey } from '../../src/features/plan/goal/rules.ts';
import { insertWithholding } from '../../src/features/request/requester/store.ts';
import { insertLink } from '../../src/features/survey/store.ts';
import type { LinkScope, User } from '../../src/kernel/access.ts';
import { accept, refuse } from '../../src/kernel/decision.ts';
import { newId, newRandomId } from '../../src/kernel/ids.ts';
import { linkCode, linkToken } from '../../src/kernel/links.ts';
import { addDays, stockholmDate } from '../../src/kernel/time.ts';
import { systemClock } from '../../src/platform/clock.ts';
import { permit } from '../../src/platform/db/access.ts';
import type { Writes } from '../../src/platform/db/database.ts';
import { findSession, openLinkSession } from '../../src/platform/web/session.ts';
import demo from '../../views/demo/demo.json' with { type: 'json' };
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
  'granskare',
] as const;

/** What one path parameter can stand for, by the words before it in the path. */
export type Place = CasePlace & {
  /** A past opening of the case without ordinary right. */
  emergency: string;
  /** A meeting about nobody, of the unit whose case it is. */
  structural: string;
  /** A sample of the log, and a row of it. */
  review: string;
  row: string;
};
type CasePlace = {
  request: string;
  case: string;
  meeting: string;
  participant: string;
  measure: string;
  representation: string;
  correction: string;
} & Shared &
  Post;
/** What was said to a party of the case last, and what was released to one. */
type Shared = { consent: string; release: string };
/** A mail that came about the meeting, one that came about nothing known, and one that was sent. */
type Post = { mail: string; unplaced: string; sent: string };

/** What `:mid` stands for in a path. */
export const postOf = (path: string, { mail, unplaced, sent }: Post): string =>
  path.startsWith('/kalendersvar/') ? unplaced : path.includes('/utskick/') ? sent : mail;
/** A letter that waits for the participant of the invited meeting. */
const waitingLetter = '0198c2a4-6d1e-7c55-9a3b-2f6f0b1d7e55';
/** The day that whoever carries out the minuted case's measure has asked for. */
const askedDue = '2027-05-03';
/** What the participant of the invited meeting has proposed. */
const proposed = '2027-04-07T08:00:00.000Z';
export type Fields = Record<string, string | string[]>;
/** What an administrator and a manager look after; ids. */
export type Administered = Record<'organisation' | 'unit' | 'person' | 'assignment' | 'cover' | 'firstOfficer', string>;

/** What the id in a path of an administrator's or a manager's stands for. */
export function administeredId(administered: Administered, path: string): string | undefined {
  const [, top = '', kind = ''] = path.split('/');
  const { organisation, unit, person, assignment, cover } = administered;
  const ids = { organisationer: organisation, enheter: unit, personer: person, uppdrag: assignment, franvaro: cover };
  return top === 'administration' || top === 'enheten' ? ids[kind as keyof typeof ids] : undefined;
}

/** A body that every form takes, by route. `known`: what the world has made to be answered. */
export function goodBodies(people: {
  officer: string;
  participants: string[];
  /** Of the times proposed for the meeting. */
  options?: string[];
  /** What the officer means to bring to the meeting. */
  papers?: string[];
  notice?: string;
  into?: string;
  administered?: Administered;
  /** Of a case that hardly anybody may see. */
  caseNumber?: string;
  known?: { binding: string; code: string; measureCode: string; objection: string; reader: string };
}): Record<string, Fields> {
  const { organisation = '', firstOfficer = '' } = people.administered ?? {};
  const known = people.known ?? { binding: '', code: '', measureCode: '', objection: '', reader: '' };
  const yesterday = addDays(stockholmDate(systemClock.now()), -1);
  const correction = { kind: 'wrong_person', passage: 'Nästa steg.', reason: 'Gäller någon annan.' };
  const closing = {
    ...{ reason: 'person_wishes', ownView: 'Jag vill avsluta.', cancelMeetings: 'on' },
    ...{ closesOn: stockholmDate(systemClock.now()), 'contact-fk': 'Sara Lind', 'contact-fk-phone': '08-465 004 11' },
  };
  const votes = Object.fromEntries((people.options ?? []).map((id) => [`option-${id}`, 'yes']));
  const papers = Object.fromEntries((people.papers ?? []).map((id) => [`paper-${id}`, 'yes']));
  return {
    'POST /logga-in/demo': { account: 'fk', back: '' },
    'POST /logga-in/oidc/utloggad': { logout_token: 'signed' },
    'POST /logga-in/val': { account: firstOfficer },
    'POST /logga-ut': {},
    'POST /administration/regel': { unknown: 'wait' },
    'POST /administration/organisationer': { name: 'Ny organisation', party: 'ARBG' },
    'POST /administration/organisationer/:id': { name: 'Nytt namn' },
    'POST /administration/organisationer/:id/avsluta': {},
    'POST /administration/organisationer/:id/enhet': { name: 'Ny enhet', phone: '08-465 004 77', address: 'Ågatan 3' },
    'POST /administration/enheter/:id': { name: 'Nytt namn', phone: '08-465 004 77', address: 'Ågatan 3' },
    'POST /administration/enheter/:id/avsluta': {},
    'POST /administration/personer': { name: 'Ny Kollega', number: '19120211-9150', hsaId: '' },
    'POST /administration/personer/:id': { name: 'Nytt Namn', number: '', hsaId: 'SE2120000000-NY' },
    'POST /administration/personer/:id/avsluta': {},
    'POST /administration/personer/:id/uppdrag': { organisation, role: 'participant' },
    'POST /administration/uppdrag/:id': { email: 'ny@utomstaende.example', phone: '' },
    'POST /administration/uppdrag/:id/avsluta': {},
    'POST /enheten/franvaro': {
      ...{ officer: people.officer, cover: firstOfficer, firstDay: '2027-03-01', lastDay: '2027-03-05' },
    },
    'POST /enheten/franvaro/:id/bort': {},
    'POST /begaran': goodRequest,
    'POST /begaran/kvitto/:token/komplettering': { text: 'Ett tillägg.' },
    'POST /begaran/kvitto/:token/aterkallelse': { reason: '' },
    'POST /begaran/:id/beslut': { decision: 'confirm', kind: 'reconciliation', purpose: 'Nästa steg.' },
    'POST /begaran/:id/sammanslagning': { into: people.into ?? '' },
    'POST /begaran/:id/felregistrerad': { reason: 'Fel myndighet.' },
    'POST /begaran/:id/rattelse': correction,
    'POST /arenden/:id/rattelse': correction,
    'POST /rattelser/:id/godkannande': { answer: '', seen: changesPrint([]) },
    'POST /rattelser/:id/avslag': { answer: 'Det stämmer.' },
    'POST /rattelser/:id/samtal': { notice: people.notice ?? '' },
    'POST /begaran/:id/tilldelning': { officer: people.officer },
    'POST /begaran/:id/lank': { act: 'renew' },
    'POST /begaran/:id/begarare': { move: 'withhold', withholdReason: 'Den som begärde mötet har hotats.' },
    'POST /begaran/:id/begarare/granskning': { outcome: 'approved' },
    'POST /arenden/:id/moten': { kind: 'follow_up', purpose: 'Följa upp.' },
    'POST /arenden/:id/avslut': closing,
    'POST /arenden/:id/avslut/klart': {},
    'POST /arenden/:id/avslut/angra': {},
    'POST /enkat/:token': { said: 'yes', purpose: 'none' },
    'POST /arenden/:id/tilldelning': { officer: people.officer },
    'POST /arenden/:id/foretradare': { number: '19120211-9150', basis: 'attorney', how: 'Såg fullmakten.' },
    'POST /arenden/:id/foretradare/:rid/slut': {},
    'POST /arenden/:id/skydd': { protectedIdentity: 'on', reason: 'Hot.' },
    'POST /moten/:id/deltagare/:pid/aterkallelse': {},
    'POST /moten/:id/deltagare/:pid/konto': { binding: known.binding, outcome: 'yes', bindHow: 'Ringde upp.' },
    'POST /moten/:id/deltagare/:pid/kod': { allow: 'yes', codeHow: 'Chefen har valt det.' },
    'POST /svar/:token/kod': {},
    'POST /svar/:token/kod/svar': { code: known.code },
    'POST /mina-moten/:pid': { answer: 'accepted', comment: '' },
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
    'POST /mina-moten/:pid/tider': votes,
    'POST /moten/:id/forberedelse': { want: 'Börja halvtid.', wantAudience: 'all', via: 'phone' },
    'POST /moten/:id/anpassning': { adaptation: 'Pauser.', via: 'phone' },
    'POST /moten/:id/anpassning/svar': { answer: 'Det går bra.', seen: '' },
    'POST /moten/:id/underlag': { title0: 'Läkarintyg från maj' },
    'POST /moten/:id/underlag/svar': { via: 'phone', ...papers },
    'POST /svar/:token/forberedelse': { text: 'Ett förslag till schema.', want: 'Börja halvtid.' },
    'POST /svar/:token/anpassning': { adaptation: 'Pauser.' },
    'POST /mina-moten/:pid/forberedelse': { text: 'Ett förslag till schema.', 'seen-text': '' },
    'POST /kalender/flode': { act: 'on' },
    'POST /moten/:id/kallelse': {},
    'POST /moten/:id/installd': { reason: 'Går inte.' },
    'POST /moten/:id/deltagare/:pid/bort': {},
    'POST /moten/:id/deltagare/:pid/svar': { answer: 'accepted', via: 'phone', comment: '' },
    'POST /moten/:id/deltagare/:pid/brev': { letter: waitingLetter, how: 'letter' },
    'POST /moten/:id/deltagare/:pid/ny-lank': {},
    'POST /moten/:id/deltagare/:pid/forslag': { choice: 'accept', seen: proposed, reason: 'Tiden passar alla.' },
    'POST /moten/:id/deltagare/:pid/adress': { email: 'ny@utomstaende.example', verifiedHow: 'Ringde växeln.' },
    'POST /moten/:id/kalendersvar/:mid': {},
    'POST /kalendersvar/:mid': {},
    'POST /moten/:id/information': { applies: 'yes', text: 'Om du inte kommer kan det påverka din ersättning.' },
    'POST /moten/:id/information/lamnad': { how: 'letter', day: '2026-01-08', note: '' },
    'POST /moten/:id/information/last': {},
    'POST /arenden/:id/samtycken': { party: 'PV', kinds: ['work', 'measures'], how: 'oral', exclusions: '' },
    'POST /arenden/:id/samtycken/:sid/aterkallelse': { note: 'Sagt på telefon.' },
    'POST /arenden/:id/utlamnande': { party: 'PV', document: 'minutes' },
    'POST /utlamnat/:id/aterkallelse': { reason: 'Fel mottagare.' },
    'POST /svar/:token': { answer: 'accepted', comment: '' },
    'POST /svar/:token/paminnelser': { reminders: 'none' },
    'POST /arenden/:id/paminnelser': { reminders: 'none' },
    'POST /moten/:id/hallet': {},
    'POST /moten/:id/skriver-med': { scribe: people.officer },
    'POST /moten/:id/skriver-med/bort': {},
    'PATCH /moten/:id/protokoll': { field: 'canDo', text: 'Sitta.', baseVersion: '0' },
    'POST /moten/:id/protokoll': { canDo: 'Sitta.', 'version-canDo': '0' },
    'POST /moten/:id/protokoll/inlyft': {
      take: people.participants.at(-2) ?? '',
      [`take-to-${people.participants.at(-2)}`]: 'cannotDo',
    },
    'POST /moten/:id/protokoll/bidrag': { contribution: 'Mina ord.', 'version-contribution': '1' },
    'PATCH /moten/:id/protokoll/bidrag': { field: 'contribution', text: 'Mina ord.', baseVersion: '1' },
    'POST /moten/:id/protokoll/atgarder': { text: 'Ordna en stol', carriedOutBy: 'ARBG' },
    'POST /moten/:id/protokoll/faststallande': { reason: 'Alla hörde texten.', noFollowUpReason: 'Bokas sedan.' },
    'POST /moten/:id/protokoll/granskning': { lastDay: addDays(stockholmDate(systemClock.now()), 14) },
    'POST /moten/:id/protokoll/granskning/svar': { objection: known.objection, answer: 'Vi ändrar det.' },
    'POST /moten/:id/protokoll/godkannande': {},
    'POST /moten/:id/protokoll/invandning': { section: 'ability', text: 'Det var två timmar.', instead: '' },
    'POST /moten/:id/protokoll/invandning/aterkallelse': { objection: known.objection },
    'POST /moten/:id/protokoll/besked': {
      ...{ participant: known.reader, kind: 'added', section: 'ability', text: 'Mer.', instead: '' },
      ...{ via: 'phone', day: yesterday, how: 'Ringde.' },
    },
    'POST /moten/:id/protokoll/andring': {
      ...{ section: 'ability', canDo: 'Stå.', lastDay: addDays(stockholmDate(systemClock.now()), 14), was: '' },
    },
    'POST /moten/:id/protokoll/rattelse': { reason: 'Fel tid.', canDo: 'Stå.' },
    'POST /samverkan': { title: 'Länsdialog', agenda: 'Läget\nNästa steg', participants: 'Bo Ek, chef, Kommunen' },
    'POST /samverkan/:id': { title: 'Länsdialog', 'section-1-notes': 'Vi ses oftare.' },
    'POST /samverkan/:id/faststallande': {},
    'POST /atgarder/:id/status': { status: 'ongoing', note: 'På väg.' },
    'POST /atgarder/:id/datum': { decision: 'granted', words: '', asked: askedDue },
    'POST /atgard/:token': { status: 'ongoing', note: 'På väg.', obstacle: 'Semester.' },
    'POST /atgard/:token/kod': {},
    'POST /atgard/:token/kod/svar': { code: known.measureCode },
    'POST /arenden/:id/plan/delmal': {
      goal: goalKey(demo.minutes.subGoalReached),
      reachedOn: '2026-01-08',
      reached: 'yes',
    },
    'POST /arenden/:id/dagar': { 'firstDay-0': '2026-01-05', 'lastDay-0': '', 'extent-0': 'full', seen: '' },
    'POST /nodatkomst': { caseNumber: people.caseNumber ?? '2027/999999', emergencyReason: 'Brådskande fråga.' },
    'POST /nodatkomst/:id/granskning': { finding: 'ask', note: 'Fråga handläggaren.' },
    'POST /loggranskning': { firstDay: addDays(yesterday, -60), lastDay: yesterday, size: '5' },
    'POST /loggranskning/:id/rader/:rid': { finding: 'ok', note: '' },
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
  // No provider, but its word: whoever holds a token that it signed may end sessions.
  test.house.identity = {
    begin: async () => refuse('untrusted'),
    finish: async () => refuse('untrusted'),
    signOutUrl: async () => null,
    readLogout: async (token) =>
      token === 'signed' ? accept({ issuer: 'x', sub: 'nobody', sid: null }) : refuse('untrusted'),
  };
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

  async function sharedOf(caseId: string): Promise<Shared> {
    const last = (table: 'consent' | 'release') =>
      db.selectFrom(table).select('id').where('case_id', '=', caseId).orderBy('id', 'desc').executeTakeFirst();
    return {
      consent: (await last('consent'))?.id ?? newId(clock.now()),
      release: (await last('release'))?.id ?? newId(clock.now()),
    };
  }

  const unplaced = newId(clock.now());
  async function postOfMeeting(meetingId: string): Promise<Post> {
    const last = (table: 'incoming_mail' | 'outbox') =>
      db.selectFrom(table).select('id').where('meeting_id', '=', meetingId).orderBy('id', 'desc').executeTakeFirst();
    return {
      mail: (await last('incoming_mail'))?.id ?? newId(clock.now()),
      unplaced,
      sent: (await last('outbox'))?.id ?? newId(clock.now()),
    };
  }

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
    const ofCase = (act: string) => post(`/arenden/${case_id}/${act}`, bodies[`POST /arenden/:id/${act}`] ?? {});
    const place = {
      ...(await sharedOf(case_id ?? '')),
      ...(await postOfMeeting(meeting)),
      request,
      case: case_id ?? '',
      meeting,
      participant: participants.at(-1)?.id ?? '',
      measure: newId(clock.now()),
      representation: newId(clock.now()),
      correction: newId(clock.now()),
    };
    return { step, ofCase, place };
  }

  async function makeCase(account: string, individualNumber: string, ending: string[]): Promise<CasePlace> {
    const { step, ofCase, place } = await makeMeeting(account, { individualNumber });
    const steps = ['tid', 'kallelse', 'information', 'hallet', 'protokoll', 'protokoll/atgarder', ...ending];
    for (const name of steps) await step(name);
    await ofCase('samtycken');
    if (ending.length > 0) await ofCase('utlamnande');
    const measure = await db
      .selectFrom('measure')
      .select('id')
      .where('meeting_id', '=', place.meeting)
      .executeTakeFirstOrThrow();
    return { ...place, ...(await sharedOf(place.case)), measure: measure.id };
  }

  /** A meeting for which times are proposed, one of its participants an account's. */
  async function makePolling(): Promise<CasePlace> {
    const { step, place } = await makeMeeting('fk', { individualNumber: '', individualNumberMissing: 'on' });
    await step('tidsforslag');
    const account_id = sessions.get('af')?.user.id ?? '';
    await database.transaction((w) =>
      w.db.updateTable('participant').set({ account_id }).where('id', '=', place.participant).execute(),
    );
    return place;
  }

  /** Minutes that are out for review; an account reads them as the clinic, and has said that something is wrong. */
  async function makeReviewing() {
    const { step, ofCase, place } = await makeMeeting('fk', { individualNumber: '', individualNumberMissing: 'on' });
    for (const name of ['tid', 'kallelse', 'hallet', 'protokoll', 'protokoll/atgarder']) await step(name);
    await ofCase('samtycken');
    const account_id = sessions.get('af')?.user.id ?? '';
    const { id } = await db
      .selectFrom('participant')
      .select('id')
      .where('meeting_id', '=', place.meeting)
      .where('party', '=', 'PV')
      .executeTakeFirstOrThrow();
    await database.transaction((w) =>
      w.db.updateTable('participant').set({ account_id }).where('id', '=', id).execute(),
    );
    await step('protokoll/granskning');
    const said = goodBodies({ officer: '', participants: [] })['POST /moten/:id/protokoll/invandning'] ?? {};
    const sent = await (await signIn('af')).post(`/moten/${place.meeting}/protokoll/invandning`, said);
    if (sent.status !== 303) throw new Error(`the objection: ${sent.status} ${await sent.text()}`);
    const objection = await db.selectFrom('review_answer').select('id').executeTakeFirstOrThrow();
    return { place, reader: id, objection: objection.id };
  }

  /** The last part of where a post leads. */
  async function made(by: string, path: string, fields: Fields): Promise<string> {
    const response = await (await test.signIn(by)).post(path, fields);
    if (response.status !== 303) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return (response.headers.get('location') ?? '').split('/').at(-1) ?? '';
  }
  async function administer(): Promise<Administered> {
    const unit = { name: 'Tom enhet', phone: '08-465 004 12', address: 'Ågatan 4' };
    const firstOfficer = sessions.get('fk')?.user.id ?? '';
    const organisation = await made('admin', '/administration/organisationer', { name: 'Tom AB', party: 'ARBG' });
    await made('admin', `/administration/organisationer/${organisation}/enhet`, unit);
    const person = await made('admin', '/administration/personer', { name: 'Vera Vik', hsaId: 'SE2120000000-V' });
    await made('admin', `/administration/personer/${person}/uppdrag`, {
      organisation: sessions.get('koordinator')?.user.organisationId ?? '',
      role: 'coordinator',
    });
    const officers = { officer: firstOfficer, cover: sessions.get('fk2')?.user.id ?? '' };
    await made('chef', '/enheten/franvaro', { ...officers, firstDay: '2027-02-01', lastDay: '2027-02-05' });
    const first = async (table: 'unit' | 'cover' | 'account') =>
      (await db.selectFrom(table).select('id').orderBy('id', 'desc').executeTakeFirstOrThrow()).id;
    const found = { unit: await first('unit'), cover: await first('cover'), assignment: await first('account') };
    return { firstOfficer, organisation, person, ...found };
  }
  const administered = await administer();
  const structural = new Map<string, string>();

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
  const elsewhere = await looked(await makeCase('elsewhere', '20120129-2388', ['protokoll/faststallande']), 'fk');
  // Its officer is signed in; the page where one signs in lists the demo's own.
  await database.transaction((w) =>
    w.db.updateTable('account').set({ demo_key: null }).where('unit_id', '=', unitId).execute(),
  );
  const writing = await looked(await makeCase('fk', '20181231-2385', []), 'elsewhere');
  const polling = await looked(await makePolling(), 'elsewhere');
  const out = await makeReviewing();
  const reviewing = await looked(out.place, 'elsewhere');
  const individual = await db
    .selectFrom('participant')
    .select('id')
    .where('meeting_id', '=', polling.meeting)
    .where('party', '=', 'PERSON')
    .executeTakeFirstOrThrow();
  await (await signIn('fk')).post('/kalender/flode', { act: 'on' });
  const feedOf = sessions.get('fk')?.user.id ?? '';
  // Its case comes to its end, and somebody has a link to the survey.
  const ending = goodBodies({ officer: '', participants: [] })['POST /arenden/:id/avslut'] ?? {};
  await made('fk', `/arenden/${polling.case}/avslut`, ending);
  const survey = newRandomId();
  await database.transaction((w) => insertLink(permit(w), { id: survey, who: 'other', madeOn: stockholmDate(now) }));

  const demoMeeting = async (state: string, officer: string): Promise<CasePlace> => {
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
    const representation = await db
      .selectFrom('representation as r')
      .innerJoin('case_file as c', 'c.individual_account_id', 'r.individual_account_id')
      .select('r.id')
      .where('c.id', '=', row.case_id)
      .executeTakeFirst();
    return {
      ...(await sharedOf(row.case_id ?? '')),
      ...(await postOfMeeting(row.id)),
      request: row.request_id ?? '',
      case: row.case_id ?? '',
      meeting: row.id,
      participant: participant.id,
      measure: measure?.id ?? newId(now),
      representation: representation?.id ?? newId(now),
      correction: newId(now),
    };
  };
  /** A meeting about nobody, opened by an account. */
  async function structuralOf(account: string): Promise<string> {
    const opened = structural.get(account) ?? (await made(account, '/samverkan', { title: 'Länsdialog' }));
    structural.set(account, opened);
    return opened;
  }
  /** A sample that holds one row of the case, and an opening of it long ago by somebody of another unit. */
  async function looked(place: CasePlace, opener: string): Promise<Place> {
    const [emergency, review, row] = [newId(now), newId(now), newId(now)];
    const ofUnit = await structuralOf(opener === 'fk' ? 'elsewhere' : 'fk');
    const logged = await db
      .selectFrom('audit')
      .select('id')
      .where('case_id', '=', place.case)
      .executeTakeFirstOrThrow();
    const accountId = (name: string) => sessions.get(name)?.user.id ?? '';
    const at = '2026-01-07T09:00:00.000Z';
    await database.transaction(async (writes) => {
      const work = permit(writes);
      const opened = { accountId: accountId(opener), caseId: place.case, reason: 'Skäl', at, until: at };
      await insertEmergency(work, { id: emergency, ...opened });
      const period = { firstDay: '2026-01-07', lastDay: '2026-01-07', size: 1, seed: 'seed' };
      const drawn = { id: review, at, ...period, accountId: accountId('granskare') };
      await insertReview(work, drawn, [{ id: row, auditId: logged.id }]);
    });
    return { ...place, emergency, review, row, structural: ofUnit };
  }

  const [first, past] = [await demoMeeting('scheduled', 'fk'), await demoMeeting('minuted', 'fk')];
  await database.transaction(async (w) => {
    const facts = { from: 'x@utomstaende.example' };
    const mail = { at: now, outcome: 'human', code: 'letter', participantId: null, facts } as const;
    for (const { meeting } of [first, past]) {
      await insertMail(permit(w), { ...mail, id: newId(now), digest: meeting, meetingId: meeting });
    }
    await insertMail(permit(w), { ...mail, id: unplaced, digest: 'unplaced', meetingId: null });
    const letter = { id: waitingLetter, meetingId: first.meeting, participantId: first.participant, createdAt: now };
    await insertLetter(permit(w), { ...letter, kind: 'request', startsAt: proposed, endsAt: proposed });
    const proposal = { startsAt: proposed, endsAt: null, sequence: 0, at: now };
    await updateParticipant(permit(w), first.participant, { proposal });
  });
  const minuted = await looked(await demoMeeting('minuted', 'fk'), 'elsewhere');
  // Whoever carries out its first measure has asked for more time.
  await database.transaction((w) =>
    w.db.updateTable('measure').set({ asked_due: askedDue }).where('id', '=', minuted.measure).execute(),
  );
  minuted.structural = await made('fk', '/samverkan', { title: 'Styrgrupp' });
  await made('fk', `/samverkan/${minuted.structural}/faststallande`, {});
  const invited = await looked(await demoMeeting('scheduled', 'fk'), 'elsewhere');
  const colleague = await looked(await demoMeeting('planning', 'fk2'), 'elsewhere');
  const { number: numberElsewhere } = await db
    .selectFrom('case_file')
    .select('number')
    .where('id', '=', elsewhere.case)
    .executeTakeFirstOrThrow();
  // Somebody waits for a second look, somebody for the officer's word, somebody has been bound, and a code is out.
  const of = (account: string) => sessions.get(account)?.user.id ?? '';
  const [binding, codeId] = [newId(now), newId(now)];
  const { participant } = invited;
  async function participantsOf(meeting: string): Promise<string[]> {
    const rows = await db
      .selectFrom('participant')
      .select('id')
      .where('meeting_id', '=', meeting)
      .orderBy('id')
      .execute();
    return rows.map(({ id }) => id);
  }
  const writers = await participantsOf(writing.meeting);
  await database.transaction(async (writes) => {
    const w = permit(writes);
    const asked = { id: newId(now), requestId: colleague.request, move: 'withhold', reason: 'Fara.' } as const;
    await insertWithholding(w, { ...asked, at: now, byId: of('fk2') });
    const partyId = newId(now);
    const organisation = w.vault.seal('Vårdcentralen');
    await w.db
      .insertInto('case_party')
      .values({ id: partyId, case_id: invited.case, party: 'PV', organisation, created_at: now })
      .execute();
    await w.db
      .updateTable('participant')
      .set({ case_party_id: partyId, account_id: of('af') })
      .where('id', '=', participant)
      .execute();
    // Somebody takes part in the meeting whose minutes are written, and has written for them.
    const { id: minutesId } = await w.db
      .selectFrom('minutes')
      .select('id')
      .where('meeting_id', '=', writing.meeting)
      .executeTakeFirstOrThrow();
    const contributes = writers.at(-2) ?? '';
    await w.db
      .updateTable('participant')
      .set({ account_id: of('kommun') })
      .where('id', '=', contributes)
      .execute();
    const own = { minutesId, field: contributionField(contributes), text: 'Våra ord.', version: 1, seq: 1 };
    await writeField(w, { ...own, at: now, by: of('kommun') });
    await askBinding(w, { id: binding, participantId: participant, accountId: of('arbetsgivare'), at: now });
    await insertCode(w, { id: codeId, participantId: participant, createdAt: now });
  });
  // And an organisation has chosen to read its copy with a mailed code, which has been given by somebody of it.
  const { id: participantId, link_generation: linkGeneration } = await db
    .selectFrom('participant as p')
    .innerJoin('release as r', 'r.case_party_id', 'p.case_party_id')
    .select(['p.id', 'p.link_generation'])
    .where('r.id', '=', minuted.release)
    .executeTakeFirstOrThrow();
  const given = await database.transaction(async (w) => {
    const party = db.selectFrom('release').select('case_party_id').where('id', '=', minuted.release);
    await w.db.updateTable('case_party').set({ code_at: now }).where('id', '=', party).execute();
    return openLinkSession(w, { participantId, linkGeneration }, now);
  });
  // The person waits for an answer, and is asked about what the officer means to bring.
  for (const act of ['anpassning', 'underlag']) {
    const body = goodBodies({ officer: '', participants: [] })[`POST /moten/:id/${act}`] ?? {};
    const sent = await (await signIn('fk')).post(`/moten/${invited.meeting}/${act}`, body);
    if (sent.status !== 303) throw new Error(`${act}: ${sent.status} ${await sent.text()}`);
  }
  const measureCodeId = newId(now);
  const carrier = await db
    .selectFrom('measure')
    .select('owner_id')
    .where('id', '=', minuted.measure)
    .executeTakeFirstOrThrow();
  await database.transaction((w) =>
    insertCode(w, { id: measureCodeId, participantId: carrier.owner_id ?? '', createdAt: now }),
  );
  const codeOf = (id: string) => linkCode(test.house.config.linkKey, id);
  const known = {
    ...{ binding, code: codeOf(codeId), measureCode: codeOf(measureCodeId) },
    ...{ objection: out.objection, reader: out.reader },
  };
  /** Proposed by the case's officer: something went to one of its participants. */
  async function wrongRecipient(place: Place): Promise<string> {
    const proposed = { kind: 'wrong_recipient', participant: place.participant, sentOn: '2026-01-12', reason: 'Fel.' };
    const sent = await (await signIn('fk')).post(`/arenden/${place.case}/rattelse`, proposed);
    if (sent.status !== 303) throw new Error(`the correction: ${sent.status} ${await sent.text()}`);
    return sent.headers.get('location')?.split('/').at(-1) ?? '';
  }
  minuted.correction = await wrongRecipient(minuted);
  writing.correction = await wrongRecipient(writing);
  const approved = await (await signIn('fk2')).post(`/rattelser/${writing.correction}/godkannande`, {
    seen: changesPrint([]),
  });
  if (approved.status !== 303) throw new Error(`the approval: ${approved.status} ${await approved.text()}`);
  const notice = await db.selectFrom('correction_notice').select('id').executeTakeFirstOrThrow();
  await database.transaction((w) => noteRefused(w, notice.id));

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
  // About the same person as another, so that the two can be merged.
  await database.transaction((w) =>
    w.db
      .updateTable('request')
      .set({ number_fp: w.vault.fingerprint('201812312385') })
      .where('id', '=', open.id)
      .execute()
      .then(() => {}),
  );

  return {
    test,
    sessions,
    administered,
    /** Nobody has taken it; the coordinator asked for it. */
    unassigned: open.id,
    /** Whom somebody is to call; what the unassigned request may be merged into. */
    notice: notice.id,
    into: writing.request,
    places: { minuted, invited, writing, colleague, elsewhere },
    /** Times are proposed for it; one of fk's. */
    polling,
    /** Its minutes are out for review; one of fk's. */
    reviewing,
    /** A link to the survey that nobody has used. */
    survey,
    /** The individual, as a participant of that meeting. */
    individual: individual.id,
    /** Whose calendar feed is on. */
    feedOf,
    unknown: {
      request: newId(now),
      case: newId(now),
      meeting: newId(now),
      participant: newId(now),
      measure: newId(now),
      correction: newId(now),
      consent: newId(now),
      release: newId(now),
      mail: newId(now),
      unplaced: newId(now),
      sent: newId(now),
      emergency: newId(now),
      structural: newId(now),
      review: newId(now),
      row: newId(now),
      representation: newId(now),
    } satisfies Place,
    numberElsewhere,
    known,
    /** Who has given the mailed code for what was released to their party, `places.minuted.release`. */
    reader: { participant: participantId, cookie: `kod=${given}` },
    /** The link of a participant, of a request's receipt or of a feed; of another generation when that is said. */
    async tokenOf(scope: LinkScope, id: string, generation?: number): Promise<string> {
      if (scope === 'feed') return linkToken(test.house.config.linkKey, scope, id, generation ?? 1);
      if (scope === 'measure') {
        const owner = await db
          .selectFrom('participant as p')
          .innerJoin('measure as m', 'm.owner_id', 'p.id')
          .select('p.link_generation')
          .where('m.id', '=', id)
          .executeTakeFirst();
        return linkToken(test.house.config.linkKey, scope, id, generation ?? owner?.link_generation ?? 1);
      }
      const table = scope === 'participant' ? 'participant' : 'request';
      const row = await db.selectFrom(table).select('link_generation').where('id', '=', id).executeTakeFirst();
      return linkToken(test.house.config.linkKey, scope, id, generation ?? row?.link_generation ?? 1);
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
    async papersOf(meeting: string): Promise<string[]> {
      const rows = await db.selectFrom('paper').select('id').where('meeting_id', '=', meeting).execute();
      return rows.map(({ id }) => id);
    },
    participantsOf,
  };
}

export type HostileWorld = Awaited<ReturnType<typeof openHostileWorld>>;
