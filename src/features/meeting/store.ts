import { nobody, type Subject } from '../../kernel/access.ts';
import type { IsoInstant } from '../../kernel/time.ts';
import type { Reads, Writes } from '../../platform/db/database.ts';
import type { Individual, Party } from '../case/rules.ts';
import type { Answer, Delivery, Meeting, MeetingKind, MeetingState, Participant, Person, PersonView, PlaceKind, Talk } from './rules.ts';

export type FoundMeeting = Meeting & { subject: Subject };

/** One meeting with its case's individual, or null. */
export async function findMeeting({ db, vault }: Reads, id: string): Promise<FoundMeeting | null> {
  const row = await db
    .selectFrom('meeting as m')
    .innerJoin('account as o', 'o.id', 'm.officer_id')
    .innerJoin('unit as u', 'u.id', 'm.unit_id')
    .innerJoin('case_file as c', 'c.id', 'm.case_id')
    .selectAll('m')
    .select([
      'o.name as officer_name',
      'o.phone as officer_phone',
      'u.name as unit_name',
      'u.phone as unit_phone',
      'u.address as unit_address',
      'c.number as case_number',
      'c.individual',
      'c.individual_account_id',
      // The case's officer leads its meetings, so that a case that changes hands takes them along.
      'c.officer_id as case_officer_id',
    ])
    .where('m.id', '=', id)
    .executeTakeFirst();
  if (!row?.case_id) return null;
  return {
    id: row.id,
    caseId: row.case_id,
    caseNumber: row.case_number,
    requestId: row.request_id,
    kind: row.kind as MeetingKind,
    state: row.state as MeetingState,
    version: row.version,
    reference: row.reference,
    uid: row.uid,
    sequence: row.sequence,
    purpose: vault.open(row.purpose),
    startsAt: row.starts_at,
    endsAt: row.ends_at,
    placeKind: row.place_kind as PlaceKind | null,
    place: vault.open(row.place) ?? '',
    videoUrl: vault.open(row.video_url) ?? '',
    interpreterLanguage: vault.open(row.interpreter_language),
    interpreterBooked: row.interpreter_booked === 1,
    heldAt: row.held_at,
    officer: { id: row.officer_id, name: vault.open(row.officer_name), phone: vault.open(row.officer_phone) ?? row.unit_phone },
    unit: { id: row.unit_id, name: row.unit_name, address: row.unit_address },
    individual: JSON.parse(vault.open(row.individual)) as Individual,
    subject: {
      ...nobody,
      unitId: row.unit_id,
      officerId: row.case_officer_id,
      individualUserId: row.individual_account_id,
      requestId: row.request_id,
      caseId: row.case_id,
      meetingId: row.id,
    },
  };
}

export async function insertMeeting(
  { db, vault }: Writes,
  meeting: {
    id: string;
    caseId: string;
    requestId: string | null;
    kind: MeetingKind;
    reference: string;
    uid: string;
    purpose: string;
    interpreterLanguage: string | null;
    officerId: string;
    unitId: string;
    createdAt: IsoInstant;
  },
): Promise<void> {
  await db
    .insertInto('meeting')
    .values({
      id: meeting.id,
      case_id: meeting.caseId,
      request_id: meeting.requestId,
      kind: meeting.kind,
      state: 'planning',
      reference: meeting.reference,
      uid: meeting.uid,
      purpose: vault.seal(meeting.purpose),
      starts_at: null,
      ends_at: null,
      place_kind: null,
      place: null,
      video_url: null,
      interpreter_language: vault.seal(meeting.interpreterLanguage),
      held_at: null,
      officer_id: meeting.officerId,
      unit_id: meeting.unitId,
      created_at: meeting.createdAt,
    })
    .execute();
}

export type MeetingChange = {
  state?: MeetingState;
  sequence?: number;
  startsAt?: IsoInstant;
  endsAt?: IsoInstant;
  placeKind?: PlaceKind;
  place?: string;
  videoUrl?: string;
  interpreterLanguage?: string | null;
  interpreterBooked?: boolean;
  heldAt?: IsoInstant;
};

