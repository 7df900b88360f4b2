import type { FieldErrors, FieldValues } from '../../../kernel/fields.ts';
import type { IsoInstant } from '../../../kernel/time.ts';
import { isWaiting, type Letter } from '../../meeting/letter/rules.ts';
import type { Meeting, Participant } from '../../meeting/rules.ts';
import { reached } from '../rules.ts';

type Form = { values: FieldValues; errors: FieldErrors };

/** What the officer does with a letter, and what has become of it. */
export function letterPage(
  facts: {
    meeting: Meeting;
    participant: Participant;
    latest: Letter | null;
    notice: string | null;
    unsafeContact: string | null;
  },
  options: { printable: boolean; form: Form; now: IsoInstant },
) {
  const { meeting, participant, latest, notice, unsafeContact } = facts;
  const waiting = latest !== null && isWaiting(latest, options.now);
  return {
    meetingId: meeting.id,
    one: reached(participant),
    phone: participant.person.phone,
    latest,
    waiting,
    late: latest !== null && latest.settledAt === null && !waiting,
    hasNotice: notice !== null && latest?.kind !== 'poll' && latest?.kind !== 'cancel',
    protectedIdentity: meeting.individual.protectedIdentity,
    unsafeContact,
    printable: options.printable,
    form: options.form,
  };
}
