import { type Kysely, type SelectQueryBuilder, sql } from 'kysely';
import { type CaseReads, type CaseWrites, Located } from '../../../platform/db/access.ts';
import type { Reads } from '../../../platform/db/database.ts';
import type { sealedColumns } from '../../../platform/db/tables.ts';
import { locateCase } from '../../case/store.ts';
import type { Sealed } from '../../filing/document/rules.ts';
import { resealAnswers } from '../../minutes/review/store.ts';
import { locateRequest } from '../../request/store.ts';
import { type Change, type Filing, type Holder, keyOf, mapLeaves, type TextAt } from '../rules.ts';

/** A whole case, or a request that has none yet. */
export type Scope = { caseId: string | null; requestId: string | null };

export async function locateScope(
  reads: Reads,
  at: { case: string } | { request: string },
): Promise<Located<Scope> | null> {
  const found = 'case' in at ? await locateCase(reads, at.case) : await locateRequest(reads, at.request);
  if (!found) return null;
  const { caseId, requestId } = found.subject;
  return new Located(found.subject, () => ({ caseId, requestId }));
}

/** `text`: all of a column is a text that people wrote; a list: these texts in its JSON; null: none is. */
type Leaves = 'text' | readonly string[] | null;
const decided = ['text', 'reason', 'instead', 'outwardText', 'disclosureGround', 'purpose'];

/**
 * Which sealed columns hold texts about what is in a case. A new one that is missing here does not compile, nor does a
 * text in a table that is no holder. Names,
 * numbers and addresses are not texts: the right ones are put in their place on their own pages.
 */
const texts: {
  readonly [T in keyof typeof sealedColumns]: {
    readonly [C in keyof (typeof sealedColumns)[T]]: T extends Holder ? Leaves : null;
  };
} = {
  account: { name: null, email: null, phone: null },
  person: { name: null },
  session: { sign_out_hint: null },
  representation: { how: null },
  // What a reviewer writes is not for those who are reviewed.
  emergency: { reason: 'text', outcome: null },
  case_party: { organisation: null, code_how: 'text' },
  protection: { reason: 'text' },
  case_file: { individual: null },
  request: {
    form: [
      ...['requesterReference', 'individualContact', 'purpose', 'tried', 'needs', 'ownQuestion', 'partiesNote'],
      ...['wishes', 'disclosureBasis'],
    ],
  },
  withholding: { reason: 'text' },
  request_move: { details: decided },
  meeting: { purpose: 'text', place: 'text', video_url: null, interpreter_language: null },
  meeting_move: { details: ['reason', 'comment', 'text'] },
  participant: { person: null, verified_how: 'text', comment: 'text', answered_by: null },
  binding: { how: 'text' },
  poll_asked: { address: null },
  preparation: { text: 'text' },
  adaptation: { text: 'text', answer: 'text' },
  paper: { title: 'text' },
  talk: { how: 'text', go_on_reason: 'text', unsafe_contact: 'text' },
  minutes_field: { text: 'text' },
  review_answer: { text: 'text', instead: 'text', how: 'text', answer: 'text' },
  minutes_history: { text: 'text' },
  measure: { body: ['text', 'goal'] },
  measure_report: { note: 'text', obstacle: 'text' },
  goal_note: { goal: 'text' },
  // Days of somebody else's illness are removed as words are.
  sick_leave: { facts: ['periods.*.firstDay', 'periods.*.lastDay'] },
  closing: {
    body: [
      'reasonText',
      'ownView',
      'ownViewMissing',
      'goals.*.text',
      'goals.*.note',
      'measures.*.text',
      'measures.*.whom',
    ],
  },
  document: {
    content: [
      ...['document.reviewLeftOut', 'document.noFollowUpReason', 'document.reason', 'meeting.purpose', 'texts.*'],
      ...['measures.*.text', 'measures.*.goal', 'taken.*.question', 'taken.*.by', 'taken.*.where'],
      ...['objections.*.text', 'objections.*.instead', 'objections.*.answer'],
      ...['goals.*.text', 'goals.*.note', 'measures.*.whom'],
    ],
    // Made anew from the content.
    pdf: null,
  },
  consent: { note: 'text', exclusions: 'text' },
  release: {
    grounds: ['*.text'],
    content: [
      ...['texts.*', 'measures.*.text', 'measures.*.goal', 'taken.*.question', 'taken.*.by', 'taken.*.where'],
      ...['objections.*.text', 'objections.*.instead', 'objections.*.answer'],
    ],
    recall_reason: 'text',
    // Made anew from the content.
    pdf: null,
  },
  notice: { text: 'text' },
  notice_given: { note: 'text' },
  correction: { wanted: null, reason: null, answer: null },
  incoming_mail: { facts: ['subject', 'text', 'comment'] },
  // About no individual, in no case.
  structural_meeting: { content: null, pdf: null },
  structural_field: { text: null },
  // Facts of mail: addresses, times and references.
  outbox: { facts: null },
  audit: { origin: null },
  // Of a log row, in nobody's case.
  log_review_row: { note: null },
};

