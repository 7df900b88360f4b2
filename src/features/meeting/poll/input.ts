import { FieldReader, type FieldsRead } from '../../../kernel/fields.ts';
import { normaliseLine } from '../../../kernel/text.ts';
import { addMinutes, type IsoDate, type IsoInstant, parseStockholm, stockholmDate } from '../../../kernel/time.ts';
import { mostTimes, usualLastDay } from './rules.ts';

type Body = Readonly<Record<string, string | string[] | undefined>>;

const shortestMinutes = 15;
const longestMinutes = 480;

/** The times of a form: one field `startsAt` for each, in any order, empty ones and doubles left out. */
export const typedTimes = (body: Body): string[] =>
  [...new Set([body.startsAt ?? []].flat().map(normaliseLine))].filter((text) => text !== '').sort();

/** Whether the clock shows one of the times twice, so that the form must ask which is meant. */
export const comesTwice = (typed: readonly string[]): boolean =>
  typed.some((text) => {
    const parsed = parseStockholm(text);
    return parsed.ok && parsed.ambiguous;
  });

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
  if (!Number.isInteger(minutes) || minutes < shortestMinutes || minutes > longestMinutes)
    r.fail('durationMinutes', 'duration');
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
