import { describe, expect, test } from 'vitest';
import { rights } from '../../src/features/account/rules.ts';
import { readClosing } from '../../src/features/closing/input.ts';
import {
  closingCodes,
  contentOf,
  goalsToJudge,
  isGoing,
  mayClose,
  moveCase,
  usualDay,
} from '../../src/features/closing/rules.ts';
import { faultsOf, sealContent, sectionsOf, verifyDocument } from '../../src/features/filing/document/rules.ts';
import {
  followUpKind,
  isAhead,
  nextAfter,
  nextStep,
  staysVerified,
  viewAfter,
} from '../../src/features/followup/rules.ts';
import { contactsOf } from '../../src/features/meeting/contact/rules.ts';
import { type MeetingState, meetingKindCodes, meetingKinds } from '../../src/features/meeting/rules.ts';
import { type Action, nobody, nothingBeside, type User } from '../../src/kernel/access.ts';
import { viewsDir } from '../../src/platform/web/render.ts';
import { loadTexts } from '../../src/platform/web/text.ts';

const now = '2026-11-25T09:00:00.000Z';
const today = '2026-11-25';

describe('what comes after a meeting, before its minutes are final', () => {
  const ahead = '2026-12-15';
  test.each<[string, boolean, boolean, string | null, 'book' | 'none' | null, string, string]>([
    // what, booked, closing, day in the minutes, choice, reason, outcome
    ['a meeting lies ahead', true, false, null, null, '', 'booked'],
    ['a meeting lies ahead, and a reason is given all the same', true, false, ahead, 'none', 'Nej', 'booked'],
    ['a meeting lies ahead, and another is asked for', true, false, ahead, 'book', '', 'booked'],
    ['the case ends', false, true, null, null, '', 'closing'],
    ['the case ends, and a follow-up is asked for', false, true, ahead, 'book', '', 'book'],
    ['nothing at all', false, false, null, null, '', 'follow_up_needed'],
    ['a reason', false, false, null, null, 'Bokas sedan.', 'reason'],
    ['a reason and a day', false, false, ahead, null, 'Bokas sedan.', 'reason'],
    ['a day and no choice', false, false, ahead, null, '', 'book'],
    ['today and no choice', false, false, today, null, '', 'book'],
    ['a day that has passed', false, false, '2026-11-24', null, '', 'follow_up_needed'],
    ['book it', false, false, ahead, 'book', '', 'book'],
    ['book it without a day', false, false, null, 'book', '', 'follow_up_day'],
    ['book it on a day that has passed', false, false, '2026-11-24', 'book', 'x', 'follow_up_day'],
    ['none, and no reason', false, false, ahead, 'none', '', 'follow_up_needed'],
    ['none, with a reason', false, false, ahead, 'none', 'Personen vill vänta.', 'reason'],
  ])('%s', (_name, booked, closing, day, choice, reason, outcome) => {
    const step = nextStep({ booked, closing, day, today }, { choice, reason });
    expect(step.ok ? step.value : step.code).toBe(outcome);
  });

  test.each<[MeetingState, string | null, string | null, boolean]>([
    ['scheduled', '2026-11-25T09:30:00.000Z', null, true],
    ['scheduled', '2026-11-25T08:59:00.000Z', null, false],
    ['proposed', null, null, true],
    ['planning', null, null, true],
    ['planning', null, today, true],
    ['planning', null, '2026-11-24', false],
    ['held', '2026-11-26T09:30:00.000Z', null, false],
    ['minuted', '2026-11-26T09:30:00.000Z', null, false],
    ['cancelled', '2026-11-26T09:30:00.000Z', null, false],
  ])('a meeting that is %s and ends %s, planned for %s: ahead %s', (state, endsAt, plannedFor, expected) => {
    expect(isAhead({ state, startsAt: endsAt, endsAt, plannedFor }, now)).toBe(expected);
  });

  test('the soonest of those ahead follows, and never the meeting itself', () => {
    const one = (id: string, startsAt: string | null, plannedFor: string | null) => ({
      ...{ id, startsAt, endsAt: startsAt, plannedFor },
      state: startsAt ? ('scheduled' as const) : ('planning' as const),
    });
    const meetings = [one('a', null, null), one('b', '2026-12-20T09:00:00.000Z', null), one('c', null, '2026-12-10')];
    expect(nextAfter(meetings, 'x', now)?.id).toBe('c');
    expect(nextAfter(meetings, 'c', now)?.id).toBe('b');
    expect(nextAfter([one('a', null, null)], 'a', now)).toBeNull();
  });

  test('a kind with a hard gate is followed up as itself, and takes no yes along', () => {
    for (const kind of meetingKindCodes) {
      const gate = meetingKinds[kind].yesNeeded;
      expect(followUpKind(kind)).toBe(gate ? kind : 'follow_up');
      expect(viewAfter(kind, 'yes')).toBe(gate ? 'not_asked' : 'yes');
      for (const view of ['no', 'talk_first', 'not_asked'] as const) expect(viewAfter(kind, view)).toBe(view);
    }
    // A SIP's follow-up has the gate that the SIP has.
    expect(meetingKinds[followUpKind('sip')].yesNeeded).toBe(true);
  });

  test.each([
    ['AF', now, 'sent', null, true],
    ['AF', null, 'sent', null, false],
    ['AF', now, 'bounced', null, false],
    ['AF', now, 'sent', 'Ring inte hem.', true],
    ['PERSON', now, 'sent', null, true],
    ['PERSON', now, 'sent', 'Ring inte hem.', false],
  ] as const)('the address of %s, verified %s and %s, unsafe %s: stays verified %s', (party, verifiedAt, delivery, unsafe, stays) => {
    expect(staysVerified({ party, verifiedAt, delivery }, unsafe)).toBe(stays);
  });
});

