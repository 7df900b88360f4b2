import type { Subject, User } from '../../kernel/access.ts';
import { looksLikeId } from '../../kernel/ids.ts';
import { addDays, type IsoInstant, parseStockholm, stockholmDate } from '../../kernel/time.ts';
import { isWorkingDay } from '../../kernel/working-days.ts';
import type { Reads } from '../../platform/db/database.ts';
import { listOfficers } from '../account/store.ts';
import { casePage, type FoundCase, findCase, listCases } from '../case/store.ts';
import { documentPage, listDocumentsOfCase, listDocumentsOfUnit } from '../filing/document/store.ts';
import { listParticipants } from '../meeting/participant/store.ts';
import { listComingMeetings, listMeetingsOfCase } from '../meeting/store.ts';
import { listTalks } from '../meeting/talk/store.ts';
import { listMeasuresOfCase, listOverdue } from '../plan/store.ts';
import {
  countWaiting,
  listOwnRequests,
  listQueue,
  listRequestsOfCase,
  type QueueFilter,
  queuePage,
} from '../request/queue/store.ts';
import { waitedLongDays } from '../request/rules.ts';

/** The instant before which a request has waited more than `waitedLongDays` working days: midnight in Stockholm. */
function longAgo(now: IsoInstant): IsoInstant {
  let day = stockholmDate(now);
  for (let waited = isWorkingDay(day) ? 1 : 0; waited <= waitedLongDays; ) {
    day = addDays(day, -1);
    if (isWorkingDay(day)) waited++;
  }
  const midnight = parseStockholm(`${day}T00:00`);
  return midnight.ok ? midnight.instant : now;
}

/** What needs this officer today. */
export async function readNeeds(reads: Reads, user: User, now: IsoInstant) {
  const [waiting, meetings, overdue] = await Promise.all([
    countWaiting(reads, user.unitId ?? '', longAgo(now)),
    listComingMeetings(reads, user.id, now),
    listOverdue(reads, user.id, stockholmDate(now)),
  ]);
  return { waiting, meetings, overdue };
}

/** One page of FK's queue, or of a requester's own requests. */
export function readQueue(reads: Reads, user: User, filter: QueueFilter) {
  return user.fk && user.unitId && (user.role === 'officer' || user.role === 'manager')
    ? listQueue(reads, { id: user.id, unitId: user.unitId }, filter)
    : listOwnRequests(reads, user.id, filter.after);
}

export async function readCases(reads: Reads, user: User, options: { mine: boolean; after: string | null }) {
  const rows = await listCases(reads, user, options);
  return { cases: rows.slice(0, casePage), more: rows.length > casePage };
}

/** Everything the case page's spine shows. */
export async function readCase(reads: Reads, found: FoundCase) {
  const [requests, meetings, documents, measures, officers] = await Promise.all([
    listRequestsOfCase(reads, found.id),
    listMeetingsOfCase(reads, found.id),
    listDocumentsOfCase(reads, found.id),
    listMeasuresOfCase(reads, found.id),
    listOfficers(reads, found.unitId),
  ]);
  const latest = meetings[0];
  const [participants, talks] = latest
    ? await Promise.all([listParticipants(reads, latest.id), listTalks(reads, latest.id)])
    : [[], []];
  return { requests, meetings, documents, measures, officers, participants, talks };
}

export const queuePageSize = queuePage;

export async function locateCase(reads: Reads, id: string): Promise<(Subject & { found: FoundCase }) | null> {
  const found = looksLikeId(id) ? await findCase(reads, id) : null;
  return found && { ...found.subject, found };
}

/** One page of a unit's finished documents, for the registrator. */
export async function readDocuments(reads: Reads, unitId: string, after: string | null) {
  const rows = await listDocumentsOfUnit(reads, unitId, after);
  const documents = rows.slice(0, documentPage);
  const last = rows.length > documentPage ? documents.at(-1) : undefined;
  return { documents, next: last ? `/handlingar?efter=${last.id}` : null };
}
