import type { User } from '../../../kernel/access.ts';
import { accept, type Decision, refuse } from '../../../kernel/decision.ts';
import { type IsoDate, stockholmDate } from '../../../kernel/time.ts';
import { type Caller, command, type Engine, type Work } from '../../../platform/command.ts';
import type { Participant } from '../../meeting/rules.ts';
import { noteEvent } from '../../meeting/store.ts';
import { endOf, type Review, type ReviewSection, remindAt, versionOf, wordingOf } from '../../minutes/review/rules.ts';
import { insertChange, insertReader, setRemindAt, updateReader } from '../../minutes/review/store.ts';
import { fieldsOf, moveMinutes, unwritten } from '../../minutes/rules.ts';
import { type FoundMinutes, moveTo, readMinutes, writeField } from '../../minutes/store.ts';
import { deleteDraftMeasure, insertMeasure, updateDraftMeasure } from '../../plan/store.ts';
import { sectionsByReader, tell } from '../commands.ts';
import type { Edited } from '../input.ts';
import { changeable, isTold, sameMeasure } from '../rules.ts';
import { locateReviewed } from '../store.ts';

/** What a form says of a section; null when it is not filled in as it must be. */
export type ReadSection = (
  found: FoundMinutes,
  section: ReviewSection,
) => (Edited & { lastDay: IsoDate; was: string }) | null;

/**
 * The officer changes one section of minutes that are out: back to draft, another text, and out again for those who may
 * read it (states.md "Minutes"). What was said about other sections stands. Refuses `not_now`, `finalised`, `fields`, `same` when
 * nothing is another, `changed_by_someone_else`.
 */
export function changeSection(
  engine: Engine,
  caller: Caller,
  meetingId: string,
  asked: string,
  read: ReadSection,
): Promise<Decision<null>> {
  return command(engine, caller, {
    action: 'minutes.settle',
    locate: (reads) => locateReviewed(reads, meetingId),
    async run(work, opened) {
      const found = await readMinutes(work, opened);
      const { minutes, review } = found;
      const back = moveMinutes(minutes.state, 'reopen', '');
      if (!back.ok) return back;
      if (!review) return refuse('not_now');
      const section = changeable(found).find((code) => code === asked);
      if (!section) return refuse('not_now');
      const input = read(found, section);
      if (!input) return refuse('fields');
      if (input.was !== '' && input.was !== wordingOf(review, [section])) return refuse('changed_by_someone_else');
      if (!(await moveTo(work, minutes, back.value))) return refuse('changed_by_someone_else');
      if (!(await writeSection(work, found, input))) return refuse('same');
      const changed = await readMinutes(work, { ...opened, minutes: { ...minutes, state: 'review' } });
      await giveAgain(work, changed, review, section, input.lastDay);
      const out = moveMinutes(back.value, 'release', '');
      if (!out.ok) return out;
      const moved = await moveTo(work, { id: minutes.id, version: minutes.version + 1 }, out.value);
      return moved ? accept(null) : refuse('changed_by_someone_else');
    },
  });
}

/** Writes what is another; false when nothing is. */
async function writeSection(work: Work, found: FoundMinutes, input: Edited): Promise<boolean> {
  const { minutes, meeting, fields, measures } = found;
  const by = (work.actor as User).id;
  const rules = fieldsOf(found.template);
  // Back to draft is one version, out again the next.
  const seq = minutes.version + 2;
  let wrote = false;
  for (const [field, text] of input.fields) {
    const now = fields.get(field) ?? unwritten;
    if (!rules.has(field) || now.text === text) continue;
    await writeField(work, { minutesId: minutes.id, field, text, version: now.version + 1, seq, at: work.now, by });
    wrote = true;
  }
  let position = measures.at(-1)?.position ?? 0;
  for (const { id, ...draft } of input.measures) {
    const standing = measures.find((one) => one.id === id);
    if (standing) {
      if (sameMeasure(standing, draft)) continue;
      await updateDraftMeasure(work, standing, draft);
    } else {
      position++;
      const place = { caseId: meeting.caseId, meetingId: meeting.id, minutesId: minutes.id, position };
      await insertMeasure(work, { ...draft, ...place, id: work.newId(), createdAt: work.now, createdBy: by });
    }
    wrote = true;
  }
  for (const id of input.removed) {
    await deleteDraftMeasure(work, id);
    wrote = true;
  }
  return wrote;
}

/** Asks those who may read a section about it anew, and tells them; who was not there after all is asked no more. */
async function giveAgain(
  work: Work,
  found: FoundMinutes,
  review: Review,
  section: ReviewSection,
  lastDay: IsoDate,
): Promise<void> {
  const minutesId = found.minutes.id;
  const by = (work.actor as User).id;
  const version = versionOf(review, section) + 1;
  await insertChange(work, { minutesId, section, version, lastDay, at: work.now, by });
  const sections = await sectionsByReader(work, found, stockholmDate(work.now));
  const readers: Participant[] = [];
  for (const one of found.participants) {
    const own = sections.get(one.id) ?? [];
    const reads = own.includes(section);
    const before = review.readers.find(({ participantId }) => participantId === one.id)?.sections;
    const at = { minutesId, participantId: one.id };
    if (reads) readers.push(one);
    if (before === undefined) {
      // Who was there after all is asked about everything that they may read.
      if (own.length > 0) await insertReader(work, { ...at, sections: own, told: isTold(one) ? 'mail' : 'none' });
      continue;
    }
    const kept = before.filter((code) => code !== section && sections.has(one.id));
    if (reads !== before.includes(section) || !sections.has(one.id)) {
      await updateReader(work, { ...at, sections: reads ? [...kept, section] : kept });
    }
  }
  const end = lastDay > endOf(review) ? lastDay : endOf(review);
  await setRemindAt(work, minutesId, remindAt(end, work.now));
  await tell(work, found, readers, 'again', lastDay, `${section} ${version}`);
  await noteEvent(work, found.meeting.id, 'review_changed', { lastDay });
}
