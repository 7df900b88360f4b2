import type { Action, User } from '../../../kernel/access.ts';
import { accept, type Decision, refuse } from '../../../kernel/decision.ts';
import { type IsoInstant, stockholmDate, stockholmLocal } from '../../../kernel/time.ts';
import { addWorkingDays } from '../../../kernel/working-days.ts';
import { type Caller, command, type Engine, type Work } from '../../../platform/command.ts';
import { sendInOrder } from '../../../platform/outbox/outbox.ts';
import { readsOnPaper } from '../letter/rules.ts';
import { dropPollLetters, insertLetter, settleLetters } from '../letter/store.ts';
import { listParticipants, updateParticipant } from '../participant/store.ts';
import { moveMeeting, type Participant, type SaidBy } from '../rules.ts';
import { type FoundMeeting, insertMeetingEvent, locateMeeting, updateMeeting } from '../store.ts';
import { listTalks } from '../talk/store.ts';
import type { ProposalInput } from './input.ts';
import { holdMessage, pollMessage } from './mail.ts';
import {
  askedBy,
  gatesBeforeAsking,
  heldOptions,
  holdSequence,
  holdsWait,
  isLive,
  type KeptVote,
  mayPropose,
  mayVote,
  movePoll,
  type Option,
  type Poll,
  shouldClose,
  shouldRemind,
  type Vote,
} from './rules.ts';
import { findPoll, insertAsked, insertPoll, listDuePolls, putVotes, updateAsked, updatePoll } from './store.ts';

function onPoll<T>(
  engine: Engine,
  caller: Caller,
  action: Action,
  meetingId: string,
  run: (work: Work, meeting: FoundMeeting, poll: Poll | null) => Promise<Decision<T>>,
): Promise<Decision<T>> {
  return command(engine, caller, {
    action,
    locate: (reads) => locateMeeting(reads, meetingId),
    run: async (work, meeting) => run(work, meeting, await findPoll(work, meeting.id)),
  });
}

function note(work: Work, meetingId: string, move: string, details: Record<string, string> = {}): Promise<void> {
  const accountId = work.actor.kind === 'user' ? work.actor.id : null;
  return insertMeetingEvent(work, { id: work.newId(), meetingId, move, at: work.now, accountId, details });
}

/**
 * Proposes times and asks everybody who can be asked. Refuses `not_now` while another proposal lives or once the meeting
 * was held, `hold_waits` while an invitation has yet to take the place of a hold, `gates` where the person's word is
 * missing, `changed_by_someone_else`.
 */
export function proposeTimes(
  engine: Engine,
  caller: Caller,
  meetingId: string,
  input: ProposalInput,
): Promise<Decision<{ asked: number }>> {
  return onPoll(engine, caller, 'meeting.arrange', meetingId, async (work, meeting, before) => {
    if (!mayPropose(meeting.state, before !== null && isLive(before.state))) return refuse('not_now');
    const participants = await listParticipants(work, meetingId);
    if (gatesBeforeAsking(meeting, participants, await listTalks(work, meetingId)).length > 0) return refuse('gates');
    if (before && holdsWait(before, meeting, participants, meeting.subject.protectedIdentity))
      return refuse('hold_waits');
    const moved = moveMeeting(meeting.state, 'propose');
    // Proposing anew moves nothing, but whoever read the meeting before must read it again.
    const changed = await updateMeeting(work, meeting, moved.ok ? { state: moved.value } : {});
    if (!changed) return refuse('changed_by_someone_else');
    const poll: Poll = {
      ...{ id: work.newId(), meetingId, state: 'open', version: 1, createdAt: work.now, asked: [], votes: [] },
      ...{ lastDay: input.lastDay, holds: input.holds && !meeting.subject.protectedIdentity },
      options: input.times.map((time) => {
        const id = work.newId();
        return { ...time, id, uid: `${id}@${work.mailDomain}`, booked: false };
      }),
    };
    await insertPoll(work, { ...poll, createdBy: (work.actor as User).id });
    const asked = await ask(work, meeting, poll, participants);
    await note(work, meetingId, 'proposed');
    // A time that somebody proposed by themselves, and that everybody is asked about now, waits for no other answer.
    const starts = poll.options.map(({ startsAt }) => startsAt);
    for (const { id, party, proposedStart } of participants) {
      if (proposedStart === null || !starts.includes(proposedStart)) continue;
      await updateParticipant(work, id, { proposal: null });
      await note(work, meetingId, 'proposal_asked', { participantId: id, party });
    }
    return accept({ asked });
  });
}

