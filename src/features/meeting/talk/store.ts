import type { CaseReads, CaseWrites } from '../../../platform/db/access.ts';
import type { PersonView, Talk } from '../rules.ts';

export async function insertTalk(
  { db, vault }: CaseWrites,
  talk: Omit<Talk, 'accountName'> & { id: string; meetingId: string; accountId: string },
): Promise<void> {
  await db
    .insertInto('talk')
    .values({
      id: talk.id,
      meeting_id: talk.meetingId,
      at: talk.at,
      account_id: talk.accountId,
      how: vault.seal(talk.how),
      go_on_reason: vault.seal(talk.goOnReason),
      unsafe_contact: vault.seal(talk.unsafeContact),
      views: JSON.stringify(talk.views),
    })
    .execute();
}

/** Talks with the person about this meeting, newest first. */
export async function listTalks({ db, vault }: CaseReads, meetingId: string): Promise<Talk[]> {
  const rows = await db
    .selectFrom('talk as t')
    .innerJoin('account as a', 'a.id', 't.account_id')
    .select(['t.at', 't.how', 't.go_on_reason', 't.unsafe_contact', 't.views', 'a.name'])
    .where('t.meeting_id', '=', meetingId)
    .orderBy('t.at', 'desc')
    .orderBy('t.id', 'desc')
    .limit(20)
    .execute();
  return rows.map((row) => ({
    at: row.at,
    accountName: vault.openStaff(row.name),
    how: vault.open(row.how),
    goOnReason: vault.open(row.go_on_reason),
    unsafeContact: vault.open(row.unsafe_contact),
    views: JSON.parse(row.views) as Record<string, PersonView>,
  }));
}
