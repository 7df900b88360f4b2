import type { User } from '../../../kernel/access.ts';
import { accept, type Decision, refuse } from '../../../kernel/decision.ts';
import { sha256 } from '../../../kernel/digest.ts';
import { newReference, newTag } from '../../../kernel/ids.ts';
import { type IsoDate, stockholmDate } from '../../../kernel/time.ts';
import { type Caller, command, type Engine, type Work } from '../../../platform/command.ts';
import type { Located } from '../../../platform/db/access.ts';
import { countMail } from '../../../platform/mail/counts.ts';
import { settleLetters } from '../../meeting/letter/store.ts';
import { listParticipants, type ParticipantChange, updateParticipant } from '../../meeting/participant/store.ts';
import { dropHoldsOf, noteUnreached, takeVote } from '../../meeting/poll/commands.ts';
import type { Poll } from '../../meeting/poll/rules.ts';
import { findPoll } from '../../meeting/poll/store.ts';
import type { IncomingFacts, IncomingMail } from '../../meeting/post/rules.ts';
import {
  disposeMail,
  findMailEnd,
  insertMail,
  locateAddressed,
  locateMailOf,
  locateUnplaced,
} from '../../meeting/post/store.ts';
import type { Participant } from '../../meeting/rules.ts';
import { type FoundMeeting, noteEvent } from '../../meeting/store.ts';
import { about, onParticipant, post, setTime, stillWelcome, tell, unanswered, writeLetter } from '../commands.ts';
import { invitationFacts } from '../mail.ts';
import { tellOfficer } from '../reminder/commands.ts';
import { channelOf, hasTime, needsLetter, type TimeNotice } from '../rules.ts';
import { readMail } from './input.ts';
import {
  isAskedByMail,
  judge,
  type MailEnd,
  type MailRead,
  proposedEnd,
  type ReplyChange,
  tagsOf,
  type Verdict,
} from './rules.ts';

/** What else somebody is mailed about, who is not reached any more. */
export type Unreached = (work: Work, owner: { ownerId: string }, today: IsoDate) => Promise<void>;

/**
 * Reads one mail and does what the rules let it, at most once however often it is handed in: the digest of its bytes is
 * a unique row in the same transaction. Message-ID would not do: it may be missing, and is whatever the sender says.
 * `unreached` is told of a participant whom no mail reaches.
 */
export async function takeMail(
  engine: Engine,
  raw: Uint8Array,
  mailFrom: string,
  unreached: Unreached = async () => {},
): Promise<MailEnd> {
  const digest = sha256(raw);
  const known = await findMailEnd(engine.database.reads, digest);
  if (known) return known;
  const mail = await readMail(raw);
  const uid = mail.calendar?.kind === 'answer' ? mail.calendar.uid : '';
  const caller: Caller = { actor: { kind: 'worker' }, reference: newReference() };
  const taken = await command(engine, caller, {
    action: 'participation.take_mail',
    locate: (reads) => locateAddressed(reads, tagsOf(mail.to, mailFrom), uid),
    async run(work, found) {
      // Another worker may have read it meanwhile.
      const before = await findMailEnd(work, digest);
      if (before) return accept(before);
      const { meeting = null, taggedId = null, ofHold = false } = found ?? {};
      const participants = meeting ? await listParticipants(work, meeting.id, { removed: true }) : [];
      const poll = meeting && (await findPoll(work, meeting.id));
      const verdict = judge(mail, meeting && { meeting, participants, taggedId, poll, ofHold }, work.now);
      const one = participants.find(({ id }) => id === verdict.participantId) ?? null;
      if (meeting && one && verdict.end === 'processed') {
        await change(work, meeting, one, verdict.change, poll);
        if (verdict.change.bounced) await unreached(work, { ownerId: one.id }, stockholmDate(work.now));
      }
      await insertMail(work, {
        id: work.newId(),
        digest,
        at: work.now,
        outcome: verdict.end,
        code: verdict.code,
        meetingId: meeting?.id ?? null,
        participantId: one?.id ?? null,
        facts: factsOf(mail, verdict),
      });
      await countMail(work, verdict.end);
      return accept<MailEnd>(verdict.end);
    },
  });
  if (!taken.ok) throw new Error(`a mail was refused: ${taken.code}`);
  return taken.value;
}