/** Changes a meeting that still has the version it was read with; false when somebody else was first. */
export async function updateMeeting(
  { db, vault }: Writes,
  meeting: { id: string; version: number },
  change: MeetingChange,
): Promise<boolean> {
  const result = await db
    .updateTable('meeting')
    .set({
      version: meeting.version + 1,
      ...(change.state && { state: change.state }),
      ...(change.sequence !== undefined && { sequence: change.sequence }),
      ...(change.startsAt && { starts_at: change.startsAt }),
      ...(change.endsAt && { ends_at: change.endsAt }),
      ...(change.placeKind && { place_kind: change.placeKind }),
      ...(change.place !== undefined && { place: vault.seal(change.place) }),
      ...(change.videoUrl !== undefined && { video_url: vault.seal(change.videoUrl) }),
      ...(change.interpreterLanguage !== undefined && { interpreter_language: vault.seal(change.interpreterLanguage) }),
      ...(change.interpreterBooked !== undefined && { interpreter_booked: change.interpreterBooked ? (1 as const) : (0 as const) }),
      ...(change.heldAt && { held_at: change.heldAt }),
    })
    .where('id', '=', meeting.id)
    .where('version', '=', meeting.version)
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

export async function insertMeetingEvent(
  { db, vault }: Writes,
  event: { id: string; meetingId: string; move: string; at: IsoInstant; accountId: string | null; details: object },
): Promise<void> {
  await db
    .insertInto('meeting_move')
    .values({
      id: event.id,
      meeting_id: event.meetingId,
      move: event.move,
      at: event.at,
      account_id: event.accountId,
      details: vault.seal(JSON.stringify(event.details)),
    })
    .execute();
}

export type MeetingEvent = { move: string; at: IsoInstant; accountName: string | null; details: Record<string, string> };

/** The timeline of a meeting, newest first. */
export async function listMeetingEvents({ db, vault }: Reads, meetingId: string): Promise<MeetingEvent[]> {
  const rows = await db
    .selectFrom('meeting_move as e')
    .leftJoin('account as a', 'a.id', 'e.account_id')
    .select(['e.move', 'e.at', 'e.details', 'a.name'])
    .where('e.meeting_id', '=', meetingId)
    .orderBy('e.at', 'desc')
    .orderBy('e.id', 'desc')
    .limit(100)
    .execute();
  return rows.map((row) => ({
    move: row.move,
    at: row.at,
    accountName: vault.open(row.name),
    details: row.details ? JSON.parse(vault.open(row.details)) : {},
  }));
}

const participantColumns = [
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
  'comment',
  'proposed_start',
  'delivery',
  'sent_sequence',
  'removed_at',
  'mail_tag',
  'link_generation',
  'version',
] as const;

type ParticipantRow = {
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
  comment: string | null;
  proposed_start: IsoInstant | null;
  delivery: string | null;
  sent_sequence: number | null;
  removed_at: IsoInstant | null;
  mail_tag: string;
  link_generation: number;
  version: number;
};

function toParticipant(vault: Reads['vault'], row: ParticipantRow): Participant {
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
    comment: vault.open(row.comment) ?? '',
    proposedStart: row.proposed_start,
    delivery: row.delivery as Delivery | null,
    sentSequence: row.sent_sequence,
    removedAt: row.removed_at,
    mailTag: row.mail_tag,
    linkGeneration: row.link_generation,
    version: row.version,
  };
}

/** Those who take part, in the order they were added; the removed ones only when asked for. */
export async function listParticipants(
  { db, vault }: Reads,
  meetingId: string,
  options: { removed?: boolean } = {},
): Promise<Participant[]> {
  let query = db.selectFrom('participant').select(participantColumns).where('meeting_id', '=', meetingId);
  if (!options.removed) query = query.where('removed_at', 'is', null);
  const rows = await query.orderBy('created_at').orderBy('id').limit(200).execute();
  return rows.map((row) => toParticipant(vault, row));
}

export async function findParticipant({ db, vault }: Reads, id: string): Promise<Participant | null> {
  const row = await db.selectFrom('participant').select(participantColumns).where('id', '=', id).executeTakeFirst();
  return row ? toParticipant(vault, row) : null;
}

