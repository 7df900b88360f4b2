import type { Subject } from '../../../kernel/access.ts';
import { looksLikeId } from '../../../kernel/ids.ts';
import { type CaseReads, Located } from '../../../platform/db/access.ts';
import type { Reads } from '../../../platform/db/database.ts';
import { gathered } from '../../../platform/db/prepared.ts';
import { listLetters } from '../../meeting/letter/store.ts';
import { isAskedFor } from '../../meeting/notice/rules.ts';
import { readNotice } from '../../meeting/notice/store.ts';
import { participantColumns, toParticipant } from '../../meeting/participant/store.ts';
import { findPoll } from '../../meeting/poll/store.ts';
import { meetingQuery, toMeeting } from '../../meeting/store.ts';
import { listTalks } from '../../meeting/talk/store.ts';
import type { Invited } from '../store.ts';

const receiver = gathered((db, p: { meetingId: string; id: string }) => ({
  meetings: meetingQuery(db).where('m.id', '=', p.meetingId),
  participants: db
    .selectFrom('participant')
    .select(participantColumns)
    .where('id', '=', p.id)
    .where('meeting_id', '=', p.meetingId),
}));

/** A participant of this very meeting, also one who has been taken out of it and is to be told. */
export async function locateReceiver(
  { db, vault }: Reads,
  meetingId: string,
  id: string,
): Promise<Located<Invited> | null> {
  if (!looksLikeId(meetingId) || !looksLikeId(id)) return null;
  const { meetings, participants } = await receiver(db, { meetingId, id });
  const meeting = meetings[0] && toMeeting(vault, meetings[0]);
  const [row] = participants;
  if (!meeting || !row) return null;
  const subject: Subject = meeting.subject;
  return new Located(subject, (access) => ({ meeting: meeting.open(access), participant: toParticipant(vault, row) }));
}

/** Somebody's letters with what the next one is made of: the person's own has what they must be told, where it applies. */
export async function readLetters(reads: CaseReads, { meeting, participant }: Invited) {
  const theirs = participant.party === 'PERSON';
  const [all, poll, notice, talks] = await Promise.all([
    listLetters(reads, meeting.id),
    meeting.state === 'proposed' ? findPoll(reads, meeting.id) : null,
    theirs && isAskedFor(meeting.kind) ? readNotice(reads, meeting.id) : null,
    theirs ? listTalks(reads, meeting.id) : [],
  ]);
  const letters = all.filter(
    ({ participantId, settledHow }) => participantId === participant.id && settledHow !== 'replaced',
  );
  return {
    ...{ meeting, participant, poll },
    latest: letters[0] ?? null,
    notice: notice?.latest?.text ?? null,
    unsafeContact: talks[0]?.unsafeContact ?? null,
  };
}
