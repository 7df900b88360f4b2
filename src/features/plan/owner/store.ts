import { type RawBuilder, sql } from 'kysely';
import type { User } from '../../../kernel/access.ts';
import { looksLikeId } from '../../../kernel/ids.ts';
import type { IsoDate, IsoInstant } from '../../../kernel/time.ts';
import { type CaseReads, type CaseWrites, Located } from '../../../platform/db/access.ts';
import type { Reads } from '../../../platform/db/database.ts';
import { gathered, prepared } from '../../../platform/db/prepared.ts';
import { isPrivate } from '../../account/rules.ts';
import type { Individual } from '../../case/rules.ts';
import { caseQuery, toCase } from '../../case/store.ts';
import { type Invited, locateLinked } from '../../invitation/store.ts';
import { participantColumns, toParticipant } from '../../meeting/participant/store.ts';
import type { Person } from '../../meeting/rules.ts';
import type { MeasureReport, MeasureStatus } from '../rules.ts';
import {
  listMeasuresOfCase,
  type MeasureRow,
  measureColumns,
  reportsOfCase,
  toMeasure,
  toPlanMeasures,
} from '../store.ts';
import {
  type Agenda,
  type Carried,
  heldBefore,
  type OwnMeasure,
  type Signal,
  type Standing,
  type Watched,
} from './rules.ts';

const standingColumns = ['m.owner_id', 'm.remind_at', 'm.ended_at', 'm.signal', 'm.signal_on', 'm.asked_due'] as const;
type StandingRow = MeasureRow & {
  ended_at: IsoInstant | null;
  signal: string | null;
  signal_on: IsoDate | null;
  asked_due: IsoDate | null;
};

const toStanding = (row: StandingRow): Standing => ({
  state: row.state as MeasureStatus,
  due: row.due,
  askedDue: row.asked_due,
  endedAt: row.ended_at,
  signal: row.signal as Signal | null,
  signalOn: row.signal_on,
});

const active = sql.lit('active');
const carriedOf = gathered((db, p: { id: string }) => {
  const ofMeasure = db.selectFrom('measure').select('case_id').where('id', '=', p.id);
  const owner = db.selectFrom('measure').select('owner_id').where('id', '=', p.id);
  return {
    measures: db
      .selectFrom('measure as m')
      .innerJoin('case_file as k', 'k.id', 'm.case_id')
      .leftJoin('participant as p', 'p.id', 'm.owner_id')
      .leftJoin('account as oa', (join) => join.onRef('oa.id', '=', 'k.officer_id').on('oa.state', '=', active))
      .leftJoin('account as pa', (join) => join.onRef('pa.id', '=', 'p.account_id').on('pa.state', '=', active))
      .leftJoin('account as ia', (join) =>
        join.onRef('ia.id', '=', 'k.individual_account_id').on('ia.state', '=', active),
      )
      .leftJoin('case_party as cp', 'cp.id', 'p.case_party_id')
      .select(measureColumns)
      .select(standingColumns)
      .select([
        'k.closed_at',
        'cp.code_at',
        'oa.email as officer_email',
        'pa.email as owner_email',
        'ia.email as person_email',
      ])
      .where('m.id', '=', p.id)
      .where('m.number', 'is not', null),
    owners: db
      .selectFrom('participant')
      .select(participantColumns)
      .where('id', '=', owner)
      .where('removed_at', 'is', null),
    cases: caseQuery(db, ofMeasure),
    reports: reportsOfCase(db, '').clearWhere().where('m.id', '=', p.id),
  };
});

export type Linked = {
  at: Located<Carried>;
  ownerId: string | null;
  linkGeneration: number;
  endedAt: IsoInstant | null;
  /** The owner's organisation has chosen that a mailed code is enough to read what the measure says. */
  readsWithCode: boolean;
};

/**
 * An agreed measure, as it is and as its owner's link opens it; null for an unknown one. The link's generation is that of
 * the owner's link to the meeting: whoever exchanges that one exchanges this one too.
 */
export async function locateCarried({ db, vault }: Reads, id: string): Promise<Linked | null> {
  if (!looksLikeId(id)) return null;
  const { measures, owners, cases, reports } = await carriedOf(db, { id });
  const [row] = measures;
  if (!row || !cases[0]) return null;
  const [owner] = owners;
  const found = toCase(vault, cases[0]);
  const { individualUserId } = found.subject;
  const subject = {
    ...found.subject,
    meetingId: row.meeting_id,
    partyUserId: row.carried_out_by === 'PERSON' ? individualUserId : (owner?.account_id ?? null),
    link: { scope: 'measure' as const, id },
  };
  const email =
    row.carried_out_by === 'FK'
      ? row.officer_email
      : row.carried_out_by === 'PERSON'
        ? row.person_email
        : row.owner_email;
  return {
    at: new Located(subject, (access) => ({
      measure: { ...toMeasure(vault, row), number: row.number as number },
      standing: toStanding(row),
      remindAt: row.remind_at,
      owner: owner ? toParticipant(vault, owner) : null,
      accountEmail: vault.open(email) ?? '',
      reports: toPlanMeasures(vault, [row], reports)[0]?.reports ?? [],
      found: found.open(access),
    })),
    // Nobody's link opens what nobody carries out.
    linkGeneration: owner?.link_generation ?? -1,
    endedAt: row.ended_at ?? row.closed_at,
    ownerId: owner?.id ?? null,
    readsWithCode: row.code_at !== null,
  };
}

