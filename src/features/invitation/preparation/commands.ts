import type { User } from '../../../kernel/access.ts';
import { accept, type Decision, refuse } from '../../../kernel/decision.ts';
import { type Caller, command, type Engine, type Work } from '../../../platform/command.ts';
import { sendInOrder } from '../../../platform/outbox/outbox.ts';
import { listParticipants } from '../../meeting/participant/store.ts';
import {
  find,
  mayBeChosen,
  mayPrepare,
  mostPapers,
  type Paper,
  type Preparation,
  type PreparationChange,
  printOf,
  textOf,
  unanswered,
  type Via,
  type Way,
  write,
} from '../../meeting/preparation/rules.ts';
import {
  addText,
  answerAdaptations,
  answerPaper,
  insertAdaptation,
  insertPaper,
  listAdaptations,
  listPapers,
  listPreparationsOf,
  putShare,
  removePaper,
  renamePaper,
  replaceTexts,
} from '../../meeting/preparation/store.ts';
import type { Participant } from '../../meeting/rules.ts';
import { type FoundMeeting, insertMeetingEvent } from '../../meeting/store.ts';
import { answeredMessage } from '../mail.ts';
import { channelOf } from '../rules.ts';
import { locateLinked } from '../store.ts';
import type { PaperAnswer, PapersInput } from './input.ts';
import { locatePreparation } from './store.ts';

/** Makes marks of corrections again of what a page showed as words. */
export type Keep = (typed: string, standing: string) => string;

const accountOf = (work: Work): string | null => (work.actor.kind === 'user' ? work.actor.id : null);

/**
 * Takes what somebody writes before a meeting; `read` judges the form by what stands, null refuses `fields`. Nothing is
 * saved unless all of it is. Refuses `not_now`, `changed_by_someone_else`, `full`.
 */
async function takePreparation(
  work: Work,
  meeting: FoundMeeting,
  one: Participant,
  said: { way: Way; via: Via; keep?: Keep },
  read: (standing: readonly Preparation[]) => readonly PreparationChange[] | null,
): Promise<Decision<null>> {
  if (!mayPrepare(meeting.state)) return refuse('not_now');
  const all = await listPreparationsOf(work, one);
  const changes = read(all);
  if (!changes) return refuse('fields');
  const { way, via, keep = (typed) => typed } = said;
  const writes = [];
  for (const change of changes) {
    const standing = find(all, one.id, change.field);
    const result = write(standing, { ...change, text: keep(change.text, textOf(standing)) }, way);
    if (!result.ok) return result;
    writes.push({ field: change.field, ...result.value });
  }
  for (const { field, replace, add, share } of writes) {
    const owner = { meetingId: meeting.id, participantId: one.id, field };
    const written = { id: work.newId(), at: work.now, via, accountId: accountOf(work), text: replace ?? add ?? '' };
    if (replace !== null) await replaceTexts(work, owner, written);
    else if (add !== null) await addText(work, owner, written);
    if (share) await putShare(work, owner, share);
  }
  return accept(null);
}

/** What the person asks to have done in another way: a question to the officer, and no answer to the invitation. */
async function takeAdaptation(
  work: Work,
  meeting: FoundMeeting,
  asked: { text: string; via: Via },
): Promise<Decision<null>> {
  if (!mayPrepare(meeting.state)) return refuse('not_now');
  const { text, via } = asked;
  await insertAdaptation(work, meeting.id, { id: work.newId(), at: work.now, via, accountId: accountOf(work), text });
  await event(work, meeting.id, 'adaptation_asked');
  return accept(null);
}

/** By their link a participant adds, without seeing what stands; signed in they change it. Refuses as `takePreparation`. */
export function sendPreparation(
  engine: Engine,
  caller: Caller,
  participantId: string,
  keep: Keep,
  read: (one: Participant, standing: readonly Preparation[]) => readonly PreparationChange[] | null,
): Promise<Decision<null>> {
  const byLink = caller.actor.kind === 'link';
  return command(engine, caller, {
    action: byLink ? 'participation.prepare' : 'participation.write',
    locate: async (reads) => (await locateLinked(reads, participantId))?.at ?? null,
    run(work, { meeting, participant }) {
      const how = byLink ? ({ way: 'link', via: 'link' } as const) : ({ way: 'own', via: 'account' } as const);
      return takePreparation(work, meeting, participant, { ...how, keep }, (standing) => read(participant, standing));
    },
  });
}

