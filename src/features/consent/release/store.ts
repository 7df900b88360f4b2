import { sql } from 'kysely';
import type { Subject } from '../../../kernel/access.ts';
import { looksLikeId } from '../../../kernel/ids.ts';
import type { IsoInstant } from '../../../kernel/time.ts';
import { type CaseReads, type CaseWrites, Located } from '../../../platform/db/access.ts';
import type { Reads } from '../../../platform/db/database.ts';
import { prepared } from '../../../platform/db/prepared.ts';
import { subjectColumns, subjectInCase } from '../../case/store.ts';
import type { Filed, Sealed } from '../../filing/document/rules.ts';
import { correctedSections, filedColumns, readPdf, toFiled } from '../../filing/document/store.ts';
import { invitedLast } from '../../meeting/rules.ts';
import { locatePlan } from '../../plan/store.ts';
import type { Copy, Ground, ReleaseState } from './rules.ts';

/** What is shown of a copy without opening it. */
export type ReleaseRow = {
  id: string;
  caseId: string;
  partyId: string;
  consentId: string | null;
  kind: Copy['document']['of'];
  number: string;
  state: ReleaseState;
  madeAt: IsoInstant;
  recalledAt: IsoInstant | null;
};
export type FoundRelease = ReleaseRow & {
  content: Sealed<Copy>;
  grounds: Ground[];
  madeBy: string;
  recallReason: string;
  subject: Subject;
};

const rowColumns = [
  'r.id',
  'r.case_id',
  'r.case_party_id',
  'r.consent_id',
  'r.kind',
  'r.number',
  'r.state',
  'r.made_at',
  'r.recalled_at',
] as const;
type Row = {
  id: string;
  case_id: string;
  case_party_id: string;
  consent_id: string | null;
  kind: string;
  number: string;
  state: string;
  made_at: IsoInstant;
  recalled_at: IsoInstant | null;
};

export const toRelease = (row: Row): ReleaseRow => ({
  id: row.id,
  caseId: row.case_id,
  partyId: row.case_party_id,
  consentId: row.consent_id,
  kind: row.kind as ReleaseRow['kind'],
  number: row.number,
  state: row.state as ReleaseState,
  madeAt: row.made_at,
  recalledAt: row.recalled_at,
});

export async function insertRelease(
  { db, vault }: CaseWrites,
  release: {
    id: string;
    caseId: string;
    partyId: string;
    documentId: string;
    meetingId: string | null;
    consentId: string | null;
    grounds: readonly Ground[];
    content: Sealed<Copy>;
    madeAt: IsoInstant;
    madeBy: string;
    pdf: Uint8Array;
  },
): Promise<void> {
  const { document, hash, previousHash } = release.content;
  await db
    .insertInto('release')
    .values({
      id: release.id,
      case_id: release.caseId,
      case_party_id: release.partyId,
      document_id: release.documentId,
      meeting_id: release.meetingId,
      consent_id: release.consentId,
      kind: document.of,
      number: document.number,
      grounds: vault.seal(JSON.stringify(release.grounds)),
      reservation: document.reservation ? 1 : 0,
      state: 'made',
      made_at: release.madeAt,
      made_by: release.madeBy,
      hash,
      previous_hash: previousHash,
      ...filedColumns(vault, release),
      recalled_at: null,
      recalled_by: null,
      recall_reason: null,
    })
    .execute();
}

/** Puts a corrected copy and its file in the place of what was released; its seal says what was taken. */
export async function refileCopy(
  { db, vault }: CaseWrites,
  copy: { id: string; content: Sealed<Copy>; pdf: Uint8Array },
): Promise<void> {
  await db.updateTable('release').set(filedColumns(vault, copy)).where('id', '=', copy.id).execute();
}

/** Copies that the parties of these can open today: by their ids, or all that the party of a participant got. */
export async function listOpenCopies(
  { db }: CaseReads,
  of: { ids: readonly string[] } | { participantId: string },
): Promise<{ id: string; partyId: string }[]> {
  let query = db.selectFrom('release').select(['id', 'case_party_id']).where('state', '=', 'made');
  if ('ids' in of) {
    if (of.ids.length === 0) return [];
    query = query.where('id', 'in', of.ids);
  } else {
    query = query.where('case_party_id', '=', (w) =>
      w.selectFrom('participant').select('case_party_id').where('id', '=', of.participantId),
    );
  }
  const rows = await query.orderBy('id').limit(200).execute();
  return rows.map(({ id, case_party_id }) => ({ id, partyId: case_party_id }));
}

