import type { Action, User } from '../../kernel/access.ts';
import { accept, type Decision, refuse } from '../../kernel/decision.ts';
import { newReference, newTag } from '../../kernel/ids.ts';
import { type IsoInstant, stockholmDate } from '../../kernel/time.ts';
import { addWorkingDays } from '../../kernel/working-days.ts';
import { type Caller, command, type Engine, nothingYet, type Work } from '../../platform/command.ts';
import { eachInTurn } from '../../platform/groups.ts';
import { mayTake } from '../account/rules.ts';
import { findAccount, findAccountOfPerson } from '../account/store.ts';
import { setProtection } from '../case/person/store.ts';
import { assignCase, findOpenCaseByNumber, findOpenCaseOf, insertCase, nextNumber } from '../case/store.ts';
import { insertParticipant } from '../meeting/participant/store.ts';
import { assignMeetings, insertMeeting, noteEvent } from '../meeting/store.ts';
import type { DecisionInput } from './input.ts';
import { newsMessage, receiptMessage } from './mail.ts';
import {
  type Channel,
  defaultDisclosure,
  holdDate,
  type MeetingRequest,
  mayAddText,
  moveRequest,
  type RequestEvent,
  type RequestForm,
  type RequestMove,
  undecided,
  withdrawalIsNote,
} from './rules.ts';
import {
  type FoundRequest,
  findByIdempotencyKey,
  insertEvent,
  insertRequest,
  listEndedHolds,
  locateRequest,
  updateRequest,
} from './store.ts';

/** `resent`: the request was here already; `changed` when it was written otherwise this time. */
type Receipt = { id: string; linkGeneration: number; resent: 'same' | 'changed' | null };
type Change = Parameters<typeof updateRequest>[2];

/**
 * Takes in a request from the public form. One idempotency key makes one request however often it is sent:
 * the second time the first one's receipt is returned.
 */
export function submitRequest(
  engine: Engine,
  caller: Caller,
  submission: { form: RequestForm; idempotencyKey: string | null },
): Promise<Decision<Receipt>> {
  return command(engine, caller, {
    action: 'request.submit',
    locate: nothingYet,
    async run(work, subject): Promise<Decision<Receipt>> {
      const { form, idempotencyKey } = submission;
      const known = idempotencyKey === null ? null : await findByIdempotencyKey(work, idempotencyKey);
      if (known && aboutTheSame(known.form, form)) {
        const same = JSON.stringify(known.form) === JSON.stringify(form);
        return accept({ id: known.id, linkGeneration: known.linkGeneration, resent: same ? 'same' : 'changed' });
      }
      const { actor } = work;
      const id = await takeIn(work, {
        form,
        idempotencyKey: known ? null : idempotencyKey,
        channel: 'web',
        receivedAt: work.now,
        move: 'submit',
        requesterAccountId: actor.kind === 'user' ? actor.id : null,
        registeredBy: null,
      });
      subject.requestId = id;
      return accept({ id, linkGeneration: 1, resent: null });
    },
  });
}

/** An officer registers a request that came another way; it runs in the same queue, from the day it came in. */
export function registerRequest(
  engine: Engine,
  caller: Caller,
  registered: { form: RequestForm; idempotencyKey: string | null; channel: Channel; receivedAt: IsoInstant },
): Promise<Decision<{ id: string }>> {
  return command(engine, caller, {
    action: 'request.register',
    locate: nothingYet,
    async run(work, subject) {
      const key = registered.idempotencyKey;
      const known = key === null ? null : await findByIdempotencyKey(work, key);
      if (known && aboutTheSame(known.form, registered.form)) return accept({ id: known.id });
      const id = await takeIn(work, {
        ...registered,
        idempotencyKey: known ? null : key,
        move: 'register',
        requesterAccountId: null,
        registeredBy: (work.actor as User).id,
      });
      subject.requestId = id;
      return accept({ id });
    },
  });
}

/** Whether a form sent again under one key is the same request: from the same requester, about the same person. */
const aboutTheSame = (a: RequestForm, b: RequestForm): boolean =>
  a.requesterName === b.requesterName &&
  a.requesterEmail === b.requesterEmail &&
  a.individualName === b.individualName &&
  a.individualNumber === b.individualNumber;

async function takeIn(
  work: Work,
  request: {
    form: RequestForm;
    idempotencyKey: string | null;
    channel: Channel;
    receivedAt: IsoInstant;
    move: 'submit' | 'register';
    requesterAccountId: string | null;
    registeredBy: string | null;
  },
): Promise<string> {
  const id = work.newId();
  const reference = newReference();
  const { move, ...row } = request;
  await insertRequest(work, { ...row, id, reference, createdAt: work.now, officerId: null, unitId: null });
  await note(work, id, move, {});
  if (request.form.requesterEmail) {
    await work.send(receiptMessage({ id, reference, linkGeneration: 1 }, request.form.requesterEmail));
  }
  return id;
}