/** By their link, the person alone. Refuses `not_found` to anybody else, and as `takeAdaptation`. */
export const askByLink = (
  engine: Engine,
  caller: Caller,
  participantId: string,
  text: string,
): Promise<Decision<null>> =>
  command(engine, caller, {
    action: 'participation.prepare',
    locate: async (reads) => (await locateLinked(reads, participantId))?.at ?? null,
    run: async (work, { meeting, participant }) =>
      participant.party === 'PERSON' ? takeAdaptation(work, meeting, { text, via: 'link' }) : refuse('not_found'),
  });

/**
 * The person, or the officer who notes what the person says. `person` is their row among the participants, `self`
 * whether it is they, or who represents them, who are signed in.
 */
function asPerson<T>(
  engine: Engine,
  caller: Caller,
  meetingId: string,
  run: (
    work: Work,
    at: { meeting: FoundMeeting; person: Participant; participants: Participant[]; self: boolean },
  ) => Promise<Decision<T>>,
): Promise<Decision<T>> {
  const action = 'preparation.write';
  return command(engine, caller, {
    action,
    locate: (reads) => locatePreparation(reads, meetingId),
    async run(work, meeting) {
      if (!mayPrepare(meeting.state)) return refuse('not_now');
      const participants = await listParticipants(work, meetingId);
      const person = participants.find(({ party }) => party === 'PERSON');
      if (!person) return refuse('participant');
      const self = engine.rights(action, caller.actor, meeting.subject).by === 'self';
      return run(work, { meeting, person, participants, self });
    },
  });
}

/** What a form says, and how it came: signed in, or as the officer was told. */
type Said<T> = { said: T; via: Via };

/**
 * The person writes, or the officer notes: then it is added. `read` judges the form by what stands and by whom the
 * person can choose; null refuses `fields`. Refuses as `takePreparation`. Gives the prints of the fields as they now are.
 */
export const prepare = (
  engine: Engine,
  caller: Caller,
  meetingId: string,
  keep: Keep,
  read: (at: {
    self: boolean;
    standing: readonly Preparation[];
    readers: string[];
  }) => Said<readonly PreparationChange[]> | null,
): Promise<Decision<Record<string, string>>> =>
  asPerson(engine, caller, meetingId, async (work, { meeting, person, participants, self }) => {
    const standing = await listPreparationsOf(work, person);
    const readers = participants.filter(mayBeChosen).map(({ id }) => id);
    const input = read({ self, standing, readers });
    if (!input) return refuse('fields');
    const how = { way: self ? ('own' as const) : ('noted' as const), via: input.via, keep };
    const taken = await takePreparation(work, meeting, person, how, () => input.said);
    if (!taken.ok) return taken;
    const after = await listPreparationsOf(work, person);
    return accept(Object.fromEntries(input.said.map(({ field }) => [field, printOf(find(after, person.id, field))])));
  });

/** `read` is told whether it is the person; null refuses `fields`. Refuses `not_now`. */
export const askAdaptation = (
  engine: Engine,
  caller: Caller,
  meetingId: string,
  read: (self: boolean) => Said<string> | null,
): Promise<Decision<null>> =>
  asPerson(engine, caller, meetingId, async (work, { meeting, self }) => {
    const input = read(self);
    return input ? takeAdaptation(work, meeting, { text: input.said, via: input.via }) : refuse('fields');
  });

/**
 * A yes or a no to what the officer means to bring; `read` judges the form by what is listed, null refuses `fields`.
 * Refuses `changed_by_someone_else` when a title is another than the one that was answered.
 */
