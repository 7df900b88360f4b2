import type { FieldErrors, FieldValues } from '../../../kernel/fields.ts';
import type { IsoInstant } from '../../../kernel/time.ts';
import type { Binding } from '../../meeting/binding/rules.ts';
import type { Meeting, Participant } from '../../meeting/rules.ts';
import { channelOf } from '../rules.ts';

/** By what somebody reaches their part of a meeting: the link, an account, a mailed code. */
export function accessPage(
  meeting: Pick<Meeting, 'id'>,
  one: Participant,
  facts: { waiting: Binding | null; party: { codeAt: IsoInstant | null; codeHow: string | null } | null },
  form: { values: FieldValues; errors: FieldErrors },
) {
  return {
    ...facts,
    form,
    meetingId: meeting.id,
    path: `/moten/${meeting.id}/deltagare/${one.id}`,
    one: { name: one.person.name, party: one.party },
    linkState: { mail: 'mailed', letter: 'letter', none: 'unverified' }[channelOf(one)],
    bound: one.accountId !== null,
  };
}
