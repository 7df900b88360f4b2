import { type Action, isSamePerson, type User } from '../../kernel/access.ts';
import { accept, type Decision, refuse } from '../../kernel/decision.ts';
import { canonicalJson, newSalt } from '../../kernel/digest.ts';
import { type IsoDate, type IsoInstant, stockholmDate } from '../../kernel/time.ts';
import { type Caller, command, type Engine, view, type Work } from '../../platform/command.ts';
import type { Copy } from '../consent/release/rules.ts';
import { listOpenCopies, recallRelease, refileCopy } from '../consent/release/store.ts';
import { removalsIn, removeFromDocument, type Sealed } from '../filing/document/rules.ts';
import { refileDocument } from '../filing/document/store.ts';
import { findParticipant, listParticipantsOf, updateParticipant } from '../meeting/participant/store.ts';
import type { Participant } from '../meeting/rules.ts';
import { misfileRequest } from '../request/ending/commands.ts';
import { moveRequest } from '../request/rules.ts';
import { locateRequest } from '../request/store.ts';
import type { Proposed } from './input.ts';
import { correctionMessage } from './mail.ts';
import { type Change, changesOf, changesPrint, decideCorrection, placesOf, wantedOf } from './rules.ts';
import {
  type FoundCorrection,
  findWaitingMisfile,
  insertCorrection,
  insertNotice,
  insertSections,
  listReached,
  locateCorrection,
  noteCall,
  settleCorrection,
} from './store.ts';
import {
  changedContent,
  type FiledRow,
  listTexts,
  locateScope,
  readFiled,
  touchMinutes,
  writeChanges,
} from './text/store.ts';

export type Place = { case: string } | { request: string };
/** Make the file of a corrected document, and of a corrected copy; whoever calls hands them in. */
export type Print = {
  document(content: Sealed<object>, createdAt: IsoInstant): Promise<Uint8Array>;
  release(content: Sealed<Copy>): Promise<Uint8Array>;
};

/**
 * Proposes a correction; nothing changes before another has approved it. Refuses `participant` for somebody who is not
 * of the case, and what `wantedOf` refuses.
 */
export function proposeCorrection(
  engine: Engine,
  caller: Caller,
  at: Place,
  proposed: Proposed,
): Promise<Decision<{ id: string }>> {
  return command(engine, caller, {
    action: 'correction.propose',
    locate: (reads) => locateScope(reads, at),
    async run(work, scope) {
      const { kind, reason, sentOn, participant } = proposed;
      const reached = kind === 'wrong_recipient';
      if (reached && !(await listReached(work, scope)).some(({ id }) => id === participant))
        return refuse('participant');
      const wanted = reached ? accept(null) : wantedOf(await listTexts(work, scope), proposed);
      if (!wanted.ok) return wanted;
      const by = work.actor as User;
      const id = work.newId();
      await insertCorrection(work, {
        ...scope,
        ...{ id, kind, reason, wanted: wanted.value, unitId: by.unitId as string, at: work.now, by: by.id },
        ...(reached ? { participantId: participant, sentOn } : { participantId: null, sentOn: null }),
      });
      return accept({ id });
    },
  });
}

/**
 * A request that came to the wrong place: the first of an officer and a manager proposes, the other one approves, both
 * here. Refuses `misfile_waits` to whoever has proposed it, and what `decideCorrection` refuses.
 */
export function misfile(
  engine: Engine,
  caller: Caller,
  requestId: string,
  reason: string,
): Promise<Decision<'proposed' | 'approved'>> {
  return command(engine, caller, {
    action: 'request.misfile',
    locate: (reads) => locateRequest(reads, requestId),
    async run(work, request): Promise<Decision<'proposed' | 'approved'>> {
      const by = work.actor as User;
      const to = moveRequest(request.state, 'misfile', by);
      if (!to.ok) return to;
      const waiting = await findWaitingMisfile(work, requestId);
      const located = waiting && (await locateCorrection(work, waiting.id));
      if (located) {
        const correction = located.open(work);
        if (isSamePerson(by, correction.proposedBy.id)) return refuse('misfile_waits');
        const approved = await approve(work, correction, [], reason);
        return approved.ok ? accept('approved') : approved;
      }
      await insertCorrection(work, {
        ...{ id: work.newId(), kind: 'misfile', caseId: request.caseId, requestId, unitId: by.unitId as string },
        ...{ reason, wanted: null, participantId: null, sentOn: null, at: work.now, by: by.id },
      });
      return accept('proposed');
    },
  });
}

