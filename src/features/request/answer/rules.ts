import type { IsoInstant } from '../../../kernel/time.ts';
import { lastAnswer, type MeetingRequest, type Outward, outward, type RequestEvent } from '../rules.ts';

/** FK's answer to a request as it may leave the house. Nothing in it says whom the request is about. */
export type Answer = {
  document: { kind: 'answer'; reference: string; ownReference: string; receivedAt: IsoInstant; answeredAt: IsoInstant };
  to: { name: string; organisation: string };
  answer: Outward;
};

/** The answer that stands, cut down to what was disclosed; null while there is none, or no longer one. */
export function answerOf(request: MeetingRequest, events: readonly RequestEvent[]): Answer | null {
  const last = lastAnswer(events);
  const told = outward(request.state, request.holdUntil, last);
  // One that was merged into another has no answer of its own, and must look like any that was not disclosed.
  const answeredAt = last?.at ?? request.endedAt;
  if (answeredAt === null || ['received', 'withdrawn', 'misfiled'].includes(told.status)) return null;
  const { form, reference, receivedAt } = request;
  return {
    document: { kind: 'answer', reference, ownReference: form.requesterReference, receivedAt, answeredAt },
    to: { name: form.requesterName, organisation: form.requesterOrganisation },
    answer: told,
  };
}
