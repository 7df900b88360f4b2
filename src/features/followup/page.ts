import { type IsoInstant, stockholmDate } from '../../kernel/time.ts';
import type { MinutesContent } from '../filing/document/rules.ts';
import { type MeetingKind, meetingKindCodes, meetingKinds, type Participant } from '../meeting/rules.ts';
import { comesAlong, followUpKind } from './rules.ts';

type Form = { values: Record<string, string | string[]>; errors: Record<string, { code: string }> };
type Facts = {
  found: { id: string; number: string; individual: { name: string } };
  from: { id: string; kind: MeetingKind; startsAt: IsoInstant | null } | null;
  participants: readonly Participant[];
  /** Of the meeting it comes from, once they are final. */
  filed: Pick<MinutesContent, 'texts'> | null;
  measure: { number: number | null; text: string } | null;
};

/** The form of another meeting in a case. `purposeOf`: the words for following up one measure. */
export function nextPage(
  { found, from, participants, filed, measure }: Facts,
  form: Form | null,
  now: IsoInstant,
  purposeOf: (measure: { number: number | null; text: string }) => string,
) {
  const others = participants.filter((one) => comesAlong(one) && one.party !== 'PERSON');
  const day = filed?.texts.followUpDate ?? '';
  const values = {
    kind: from ? followUpKind(from.kind) : '',
    purpose: measure ? purposeOf(measure) : (filed?.texts.followUpPurpose ?? ''),
    plannedFor: day >= stockholmDate(now) ? day : '',
    keep: others.map(({ id }) => id),
  };
  return {
    found,
    from,
    form: form ?? { values, errors: {} },
    kinds: meetingKindCodes,
    asksFirst: meetingKindCodes.filter((kind) => meetingKinds[kind].yesNeeded),
    others: others.map(({ id, person }) => ({
      value: id,
      label: [person.name, person.organisation].filter(Boolean).join(', '),
    })),
  };
}
