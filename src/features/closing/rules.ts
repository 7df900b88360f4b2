import { accept, type Decision, refuse } from '../../kernel/decision.ts';
import type { Party } from '../../kernel/parties.ts';
import { addDays, type IsoDate, type IsoInstant, stockholmDate } from '../../kernel/time.ts';
import type { CaseState } from '../case/rules.ts';
import { fileName } from '../filing/document/rules.ts';
import { type SectorContact, sectors } from '../meeting/contact/rules.ts';
import { type MeetingState, mayArrange } from '../meeting/rules.ts';
import type { SubGoal } from '../plan/goal/rules.ts';
import { goalKey } from '../plan/goal/rules.ts';
import type { MeasureState } from '../plan/rules.ts';

/** Why a case ends (states.md "Case"). A medical reason is never among them. */
export const closingCodes = [
  ...(['goal_reached', 'not_needed', 'not_possible_now', 'capacity_regained', 'person_wishes', 'other'] as const),
] as const;
export type ClosingCode = (typeof closingCodes)[number];

export const reaches = ['yes', 'partly', 'no'] as const;
export type Reach = (typeof reaches)[number];
export type GoalOutcome = { key: string; text: string; reached: Reach; note: string };

/** What becomes of a measure that has not ended: it ends now, or goes on with somebody who is named. */
export const measureOutcomes = ['done', 'not_done', 'goes_on'] as const;
export type Outcome = (typeof measureOutcomes)[number];
export type MeasureOutcome = { id: string; number: number; text: string; outcome: Outcome; whom: string };

/** How a case is to end, as its officer wrote it. */
export type Closing = {
  reason: ClosingCode;
  /** Only where the reason is another one. */
  reasonText: string;
  /** What the person says of it; or why they could not be asked. */
  ownView: string;
  ownViewMissing: string;
  goals: GoalOutcome[];
  contacts: SectorContact[];
  measures: MeasureOutcome[];
  /** Meetings that lie ahead are called off when the case is closed. */
  cancelMeetings: boolean;
  /** The first day on which it can be closed. */
  closesOn: IsoDate;
};

export type ClosingMove = 'prepare' | 'undo' | 'close';
/**
 * states.md "Case". While it is `closing` everything goes on: the person reads how it is to end and can say what is wrong,
 * and it is undone or written anew until it is closed. Nothing leads out of `closed`.
 */
const moves: Record<ClosingMove, Partial<Record<CaseState, CaseState>>> = {
  prepare: { open: 'closing', closing: 'closing' },
  undo: { closing: 'open' },
  close: { closing: 'closed' },
};

/** The state after the move; refuses `not_now` where the table has no such move. */
export function moveCase(state: CaseState, move: ClosingMove): Decision<CaseState> {
  const to = moves[move][state];
  return to ? accept(to) : refuse('not_now');
}

/** Tells whether what somebody looked at is still what is prepared. */
export const versionOf = (closing: { version: number } | null): string => String(closing?.version ?? 0);

/** Time to read and to say what is wrong, unless the officer sets another day. */
export const usualDays = 14;
export const usualDay = (now: IsoInstant): IsoDate => addDays(stockholmDate(now), usualDays);

const going: readonly MeasureState[] = ['planned', 'ongoing', 'changed'];
export const isGoing = ({ state }: { state: MeasureState }): boolean => going.includes(state);

/** The plan's goal and its sub-goals, each to be told how it went; nothing where no plan names any. */
export const goalsToJudge = (
  goal: string,
  subGoals: readonly SubGoal[],
): { key: string; text: string; usual: Reach | '' }[] => [
  ...(goal ? [{ key: goalKey(goal), text: goal, usual: '' as const }] : []),
  ...subGoals.map(({ key, text, reachedOn }) => ({ key, text, usual: reachedOn ? ('yes' as const) : ('' as const) })),
];

/**
 * Whether a case can be closed now, as it was prepared. Refuses `not_yet` before its day, `minutes_open` while a meeting
 * was held whose minutes are not final, `meetings_ahead` when there are meetings that are not to be called off with it,
 * and `measures_open`, `goals_open` for a measure or a goal that has come since it was prepared.
 */
export function mayClose(
  closing: Pick<Closing, 'closesOn' | 'cancelMeetings' | 'measures' | 'goals'>,
  facts: {
    meetings: readonly { state: MeetingState }[];
    measures: readonly { id: string; state: MeasureState }[];
    goals: readonly { key: string }[];
  },
  now: IsoInstant,
): Decision<null> {
  if (stockholmDate(now) < closing.closesOn) return refuse('not_yet');
  if (facts.meetings.some(({ state }) => state === 'held')) return refuse('minutes_open');
  if (!closing.cancelMeetings && facts.meetings.some(({ state }) => mayArrange(state))) return refuse('meetings_ahead');
  const told = new Set(closing.measures.map(({ id }) => id));
  if (facts.measures.some((one) => isGoing(one) && !told.has(one.id))) return refuse('measures_open');
  const judged = new Set(closing.goals.map(({ key }) => key));
  return facts.goals.every(({ key }) => judged.has(key)) ? accept(null) : refuse('goals_open');
}

/** What the document says of a case that has been closed: codes, ISO dates and instants, texts as they were typed. */
export type ClosingContent = {
  document: {
    kind: 'closing';
    number: string;
    position: number;
    caseNumber: string;
    openedAt: IsoInstant;
    closedAt: IsoInstant;
    closedBy: string;
    unit: string;
  };
  individual: { name: string; number: string | null };
  /** Only Försäkringskassan and the person read it (texts-sv 12). */
  closing: { reason: ClosingCode };
  texts: Record<string, string>;
  goals: Omit<GoalOutcome, 'key'>[];
  contacts: SectorContact[];
  measures: (MeasureOutcome & { carriedOutBy: Party; person: string })[];
};

export function contentOf(
  facts: {
    found: { number: string; openedAt: IsoInstant; individual: { name: string; number: string | null } };
    contact: { unit: string };
    measures: readonly { id: string; carriedOutBy: Party; person: string }[];
  },
  closing: Closing,
  filed: { position: number; closedAt: IsoInstant; closedBy: string },
): ClosingContent {
  const { found, contact, measures } = facts;
  const { reasonText, ownView, ownViewMissing } = closing;
  const texts = Object.entries({ reasonText, ownView, ownViewMissing }).filter(([, text]) => text !== '');
  const { name, number } = found.individual;
  return {
    document: {
      kind: 'closing',
      number: `${found.number}-${filed.position}`,
      position: filed.position,
      caseNumber: found.number,
      openedAt: found.openedAt,
      closedAt: filed.closedAt,
      closedBy: filed.closedBy,
      unit: contact.unit,
    },
    individual: { name, number },
    closing: { reason: closing.reason },
    texts: Object.fromEntries(texts),
    goals: closing.goals.map(({ key, ...goal }): Omit<GoalOutcome, 'key'> => goal),
    contacts: closing.contacts,
    measures: closing.measures.map((one) => {
      const { carriedOutBy = 'FK', person = '' } = measures.find(({ id }) => id === one.id) ?? {};
      return { ...one, carriedOutBy, person };
    }),
  };
}

/** Whom the person turns to from then on. */
export const firstContact = (contacts: readonly SectorContact[]): SectorContact | null =>
  contacts.find(({ sector }) => sector === sectors[0]) ?? null;

export const closingFileName = ({ document }: Pick<ClosingContent, 'document'>, extension: 'pdf' | 'json'): string =>
  fileName('avslut', document.number, extension);