/** What an approval would do now. */
export type Prepared = { correction: FoundCorrection; changes: Change[]; seen: string };

export async function prepare(
  reads: Parameters<typeof listTexts>[0],
  correction: FoundCorrection,
  now: IsoInstant,
): Promise<Prepared> {
  const { wanted, scope } = correction;
  const changes = wanted ? changesOf(await listTexts(reads, scope), wanted, stockholmDate(now)) : [];
  return { correction, changes, seen: changesPrint(changes) };
}

/**
 * Approves a proposal: the texts are gone from every row of the case, its documents are filed anew, and whoever got
 * what was wrong is told, in one transaction. Files are made before it and kept only if nothing changed meanwhile.
 * Refuses `forbidden` to whoever proposed it, `manager_needed`, and `changed_by_someone_else` also when what stands
 * there is not what the approver saw.
 */
export async function approveCorrection(
  engine: Engine,
  caller: Caller,
  id: string,
  given: { answer: string; seen: string },
  print: Print,
): Promise<Decision<null>> {
  const by = caller.actor as User;
  const first = await view(engine, caller, {
    action: 'correction.approve',
    locate: (reads) => locateCorrection(reads, id),
    async read(reads, correction, now) {
      const prepared = await prepare(reads, correction, now);
      return { ...prepared, now, filed: await readFiled(reads, prepared.changes) };
    },
  });
  if (!first.ok) return first;
  const { correction, changes, filed, seen, now } = first.value;
  const decided = decideCorrection(correction, 'approve', by);
  if (!decided.ok) return decided;
  if (seen !== given.seen) return refuse('changed_by_someone_else');
  const on = stockholmDate(now);
  const refiled: (FiledRow & { before: object; pdf: Uint8Array })[] = [];
  for (const one of filed) {
    const by = { correction: id, on };
    const content = removeFromDocument(one.content, changedContent(one, changes), by, newSalt);
    const pdf =
      one.holder === 'document' ? await print.document(content, now) : await print.release(content as Sealed<Copy>);
    refiled.push({ ...one, before: one.content, content, pdf });
  }

  const done = await command(engine, caller, {
    action: 'correction.approve',
    locate: (reads) => locateCorrection(reads, id),
    async run(work, found): Promise<Decision<null>> {
      const again = await prepare(work, found, now);
      const standing = (await readFiled(work, again.changes)).map(({ content }) => content);
      const same = canonicalJson(standing) === canonicalJson(refiled.map(({ before }) => before));
      if (again.seen !== seen || !same) return refuse('changed_by_someone_else');
      const approved = await approve(work, found, again.changes, given.answer);
      if (!approved.ok) return approved;
      for (const { holder, content, pdf, ...one } of refiled) {
        if (holder === 'document') await refileDocument(work, { id: one.id, pdf, content });
        else await refileCopy(work, { id: one.id, pdf, content: content as Sealed<Copy> });
        const sections = Object.entries(removalsIn(content)).filter(([, removal]) => removal.correction === id);
        const names = sections.map(([name]) => name);
        await insertSections(work, id, { holder, id: one.id }, names);
      }
      await tellReceivers(
        work,
        found,
        refiled.filter(({ holder }) => holder === 'release').map((one) => one.id),
      );
      return accept(null);
    },
  });
  if (done.ok) await engine.database.forget();
  return done;
}

