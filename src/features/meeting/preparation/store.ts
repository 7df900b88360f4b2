import { sql } from 'kysely';
import type { IsoInstant } from '../../../kernel/time.ts';
import type { CaseReads, CaseWrites } from '../../../platform/db/access.ts';
import type { Reads } from '../../../platform/db/database.ts';
import type { MeetingState, Participant } from '../rules.ts';
import {
  type Adaptation,
  type Audience,
  type Before,
  mayReadShared,
  type Paper,
  type Piece,
  type Preparation,
  type PreparationField,
  type Share,
  sharedFields,
  type Tally,
  textOf,
  unshared,
  type Via,
} from './rules.ts';

/** Texts of a meeting, oldest first, each with its share. */
const texts = (db: Reads['db'], meetingId: string) =>
  db
    .selectFrom('preparation as p')
    .leftJoin('preparation_share as s', (join) =>
      join.onRef('s.participant_id', '=', 'p.participant_id').onRef('s.field', '=', 'p.field'),
    )
    .leftJoin('account as a', 'a.id', 'p.account_id')
    .select(['p.participant_id', 'p.field', 'p.text', 'p.at', 'p.via', 's.audience', 's.readers', 'a.name'])
    .where('p.meeting_id', '=', meetingId)
    .orderBy('p.id')
    .limit(1000);

type Row = {
  participant_id: string;
  field: string;
  text: string;
  at: IsoInstant;
  via: string;
  audience: string | null;
  readers: string | null;
  name: string | null;
};

const toShare = ({ audience, readers }: Pick<Row, 'audience' | 'readers'>): Share =>
  audience === null ? unshared : { audience: audience as Audience, readers: JSON.parse(readers ?? '[]') as string[] };

function gather(vault: Reads['vault'], rows: readonly Row[]): Preparation[] {
  const fields = Map.groupBy(rows, (row) => `${row.participant_id} ${row.field}`);
  return [...fields.values()].map((group) => {
    const [first] = group as [Row, ...Row[]];
    return {
      participantId: first.participant_id,
      field: first.field as PreparationField,
      share: toShare(first),
      pieces: group.map(
        (row): Piece => ({
          text: vault.open(row.text),
          at: row.at,
          via: row.via as Via,
          by: vault.open(row.name),
        }),
      ),
    };
  });
}

/** Everything that was said before a meeting. */
export async function readBefore(reads: CaseReads, meetingId: string): Promise<Before> {
  const [rows, adaptations, papers] = await Promise.all([
    texts(reads.db, meetingId).execute(),
    listAdaptations(reads, meetingId),
    listPapers(reads, meetingId),
  ]);
  return { preparations: gather(reads.vault, rows), adaptations, papers };
}

/** What one participant has written. */
export async function listPreparationsOf({ db, vault }: CaseReads, one: Participant): Promise<Preparation[]> {
  return gather(vault, await texts(db, one.meetingId).where('p.participant_id', '=', one.id).execute());
}

/** What the person shares with another participant; what they do not is not read. */
export async function listSharedWith(
  { db, vault }: CaseReads,
  state: MeetingState,
  reader: Participant,
): Promise<{ field: PreparationField; text: string }[]> {
  const rows = await texts(db, reader.meetingId)
    .where('p.field', 'in', [...sharedFields])
    .where('s.audience', '!=', 'officer')
    .execute();
  return gather(
    vault,
    rows.filter((row) => mayReadShared(reader, toShare(row), state)),
  )
    .toSorted((a, b) => sharedFields.indexOf(a.field as never) - sharedFields.indexOf(b.field as never))
    .map((one) => ({ field: one.field, text: textOf(one) }));
}

export async function tallyBefore(reads: CaseReads, meetingId: string): Promise<Tally> {
  const { db } = reads;
  const [texts, asked, papers] = await Promise.all([
    db
      .selectFrom('preparation')
      .select((s) => s.fn.count<number>('participant_id').distinct().as('count'))
      .where('meeting_id', '=', meetingId)
      .executeTakeFirst(),
    countAsked(reads, meetingId),
    db
      .selectFrom('paper')
      .select('answer')
      .where('meeting_id', '=', meetingId)
      .where('removed_at', 'is', null)
      .limit(100)
      .execute(),
  ]);
  return { texts: Number(texts?.count ?? 0), asked, papers: papers as Tally['papers'] };
}

/** How many adaptations wait for an answer. */
export async function countAsked({ db }: CaseReads, meetingId: string): Promise<number> {
  const row = await db
    .selectFrom('adaptation')
    .select((s) => s.fn.countAll<number>().as('count'))
    .where('meeting_id', '=', meetingId)
    .where('answered_at', 'is', null)
    .executeTakeFirst();
  return Number(row?.count ?? 0);
}

/** An officer's meetings in which the person waits for an answer to an adaptation. */
export const waitingAdaptations = (db: Reads['db'], officerId: string) =>
  db
    .selectFrom('adaptation as d')
    .innerJoin('meeting as m', 'm.id', 'd.meeting_id')
    .select((s) => ['m.id', 'm.reference', s.fn.countAll<number>().as('count')])
    .where('m.officer_id', '=', officerId)
    .where('m.state', 'in', [sql.lit('planning'), sql.lit('proposed'), sql.lit('scheduled'), sql.lit('held')])
    .where('d.answered_at', 'is', null)
    .groupBy(['m.id', 'm.reference'])
    .orderBy('m.id')
    .limit(sql.lit(20));

