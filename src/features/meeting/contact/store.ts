import { sql } from 'kysely';
import type { Reads } from '../../../platform/db/database.ts';
import { participantColumns } from '../participant/store.ts';

/** Everybody who takes part in a case's meetings that were not called off, newest first. */
export const participantsOfCase = (db: Reads['db'], caseId: string) =>
  db
    .selectFrom('participant')
    .select(participantColumns)
    .where('removed_at', 'is', null)
    .where('meeting_id', 'in', (w) =>
      w.selectFrom('meeting').select('id').where('case_id', '=', caseId).where('state', '!=', sql.lit('cancelled')),
    )
    .orderBy('id', 'desc')
    .limit(sql.lit(200));
