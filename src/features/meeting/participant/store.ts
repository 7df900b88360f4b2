import { sql } from 'kysely';
import type { Party } from '../../../kernel/parties.ts';
import type { IsoInstant } from '../../../kernel/time.ts';
import type { CaseReads, CaseWrites } from '../../../platform/db/access.ts';
import type { Reads } from '../../../platform/db/database.ts';
import {
  type Answer,
  type Delivery,
  invitedLast,
  type Participant,
  type Person,
  type PersonView,
  type SaidBy,
} from '../rules.ts';

export const participantColumns = [
  'id',
  'meeting_id',
  'party',
  'person',
  'required',
  'verified_at',
  'verified_how',
  'view',
  'answer',
  'answer_sequence',
  'answered_at',
  'answered_via',
  'answered_as',
  'answered_by',
  'comment',
  'proposed_start',
  'proposed_end',
  'proposed_sequence',
  'proposed_at',
  'reply_sequence',
  'reply_stamp',
  'delivery',
  'sent_sequence',
  'removed_at',
  'mail_tag',
  'link_generation',
  'version',
  'account_id',
  'case_party_id',
] as const;

export type ParticipantRow = {
  id: string;
  meeting_id: string;
  party: string;
  person: string;
  required: number;
  verified_at: IsoInstant | null;
  verified_how: string | null;
  view: string;
  answer: string;
  answer_sequence: number | null;
  answered_at: IsoInstant | null;
  answered_via: string | null;
  answered_as: string | null;
  answered_by: string | null;
  comment: string | null;
  proposed_start: IsoInstant | null;
  proposed_end: IsoInstant | null;
  proposed_sequence: number | null;
  proposed_at: IsoInstant | null;
  reply_sequence: number | null;
  reply_stamp: IsoInstant | null;
  delivery: string | null;
  sent_sequence: number | null;
  removed_at: IsoInstant | null;
  mail_tag: string;
  link_generation: number;
  version: number;
  account_id: string | null;
  case_party_id: string | null;
};

export function toParticipant(vault: Reads['vault'], row: ParticipantRow): Participant {
  return {
    id: row.id,
    meetingId: row.meeting_id,
    party: row.party as Party,
    person: JSON.parse(vault.open(row.person)) as Person,
    required: row.required === 1,
    verifiedAt: row.verified_at,
    verifiedHow: vault.open(row.verified_how),
    view: row.view as PersonView,
    answer: row.answer as Answer,
    answerSequence: row.answer_sequence,
    answeredAt: row.answered_at,
    answeredVia: row.answered_via as Participant['answeredVia'],
    answeredFor:
      row.answered_as === null
        ? null
        : { as: row.answered_as as SaidBy['as'], name: vault.open(row.answered_by) ?? '' },
    comment: vault.open(row.comment) ?? '',
    proposedStart: row.proposed_start,
    proposedEnd: row.proposed_end,
    proposedSequence: row.proposed_sequence,
    proposedAt: row.proposed_at,
    replySequence: row.reply_sequence,
    replyStamp: row.reply_stamp,
    delivery: row.delivery as Delivery | null,
    sentSequence: row.sent_sequence,
    removedAt: row.removed_at,
    mailTag: row.mail_tag,
    linkGeneration: row.link_generation,
    version: row.version,
    accountId: row.account_id,
    casePartyId: row.case_party_id,
  };
}

export const participants = (db: Reads['db']) =>
  db.selectFrom('participant').select(participantColumns).orderBy('created_at').orderBy('id').limit(sql.lit(200));

/** Those who take part, in the order they were added; the removed ones only when asked for. */
export async function listParticipants(
  { db, vault }: CaseReads,
  meetingId: string,
  options: { removed?: boolean } = {},
): Promise<Participant[]> {
  let query = participants(db).where('meeting_id', '=', meetingId);
  if (!options.removed) query = query.where('removed_at', 'is', null);
  return (await query.execute()).map((row) => toParticipant(vault, row));
}

/** Those who take part for a party of a case today, each address once: as whom it was invited last, if it was. */
export async function listParticipantsOf({ db, vault }: CaseReads, casePartyId: string): Promise<Participant[]> {
  const rows = await participants(db)
    .where('case_party_id', '=', casePartyId)
    .where('removed_at', 'is', null)
    .execute();
  const all = invitedLast(rows.map((row) => toParticipant(vault, row)));
  return [...new Map(all.map((one) => [one.person.email || one.id, one])).values()];
}

export async function findParticipant({ db, vault }: CaseReads, id: string): Promise<Participant | null> {
  const row = await db.selectFrom('participant').select(participantColumns).where('id', '=', id).executeTakeFirst();
  return row ? toParticipant(vault, row) : null;
}

