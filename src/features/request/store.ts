import type { Subject, User } from '../../kernel/access.ts';
import { nobody } from '../../kernel/access.ts';
import type { IsoDate, IsoInstant } from '../../kernel/time.ts';
import { type CaseReads, type CaseWrites, Located } from '../../platform/db/access.ts';
import type { Reads, Writes } from '../../platform/db/database.ts';
import { listOfficers } from '../account/store.ts';
import { findOpenCaseOf, locateCase } from '../case/store.ts';
import { listMeetingsOfCase } from '../meeting/store.ts';
import { listSamePerson } from './queue/store.ts';
import type { Channel, Disclosure, MeetingRequest, RequestEvent, RequestForm, RequestState } from './rules.ts';

export type FoundRequest = MeetingRequest & { subject: Subject };

/** One request; null for an unknown one. */
export async function locateRequest({ db, vault }: Reads, id: string): Promise<Located<FoundRequest> | null> {
  const row = await db
    .selectFrom('request as r')
    .leftJoin('account as o', 'o.id', 'r.officer_id')
    .leftJoin('meeting as m', 'm.request_id', 'r.id')
    .selectAll('r')
    .select(['o.name as officer_name', 'm.id as meeting_id'])
    .where('r.id', '=', id)
    .executeTakeFirst();
  if (!row) return null;
  const subject: Subject = {
    ...nobody,
    unitId: row.unit_id,
    officerId: row.officer_id,
    numberFp: row.number_fp,
    requesterUserId: row.requester_account_id,
    protectedIdentity: row.protected_identity === 1,
    link: { scope: 'receipt', id: row.id },
    requestId: row.id,
    caseId: row.case_id,
  };
  return new Located(subject, () => ({
    id: row.id,
    reference: row.reference,
    state: row.state as RequestState,
    version: row.version,
    channel: row.channel as Channel,
    receivedAt: row.received_at,
    endedAt: row.ended_at,
    form: JSON.parse(vault.open(row.form)) as RequestForm,
    numberFingerprint: row.number_fp,
    officerId: row.officer_id,
    officerName: vault.openStaff(row.officer_name),
    unitId: row.unit_id,
    caseId: row.case_id,
    meetingId: row.meeting_id,
    requesterAccountId: row.requester_account_id,
    holdUntil: row.hold_until,
    holdEnded: row.hold_ended === 1,
    linkGeneration: row.link_generation,
    linkRevoked: row.link_revoked === 1,
    subject,
  }));
}

/** What a receipt's token is judged by, and nothing of what the request says; null for a link that was taken back. */
export async function findReceipt(
  { db }: Reads,
  id: string,
): Promise<{ linkGeneration: number; endedAt: IsoInstant | null } | null> {
  const row = await db
    .selectFrom('request')
    .select(['link_generation', 'ended_at'])
    .where('id', '=', id)
    .where('link_revoked', '=', 0)
    .executeTakeFirst();
  return row ? { linkGeneration: row.link_generation, endedAt: row.ended_at } : null;
}

/** The request that an idempotency key already made, if any. */
export async function findByIdempotencyKey(
  { db, vault }: Reads,
  key: string,
): Promise<{ id: string; linkGeneration: number; form: RequestForm } | null> {
  const row = await db
    .selectFrom('request')
    .select(['id', 'link_generation', 'form'])
    .where('idempotency_key', '=', key)
    .executeTakeFirst();
  if (!row) return null;
  return { id: row.id, linkGeneration: row.link_generation, form: JSON.parse(vault.open(row.form)) as RequestForm };
}

export type NewRequest = {
  id: string;
  reference: string;
  idempotencyKey: string | null;
  channel: Channel;
  receivedAt: IsoInstant;
  createdAt: IsoInstant;
  form: RequestForm;
  requesterAccountId: string | null;
  registeredBy: string | null;
  officerId: string | null;
  unitId: string | null;
};

export async function insertRequest({ db, vault }: CaseWrites, request: NewRequest): Promise<void> {
  const { form } = request;
  const numberPrint = form.individualNumber === null ? null : vault.fingerprint(form.individualNumber);
  // Whoever asks need not know that the person is protected.
  const known = await db
    .selectFrom('case_file')
    .select('id')
    .where('number_fp', '=', numberPrint)
    .where('protected_identity', '=', 1)
    .limit(1)
    .executeTakeFirst();
  await db
    .insertInto('request')
    .values({
      id: request.id,
      reference: request.reference,
      idempotency_key: request.idempotencyKey,
      state: 'received',
      channel: request.channel,
      received_at: request.receivedAt,
      created_at: request.createdAt,
      requester_role: form.requesterRole,
      requester_account_id: request.requesterAccountId,
      registered_by: request.registeredBy,
      kind: form.kind,
      protected_identity: form.protectedIdentity || known ? 1 : 0,
      form: vault.seal(JSON.stringify(form)),
      number_fp: numberPrint,
      officer_id: request.officerId,
      unit_id: request.unitId,
      case_id: null,
      merged_into: null,
      hold_until: null,
      ended_at: null,
    })
    .execute();
}

