import type { Subject } from '../../kernel/access.ts';
import type { IsoInstant } from '../../kernel/time.ts';
import { type CaseReads, type CaseWrites, Located } from '../../platform/db/access.ts';
import type { Reads, Writes } from '../../platform/db/database.ts';
import { gathered } from '../../platform/db/prepared.ts';
import { findOpenBinding } from '../meeting/binding/store.ts';
import { listParticipants, participantColumns, toParticipant } from '../meeting/participant/store.ts';
import type { Poll } from '../meeting/poll/rules.ts';
import { findPoll } from '../meeting/poll/store.ts';
import { countAsked } from '../meeting/preparation/store.ts';
import { mayArrange, type Participant, type Talk } from '../meeting/rules.ts';
import { type FoundMeeting, listClashes, locateMeeting, meetingQuery, toMeeting } from '../meeting/store.ts';
import { listTalks } from '../meeting/talk/store.ts';
import { findPartyChoice } from './code/store.ts';

export type Invited = { meeting: FoundMeeting; participant: Participant };

/** A participant of this very meeting who has not been removed. */
export async function locateParticipant(reads: Reads, meetingId: string, id: string): Promise<Located<Invited> | null> {
  const found = await locateLinked(reads, id);
  return found?.at.subject.meetingId === meetingId ? found.at : null;
}

const linked = gathered((db, p: { id: string }) => ({
  participants: db
    .selectFrom('participant')
    .select(participantColumns)
    .where('id', '=', p.id)
    .where('removed_at', 'is', null),
  meetings: meetingQuery(db).innerJoin('participant as p', 'p.meeting_id', 'm.id').where('p.id', '=', p.id),
  lastProposed: db
    .selectFrom('participant as p')
    .innerJoin('poll as l', 'l.meeting_id', 'p.meeting_id')
    .innerJoin('poll_option as o', 'o.poll_id', 'l.id')
    .select('o.ends_at')
    .where('p.id', '=', p.id)
    .orderBy('o.ends_at', 'desc')
    .limit(1),
}));

/**
 * A participant as the one their own link opens, with what its token is judged by: the end of the meeting, and before it
 * has a time of the last one proposed. Null when removed.
 */
export type Linked = { at: Located<Invited>; linkGeneration: number; endedAt: IsoInstant | null };

export async function locateLinked({ db, vault }: Reads, id: string): Promise<Linked | null> {
  const { participants, meetings, lastProposed } = await linked(db, { id });
  const [participant] = participants;
  const [row] = meetings;
  const meeting = row && toMeeting(vault, row);
  if (!participant || !meeting) return null;
  const subject: Subject = {
    ...meeting.subject,
    // The person is who they are, and so is who represents them, whether or not anybody has bound an account.
    partyUserId: participant.party === 'PERSON' ? meeting.subject.individualUserId : participant.account_id,
    link: { scope: 'participant', id },
  };
  return {
    at: new Located(subject, (access) => ({
      meeting: meeting.open(access),
      participant: toParticipant(vault, participant),
    })),
    linkGeneration: participant.link_generation,
    endedAt: row.ends_at ?? lastProposed[0]?.ends_at ?? null,
  };
}

/** A participant with the times they are asked about; none once the meeting has been held or called off. */
export async function readInvited(reads: CaseReads, invited: Invited): Promise<Invited & { poll: Poll | null }> {
  const { meeting } = invited;
  return { ...invited, poll: mayArrange(meeting.state) ? await findPoll(reads, meeting.id) : null };
}

/** Whether something was released that a participant can read with a mailed code. */
export type HasCopy = (reads: CaseReads, participantId: string) => Promise<boolean>;

/** The live participants, the talks with the person newest first, and the officer's other meetings at the same time. */
export type Arrangement = {
  meeting: FoundMeeting;
  participants: Participant[];
  talks: Talk[];
  /** The latest proposal of times. */
  poll: Poll | null;
  clashes: { startsAt: IsoInstant; endsAt: IsoInstant }[];
  /** How many adaptations wait for the officer's answer. */
  asked: number;
};

/** The meeting that somebody arranges. */
export const locateArranged = locateMeeting;

export async function readArrangement(reads: CaseReads, meeting: FoundMeeting): Promise<Arrangement> {
  const [participants, talks, clashes, poll, asked] = await Promise.all([
    listParticipants(reads, meeting.id),
    listTalks(reads, meeting.id),
    clashesOf(reads, meeting),
    findPoll(reads, meeting.id),
    countAsked(reads, meeting.id),
  ]);
  return { meeting, participants, talks, clashes, poll, asked };
}

/** Who waits for the officer's word that they are this participant, and what their organisation has chosen. */
export async function readAccess(reads: CaseReads, one: Participant) {
  const [waiting, party] = await Promise.all([
    findOpenBinding(reads, one.id),
    one.casePartyId === null ? null : findPartyChoice(reads, one.casePartyId),
  ]);
  return { waiting, party };
}

/** The officer's other meetings while this one goes on; none before it has a time. */
export async function clashesOf(
  reads: CaseReads,
  meeting: Pick<FoundMeeting, 'id' | 'officer' | 'startsAt' | 'endsAt'>,
): Promise<{ startsAt: IsoInstant; endsAt: IsoInstant }[]> {
  const { id, officer, startsAt, endsAt } = meeting;
  if (startsAt === null || endsAt === null) return [];
  return listClashes(reads, officer.id, { startsAt, endsAt, except: id });
}

/**
 * Lets somebody who is added again keep the plus-address they had, by exchanging the tags: a calendar takes an update
 * only from the ORGANIZER it knows.
 */
export async function exchangeMailTags({ db }: CaseWrites, one: Participant, former: Participant): Promise<void> {
  const set = (id: string, tag: string) =>
    db.updateTable('participant').set({ mail_tag: tag }).where('id', '=', id).execute();
  await set(former.id, `${one.mailTag}-`);
  await set(one.id, former.mailTag);
  await set(former.id, one.mailTag);
}

/** Notes what became of mails, but of those after which a later one has been sent. */
export async function recordDelivery(
  { db }: Writes,
  mails: readonly { participantId: string; sequence: number }[],
  outcome: 'sent' | 'failed',
): Promise<void> {
  await db
    .updateTable('participant')
    .set({ delivery: outcome === 'sent' ? 'sent' : 'bounced' })
    // A bounce may come before the record of what it answers.
    .$if(outcome === 'sent', (q) => q.where('delivery', '=', 'queued'))
    .where((w) =>
      w.or(mails.map((mail) => w.and([w('id', '=', mail.participantId), w('sent_sequence', '=', mail.sequence)]))),
    )
    .execute();
}
