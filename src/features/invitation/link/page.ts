import type { User } from '../../../kernel/access.ts';
import type { FieldErrors, FieldValues } from '../../../kernel/fields.ts';
import { type IsoInstant, stockholmDate } from '../../../kernel/time.ts';
import { workingDaysBetween } from '../../../kernel/working-days.ts';
import { mayBind } from '../../meeting/binding/rules.ts';
import { askedBy } from '../../meeting/poll/rules.ts';
import { mayPrepare, type Signs } from '../../meeting/preparation/rules.ts';
import { type Meeting, mayArrange, type Participant } from '../../meeting/rules.ts';
import { reminderFor } from '../../reminder/rules.ts';
import { channelOf, hasTime, mayAnswer, standingAnswer } from '../rules.ts';

type Form = { values: FieldValues; errors: FieldErrors };

/**
 * A participant's own page: their time, place and answer and nothing about anybody else, not even whom or what kind of
 * meeting it is. What they wrote is not read back: whoever holds the link sees this page. Signed in they also see whom
 * it is about; without that, neither when nor where somebody whose identity is protected is to be.
 */
export function linkPage(
  meeting: Meeting,
  one: Participant,
  options: {
    path: string;
    form: Form;
    now: IsoInstant;
    changed: boolean;
    signedIn: boolean;
    /** Signed in for the person, as who represents them. */
    represents?: boolean;
    /** The proposed times, while they are asked about them. */
    votes: object | null;
    copiesAt?: string | null;
    /** What they have sent before the meeting, and what the person shares with them, signed in. */
    signs: Signs;
    shared?: readonly { field: string; text: string }[];
  },
) {
  const {
    path,
    form,
    now,
    changed,
    signedIn,
    votes,
    represents = false,
    copiesAt = null,
    signs,
    shared = [],
  } = options;
  const hidden = meeting.individual.protectedIdentity && !signedIn;
  const shown = hidden
    ? { ...meeting, startsAt: null, endsAt: null, placeKind: null, place: '', videoUrl: '' }
    : meeting;
  const { startsAt, endsAt, placeKind } = shown;
  const { officer, unit } = meeting;
  const answer = standingAnswer(one);
  const cancelled = meeting.state === 'cancelled';
  const timed = hasTime(shown);
  return {
    path,
    hidden,
    signedIn,
    represents,
    copiesAt,
    signs,
    shared,
    prepares: mayPrepare(meeting.state),
    kind: signedIn ? meeting.kind : null,
    meetingId: meeting.id,
    /** Whoever takes part writes to the minutes while they are open. */
    writes: signedIn && meeting.state === 'held',
    who: signedIn ? meeting.individual.name : null,
    calendar: !signedIn && !hidden,
    form,
    poll: hidden ? null : votes,
    changed,
    cancelled,
    timed,
    over: !cancelled && timed && (meeting.state === 'held' || meeting.state === 'minuted' || now >= shown.startsAt),
    open: one.sentSequence !== null && mayAnswer(meeting, now),
    sequence: one.sentSequence ?? 0,
    startsAt,
    endsAt,
    workingDays: startsAt === null ? 0 : workingDaysBetween(stockholmDate(now), stockholmDate(startsAt)),
    placeKind,
    officeAddress: placeKind === 'office' ? unit.address : null,
    place: shown.place,
    videoUrl: shown.videoUrl,
    officerName: officer.name,
    phone: officer.phone,
    answer,
    answered: answer !== 'needs_action',
    /** What they answered was about another time or place. */
    moved: one.answer !== 'needs_action' && answer === 'needs_action',
    counterSent: one.proposedStart !== null,
    reminders: remindersPart(meeting, one, { signedIn, now }),
    party: one.party,
    isPerson: one.party === 'PERSON',
  };
}

/** When they are reminded next, and the individual's choice; null when there is nothing to say. */
function remindersPart(meeting: Meeting, one: Participant, { signedIn, now }: { signedIn: boolean; now: IsoInstant }) {
  const reminded = reminderFor(meeting, { ...one, answer: standingAnswer(one) }, now) !== null;
  const next = reminded ? meeting.remindAt : null;
  const mailed = askedBy(one, meeting.individual.protectedIdentity) === 'mail';
  // Signed in, the individual has their case's page.
  const chooses = one.party === 'PERSON' && !signedIn && mailed && mayArrange(meeting.state);
  return next === null && !chooses ? null : { next, chooses, wanted: meeting.wantsReminders };
}

/** Where the mailed code is asked for and given; who is signed in can say with it that they are the participant. */
export function codeFormPage(
  one: Participant,
  options: { path: string; coded: boolean; released: boolean; user: User | null; form: Form; phone: string },
) {
  const { path, coded, released, user, form, phone } = options;
  return {
    ...{ path, coded, released, form, phone },
    mailed: channelOf(one) === 'mail',
    bound: user !== null && one.accountId === user.id,
    claim: user !== null && mayBind(user, one) ? user.name : null,
  };
}
