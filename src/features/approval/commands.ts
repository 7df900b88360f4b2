import type { User } from '../../kernel/access.ts';
import { accept, type Decision, refuse } from '../../kernel/decision.ts';
import { type IsoDate, stockholmDate } from '../../kernel/time.ts';
import { type Caller, command, type Engine, type Work } from '../../platform/command.ts';
import { eachInTurn } from '../../platform/groups.ts';
import { sendInOrder } from '../../platform/outbox/outbox.ts';
import type { Participant } from '../meeting/rules.ts';
import { noteEvent } from '../meeting/store.ts';
import {
  endOf,
  isAsked,
  leftToApprove,
  mayAnswer,
  type Reader,
  type Review,
  type ReviewAnswer,
  type ReviewSection,
  remindAt,
  stands,
  versionOf,
  wordingOf,
} from '../minutes/review/rules.ts';
import {
  insertAnswer,
  insertReader,
  insertReview,
  listToRemind,
  setRemindAt,
  settleAnswer,
  withdrawAnswer,
} from '../minutes/review/store.ts';
import { attendanceField, moveMinutes } from '../minutes/rules.ts';
import { type FoundMinutes, moveTo, readMinutes, touchMinutes } from '../minutes/store.ts';
import type { ApproveInput, NoteInput, ObjectInput } from './input.ts';
import { type ReviewMailKind, reviewMessage } from './mail.ts';
import { draftOf, isTold, sectionsFor, silent } from './rules.ts';
import { locateReader, locateReviewed, type Opened, readReadings } from './store.ts';

export async function tell(
  work: Work,
  found: FoundMinutes,
  to: readonly Participant[],
  kind: ReviewMailKind,
  lastDay: IsoDate | null,
  about: string,
): Promise<void> {
  for (const one of to.filter(isTold)) {
    await sendInOrder(work, reviewMessage(kind, found.meeting, one, lastDay, about));
  }
}

/** What each of those who were there may read of the minutes as they stand, by participant; nobody of whom no word is asked. */
export async function sectionsByReader(
  reads: Parameters<typeof readReadings>[0],
  found: FoundMinutes,
  today: IsoDate,
): Promise<Map<string, ReviewSection[]>> {
  const { consents, readingOf } = await readReadings(reads, found.meeting.caseId);
  const content = draftOf(found);
  const asked = found.participants.filter((one) => isAsked(one, found.fields.get(attendanceField(one.id))?.text ?? ''));
  return new Map(asked.map((one) => [one.id, sectionsFor(content, readingOf(one), consents, today)]));
}

/**
 * The minutes go out to everybody who was there: who may read what is settled, and those who have an address are told.
 * Refuses `not_now`, `finalised`, `nothing_written`, `changed_by_someone_else`.
 */
export function releaseForReview(
  engine: Engine,
  caller: Caller,
  meetingId: string,
  input: { lastDay: IsoDate },
): Promise<Decision<null>> {
  return command(engine, caller, {
    action: 'minutes.release',
    locate: (reads) => locateReviewed(reads, meetingId),
    async run(work, opened) {
      const found = await readMinutes(work, opened);
      const { minutes } = found;
      const to = moveMinutes(minutes.state, 'release', '');
      if (!to.ok) return to;
      const sections = await sectionsByReader(work, found, stockholmDate(work.now));
      if ([...sections.values()].every((list) => list.length === 0)) return refuse('nothing_written');
      if (!(await moveTo(work, minutes, to.value))) return refuse('changed_by_someone_else');
      const by = (work.actor as User).id;
      const { lastDay } = input;
      const due = remindAt(lastDay, work.now);
      await insertReview(work, { minutesId: minutes.id, lastDay, remindAt: due, at: work.now, by });
      const readers = found.participants.filter(({ id }) => sections.has(id));
      for (const one of readers) {
        const own = sections.get(one.id) ?? [];
        const told = own.length > 0 && isTold(one) ? 'mail' : 'none';
        await insertReader(work, { minutesId: minutes.id, participantId: one.id, sections: own, told });
      }
      const reading = readers.filter(({ id }) => (sections.get(id) ?? []).length > 0);
      await tell(work, found, reading, 'ask', lastDay, lastDay);
      await noteEvent(work, meetingId, 'review_released', { lastDay });
      return accept(null);
    },
  });
}

