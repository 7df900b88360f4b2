import type { Decision } from '../../../kernel/decision.ts';
import { type Caller, command, type Engine } from '../../../platform/command.ts';
import { giveVotes } from '../../meeting/poll/commands.ts';
import type { Poll, Vote } from '../../meeting/poll/rules.ts';
import { standsFor } from '../answer/commands.ts';
import type { NotedVotes } from '../input.ts';
import { locateLinked, locateParticipant } from '../store.ts';

/** A participant says by their link, or signed in, which of the proposed times they can. Refuses as `giveVotes`. */
export function vote(
  engine: Engine,
  caller: Caller,
  participantId: string,
  read: (poll: Poll) => Record<string, Vote> | null,
): Promise<Decision<null>> {
  const via = caller.actor.kind === 'link' ? 'link' : 'account';
  return command(engine, caller, {
    action: via === 'link' ? 'participation.answer' : 'participation.reply',
    locate: async (reads) => (await locateLinked(reads, participantId))?.at ?? null,
    run: (work, { meeting, participant }) =>
      giveVotes(work, meeting, participant, 'own', (poll) => {
        const votes = read(poll);
        return votes && { votes, via, for: standsFor(caller.actor, meeting, participant) };
      }),
  });
}

/** The officer notes what somebody has said or written about the times. Refuses as `giveVotes`. */
export function noteVotes(
  engine: Engine,
  caller: Caller,
  at: { meetingId: string; id: string },
  read: (poll: Poll) => NotedVotes | null,
): Promise<Decision<null>> {
  return command(engine, caller, {
    action: 'participation.note_answer',
    locate: (reads) => locateParticipant(reads, at.meetingId, at.id),
    run: (work, { meeting, participant }) => giveVotes(work, meeting, participant, 'noted', read),
  });
}
