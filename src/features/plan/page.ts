import type { FieldErrors, FieldValues } from '../../kernel/fields.ts';
import type { Party } from '../../kernel/parties.ts';
import { daysBetween, type IsoDate, type IsoInstant, stockholmDate } from '../../kernel/time.ts';
import {
  byParty,
  isOverdue,
  type LawItem,
  lawCheck,
  type MeasureReport,
  type MeasureStatus,
  measureStatuses,
  nextMeeting,
  type PlanFacts,
  type PlanMeasure,
  type PlanTexts,
} from './rules.ts';

export type Report = { id: string; values: FieldValues; errors: FieldErrors };

type MeasureModel = PlanMeasure & {
  overdue: boolean;
  /** Days to the day it is due, or since; 0 when it has none, is due today or is over. */
  daysLeft: number;
  daysLate: number;
  kind: 'ok' | 'wait' | 'no' | 'neutral' | 'overdue';
  /** The form that is open on this measure, if any. */
  form: Report | null;
  note: string;
};

export type PlanModel = Omit<PlanFacts, 'texts' | 'measures' | 'meetings'> & {
  texts: PlanTexts | null;
  groups: { party: Party; measures: MeasureModel[] }[];
  counts: { all: number; done: number; overdue: number };
  law: LawItem[];
  /** Codes of what the law asks for and the plan lacks. */
  missing: string[];
  nextMeeting: PlanFacts['meetings'][number] | null;
  statuses: readonly MeasureStatus[];
  /** Days to the next follow-up; 0 when there is none ahead. */
  followUpIn: number;
  mayReport: boolean;
  /** The person reads about themselves: slower page, other words. */
  self: boolean;
};

const statusKind: Record<MeasureStatus, MeasureModel['kind']> = {
  planned: 'neutral',
  ongoing: 'wait',
  done: 'ok',
  not_done: 'no',
  changed: 'neutral',
};

const lastNote = (reports: readonly MeasureReport[]): string => reports.findLast((one) => one.note)?.note ?? '';

/** The plan as a page. `report`: the measure whose form is open, with what was typed and what is wrong with it. */
export function planPage(
  facts: PlanFacts,
  reader: { self: boolean; mayReport: boolean },
  report: Report | null,
  now: IsoInstant,
): PlanModel {
  const today = stockholmDate(now);
  const daysTo = (day: IsoDate | null) => (day === null ? 0 : daysBetween(today, day));
  const open: readonly string[] = ['planned', 'ongoing', 'changed'];
  const measures = facts.measures.map(
    (measure): MeasureModel => ({
      ...measure,
      overdue: isOverdue(measure, today),
      daysLeft: open.includes(measure.state) ? Math.max(0, daysTo(measure.due)) : 0,
      daysLate: Math.max(0, -daysTo(measure.due)),
      kind: isOverdue(measure, today) ? 'overdue' : statusKind[measure.state as MeasureStatus],
      form: report?.id === measure.id ? report : null,
      note: lastNote(measure.reports),
      reports: measure.reports.toReversed(),
    }),
  );
  const law = facts.texts ? lawCheck(facts.texts.kind, { ...facts.texts, measures }) : [];
  return {
    found: facts.found,
    contact: facts.contact,
    texts: facts.texts,
    groups: byParty(measures),
    counts: {
      all: measures.length,
      done: measures.filter((one) => one.state === 'done').length,
      overdue: measures.filter((one) => one.overdue).length,
    },
    law,
    missing: law.filter((item) => !item.present).map((item) => item.code),
    followUpIn: Math.max(0, daysTo(facts.texts?.followUpDate || null)),
    nextMeeting: nextMeeting(facts.meetings, now),
    statuses: measureStatuses,
    mayReport: reader.mayReport,
    self: reader.self,
  };
}