/** The participant of the meeting who carries a measure out, as its link opens what is theirs; null where nobody is known. */
export async function locateOwner(reads: Reads, id: string): Promise<Located<Invited> | null> {
  const found = await locateCarried(reads, id);
  const owner = found?.ownerId ? await locateLinked(reads, found.ownerId) : null;
  return found && owner && new Located(found.at.subject, (access) => owner.at.open(access));
}

/** Changes how a measure stands that still has the version it was read with; false when somebody else was first. */
export async function updateStanding(
  { db }: CaseWrites,
  measure: { id: string; version: number },
  change: Partial<Standing> & { remindAt?: IsoInstant | null },
): Promise<boolean> {
  const result = await db
    .updateTable('measure')
    .set({
      version: measure.version + 1,
      ...(change.state && { state: change.state }),
      ...(change.due !== undefined && { due: change.due }),
      ...(change.askedDue !== undefined && { asked_due: change.askedDue }),
      ...(change.endedAt !== undefined && { ended_at: change.endedAt }),
      ...(change.signal !== undefined && { signal: change.signal }),
      ...(change.signalOn !== undefined && { signal_on: change.signalOn }),
      ...(change.remindAt !== undefined && { remind_at: change.remindAt }),
    })
    .where('id', '=', measure.id)
    .where('version', '=', measure.version)
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

/** Whether the same form has been taken already. */
export async function wasSent({ db }: CaseReads, measureId: string, sendKey: string | null): Promise<boolean> {
  if (sendKey === null) return false;
  const row = await db
    .selectFrom('measure_report')
    .select('id')
    .where('measure_id', '=', measureId)
    .where('send_key', '=', sendKey)
    .executeTakeFirst();
  return row !== undefined;
}

export async function insertReport(
  { db, vault }: CaseWrites,
  report: Omit<MeasureReport, 'accountName'> & { id: string; accountId: string | null; sendKey: string | null },
): Promise<void> {
  const sealed = (text: string) => (text === '' ? null : vault.seal(text));
  await db
    .insertInto('measure_report')
    .values({
      id: report.id,
      measure_id: report.measureId,
      status: report.status,
      note: sealed(report.note),
      obstacle: sealed(report.obstacle),
      meet: report.meet ? 1 : 0,
      proposed_due: report.proposedDue,
      granted_due: report.grantedDue,
      decision: report.decision,
      at: report.at,
      account_id: report.accountId,
      send_key: report.sendKey,
    })
    .execute();
}

export const measurePage = 25;
/** Sorts what has no day last. */
const noDay = '9999-12-31';
type After = { day: IsoDate; id: string } | null;
/** The rows after the last one of the page before. */
const beyond = (day: RawBuilder<IsoDate>, after: After) =>
  after ? sql<boolean>`(${day}, m.id) > (${after.day}, ${after.id})` : sql<boolean>`true`;
/** The greatest `protected_identity` of a case that somebody who covers for its officer may see. */
const named = (user: User): 0 | 1 => (user.handlesProtected ? 1 : 0);

/**
 * Measures that somebody signed in carries out, in all cases: as a participant, as the individual or who represents them,
 * as the officer of what is FK's own or who covers for them. Those that go on by the day they are due, or those that have
 * ended; one row more than a page if there are more.
 */
export async function listOwnMeasures(
  { db, vault }: CaseReads,
  user: User,
  options: { ended: boolean; after: After },
): Promise<OwnMeasure[]> {
  const individuals = isPrivate(user) ? [user.id, ...user.represents] : [];
  const states = options.ended ? (['done', 'not_done', 'changed'] as const) : (['planned', 'ongoing'] as const);
  const day = sql<IsoDate>`coalesce(m.due, ${sql.lit(noDay)})`;
  // Each by an index of its own.
  const inCases = db.selectFrom('case_file as k').innerJoin('measure as o', 'o.case_id', 'k.id').select('o.id');
  let own = db
    .selectFrom('participant as p')
    .innerJoin('measure as o', 'o.owner_id', 'p.id')
    .select('o.id')
    .where('p.account_id', '=', user.id)
    .where('p.removed_at', 'is', null);
  if (individuals.length > 0)
    own = own.union(
      inCases.where('k.individual_account_id', 'in', individuals).where('o.carried_out_by', '=', 'PERSON'),
    );
  if (user.fk && user.role === 'officer')
    own = own.union(
      inCases
        .where('k.officer_id', 'in', [user.id, ...user.covers])
        .where((w) => w.or([w('k.officer_id', '=', user.id), w('k.protected_identity', '<=', named(user))]))
        .where('o.carried_out_by', '=', 'FK'),
    );
  const rows = await db
    .selectFrom('measure as m')
    .innerJoin('case_file as c', 'c.id', 'm.case_id')
    .select(measureColumns)
    .select(['m.asked_due', 'c.individual', 'c.protected_identity'])
    .select(day.as('day'))
    .where('m.id', 'in', own)
    .where('m.number', 'is not', null)
    .where('m.state', 'in', states)
    .where('c.state', 'in', ['open', 'closing'])
    .where(beyond(day, options.after))
    .orderBy(day)
    .orderBy('m.id')
    .limit(measurePage + 1)
    .execute();
  return rows.map((row) => {
    const { id, caseId, number, text, state, due, carriedOutBy } = toMeasure(vault, row);
    return {
      ...{ id, caseId, number: number as number, text, state, due, carriedOutBy },
      ...{ askedDue: row.asked_due, day: row.day },
      individualName: row.protected_identity === 1 ? null : (JSON.parse(vault.open(row.individual)) as Individual).name,
    };
  });
}

/** What needs the officer of a case: what its owner has said or could not be told, and what is late. */
const watched = (db: Reads['db'], user: User, today: IsoDate) =>
  db
    .selectFrom('case_file as c')
    .innerJoin('measure as m', 'm.case_id', 'c.id')
    .where('c.officer_id', 'in', [user.id, ...user.covers])
    .where('c.state', 'in', ['open', 'closing'])
    .where((w) => w.or([w('c.officer_id', '=', user.id), w('c.protected_identity', '<=', named(user))]))
    .where('m.number', 'is not', null)
    .where((w) =>
      w.or([
        w('m.signal_on', 'is not', null),
        w.and([w('m.state', 'in', [sql.lit('planned'), sql.lit('ongoing')]), w('m.due', '<', today)]),
      ]),
    );

/**
 * Late and deviating measures and days to answer, in the cases of an officer and of whom they cover, the longest first;
 * one row more than a page if there are more.
 */
export async function listWatched(
  { db, vault }: CaseReads,
  user: User,
  today: IsoDate,
  after: After,
): Promise<Watched[]> {
  const late = sql<boolean>`m.state in ('planned', 'ongoing') and m.due < ${today}`;
  // Whichever came first; what is late is so from the day after.
  const day = sql<IsoDate>`case when ${late} and (m.signal_on is null or m.due < m.signal_on) then m.due else m.signal_on end`;
  const rows = await watched(db, user, today)
    .leftJoin('participant as p', 'p.id', 'm.owner_id')
    .select(measureColumns)
    .select(['m.asked_due', 'm.signal', 'c.number as case_number', 'p.person'])
    .select(day.as('day'))
    .where(beyond(day, after))
    .orderBy(day)
    .orderBy('m.id')
    .limit(measurePage + 1)
    .execute();
  return rows.map((row) => {
    const { id, caseId, number, text, state, due, carriedOutBy, person } = toMeasure(vault, row);
    const owner = row.person === null ? null : (JSON.parse(vault.open(row.person)) as Person);
    return {
      ...{ id, caseId, number: number as number, text, state, due, carriedOutBy, day: row.day },
      caseNumber: row.case_number,
      askedDue: row.asked_due,
      signal: row.signal as Signal | null,
      person: owner?.name || person,
      phone: owner?.phone ?? '',
    };
  });
}

/** How many measures of an officer's own cases have something to look at; one more than `most` at most. */
export const signalledMeasures = (db: Reads['db'], officerId: string, most: number) => {
  const some = db
    .selectFrom('case_file as c')
    .innerJoin('measure as m', 'm.case_id', 'c.id')
    .select('m.id')
    .where('c.officer_id', '=', officerId)
    .where('c.state', 'in', [sql.lit('open'), sql.lit('closing')])
    .where('m.signal_on', 'is not', null)
    .limit(sql.lit(most + 1));
  return db.selectFrom(some.as('some')).select((s) => s.fn.countAll<number>().as('count'));
};

/** What stands on a meeting's agenda by itself. */
export async function readAgenda(reads: CaseReads, meeting: { id: string; caseId: string }): Promise<Agenda> {
  const [measures, held] = await Promise.all([
    listMeasuresOfCase(reads, meeting.caseId),
    reads.db
      .selectFrom('meeting')
      .select(['id', 'held_at'])
      .where('case_id', '=', meeting.caseId)
      .where('held_at', 'is not', null)
      .execute(),
  ]);
  const { ids, since } = heldBefore(
    held.map(({ id, held_at }) => ({ id, heldAt: held_at ?? '' })),
    meeting.id,
  );
  return { measures: measures.filter(({ meetingId }) => ids.includes(meetingId)), since };
}

const going = prepared((db, p: { caseId: string }) =>
  db
    .selectFrom('measure')
    .select((s) => s.fn.countAll<number>().as('count'))
    .where('case_id', '=', p.caseId)
    .where('number', 'is not', null)
    .where('state', 'in', [sql.lit('planned'), sql.lit('ongoing')]),
);
/** How many measures of a case go on, for whoever may know no more: those of a meeting's page by link. */
export async function countGoing({ db }: CaseReads, caseId: string): Promise<number> {
  const [row] = await going(db, { caseId });
  return Number(row?.count ?? 0);
}
