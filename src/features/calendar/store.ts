import type { IsoInstant } from '../../kernel/time.ts';
import type { CaseReads } from '../../platform/db/access.ts';
import type { Reads } from '../../platform/db/database.ts';
import type { CalendarMeeting } from './rules.ts';

const mostMeetings = 500;

/** The meetings that somebody leads, and those that they are invited to as who they are, or have been bound to: never others. */
export const meetingsOf = (db: Reads['db'], accountId: string) =>
  db
    .selectFrom('meeting')
    .select('id')
    .where('officer_id', '=', accountId)
    .union(
      db
        .selectFrom('participant')
        .select('meeting_id as id')
        .where('account_id', '=', accountId)
        .where('removed_at', 'is', null)
        .where('sent_sequence', 'is not', null),
    )
    .union(
      db
        .selectFrom('case_file as c')
        .innerJoin('meeting as m', 'm.case_id', 'c.id')
        .innerJoin('participant as p', 'p.meeting_id', 'm.id')
        .select('m.id')
        .where('c.individual_account_id', '=', accountId)
        .where('p.party', '=', 'PERSON')
        .where('p.sent_sequence', 'is not', null),
    );

/** Somebody's meetings that go on between two instants, in order. */
export async function listOwnMeetings(
  { db }: CaseReads,
  accountId: string,
  from: IsoInstant,
  to: IsoInstant,
): Promise<CalendarMeeting[]> {
  const rows = await db
    .selectFrom('meeting as m')
    .innerJoin('case_file as c', 'c.id', 'm.case_id')
    .select(['m.id', 'm.reference', 'm.starts_at', 'm.ends_at', 'm.state', 'm.officer_id', 'c.number'])
    .where('m.id', 'in', meetingsOf(db, accountId))
    .where('m.state', 'in', ['scheduled', 'held', 'minuted'])
    .where('m.starts_at', '<', to)
    .where('m.ends_at', '>', from)
    .orderBy('m.starts_at')
    .orderBy('m.id')
    .limit(mostMeetings)
    .execute();
  return rows.map((row) => {
    const own = row.officer_id === accountId;
    return {
      id: row.id,
      reference: row.reference,
      startsAt: row.starts_at ?? '',
      endsAt: row.ends_at ?? '',
      own,
      caseNumber: own ? row.number : null,
      over: row.state !== 'scheduled',
    };
  });
}
