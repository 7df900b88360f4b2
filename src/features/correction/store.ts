import { sql } from 'kysely';
import { nobody, type Subject } from '../../kernel/access.ts';
import type { Party } from '../../kernel/parties.ts';
import type { IsoDate, IsoInstant } from '../../kernel/time.ts';
import { type CaseReads, type CaseWrites, Located } from '../../platform/db/access.ts';
import type { Reads, Writes } from '../../platform/db/database.ts';
import type { Correction, CorrectionKind, CorrectionState, Notice, PlaceName, Wanted } from './rules.ts';
import type { Scope } from './text/store.ts';

type Db = Reads['db'];

export type FoundCorrection = Correction & {
  scope: Scope;
  subject: Subject;
  caseNumber: string | null;
  reference: string | null;
  /** Whom to call about it: the officer of the case, or whoever proposed it. */
  contact: { name: string; phone: string };
};

/** A correction with its case or its request. */
const corrections = (db: Db) =>
  db
    .selectFrom('correction as k')
    .innerJoin('account as p', 'p.id', 'k.proposed_by')
    .leftJoin('account as d', 'd.id', 'k.decided_by')
    .leftJoin('case_file as c', 'c.id', 'k.case_id')
    .leftJoin('request as r', 'r.id', 'k.request_id')
    .leftJoin('account as o', 'o.id', 'c.officer_id')
    .innerJoin('unit as u', 'u.id', 'k.unit_id');

export async function locateCorrection({ db, vault }: Reads, id: string): Promise<Located<FoundCorrection> | null> {
  const row = await corrections(db)
    .selectAll('k')
    .select(['p.name as proposer', 'p.role as proposer_role', 'd.name as decider'])
    .select([
      'c.number',
      'c.unit_id as case_unit',
      'c.officer_id as case_officer',
      'c.protected_identity as protected_case',
    ])
    .select(['c.individual_account_id', 'r.unit_id as request_unit', 'r.officer_id as request_officer'])
    .select(['r.protected_identity as protected_request', 'r.reference'])
    .select((w) => w.fn.coalesce('c.number_fp', 'r.number_fp').as('number_fp'))
    .select([
      'o.name as officer_name',
      'o.phone as officer_phone',
      'p.phone as proposer_phone',
      'u.phone as unit_phone',
    ])
    .where('k.id', '=', id)
    .executeTakeFirst();
  if (!row) return null;
  const subject: Subject = {
    ...nobody,
    unitId: row.case_unit ?? row.request_unit ?? row.unit_id,
    officerId: row.case_officer ?? row.request_officer,
    individualUserId: row.individual_account_id,
    numberFp: row.number_fp,
    proposerId: row.proposed_by,
    protectedIdentity: row.protected_case === 1 || row.protected_request === 1,
    requestId: row.request_id,
    caseId: row.case_id,
  };
  return new Located(subject, () => ({
    id: row.id,
    kind: row.kind as CorrectionKind,
    state: row.state as CorrectionState,
    caseId: row.case_id,
    requestId: row.request_id,
    reason: vault.open(row.reason),
    wanted: row.wanted ? (JSON.parse(vault.open(row.wanted)) as Wanted) : null,
    places: row.places ? (JSON.parse(row.places) as PlaceName[]) : [],
    participantId: row.participant_id,
    sentOn: row.sent_on,
    proposedAt: row.proposed_at,
    proposedBy: { id: row.proposed_by, name: vault.openStaff(row.proposer), role: row.proposer_role },
    answer: vault.open(row.answer) ?? '',
    decidedAt: row.decided_at,
    decidedByName: vault.openStaff(row.decider),
    scope: { caseId: row.case_id, requestId: row.request_id },
    subject,
    caseNumber: row.number,
    reference: row.reference,
    contact: {
      name: vault.openStaff(row.officer_name) ?? vault.openStaff(row.proposer),
      phone: vault.openStaff(row.officer_phone ?? row.proposer_phone) ?? row.unit_phone,
    },
  }));
}

export type NewCorrection = Scope & {
  id: string;
  kind: CorrectionKind;
  unitId: string;
  reason: string;
  wanted: Wanted | null;
  participantId: string | null;
  sentOn: IsoDate | null;
  at: IsoInstant;
  by: string;
};

export async function insertCorrection({ db, vault }: CaseWrites, proposed: NewCorrection): Promise<void> {
  await db
    .insertInto('correction')
    .values({
      id: proposed.id,
      kind: proposed.kind,
      state: 'proposed',
      case_id: proposed.caseId,
      request_id: proposed.requestId,
      unit_id: proposed.unitId,
      wanted: vault.seal(proposed.wanted && JSON.stringify(proposed.wanted)),
      reason: vault.seal(proposed.reason),
      places: null,
      participant_id: proposed.participantId,
      sent_on: proposed.sentOn,
      proposed_at: proposed.at,
      proposed_by: proposed.by,
      answer: null,
      decided_at: null,
      decided_by: null,
    })
    .execute();
}

