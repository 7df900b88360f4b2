import { everyCopy } from './features/consent/release/store.ts';
import { answersIn, type DocumentFault, type Filed, faultsOf } from './features/filing/document/rules.ts';
import { everyDocument, listUnfiledClosings, listUnfiledMinutes } from './features/filing/document/store.ts';
import { everyReviewRow } from './features/minutes/review/store.ts';
import { everyStructural } from './features/structural/store.ts';
import { type CheckedLog, checkLog } from './platform/audit/check.ts';
import { type AllHeads, noHeads } from './platform/audit/heads.ts';
import { openEverything } from './platform/db/check.ts';
import type { Database, RowName } from './platform/db/database.ts';
import type { TableName } from './platform/db/tables.ts';
import { readAttachment } from './platform/pdf/attachment.ts';

/** What is wrong with a row, by ids and names of the schema only. */
export type Fault = RowName & { code: 'sealed' | 'reference' | 'unfiled' | DocumentFault; column: string };
export type Verified = { rows: Record<TableName, number>; faults: Fault[]; log: CheckedLog };

/**
 * Reads the whole installation as it is at one moment: every sealed value opens, every reference leads somewhere,
 * every document is the one that was filed, at its place in its case's chain, and none is missing; every released copy is
 * the one that was made, of the document it says; minutes about nobody are as they were locked; what was said in a review is as it was said; the log is whole. `heads`: what
 * was kept of the log apart from the database.
 */
export function verifyInstallation(database: Database, heads: AllHeads = noHeads): Promise<Verified> {
  return database.snapshot(async (reads) => {
    const { rows, unopened } = await openEverything(reads);
    const faults: Fault[] = unopened.map((one) => ({ ...one, code: 'sealed' }));
    const add = (code: Fault['code'], table: TableName, id: string) => faults.push({ code, table, id, column: '' });
    for (const { table, id } of await database.brokenReferences()) add('reference', table, id);
    for (const id of await listUnfiledMinutes(reads)) add('unfiled', 'minutes', id);
    for (const id of await listUnfiledClosings(reads)) add('unfiled', 'case_file', id);
    let before: Filed | null = null;
    // What was said about the text of a document, and may be gone.
    const answers = new Set<string>();
    for await (const filed of everyDocument(reads, readAttachment)) {
      for (const code of faultsOf(filed, before)) add(code, 'document', filed.id);
      before = filed;
      for (const id of answersIn(filed)) answers.add(id);
    }
    for await (const { table, id, whole } of everyReviewRow(reads)) {
      answers.delete(id);
      if (!whole) add('seal', table, id);
    }
    for (const id of answers) add('unfiled', 'review_answer', id);
    for await (const { copy, source } of everyCopy(reads, readAttachment)) {
      for (const code of faultsOf(copy, source)) add(code, 'release', copy.id);
    }
    for await (const filed of everyStructural(reads, readAttachment)) {
      for (const code of faultsOf(filed, null)) add(code, 'structural_meeting', filed.id);
    }
    return { rows, faults, log: await checkLog(reads, heads) };
  });
}
