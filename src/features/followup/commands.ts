import { accept, type Decision, refuse } from '../../kernel/decision.ts';
import { newReference, newTag } from '../../kernel/ids.ts';
import { type Caller, command, type Engine, type Work } from '../../platform/command.ts';
import type { FoundCase } from '../case/store.ts';
import { insertParticipant, listParticipants, updateParticipant } from '../meeting/participant/store.ts';
import { insertMeeting, listMeetingsOfCase, noteEvent } from '../meeting/store.ts';
import { listTalks } from '../meeting/talk/store.ts';
import type { NextInput } from './input.ts';
import { comesAlong, staysVerified, viewAfter } from './rules.ts';
import { latestOf, listVerified, locateOpenCase } from './store.ts';

/** Another meeting in a case that goes on, in planning. Refuses `meeting` for one to come from that is not the case's. */
export function openNext(
  engine: Engine,
  caller: Caller,
  caseId: string,
  input: NextInput,
): Promise<Decision<{ meetingId: string }>> {
  return command(engine, caller, {
    action: 'case.open_meeting',
    locate: (reads) => locateOpenCase(reads, caseId),
    run: (work, found) => planNext(work, found, input),
  });
}

/**
 * The meeting inside a command that may do more: led by the case's officer, with the same participants, their verified
 * addresses and what the person thinks of each. Nothing is sent before the person has been asked as its kind demands.
 */
export async function planNext(
  work: Work,
  found: FoundCase,
  next: NextInput,
): Promise<Decision<{ meetingId: string }>> {
  const meetings = await listMeetingsOfCase(work, found.id);
  const from = next.from === null ? latestOf(meetings) : meetings.find(({ id }) => id === next.from);
  if (next.from !== null && !from) return refuse('meeting');
  const meetingId = work.newId();
  await insertMeeting(work, {
    id: meetingId,
    caseId: found.id,
    requestId: null,
    kind: next.kind,
    reference: newReference(),
    uid: `${meetingId}@${work.mailDomain}`,
    purpose: next.purpose,
    interpreterLanguage: found.individual.interpreterLanguage,
    plannedFor: next.plannedFor,
    officerId: found.officerId,
    unitId: found.unitId,
    createdAt: work.now,
  });
  const before = from ? await listParticipants(work, from.id) : [];
  const verified = from ? await listVerified(work, from.id) : new Map();
  const unsafe = from ? ((await listTalks(work, from.id))[0]?.unsafeContact ?? null) : null;
  const along = before.filter(
    (one) => comesAlong(one) && (one.party === 'PERSON' || next.keep === null || next.keep.includes(one.id)),
  );
  for (const one of along) {
    const id = work.newId();
    await insertParticipant(work, {
      ...{ id, meetingId, party: one.party, person: one.person, required: one.required },
      verified: staysVerified(one, unsafe) ? (verified.get(one.id) ?? null) : null,
      ...{ mailTag: newTag(), createdAt: work.now, casePartyId: one.casePartyId },
    });
    const view = viewAfter(next.kind, one.view);
    await updateParticipant(work, id, { view, accountId: one.accountId });
  }
  if (!along.some(({ party }) => party === 'PERSON')) {
    const person = { name: found.individual.name, title: '', organisation: '', email: '', phone: '' };
    const row = { id: work.newId(), meetingId, party: 'PERSON' as const, person, required: true, verified: null };
    await insertParticipant(work, { ...row, mailTag: newTag(), createdAt: work.now });
  }
  await noteEvent(work, meetingId, 'planned');
  return accept({ meetingId });
}
