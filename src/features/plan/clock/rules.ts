import { addDays, addMonths, daysBetween, type IsoDate } from '../../../kernel/time.ts';
import { addWorkingDays } from '../../../kernel/working-days.ts';

/**
 * Days to know of. All of it is information, each with its source and the way it is counted: only Försäkringskassan
 * assesses what holds for somebody, and nothing here decides anything.
 */

/**
 * The number of the first day with reduced work capacity. The statute counts days that somebody "har haft" it, and
 * FK's page writes "senast dag 30 i sjukperioden" (domain.md A7): the first day is day 1, and "day 90" is the day on which
 * 90 days have been had.
 */
export const dayOne = 1;

/** SFB 27 kap. 47, 48 and 49 §§: from when what the capacity is assessed against changes. */
export const chainLimits = [90, 180, 365] as const;

/** SFB 27 kap. 51 §: days are added together if fewer days than this have passed between two sick periods. */
export const addedWithin = 90;

/** SFB 30 kap. 6 §: the employer's plan, when the capacity can be assumed to be reduced for at least 60 days. */
export const employerPlanDay = 30;

/** Norms of an older guidance of FK's (Vägledning 2004:2), soft and perhaps replaced (domain.md A7): change them here. */
export const jointAssessment = { workingDays: 10, weeks: 4 };

/** Norm of one county for somebody without SGI (domain.md A7). */
export const noSgiMonths = 2;

/** How much the capacity is reduced (SFB 27:45). A day counts the same, whatever the extent (27:46). */
export const extents = ['quarter', 'half', 'three_quarters', 'full'] as const;
export type Extent = (typeof extents)[number];

/** `lastDay` null: it goes on. */
export type SickPeriod = { firstDay: IsoDate; lastDay: IsoDate | null; extent: Extent | null };
type Period = Pick<SickPeriod, 'firstDay' | 'lastDay'>;

/** What an officer has noted, with who and when. */
export type SickLeave = { periods: SickPeriod[]; noSgi: boolean };

const lengthOf = ({ firstDay, lastDay }: Period): number =>
  lastDay === null ? Number.POSITIVE_INFINITY : daysBetween(firstDay, lastDay) + 1;

/** Periods in order, those that overlap or follow on each other the next day as one: a change of extent is no break. */
export function joined(periods: readonly Period[]): Period[] {
  const result: Period[] = [];
  for (const { firstDay, lastDay } of periods.toSorted((a, b) => (a.firstDay < b.firstDay ? -1 : 1))) {
    const before = result.at(-1);
    if (before && (before.lastDay === null || daysBetween(before.lastDay, firstDay) <= 1)) {
      if (before.lastDay !== null && (lastDay === null || lastDay > before.lastDay)) before.lastDay = lastDay;
    } else result.push({ firstDay, lastDay });
  }
  return result;
}

/** The last period and those before it whose days are added to it (SFB 27:51), oldest first. */
export function addedTogether(periods: readonly Period[]): Period[] {
  const all = joined(periods);
  let from = all.length - 1;
  while (from > 0) {
    const passed = daysBetween(all[from - 1]?.lastDay as IsoDate, all[from]?.firstDay as IsoDate) - 1;
    if (passed >= addedWithin) break;
    from--;
  }
  return all.slice(Math.max(0, from));
}

/** How many days of these have been had by the end of a day. */
export const daysHad = (periods: readonly Period[], on: IsoDate): number =>
  periods
    .filter(({ firstDay }) => firstDay <= on)
    .reduce((sum, one) => sum + lengthOf(one.lastDay === null || one.lastDay > on ? { ...one, lastDay: on } : one), 0);

/** The date of day `number` of these periods in a row; null when they end before it. */
export function dateOfDay(periods: readonly Period[], number: number): IsoDate | null {
  let before = 0;
  for (const one of periods) {
    const into = number - before - dayOne;
    if (into < lengthOf(one)) return addDays(one.firstDay, into);
    before += lengthOf(one);
  }
  return null;
}

export type ClockCode =
  | `chain_${(typeof chainLimits)[number]}`
  | 'employer_plan'
  | 'no_sgi'
  | 'joint_first'
  | 'joint_done';

/** One day to know of. Texts: `clock.<code>`, `clock.<code>.source` and `clock.<code>.how`. */
export type Clock = { code: ClockCode; date: IsoDate; daysTo: number };

export type ClockFacts = SickLeave & {
  /** Joint assessments by FK and AF that are not called off: when they were asked for, and the first meeting. */
  assessments: readonly { requestedOn: IsoDate | null; firstMeetingOn: IsoDate | null }[];
};

/** Gemensam kartläggning: the first meeting within ten working days of the request, all of it within four weeks of that meeting. */
export function assessmentDays(assessment: ClockFacts['assessments'][number]): {
  first: IsoDate | null;
  done: IsoDate | null;
} {
  const { requestedOn, firstMeetingOn } = assessment;
  return {
    first: requestedOn && addWorkingDays(requestedOn, jointAssessment.workingDays),
    done: firstMeetingOn && addDays(firstMeetingOn, 7 * jointAssessment.weeks),
  };
}

/** The days to know of in a case, soonest first. */
export function clocksOf(facts: ClockFacts, today: IsoDate): Clock[] {
  const chain = addedTogether(facts.periods);
  const current = chain.at(-1);
  const [assessment] = facts.assessments;
  const joint = assessment ? assessmentDays(assessment) : { first: null, done: null };
  const days: [ClockCode, IsoDate | null][] = [
    ...chainLimits.map((limit): [ClockCode, IsoDate | null] => [`chain_${limit}`, dateOfDay(chain, limit)]),
    ['employer_plan', current ? dateOfDay([current], employerPlanDay) : null],
    ['no_sgi', facts.noSgi && current ? addMonths(current.firstDay, noSgiMonths) : null],
    ['joint_first', joint.first],
    ['joint_done', joint.done],
  ];
  return days
    .flatMap(([code, date]): Clock[] => (date === null ? [] : [{ code, date, daysTo: daysBetween(today, date) }]))
    .sort((a, b) => (a.date < b.date ? -1 : a.date > b.date ? 1 : 0));
}

/** Where somebody is in the rehabilitation chain today; null when no period has begun. */
export function chainToday(periods: readonly Period[], today: IsoDate) {
  const chain = addedTogether(periods.filter(({ firstDay }) => firstDay <= today));
  const last = chain.at(-1);
  if (!last) return null;
  const ended = last.lastDay !== null && last.lastDay < today ? last.lastDay : null;
  return {
    day: daysHad(chain, today),
    /** How many periods the days are of. */
    periods: chain.length,
    /** Last day of a period that is over. */
    ended,
    /** No new period would be added to these any more. */
    over: ended !== null && daysBetween(ended, today) - 1 >= addedWithin,
  };
}

/** A day to know of as a page shows it. `limit`, `weeks` … are what its texts name. */
export type ClockRow = Clock & { late: number; left: number };

/** The days of a case, soonest first. Passed and coming days are told alike: none of them is a decision. */
export function clockRows(facts: ClockFacts, today: IsoDate) {
  return {
    chain: chainToday(facts.periods, today),
    clocks: clocksOf(facts, today).map(
      (one): ClockRow => ({ ...one, left: Math.max(0, one.daysTo), late: Math.max(0, -one.daysTo) }),
    ),
    rules: { addedWithin, dayOne, employerPlanDay, noSgiMonths, ...jointAssessment },
  };
}
