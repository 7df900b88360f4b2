import { accept, type Decision, refuse } from '../../../kernel/decision.ts';
import { type Caller, command, type Engine } from '../../../platform/command.ts';
import { noteEvent, updateMeeting } from '../store.ts';
import { mayNameScribe } from './rules.ts';
import { listColleagues, locateNaming } from './store.ts';

/**
 * Asks a colleague to write the minutes of one meeting with the officer, or takes that back (`null`). Refuses `officer`
 * for whoever cannot be asked, `not_now` when the minutes are final, `changed_by_someone_else`.
 */
export function nameScribe(
  engine: Engine,
  caller: Caller,
  meetingId: string,
  scribeId: string | null,
  issuer: string,
): Promise<Decision<null>> {
  return command(engine, caller, {
    action: 'meeting.arrange',
    locate: (reads) => locateNaming(reads, meetingId),
    async run(work, meeting) {
      if (!mayNameScribe(meeting.state)) return refuse('not_now');
      if (scribeId === meeting.subject.scribeId) return accept(null);
      if (scribeId !== null && !(await listColleagues(work, meeting, issuer)).some(({ id }) => id === scribeId)) {
        return refuse('officer');
      }
      if (!(await updateMeeting(work, meeting, { scribeId }))) return refuse('changed_by_someone_else');
      await noteEvent(work, meetingId, scribeId === null ? 'scribe_ended' : 'scribe_named');
      return accept(null);
    },
  });
}
