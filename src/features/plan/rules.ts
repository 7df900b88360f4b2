import { accept, type Decision, refuse } from '../../kernel/decision.ts';
import { kommunParties, type Party, regionParties } from '../../kernel/parties.ts';
import { type IsoDate, type IsoInstant, stockholmDate } from '../../kernel/time.ts';
import { fileName, type MinutesContent } from '../filing/document/rules.ts';
import { meetingKinds } from '../meeting/rules.ts';

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
};

/** What is written about a measure while the minutes are a draft. */
export type MeasureDraft = Pick<Measure, 'text' | 'goal' | 'carriedOutBy' | 'person' | 'followedUpBy' | 'due'>;

export type MeasureReport = {
  measureId: string;
  status: MeasureStatus;
  note: string;
  proposedDue: IsoDate | null;
  grantedDue: IsoDate | null;
  at: IsoInstant;
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

export type PlanKind = 'fk' | 'sip';
export type LawItem = { code: string; present: boolean };
type LawFacts = {
  measures: readonly { carriedOutBy: Party; due: IsoDate | null }[];
  otherNeeded: string;
  sipNeeds: string;
  sipOverall: string;
};

/**
 * What the law says a plan states, and whether it does; each code names a text `plan.item.<code>`.
 * fk: SFB 30 kap. 13 § (Lag 2013:747). sip: HSL 16 kap. 4 § and SoL 10 kap. 8 §, the same four items in both.
 */
export function lawCheck(kind: PlanKind, plan: LawFacts): LawItem[] {
  const { measures } = plan;
  const by = (parties: readonly Party[]) => measures.some((one) => parties.includes(one.carriedOutBy));
  if (kind === 'fk') {
    return [
      { code: 'measures', present: measures.length > 0 },
      // A measure cannot be written without who carries it out, so this follows the first.
      { code: 'responsible', present: measures.length > 0 },
      { code: 'timeplan', present: measures.length > 0 && measures.every((one) => one.due !== null) },
      { code: 'other', present: plan.otherNeeded !== '' },
    ];
  }
  const others = measures.some(
    ({ carriedOutBy }) => !regionParties.includes(carriedOutBy) && !kommunParties.includes(carriedOutBy),
  );
  return [
    { code: 'sipNeeds', present: plan.sipNeeds !== '' },
    { code: 'sipEach', present: by(regionParties) && by(kommunParties) },
    // That nobody else does anything can be said in words too.
    { code: 'sipOther', present: others || plan.otherNeeded !== '' },
    { code: 'sipOverall', present: plan.sipOverall !== '' },
  ];
}

/** What the plan says beside its measures: of each text the one that was agreed last. */
export type PlanTexts = {
  kind: PlanKind;
  goal: string;
  ownWords: string;
  otherNeeded: string;
  sipNeeds: string;
  sipOverall: string;
  followUpDate: IsoDate | null;
  followUpPurpose: string;
  /** Numbers of the minutes it is built from, oldest first. */
  builtFrom: { number: string; meetingId: string; kind: string; finalisedAt: IsoInstant }[];
};

/** Reads the plan out of the case's finalised minutes, oldest first; null while there are none. */
export function planTexts(minutes: readonly MinutesContent[]): PlanTexts | null {
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
  /** Null while no minutes of the case are finalised. */
  texts: PlanTexts | null;
  measures: PlanMeasure[];
  meetings: PlanMeeting[];
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

/** The plan as data, as it stands at `now`: codes, ISO dates and instants. */
export function planData(facts: PlanFacts & { texts: PlanTexts }, now: IsoInstant) {
  const { found, contact, texts, measures } = facts;
  const today = stockholmDate(now);
  const next = nextMeeting(facts.meetings, now);
  return {
    document: {
      kind: 'plan' as const,
      caseNumber: found.number,
      asOf: today,
      plan: texts.kind,
      builtFrom: texts.builtFrom,
    },
    individual: { name: found.individual.name },
    contact,
    goal: texts.goal,
    ownWords: texts.ownWords,
    otherNeeded: texts.otherNeeded,
    sipNeeds: texts.sipNeeds,
    sipOverall: texts.sipOverall,
    measures: measures.map(({ reports, ...measure }) => ({
      id: measure.id,
      number: measure.number,
      text: measure.text,
      goal: measure.goal,
      carriedOutBy: measure.carriedOutBy,
      person: measure.person,
      followedUpBy: measure.followedUpBy,
      due: measure.due,
      status: measure.state,
      overdue: isOverdue(measure, today),
      meetingId: measure.meetingId,
      reports: reports.map(({ measureId, accountName, ...report }) => report),
    })),
    followUp: {
      date: texts.followUpDate,
      purpose: texts.followUpPurpose,
      meetingId: next?.id ?? null,
      startsAt: next?.startsAt ?? null,
    },
    law: lawCheck(texts.kind, { ...texts, measures }),
  };
}

export type PlanData = ReturnType<typeof planData>;

export const planFileName = (plan: PlanData, extension: 'pdf' | 'json'): string =>
  fileName('plan', plan.document.caseNumber, extension);
