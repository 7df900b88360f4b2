import type { IsoInstant } from '../../../kernel/time.ts';
import type { Letter, LetterKind } from '../../meeting/letter/rules.ts';
import { isLive, type Poll } from '../../meeting/poll/rules.ts';
import type { Participant } from '../../meeting/rules.ts';
import { type FixedMeeting, hasTime } from '../rules.ts';

/** What a letter is made of, by kind: the meeting as it is, the one that is no more for its reader, or the times asked for. */
export type LetterContent =
  | { kind: Exclude<LetterKind, 'poll' | 'cancel' | 'removed'>; meeting: FixedMeeting }
  | { kind: 'cancel' | 'removed'; startsAt: IsoInstant; endsAt: IsoInstant }
  | { kind: 'poll'; poll: Poll };

/**
 * The letter to somebody as it would be printed now; null when there is nothing to write, or no longer. Whoever is
 * invited by mail can have the invitation on paper too.
 */
export function letterContent(
  meeting: Parameters<typeof hasTime>[0],
  one: Pick<Participant, 'sentSequence' | 'removedAt'>,
  latest: Pick<Letter, 'kind' | 'startsAt' | 'endsAt'> | null,
  poll: Poll | null,
): LetterContent | null {
  const kind = latest?.kind ?? 'request';
  if (kind === 'cancel' || kind === 'removed') {
    return latest?.startsAt && latest.endsAt ? { kind, startsAt: latest.startsAt, endsAt: latest.endsAt } : null;
  }
  if (one.removedAt !== null) return null;
  if (kind === 'poll' && poll && isLive(poll.state)) return { kind, poll };
  if (one.sentSequence === null || meeting.state !== 'scheduled' || !hasTime(meeting)) return null;
  return { kind: kind === 'poll' ? 'request' : kind, meeting };
}