/** Decides a proposal that still waits, and forgets what it wanted removed; false when somebody else was first. */
export async function settleCorrection(
  { db, vault }: CaseWrites,
  id: string,
  settled: { state: CorrectionState; places: PlaceName[]; answer: string; at: IsoInstant; by: string },
): Promise<boolean> {
  const result = await db
    .updateTable('correction')
    .set({
      state: settled.state,
      wanted: null,
      places: JSON.stringify(settled.places),
      answer: settled.answer === '' ? null : vault.seal(settled.answer),
      decided_at: settled.at,
      decided_by: settled.by,
    })
    .where('id', '=', id)
    .where('state', '=', 'proposed')
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

/** The proposal to misfile a request that waits for a second person, or null. */
export async function findWaitingMisfile({ db }: CaseReads, requestId: string): Promise<{ id: string } | null> {
  const row = await db
    .selectFrom('correction')
    .select('id')
    .where('request_id', '=', requestId)
    .where('kind', '=', 'misfile')
    .where('state', '=', 'proposed')
    .executeTakeFirst();
  return row ?? null;
}

/** What waits for a second person and one of a unit may decide; the oldest first, at most twenty. */
export const waitingCorrections = (db: Db, p: { unitId: string; id: string; named: number }) =>
  corrections(db)
    .select(['k.id', 'k.kind', 'k.proposed_at', 'c.number as case_number', 'r.reference'])
    .where('k.state', '=', sql.lit('proposed'))
    .where('k.proposed_by', '!=', p.id)
    .where((w) => w(w.fn.coalesce('c.unit_id', 'r.unit_id', 'k.unit_id'), '=', p.unitId))
    // A protected identity is in no list but of those who are named for it.
    .where((w) => w(w.fn.coalesce('c.protected_identity', 'r.protected_identity', sql.lit(0)), '<=', p.named))
    .orderBy('k.proposed_at')
    .orderBy('k.id')
    .limit(sql.lit(20));

/** Corrections of a case, newest first: the fact, and not what was removed. */
export const correctionsOfCase = (db: Db, caseId: string) =>
  db
    .selectFrom('correction as k')
    .innerJoin('account as d', 'd.id', 'k.proposed_by')
    .innerJoin('unit as u', 'u.id', 'k.unit_id')
    .select(['k.id', 'k.kind', 'k.state', 'k.proposed_at', 'k.decided_at', 'u.name as unit', 'd.role'])
    .where('k.case_id', '=', caseId)
    .orderBy('k.proposed_at', 'desc')
    .limit(sql.lit(50));

export async function insertNotice(
  { db }: CaseWrites,
  notice: { id: string; correctionId: string; participantId: string; via: 'mail' | null; at: IsoInstant | null },
): Promise<void> {
  await db
    .insertInto('correction_notice')
    .values({
      id: notice.id,
      correction_id: notice.correctionId,
      participant_id: notice.participantId,
      via: notice.via,
      at: notice.at,
      account_id: null,
    })
    .execute();
}

/** A mail that was refused for good tells nobody: then they are to be called. */
export async function noteRefused({ db }: Writes, noticeId: string): Promise<void> {
  await db
    .updateTable('correction_notice')
    .set({ via: null, at: null })
    .where('id', '=', noticeId)
    .where('via', '=', 'mail')
    .execute();
}

/** Notes that somebody was called; false when they had been told already, or are not among those to tell. */
export async function noteCall(
  { db }: CaseWrites,
  correctionId: string,
  call: { id: string; at: IsoInstant; by: string },
): Promise<boolean> {
  const result = await db
    .updateTable('correction_notice')
    .set({ via: 'call', at: call.at, account_id: call.by })
    .where('id', '=', call.id)
    .where('correction_id', '=', correctionId)
    .where('via', 'is', null)
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

export async function listNotices({ db, vault }: CaseReads, correctionId: string): Promise<Notice[]> {
  const rows = await db
    .selectFrom('correction_notice as n')
    .innerJoin('participant as p', 'p.id', 'n.participant_id')
    .leftJoin('account as a', 'a.id', 'n.account_id')
    .select(['n.id', 'n.participant_id', 'n.via', 'n.at', 'p.party', 'p.person', 'a.name'])
    .where('n.correction_id', '=', correctionId)
    .orderBy('n.id')
    .limit(200)
    .execute();
  return rows.map((row) => ({
    id: row.id,
    participantId: row.participant_id,
    party: row.party as Party,
    name: (JSON.parse(vault.open(row.person)) as { name: string }).name,
    via: row.via as Notice['via'],
    at: row.at,
    accountName: vault.openStaff(row.name),
  }));
}

/** Everybody who takes or took part in the meetings of a case, and can have got something. */
export async function listReached(
  { db, vault }: CaseReads,
  scope: Scope,
): Promise<{ id: string; party: Party; name: string }[]> {
  if (scope.caseId === null) return [];
  const rows = await db
    .selectFrom('participant')
    .select(['id', 'party', 'person'])
    .where('meeting_id', 'in', db.selectFrom('meeting').select('id').where('case_id', '=', scope.caseId))
    .orderBy('id')
    .limit(200)
    .execute();
  return rows.map(({ id, party, person }) => ({
    id,
    party: party as Party,
    name: (JSON.parse(vault.open(person)) as { name: string }).name,
  }));
}

/** Keeps which sections of a filed row a correction took text from: what the verification asks. */
export async function insertSections(
  { db }: CaseWrites,
  correctionId: string,
  filed: { holder: string; id: string },
  sections: readonly string[],
): Promise<void> {
  const row = { correction_id: correctionId, holder: filed.holder, filed_id: filed.id };
  await db
    .insertInto('correction_section')
    .values(sections.map((section) => ({ ...row, section })))
    .execute();
}
