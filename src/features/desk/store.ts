import { sql } from 'kysely';
import type { User } from '../../kernel/access.ts';
import { looksLikeId } from '../../kernel/ids.ts';
import { remembering } from '../../kernel/remembering.ts';
import { addDays, type IsoDate, type IsoInstant, parseStockholm, stockholmDate } from '../../kernel/time.ts';
import { isWorkingDay } from '../../kernel/working-days.ts';
import { type CaseReads, Located } from '../../platform/db/access.ts';
import type { Reads } from '../../platform/db/database.ts';
import { gathered } from '../../platform/db/prepared.ts';
import { isPrivate } from '../account/rules.ts';
import { officers, toOfficers } from '../account/store.ts';
import { partiesOfCase, toCaseParty } from '../case/party/store.ts';
import { casePage, caseQuery, type FoundCase, listCases, toCase } from '../case/store.ts';
import { casesToClose, closingOfCase, toEnding } from '../closing/store.ts';
import { releasesOfCase, toRelease } from '../consent/release/store.ts';
import { consentsOfCase, toConsent } from '../consent/store.ts';
import { correctionsOfCase, waitingCorrections } from '../correction/store.ts';
import { documentPage, documentsOfCase, listDocumentsOfUnit, toDocument } from '../filing/document/store.ts';
import { waitingLetters } from '../meeting/letter/store.ts';
import { participants, toParticipant } from '../meeting/participant/store.ts';
import { answeredPolls } from '../meeting/poll/store.ts';
import { unreadMail } from '../meeting/post/store.ts';
import { waitingAdaptations } from '../meeting/preparation/store.ts';
import { meetingsToWrite } from '../meeting/scribe/store.ts';
import { comingMeetings, meetingsOfCase, toMeetingRow } from '../meeting/store.ts';
import { reviewsToSettle } from '../minutes/review/store.ts';
import { signalledMeasures } from '../plan/owner/store.ts';
import type { MeasureState } from '../plan/rules.ts';
import { measuresOfCase, overdueMeasures } from '../plan/store.ts';
import {
  holdEndedQuery,
  lateQuery,
  listOwnRequests,
  type QueueFilter,
  queuePage,
  queueQuery,
  requestsOfCase,
  toQueueRows,
} from '../request/queue/store.ts';
import { listRequestsAbout } from '../request/requester/store.ts';
import { mostTold, waitedLongDays } from '../request/rules.ts';

/** The instant before which a request has waited more than `waitedLongDays` working days: midnight in Stockholm. */
const longAgo = (now: IsoInstant): IsoInstant => longBefore(stockholmDate(now)) ?? now;

const longBefore = remembering((today: IsoDate): IsoInstant | null => {
  let day = today;
  for (let waited = isWorkingDay(day) ? 1 : 0; waited <= waitedLongDays; ) {
    day = addDays(day, -1);
    if (isWorkingDay(day)) waited++;
  }
  const midnight = parseStockholm(`${day}T00:00`);
  return midnight.ok ? midnight.instant : null;
});

/** How many messages wait for another try, up to one more than is told. */
const stuckMail = (db: Reads['db']) => {
  const some = db
    .selectFrom('outbox')
    .select('id')
    .where('state', '=', sql.lit('queued'))
    .where('last_error', 'is not', null)
    .limit(sql.lit(mostTold + 1));
  return db.selectFrom(some.as('some')).select((s) => s.fn.countAll<number>().as('count'));
};

type InboxValues = { id: string; unitId: string; named: number; before: IsoInstant; now: IsoInstant; today: IsoDate };
const inboxOf = (filter: QueueFilter) =>
  gathered((db, p: InboxValues) => ({
    rows: queueQuery(db, p, filter),
    late: lateQuery(db, p),
    holdEnded: holdEndedQuery(db, p),
    meetings: comingMeetings(db, p.id, p.now),
    overdue: overdueMeasures(db, p.id, p.today),
    signals: signalledMeasures(db, p.id, mostTold),
    stuck: stuckMail(db),
    mails: unreadMail(db, p.id),
    polls: answeredPolls(db, p.id),
    letters: waitingLetters(db, p.id, p.now),
    adaptations: waitingAdaptations(db, p.id),
    corrections: waitingCorrections(db, p),
    toClose: casesToClose(db, p.id, p.today),
    toWrite: meetingsToWrite(db, p),
    toSettle: reviewsToSettle(db, p.id, p.today),
  }));
/** As it is opened most of the time. */
const plainInbox = inboxOf({ view: 'all', state: null, kind: null, after: null });

