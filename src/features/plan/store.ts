import { sql } from 'kysely';
import { looksLikeId } from '../../kernel/ids.ts';
import type { Party } from '../../kernel/parties.ts';
import type { IsoDate, IsoInstant } from '../../kernel/time.ts';
import { type CaseReads, type CaseWrites, Located } from '../../platform/db/access.ts';
import type { Reads } from '../../platform/db/database.ts';
import { gathered } from '../../platform/db/prepared.ts';
import { caseQuery, type FoundCase, toCase } from '../case/store.ts';
import { minutesOfCase, toContent } from '../filing/document/store.ts';
import { contactsOf } from '../meeting/contact/rules.ts';
import { participantsOfCase } from '../meeting/contact/store.ts';
import { listParticipants, toParticipant } from '../meeting/participant/store.ts';
import { meetingsOfCase, toMeetingRow } from '../meeting/store.ts';
import { assessmentsOfCase, type Days, sickLeaveOfCase, toDays } from './clock/store.ts';
import { goalNotesOfCase, toGoalNote } from './goal/store.ts';
import { ownerOf } from './owner/rules.ts';
import { firstReminder } from './reminder/rules.ts';
import {
  type Measure,
  type MeasureDraft,
  type MeasureReport,
  type MeasureState,
  type MeasureStatus,
  type PlanFacts,
  type PlanMeasure,
  planTexts,
} from './rules.ts';
import { latestWordings, type PlanDocument } from './version/rules.ts';

export const measureColumns = [
  'm.id',
  'm.case_id',
  'm.meeting_id',
  'm.position',
  'm.number',
  'm.state',
  'm.version',
  'm.body',
  'm.carried_out_by',
  'm.followed_up_by',
  'm.due',
] as const;
export type MeasureRow = {
  id: string;
  case_id: string;
  meeting_id: string;
  position: number;
  number: number | null;
  state: string;
  version: number;
  body: string;
  carried_out_by: string;
  followed_up_by: string | null;
  due: IsoDate | null;
};
/** What was written before there were kinds and first days lacks them. */
type Body = Pick<Measure, 'text' | 'person' | 'goal'> & Partial<Pick<Measure, 'kind' | 'start' | 'followUpOn'>>;

export function toMeasure(vault: Reads['vault'], row: MeasureRow): Measure {
  return {
    id: row.id,
    caseId: row.case_id,
    meetingId: row.meeting_id,
    position: row.position,
    number: row.number,
    state: row.state as MeasureState,
    version: row.version,
    ...{ kind: null, start: null, followUpOn: null },
    ...(JSON.parse(vault.open(row.body)) as Body),
    carriedOutBy: row.carried_out_by as Party,
    followedUpBy: row.followed_up_by as Party | null,
    due: row.due,
  };
}

const bodyOf = ({ text, person, goal, kind, start, followUpOn }: MeasureDraft): string =>
  JSON.stringify({ text, person, goal, kind, start, followUpOn } satisfies Body);

/** Measures written in one meeting's minutes, in the order they were added. */
export async function listMeasuresOfMinutes({ db, vault }: CaseReads, minutesId: string): Promise<Measure[]> {
  const rows = await db
    .selectFrom('measure as m')
    .select(measureColumns)
    .where('m.minutes_id', '=', minutesId)
    .orderBy('m.position')
    .limit(200)
    .execute();
  return rows.map((row) => toMeasure(vault, row));
}

/** Measures of a case that have been agreed, by number. */
export const measuresOfCase = (db: Reads['db'], caseId: string) =>
  db
    .selectFrom('measure as m')
    .select(measureColumns)
    .where('m.case_id', '=', caseId)
    .where('m.number', 'is not', null)
    .orderBy('m.number')
    .limit(sql.lit(500));

/** What was reported on a case's measures, oldest first. */
export const reportsOfCase = (db: Reads['db'], caseId: string) =>
  db
    .selectFrom('measure_report as r')
    .innerJoin('measure as m', 'm.id', 'r.measure_id')
    .leftJoin('account as a', 'a.id', 'r.account_id')
    .select(['r.measure_id', 'r.status', 'r.note', 'r.obstacle', 'r.meet', 'r.proposed_due', 'r.granted_due'])
    .select(['r.decision', 'r.at', 'a.name'])
    .where('m.case_id', '=', caseId)
    .orderBy('r.at')
    .orderBy('r.id')
    .limit(sql.lit(1000));

