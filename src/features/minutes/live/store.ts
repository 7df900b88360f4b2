import type { Subject, User } from '../../../kernel/access.ts';
import type { IsoInstant } from '../../../kernel/time.ts';
import { type CaseReads, type CaseWrites, Located } from '../../../platform/db/access.ts';
import type { Reads } from '../../../platform/db/database.ts';
import { type Opened, locateOpened as openedMinutes } from '../store.ts';
import { contributionField, type Earlier, type Kept, takesPlaceOf } from './rules.ts';

/** The minutes that somebody writes in. */
export const locateOpened = openedMinutes;

/** Where somebody who takes part writes for themselves. */
export type Contributing = Opened & { participantId: string; field: string };

/**
 * The minutes of a meeting as somebody who takes part in it may write to them: by their own account, or as the person or
 * who represents them. Null when no minutes are open.
 */
export async function locateContributing(
  reads: Reads,
  meetingId: string,
  user: Pick<User, 'id'>,
): Promise<Located<Contributing> | null> {
  const [opened, rows] = await Promise.all([
    openedMinutes(reads, meetingId),
    reads.db
      .selectFrom('participant')
      .select(['id', 'party', 'account_id'])
      .where('meeting_id', '=', meetingId)
      .where('removed_at', 'is', null)
      .where((w) => w.or([w('account_id', '=', user.id), w('party', '=', 'PERSON')]))
      .orderBy('id')
      .limit(20)
      .execute(),
  ]);
  if (!opened) return null;
  const row = rows.find(({ account_id }) => account_id === user.id) ?? rows.find(({ party }) => party === 'PERSON');
  const partyUserId = row?.party === 'PERSON' ? opened.subject.individualUserId : (row?.account_id ?? null);
  const subject: Subject = { ...opened.subject, partyUserId };
  const participantId = row?.id ?? '';
  return new Located(subject, (access) => ({
    ...opened.open(access),
    ...{ participantId, field: contributionField(participantId) },
  }));
}

/** A field that changed, as whoever writes in the minutes gets it. */
export type Changed = { field: string; text: string; version: number };

/** What was written since a version of the minutes. */
export async function listChanged({ db, vault }: CaseReads, minutesId: string, after: number): Promise<Changed[]> {
  const rows = await db
    .selectFrom('minutes_field')
    .select(['field', 'text', 'version'])
    .where('minutes_id', '=', minutesId)
    .where('seq', '>', after)
    .limit(500)
    .execute();
  return rows.map(({ field, text, version }) => ({ field, text: vault.open(text), version }));
}

/** What did not stay in its field, newest first; so many as no meeting reaches. */
export async function listHistory({ db, vault }: CaseReads, minutesId: string, field?: string): Promise<Earlier[]> {
  let query = db
    .selectFrom('minutes_history as h')
    .innerJoin('account as a', 'a.id', 'h.written_by')
    .select(['h.field', 'h.text', 'h.late', 'h.written_at', 'a.name'])
    .where('h.minutes_id', '=', minutesId);
  if (field !== undefined) query = query.where('h.field', '=', field);
  const rows = await query.orderBy('h.id', 'desc').limit(2000).execute();
  return rows.map((row) => ({
    ...{ field: row.field, text: vault.open(row.text), late: row.late === 1 },
    ...{ at: row.written_at, by: vault.openStaff(row.name) },
  }));
}

/** Whether somebody has been shown what stands in a field beside their own text. */
export async function wasWarned(
  { db }: CaseReads,
  at: { minutesId: string; field: string; met: number; by: string },
): Promise<boolean> {
  const row = await db
    .selectFrom('minutes_history')
    .select('id')
    .where('minutes_id', '=', at.minutesId)
    .where('field', '=', at.field)
    .where('met', '=', at.met)
    .where('written_by', '=', at.by)
    .executeTakeFirst();
  return row !== undefined;
}

/** Keeps a text in a field's history, where it takes the place of what its writer kept of it before. */
export async function keepText(
  { db, vault }: CaseWrites,
  row: Kept & { id: string; minutesId: string; field: string; seq: number; at: IsoInstant; by: string },
): Promise<void> {
  const theirs = await db
    .selectFrom('minutes_history')
    .select(['id', 'text', 'late'])
    .where('minutes_id', '=', row.minutesId)
    .where('field', '=', row.field)
    .where('written_by', '=', row.by)
    .orderBy('id', 'desc')
    .limit(50)
    .execute();
  const before = theirs.find((one) => takesPlaceOf(row, { text: vault.open(one.text), late: one.late === 1 }));
  const kept = {
    ...{ text: vault.seal(row.text), written_at: row.at },
    ...{ met: row.met, seq: row.seq, late: row.late ? (1 as const) : (0 as const) },
  };
  if (before) {
    await db.updateTable('minutes_history').set(kept).where('id', '=', before.id).execute();
    return;
  }
  const { id, minutesId: minutes_id, field, by: written_by } = row;
  await db
    .insertInto('minutes_history')
    .values({ ...kept, id, minutes_id, field, written_by })
    .execute();
}
