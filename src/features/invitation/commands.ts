import type { Action } from '../../kernel/access.ts';
import { accept, type Decision, refuse } from '../../kernel/decision.ts';
import { addMinutes } from '../../kernel/time.ts';
import { type Caller, command, type Engine, type Work } from '../../platform/command.ts';
import { sendInOrder } from '../../platform/outbox/outbox.ts';
import type { LetterKind } from '../meeting/letter/rules.ts';
import { insertLetter, settleLetters } from '../meeting/letter/store.ts';
import { listParticipants, type ParticipantChange, updateParticipant } from '../meeting/participant/store.ts';
import { askAgain, bookedOption, dropHoldsOf, dropPoll, endPoll } from '../meeting/poll/commands.ts';
import { holdSequence, isLive } from '../meeting/poll/rules.ts';
import { findPoll } from '../meeting/poll/store.ts';
import { gatesOf, mayArrange, moveMeeting, type Participant, viewAllows } from '../meeting/rules.ts';
import { type FoundMeeting, locateMeeting, type MeetingChange, noteEvent, updateMeeting } from '../meeting/store.ts';
import { listTalks } from '../meeting/talk/store.ts';
import { firstReminder } from '../reminder/rules.ts';
import type { TimeInput } from './input.ts';
import { type InvitationFacts, type InvitationKind, invitationFacts, invitationMessage, newsMessage } from './mail.ts';
import { dropReminders } from './reminder/commands.ts';
import {
  answersReset,
  changeBetween,
  channelOf,
  type FixedMeeting,
  formerSelves,
  hasTime,
  isUnsent,
  needsLetter,
  sequenceOfChange,
  sequenceOfInvitation,
  type TimeNotice,
  timeNotices,
} from './rules.ts';
import { clashesOf, exchangeMailTags, locateParticipant } from './store.ts';

type Fixed = FoundMeeting & FixedMeeting;

function onMeeting<T>(
  engine: Engine,
  caller: Caller,
  id: string,
  run: (work: Work, meeting: FoundMeeting) => Promise<Decision<T>>,
): Promise<Decision<T>> {
  return command(engine, caller, {
    action: 'meeting.arrange',
    locate: (reads) => locateMeeting(reads, id),
    run,
  });
}

export function onParticipant<T>(
  engine: Engine,
  caller: Caller,
  action: Action,
  at: { meetingId: string; id: string },
  run: (work: Work, meeting: FoundMeeting, one: Participant) => Promise<Decision<T>>,
): Promise<Decision<T>> {
  return command(engine, caller, {
    action,
    locate: (reads) => locateParticipant(reads, at.meetingId, at.id),
    run: (work, { meeting, participant }) => run(work, meeting, participant),
  });
}

export const about = (one: Participant) => ({ participantId: one.id, party: one.party });

/** Queues a message about a meeting, in place of reminders. About a protected identity it says only that there is something. */
export async function post(
  work: Work,
  meeting: Fixed,
  kind: InvitationKind,
  facts: InvitationFacts,
  about = '',
): Promise<void> {
  // Nobody is reminded before they are invited.
  if (kind !== 'request') await dropReminders(work, facts.mailTag);
  const message = meeting.individual.protectedIdentity ? newsMessage : invitationMessage;
  return sendInOrder(work, message(kind, facts, about));
}

/**
 * Tells one participant by mail, or has the officer print a letter. Somebody whose address is not verified is told of no
 * change and stays unsent, which the page of what is to be sent shows; that there is nothing more to come to they learn.
 */
export async function tell(
  work: Work,
  meeting: Fixed,
  one: Participant,
  kind: InvitationKind,
  sequence: number,
  change: ParticipantChange = {},
): Promise<void> {
  const channel = channelOf(one);
  if (channel === 'mail') {
    await post(work, meeting, kind, invitationFacts(meeting, one, sequence, work.now));
  }
  if (kind !== 'address' && needsLetter(meeting, one, kind)) await writeLetter(work, meeting, one, kind);
  const sent: ParticipantChange = channel === 'none' ? {} : { sentSequence: sequence, delivery: 'queued' };
  await updateParticipant(work, one.id, { ...change, ...sent });
}

/** Has the officer print a letter of what a mail of the kind would say. */
export function writeLetter(work: Work, meeting: Fixed, one: Participant, kind: LetterKind): Promise<void> {
  const { startsAt, endsAt } = meeting;
  const letter = { id: work.newId(), meetingId: meeting.id, participantId: one.id, createdAt: work.now };
  return insertLetter(work, { ...letter, kind, startsAt, endsAt });
}

/** Somebody who was invited is written to again only while the person has not said no (states.md "Participation"). */
export const stillWelcome = (meeting: FoundMeeting, one: Participant): boolean =>
  viewAllows(meeting.kind, one.party, one.view, 'invited');

const isInvited = (one: Participant): boolean => one.sentSequence !== null;
/** Back to no answer; what they wrote stays to be read. */
export const unanswered: ParticipantChange = { answer: 'needs_action', answerSequence: null };