/** One page of FK's queue, and what needs an officer or a manager today; or a requester's own requests. */
export async function readInbox(reads: CaseReads, user: User, filter: QueueFilter, now: IsoInstant) {
  const { id, unitId, role } = user;
  if (!user.fk || !unitId || (role !== 'officer' && role !== 'manager')) {
    return { rows: await listOwnRequests(reads, id, filter.after), needs: null };
  }
  const { view, state, kind, after } = filter;
  const read = view === 'all' && !state && !kind && !after ? plainInbox : inboxOf(filter);
  const found = await read(reads.db, {
    ...{ id, unitId, named: user.handlesProtected ? 1 : 0 },
    ...{ before: longAgo(now), now, today: stockholmDate(now) },
  });
  const rows = toQueueRows(reads.vault, found.rows);
  const waiting = { late: found.late[0]?.count ?? 0, holdEnded: found.holdEnded[0]?.count ?? 0 };
  const meetings = found.meetings.map((one) => ({ ...one, startsAt: one.starts_at }));
  const overdue = found.overdue.map((one) => ({ ...one, caseId: one.case_id, caseNumber: one.case_number }));
  const corrections = found.corrections.map((one) => ({ ...one, caseNumber: one.case_number }));
  const { mails, polls, letters, adaptations, toClose, toSettle } = found;
  const toWrite = found.toWrite.map((one) => ({ ...one, startsAt: one.starts_at }));
  const stuckMail = found.stuck[0]?.count ?? 0;
  const signals = found.signals[0]?.count ?? 0;
  return {
    rows,
    needs: {
      ...{ waiting, meetings, overdue, corrections, mails, polls, letters, adaptations, toClose, toWrite, toSettle },
      ...{ stuckMail, signals },
    },
  };
}

export async function readCases(reads: CaseReads, user: User, options: { mine: boolean; after: string | null }) {
  const [rows, told] = await Promise.all([
    listCases(reads, user, options),
    isPrivate(user) ? listRequestsAbout(reads, [user.id, ...user.represents]) : [],
  ]);
  return { cases: rows.slice(0, casePage), more: rows.length > casePage, told };
}

const caseOf = gathered((db, p: { id: string }) => {
  const latest = meetingsOfCase(db, p.id).clearSelect().clearLimit().select('id').limit(sql.lit(1));
  const talks = db
    .selectFrom('talk as t')
    .innerJoin('meeting as m', 'm.id', 't.meeting_id')
    .select('t.at')
    .where('m.case_id', '=', p.id);
  return {
    cases: caseQuery(db, p.id),
    requests: requestsOfCase(db, p.id),
    meetings: meetingsOfCase(db, p.id),
    documents: documentsOfCase(db, p.id),
    measures: measuresOfCase(db, p.id).clearSelect().select(['m.state', 'm.due']),
    officers: officers(db)
      .where('unit_id', '=', caseQuery(db, p.id).clearSelect().select('c.unit_id'))
      .where('handles_protected', '>=', caseQuery(db, p.id).clearSelect().select('c.protected_identity')),
    participants: participants(db).where('meeting_id', '=', latest).where('removed_at', 'is', null),
    talks: talks.orderBy('t.at', 'desc').limit(sql.lit(1)),
    corrections: correctionsOfCase(db, p.id),
    caseParties: partiesOfCase(db, p.id),
    consents: consentsOfCase(db, p.id),
    releases: releasesOfCase(db, p.id),
    closing: closingOfCase(db, p.id),
  };
});

/** A case as the subject of an act, with everything its page shows; null for an unknown one. */
export async function locateWholeCase({ db, vault }: Reads, id: string) {
  if (!looksLikeId(id)) return null;
  const rows = await caseOf(db, { id });
  const found = rows.cases[0] && toCase(vault, rows.cases[0]);
  if (!found) return null;
  return new Located(found.subject, (access) => ({
    found: found.open(access),
    facts: {
      requests: toQueueRows(vault, rows.requests),
      meetings: rows.meetings.map(toMeetingRow),
      documents: rows.documents.map(toDocument),
      measures: rows.measures.map(({ state, due }) => ({ state: state as MeasureState, due })),
      officers: toOfficers(vault, rows.officers),
      participants: rows.participants.map((row) => toParticipant(vault, row)),
      lastTalk: rows.talks[0] ?? null,
      corrections: rows.corrections.map((one) => ({ ...one, at: one.decided_at ?? one.proposed_at })),
      caseParties: rows.caseParties.map((row) => toCaseParty(vault, row)),
      consents: rows.consents.map((row) => toConsent(vault, row)),
      releases: rows.releases.map(toRelease),
      ending: rows.closing[0] ? toEnding(vault, rows.closing[0]) : null,
    },
  }));
}

/** What the individual may know of the requests that led to their case. */
export const readTold = (reads: CaseReads, { individualAccountId }: FoundCase) =>
  individualAccountId === null ? [] : listRequestsAbout(reads, [individualAccountId]);

export const queuePageSize = queuePage;

/** One page of a unit's finished documents, for the registrator. */
export async function readDocuments(reads: CaseReads, reader: User, after: string | null) {
  const rows = await listDocumentsOfUnit(reads, reader, after);
  const documents = rows.slice(0, documentPage);
  const last = rows.length > documentPage ? documents.at(-1) : undefined;
  return { documents, next: last ? `/handlingar?efter=${last.id}` : null };
}
