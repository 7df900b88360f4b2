import { FieldReader, type FieldsRead } from '../../../kernel/fields.ts';
import { addMinutes, type IsoDate, type IsoInstant, parseStockholm, stockholmDate } from '../../../kernel/time.ts';
import { comesTwice, isLength, mostTimes, typedTimes, usualLastDay } from './rules.ts';

type Body = Readonly<Record<string, string | string[] | undefined>>;

export type ProposalInput = {
  times: { startsAt: IsoInstant; endsAt: IsoInstant }[];
  lastDay: IsoDate;
  holds: boolean;
};

/**
 * Times to propose. `startsAt` is repeated; `night` says which hour is meant where the clock shows it twice, and is asked
 * for only then. Without a last day to answer it is the usual one.
 */
export function readProposal(body: Body, now: IsoInstant): FieldsRead<ProposalInput> {
  const r = new FieldReader(body);
  const typed = typedTimes(body);
  r.values.startsAt = typed;
  const night = r.choice('night', ['first', 'second'] as const, { required: comesTwice(typed) });
  const minutes = Number(r.line('durationMinutes', { cap: 10, required: true }));
  if (!isLength(minutes)) r.fail('durationMinutes', 'duration');
  const starts = typed.map((text) => {
    const parsed = parseStockholm(text, night === 'second');
    if (!parsed.ok) r.fail('startsAt', parsed.code);
    else if (parsed.instant <= now) r.fail('startsAt', 'past');
    return parsed.ok ? parsed.instant : '';
  });
  if (typed.length === 0) r.fail('startsAt', 'choose', { label: 'poll.startsAt' });
  if (typed.length > mostTimes) r.fail('startsAt', 'pollTooMany', { most: mostTimes });
  const first = starts.toSorted()[0] ?? '';
  const lastDay = r.date('lastDay');
  if (r.ok && lastDay !== null && (lastDay < stockholmDate(now) || lastDay > stockholmDate(first)))
    r.fail('lastDay', 'pollLastDay');
  const holds = r.flag('holds');
  return r.done(() => ({
    times: starts.toSorted().map((startsAt) => ({ startsAt, endsAt: addMinutes(startsAt, minutes) })),
    lastDay: lastDay ?? usualLastDay(first, now),
    holds,
  }));
}
