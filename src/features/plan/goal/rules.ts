import { sha256 } from '../../../kernel/digest.ts';
import type { IsoDate, IsoInstant } from '../../../kernel/time.ts';

/** A dated row beside the plan's versions: an officer noted that a sub-goal was reached, or is not after all. */
export type GoalNote = {
  /** The sub-goal in the words of the minutes. */
  goal: string;
  /** Null: not reached. */
  reachedOn: IsoDate | null;
  at: IsoInstant;
  accountName: string | null;
};

export type SubGoal = { key: string; text: string; reachedOn: IsoDate | null };

/** Names a sub-goal in a form and in an address without its words. */
export const goalKey = (text: string): string => sha256(text).slice(0, 16);

/** One sub-goal a line, as it was typed in the minutes; a dash or bullet before it is no part of it. */
export function linesOf(text: string): string[] {
  const lines = text.split('\n').map((line) => line.replace(/^\s*[-–•*]\s+/, '').trim());
  return [...new Set(lines.filter((line) => line !== ''))];
}

/** The sub-goals as they stood at a moment. `notes`: oldest first; the last one before that moment counts. */
export function subGoalsAt(text: string, notes: readonly GoalNote[], at: IsoInstant): SubGoal[] {
  return linesOf(text).map((line) => ({
    key: goalKey(line),
    text: line,
    reachedOn: notes.findLast((note) => note.goal === line && note.at <= at)?.reachedOn ?? null,
  }));
}