async function approve(
  work: Work,
  correction: FoundCorrection,
  changes: readonly Change[],
  answer: string,
): Promise<Decision<null>> {
  const decided = decideCorrection(correction, 'approve', work.actor as User);
  if (!decided.ok) return decided;
  if (!(await settle(work, correction, decided.value, changes, answer))) return refuse('changed_by_someone_else');
  await writeChanges(work, changes);
  await touchMinutes(work, correction.scope);
  if (correction.kind === 'misfile') return misfileRequest(work, correction.requestId ?? '', correction.reason);
  if (correction.participantId !== null) await tellWrongRecipient(work, correction, correction.participantId);
  return accept(null);
}

const settle = (
  work: Work,
  { id }: FoundCorrection,
  state: 'approved' | 'rejected',
  changes: readonly Change[],
  answer: string,
): Promise<boolean> =>
  settleCorrection(work, id, { state, places: placesOf(changes), answer, at: work.now, by: (work.actor as User).id });

/** Whoever can open a copy that was corrected, or has saved it, is told that it was. */
async function tellReceivers(work: Work, correction: FoundCorrection, ids: readonly string[]): Promise<void> {
  const parties = new Set((await listOpenCopies(work, { ids })).map(({ partyId }) => partyId));
  for (const partyId of parties) {
    for (const one of await listParticipantsOf(work, partyId)) await inform(work, correction, one, null);
  }
}

/**
 * Their link, their account and their copies open nothing more, and no later mail brings them a new link; they are told
 * by mail, or are to be called.
 */
async function tellWrongRecipient(work: Work, correction: FoundCorrection, participantId: string): Promise<void> {
  const one = await findParticipant(work, participantId);
  if (!one) return;
  await updateParticipant(work, one.id, { linkGeneration: one.linkGeneration + 1, verified: null, accountId: null });
  const recalled = { at: work.now, by: (work.actor as User).id, reason: correction.reason };
  for (const { id } of await listOpenCopies(work, { participantId })) await recallRelease(work, id, recalled);
  await inform(work, correction, one, correction.sentOn);
}

/** Queues the neutral mail, or leaves a call to be made. */
async function inform(
  work: Work,
  correction: FoundCorrection,
  { id, person: { email } }: Participant,
  sentOn: IsoDate | null,
): Promise<void> {
  const noticeId = work.newId();
  const { name, phone } = correction.contact;
  if (email) await work.send(correctionMessage(id, { to: email, noticeId, phone, officerName: name, sentOn }));
  const told = email ? { via: 'mail' as const, at: work.now } : { via: null, at: null };
  await insertNotice(work, { id: noticeId, correctionId: correction.id, participantId: id, ...told });
}

function onCorrection(
  engine: Engine,
  caller: Caller,
  action: Action,
  id: string,
  run: (work: Work, correction: FoundCorrection) => Promise<Decision<null>>,
): Promise<Decision<null>> {
  return command(engine, caller, { action, locate: (reads) => locateCorrection(reads, id), run });
}

/** Leaves all as it was, and forgets what was to be removed. Refuses as `decideCorrection`. */
export async function rejectCorrection(
  engine: Engine,
  caller: Caller,
  id: string,
  answer: string,
): Promise<Decision<null>> {
  const done = await onCorrection(engine, caller, 'correction.reject', id, async (work, correction) => {
    const decided = decideCorrection(correction, 'reject', work.actor as User);
    if (!decided.ok) return decided;
    const first = await settle(work, correction, decided.value, [], answer);
    return first ? accept(null) : refuse('changed_by_someone_else');
  });
  if (done.ok) await engine.database.forget();
  return done;
}

/** Notes that somebody without an address was called. Refuses `not_now` when they had been told. */
export function tellByPhone(engine: Engine, caller: Caller, id: string, noticeId: string): Promise<Decision<null>> {
  return onCorrection(engine, caller, 'correction.tell', id, async (work) => {
    const call = { id: noticeId, at: work.now, by: (work.actor as User).id };
    return (await noteCall(work, id, call)) ? accept(null) : refuse('not_now');
  });
}
