import type { User } from '../../../kernel/access.ts';
import type { IsoInstant } from '../../../kernel/time.ts';
import type { CaseReads } from '../../../platform/db/access.ts';
import { isPrivate } from '../../account/rules.ts';
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

/**
 * Meetings that somebody signed in takes part in, the individual and who represents them without any binding; the last
 * joined first, one row more than a page if there are more.
 */
export async function listOwnMeetings(
  { db, vault }: CaseReads,
  user: User,
  after: string | null,
): Promise<OwnMeeting[]> {
  const individuals = isPrivate(user) ? [user.id, ...user.represents] : [];
  const asPerson = db
    .selectFrom('case_file as c')
    .innerJoin('meeting as m', 'm.case_id', 'c.id')
    .innerJoin('participant as p', 'p.meeting_id', 'm.id')
    .select('p.id')
    .where('c.individual_account_id', 'in', individuals)
    .where('p.party', '=', 'PERSON');
  const theirs = db.selectFrom('participant').select('id').where('account_id', '=', user.id);
  let query = db
    .selectFrom('participant as p')
    .innerJoin('meeting as m', 'm.id', 'p.meeting_id')
    .innerJoin('case_file as c', 'c.id', 'm.case_id')
    .select(['p.id', 'm.state', 'm.starts_at', 'm.ends_at', 'c.individual', 'c.protected_identity'])
    .where('p.id', 'in', individuals.length > 0 ? theirs.union(asPerson) : theirs)
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
