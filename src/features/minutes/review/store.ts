import { type Insertable, sql, type Updateable } from 'kysely';
import { canonicalJson } from '../../../kernel/digest.ts';
import type { IsoDate, IsoInstant } from '../../../kernel/time.ts';
import type { CaseReads, CaseWrites } from '../../../platform/db/access.ts';
import type { Reads } from '../../../platform/db/database.ts';
import { sealedColumns, type TableName, type Tables, tableKeys } from '../../../platform/db/tables.ts';
import type { AnswerKind, AnswerVia, Review, ReviewAnswer, ReviewSection } from './rules.ts';

const tables = ['review', 'review_reader', 'review_section', 'review_answer'] as const satisfies TableName[];
type ReviewTable = (typeof tables)[number];
const mostRows = 2_000;

/** The seal over all other columns of a row, what is sealed in them as it reads when it is opened. */
function sealOf(vault: Reads['vault'], table: ReviewTable, row: object): string {
  const shut: object = table === 'review_answer' ? sealedColumns.review_answer : {};
  const plain = Object.entries(row)
    .filter(([name]) => name !== 'seal')
    .map(([name, value]) => [name, name in shut && value !== null ? vault.open(String(value)) : value]);
  return vault.stamp(canonicalJson([table, Object.fromEntries(plain)]));
}

async function insert<T extends ReviewTable>(
  { db, vault }: CaseWrites,
  table: T,
  row: Omit<Insertable<Tables[T]>, 'seal'>,
): Promise<void> {
  const values = { ...row, seal: sealOf(vault, table, row) } as unknown as Insertable<Tables[T]>;
  await db
    .insertInto(table as ReviewTable)
    .values(values as never)
    .execute();
}

/** Changes the row of a key and seals it anew. */
async function update<T extends ReviewTable>(
  { db, vault }: CaseWrites,
  table: T,
  key: Record<string, string>,
  change: Updateable<Tables[T]>,
): Promise<void> {
  let find = db.selectFrom(table as 'review').selectAll();
  let write = db.updateTable(table as 'review');
  for (const [name, value] of Object.entries(key)) {
    find = find.where(name as 'minutes_id', '=', value);
    write = write.where(name as 'minutes_id', '=', value);
  }
  const row = { ...(await find.executeTakeFirstOrThrow()), ...change };
  await write.set({ ...(change as object), seal: sealOf(vault, table, row) }).execute();
}

/** Seals answers anew after a correction has taken text from them. */
export async function resealAnswers(work: CaseWrites, ids: readonly string[]): Promise<void> {
  for (const id of ids) await update(work, 'review_answer', { id }, {});
}

/** The review of minutes; null when they were never out. */
export const findReview = ({ db, vault }: CaseReads, minutesId: string): Promise<Review | null> =>
  load(db, minutesId, (sealed) => vault.open(sealed) ?? '');

/** The same without a word of what anybody said. */
export const findReviewState = ({ db }: Reads, minutesId: string): Promise<Review | null> =>
  load(db, minutesId, () => '');

async function load(
  db: Reads['db'],
  minutesId: string,
  open: (sealed: string | null) => string,
): Promise<Review | null> {
  const [review, readers, changes, answers] = await Promise.all([
    db.selectFrom('review').selectAll().where('minutes_id', '=', minutesId).executeTakeFirst(),
    db.selectFrom('review_reader').selectAll().where('minutes_id', '=', minutesId).limit(mostRows).execute(),
    db
      .selectFrom('review_section')
      .selectAll()
      .where('minutes_id', '=', minutesId)
      .orderBy('at')
      .orderBy('version')
      .limit(mostRows)
      .execute(),
    db
      .selectFrom('review_answer')
      .selectAll()
      .where('minutes_id', '=', minutesId)
      .orderBy('id')
      .limit(mostRows)
      .execute(),
  ]);
  if (!review) return null;
  return {
    minutesId,
    releasedAt: review.released_at,
    lastDay: review.last_day,
    remindAt: review.remind_at,
    readers: readers.map((row) => ({
      participantId: row.participant_id,
      sections: row.sections.split(' ').filter(Boolean) as ReviewSection[],
      told: row.told as 'mail' | 'none',
    })),
    changes: changes.map((row) => ({
      section: row.section as ReviewSection,
      version: row.version,
      lastDay: row.last_day,
      at: row.at,
    })),
    answers: answers.map(
      (row): ReviewAnswer => ({
        id: row.id,
        participantId: row.participant_id,
        section: row.section as ReviewSection,
        sectionVersion: row.section_version,
        kind: row.kind as AnswerKind,
        text: open(row.text),
        instead: open(row.instead),
        via: row.via as AnswerVia,
        how: open(row.how),
        day: row.day,
        at: row.at,
        readAt: row.read_at,
        answer: open(row.answer),
        answeredAt: row.answered_at,
        withdrawnAt: row.withdrawn_at,
      }),
    ),
  };
}

export const insertReview = (
  work: CaseWrites,
  review: { minutesId: string; lastDay: IsoDate; remindAt: IsoInstant | null; at: IsoInstant; by: string },
): Promise<void> =>
  insert(work, 'review', {
    ...{ minutes_id: review.minutesId, last_day: review.lastDay, remind_at: review.remindAt },
    ...{ released_at: review.at, released_by: review.by },
  });

export const insertReader = (
  work: CaseWrites,
  reader: { minutesId: string; participantId: string; sections: readonly ReviewSection[]; told: 'mail' | 'none' },
): Promise<void> =>
  insert(work, 'review_reader', {
    ...{ minutes_id: reader.minutesId, participant_id: reader.participantId },
    ...{ sections: reader.sections.join(' '), told: reader.told },
  });

