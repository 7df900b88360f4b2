import { sql } from 'kysely';
import { nobody, type Subject } from '../../../kernel/access.ts';
import { looksLikeId } from '../../../kernel/ids.ts';
import type { IsoInstant } from '../../../kernel/time.ts';
import { type CaseReads, type CaseWrites, Located } from '../../../platform/db/access.ts';
import type { Reads } from '../../../platform/db/database.ts';
import { gathered } from '../../../platform/db/prepared.ts';
import { type FoundMeeting, meetingQuery, toMeeting } from '../store.ts';
import type { IncomingFacts, IncomingMail, SentMessage } from './rules.ts';

const mailColumns = [
  ...(['id', 'at', 'outcome', 'code', 'meeting_id', 'participant_id', 'facts', 'handled_at'] as const),
] as const;
type MailRow = {
  id: string;
  at: IsoInstant;
  outcome: IncomingMail['outcome'];
  code: string;
  meeting_id: string | null;
  participant_id: string | null;
  facts: string | null;
  handled_at: IsoInstant | null;
};

const toMail = (vault: Reads['vault'], row: MailRow): IncomingMail => ({
  id: row.id,
  at: row.at,
  outcome: row.outcome,
  code: row.code,
  meetingId: row.meeting_id,
  participantId: row.participant_id,
  facts: row.facts === null ? null : (JSON.parse(vault.open(row.facts)) as IncomingFacts),
  handledAt: row.handled_at,
});

/** How a mail with these bytes ended, if it has been read before. */
export async function findMailEnd({ db }: Reads, digest: string): Promise<IncomingMail['outcome'] | null> {
  const row = await db.selectFrom('incoming_mail').select('outcome').where('digest', '=', digest).executeTakeFirst();
  return row?.outcome ?? null;
}

export async function insertMail(
  { db, vault }: CaseWrites,
  mail: Omit<IncomingMail, 'handledAt'> & { digest: string },
): Promise<void> {
  await db
    .insertInto('incoming_mail')
    .values({
      id: mail.id,
      digest: mail.digest,
      at: mail.at,
      outcome: mail.outcome,
      code: mail.code,
      meeting_id: mail.meetingId,
      participant_id: mail.participantId,
      facts: vault.seal(mail.facts && JSON.stringify(mail.facts)),
      handled_at: null,
      handled_by: null,
    })
    .execute();
}

