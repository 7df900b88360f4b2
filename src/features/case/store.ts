import type { Expression, ExpressionBuilder } from 'kysely';
import { nobody, type Subject, type User } from '../../kernel/access.ts';
import { looksLikeId } from '../../kernel/ids.ts';
import type { IsoInstant } from '../../kernel/time.ts';
import { type CaseReads, type CaseWrites, Located } from '../../platform/db/access.ts';
import type { Reads, Writes } from '../../platform/db/database.ts';
import { prepared } from '../../platform/db/prepared.ts';
import type { Tables } from '../../platform/db/tables.ts';
import { isPrivate } from '../account/rules.ts';
import type { Case, CaseState, Individual } from './rules.ts';

const columns = [
  'c.id',
  'c.number',
  'c.state',
  'c.version',
  'c.individual',
  'c.individual_account_id',
  'c.number_fp',
  'c.officer_id',
  'c.unit_id',
  'c.protected_identity',
  'c.reminders',
  'c.opened_at',
] as const;
type Row = {
  id: string;
  number: string;
  state: string;
  version: number;
  individual: string;
  individual_account_id: string | null;
  number_fp: string | null;
  officer_id: string;
  unit_id: string;
  protected_identity: number;
  reminders: number;
  opened_at: IsoInstant;
};

/** The columns of a case that its subject is made from. */
export const subjectColumns = [
  'c.unit_id',
  'c.officer_id',
  'c.individual_account_id',
  'c.number_fp',
  'c.protected_identity',
  'c.state as case_state',
] as const;
type SubjectRow = Pick<Row, 'individual_account_id' | 'number_fp' | 'protected_identity'> & {
  case_state: string;
  unit_id: string | null;
  officer_id: string | null;
};

/** What the rights table asks of anything that is in a case. */
export const subjectInCase = (row: SubjectRow, caseId: string): Subject => ({
  ...nobody,
  unitId: row.unit_id,
  officerId: row.officer_id,
  individualUserId: row.individual_account_id,
  numberFp: row.number_fp,
  protectedIdentity: row.protected_identity === 1,
  closed: row.case_state === 'closed' || row.case_state === 'disposed',
  caseId,
});

export type FoundCase = Case & { officerName: string; subject: Subject };

export function toCase(vault: Reads['vault'], row: Row & { officer_name: string }): Located<FoundCase> {
  const subject = subjectInCase({ ...row, case_state: row.state }, row.id);
  return new Located(subject, () => ({
    id: row.id,
    number: row.number,
    state: row.state as CaseState,
    version: row.version,
    individual: {
      ...(JSON.parse(vault.open(row.individual)) as Individual),
      protectedIdentity: subject.protectedIdentity,
    },
    individualAccountId: row.individual_account_id,
    wantsReminders: row.reminders === 1,
    officerId: row.officer_id,
    officerName: vault.openStaff(row.officer_name),
    unitId: row.unit_id,
    openedAt: row.opened_at,
    subject,
  }));
}

export const caseQuery = (db: Reads['db'], id: string | Expression<{ case_id: string }>) =>
  db
    .selectFrom('case_file as c')
    .innerJoin('account as o', 'o.id', 'c.officer_id')
    .select([...columns, 'o.name as officer_name'])
    .where('c.id', '=', id as string);

const caseById = prepared((db, p: { id: string }) => caseQuery(db, p.id));

/** One case; null for an unknown one. */
export async function locateCase({ db, vault }: Reads, id: string): Promise<Located<FoundCase> | null> {
  if (!looksLikeId(id)) return null;
  const [row] = await caseById(db, { id });
  return row ? toCase(vault, row) : null;
}

/** The open case of the person with this number's fingerprint; at most one exists (unique index). */
export async function findOpenCaseOf({ db }: CaseReads, numberFingerprint: string): Promise<{ id: string } | null> {
  const row = await db
    .selectFrom('case_file')
    .select('id')
    .where('number_fp', '=', numberFingerprint)
    .where('state', 'in', ['open', 'closing'])
    .executeTakeFirst();
  return row ?? null;
}