export const answerPapers = (
  engine: Engine,
  caller: Caller,
  meetingId: string,
  read: (papers: readonly Paper[], self: boolean) => Said<readonly PaperAnswer[]> | null,
): Promise<Decision<null>> =>
  asPerson(engine, caller, meetingId, async (work, { self }) => {
    const papers = await listPapers(work, meetingId);
    const input = read(papers, self);
    if (!input) return refuse('fields');
    const stands = ({ id, version }: PaperAnswer) =>
      papers.some((paper) => paper.id === id && (version ?? paper.version) === paper.version);
    if (!input.said.every(stands)) return refuse('changed_by_someone_else');
    const how = { at: work.now, via: input.via, by: (work.actor as User).id };
    for (const { id, answer } of input.said) await answerPaper(work, id, { answer, ...how });
    return accept(null);
  });

function onMeeting<T>(
  engine: Engine,
  caller: Caller,
  meetingId: string,
  run: (work: Work, meeting: FoundMeeting) => Promise<Decision<T>>,
): Promise<Decision<T>> {
  return command(engine, caller, {
    action: 'preparation.arrange',
    locate: (reads) => locatePreparation(reads, meetingId),
    run: (work, meeting) => (mayPrepare(meeting.state) ? run(work, meeting) : Promise.resolve(refuse('not_now'))),
  });
}

/**
 * Answers what the person has asked for, up to what the officer had seen; the person is told that there is an answer,
 * and not what. Refuses `not_now`, also when nothing waits.
 */
export function answerAsked(
  engine: Engine,
  caller: Caller,
  meetingId: string,
  { answer, seen }: { answer: string; seen: string },
): Promise<Decision<{ told: boolean }>> {
  return onMeeting(engine, caller, meetingId, async (work, meeting) => {
    const waiting = unanswered(await listAdaptations(work, meetingId)).filter(({ id }) => seen === '' || id <= seen);
    const last = waiting.at(-1);
    if (!last) return refuse('not_now');
    const said = { answer, at: work.now, by: (work.actor as User).id };
    await answerAdaptations(
      work,
      waiting.map(({ id }) => id),
      said,
    );
    await event(work, meetingId, 'adaptation_answered');
    const person = (await listParticipants(work, meetingId)).find(({ party }) => party === 'PERSON');
    const told = person !== undefined && channelOf(person) === 'mail';
    if (told) await sendInOrder(work, answeredMessage(meeting, person, last.id));
    return accept({ told });
  });
}

/** What the officer means to bring. `read` judges the form by what is listed; null refuses `fields`. Refuses `full`, `changed_by_someone_else`. */
export function putPapers(
  engine: Engine,
  caller: Caller,
  meetingId: string,
  read: (papers: readonly Paper[]) => PapersInput | null,
  keep: Keep,
): Promise<Decision<null>> {
  return onMeeting(engine, caller, meetingId, async (work) => {
    const papers = await listPapers(work, meetingId);
    const input = read(papers);
    if (!input) return refuse('fields');
    const kept = papers.length - input.listed.filter(({ title }) => title === '').length;
    if (kept + input.added.length > mostPapers) return refuse('full');
    const changed = input.listed.flatMap((one) => {
      const paper = papers.find(({ id }) => id === one.id);
      const title = keep(one.title, paper?.title ?? '');
      return paper && title !== paper.title
        ? [{ ...one, title, stale: (one.version ?? paper.version) !== paper.version }]
        : [];
    });
    if (changed.some(({ stale }) => stale)) return refuse('changed_by_someone_else');
    for (const { id, title } of changed) {
      if (title === '') await removePaper(work, id, work.now);
      else await renamePaper(work, id, title);
    }
    const by = (work.actor as User).id;
    for (const title of input.added) await insertPaper(work, { id: work.newId(), meetingId, title, at: work.now, by });
    return accept(null);
  });
}

function event(work: Work, meetingId: string, move: string): Promise<void> {
  return insertMeetingEvent(work, {
    ...{ id: work.newId(), meetingId, move, at: work.now },
    ...{ accountId: accountOf(work), details: {} },
  });
}
