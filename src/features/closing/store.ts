import { sql } from 'kysely';
import type { IsoDate, IsoInstant } from '../../kernel/time.ts';
import type { CaseReads, CaseWrites } from '../../platform/db/access.ts';
import type { Reads } from '../../platform/db/database.ts';
import type { CaseState } from '../case/rules.ts';
import type { Sealed } from '../filing/document/rules.ts';
import { readPdf } from '../filing/document/store.ts';
import type { MeetingState } from '../meeting/rules.ts';
import { subGoalsAt } from '../plan/goal/rules.ts';
import { type CasePlan, locatePlan } from '../plan/store.ts';
import { type Closing, type ClosingContent, goalsToJudge, isGoing } from './rules.ts';

export type PreparedClosing = Closing & { id: string; version: number; preparedAt: IsoInstant };
export type ClosingFacts = Omit<CasePlan, 'meetings'> & {
  meetings: { id: string; state: MeetingState }[];
  goals: ReturnType<typeof goalsToJudge>;
  /** Measures that have not ended. */
  going: CasePlan['measures'];
  /** As it was prepared last; null while it never was. */
  closing: PreparedClosing | null;
};

/** A case as the subject of its closing. */
export const locateClosing = locatePlan;

/** Everything that is told of, or comes from, when a case is closed. */
export async function readClosingFacts(reads: CaseReads, plan: CasePlan, now: IsoInstant): Promise<ClosingFacts> {
  const closing = await findClosing(reads, plan.found.id);
  const { texts, goalNotes, measures } = plan;
  return {
    ...plan,
    meetings: plan.meetings.map(({ id, state }) => ({ id, state: state as MeetingState })),
    goals: goalsToJudge(texts?.goal ?? '', subGoalsAt(texts?.subGoals ?? '', goalNotes, now)),
    going: measures.filter(isGoing),
    closing,
  };
}

export async function findClosing({ db, vault }: CaseReads, caseId: string): Promise<PreparedClosing | null> {
  const row = await db.selectFrom('closing').selectAll().where('case_id', '=', caseId).executeTakeFirst();
  if (!row) return null;
  const body = JSON.parse(vault.open(row.body)) as Omit<Closing, 'closesOn'>;
  return { ...body, closesOn: row.closes_on, id: row.id, version: row.version, preparedAt: row.prepared_at };
}

/** Writes how a case is to end, in place of what was written before. */
export async function writeClosing(
  { db, vault }: CaseWrites,
  caseId: string,
  { closesOn, ...body }: Closing,
  prepared: { id: string; at: IsoInstant; by: string },
): Promise<void> {
  const row = {
    body: vault.seal(JSON.stringify(body)),
    closes_on: closesOn,
    prepared_at: prepared.at,
    prepared_by: prepared.by,
  };
  await db
    .insertInto('closing')
    .values({ id: prepared.id, case_id: caseId, ...row })
    .onConflict((conflict) =>
      conflict.column('case_id').doUpdateSet((s) => ({ ...row, version: s('closing.version', '+', 1) })),
    )
    .execute();
}

/** Moves a case that still has the version it was read with; false when somebody else was first. */
export async function moveCaseTo(
  { db }: CaseWrites,
  found: { id: string; version: number },
  state: CaseState,
  closedAt: IsoInstant | null = null,
): Promise<boolean> {
  const result = await db
    .updateTable('case_file')
    .set({ state, version: found.version + 1, ...(closedAt && { closed_at: closedAt }) })
    .where('id', '=', found.id)
    .where('version', '=', found.version)
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

/** The case of the closing document, with the document itself once it has been made. */
export async function readClosingDocument(
  { db, vault }: CaseReads,
  caseId: string,
): Promise<{ id: string; content: Sealed<ClosingContent> } | null> {
  const row = await db
    .selectFrom('document')
    .select(['id', 'content'])
    .where('case_id', '=', caseId)
    .where('kind', '=', 'closing')
    .executeTakeFirst();
  return row ? { id: row.id, content: JSON.parse(vault.open(row.content)) } : null;
}
export const readClosingPdf = readPdf;

/** Cases of an officer that can be closed today; the soonest first, at most twenty. */
export const casesToClose = (db: Reads['db'], officerId: string, today: IsoDate) =>
  db
    .selectFrom('case_file as c')
    .innerJoin('closing as e', 'e.case_id', 'c.id')
    .select(['c.id', 'c.number'])
    .where('c.officer_id', '=', officerId)
    .where('c.state', '=', sql.lit('closing'))
    .where('e.closes_on', '<=', today)
    .orderBy('e.closes_on')
    .orderBy('c.id')
    .limit(sql.lit(20));

/** When a case that comes to its end is to be closed, and whom the person turns to after it. */
export const closingOfCase = (db: Reads['db'], caseId: string) =>
  db.selectFrom('closing').select(['body', 'closes_on']).where('case_id', '=', caseId);
export function toEnding(vault: Reads['vault'], row: { body: string; closes_on: IsoDate }) {
  const { contacts } = JSON.parse(vault.open(row.body)) as Closing;
  return { closesOn: row.closes_on, contacts };
}