// biome-ignore lint/suspicious/noExplicitAny: whatever is selected from, the rows are read by the names of their columns
type Rows = SelectQueryBuilder<any, any, any>;
type Db = Reads['db'];
const most = sql.lit(2000);

/** The requests of a case, those that were merged into them too; or the one that has no case. */
const requests = (db: Db, { caseId, requestId }: Scope) => {
  const own = db.selectFrom('request as r').select('r.id');
  if (caseId === null) return own.where('r.id', '=', requestId);
  return own.where((w) =>
    w.or([
      w('r.case_id', '=', caseId),
      w('r.merged_into', 'in', db.selectFrom('request as o').select('o.id').where('o.case_id', '=', caseId)),
    ]),
  );
};
const meetings = (db: Db, { caseId }: Scope) => db.selectFrom('meeting').select('id').where('case_id', '=', caseId);

/** The rows of each holder that belong to a case, with the columns of theirs that hold texts. */
const holders: Record<Holder, (db: Db, scope: Scope) => Rows> = {
  request: (db, scope) => db.selectFrom('request').select(['id', 'form']).where('id', 'in', requests(db, scope)),
  request_move: (db, scope) =>
    db.selectFrom('request_move').select(['id', 'details']).where('request_id', 'in', requests(db, scope)),
  meeting: (db, scope) =>
    db.selectFrom('meeting').select(['id', 'purpose', 'place']).where('case_id', '=', scope.caseId),
  meeting_move: (db, scope) =>
    db.selectFrom('meeting_move').select(['id', 'details']).where('meeting_id', 'in', meetings(db, scope)),
  talk: (db, scope) =>
    db
      .selectFrom('talk')
      .select(['id', 'how', 'go_on_reason', 'unsafe_contact'])
      .where('meeting_id', 'in', meetings(db, scope)),
  participant: (db, scope) =>
    db
      .selectFrom('participant')
      .select(['id', 'verified_how', 'comment'])
      .where('meeting_id', 'in', meetings(db, scope)),
  minutes_field: (db, scope) =>
    db
      .selectFrom('minutes_field')
      .select(['minutes_id as id', 'field', 'text'])
      .where('minutes_id', 'in', (w) =>
        w.selectFrom('minutes').select('id').where('meeting_id', 'in', meetings(db, scope)),
      ),
  review_answer: (db, scope) =>
    db
      .selectFrom('review_answer')
      .select(['id', 'text', 'instead', 'how', 'answer'])
      .where('minutes_id', 'in', (w) =>
        w.selectFrom('minutes').select('id').where('meeting_id', 'in', meetings(db, scope)),
      ),
  minutes_history: (db, scope) =>
    db
      .selectFrom('minutes_history')
      .select(['id', 'field', 'text'])
      .where('minutes_id', 'in', (w) =>
        w.selectFrom('minutes').select('id').where('meeting_id', 'in', meetings(db, scope)),
      ),
  measure: (db, scope) => db.selectFrom('measure').select(['id', 'body']).where('case_id', '=', scope.caseId),
  measure_report: (db, scope) =>
    db
      .selectFrom('measure_report')
      .select(['id', 'note', 'obstacle'])
      .where('measure_id', 'in', (w) => w.selectFrom('measure').select('id').where('case_id', '=', scope.caseId)),
  goal_note: (db, scope) => db.selectFrom('goal_note').select(['id', 'goal']).where('case_id', '=', scope.caseId),
  closing: (db, scope) => db.selectFrom('closing').select(['id', 'body']).where('case_id', '=', scope.caseId),
  sick_leave: (db, scope) => db.selectFrom('sick_leave').select(['id', 'facts']).where('case_id', '=', scope.caseId),
  emergency: (db, scope) => db.selectFrom('emergency').select(['id', 'reason']).where('case_id', '=', scope.caseId),
  withholding: (db, scope) =>
    db.selectFrom('withholding').select(['id', 'reason']).where('request_id', 'in', requests(db, scope)),
  protection: (db, scope) => db.selectFrom('protection').select(['id', 'reason']).where('case_id', '=', scope.caseId),
  binding: (db, scope) =>
    db
      .selectFrom('binding')
      .select(['id', 'how'])
      .where('participant_id', 'in', (w) =>
        w.selectFrom('participant').select('id').where('meeting_id', 'in', meetings(db, scope)),
      ),
  case_party: (db, scope) => db.selectFrom('case_party').select(['id', 'code_how']).where('case_id', '=', scope.caseId),
  consent: (db, scope) =>
    db.selectFrom('consent').select(['id', 'note', 'exclusions']).where('case_id', '=', scope.caseId),
  notice: (db, scope) => db.selectFrom('notice').select(['id', 'text']).where('meeting_id', 'in', meetings(db, scope)),
  notice_given: (db, scope) =>
    db.selectFrom('notice_given').select(['id', 'note']).where('meeting_id', 'in', meetings(db, scope)),
  incoming_mail: (db, scope) =>
    db.selectFrom('incoming_mail').select(['id', 'facts']).where('meeting_id', 'in', meetings(db, scope)),
  preparation: (db, scope) =>
    db.selectFrom('preparation').select(['id', 'field', 'text']).where('meeting_id', 'in', meetings(db, scope)),
  adaptation: (db, scope) =>
    db.selectFrom('adaptation').select(['id', 'text', 'answer']).where('meeting_id', 'in', meetings(db, scope)),
  paper: (db, scope) => db.selectFrom('paper').select(['id', 'title']).where('meeting_id', 'in', meetings(db, scope)),
  release: (db, scope) =>
    db.selectFrom('release').select(['id', 'grounds', 'content', 'recall_reason']).where('case_id', '=', scope.caseId),
  document: (db, scope) => db.selectFrom('document').select(['id', 'content']).where('case_id', '=', scope.caseId),
};
const ofRequestAlone: readonly Holder[] = ['request', 'request_move', 'withholding'];

