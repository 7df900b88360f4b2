import { FieldReader, type FieldsRead } from '../../kernel/fields.ts';
import { type IsoDate, type IsoInstant, stockholmDate } from '../../kernel/time.ts';
import { type MeetingKind, meetingKindCodes } from '../meeting/rules.ts';

const purposeCap = 1_000;

/** `from`: the meeting whose participants come along, null for the case's latest; `keep`: which of them, null for all. */
export type NextInput = {
  kind: MeetingKind;
  purpose: string;
  plannedFor: IsoDate | null;
  from: string | null;
  keep: string[] | null;
};

/** Another meeting in a case. */
export function readNext(body: Record<string, string | string[]>, now: IsoInstant): FieldsRead<NextInput> {
  const r = new FieldReader(body);
  const kind = r.choice('kind', meetingKindCodes, { required: true });
  const purpose = r.text('purpose', { cap: purposeCap, required: true, noNumber: stockholmDate(now) });
  const plannedFor = r.date('plannedFor');
  if (plannedFor !== null && plannedFor < stockholmDate(now)) r.fail('plannedFor', 'past');
  const from = r.line('from', { cap: 64 });
  const keep = [body.keep ?? []].flat();
  r.values.keep = keep;
  return r.done(() => ({
    kind: kind as MeetingKind,
    purpose,
    plannedFor,
    from: from || null,
    keep: from ? keep : null,
  }));
}
