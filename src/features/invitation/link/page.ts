import type { FieldErrors, FieldValues } from '../../../kernel/fields.ts';
import { type IsoInstant, stockholmDate } from '../../../kernel/time.ts';
import { workingDaysBetween } from '../../../kernel/working-days.ts';
import type { Meeting, Participant } from '../../meeting/rules.ts';
import { hasTime, mayAnswer, standingAnswer } from '../rules.ts';

type Form = { values: FieldValues; errors: FieldErrors };

/**
 * A participant's own page: their time, place and answer and nothing about anybody else, not even whom or what kind of
 * meeting it is. What they wrote is not read back: whoever holds the link sees this page.
 */
export function linkPage(
  meeting: Meeting,
  one: Participant,
  options: { token: string; form: Form; now: IsoInstant; changed: boolean; votes: object | null },
) {
  const { token, form, now, changed, votes } = options;
  const { startsAt, endsAt, placeKind, officer, unit } = meeting;
  const answer = standingAnswer(one);
  const cancelled = meeting.state === 'cancelled';
  const timed = hasTime(meeting);
  return {
    path: `/svar/${token}`,
    form,
    /** The proposed times, while they are asked about them. */
    poll: votes,
    changed,
    cancelled,
    timed,
    over: !cancelled && timed && (meeting.state === 'held' || meeting.state === 'minuted' || now >= meeting.startsAt),
    open: one.sentSequence !== null && mayAnswer(meeting, now),
    sequence: one.sentSequence ?? 0,
    startsAt,
    endsAt,
    workingDays: startsAt === null ? 0 : workingDaysBetween(stockholmDate(now), stockholmDate(startsAt)),
    placeKind,
    officeAddress: placeKind === 'office' ? unit.address : null,
    place: meeting.place,
    videoUrl: meeting.videoUrl,
    officerName: officer.name,
    phone: officer.phone,
    answer,
    answered: answer !== 'needs_action',
    proposedStart: one.proposedStart,
    party: one.party,
    isPerson: one.party === 'PERSON',
  };
}