/** Recalls a copy that is not recalled yet; false when it was. */
export async function recallRelease(
  { db, vault }: CaseWrites,
  id: string,
  recalled: { at: IsoInstant; by: string; reason: string },
): Promise<boolean> {
  const result = await db
    .updateTable('release')
    .set({
      state: 'recalled',
      recalled_at: recalled.at,
      recalled_by: recalled.by,
      recall_reason: vault.seal(recalled.reason),
    })
    .where('id', '=', id)
    .where('state', '=', 'made')
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

/** The case that something is released out of. */
export const locateReleasable = locatePlan;

/** Those who take part for a party today, with what a message to them needs. */
const takingPart = (db: Reads['db']) => db.selectFrom('participant as p').where('p.removed_at', 'is', null);

/** Who reads: by their account, or by the link of a participant. */
export type Reader = { accountId: string } | { participantId: string };

/**
 * Parties for whom a mailed code is enough: their organisation has chosen it, and no identity is protected, for then name
 * and time stand nowhere but after sign-in or in a letter.
 */
const codedParties = (db: Reads['db']) =>
  db
    .selectFrom('case_party as cp')
    .innerJoin('case_file as c', 'c.id', 'cp.case_id')
    .where('cp.code_at', 'is not', null)
    .where('c.protected_identity', '=', 0);

/** The party of a participant who takes part today, if a code is enough for it. */
const codedPartyOf = (db: Reads['db'], participantId: string) =>
  codedParties(db)
    .innerJoin('participant as p', 'p.case_party_id', 'cp.id')
    .where('p.id', '=', participantId)
    .where('p.removed_at', 'is', null);

const oneRelease = (db: Reads['db'], reader: Reader) => {
  const { accountId, participantId } = { accountId: '', participantId: '', ...reader };
  return db
    .selectFrom('release as r')
    .innerJoin('case_file as c', 'c.id', 'r.case_id')
    .innerJoin('account as a', 'a.id', 'r.made_by')
    .select([...rowColumns, 'r.meeting_id', 'r.content', 'r.grounds', 'r.recall_reason', 'a.name as made_by_name'])
    .select(subjectColumns)
    .select((s) => [
      takingPart(db)
        .select('p.account_id')
        .whereRef('p.case_party_id', '=', s.ref('r.case_party_id'))
        .where('p.account_id', '=', accountId)
        .limit(1)
        .as('reader_id'),
      codedPartyOf(db, participantId).select('p.id').whereRef('cp.id', '=', s.ref('r.case_party_id')).as('link_id'),
    ]);
};
type OneRow = Awaited<ReturnType<ReturnType<typeof oneRelease>['executeTakeFirstOrThrow']>>;

function toFound(vault: Reads['vault'], row: OneRow): Located<FoundRelease> {
  const subject: Subject = {
    ...subjectInCase(row, row.case_id),
    // Whoever reads is the party when they take part for it.
    partyUserId: row.reader_id,
    link: row.link_id === null ? null : { scope: 'participant', id: row.link_id },
    meetingId: row.meeting_id,
  };
  return new Located(subject, () => ({
    ...toRelease(row),
    content: JSON.parse(vault.open(row.content)) as Sealed<Copy>,
    grounds: JSON.parse(vault.open(row.grounds)) as Ground[],
    madeBy: vault.openStaff(row.made_by_name),
    recallReason: vault.open(row.recall_reason) ?? '',
    subject,
  }));
}

/** A copy, and whether it is for the party of whoever reads; null for an unknown one. */
export async function locateRelease(
  { db, vault }: Reads,
  id: string,
  reader: Reader,
): Promise<Located<FoundRelease> | null> {
  if (!looksLikeId(id)) return null;
  const row = await oneRelease(db, reader).where('r.id', '=', id).executeTakeFirst();
  return row ? toFound(vault, row) : null;
}

/** The latest copy of a meeting's minutes that a party has and that is not recalled; null when there is none. */
export async function locatePartyCopy(
  { db, vault }: Reads,
  { meetingId, partyId, readerId }: { meetingId: string; partyId: string; readerId: string },
): Promise<Located<FoundRelease> | null> {
  if (!looksLikeId(meetingId) || !looksLikeId(partyId)) return null;
  const row = await oneRelease(db, { accountId: readerId })
    .where('r.meeting_id', '=', meetingId)
    .where('r.case_party_id', '=', partyId)
    .where('r.kind', '=', 'minutes')
    .where('r.state', '=', 'made')
    .orderBy('r.id', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row ? toFound(vault, row) : null;
}

/** The file's bytes as they were made. */
export const readCopyPdf = (reads: CaseReads, id: string) => readPdf(reads, id, 'release');

/** A case's copies, newest first, the recalled ones too. */
export const releasesOfCase = (db: Reads['db'], caseId: string) =>
  db
    .selectFrom('release as r')
    .select(rowColumns)
    .where('r.case_id', '=', caseId)
    .orderBy('r.id', 'desc')
    .limit(sql.lit(200));

export async function listReleases({ db }: CaseReads, caseId: string): Promise<ReleaseRow[]> {
  return (await releasesOfCase(db, caseId).execute()).map(toRelease);
}

export const releasePage = 25;

const readByCode = prepared((db, p: { participantId: string }) =>
  db
    .selectFrom('release as r')
    .select('r.id')
    .where('r.case_party_id', '=', codedPartyOf(db, p.participantId).select('cp.id'))
    .where('r.state', '=', sql.lit('made'))
    .limit(sql.lit(1)),
);
/** Whether something was released that a participant can read with a mailed code. */
export const hasCopy = async ({ db }: CaseReads, participantId: string): Promise<boolean> =>
  (await readByCode(db, { participantId })).length > 0;

/** The case of a participant who may read with a mailed code; null for anybody else. */
export async function locateCoded({ db }: Reads, participantId: string): Promise<Located<null> | null> {
  const row = await codedPartyOf(db, participantId).select(subjectColumns).select('c.id as case_id').executeTakeFirst();
  if (!row) return null;
  const link = { scope: 'participant', id: participantId } as const;
  return new Located({ ...subjectInCase(row, row.case_id), link }, () => null);
}

/**
 * What has been released to the parties that somebody takes part for, newest first, paged by id. Signed in they see of
 * the recalled ones that they were; by a link only what can be read.
 */
export async function listReceived(
  { db }: CaseReads,
  reader: Reader,
  after: string | null,
): Promise<(ReleaseRow & { caseNumber: string })[]> {
  let query = db
    .selectFrom('release as r')
    .innerJoin('case_file as c', 'c.id', 'r.case_id')
    .select([...rowColumns, 'c.number as case_number']);
  if ('participantId' in reader) {
    query = query
      .where('r.case_party_id', '=', codedPartyOf(db, reader.participantId).select('cp.id'))
      .where('r.state', '=', 'made');
  } else {
    query = query.where(
      'r.case_party_id',
      'in',
      takingPart(db)
        .select('p.case_party_id')
        .where('p.account_id', '=', reader.accountId)
        .$castTo<{ case_party_id: string }>(),
    );
  }
  if (after) query = query.where('r.id', '<', after);
  const rows = await query
    .orderBy('r.id', 'desc')
    .limit(releasePage + 1)
    .execute();
  return rows.map((row) => ({ ...toRelease(row), caseNumber: row.case_number }));
}

/**
 * Those who take part for a party and have a verified address, each address once. `linkGeneration` is of the link that
 * they read by, null for whoever signs in: who has no account does not, where a mailed code is enough.
 */
export async function listReceivers(
  { db, vault }: CaseReads,
  partyId: string,
): Promise<{ participantId: string; email: string; linkGeneration: number | null }[]> {
  const rows = await takingPart(db)
    .select(['p.id', 'p.person', 'p.account_id', 'p.link_generation', 'p.sent_sequence as sentSequence'])
    .select((s) => codedParties(db).select('cp.id').whereRef('cp.id', '=', s.ref('p.case_party_id')).as('coded'))
    .where('p.case_party_id', '=', partyId)
    .where('p.verified_at', 'is not', null)
    .orderBy('p.id')
    .limit(200)
    .execute();
  const all = invitedLast(rows).map((row) => ({
    participantId: row.id,
    email: (JSON.parse(vault.open(row.person)) as { email: string }).email,
    linkGeneration: row.account_id === null && row.coded !== null ? row.link_generation : null,
  }));
  return [...new Map(all.filter(({ email }) => email !== '').map((one) => [one.email, one])).values()];
}

/** Every copy as it lies in the database, and what it was made from: a copy is the first after its document. */
export async function* everyCopy(
  { db, vault }: Reads,
  dataIn: (pdf: Buffer) => string | null,
): AsyncGenerator<{ copy: Filed; source: { caseId: string; position: number; hash: string } }> {
  const all = db
    .selectFrom('release as r')
    .innerJoin('document as d', 'd.id', 'r.document_id')
    .select(['r.id', 'r.case_id', 'r.hash', 'r.previous_hash', 'r.seal', 'r.content', 'r.pdf'])
    .select(['d.case_id as source_case_id', 'd.hash as source_hash'])
    .orderBy('r.id')
    .limit(releasePage);
  for (let last: string | undefined = ''; last !== undefined; ) {
    const rows = await all.where('r.id', '>', last).execute();
    const corrected = await correctedSections(db, 'release', rows);
    for (const row of rows) {
      const source = { caseId: row.source_case_id, position: 0, hash: row.source_hash };
      yield { copy: toFiled(vault, { ...row, position: 1 }, corrected, dataIn), source };
    }
    last = rows.at(-1)?.id;
  }
}
