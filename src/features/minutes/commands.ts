import type { User } from '../../kernel/access.ts';
import { accept, type Decision, refuse } from '../../kernel/decision.ts';
import { newSalt } from '../../kernel/digest.ts';
import { type IsoInstant, stockholmDate } from '../../kernel/time.ts';
import { againIfBeaten, type Caller, command, type Engine, view, type Work } from '../../platform/command.ts';
import { type MinutesContent, type Sealed, sealContent } from '../filing/document/rules.ts';
import { chainHead, insertDocument, lockChain } from '../filing/document/store.ts';
import { planNext } from '../followup/commands.ts';
import { listParticipants } from '../meeting/participant/store.ts';
import { abandonLive } from '../meeting/poll/commands.ts';
import { findPoll } from '../meeting/poll/store.ts';
import { moveMeeting } from '../meeting/rules.ts';
import { locateMeeting, noteEvent, updateMeeting } from '../meeting/store.ts';
import {
  agreeMeasure,
  deleteDraftMeasure,
  insertMeasure,
  lastMeasureNumber,
  updateDraftMeasure,
} from '../plan/store.ts';
import { askSurvey } from '../survey/commands.ts';
import { whoIsAsked } from '../survey/rules.ts';
import type { FinaliseInput, MeasureChange } from './input.ts';
import { keptOf, losesWords, typedMeasure } from './live/rules.ts';
import { keepText, wasWarned } from './live/store.ts';
import { mayFinalise, recordOf } from './review/rules.ts';
import {
  attendanceField,
  checkField,
  compareField,
  contentOf,
  type FieldChange,
  type FieldRule,
  fieldsOf,
  followUpOf,
  type MinutesState,
  moveMinutes,
  type SavedField,
  unwritten,
} from './rules.ts';
import {
  type FollowUp,
  type FoundMinutes,
  insertMinutes,
  locateOpened,
  lockMinutes,
  readCase,
  readFollowUp,
  readMinutes,
  touchMinutes,
  writeField,
} from './store.ts';
import { templateVersion } from './template/rules.ts';

/** The meeting has been held, whatever the clock says: its minutes are open. Refuses `not_now`, `changed_by_someone_else`. */
export function holdMeeting(engine: Engine, caller: Caller, meetingId: string): Promise<Decision<null>> {
  return command(engine, caller, {
    action: 'meeting.arrange',
    locate: (reads) => locateMeeting(reads, meetingId),
    async run(work, meeting) {
      const to = moveMeeting(meeting.state, 'hold');
      if (!to.ok) return to;
      const held = await updateMeeting(work, meeting, { state: to.value, heldAt: work.now });
      if (!held) return refuse('changed_by_someone_else');
      const openedBy = (work.actor as User).id;
      await insertMinutes(work, { id: work.newId(), meetingId, templateVersion, openedAt: work.now, openedBy });
      await abandonLive(work, meeting, await findPoll(work, meetingId), await listParticipants(work, meetingId));
      await noteEvent(work, meetingId, 'held');
      return accept(null);
    },
  });
}

/** What refuses writing: locked minutes, and those that others are reading, where one section is changed at a time. */
const writable = (state: MinutesState) =>
  state === 'finalised' ? refuse('finalised') : state === 'review' ? refuse('in_review') : null;

/** Writing in minutes that are open; refuses `finalised` when they are locked, `in_review` while they are out. */
export function onDraft<T>(
  engine: Engine,
  caller: Caller,
  meetingId: string,
  run: (work: Work, found: FoundMinutes) => Promise<Decision<T>>,
): Promise<Decision<T>> {
  return command(engine, caller, {
    action: 'minutes.write',
    locate: (reads) => locateOpened(reads, meetingId),
    async run(work, opened) {
      return writable(opened.minutes.state) ?? run(work, await readMinutes(work, opened));
    },
  });
}

/**
 * What became of each field that was sent. `conflicts`: what somebody else wrote since, `errors`: codes. `late`: the
 * minutes were locked first, and nothing was saved but to the history. `kept`: fields with a text that went there.
 */
export type Saved = {
  versions: Record<string, number>;
  conflicts: Map<string, SavedField>;
  errors: Record<string, string>;
  late: boolean;
  kept: string[];
};

/**
 * Saves every field that its writer changed, each by its own version, so that what is right is kept whatever is wrong
 * beside it. `read` takes them from what was sent, by the fields these minutes have. `keep`
 * makes marks of corrections again of what a page showed as words.
 */
