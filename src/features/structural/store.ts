import { nobody, type Subject } from '../../kernel/access.ts';
import { looksLikeId } from '../../kernel/ids.ts';
import type { IsoInstant } from '../../kernel/time.ts';
import { type CaseReads, type CaseWrites, Located } from '../../platform/db/access.ts';
import type { Reads } from '../../platform/db/database.ts';
import { nextNumber } from '../case/store.ts';
import { type Filed, noPrevious, type Sealed } from '../filing/document/rules.ts';
import { filedColumns, toFiled } from '../filing/document/store.ts';
import type { SavedField } from '../minutes/rules.ts';
import type { Structural, StructuralContent, StructuralFacts, StructuralState } from './rules.ts';

export const listPage = 25;
/** Next value of a counter. */
export const nextSerial = nextNumber;

export async function insertStructural(
  { db }: CaseWrites,
  meeting: { id: string; unitId: string; number: string; createdAt: IsoInstant; createdBy: string },
): Promise<void> {
  await db
    .insertInto('structural_meeting')
    .values({
      ...{ id: meeting.id, unit_id: meeting.unitId, number: meeting.number, state: 'draft' },
      ...{ created_at: meeting.createdAt, created_by: meeting.createdBy },
      ...{ finalised_at: null, finalised_by: null, content: null, hash: null, seal: null, pdf: null },
    })
    .execute();
}

const columns = ['m.id', 'm.state', 'm.version', 'm.created_at', 'm.number', 'm.finalised_at'] as const;
type Row = {
  id: string;
  state: string;
  version: number;
  created_at: IsoInstant;
  number: string;
  finalised_at: IsoInstant | null;
};

const toStructural = (row: Row, unit: string, finalisedBy: string): Structural => ({
  ...{ id: row.id, unit, state: row.state as StructuralState, version: row.version },
  ...{ createdAt: row.created_at, number: row.number, finalisedAt: row.finalised_at, finalisedBy },
});

export type ListedStructural = { id: string; state: StructuralState; number: string; title: string; day: string };

/** A unit's meetings, newest first, paged by id: one more than a page tells that there are more. */
export async function listStructural(
  { db, vault }: CaseReads,
  unitId: string | null,
  after: string | null,
): Promise<ListedStructural[]> {
  let query = db
    .selectFrom('structural_meeting as m')
    .leftJoin('structural_field as t', (j) =>
      j.onRef('t.structural_meeting_id', '=', 'm.id').on('t.field', '=', 'title'),
    )
    .leftJoin('structural_field as d', (j) => j.onRef('d.structural_meeting_id', '=', 'm.id').on('d.field', '=', 'day'))
    .select(['m.id', 'm.state', 'm.number', 't.text as title', 'd.text as day'])
    .where('m.unit_id', '=', unitId);
  if (after) query = query.where('m.id', '<', after);
  const rows = await query
    .orderBy('m.id', 'desc')
    .limit(listPage + 1)
    .execute();
  return rows.map((row) => ({
    ...{ id: row.id, state: row.state as StructuralState, number: row.number },
    ...{ title: vault.open(row.title) ?? '', day: vault.open(row.day) ?? '' },
  }));
}

/** A meeting as the subject of an act; null for an unknown one. It is its unit's. */
export async function locateStructural({ db, vault }: Reads, id: string): Promise<Located<Structural> | null> {
  if (!looksLikeId(id)) return null;
  const row = await db
    .selectFrom('structural_meeting as m')
    .innerJoin('unit as u', 'u.id', 'm.unit_id')
    .leftJoin('account as a', 'a.id', 'm.finalised_by')
    .select([...columns, 'm.unit_id', 'u.name as unit_name', 'a.name as finaliser'])
    .where('m.id', '=', id)
    .executeTakeFirst();
  if (!row) return null;
  const subject: Subject = { ...nobody, unitId: row.unit_id, meetingId: row.id };
  return new Located(subject, () => toStructural(row, row.unit_name, vault.openStaff(row.finaliser) ?? ''));
}