/** Asks those who have not been asked and can be; how many. Somebody without e-mail is asked by letter or telephone. */
async function ask(work: Work, meeting: FoundMeeting, poll: Poll, participants: readonly Participant[]) {
  const known = new Set(poll.asked.map(({ participantId }) => participantId));
  // Whose address had a hold and lost it keeps what a calendar would take for older news out of it.
  const held = new Set(poll.asked.map(({ address }) => address.toLowerCase()));
  let asked = 0;
  for (const one of participants) {
    const by = askedBy(one, meeting.subject.protectedIdentity);
    if (known.has(one.id) || by === 'none') continue;
    asked++;
    const address = by === 'mail' ? one.person.email : '';
    const holds = poll.holds && by === 'mail' && !held.has(address.toLowerCase());
    await insertAsked(work, poll.id, {
      participantId: one.id,
      address,
      askedAt: work.now,
      held: holds,
      delivery: by === 'mail' ? 'queued' : 'letter',
    });
    if (by !== 'mail') {
      if (!readsOnPaper(one)) continue;
      const letter = { id: work.newId(), meetingId: meeting.id, participantId: one.id, createdAt: work.now };
      await insertLetter(work, { ...letter, kind: 'poll', startsAt: null, endsAt: null });
      continue;
    }
    await sendInOrder(work, pollMessage('ask', meeting, poll, one));
    if (!holds) continue;
    for (const option of poll.options) {
      const to = { one, to: address, option, sequence: holdSequence.sent };
      await work.send(holdMessage('hold', meeting, poll, to));
    }
  }
  return asked;
}

/** Asks those who were added, or whose address was verified, after the others. Refuses as `proposeTimes`. */
export function askTheRest(engine: Engine, caller: Caller, meetingId: string): Promise<Decision<{ asked: number }>> {
  return onPoll(engine, caller, 'meeting.arrange', meetingId, async (work, meeting, poll) => {
    if (!poll || !mayVote(poll, work.now)) return refuse('not_now');
    const participants = await listParticipants(work, meetingId);
    if (gatesBeforeAsking(meeting, participants, await listTalks(work, meetingId)).length > 0) return refuse('gates');
    return accept({ asked: await ask(work, meeting, poll, participants) });
  });
}

/** Ends a proposal without booking, and takes its holds out of the calendars. Refuses `not_now`, `changed_by_someone_else`. */
export function abandonPoll(engine: Engine, caller: Caller, meetingId: string): Promise<Decision<null>> {
  return onPoll(engine, caller, 'meeting.arrange', meetingId, async (work, meeting, poll) => {
    if (!poll || !isLive(poll.state)) return refuse('not_now');
    const ended = await endPoll(work, meeting, poll, nothing, await listParticipants(work, meetingId));
    if (ended) await note(work, meetingId, 'poll_abandoned');
    return ended ? accept(null) : refuse('changed_by_someone_else');
  });
}

/** The option that a fixed time books: the one the officer chose if it is still that time, or else the very time. */
export function bookedOption(
  poll: Poll,
  time: { startsAt: IsoInstant; endsAt: IsoInstant },
  optionId: string | undefined,
): Option | null {
  const chosen = poll.options.find(({ id }) => id === optionId);
  // By the clock: the form cannot tell the two hours apart that the clock shows twice.
  if (chosen && stockholmLocal(chosen.startsAt) === stockholmLocal(time.startsAt)) return chosen;
  return poll.options.find(({ startsAt, endsAt }) => startsAt === time.startsAt && endsAt === time.endsAt) ?? null;
}

const nothing = { booked: null, kept: null };

