import {
  formatDate,
  formatDayMonth,
  type IsoDate,
  type IsoInstant,
  parseDate,
  stockholmDate,
  weekNumber,
} from '../../kernel/time.ts';
import { type HolidayCode, holidayOf, isWorkingDay, weekday } from '../../kernel/working-days.ts';
import { type CalendarMeeting, type CalendarView, calendarViews, daysFrom, monthName, spanOf } from './rules.ts';

const viewCodes: Record<CalendarView, string> = { month: 'manad', week: 'vecka', agenda: 'lista' };
const furthest = { first: '2000-01-01', last: '2099-12-31' };

export type Asked = { view: CalendarView; date: IsoDate };

/** What the address asks for; whatever it says that is nothing of ours is the month of today. */
export function askedOf(query: { vy?: string; datum?: string }, now: IsoInstant): Asked {
  const date = parseDate(query.datum ?? '');
  return {
    view: calendarViews.find((view) => viewCodes[view] === query.vy) ?? 'month',
    date: date && date >= furthest.first && date <= furthest.last ? date : stockholmDate(now),
  };
}

type Day = {
  date: IsoDate;
  number: string;
  weekday: number;
  today: boolean;
  holiday: HolidayCode | null;
  off: boolean;
  /** In another month than the one that is shown. */
  outside: boolean;
  meetings: CalendarMeeting[];
};

/** Weeks of days with their meetings; the agenda has only the days with something in them. */
export function calendarPage(
  { view, date }: Asked,
  meetings: readonly CalendarMeeting[],
  options: { officer: boolean; now: IsoInstant },
) {
  const { from, to, before, after } = spanOf(view, date);
  const today = stockholmDate(options.now);
  const days = daysFrom(from, to).map(
    (day): Day => ({
      date: day,
      number: String(Number(day.slice(8))),
      weekday: weekday(day),
      today: day === today,
      holiday: holidayOf(day),
      off: !isWorkingDay(day),
      outside: view === 'month' && day.slice(0, 7) !== date.slice(0, 7),
      // A meeting over midnight stands on both days.
      meetings: meetings.filter((one) => stockholmDate(one.startsAt) <= day && day <= lastDayOf(one)),
    }),
  );
  const weeks = Array.from({ length: days.length / 7 }, (_, at) => {
    const inWeek = days.slice(at * 7, at * 7 + 7);
    return { number: weekNumber(inWeek[0]?.date ?? from), days: inWeek };
  });
  const last = days.at(-1)?.date ?? from;
  return {
    officer: options.officer,
    view: viewCodes[view],
    date,
    today,
    grid: view !== 'agenda',
    heading:
      view === 'month'
        ? { month: monthName(date), number: 0, from: '', to: '' }
        : {
            ...{ month: '', number: view === 'week' ? weekNumber(from) : 0 },
            ...{ from: formatDayMonth(from), to: formatDate(last) },
          },
    before: before >= furthest.first ? before : null,
    after: after <= furthest.last ? after : null,
    views: calendarViews.map((code) => ({
      code,
      href: `/kalender?vy=${viewCodes[code]}&datum=${date}`,
      current: code === view,
    })),
    weeks,
    // The list twin, and the agenda: days with a meeting or a holiday.
    listed: weeks
      .map((week) => ({
        ...week,
        days: week.days.filter((day) => !day.outside && (day.meetings.length > 0 || day.holiday !== null)),
      }))
      .filter((week) => week.days.length > 0),
    empty: meetings.length === 0,
  };
}

/** The last day that a meeting touches; one that ends at midnight does not touch the day after. */
const lastDayOf = ({ endsAt }: CalendarMeeting): IsoDate =>
  stockholmDate(new Date(Date.parse(endsAt) - 1).toISOString());
