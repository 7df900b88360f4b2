import type { IsoInstant } from '../../../kernel/time.ts';
import type { CaseReads } from '../../../platform/db/access.ts';
import { livePollState } from '../../meeting/poll/store.ts';
import { listUnplaced, mailPage } from '../../meeting/post/store.ts';
import { clashesOf, type Invited, locateParticipant } from '../store.ts';
import { proposedEnd } from './rules.ts';

export { locateMailOf, locateMessage, locateUnplaced } from '../../meeting/post/store.ts';

export const locateOne = locateParticipant;
export const readUnplaced = listUnplaced;
export const unplacedPageSize = mailPage;

/** The participant with the officer's other meetings at the time they propose, and whether everybody is asked for times already. */
export async function readProposal(
  reads: CaseReads,
  { meeting, participant }: Invited,
): Promise<Invited & { clashes: { startsAt: IsoInstant; endsAt: IsoInstant }[]; asking: boolean }> {
  const { proposedStart: startsAt, proposedEnd: endsAt } = participant;
  if (startsAt === null || meeting.startsAt === null || meeting.endsAt === null) {
    return { meeting, participant, clashes: [], asking: false };
  }
  const end = proposedEnd({ startsAt, endsAt }, { startsAt: meeting.startsAt, endsAt: meeting.endsAt });
  const [clashes, live] = await Promise.all([
    clashesOf(reads, { ...meeting, startsAt, endsAt: end }),
    livePollState(reads, meeting.id),
  ]);
  return { meeting, participant, clashes, asking: live !== null };
}
