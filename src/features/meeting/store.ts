import { sql } from 'kysely';
import type { Actor, Subject } from '../../kernel/access.ts';
import { looksLikeId } from '../../kernel/ids.ts';
import type { IsoDate, IsoInstant } from '../../kernel/time.ts';
import { type CaseReads, type CaseWrites, Located } from '../../platform/db/access.ts';
import type { Reads } from '../../platform/db/database.ts';
import { prepared } from '../../platform/db/prepared.ts';
import type { Individual } from '../case/rules.ts';
import { subjectInCase } from '../case/store.ts';
import type { Meeting, MeetingEvent, MeetingKind, MeetingState, PlaceKind } from './rules.ts';

export type FoundMeeting = Meeting & { subject: Subject };

const meetingColumns = [
  ...(['m.id', 'm.case_id', 'm.request_id', 'm.kind', 'm.state', 'm.version', 'm.reference', 'm.uid'] as const),
  ...(['m.sequence', 'm.purpose', 'm.starts_at', 'm.ends_at', 'm.place_kind', 'm.place', 'm.video_url'] as const),
  ...([
    'm.interpreter_language',
    'm.interpreter_booked',
    'm.held_at',
    'm.planned_for',
    'm.remind_at',
    'm.scribe_id',
    'm.officer_id',
    'm.unit_id',
  ] as const),
] as const;

/** One meeting with its officer, its unit and its case's individual. */
export const meetingQuery = (db: Reads['db']) =>
  db
    .selectFrom('meeting as m')
    .innerJoin('account as o', 'o.id', 'm.officer_id')
    .innerJoin('unit as u', 'u.id', 'm.unit_id')
    .innerJoin('case_file as c', 'c.id', 'm.case_id')
    .select(meetingColumns)
    .select([
      'o.name as officer_name',
      'o.phone as officer_phone',
      'u.name as unit_name',
      'u.phone as unit_phone',
      'u.address as unit_address',
      'c.number as case_number',
      'c.individual',
      'c.individual_account_id',
      'c.number_fp',
      'c.protected_identity',
      'c.reminders',
      'c.state as case_state',
      // The case's officer leads its meetings, so that a case that changes hands takes them along.
      'c.officer_id as case_officer_id',
      'c.unit_id as case_unit_id',
    ]);
type FoundRow = Awaited<ReturnType<ReturnType<typeof meetingQuery>['executeTakeFirstOrThrow']>>;

const meetingById = prepared((db, p: { id: string }) => meetingQuery(db).where('m.id', '=', p.id));

/** One meeting with its case's individual; null for an unknown one. */
export async function locateMeeting({ db, vault }: Reads, id: string): Promise<Located<FoundMeeting> | null> {
  if (!looksLikeId(id)) return null;
  const [row] = await meetingById(db, { id });
  return row ? toMeeting(vault, row) : null;
}

/** Null for a meeting without a case. */
export function toMeeting(vault: Reads['vault'], row: FoundRow): Located<FoundMeeting> | null {
  const caseId = row.case_id;
  if (!caseId) return null;
  const ofCase = { ...row, unit_id: row.case_unit_id, officer_id: row.case_officer_id };
  const subject: Subject = {
    ...subjectInCase(ofCase, caseId),
    requestId: row.request_id,
    meetingId: row.id,
    scribeId: row.scribe_id,
  };
  return new Located(subject, () => ({
    id: row.id,
    caseId,
    caseNumber: row.case_number,
    requestId: row.request_id,
    kind: row.kind as MeetingKind,
    state: row.state as MeetingState,
    version: row.version,
    reference: row.reference,
    uid: row.uid,
    sequence: row.sequence,
    purpose: vault.open(row.purpose),
    startsAt: row.starts_at,
    endsAt: row.ends_at,
    placeKind: row.place_kind as PlaceKind | null,
    place: vault.open(row.place) ?? '',
    videoUrl: vault.open(row.video_url) ?? '',
    interpreterLanguage: vault.open(row.interpreter_language),
    interpreterBooked: row.interpreter_booked === 1,
    plannedFor: row.planned_for,
    heldAt: row.held_at,
    remindAt: row.remind_at,
    wantsReminders: row.reminders === 1,
    officer: {
      id: row.officer_id,
      name: vault.openStaff(row.officer_name),
      phone: vault.openStaff(row.officer_phone) ?? row.unit_phone,
    },
    unit: { id: row.unit_id, name: row.unit_name, address: row.unit_address },
    individual: {
      ...(JSON.parse(vault.open(row.individual)) as Individual),
      protectedIdentity: subject.protectedIdentity,
    },
    subject,
  }));
}

