import type { User } from '../../kernel/access.ts';
import { maskPersonalNumber } from '../../kernel/personal-number.ts';
import { daysBetween, type IsoDate, type IsoInstant, stockholmDate } from '../../kernel/time.ts';
import { workingDaysBetween } from '../../kernel/working-days.ts';
import { isPrivate } from '../account/rules.ts';
import type { CaseParty } from '../case/party/rules.ts';
import type { Case } from '../case/rules.ts';
import { firstContact } from '../closing/rules.ts';
import { type Consent, extentOf } from '../consent/rules.ts';
import type { SectorContact } from '../meeting/contact/rules.ts';
import { type MeetingState, mayArrange, type Participant } from '../meeting/rules.ts';
import { isOverdue, type MeasureState } from '../plan/rules.ts';
import { daysWaited, mostTold, type RequestState, requestKinds, undecided, waitedLongDays } from '../request/rules.ts';

type QueueFilter = { view: 'all' | 'mine' | 'unassigned'; state: RequestState | null; kind: string | null };
type QueueRow = {
  id: string;
  /** `handled` stands for an answer that was not disclosed to its requester. */
  state: RequestState | 'handled';
  kind: string;
  receivedAt: IsoInstant;
  endedAt: IsoInstant | null;
  holdEnded: boolean;
};
type Needs = {
  waiting: { late: number; holdEnded: number };
  meetings: readonly {
    id: string;
    startsAt: IsoInstant | null;
    declined: number;
    unanswered: number;
    undelivered: number;
    proposed: number;
  }[];
  /** Meetings with mails to read. */
  mails: readonly { id: string; reference: string; count: number }[];
  /** Meetings with proposed times to choose from. */
  polls: readonly { id: string; reference: string; state: string }[];
  /** Meetings with letters to print. */
  letters: readonly { id: string; reference: string; startsAt: IsoInstant | null; count: number }[];
  /** Meetings in which the person waits for an answer to an adaptation. */
  adaptations: readonly { id: string; reference: string; count: number }[];
  /** Measures with something to look at. */
  signals: number;
  /** Cases that can be closed today. */
  toClose: readonly { id: string; number: string }[];
  /** Meetings whose minutes they have been asked to write, as a colleague. */
  toWrite: readonly { id: string; reference: string; startsAt: IsoInstant | null; state: string }[];
  /** Minutes that are out, with something to read, or whose last day has gone. */
  toSettle: readonly { id: string; reference: string; unread: number }[];
  /** Messages that wait for another try. */
  stuckMail: number;
  /** Corrections that wait for a second person. */
  corrections: readonly { id: string; kind: string; caseNumber: string | null; reference: string | null }[];
  overdue: readonly { id: string; caseId: string; caseNumber: string; number: number | null; due: IsoDate | null }[];
};

// Warm is for what waits for FK; the other undecided ones wait for somebody else.
const stateKind = (state: RequestState | 'handled') =>
  state === 'received' ? 'wait' : state === 'confirmed' ? 'ok' : state === 'declined' ? 'no' : 'neutral';

function query(
  filter: QueueFilter,
  change: Partial<Record<'visa' | 'lage' | 'slag' | 'efter', string | null>>,
): string {
  const given = { visa: filter.view === 'all' ? null : filter.view, lage: filter.state, slag: filter.kind, ...change };
  const pairs = Object.entries(given).flatMap(([name, value]) => (value ? [`${name}=${value}`] : []));
  return pairs.length > 0 ? `/inkorg?${pairs.join('&')}` : '/inkorg';
}

