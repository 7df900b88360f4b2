import type { IsoInstant } from '../../../kernel/time.ts';
import type { CaseReads } from '../../../platform/db/access.ts';
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

/** What a page reached by link alone may say: that and when something was sent or answered, and not a word of it. */
export async function readSigns({ db }: CaseReads, one: Participant): Promise<Signs> {
  const latest = (s: { sentAt: IsoInstant | null } | undefined) => s?.sentAt ?? null;
  const sent = await db
    .selectFrom('preparation')
    .select((s) => s.fn.max('at').as('sentAt'))
    .where('participant_id', '=', one.id)
    .executeTakeFirst();
  if (one.party !== 'PERSON') return { sentAt: latest(sent), answeredAt: null, papers: 0 };
  const [asked, papers] = await Promise.all([
    db
      .selectFrom('adaptation')
      .select((s) => [s.fn.max('answered_at').as('answeredAt'), s.fn.max('at').as('sentAt')])
      .where('meeting_id', '=', one.meetingId)
      .executeTakeFirst(),
    db
      .selectFrom('paper')
      .select((s) => s.fn.countAll<number>().as('count'))
      .where('meeting_id', '=', one.meetingId)
      .where('removed_at', 'is', null)
      .where('answer', 'is', null)
      .executeTakeFirst(),
  ]);
  const times = [latest(sent), latest(asked)].filter((at) => at !== null).sort();
  return {
    sentAt: times.at(-1) ?? null,
    answeredAt: asked?.answeredAt ?? null,
    papers: Number(papers?.count ?? 0),
  };
}
