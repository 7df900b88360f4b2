import {
  addDays,
  daysBetween,
  formatMonth,
  type IsoDate,
  type IsoInstant,
  stockholmDate,
} from '../../../kernel/time.ts';
import { followUpAhead, isOverdue, nextMeeting, type PlanFacts, type PlanMeasure, type PlanTexts } from '../rules.ts';

/** One line of the picture and of the table beside it. Meetings and follow-ups are days: `from` and `to` are the same. */
export type TimelineItem = {
  what: 'meeting' | 'followUp' | 'measure';
  /** A meeting's kind; empty for the others. */
  kind: string;
  number: number | null;
  text: string;
  from: IsoDate;
  /** Null: no day is set. */
  to: IsoDate | null;
  followUpOn: IsoDate | null;
  /** Code of a measure's state, or `overdue`; empty for the others. */
  state: string;
};

/** What the picture has room for; the table has them all. */
export const mostMeasures = 60;
export const mostMeetings = 12;
/** Letters of a label before it is cut: on a phone, and where there is room. */
const labelRoom = { narrow: 27, wide: 64 };
/** How far from today anything is drawn, in days: one mistyped year must not flatten the rest. */
const horizon = 3 * 365;

/** Meetings, the next follow-up, then measures by number. A measure without a first day begins when it was agreed. */
export function timelineItems(facts: PlanFacts & { texts: PlanTexts }, now: IsoInstant): TimelineItem[] {
  const today = stockholmDate(now);
  const none = { number: null, text: '', followUpOn: null, state: '' };
  const held = facts.meetings.filter(({ state, startsAt }) => startsAt && state !== 'cancelled').toReversed();
  const days = new Map(held.map(({ id, startsAt }) => [id, stockholmDate(startsAt as IsoInstant)]));
  const agreed = new Map(facts.texts.builtFrom.map((one) => [one.meetingId, stockholmDate(one.finalisedAt)]));
  const ahead = nextMeeting(facts.meetings, now) ? null : followUpAhead(facts.texts, today, false).date;
  const begins = ({ start, meetingId }: PlanMeasure) => start ?? days.get(meetingId) ?? agreed.get(meetingId) ?? today;
  return [
    ...held.map(({ id, kind }): TimelineItem => {
      const day = days.get(id) as IsoDate;
      return { ...none, what: 'meeting', kind, from: day, to: day };
    }),
    ...(ahead ? [{ ...none, what: 'followUp' as const, kind: '', from: ahead, to: ahead }] : []),
    ...facts.measures.map(
      (one): TimelineItem => ({
        what: 'measure',
        kind: '',
        number: one.number,
        text: one.text,
        from: begins(one),
        to: one.due,
        followUpOn: one.followUpOn,
        state: isOverdue(one, today) ? 'overdue' : one.state,
      }),
    ),
  ];
}

/** What fits, with a sign that there is more. The mark of a correction is whole, or not there. */
export function cut(text: string, room: number): string {
  const letters = [...text.replaceAll(/\s+/g, ' ')];
  if (letters.length <= room) return letters.join('');
  const kept = letters
    .slice(0, room - 1)
    .join('')
    .replace(/\uE000[^\uE001]*$/, '');
  return `${kept.trimEnd()}…`;
}

/** Heights in pixels, places from the left in percent of the width, so that the text has one size on every screen. */
export type Timeline = {
  height: number;
  /** Where lines through all rows begin. */
  top: number;
  ticks: { x: number; label: string }[];
  today: { x: number; anchor: 'start' | 'middle' | 'end' };
  rows: (TimelineItem & {
    label: number;
    word: number;
    bar: number;
    x: number;
    width: number;
    mark: number | null;
    narrow: string;
    wide: string;
  })[];
  /** Measures that there was no room for. */
  left: number;
};

const axis = 44;
/** Three lines that never share their height: what, how it goes, when. */
const rowHeight = 62;

export function layTimeline(items: readonly TimelineItem[], today: IsoDate): Timeline {
  const meetings = items.filter(({ what }) => what === 'meeting');
  const measures = items.filter(({ what }) => what === 'measure');
  const shown = [
    ...meetings.slice(-mostMeetings),
    ...items.filter(({ what }) => what === 'followUp'),
    ...measures.slice(0, mostMeasures),
  ];
  const near = (day: IsoDate) => Math.max(-horizon, Math.min(horizon, daysBetween(today, day)));
  const places = [
    0,
    ...shown.flatMap((one) => [one.from, one.to, one.followUpOn].flatMap((day) => (day ? [near(day)] : []))),
  ];
  const [first, last] = [Math.min(-7, ...places) - 3, Math.max(7, ...places) + 3];
  const at = (offset: number) => Math.round(((offset - first) / (last - first)) * 1000) / 10;
  const x = (day: IsoDate) => at(near(day));
  const now = at(0);
  return {
    height: axis + shown.length * rowHeight + 4,
    top: axis - 6,
    ticks: ticksBetween(addDays(today, first), addDays(today, last)).map((day) => ({
      x: at(daysBetween(today, day)),
      label: formatMonth(day),
    })),
    today: { x: now, anchor: now < 10 ? 'start' : now > 90 ? 'end' : 'middle' },
    rows: shown.map((one, i) => {
      const from = x(one.from);
      const to = one.to === null ? 100 : x(one.to);
      const top = axis + i * rowHeight;
      return {
        ...one,
        ...{ label: top + 14, word: top + 31, bar: top + 39, x: Math.min(from, to) },
        width: Math.max(1, Math.round(Math.abs(to - from) * 10) / 10),
        mark: one.followUpOn === null ? null : x(one.followUpOn),
        narrow: cut(one.text, labelRoom.narrow),
        wide: cut(one.text, labelRoom.wide),
      };
    }),
    left: Math.max(0, measures.length - mostMeasures),
  };
}

/** The first days of months, at most four and not so near an edge that their label is cut. */
function ticksBetween(first: IsoDate, last: IsoDate): IsoDate[] {
  const days = daysBetween(first, last);
  const months: IsoDate[] = [];
  const [year, month] = first.split('-').map(Number) as [number, number];
  for (let i = 1; i <= days / 28 + 1; i++) {
    const index = year * 12 + month - 1 + i;
    months.push(`${Math.floor(index / 12)}-${String((index % 12) + 1).padStart(2, '0')}-01`);
  }
  const inside = months.filter((day) => {
    const place = daysBetween(first, day) / days;
    return place > 0.12 && place < 0.88;
  });
  const step = Math.ceil(inside.length / 4);
  return inside.filter((_, i) => i % Math.max(1, step) === 0);
}
