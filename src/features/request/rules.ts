import type { Actor, User } from '../../kernel/access.ts';
import { accept, type Decision, refuse } from '../../kernel/decision.ts';
import { type Party, partyCodes } from '../../kernel/parties.ts';
import { addDays, type IsoDate, type IsoInstant, stockholmDate } from '../../kernel/time.ts';
import { workingDaysBetween } from '../../kernel/working-days.ts';
import { type MeetingKind, meetingKindCodes } from '../meeting/rules.ts';

export const requestStates = [
  'received',
  'needs_info',
  'on_hold',
  'confirmed',
  'declined',
  'withdrawn',
  'merged',
  'misfiled',
] as const;
export type RequestState = (typeof requestStates)[number];
export const undecided: readonly RequestState[] = ['received', 'needs_info', 'on_hold'];

export const requestMoves = [
  'assign',
  'ask',
  'supplement',
  'hold',
  'hold_ended',
  'confirm',
  'decline',
  'withdraw',
  'merge',
  'misfile',
] as const;
export type RequestMove = (typeof requestMoves)[number];

/** states.md "Request". A move that is not listed is refused. */
const moves: Record<RequestMove, Partial<Record<RequestState, RequestState>>> = {
  assign: { received: 'received', needs_info: 'needs_info', on_hold: 'on_hold' },
  ask: { received: 'needs_info', on_hold: 'needs_info' },
  supplement: { needs_info: 'received' },
  hold: { received: 'on_hold', needs_info: 'on_hold' },
  hold_ended: { on_hold: 'received' },
  confirm: { received: 'confirmed', needs_info: 'confirmed', on_hold: 'confirmed' },
  decline: { received: 'declined', needs_info: 'declined', on_hold: 'declined' },
  withdraw: { received: 'withdrawn', needs_info: 'withdrawn', on_hold: 'withdrawn' },
  merge: { received: 'merged', needs_info: 'merged', on_hold: 'merged' },
  misfile: {
    received: 'misfiled',
    needs_info: 'misfiled',
    on_hold: 'misfiled',
    confirmed: 'misfiled',
    declined: 'misfiled',
    withdrawn: 'misfiled',
    merged: 'misfiled',
  },
};

/**
 * The state after the move. Refuses `not_now` where the table has no such move, and `forbidden` when anybody but
 * FK's case officer confirms: said here once more, so that no other way in can ever confirm.
 */
export function moveRequest(state: RequestState, move: RequestMove, actor: Actor): Decision<RequestState> {
  if (move === 'confirm' && !(actor.kind === 'user' && actor.fk && actor.role === 'officer'))
    return refuse('forbidden');
  const to = moves[move][state];
  return to ? accept(to) : refuse('not_now');
}

/**
 * Whether one request may be merged into another: about the same person by number, taken by the same unit, and one that
 * FK has not said no to. Refuses `merge_other` and `merge_ended`.
 */
export function mergeAllowed(request: Mergeable, into: Mergeable & { state: RequestState }): Decision<null> {
  const samePerson = request.numberFingerprint !== null && request.numberFingerprint === into.numberFingerprint;
  const sameUnit = request.unitId === null || into.unitId === null || request.unitId === into.unitId;
  if (!samePerson || !sameUnit || request.id === into.id) return refuse('merge_other');
  return undecided.includes(into.state) || into.state === 'confirmed' ? accept(null) : refuse('merge_ended');
}
type Mergeable = { id: string; numberFingerprint: string | null; unitId: string | null };

/** After FK's word a requester's withdrawal is a note, the same whatever the word was, so that it tells nothing. */
export const withdrawalIsNote = (state: RequestState): boolean =>
  state === 'confirmed' || state === 'declined' || state === 'merged';

/** The requester may add a text while FK has not answered; only in `needs_info` does it move the request. */
export const mayAddText = (state: RequestState): boolean => undecided.includes(state);

export const requestKinds = [...meetingKindCodes, 'unsure'] as const;
export type RequestKind = MeetingKind | 'unsure';
export const invitableParties: readonly Party[] = partyCodes.filter((code) => code !== 'PERSON' && code !== 'FK');
export const questions = [
  'part_time',
  'adaptation',
  'measures',
  'work_training',
  'activity',
  'change_of_employer',
  'responsibility',
] as const;
export type Question = (typeof questions)[number];
export const consents = ['yes', 'no', 'not_asked'] as const;
export type RequestConsent = (typeof consents)[number];
export const channels = ['web', 'phone', 'letter', 'certificate', 'webcert', 'own_initiative'] as const;
export type Channel = (typeof channels)[number];
export const otherChannels = channels.filter((channel) => channel !== 'web');

export const declineCodes = [
  'other_contact_enough',
  'already_planned',
  'too_early',
  'not_suitable_now',
  'purpose_unclear',
  'consent_missing',
  'person_declines',
  'other_responsible',
  'outside_task',
  'no_capacity',
  'duplicate',
  'other',
] as const;
export const holdCodes = [
  'awaiting_certificate',
  'awaiting_care',
  'awaiting_person',
  'awaiting_employer',
  'other',
] as const;
export type DeclineCode = (typeof declineCodes)[number];
export type HoldCode = (typeof holdCodes)[number];
export const disclosures = ['nothing', 'outcome', 'outcome_and_reason'] as const;
export type Disclosure = (typeof disclosures)[number];

