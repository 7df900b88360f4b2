import { sql } from 'kysely';
import type { IsoDate, IsoInstant } from '../../../kernel/time.ts';
import type { CaseReads, CaseWrites } from '../../../platform/db/access.ts';
import type { Reads, Writes } from '../../../platform/db/database.ts';
import { gathered } from '../../../platform/db/prepared.ts';
import { addressPrint } from '../participant/store.ts';
import type { Participant } from '../rules.ts';
import {
  type Asked,
  type Busy,
  type KeptVote,
  mayVote,
  type Option,
  type Poll,
  type PollState,
  type Vote,
} from './rules.ts';

/** The latest proposal of a meeting with all that belongs to it, in one question. */
const latest = gathered((db, p: { meeting: string }) => {
  const poll = db
    .selectFrom('poll')
    .select('id')
    .where('meeting_id', '=', p.meeting)
    .orderBy('id', 'desc')
    .limit(sql.lit(1));
  const options = db.selectFrom('poll_option').select('id').where('poll_id', '=', poll);
  return {
    polls: db
      .selectFrom('poll')
      .select(['id', 'meeting_id', 'state', 'version', 'last_day', 'holds', 'created_at'])
      .where('id', '=', poll),
    options: db
      .selectFrom('poll_option')
      .select(['id', 'starts_at', 'ends_at', 'uid', 'booked'])
      .where('poll_id', '=', poll)
      .orderBy('starts_at'),
    asked: db
      .selectFrom('poll_asked')
      .select(['participant_id', 'address', 'asked_at', 'held', 'delivery', 'answered_at', 'reminded_at'])
      .where('poll_id', '=', poll),
    votes: db
      .selectFrom('poll_vote')
      .select(['option_id', 'participant_id', 'vote', 'at', 'via'])
      .where('option_id', 'in', options),
  };
});

export async function findPoll({ db, vault }: CaseReads, meetingId: string): Promise<Poll | null> {
  const { polls, options, asked, votes } = await latest(db, { meeting: meetingId });
  const [poll] = polls;
  if (!poll) return null;
  return {
    id: poll.id,
    meetingId: poll.meeting_id,
    state: poll.state as PollState,
    version: poll.version,
    lastDay: poll.last_day,
    holds: poll.holds === 1,
    createdAt: poll.created_at,
    options: options.map(
      (row): Option => ({
        id: row.id,
        startsAt: row.starts_at,
        endsAt: row.ends_at,
        uid: row.uid,
        booked: row.booked === 1,
      }),
    ),
    asked: asked.map(
      (row): Asked => ({
        participantId: row.participant_id,
        address: vault.open(row.address),
        askedAt: row.asked_at,
        held: row.held === 1,
        delivery: row.delivery as Asked['delivery'],
        answeredAt: row.answered_at,
        remindedAt: row.reminded_at,
      }),
    ),
    votes: votes.map(
      (row): KeptVote => ({
        ...{ optionId: row.option_id, participantId: row.participant_id, vote: row.vote as Vote },
        ...{ at: row.at, via: row.via as KeptVote['via'] },
      }),
    ),
  };
}

/** The state of a meeting's live proposal, if it has one. */
export async function livePollState({ db }: CaseReads, meetingId: string): Promise<'open' | 'closed' | null> {
  const row = await db
    .selectFrom('poll')
    .select('state')
    .where('meeting_id', '=', meetingId)
    .where('state', 'in', [sql.lit('open'), sql.lit('closed')])
    .executeTakeFirst();
  return (row?.state as 'open' | 'closed' | undefined) ?? null;
}

/** An officer's proposals to choose from: nobody can answer any more, or everybody has. */
export const answeredPolls = (db: Reads['db'], officerId: string) =>
  db
    .selectFrom('poll as p')
    .innerJoin('meeting as m', 'm.id', 'p.meeting_id')
    .select(['m.id', 'm.reference', 'p.state'])
    .where('m.officer_id', '=', officerId)
    .where('m.state', 'in', [sql.lit('planning'), sql.lit('proposed'), sql.lit('scheduled')])
    .where('p.state', 'in', [sql.lit('open'), sql.lit('closed')])
    .where((w) => {
      const asked = w.selectFrom('poll_asked as a').select('a.participant_id').whereRef('a.poll_id', '=', 'p.id');
      const all = w.and([w.exists(asked), w.not(w.exists(asked.where('a.answered_at', 'is', null)))]);
      return w.or([w('p.state', '=', sql.lit('closed')), all]);
    })
    .orderBy('p.last_day')
    .limit(sql.lit(20));

