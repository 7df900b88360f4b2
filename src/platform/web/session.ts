import { createHash, randomBytes } from 'node:crypto';
import type { User } from '../../kernel/access.ts';
import { addMinutes, type IsoDate, type IsoInstant, stockholmDate } from '../../kernel/time.ts';
import type { Database, Reads, Writes } from '../db/database.ts';
import { gathered } from '../db/prepared.ts';

/** A session ends after an hour without a request, and after twelve hours whatever happens. */
const idleMinutes = 60;
const absoluteMinutes = 12 * 60;
/** How stale `seen_at` may be, so that reading a page does not write a row each time. */
const touchAfterMinutes = 5;

const hash = (id: string) => createHash('sha256').update(id).digest('base64url');

export type Session = { idHash: string; user: User; seenAt: IsoInstant };

/** Opens a session and returns its id, which only the cookie holds: the database has its hash. */
export async function openSession({ db }: Writes, accountId: string, now: IsoInstant): Promise<string> {
  const id = randomBytes(32).toString('base64url');
  await db
    .insertInto('session')
    .values({ id_hash: hash(id), account_id: accountId, created_at: now, seen_at: now })
    .execute();
  return id;
}

export async function closeSession({ db }: Writes, idHash: string): Promise<void> {
  await db.deleteFrom('session').where('id_hash', '=', idHash).execute();
}

type Now = { hash: string; seenAfter: IsoInstant; createdAfter: IsoInstant; now: IsoInstant; today: IsoDate };
const liveSession = gathered((db, p: Now) => {
  const account = db.selectFrom('session').select('account_id').where('id_hash', '=', p.hash);
  return {
    sessions: db
      .selectFrom('session as s')
      .innerJoin('account as a', 'a.id', 's.account_id')
      .select(['s.id_hash', 's.seen_at', 'a.id', 'a.role', 'a.fk', 'a.party', 'a.organisation_id', 'a.unit_id'])
      .select(['a.name', 'a.handles_protected'])
      .where('s.id_hash', '=', p.hash)
      .where('s.seen_at', '>', p.seenAfter)
      .where('s.created_at', '>', p.createdAfter),
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
      .where((w) => w.or([w('last_day', 'is', null), w('last_day', '>=', p.today)]))
      .where('first_day', '<=', p.today),
    emergencies: db
      .selectFrom('emergency')
      .select('case_id as id')
      .where('account_id', '=', account)
      .where('until', '>', p.now),
  };
});

const ids = (rows: readonly { id: string }[]): string[] => rows.map(({ id }) => id);

/** The live session behind a cookie, or null when there is none, it idled too long or is too old. */
export async function findSession({ db, vault }: Reads, id: string, now: IsoInstant): Promise<Session | null> {
  if (!/^[A-Za-z0-9_-]{43}$/.test(id)) return null;
  const { sessions, covers, represents, emergencies } = await liveSession(db, {
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
      covers: ids(covers),
      represents: ids(represents),
      emergencies: ids(emergencies),
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

/** Deletes sessions that can no longer be used. */
export async function sweepSessions(database: Database, now: IsoInstant): Promise<void> {
  await database.transaction(({ db }) =>
    db
      .deleteFrom('session')
      .where((w) =>
        w.or([
          w('seen_at', '<', addMinutes(now, -idleMinutes)),
          w('created_at', '<', addMinutes(now, -absoluteMinutes)),
        ]),
      )
      .execute(),
  );
}