/** Fields of minutes and documents that hold a code or a date, and no text. */
const isCode = (field: string): boolean =>
  /^(attendance-.*|contribution-.*-taken|sipOverall|rehabilitation|followUpDate)$/.test(field);
const camel = (column: string): string => column.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());

/** Every text of a case, or of a request without one, and where it stands; in the order of `holders`. */
export async function listTexts({ db, vault }: CaseReads, scope: Scope): Promise<TextAt[]> {
  const read = (Object.keys(holders) as Holder[]).filter(
    (one) => scope.caseId !== null || ofRequestAlone.includes(one),
  );
  const rows = await Promise.all(read.map((holder) => holders[holder](db, scope).orderBy('id').limit(most).execute()));
  return read.flatMap((holder, i) => rows[i]?.flatMap((row) => textsOfRow(vault, holder, row)) ?? []);
}

function textsOfRow(vault: Reads['vault'], holder: Holder, row: Record<string, string | null>): TextAt[] {
  const found: TextAt[] = [];
  const add = (column: string, path: string, field: string, text: string) => {
    if (text !== '' && !isCode(field)) found.push({ holder, id: row.id ?? '', column, path, field, text });
  };
  for (const [column, leaves] of Object.entries(texts[holder]) as [string, Leaves][]) {
    const sealed = row[column];
    if (!leaves || !sealed) continue;
    const value = vault.open(sealed);
    if (leaves === 'text') {
      const field = row.field ?? camel(column);
      add(column, field, field, value);
    } else {
      mapLeaves(JSON.parse(value), leaves, (path, text) => {
        add(column, path, path.split('.').at(-1) ?? '', text);
        return text;
      });
    }
  }
  return found;
}

