import type { FieldErrors, FieldValues } from '../../../kernel/fields.ts';
import type { Meeting, Participant } from '../../meeting/rules.ts';
import { reached, standingAnswer } from '../rules.ts';

type Form = { values: FieldValues; errors: FieldErrors };

/** The officer notes what came on the telephone or by letter; a slip may be about a time that no longer holds. */
export function notePage(meeting: Meeting, one: Participant, form: Form | null) {
  return {
    meetingId: meeting.id,
    caseId: meeting.caseId,
    startsAt: meeting.startsAt,
    endsAt: meeting.endsAt,
    isPerson: one.party === 'PERSON',
    one: reached(one),
    answer: standingAnswer(one),
    sequence: one.sentSequence ?? 0,
    open: meeting.state === 'scheduled' && one.sentSequence !== null,
    form: form ?? { values: { via: 'phone', saidAs: 'self' }, errors: {} },
  };
}
