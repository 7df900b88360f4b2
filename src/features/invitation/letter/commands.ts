import type { User } from '../../../kernel/access.ts';
import { accept, type Decision, refuse } from '../../../kernel/decision.ts';
import { type Caller, command, type Engine } from '../../../platform/command.ts';
import type { ToldHow } from '../../meeting/letter/rules.ts';
import { settleLetters } from '../../meeting/letter/store.ts';
import { updateParticipant } from '../../meeting/participant/store.ts';
import { channelOf } from '../rules.ts';
import { locateReceiver } from './store.ts';

/**
 * The officer says that a letter is sent, or that they have told by telephone what stands in it. Refuses
 * `changed_by_someone_else` when it waits no more, or another has taken its place.
 */
export function settleLetter(
  engine: Engine,
  caller: Caller,
  at: { meetingId: string; id: string },
  { letter, how }: { letter: string; how: ToldHow },
): Promise<Decision<null>> {
  return command(engine, caller, {
    action: 'meeting.arrange',
    locate: (reads) => locateReceiver(reads, at.meetingId, at.id),
    async run(work, { participant: one }) {
      const by = (work.actor as User).id;
      if (!(await settleLetters(work, one.id, { at: work.now, by, how }, letter))) {
        return refuse('changed_by_someone_else');
      }
      // A protected identity's mail has its own fate; the letter is beside it.
      if (channelOf(one) === 'letter' && one.sentSequence !== null)
        await updateParticipant(work, one.id, { delivery: how });
      return accept(null);
    },
  });
}