export async function insertMeeting(
  { db, vault }: CaseWrites,
  meeting: {
    id: string;
    caseId: string;
    requestId: string | null;
    kind: MeetingKind;
    reference: string;
    uid: string;
    purpose: string;
    interpreterLanguage: string | null;
    plannedFor?: IsoDate | null;
    officerId: string;
    unitId: string;
    createdAt: IsoInstant;
  },
): Promise<void> {
  await db
    .insertInto('meeting')
    .values({
      id: meeting.id,
      case_id: meeting.caseId,
      request_id: meeting.requestId,
      kind: meeting.kind,
      state: 'planning',
      reference: meeting.reference,
      uid: meeting.uid,
      purpose: vault.seal(meeting.purpose),
      starts_at: null,
      ends_at: null,
      place_kind: null,
      place: null,
      video_url: null,
      interpreter_language: vault.seal(meeting.interpreterLanguage),
      held_at: null,
      planned_for: meeting.plannedFor ?? null,
      officer_id: meeting.officerId,
      unit_id: meeting.unitId,
      created_at: meeting.createdAt,
    })
    .execute();
}

export type MeetingChange = {
  state?: MeetingState;
  uid?: string;
  sequence?: number;
  startsAt?: IsoInstant;
  endsAt?: IsoInstant;
  placeKind?: PlaceKind;
  place?: string;
  videoUrl?: string;
  interpreterLanguage?: string | null;
  interpreterBooked?: boolean;
  heldAt?: IsoInstant;
  remindAt?: IsoInstant | null;
  scribeId?: string | null;
};

