import { addDays, formatLongDate, type IsoDate, type IsoInstant, stockholmDate } from '../../kernel/time.ts';
import { mondayOf } from '../../kernel/working-days.ts';

export const calendarViews = ['month', 'week', 'agenda'] as const;
export type CalendarView = (typeof calendarViews)[number];

/** When somebody has a meeting. `own`: they lead it; only then is there a case number. */
export type CalendarMeeting = {
  id: string;
  reference: string;
  startsAt: IsoInstant;
  endsAt: IsoInstant;
  own: boolean;
  caseNumber: string | null;
  over: boolean;
};

const agendaDays = 28;
const firstOfMonth = (date: IsoDate): IsoDate => `${date.slice(0, 7)}-01`;
const monthBefore = (date: IsoDate): IsoDate => firstOfMonth(addDays(firstOfMonth(date), -1));
const monthAfter = (date: IsoDate): IsoDate => firstOfMonth(addDays(firstOfMonth(date), 31));

/** The days that a view of a date shows: whole weeks from `from` up to `to`, which is not shown; and where its neighbours begin. */
export function spanOf(
  view: CalendarView,
  date: IsoDate,
): { from: IsoDate; to: IsoDate; before: IsoDate; after: IsoDate } {
  if (view === 'month') {
    const last = addDays(monthAfter(date), -1);
    const to = addDays(mondayOf(last), 7);
    return { from: mondayOf(firstOfMonth(date)), to, before: monthBefore(date), after: monthAfter(date) };
  }
  const from = mondayOf(date);
  const days = view === 'week' ? 7 : agendaDays;
  return { from, to: addDays(from, days), before: addDays(from, -days), after: addDays(from, days) };
}

export const daysFrom = (from: IsoDate, to: IsoDate): IsoDate[] => {
  const days: IsoDate[] = [];
  for (let day = from; day < to; day = addDays(day, 1)) days.push(day);
  return days;
};

/** 'mars 2027': the month of a date. */
export const monthName = (date: IsoDate): string => formatLongDate(firstOfMonth(date)).split(' ').slice(2).join(' ');

/** A feed goes no further back than a participant's link lives after its meeting. */
export const feedDaysBack = 30;
export const feedFrom = (now: IsoInstant): IsoDate => addDays(stockholmDate(now), -feedDaysBack);