export async function insertPoll(
  { db }: CaseWrites,
  poll: Pick<Poll, 'id' | 'meetingId' | 'lastDay' | 'holds' | 'createdAt' | 'options'> & { createdBy: string },
): Promise<void> {
  await db
    .insertInto('poll')
    .values({
      id: poll.id,
      meeting_id: poll.meetingId,
      state: 'open',
      last_day: poll.lastDay,
      holds: poll.holds ? 1 : 0,
      created_at: poll.createdAt,
      created_by: poll.createdBy,
    })
    .execute();
  await db
    .insertInto('poll_option')
    .values(
      poll.options.map(({ id, startsAt, endsAt, uid }) => ({
        ...{ id, poll_id: poll.id, starts_at: startsAt, ends_at: endsAt, uid },
      })),
    )
    .execute();
}

/** Moves a proposal that still has the version it was read with; false when somebody else was first. */
export async function updatePoll(
  { db }: CaseWrites,
  poll: Pick<Poll, 'id' | 'version'>,
  change: { state: PollState; bookedOption?: string },
): Promise<boolean> {
  const result = await db
    .updateTable('poll')
    .set({ state: change.state, version: poll.version + 1 })
    .where('id', '=', poll.id)
    .where('version', '=', poll.version)
    .executeTakeFirst();
  if (change.bookedOption)
    await db.updateTable('poll_option').set({ booked: 1 }).where('id', '=', change.bookedOption).execute();
  return result.numUpdatedRows === 1n;
}

/** Somebody is asked; at another address than before, what they have answered stays. */
export async function putAsked(
  { db, vault }: CaseWrites,
  pollId: string,
  asked: Pick<Asked, 'participantId' | 'address' | 'askedAt' | 'held' | 'delivery'>,
): Promise<void> {
  await db
    .insertInto('poll_asked')
    .values({
      poll_id: pollId,
      participant_id: asked.participantId,
      address: vault.seal(asked.address),
      asked_at: asked.askedAt,
      held: asked.held ? 1 : 0,
      delivery: asked.delivery,
      answered_at: null,
      reminded_at: null,
    })
    .onConflict((conflict) =>
      conflict.columns(['poll_id', 'participant_id']).doUpdateSet((e) => ({
        address: e.ref('excluded.address'),
        asked_at: e.ref('excluded.asked_at'),
        held: e.ref('excluded.held'),
        delivery: e.ref('excluded.delivery'),
        reminded_at: null,
      })),
    )
    .execute();
}

export async function updateAsked(
  { db }: CaseWrites,
  pollId: string,
  participantId: string,
  change: { held?: false; answeredAt?: IsoInstant; remindedAt?: IsoInstant; delivery?: 'bounced' },
): Promise<void> {
  await db
    .updateTable('poll_asked')
    .set({
      ...(change.held === false && { held: 0 as const }),
      ...(change.answeredAt && { answered_at: change.answeredAt }),
      ...(change.remindedAt && { reminded_at: change.remindedAt }),
      ...(change.delivery && { delivery: change.delivery }),
    })
    .where('poll_id', '=', pollId)
    .where('participant_id', '=', participantId)
    .execute();
}

/** Sets somebody's votes; those given before to the same times are replaced. */
export async function putVotes({ db }: CaseWrites, votes: readonly KeptVote[]): Promise<void> {
  await db
    .insertInto('poll_vote')
    .values(
      votes.map(({ optionId, participantId, vote, at, via }) => ({
        ...{ option_id: optionId, participant_id: participantId, vote, at, via },
      })),
    )
    .onConflict((conflict) =>
      conflict
        .columns(['option_id', 'participant_id'])
        .doUpdateSet((e) => ({ vote: e.ref('excluded.vote'), at: e.ref('excluded.at'), via: e.ref('excluded.via') })),
    )
    .execute();
}

/** Whether a mail that asks for times is still right: they can be answered by its link, and a reminder is needed. */
export async function questionStands(
  { db }: Reads,
  { kind, facts }: { kind: string; facts: Record<string, unknown> },
  now: IsoInstant,
): Promise<boolean> {
  const mail = facts as { pollId: string; participantId: string; linkGeneration: number };
  const found = await db
    .selectFrom('poll_asked as a')
    .innerJoin('poll as l', 'l.id', 'a.poll_id')
    .innerJoin('participant as p', 'p.id', 'a.participant_id')
    .select(['l.state', 'l.last_day', 'a.answered_at', 'p.link_generation', 'p.removed_at'])
    .where('a.poll_id', '=', mail.pollId)
    .where('a.participant_id', '=', mail.participantId)
    .executeTakeFirst();
  return (
    found !== undefined &&
    mayVote({ state: found.state as PollState, lastDay: found.last_day }, now) &&
    found.removed_at === null &&
    found.link_generation === mail.linkGeneration &&
    (kind !== 'poll.remind' || found.answered_at === null)
  );
}