export type ReportRow = Awaited<ReturnType<ReturnType<typeof reportsOfCase>['executeTakeFirstOrThrow']>>;

export function toPlanMeasures(
  vault: Reads['vault'],
  rows: readonly MeasureRow[],
  reports: readonly ReportRow[],
): PlanMeasure[] {
  const byMeasure = Map.groupBy(
    reports.map(
      (row): MeasureReport => ({
        measureId: row.measure_id,
        status: row.status as MeasureStatus,
        note: vault.open(row.note) ?? '',
        obstacle: vault.open(row.obstacle) ?? '',
        meet: row.meet === 1,
        decision: row.decision,
        proposedDue: row.proposed_due,
        grantedDue: row.granted_due,
        at: row.at,
        accountName: vault.openStaff(row.name),
      }),
    ),
    (report) => report.measureId,
  );
  return rows.map((row) => ({
    ...toMeasure(vault, row),
    number: row.number as number,
    reports: byMeasure.get(row.id) ?? [],
  }));
}

const measuresWithReports = gathered((db, p: { caseId: string }) => ({
  measures: measuresOfCase(db, p.caseId),
  reports: reportsOfCase(db, p.caseId),
}));

/** Measures of a case that have been agreed, by number, each with what was reported, oldest first. */
export async function listMeasuresOfCase({ db, vault }: CaseReads, caseId: string): Promise<PlanMeasure[]> {
  const { measures, reports } = await measuresWithReports(db, { caseId });
  return toPlanMeasures(vault, measures, reports);
}

export async function insertMeasure(
  { db, vault }: CaseWrites,
  measure: MeasureDraft & {
    id: string;
    caseId: string;
    meetingId: string;
    minutesId: string;
    position: number;
    createdAt: IsoInstant;
    createdBy: string;
  },
): Promise<void> {
  await db
    .insertInto('measure')
    .values({
      id: measure.id,
      case_id: measure.caseId,
      meeting_id: measure.meetingId,
      minutes_id: measure.minutesId,
      position: measure.position,
      number: null,
      state: 'draft',
      body: vault.seal(bodyOf(measure)),
      carried_out_by: measure.carriedOutBy,
      followed_up_by: measure.followedUpBy,
      due: measure.due,
      created_at: measure.createdAt,
      created_by: measure.createdBy,
    })
    .execute();
}

