import { sql } from 'kysely';
import { type IsoDate, type IsoInstant, stockholmDate } from '../../../kernel/time.ts';
import { type CaseReads, Located } from '../../../platform/db/access.ts';
import type { Reads, Writes } from '../../../platform/db/database.ts';
import { subjectColumns, subjectInCase } from '../../case/store.ts';
import { addressPrint, participantColumns, toParticipant } from '../../meeting/participant/store.ts';
import type { Participant } from '../../meeting/rules.ts';
import type { Signal } from '../owner/rules.ts';
import { type DigestFacts, dueReminder, reachOwner } from './rules.ts';

const page = 200;
const active = sql.lit('active');
const going = [sql.lit('planned'), sql.lit('ongoing')] as const;

/**
 * Measures with who carries them out and who looks after their case today: its officer, or who covers for them and may see
 * it. A closed account covers for nobody, and no owner is reached by it.
 */
function remindable(db: Reads['db'], today: IsoDate) {
  const cover = db
    .selectFrom('cover as v')
    .innerJoin('account as va', 'va.id', 'v.cover_id')
    .select('v.cover_id')
    .whereRef('v.officer_id', '=', 'c.officer_id' as never)
    .where('v.first_day', '<=', today)
    .where('v.last_day', '>=', today)
    .whereRef('va.handles_protected', '>=', 'c.protected_identity' as never)
    .where('va.state', '=', active)
    .orderBy('v.id')
    .limit(1);
  return db
    .selectFrom('measure as m')
    .innerJoin('case_file as c', 'c.id', 'm.case_id')
    .leftJoin('participant as p', 'p.id', 'm.owner_id')
    .innerJoin('account as oa', (join) => join.on('oa.id', '=', sql<string>`coalesce((${cover}), c.officer_id)`))
    .leftJoin('account as pa', (join) =>
      join
        .on(
          'pa.id',
          '=',
          sql<string>`case when m.carried_out_by = 'PERSON' then c.individual_account_id else p.account_id end`,
        )
        .on('pa.state', '=', active),
    )
    .where('m.state', 'in', going)
    .where('m.due', 'is not', null)
    .where('c.state', 'in', ['open', 'closing']);
}

/** Measures to remind of now, by whoever is to be written to: those of one are reminded of together. */
export async function listDue({ db }: Reads, now: IsoInstant): Promise<string[][]> {
  const groups = new Map<string, string[]>();
  let last = '';
  for (let full = true; full; ) {
    const rows = await remindable(db, stockholmDate(now))
      .select(['m.id', 'm.case_id', 'm.carried_out_by', 'm.due', 'oa.id as officer_id', 'pa.id as account_id'])
      .select(['p.email_fp', 'p.verified_at', 'p.delivery'])
      .where('m.remind_at', '<=', now)
      .where('m.id', '>', last)
      .orderBy('m.id')
      .limit(page)
      .execute();
    for (const row of rows) {
      const officers = row.carried_out_by === 'FK' || dueReminder(row.due ?? '', now).to === 'officer';
      const address = row.verified_at !== null && row.delivery !== 'bounced' ? row.email_fp : null;
      const key = officers ? row.officer_id : (address ?? row.account_id ?? `case ${row.case_id}`);
      groups.set(key, [...(groups.get(key) ?? []), row.id]);
    }
    full = rows.length === page;
    last = rows.at(-1)?.id ?? '';
  }
  return [...groups.values()];
}

/** A measure as the worker needs it. */
export type Due = {
  id: string;
  version: number;
  due: IsoDate;
  remindAt: IsoInstant | null;
  signal: Signal | null;
  signalOn: IsoDate | null;
  subject: ReturnType<typeof subjectInCase>;
  owner: Participant | null;
  /** How its owner is reached, and how its officer. */
  reach: ReturnType<typeof reachOwner>;
  officerEmail: string;
  account: boolean;
};