/** What is kept of a mail: its words only where a human is to read them. */
function factsOf(mail: MailRead, { end, participantId }: Verdict): IncomingFacts | null {
  if (end === 'ignored' && participantId === null) return null;
  const { from, subject, text, calendar } = mail;
  const answer = calendar?.kind === 'answer' ? calendar : null;
  const said = answer?.attendees.find((one) => one.answer !== null);
  const facts: IncomingFacts = {
    from,
    answer: said?.answer ?? null,
    instead: said?.instead ?? null,
    startsAt: answer?.proposal && answer.proposal !== 'unclear' ? answer.proposal.startsAt : null,
  };
  if (end === 'processed') return facts;
  const comment = answer?.comment;
  return end === 'human' ? { ...facts, subject, text, comment } : { ...facts, comment };
}

async function change(
  work: Work,
  meeting: FoundMeeting,
  one: Participant,
  what: ReplyChange,
  poll: Poll | null,
): Promise<void> {
  const { answer, proposal, bounced, vote } = what;
  if (poll && vote) return takeVote(work, meeting, poll, vote, one);
  const sequence = one.sentSequence ?? 0;
  const change: ParticipantChange = {
    ...(answer && {
      answer: answer.answer,
      answerSequence: sequence,
      answeredAt: answer.stamp,
      answeredVia: 'mail',
      answeredFor: null,
      comment: answer.comment,
      reply: { sequence, stamp: answer.stamp },
    }),
    ...(proposal && { proposal: { ...proposal, sequence, at: proposal.stamp } }),
    ...(proposal?.comment && { comment: proposal.comment }),
    ...(bounced && one.sentSequence !== null && { delivery: 'bounced' }),
  };
  await updateParticipant(work, one.id, change);
  const via = 'mail';
  if (answer) {
    const { comment } = answer;
    await noteEvent(work, meeting.id, 'answered_mail', { ...about(one), via, answer: answer.answer, comment });
    await tellOfficer(work, meeting, one, answer.answer);
  }
  if (proposal) {
    const { startsAt: proposedStart, comment } = proposal;
    await noteEvent(work, meeting.id, 'counter_proposed', { ...about(one), via, proposedStart, comment });
  }
  if (bounced && isAskedByMail(one, poll)) await noteUnreached(work, poll, one);
  if (bounced) await noteEvent(work, meeting.id, 'bounced', about(one));
}

/** A human has dealt with a mail; what stood in it is thrown away. Refuses `changed_by_someone_else`. */
export const handleMailOf = (
  engine: Engine,
  caller: Caller,
  at: { meetingId: string; id: string },
): Promise<Decision<null>> =>
  handle(engine, caller, 'participation.read_mail', async (reads) => locateMailOf(reads, at.meetingId, at.id), at.id);

export const handleUnplaced = (engine: Engine, caller: Caller, id: string): Promise<Decision<null>> =>
  handle(engine, caller, 'mail.sort', (reads) => locateUnplaced(reads, id), id);

function handle<T extends IncomingMail | { mail: IncomingMail }>(
  engine: Engine,
  caller: Caller,
  action: 'participation.read_mail' | 'mail.sort',
  locate: (reads: Parameters<typeof locateUnplaced>[0]) => Promise<Located<T> | null>,
  id: string,
): Promise<Decision<null>> {
  return command(engine, caller, {
    action,
    locate,
    async run(work) {
      const by = { accountId: (work.actor as User).id, at: work.now };
      return (await disposeMail(work, id, by)) ? accept(null) : refuse('changed_by_someone_else');
    },
  });
}

type At = { meetingId: string; id: string };

/**
 * Makes the time that somebody proposed the meeting's time, which asks everybody anew. `seen` is the proposal as the
 * officer read it. Refuses `not_now`, `changed_by_someone_else`, `past`.
 */
