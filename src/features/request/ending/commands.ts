import { accept, type Decision, refuse } from '../../../kernel/decision.ts';
import { type Caller, command, type Engine, type Work } from '../../../platform/command.ts';
import { newsMessage } from '../mail.ts';
import { mergeAllowed, moveRequest, type RequestMove } from '../rules.ts';
import { type FoundRequest, insertEvent, locateRequest, updateRequest } from '../store.ts';

/** Ends a request without an answer of FK's: its requester is told that there is something to read, whatever it is. */
async function end(
  work: Work,
  request: FoundRequest,
  move: RequestMove & ('merge' | 'misfile'),
  change: { mergedInto?: string; details: { reason?: string; text?: string } },
): Promise<Decision<null>> {
  const to = moveRequest(request.state, move, work.actor);
  if (!to.ok) return to;
  const { mergedInto, details } = change;
  const ended = { state: to.value, endedAt: request.endedAt ?? work.now, holdUntil: null, holdEnded: false };
  if (!(await updateRequest(work, request, { ...ended, mergedInto }))) return refuse('changed_by_someone_else');
  const accountId = work.actor.kind === 'user' ? work.actor.id : null;
  const codes = { reasonCode: null, disclosure: null };
  await insertEvent(work, {
    ...{ id: work.newId(), requestId: request.id, move, at: work.now, accountId, ...codes, details },
  });
  const email = request.form.requesterEmail;
  if (email) await work.send(newsMessage(request, email, work.now, null));
  return accept(null);
}

/**
 * Merges a request into another of the same person. Its requester learns no more than that FK has taken a position: not
 * that there is another request, nor whose it is. Refuses `merge_other`, `merge_ended`, `not_now`,
 * `changed_by_someone_else`.
 */
export function mergeRequest(engine: Engine, caller: Caller, id: string, into: string): Promise<Decision<null>> {
  return command(engine, caller, {
    action: 'request.merge',
    locate: (reads) => locateRequest(reads, id),
    async run(work, request) {
      const located = await locateRequest(work, into);
      const may = located && engine.rights('request.merge', work.actor, located.subject).verdict === 'allowed';
      if (!may) return refuse('merge_other');
      const other = located.open(work);
      const allowed = mergeAllowed(request, other);
      if (!allowed.ok) return allowed;
      return end(work, request, 'merge', { mergedInto: into, details: { text: other.reference } });
    },
  });
}

/** Ends a request that came to the wrong place, when a second person has said so. Refuses `not_now`, `changed_by_someone_else`. */
export async function misfileRequest(work: Work, requestId: string, reason: string): Promise<Decision<null>> {
  const located = await locateRequest(work, requestId);
  return located ? end(work, located.open(work), 'misfile', { details: { reason } }) : refuse('not_found');
}