/**
 * Ends a live proposal: booked with an option, abandoned without. All holds are withdrawn but those of `kept`, whose
 * place the invitation takes. False when somebody else was first.
 */
export async function endPoll(
  work: Work,
  meeting: FoundMeeting,
  poll: Poll,
  { booked, kept }: { booked: Option | null; kept: Option | null },
  participants: readonly Participant[],
): Promise<boolean> {
  const moved = movePoll(poll.state, booked ? 'book' : 'abandon');
  if (!moved.ok) return false;
  if (!(await updatePoll(work, poll, { state: moved.value, bookedOption: booked?.id }))) return false;
  await dropPollLetters(work, meeting.id, work.now);
  for (const one of participants) await withdraw(work, meeting, poll, one, kept, holdSequence.next);
  return true;
}

/** Ends the proposal of a meeting that is held or called off, if one lives; whether one did. */
export async function abandonLive(
  work: Work,
  meeting: FoundMeeting,
  poll: Poll | null,
  participants: readonly Participant[],
): Promise<boolean> {
  return poll !== null && isLive(poll.state) && endPoll(work, meeting, poll, nothing, participants);
}

/** Takes the holds that somebody has out of their calendar, but for one that is kept; whether there were any. */
async function withdraw(
  work: Work,
  meeting: FoundMeeting,
  poll: Poll,
  one: Participant,
  keep: Option | null,
  sequence: number,
): Promise<boolean> {
  const asked = poll.asked.find(({ participantId }) => participantId === one.id);
  const held = asked ? heldOptions(poll, asked, { uid: meeting.uid, invited: one.sentSequence !== null }) : [];
  for (const option of held) {
    const address = asked?.address ?? '';
    // The invitation goes to the address they have now: in the calendar of another one the time would stay.
    const current = address === one.person.email;
    if (option.id === keep?.id && current) continue;
    const by = askedBy(one, meeting.subject.protectedIdentity);
    if (current ? by !== 'mail' : meeting.subject.protectedIdentity) continue;
    const to = { one, to: address, option, sequence };
    await sendInOrder(work, holdMessage('withdrawn', meeting, poll, to));
  }
  return held.length > 0;
}

/**
 * Before a meeting is called off: ends its proposal, and takes out of the calendars what no invitation has replaced.
 * `sequence` is that of the cancellation.
 */
export async function dropPoll(
  work: Work,
  meeting: FoundMeeting,
  participants: readonly Participant[],
  sequence: number,
): Promise<void> {
  const poll = await findPoll(work, meeting.id);
  if (!poll || (await abandonLive(work, meeting, poll, participants))) return;
  for (const one of participants) await withdraw(work, meeting, poll, one, null, sequence);
}

/**
 * Takes the holds of one who is removed out of their calendar. The SEQUENCE of that if there were any: added again, their
 * invitation must be newer.
 */
export async function dropHoldsOf(work: Work, meeting: FoundMeeting, one: Participant): Promise<number | null> {
  const poll = await findPoll(work, meeting.id);
  if (!poll) return null;
  const sequence = isLive(poll.state) ? holdSequence.next : meeting.sequence + 1;
  const had = await withdraw(work, meeting, poll, one, null, sequence);
  if (had) await updateAsked(work, poll.id, one.id, { held: false });
  return had ? sequence : null;
}

/**
 * Saves what somebody has answered to the times: `own` while answers are taken, `noted` by the officer until one is
 * booked. Refuses `not_now` at other times, and `fields` when `read` finds faults.
 */