/** Measures that go on, of those that were found due together; null when none does any more. */
export async function locateDue(
  { db, vault }: Reads,
  ids: readonly string[],
  now: IsoInstant,
): Promise<Located<Due[]> | null> {
  const found = await remindable(db, stockholmDate(now))
    .select(['m.id', 'm.case_id', 'm.meeting_id', 'm.version', 'm.due', 'm.remind_at', 'm.signal', 'm.signal_on'])
    .select(['m.owner_id', 'm.carried_out_by', 'c.reminders', 'pa.email as account_email'])
    .select(['oa.email as officer_email', 'oa.state as officer_state'])
    .select(subjectColumns)
    .where('m.id', 'in', ids)
    .orderBy('m.id')
    .execute();
  const [first] = found;
  if (!first) return null;
  const ownerIds = found.flatMap(({ owner_id }) => owner_id ?? []);
  const owners =
    ownerIds.length === 0
      ? []
      : await db.selectFrom('participant').select(participantColumns).where('id', 'in', ownerIds).execute();
  const subjectOf = (row: (typeof found)[number]) => ({
    ...subjectInCase(row, row.case_id),
    meetingId: row.meeting_id,
  });
  return new Located(subjectOf(first), () =>
    found.map((row): Due => {
      const subject = subjectOf(row);
      const ownerRow = owners.find(({ id }) => id === row.owner_id);
      const owner = ownerRow ? toParticipant(vault, ownerRow) : null;
      const officerEmail = row.officer_state === 'active' ? (vault.open(row.officer_email) ?? '') : '';
      const accountEmail = vault.open(row.account_email) ?? '';
      const own = row.carried_out_by === 'FK';
      const { protectedIdentity } = subject;
      return {
        ...{ id: row.id, version: row.version, due: row.due ?? '', remindAt: row.remind_at, subject, owner },
        ...{ signal: row.signal as Signal | null, signalOn: row.signal_on, officerEmail },
        reach: own
          ? officerEmail === ''
            ? { how: 'none', to: null }
            : { how: 'mail', to: officerEmail }
          : reachOwner(owner, { protectedIdentity, wantsReminders: row.reminders === 1, accountEmail }),
        account: own || row.account_email !== null,
      };
    }),
  );
}

/** Whether a mail of this key has been written: the one of today to an address. */
export async function hasDigest({ db }: CaseReads, key: string): Promise<boolean> {
  const row = await db.selectFrom('outbox').select('id').where('dedupe_key', '=', key).executeTakeFirst();
  return row !== undefined;
}

/**
 * What of a mail in the outbox is still right: measures that go on, by the same day, whose owner is still reached there and
 * by the same link; false when nothing is.
 */
export async function digestStands(
  reads: Reads,
  row: { facts: Record<string, unknown> },
  now: IsoInstant,
): Promise<boolean | DigestFacts> {
  const facts = row.facts as DigestFacts;
  const ids = facts.measures.map(({ measureId }) => measureId);
  const live = ids.length > 0 ? await stillDue(reads, facts, ids, now) : [];
  if (live.length === 0 && !facts.late) return false;
  return { ...facts, measures: live };
}

async function stillDue(reads: Reads, facts: DigestFacts, ids: readonly string[], now: IsoInstant) {
  const { db, vault } = reads;
  const rows = await remindable(db, stockholmDate(now))
    .select(['m.id', 'm.due', 'm.carried_out_by', 'c.reminders', 'c.protected_identity'])
    .select(['p.link_generation', 'p.verified_at', 'p.delivery', 'p.email_fp', 'p.removed_at', 'p.view'])
    .where('m.id', 'in', ids)
    .execute();
  const print = addressPrint(vault, facts.to);
  return facts.measures.filter(({ measureId, linkGeneration, due }) => {
    const found = rows.find(({ id }) => id === measureId);
    if (!found || found.due !== due) return false;
    if (found.carried_out_by === 'FK') return true;
    if (found.protected_identity === 1 || (found.carried_out_by === 'PERSON' && found.reminders === 0)) return false;
    if (found.removed_at !== null || found.view === 'no' || found.link_generation !== linkGeneration) return false;
    const mailed = found.verified_at !== null && found.delivery !== 'bounced' && found.email_fp === print;
    return mailed || facts.account;
  });
}

/** Whether an answer about a measure can still be told of by the same link, as `reachOwner` says of a mail. */
export async function answerStands({ db }: Reads, row: { facts: Record<string, unknown> }): Promise<boolean> {
  const facts = row.facts as { measureId: string; linkGeneration: number };
  const found = await db
    .selectFrom('measure as m')
    .innerJoin('participant as p', 'p.id', 'm.owner_id')
    .innerJoin('case_file as c', 'c.id', 'm.case_id')
    .select('p.id')
    .where('m.id', '=', facts.measureId)
    .where('p.link_generation', '=', facts.linkGeneration)
    .where('p.removed_at', 'is', null)
    .where('p.view', '!=', 'no')
    .where('c.protected_identity', '=', 0)
    .executeTakeFirst();
  return found !== undefined;
}

/** Mail about measures that did not arrive, or to who carries them out: their officer is to ring. */
export async function noteUnreached(
  { db }: Writes,
  which: { ids: readonly string[] } | { ownerId: string },
  today: IsoDate,
): Promise<void> {
  const measures = db
    .updateTable('measure')
    .set((s) => ({ signal: 'unreached', signal_on: s.fn.coalesce('signal_on', s.val(today)) }))
    .where('carried_out_by', '!=', 'FK')
    .where('state', 'in', going);
  if ('ownerId' in which) await measures.where('owner_id', '=', which.ownerId).execute();
  else if (which.ids.length > 0) await measures.where('id', 'in', which.ids).execute();
}