/** The officer's or manager's day: what needs them, then the queue. */
export function inboxPage(
  user: User,
  facts: { rows: readonly QueueRow[]; needs: Needs | null },
  filter: QueueFilter,
  pageSize: number,
  now: IsoInstant,
) {
  const rows = facts.rows.slice(0, pageSize);
  const last = facts.rows.length > pageSize ? rows.at(-1) : undefined;
  const today = stockholmDate(now);
  const meetings = (facts.needs?.meetings ?? []).map((meeting) => ({
    ...meeting,
    workingDays: meeting.startsAt === null ? 0 : workingDaysBetween(today, stockholmDate(meeting.startsAt)),
  }));
  const needs = facts.needs && {
    ...facts.needs,
    lateMany: facts.needs.waiting.late > mostTold,
    holdEndedMany: facts.needs.waiting.holdEnded > mostTold,
    stuckMailMany: facts.needs.stuckMail > mostTold,
    signalsMany: facts.needs.signals > mostTold,
    undelivered: meetings.filter(({ undelivered }) => undelivered > 0),
    proposed: meetings.filter(({ proposed }) => proposed > 0),
    declined: meetings.filter(({ declined }) => declined > 0),
    unanswered: meetings.filter(({ declined, unanswered }) => declined === 0 && unanswered > 0),
    overdue: facts.needs.overdue.map((one) => ({
      ...one,
      daysLate: one.due === null ? 0 : daysBetween(one.due, today),
    })),
  };
  return {
    inside: user.fk && (user.role === 'officer' || user.role === 'manager'),
    mayRegister: user.fk && user.role === 'officer',
    administrator: user.role === 'administrator',
    needs,
    calm:
      needs !== null &&
      needs.waiting.late +
        needs.waiting.holdEnded +
        needs.stuckMail +
        needs.signals +
        needs.undelivered.length +
        needs.proposed.length +
        needs.mails.length +
        needs.polls.length +
        needs.letters.length +
        needs.adaptations.length +
        needs.declined.length +
        needs.unanswered.length +
        needs.corrections.length +
        needs.toClose.length +
        needs.toWrite.length +
        needs.toSettle.length +
        needs.overdue.length ===
        0,
    waitedLongDays,
    most: mostTold,
    rows: rows.map((row) => {
      const waited = daysWaited(row, now);
      return {
        ...row,
        waited,
        late: waited > waitedLongDays && (row.state === 'received' || row.state === 'needs_info'),
        stateKind: stateKind(row.state),
      };
    }),
    kind: filter.kind,
    filtered: filter.view !== 'all' || filter.state !== null || filter.kind !== null,
    views: (['all', 'mine', 'unassigned'] as const).map((code) => ({
      code,
      href: query(filter, { visa: code === 'all' ? null : code }),
      current: filter.view === code,
    })),
    states: [null, ...undecided].map((code) => ({
      code,
      href: query(filter, { lage: code }),
      current: filter.state === code,
    })),
    kinds: [null, ...requestKinds].map((code) => ({
      code,
      href: query(filter, { slag: code }),
      current: filter.kind === code,
    })),
    next: last ? query(filter, { efter: `${last.receivedAt}_${last.id}` }) : null,
  };
}

const caseKind = { open: 'neutral', closing: 'wait', closed: 'ok', disposed: 'ok' } as const;

type Form = { values: Record<string, string>; errors: Record<string, { code: string }> };
type CaseRow = Case & { officerName: string };

/** What the person is told of a request about them that has not become a case. */
type Told = {
  id: string;
  caseId: string | null;
  state: RequestState;
  receivedAt: IsoInstant;
  requester: { name: string; role: string } | null;
};
const toldRow = ({ id, state, receivedAt, requester }: Told) => ({
  ...{ id, receivedAt },
  own: requester?.role === 'PERSON',
  who: requester?.name ?? null,
  role: requester?.role ?? null,
  answer: undecided.includes(state) ? 'open' : state === 'withdrawn' ? 'withdrawn' : 'answered',
});

export function casesPage(
  user: User,
  facts: { cases: readonly CaseRow[]; more: boolean; told: readonly Told[] },
  mine: boolean,
) {
  const last = facts.more ? facts.cases.at(-1) : undefined;
  return {
    self: isPrivate(user),
    represents: user.role === 'representative',
    told: facts.told.filter(({ caseId }) => caseId === null).map(toldRow),
    mine,
    mayFilter: user.role === 'officer',
    mayOpen: user.role === 'officer' || user.role === 'manager',
    rows: facts.cases.map((row) => ({
      ...row,
      // A protected identity stands in no list.
      name: row.individual.protectedIdentity ? null : row.individual.name,
      stateKind: caseKind[row.state],
    })),
    next: last ? `/arenden?${mine ? 'visa=mine&' : ''}efter=${last.id}` : null,
  };
}

