import type { Review, ReviewRow } from './rules.ts';

/** What leaves of a sample: codes and numbers, and what was noted. */
export function exportOf(review: Review, rows: readonly ReviewRow[]) {
  return {
    ...review,
    rows: rows.map(({ position, auditId, logged, finding, note, notedAt }) => ({
      position,
      auditId,
      at: logged?.at ?? null,
      unit: logged?.unit ?? null,
      role: logged?.actor ?? null,
      name: logged?.name ?? null,
      action: logged?.action ?? null,
      outcome: logged?.outcome ?? null,
      relation: logged?.relation ?? null,
      caseNumber: logged?.caseNumber ?? null,
      finding,
      note,
      notedAt,
    })),
  };
}

/** A cell that a spreadsheet takes for text, whatever it begins with. */
const cell = (value: string | number | null): string => {
  const text = String(value ?? '');
  return `"${(/^[=+\-@\t\r]/.test(text) ? `'${text}` : text).replaceAll('"', '""')}"`;
};

/** RFC 4180, with a byte order mark so that spreadsheets read the Swedish letters. */
export function csvOf(exported: ReturnType<typeof exportOf>): string {
  const [first] = exported.rows;
  const lines = [Object.keys(first ?? {}), ...exported.rows.map((row) => Object.values(row))];
  return `\ufeff${lines.map((line) => line.map(cell).join(';')).join('\r\n')}\r\n`;
}