export async function insertParticipant(
  { db, vault }: Writes,
  participant: {
    id: string;
    meetingId: string;
    party: Party;
    person: Person;
    required: boolean;
    verified: { at: IsoInstant; by: string; how: string } | null;
    mailTag: string;
    createdAt: IsoInstant;
  },
): Promise<void> {
  await db
    .insertInto('participant')
    .values({
      id: participant.id,
      meeting_id: participant.meetingId,
      party: participant.party,
      person: vault.seal(JSON.stringify(participant.person)),
      required: participant.required ? 1 : 0,
      verified_at: participant.verified?.at ?? null,
      verified_by: participant.verified?.by ?? null,
      verified_how: vault.seal(participant.verified?.how ?? null),
      view: 'not_asked',
      answer: 'needs_action',
      answer_sequence: null,
      answered_at: null,
      answered_via: null,
      comment: null,
      proposed_start: null,
      delivery: null,
      sent_sequence: null,
      removed_at: null,
      mail_tag: participant.mailTag,
      created_at: participant.createdAt,
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
  comment?: string;
  proposedStart?: IsoInstant | null;
  delivery?: Delivery | null;
  sentSequence?: number;
  removedAt?: IsoInstant | null;
  linkGeneration?: number;
};

export async function updateParticipant({ db, vault }: Writes, id: string, change: ParticipantChange): Promise<void> {
  await db
    .updateTable('participant')
    .set((s) => ({
      version: s('version', '+', 1),
      ...(change.person && { person: vault.seal(JSON.stringify(change.person)) }),
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
      ...(change.comment !== undefined && { comment: vault.seal(change.comment) }),
      ...(change.proposedStart !== undefined && { proposed_start: change.proposedStart }),
      ...(change.delivery !== undefined && { delivery: change.delivery }),
      ...(change.sentSequence !== undefined && { sent_sequence: change.sentSequence }),
      ...(change.removedAt !== undefined && { removed_at: change.removedAt }),
      ...(change.linkGeneration !== undefined && { link_generation: change.linkGeneration }),
    }))
    .where('id', '=', id)
    .execute();
}

export async function insertTalk(
  { db, vault }: Writes,
  talk: Omit<Talk, 'accountName'> & { id: string; meetingId: string; accountId: string },
): Promise<void> {
  await db
    .insertInto('talk')
    .values({
      id: talk.id,
      meeting_id: talk.meetingId,
      at: talk.at,
      account_id: talk.accountId,
      how: vault.seal(talk.how),
      go_on_reason: vault.seal(talk.goOnReason),
      unsafe_contact: vault.seal(talk.unsafeContact),
      views: JSON.stringify(talk.views),
    })
    .execute();
}

/** Talks with the person about this meeting, newest first. */
export async function listTalks({ db, vault }: Reads, meetingId: string): Promise<Talk[]> {
  const rows = await db
    .selectFrom('talk as t')
    .innerJoin('account as a', 'a.id', 't.account_id')
    .select(['t.at', 't.how', 't.go_on_reason', 't.unsafe_contact', 't.views', 'a.name'])
    .where('t.meeting_id', '=', meetingId)
    .orderBy('t.at', 'desc')
    .orderBy('t.id', 'desc')
    .limit(20)
    .execute();
  return rows.map((row) => ({
    at: row.at,
    accountName: vault.open(row.name),
    how: vault.open(row.how),
    goOnReason: vault.open(row.go_on_reason),
    unsafeContact: vault.open(row.unsafe_contact),
    views: JSON.parse(row.views) as Record<string, PersonView>,
  }));
}

export type MeetingRow = {
  id: string;
  caseId: string | null;
  kind: MeetingKind;
  state: MeetingState;
  startsAt: IsoInstant | null;
  endsAt: IsoInstant | null;
};

/** Meetings of one case, newest first. */
export async function listMeetingsOfCase({ db }: Reads, caseId: string): Promise<MeetingRow[]> {
  const rows = await db
    .selectFrom('meeting')
    .select(['id', 'case_id', 'kind', 'state', 'starts_at', 'ends_at'])
    .where('case_id', '=', caseId)
    .orderBy('id', 'desc')
    .limit(50)
    .execute();
  return rows.map((row) => ({
    id: row.id,
    caseId: row.case_id,
    kind: row.kind as MeetingKind,
    state: row.state as MeetingState,
    startsAt: row.starts_at,
    endsAt: row.ends_at,
  }));
}

/** The officer's other live meetings that overlap a time. */
export async function listClashes(
  { db }: Reads,
  officerId: string,
  time: { startsAt: IsoInstant; endsAt: IsoInstant; except: string },
): Promise<{ id: string; startsAt: IsoInstant; endsAt: IsoInstant }[]> {
  const rows = await db
    .selectFrom('meeting')
    .select(['id', 'starts_at', 'ends_at'])
    .where('officer_id', '=', officerId)
    .where('starts_at', '<', time.endsAt)
    .where('ends_at', '>', time.startsAt)
    .where('state', 'in', ['scheduled', 'held'])
    .where('id', '!=', time.except)
    .limit(10)
    .execute();
  return rows.map((row) => ({ id: row.id, startsAt: row.starts_at ?? '', endsAt: row.ends_at ?? '' }));
}

/** Coming meetings of an officer with how many required people have declined or not answered; soonest first. */
export async function listComingMeetings(
  { db }: Reads,
  officerId: string,
  now: IsoInstant,
): Promise<(MeetingRow & { declined: number; unanswered: number })[]> {
  const rows = await db
    .selectFrom('meeting as m')
    .leftJoin('participant as p', (join) =>
      join.onRef('p.meeting_id', '=', 'm.id').on('p.removed_at', 'is', null).on('p.sent_sequence', 'is not', null),
    )
    .select((s) => [
      'm.id',
      'm.case_id',
      'm.kind',
      'm.state',
      'm.starts_at',
      'm.ends_at',
      s.fn.count<number>('p.id').filterWhere('p.answer', '=', 'declined').filterWhere('p.required', '=', 1).as('declined'),
      s.fn.count<number>('p.id').filterWhere('p.answer', '=', 'needs_action').as('unanswered'),
    ])
    .where('m.officer_id', '=', officerId)
    .where('m.starts_at', '>', now)
    .where('m.state', '=', 'scheduled')
    .groupBy(['m.id', 'm.case_id', 'm.kind', 'm.state', 'm.starts_at', 'm.ends_at'])
    .orderBy('m.starts_at')
    .limit(20)
    .execute();
  return rows.map((row) => ({
    id: row.id,
    caseId: row.case_id,
    kind: row.kind as MeetingKind,
    state: row.state as MeetingState,
    startsAt: row.starts_at,
    endsAt: row.ends_at,
    declined: Number(row.declined),
    unanswered: Number(row.unanswered),
  }));
}