type MeetingRow = {
  id: string;
  kind: string;
  state: MeetingState;
  startsAt: IsoInstant | null;
  endsAt: IsoInstant | null;
  plannedFor: IsoDate | null;
};
type CaseFacts = {
  requests: readonly QueueRow[];
  meetings: readonly MeetingRow[];
  documents: readonly { id: string; kind: string; meetingId: string | null; number: string; createdAt: IsoInstant }[];
  /** How it is to end, or ended. */
  ending: { closesOn: IsoDate; contacts: readonly SectorContact[] } | null;
  measures: readonly { state: MeasureState; due: IsoDate | null }[];
  officers: readonly { id: string; name: string }[];
  participants: readonly Participant[];
  lastTalk: { at: IsoInstant } | null;
  corrections: readonly { id: string; kind: string; state: string; at: IsoInstant; unit: string; role: string }[];
  caseParties: readonly CaseParty[];
  consents: readonly Consent[];
  releases: readonly {
    id: string;
    partyId: string;
    kind: string;
    madeAt: IsoInstant;
    recalledAt: IsoInstant | null;
  }[];
};

/** The next thing to do in a meeting, as a path below it and a text `case.act.<code>`. */
const nextAct: Partial<Record<MeetingState, string>> = {
  planning: '',
  proposed: '',
  scheduled: '',
  held: '/protokoll',
};

/** One case: its spine, and beside it parties and documents. `self` is the individual's own view, without inner notes. */
export function casePage(
  found: CaseRow,
  facts: CaseFacts,
  options: {
    self: boolean;
    represents: boolean;
    mayCorrect: boolean;
    mayRelease: boolean;
    mayOpen: boolean;
    mayClose: boolean;
    mayAssign: boolean;
    mayReadLog: boolean;
    emergency: boolean;
    told: readonly Told[];
    now: IsoInstant;
    form: Form;
  },
) {
  const today = stockholmDate(options.now);
  const others = facts.participants.filter(({ party }) => party !== 'PERSON');
  const { caseParties, consents, releases, ending, ...rest } = facts;
  const named = (partyId: string) => caseParties.find(({ id }) => id === partyId)?.organisation ?? '';
  return {
    ...rest,
    requests: facts.requests.map((request) => ({
      ...request,
      who: options.told.find(({ id }) => id === request.id)?.requester?.name ?? null,
    })),
    self: options.self,
    represents: options.represents,
    mayCorrect: options.mayCorrect,
    // The individual is told what was corrected, by whom and when; what is only proposed, or was not, concerns nobody.
    corrections: facts.corrections.filter(({ state }) => !options.self || state === 'approved'),
    mayRelease: options.mayRelease && facts.documents.some(({ kind }) => kind === 'minutes'),
    mayOpen: options.mayOpen,
    mayClose: options.mayClose,
    closesOn: found.state === 'closing' ? (ending?.closesOn ?? '') : '',
    closed: found.state === 'closed',
    again: found.state === 'closed' ? firstContact(ending?.contacts ?? []) : null,
    mayAssign: options.mayAssign,
    mayReadLog: options.mayReadLog,
    emergency: options.emergency,
    form: options.form,
    officerOptions: facts.officers.map(({ id, name }) => ({
      value: id,
      label: name,
      selected: id === found.officerId,
    })),
    found,
    number: found.individual.number === null ? null : maskPersonalNumber(found.individual.number),
    stateKind: caseKind[found.state],
    // The newest comes last, as in the rest of the spine.
    meetings: facts.meetings.toReversed().map((meeting) => ({
      ...meeting,
      href: `/moten/${meeting.id}${nextAct[meeting.state] ?? '/protokoll'}`,
      spine: meeting.state === 'minuted' ? 'done' : meeting.state === 'cancelled' ? 'done' : 'current',
      hasMinutes: meeting.state === 'minuted',
      // Where the person writes to the minutes, and is asked whether they are right.
      held: meeting.state === 'held',
      open: mayArrange(meeting.state),
      // The person's own part in it, where they answer.
      answerAt: mayArrange(meeting.state)
        ? (facts.participants.find((one) => one.meetingId === meeting.id && one.party === 'PERSON')?.id ?? null)
        : null,
      prepares: mayArrange(meeting.state),
    })),
    parties: others.map((one) => ({
      ...one,
      extent: one.casePartyId === null ? null : extentOf(consents, one.casePartyId, today),
    })),
    releases: releases.map((one) => ({ ...one, receiver: named(one.partyId) })),
    // In a case that is closed nobody waits for anything.
    overdue: found.state === 'closed' ? 0 : facts.measures.filter((measure) => isOverdue(measure, today)).length,
    done: facts.measures.filter(({ state }) => state === 'done').length,
    reminders:
      found.state === 'open' && !found.individual.protectedIdentity
        ? { path: `/arenden/${found.id}`, next: null, chooses: true, wanted: found.wantsReminders }
        : null,
  };
}