/** The same for the same address, whatever its case, and only with the key; null without an address. */
export const addressPrint = (vault: Reads['vault'], email: string): string | null =>
  email === '' ? null : vault.fingerprint(`mail ${email.toLowerCase()}`);

export async function insertParticipant(
  { db, vault }: CaseWrites,
  participant: {
    id: string;
    meetingId: string;
    party: Party;
    person: Person;
    required: boolean;
    verified: { at: IsoInstant; by: string; how: string } | null;
    mailTag: string;
    createdAt: IsoInstant;
    casePartyId?: string | null;
  },
): Promise<void> {
  await db
    .insertInto('participant')
    .values({
      id: participant.id,
      meeting_id: participant.meetingId,
      party: participant.party,
      person: vault.seal(JSON.stringify(participant.person)),
      email_fp: addressPrint(vault, participant.person.email),
      required: participant.required ? 1 : 0,
      verified_at: participant.verified?.at ?? null,
      verified_by: participant.verified?.by ?? null,
      verified_how: vault.seal(participant.verified?.how ?? null),
      view: 'not_asked',
      answer: 'needs_action',
      answer_sequence: null,
      answered_at: null,
      answered_via: null,
      answered_as: null,
      answered_by: null,
      comment: null,
      proposed_start: null,
      proposed_end: null,
      proposed_sequence: null,
      proposed_at: null,
      reply_sequence: null,
      reply_stamp: null,
      delivery: null,
      sent_sequence: null,
      removed_at: null,
      mail_tag: participant.mailTag,
      created_at: participant.createdAt,
      case_party_id: participant.casePartyId ?? null,
    })
    .execute();
}

export type ParticipantChange = {
  person?: Person;
  required?: boolean;
  verified?: { at: IsoInstant; by: string; how: string } | null;
  view?: PersonView;
  answer?: Answer;
  answerSequence?: number | null;
  answeredAt?: IsoInstant | null;
  answeredVia?: Participant['answeredVia'];
  answeredFor?: SaidBy | null;
  comment?: string;
  /** Null takes the proposal away, and remembers when it was made. */
  proposal?: { startsAt: IsoInstant; endsAt: IsoInstant | null; sequence: number; at: IsoInstant } | null;
  /** SEQUENCE and DTSTAMP of an answer by mail. */
  reply?: { sequence: number; stamp: IsoInstant };
  delivery?: Delivery | null;
  sentSequence?: number;
  removedAt?: IsoInstant | null;
  linkGeneration?: number;
  accountId?: string | null;
  casePartyId?: string | null;
  mailTag?: string;
};

export async function updateParticipant(
  { db, vault }: CaseWrites,
  id: string,
  change: ParticipantChange,
): Promise<void> {
  await db
    .updateTable('participant')
    .set((s) => ({
      version: s('version', '+', 1),
      ...(change.person && {
        person: vault.seal(JSON.stringify(change.person)),
        email_fp: addressPrint(vault, change.person.email),
      }),
      ...(change.required !== undefined && { required: change.required ? (1 as const) : (0 as const) }),
      ...(change.verified !== undefined && {
        verified_at: change.verified?.at ?? null,
        verified_by: change.verified?.by ?? null,
        verified_how: vault.seal(change.verified?.how ?? null),
      }),
      ...(change.view && { view: change.view }),
      ...(change.answer && { answer: change.answer }),
      ...(change.answerSequence !== undefined && { answer_sequence: change.answerSequence }),
      ...(change.answeredAt !== undefined && { answered_at: change.answeredAt }),
      ...(change.answeredVia !== undefined && { answered_via: change.answeredVia }),
      ...(change.answeredFor !== undefined && {
        answered_as: change.answeredFor?.as ?? null,
        answered_by: vault.seal(change.answeredFor?.name ?? null),
      }),
      ...(change.comment !== undefined && { comment: vault.seal(change.comment) }),
      ...(change.proposal !== undefined && {
        proposed_start: change.proposal?.startsAt ?? null,
        proposed_end: change.proposal?.endsAt ?? null,
        ...(change.proposal && { proposed_sequence: change.proposal.sequence, proposed_at: change.proposal.at }),
      }),
      ...(change.reply && { reply_sequence: change.reply.sequence, reply_stamp: change.reply.stamp }),
      ...(change.delivery !== undefined && { delivery: change.delivery }),
      ...(change.sentSequence !== undefined && { sent_sequence: change.sentSequence }),
      ...(change.removedAt !== undefined && { removed_at: change.removedAt }),
      ...(change.linkGeneration !== undefined && { link_generation: change.linkGeneration }),
      ...(change.accountId !== undefined && { account_id: change.accountId }),
      ...(change.casePartyId !== undefined && { case_party_id: change.casePartyId }),
      ...(change.mailTag !== undefined && { mail_tag: change.mailTag }),
    }))
    .where('id', '=', id)
    .execute();
}
