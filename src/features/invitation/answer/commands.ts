import type { Actor, User } from '../../../kernel/access.ts';
import { accept, type Decision, refuse } from '../../../kernel/decision.ts';
import { type Caller, command, type Engine, type Work } from '../../../platform/command.ts';
import { settleLetters } from '../../meeting/letter/store.ts';
import { type ParticipantChange, updateParticipant } from '../../meeting/participant/store.ts';
import type { Participant, SaidBy } from '../../meeting/rules.ts';
import type { FoundMeeting } from '../../meeting/store.ts';
import { about, note, onParticipant } from '../commands.ts';
import type { NotedAnswer, Reply } from '../input.ts';
import { tellOfficer } from '../reminder/commands.ts';
import { mayAnswer } from '../rules.ts';
import { locateLinked } from '../store.ts';

/**
 * A participant answers from their link or signed in, or proposes another time. Refuses `not_now` outside the time for
 * it, and `changed_by_someone_else` when the meeting has changed since they opened the page.
 */
export function answerInvitation(
  engine: Engine,
  caller: Caller,
  participantId: string,
  reply: Reply,
): Promise<Decision<null>> {
  const by = caller.actor.kind === 'link' ? 'link' : 'account';
  return command(engine, caller, {
    action: by === 'link' ? 'participation.answer' : 'participation.reply',
    locate: async (reads) => (await locateLinked(reads, participantId))?.at ?? null,
    async run(work, { meeting, participant: one }) {
      const { answer, comment, proposedStart, sequence } = reply;
      if (one.sentSequence === null || !mayAnswer(meeting, work.now)) return refuse('not_now');
      if (sequence !== null && sequence !== one.sentSequence) return refuse('changed_by_someone_else');
      const said = { via: by, for: standsFor(caller.actor, meeting, one) } as const;
      if (answer) {
        await updateParticipant(work, one.id, given(work, one, { ...said, answer, comment }));
        await note(work, meeting.id, 'answered', { ...about(one), ...spoken(said), answer, comment });
        await tellOfficer(work, meeting, one, answer);
      }
      if (proposedStart) {
        const proposal = { startsAt: proposedStart, endsAt: null, sequence: one.sentSequence, at: work.now };
        await updateParticipant(work, one.id, { proposal });
        await note(work, meeting.id, 'answered', { ...about(one), ...spoken(said), proposedStart });
      }
      return accept(null);
    },
  });
}

type Said = { via: NonNullable<Participant['answeredVia']>; for: SaidBy | null };

/** As a meeting's timeline keeps how an answer came and who said it. */
const spoken = ({ via, for: by }: Said): Record<string, string> => ({
  via,
  ...(by && { saidAs: by.as, saidBy: by.name }),
});

/** Who is signed in for somebody else; null for the participant. */
export function standsFor(actor: Actor, meeting: FoundMeeting, one: Participant): SaidBy | null {
  if (actor.kind !== 'user' || actor.id === one.accountId || actor.id === meeting.subject.individualUserId) return null;
  return { as: 'representative', name: actor.name };
}

const given = (
  work: Work,
  one: Participant,
  { answer, comment, via, for: by }: Said & { answer: Participant['answer']; comment: string },
): ParticipantChange => ({
  answer,
  answerSequence: one.sentSequence,
  answeredAt: work.now,
  answeredVia: via,
  answeredFor: by,
  comment,
});

/**
 * The officer notes an answer, or another time that would suit, as it came by telephone or letter, and who said it.
 * Whoever answers has been told: no letter waits any more. Refuses as answerInvitation.
 */
export function noteAnswer(
  engine: Engine,
  caller: Caller,
  at: { meetingId: string; id: string },
  noted: NotedAnswer,
): Promise<Decision<null>> {
  return onParticipant(engine, caller, 'participation.note_answer', at, async (work, meeting, one) => {
    if (meeting.state !== 'scheduled' || one.sentSequence === null) return refuse('not_now');
    const { answer, comment, proposedStart, via, sequence } = noted;
    if (sequence !== null && sequence !== one.sentSequence) return refuse('changed_by_someone_else');
    if (answer) await updateParticipant(work, one.id, given(work, one, { ...noted, answer }));
    if (proposedStart) {
      const proposal = { startsAt: proposedStart, endsAt: null, sequence: one.sentSequence, at: work.now };
      await updateParticipant(work, one.id, { proposal });
    }
    const what = { ...(answer && { answer }), ...(proposedStart && { proposedStart }) };
    await note(work, meeting.id, 'answer_noted', { ...about(one), ...spoken(noted), ...what, comment });
    const told = await settleLetters(work, one.id, { at: work.now, by: (work.actor as User).id, how: via });
    if (told) await updateParticipant(work, one.id, { delivery: via });
    return accept(null);
  });
}
