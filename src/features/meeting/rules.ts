import { accept, type Decision, refuse } from '../../kernel/decision.ts';
import { doctorParties, kommunParties, type Party, regionParties } from '../../kernel/parties.ts';
import type { IsoDate, IsoInstant } from '../../kernel/time.ts';
import type { Individual } from '../case/rules.ts';

/**
 * The kinds of meeting (product.md). A kind is a row: who must be there, whether the person's yes is a hard gate,
 * and what the minutes ask about. `needs` are groups of which each must have somebody.
 */
export const meetingKinds = {
  // SFB 110:14 p 4 names the meeting; the quorum is FK's practice (domain.md A2).
  reconciliation: { yesNeeded: false, needs: ['person', 'fk', 'other'], plan: 'fk' },
  follow_up: { yesNeeded: false, needs: ['person', 'fk', 'other'], plan: 'fk' },
  joint_assessment: { yesNeeded: false, needs: ['person', 'fk', 'af'], plan: 'fk' },
  closing: { yesNeeded: false, needs: ['person', 'fk', 'other'], plan: 'fk' },
  // HSL 16:4 and SoL 10:8: the individual consents; region and kommun plan together.
  sip: { yesNeeded: true, needs: ['person', 'region', 'kommun'], plan: 'sip' },
  multi_party: { yesNeeded: true, needs: ['person', 'two_others'], plan: 'fk' },
} as const satisfies Record<string, { yesNeeded: boolean; needs: readonly QuorumNeed[]; plan: 'fk' | 'sip' }>;

export type MeetingKind = keyof typeof meetingKinds;
export const meetingKindCodes = Object.keys(meetingKinds) as MeetingKind[];
export type QuorumNeed = 'person' | 'fk' | 'other' | 'af' | 'region' | 'kommun' | 'two_others';

/** The groups of the kind's quorum that nobody among the invited parties fills yet. */
export function missingForQuorum(kind: MeetingKind, invited: readonly Party[]): QuorumNeed[] {
  const others = invited.filter((party) => party !== 'PERSON' && party !== 'FK' && party !== 'TOLK');
  const filled: Record<QuorumNeed, boolean> = {
    person: invited.includes('PERSON'),
    fk: invited.includes('FK'),
    other: others.length >= 1,
    af: invited.includes('AF'),
    region: invited.some((party) => regionParties.includes(party)),
    kommun: invited.some((party) => kommunParties.includes(party)),
    two_others: new Set(invited.filter((party) => party !== 'PERSON' && party !== 'TOLK')).size >= 2,
  };
  return meetingKinds[kind].needs.filter((need) => !filled[need]);
}

/** No doctor is a notice, never a refusal (domain.md A2). */
export function lacksDoctor(kind: MeetingKind, invited: readonly Party[]): boolean {
  return !meetingKinds[kind].yesNeeded && !invited.some((party) => doctorParties.includes(party));
}

export const meetingStates = ['planning', 'proposed', 'scheduled', 'held', 'minuted', 'cancelled'] as const;
export type MeetingState = (typeof meetingStates)[number];
export type MeetingMove = 'propose' | 'fix_time' | 'reschedule' | 'cancel' | 'hold' | 'finalise';

/** states.md "Meeting". A move that is not listed is refused. */
const meetingMoves: Record<MeetingMove, Partial<Record<MeetingState, MeetingState>>> = {
  propose: { planning: 'proposed' },
  fix_time: { planning: 'scheduled', proposed: 'scheduled' },
  reschedule: { scheduled: 'scheduled' },
  cancel: { planning: 'cancelled', proposed: 'cancelled', scheduled: 'cancelled' },
  hold: { scheduled: 'held' },
  finalise: { held: 'minuted' },
};

/** The state after the move; refuses `not_now` where the table has no such move. */
export function moveMeeting(state: MeetingState, move: MeetingMove): Decision<MeetingState> {
  const to = meetingMoves[move][state];
  return to ? accept(to) : refuse('not_now');
}

/** Participants and the talk can change until the meeting has been held or called off. */
export const mayArrange = (state: MeetingState): boolean =>
  state === 'planning' || state === 'proposed' || state === 'scheduled';

export type PersonView = 'yes' | 'no' | 'talk_first' | 'not_asked';
export const personViews = ['yes', 'no', 'talk_first', 'not_asked'] as const;

/**
 * Whether the person's view lets a party be invited. The person and FK are always there. A no always blocks;
 * `talk_first` and `not_asked` block where the kind needs a yes, and elsewhere need a recorded reason to go on
 * (SFB 30:10: FK cooperates with others if the insured agrees; HSL 16:4, SoL 10:8).
 */
export function viewAllows(kind: MeetingKind, party: Party, view: PersonView, goOnReason: string | null): boolean {
  if (party === 'PERSON' || party === 'FK') return true;
  if (view === 'yes') return true;
  if (view === 'no' || meetingKinds[kind].yesNeeded) return false;
  return goOnReason !== null;
}

export const placeKinds = ['office', 'care_centre', 'workplace', 'video', 'phone', 'other'] as const;
export type PlaceKind = (typeof placeKinds)[number];

/** What stands between a meeting and its invitations, each with a text `gate.<code>`. Empty: it may be sent. */
export type Gate = {
  code: 'no_time' | 'quorum' | 'talk' | 'view';
  party?: Party;
  participantId?: string;
  need?: QuorumNeed;
};

export type InvitedParty = Pick<Participant, 'id' | 'party' | 'view'>;

