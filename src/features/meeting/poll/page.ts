import type { FieldErrors, FieldValues } from '../../../kernel/fields.ts';
import {
  addDays,
  addMinutes,
  formatLongDate,
  type IsoDate,
  type IsoInstant,
  parseDate,
  parseStockholm,
  stockholmDate,
  weekNumber,
} from '../../../kernel/time.ts';
import { mondayOf } from '../../../kernel/working-days.ts';
import { type Meeting, mayArrange, openGates, type Participant, type Talk } from '../rules.ts';
import {
  askedBy,
  type Busy,
  comesTwice,
  dayNotice,
  gatesBeforeAsking,
  isAsked,
  isLength,
  isLive,
  mayPropose,
  mayVote,
  mostTimes,
  overlaps,
  type Poll,
  rankTimes,
  typedTimes,
  usualLastDay,
} from './rules.ts';

type Form = { values: FieldValues; errors: FieldErrors };
type Query = Readonly<Record<string, string[]>>;

const firstHour = 8;
const lastHour = 17;
const usualMinutes = 60;
const emptyRows = 3;

/** When the meeting is as long as no other time is booked; null before a time is fixed. */
export const fixedAt = ({ state, startsAt }: Meeting): IsoInstant | null => (state === 'scheduled' ? startsAt : null);

/** What the form holds so far: all of it travels in the address while weeks are turned, and nothing is saved by that. */
export const formOfQuery = (query: Query): Form => ({
  values: { ...query, durationMinutes: query.durationMinutes?.[0] ?? String(usualMinutes) },
  errors: {},
});

const one = (value: string | string[] | undefined): string => [value ?? ''].flat()[0] ?? '';

/** The Monday to show: the one asked for, or that of the first chosen time, or next week's. */
export function shownWeek(form: Form, now: IsoInstant): IsoDate {
  const asked = parseDate(one(form.values.vecka));
  if (asked) return mondayOf(asked);
  const first = typedTimes(form.values).find((text) => parseStockholm(text).ok);
  return first ? mondayOf(first.slice(0, 10)) : addDays(mondayOf(stockholmDate(now)), 7);
}

/** From when to when other meetings matter to the form: the week that is shown and every time chosen so far. */
export function formSpan(form: Form, now: IsoInstant): { from: IsoInstant; to: IsoInstant } {
  const week = shownWeek(form, now);
  const days = [week, ...typedTimes(form.values).filter((text) => parseStockholm(text).ok)].map((text) =>
    text.slice(0, 10),
  );
  const [from = week, to = week] = [days.toSorted()[0], days.toSorted().at(-1)];
  return { from: `${addDays(from, -1)}T00:00:00.000Z`, to: `${addDays(to, 8)}T00:00:00.000Z` };
}

/** Whom a time clashes for, and no word of what with. The officer is named once, though they take part too. */
function clashing(
  time: { startsAt: IsoInstant; endsAt: IsoInstant },
  busy: readonly Busy[],
  people: readonly Participant[],
  officerName: string,
) {
  const those = busy.filter((each) => overlaps(time, each));
  const names = people
    .filter(({ party, person }) => party !== 'FK' || person.name !== officerName)
    .filter(({ id }) => those.some((each) => each.participantId === id))
    .map(({ person }) => person.name);
  return { officer: those.some(({ participantId }) => participantId === null), names };
}

/** Rows to type in: what is no time stands where it was typed, to be mended; what is one has moved to the chosen. */
function typedRows(form: Form) {
  const isTime = (text: string) => parseStockholm(text).ok;
  const rows = Array.from({ length: emptyRows }, (_, at) => one(form.values[`typed-${at + 1}`]));
  const others = typedTimes({ startsAt: form.values.startsAt }).filter((text) => !isTime(text));
  return [...rows.map((text) => (isTime(text) ? '' : text)), ...others].map((value, at) => ({
    id: at === 0 ? 'f-startsAt' : `f-typed-${at + 1}`,
    number: at + 1,
    value,
  }));
}

const dayOf = (date: IsoDate) => ({
  ...{ date, day: formatLongDate(date), short: `${Number(date.slice(8))}/${Number(date.slice(5, 7))}` },
  ...dayNotice(date),
});

