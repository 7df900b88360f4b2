import { accept, type Decision, refuse } from '../../kernel/decision.ts';
import { kommunParties, type Party, regionParties } from '../../kernel/parties.ts';
import { type IsoDate, type IsoInstant, stockholmDate } from '../../kernel/time.ts';
import { fileName, type MeasureKind } from '../filing/document/rules.ts';
import { besideFk, type SectorContact } from '../meeting/contact/rules.ts';
import { meetingKinds } from '../meeting/rules.ts';
import { type GoalNote, type SubGoal, subGoalsAt } from './goal/rules.ts';
import { lawCheck, makingCheck, type PlanKind, planTypeOf } from './law/rules.ts';
import { waitingDue } from './owner/rules.ts';
import type { PlanDocument } from './version/rules.ts';

/** states.md "Measure"; `draft` while the minutes it stands in are not finalised. */
export const measureStates = ['draft', 'planned', 'ongoing', 'done', 'not_done', 'changed'] as const;
export type MeasureState = (typeof measureStates)[number];
export const measureStatuses = measureStates.filter((state) => state !== 'draft');
export type MeasureStatus = Exclude<MeasureState, 'draft'>;

export type Measure = {
  id: string;
  caseId: string;
  meetingId: string;
  position: number;
  /** Null while it is a draft. */
  number: number | null;
  state: MeasureState;
  version: number;
  text: string;
  goal: string;
  carriedOutBy: Party;
  person: string;
  followedUpBy: Party | null;
  /** As it stands now, with what has been granted. */
  due: IsoDate | null;
  kind: MeasureKind | null;
  start: IsoDate | null;
  /** When whoever follows it up looks at it. */
  followUpOn: IsoDate | null;
};

/** What is written about a measure while the minutes are a draft. */
export type MeasureDraft = Pick<
  Measure,
  'text' | 'goal' | 'carriedOutBy' | 'person' | 'followedUpBy' | 'due' | 'kind' | 'start' | 'followUpOn'
>;

export type MeasureReport = {
  measureId: string;
  status: MeasureStatus;
  note: string;
  obstacle: string;
  /** Whoever carries it out wants to meet about it. */
  meet: boolean;
  proposedDue: IsoDate | null;
  grantedDue: IsoDate | null;
  /** The officer's word about a day that was asked for; `note` says why. */
  decision: 'granted' | 'refused' | null;
  at: IsoInstant;
  /** Null when it came by link. */
  accountName: string | null;
};

export type PlanMeasure = Measure & { number: number; reports: MeasureReport[] };

/** The state after a report: whatever its owner says, once the measure is agreed. A draft refuses `not_now`. */
export function moveMeasure(state: MeasureState, status: MeasureStatus): Decision<MeasureStatus> {
  return state === 'draft' ? refuse('not_now') : accept(status);
}

/** Past its day and not ended. The day itself is still in time. */
export function isOverdue(measure: { state: MeasureState; due: IsoDate | null }, today: IsoDate): boolean {
  return measure.due !== null && measure.due < today && (measure.state === 'planned' || measure.state === 'ongoing');
}

/** What the plan says beside its measures: of each text the one that was agreed last. */
export type PlanTexts = {
  kind: PlanKind;
  goal: string;
  ownWords: string;
  otherNeeded: string;
  sipNeeds: string;
  sipOverall: string;
  /** One sub-goal a line. */
  subGoals: string;
  /** Whether rehabiliteringsersättning can be paid: `yes`, `no` or nothing. */
  rehabilitation: string;
  /** Day and reference of the employer's own plan (SFB 30:6). */
  employerPlan: string;
  /** The person was there when the latest minutes were written. */
  consulted: boolean;
  followUpDate: IsoDate | null;
  followUpPurpose: string;
  /** Numbers of the minutes it is built from, oldest first. */
  builtFrom: { number: string; meetingId: string; kind: string; finalisedAt: IsoInstant }[];
};

