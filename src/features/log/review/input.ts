import { FieldReader, type FieldsRead } from '../../../kernel/fields.ts';
import { addDays, type IsoDate } from '../../../kernel/time.ts';
import { mostDrawn } from './rules.ts';

export type Draw = { firstDay: IsoDate; lastDay: IsoDate; size: number };

/** What a form for a new sample starts with: the seven days that are over. */
export const usualDraw = (today: IsoDate) => ({
  firstDay: addDays(today, -7),
  lastDay: addDays(today, -1),
  size: '20',
});

/** A period of days that are over, and how many rows of it. */
export function readDraw(body: Record<string, string | string[]>, today: IsoDate): FieldsRead<Draw> {
  const r = new FieldReader(body);
  const firstDay = r.date('firstDay', { required: true });
  const lastDay = r.date('lastDay', { required: true });
  if (lastDay !== null && lastDay >= today) r.fail('lastDay', 'notOver');
  if (firstDay !== null && lastDay !== null && lastDay < firstDay) r.fail('lastDay', 'beforeFirst');
  const size = Number(r.line('size', { cap: 3, required: true }));
  if (!Number.isInteger(size) || size < 1 || size > mostDrawn) r.fail('size', 'drawSize', { most: mostDrawn });
  return r.done(() => ({ firstDay: firstDay as IsoDate, lastDay: lastDay as IsoDate, size }));
}