/** Says that a human has dealt with a mail, and throws away what stood in it; false when somebody already had. */
export async function disposeMail(
  { db }: CaseWrites,
  id: string,
  by: { accountId: string; at: IsoInstant },
): Promise<boolean> {
  const result = await db
    .updateTable('incoming_mail')
    .set({ facts: null, handled_at: by.at, handled_by: by.accountId })
    .where('id', '=', id)
    .where('outcome', '=', 'human')
    .where('handled_at', 'is', null)
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

const mostShown = 100;
/** With a hold for each time in each calendar they are many. */
const mostMessages = 600;

/** What came by mail about a meeting, newest first. */
export async function listMailOf({ db, vault }: CaseReads, meetingId: string): Promise<IncomingMail[]> {
  const rows = await db
    .selectFrom('incoming_mail')
    .select(mailColumns)
    .where('meeting_id', '=', meetingId)
    .orderBy('id', 'desc')
    .limit(mostShown)
    .execute();
  return rows.map((row) => toMail(vault, row));
}

/** Meetings of an officer about which mails wait to be read, with how many. */
export const unreadMail = (db: Reads['db'], officerId: string) =>
  db
    .selectFrom('incoming_mail as i')
    .innerJoin('meeting as m', 'm.id', 'i.meeting_id')
    .select((s) => ['m.id', 'm.reference', s.fn.countAll<number>().as('count')])
    .where('m.officer_id', '=', officerId)
    .where('i.outcome', '=', sql.lit('human'))
    .where('i.handled_at', 'is', null)
    .groupBy(['m.id', 'm.reference'])
    .orderBy('m.id')
    .limit(sql.lit(20));

export const mailPage = 50;

/** Mails that no meeting could be found for and nobody has dealt with, oldest first; one more than a page. */
export async function listUnplaced({ db, vault }: CaseReads, after: string | null): Promise<IncomingMail[]> {
  let query = db
    .selectFrom('incoming_mail')
    .select(mailColumns)
    .where('meeting_id', 'is', null)
    .where('outcome', '=', 'human')
    .where('handled_at', 'is', null);
  if (after !== null) query = query.where('id', '>', after);
  const rows = await query
    .orderBy('id')
    .limit(mailPage + 1)
    .execute();
  return rows.map((row) => toMail(vault, row));
}

/** A mail that no meeting could be found for. */
export async function locateUnplaced({ db, vault }: Reads, id: string): Promise<Located<IncomingMail> | null> {
  if (!looksLikeId(id)) return null;
  const row = await db
    .selectFrom('incoming_mail')
    .select(mailColumns)
    .where('id', '=', id)
    .where('meeting_id', 'is', null)
    .where('outcome', '=', 'human')
    .executeTakeFirst();
  return row ? new Located({ ...nobody }, () => toMail(vault, row)) : null;
}

const mailOfMeeting = gathered((db, p: { meetingId: string; id: string }) => ({
  meetings: meetingQuery(db).where('m.id', '=', p.meetingId),
  mails: db
    .selectFrom('incoming_mail')
    .select(mailColumns)
    .where('id', '=', p.id)
    .where('meeting_id', '=', p.meetingId)
    .where('outcome', '=', 'human'),
}));

/** A mail about this very meeting that is for a human to read. */
export async function locateMailOf(
  { db, vault }: Reads,
  meetingId: string,
  id: string,
): Promise<Located<{ meeting: FoundMeeting; mail: IncomingMail }> | null> {
  const rows = await mailOfMeeting(db, { meetingId, id });
  const meeting = rows.meetings[0] && toMeeting(vault, rows.meetings[0]);
  const [row] = rows.mails;
  if (!meeting || !row) return null;
  return new Located(meeting.subject, (access) => ({ meeting: meeting.open(access), mail: toMail(vault, row) }));
}

const outboxColumns = ['id', 'kind', 'stream', 'facts', 'message_id', 'created_at', 'attempts'] as const;
const outboxState = ['state', 'sent_at', 'sha256', 'last_error'] as const;

/** The messages about a meeting to its participants and its officer, newest first. */
export async function listSentMessages({ db, vault }: CaseReads, meetingId: string): Promise<SentMessage[]> {
  const rows = await db
    .selectFrom('outbox')
    .select([...outboxColumns, ...outboxState])
    .where('meeting_id', '=', meetingId)
    .orderBy('id', 'desc')
    .limit(mostMessages)
    .execute();
  return rows.map((row) => {
    const { to, participantId, sequence, pollId, startsAt } = JSON.parse(vault.open(row.facts)) as Partial<SentMessage>;
    return {
      id: row.id,
      kind: row.kind,
      state: row.state,
      at: row.created_at,
      sentAt: row.sent_at,
      to: to ?? '',
      participantId: participantId ?? null,
      sequence: sequence ?? null,
      pollId: pollId ?? null,
      startsAt: startsAt ?? null,
    };
  });
}

const messageOfMeeting = gathered((db, p: { meetingId: string; id: string }) => ({
  meetings: meetingQuery(db).where('m.id', '=', p.meetingId),
  messages: db
    .selectFrom('outbox')
    .select([...outboxColumns, ...outboxState])
    .where('id', '=', p.id)
    .where('meeting_id', '=', p.meetingId),
}));

/** One message about this very meeting with all that it was made of. */
export async function locateMessage({ db, vault }: Reads, meetingId: string, id: string) {
  const rows = await messageOfMeeting(db, { meetingId, id });
  const meeting = rows.meetings[0] && toMeeting(vault, rows.meetings[0]);
  const [row] = rows.messages;
  if (!meeting || !row) return null;
  return new Located(meeting.subject, (access) => ({
    meeting: meeting.open(access),
    row: {
      id: row.id,
      kind: row.kind,
      stream: row.stream,
      messageId: row.message_id,
      createdAt: row.created_at,
      attempts: row.attempts,
      facts: JSON.parse(vault.open(row.facts)) as Record<string, unknown>,
    },
    state: row.state,
    sentAt: row.sent_at,
    sha256: row.sha256,
    lastError: row.last_error,
  }));
}

const addressed = gathered((db, p: { tag: string; stream: string; uid: string; option: string }) => ({
  tagged: db.selectFrom('participant').select(['id', 'meeting_id']).where('mail_tag', '=', p.tag),
  // A tag that somebody had before their address was changed.
  former: db.selectFrom('outbox').select('meeting_id').where('stream', '=', p.stream).limit(1),
  byUid: db.selectFrom('meeting').select('id').where('uid', '=', p.uid),
  // A hold's UID begins with the id of its time.
  byHold: db
    .selectFrom('poll_option as o')
    .innerJoin('poll as p', 'p.id', 'o.poll_id')
    .select('p.meeting_id')
    .where('o.id', '=', p.option)
    .where('o.uid', '=', p.uid),
}));

/**
 * The meeting that a mail is about, by the plus-address it was sent to or else by UID, its own or that of one of its
 * holds; a subject without one otherwise.
 */
export async function locateAddressed(
  { db, vault }: Reads,
  tags: readonly string[],
  uid: string,
): Promise<Located<{ meeting: FoundMeeting; taggedId: string | null; ofHold: boolean } | null>> {
  const nothing = () => new Located<null>({ ...nobody } satisfies Subject, () => null);
  const [tag = ''] = tags;
  const [option = ''] = uid.split('@');
  const rows = await addressed(db, { tag, stream: `invitation ${tag}`, uid, option });
  const held = rows.byHold[0]?.meeting_id ?? null;
  const meetingId = rows.tagged[0]?.meeting_id ?? rows.former[0]?.meeting_id ?? rows.byUid[0]?.id ?? held;
  if (!meetingId) return nothing();
  const row = await meetingQuery(db).where('m.id', '=', meetingId).executeTakeFirst();
  const meeting = row && toMeeting(vault, row);
  if (!meeting) return nothing();
  return new Located(meeting.subject, (access) => ({
    meeting: meeting.open(access),
    taggedId: rows.tagged[0]?.id ?? null,
    ofHold: held === meetingId,
  }));
}