async function note(
  work: Work,
  requestId: string,
  move: RequestEvent['move'],
  details: RequestEvent['details'],
  codes: { reasonCode?: string | null; disclosure?: RequestEvent['disclosure'] } = {},
): Promise<void> {
  await insertEvent(work, {
    id: work.newId(),
    requestId,
    move,
    at: work.now,
    accountId: work.actor.kind === 'user' ? work.actor.id : null,
    reasonCode: codes.reasonCode ?? null,
    disclosure: codes.disclosure ?? null,
    details,
  });
}

function onRequest<T>(
  engine: Engine,
  caller: Caller,
  action: Action,
  id: string,
  run: (work: Work, request: FoundRequest) => Promise<Decision<T>>,
): Promise<Decision<T>> {
  return command(engine, caller, {
    action,
    locate: (reads) => locateRequest(reads, id),
    run,
  });
}

/** Moves the request, or refuses `not_now`; `changed_by_someone_else` when another act came between. */
async function move(work: Work, request: FoundRequest, step: RequestMove, change: Change): Promise<Decision<null>> {
  const to = moveRequest(request.state, step, work.actor);
  if (!to.ok) {
    // To an officer an ended request is not a mistake of theirs: somebody was first.
    const ended = !undecided.includes(request.state) && work.actor.kind === 'user';
    return ended && to.code === 'not_now' ? refuse('changed_by_someone_else') : to;
  }
  // Whoever acts on a held request ends the wait, and its mark.
  const unheld: Change = step === 'assign' ? {} : { holdUntil: null, holdEnded: false };
  const done = await updateRequest(work, request, { ...unheld, ...change, state: to.value });
  return done ? accept(null) : refuse('changed_by_someone_else');
}

/** The requester adds something. In `needs_info` that puts the request back in the queue. */
export function supplementRequest(engine: Engine, caller: Caller, id: string, text: string): Promise<Decision<null>> {
  return onRequest(engine, caller, 'request.supplement', id, async (work, request) => {
    if (!mayAddText(request.state)) return refuse('not_now');
    if (request.state === 'needs_info') {
      const moved = await move(work, request, 'supplement', {});
      if (!moved.ok) return moved;
      await note(work, id, 'supplement', { text });
    } else {
      await note(work, id, 'add', { text });
    }
    return accept(null);
  });
}

/**
 * The requester takes the request back. After FK's answer it is a note to the officer and cancels nothing.
 */
export function withdrawRequest(engine: Engine, caller: Caller, id: string, reason: string): Promise<Decision<null>> {
  return onRequest(engine, caller, 'request.withdraw', id, async (work, request) => {
    if (withdrawalIsNote(request.state)) {
      await note(work, id, 'note', { text: reason });
      return accept(null);
    }
    const moved = await move(work, request, 'withdraw', { endedAt: work.now });
    if (!moved.ok) return moved;
    await note(work, id, 'withdraw', { text: reason });
    return accept(null);
  });
}

/** Gives a request to an officer of the same unit, which takes it for the unit. Refuses `officer` for anybody else. */
export function assignRequest(engine: Engine, caller: Caller, id: string, officerId: string): Promise<Decision<null>> {
  return onRequest(engine, caller, 'request.assign', id, async (work, request) => {
    const officer = await findAccount(work, officerId);
    const actor = work.actor as User;
    if (!officer || !mayTake(officer, actor.unitId, request.subject)) return refuse('officer');
    const moved = await move(work, request, 'assign', { officerId: officer.id, unitId: officer.unitId });
    if (!moved.ok) return moved;
    await note(work, id, 'assign', { text: officer.name });
    return accept(null);
  });
}

const actionOf: Record<DecisionInput['decision'], Action> = {
  confirm: 'request.confirm',
  ask: 'request.ask',
  hold: 'request.hold',
  decline: 'request.decline',
};

/**
 * FK's answer. A yes opens the case (or finds the person's open one) and a meeting in planning, led by the deciding
 * officer. `read` judges the form, once it is known that this user may decide; null refuses `fields`.
 * Refuses also `not_now`, `changed_by_someone_else`, `hold_past`, `hold_too_long`, `case_unknown`.
 */