export async function giveVotes(
  work: Work,
  meeting: FoundMeeting,
  one: Participant,
  by: 'own' | 'noted',
  read: (
    poll: Poll,
  ) => { votes: Record<string, Vote>; via: 'link' | 'account' | 'phone' | 'letter'; for: SaidBy | null } | null,
): Promise<Decision<null>> {
  const poll = await findPoll(work, meeting.id);
  const asked = poll?.asked.some(({ participantId }) => participantId === one.id);
  if (!poll || !(by === 'own' ? asked && mayVote(poll, work.now) : isLive(poll.state))) return refuse('not_now');
  const given = read(poll);
  if (!given) return refuse('fields');
  const votes = Object.entries(given.votes).map(([optionId, vote]) => ({ optionId, participantId: one.id, vote }));
  await putVotes(
    work,
    votes.map((vote) => ({ ...vote, at: work.now, via: given.via })),
  );
  // Whoever answers without having been asked, say in a call, need not be asked any more.
  const letter = { participantId: one.id, address: '', askedAt: work.now, held: false, delivery: 'letter' as const };
  if (!asked) await insertAsked(work, poll.id, letter);
  await updateAsked(work, poll.id, one.id, { answeredAt: work.now });
  if (by === 'noted') {
    const told = given.via === 'letter' ? 'letter' : 'phone';
    await settleLetters(work, one.id, { at: work.now, by: (work.actor as User).id, how: told });
  }
  await note(work, meeting.id, by === 'own' ? 'voted' : 'votes_noted', {
    ...{ participantId: one.id, party: one.party, via: given.via },
    ...(given.for && { saidAs: given.for.as, saidBy: given.for.name }),
  });
  return accept(null);
}

/**
 * Saves what somebody's calendar says of one hold, once reply/rules.ts has judged it. Who has answered each time is asked
 * no more.
 */
export async function takeVote(
  work: Work,
  meeting: FoundMeeting,
  poll: Poll,
  vote: KeptVote,
  one: Participant,
): Promise<void> {
  await putVotes(work, [vote]);
  const answered = new Set(
    [...poll.votes, vote].flatMap(({ optionId, participantId }) => (participantId === one.id ? [optionId] : [])),
  );
  if (answered.size === poll.options.length) await updateAsked(work, poll.id, one.id, { answeredAt: work.now });
  await note(work, meeting.id, 'voted', { participantId: one.id, party: one.party, via: vote.via });
}

/** A mail that asked somebody for times did not arrive. */
export const noteUnreached = (work: Work, poll: Poll, one: Participant): Promise<void> =>
  updateAsked(work, poll.id, one.id, { delivery: 'bounced' });

/** Ends the answering of proposals past their last day, and reminds once who has not answered in time. The worker does this. */
export async function tendPolls(engine: Engine): Promise<void> {
  const caller: Caller = { actor: { kind: 'worker' }, reference: 'worker' };
  const now = engine.clock.now();
  const today = stockholmDate(now);
  // No reminder comes earlier than a working day before the last day.
  const found = await listDuePolls(engine.database.reads, today, addWorkingDays(today, 1));
  for (const { meetingId } of found.filter((poll) => shouldClose(poll, now) || shouldRemind(poll, now))) {
    await onPoll(engine, caller, 'meeting.close_poll', meetingId, async (work, meeting, poll) => {
      if (poll && shouldClose(poll, work.now)) {
        if (!(await updatePoll(work, poll, { state: 'closed' }))) return refuse('changed_by_someone_else');
        await note(work, meetingId, 'poll_closed');
        return accept(null);
      }
      if (!poll || !shouldRemind(poll, work.now)) return refuse('not_now');
      await remind(work, meeting, poll);
      return accept(null);
    });
  }
}

async function remind(work: Work, meeting: FoundMeeting, poll: Poll): Promise<void> {
  const participants = await listParticipants(work, meeting.id);
  const gates = gatesBeforeAsking(meeting, participants, await listTalks(work, meeting.id));
  for (const asked of poll.asked) {
    if (asked.delivery === 'letter' || asked.answeredAt !== null || asked.remindedAt !== null) continue;
    await updateAsked(work, poll.id, asked.participantId, { remindedAt: work.now });
    const one = participants.find(({ id }) => id === asked.participantId);
    if (!one || askedBy(one, meeting.subject.protectedIdentity) !== 'mail') continue;
    if (one.party === 'PERSON' && !meeting.wantsReminders) continue;
    // The person may have said no since.
    if (gates.some(({ participantId }) => participantId === one.id)) continue;
    await sendInOrder(work, pollMessage('remind', meeting, poll, one));
  }
}
