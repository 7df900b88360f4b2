import type { Party } from '../../../kernel/parties.ts';
import { addDays, daysBetween, type IsoDate, type IsoInstant } from '../../../kernel/time.ts';
import type { Case } from '../../case/rules.ts';
import type { Participant } from '../../meeting/rules.ts';
import {
  isOverdue,
  type Measure,
  type MeasureReport,
  type MeasureState,
  type MeasureStatus,
  type PlanMeasure,
} from '../rules.ts';

/** Not ended: it is reminded of, can be late, and stands on the next meeting's agenda. */
export const isGoing = (state: MeasureState): boolean => state === 'planned' || state === 'ongoing';

const folded = (name: string): string => name.trim().replace(/\s+/g, ' ').toLocaleLowerCase('sv');

/**
 * Who of a meeting carries a measure out: of its party whoever has the name that was written, or the only one there is.
 * Null when it could be several, and of FK's own: those are the officer's of the case, who may change.
 */
export function ownerOf(
  measure: { carriedOutBy: Party; person: string },
  participants: readonly Pick<Participant, 'id' | 'party' | 'person'>[],
): string | null {
  if (measure.carriedOutBy === 'FK') return null;
  const ofParty = participants.filter(({ party }) => party === measure.carriedOutBy);
  const named = ofParty.filter(({ person }) => person.name !== '' && folded(person.name) === folded(measure.person));
  const [one, ...others] = named.length > 0 ? named : ofParty;
  return one && others.length === 0 ? one.id : null;
}

/**
 * What the officer is to look at, the most pressing first: nobody reaches its owner, they want to meet about it, it did
 * not come about, it was changed, something stands in the way, a new day waits for a word.
 */
export const signals = ['unreached', 'meet', 'not_done', 'changed', 'obstacle', 'date'] as const;
export type Signal = (typeof signals)[number];

/** What its owner says of a measure. */
export type OwnReport = {
  status: MeasureStatus;
  note: string;
  obstacle: string;
  proposedDue: IsoDate | null;
  meet: boolean;
};

/** What there is to look at in a report of the owner's; null when it goes as was agreed. */
export function signalOf(report: OwnReport): Signal | null {
  if (report.meet) return 'meet';
  if (report.status === 'not_done' || report.status === 'changed') return report.status;
  if (report.obstacle !== '') return 'obstacle';
  return report.proposedDue !== null ? 'date' : null;
}

/** The more pressing of two. */
export function moreUrgent(a: Signal | null, b: Signal | null): Signal | null {
  return signals.find((one) => one === a || one === b) ?? null;
}

/** How an agreed measure stands, apart from its words. */
export type Standing = {
  state: MeasureStatus;
  due: IsoDate | null;
  askedDue: IsoDate | null;
  endedAt: IsoInstant | null;
  signal: Signal | null;
  signalOn: IsoDate | null;
};

const ending = (was: Standing, state: MeasureStatus, now: IsoInstant): IsoInstant | null =>
  isGoing(state) ? null : (was.endedAt ?? now);

/**
 * After a report of the owner's. A day asked for changes nothing but that the officer is asked; what they have not looked
 * at yet stays until they do. Nobody waits for a day for what has ended.
 */
export function afterOwner(was: Standing, report: OwnReport, at: { now: IsoInstant; today: IsoDate }): Standing {
  const { status: state } = report;
  const going = isGoing(state);
  const asked = going ? (report.proposedDue ?? was.askedDue) : null;
  const kept = was.signal === 'unreached' || (was.signal === 'date' && asked === null) ? null : was.signal;
  const signal = moreUrgent(kept, signalOf({ ...report, proposedDue: asked }));
  return {
    ...{ state, due: was.due, askedDue: asked, endedAt: ending(was, state, at.now) },
    ...{ signal, signalOn: signal && (was.signalOn ?? at.today) },
  };
}

/** After a report of the officer's, who has looked at it by that: a day they set is granted at once. */
export function afterOfficer(
  was: Standing,
  report: Pick<OwnReport, 'status' | 'proposedDue'>,
  at: { now: IsoInstant; today: IsoDate },
): Standing {
  const { status: state, proposedDue } = report;
  const askedDue = isGoing(state) && proposedDue === null ? was.askedDue : null;
  return {
    ...{ state, due: proposedDue ?? was.due, askedDue, endedAt: ending(was, state, at.now) },
    ...(askedDue === null
      ? { signal: null, signalOn: null }
      : { signal: 'date' as const, signalOn: was.signalOn ?? at.today }),
  };
}