export function decideRequest(
  engine: Engine,
  caller: Caller,
  id: string,
  attempted: DecisionInput['decision'],
  read: (request: MeetingRequest) => DecisionInput | null,
): Promise<Decision<{ meetingId: string | null }>> {
  return onRequest(engine, caller, actionOf[attempted], id, async (work, request) => {
    const input = read(request);
    if (input?.decision !== attempted) return refuse('fields');
    const officer = work.actor as User;
    const unitId = officer.unitId as string;
    const { reason, disclosureGround, outwardText } = input.outward;
    const disclosure = input.outward.disclosure ?? defaultDisclosure(request.form.requesterRole);
    const told = { reason, disclosureGround, outwardText };
    const taken: Change = { officerId: request.officerId ?? officer.id, unitId };
    let meetingId: string | null = null;

    if (input.decision === 'confirm') {
      const existing = await existingCase(work, request, input.caseNumber);
      if (!existing.ok) return existing;
      const moved = await move(work, request, 'confirm', { officerId: officer.id, unitId, endedAt: work.now });
      if (!moved.ok) return moved;
      const caseId = existing.value ?? (await openCase(work, request, unitId));
      if (existing.value) {
        if (request.subject.protectedIdentity) {
          const by = { id: work.newId(), at: work.now, byId: officer.id };
          await setProtection(work, caseId, { ...by, protected: true, reason: '' });
        }
        await assignCase(work, caseId, { id: officer.id, unitId });
        await assignMeetings(work, caseId, { id: officer.id, unitId });
      }
      await updateRequest(work, { id, version: request.version + 1 }, { caseId });
      meetingId = await planMeeting(work, request, caseId, input);
      await note(work, id, 'confirm', { ...told, kind: input.kind, purpose: input.purpose }, { disclosure });
    } else if (input.decision === 'hold') {
      const until = holdDate(input.holdUntil, work.now);
      if (!until.ok) return until;
      const moved = await move(work, request, 'hold', { ...taken, holdUntil: until.value, holdEnded: false });
      if (!moved.ok) return moved;
      await note(work, id, 'hold', { ...told, holdUntil: until.value }, { disclosure, reasonCode: input.reasonCode });
    } else if (input.decision === 'decline') {
      const moved = await move(work, request, 'decline', { ...taken, endedAt: work.now });
      if (!moved.ok) return moved;
      await note(
        work,
        id,
        'decline',
        { ...told, instead: input.instead },
        { disclosure, reasonCode: input.reasonCode },
      );
    } else {
      const moved = await move(work, request, 'ask', taken);
      if (!moved.ok) return moved;
      await note(work, id, 'ask', told, { disclosure });
    }

    const to = request.form.requesterEmail;
    if (to && !request.linkRevoked && input.decision !== 'hold') {
      const answerBy = input.decision === 'ask' ? addWorkingDays(stockholmDate(work.now), 10) : null;
      await work.send(newsMessage(request, to, work.now, answerBy));
    }
    return accept({ meetingId });
  });
}

/** The person's open case by number, or the one the officer named by hand; never by name. */
async function existingCase(work: Work, request: FoundRequest, caseNumber: string): Promise<Decision<string | null>> {
  if (request.numberFingerprint !== null) {
    const open = await findOpenCaseOf(work, request.numberFingerprint);
    if (open) return accept(open.id);
  }
  // With a number the person is known; a case named by hand could only be somebody else's.
  if (caseNumber === '' || request.numberFingerprint !== null) return accept(null);
  const named = await findOpenCaseByNumber(work, caseNumber, work.actor as User);
  return named ? accept(named.id) : refuse('case_unknown');
}

async function openCase(work: Work, request: FoundRequest, unitId: string): Promise<string> {
  const { form } = request;
  const id = work.newId();
  const year = stockholmDate(work.now).slice(0, 4);
  const { numberFingerprint } = request;
  const account = numberFingerprint === null ? null : await findAccountOfPerson(work, numberFingerprint);
  const serial = await nextNumber(work, `case ${year}`);
  await insertCase(work, {
    id,
    number: `${year}/${String(serial).padStart(6, '0')}`,
    individual: {
      name: form.individualName,
      number: form.individualNumber,
      interpreterLanguage: form.interpreterLanguage || null,
      protectedIdentity: request.subject.protectedIdentity,
    },
    individualAccountId: account?.id ?? null,
    officerId: (work.actor as User).id,
    unitId,
    openedAt: work.now,
  });
  return id;
}

/** The meeting that a yes leads to: in planning, with the individual alone, without an address. */
async function planMeeting(
  work: Work,
  request: FoundRequest,
  caseId: string,
  decided: { kind: Parameters<typeof insertMeeting>[1]['kind']; purpose: string },
): Promise<string> {
  const officer = work.actor as User;
  const id = work.newId();
  await insertMeeting(work, {
    id,
    caseId,
    requestId: request.id,
    kind: decided.kind,
    reference: newReference(),
    uid: `${id}@${work.mailDomain}`,
    purpose: decided.purpose,
    interpreterLanguage: request.form.interpreterLanguage || null,
    officerId: officer.id,
    unitId: officer.unitId as string,
    createdAt: work.now,
  });
  await insertParticipant(work, {
    id: work.newId(),
    meetingId: id,
    party: 'PERSON',
    person: { name: request.form.individualName, title: '', organisation: '', email: '', phone: '' },
    required: true,
    verified: null,
    mailTag: newTag(),
    createdAt: work.now,
  });
  await noteEvent(work, id, 'planned');
  return id;
}

/** Puts requests whose hold has ended back in the queue, marked. The worker does this. */
export async function releaseHolds(engine: Engine): Promise<void> {
  const caller: Caller = { actor: { kind: 'worker' }, reference: 'worker' };
  const today = stockholmDate(engine.clock.now());
  await eachInTurn(await listEndedHolds(engine.database.reads, today), ({ id }) =>
    onRequest(engine, caller, 'request.end_hold', id, async (work, request) => {
      if (request.holdUntil === null || request.holdUntil > today) return refuse('not_now');
      const moved = await move(work, request, 'hold_ended', { holdUntil: null, holdEnded: true });
      if (!moved.ok) return moved;
      await note(work, id, 'hold_ended', {});
      return accept(null);
    }),
  );
}
