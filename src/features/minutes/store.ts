import type { IsoInstant } from '../../kernel/time.ts';
import { type CaseReads, type CaseWrites, Located } from '../../platform/db/access.ts';
import type { Reads } from '../../platform/db/database.ts';
import { locateCase } from '../case/store.ts';
import { listMinutesContents, locateMinutesDocument } from '../filing/document/store.ts';
import { nextAfter } from '../followup/rules.ts';
import { listParticipants } from '../meeting/participant/store.ts';
import { countAsked as countAskedBefore, readBefore as readBeforeMeeting } from '../meeting/preparation/store.ts';
import { type FoundMeeting, listMeetingsOfCase, locateMeeting } from '../meeting/store.ts';
import { readAgenda } from '../plan/owner/store.ts';
import { listMeasuresOfMinutes } from '../plan/store.ts';
import { locateRequest } from '../request/store.ts';
import { findReview } from './review/store.ts';
import type { Minutes, MinutesFacts, MinutesState, SavedField, TemplateFacts } from './rules.ts';

export type FoundMinutes = MinutesFacts & { meeting: FoundMeeting };

export async function insertMinutes(
  { db }: CaseWrites,
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
    .select(['id', 'state', 'version', 'template_version', 'opened_at'])
    .where('meeting_id', '=', meetingId)
    .executeTakeFirst();
  return row
    ? {
        ...{ id: row.id, meetingId, templateVersion: row.template_version, state: row.state as MinutesState },
        ...{ version: row.version, openedAt: row.opened_at },
      }
    : null;
}

/** What is written, by the name of its field. */
export async function listFields({ db, vault }: CaseReads, minutesId: string): Promise<Map<string, SavedField>> {
  const rows = await db
    .selectFrom('minutes_field as f')
    .innerJoin('account as a', 'a.id', 'f.updated_by')
    .select(['f.field', 'f.text', 'f.version', 'f.updated_at', 'f.updated_by', 'a.name'])
    .where('f.minutes_id', '=', minutesId)
    .limit(500)
    .execute();
  return new Map(
    rows.map((row) => [
      row.field,
      {
        ...{ text: vault.open(row.text), version: row.version },
        ...{ at: row.updated_at, by: vault.openStaff(row.name), byId: row.updated_by },
      },
    ]),
  );
}

/** Everything that the minutes of a meeting consist of. */
export async function readMinutes(reads: CaseReads, { meeting, minutes }: Opened): Promise<FoundMinutes> {
  const [participants, fields, measures, request, review] = await Promise.all([
    listParticipants(reads, meeting.id),
    listFields(reads, minutes.id),
    listMeasuresOfMinutes(reads, minutes.id),
    meeting.requestId ? locateRequest(reads, meeting.requestId) : null,
    minutes.state === 'draft' ? null : findReview(reads, minutes.id),
  ]);
  const form = request?.open(reads).form;
  const template: TemplateFacts = {
    version: minutes.templateVersion,
    kind: meeting.kind,
    participantIds: participants.map(({ id }) => id),
    asked: form?.questions ?? [],
    ownQuestion: form?.ownQuestion ?? '',
  };
  return { minutes, meeting, participants, template, fields, measures, review };
}

/** What stands on the agenda of the meeting by itself. */
export const readFollowed = readAgenda;

export type Opened = { meeting: FoundMeeting; minutes: Minutes };

/** The minutes of a meeting as the subject of an act; null when they are not open. */
export async function locateOpened(reads: Reads, meetingId: string): Promise<Located<Opened> | null> {
  const [meeting, minutes] = await Promise.all([locateMeeting(reads, meetingId), findRow(reads, meetingId)]);
  if (!meeting || !minutes) return null;
  return new Located(meeting.subject, (access) => ({ meeting: meeting.open(access), minutes }));
}

/** What was said before the meeting, for beside the minutes and never in them. */
export const readBefore = readBeforeMeeting;
/** How many adaptations wait for an answer. */
export const countAsked = countAskedBefore;

/** The case's minutes that were finalised before, oldest first. */
export const listBefore = (reads: CaseReads, { meeting }: Opened) => listMinutesContents(reads, meeting.caseId);

/** The case that a meeting is in. */
export async function readCase(reads: CaseReads, { caseId }: FoundMeeting) {
  const found = await locateCase(reads, caseId);
  if (!found) throw new Error('a meeting without its case');
  return found.open(reads);
}

/** The meeting that follows this one, null while none is booked, and whether the case comes to its end. */
export async function readFollowUp(reads: CaseReads, meeting: FoundMeeting, now: IsoInstant) {
  const [meetings, found] = await Promise.all([listMeetingsOfCase(reads, meeting.caseId), readCase(reads, meeting)]);
  const closing = meeting.kind === 'closing' || found.state === 'closing';
  return { next: nextAfter(meetings, meeting.id, now), closing };
}
export type FollowUp = Awaited<ReturnType<typeof readFollowUp>>;

/** The meeting whose minutes are opened. */
export const locateHeld = locateMeeting;
/** The minutes as they were locked. */
export const locateFinalised = locateMinutesDocument;

/** How far the minutes of a meeting have come; null before they are open. */
export const minutesState = async (reads: Reads, meetingId: string): Promise<MinutesState | null> =>
  (await findRow(reads, meetingId))?.state ?? null;

/** Writes a field's next version. `seq`: the version that the minutes get with it. */
export async function writeField(
  { db, vault }: CaseWrites,
  field: { minutesId: string; field: string; text: string; version: number; seq: number; at: IsoInstant; by: string },
): Promise<void> {
  const { version, seq } = field;
  const row = { text: vault.seal(field.text), version, seq, updated_at: field.at, updated_by: field.by };
  await db
    .insertInto('minutes_field')
    .values({ minutes_id: field.minutesId, field: field.field, ...row })
    .onConflict((conflict) => conflict.columns(['minutes_id', 'field']).doUpdateSet(row))
    .execute();
}

/** Marks that something in the minutes changed, so that a document made from what was there before is not filed. */
export async function touchMinutes({ db }: CaseWrites, id: string): Promise<void> {
  await db
    .updateTable('minutes')
    .set((s) => ({ version: s('version', '+', 1) }))
    .where('id', '=', id)
    .execute();
}

/** Moves minutes between draft and review; false when somebody else has changed them since. */
export async function moveTo(
  { db }: CaseWrites,
  minutes: { id: string; version: number },
  state: MinutesState,
): Promise<boolean> {
  const result = await db
    .updateTable('minutes')
    .set({ state, version: minutes.version + 1 })
    .where('id', '=', minutes.id)
    .where('version', '=', minutes.version)
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

/** Locks minutes that still have the version they were read with; false when they changed or are locked already. */
export async function lockMinutes(
  { db }: CaseWrites,
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