/** Minutes that are out, with the reader's own place in the review. */
type Out = { found: FoundMinutes; review: Review; reader: Reader; participant: Participant };

async function outFor(work: Work, opened: Opened, participantId: string): Promise<Decision<Out>> {
  const found = await readMinutes(work, opened);
  const { review, minutes } = found;
  if (minutes.state === 'finalised') return refuse('finalised');
  const reader = review?.readers.find((one) => one.participantId === participantId);
  const participant = found.participants.find(({ id }) => id === participantId);
  if (minutes.state !== 'review' || !review || !reader || !participant) return refuse('not_now');
  // What the person has taken back since is no longer theirs to read, nor to have a word about.
  const now = (await sectionsByReader(work, found, stockholmDate(work.now))).get(participantId) ?? [];
  const sections = reader.sections.filter((section) => now.includes(section));
  return accept({ found, review, reader: { ...reader, sections }, participant });
}

type Heard = Pick<ReviewAnswer, 'via' | 'how' | 'day'>;
const own: Heard = { via: 'own', how: '', day: null };

async function put(
  work: Work,
  { found, review, reader }: Out,
  given: { kind: ReviewAnswer['kind']; sections: readonly ReviewSection[]; text: string; instead: string },
  { via, how, day }: Heard,
): Promise<void> {
  const minutesId = found.minutes.id;
  for (const section of given.sections) {
    await insertAnswer(work, minutesId, {
      ...{ id: work.newId(), participantId: reader.participantId, section, kind: given.kind },
      ...{ sectionVersion: versionOf(review, section), text: given.text, instead: given.instead, at: work.now },
      ...{ via, how, day, accountId: (work.actor as User).id },
    });
  }
  // A document that is being made from what was said before is not filed.
  await touchMinutes(work, minutesId);
}

function byReader(
  engine: Engine,
  caller: Caller,
  action: 'minutes.approve' | 'minutes.object',
  meetingId: string,
  run: (work: Work, out: Out) => Promise<Decision<null>>,
): Promise<Decision<null>> {
  return command(engine, caller, {
    action,
    locate: (reads) => locateReader(reads, meetingId, caller.actor),
    async run(work, opened) {
      const out = await outFor(work, opened, opened.participant?.id ?? '');
      return out.ok ? run(work, out.value) : out;
    },
  });
}

/** The sections that an approval is about. Refuses what `mayAnswer` refuses. */
function approved({ review, reader }: Out, section: ReviewSection | ''): Decision<ReviewSection[]> {
  if (section === '' && reader.sections.length > 0) return accept(leftToApprove(review, reader));
  const may = mayAnswer(review, reader, { kind: 'approved', section: section as ReviewSection });
  return may.ok ? accept([section as ReviewSection]) : may;
}

/**
 * A participant says that the text is right: of one section, or of all of theirs that they have said nothing about.
 * Refuses `not_now`, `finalised`, `section`, `objected`, and `changed_by_someone_else` when it is worded otherwise since.
 */
export function approve(
  engine: Engine,
  caller: Caller,
  meetingId: string,
  { section, seen }: ApproveInput,
): Promise<Decision<null>> {
  return byReader(engine, caller, 'minutes.approve', meetingId, async (work, out) => {
    const sections = section === '' ? out.reader.sections : [section];
    if (seen !== '' && seen !== wordingOf(out.review, sections)) return refuse('changed_by_someone_else');
    const about = approved(out, section);
    if (!about.ok) return about;
    await put(work, out, { kind: 'approved', sections: about.value, text: '', instead: '' }, own);
    return accept(null);
  });
}

/** A participant says what does not hold, or adds something. Refuses `not_now`, `finalised`, `section`. */
export function object(engine: Engine, caller: Caller, meetingId: string, input: ObjectInput): Promise<Decision<null>> {
  return byReader(engine, caller, 'minutes.object', meetingId, async (work, out) => {
    const may = mayAnswer(out.review, out.reader, input);
    if (!may.ok) return may;
    await put(work, out, { ...input, sections: [input.section] }, own);
    return accept(null);
  });
}

