import { sql } from 'kysely';
import type { CaseWrites } from '../../../platform/db/access.ts';
import type { Reads } from '../../../platform/db/database.ts';
import type { GoalNote } from './rules.ts';

/** What officers noted about a case's sub-goals, oldest first. */
export const goalNotesOfCase = (db: Reads['db'], caseId: string) =>
  db
    .selectFrom('goal_note as g')
    .innerJoin('account as a', 'a.id', 'g.account_id')
    .select(['g.goal', 'g.reached_on', 'g.at', 'a.name'])
    .where('g.case_id', '=', caseId)
    .orderBy('g.id')
    .limit(sql.lit(500));

type Row = Awaited<ReturnType<ReturnType<typeof goalNotesOfCase>['executeTakeFirstOrThrow']>>;

export const toGoalNote = (vault: Reads['vault'], row: Row): GoalNote => ({
  goal: vault.open(row.goal),
  reachedOn: row.reached_on,
  at: row.at,
  accountName: vault.openStaff(row.name),
});

export async function insertGoalNote(
  { db, vault }: CaseWrites,
  note: Pick<GoalNote, 'goal' | 'reachedOn' | 'at'> & { id: string; caseId: string; accountId: string },
): Promise<void> {
  await db
    .insertInto('goal_note')
    .values({
      id: note.id,
      case_id: note.caseId,
      goal: vault.seal(note.goal),
      reached_on: note.reachedOn,
      at: note.at,
      account_id: note.accountId,
    })
    .execute();
}
