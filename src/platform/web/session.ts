import { createHash, randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import type { User } from '../../kernel/access.ts';
import { addMinutes, type IsoDate, type IsoInstant, stockholmDate } from '../../kernel/time.ts';
import type { Database, Reads, Writes } from '../db/database.ts';
import { gathered } from '../db/prepared.ts';

/** A session ends after an hour without a request, and after twelve hours whatever happens. */
const idleMinutes = 60;
const absoluteMinutes = 12 * 60;
/** How long one may take to choose an assignment. */
const choiceMinutes = 10;
/** How stale `seen_at` may be, so that reading a page does not write a row each time. */
const touchAfterMinutes = 5;
/** How long a code that was mailed to a link's holder counts in the browser where it was given. */
const codedMinutes = 30;

const hash = (id: string) => createHash('sha256').update(id).digest('base64url');

export type Session = { idHash: string; user: User; seenAt: IsoInstant };

/** Who has signed in, and how; `accountId` is null until they have chosen one of several assignments. */
export type Holder = {
  accountId: string | null;
  personId: string | null;
  /** Fingerprint of the number that the identity provider vouched for. */
  numberFp: string | null;
};
export type NewSession = Holder & {
  /** Whether there are more assignments to change to. */
  several: boolean;
  /** What the provider wants back at sign-out, maybe empty; null when none is behind the session. */
  signOutHint: string | null;
  providerSid: string | null;
  providerSub: string | null;
};

/** Opens a session and returns its id, which only the cookie holds: the database has its hash. */
export async function openSession({ db, vault }: Writes, opened: NewSession, now: IsoInstant): Promise<string> {
  const id = randomBytes(32).toString('base64url');
  await db
    .insertInto('session')
    .values({
      id_hash: hash(id),
      account_id: opened.accountId,
      person_id: opened.personId,
      number_fp: opened.numberFp,
      sign_out_hint: vault.seal(opened.signOutHint),
      provider_sid: opened.providerSid,
      provider_sub: opened.providerSub,
      several: opened.several ? 1 : 0,
      created_at: now,
      seen_at: now,
    })
    .execute();
  return id;
}

/** A demo account's session: nobody vouches for who it is. */
export const openDemoSession = (writes: Writes, accountId: string, now: IsoInstant): Promise<string> =>
  openSession(
    writes,
    {
      ...{ accountId, personId: null, numberFp: null, several: false },
      ...{ signOutHint: null, providerSid: null, providerSub: null },
    },
    now,
  );

/** Who holds a session, also one without an assignment, which must be chosen within ten minutes; null for none. */
export async function findHolder(
  { db }: Reads,
  id: string,
  now: IsoInstant,
): Promise<(Holder & { idHash: string }) | null> {
  const row = await db
    .selectFrom('session')
    .select(['id_hash', 'account_id', 'person_id', 'number_fp', 'created_at'])
    .where('id_hash', '=', hash(id))
    .where('seen_at', '>', addMinutes(now, -idleMinutes))
    .where('created_at', '>', addMinutes(now, -absoluteMinutes))
    .executeTakeFirst();
  if (!row || (row.account_id === null && row.created_at <= addMinutes(now, -choiceMinutes))) return null;
  return { idHash: row.id_hash, accountId: row.account_id, personId: row.person_id, numberFp: row.number_fp };
}

/** Goes on in another assignment, under a new id; it lives no longer for that. Null when the session is gone. */
export async function moveSession(
  { db }: Writes,
  idHash: string,
  accountId: string,
  now: IsoInstant,
): Promise<string | null> {
  const row = await db.selectFrom('session').selectAll().where('id_hash', '=', idHash).executeTakeFirst();
  if (!row) return null;
  const id = randomBytes(32).toString('base64url');
  await db.deleteFrom('session').where('id_hash', '=', idHash).execute();
  await db
    .insertInto('session')
    .values({ ...row, id_hash: hash(id), account_id: accountId, seen_at: now })
    .execute();
  return id;
}

/** Ends a session; returns what its provider wants back, null when there is none. */
export async function closeSession({ db, vault }: Writes, idHash: string): Promise<string | null> {
  const row = await db
    .deleteFrom('session')
    .where('id_hash', '=', idHash)
    .returning('sign_out_hint')
    .executeTakeFirst();
  return vault.open(row?.sign_out_hint ?? null);
}

/** Ends every session of an account, of a person, or of what a provider calls by these fingerprints. */
export async function closeSessionsOf(
  { db }: Writes,
  of: { column: 'account_id' | 'person_id' | 'provider_sid' | 'provider_sub'; value: string },
): Promise<void> {
  await db.deleteFrom('session').where(of.column, '=', of.value).execute();
}

type Now = { hash: string; seenAfter: IsoInstant; createdAfter: IsoInstant; now: IsoInstant; today: IsoDate };
const liveSession = gathered((db, p: Now) => {
  const session = db.selectFrom('session').where('id_hash', '=', p.hash);
  const account = session.select('account_id');
  // Also those that are closed: what was done in them was done by the same person.
  const mine = db
    .selectFrom('account')
    .where((w) =>
      w.or([
        w('person_id', '=', session.select('person_id')),
        w.and([w('number_fp', '=', session.select('number_fp')), w('role', '=', sql.lit('individual' as const))]),
      ]),
    );
  return {
    sessions: db
      .selectFrom('session as s')
      .innerJoin('account as a', 'a.id', 's.account_id')
      .select([
        's.id_hash',
        's.seen_at',
        's.several',
        's.number_fp',
        'a.id',
        'a.role',
        'a.fk',
        'a.party',
        'a.organisation_id',
        'a.unit_id',
      ])
      .select(['a.name', 'a.handles_protected'])
      .where('s.id_hash', '=', p.hash)
      .where('s.seen_at', '>', p.seenAfter)
      .where('s.created_at', '>', p.createdAfter)
      .where('a.state', '=', sql.lit('active')),
    covers: db
      .selectFrom('cover')
      .select('officer_id as id')
      .where('cover_id', '=', account)
      .where('last_day', '>=', p.today)
      .where('first_day', '<=', p.today),
    represents: db
      .selectFrom('representation')
      .select('individual_account_id as id')
      .where('account_id', '=', account)
      .where('ended_at', 'is', null)
      .where((w) => w.or([w('last_day', 'is', null), w('last_day', '>=', p.today)]))
      .where('first_day', '<=', p.today),
    near: mine
      .select('id')
      .unionAll(
        db
          .selectFrom('representation')
          .select('individual_account_id as id')
          .where('account_id', 'in', mine.select('id'))
          .where('ended_at', 'is', null),
      ),
    emergencies: db
      .selectFrom('emergency')
      .select('case_id as id')
      .where('account_id', '=', account)
      .where('until', '>', p.now),
  };
});

const ids = (rows: readonly { id: string | null }[]): string[] => rows.flatMap(({ id }) => id ?? []);

/** The live session behind a cookie, or null when there is none, it idled too long or is too old. */
export async function findSession({ db, vault }: Reads, id: string, now: IsoInstant): Promise<Session | null> {
  if (!/^[A-Za-z0-9_-]{43}$/.test(id)) return null;
  const { sessions, covers, represents, near, emergencies } = await liveSession(db, {
    hash: hash(id),
    seenAfter: addMinutes(now, -idleMinutes),
    createdAfter: addMinutes(now, -absoluteMinutes),
    now,
    today: stockholmDate(now),
  });
  const [row] = sessions;
  if (!row) return null;
  return {
    idHash: row.id_hash,
    seenAt: row.seen_at,
    user: {
      kind: 'user',
      id: row.id,
      role: row.role,
      fk: row.fk === 1,
      party: row.party,
      organisationId: row.organisation_id,
      unitId: row.unit_id,
      name: vault.openStaff(row.name),
      handlesProtected: row.handles_protected === 1,
      several: row.several === 1,
      covers: ids(covers),
      represents: ids(represents),
      emergencies: ids(emergencies),
      near: ids(near),
      numberFp: row.number_fp,
    },
  };
}

/** Notes that the session is in use. */
export async function touchSession(database: Database, session: Session, now: IsoInstant): Promise<void> {
  if (session.seenAt > addMinutes(now, -touchAfterMinutes)) return;
  await database.transaction(({ db }) =>
    db.updateTable('session').set({ seen_at: now }).where('id_hash', '=', session.idHash).execute(),
  );
}

type Link = { participantId: string; linkGeneration: number };

/** Remembers that whoever holds a participant's link has given the mailed code too; returns what only the cookie holds. */
export async function openLinkSession({ db }: Writes, link: Link, now: IsoInstant): Promise<string> {
  const id = randomBytes(32).toString('base64url');
  const { participantId, linkGeneration } = link;
  const until = addMinutes(now, codedMinutes);
  await db
    .insertInto('link_session')
    .values({ id_hash: hash(id), participant_id: participantId, link_generation: linkGeneration, until })
    .execute();
  return id;
}

/** Whether this browser has given the code for this very link, and not too long ago. */
export async function hasLinkSession({ db }: Reads, id: string, link: Link, now: IsoInstant): Promise<boolean> {
  const row = await db
    .selectFrom('link_session')
    .select('id_hash')
    .where('id_hash', '=', hash(id))
    .where('participant_id', '=', link.participantId)
    .where('link_generation', '=', link.linkGeneration)
    .where('until', '>', now)
    .executeTakeFirst();
  return row !== undefined;
}

/** Deletes sessions that can no longer be used, codes of an earlier hour, and marks of sign-ins too old to be tried again. */
export async function sweepSessions(database: Database, now: IsoInstant): Promise<void> {
  await database.transaction(async ({ db }) => {
    await db.deleteFrom('link_session').where('until', '<', now).execute();
    await db.deleteFrom('link_code').where('created_at', '<', addMinutes(now, -absoluteMinutes)).execute();
    await db.deleteFrom('spent_sign_in').where('until', '<', now).execute();
    await db
      .deleteFrom('session')
      .where((w) =>
        w.or([
          w('seen_at', '<', addMinutes(now, -idleMinutes)),
          w('created_at', '<', addMinutes(now, -absoluteMinutes)),
        ]),
      )
      .execute();
  });
}
