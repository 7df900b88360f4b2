import { isSamePerson, type User } from '../../../kernel/access.ts';
import { accept, type Decision, refuse } from '../../../kernel/decision.ts';
import { sha256 } from '../../../kernel/digest.ts';
import type { IsoDate, IsoInstant } from '../../../kernel/time.ts';
import type { Finding, Logged } from '../rules.ts';

/**
 * A sample for the systematic, recurring checks of the log (PDL 4:3, HSLF-FS 2016:40 4:9, lag 2001:454 10 §): rows of
 * whole days that are over, drawn by a seed that is kept, so that anybody can draw the same again.
 */
export type Review = {
  id: string;
  at: IsoInstant;
  reviewer: string;
  firstDay: IsoDate;
  lastDay: IsoDate;
  size: number;
  seed: string;
  finishedAt: IsoInstant | null;
};

/** `logged` is null when the row has been disposed of since. */
export type ReviewRow = {
  id: string;
  position: number;
  auditId: string;
  logged: (Logged & { caseNumber: string | null }) | null;
  finding: Finding | null;
  note: string | null;
  notedAt: IsoInstant | null;
};

export const mostDrawn = 100;
/** Samples on a page. */
export const reviewPageSize = 20;

/** Draws `size` of the ids it is given: those whose digest with the seed is smallest, whatever order they come in. */
export function createDraw(seed: string, size: number): { add(ids: readonly string[]): void; drawn(): string[] } {
  let kept: { id: string; rank: string }[] = [];
  return {
    add(ids) {
      const more = ids.map((id) => ({ id, rank: sha256(`${seed} ${id}`) }));
      kept = [...kept, ...more].sort((a, b) => (a.rank < b.rank ? -1 : 1)).slice(0, size);
    },
    drawn: () => kept.map(({ id }) => id),
  };
}

/** Nobody reviews what they did themselves. */
export const mayNote = (row: ReviewRow, by: Pick<User, 'id' | 'near'>): Decision<null> =>
  row.logged && isSamePerson(by, row.logged.accountId) ? refuse('own_row') : accept(null);