/** Notes what became of mails that asked for times. */
export async function recordAskedDelivery(
  { db }: Writes,
  mails: readonly { pollId: string; participantId: string }[],
  outcome: 'sent' | 'failed',
): Promise<void> {
  await db
    .updateTable('poll_asked')
    .set({ delivery: outcome === 'sent' ? 'sent' : 'bounced' })
    // A bounce may come before the record of what it answers.
    .$if(outcome === 'sent', (q) => q.where('delivery', '=', 'queued'))
    .where((w) =>
      w.or(mails.map((mail) => w.and([w('poll_id', '=', mail.pollId), w('participant_id', '=', mail.participantId)]))),
    )
    .execute();
}

/** Meetings whose proposal has passed its last day, or may have somebody to remind; the earliest last day first. */
export async function listDuePolls(
  { db }: Reads,
  today: IsoDate,
  remindUntil: IsoDate,
): Promise<Pick<Poll, 'meetingId' | 'state' | 'lastDay' | 'createdAt'>[]> {
  const rows = await db
    .selectFrom('poll as p')
    .select(['p.meeting_id', 'p.last_day', 'p.created_at'])
    .where('p.state', '=', sql.lit('open'))
    .where((w) =>
      w.or([
        w('p.last_day', '<', today),
        w.and([
          w('p.last_day', '<=', remindUntil),
          w.exists(
            w
              .selectFrom('poll_asked as a')
              .select('a.participant_id')
              .whereRef('a.poll_id', '=', 'p.id')
              .where('a.answered_at', 'is', null)
              .where('a.reminded_at', 'is', null)
              .where('a.delivery', '!=', 'letter'),
          ),
        ]),
      ]),
    )
    .orderBy('p.last_day')
    .limit(100)
    .execute();
  return rows.map((row) => ({
    ...{ meetingId: row.meeting_id, state: 'open', lastDay: row.last_day, createdAt: row.created_at },
  }));
}

/**
 * When the officer and the participants of a meeting are busy with others from one instant to another: found by the
 * address's fingerprint, so that no other meeting is opened. Of meetings about a protected identity nobody is told.
 */
export async function listBusy(
  { db, vault }: CaseReads,
  meeting: { id: string; officer: { id: string } },
  participants: readonly Participant[],
  from: IsoInstant,
  to: IsoInstant,
): Promise<Busy[]> {
  const own = await db
    .selectFrom('meeting')
    .select(['starts_at', 'ends_at'])
    .where('officer_id', '=', meeting.officer.id)
    .where('starts_at', '<', to)
    .where('ends_at', '>', from)
    .where('state', 'in', ['scheduled', 'held'])
    .where('id', '!=', meeting.id)
    .limit(200)
    .execute();
  const prints = new Map(
    participants.flatMap((one) => {
      const print = addressPrint(vault, one.person.email);
      return print === null ? [] : [[print, one.id] as const];
    }),
  );
  const others =
    prints.size === 0
      ? []
      : await db
          .selectFrom('participant as p')
          .innerJoin('meeting as m', 'm.id', 'p.meeting_id')
          .innerJoin('case_file as c', 'c.id', 'm.case_id')
          .select(['p.email_fp', 'm.starts_at', 'm.ends_at'])
          .where('p.email_fp', 'in', [...prints.keys()])
          .where('p.removed_at', 'is', null)
          .where('p.sent_sequence', 'is not', null)
          .where('c.protected_identity', '=', 0)
          .where('m.starts_at', '<', to)
          .where('m.ends_at', '>', from)
          .where('m.state', 'in', ['scheduled', 'held'])
          .where('m.id', '!=', meeting.id)
          .limit(500)
          .execute();
  const busy = (
    row: { starts_at: IsoInstant | null; ends_at: IsoInstant | null },
    participantId: string | null,
  ): Busy => ({
    ...{ participantId, startsAt: row.starts_at ?? '', endsAt: row.ends_at ?? '' },
  });
  return [
    ...own.map((row) => busy(row, null)),
    ...others.map((row) => busy(row, prints.get(row.email_fp ?? '') ?? null)),
  ];
}
