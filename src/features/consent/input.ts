import { FieldReader, type FieldsRead } from '../../kernel/fields.ts';
import { type InformationKind, informationKinds } from '../../kernel/information.ts';
import type { IsoDate } from '../../kernel/time.ts';
import { type ConsentWay, lastUntil, notedWays, usualUntil } from './rules.ts';

type Body = Record<string, string | string[]>;

const textCap = 600;

export type ConsentInput = {
  /** Id of a party of the case, or its bare code. */
  party: string;
  kinds: InformationKind[];
  until: IsoDate;
  exclusions: string;
  /** How somebody else than the one who is signed in said it. */
  how: Exclude<ConsentWay, 'signed_in'>;
  note: string;
};

/** What the person says to one party; `noted`: an officer writes down what was said. A form without `until` means the usual time. */
export function readConsent(
  body: Body,
  { noted, today }: { noted: boolean; today: IsoDate },
): FieldsRead<ConsentInput> {
  const r = new FieldReader(body);
  const party = r.line('party', { cap: 64, required: true });
  const kinds = r.many('kinds', informationKinds);
  if (kinds.length === 0) r.fail('kinds', 'kinds');
  const until = body.until === undefined ? usualUntil(today) : r.date('until', { required: true });
  if (until !== null && until < today) r.fail('until', 'past');
  if (until !== null && until > lastUntil(today)) r.fail('until', 'consent_too_long');
  const exclusions = r.text('exclusions', { cap: textCap, noNumber: today });
  const said = r.text('how', { cap: textCap, required: noted });
  const note = r.text('note', { cap: textCap });
  // `how` may also be free text (interfaces.md): then it tells how it was said aloud.
  const way = notedWays.find((code) => code === said);
  if (noted && way === 'representative' && note === '') r.fail('note', 'representative');
  return r.done(() => ({
    party,
    kinds,
    until: until as IsoDate,
    exclusions,
    how: way ?? 'oral',
    note: noted && !way ? said : note,
  }));
}

/** Why it is taken back, as an officer who was told so notes it. */
export function readWithdrawal(body: Body, { noted }: { noted: boolean }): FieldsRead<{ note: string }> {
  const r = new FieldReader(body);
  const note = r.text('note', { cap: textCap, required: noted });
  return r.done(() => ({ note }));
}
