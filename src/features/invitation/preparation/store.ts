import type { CaseReads } from '../../../platform/db/access.ts';
import { gathered } from '../../../platform/db/prepared.ts';
import { listParticipants } from '../../meeting/participant/store.ts';
import type { Signs } from '../../meeting/preparation/rules.ts';
import { listPreparationsOf, listSharedWith, readBefore } from '../../meeting/preparation/store.ts';
import type { Participant } from '../../meeting/rules.ts';
import { type FoundMeeting, locateMeeting } from '../../meeting/store.ts';
import { locateRequest } from '../../request/store.ts';

/** The meeting that somebody prepares for. */
export const locatePreparation = locateMeeting;

/** What one participant has written. */
export const listOwn = listPreparationsOf;
/** What the person shares with one of the others. */
export const listShared = listSharedWith;

/** Everything for the page of the person and of the officer: with what the request asks to have answered. */
export async function readPreparationPage(reads: CaseReads, meeting: FoundMeeting) {
  const [participants, before, request] = await Promise.all([
    listParticipants(reads, meeting.id),
    readBefore(reads, meeting.id),
    meeting.requestId ? locateRequest(reads, meeting.requestId) : null,
  ]);
  const form = request?.open(reads).form;
  return { meeting, participants, before, questions: form?.questions ?? [], ownQuestion: form?.ownQuestion ?? '' };
}

const signs = gathered((db, p: { id: string; meetingId: string }) => ({
  sent: db
    .selectFrom('preparation')
    .select((s) => s.fn.max('at').as('at'))
    .where('participant_id', '=', p.id),
  asked: db
    .selectFrom('adaptation')
    .select((s) => [s.fn.max('at').as('at'), s.fn.max('answered_at').as('answeredAt')])
    .where('meeting_id', '=', p.meetingId),
  papers: db
    .selectFrom('paper')
    .select((s) => s.fn.countAll<number>().as('count'))
    .where('meeting_id', '=', p.meetingId)
    .where('removed_at', 'is', null)
    .where('answer', 'is', null),
}));

/** What a page reached by link alone may say: that and when something was sent or answered, and not a word of it. */
export async function readSigns({ db }: CaseReads, { id, meetingId, party }: Participant): Promise<Signs> {
  const { sent, asked, papers } = await signs(db, { id, meetingId });
  const sentAt = sent[0]?.at ?? null;
  if (party !== 'PERSON') return { sentAt, answeredAt: null, papers: 0 };
  const times = [sentAt, asked[0]?.at ?? null].filter((at) => at !== null).sort();
  return { sentAt: times.at(-1) ?? null, answeredAt: asked[0]?.answeredAt ?? null, papers: papers[0]?.count ?? 0 };
}