/** Whoever objected takes it back. Refuses `not_now` when it no longer stands, or is not theirs. */
export function withdraw(engine: Engine, caller: Caller, meetingId: string, id: string): Promise<Decision<null>> {
  return byReader(engine, caller, 'minutes.object', meetingId, async (work, { found, review, reader }) => {
    const one = review.answers.find((answer) => answer.id === id && answer.participantId === reader.participantId);
    if (!one || !stands(review, one)) return refuse('not_now');
    await withdrawAnswer(work, id, work.now);
    await touchMinutes(work, found.minutes.id);
    return accept(null);
  });
}

/** The officer notes an answer that came by telephone or letter. Refuses as `approve` and `object`. */
export function noteAnswer(
  engine: Engine,
  caller: Caller,
  at: { meetingId: string; participantId: string },
  input: NoteInput,
): Promise<Decision<null>> {
  return command(engine, caller, {
    action: 'minutes.settle',
    locate: (reads) => locateReviewed(reads, at.meetingId),
    async run(work, opened) {
      const out = await outFor(work, opened, at.participantId);
      if (!out.ok) return out;
      const { kind, section, text, instead } = input;
      if (kind === 'approved') {
        const about = approved(out.value, section);
        if (!about.ok) return about;
        await put(work, out.value, { kind, sections: about.value, text: '', instead: '' }, input);
        return accept(null);
      }
      const named = section as ReviewSection;
      const may = mayAnswer(out.value.review, out.value.reader, { kind, section: named });
      if (!may.ok) return may;
      await put(work, out.value, { kind, sections: [named], text, instead }, input);
      return accept(null);
    },
  });
}

/** The officer has read what somebody said, and answers it or not. Refuses `not_now`, `finalised`. */
export function settle(
  engine: Engine,
  caller: Caller,
  meetingId: string,
  input: { objection: string; answer: string },
): Promise<Decision<null>> {
  return command(engine, caller, {
    action: 'minutes.settle',
    locate: (reads) => locateReviewed(reads, meetingId),
    async run(work, opened) {
      const { review, minutes } = await readMinutes(work, opened);
      if (minutes.state === 'finalised') return refuse('finalised');
      const one = review?.answers.find(({ id, kind }) => id === input.objection && kind !== 'approved');
      if (!one) return refuse('not_now');
      await settleAnswer(work, one, { answer: input.answer, at: work.now, by: (work.actor as User).id });
      await touchMinutes(work, minutes.id);
      return accept(null);
    },
  });
}

/** Reminds those who have not answered of minutes that are out, one working day before the last day. The worker looks every minute. */
export async function tendReviews(engine: Engine): Promise<void> {
  const caller: Caller = { actor: { kind: 'worker' }, reference: 'worker' };
  await eachInTurn(await listToRemind(engine.database.reads, engine.clock.now()), (meetingId) =>
    command(engine, caller, {
      action: 'minutes.remind',
      locate: (reads) => locateReviewed(reads, meetingId),
      async run(work, opened): Promise<Decision<null>> {
        const found = await readMinutes(work, opened);
        const { review, minutes, participants } = found;
        const due = review?.remindAt ?? null;
        if (!review || minutes.state !== 'review' || due === null || due > work.now) return refuse('not_now');
        await setRemindAt(work, minutes.id, null);
        const lastDay = endOf(review);
        if (stockholmDate(work.now) > lastDay) return accept(null);
        const to = silent(review, participants, found.meeting.wantsReminders);
        await tell(work, found, to, 'remind', lastDay, lastDay);
        return accept(null);
      },
    }),
  );
}

/** Everybody the minutes were given to is told that they are final, or that they were amended. */
export async function tellReaders(
  work: Work,
  found: FoundMinutes,
  kind: 'final' | 'amended',
  number: string,
): Promise<void> {
  const given = new Set(
    (found.review?.readers ?? []).filter(({ sections }) => sections.length > 0).map((one) => one.participantId),
  );
  await tell(
    work,
    found,
    found.participants.filter(({ id }) => given.has(id)),
    kind,
    null,
    number,
  );
}