export function saveFields(
  engine: Engine,
  caller: Caller,
  meetingId: string,
  read: (rules: ReadonlyMap<string, FieldRule>) => readonly FieldChange[],
  keep: (typed: string, standing: string) => string = (typed) => typed,
): Promise<Decision<Saved>> {
  return command(engine, caller, {
    action: 'minutes.write',
    locate: (reads) => locateOpened(reads, meetingId),
    async run(work, opened) {
      const found = await readMinutes(work, opened);
      const rules = fieldsOf(found.template);
      return accept(await writeFields(work, found, rules, read(rules), keep));
    },
  });
}

/** Saves what was changed, and what a conflict or the lock keeps out of its field to the history. */
export async function writeFields(
  work: Work,
  { minutes, fields }: Pick<FoundMinutes, 'minutes' | 'fields'>,
  rules: ReadonlyMap<string, FieldRule>,
  changes: readonly FieldChange[],
  keep: (typed: string, standing: string) => string,
): Promise<Saved> {
  // Minutes that others are reading are changed one section at a time, so that they see what is another.
  const late = minutes.state !== 'draft';
  const saved: Saved = {
    versions: Object.create(null),
    conflicts: new Map(),
    errors: Object.create(null),
    late,
    kept: [],
  };
  const by = (work.actor as User).id;
  const seq = minutes.version + 1;
  let wrote = false;
  for (const change of changes) {
    const { field } = change;
    const rule = late && field === typedMeasure ? { name: field, type: 'text' as const } : rules.get(field);
    const checked = rule ? checkField(rule, change.text) : refuse('unknown_field');
    if (!rule || !checked.ok) {
      saved.errors[field] = checked.ok ? 'unknown_field' : checked.code;
      continue;
    }
    const current = fields.get(field) ?? unwritten;
    const text = keep(checked.value, current.text);
    const compared = compareField(current, { ...change, text });
    const outcome = late && compared !== 'same' ? 'late' : compared;
    const at = { minutesId: minutes.id, field };
    const warned =
      outcome === 'write' &&
      losesWords(current.text, text) &&
      (await wasWarned(work, { ...at, met: current.version, by }));
    const lost = keptOf(rule, current, text, outcome, warned);
    if (lost) {
      const who = lost.of === 'writer' ? { at: work.now, by } : { at: current.at, by: current.byId };
      await keepText(work, { ...at, ...lost.kept, id: work.newId(), seq: late ? minutes.version : seq, ...who });
      saved.kept.push(field);
    }
    if (outcome === 'conflict') saved.conflicts.set(field, current);
    else saved.versions[field] = outcome === 'write' ? current.version + 1 : current.version;
    if (outcome !== 'write') continue;
    wrote = true;
    await writeField(work, { ...at, text, version: current.version + 1, seq, at: work.now, by });
  }
  if ((wrote || saved.kept.length > 0) && !late) await touchMinutes(work, minutes.id);
  return saved;
}

/** Adds a measure to the draft, or changes one. Refuses `finalised`, and `changed_by_someone_else` for one that is not as it was. */
export function putMeasure(
  engine: Engine,
  caller: Caller,
  meetingId: string,
  change: MeasureChange,
): Promise<Decision<null>> {
  return onDraft(engine, caller, meetingId, async (work, { minutes, meeting, measures }) => {
    if (change.measure) {
      const measure = measures.find(({ id }) => id === change.measure);
      if (!measure) return refuse('changed_by_someone_else');
      const version = change.measureVersion ?? measure.version;
      const done = await updateDraftMeasure(work, { id: measure.id, version }, change);
      if (!done) return refuse('changed_by_someone_else');
    } else {
      await insertMeasure(work, {
        ...change,
        id: work.newId(),
        caseId: meeting.caseId,
        meetingId,
        minutesId: minutes.id,
        position: (measures.at(-1)?.position ?? 0) + 1,
        createdAt: work.now,
        createdBy: (work.actor as User).id,
      });
    }
    await touchMinutes(work, minutes.id);
    return accept(null);
  });
}

