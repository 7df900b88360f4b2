import type { User } from '../../kernel/access.ts';
import { accept, type Decision, refuse } from '../../kernel/decision.ts';
import { newSalt } from '../../kernel/digest.ts';
import type { IsoInstant } from '../../kernel/time.ts';
import { againIfBeaten, type Caller, command, type Engine, view } from '../../platform/command.ts';
import { type Sealed, sealContent } from '../filing/document/rules.ts';
import { chainHead, insertDocument, lockChain } from '../filing/document/store.ts';
import { callOff } from '../invitation/commands.ts';
import { mayArrange } from '../meeting/rules.ts';
import { locateMeeting } from '../meeting/store.ts';
import { insertReport, updateStanding } from '../plan/owner/store.ts';
import { type Closing, type ClosingContent, contentOf, mayClose, moveCase, versionOf } from './rules.ts';
import { type ClosingFacts, locateClosing, moveCaseTo, readClosingFacts, writeClosing } from './store.ts';

/** Whether what was looked at is what is prepared now; `was`: its version, empty when the form does not say. */
const isSame = (was: string, closing: ClosingFacts['closing']): boolean => was === '' || was === versionOf(closing);

/**
 * Writes how the case is to end; the person reads it from then on, and everything goes on until its day. `read` judges the
 * form by the case as it is; null refuses `fields`. Refuses `not_now`, and `changed_by_someone_else` also when it was
 * prepared otherwise than `was`.
 */
export function prepareClosing(
  engine: Engine,
  caller: Caller,
  caseId: string,
  was: string,
  read: (facts: ClosingFacts) => Closing | null,
): Promise<Decision<null>> {
  return command(engine, caller, {
    action: 'case.close',
    locate: (reads) => locateClosing(reads, caseId),
    async run(work, plan) {
      const to = moveCase(plan.found.state, 'prepare');
      if (!to.ok) return to;
      const facts = await readClosingFacts(work, plan, work.now);
      const closing = read(facts);
      if (!closing) return refuse('fields');
      if (!isSame(was, facts.closing)) return refuse('changed_by_someone_else');
      if (!(await moveCaseTo(work, plan.found, to.value))) return refuse('changed_by_someone_else');
      const by = (work.actor as User).id;
      await writeClosing(work, caseId, closing, { id: work.newId(), at: work.now, by });
      return accept(null);
    },
  });
}

/** The case goes on after all; what was written stays, to be used another time. Refuses `not_now`, `changed_by_someone_else`. */
export function undoClosing(engine: Engine, caller: Caller, caseId: string): Promise<Decision<null>> {
  return command(engine, caller, {
    action: 'case.close',
    locate: (reads) => locateClosing(reads, caseId),
    async run(work, { found }) {
      const to = moveCase(found.state, 'undo');
      if (!to.ok) return to;
      return (await moveCaseTo(work, found, to.value)) ? accept(null) : refuse('changed_by_someone_else');
    },
  });
}

/** Makes the file; render.ts does, and whoever calls hands it in. */
export type PrintClosing = (content: Sealed<ClosingContent>, createdAt: IsoInstant) => Promise<Uint8Array>;

/**
 * Closes the case as it was prepared: ends the measures that end, calls off what lies ahead, files the document in the
 * case's chain. `words`: what stands on an ended measure and with a meeting that was called off.
 * Refuses `not_now`, what `mayClose` refuses, and `changed_by_someone_else` also when it was prepared otherwise than `was`.
 */
export const closeCase = (...given: Parameters<typeof closeOnce>): ReturnType<typeof closeOnce> =>
  againIfBeaten(() => closeOnce(...given));

async function closeOnce(
  engine: Engine,
  caller: Caller,
  caseId: string,
  was: string,
  words: { measure: string; meeting: string },
  print: PrintClosing,
): Promise<Decision<{ number: string }>> {
  const by = caller.actor as User;
  const locate = (reads: Parameters<typeof locateClosing>[0]) => locateClosing(reads, caseId);
  const prepared = await view(engine, caller, {
    action: 'case.close',
    locate,
    read: async (reads, plan, now) => ({
      facts: await readClosingFacts(reads, plan, now),
      head: await chainHead(reads, caseId),
      now,
    }),
  });
  if (!prepared.ok) return prepared;
  const { facts, head, now } = prepared.value;
  const to = moveCase(facts.found.state, 'close');
  if (!to.ok) return to;
  if (!facts.closing) return refuse('not_now');
  if (!isSame(was, facts.closing)) return refuse('changed_by_someone_else');
  const { id, version, preparedAt, ...closing } = facts.closing;
  const allowed = mayClose(closing, facts, now);
  if (!allowed.ok) return allowed;
  const position = head.position + 1;
  const filed = { position, closedAt: now, closedBy: by.name };
  const content = sealContent(contentOf(facts, closing, filed), head.hash, newSalt);
  const pdf = await print(content, now);

  return command(engine, caller, {
    action: 'case.close',
    locate,
    async run(work, plan) {
      await lockChain(work, caseId);
      const current = await readClosingFacts(work, plan, work.now);
      const same = (await chainHead(work, caseId)).hash === head.hash && current.closing?.version === version;
      if (!same || !mayClose(closing, current, work.now).ok) return refuse('changed_by_someone_else');
      if (!(await moveCaseTo(work, facts.found, to.value, now))) return refuse('changed_by_someone_else');
      for (const { id: measureId, outcome } of closing.measures) {
        const measure = current.going.find((one) => one.id === measureId);
        if (!measure) continue;
        const ended = outcome === 'goes_on' ? {} : { state: outcome, endedAt: now };
        // What goes on with somebody else waits for nobody here, and the worker does not look for it.
        const unasked = { askedDue: null, signal: null, signalOn: null, remindAt: null };
        if (!(await updateStanding(work, measure, { ...unasked, ...ended }))) throw new Error('measure moved');
        if (outcome === 'goes_on') continue;
        await insertReport(work, {
          ...{ id: work.newId(), measureId, status: outcome, note: words.measure, obstacle: '', meet: false },
          ...{ proposedDue: null, grantedDue: null, decision: null, at: now, accountId: by.id, sendKey: null },
        });
      }
      for (const { id: meetingId } of current.meetings.filter(({ state }) => mayArrange(state))) {
        const meeting = (await locateMeeting(work, meetingId))?.open(work);
        const off = meeting && (await callOff(work, meeting, words.meeting));
        if (!off?.ok) throw new Error('a meeting ahead could not be called off');
      }
      const { number } = content.document;
      const at = { createdAt: now, createdBy: by.id };
      await insertDocument(work, {
        ...{ id: work.newId(), caseId, meetingId: null, kind: 'closing', position, number, content, pdf },
        ...at,
      });
      return accept({ number });
    },
  });
}
