import { sql } from 'kysely';
import { looksLikeId } from '../../../kernel/ids.ts';
import { type IsoInstant, parseDate, stockholmDate } from '../../../kernel/time.ts';
import { type CaseWrites, Located } from '../../../platform/db/access.ts';
import type { Reads } from '../../../platform/db/database.ts';
import { gathered } from '../../../platform/db/prepared.ts';
import { caseQuery, type FoundCase, toCase } from '../../case/store.ts';
import type { ClockFacts, SickLeave } from './rules.ts';

/** What an officer noted last about a case's sick periods. Every change is a row of its own. */
export const sickLeaveOfCase = (db: Reads['db'], caseId: string) =>
  db
    .selectFrom('sick_leave as s')
    .innerJoin('account as a', 'a.id', 's.account_id')
    .select(['s.id', 's.facts', 's.at', 'a.name'])
    .where('s.case_id', '=', caseId)
    .orderBy('s.id', 'desc')
    .limit(sql.lit(1));

/** When joint assessments of a case were asked for and held, the first one first. */
export const assessmentsOfCase = (db: Reads['db'], caseId: string) =>
  db
    .selectFrom('meeting as m')
    .leftJoin('request as r', 'r.id', 'm.request_id')
    .select(['m.starts_at', 'r.received_at'])
    .where('m.case_id', '=', caseId)
    .where('m.kind', '=', sql.lit('joint_assessment'))
    .where('m.state', '!=', sql.lit('cancelled'))
    .orderBy('m.id')
    .limit(sql.lit(1));

type LeaveRow = Awaited<ReturnType<ReturnType<typeof sickLeaveOfCase>['executeTakeFirstOrThrow']>>;
type AssessmentRow = Awaited<ReturnType<ReturnType<typeof assessmentsOfCase>['executeTakeFirstOrThrow']>>;

export type Noted = { id: string; at: IsoInstant; by: string };
export type Days = ClockFacts & { noted: Noted | null };

export function toDays(vault: Reads['vault'], leave: readonly LeaveRow[], assessments: readonly AssessmentRow[]): Days {
  const [row] = leave;
  const facts: SickLeave = row ? JSON.parse(vault.open(row.facts)) : { periods: [], noSgi: false };
  const isDay = (text: string | null) => text === null || parseDate(text) !== null;
  return {
    noSgi: facts.noSgi,
    // A day that a correction took away is none.
    periods: facts.periods.filter((one) => parseDate(one.firstDay) !== null && isDay(one.lastDay)),
    assessments: assessments.map((one) => ({
      requestedOn: one.received_at && stockholmDate(one.received_at),
      firstMeetingOn: one.starts_at && stockholmDate(one.starts_at),
    })),
    noted: row ? { id: row.id, at: row.at, by: vault.openStaff(row.name) } : null,
  };
}

const daysOf = gathered((db, p: { id: string }) => ({
  cases: caseQuery(db, p.id),
  leave: sickLeaveOfCase(db, p.id),
  assessments: assessmentsOfCase(db, p.id),
}));

export type FoundDays = { found: FoundCase; days: Days };

/** A case as the subject of an act, with what its days are counted from; null for an unknown one. */
export async function locateDays({ db, vault }: Reads, id: string): Promise<Located<FoundDays> | null> {
  if (!looksLikeId(id)) return null;
  const { cases, leave, assessments } = await daysOf(db, { id });
  const found = cases[0] && toCase(vault, cases[0]);
  if (!found) return null;
  return new Located(found.subject, (access) => ({
    found: found.open(access),
    days: toDays(vault, leave, assessments),
  }));
}

export async function insertSickLeave(
  { db, vault }: CaseWrites,
  row: { id: string; caseId: string; facts: SickLeave; at: IsoInstant; accountId: string },
): Promise<void> {
  await db
    .insertInto('sick_leave')
    .values({
      id: row.id,
      case_id: row.caseId,
      facts: vault.seal(JSON.stringify(row.facts)),
      at: row.at,
      account_id: row.accountId,
    })
    .execute();
}
