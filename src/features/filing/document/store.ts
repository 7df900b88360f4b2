import { sql } from 'kysely';
import type { Subject, User } from '../../../kernel/access.ts';
import { sha256 } from '../../../kernel/digest.ts';
import type { IsoInstant } from '../../../kernel/time.ts';
import { type CaseReads, type CaseWrites, Located } from '../../../platform/db/access.ts';
import type { Reads } from '../../../platform/db/database.ts';
import type { Tables } from '../../../platform/db/tables.ts';
import { subjectColumns, subjectInCase } from '../../case/store.ts';
import {
  type DocumentKind,
  documentKinds,
  type Filed,
  type MinutesContent,
  noPrevious,
  removalsIn,
  type Sealed,
  textToSeal,
} from './rules.ts';

export type DocumentRow = {
  id: string;
  caseId: string;
  caseNumber: string;
  meetingId: string | null;
  kind: string;
  position: number;
  number: string;
  createdAt: IsoInstant;
  hash: string;
};
export type Wording = DocumentRow & { content: Sealed<MinutesContent> };
export type FoundDocument = Wording & { subject: Subject; wordings: Wording[] };

const columns = [
  'd.id',
  'd.case_id',
  'd.meeting_id',
  'd.kind',
  'd.position',
  'd.number',
  'd.created_at',
  'd.hash',
  'c.number as case_number',
] as const;
type Row = {
  id: string;
  case_id: string;
  case_number: string;
  meeting_id: string | null;
  kind: string;
  position: number;
  number: string;
  created_at: IsoInstant;
  hash: string;
};

export const toDocument = (row: Row): DocumentRow => ({
  id: row.id,
  caseId: row.case_id,
  caseNumber: row.case_number,
  meetingId: row.meeting_id,
  kind: row.kind,
  position: row.position,
  number: row.number,
  createdAt: row.created_at,
  hash: row.hash,
});

const from = (db: Reads['db']) => db.selectFrom('document as d').innerJoin('case_file as c', 'c.id', 'd.case_id');

/**
 * What is stored of anything filed, a document or a copy: content and file, and the seal that says what was taken out.
 * `row`: what else stands in its row and must not change.
 */
export function filedColumns(
  vault: Reads['vault'],
  { content, pdf }: { content: Sealed<object>; pdf: Uint8Array },
  row?: DocumentColumns,
) {
  const base64 = Buffer.from(pdf).toString('base64');
  const beside = row && { ...row, pdf: sha256(base64) };
  return {
    content: vault.seal(JSON.stringify(content)),
    seal: vault.stamp(textToSeal(content, removalsIn(content), beside)),
    pdf: vault.seal(base64),
  };
}

/** The columns of a document beside its content, its hashes and its file. */
const besideContent = [
  ...(['id', 'case_id', 'meeting_id', 'kind', 'position', 'number', 'created_at', 'created_by'] as const),
];
type DocumentColumns = Pick<Tables['document'], (typeof besideContent)[number]>;
const besideOf = (row: DocumentColumns): DocumentColumns =>
  Object.fromEntries(besideContent.map((name) => [name, row[name]])) as DocumentColumns;

/** Puts a document at the end of its case's chain; a unique index stops two from taking the same place. */
export async function insertDocument(
  { db, vault }: CaseWrites,
  document: {
    id: string;
    caseId: string;
    meetingId: string | null;
    kind: DocumentKind | 'closing';
    position: number;
    number: string;
    createdAt: IsoInstant;
    createdBy: string;
    content: Sealed<object>;
    pdf: Uint8Array;
  },
): Promise<void> {
  const { hash, previousHash } = document.content;
  const row: DocumentColumns = {
    id: document.id,
    case_id: document.caseId,
    meeting_id: document.meetingId,
    kind: document.kind,
    position: document.position,
    number: document.number,
    created_at: document.createdAt,
    created_by: document.createdBy,
  };
  await db
    .insertInto('document')
    .values({ ...row, hash, previous_hash: previousHash, ...filedColumns(vault, document, row) })
    .execute();
}

/** Puts a corrected content and its file in the place of what was filed; its hashes stay, its seal says what was taken. */
export async function refileDocument(
  { db, vault }: CaseWrites,
  document: { id: string; content: Sealed<object>; pdf: Uint8Array },
): Promise<void> {
  const row = await db
    .selectFrom('document')
    .select(besideContent)
    .where('id', '=', document.id)
    .executeTakeFirstOrThrow();
  await db
    .updateTable('document')
    .set(filedColumns(vault, document, row))
    .where('id', '=', document.id)
    .execute();
}

