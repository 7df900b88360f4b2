import type { IsoInstant } from '../../kernel/time.ts';
import type { Reads, Writes } from '../../platform/db/database.ts';
import { type FoundDocument, findMinutesDocument } from '../filing/document/store.ts';
import { listParticipants } from '../meeting/participant/store.ts';
import { type FoundMeeting, findMeeting } from '../meeting/store.ts';
import { listMeasuresOfMinutes } from '../plan/store.ts';
import { findRequest } from '../request/store.ts';
import type { Minutes, MinutesFacts, MinutesState, SavedField, TemplateFacts } from './rules.ts';

export type FoundMinutes = MinutesFacts & { meeting: FoundMeeting };

export async function insertMinutes(
  { db }: Writes,
  minutes: { id: string; meetingId: string; templateVersion: number; openedAt: IsoInstant; openedBy: string },
): Promise<void> {
  await db
    .insertInto('minutes')
    .values({
      id: minutes.id,
      meeting_id: minutes.meetingId,
      template_version: minutes.templateVersion,
      state: 'draft',
      opened_at: minutes.openedAt,
      opened_by: minutes.openedBy,
      finalised_at: null,
      finalised_by: null,
    })
    .execute();
}

async function findRow({ db }: Reads, meetingId: string): Promise<Minutes | null> {
  const row = await db
    .selectFrom('minutes')
    .select(['id', 'state', 'version', 'opened_at'])
    .where('meeting_id', '=', meetingId)
    .executeTakeFirst();
  return row
    ? { id: row.id, meetingId, state: row.state as MinutesState, version: row.version, openedAt: row.opened_at }
    : null;
}

async function listFields({ db, vault }: Reads, minutesId: string): Promise<Map<string, SavedField>> {
  const rows = await db
    .selectFrom('minutes_field as f')
    .innerJoin('account as a', 'a.id', 'f.updated_by')
    .select(['f.field', 'f.text', 'f.version', 'f.updated_at', 'a.name'])
    .where('f.minutes_id', '=', minutesId)
    .limit(500)
    .execute();
  return new Map(
    rows.map((row) => [
      row.field,
      { text: vault.open(row.text), version: row.version, at: row.updated_at, by: vault.openStaff(row.name) },
    ]),
  );
}

/** The minutes of a meeting; null when the meeting has none. */
export async function findMinutes(reads: Reads, meetingId: string): Promise<FoundMinutes | null> {
  const [meeting, minutes] = await Promise.all([findMeeting(reads, meetingId), findRow(reads, meetingId)]);
  if (!meeting || !minutes) return null;
  const [participants, fields, measures, request] = await Promise.all([
    listParticipants(reads, meetingId),
    listFields(reads, minutes.id),
    listMeasuresOfMinutes(reads, minutes.id),
    meeting.requestId ? findRequest(reads, meeting.requestId) : null,
  ]);
  const template: TemplateFacts = {
    kind: meeting.kind,
    participantIds: participants.map(({ id }) => id),
    asked: request?.form.questions ?? [],
    ownQuestion: request?.form.ownQuestion ?? '',
  };
  return { minutes, meeting, participants, template, fields, measures };
}

/** What the rights table needs, with the meeting and whether its minutes are open; null for an unknown meeting. */
export async function locateMinutes(reads: Reads, meetingId: string) {
  const [meeting, minutes] = await Promise.all([findMeeting(reads, meetingId), findRow(reads, meetingId)]);
  return meeting && { ...meeting.subject, meeting, minutes };
}

/** The same for what is done to minutes: null also when they are not open. */
export async function locateOpened(reads: Reads, meetingId: string) {
  const found = await findMinutes(reads, meetingId);
  return found && { ...found.meeting.subject, found };
}

export type OpenedMinutes = NonNullable<Awaited<ReturnType<typeof locateOpened>>>;

export function findFinalised(reads: Reads, meetingId: string): Promise<FoundDocument | null> {
  return findMinutesDocument(reads, meetingId);
}

/** Writes a field's next version. */
export async function writeField(
  { db, vault }: Writes,
  field: { minutesId: string; field: string; text: string; version: number; at: IsoInstant; by: string },
): Promise<void> {
  const row = { text: vault.seal(field.text), version: field.version, updated_at: field.at, updated_by: field.by };
  await db
    .insertInto('minutes_field')
    .values({ minutes_id: field.minutesId, field: field.field, ...row })
    .onConflict((conflict) => conflict.columns(['minutes_id', 'field']).doUpdateSet(row))
    .execute();
}

/** Marks that something in the minutes changed, so that a document made from what was there before is not filed. */
export async function touchMinutes({ db }: Writes, id: string): Promise<void> {
  await db
    .updateTable('minutes')
    .set((s) => ({ version: s('version', '+', 1) }))
    .where('id', '=', id)
    .execute();
}

/** Locks minutes that still have the version they were read with; false when they changed or are locked already. */
export async function lockMinutes(
  { db }: Writes,
  minutes: { id: string; version: number },
  locked: { at: IsoInstant; by: string },
): Promise<boolean> {
  const result = await db
    .updateTable('minutes')
    .set({ state: 'finalised', version: minutes.version + 1, finalised_at: locked.at, finalised_by: locked.by })
    .where('id', '=', minutes.id)
    .where('version', '=', minutes.version)
    .where('state', '!=', 'finalised')
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}
