import { insertCase } from '../../src/features/case/store.ts';
import { insertMeeting } from '../../src/features/meeting/store.ts';
import { insertMinutes } from '../../src/features/minutes/store.ts';
import { agreeMeasure, insertMeasure } from '../../src/features/plan/store.ts';
import { newId } from '../../src/kernel/ids.ts';
import { linkToken } from '../../src/kernel/links.ts';
import type { Party } from '../../src/kernel/parties.ts';
import { permit } from '../../src/platform/db/access.ts';
import { openWorld, type World } from './invitation-world.ts';

/** Words that whoever carries something out writes, and that no mail may hold. */
export const written = { text: 'kanarieåtgärd', note: 'kanarienotis', obstacle: 'kanariehinder', words: 'kanarieord' };

/** The world of invitations with its meeting held, more cases, and measures agreed in them. */
export async function openMeasureWorld() {
  const w = await openWorld();
  const { clock } = w.house.engine;
  const id = () => newId(clock.now());
  const unitId = (await w.meeting())?.unit.id ?? '';
  let cases = 1;

  /** A case with one held meeting whose minutes are locked. */
  async function addCase(): Promise<{ caseId: string; meetingId: string }> {
    const [caseId, meetingId] = [id(), id()];
    cases += 1;
    await w.set(async (t) => {
      const writes = permit(t);
      const individual = { name: 'Kanariefall', number: null, interpreterLanguage: null, protectedIdentity: false };
      const opened = { individual, individualAccountId: null, officerId: w.officerId, unitId, openedAt: clock.now() };
      await insertCase(writes, { ...opened, id: caseId, number: `2026/${String(cases).padStart(6, '0')}` });
      await insertMeeting(writes, {
        ...({ id: meetingId, caseId, requestId: null, kind: 'reconciliation', purpose: 'kanariesyfte' } as const),
        ...{ reference: 'K7M2-4QXR', uid: `${meetingId}@localhost`, interpreterLanguage: null },
        ...{ officerId: w.officerId, unitId, createdAt: clock.now() },
      });
      await t.db
        .updateTable('meeting')
        .set({ state: 'minuted', held_at: clock.now() })
        .where('id', '=', meetingId)
        .execute();
      const minutes = { id: id(), meetingId, templateVersion: 2, openedAt: clock.now(), openedBy: w.officerId };
      await insertMinutes(writes, minutes);
    });
    return { caseId, meetingId };
  }

  /** A measure agreed now. */
  async function agree(
    at: { caseId: string; meetingId: string },
    number: number,
    carriedOutBy: Party,
    due: string | null,
    person = '',
  ): Promise<string> {
    const measureId = id();
    await w.set(async (t) => {
      const work = { ...permit(t), now: clock.now() };
      const minutes = await t.db
        .selectFrom('minutes')
        .select('id')
        .where('meeting_id', '=', at.meetingId)
        .executeTakeFirstOrThrow();
      await insertMeasure(work, {
        ...{ id: measureId, ...at, minutesId: minutes.id, position: number, carriedOutBy, person, due },
        ...{ text: `${written.text} ${number}`, goal: '', followedUpBy: null, kind: null, start: null },
        ...{ followUpOn: null, createdAt: clock.now(), createdBy: w.officerId },
      });
      await agreeMeasure(work, measureId, number);
    });
    return measureId;
  }

  const row = (measureId: string) =>
    w.house.engine.database.reads.db
      .selectFrom('measure')
      .selectAll()
      .where('id', '=', measureId)
      .executeTakeFirstOrThrow();

  async function link(measureId: string): Promise<string> {
    const { owner_id } = await row(measureId);
    const owner = await w.house.engine.database.reads.db
      .selectFrom('participant')
      .select('link_generation')
      .where('id', '=', owner_id)
      .executeTakeFirst();
    return `/atgard/${linkToken(w.house.config.linkKey, 'measure', measureId, owner?.link_generation ?? 1)}`;
  }

  return {
    ...w,
    addCase,
    agree,
    row,
    measureLink: link,
    /** The clock goes on to then. */
    until(instant: string) {
      w.pass({ milliseconds: Date.parse(instant) - Date.parse(clock.now()) });
    },
  };
}

export type MeasureWorld = Awaited<ReturnType<typeof openMeasureWorld>>;
export type { World };
