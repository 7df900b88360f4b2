import { FieldReader, type FieldsRead } from '../../../kernel/fields.ts';
import { addDays, type IsoDate } from '../../../kernel/time.ts';
import { extents, type SickLeave, type SickPeriod } from './rules.ts';

type Body = Readonly<Record<string, string | string[]>>;

/** More sick periods than this do not fit in one form. */
export const mostPeriods = 40;

/** How many rows of a period a form holds. */
export const rowsIn = (body: Body): number => {
  const numbers = Object.keys(body).flatMap((name) => /^(?:firstDay|lastDay|extent)-(\d{1,2})$/.exec(name)?.[1] ?? []);
  return Math.min(mostPeriods, Math.max(0, ...numbers.map((one) => Number(one) + 1)));
};

/**
 * Sick periods, one a row: `firstDay-0`, `lastDay-0`, `extent-0`, `firstDay-1` … An empty row is none. Only the latest may
 * lack its last day. `seen` names what the page was opened with.
 */
export function readSickLeave(body: Body, today: IsoDate): FieldsRead<{ facts: SickLeave; seen: string }> {
  const r = new FieldReader(body);
  const rows: (SickPeriod & { row: number })[] = [];
  for (let row = 0; row < rowsIn(body); row++) {
    const lastDay = r.date(`lastDay-${row}`);
    const extent = r.choice(`extent-${row}`, extents);
    const typed = r.values[`lastDay-${row}`] !== '' || extent !== null;
    const firstDay = r.date(`firstDay-${row}`, { required: typed });
    if (firstDay === null) continue;
    if (firstDay > today) r.fail(`firstDay-${row}`, 'future');
    if (lastDay !== null && lastDay < firstDay) r.fail(`lastDay-${row}`, 'beforeFirst');
    if (lastDay !== null && lastDay > addDays(today, 366)) r.fail(`lastDay-${row}`, 'sick_far');
    rows.push({ row, firstDay, lastDay, extent });
  }
  rows.sort((a, b) => (a.firstDay < b.firstDay ? -1 : 1));
  rows.forEach(({ row, lastDay }, i) => {
    const next = rows[i + 1];
    if (!next) return;
    if (lastDay === null) r.fail(`lastDay-${row}`, 'sick_open');
    else if (next.firstDay <= lastDay) r.fail(`firstDay-${next.row}`, 'sick_overlap');
  });
  const noSgi = r.flag('noSgi');
  const seen = r.line('seen', { cap: 40 });
  return r.done(() => ({ facts: { periods: rows.map(({ row, ...period }) => period), noSgi }, seen }));
}
