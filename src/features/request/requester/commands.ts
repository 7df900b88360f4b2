import type { Action, User } from '../../../kernel/access.ts';
import { accept, type Decision, refuse } from '../../../kernel/decision.ts';
import { type Caller, command, type Engine, type Work } from '../../../platform/command.ts';
import { newLinkMessage } from '../mail.ts';
import { type FoundRequest, insertEvent, locateRequest, updateRequest } from '../store.ts';
import { mayDecide, mayPropose, type WithholdingMove, type WithholdingOutcome } from './rules.ts';
import { decideWithholding, insertWithholding, listWithholdings } from './store.ts';

function onRequest(
  engine: Engine,
  caller: Caller,
  action: Action,
  id: string,
  run: (work: Work, request: FoundRequest) => Promise<Decision<null>>,
): Promise<Decision<null>> {
  return command(engine, caller, { action, locate: (reads) => locateRequest(reads, id), run });
}

/**
 * Makes the receipt's old link dead. `renew` mails a new one, to the address that was given with the request and no
 * other; `revoke` mails nothing, now or later, until it is renewed.
 */
export function changeReceiptLink(
  engine: Engine,
  caller: Caller,
  id: string,
  act: 'renew' | 'revoke',
): Promise<Decision<null>> {
  return onRequest(engine, caller, 'request.link', id, async (work, request) => {
    const linkGeneration = request.linkGeneration + 1;
    if (!(await updateRequest(work, request, { linkGeneration, linkRevoked: act === 'revoke' }))) {
      return refuse('changed_by_someone_else');
    }
    const accountId = (work.actor as User).id;
    const move = act === 'renew' ? 'link_renewed' : 'link_revoked';
    const event = { id: work.newId(), requestId: id, move, at: work.now, accountId } as const;
    await insertEvent(work, { ...event, reasonCode: null, disclosure: null, details: {} });
    const to = request.form.requesterEmail;
    if (act === 'renew' && to) await work.send(newLinkMessage({ ...request, linkGeneration }, to));
    return accept(null);
  });
}

/** Asks that the person is not told who asked for the meeting, or is told again (OSL 28:3). Refuses `not_now`. */
export function proposeWithholding(
  engine: Engine,
  caller: Caller,
  requestId: string,
  asked: { move: WithholdingMove; reason: string },
): Promise<Decision<null>> {
  return onRequest(engine, caller, 'request.withhold', requestId, async (work) => {
    const may = mayPropose(await listWithholdings(work, requestId), asked.move);
    if (!may.ok) return may;
    const byId = (work.actor as User).id;
    await insertWithholding(work, { id: work.newId(), requestId, ...asked, at: work.now, byId });
    return accept(null);
  });
}

/** Somebody else's yes or no. Refuses `second_look` to who asked, `not_now`, `changed_by_someone_else`. */
export function lookAgain(
  engine: Engine,
  caller: Caller,
  requestId: string,
  outcome: WithholdingOutcome,
): Promise<Decision<null>> {
  return onRequest(engine, caller, 'request.second_look', requestId, async (work) => {
    const by = work.actor as User;
    const waiting = mayDecide(await listWithholdings(work, requestId), by);
    if (!waiting.ok) return waiting;
    const decided = await decideWithholding(work, waiting.value.id, { outcome, at: work.now, byId: by.id });
    return decided ? accept(null) : refuse('changed_by_someone_else');
  });
}
