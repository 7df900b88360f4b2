import type { User } from '../../../kernel/access.ts';
import { accept, type Decision, refuse } from '../../../kernel/decision.ts';
import { canonicalJson, newSalt } from '../../../kernel/digest.ts';
import { newReference } from '../../../kernel/ids.ts';
import { type IsoInstant, stockholmDate } from '../../../kernel/time.ts';
import { againIfBeaten, type Caller, command, type Engine, view, type Work } from '../../../platform/command.ts';
import type { CaseReads } from '../../../platform/db/access.ts';
import { type CaseParty, namedParty } from '../../case/party/rules.ts';
import { listCaseParties } from '../../case/party/store.ts';
import { type Sealed, sealContent } from '../../filing/document/rules.ts';
import { type FiledMinutes, listFiledMinutes } from '../../filing/document/store.ts';
import { type PlanFacts, planData } from '../../plan/rules.ts';
import { type CasePlan, locatePlan } from '../../plan/store.ts';
import { latestWordings } from '../../plan/version/rules.ts';
import { type Consent, isLive, latestOf } from '../rules.ts';
import { listConsents } from '../store.ts';
import type { ReleaseInput } from './input.ts';
import { releaseMessage } from './mail.ts';
import {
  type Copy,
  copyOf,
  fingerprintOf,
  groundsFor,
  mayReserve,
  moveRelease,
  type Part,
  partsOf,
  type Source,
  sourceOfMinutes,
  sourceOfPlan,
} from './rules.ts';
import { insertRelease, listReceivers, locateRelease, recallRelease } from './store.ts';

/** What an officer looks at before anything is released. */
export type Proposal = {
  receiver: CaseParty;
  source: Source;
  /** What it is made from: for the plan, the document that was filed last. */
  from: { id: string; hash: string; meetingId: string | null };
  parts: Part[];
  /** What the person has said yes to, while it holds. */
  consent: Consent | null;
  /** Changes with anything of it that an officer has looked at. */
  seen: string;
};
export type Chosen = Pick<ReleaseInput, 'party' | 'document' | 'grounds'>;

/** Everything that a release can be made of. */
export async function readReleasable(reads: CaseReads, plan: CasePlan) {
  const caseId = plan.found.id;
  const [parties, consents, documents] = await Promise.all([
    listCaseParties(reads, caseId),
    listConsents(reads, caseId),
    listFiledMinutes(reads, caseId),
  ]);
  return { plan, parties, consents, documents };
}
export type Releasable = Awaited<ReturnType<typeof readReleasable>>;

/** Refuses `party`, `document` for what the case does not have, and `ground` for one that this party cannot be told on. */
export function propose(
  { plan, parties, consents, documents }: Releasable,
  chosen: Chosen,
  now: IsoInstant,
): Decision<Proposal> {
  const receiver = namedParty(parties, chosen.party);
  if (!receiver.ok) return receiver;
  const open = groundsFor(receiver.value.party);
  if (chosen.grounds.some(({ code }) => !open.includes(code))) return refuse('ground');
  const today = stockholmDate(now);
  const last = latestOf(consents, receiver.value.id);
  const found = sourceNamed(plan, documents, chosen.document, now);
  if (!found) return refuse('document');
  const { source, document } = found;
  const consent = last && isLive(last, today) ? last : null;
  return accept({
    receiver: receiver.value,
    source,
    from: {
      id: document.id,
      hash: document.content.hash,
      meetingId: source.of === 'minutes' ? document.meetingId : null,
    },
    parts: partsOf(source, receiver.value, consents, chosen.grounds, today),
    consent,
    seen: fingerprintOf(source, consent),
  });
}

/** `plan`, `minutes` (the latest), or minutes by id or number. */
function sourceNamed(plan: PlanFacts, documents: readonly FiledMinutes[], name: string, now: IsoInstant) {
  const last = documents.at(-1);
  if (name === 'plan') {
    return (
      plan.texts &&
      last && {
        source: sourceOfPlan(
          planData({ ...plan, texts: plan.texts }, now),
          latestWordings(documents.map(({ content }) => content)),
        ),
        document: last,
      }
    );
  }
  const document =
    name === 'minutes' ? last : documents.find(({ id, content }) => id === name || content.document.number === name);
  return document && { source: sourceOfMinutes(document.content), document };
}

/** Makes the file of a copy; render.ts does, and whoever calls hands it in. */
export type PrintCopy = (copy: Sealed<Copy>, createdAt: IsoInstant) => Promise<Uint8Array>;

/** A copy with its file, before it is kept. `copy`: what it was decided to be. */
export type ReadyCopy = {
  input: ReleaseInput;
  making: Making;
  copy: Copy;
  content: Sealed<Copy>;
  pdf: Uint8Array;
};
type Making = { number: string; now: IsoInstant; by: User };