describe('a case comes to its end', () => {
  test.each([
    ['open', 'closing', 'not_now', 'not_now'],
    ['closing', 'closing', 'open', 'closed'],
    ['closed', 'not_now', 'not_now', 'not_now'],
    ['disposed', 'not_now', 'not_now', 'not_now'],
  ] as const)('%s: prepare → %s, undo → %s, close → %s', (state, prepare, undo, close) => {
    const to = (move: 'prepare' | 'undo' | 'close') => {
      const moved = moveCase(state, move);
      return moved.ok ? moved.value : moved.code;
    };
    expect([to('prepare'), to('undo'), to('close')]).toEqual([prepare, undo, close]);
  });

  const prepared = {
    closesOn: today,
    cancelMeetings: false,
    measures: [{ id: 'm1', number: 1, text: 'x', outcome: 'goes_on' as const, whom: 'AF' }],
    goals: [{ key: 'g1', text: 'x', reached: 'yes' as const, note: '' }],
  };
  const calm = { meetings: [], measures: [{ id: 'm1', state: 'ongoing' as const }], goals: [{ key: 'g1' }] };
  test.each<[string, object, object, string]>([
    ['its day has come', {}, {}, 'yes'],
    ['its day has not', { closesOn: '2026-11-26' }, {}, 'not_yet'],
    ['minutes are being written', { cancelMeetings: true }, { meetings: [{ state: 'held' }] }, 'minutes_open'],
    ['meetings that are over', {}, { meetings: [{ state: 'minuted' }, { state: 'cancelled' }] }, 'yes'],
    ...(['planning', 'proposed', 'scheduled'] as const).flatMap((state): [string, object, object, string][] => [
      [`a meeting is ${state}`, {}, { meetings: [{ state }] }, 'meetings_ahead'],
      [`a meeting is ${state}, to be called off`, { cancelMeetings: true }, { meetings: [{ state }] }, 'yes'],
    ]),
    ['a measure has come', {}, { measures: [{ id: 'm2', state: 'planned' }] }, 'measures_open'],
    ['one has come and ended', {}, { measures: [{ id: 'm2', state: 'done' }] }, 'yes'],
    ['a changed one goes on', {}, { measures: [{ id: 'm2', state: 'changed' }] }, 'measures_open'],
    ['a goal has come', {}, { goals: [{ key: 'g1' }, { key: 'g2' }] }, 'goals_open'],
  ])('can be closed: %s', (_name, closing, facts, expected) => {
    const may = mayClose({ ...prepared, ...closing }, { ...calm, ...facts } as never, now);
    expect(may.ok ? 'yes' : may.code).toBe(expected);
  });

  test('only what has not ended must be told of', () => {
    const states = ['draft', 'planned', 'ongoing', 'done', 'not_done', 'changed'] as const;
    expect(states.filter((state) => isGoing({ state }))).toEqual(['planned', 'ongoing', 'changed']);
  });

  test('the plan’s goal and sub-goals are judged, those that were checked off as reached', () => {
    const sub = { key: 'k', text: 'Cykla', reachedOn: '2026-11-01' };
    expect(
      goalsToJudge('Jobba', [sub, { ...sub, key: 'l', reachedOn: null }]).map(({ text, usual }) => [text, usual]),
    ).toEqual([
      ['Jobba', ''],
      ['Cykla', 'yes'],
      ['Cykla', ''],
    ]);
    expect(goalsToJudge('', [])).toEqual([]);
  });

  test('the person has two weeks unless the officer says otherwise', () => expect(usualDay(now)).toBe('2026-12-09'));

  const good = {
    reason: 'not_needed',
    ownView: 'Det känns bra.',
    'contact-fk': 'Sara Lindqvist',
    'contact-fk-phone': '08-465 004 00',
    closesOn: today,
    'goal-g1': 'partly',
    'measure-m1': 'goes_on',
    'measure-m1-whom': 'Arbetsgivaren',
  };
  const toTell = { goals: [{ key: 'g1', text: 'Jobba' }], measures: [{ id: 'm1', number: 1, text: 'Ny stol' }] };
  test.each<[string, Record<string, string>, string | null]>([
    ['whole', {}, null],
    ['no reason', { reason: '' }, 'reason'],
    ['a reason that is none', { reason: 'diagnosis' }, 'reason'],
    ['another reason without words', { reason: 'other' }, 'reasonText'],
    ['another reason in words', { reason: 'other', reasonText: 'Flyttar' }, null],
    ['no view of the person’s', { ownView: '' }, 'ownView'],
    ['why they could not be asked', { ownView: '', ownViewMissing: 'Svarar inte.' }, null],
    ['a goal that is not judged', { 'goal-g1': '' }, 'goal-g1'],
    ['a measure that is not told of', { 'measure-m1': '' }, 'measure-m1'],
    ['a measure that goes on with nobody', { 'measure-m1-whom': '' }, 'measure-m1-whom'],
    ['a measure that ends', { 'measure-m1': 'done', 'measure-m1-whom': '' }, null],
    ['nobody at FK', { 'contact-fk': '' }, 'contact-fk'],
    ['a contact without a number', { 'contact-af': 'Bo Ek' }, 'contact-af-phone'],
    ['a contact whose number is none', { 'contact-af': 'Bo Ek', 'contact-af-phone': 'växeln' }, 'contact-af-phone'],
    ['a day that has passed', { closesOn: '2026-11-24' }, 'closesOn'],
    ['no day', { closesOn: '' }, 'closesOn'],
  ])('the form: %s', (_name, change, wrong) => {
    const read = readClosing({ ...good, ...change }, toTell, now);
    expect(read.ok ? null : Object.keys(read.errors)[0]).toBe(wrong);
  });

  test('words of another reason are not kept beside a known one', () => {
    const read = readClosing({ ...good, reasonText: 'Har blivit frisk', ownViewMissing: 'x' }, toTell, now);
    expect(read.ok && [read.value.reasonText, read.value.ownViewMissing]).toEqual(['', '']);
  });

  test('every reason has words, and none of them is medical', () => {
    const { t } = loadTexts(`${viewsDir}text`);
    for (const code of closingCodes) expect(t(`close.${code}`)).not.toMatch(/diagnos|medicin|hälsa/i);
  });

  test('the document holds what was written, and every section of it is bound', () => {
    const read = readClosing(good, toTell, now);
    if (!read.ok) throw new Error('form');
    const facts = {
      found: { number: '2026/000012', openedAt: now, individual: { name: 'Tove Ask', number: null } },
      contact: { unit: 'Enheten' },
      measures: [{ id: 'm1', carriedOutBy: 'ARBG' as const, person: 'Eva' }],
    };
    const content = contentOf(facts, read.value, { position: 3, closedAt: now, closedBy: 'Sara Lindqvist' });
    expect(content.document).toMatchObject({ kind: 'closing', number: '2026/000012-3', position: 3 });
    expect(content.texts).toEqual({ ownView: 'Det känns bra.' });
    expect(content.goals).toEqual([{ text: 'Jobba', reached: 'partly', note: '' }]);
    expect(content.measures).toMatchObject([{ outcome: 'goes_on', whom: 'Arbetsgivaren', carriedOutBy: 'ARBG' }]);
    let salt = 0;
    const sealed = sealContent(content, 'f'.repeat(64), () => `s${salt++}`);
    expect(verifyDocument(sealed)).toBe(true);
    expect(sectionsOf(content).length).toBe(Object.keys(sealed.sections).length);
    expect(verifyDocument({ ...sealed, closing: { reason: 'other' } } as never)).toBe(false);
    const filed = {
      ...{ id: 'd', caseId: 'c', position: 3, hash: sealed.hash, previousHash: sealed.previousHash, sealed: true },
      ...{ content: sealed, attached: sealed, approved: {} },
    };
    expect(faultsOf(filed, { caseId: 'c', position: 2, hash: 'f'.repeat(64) })).toEqual([]);
    expect(faultsOf(filed, { caseId: 'c', position: 2, hash: 'e'.repeat(64) })).toEqual(['chain']);
  });
});