/** A column that is filed: documents and copies, written anew with their proof and their file. */
const isFiled = ({ holder, column }: Pick<Change, 'holder' | 'column'>): boolean =>
  (holder === 'document' || holder === 'release') && column === 'content';

export type FiledRow = { holder: Filing; id: string; content: Sealed<object> };

/** The documents and the copies that some changes are in, as they are filed. */
export async function readFiled({ db, vault }: CaseReads, changes: readonly Change[]): Promise<FiledRow[]> {
  const found: FiledRow[] = [];
  for (const holder of ['document', 'release'] as const) {
    const ids = changes.filter((one) => isFiled(one) && one.holder === holder).map(({ id }) => id);
    if (ids.length === 0) continue;
    const rows = await db.selectFrom(holder).select(['id', 'content']).where('id', 'in', ids).orderBy('id').execute();
    for (const { id, content } of rows) found.push({ holder, id, content: JSON.parse(vault.open(content)) });
  }
  return found;
}

/** The content of one of them with the changes in it. */
export function changedContent({ holder, id, content }: FiledRow, changes: readonly Change[]): object {
  const { sections, previousHash, hash, ...plain } = content;
  return applied({ holder, id, column: 'content' }, plain, changes) as object;
}

function applied(
  at: { holder: Holder; id: string; column: string },
  value: unknown,
  changes: readonly Change[],
): unknown {
  const after = new Map(changes.map((one) => [keyOf(one), one.after]));
  const leaves = texts[at.holder][at.column as never] as unknown as readonly string[];
  return mapLeaves(value, leaves, (path, text) => after.get(keyOf({ ...at, path })) ?? text);
}

const versioned: readonly Holder[] = [
  'request',
  'meeting',
  'participant',
  'minutes_field',
  'measure',
  'paper',
  'closing',
];

/**
 * Writes the changes everywhere but in documents, which are filed anew. What has a version gets the next one, so that
 * a page that was opened before cannot put the text back.
 */
export async function writeChanges(work: CaseWrites, changes: readonly Change[]): Promise<void> {
  const { db, vault } = work;
  const untyped = db as unknown as Kysely<Record<string, Record<string, string | number>>>;
  const rows = Map.groupBy(
    changes.filter((one) => !isFiled(one)),
    ({ holder, id, column, field }) => JSON.stringify([holder, id, column, holder === 'minutes_field' ? field : '']),
  );
  for (const [key, group] of rows) {
    const [holder, id, column, field] = JSON.parse(key) as [Holder, string, string, string];
    const at: Record<string, string> = holder === 'minutes_field' ? { minutes_id: id, field } : { id };
    let where = untyped.selectFrom(holder).select(column);
    let update = untyped.updateTable(holder);
    for (const [name, value] of Object.entries(at)) {
      where = where.where(name, '=', value);
      update = update.where(name, '=', value);
    }
    const row = await where.executeTakeFirstOrThrow();
    const isText = texts[holder][column as never] === ('text' as never);
    const value = isText
      ? (group[0]?.after ?? '')
      : JSON.stringify(applied({ holder, id, column }, JSON.parse(vault.open(String(row[column]))), group));
    await update
      .set((s) => ({
        [column]: vault.seal(value),
        ...(versioned.includes(holder) && { version: s('version', '+', 1) }),
      }))
      .execute();
  }
  const answers = changes.filter(({ holder }) => holder === 'review_answer').map(({ id }) => id);
  await resealAnswers(work, [...new Set(answers)]);
}

/** Minutes that some changes are in must not be finalised from what was read before, and those who write in them see it. */
export async function touchMinutes({ db }: CaseWrites, scope: Scope): Promise<void> {
  const open = db
    .selectFrom('minutes')
    .select('id')
    .where('meeting_id', 'in', meetings(db, scope))
    .where('state', '!=', 'finalised');
  await db
    .updateTable('minutes')
    .set((s) => ({ version: s('version', '+', 1) }))
    .where('id', 'in', open)
    .execute();
  for (const table of ['minutes_field', 'minutes_history'] as const) {
    await db
      .updateTable(table)
      .set((s) => ({
        seq: s.selectFrom('minutes as m').select('m.version').whereRef('m.id', '=', `${table}.minutes_id`).$asScalar(),
      }))
      .where('minutes_id', 'in', open)
      .execute();
  }
}