/** After the officer's word about the day that was asked for. */
export function afterDecision(was: Standing, granted: boolean): Standing {
  const left = was.signal === 'date' ? null : was.signal;
  return {
    ...was,
    due: granted ? was.askedDue : was.due,
    askedDue: null,
    signal: left,
    signalOn: left && was.signalOn,
  };
}

/** The day that waits for the officer's word, read out of what was reported, oldest first. */
export function waitingDue(state: MeasureState, reports: readonly MeasureReport[]): IsoDate | null {
  if (!isGoing(state)) return null;
  return reports.reduce<IsoDate | null>((waits, { status, proposedDue, grantedDue, decision }) => {
    if (grantedDue !== null || decision !== null || !isGoing(status)) return null;
    return proposedDue ?? waits;
  }, null);
}

/** The latest day that can be asked for: a plan is looked at again long before. */
export const latestDue = (today: IsoDate): IsoDate => addDays(today, 2 * 365);

/** An agreed measure with who carries it out. */
export type Carried = {
  measure: Measure & { number: number };
  standing: Standing;
  remindAt: IsoInstant | null;
  /** Null where it is FK's own, or nobody could be told apart. */
  owner: Participant | null;
  /** Mail address of the account of whoever carries it out; empty without one. */
  accountEmail: string;
  reports: MeasureReport[];
  found: Case & { officerName: string };
};

/** A measure in its owner's list. */
export type OwnMeasure = {
  id: string;
  caseId: string;
  number: number;
  text: string;
  state: MeasureState;
  due: IsoDate | null;
  askedDue: IsoDate | null;
  carriedOutBy: Measure['carriedOutBy'];
  day: IsoDate;
  /** Null for a protected identity, which stands in no list. */
  individualName: string | null;
};

/** A measure in the officer's list of what they are to look at. */
export type Watched = {
  id: string;
  caseId: string;
  caseNumber: string;
  number: number;
  text: string;
  state: MeasureState;
  due: IsoDate | null;
  askedDue: IsoDate | null;
  signal: Signal | null;
  carriedOutBy: Measure['carriedOutBy'];
  person: string;
  phone: string;
  day: IsoDate;
};

/** Measures agreed before a meeting of their case, and when the one before it was held; null when it is the first. */
export type Agenda = { measures: PlanMeasure[]; since: IsoInstant | null };

/**
 * The meetings of a case whose measures a meeting follows up, and when the last of them was held: those held before it,
 * whichever was called first. `held`: all that have been held.
 */
export function heldBefore(held: readonly { id: string; heldAt: IsoInstant }[], meetingId: string) {
  const own = held.find(({ id }) => id === meetingId)?.heldAt ?? null;
  const before = held.filter(({ id, heldAt }) => id !== meetingId && (own === null || heldAt < own));
  const since =
    before
      .map(({ heldAt }) => heldAt)
      .sort()
      .at(-1) ?? null;
  return { ids: before.map(({ id }) => id), since };
}

const shapes: Record<MeasureState, 'ok' | 'wait' | 'no' | 'neutral'> = {
  draft: 'neutral',
  planned: 'neutral',
  ongoing: 'wait',
  done: 'ok',
  not_done: 'no',
  changed: 'neutral',
};

/** How a measure stands to its day, as a page shows it. Days are 0 when it has none, is due today or is over. */
export function timing(one: { state: MeasureState; due: IsoDate | null }, today: IsoDate) {
  const late = isOverdue(one, today);
  const days = one.due === null || !isGoing(one.state) ? 0 : daysBetween(today, one.due);
  return {
    shape: late ? ('overdue' as const) : shapes[one.state],
    late,
    daysLeft: Math.max(0, days),
    daysLate: Math.max(0, -days),
  };
}

/**
 * What stands on a meeting's agenda by itself: measures that go on, and those that ended since the meeting before, each
 * with what was reported since, oldest first. Null without any.
 */
export function agendaOf<M extends { state: MeasureState; reports: readonly MeasureReport[]; due: IsoDate | null }>(
  { measures, since }: { measures: readonly M[]; since: IsoInstant | null },
  today: IsoDate,
) {
  const rows = measures
    .map((one) => ({ ...one, news: one.reports.filter(({ at }) => since === null || at > since) }))
    .filter(({ state, news }) => isGoing(state) || news.length > 0)
    .map((one) => ({ ...one, ...timing(one, today) }));
  return rows.length > 0 ? { rows } : null;
}
