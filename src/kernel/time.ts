import { remembering } from './remembering.ts';

/** A moment in UTC, always 'YYYY-MM-DDTHH:MM:SS.mmmZ', so that strings sort as time. */
export type IsoInstant = string;

/** A calendar date, 'YYYY-MM-DD', so that strings sort as dates. */
export type IsoDate = string;

const STOCKHOLM = 'Europe/Stockholm';

/** Milliseconds are always written and anything finer is cut off. */
export const instantOf = (t: Temporal.Instant): IsoInstant => t.toString({ smallestUnit: 'millisecond' });

// Asking the time zone costs fifty times more than adding. It changes at a whole hour of UTC, in Stockholm too.
const offsetOfHour = remembering(
  (hour) => Temporal.Instant.from(`${hour}:00Z`).toZonedDateTimeISO(STOCKHOLM).offsetNanoseconds / 1e6,
);

/** 'YYYY-MM-DDTHH:MM' on a Stockholm clock, the shape of `<input type="datetime-local">`. */
export const stockholmLocal = remembering((i: IsoInstant) =>
  new Date(Date.parse(i) + offsetOfHour(i.slice(0, 13))).toISOString().slice(0, 16),
);

export const stockholmDate = (i: IsoInstant): IsoDate => stockholmLocal(i).slice(0, 10);

/** `ambiguous`: the clock shows this time twice that night. */
export type ParsedTime =
  | { ok: true; instant: IsoInstant; ambiguous: boolean }
  | { ok: false; code: 'time' | 'timeGap' };

/**
 * Reads 'YYYY-MM-DDTHH:MM' as a Stockholm clock shows it. An hour that comes twice in autumn is taken the first time,
 * in summer time, unless the `second` is asked for. Refuses with 'timeGap' the hour that is skipped in spring, and with 'time' all that is no time.
 */
export function parseStockholm(text: string, second = false): ParsedTime {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d$/.test(text)) return { ok: false, code: 'time' };
  let local: Temporal.PlainDateTime;
  try {
    local = Temporal.PlainDateTime.from(text);
  } catch {
    return { ok: false, code: 'time' };
  }
  const earlier = local.toZonedDateTime(STOCKHOLM, { disambiguation: 'earlier' });
  if (!earlier.toPlainDateTime().equals(local)) return { ok: false, code: 'timeGap' };
  const later = local.toZonedDateTime(STOCKHOLM, { disambiguation: 'later' });
  return { ok: true, instant: instantOf((second ? later : earlier).toInstant()), ambiguous: !earlier.equals(later) };
}

/** The date itself if it is a real one written 'YYYY-MM-DD', otherwise null. */
export function parseDate(text: string): IsoDate | null {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return null;
  try {
    return Temporal.PlainDate.from(text).toString();
  } catch {
    return null;
  }
}

/** Minutes of elapsed time: over a change night the clock moves an hour more or less. */
export const addMinutes = (i: IsoInstant, minutes: number): IsoInstant =>
  new Date(Date.parse(i) + minutes * 60_000).toISOString();

/** When a date begins in Stockholm. */
export const startOfDay = (date: IsoDate): IsoInstant =>
  instantOf(Temporal.PlainDate.from(date).toZonedDateTime(STOCKHOLM).toInstant());

/** The week's number after ISO 8601, as Swedish calendars have it. */
export const weekNumber = (date: IsoDate): number => Temporal.PlainDate.from(date).weekOfYear ?? 0;

const dayMs = 86_400_000;

export const addDays = (date: IsoDate, days: number): IsoDate =>
  new Date(Date.parse(date) + days * dayMs).toISOString().slice(0, 10);

/** The same day some months later, or the last of that month when it has no such day. */
export const addMonths = (date: IsoDate, months: number): IsoDate =>
  Temporal.PlainDate.from(date).add({ months }).toString();

/** Days from one date to another; negative when `to` is earlier. */
export const daysBetween = (from: IsoDate, to: IsoDate): number => (Date.parse(to) - Date.parse(from)) / dayMs;

// A formatter costs a thousand times more to make than to use, so each is made once.
const formatter = (parts: Intl.DateTimeFormatOptions): ((d: IsoDate) => string) => {
  const format = new Intl.DateTimeFormat('sv-SE', { ...parts, timeZone: 'UTC' });
  return remembering((d) => format.format(Date.parse(d)));
};

/** '12 mars 2026' */
export const formatDate = formatter({ day: 'numeric', month: 'long', year: 'numeric' });

/** 'torsdag 12 mars 2026' */
export const formatLongDate = formatter({ weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' });

/** 'torsdag' */
export const formatWeekday = formatter({ weekday: 'long' });

/** '12 mars' */
export const formatDayMonth = formatter({ day: 'numeric', month: 'long' });

/** 'mars 2026', 'sep. 2026' */
export const formatMonth = formatter({ month: 'short', year: 'numeric' });

/** '13.00', the Stockholm clock written with the full stop of Swedish public authorities. */
export const formatClock = (i: IsoInstant): string => stockholmLocal(i).slice(11).replace(':', '.');

/** When a message is stamped: now, but a whole second after the one before it, since DTSTAMP has no finer grain. */
export function stampAfter(last: IsoInstant | null, now: IsoInstant): IsoInstant {
  const second = (at: IsoInstant) => at.slice(0, 19);
  if (last === null || second(last) < second(now)) return now;
  return instantOf(Temporal.Instant.from(last).add({ seconds: 1 }));
}
