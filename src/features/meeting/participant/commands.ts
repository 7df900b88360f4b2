import { accept, type Decision, refuse } from '../../../kernel/decision.ts';
import { type Caller, command, type Engine } from '../../../platform/command.ts';
import { locateMeeting } from '../store.ts';
import { listParticipants, updateParticipant } from './store.ts';

/** From now on this account signs in as this participant. Refuses `participant` for one that does not take part. */
export function bindParticipant(
  engine: Engine,
  caller: Caller,
  meetingId: string,
  bound: { participantId: string; accountId: string },
): Promise<Decision<null>> {
  return command(engine, caller, {
    action: 'meeting.arrange',
    locate: (reads) => locateMeeting(reads, meetingId),
    async run(work) {
      const participants = await listParticipants(work, meetingId);
      if (!participants.some(({ id }) => id === bound.participantId)) return refuse('participant');
      await updateParticipant(work, bound.participantId, { accountId: bound.accountId });
      return accept(null);
    },
  });
}
