import { sql } from 'kysely';
import { nobody } from '../../../kernel/access.ts';
import { type IsoDate, type IsoInstant, startOfDay } from '../../../kernel/time.ts';
import { type CaseReads, type CaseWrites, Located } from '../../../platform/db/access.ts';
import type { Reads } from '../../../platform/db/database.ts';
import { gathered } from '../../../platform/db/prepared.ts';
import { meetingsOf } from '../store.ts';

const mostEvents = 1_000;

type Since = { account: string; from: IsoInstant };
/** Whom identity is protected of is in no feed: whoever fetches it is a third party. */
const feedMeetings = (db: Reads['db'], p: Since) =>
  db
    .selectFrom('meeting as m')
    .innerJoin('case_file as c', 'c.id', 'm.case_id')
    .where('m.id', 'in', meetingsOf(db, p.account))
    .where('m.state', 'in', ['scheduled', 'held', 'minuted'])
    .where('m.ends_at', '>=', p.from)
    .where('c.protected_identity', '=', 0)
    .orderBy('m.starts_at')
    .orderBy('m.id')
    .limit(mostEvents);

/** A start as a number, YYYYMMDDHHMM, which both databases can add up. */
const start = sql<number>`cast(substr(m.starts_at, 1, 4) || substr(m.starts_at, 6, 2) || substr(m.starts_at, 9, 2)
  || substr(m.starts_at, 12, 2) || substr(m.starts_at, 15, 2) as bigint)`;

/** Sums that differ as soon as a meeting comes, goes or changes: a tenth of reading them. */
const current = gathered((db, p: Since) => {
  const own = db.selectFrom('meeting as m').where('m.officer_id', '=', p.account);
  const invited = db
    .selectFrom('participant as p')
    .innerJoin('meeting as m', 'm.id', 'p.meeting_id')
    .where('p.account_id', '=', p.account)
    .where('p.removed_at', 'is', null)
    .where('p.sent_sequence', 'is not', null);
  // Of the person, whom every meeting of their case is about.
  const about = db
    .selectFrom('case_file as a')
    .innerJoin('meeting as m', 'm.case_id', 'a.id')
    .innerJoin('participant as p', 'p.meeting_id', 'm.id')
    .where('a.individual_account_id', '=', p.account)
    .where('p.party', '=', 'PERSON')
    .where('p.sent_sequence', 'is not', null);
  const sums = <Q extends typeof own>(meetings: Q) =>
    meetings
      .innerJoin('case_file as c', 'c.id', 'm.case_id')
      .where('m.state', 'in', ['scheduled', 'held', 'minuted'])
      .where('m.ends_at', '>=', p.from)
      .where('c.protected_identity', '=', 0)
      .select((s) => [
        s.fn.countAll<number>().as('count'),
        sql<number>`sum(m.version)`.as('versions'),
        sql<number>`sum(m.version * ${start})`.as('starts'),
      ]);
  return {
    accounts: db.selectFrom('account').select(['feed_generation']).where('id', '=', p.account).where('feed_on', '=', 1),
    own: sums(own),
    invited: sums(invited as never as typeof own),
    about: sums(about as never as typeof own),
  };
});

/** A feed that is on: what its token is judged by, and a text that is another when anything in it is. */
export type FoundFeed = { at: Located<string>; generation: number; version: string };

export async function locateFeed({ db }: Reads, accountId: string, from: IsoDate): Promise<FoundFeed | null> {
  const { accounts, own, invited, about } = await current(db, { account: accountId, from: startOfDay(from) });
  const [account] = accounts;
  if (!account) return null;
  return {
    at: new Located({ ...nobody, link: { scope: 'feed', id: accountId } }, () => accountId),
    generation: account.feed_generation,
    version: [
      from,
      account.feed_generation,
      ...[own, invited, about].flatMap((sums) => Object.values(sums[0] ?? {})),
    ].join(),
  };
}

/** A meeting as a feed tells of it. `changedAt`: when its time was last fixed. */
export type FeedEvent = {
  uid: string;
  sequence: number;
  reference: string;
  startsAt: IsoInstant;
  endsAt: IsoInstant;
  changedAt: IsoInstant;
};

export async function listFeedEvents({ db }: CaseReads, accountId: string, from: IsoDate): Promise<FeedEvent[]> {
  const rows = await feedMeetings(db, { account: accountId, from: startOfDay(from) })
    .select((s) => [
      ...(['m.uid', 'm.sequence', 'm.reference', 'm.starts_at', 'm.ends_at', 'm.created_at'] as const),
      s
        .selectFrom('meeting_move as v')
        .select((v) => v.fn.max('v.at').as('at'))
        .whereRef('v.meeting_id', '=', 'm.id')
        .where('v.move', 'in', ['fix_time', 'reschedule'])
        .as('changed_at'),
    ])
    .execute();
  return rows.map((row) => ({
    uid: row.uid,
    sequence: row.sequence,
    reference: row.reference,
    startsAt: row.starts_at ?? '',
    endsAt: row.ends_at ?? '',
    changedAt: row.changed_at ?? row.created_at,
  }));
}

export async function findFeed({ db }: Reads, accountId: string): Promise<{ on: boolean; generation: number }> {
  const row = await db
    .selectFrom('account')
    .select(['feed_on', 'feed_generation'])
    .where('id', '=', accountId)
    .executeTakeFirst();
  return { on: row?.feed_on === 1, generation: row?.feed_generation ?? 0 };
}

/** Turns a feed on at a new address, which no earlier one opens, or off. */
export async function setFeed({ db }: CaseWrites, accountId: string, on: boolean): Promise<void> {
  await db
    .updateTable('account')
    .set((s) => (on ? { feed_on: 1 as const, feed_generation: s('feed_generation', '+', 1) } : { feed_on: 0 as const }))
    .where('id', '=', accountId)
    .execute();
}
