import { FieldReader, type FieldsRead } from '../../../kernel/fields.ts';
import { addDays, type IsoDate } from '../../../kernel/time.ts';
import { type Absence, mostDays } from './rules.ts';

/** Of days that are not over yet, by a colleague. */
export function readCover(
  body: Readonly<Record<string, string | string[] | undefined>>,
  today: IsoDate,
): FieldsRead<Absence> {
  const reader = new FieldReader(body);
  const officerId = reader.line('officer', { cap: 64, required: true });
  const coverId = reader.line('cover', { cap: 64, required: true });
  const firstDay = reader.date('firstDay', { required: true });
  const lastDay = reader.date('lastDay', { required: true });
  if (officerId !== '' && officerId === coverId) reader.fail('cover', 'coverSelf');
  if (lastDay !== null && lastDay < today) reader.fail('lastDay', 'past');
  if (firstDay !== null && lastDay !== null) {
    if (lastDay < firstDay) reader.fail('lastDay', 'coverBackwards');
    if (lastDay > addDays(firstDay, mostDays)) reader.fail('lastDay', 'coverLong');
  }
  return reader.done(() => ({ officerId, coverId, firstDay: firstDay as IsoDate, lastDay: lastDay as IsoDate }));
}
