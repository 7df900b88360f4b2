import { sql } from 'kysely';
import type { IsoInstant } from '../../../kernel/time.ts';
import type { CaseReads, CaseWrites } from '../../../platform/db/access.ts';
import type { Reads } from '../../../platform/db/database.ts';
import { type Letter, type LetterKind, replacedBy, type ToldHow } from './rules.ts';

const mostShown = 100;

/** The letters about a meeting, newest first. */
export async function listLetters({ db, vault }: CaseReads, meetingId: string): Promise<Letter[]> {
  const rows = await db
    .selectFrom('letter as l')
    .leftJoin('account as a', 'a.id', 'l.settled_by')
    .select(['l.id', 'l.participant_id', 'l.kind', 'l.starts_at', 'l.ends_at', 'l.created_at'])
    .select(['l.settled_at', 'l.settled_how', 'a.name'])
    .where('l.meeting_id', '=', meetingId)
    .orderBy('l.id', 'desc')
    .limit(mostShown)
    .execute();
  return rows.map((row) => ({
    id: row.id,
    participantId: row.participant_id,
    kind: row.kind as LetterKind,
    startsAt: row.starts_at,
    endsAt: row.ends_at,
    createdAt: row.created_at,
    settledAt: row.settled_at,
    settledHow: row.settled_how,
    settledBy: vault.openStaff(row.name),
  }));
}

/** Somebody's letter to print; those that waited for the same person give way to it as `replacedBy` says. */
export async function insertLetter(
  writes: CaseWrites,
  letter: Pick<Letter, 'id' | 'participantId' | 'kind' | 'startsAt' | 'endsAt' | 'createdAt'> & { meetingId: string },
): Promise<void> {
  const replaced = { at: letter.createdAt, by: null, how: 'replaced' } as const;
  await settleLetters(writes, letter.participantId, replaced, { kinds: replacedBy(letter.kind) });
  await writes.db
    .insertInto('letter')
    .values({
      ...{ id: letter.id, meeting_id: letter.meetingId, participant_id: letter.participantId, kind: letter.kind },
      ...{ starts_at: letter.startsAt, ends_at: letter.endsAt, created_at: letter.createdAt },
      ...{ settled_at: null, settled_by: null, settled_how: null },
    })
    .execute();
}

/** What waits for a participant is settled, or only that of some kinds, or one letter. Whether there was any. */
export async function settleLetters(
  { db }: CaseWrites,
  participantId: string,
  settled: { at: IsoInstant; by: string | null; how: ToldHow | 'replaced' },
  only: { id?: string; kinds?: readonly LetterKind[] } = {},
): Promise<boolean> {
  let update = db
    .updateTable('letter')
    .set({ settled_at: settled.at, settled_by: settled.by, settled_how: settled.how })
    .where('participant_id', '=', participantId)
    .where('settled_at', 'is', null);
  if (only.id !== undefined) update = update.where('id', '=', only.id);
  if (only.kinds) update = update.where('kind', 'in', only.kinds);
  return (await update.executeTakeFirst()).numUpdatedRows > 0n;
}

/** Letters that ask for times, once nobody is to answer any more. */
export async function dropPollLetters({ db }: CaseWrites, meetingId: string, at: IsoInstant): Promise<void> {
  await db
    .updateTable('letter')
    .set({ settled_at: at, settled_how: 'replaced' })
    .where('meeting_id', '=', meetingId)
    .where('kind', '=', 'poll')
    .where('settled_at', 'is', null)
    .execute();
}

/** Meetings of an officer about which letters wait to be printed, with how many. */
export const waitingLetters = (db: Reads['db'], officerId: string, now: IsoInstant) =>
  db
    .selectFrom('letter as l')
    .innerJoin('meeting as m', 'm.id', 'l.meeting_id')
    .select((s) => ['m.id', 'm.reference', s.fn.max('l.starts_at').as('startsAt'), s.fn.countAll<number>().as('count')])
    .where('m.officer_id', '=', officerId)
    .where('l.settled_at', 'is', null)
    .where((w) => w.or([w('l.starts_at', 'is', null), w('l.starts_at', '>', now)]))
    .groupBy(['m.id', 'm.reference'])
    .orderBy('m.id')
    .limit(sql.lit(20));
