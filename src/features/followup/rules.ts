import { accept, type Decision, refuse } from '../../kernel/decision.ts';
import { type IsoDate, type IsoInstant, stockholmDate } from '../../kernel/time.ts';
import {
  type MeetingKind,
  type MeetingState,
  meetingKinds,
  type Participant,
  type PersonView,
} from '../meeting/rules.ts';

/** What the follow-up of a meeting is: a kind with a hard gate is followed up as itself, so that nothing walks around the gate. */
export const followUpKind = (kind: MeetingKind): MeetingKind => (meetingKinds[kind].yesNeeded ? kind : 'follow_up');

/**
 * The person's view of a party as it comes along to the next meeting: a no and a wish to talk first always do. A yes does
 * not where the kind needs one, since that was to another meeting (HSL 16:4, SoL 10:8).
 */
export const viewAfter = (kind: MeetingKind, view: PersonView): PersonView =>
  view === 'yes' && meetingKinds[kind].yesNeeded ? 'not_asked' : view;

/** Interpreters are booked anew for each meeting. */
export const comesAlong = ({ party }: Pick<Participant, 'party'>): boolean => party !== 'TOLK';

/** An address stays verified, unless mail to it has come back, or the person has named ways that are not safe. */
export const staysVerified = (
  { party, verifiedAt, delivery }: Pick<Participant, 'party' | 'verifiedAt' | 'delivery'>,
  unsafeContact: string | null,
): boolean => verifiedAt !== null && delivery !== 'bounced' && !(party === 'PERSON' && unsafeContact !== null);

type Held = {
  id: string;
  state: MeetingState;
  startsAt: IsoInstant | null;
  endsAt: IsoInstant | null;
  plannedFor: IsoDate | null;
};

/** Whether a meeting lies ahead: booked, being proposed, or being planned and its day not passed. */
export function isAhead({ state, endsAt, plannedFor }: Omit<Held, 'id'>, now: IsoInstant): boolean {
  if (state === 'scheduled') return endsAt !== null && endsAt > now;
  return state === 'proposed' || (state === 'planning' && (plannedFor === null || plannedFor >= stockholmDate(now)));
}

/** The meeting of the case that follows the one whose minutes are to be final; the soonest that is booked, if any is. */
export function nextAfter<M extends Held>(meetings: readonly M[], meetingId: string, now: IsoInstant): M | null {
  const ahead = meetings.filter((one) => one.id !== meetingId && isAhead(one, now));
  const when = ({ startsAt, plannedFor }: M) => startsAt ?? plannedFor ?? '9';
  return ahead.reduce<M | null>((first, one) => (first && when(first) <= when(one) ? first : one), null);
}

export type NextStep = 'booked' | 'closing' | 'book' | 'reason';
export const followUpChoices = ['book', 'none'] as const;
export type FollowUpChoice = (typeof followUpChoices)[number];

/**
 * What comes after a meeting, which must be known before its minutes are final (product.md 6): the next follow-up is
 * booked, or booked in the same step, or a reason says why none is, or the case comes to its end. Nobody chose: a day
 * ahead in the minutes is booked. Refuses `follow_up_day` when there is no day ahead to book, `follow_up_needed`.
 */
export function nextStep(
  facts: { booked: boolean; closing: boolean; day: IsoDate | null; today: IsoDate },
  given: { choice: FollowUpChoice | null; reason: string },
): Decision<NextStep> {
  if (facts.booked) return accept('booked');
  const dayAhead = facts.day !== null && facts.day >= facts.today;
  if (given.choice === 'book') return dayAhead ? accept('book') : refuse('follow_up_day');
  if (facts.closing) return accept('closing');
  if (given.reason !== '') return accept('reason');
  return given.choice === null && dayAhead ? accept('book') : refuse('follow_up_needed');
}