/**
 * Changes a request that still has the version it was read with; false when somebody else was first.
 * The conditional update decides the race between two officers.
 */
export async function updateRequest(
  { db }: CaseWrites,
  request: { id: string; version: number },
  change: {
    state?: RequestState;
    officerId?: string | null;
    unitId?: string | null;
    caseId?: string;
    holdUntil?: IsoDate | null;
    holdEnded?: boolean;
    endedAt?: IsoInstant;
    linkGeneration?: number;
    linkRevoked?: boolean;
    mergedInto?: string;
  },
): Promise<boolean> {
  const result = await db
    .updateTable('request')
    .set({
      version: request.version + 1,
      ...(change.state && { state: change.state }),
      ...(change.officerId !== undefined && { officer_id: change.officerId }),
      ...(change.unitId !== undefined && { unit_id: change.unitId }),
      ...(change.caseId && { case_id: change.caseId }),
      ...(change.holdUntil !== undefined && { hold_until: change.holdUntil }),
      ...(change.holdEnded !== undefined && { hold_ended: change.holdEnded ? (1 as const) : (0 as const) }),
      ...(change.endedAt && { ended_at: change.endedAt }),
      ...(change.linkGeneration && { link_generation: change.linkGeneration }),
      ...(change.linkRevoked !== undefined && { link_revoked: change.linkRevoked ? (1 as const) : (0 as const) }),
      ...(change.mergedInto && { merged_into: change.mergedInto }),
    })
    .where('id', '=', request.id)
    .where('version', '=', request.version)
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

type NewEvent = Omit<RequestEvent, 'accountName'> & { id: string; requestId: string; accountId: string | null };

export const insertEvent = (writes: CaseWrites, event: NewEvent): Promise<void> => insertMove(writes, event);

async function insertMove({ db, vault }: Writes, event: NewEvent): Promise<void> {
  await db
    .insertInto('request_move')
    .values({
      id: event.id,
      request_id: event.requestId,
      move: event.move,
      at: event.at,
      account_id: event.accountId,
      reason_code: event.reasonCode,
      disclosure: event.disclosure,
      details: vault.seal(JSON.stringify(event.details)),
    })
    .execute();
}

/** The worker notes in the request's history that a mail to the requester was refused for good. */
export function noteUndelivered(
  writes: Writes,
  mail: { id: string; requestId: string; at: IsoInstant },
): Promise<void> {
  const nobody = { accountId: null, reasonCode: null, disclosure: null, details: {} };
  return insertMove(writes, { ...mail, ...nobody, move: 'undelivered' });
}

/** What has happened to a request, oldest first. */
export async function listEvents({ db, vault }: CaseReads, requestId: string): Promise<RequestEvent[]> {
  const rows = await db
    .selectFrom('request_move as e')
    .leftJoin('account as a', 'a.id', 'e.account_id')
    .select(['e.move', 'e.at', 'e.reason_code', 'e.disclosure', 'e.details', 'a.name'])
    .where('e.request_id', '=', requestId)
    .orderBy('e.at')
    .orderBy('e.id')
    .limit(200)
    .execute();
  return rows.map((row) => ({
    move: row.move as RequestEvent['move'],
    at: row.at,
    accountName: vault.openStaff(row.name),
    reasonCode: row.reason_code,
    disclosure: row.disclosure as Disclosure | null,
    details: row.details ? JSON.parse(vault.open(row.details)) : {},
  }));
}

/** Requests whose hold has ended by `today`. */
export async function listEndedHolds({ db }: Reads, today: IsoDate): Promise<{ id: string; version: number }[]> {
  return db
    .selectFrom('request')
    .select(['id', 'version'])
    .where('state', '=', 'on_hold')
    .where('hold_until', '<=', today)
    .limit(100)
    .execute();
}

/**
 * What a request's page shows beside the request: its history, the same person's other requests, the meetings of their
 * case if `maySee` says so, the unit's officers.
 */
export async function readRequestPage(
  reads: CaseReads,
  request: FoundRequest,
  reader: User | null,
  maySee: (subject: Subject) => boolean,
) {
  const { protectedIdentity } = request.subject;
  const [events, samePerson, openCase, officers] = await Promise.all([
    listEvents(reads, request.id),
    reader ? listSamePerson(reads, request, { id: reader.id, named: reader.handlesProtected ? 1 : 0 }) : [],
    reader === null || request.caseId !== null || request.numberFingerprint === null
      ? reader && request.caseId && { id: request.caseId }
      : findOpenCaseOf(reads, request.numberFingerprint),
    reader?.unitId ? listOfficers(reads, reader.unitId, protectedIdentity) : [],
  ]);
  const found = openCase && (await locateCase(reads, openCase.id));
  const meetings = found && maySee(found.subject) ? await listMeetingsOfCase(reads, openCase.id) : [];
  return { events, samePerson, meetings, officers };
}
