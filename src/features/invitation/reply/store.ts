import type { IsoInstant } from '../../../kernel/time.ts';
import type { CaseReads } from '../../../platform/db/access.ts';
import { listUnplaced, mailPage } from '../../meeting/post/store.ts';
import { clashesOf, type Invited, locateParticipant } from '../store.ts';
import { proposedEnd } from './rules.ts';

export { locateMailOf, locateMessage, locateUnplaced } from '../../meeting/post/store.ts';

export const locateOne = locateParticipant;
export const readUnplaced = listUnplaced;
export const unplacedPageSize = mailPage;

/** The participant with the officer's other meetings at the time they propose. */
export async function readProposal(
  reads: CaseReads,
  { meeting, participant }: Invited,
): Promise<Invited & { clashes: { startsAt: IsoInstant; endsAt: IsoInstant }[] }> {
  const { proposedStart: startsAt, proposedEnd: endsAt } = participant;
  if (startsAt === null || meeting.startsAt === null || meeting.endsAt === null) {
    return { meeting, participant, clashes: [] };
  }
  const end = proposedEnd({ startsAt, endsAt }, { startsAt: meeting.startsAt, endsAt: meeting.endsAt });
  return { meeting, participant, clashes: await clashesOf(reads, { ...meeting, startsAt, endsAt: end }) };
}