/** Changes a meeting that still has the version it was read with; false when somebody else was first. */
export async function updateMeeting(
  { db, vault }: CaseWrites,
  meeting: { id: string; version: number },
  change: MeetingChange,
): Promise<boolean> {
  const result = await db
    .updateTable('meeting')
    .set({
      version: meeting.version + 1,
      ...(change.state && { state: change.state }),
      ...(change.uid && { uid: change.uid }),
      ...(change.sequence !== undefined && { sequence: change.sequence }),
      ...(change.startsAt && { starts_at: change.startsAt }),
      ...(change.endsAt && { ends_at: change.endsAt }),
      ...(change.placeKind && { place_kind: change.placeKind }),
      ...(change.place !== undefined && { place: vault.seal(change.place) }),
      ...(change.videoUrl !== undefined && { video_url: vault.seal(change.videoUrl) }),
      ...(change.interpreterLanguage !== undefined && { interpreter_language: vault.seal(change.interpreterLanguage) }),
      ...(change.interpreterBooked !== undefined && {
        interpreter_booked: change.interpreterBooked ? (1 as const) : (0 as const),
      }),
      ...(change.heldAt && { held_at: change.heldAt }),
      ...(change.remindAt !== undefined && { remind_at: change.remindAt }),
      ...(change.scribeId !== undefined && { scribe_id: change.scribeId }),
    })
    .where('id', '=', meeting.id)
    .where('version', '=', meeting.version)
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

/** Notes for its timeline what happens to a meeting now, by whoever acts unless it is somebody else. */
export async function noteEvent(
  { db, vault, now, actor, newId }: CaseWrites & { now: IsoInstant; actor: Actor; newId(): string },
  meetingId: string,
  move: string,
  details: Record<string, string> = {},
  accountId = actor.kind === 'user' ? actor.id : null,
): Promise<void> {
  await db
    .insertInto('meeting_move')
    .values({
      ...{ id: newId(), meeting_id: meetingId, move, at: now, account_id: accountId },
      details: vault.seal(JSON.stringify(details)),
    })
    .execute();
}

/** The timeline of a meeting, newest first. */
export async function listMeetingEvents({ db, vault }: CaseReads, meetingId: string): Promise<MeetingEvent[]> {
  const rows = await db
    .selectFrom('meeting_move as e')
    .leftJoin('account as a', 'a.id', 'e.account_id')
    .select(['e.move', 'e.at', 'e.details', 'a.name'])
    .where('e.meeting_id', '=', meetingId)
    .orderBy('e.at', 'desc')
    .orderBy('e.id', 'desc')
    .limit(100)
    .execute();
  return rows.map((row) => ({
    move: row.move,
    at: row.at,
    accountName: vault.openStaff(row.name),
    details: row.details ? JSON.parse(vault.open(row.details)) : {},
  }));
}

export type MeetingRow = {
  id: string;
  caseId: string | null;
  kind: MeetingKind;
  state: MeetingState;
  startsAt: IsoInstant | null;
  endsAt: IsoInstant | null;
  plannedFor: IsoDate | null;
};

export function toMeetingRow(row: {
  id: string;
  case_id: string | null;
  kind: string;
  state: string;
  starts_at: IsoInstant | null;
  ends_at: IsoInstant | null;
  planned_for: IsoDate | null;
}): MeetingRow {
  return {
    id: row.id,
    caseId: row.case_id,
    kind: row.kind as MeetingKind,
    state: row.state as MeetingState,
    startsAt: row.starts_at,
    endsAt: row.ends_at,
    plannedFor: row.planned_for,
  };
}

/** Meetings of one case, newest first. */
export const meetingsOfCase = (db: Reads['db'], caseId: string) =>
  db
    .selectFrom('meeting')
    .select(['id', 'case_id', 'kind', 'state', 'starts_at', 'ends_at', 'planned_for'])
    .where('case_id', '=', caseId)
    .orderBy('id', 'desc')
    .limit(sql.lit(50));

export async function listMeetingsOfCase({ db }: CaseReads, caseId: string): Promise<MeetingRow[]> {
  return (await meetingsOfCase(db, caseId).execute()).map(toMeetingRow);
}

/** The officer's other live meetings that overlap a time. */
export async function listClashes(
  { db }: CaseReads,
  officerId: string,
  time: { startsAt: IsoInstant; endsAt: IsoInstant; except: string },
): Promise<{ id: string; startsAt: IsoInstant; endsAt: IsoInstant }[]> {
  const rows = await db
    .selectFrom('meeting')
    .select(['id', 'starts_at', 'ends_at'])
    .where('officer_id', '=', officerId)
    .where('starts_at', '<', time.endsAt)
    .where('ends_at', '>', time.startsAt)
    .where('state', 'in', ['scheduled', 'held'])
    .where('id', '!=', time.except)
    .limit(10)
    .execute();
  return rows.map((row) => ({ id: row.id, startsAt: row.starts_at ?? '', endsAt: row.ends_at ?? '' }));
}

/** Coming meetings of an officer with how many required people declined, have not answered, were not reached, propose another time; soonest first. */
export function comingMeetings(db: Reads['db'], officerId: string, now: IsoInstant) {
  const soonest = db
    .selectFrom('meeting')
    .select(['id', 'starts_at'])
    .where('officer_id', '=', officerId)
    .where('state', '=', sql.lit('scheduled'))
    .where('starts_at', '>', now)
    .orderBy('starts_at')
    .limit(sql.lit(20));
  return db
    .selectFrom(soonest.as('m'))
    .leftJoin('participant as p', (join) =>
      join.onRef('p.meeting_id', '=', 'm.id').on('p.removed_at', 'is', null).on('p.sent_sequence', 'is not', null),
    )
    .select((s) => [
      'm.id',
      'm.starts_at',
      s.fn
        .count<number>('p.id')
        .filterWhere('p.answer', '=', sql.lit('declined'))
        .filterWhere('p.required', '=', sql.lit(1 as const))
        .as('declined'),
      s.fn.count<number>('p.id').filterWhere('p.answer', '=', sql.lit('needs_action')).as('unanswered'),
      s.fn.count<number>('p.id').filterWhere('p.delivery', '=', sql.lit('bounced')).as('undelivered'),
      s.fn.count<number>('p.id').filterWhere('p.proposed_start', 'is not', null).as('proposed'),
    ])
    .groupBy(['m.id', 'm.starts_at'])
    .orderBy('m.starts_at')
    .limit(sql.lit(20));
}

/** Gives the unfinished meetings of a case to another officer of a unit. */
export async function assignMeetings(
  { db }: CaseWrites,
  caseId: string,
  officer: { id: string; unitId: string },
): Promise<void> {
  await db
    .updateTable('meeting')
    .set((s) => ({ officer_id: officer.id, unit_id: officer.unitId, version: s('version', '+', 1) }))
    .where('case_id', '=', caseId)
    .where('state', 'in', ['planning', 'proposed', 'scheduled', 'held'])
    .execute();
}