/** What an officer or manager may know of that a protected identity hides from those not named for it. */
const knownTo = (user: User) => (w: ExpressionBuilder<{ c: Tables['case_file'] }, 'c'>) =>
  w.or([w('c.protected_identity', '<=', user.handlesProtected ? 1 : 0), w('c.officer_id', '=', user.id)]);

/** An open case of the unit by its number, for a person whom an officer recognises by hand. */
export async function findOpenCaseByNumber(
  { db }: CaseReads,
  number: string,
  officer: User,
): Promise<{ id: string } | null> {
  const row = await db
    .selectFrom('case_file as c')
    .select('c.id')
    .where('c.number', '=', number)
    .where('c.unit_id', '=', officer.unitId)
    .where('c.state', 'in', ['open', 'closing'])
    .where(knownTo(officer))
    .executeTakeFirst();
  return row ?? null;
}

/** Next value of a counter, in the caller's transaction: 1, 2, 3 … */
export async function nextNumber({ db }: Writes, name: string): Promise<number> {
  const row = await db
    .insertInto('counter')
    .values({ name, value: 1 })
    .onConflict((conflict) => conflict.column('name').doUpdateSet((s) => ({ value: s('counter.value', '+', 1) })))
    .returning('value')
    .executeTakeFirstOrThrow();
  return row.value;
}

export async function insertCase(
  { db, vault }: CaseWrites,
  opened: {
    id: string;
    number: string;
    individual: Individual;
    individualAccountId: string | null;
    officerId: string;
    unitId: string;
    openedAt: IsoInstant;
  },
): Promise<void> {
  await db
    .insertInto('case_file')
    .values({
      id: opened.id,
      number: opened.number,
      state: 'open',
      individual: vault.seal(JSON.stringify(opened.individual)),
      number_fp: opened.individual.number === null ? null : vault.fingerprint(opened.individual.number),
      individual_account_id: opened.individualAccountId,
      officer_id: opened.officerId,
      unit_id: opened.unitId,
      protected_identity: opened.individual.protectedIdentity ? 1 : 0,
      opened_at: opened.openedAt,
      closed_at: null,
    })
    .execute();
}

/** Gives an open case to another officer of a unit. */
export async function assignCase(
  { db }: CaseWrites,
  id: string,
  officer: { id: string; unitId: string },
): Promise<void> {
  await db
    .updateTable('case_file')
    .set((s) => ({ officer_id: officer.id, unit_id: officer.unitId, version: s('version', '+', 1) }))
    .where('id', '=', id)
    .execute();
}

/** Whether the individual of a case wants to be reminded. */
export async function setReminders({ db }: CaseWrites, id: string, wanted: boolean): Promise<void> {
  await db
    .updateTable('case_file')
    .set({ reminders: wanted ? 1 : 0 })
    .where('id', '=', id)
    .execute();
}

export const casePage = 25;

/** Cases a user may see, newest first, paged by id: a unit's for its officers and manager, one's own for the individual and who represents them. */
export async function listCases(
  reads: CaseReads,
  user: User,
  options: { mine: boolean; after: string | null },
): Promise<FoundCase[]> {
  let query = reads.db
    .selectFrom('case_file as c')
    .innerJoin('account as o', 'o.id', 'c.officer_id')
    .select([...columns, 'o.name as officer_name']);
  query = isPrivate(user)
    ? query.where('c.individual_account_id', 'in', [user.id, ...user.represents])
    : query.where('c.unit_id', '=', user.unitId ?? '').where(knownTo(user));
  if (options.mine) query = query.where('c.officer_id', '=', user.id);
  if (options.after) query = query.where('c.id', '<', options.after);
  const rows = await query
    .orderBy('c.id', 'desc')
    .limit(casePage + 1)
    .execute();
  return rows.map((row) => toCase(reads.vault, row).open(reads));
}
