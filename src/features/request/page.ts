import { maskPersonalNumber } from '../../kernel/personal-number.ts';
import type { IsoInstant } from '../../kernel/time.ts';
import { meetingKindCodes } from '../meeting/rules.ts';
import { answerOf } from './answer/rules.ts';
import {
  daysWaited,
  declineCodes,
  defaultDisclosure,
  disclosures,
  holdCodes,
  invitableParties,
  lastAnswer,
  type MeetingRequest,
  mayAddText,
  otherChannels,
  outward,
  questions,
  type RequestEvent,
  requestKinds,
  undecided,
} from './rules.ts';

const roleGroups = [
  { group: 'role.group.private', options: ['PERSON', 'NARST', 'VH', 'FORETR', 'STOD'] },
  { group: 'role.group.work', options: ['ARBG', 'FACK', 'FHV'] },
  { group: 'role.group.care', options: ['REKO', 'PV', 'SPEC', 'SLUTV', 'KHSL', 'TAND'] },
  { group: 'role.group.public', options: ['SOC', 'AME', 'AF', 'SKOLA', 'KRIM', 'SIS', 'SAMF', 'ANNAN'] },
];

type Form = {
  values: Record<string, string | string[]>;
  errors: Record<string, { code: string; params?: Record<string, unknown> }>;
};
export const emptyForm: Form = { values: {}, errors: {} };

/** The public form, or with `registering` the officer's. */
export function requestFormPage(options: { form: Form; idempotencyKey: string; registering: boolean; phone: string }) {
  return {
    ...options,
    roles: options.registering ? [...roleGroups, { group: 'role.group.fk', options: ['FK'] }] : roleGroups,
    kinds: requestKinds,
    questions,
    parties: invitableParties,
    channels: otherChannels,
  };
}

type Step = { key: string; state: 'done' | 'current' | 'ahead' };

/** How far it has come, as far as anybody may know: that FK reads it, and that FK has answered. */
function steps(request: MeetingRequest): Step[] {
  const answered = !undecided.includes(request.state);
  return [
    { key: 'sent', state: 'done' },
    { key: 'read', state: answered ? 'done' : 'current' },
    { key: 'answer', state: answered ? 'done' : 'ahead' },
  ];
}

/** What the holder of the receipt link may see: no name, number, time or place. */
export function receiptPage(
  request: MeetingRequest,
  events: readonly RequestEvent[],
  options: { token: string; now: IsoInstant; form: Form; phone: string },
) {
  const open = undecided.includes(request.state);
  const told = outward(request.state, request.holdUntil, lastAnswer(events));
  return {
    ...options,
    first: request.state === 'received' && events.length <= 1,
    reference: request.reference,
    ownReference: request.form.requesterReference,
    outward: told,
    waited: daysWaited(request, options.now),
    open,
    asked: request.state === 'needs_info',
    steps: request.state === 'withdrawn' ? [] : steps(request),
    mayAdd: mayAddText(request.state),
    // What came too late to be taken, so that it can be copied.
    tooLate: mayAddText(request.state) ? '' : String(options.form.values.text ?? ''),
    // After an answer that was not disclosed, nothing on the page may tell a yes from a no.
    mayWithdraw: open || told.status === 'confirmed',
    supplements: events.filter(({ move }) => move === 'supplement' || move === 'add').map(({ at }) => at),
  };
}

const typedTexts = ['purpose', 'instead', 'reason', 'disclosureGround', 'outwardText'];

/** One request as an officer, a manager or its own signed-in requester sees it. */
export function requestPage(
  request: MeetingRequest & { subject: { protectedIdentity: boolean } },
  facts: {
    events: readonly RequestEvent[];
    samePerson: readonly { id: string; state: string }[];
    meetings: readonly object[];
    officers: readonly { id: string; name: string }[];
  },
  options: {
    now: IsoInstant;
    form: Form;
    inside: boolean;
    mayDecide: boolean;
    mayCorrect: boolean;
    actorId: string;
    requester: object;
    link: object | false;
    /** Who was first, and when; no name when the requester took the request back. */
    conflict: { name: string | null; at: IsoInstant } | null;
  },
) {
  const { form: sent } = request;
  const open = undecided.includes(request.state);
  const given = { kind: sent.kind === 'unsure' ? '' : sent.kind, purpose: sent.purpose };
  const answer = lastAnswer(facts.events);
  const told = outward(request.state, request.holdUntil, answer);
  const blank = { text: '', reason: '', instead: '', disclosureGround: '', outwardText: '' };
  return {
    ...facts,
    // One that goes on may take this one in.
    samePerson: facts.samePerson.map((other) => ({
      ...other,
      mayMerge:
        options.inside && open && (other.state === 'confirmed' || undecided.some((state) => state === other.state)),
    })),
    mayMisfile: options.inside && request.state !== 'misfiled',
    events: facts.events.map((event) => ({ ...event, details: { ...blank, ...event.details } })),
    ...options,
    request,
    protectedIdentity: request.subject.protectedIdentity,
    sent,
    number: sent.individualNumber === null ? null : maskPersonalNumber(sent.individualNumber),
    waited: daysWaited(request, options.now),
    open,
    mayDecide: options.mayDecide && open,
    decideForm: {
      values: { disclosure: defaultDisclosure(sent.requesterRole), ...given, ...options.form.values },
      errors: options.form.errors,
    },
    kinds: meetingKindCodes,
    reasonGroups: [
      { group: 'decide.reasons.decline', family: 'declineName', options: declineCodes },
      { group: 'decide.reasons.hold', family: 'hold', options: holdCodes },
    ],
    disclosures,
    // Nothing that was typed is lost to somebody who was faster: it is shown once more, to be copied.
    unsaved:
      options.conflict === null
        ? []
        : typedTexts
            .map((name) => options.form.values[name] ?? '')
            .filter((text) => text !== '' && text !== sent.purpose),
    officerOptions: facts.officers.map(({ id, name }) => ({
      value: id,
      label: name,
      selected: id === request.officerId,
    })),
    outward: told,
    printable: answerOf(request, facts.events) !== null,
    // The latest mail to the requester that was refused for good.
    undelivered: facts.events.findLast(({ move }) => move === 'undelivered')?.at ?? null,
    // Who asked sees no more of the state than FK has disclosed.
    shownState: options.inside ? request.state : told.status,
    decided: answer && (answer.move === 'confirm' || answer.move === 'decline') ? answer : null,
  };
}
