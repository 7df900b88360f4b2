import type { Action, Actor, Subject } from '../../kernel/access.ts';
import { newId } from '../../kernel/ids.ts';
import type { IsoInstant } from '../../kernel/time.ts';
import type { Database, Writes } from '../db/database.ts';
import { preparedInsert } from '../db/prepared.ts';
import { inGroups } from '../groups.ts';

/** One thing that was done, seen or refused: ids and codes only, never words about a person. */
export type AuditEntry = {
  action: Action;
  actor: Actor;
  subject: Subject | null;
  outcome: 'done' | 'seen' | 'refused';
  code: string | null;
  reference: string;
  at: IsoInstant;
};

function actorLabel(actor: Actor): string {
  return actor.kind === 'user' ? actor.role : actor.kind === 'link' ? `link:${actor.scope}` : actor.kind;
}

function row(entry: AuditEntry) {
  return {
    id: newId(entry.at),
    at: entry.at,
    actor: actorLabel(entry.actor),
    account_id: entry.actor.kind === 'user' ? entry.actor.id : null,
    action: entry.action,
    outcome: entry.outcome,
    code: entry.code,
    request_id: entry.subject?.requestId ?? null,
    case_id: entry.subject?.caseId ?? null,
    meeting_id: entry.subject?.meetingId ?? null,
    reference: entry.reference,
  };
}

const insertRows = preparedInsert('audit', [
  ...(['id', 'at', 'actor', 'account_id', 'action', 'outcome', 'code'] as const),
  ...(['request_id', 'case_id', 'meeting_id', 'reference'] as const),
]);

export const writeAudit = ({ db }: Writes, ...entries: AuditEntry[]): Promise<void> => insertRows(db, entries.map(row));

export type AuditLog = { record(entry: AuditEntry): Promise<void> };

/** Rows that stand alone (reads, refusals) commit in groups; `record` resolves when its group is on disk. */
export function createAuditLog(database: Database): AuditLog {
  return { record: inGroups((entries) => database.statement((db) => insertRows(db, entries.map(row)))) };
}