/** Place and hash of the last document of a case; place 0 before the first. */
export async function chainHead({ db }: CaseReads, caseId: string): Promise<{ position: number; hash: string }> {
  const row = await db
    .selectFrom('document')
    .select(['position', 'hash'])
    .where('case_id', '=', caseId)
    .orderBy('position', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row ?? { position: 0, hash: noPrevious };
}

/** Holds a case's chain until the transaction ends: whoever wants to add to it waits. */
export async function lockChain({ db }: CaseWrites, caseId: string): Promise<void> {
  await db.selectFrom('case_file').select('id').where('id', '=', caseId).forUpdate().execute();
}

/**
 * The finalised minutes of a meeting in their latest wording, or the one at a position in the case's chain; with all
 * wordings, oldest first. Null when it has none, or not that one.
 */
export async function locateMinutesDocument(
  { db, vault }: Reads,
  meetingId: string,
  position?: number,
): Promise<Located<FoundDocument> | null> {
  const rows = await from(db)
    .select([...columns, 'd.content'])
    .select(subjectColumns)
    .where('d.meeting_id', '=', meetingId)
    .where('d.kind', 'in', documentKinds)
    .orderBy('d.position')
    .limit(200)
    .execute();
  const row = position === undefined ? rows.at(-1) : rows.find((one) => one.position === position);
  if (!row) return null;
  const subject: Subject = { ...subjectInCase(row, row.case_id), meetingId: row.meeting_id };
  return new Located(subject, () => ({
    ...toDocument(row),
    content: toContent(vault, row),
    subject,
    wordings: rows.map((one) => ({ ...toDocument(one), content: toContent(vault, one) })),
  }));
}

/** The file's bytes as they were made, of a document or of a copy. */
export async function readPdf(
  { db, vault }: CaseReads,
  id: string,
  from: 'document' | 'release' = 'document',
): Promise<Buffer<ArrayBuffer>> {
  const row = await db.selectFrom(from).select('pdf').where('id', '=', id).executeTakeFirstOrThrow();
  return Buffer.from(vault.open(row.pdf), 'base64');
}

/** A case's documents in the order of its chain. */
export const documentsOfCase = (db: Reads['db'], caseId: string) =>
  from(db).select(columns).where('d.case_id', '=', caseId).orderBy('d.position').limit(sql.lit(200));

/** The contents of a case's finalised minutes and their amendments, oldest first: what the plan is built from. */
export const minutesOfCase = (db: Reads['db'], caseId: string) =>
  db
    .selectFrom('document')
    .select('content')
    .where('case_id', '=', caseId)
    .where(
      'kind',
      'in',
      documentKinds.map((kind) => sql.lit(kind)),
    )
    .orderBy('position')
    .limit(sql.lit(200));

export const toContent = (vault: Reads['vault'], row: { content: string }): Sealed<MinutesContent> =>
  JSON.parse(vault.open(row.content));

export async function listMinutesContents({ db, vault }: CaseReads, caseId: string): Promise<Sealed<MinutesContent>[]> {
  return (await minutesOfCase(db, caseId).execute()).map((row) => toContent(vault, row));
}

export type FiledMinutes = { id: string; meetingId: string | null; content: Sealed<MinutesContent> };

/** A case's finalised minutes and their amendments, oldest first. */
export async function listFiledMinutes({ db, vault }: CaseReads, caseId: string): Promise<FiledMinutes[]> {
  const rows = await minutesOfCase(db, caseId).select(['id', 'meeting_id']).execute();
  return rows.map((row) => ({ id: row.id, meetingId: row.meeting_id, content: toContent(vault, row) }));
}

export const documentPage = 25;

/** Documents of a unit's cases, newest first, paged by id: one more than a page tells that there are more. */
export async function listDocumentsOfUnit(
  { db }: CaseReads,
  reader: User,
  after: string | null,
): Promise<DocumentRow[]> {
  const named = reader.handlesProtected ? 1 : 0;
  let query = from(db)
    .select(columns)
    .where('c.unit_id', '=', reader.unitId)
    .where('c.protected_identity', '<=', named);
  if (after) query = query.where('d.id', '<', after);
  const rows = await query
    .orderBy('d.id', 'desc')
    .limit(documentPage + 1)
    .execute();
  return rows.map(toDocument);
}

/** Which sections of some filed rows approved corrections have taken text from, and which corrections. */
export async function correctedSections(
  db: Reads['db'],
  holder: 'document' | 'release',
  filed: readonly { id: string }[],
): Promise<Map<string, Record<string, string[]>>> {
  const found = new Map<string, Record<string, string[]>>();
  if (filed.length === 0) return found;
  const rows = await db
    .selectFrom('correction_section as s')
    .innerJoin('correction as k', 'k.id', 's.correction_id')
    .select(['s.filed_id', 's.section', 's.correction_id'])
    .where('k.state', '=', 'approved')
    .where('s.holder', '=', holder)
    .where(
      's.filed_id',
      'in',
      filed.map(({ id }) => id),
    )
    .execute();
  for (const { filed_id, section, correction_id } of rows) {
    const sections = found.get(filed_id) ?? {};
    sections[section] = [...(sections[section] ?? []), correction_id];
    found.set(filed_id, sections);
  }
  return found;
}

type FiledRow = {
  id: string;
  case_id: string;
  hash: string;
  previous_hash: string;
  seal: string;
  content: string;
  pdf: string;
};

/**
 * What lies in the database under a number in its chain; `dataIn` finds the data inside a file, `corrected` tells what
 * approved corrections have taken from it.
 */
export function toFiled(
  vault: Reads['vault'],
  row: FiledRow & { position: number },
  corrected: ReadonlyMap<string, Filed['approved']>,
  dataIn: (pdf: Buffer) => string | null,
  beside?: DocumentColumns,
): Filed {
  const opened = <T>(read: () => T): T | null => {
    try {
      return read();
    } catch {
      return null;
    }
  };
  const content = opened(() => JSON.parse(vault.open(row.content)) as Sealed<object>);
  const filed = { hash: row.hash, previousHash: row.previous_hash };
  const file = opened(() => vault.open(row.pdf)) ?? '';
  const removals = content ? removalsIn(content) : {};
  // What was filed before its row was sealed with it has the shorter seal, and nobody without the key can make that.
  const seals = [{}, ...(beside ? [{ ...besideOf(beside), pdf: sha256(file) }] : [])];
  return {
    ...filed,
    id: row.id,
    caseId: row.case_id,
    position: row.position,
    sealed: seals.some((one) => row.seal === vault.stamp(textToSeal(filed, removals, one))),
    content,
    approved: corrected.get(row.id) ?? {},
    attached: opened(() => JSON.parse(dataIn(Buffer.from(file, 'base64')) ?? 'null')),
  };
}

/** Documents of all cases, chain by chain in order. */
export async function* everyDocument(
  { db, vault }: Reads,
  dataIn: (pdf: Buffer) => string | null,
): AsyncGenerator<Filed> {
  let query = db.selectFrom('document').selectAll().orderBy('case_id').orderBy('position').limit(documentPage);
  const all = query;
  for (;;) {
    const rows = await query.execute();
    const corrected = await correctedSections(db, 'document', rows);
    for (const row of rows) yield toFiled(vault, row, corrected, dataIn, row);
    const last = rows.at(-1);
    if (!last) return;
    query = all.where((w) => w(w.refTuple('case_id', 'position'), '>', w.tuple(last.case_id, last.position)));
  }
}

/** Ids of cases that were closed and have no document that says so. */
export async function listUnfiledClosings({ db }: Reads): Promise<string[]> {
  const rows = await db
    .selectFrom('case_file as c')
    .leftJoin('document as d', (join) => join.onRef('d.case_id', '=', 'c.id').on('d.kind', '=', 'closing'))
    .select('c.id')
    .where('c.state', '=', 'closed')
    .where('d.id', 'is', null)
    .execute();
  return rows.map(({ id }) => id);
}

/** Ids of minutes that were finalised and have no document. */
export async function listUnfiledMinutes({ db }: Reads): Promise<string[]> {
  const rows = await db
    .selectFrom('minutes as m')
    .leftJoin('document as d', (join) => join.onRef('d.meeting_id', '=', 'm.meeting_id').on('d.kind', '=', 'minutes'))
    .select('m.id')
    .where('m.state', '=', 'finalised')
    .where('d.id', 'is', null)
    .execute();
  return rows.map(({ id }) => id);
}
