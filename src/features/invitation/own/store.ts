import type { IsoInstant } from '../../../kernel/time.ts';
import type { CaseReads } from '../../../platform/db/access.ts';
import type { Individual } from '../../case/rules.ts';
import type { MeetingState } from '../../meeting/rules.ts';

export const ownPage = 25;

/** A meeting in which somebody signed in takes part. */
export type OwnMeeting = {
  /** The participant's. */
  id: string;
  state: MeetingState;
  startsAt: IsoInstant | null;
  endsAt: IsoInstant | null;
  /** Null for a protected identity, which stands in no list. */
  individualName: string | null;
};

/** Meetings an account takes part in, the last joined first; one row more than a page if there are more. */
export async function listOwnMeetings(
  { db, vault }: CaseReads,
  accountId: string,
  after: string | null,
): Promise<OwnMeeting[]> {
  let query = db
    .selectFrom('participant as p')
    .innerJoin('meeting as m', 'm.id', 'p.meeting_id')
    .innerJoin('case_file as c', 'c.id', 'm.case_id')
    .select(['p.id', 'm.state', 'm.starts_at', 'm.ends_at', 'c.individual', 'c.protected_identity'])
    .where('p.account_id', '=', accountId)
    .where('p.removed_at', 'is', null);
  if (after) query = query.where('p.id', '<', after);
  const rows = await query
    .orderBy('p.id', 'desc')
    .limit(ownPage + 1)
    .execute();
  return rows.map((row) => ({
    id: row.id,
    state: row.state as MeetingState,
    startsAt: row.starts_at,
    endsAt: row.ends_at,
    individualName: row.protected_identity === 1 ? null : (JSON.parse(vault.open(row.individual)) as Individual).name,
  }));
}