/** Rewrites a draft measure that still has the version it was read with; false when it changed or is no draft. */
export async function updateDraftMeasure(
  { db, vault }: CaseWrites,
  measure: { id: string; version: number },
  draft: MeasureDraft,
): Promise<boolean> {
  const result = await db
    .updateTable('measure')
    .set({
      version: measure.version + 1,
      body: vault.seal(bodyOf(draft)),
      carried_out_by: draft.carriedOutBy,
      followed_up_by: draft.followedUpBy,
      due: draft.due,
    })
    .where('id', '=', measure.id)
    .where('version', '=', measure.version)
    .where('state', '=', 'draft')
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

/** Takes away a draft; an agreed measure is never taken away. */
export async function deleteDraftMeasure({ db }: CaseWrites, id: string): Promise<void> {
  await db.deleteFrom('measure').where('id', '=', id).where('state', '=', 'draft').execute();
}

/**
 * Writes an agreed measure as an amendment words it, and finds its owner anew. A due date that was granted since stands
 * unless the amendment gives another, of which its owner is then reminded.
 */
export async function rewordMeasure(
  work: CaseWrites & { now: IsoInstant },
  id: string,
  draft: MeasureDraft,
  changesDue: boolean,
): Promise<void> {
  const { db, vault, now } = work;
  const row = await db.selectFrom('measure as m').select(measureColumns).where('m.id', '=', id).executeTakeFirst();
  if (!row) return;
  const { meetingId, state } = toMeasure(vault, row);
  const ownerId = ownerOf(draft, await listParticipants(work, meetingId));
  const goesOn = state === 'planned' || state === 'ongoing';
  await db
    .updateTable('measure')
    .set((s) => ({
      version: s('version', '+', 1),
      body: vault.seal(bodyOf(draft)),
      carried_out_by: draft.carriedOutBy,
      followed_up_by: draft.followedUpBy,
      owner_id: ownerId,
      ...(changesDue && { due: draft.due, remind_at: goesOn ? firstReminder(draft.due, now) : null }),
    }))
    .where('id', '=', id)
    .execute();
}

/** Makes a draft agreed, under its number in the case: from now on somebody carries it out and is reminded of it. */
export async function agreeMeasure(work: CaseWrites & { now: IsoInstant }, id: string, number: number): Promise<void> {
  const { db, vault, now } = work;
  const row = await db.selectFrom('measure as m').select(measureColumns).where('m.id', '=', id).executeTakeFirst();
  if (!row) return;
  const measure = toMeasure(vault, row);
  const ownerId = ownerOf(measure, await listParticipants(work, measure.meetingId));
  await db
    .updateTable('measure')
    .set((s) => ({ number, state: 'planned', version: s('version', '+', 1) }))
    .set({ owner_id: ownerId, remind_at: firstReminder(measure.due, now) })
    .where('id', '=', id)
    .where('state', '=', 'draft')
    .execute();
}

/** The highest number given in a case; 0 before the first. */
export async function lastMeasureNumber({ db }: CaseReads, caseId: string): Promise<number> {
  const row = await db
    .selectFrom('measure')
    .select((s) => s.fn.max('number').as('last'))
    .where('case_id', '=', caseId)
    .executeTakeFirst();
  return Number(row?.last ?? 0);
}

/** Measures of one officer's open cases that are overdue, by the rule of `isOverdue`; the longest first, at most twenty. */
export const overdueMeasures = (db: Reads['db'], officerId: string, today: IsoDate) =>
  db
    .selectFrom('case_file as c')
    .innerJoin('measure as m', 'm.case_id', 'c.id')
    .select(['m.id', 'm.case_id', 'm.number', 'm.due', 'c.number as case_number'])
    .where('c.officer_id', '=', officerId)
    .where('c.state', 'in', [sql.lit('open'), sql.lit('closing')])
    // Literal, as in the partial index.
    .where('m.state', 'in', [sql.lit('planned'), sql.lit('ongoing')])
    .where('m.due', '<', today)
    .orderBy('m.due')
    .orderBy('m.id')
    .limit(sql.lit(20));

const planOf = gathered((db, p: { id: string }) => ({
  cases: caseQuery(db, p.id)
    .innerJoin('unit as u', 'u.id', 'c.unit_id')
    .select(['o.phone as officer_phone', 'u.name as unit_name', 'u.phone as unit_phone']),
  minutes: minutesOfCase(db, p.id),
  measures: measuresOfCase(db, p.id),
  reports: reportsOfCase(db, p.id),
  meetings: meetingsOfCase(db, p.id),
  goals: goalNotesOfCase(db, p.id),
  leave: sickLeaveOfCase(db, p.id),
  assessments: assessmentsOfCase(db, p.id),
  participants: participantsOfCase(db, p.id),
}));

export type CasePlan = PlanFacts & { found: FoundCase; days: Days };

const plannedBy = (documents: PlanDocument[]) => ({ documents, texts: planTexts(latestWordings(documents)) });

/** A case as the subject of an act, with its plan; null for an unknown one. */
export async function locatePlan({ db, vault }: Reads, id: string): Promise<Located<CasePlan> | null> {
  if (!looksLikeId(id)) return null;
  const { cases, minutes, measures, reports, meetings, goals, leave, assessments, participants } = await planOf(db, {
    id,
  });
  const [row] = cases;
  if (!row) return null;
  const found = toCase(vault, row);
  const contact = {
    name: vault.openStaff(row.officer_name),
    phone: vault.openStaff(row.officer_phone) ?? row.unit_phone,
    unit: row.unit_name,
  };
  return new Located(found.subject, (access) => ({
    found: found.open(access),
    contact,
    contacts: contactsOf(
      contact,
      participants.map((one) => toParticipant(vault, one)),
    ),
    ...plannedBy(minutes.map((one) => toContent(vault, one))),
    measures: toPlanMeasures(vault, measures, reports),
    meetings: meetings.map(toMeetingRow),
    goalNotes: goals.map((one) => toGoalNote(vault, one)),
    days: toDays(vault, leave, assessments),
  }));
}