/** Gives somebody a section more, which was not there when the minutes went out. */
export const updateReader = (
  work: CaseWrites,
  reader: { minutesId: string; participantId: string; sections: readonly ReviewSection[] },
): Promise<void> =>
  update(
    work,
    'review_reader',
    { minutes_id: reader.minutesId, participant_id: reader.participantId },
    { sections: reader.sections.join(' ') },
  );

export const insertChange = (
  work: CaseWrites,
  change: { minutesId: string; section: ReviewSection; version: number; lastDay: IsoDate; at: IsoInstant; by: string },
): Promise<void> =>
  insert(work, 'review_section', {
    ...{ minutes_id: change.minutesId, section: change.section, version: change.version },
    ...{ last_day: change.lastDay, at: change.at, account_id: change.by },
  });

export const setRemindAt = (work: CaseWrites, minutesId: string, remindAt: IsoInstant | null): Promise<void> =>
  update(work, 'review', { minutes_id: minutesId }, { remind_at: remindAt });

export const insertAnswer = (
  work: CaseWrites,
  minutesId: string,
  one: Pick<ReviewAnswer, 'id' | 'participantId' | 'section' | 'sectionVersion' | 'kind' | 'text' | 'instead' | 'at'> &
    Pick<ReviewAnswer, 'via' | 'how' | 'day'> & { accountId: string },
): Promise<void> => {
  const { seal } = work.vault;
  return insert(work, 'review_answer', {
    ...{ id: one.id, minutes_id: minutesId, participant_id: one.participantId, section: one.section },
    ...{ section_version: one.sectionVersion, kind: one.kind, at: one.at, account_id: one.accountId },
    ...{ text: seal(one.text || null), instead: seal(one.instead || null) },
    ...{ via: one.via, how: seal(one.how || null), day: one.day },
    ...{ read_at: null, read_by: null, answer: null, answered_at: null, answered_by: null, withdrawn_at: null },
  });
};

/** The officer has read it, and says something to it unless `answer` is empty. */
export const settleAnswer = (
  work: CaseWrites,
  one: Pick<ReviewAnswer, 'id' | 'readAt'>,
  said: { answer: string; at: IsoInstant; by: string },
): Promise<void> =>
  update(
    work,
    'review_answer',
    { id: one.id },
    {
      ...(one.readAt === null && { read_at: said.at, read_by: said.by }),
      ...(said.answer && { answer: work.vault.seal(said.answer), answered_at: said.at, answered_by: said.by }),
    },
  );

export const withdrawAnswer = (work: CaseWrites, id: string, at: IsoInstant): Promise<void> =>
  update(work, 'review_answer', { id }, { withdrawn_at: at });

/** Minutes that are out and whose silent readers are to be reminded, the longest due first. */
export async function listToRemind({ db }: Reads, now: IsoInstant): Promise<string[]> {
  const rows = await db
    .selectFrom('review as r')
    .innerJoin('minutes as m', 'm.id', 'r.minutes_id')
    .select('m.meeting_id')
    .where('r.remind_at', '<=', now)
    .where('m.state', '=', 'review')
    .orderBy('r.remind_at')
    .limit(100)
    .execute();
  return rows.map(({ meeting_id }) => meeting_id);
}

/** An officer's minutes that are out and wait for the officer: something in them is not read, or their last day has gone. */
export const reviewsToSettle = (db: Reads['db'], officerId: string, today: IsoDate) =>
  db
    .selectFrom('meeting as m')
    .innerJoin('minutes as w', 'w.meeting_id', 'm.id')
    .innerJoin('review as r', 'r.minutes_id', 'w.id')
    .leftJoin('review_answer as a', (join) =>
      join
        .onRef('a.minutes_id', '=', 'w.id')
        .on('a.kind', '!=', sql.lit('approved'))
        .on('a.read_at', 'is', null)
        .on('a.withdrawn_at', 'is', null),
    )
    .select((s) => ['m.id', 'm.reference', s.fn.count<number>('a.id').as('unread')])
    .where('m.officer_id', '=', officerId)
    .where('m.state', '=', sql.lit('held'))
    .where('w.state', '=', sql.lit('review'))
    .where((w) =>
      w.or([
        w('a.id', 'is not', null),
        w.and([
          w('r.last_day', '<', today),
          w.not(
            w.exists(
              w
                .selectFrom('review_section as v')
                .select('v.section')
                .whereRef('v.minutes_id', '=', 'w.id')
                .where('v.last_day', '>=', today),
            ),
          ),
        ]),
      ]),
    )
    .groupBy(['m.id', 'm.reference'])
    .orderBy('m.id')
    .limit(sql.lit(20));

/** Every row of every review: its name, and whether it is as it was written. */
export async function* everyReviewRow({
  db,
  vault,
}: Reads): AsyncGenerator<{ table: ReviewTable; id: string; whole: boolean; minutesId: string }> {
  for (const table of tables) {
    const key: readonly string[] = tableKeys[table];
    let offset = 0;
    for (;;) {
      let query = db
        .selectFrom(table as 'review')
        .selectAll()
        .limit(mostRows)
        .offset(offset);
      for (const name of key) query = query.orderBy(name as 'minutes_id');
      const rows = await query.execute();
      for (const row of rows) {
        const values = row as unknown as Record<string, string>;
        const id = key.map((name) => values[name]).join('/');
        let whole = false;
        try {
          whole = row.seal === sealOf(vault, table, row);
        } catch {
          // What does not open is not as it was written.
        }
        yield { table, id, whole, minutesId: row.minutes_id };
      }
      if (rows.length < mostRows) break;
      offset += mostRows;
    }
  }
}
