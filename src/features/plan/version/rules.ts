import type { IsoDate, IsoInstant } from '../../../kernel/time.ts';
import type { MinutesContent } from '../../filing/document/rules.ts';
import { type SubGoal, subGoalsAt } from '../goal/rules.ts';
import { type MeasureStatus, type PlanFacts, type PlanMeasure, type PlanTexts, planTexts } from '../rules.ts';

/** What makes a version: finalised minutes, or an amendment, which holds the whole text in its new wording. */
export type PlanDocument = Omit<MinutesContent, 'document'> & {
  document: Pick<MinutesContent['document'], 'number' | 'finalisedAt'> & {
    /** Number of the document that an amendment refers to. */
    amends?: string | null;
  };
};
export type AgreedMeasure = MinutesContent['measures'][number];
/** `measures` as they were agreed, by number, and when each got the day it has; what was reported about them lies beside. */
export type PlanVersion = {
  number: number;
  madeBy: { number: string; meetingId: string; kind: string; finalisedAt: IsoInstant; amends: string | null };
  texts: PlanTexts;
  measures: (AgreedMeasure & { meetingId: string; dueSince: IsoInstant })[];
};

/** Minutes in their order, each in its latest wording. `documents`: in the order they were filed. */
export function latestWordings<D extends PlanDocument>(documents: readonly D[]): D[] {
  const wordings = new Map<string, D>();
  const firstOf = new Map<string, string>();
  for (const one of documents) {
    const { number, amends } = one.document;
    const first = amends ? (firstOf.get(amends) ?? amends) : number;
    firstOf.set(number, first);
    wordings.set(first, one);
  }
  return [...wordings.values()];
}

/** The versions of a case's plan, oldest first: each document makes one. `documents`: in the order they were filed. */
export function planVersions(documents: readonly PlanDocument[]): PlanVersion[] {
  const days = new Map<string, { due: IsoDate | null; dueSince: IsoInstant }>();
  return documents.map((one, i) => {
    const { number, finalisedAt, amends = null } = one.document;
    for (const { id, due } of one.measures) if (days.get(id)?.due !== due) days.set(id, { due, dueSince: finalisedAt });
    const wordings = latestWordings(documents.slice(0, i + 1));
    const measures = new Map(
      wordings.flatMap((wording) =>
        wording.measures.map((measure) => {
          const dueSince = days.get(measure.id)?.dueSince ?? finalisedAt;
          return [measure.id, { ...measure, meetingId: wording.meeting.id, dueSince }] as const;
        }),
      ),
    );
    return {
      number: i + 1,
      madeBy: { number, meetingId: one.meeting.id, kind: one.meeting.kind, finalisedAt, amends },
      texts: planTexts(wordings) as PlanTexts,
      measures: [...measures.values()].sort((a, b) => a.number - b.number),
    };
  });
}

/** A measure with what had been reported and granted at a moment. */
export function measureAt(
  { dueSince, ...measure }: PlanVersion['measures'][number],
  row: PlanMeasure | undefined,
  caseId: string,
  at: IsoInstant,
): PlanMeasure {
  const reports = (row?.reports ?? []).filter((report) => report.at <= at);
  return {
    ...measure,
    caseId,
    position: measure.number,
    version: row?.version ?? 0,
    kind: measure.kind ?? null,
    start: measure.start ?? null,
    followUpOn: measure.followUpOn ?? null,
    state: reports.at(-1)?.status ?? 'planned',
    due: reports.findLast((one) => one.grantedDue !== null && one.at > dueSince)?.grantedDue ?? measure.due,
    reports,
  };
}

/** The plan as it stood when one of its versions was made; as it is, for a number that no version has. */
export function factsAt<F extends PlanFacts>(facts: F, number: number | null, now: IsoInstant) {
  const versions = planVersions(facts.documents);
  const version = versions.find((one) => one.number === number);
  if (!version) return { facts, version: null, versions, now };
  const at = version.madeBy.finalisedAt;
  const rows = new Map(facts.measures.map((one) => [one.id, one]));
  return {
    facts: {
      ...facts,
      documents: facts.documents.slice(0, version.number),
      texts: version.texts,
      measures: version.measures.map((one) => measureAt(one, rows.get(one.id), facts.found.id, at)),
      // Which meetings were booked then, nobody knows any more: the minutes say what was agreed.
      meetings: facts.meetings.filter(({ startsAt }) => startsAt !== null && startsAt <= at),
      goalNotes: facts.goalNotes.filter((note) => note.at <= at),
    },
    version,
    versions,
    now: at,
  };
}

/** What the plan said at a moment: a version with its reports. */
export type Snapshot = { texts: PlanTexts; subGoals: readonly SubGoal[]; measures: readonly PlanMeasure[] };