/** Reads the plan out of the case's finalised minutes, oldest first; null while there are none. */
export function planTexts(minutes: readonly PlanDocument[]): PlanTexts | null {
  const latest = minutes.at(-1);
  if (!latest) return null;
  const last = (field: string) => minutes.findLast((one) => one.texts[field])?.texts[field] ?? '';
  return {
    kind: meetingKinds[latest.meeting.kind].plan,
    goal: last('planGoal'),
    ownWords: last('ownWords'),
    otherNeeded: last('otherNeeded'),
    sipNeeds: last('sipNeeds'),
    sipOverall: last('sipOverall'),
    subGoals: last('subGoals'),
    rehabilitation: last('rehabilitation'),
    employerPlan: last('employerPlan'),
    consulted: latest.participants.some(
      ({ party, attendance }) => party === 'PERSON' && attendance !== null && attendance !== 'absent',
    ),
    // An older follow-up has been held or let go: only the latest minutes say which is next.
    followUpDate: latest.texts.followUpDate ?? null,
    followUpPurpose: latest.texts.followUpPurpose ?? '',
    builtFrom: minutes.map(({ document, meeting }) => ({
      number: document.number,
      meetingId: meeting.id,
      kind: meeting.kind,
      finalisedAt: document.finalisedAt,
    })),
  };
}

/** Measures by who carries them out, in the order of their first number. */
export function byParty<M extends { carriedOutBy: Party }>(measures: readonly M[]): { party: Party; measures: M[] }[] {
  return [...Map.groupBy(measures, (one) => one.carriedOutBy)].map(([party, group]) => ({ party, measures: group }));
}

/** Everything the plan of a case is built from. */
export type PlanFacts = {
  found: { id: string; number: string; individual: { name: string } };
  contact: { name: string; phone: string; unit: string };
  /** Whom the person turns to in each sector. */
  contacts: readonly SectorContact[];
  /** Null while no minutes of the case are finalised. */
  texts: PlanTexts | null;
  measures: PlanMeasure[];
  /** Newest first. */
  meetings: PlanMeeting[];
  /** In the order they were filed. */
  documents: PlanDocument[];
  /** Oldest first. */
  goalNotes: GoalNote[];
};
export type PlanMeeting = {
  id: string;
  kind: string;
  state: string;
  startsAt: IsoInstant | null;
  endsAt: IsoInstant | null;
};

/** The first booked meeting that lies ahead. */
export function nextMeeting<M extends PlanMeeting>(meetings: readonly M[], now: IsoInstant): M | null {
  const ahead = meetings.filter((one) => one.state === 'scheduled' && (one.startsAt ?? '') >= now);
  return ahead.reduce<M | null>(
    (first, one) => (first && (first.startsAt ?? '') <= (one.startsAt ?? '') ? first : one),
    null,
  );
}

/** The follow-up that was agreed, until its day has passed. `booked`: there is a meeting ahead, with a time of its own. */
export function followUpAhead(
  { followUpDate, followUpPurpose }: Pick<PlanTexts, 'followUpDate' | 'followUpPurpose'>,
  today: IsoDate,
  booked: boolean,
) {
  const date = followUpDate !== null && followUpDate >= today ? followUpDate : null;
  return { date, purpose: date !== null || booked ? followUpPurpose : '' };
}

/** Whose document the plan is shown as: FK's plan, AF's action plan, SIP. The rows are the same. */
export const renderings = ['fk', 'af', 'sip'] as const;
export type Rendering = (typeof renderings)[number];

/** What was asked for, or what the plan is. */
export const renderingOf = (asked: string | undefined, kind: PlanKind): Rendering =>
  renderings.find((one) => one === asked) ?? kind;

/** `head`: a party's code, or for a SIP whose answer it is by HSL 16:4 and SoL 10:8, `region`, `kommun` or `others`. */
export type MeasureGroup<M> = { head: string; measures: M[] };