/** The form to propose times: those chosen with what is worth knowing of each, a week to click in, and rows to type in. */
export function proposePage(
  meeting: Meeting & { subject: { protectedIdentity: boolean } },
  facts: { participants: readonly Participant[]; talks: readonly Talk[]; poll: Poll | null; busy: readonly Busy[] },
  form: Form,
  now: IsoInstant,
) {
  const { participants, talks, poll, busy } = facts;
  const typed = typedTimes(form.values);
  const asked = Number(one(form.values.durationMinutes));
  const minutes = isLength(asked) ? asked : usualMinutes;
  const second = one(form.values.night) === 'second';
  const monday = shownWeek(form, now);
  const during = (startsAt: IsoInstant) => ({ startsAt, endsAt: addMinutes(startsAt, minutes) });
  const inWeek: string[] = [];
  const days = [0, 1, 2, 3, 4].map((n) => dayOf(addDays(monday, n)));
  const rows = Array.from({ length: (lastHour - firstHour) * 2 }, (_, half) => {
    const clock = `${String(firstHour + Math.floor(half / 2)).padStart(2, '0')}:${half % 2 ? '30' : '00'}`;
    return {
      hour: clock.replace(':', '.'),
      cells: days.map(({ date, day }) => {
        const value = `${date}T${clock}`;
        const parsed = parseStockholm(value);
        const past = !parsed.ok || parsed.instant <= now;
        inWeek.push(value);
        const clash = parsed.ok
          ? clashing(during(parsed.instant), busy, participants, meeting.officer.name)
          : { officer: false, names: [] };
        return { value, past, day, checked: typed.includes(value), busy: clash.officer || clash.names.length > 0 };
      }),
    };
  });
  const known = typed.flatMap((value) => {
    const parsed = parseStockholm(value, second);
    if (!parsed.ok) return [];
    const date = stockholmDate(parsed.instant);
    return [
      {
        value,
        ...during(parsed.instant),
        ...dayOf(date),
        ...clashing(during(parsed.instant), busy, participants, meeting.officer.name),
      },
    ];
  });
  const gates = gatesBeforeAsking(meeting, participants, talks);
  const open = openGates(meeting, participants, talks).filter(({ code }) => gates.some((gate) => gate.code === code));
  const first = known[0]?.startsAt ?? null;
  return {
    meetingId: meeting.id,
    open: mayPropose(meeting.state, poll !== null && isLive(poll.state)),
    gates: open,
    fixedAt: fixedAt(meeting),
    protectedIdentity: meeting.subject.protectedIdentity,
    form: {
      ...form,
      // Before a time is chosen nobody knows which day suits it: an empty field takes the usual one.
      values: {
        ...(first && { lastDay: usualLastDay(first, now) }),
        ...form.values,
        durationMinutes: one(form.values.durationMinutes),
      },
    },
    most: mostTimes,
    chosen: known.map((time) => ({ ...time, kept: !inWeek.includes(time.value) })),
    typed: typedRows(form),
    twice: comesTwice(typed),
    week: { monday, number: weekNumber(monday), days, rows },
    before: addDays(monday, -7),
    after: addDays(monday, 7),
  };
}

const named = (ids: readonly string[], people: readonly Participant[]) =>
  people.filter(({ id }) => ids.includes(id)).map(({ person, party }) => ({ name: person.name, party }));

/** The answers so far, the best time first, for the officer to choose from. */
export function answersPage(
  meeting: Meeting & { subject: { protectedIdentity: boolean } },
  poll: Poll,
  facts: { participants: readonly Participant[]; busy: readonly Busy[] },
  options: { acts: boolean; now: IsoInstant },
) {
  const { participants, busy } = facts;
  const live = isLive(poll.state);
  const ranked = rankTimes(poll.options, participants, poll.votes);
  const times = new Map(poll.options.map((option) => [option.id, option]));
  const needed = participants.filter(({ required }) => required);
  const answered = (one: Participant) =>
    poll.asked.some(({ participantId, answeredAt }) => participantId === one.id && answeredAt !== null);
  const namesOf = (people: readonly Participant[]) => people.map(({ person }) => person.name).join(', ');
  return {
    meetingId: meeting.id,
    poll,
    live,
    acts: options.acts && live && mayArrange(meeting.state),
    answering: mayVote(poll, options.now),
    fixedAt: fixedAt(meeting),
    answered: participants.filter(answered).length,
    of: participants.length,
    neededSilent: namesOf(needed.filter((one) => !answered(one))),
    times: ranked.flatMap((rank) => {
      const option = times.get(rank.optionId);
      if (!option) return [];
      const ifNeeded = poll.votes.filter(({ optionId, vote }) => optionId === option.id && vote === 'if_needed');
      return [
        {
          ...rank,
          endsAt: option.endsAt,
          booked: option.booked,
          past: option.startsAt <= options.now,
          ...dayOf(stockholmDate(option.startsAt)),
          clash: clashing(option, busy, participants, meeting.officer.name),
          neededCannot: namesOf(needed.filter(({ id }) => rank.cannot.includes(id))),
          neededSilent: needed.filter(({ id }) => rank.silent.includes(id)).length,
          answered: rank.silent.length < participants.length,
          cannotNames: named(rank.cannot, participants),
          silentNames: named(rank.silent, participants),
          ifNeededNames: named(
            ifNeeded.map(({ participantId }) => participantId),
            participants,
          ),
        },
      ];
    }),
    people: participants.map((one) => {
      const asked = poll.asked.find(({ participantId }) => participantId === one.id);
      return {
        ...{ id: one.id, name: one.person.name, party: one.party, required: one.required },
        delivery: asked && isAsked(poll, one) ? asked.delivery : null,
        answeredAt: asked?.answeredAt ?? null,
        via: poll.votes.find(({ participantId }) => participantId === one.id)?.via ?? null,
        unverified: askedBy(one, meeting.subject.protectedIdentity) === 'none',
      };
    }),
    unasked: participants.filter(
      (one) => askedBy(one, meeting.subject.protectedIdentity) !== 'none' && !isAsked(poll, one),
    ).length,
  };
}