function decide(releasable: Releasable, input: ReleaseInput, { number, now, by }: Making) {
  const proposed = propose(releasable, input, now);
  if (!proposed.ok) return proposed;
  const { source, receiver, parts, seen } = proposed.value;
  if (input.seen !== '' && input.seen !== seen) return refuse('changed_by_someone_else');
  const { unit, phone } = releasable.plan.contact;
  const reservation = input.reservation && mayReserve(receiver.party);
  const made = { number, releasedAt: now, releasedBy: by.name, unit, phone, reservation };
  const copy = copyOf(source, receiver, parts, input.leaveOut, made);
  return copy.ok ? accept({ ...proposed.value, copy: copy.value }) : copy;
}

/** What a party may know of a document as it stands, with its file. Refuses what `propose` and `copyOf` refuse. */
export async function prepareCopy(
  releasable: Releasable,
  input: ReleaseInput,
  by: { now: IsoInstant; by: User },
  print: PrintCopy,
): Promise<Decision<ReadyCopy>> {
  const making = { ...by, number: newReference() };
  const decided = decide(releasable, input, making);
  if (!decided.ok) return decided;
  const { copy, from } = decided.value;
  const content = sealContent(copy, from.hash, newSalt);
  return accept({ input, making, copy, content, pdf: await print(content, making.now) });
}

/**
 * Freezes a copy and tells its receivers, inside a command that may release. Refuses what `prepareCopy` refuses, and
 * `changed_by_someone_else` when something that it rests on has changed.
 */
export async function keepCopy(
  work: Work,
  releasable: Releasable,
  { input, making, copy, content, pdf }: ReadyCopy,
): Promise<Decision<{ releaseId: string }>> {
  const again = decide(releasable, input, making);
  if (!again.ok) return again;
  const { receiver, from, consent } = again.value;
  if (canonicalJson(again.value.copy) !== canonicalJson(copy)) return refuse('changed_by_someone_else');
  const { number, now, by } = making;
  const releaseId = work.newId();
  await insertRelease(work, {
    ...{ id: releaseId, caseId: releasable.plan.found.id, partyId: receiver.id, documentId: from.id },
    ...{ meetingId: from.meetingId, consentId: consent?.id ?? null, grounds: input.grounds },
    ...{ content, madeAt: now, madeBy: by.id, pdf },
  });
  for (const { email, ...to } of await listReceivers(work, receiver.id)) {
    await work.send(releaseMessage({ ...to, to: email, releaseId, reference: number, officerName: by.name }));
  }
  return accept({ releaseId });
}

/**
 * Freezes what a party may know of a document, as it stands now. The file is made before the transaction and kept only if
 * nothing that it rests on changed meanwhile; otherwise it is made anew, once. Refuses what `propose` and `copyOf` refuse.
 */
export const makeRelease = (...given: Parameters<typeof releaseOnce>): ReturnType<typeof releaseOnce> =>
  againIfBeaten(() => releaseOnce(...given));

async function releaseOnce(
  engine: Engine,
  caller: Caller,
  caseId: string,
  input: ReleaseInput,
  print: PrintCopy,
): Promise<Decision<{ releaseId: string }>> {
  const prepared = await view(engine, caller, {
    action: 'release.make',
    locate: (reads) => locatePlan(reads, caseId),
    read: async (reads, plan, now) => ({ now, releasable: await readReleasable(reads, plan) }),
  });
  if (!prepared.ok) return prepared;
  const { now, releasable } = prepared.value;
  const ready = await prepareCopy(releasable, input, { now, by: caller.actor as User }, print);
  if (!ready.ok) return ready;

  return command(engine, caller, {
    action: 'release.make',
    locate: (reads) => locatePlan(reads, caseId),
    run: async (work, plan) => keepCopy(work, await readReleasable(work, plan), ready.value),
  });
}

/** A recalled copy can no longer be opened by its party; that it was made stays. Refuses `not_now` when it is recalled. */
export function recallCopy(
  engine: Engine,
  caller: Caller,
  id: string,
  input: { reason: string },
): Promise<Decision<{ caseId: string }>> {
  const by = caller.actor.kind === 'user' ? caller.actor.id : '';
  return command(engine, caller, {
    action: 'release.recall',
    locate: (reads) => locateRelease(reads, id, { accountId: by }),
    async run(work, found) {
      const to = moveRelease(found.state);
      if (!to.ok) return to;
      const done = await recallRelease(work, id, { at: work.now, by, reason: input.reason });
      return done ? accept({ caseId: found.caseId }) : refuse('changed_by_someone_else');
    },
  });
}
