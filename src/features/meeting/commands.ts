import type { User } from '../../kernel/access.ts';
import { accept, type Decision, refuse } from '../../kernel/decision.ts';
import { newTag } from '../../kernel/ids.ts';
import type { Party } from '../../kernel/parties.ts';
import { type Caller, command, type Engine, type Work } from '../../platform/command.ts';
import { isReceiving, partyNameOf, sameParty } from '../case/party/rules.ts';
import { insertCaseParty, listCaseParties } from '../case/party/store.ts';
import type { ParticipantInput, TalkInput } from './input.ts';
import { insertParticipant, listParticipants, updateParticipant } from './participant/store.ts';
import { leaveAddress } from './poll/commands.ts';
import { mayArrange, type Participant, type Person } from './rules.ts';
import { type FoundMeeting, locateMeeting, noteEvent } from './store.ts';
import { insertTalk } from './talk/store.ts';

function onMeeting<T>(
  engine: Engine,
  caller: Caller,
  id: string,
  run: (work: Work, meeting: FoundMeeting, participants: Participant[]) => Promise<Decision<T>>,
): Promise<Decision<T>> {
  return command(engine, caller, {
    action: 'meeting.arrange',
    locate: (reads) => locateMeeting(reads, id),
    async run(work, meeting) {
      if (!mayArrange(meeting.state)) return refuse('not_now');
      return run(work, meeting, await listParticipants(work, id));
    },
  });
}

/**
 * Adds somebody, or completes a row: the individual's by party, anybody's by id. An address that has been written to
 * is not changed here (`address_sent`). Refuses `not_now` once the meeting is held or cancelled, `participant` for an unknown row.
 */
export function putParticipant(
  engine: Engine,
  caller: Caller,
  meetingId: string,
  input: ParticipantInput,
): Promise<Decision<{ participantId: string }>> {
  return onMeeting(engine, caller, meetingId, async (work, meeting, participants) => {
    const { party, person, required } = input;
    const verified =
      input.verifiedHow === null ? null : { at: work.now, by: (work.actor as User).id, how: input.verifiedHow };
    const existing = participants.find((one) =>
      input.participantId ? one.id === input.participantId : party === 'PERSON' && one.party === 'PERSON',
    );
    if (input.participantId && (!existing || existing.party !== party)) return refuse('participant');
    const casePartyId = await casePartyOf(work, meeting.caseId, party, person);
    if (!existing) {
      const participantId = work.newId();
      const mailTag = newTag();
      const row = { id: participantId, meetingId, party, person, required, verified, mailTag, createdAt: work.now };
      await insertParticipant(work, { ...row, casePartyId });
      await noteEvent(work, meeting.id, 'participant_added', { participantId, party });
      return accept({ participantId });
    }
    const sameAddress = existing.person.email === person.email;
    if (!sameAddress && existing.sentSequence !== null && existing.person.email !== '') return refuse('address_sent');
    await updateParticipant(work, existing.id, {
      ...(!sameAddress && (await leaveAddress(work, meeting, existing))),
      person,
      casePartyId,
      required: party === 'PERSON' ? true : required,
      // A verified address stays so while it is the same; a new one is verified only by what is said of it now.
      ...(verified || !sameAddress ? { verified } : {}),
      // Another address or name may be another person, who has not shown who they are.
      ...(!sameAddress || existing.person.name !== person.name ? { accountId: null } : {}),
    });
    await noteEvent(work, meeting.id, 'participant_changed', { participantId: existing.id, party });
    return accept({ participantId: existing.id });
  });
}

/** The party of the case that somebody takes part for, made when it is new; null for who receives nothing as a party. */
async function casePartyOf(work: Work, caseId: string, party: Party, person: Person): Promise<string | null> {
  if (!isReceiving(party)) return null;
  const organisation = partyNameOf(person);
  const known = sameParty(await listCaseParties(work, caseId), party, organisation);
  if (known) return known.id;
  const id = work.newId();
  await insertCaseParty(work, { id, caseId, party, organisation, createdAt: work.now });
  return id;
}

/**
 * Records the talk with the person: their view of each party, and contact details that are safe to use. `read` judges
 * the form once it is known who takes part; null refuses `fields`.
 */
export function recordTalk(
  engine: Engine,
  caller: Caller,
  meetingId: string,
  read: (participantIds: readonly string[]) => TalkInput | null,
): Promise<Decision<null>> {
  return onMeeting(engine, caller, meetingId, async (work, meeting, participants) => {
    const input = read(participants.map(({ id }) => id));
    if (!input) return refuse('fields');
    const officer = work.actor as User;
    const { how, goOnReason, unsafeContact, views } = input;
    const person = participants.find(({ party }) => party === 'PERSON');
    const contact = person && contactAfterTalk(person, input);
    const invited = person !== undefined && person.sentSequence !== null && person.person.email !== '';
    if (invited && contact && contact.email !== person.person.email) return refuse('address_sent');

    const talk = { id: work.newId(), meetingId, at: work.now, accountId: officer.id, how, goOnReason, unsafeContact };
    await insertTalk(work, { ...talk, views });
    for (const one of participants) {
      const view = views[one.id];
      if (view && view !== one.view) await updateParticipant(work, one.id, { view });
    }
    if (person && contact) {
      const { email, phone } = contact;
      // Only an address that was said in the talk is verified by it.
      const said = input.email ? { verified: { at: work.now, by: officer.id, how } } : {};
      const emptied = email === '' && person.person.email !== '' ? { verified: null } : {};
      const moved = email !== person.person.email ? await leaveAddress(work, meeting, person) : {};
      const after = { ...person.person, email, phone };
      await updateParticipant(work, person.id, { ...moved, person: after, ...said, ...emptied });
    }
    await noteEvent(work, meeting.id, 'talked');
    return accept(null);
  });
}

/** What the person said replaces what was known; an empty field takes back only what an officer had verified. */
function contactAfterTalk(person: Participant, said: TalkInput): { email: string; phone: string } {
  const known = person.person;
  const email = said.email === '' && person.verifiedAt === null ? known.email : (said.email ?? known.email);
  return { email, phone: said.phone ?? known.phone };
}
