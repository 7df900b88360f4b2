import { sql } from 'kysely';
import type { Subject } from '../../../kernel/access.ts';
import type { CaseReads } from '../../../platform/db/access.ts';
import type { Reads } from '../../../platform/db/database.ts';
import { keyOf } from '../../account/sign-in/rules.ts';
import { officers, toOfficers } from '../../account/store.ts';
import { type FoundMeeting, locateMeeting } from '../store.ts';

export const locateNaming = locateMeeting;

/**
 * Colleagues of the officer's unit who can be asked to write, by name. Never who is themselves the person, or represents
 * them (FL 16 § 1, 2): what is known of an account without its signing in; the rights table asks again for each act.
 * `issuer`: the identity provider that vouches for a number.
 */
export async function listColleagues({ db, vault }: CaseReads, { subject, individual }: FoundMeeting, issuer: string) {
  const { unitId, officerId, individualUserId, protectedIdentity } = subject;
  const number = individual.number === null ? '' : vault.fingerprint(keyOf(issuer, 'number', individual.number).text);
  const colleagues = officers(db)
    .where('unit_id', '=', unitId)
    .where('id', '!=', officerId)
    .where('handles_protected', '>=', protectedIdentity ? 1 : 0);
  const themselves = db.selectFrom('person_key').select('person_id').where('fingerprint', '=', number);
  const representing = db
    .selectFrom('representation as r')
    .innerJoin('account as a', 'a.id', 'r.account_id')
    .select('a.person_id')
    .where('r.individual_account_id', '=', individualUserId)
    .where('r.ended_at', 'is', null)
    .where('a.person_id', 'is not', null);
  const others = colleagues.where((w) =>
    w.or([
      w('person_id', 'is', null),
      w.and([w('person_id', 'not in', themselves), w('person_id', 'not in', representing)]),
    ]),
  );
  return toOfficers(vault, await others.execute());
}

/** Who writes with the officer; null when nobody does. */
export async function findScribe({ db, vault }: CaseReads, { subject }: { subject: Subject }) {
  if (subject.scribeId === null) return null;
  const row = await db
    .selectFrom('account')
    .select(['id', 'name'])
    .where('id', '=', subject.scribeId)
    .executeTakeFirst();
  return row ? { id: row.id, name: vault.openStaff(row.name) } : null;
}

/** Meetings whose minutes somebody has been asked to write, until they are out; soonest first. */
export const meetingsToWrite = (db: Reads['db'], reader: { id: string; unitId: string; named: number }) =>
  db
    .selectFrom('meeting as m')
    .innerJoin('case_file as c', 'c.id', 'm.case_id')
    .leftJoin('minutes as w', 'w.meeting_id', 'm.id')
    .select(['m.id', 'm.reference', 'm.starts_at', 'm.state'])
    .where('m.scribe_id', '=', reader.id)
    .where('m.state', 'in', [sql.lit('planning'), sql.lit('proposed'), sql.lit('scheduled'), sql.lit('held')])
    .where((x) => x.or([x('w.state', 'is', null), x('w.state', '=', sql.lit('draft'))]))
    .where('c.unit_id', '=', reader.unitId)
    .where('c.protected_identity', '<=', reader.named as 0 | 1)
    .where('c.state', '!=', sql.lit('closed'))
    .orderBy('m.starts_at')
    .orderBy('m.id')
    .limit(sql.lit(20));
