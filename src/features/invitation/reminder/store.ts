import { sql } from 'kysely';
import type { IsoDate, IsoInstant } from '../../../kernel/time.ts';
import type { CaseReads } from '../../../platform/db/access.ts';
import type { Reads } from '../../../platform/db/database.ts';
import type { Answer, Delivery, MeetingKind, MeetingState, PersonView } from '../../meeting/rules.ts';
import type { FoundMeeting } from '../../meeting/store.ts';
import { reminderFor, reminderKinds } from '../../reminder/rules.ts';
import { standingAnswer } from '../rules.ts';

const mostMeetings = 100;

/** Of the facts of a reminder, those that show whether it still is right. */
type Told = { to: string; participantId: string; sequence: number; linkGeneration: number; mailTag: string };

/** Meetings with somebody to remind, the longest due first. */
export async function listMeetingsToRemind({ db }: Reads, now: IsoInstant): Promise<string[]> {
  const rows = await db
    .selectFrom('meeting')
    .select('id')
    .where('state', '=', sql.lit('scheduled'))
    .where('remind_at', '<=', now)
    .where('starts_at', '>', now)
    .orderBy('remind_at')
    .limit(mostMeetings)
    .execute();
  return rows.map(({ id }) => id);
}

/**
 * Whether a reminder in the outbox is still right: the time it tells is the one that they were told last, and they are
 * still to be reminded, in the same words.
 */
export async function reminderStands(
  { db }: Reads,
  row: { kind: string; facts: Record<string, unknown> },
  now: IsoInstant,
): Promise<boolean> {
  const facts = row.facts as Told;
  const found = await db
    .selectFrom('participant as p')
    .innerJoin('meeting as m', 'm.id', 'p.meeting_id')
    .innerJoin('case_file as c', 'c.id', 'm.case_id')
    .select(['p.party', 'p.view', 'p.verified_at', 'p.removed_at', 'p.sent_sequence', 'p.delivery', 'p.answer'])
    .select(['p.answer_sequence', 'p.link_generation', 'p.mail_tag', 'm.kind', 'm.state', 'm.starts_at', 'm.sequence'])
    .select(['c.protected_identity', 'c.reminders'])
    .where('p.id', '=', facts.participantId)
    .executeTakeFirst();
  if (!found) return false;
  const meeting = {
    kind: found.kind as MeetingKind,
    state: found.state as MeetingState,
    startsAt: found.starts_at,
    sequence: found.sequence,
    wantsReminders: found.reminders === 1,
    individual: { protectedIdentity: found.protected_identity === 1 },
  };
  const sentSequence = found.sent_sequence;
  const said = { answer: found.answer as Answer, answerSequence: found.answer_sequence, sentSequence };
  const one = {
    party: found.party as Parameters<typeof reminderFor>[1]['party'],
    view: found.view as PersonView,
    verifiedAt: found.verified_at,
    removedAt: found.removed_at,
    delivery: found.delivery as Delivery | null,
    // Another address has another plus-address.
    person: { email: facts.to },
    sentSequence,
    answer: standingAnswer(said),
  };
  const reminder = reminderFor(meeting, one, now);
  return (
    reminder !== null &&
    reminderKinds[reminder] === row.kind &&
    facts.sequence === sentSequence &&
    facts.linkGeneration === found.link_generation &&
    facts.mailTag === found.mail_tag
  );
}

/** Mail addresses of the officer of a meeting and of who covers for them today and may see it; none without an address. */
export async function listOfficerAddresses(
  { db, vault }: CaseReads,
  { subject, officer }: Pick<FoundMeeting, 'subject' | 'officer'>,
  today: IsoDate,
): Promise<string[]> {
  const covers = db
    .selectFrom('cover')
    .select('cover_id')
    .where('officer_id', '=', officer.id)
    .where('first_day', '<=', today)
    .where('last_day', '>=', today);
  const rows = await db
    .selectFrom('account')
    .select('email')
    .where('email', 'is not', null)
    .where('state', '=', 'active')
    .where((w) =>
      w.or([
        w('id', '=', officer.id),
        w.and([w('id', 'in', covers), w('handles_protected', '>=', subject.protectedIdentity ? 1 : 0)]),
      ]),
    )
    .orderBy('id')
    .execute();
  return [...new Set(rows.map(({ email }) => vault.open(email) ?? '').filter((address) => address !== ''))];
}
