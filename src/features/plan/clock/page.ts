import type { FieldErrors, FieldValues } from '../../../kernel/fields.ts';
import { type IsoInstant, stockholmDate } from '../../../kernel/time.ts';
import { type ClockFacts, clockRows, extents } from './rules.ts';

type Form = { values: FieldValues; errors: FieldErrors };

const freeRows = 2;

/** The page of a case's days. `form`: what was typed, when it is shown again. */
export function daysPage(
  found: { id: string; number: string },
  facts: ClockFacts & { noted: { id: string; at: IsoInstant; by: string } | null },
  options: { self: boolean; mayWrite: boolean; now: IsoInstant; posted: (Form & { rows: number }) | null },
) {
  const { self, mayWrite, now, posted } = options;
  const saved: FieldValues = { noSgi: facts.noSgi ? 'on' : '' };
  facts.periods.forEach(({ firstDay, lastDay, extent }, i) => {
    saved[`firstDay-${i}`] = firstDay;
    saved[`lastDay-${i}`] = lastDay ?? '';
    saved[`extent-${i}`] = extent ?? '';
  });
  const rows = posted ? posted.rows : facts.periods.length + freeRows;
  return {
    caseId: found.id,
    number: found.number,
    ...{ self, mayWrite, extents },
    ...clockRows(facts, stockholmDate(now)),
    periods: facts.periods,
    noSgi: facts.noSgi,
    noted: facts.noted,
    form: posted ?? { values: saved, errors: {} },
    rows: Array.from({ length: rows }, (_, i) => ({
      number: i + 1,
      ...{ firstDay: `firstDay-${i}`, lastDay: `lastDay-${i}`, extent: `extent-${i}` },
    })),
    seen: facts.noted?.id ?? '',
  };
}
