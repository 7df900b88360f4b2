import type { CaseReads, CaseWrites } from '../../../platform/db/access.ts';
import { locateMeeting } from '../store.ts';
import type { Notice, NoticeGiven, NoticeWay } from './rules.ts';

export const locateNotice = locateMeeting;

/** The text that holds now, and every time that the person was informed, newest first. */
export async function readNotice(
  { db, vault }: CaseReads,
  meetingId: string,
): Promise<{ latest: Notice | null; given: NoticeGiven[] }> {
  const [latest, given] = await Promise.all([
    db
      .selectFrom('notice as n')
      .innerJoin('account as a', 'a.id', 'n.account_id')
      .select(['n.id', 'n.text', 'n.at', 'a.name'])
      .where('n.meeting_id', '=', meetingId)
      .orderBy('n.at', 'desc')
      .orderBy('n.id', 'desc')
      .limit(1)
      .executeTakeFirst(),
    db
      .selectFrom('notice_given as g')
      .innerJoin('account as a', 'a.id', 'g.account_id')
      .select(['g.notice_id', 'g.how', 'g.day', 'g.note', 'g.at', 'a.name'])
      .where('g.meeting_id', '=', meetingId)
      .orderBy('g.at', 'desc')
      .orderBy('g.id', 'desc')
      .limit(20)
      .execute(),
  ]);
  return {
    latest: latest
      ? { id: latest.id, text: vault.open(latest.text), at: latest.at, accountName: vault.openStaff(latest.name) }
      : null,
    given: given.map((row) => ({
      noticeId: row.notice_id,
      how: row.how as NoticeWay,
      day: row.day,
      note: vault.open(row.note) ?? '',
      at: row.at,
      accountName: vault.open(row.name),
    })),
  };
}

export async function insertNotice(
  { db, vault }: CaseWrites,
  notice: Omit<Notice, 'accountName'> & { meetingId: string; accountId: string },
): Promise<void> {
  const { id, meetingId, text, at, accountId } = notice;
  const row = { id, meeting_id: meetingId, text: vault.seal(text), at, account_id: accountId };
  await db.insertInto('notice').values(row).execute();
}

export async function insertNoticeGiven(
  { db, vault }: CaseWrites,
  given: Omit<NoticeGiven, 'accountName'> & { id: string; meetingId: string; accountId: string },
): Promise<void> {
  await db
    .insertInto('notice_given')
    .values({
      id: given.id,
      meeting_id: given.meetingId,
      notice_id: given.noticeId,
      how: given.how,
      day: given.day,
      note: vault.seal(given.note || null),
      at: given.at,
      account_id: given.accountId,
    })
    .execute();
}