/** Everything the requester typed, as they typed it. */
export type RequestForm = {
  requesterName: string;
  requesterRole: Party;
  requesterRoleOther: string;
  requesterOrganisation: string;
  onBehalfOf: string;
  requesterEmail: string;
  requesterPhone: string;
  requesterReference: string;
  individualName: string;
  /** Twelve digits, or null. */
  individualNumber: string | null;
  individualContact: string;
  interpreterLanguage: string;
  protectedIdentity: boolean;
  kind: RequestKind;
  purpose: string;
  tried: string;
  needs: string;
  questions: Question[];
  ownQuestion: string;
  parties: Party[];
  partiesNote: string;
  wishes: string;
  /** Null when the requester is the person. */
  consent: RequestConsent | null;
  disclosureBasis: string;
};

export type MeetingRequest = {
  id: string;
  reference: string;
  state: RequestState;
  version: number;
  channel: Channel;
  receivedAt: IsoInstant;
  endedAt: IsoInstant | null;
  form: RequestForm;
  numberFingerprint: string | null;
  officerId: string | null;
  officerName: string | null;
  unitId: string | null;
  caseId: string | null;
  meetingId: string | null;
  requesterAccountId: string | null;
  holdUntil: IsoDate | null;
  holdEnded: boolean;
  linkGeneration: number;
  /** Taken back: nothing more is mailed. */
  linkRevoked: boolean;
};

/** One dated thing that happened to a request; the last ask, hold, confirm or decline is FK's answer. */
export type RequestEvent = {
  move: RequestMove | 'submit' | 'register' | 'add' | 'note' | 'undelivered' | 'link_renewed' | 'link_revoked';
  at: IsoInstant;
  accountName: string | null;
  reasonCode: string | null;
  disclosure: Disclosure | null;
  details: {
    text?: string;
    kind?: MeetingKind;
    purpose?: string;
    reason?: string;
    instead?: string;
    disclosureGround?: string;
    outwardText?: string;
    holdUntil?: IsoDate;
  };
};

/** FK's officers and managers see the inside of a request that their unit, or none yet, has taken. Nobody else does. */
export function worksHere(user: User, request: { unitId: string | null; officerId: string | null }): boolean {
  const works = user.fk && (user.role === 'officer' || user.role === 'manager') && user.unitId !== null;
  return works && (request.unitId === null || request.unitId === user.unitId || request.officerId === user.id);
}

const longestHoldDays = 21;

/** A hold ends within 21 days (states.md); without a date it lasts as long as it may. Refuses `hold_too_long`, `hold_past`. */
export function holdDate(wanted: IsoDate | null, now: IsoInstant): Decision<IsoDate> {
  const today = stockholmDate(now);
  const last = addDays(today, longestHoldDays);
  if (wanted === null) return accept(last);
  if (wanted > last) return refuse('hold_too_long');
  return wanted > today ? accept(wanted) : refuse('hold_past');
}

/** The person may know how it went; about anybody else's request FK says nothing unless an officer decides it (OSL 28:1). */
export function defaultDisclosure(role: Party): Disclosure {
  return role === 'PERSON' ? 'outcome_and_reason' : 'nothing';
}

/** Working days from the day a request came in to today, or to the day it ended. */
export function daysWaited(request: { receivedAt: IsoInstant; endedAt: IsoInstant | null }, now: IsoInstant): number {
  return workingDaysBetween(stockholmDate(request.receivedAt), stockholmDate(request.endedAt ?? now));
}

/** A request waits too long in the queue after this many working days: our own mark, no legal clock. */
export const waitedLongDays = 10;

/** The highest number the inbox tells of requests that wait; above it says that there are more. */
export const mostTold = 99;

/** The last thing FK answered, if it has. */
export function lastAnswer(events: readonly RequestEvent[]): RequestEvent | null {
  return events.findLast(({ move }) => ['ask', 'hold', 'confirm', 'decline'].includes(move)) ?? null;
}

/** What the requester may read on the receipt: FK's answer cut down to what the officer disclosed. */
export type Outward = {
  status: RequestState | 'handled';
  holdUntil: IsoDate | null;
  text: string | null;
  reasonCode: string | null;
  instead: string | null;
};

/** The state as the requester may know it: FK's yes or no only when an officer has disclosed the outcome. */
export function disclosedState(state: RequestState, disclosure: Disclosure | null): RequestState | 'handled' {
  // That it came to the wrong place says nothing about the person.
  if (undecided.includes(state) || state === 'withdrawn' || state === 'misfiled') return state;
  const told = disclosure !== null && disclosure !== 'nothing';
  return told && (state === 'confirmed' || state === 'declined') ? state : 'handled';
}

export function outward(state: RequestState, holdUntil: IsoDate | null, answer: RequestEvent | null): Outward {
  const status = disclosedState(state, answer?.disclosure ?? null);
  const told: Outward = { status, holdUntil: null, text: null, reasonCode: null, instead: null };
  const silent = status === 'received' || status === 'withdrawn' || status === 'misfiled' || status === 'handled';
  if (silent || !answer) return told;
  const text = answer.details.outwardText || null;
  if (status === 'on_hold') return { ...told, text, holdUntil };
  if (status === 'needs_info') return { ...told, text };
  const reasonCode = answer.disclosure === 'outcome_and_reason' ? answer.reasonCode : null;
  return { ...told, text, reasonCode, instead: answer.details.instead || null };
}