/** Takes a measure away from the draft. Refuses `finalised`. */
export function removeMeasure(engine: Engine, caller: Caller, meetingId: string, id: string): Promise<Decision<null>> {
  return onDraft(engine, caller, meetingId, async (work, { minutes, measures }) => {
    if (!measures.some((measure) => measure.id === id)) return accept(null);
    await deleteDraftMeasure(work, id);
    await touchMinutes(work, minutes.id);
    return accept(null);
  });
}

/** Tells whoever read the minutes before that they are final. */
export type Told = (work: Work, found: FoundMinutes, number: string) => Promise<void>;

/** Makes the file of minutes; render.ts does, and whoever calls hands it in. */
export type Print = (content: Sealed<MinutesContent>, createdAt: IsoInstant) => Promise<Uint8Array>;

/**
 * Locks the minutes: numbers their measures, files the document in the case's chain, closes the meeting. The file is
 * made before the transaction and filed only if nothing changed meanwhile; otherwise it is made anew, once.
 * `read` judges the form by the minutes as they are; null refuses `fields`.
 * A follow-up that is to be booked is planned in the same step.
 * Refuses `finalised`, `reason_needed`, `not_now`, `changed_by_someone_else`, and what `mayFinalise` refuses.
 */
export const finaliseMinutes = (...given: Parameters<typeof finaliseOnce>): ReturnType<typeof finaliseOnce> =>
  againIfBeaten(() => finaliseOnce(...given));

async function finaliseOnce(
  engine: Engine,
  caller: Caller,
  meetingId: string,
  read: (found: FoundMinutes, followUp: FollowUp) => FinaliseInput | null,
  print: Print,
  told: Told = async () => {},
): Promise<Decision<{ number: string; booked: boolean }>> {
  const prepared = await view(engine, caller, {
    action: 'minutes.finalise',
    locate: (reads) => locateOpened(reads, meetingId),
    read: async (reads, opened, now) => ({
      found: await readMinutes(reads, opened),
      followUp: await readFollowUp(reads, opened.meeting, now),
      now,
      head: await chainHead(reads, opened.meeting.caseId),
      lastNumber: await lastMeasureNumber(reads, opened.meeting.caseId),
    }),
  });
  if (!prepared.ok) return prepared;
  const { found, followUp, now, head, lastNumber } = prepared.value;
  const input = read(found, followUp);
  if (!input) return refuse('fields');
  const to = moveMinutes(found.minutes.state, 'finalise', input.reason);
  const meetingTo = moveMeeting(found.meeting.state, 'finalise');
  if (!to.ok) return to;
  if (!meetingTo.ok) return meetingTo;
  const ready = mayFinalise(found.review, now);
  if (!ready.ok) return ready;

  const position = head.position + 1;
  const by = caller.actor as User;
  const content = sealContent(
    contentOf(
      found,
      { ...input, position, lastNumber, finalisedAt: now, finalisedBy: by.name },
      found.review && recordOf(found.review, found.participants, stockholmDate(now)),
    ),
    head.hash,
    newSalt,
  );
  const pdf = await print(content, now);

  return command(engine, caller, {
    action: 'minutes.finalise',
    locate: (reads) => locateOpened(reads, meetingId),
    async run(work, { meeting }) {
      await lockChain(work, meeting.caseId);
      const { hash } = await chainHead(work, meeting.caseId);
      if (hash !== head.hash) return refuse('changed_by_someone_else');
      if (!(await lockMinutes(work, found.minutes, { at: now, by: by.id }))) return refuse('changed_by_someone_else');
      if (!(await updateMeeting(work, found.meeting, { state: meetingTo.value }))) {
        return refuse('changed_by_someone_else');
      }
      for (const { id, number } of content.measures) await agreeMeasure(work, id, number);
      const { number } = content.document;
      await insertDocument(work, {
        id: work.newId(),
        caseId: meeting.caseId,
        meetingId,
        kind: 'minutes',
        position,
        number,
        createdAt: now,
        createdBy: by.id,
        content,
        pdf,
      });
      await noteEvent(work, meetingId, 'minuted');
      await told(work, found, number);
      const attendance = (id: string) => found.fields.get(attendanceField(id))?.text ?? '';
      await askSurvey(work, whoIsAsked(meeting, found.participants, attendance));
      if (input.next === 'book') {
        const next = followUpOf(found);
        const planned = await planNext(work, await readCase(work, meeting), next);
        if (!planned.ok) throw new Error(planned.code);
      }
      return accept({ number, booked: input.next === 'book' });
    },
  });
}
