import type { User } from '../../../kernel/access.ts';
import { accept, type Decision, refuse } from '../../../kernel/decision.ts';
import { canonicalJson, newSalt } from '../../../kernel/digest.ts';
import { newId } from '../../../kernel/ids.ts';
import { againIfBeaten, type Caller, command, type Engine, view, type Work } from '../../../platform/command.ts';
import {
  keepCopy,
  type PrintCopy,
  prepareCopy,
  type ReadyCopy,
  readReleasable,
} from '../../consent/release/commands.ts';
import { sourceOfMinutes } from '../../consent/release/rules.ts';
import { type MinutesContent, sealContent } from '../../filing/document/rules.ts';
import { chainHead, type FoundDocument, insertDocument, lockChain } from '../../filing/document/store.ts';
import { noteEvent } from '../../meeting/store.ts';
import type { Print } from '../../minutes/commands.ts';
import { findReview } from '../../minutes/review/store.ts';
import { readMinutes } from '../../minutes/store.ts';
import { agreeMeasure, insertMeasure, lastMeasureNumber, rewordMeasure } from '../../plan/store.ts';
import { tell } from '../commands.ts';
import { asDraft, sameMeasure } from '../rules.ts';
import { amendedContent, changesIn, type Edit, leftOut } from './rules.ts';
import { type GivenCopy, listGiven, locateAmended, locateMinutes, readPlan } from './store.ts';

/** What the form says of the latest wording; null when it is not filled in as it must be. `was`: number of the wording it was made from. */
export type ReadAmendment = (found: FoundDocument) => (Edit & { was: string }) | null;
export type Prints = { document: Print; copy: PrintCopy };

/**
 * Files the minutes in another wording as a document of its own, which refers to the one before; the plan gets its next
 * version by it. Everybody who read the minutes is told, and every party that has a copy gets another, of the same parts,
 * in the same transaction. The files are made before it and kept only if nothing that they rest on changed meanwhile;
 * otherwise they are made anew, once. Refuses `fields`, `same` when nothing is another, and `changed_by_someone_else`.
 */
export const amend = (...given: Parameters<typeof amendOnce>): ReturnType<typeof amendOnce> =>
  againIfBeaten(() => amendOnce(...given));

async function amendOnce(
  engine: Engine,
  caller: Caller,
  meetingId: string,
  read: ReadAmendment,
  prints: Prints,
): Promise<Decision<{ number: string }>> {
  const prepared = await view(engine, caller, {
    action: 'minutes.amend',
    locate: (reads) => locateAmended(reads, meetingId),
    read: async (reads, found, now) => ({
      ...{ found, now, head: await chainHead(reads, found.caseId), given: await listGiven(reads, meetingId) },
      lastNumber: await lastMeasureNumber(reads, found.caseId),
      releasable: await readReleasable(reads, await readPlan(reads, found.caseId)),
    }),
  });
  if (!prepared.ok) return prepared;
  const { found, now, head, given, lastNumber, releasable } = prepared.value;
  const edit = read(found);
  if (!edit) return refuse('fields');
  if (edit.was !== '' && edit.was !== found.number) return refuse('changed_by_someone_else');
  const by = caller.actor as User;
  const position = head.position + 1;
  const filing = { position, lastNumber, at: now, by: by.name, newId: () => newId(now) };
  const { sections, previousHash, hash, ...before } = found.content;
  const after = amendedContent(before, edit, filing);
  if (changesIn(before, after).length === 0) return refuse('same');
  const content = sealContent(after, head.hash, newSalt);
  const pdf = await prints.document(content, now);
  const documentId = newId(now);
  const { number } = content.document;
  const documents = [...releasable.documents, { id: documentId, meetingId, content }];
  const copies: ReadyCopy[] = [];
  for (const copy of given) {
    const input = renewalOf(found, { id: documentId, content }, copy);
    const ready = input && (await prepareCopy({ ...releasable, documents }, input, { now, by }, prints.copy));
    // What the person has taken back since is not given again; a copy of nothing is none.
    if (ready?.ok) copies.push(ready.value);
  }

  return command(engine, caller, {
    action: 'minutes.amend',
    locate: (reads) => locateAmended(reads, meetingId),
    async run(work, { caseId }): Promise<Decision<{ number: string }>> {
      await lockChain(work, caseId);
      const same = (await chainHead(work, caseId)).hash === head.hash;
      if (!same || canonicalJson(await listGiven(work, meetingId)) !== canonicalJson(given)) {
        return refuse('changed_by_someone_else');
      }
      await writeMeasures(work, { caseId, meetingId }, before, after);
      const filed = { id: documentId, caseId, meetingId, kind: 'amendment' as const, position, number };
      await insertDocument(work, { ...filed, createdAt: now, createdBy: by.id, content, pdf });
      await noteEvent(work, meetingId, 'amended', { reason: edit.reason });
      const plan = await readPlan(work, caseId);
      const filedNow = await readReleasable(work, plan);
      for (const copy of copies) {
        work.also(plan.found.subject, 'release.make');
        const kept = await keepCopy(work, filedNow, copy);
        if (!kept.ok) return refuse('changed_by_someone_else');
      }
      await tellOthers(work, meetingId, new Set(copies.map(({ input }) => input.party)), number);
      return accept({ number });
    },
  });
}

/** The measures of the plan as they are worded now, the new ones too. */
async function writeMeasures(
  work: Work,
  at: { caseId: string; meetingId: string },
  before: MinutesContent,
  after: MinutesContent,
): Promise<void> {
  const old = new Map(before.measures.map((one) => [one.id, one]));
  const minutes = (await locateMinutes(work, at.meetingId))?.open(work).minutes;
  for (const [i, one] of after.measures.entries()) {
    const draft = asDraft(one);
    const was = old.get(one.id);
    if (was) {
      if (!sameMeasure(asDraft(was), draft)) await rewordMeasure(work, one.id, draft, was.due !== one.due);
      continue;
    }
    const place = { ...at, minutesId: minutes?.id ?? '', position: i + 1 };
    const made = { createdAt: work.now, createdBy: (work.actor as User).id };
    await insertMeasure(work, { ...draft, ...place, ...made });
    await agreeMeasure(work, one.id, one.number);
  }
}

/** Who read the minutes and gets no new copy: the person, and those who were asked about the text. */
async function tellOthers(work: Work, meetingId: string, copies: ReadonlySet<string>, number: string): Promise<void> {
  const opened = (await locateMinutes(work, meetingId))?.open(work);
  if (!opened) return;
  const found = await readMinutes(work, opened);
  const review = await findReview(work, opened.minutes.id);
  const asked = new Set(
    (review?.readers ?? []).filter(({ sections }) => sections.length > 0).map((one) => one.participantId),
  );
  const to = found.participants.filter(
    (one) => (one.party === 'PERSON' || asked.has(one.id)) && !copies.has(one.casePartyId ?? ''),
  );
  await tell(work, found, to, 'amended', null, number);
}

/** A copy of the new wording for a party that has one, without what it was not given before. */
function renewalOf(
  found: FoundDocument,
  next: { id: string; content: MinutesContent },
  copy: GivenCopy,
): ReadyCopy['input'] | null {
  const source = found.wordings.find(({ id }) => id === copy.documentId);
  if (!source) return null;
  const { content, grounds, partyId } = copy;
  const { reservation } = content.document;
  const leaveOut = leftOut(content, sourceOfMinutes(source.content), sourceOfMinutes(next.content));
  return { party: partyId, document: next.id, grounds, leaveOut, reservation, seen: '' };
}