export function gatesBeforeInvitation(meeting: {
  kind: MeetingKind;
  state: MeetingState;
  hasTime: boolean;
  talked: boolean;
  goOnReason: string | null;
  participants: readonly InvitedParty[];
}): Gate[] {
  const { kind, participants } = meeting;
  const gates: Gate[] = [];
  if (!meeting.hasTime || meeting.state !== 'scheduled') gates.push({ code: 'no_time' });
  for (const need of missingForQuorum(
    kind,
    participants.map((one) => one.party),
  ))
    gates.push({ code: 'quorum', need });
  if (meetingKinds[kind].yesNeeded && !meeting.talked) gates.push({ code: 'talk' });
  for (const one of participants) {
    if (!viewAllows(kind, one.party, one.view, meeting.goOnReason)) {
      gates.push({ code: 'view', party: one.party, participantId: one.id });
    }
  }
  return gates;
}

export type Answer = 'needs_action' | 'accepted' | 'tentative' | 'declined';
export type Delivery = 'queued' | 'sent' | 'bounced' | 'letter' | 'phone';
export type Person = { name: string; title: string; organisation: string; email: string; phone: string };

/** Who answers for a participant: who represents them (FL 14 §), or somebody who only passes on their word. */
export const speakers = ['representative', 'support'] as const;
export type SaidBy = { as: (typeof speakers)[number]; name: string };

export type Participant = {
  id: string;
  meetingId: string;
  party: Party;
  person: Person;
  required: boolean;
  verifiedAt: IsoInstant | null;
  verifiedHow: string | null;
  view: PersonView;
  answer: Answer;
  answerSequence: number | null;
  answeredAt: IsoInstant | null;
  answeredVia: 'link' | 'account' | 'phone' | 'letter' | 'mail' | null;
  /** Who said it for them; null when they did themselves. */
  answeredFor: SaidBy | null;
  comment: string;
  proposedStart: IsoInstant | null;
  proposedEnd: IsoInstant | null;
  /** SEQUENCE and time of the newest proposal, also when it has been turned down. */
  proposedSequence: number | null;
  proposedAt: IsoInstant | null;
  /** SEQUENCE and DTSTAMP of the newest answer by mail: an older one changes nothing. */
  replySequence: number | null;
  replyStamp: IsoInstant | null;
  delivery: Delivery | null;
  /** SEQUENCE of the last message or letter to them; null while they have not been invited. */
  sentSequence: number | null;
  removedAt: IsoInstant | null;
  mailTag: string;
  linkGeneration: number;
  version: number;
  /** Who signs in as this participant, once that has been bound. */
  accountId: string | null;
  /** The party of the case that they take part for. */
  casePartyId: string | null;
};

export type Meeting = {
  id: string;
  caseId: string;
  caseNumber: string;
  requestId: string | null;
  kind: MeetingKind;
  state: MeetingState;
  version: number;
  reference: string;
  uid: string;
  sequence: number;
  purpose: string;
  startsAt: IsoInstant | null;
  endsAt: IsoInstant | null;
  placeKind: PlaceKind | null;
  place: string;
  videoUrl: string;
  interpreterLanguage: string | null;
  interpreterBooked: boolean;
  /** About when it is to be, before it has a time. */
  plannedFor: IsoDate | null;
  heldAt: IsoInstant | null;
  /** When the next reminder is due; null when no more are to come. */
  remindAt: IsoInstant | null;
  /** Whether the individual wants reminders, here and in all meetings of the case. */
  wantsReminders: boolean;
  officer: { id: string; name: string; phone: string };
  unit: { id: string; name: string; address: string };
  individual: Individual;
};

/** One dated thing that happened to a meeting; `details` holds codes, ids and an officer's reason. */
export type MeetingEvent = {
  move: string;
  at: IsoInstant;
  accountName: string | null;
  details: Record<string, string>;
};

export type Talk = {
  at: IsoInstant;
  accountName: string;
  how: string;
  goOnReason: string | null;
  /** Ways the person must not be reached. */
  unsafeContact: string | null;
  /** Participant id → view. */
  views: Record<string, PersonView>;
};

/** The gates of a meeting as it stands; the latest talk decides whether one may go on without a yes. */
export function gatesOf(meeting: Meeting, participants: readonly Participant[], talks: readonly Talk[]): Gate[] {
  return gatesBeforeInvitation({
    kind: meeting.kind,
    state: meeting.state,
    hasTime: meeting.startsAt !== null,
    talked: talks.length > 0,
    goOnReason: talks[0]?.goOnReason ?? null,
    participants,
  });
}

const fixedAt: Record<Gate['code'], string> = {
  no_time: 'tid',
  quorum: 'deltagare',
  talk: 'samtal',
  view: 'samtal',
};

/** The same gates for a page, each with the path of the page where it is opened. */
export function openGates(meeting: Meeting, participants: readonly Participant[], talks: readonly Talk[]) {
  return gatesOf(meeting, participants, talks).map(({ code, party, need }) => ({
    code,
    party: party ?? null,
    need: need ?? null,
    href: `/moten/${meeting.id}/${fixedAt[code]}`,
  }));
}

/** The same, whoever has been invited last: a meeting that is only planned is not yet one to lead anybody to. */
export const invitedLast = <P extends { sentSequence: number | null }>(list: readonly P[]): P[] =>
  list.toSorted((a, b) => Number(a.sentSequence !== null) - Number(b.sentSequence !== null));

/** Whose address no officer has verified: they are passed over when the others are invited, and wait. */
export const unverified = <P extends Pick<Participant, 'person' | 'verifiedAt'>>(participants: readonly P[]): P[] =>
  participants.filter((one) => one.person.email !== '' && one.verifiedAt === null);

/** Of all that is mailed to a participant, in order: what is about proposed times never comes after the invitation. */
export const streamOf = (mailTag: string): string => `invitation ${mailTag}`;
