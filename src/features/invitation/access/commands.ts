import type { Action, User } from '../../../kernel/access.ts';
import { accept, type Decision, refuse } from '../../../kernel/decision.ts';
import { type Caller, command, type Engine, type Work } from '../../../platform/command.ts';
import { decideBinding, findOpenBinding } from '../../meeting/binding/store.ts';
import { updateParticipant } from '../../meeting/participant/store.ts';
import { noteEvent } from '../../meeting/store.ts';
import { setPartyChoice } from '../code/store.ts';
import { type Invited, locateParticipant } from '../store.ts';

type At = { meetingId: string; id: string };

function onParticipant(
  engine: Engine,
  caller: Caller,
  action: Action,
  at: At,
  run: (work: Work, invited: Invited) => Promise<Decision<null>>,
): Promise<Decision<null>> {
  return command(engine, caller, { action, locate: (reads) => locateParticipant(reads, at.meetingId, at.id), run });
}

function note(work: Work, { meeting, participant }: Invited, move: string): Promise<void> {
  const details = { participantId: participant.id, party: participant.party };
  return noteEvent(work, meeting.id, move, details);
}

/**
 * The officer's word, after link and code, that an account is this participant's, or is not. Refuses `not_now` when
 * nobody waits, or another than the officer saw.
 */
export function decideClaim(
  engine: Engine,
  caller: Caller,
  at: At,
  word: { binding: string; outcome: 'yes' | 'no'; how: string },
): Promise<Decision<null>> {
  return onParticipant(engine, caller, 'participation.bind', at, async (work, invited) => {
    const waiting = await findOpenBinding(work, at.id);
    if (waiting?.id !== word.binding) return refuse('not_now');
    const { outcome, how } = word;
    await decideBinding(work, waiting.id, { outcome, how, at: work.now, byId: (work.actor as User).id });
    if (outcome === 'yes') await updateParticipant(work, at.id, { accountId: waiting.accountId });
    await note(work, invited, outcome === 'yes' ? 'bound' : 'not_bound');
    return accept(null);
  });
}

/** Notes what the participant's organisation has chosen. Refuses `not_now` for who takes part for no party. */
export function choosePartyCode(engine: Engine, caller: Caller, at: At, how: string | null): Promise<Decision<null>> {
  return onParticipant(engine, caller, 'meeting.arrange', at, async (work, invited) => {
    const { casePartyId } = invited.participant;
    if (casePartyId === null) return refuse('not_now');
    const byId = (work.actor as User).id;
    await setPartyChoice(work, casePartyId, how === null ? null : { how, at: work.now, byId });
    await note(work, invited, how === null ? 'code_stopped' : 'code_allowed');
    return accept(null);
  });
}
