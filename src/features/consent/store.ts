import { sql } from 'kysely';
import type { InformationKind } from '../../kernel/information.ts';
import type { CaseReads, CaseWrites } from '../../platform/db/access.ts';
import type { Reads } from '../../platform/db/database.ts';
import { listCaseParties } from '../case/party/store.ts';
import { type FoundCase, locateCase } from '../case/store.ts';
import { listMeetingsOfCase } from '../meeting/store.ts';
import { listReleases } from './release/store.ts';
import type { Consent, ConsentAct, ConsentWay } from './rules.ts';

/** Everything that was said in a case, oldest first. */
export const consentsOfCase = (db: Reads['db'], caseId: string) =>
  db
    .selectFrom('consent as s')
    .innerJoin('account as a', 'a.id', 's.account_id')
    .select(['s.id', 's.case_party_id', 's.act', 's.kinds', 's.until', 's.how', 's.note', 's.exclusions', 's.at'])
    .select(['s.account_id', 'a.name', 'a.role'])
    .where('s.case_id', '=', caseId)
    .orderBy('s.at')
    .orderBy('s.id')
    .limit(sql.lit(1000));
type Row = Awaited<ReturnType<ReturnType<typeof consentsOfCase>['executeTakeFirstOrThrow']>>;

export const toConsent = (vault: Reads['vault'], row: Row): Consent => ({
  id: row.id,
  partyId: row.case_party_id,
  act: row.act as ConsentAct,
  kinds: JSON.parse(row.kinds) as InformationKind[],
  until: row.until,
  how: row.how as ConsentWay,
  note: vault.open(row.note) ?? '',
  exclusions: vault.open(row.exclusions) ?? '',
  at: row.at,
  accountId: row.account_id,
  accountName: vault.open(row.name),
  noted: row.role === 'officer',
});

export async function listConsents({ db, vault }: CaseReads, caseId: string): Promise<Consent[]> {
  return (await consentsOfCase(db, caseId).execute()).map((row) => toConsent(vault, row));
}

export async function insertConsent(
  { db, vault }: CaseWrites,
  consent: Omit<Consent, 'accountName' | 'noted'> & { caseId: string },
): Promise<void> {
  await db
    .insertInto('consent')
    .values({
      id: consent.id,
      case_id: consent.caseId,
      case_party_id: consent.partyId,
      act: consent.act,
      kinds: JSON.stringify(consent.kinds),
      until: consent.until,
      how: consent.how,
      note: vault.seal(consent.note || null),
      exclusions: vault.seal(consent.exclusions || null),
      at: consent.at,
      account_id: consent.accountId,
    })
    .execute();
}

/** On what basis somebody represents another; empty when nobody knows any more. */
export async function findBasis({ db }: CaseReads, accountId: string, individualAccountId: string): Promise<string> {
  const row = await db
    .selectFrom('representation')
    .select('basis')
    .where('account_id', '=', accountId)
    .where('individual_account_id', '=', individualAccountId)
    .orderBy('created_at', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row?.basis ?? '';
}

export const locateConsents = locateCase;

/** A case's parties with what was said to each, what was released to each, and whether its latest meeting is a SIP. */
export async function readConsents(reads: CaseReads, found: FoundCase) {
  const [parties, consents, releases, meetings] = await Promise.all([
    listCaseParties(reads, found.id),
    listConsents(reads, found.id),
    listReleases(reads, found.id),
    listMeetingsOfCase(reads, found.id),
  ]);
  return { found, parties, consents, releases, sip: meetings[0]?.kind === 'sip' };
}
