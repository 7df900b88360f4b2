import { sql } from 'kysely';
import sqlite3 from 'sqlite3';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type MinutesContent, type Sealed, sealContent } from '../../src/features/filing/document/rules.ts';
import { chainHead, insertDocument, listMinutesContents } from '../../src/features/filing/document/store.ts';
import { printMinutes } from '../../src/features/minutes/render.ts';
import { newSalt } from '../../src/kernel/digest.ts';
import { newId } from '../../src/kernel/ids.ts';
import { createVault } from '../../src/kernel/vault.ts';
import { permit } from '../../src/platform/db/access.ts';
import type { Database, Writes } from '../../src/platform/db/database.ts';
import type { Tables } from '../../src/platform/db/tables.ts';
import { verifyInstallation } from '../../src/verification.ts';
import { openTestApp, type TestApp } from '../support/app.ts';
import { everyRow, kind } from '../support/database.ts';

const now = '2026-11-23T09:00:00.000Z';

describe('the verification names what is wrong', () => {
  let app: TestApp;
  let database: Database;
  /** Documents of one chain in its order; the first is that of the seed's minutes. */
  let chain: string[];
  let caseId: string;
  let minutesId: string;
  /** Rows of `document` as they were filed. */
  let filed: Tables['document'][];

  beforeAll(async () => {
    app = await openTestApp({ now });
    database = app.house.engine.database;
    // The seed's copy holds on to the document that is changed here; copies have tests of their own.
    await database.transaction((w) => w.db.deleteFrom('release').execute());
    const first = await database.reads.db.selectFrom('document').selectAll().executeTakeFirstOrThrow();
    caseId = first.case_id;
    minutesId = (
      await database.reads.db
        .selectFrom('minutes')
        .select('id')
        .where('state', '=', 'finalised')
        .executeTakeFirstOrThrow()
    ).id;
    const [content] = await listMinutesContents(permit(database.reads), caseId);
    for (let more = 0; more < 2; more++) await file(content as Sealed<MinutesContent>);
    filed = await database.reads.db.selectFrom('document').selectAll().orderBy('position').execute();
    chain = filed.map(({ id }) => id);
    expect(filed.map(({ position }) => position)).toEqual([1, 2, 3]);
  });
  afterAll(() => app.close());

  /** Puts the documents back as they were filed. */
  beforeEach(() =>
    database.transaction(async ({ db }) => {
      await db.deleteFrom('document').execute();
      await db.insertInto('document').values(filed).execute();
    }),
  );

  async function file({ sections, previousHash, hash, ...content }: Sealed<MinutesContent>): Promise<void> {
    const head = await chainHead(permit(database.reads), caseId);
    const position = head.position + 1;
    const document = { ...content.document, position, number: `${content.document.caseNumber}-${position}` };
    const sealed = sealContent({ ...content, document }, head.hash, newSalt);
    const pdf = await printMinutes(sealed, app.house.texts.t, now);
    const by = await database.reads.db.selectFrom('account').select('id').executeTakeFirstOrThrow();
    await database.transaction((writes) =>
      insertDocument(permit(writes), {
        ...{ id: newId(now), caseId, meetingId: null, kind: 'minutes', position, number: document.number },
        ...{ createdAt: now, createdBy: by.id, content: sealed, pdf },
      }),
    );
  }
  const set = ({ db }: Writes, place: number, change: Partial<Tables['document']>) =>
    db
      .updateTable('document')
      .set(change as object)
      .where('id', '=', chain[place] as string)
      .execute();
  const contentOf = ({ vault }: Writes, place: number): Sealed<MinutesContent> =>
    JSON.parse(vault.open(filed[place]?.content ?? ''));
  const faults = async () =>
    (await verifyInstallation(database)).faults.map(({ table, id, code, column }) =>
      [table, table === 'document' ? chain.indexOf(id) : id, code, column].filter((part) => part !== '').join(' '),
    );

  test('nothing, when nothing is', async () => {
    const { rows, faults: found } = await verifyInstallation(database);
    expect(found).toEqual([]);
    expect(rows).toMatchObject({ document: 3, session: 0, account: 12 });
    expect(rows).toEqual(
      Object.fromEntries(Object.entries(await everyRow(database)).map(([name, all]) => [name, all.length])),
    );
  });

  const cases: [string, (writes: Writes) => Promise<unknown>, string[]][] = [
    [
      'a text that was changed',
      (w) => {
        const content = contentOf(w, 1);
        const texts = { ...content.texts, canDo: 'Något annat' };
        return set(w, 1, { content: w.vault.seal(JSON.stringify({ ...content, texts })) });
      },
      ['document 1 text', 'document 1 file'],
    ],
    [
      'a text that was put in',
      (w) => {
        const content = contentOf(w, 1);
        const texts = { ...content.texts, other: 'Mer' };
        return set(w, 1, { content: w.vault.seal(JSON.stringify({ ...content, texts })) });
      },
      ['document 1 text', 'document 1 file'],
    ],
    [
      'a text that was changed with all its hashes',
      (w) => {
        const { sections, hash, previousHash, ...content } = contentOf(w, 1);
        const texts = { ...content.texts, canDo: 'Något annat' };
        const forged = sealContent({ ...content, texts }, previousHash, newSalt);
        return set(w, 1, { content: w.vault.seal(JSON.stringify(forged)), hash: forged.hash });
      },
      ['document 1 seal', 'document 1 file', 'document 2 chain'],
    ],
    [
      'a hash that was changed',
      (w) => set(w, 1, { hash: 'f'.repeat(64) }),
      ['document 1 hash', 'document 1 seal', 'document 2 chain'],
    ],
    [
      'the hash of the one before, changed',
      (w) => set(w, 1, { previous_hash: 'f'.repeat(64) }),
      ['document 1 hash', 'document 1 seal', 'document 1 chain'],
    ],
    [
      'a seal made elsewhere',
      (w) => set(w, 2, { seal: createVault(Buffer.alloc(32, 7)).stamp('x') }),
      ['document 2 seal'],
    ],
    [
      'a document gone from the middle',
      (w) =>
        w.db
          .deleteFrom('document')
          .where('id', '=', chain[1] as string)
          .execute(),
      ['document 2 chain'],
    ],
    [
      'a document gone from the front, and its minutes',
      (w) =>
        w.db
          .deleteFrom('document')
          .where('id', '=', chain[0] as string)
          .execute(),
      ['minutes MINUTES unfiled', 'document 1 chain'],
    ],
    ['a place that was changed', (w) => set(w, 2, { position: 5 }), ['document 2 seal', 'document 2 chain']],
    [
      'two files in each other’s place',
      async (w) => [await set(w, 1, { pdf: filed[2]?.pdf }), await set(w, 2, { pdf: filed[1]?.pdf })],
      ['document 1 seal', 'document 1 file', 'document 2 seal', 'document 2 file'],
    ],
    ['a file that is no PDF', (w) => set(w, 0, { pdf: w.vault.seal('aGVq') }), ['document 0 seal', 'document 0 file']],
    [
      'a file from another key',
      (w) => set(w, 0, { pdf: createVault(Buffer.alloc(32, 7)).seal('aGVq') }),
      ['document 0 sealed pdf', 'document 0 seal', 'document 0 file'],
    ],
    [
      'a content cut short',
      (w) => set(w, 1, { content: filed[1]?.content.slice(0, -4) }),
      ['document 1 sealed content', 'document 1 text'],
    ],
  ];
  test.each(cases)('%s', async (_name, change, expected) => {
    await database.transaction((writes) => change(writes).then(() => {}));
    expect(await faults()).toEqual(expected.map((line) => line.replace('MINUTES', minutesId)));
  });

  test('every sealed value from another key, wherever it is', async () => {
    const foreign = createVault(Buffer.alloc(32, 7)).seal('x');
    const places: [keyof Tables, string, string[]][] = [
      ['account', 'email', ['id']],
      ['case_file', 'individual', ['id']],
      ['request', 'form', ['id']],
      ['request_move', 'details', ['id']],
      ['meeting', 'purpose', ['id']],
      ['meeting_move', 'details', ['id']],
      ['participant', 'person', ['id']],
      ['talk', 'how', ['id']],
      ['minutes_field', 'text', ['minutes_id', 'field']],
      ['measure', 'body', ['id']],
      ['measure_report', 'note', ['id']],
      ['case_party', 'organisation', ['id']],
      ['consent', 'exclusions', ['id']],
      ['notice', 'text', ['id']],
      ['notice_given', 'note', ['id']],
      ['outbox', 'facts', ['id']],
    ];
    const rows = await everyRow(database);
    for (const [table, column, keys] of places) {
      const row = rows[table as 'account']?.at(-1) ?? {};
      const put = (value: unknown) =>
        database.transaction(({ db }) =>
          sql`update ${sql.table(table)} set ${sql.ref(column)} = ${value}
            where ${sql.join(
              keys.map((key) => sql`${sql.ref(key)} = ${row[key]}`),
              sql` and `,
            )}`.execute(db),
        );
      await put(foreign);
      expect(await faults(), table).toEqual([`${table} ${keys.map((key) => row[key]).join('/')} sealed ${column}`]);
      await put(row[column]);
    }
    expect(await faults()).toEqual([]);
  }, 60_000);

  test.runIf(kind === 'sqlite')('a reference to what is gone', async () => {
    const file = app.house.config.databaseUrl.slice('sqlite:'.length);
    const moves = (await everyRow(database)).measure_report?.map(({ id, measure_id }) => [id, measure_id]);
    const [report, measure] = moves?.[0] as string[];
    await new Promise<void>((resolve, reject) => {
      // Without foreign_keys=on, as any other program opens the file.
      const other = new sqlite3.Database(file);
      other.run('delete from measure where id = ?', [measure], (error) =>
        error ? reject(error) : other.close(() => resolve()),
      );
    });
    expect(await faults()).toContain(`measure_report ${report} reference`);
  });
});
