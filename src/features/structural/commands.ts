import type { User } from '../../kernel/access.ts';
import { accept, type Decision, refuse } from '../../kernel/decision.ts';
import { newSalt } from '../../kernel/digest.ts';
import { stockholmDate } from '../../kernel/time.ts';
import { againIfBeaten, type Caller, command, type Engine, nothingYet, view } from '../../platform/command.ts';
import { noPrevious, type Sealed, sealContent } from '../filing/document/rules.ts';
import { compareField, type FieldChange, fingerprint, type SavedField, unwritten } from '../minutes/rules.ts';
import { checkField, contentOf, fields, lock, type StructuralContent } from './rules.ts';
import {
  fileStructural,
  insertStructural,
  locateStructural,
  nextSerial,
  readFacts,
  touchStructural,
  writeField,
} from './store.ts';

/** A meeting between organisations, of the unit of whoever opens it. Refuses `forbidden` to whoever has no unit. */
export function openStructural(
  engine: Engine,
  caller: Caller,
  typed: ReadonlyMap<string, string>,
): Promise<Decision<{ id: string }>> {
  return command(engine, caller, {
    action: 'structural.open',
    locate: nothingYet,
    async run(work, subject) {
      const by = work.actor as User;
      if (by.unitId === null) return refuse('forbidden');
      const id = work.newId();
      subject.meetingId = id;
      const year = stockholmDate(work.now).slice(0, 4);
      const serial = await nextSerial(work, `structural ${year}`);
      await insertStructural(work, {
        ...{ id, unitId: by.unitId, number: `S${year}/${String(serial).padStart(6, '0')}` },
        ...{ createdAt: work.now, createdBy: by.id },
      });
      for (const [field, text] of typed) {
        if (text === '') continue;
        await writeField(work, { meetingId: id, field, text, version: 1, at: work.now, by: by.id });
      }
      return accept({ id });
    },
  });
}

/** What became of each field. `stamps`: what a page has seen of it now. */
export type Saved = {
  stamps: Record<string, string>;
  conflicts: Map<string, SavedField>;
  errors: Record<string, string>;
};

/**
 * Saves every field that its writer changed, each by its own version. With `whole` all of them or none: refuses `fields`.
 * Refuses `finalised`.
 */
export function saveStructural(
  engine: Engine,
  caller: Caller,
  id: string,
  changes: readonly FieldChange[],
  { whole }: { whole: boolean },
): Promise<Decision<Saved>> {
  return command(engine, caller, {
    action: 'structural.write',
    locate: (reads) => locateStructural(reads, id),
    async run(work, meeting) {
      if (meeting.state === 'finalised') return refuse('finalised');
      const before = (await readFacts(work, meeting)).fields;
      const saved: Saved = { stamps: {}, conflicts: new Map(), errors: {} };
      const writes: { field: string; text: string; version: number }[] = [];
      for (const change of changes) {
        const { field } = change;
        const rule = fields.get(field);
        const checked = rule ? checkField(rule, change.text, stockholmDate(work.now)) : refuse('unknown_field');
        if (!checked.ok) {
          saved.errors[field] = checked.code;
          continue;
        }
        const current = before.get(field) ?? unwritten;
        const text = checked.value;
        const outcome = compareField(current, { ...change, text });
        if (outcome === 'conflict') saved.conflicts.set(field, current);
        if (outcome === 'write') writes.push({ field, text, version: current.version + 1 });
      }
      if (whole && (saved.conflicts.size > 0 || Object.keys(saved.errors).length > 0)) return refuse('fields');
      const by = (work.actor as User).id;
      for (const one of writes) {
        await writeField(work, { meetingId: id, ...one, at: work.now, by });
        saved.stamps[one.field] = stampOf(one);
      }
      if (writes.length > 0) await touchStructural(work, id);
      return accept(saved);
    },
  });
}

const stampOf = ({ version, text }: { version: number; text: string }): string => `${version}.${fingerprint(text)}`;

/** Makes the file; render.ts does, and whoever calls hands it in. */
export type PrintStructural = (content: Sealed<StructuralContent>) => Promise<Uint8Array>;

/**
 * Locks the minutes under a number and files them as they are. The file is made before the transaction and filed only if
 * nothing changed meanwhile; otherwise it is made anew, once. Refuses `finalised`, `changed_by_someone_else`.
 */
export const lockStructural = (...given: Parameters<typeof lockOnce>): ReturnType<typeof lockOnce> =>
  againIfBeaten(() => lockOnce(...given));

async function lockOnce(
  engine: Engine,
  caller: Caller,
  id: string,
  print: PrintStructural,
): Promise<Decision<{ number: string }>> {
  const by = caller.actor as User;
  const locate = (reads: Parameters<typeof locateStructural>[0]) => locateStructural(reads, id);
  const prepared = await view(engine, caller, {
    action: 'structural.finalise',
    locate,
    read: async (reads, meeting, now) => ({ facts: await readFacts(reads, meeting), now }),
  });
  if (!prepared.ok) return prepared;
  const { facts, now } = prepared.value;
  const to = lock(facts.meeting.state);
  if (!to.ok) return to;
  const content = sealContent(contentOf(facts, { finalisedAt: now, finalisedBy: by.name }), noPrevious, newSalt);
  const pdf = await print(content);
  return command(engine, caller, {
    action: 'structural.finalise',
    locate,
    async run(work) {
      const done = await fileStructural(work, facts.meeting, { at: now, by: by.id, content, pdf });
      return done ? accept({ number: content.document.number }) : refuse('changed_by_someone_else');
    },
  });
}
