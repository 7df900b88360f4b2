import type { User } from '../../../kernel/access.ts';
import { accept, type Decision, refuse } from '../../../kernel/decision.ts';
import { newSalt } from '../../../kernel/digest.ts';
import { idsFrom } from '../../../kernel/ids.ts';
import { addDays, type IsoDate, parseStockholm } from '../../../kernel/time.ts';
import { type Caller, command, type Engine, nothingYet, view } from '../../../platform/command.ts';
import type { Found } from '../input.ts';
import { staffRows } from '../store.ts';
import type { Draw } from './input.ts';
import { createDraw, mayNote } from './rules.ts';
import { insertReview, listReviewRows, locateReview, noteRow } from './store.ts';

function firstIdOf(day: IsoDate): string {
  const midnight = parseStockholm(`${day}T00:00`);
  if (!midnight.ok) throw new Error('a day without a midnight');
  return idsFrom(midnight.instant);
}

/** Draws a sample and keeps it, with the seed it was drawn by. Refuses `nothing_logged` for days without a row. */
export async function drawReview(engine: Engine, caller: Caller, draw: Draw): Promise<Decision<{ id: string }>> {
  const seed = newSalt();
  // Outside the transaction that keeps it: whatever is logged meanwhile would be in its way.
  const drawn = await view(engine, caller, {
    action: 'log.draw',
    locate: nothingYet,
    async read(reads) {
      const sample = createDraw(seed, draw.size);
      const period = { from: firstIdOf(draw.firstDay), before: firstIdOf(addDays(draw.lastDay, 1)) };
      for await (const ids of staffRows(reads, period)) sample.add(ids);
      return sample.drawn();
    },
  });
  if (!drawn.ok) return drawn;
  return command(engine, caller, {
    action: 'log.draw',
    locate: nothingYet,
    async run(work) {
      if (drawn.value.length === 0) return refuse('nothing_logged');
      const id = work.newId();
      const accountId = (work.actor as User).id;
      const rows = drawn.value.map((auditId) => ({ id: work.newId(), auditId }));
      await insertReview(work, { ...draw, id, accountId, seed, at: work.now }, rows);
      return accept({ id });
    },
  });
}

/** Notes what was found about a row of a sample. Refuses `own_row`. */
export function noteReviewRow(
  engine: Engine,
  caller: Caller,
  id: string,
  rowId: string,
  found: Found,
): Promise<Decision<null>> {
  return command(engine, caller, {
    action: 'log.note',
    locate: (reads) => locateReview(reads, id),
    async run(work, review) {
      const row = (await listReviewRows(work, review.id)).find((one) => one.id === rowId);
      if (!row) return refuse('not_found');
      const may = mayNote(row, work.actor as User);
      if (!may.ok) return may;
      await noteRow(work, review.id, rowId, { ...found, at: work.now });
      return accept(null);
    },
  });
}
