import type { Actor, Subject } from '../../kernel/access.ts';
import { type IsoDate, type IsoInstant, stockholmDate } from '../../kernel/time.ts';
import { type CaseReads, Located } from '../../platform/db/access.ts';
import type { Reads } from '../../platform/db/database.ts';
import { listCaseParties } from '../case/party/store.ts';
import { listConsents } from '../consent/store.ts';
import { participantColumns, toParticipant } from '../meeting/participant/store.ts';
import type { Participant } from '../meeting/rules.ts';
import { endOf, hasAnswered } from '../minutes/review/rules.ts';
import { findReviewState } from '../minutes/review/store.ts';
import { type FoundMinutes, locateOpened, type Opened, readMinutes } from '../minutes/store.ts';
import type { Reading } from './rules.ts';

/** Minutes that are open, as their officer comes to them. */
export const locateReviewed = locateOpened;
/** Everything they consist of. */
export const readMinutesOf = readMinutes;
export type { FoundMinutes, Opened };

/** Minutes with the participant as whom somebody signed in comes to them. */
export type ReadBy = Opened & { participant: Participant | null };

/** The same as one of those whom the minutes were given to; nobody's own where they were given to nobody. */
export async function locateReader(reads: Reads, meetingId: string, actor: Actor): Promise<Located<ReadBy> | null> {
  const account = actor.kind === 'user' ? actor.id : '';
  const [at, rows] = await Promise.all([
    locateOpened(reads, meetingId),
    reads.db
      .selectFrom('participant')
      .select(participantColumns)
      .where('meeting_id', '=', meetingId)
      .where('removed_at', 'is', null)
      .where('id', 'in', reads.db.selectFrom('review_reader').select('participant_id'))
      .where((w) => w.or([w('account_id', '=', account), w('party', '=', 'PERSON')]))
      .orderBy('id')
      .limit(50)
      .execute(),
  ]);
  if (!at) return null;
  const { individualUserId } = at.subject;
  const asPerson =
    actor.kind === 'user' &&
    individualUserId !== null &&
    (individualUserId === account || actor.represents.includes(individualUserId));
  const row = rows.find((one) => (asPerson ? one.party === 'PERSON' : one.account_id === account));
  const subject: Subject = row
    ? { ...at.subject, partyUserId: asPerson ? individualUserId : row.account_id }
    : { ...at.subject, partyUserId: null, individualUserId: null };
  return new Located(subject, (access) => ({
    ...at.open(access),
    participant: row ? toParticipant(reads.vault, row) : null,
  }));
}

/** What each participant may read is judged by: who they are in the case, and what the person has said. */
export async function readReadings(reads: CaseReads, caseId: string) {
  const [parties, consents] = await Promise.all([listCaseParties(reads, caseId), listConsents(reads, caseId)]);
  const readingOf = (one: Pick<Participant, 'party' | 'casePartyId'>): Reading =>
    one.party === 'PERSON' ? 'person' : (parties.find(({ id }) => id === one.casePartyId) ?? null);
  return { consents, readingOf };
}

/** Of the facts of a mail about minutes, those that show whether it still is right. */
type Told = { to: string; participantId: string; lastDay: IsoDate | null };

/**
 * Whether a mail about minutes is still right: they take part, by that address; while an answer is asked for, the
 * minutes are out; a reminder only while they are silent and the day is still the last one.
 */
export async function reviewStands(
  reads: Reads,
  row: { kind: string; facts: Record<string, unknown> },
  now: IsoInstant,
): Promise<boolean> {
  const facts = row.facts as Told;
  const found = await reads.db
    .selectFrom('participant as p')
    .innerJoin('minutes as m', 'm.meeting_id', 'p.meeting_id')
    .select(['m.id', 'm.state', 'p.verified_at', 'p.removed_at', 'p.person'])
    .where('p.id', '=', facts.participantId)
    .executeTakeFirst();
  if (!found || found.removed_at !== null || found.verified_at === null) return false;
  if ((JSON.parse(reads.vault.open(found.person)) as { email: string }).email !== facts.to) return false;
  if (facts.lastDay === null) return true;
  if (found.state !== 'review') return false;
  if (row.kind !== 'review.remind') return true;
  const review = await findReviewState(reads, found.id);
  const reader = review?.readers.find(({ participantId }) => participantId === facts.participantId);
  if (!review || !reader || hasAnswered(review, reader)) return false;
  return endOf(review) === facts.lastDay && stockholmDate(now) <= facts.lastDay;
}
