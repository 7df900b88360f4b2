import type { FieldErrors, FieldValues } from '../../../kernel/fields.ts';
import type { IsoInstant } from '../../../kernel/time.ts';
import { mayVote, type Poll, votes } from '../../meeting/poll/rules.ts';
import type { Meeting, Participant } from '../../meeting/rules.ts';

type Form = { values: FieldValues; errors: FieldErrors };

/** The times, each with the field of its answer, and what this participant has answered so far. */
function ballot(poll: Poll, one: Participant, form: Form) {
  const given = poll.votes.filter(({ participantId }) => participantId === one.id);
  const values = Object.fromEntries(given.map(({ optionId, vote }) => [`option-${optionId}`, vote]));
  return {
    votes,
    times: poll.options.map(({ id, startsAt, endsAt }) => ({ field: `option-${id}`, startsAt, endsAt })),
    form: { ...form, values: { ...values, ...form.values } },
  };
}

/** A participant's own part of a proposal of times; null while nobody asks them. */
export function votePage(poll: Poll | null, one: Participant, form: Form, now: IsoInstant) {
  const asked = poll?.asked.find(({ participantId }) => participantId === one.id);
  if (!poll || !asked || !mayVote(poll, now)) return null;
  return { lastDay: poll.lastDay, answered: asked.answeredAt !== null, ...ballot(poll, one, form) };
}

/** The officer notes what somebody says about the times. */
export function noteVotesPage(meeting: Meeting, poll: Poll, one: Participant, form: Form) {
  const values = { via: 'phone', saidAs: 'self', ...form.values };
  return {
    meetingId: meeting.id,
    isPerson: one.party === 'PERSON',
    one: { id: one.id, name: one.person.name, party: one.party },
    ...ballot(poll, one, { ...form, values }),
  };
}