/** Every measure once: by party, AF's own first in its action plan; in a SIP by authority. */
export function groupsFor<M extends { carriedOutBy: Party }>(as: Rendering, measures: readonly M[]): MeasureGroup<M>[] {
  if (as !== 'sip') {
    const groups = byParty(measures).map(({ party, measures }) => ({ head: party as string, measures }));
    return as === 'af' ? groups.sort((a, b) => Number(b.head === 'AF') - Number(a.head === 'AF')) : groups;
  }
  const headOf = ({ carriedOutBy }: M) =>
    regionParties.includes(carriedOutBy) ? 'region' : kommunParties.includes(carriedOutBy) ? 'kommun' : 'others';
  return ['region', 'kommun', 'others']
    .map((head) => ({ head, measures: measures.filter((one) => headOf(one) === head) }))
    .filter((group) => group.measures.length > 0);
}

/** What the law asks of the plan and whether it is there; for AF's action plan nothing, since SFB does not bind AF. */
export function lawOf(
  facts: Pick<PlanFacts, 'measures' | 'meetings'> & { texts: PlanTexts },
  as: Rendering,
  now: IsoInstant,
) {
  if (as === 'af') return { type: null, items: [] };
  const { texts } = facts;
  const type = planTypeOf(as, texts.rehabilitation);
  const booked = nextMeeting(facts.meetings, now) !== null;
  const { date } = followUpAhead(texts, stockholmDate(now), booked);
  const making = makingCheck(type, { consulted: texts.consulted, followUp: date !== null || booked });
  return { type, items: [...lawCheck(type, { ...texts, measures: facts.measures }), ...making] };
}

/** The plan as data, as it stands at `now`: codes, ISO dates and instants. */
export function planData(facts: PlanFacts & { texts: PlanTexts }, now: IsoInstant, asked?: Rendering) {
  const { found, contact, texts, measures } = facts;
  const today = stockholmDate(now);
  const next = nextMeeting(facts.meetings, now);
  const as = asked ?? texts.kind;
  const law = lawOf(facts, as, now);
  return {
    document: {
      kind: 'plan' as const,
      caseNumber: found.number,
      asOf: today,
      plan: texts.kind,
      as,
      type: law.type,
      version: facts.documents.length,
      builtFrom: texts.builtFrom,
    },
    individual: { name: found.individual.name },
    contact,
    contacts: besideFk(facts.contacts),
    goal: texts.goal,
    subGoals: subGoalsAt(texts.subGoals, facts.goalNotes, now).map(({ key, ...one }): Omit<SubGoal, 'key'> => one),
    ownWords: texts.ownWords,
    otherNeeded: texts.otherNeeded,
    employerPlan: texts.employerPlan,
    sipNeeds: texts.sipNeeds,
    sipOverall: texts.sipOverall,
    measures: measures.map(({ reports, ...measure }) => ({
      id: measure.id,
      number: measure.number,
      text: measure.text,
      kind: measure.kind,
      goal: measure.goal,
      carriedOutBy: measure.carriedOutBy,
      person: measure.person,
      followedUpBy: measure.followedUpBy,
      start: measure.start,
      due: measure.due,
      followUpOn: measure.followUpOn,
      status: measure.state,
      overdue: isOverdue(measure, today),
      askedDue: waitingDue(measure.state, reports),
      meetingId: measure.meetingId,
      reports: reports.map(({ measureId, accountName, ...report }) => report),
    })),
    followUp: {
      ...followUpAhead(texts, today, next !== null),
      meetingId: next?.id ?? null,
      startsAt: next?.startsAt ?? null,
    },
    law: law.items,
  };
}

export type PlanData = ReturnType<typeof planData>;

export const planFileName = ({ document }: PlanData, extension: 'pdf' | 'json'): string =>
  fileName(document.as === document.plan ? 'plan' : `plan-${document.as}`, document.caseNumber, extension);
