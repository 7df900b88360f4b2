import { type Kysely, sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Database } from '../../src/platform/db/database.ts';
import { type TableName, type Tables, tableKeys } from '../../src/platform/db/tables.ts';
import { verifyInstallation } from '../../src/verification.ts';
import { openReviewWorld, type ReviewWorld } from '../web/review-world.ts';

/** Final minutes, their amendment and everything that was said about them, each column changed by hand in turn. */

let world: ReviewWorld;
let database: Database;
type Row = Record<string, string | number | null>;
let documents: Row[];

beforeAll(async () => {
  world = await openReviewWorld('2027-03-18T09:00:00.000Z');
  database = world.database;
  // Seeded copies hold on to seeded documents.
  await database.transaction((w) =>
    w.db
      .deleteFrom('release')
      .execute()
      .then(() => {}),
  );
  const person = await world.test.signIn('individ');
  await world.post(`${world.at}/granskning`, { lastDay: '2027-04-01' });
  const said = { section: 'ability', text: 'Det var två timmar.', instead: 'Sitta två timmar.' };
  expect((await person.post(`${world.at}/invandning`, said)).status).toBe(303);
  const [objection] = (await world.review()).answers;
  await world.post(`${world.at}/granskning/svar`, { objection: objection?.id ?? '', answer: 'Vi hörde en timme.' });
  const change = { section: 'part_time', 'question-part_time-agreed': 'Halvtid från juni.', lastDay: '2027-04-01' };
  await world.post(`${world.at}/andring`, change);
  const note = { participant: world.of('ARBG'), kind: 'objected', section: 'part_time', text: 'Nej.', instead: 'Maj.' };
  const heard = { via: 'letter', day: '2027-03-17', how: 'Brevet ligger i ärendet.' };
  await world.post(`${world.at}/besked`, { ...note, ...heard });
  const noted = (await world.review()).answers.at(-1);
  await world.post(`${world.at}/granskning/svar`, { objection: noted?.id ?? '', answer: 'Juni gäller.' });
  await database.transaction((w) =>
    w.db
      .deleteFrom('session')
      .execute()
      .then(() => {}),
  );
  world.test.setClock('2027-04-02T09:00:00.000Z');
  await world.signInAgain();
  await world.post(`${world.at}/faststallande`, { reason: '', noFollowUpReason: 'Bokas sedan.' });
  await world.post(`${world.at}/rattelse`, { reason: 'Fel tid.', canDo: 'Stå.' });
  documents = await rowsOf('document', 'meeting_id', world.meeting);
});
afterAll(() => world.test.close());

async function rowsOf(table: TableName, column: string, value: string): Promise<Row[]> {
  const { rows } = await sql<Row>`select * from ${sql.table(table)} where ${sql.ref(column)} = ${value}`.execute(all());
  return rows;
}

const all = () => database.reads.db as unknown as Kysely<Tables>;
const faults = async () => (await verifyInstallation(database)).faults;

/** Every column of a table, as the database has it. */
async function columnsOf(table: TableName): Promise<string[]> {
  const tables = await all().introspection.getTables();
  const found = tables.find(({ name }) => name === table);
  return found?.columns.map(({ name }) => name) ?? [];
}

/** Another value that the column takes: another row's where it refers to one, else something made up. */
async function another(table: TableName, column: string, row: Row, others: readonly Row[]): Promise<string | number> {
  const value = row[column] ?? null;
  const { vault } = database.reads;
  const refers: Record<string, keyof Tables> = {
    ...{ case_id: 'case_file', meeting_id: 'meeting', minutes_id: 'minutes', participant_id: 'participant' },
    ...{ created_by: 'account', account_id: 'account', released_by: 'account', read_by: 'account' },
    answered_by: 'account',
  };
  const target = refers[column];
  if (target) {
    const { rows } = await sql<{ id: string }>`select id from ${sql.table(target)} order by id desc`.execute(all());
    const taken = others.map((other) => other[column]);
    const found = rows.find(({ id }) => id !== value && !taken.includes(id)) ?? rows.find(({ id }) => id !== value);
    return found?.id ?? '';
  }
  if (table === 'review_answer' && column === 'kind') return value === 'approved' ? 'objected' : 'approved';
  if (column === 'via') return value === 'phone' ? 'letter' : 'phone';
  if (typeof value === 'number') return value + 7;
  if (['content', 'pdf', 'text', 'instead', 'how', 'answer'].includes(column)) return vault.seal('Något annat.');
  return /(_at|^at)$/.test(column) ? '2027-01-01T00:00:00.000Z' : `${value ?? ''}x`;
}

/** Changes one value behind the product's back, says what the verification finds, and puts it back. */
async function tampered(table: TableName, row: Row, column: string, value: string | number): Promise<string[]> {
  const put = (to: string | number | null, from: Row) =>
    database.transaction(async ({ db }) => {
      const where = tableKeys[table].map((key) => sql`${sql.ref(key)} = ${from[key]}`);
      await sql`update ${sql.table(table)} set ${sql.ref(column)} = ${to} where ${sql.join(where, sql` and `)}`.execute(
        db,
      );
    });
  await put(value, row);
  const found = await faults();
  await put(row[column] ?? null, { ...row, [column]: value });
  return found.map(({ table, code }) => `${table} ${code}`);
}

test('nothing is found where nothing was touched, and there is something to find', async () => {
  expect(await faults()).toEqual([]);
  expect(documents.map(({ kind }) => kind)).toEqual(['minutes', 'amendment']);
});

test.each(['minutes', 'amendment'])('every column of the %s', async (kind) => {
  const row = documents.find((one) => one.kind === kind) as Row;
  const columns = await columnsOf('document');
  expect(columns.length).toBeGreaterThan(12);
  const missed: string[] = [];
  for (const column of columns) {
    const found = await tampered('document', row, column, await another('document', column, row, documents));
    if (!found.some((one) => one.startsWith('document '))) missed.push(column);
  }
  expect(missed).toEqual([]);
  expect(await faults()).toEqual([]);
}, 60_000);

test.each([
  'review',
  'review_reader',
  'review_section',
  'review_answer',
] as const)('every column of %s', async (table) => {
  const rows = await rowsOf(table, 'minutes_id', world.minutesId);
  const columns = await columnsOf(table);
  const missed: string[] = [];
  for (const column of columns) {
    // Of answers the one that has most to change.
    const row = rows.reduce((most, one) => (filled(one) > filled(most) ? one : most));
    const found = await tampered(table, row, column, await another(table, column, row, rows));
    if (!found.includes(`${table} seal`)) missed.push(column);
  }
  expect(missed).toEqual([]);
  expect(await faults()).toEqual([]);
}, 60_000);

const filled = (row: Row): number => Object.values(row).filter((value) => value !== null).length;

test('an answer that is gone', async () => {
  const [row] = await rowsOf('review_answer', 'minutes_id', world.minutesId);
  await database.transaction(({ db }) =>
    db
      .deleteFrom('review_answer')
      .where('id', '=', String(row?.id))
      .execute()
      .then(() => {}),
  );
  expect((await faults()).map(({ table, code, id }) => [table, code, id])).toEqual(
    [
      ['review_answer', 'unfiled', row?.id],
      ['review_answer', 'unfiled', row?.id],
    ].slice(0, 1),
  );
});
