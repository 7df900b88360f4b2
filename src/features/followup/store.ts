import type { IsoInstant } from '../../kernel/time.ts';
import type { CaseReads } from '../../platform/db/access.ts';
import { type FoundCase, locateCase } from '../case/store.ts';
import { listFiledMinutes } from '../filing/document/store.ts';
import { listParticipants } from '../meeting/participant/store.ts';
import { listMeetingsOfCase, type MeetingRow } from '../meeting/store.ts';
import { locateMeasure } from '../plan/store.ts';

/** Who verified the addresses of a meeting's participants, and when and how, by participant. */
export async function listVerified(
  { db, vault }: CaseReads,
  meetingId: string,
): Promise<Map<string, { at: IsoInstant; by: string; how: string }>> {
  const rows = await db
    .selectFrom('participant')
    .select(['id', 'verified_at', 'verified_by', 'verified_how'])
    .where('meeting_id', '=', meetingId)
    .where('verified_at', 'is not', null)
    .limit(200)
    .execute();
  return new Map(
    rows.map((row) => [
      row.id,
      { at: row.verified_at ?? '', by: row.verified_by ?? '', how: vault.open(row.verified_how) ?? '' },
    ]),
  );
}

/** A case as the subject of an act. */
export const locateOpenCase = locateCase;

/** What the page of another meeting is filled with. `after`, `measure`: the meeting or measure it comes from, if it is the case's. */
export async function readNextFacts(
  reads: CaseReads,
  found: FoundCase,
  asked: { after: string | undefined; measure: string | undefined },
) {
  const meetings = await listMeetingsOfCase(reads, found.id);
  const from = meetings.find(({ id }) => id === asked.after) ?? latestOf(meetings);
  const [participants, minutes, located] = await Promise.all([
    from ? listParticipants(reads, from.id) : [],
    listFiledMinutes(reads, found.id),
    asked.measure ? locateMeasure(reads, asked.measure) : null,
  ]);
  const measure = located?.subject.caseId === found.id ? located.open(reads) : null;
  const filed = minutes.find(({ meetingId }) => meetingId === from?.id)?.content ?? null;
  return { found, from, participants, filed, measure };
}

/** The meeting whose participants come along when nobody says which; newest first, one that was called off last. */
export const latestOf = (meetings: readonly MeetingRow[]): MeetingRow | null =>
  meetings.find(({ state }) => state !== 'cancelled') ?? meetings[0] ?? null;
