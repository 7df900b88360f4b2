import { FieldReader, type FieldsRead } from '../../../kernel/fields.ts';
import { parsePersonalNumber } from '../../../kernel/personal-number.ts';
import type { IsoDate } from '../../../kernel/time.ts';
import { type Basis, bases } from './rules.ts';

export type RepresentationInput = {
  /** Twelve digits. */
  number: string;
  basis: Basis;
  how: string;
  firstDay: IsoDate;
  lastDay: IsoDate | null;
};

/** Without a first day it holds from today. */
export function readRepresentation(
  body: Readonly<Record<string, string | string[]>>,
  today: IsoDate,
): FieldsRead<RepresentationInput> {
  const r = new FieldReader(body);
  const typed = r.line('number', { cap: 40, required: true });
  const number = parsePersonalNumber(typed.replaceAll(' ', ''), today);
  if (typed !== '' && !number.ok) r.fail('number', 'number');
  const basis = r.choice('basis', bases, { required: true });
  const how = r.text('how', { cap: 600, required: true, noNumber: today });
  const firstDay = r.date('firstDay') ?? today;
  const lastDay = r.date('lastDay');
  if (lastDay !== null && lastDay < (firstDay > today ? firstDay : today)) r.fail('lastDay', 'period');
  return r.done(() => ({ number: number.ok ? number.digits : '', basis: basis as Basis, how, firstDay, lastDay }));
}

/** `protectedIdentity` ticked sets the protection, empty takes it away; either way with a reason. */
export function readProtection(
  body: Readonly<Record<string, string | string[]>>,
  today: IsoDate,
): FieldsRead<{ protected: boolean; reason: string }> {
  const r = new FieldReader(body);
  const wanted = r.flag('protectedIdentity');
  const reason = r.text('reason', { cap: 600, required: true, noNumber: today });
  return r.done(() => ({ protected: wanted, reason }));
}
