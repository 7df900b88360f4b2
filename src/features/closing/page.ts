import { type IsoInstant, stockholmDate } from '../../kernel/time.ts';
import { correctedOn, type Sealed } from '../filing/document/rules.ts';
import { type SectorContact, sectors } from '../meeting/contact/rules.ts';
import { type MeetingState, mayArrange } from '../meeting/rules.ts';
import {
  type Closing,
  type ClosingContent,
  closingCodes,
  firstContact,
  mayClose,
  measureOutcomes,
  reaches,
  usualDay,
  versionOf,
} from './rules.ts';

type Values = Record<string, string | string[]>;
type Form = { values: Values; errors: Record<string, { code: string }> };
type Facts = {
  found: { id: string; number: string; state: string; individual: { name: string } };
  goals: readonly { key: string; text: string; usual: string }[];
  going: readonly { id: string; number: number; text: string }[];
  measures:
    | readonly { id: string; state: never }[]
    | readonly { id: string; state: Parameters<typeof mayClose>[1]['measures'][number]['state'] }[];
  meetings: readonly { id: string; state: MeetingState }[];
  contacts: readonly SectorContact[];
  closing: (Closing & { version: number }) | null;
};

/** The fields as they were prepared last, or as they follow from the case. */
function valuesOf({ goals, contacts, closing, going }: Facts, now: IsoInstant): Values {
  const judged = new Map(closing?.goals.map((one) => [one.key, one]));
  const told = new Map(closing?.measures.map((one) => [one.id, one]));
  const filled = closing?.contacts ?? contacts;
  const day = closing && closing.closesOn >= stockholmDate(now) ? closing.closesOn : usualDay(now);
  return Object.fromEntries([
    ...goals.flatMap(({ key, usual }) => [
      [`goal-${key}`, judged.get(key)?.reached ?? usual],
      [`goal-${key}-note`, judged.get(key)?.note ?? ''],
    ]),
    ...going.flatMap(({ id }) => [
      [`measure-${id}`, told.get(id)?.outcome ?? ''],
      [`measure-${id}-whom`, told.get(id)?.whom ?? ''],
    ]),
    ...filled.flatMap(({ sector, name, phone }) => [
      [`contact-${sector}`, name],
      [`contact-${sector}-phone`, phone],
    ]),
    ...(['reason', 'reasonText', 'ownView', 'ownViewMissing'] as const).map((name) => [name, closing?.[name] ?? '']),
    ['cancelMeetings', closing?.cancelMeetings ? 'on' : ''],
    ['closesOn', day],
  ]);
}

/** The form of how a case is to end; `changed` when somebody else has saved meanwhile, with what they saved. */
export function preparePage(facts: Facts, form: Form | null, now: IsoInstant, changed: boolean) {
  const { found, goals, going, meetings, closing } = facts;
  return {
    found,
    was: versionOf(closing),
    changed,
    saved: changed && closing && told(closing, closing),
    form: form ?? { values: valuesOf(facts, now), errors: {} },
    reasons: closingCodes.map((code) => code),
    reaches,
    outcomes: measureOutcomes,
    goals: goals.map(({ key, text }) => ({ text, field: `goal-${key}`, note: `goal-${key}-note` })),
    measures: going.map(({ id, number, text }) => ({
      ...{ number, text, field: `measure-${id}`, whom: `measure-${id}-whom` },
    })),
    sectors: sectors.map((sector) => ({
      ...{ sector, name: `contact-${sector}`, phone: `contact-${sector}-phone`, required: sector === 'fk' },
    })),
    ahead: meetings.filter(({ state }) => mayArrange(state)).length,
    held: meetings.some(({ state }) => state === 'held'),
  };
}

/** How a case is to end, before it is closed: to be read by the person, and closed or undone by the officer. */
export function preparedPage(
  facts: Facts & { closing: NonNullable<Facts['closing']> },
  reader: { self: boolean; acts: boolean; account: boolean },
  now: IsoInstant,
) {
  const { found, closing } = facts;
  const allowed = mayClose(closing, { ...facts, measures: facts.measures }, now);
  return {
    ...{ caseId: found.id, caseNumber: found.number, name: found.individual.name, ...reader },
    ...told(closing, closing),
    was: versionOf(closing),
    state: 'closing' as const,
    closesOn: closing.closesOn,
    mayClose: reader.acts && allowed.ok,
    blocked: reader.acts && !allowed.ok ? allowed.code : '',
    cancels: closing.cancelMeetings ? facts.meetings.filter(({ state }) => mayArrange(state)).length : 0,
    ...{ number: '', closedAt: '', closedBy: '', corrected: '' },
  };
}

/** How a case was closed. */
export function closedPage(content: Sealed<ClosingContent>, reader: { caseId: string; self: boolean }) {
  const { document, closing, texts } = content;
  const read = { ...content, reason: closing.reason };
  return {
    ...{ ...reader, caseNumber: document.caseNumber, name: content.individual.name, acts: false },
    ...told(read, texts),
    was: '',
    state: 'closed' as const,
    ...{ closesOn: '', mayClose: false, blocked: '', cancels: 0 },
    ...{ number: document.number, closedAt: document.closedAt, closedBy: document.closedBy },
    corrected: correctedOn(content) ?? '',
  };
}

/** What is told of an end, prepared or done. */
function told(
  closing: Pick<Closing, 'reason' | 'contacts'> & {
    goals: readonly { text: string; reached: string; note: string }[];
    measures: readonly { number: number; text: string; outcome: string; whom: string }[];
  },
  {
    reasonText = '',
    ownView = '',
    ownViewMissing = '',
  }: Partial<Record<'reasonText' | 'ownView' | 'ownViewMissing', string>>,
) {
  return {
    reason: closing.reason,
    ...{ reasonText, ownView, ownViewMissing },
    ...{ goals: closing.goals, measures: closing.measures, contacts: closing.contacts },
    again: firstContact(closing.contacts),
  };
}