type Written = { id: string; at: IsoInstant; via: Via; accountId: string | null; text: string };
type Owner = { meetingId: string; participantId: string; field: PreparationField };

export async function addText({ db, vault }: CaseWrites, owner: Owner, written: Written): Promise<void> {
  await db
    .insertInto('preparation')
    .values({
      id: written.id,
      meeting_id: owner.meetingId,
      participant_id: owner.participantId,
      field: owner.field,
      text: vault.seal(written.text),
      at: written.at,
      via: written.via,
      account_id: written.accountId,
    })
    .execute();
}

/** The texts of a field are gone, and this one stands in their place; an empty one is none. */
export async function replaceTexts(writes: CaseWrites, owner: Owner, written: Written): Promise<void> {
  await writes.db
    .deleteFrom('preparation')
    .where('participant_id', '=', owner.participantId)
    .where('field', '=', owner.field)
    .execute();
  if (written.text !== '') await addText(writes, owner, written);
}

export async function putShare({ db }: CaseWrites, owner: Owner, { audience, readers }: Share): Promise<void> {
  const row = { audience, readers: JSON.stringify(readers) };
  await db
    .insertInto('preparation_share')
    .values({ participant_id: owner.participantId, field: owner.field, ...row })
    .onConflict((conflict) => conflict.columns(['participant_id', 'field']).doUpdateSet(row))
    .execute();
}

/** What the person has asked to have done in another way, oldest first. */
export async function listAdaptations({ db, vault }: CaseReads, meetingId: string): Promise<Adaptation[]> {
  const rows = await db
    .selectFrom('adaptation as d')
    .leftJoin('account as a', 'a.id', 'd.account_id')
    .leftJoin('account as o', 'o.id', 'd.answered_by')
    .select(['d.id', 'd.text', 'd.at', 'd.via', 'd.answer', 'd.answered_at', 'a.name as by', 'o.name as officer'])
    .where('d.meeting_id', '=', meetingId)
    .orderBy('d.id')
    .limit(100)
    .execute();
  return rows.map((row) => ({
    id: row.id,
    text: vault.open(row.text),
    at: row.at,
    via: row.via as Via,
    by: vault.open(row.by),
    answer: vault.open(row.answer) ?? '',
    answeredAt: row.answered_at,
    answeredBy: vault.openStaff(row.officer),
  }));
}

export async function insertAdaptation(
  { db, vault }: CaseWrites,
  meetingId: string,
  { id, text, at, via, accountId }: Written,
): Promise<void> {
  const row = { id, meeting_id: meetingId, text: vault.seal(text), at, via, account_id: accountId };
  await db
    .insertInto('adaptation')
    .values({ ...row, answer: null, answered_at: null, answered_by: null })
    .execute();
}

/** One answer to all of these. */
export async function answerAdaptations(
  { db, vault }: CaseWrites,
  ids: readonly string[],
  { answer, at, by }: { answer: string; at: IsoInstant; by: string },
): Promise<void> {
  await db
    .updateTable('adaptation')
    .set({ answer: vault.seal(answer), answered_at: at, answered_by: by })
    .where('id', 'in', ids)
    .execute();
}

/** What the officer means to bring, in the order it was listed. */
export async function listPapers({ db, vault }: CaseReads, meetingId: string): Promise<Paper[]> {
  const rows = await db
    .selectFrom('paper')
    .select(['id', 'title', 'version', 'answer', 'answered_at', 'answered_via'])
    .where('meeting_id', '=', meetingId)
    .where('removed_at', 'is', null)
    .orderBy('id')
    .limit(100)
    .execute();
  return rows.map((row) => ({
    id: row.id,
    title: vault.open(row.title),
    version: row.version,
    answer: row.answer as Paper['answer'],
    answeredAt: row.answered_at,
    answeredVia: row.answered_via as Via | null,
  }));
}

const noAnswer = { answer: null, answered_at: null, answered_via: null, answered_by: null };

export async function insertPaper(
  { db, vault }: CaseWrites,
  paper: { id: string; meetingId: string; title: string; at: IsoInstant; by: string },
): Promise<void> {
  const { id, meetingId, title, at, by } = paper;
  await db
    .insertInto('paper')
    .values({ id, meeting_id: meetingId, title: vault.seal(title), created_at: at, created_by: by, ...noAnswer })
    .execute();
}

/** Another title is asked about anew. */
export async function renamePaper({ db, vault }: CaseWrites, id: string, title: string): Promise<void> {
  await db
    .updateTable('paper')
    .set((s) => ({ title: vault.seal(title), version: s('version', '+', 1), ...noAnswer }))
    .where('id', '=', id)
    .execute();
}

export async function removePaper({ db }: CaseWrites, id: string, at: IsoInstant): Promise<void> {
  await db.updateTable('paper').set({ removed_at: at }).where('id', '=', id).execute();
}

export async function answerPaper(
  { db }: CaseWrites,
  id: string,
  said: { answer: 'yes' | 'no'; at: IsoInstant; via: Via; by: string },
): Promise<void> {
  const { answer, at, via, by } = said;
  await db
    .updateTable('paper')
    .set({ answer, answered_at: at, answered_via: via, answered_by: by })
    .where('id', '=', id)
    .execute();
}