/** What is compared with another version. `now`: the moment that reports are counted to. */
export const snapshotOf = (facts: PlanFacts & { texts: PlanTexts }, now: IsoInstant): Snapshot => ({
  texts: facts.texts,
  subGoals: subGoalsAt(facts.texts.subGoals, facts.goalNotes, now),
  measures: facts.measures,
});

/** `kind` says how the two are read: as text, date, party code, or a code of `family`. */
export type FieldChange = {
  field: string;
  kind: 'text' | 'date' | 'party' | 'code';
  family: string;
  before: string;
  after: string;
};
type Named = { number: number; text: string };
export type PlanDifference = {
  texts: FieldChange[];
  subGoals: { text: string; what: 'added' | 'ended' | 'reached' | 'reopened'; on: IsoDate | null }[];
  added: PlanMeasure[];
  changed: (Named & { fields: FieldChange[] })[];
  /** `removed`: an amendment took it out. */
  ended: (Named & { how: Extract<MeasureStatus, 'done' | 'not_done'> | 'removed' })[];
  none: boolean;
};

type Compared = readonly [field: string, kind: FieldChange['kind'], family?: string];
const textFields: readonly Compared[] = [
  ['goal', 'text'],
  ['ownWords', 'text'],
  ['rehabilitation', 'code', 'min.rehabilitation'],
  ['sipNeeds', 'text'],
  ['sipOverall', 'code', 'min.sipOverall'],
  ['otherNeeded', 'text'],
  ['employerPlan', 'text'],
  ['followUpDate', 'date'],
  ['followUpPurpose', 'text'],
];
const measureFields: readonly Compared[] = [
  ['text', 'text'],
  ['kind', 'code', 'measureKind'],
  ['carriedOutBy', 'party'],
  ['person', 'text'],
  ['followedUpBy', 'party'],
  ['start', 'date'],
  ['due', 'date'],
  ['followUpOn', 'date'],
  ['goal', 'text'],
  ['state', 'code', 'measureStatus'],
];

function changesIn(before: object, after: object, fields: readonly Compared[]): FieldChange[] {
  const of = (side: object, field: string) => String((side as Record<string, unknown>)[field] ?? '');
  return fields
    .map(([field, kind, family = '']) => ({ field, kind, family, before: of(before, field), after: of(after, field) }))
    .filter((one) => one.before !== one.after);
}

const isOver = ({ state }: PlanMeasure): boolean => state === 'done' || state === 'not_done';

/** What is another in `after` than in `before`: added, changed and ended, in the order of the plan. */
export function difference(before: Snapshot, after: Snapshot): PlanDifference {
  const earlier = new Map(before.measures.map((one) => [one.id, one]));
  const later = new Map(after.measures.map((one) => [one.id, one]));
  const kept = after.measures.flatMap((one) => {
    const was = earlier.get(one.id);
    return was ? [{ was, one }] : [];
  });
  const ends = kept.filter(({ was, one }) => isOver(one) && !isOver(was));
  const named = ({ number, text }: PlanMeasure): Named => ({ number, text });
  const goals = (side: Snapshot) => new Map(side.subGoals.map((one) => [one.text, one.reachedOn]));
  const [goalsBefore, goalsAfter] = [goals(before), goals(after)];
  const found = {
    texts: changesIn(before.texts, after.texts, textFields),
    subGoals: [
      ...[...goalsAfter].flatMap(([text, on]): PlanDifference['subGoals'] => {
        const was = goalsBefore.get(text);
        if (was === undefined) return [{ text, what: 'added', on }];
        if ((was === null) === (on === null)) return [];
        return [{ text, what: on === null ? 'reopened' : 'reached', on }];
      }),
      ...[...goalsBefore.keys()]
        .filter((text) => !goalsAfter.has(text))
        .map((text) => ({ text, what: 'ended' as const, on: null })),
    ],
    added: after.measures.filter(({ id }) => !earlier.has(id)),
    changed: kept
      .filter((pair) => !ends.includes(pair))
      .map(({ was, one }) => ({ ...named(one), fields: changesIn(was, one, measureFields) }))
      .filter(({ fields }) => fields.length > 0),
    ended: [
      ...ends.map(({ one }) => ({ ...named(one), how: one.state as 'done' | 'not_done' })),
      ...before.measures.filter(({ id }) => !later.has(id)).map((one) => ({ ...named(one), how: 'removed' as const })),
    ].sort((a, b) => a.number - b.number),
  };
  return { ...found, none: Object.values(found).every((list) => list.length === 0) };
}

/** Which versions somebody asked to compare: numbers out of an address, by default the last two. */
export function askedPair(from: string | undefined, to: string | undefined, count: number): [number, number] {
  const known = (text: string | undefined, otherwise: number) => {
    const number = /^\d{1,4}$/.test(text ?? '') ? Number(text) : 0;
    return number >= 1 && number <= count ? number : otherwise;
  };
  return [known(from, Math.max(1, count - 1)), known(to, count)];
}