/**
 * Fixes or changes time and place; a new time ends a proposal of times. Those who are invited are told by themselves and
 * must answer anew. Refuses `not_now`, `reason` when a fixed time or place changes without one, `changed_by_someone_else`, also
 * when the proposed time to book is proposed no more or the fixed time is not the one they saw.
 */
export function fixTime(
  engine: Engine,
  caller: Caller,
  meetingId: string,
  input: TimeInput,
  videoUrlTemplate: string | null,
): Promise<Decision<{ notices: TimeNotice[] }>> {
  return onMeeting(engine, caller, meetingId, (work, meeting) => setTime(work, meeting, input, videoUrlTemplate));
}

/** fixTime inside a command that may do more. */
export async function setTime(
  work: Work,
  meeting: FoundMeeting,
  input: TimeInput,
  videoUrlTemplate: string | null,
): Promise<Decision<{ notices: TimeNotice[] }>> {
  const isFirst = meeting.state !== 'scheduled';
  const moved = moveMeeting(meeting.state, isFirst ? 'fix_time' : 'reschedule');
  if (!moved.ok) return moved;
  const { interpreter, reason, optionId, seen, ...form } = input;
  if (!isFirst && seen !== null && seen !== meeting.sequence) return refuse('changed_by_someone_else');
  const poll = await findPoll(work, meeting.id);
  const live = poll && isLive(poll.state) ? poll : null;
  const option = live && bookedOption(live, form, optionId);
  if (optionId && !option) return refuse('changed_by_someone_else');
  const typed = option
    ? { ...form, startsAt: option.startsAt, endsAt: addMinutes(option.startsAt, minutesOf(form)) }
    : form;
  const after = { ...typed, videoUrl: typed.videoUrl || ownRoom(work, meeting, typed.placeKind, videoUrlTemplate) };
  const change = isFirst ? null : changeBetween(meeting, after);
  if (change && reason === '') return refuse('reason');

  const everybody = await listParticipants(work, meeting.id, { removed: true });
  const sequence = change
    ? sequenceOfChange(
        meeting.sequence,
        everybody.map((one) => one.sentSequence),
        change,
      )
    : meeting.sequence;
  // The first invitation takes the place of the hold: the same UID, which none has had yet, in its next revision.
  const kept = isFirst && live?.holds ? option : null;
  const hold = kept && { uid: kept.uid, sequence: holdSequence.next };
  const next: MeetingChange = {
    ...after,
    state: moved.value,
    sequence,
    remindAt: firstReminder(after.startsAt, work.now),
    ...hold,
    ...(interpreter && { interpreterLanguage: interpreter.language, interpreterBooked: interpreter.booked }),
  };
  if (!(await updateMeeting(work, meeting, next))) return refuse('changed_by_someone_else');
  const changed: Fixed = { ...meeting, ...after, sequence, ...hold };
  const present = everybody.filter(({ removedAt }) => removedAt === null);
  const ends = isFirst || change === 'time' || optionId !== undefined;
  if (live && ends && !(await endPoll(work, meeting, live, { booked: option, kept }, present)))
    throw new Error('a proposal of times moved');
  if (change) {
    const reset: ParticipantChange = {
      ...(answersReset(change) && unanswered),
      ...(change === 'time' && { proposal: null }),
    };
    for (const one of present.filter(isInvited)) {
      if (stillWelcome(meeting, one)) {
        await tell(work, changed, one, change === 'time' ? 'update' : 'place', sequence, reset);
      } else {
        await updateParticipant(work, one.id, reset);
      }
    }
  }
  if (isFirst) await noteEvent(work, meeting.id, 'fix_time', { startsAt: after.startsAt });
  else if (change) await noteEvent(work, meeting.id, 'reschedule', { startsAt: after.startsAt, change, reason });
  return accept({ notices: timeNotices(after.startsAt, await clashesOf(work, changed)) });
}

const minutesOf = ({ startsAt, endsAt }: { startsAt: string; endsAt: string }): number =>
  (Date.parse(endsAt) - Date.parse(startsAt)) / 60_000;

/** A video meeting without an address gets a room of its own, once. */
function ownRoom(
  work: Work,
  meeting: FoundMeeting,
  placeKind: TimeInput['placeKind'],
  template: string | null,
): string {
  if (placeKind !== 'video' || template === null) return '';
  return meeting.videoUrl || template.replace('{room}', work.newId());
}

/**
 * Invites everybody who has not been sent the meeting as it now is; nothing to send is no mistake. Refuses `not_now`
 * after the meeting and `gates` while anything stands in the way.
 */