export async function readFacts({ db, vault }: CaseReads, meeting: Structural): Promise<StructuralFacts> {
  const rows = await db
    .selectFrom('structural_field as f')
    .innerJoin('account as a', 'a.id', 'f.updated_by')
    .select(['f.field', 'f.text', 'f.version', 'f.updated_at', 'f.updated_by', 'a.name'])
    .where('f.structural_meeting_id', '=', meeting.id)
    .limit(500)
    .execute();
  const fields = rows.map((row): [string, SavedField] => [
    row.field,
    {
      ...{ text: vault.open(row.text), version: row.version },
      ...{ at: row.updated_at, by: vault.openStaff(row.name), byId: row.updated_by },
    },
  ]);
  return { meeting, fields: new Map(fields) };
}

/** Writes a field's next version. */
export async function writeField(
  { db, vault }: CaseWrites,
  field: { meetingId: string; field: string; text: string; version: number; at: IsoInstant; by: string },
): Promise<void> {
  const row = { text: vault.seal(field.text), version: field.version, updated_at: field.at, updated_by: field.by };
  await db
    .insertInto('structural_field')
    .values({ structural_meeting_id: field.meetingId, field: field.field, ...row })
    .onConflict((conflict) => conflict.columns(['structural_meeting_id', 'field']).doUpdateSet(row))
    .execute();
}

/** Marks that something changed, so that a document made from what was there before is not filed. */
export async function touchStructural({ db }: CaseWrites, id: string): Promise<void> {
  await db
    .updateTable('structural_meeting')
    .set((s) => ({ version: s('version', '+', 1) }))
    .where('id', '=', id)
    .execute();
}

/** Locks and files minutes that still have the version they were read with; false when they changed or are locked. */
export async function fileStructural(
  { db, vault }: CaseWrites,
  meeting: { id: string; version: number },
  filed: { at: IsoInstant; by: string; content: Sealed<StructuralContent>; pdf: Uint8Array },
): Promise<boolean> {
  const result = await db
    .updateTable('structural_meeting')
    .set({
      ...{ state: 'finalised', version: meeting.version + 1, finalised_at: filed.at, finalised_by: filed.by },
      ...{ hash: filed.content.hash, ...filedColumns(vault, filed) },
    })
    .where('id', '=', meeting.id)
    .where('version', '=', meeting.version)
    .where('state', '=', 'draft')
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

/** Locked minutes: their content and their file. */
export async function readFiled(
  { db, vault }: CaseReads,
  id: string,
): Promise<{ content: Sealed<StructuralContent>; pdf: Buffer<ArrayBuffer> } | null> {
  const row = await db
    .selectFrom('structural_meeting')
    .select(['content', 'pdf'])
    .where('id', '=', id)
    .where('state', '=', 'finalised')
    .executeTakeFirst();
  if (!row?.content || !row.pdf) return null;
  return { content: JSON.parse(vault.open(row.content)), pdf: Buffer.from(vault.open(row.pdf), 'base64') };
}

/** All locked minutes as they lie in the database; each is a chain of its own. */
export async function* everyStructural(
  { db, vault }: Reads,
  dataIn: (pdf: Buffer) => string | null,
): AsyncGenerator<Filed> {
  const all = db
    .selectFrom('structural_meeting')
    .select(['id', 'hash', 'seal', 'content', 'pdf'])
    .where('state', '=', 'finalised')
    .orderBy('id')
    .limit(listPage);
  for (let last: string | undefined = ''; last !== undefined; ) {
    const rows = await all.where('id', '>', last).execute();
    for (const { id, hash, seal, content, pdf } of rows) {
      const row = { id, hash: hash ?? '', seal: seal ?? '', content: content ?? '', pdf: pdf ?? '' };
      const place = { case_id: id, position: 1, previous_hash: noPrevious };
      yield toFiled(vault, { ...row, ...place }, new Map(), dataIn);
    }
    last = rows.at(-1)?.id;
  }
}