export function acceptProposal(
  engine: Engine,
  caller: Caller,
  at: At,
  { seen, reason }: { seen: string; reason: string },
): Promise<Decision<{ notices: TimeNotice[] }>> {
  return onParticipant(engine, caller, 'meeting.arrange', at, async (work, meeting, one) => {
    if (meeting.state !== 'scheduled' || !hasTime(meeting)) return refuse('not_now');
    const { proposedStart: startsAt, proposedEnd: endsAt } = one;
    if (startsAt === null || startsAt !== seen) return refuse('changed_by_someone_else');
    if (startsAt <= work.now) return refuse('past');
    const { placeKind, place, videoUrl } = meeting;
    const time = { startsAt, endsAt: proposedEnd({ startsAt, endsAt }, meeting) };
    await noteEvent(work, meeting.id, 'proposal_accepted', about(one));
    return setTime(work, meeting, { ...time, placeKind, place, videoUrl, interpreter: null, reason, seen: null }, null);
  });
}

/** Turns down a proposed time, and says so by mail or has the officer print a letter. Refuses as acceptProposal. */
export function declineProposal(
  engine: Engine,
  caller: Caller,
  at: At,
  seen: string,
): Promise<Decision<{ told: 'mail' | 'letter' | 'none' }>> {
  return onParticipant(engine, caller, 'meeting.arrange', at, async (work, meeting, one) => {
    if (meeting.state !== 'scheduled' || !hasTime(meeting)) return refuse('not_now');
    if (one.proposedStart === null || one.proposedStart !== seen) return refuse('changed_by_someone_else');
    const reached = one.sentSequence !== null && stillWelcome(meeting, one);
    const told = reached ? channelOf(one) : 'none';
    if (told === 'mail') {
      // RFC 5546 3.2.8: the SEQUENCE of the proposal is echoed.
      const facts = invitationFacts(meeting, one, one.proposedSequence ?? one.sentSequence ?? 0, work.now);
      await post(work, meeting, 'counter_declined', facts, ` ${one.proposedAt}`);
    }
    if (reached && needsLetter(meeting, one, 'counter_declined')) {
      await writeLetter(work, meeting, one, 'counter_declined');
    }
    await updateParticipant(work, one.id, { proposal: null });
    await noteEvent(work, meeting.id, 'proposal_declined', about(one));
    return accept({ told });
  });
}

/**
 * Gives somebody who is invited another address: CANCEL to the old one, REQUEST to the new one, which an officer has
 * made sure of. Plus-address and link are new too: whoever reads the old mail must answer for nobody. Refuses `not_now`,
 * `same_address`.
 */
export function changeAddress(
  engine: Engine,
  caller: Caller,
  at: At,
  { email, verifiedHow }: { email: string; verifiedHow: string },
): Promise<Decision<null>> {
  return onParticipant(engine, caller, 'meeting.arrange', at, async (work, meeting, one) => {
    if (meeting.state !== 'scheduled' || !hasTime(meeting) || one.sentSequence === null) return refuse('not_now');
    if (email.toLowerCase() === one.person.email.toLowerCase()) return refuse('same_address');
    await dropHoldsOf(work, meeting, one);
    // One more than the last to the old address; and the new one's is higher still, should they ever change back.
    const cancelled = one.sentSequence + 1;
    // A protected identity's mail had no calendar object: there is nothing to take back.
    if (channelOf(one) === 'mail' && !meeting.individual.protectedIdentity) {
      await post(work, meeting, 'address', invitationFacts(meeting, one, cancelled, work.now));
    }
    const changed: Participant = {
      ...one,
      person: { ...one.person, email },
      verifiedAt: work.now,
      linkGeneration: one.linkGeneration + 1,
      mailTag: newTag(),
    };
    const { person, linkGeneration, mailTag } = changed;
    await settleLetters(work, one.id, { at: work.now, by: null, how: 'replaced' });
    const verified = { at: work.now, by: (work.actor as User).id, how: verifiedHow };
    await tell(work, meeting, changed, 'request', cancelled + 1, {
      ...unanswered,
      ...{ person, verified, linkGeneration, mailTag, proposal: null },
    });
    await noteEvent(work, meeting.id, 'new_address', about(one));
    return accept(null);
  });
}