export function sendInvitations(
  engine: Engine,
  caller: Caller,
  meetingId: string,
): Promise<Decision<{ sent: number }>> {
  return onMeeting(engine, caller, meetingId, async (work, meeting) => {
    if (!mayArrange(meeting.state)) return refuse('not_now');
    const everybody = await listParticipants(work, meetingId, { removed: true });
    const live = everybody.filter((one) => one.removedAt === null);
    // An address that nobody has verified is passed over; its row waits.
    const unsent = live.filter((one) => isUnsent(one, meeting.sequence) && channelOf(one) !== 'none');
    if (unsent.length === 0) return accept({ sent: 0 });
    const gates = gatesOf(meeting, live, await listTalks(work, meetingId));
    if (!hasTime(meeting) || gates.length > 0) return refuse('gates');
    for (const one of unsent) {
      if (one.sentSequence !== null) {
        await tell(work, meeting, one, 'update', meeting.sequence, unanswered);
      } else {
        const former = formerSelves(one, everybody);
        const sequence = sequenceOfInvitation(
          meeting.sequence,
          former.map((other) => other.sentSequence ?? 0),
        );
        // The one of them that was invited last has the tag that their calendar knows.
        const last = former.toSorted((a, b) => (a.sentSequence ?? 0) - (b.sentSequence ?? 0)).at(-1);
        if (last) await exchangeMailTags(work, one, last);
        await tell(work, meeting, last ? { ...one, mailTag: last.mailTag } : one, 'request', sequence);
      }
      await noteEvent(work, meetingId, 'invited', { ...about(one), channel: channelOf(one) });
    }
    return accept({ sent: unsent.length });
  });
}

/** Calls the whole meeting off and tells everybody who was invited. Refuses `not_now`, `changed_by_someone_else`. */
export function cancelMeeting(
  engine: Engine,
  caller: Caller,
  meetingId: string,
  reason: string,
): Promise<Decision<null>> {
  return onMeeting(engine, caller, meetingId, (work, meeting) => callOff(work, meeting, reason));
}

/** cancelMeeting inside a command that may do more. */
export async function callOff(work: Work, meeting: FoundMeeting, reason: string): Promise<Decision<null>> {
  const moved = moveMeeting(meeting.state, 'cancel');
  if (!moved.ok) return moved;
  const everybody = await listParticipants(work, meeting.id, { removed: true });
  const sequence = sequenceOfChange(
    meeting.sequence,
    everybody.map((one) => one.sentSequence),
    'cancel',
  );
  if (!(await updateMeeting(work, meeting, { state: moved.value, sequence }))) return refuse('changed_by_someone_else');
  const present = everybody.filter(({ removedAt }) => removedAt === null);
  await dropPoll(work, meeting, present, sequence);
  if (hasTime(meeting)) {
    for (const one of present.filter(isInvited)) {
      await tell(work, meeting, one, 'cancel', sequence);
    }
  }
  await noteEvent(work, meeting.id, 'cancelled', { reason });
  return accept(null);
}

/**
 * Takes one participant out, and tells them if they were invited; nobody else's answer is touched. Refuses `not_now`,
 * and `individual` for the one whom the meeting is about.
 */
export function removeParticipant(
  engine: Engine,
  caller: Caller,
  at: { meetingId: string; id: string },
): Promise<Decision<null>> {
  return onParticipant(engine, caller, 'meeting.arrange', at, async (work, meeting, one) => {
    if (one.party === 'PERSON') return refuse('individual');
    if (!mayArrange(meeting.state)) return refuse('not_now');
    const held = await dropHoldsOf(work, meeting, one);
    const gone = { removedAt: work.now, accountId: null };
    const removed: ParticipantChange =
      held === null ? gone : { ...gone, sentSequence: Math.max(held, one.sentSequence ?? 0) };
    await settleLetters(work, one.id, { at: work.now, by: null, how: 'replaced' });
    if (one.sentSequence === null || !hasTime(meeting)) await updateParticipant(work, one.id, removed);
    else await tell(work, meeting, one, 'removed', one.sentSequence + 1, removed);
    await noteEvent(work, meeting.id, 'removed', about(one));
    return accept(null);
  });
}

/** Makes the old link dead, and sends the new one to those who are invited or asked for times, by mail or in a letter. */
export function renewLink(
  engine: Engine,
  caller: Caller,
  at: { meetingId: string; id: string },
): Promise<Decision<null>> {
  return onParticipant(engine, caller, 'meeting.arrange', at, async (work, meeting, one) => {
    const renewed = { ...one, linkGeneration: one.linkGeneration + 1 };
    const { linkGeneration, sentSequence } = renewed;
    const isCurrent = meeting.state === 'scheduled' && !isUnsent(one, meeting.sequence) && stillWelcome(meeting, one);
    if (sentSequence !== null && isCurrent && hasTime(meeting) && channelOf(one) !== 'none') {
      await tell(work, meeting, renewed, 'request', sentSequence, { linkGeneration });
    } else {
      await updateParticipant(work, one.id, { linkGeneration });
      await askAgain(work, meeting, renewed);
    }
    await noteEvent(work, meeting.id, 'new_link', about(one));
    return accept(null);
  });
}

/**
 * Makes the link dead without a new one. The address is no longer held to be theirs: nothing is mailed there until an
 * officer has verified it again.
 */
export function revokeLink(
  engine: Engine,
  caller: Caller,
  at: { meetingId: string; id: string },
): Promise<Decision<null>> {
  return onParticipant(engine, caller, 'meeting.arrange', at, async (work, meeting, one) => {
    await updateParticipant(work, one.id, { linkGeneration: one.linkGeneration + 1, verified: null });
    await noteEvent(work, meeting.id, 'link_revoked', about(one));
    return accept(null);
  });
}
