import type { FieldErrors, FieldValues } from '../../kernel/fields.ts';
import { daysBetween, type IsoDate, type IsoInstant, stockholmDate } from '../../kernel/time.ts';
import { besideFk } from '../meeting/contact/rules.ts';
import { type ClockFacts, clockRows } from './clock/rules.ts';
import { type SubGoal, subGoalsAt } from './goal/rules.ts';
import { type LawItem, type PlanType, type WriteAt, whereToWrite } from './law/rules.ts';
import { timing, waitingDue } from './owner/rules.ts';
import {
  followUpAhead,
  groupsFor,
  lawOf,
  type MeasureReport,
  type MeasureStatus,
  measureStatuses,
  nextMeeting,
  type PlanFacts,
  type PlanMeasure,
  type PlanTexts,
  type Rendering,
  renderingOf,
  renderings,
} from './rules.ts';
import { layTimeline, type Timeline, type TimelineItem, timelineItems } from './timeline/rules.ts';
import { askedPair, difference, factsAt, type PlanVersion, snapshotOf } from './version/rules.ts';

export type Report = { id: string; values: FieldValues; errors: FieldErrors };

type MeasureModel = PlanMeasure &
  ReturnType<typeof timing> & {
    /** The form that is open on this measure, if any. */
    form: Report | null;
    note: string;
    /** A new day that waits for the officer's word. */
    askedDue: IsoDate | null;
  };
type Law = { type: PlanType | null; items: (LawItem & WriteAt)[] };

export type PlanModel = Pick<PlanFacts, 'found' | 'contact' | 'contacts'> & {
  texts: PlanTexts | null;
  /** Whom to turn to in each other sector. */
  as: Rendering;
  renderings: { code: Rendering; href: string; current: boolean }[];
  subGoals: (SubGoal & { form: Report | null })[];
  groups: { head: string; measures: MeasureModel[] }[];
  counts: { all: number; done: number; overdue: number };
  law: Law;
  /** Codes of what the law asks for and the plan lacks. */
  missing: string[];
  nextMeeting: PlanFacts['meetings'][number] | null;
  statuses: readonly MeasureStatus[];
  followUp: ReturnType<typeof followUpAhead>;
  /** Days to the next follow-up; 0 when there is none ahead. */
  followUpIn: number;
  /** The version it is shown as, or null for the plan as it is. */
  version: PlanVersion | null;
  versions: PlanVersion[];
  timeline: Timeline | null;
  items: TimelineItem[];
  days: ReturnType<typeof clockRows>;
  /** What a link to the same plan as a file ends with. */
  query: string;
  mayReport: boolean;
  mayWrite: boolean;
  /** The person reads about themselves: slower page, other words. */
  self: boolean;
};

const lastNote = (reports: readonly MeasureReport[]): string => reports.findLast((one) => one.note)?.note ?? '';

/** What an address can ask of the plan; junk asks for nothing. */
export type Asked = { as?: string; version?: string };
export const askedVersion = ({ version }: Asked): number | null =>
  /^\d{1,4}$/.test(version ?? '') ? Number(version) : null;

/** The part of an address that asks for the same again. */
function queryOf(as: Rendering | null, version: number | null): string {
  const parts = [as && `as=${as}`, version && `version=${version}`].filter(Boolean);
  return parts.length > 0 ? `?${parts.join('&')}` : '';
}

/**
 * The plan as a page, as it is or as one of its versions was. `report`: the measure whose form is open, with what was
 * typed and what is wrong with it; `goal`: the same for a sub-goal, by its key.
 */
export function planPage(
  given: PlanFacts & { days: ClockFacts },
  reader: { self: boolean; mayReport: boolean; mayWrite: boolean },
  open: { report: Report | null; goal: Report | null },
  asked: Asked,
  instant: IsoInstant,
): PlanModel {
  const { facts, version, versions, now } = factsAt(given, askedVersion(asked), instant);
  const { texts, found } = facts;
  const today = stockholmDate(now);
  const as = renderingOf(asked.as, texts?.kind ?? 'fk');
  const measures = facts.measures.map(
    (measure): MeasureModel => ({
      ...measure,
      ...timing(measure, today),
      form: open.report?.id === measure.id ? open.report : null,
      note: lastNote(measure.reports),
      askedDue: waitingDue(measure.state, measure.reports),
      reports: measure.reports.toReversed(),
    }),
  );
  const law = texts ? lawOf({ ...facts, texts }, as, now) : { type: null, items: [] };
  const next = nextMeeting(facts.meetings, now);
  const followUp = texts ? followUpAhead(texts, today, next !== null) : { date: null, purpose: '' };
  const items = texts ? timelineItems({ ...facts, texts }, now) : [];
  return {
    found,
    contact: facts.contact,
    contacts: besideFk(facts.contacts),
    texts,
    as,
    renderings: renderings.map((code) => ({
      code,
      href: `/arenden/${found.id}/plan${queryOf(code, version?.number ?? null)}`,
      current: code === as,
    })),
    subGoals: subGoalsAt(texts?.subGoals ?? '', facts.goalNotes, now).map((one) => ({
      ...one,
      form: open.goal?.id === one.key ? open.goal : null,
    })),
    groups: groupsFor(as, measures),
    counts: {
      all: measures.length,
      done: measures.filter((one) => one.state === 'done').length,
      overdue: measures.filter((one) => one.late).length,
    },
    law: {
      ...law,
      items: law.items.map((item) => ({ ...item, ...whereToWrite(item.code, found.id, given.meetings) })),
    },
    missing: law.items.filter((item) => !item.present).map((item) => item.code),
    followUp,
    followUpIn: followUp.date === null ? 0 : daysBetween(today, followUp.date),
    nextMeeting: next,
    statuses: measureStatuses,
    version,
    versions: versions.toReversed(),
    timeline: items.length > 0 ? layTimeline(items, today) : null,
    items,
    days: clockRows(given.days, stockholmDate(instant)),
    query: queryOf(asked.as === undefined ? null : as, version?.number ?? null),
    mayReport: reader.mayReport && version === null,
    mayWrite: reader.mayWrite && version === null,
    self: reader.self,
  };
}

/** Two versions side by side, in words: each as it was made, but the newest, when it is the later one, as it stands now. */
export function differencePage(facts: PlanFacts, asked: { fran?: string; till?: string }, now: IsoInstant) {
  const { versions } = factsAt(facts, null, now);
  const [from, to] = askedPair(asked.fran, asked.till, versions.length);
  const isNow = to === versions.length;
  const at = (number: number | null) => {
    const { facts: then, now: moment } = factsAt(facts, number, now);
    return then.texts && snapshotOf({ ...then, texts: then.texts }, moment);
  };
  const [older, newer] = [at(from), at(isNow ? null : to)];
  return {
    found: facts.found,
    versions: versions.map(({ number, madeBy }) => ({ number, finalisedAt: madeBy.finalisedAt })),
    from,
    to,
    isNow,
    difference: older && newer ? difference(older, newer) : null,
  };
}
