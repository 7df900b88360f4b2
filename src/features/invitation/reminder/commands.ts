import { accept, type Decision, refuse } from '../../../kernel/decision.ts';
import { type Caller, command, type Engine, type Work } from '../../../platform/command.ts';
import { sendInOrder, withdrawWaiting } from '../../../platform/outbox/outbox.ts';
import { locateCase, setReminders } from '../../case/store.ts';
import { listParticipants } from '../../meeting/participant/store.ts';
import type { Answer, Participant } from '../../meeting/rules.ts';
import { type FoundMeeting, locateMeeting, updateMeeting } from '../../meeting/store.ts';
import { dueReminder, reminderFor, reminderKinds } from '../../reminder/rules.ts';
import { declinedMessage, invitationFacts, reminderMessage, streamOf } from '../mail.ts';
import { hasTime, standingAnswer } from '../rules.ts';
import { locateLinked } from '../store.ts';
import { findOfficerAddress, listMeetingsToRemind } from './store.ts';

/** Reminds of the meetings that are due, some at a time. The worker does this every minute. */
export async function tendReminders(engine: Engine): Promise<void> {
  const caller: Caller = { actor: { kind: 'worker' }, reference: 'worker' };
  for (const id of await listMeetingsToRemind(engine.database.reads, engine.clock.now())) {
    await command(engine, caller, {
      action: 'meeting.remind',
      locate: (reads) => locateMeeting(reads, id),
      run: remind,
    });
  }
}

async function remind(work: Work, meeting: FoundMeeting): Promise<Decision<null>> {
  const { remindAt, state } = meeting;
  // Moved, called off or reminded of by another worker since it was found.
  if (!hasTime(meeting) || state !== 'scheduled' || remindAt === null || remindAt > work.now) return refuse('not_now');
  const { due, next } = dueReminder(meeting.startsAt, work.now);
  if (!(await updateMeeting(work, meeting, { remindAt: next }))) return refuse('changed_by_someone_else');
  if (due === null) return accept(null);
  for (const one of await listParticipants(work, meeting.id)) {
    const reminder = reminderFor(meeting, { ...one, answer: standingAnswer(one) }, work.now);
    if (reminder === null || one.sentSequence === null) continue;
    const facts = invitationFacts(meeting, one, one.sentSequence, work.now);
    await sendInOrder(work, reminderMessage(reminder, facts, due));
  }
  return accept(null);
}

/** Newer news takes the place of reminders that wait, and need not wait behind them. */
export const dropReminders = (work: Work, mailTag: string): Promise<void> =>
  withdrawWaiting(work, streamOf(mailTag), Object.values(reminderKinds));

/** Tells the officer by mail that somebody who is to be there cannot come, where there is an address to tell. */
export async function tellOfficer(work: Work, meeting: FoundMeeting, one: Participant, answer: Answer): Promise<void> {
  if (answer !== 'declined' || !one.required) return;
  const to = await findOfficerAddress(work, meeting.officer.id);
  if (to) await work.send(declinedMessage(to, meeting, one));
}

/** The individual says by their link whether they want reminders. Refuses `not_found` for anybody else's. */
export function chooseByLink(
  engine: Engine,
  caller: Caller,
  participantId: string,
  wanted: boolean,
): Promise<Decision<null>> {
  return command(engine, caller, {
    action: 'participation.remind',
    locate: async (reads) => (await locateLinked(reads, participantId))?.at ?? null,
    async run(work, { meeting, participant }) {
      if (participant.party !== 'PERSON') return refuse('not_found');
      await setReminders(work, meeting.caseId, wanted);
      return accept(null);
    },
  });
}

/** The same by the individual signed in, or who represents them. */
export function chooseInCase(engine: Engine, caller: Caller, caseId: string, wanted: boolean): Promise<Decision<null>> {
  return command(engine, caller, {
    action: 'case.remind',
    locate: (reads) => locateCase(reads, caseId),
    async run(work, found) {
      await setReminders(work, found.id, wanted);
      return accept(null);
    },
  });
}