test('contacts: the officer for FK, of each other sector whoever took part last, rather with a number', () => {
  const known = (party: 'AF' | 'PV' | 'ARBG' | 'FACK' | 'PERSON', name: string, phone = '') => ({
    party,
    person: { name, phone },
  });
  const officer = { name: 'Sara', phone: '1' };
  expect(contactsOf(officer, [])).toEqual([{ sector: 'fk', name: 'Sara', phone: '1' }]);
  const all = [
    known('AF', 'Ny'),
    known('AF', 'Äldre', '2'),
    known('PV', 'Vera'),
    known('FACK', 'Bo'),
    known('PERSON', 'Tove', '3'),
  ];
  expect(contactsOf(officer, all).map(({ sector, name }) => `${sector} ${name}`)).toEqual([
    'fk Sara',
    'af Äldre',
    'care Vera',
  ]);
});

describe('a case that is closed is only read', () => {
  const of = { ...nobody, unitId: 'here', officerId: 'fk', individualUserId: 'i', caseId: 'c' };
  const officer: User = {
    ...nothingBeside,
    ...{
      kind: 'user',
      id: 'fk',
      role: 'officer',
      fk: true,
      party: 'FK',
      organisationId: 'FK',
      unitId: 'here',
      name: 'x',
    },
  };
  const changes: Action[] = [
    ...(['case.open_meeting', 'case.close', 'case.days', 'meeting.arrange', 'minutes.write'] as const),
    ...(['minutes.finalise', 'measure.report', 'plan.check_off', 'consent.give', 'participation.note_answer'] as const),
  ];
  const stays: Action[] = [
    'case.see',
    'case.assign',
    'meeting.see',
    'document.read',
    'release.make',
    'correction.propose',
  ];
  test.each(changes)('%s ends with it', (action) => {
    expect(rights(action, officer, of).verdict).toBe('allowed');
    expect(rights(action, officer, { ...of, closed: true }).verdict).toBe('forbidden');
  });
  test.each(stays)('%s goes on', (action) => {
    expect(rights(action, officer, { ...of, closed: true }).verdict).toBe('allowed');
  });
});
