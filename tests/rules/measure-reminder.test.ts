import { describe, expect, test } from 'vitest';
import {
  afterDecision,
  afterOfficer,
  afterOwner,
  agendaOf,
  heldBefore,
  moreUrgent,
  type OwnReport,
  ownerOf,
  type Standing,
  signalOf,
  waitingDue,
} from '../../src/features/plan/owner/rules.ts';
import {
  dueReminder,
  firstReminder,
  mayRemindAt,
  nextMorning,
  reachOwner,
  remindersOf,
} from '../../src/features/plan/reminder/rules.ts';
import { type MeasureReport, measureStatuses } from '../../src/features/plan/rules.ts';
import { addDays, stockholmLocal } from '../../src/kernel/time.ts';
import { isWorkingDay } from '../../src/kernel/working-days.ts';
import { participant } from '../support/participant.ts';

/** Whom a measure is reminded of to, when, and how it stands after what its owner and the officer say. */

const days = (due: string) => remindersOf(due).map(({ at, to }) => `${stockholmLocal(at)} ${to}`);

describe('the reminders of a day', () => {
  test.each<[what: string, due: string, owner: string[], officer: string]>([
    ['a Thursday', '2026-12-03', ['2026-11-26', '2026-12-02', '2026-12-03', '2026-12-04', '2026-12-10'], '2026-12-11'],
    ['a Monday', '2026-11-30', ['2026-11-23', '2026-11-27', '2026-11-30', '2026-12-01', '2026-12-07'], '2026-12-08'],
    // On a free day: the working day before it, which the day before is too; after it the working day after.
    ['a Saturday', '2026-11-28', ['2026-11-20', '2026-11-27', '2026-11-30', '2026-12-07'], '2026-12-08'],
    ['a Friday', '2026-11-27', ['2026-11-20', '2026-11-26', '2026-11-27', '2026-11-30', '2026-12-04'], '2026-12-07'],
    ['Christmas Day', '2026-12-25', ['2026-12-18', '2026-12-23', '2026-12-28', '2027-01-04'], '2027-01-05'],
    ['Good Friday', '2027-03-26', ['2027-03-19', '2027-03-25', '2027-03-30', '2027-04-02'], '2027-04-05'],
    ['Midsummer Eve', '2027-06-25', ['2027-06-18', '2027-06-24', '2027-06-28', '2027-07-02'], '2027-07-05'],
    // The clock changes on Sunday 28 March and Sunday 31 October 2027.
    ['the day in spring', '2027-03-28', ['2027-03-19', '2027-03-25', '2027-03-30', '2027-04-05'], '2027-04-06'],
    ['the day in autumn', '2027-10-31', ['2027-10-22', '2027-10-29', '2027-11-01', '2027-11-08'], '2027-11-09'],
  ])('%s', (_what, due, owner, officer) => {
    expect(days(due)).toEqual([...owner.map((day) => `${day}T08:00 owner`), `${officer}T08:00 officer`]);
  });

  test('of every day of two years are mornings of working days, each later than the one before it', () => {
    for (let due = '2026-01-01'; due < '2028-01-01'; due = addDays(due, 1)) {
      const all = remindersOf(due);
      for (const { at } of all) {
        expect(stockholmLocal(at).slice(11)).toBe('08:00');
        expect(isWorkingDay(stockholmLocal(at).slice(0, 10)), `${due} ${at}`).toBe(true);
        expect(mayRemindAt(at)).toBe(true);
      }
      const times = all.map(({ at }) => at);
      expect([...new Set(times)].sort()).toEqual(times);
      expect(all.filter(({ to }) => to === 'officer')).toHaveLength(1);
      expect(all.at(-1)?.to).toBe('officer');
    }
  });

  const due = '2026-12-03';
  test.each<[now: string, to: string | null, next: string | null]>([
    ['2026-11-26T06:59:59.999Z', null, '2026-11-26'],
    ['2026-11-26T07:00:00.000Z', 'owner', '2026-12-02'],
    // Asleep over several: the latest alone.
    ['2026-12-08T12:00:00.000Z', 'owner', '2026-12-10'],
    ['2026-12-11T07:00:00.000Z', 'officer', null],
    ['2027-02-01T07:00:00.000Z', 'officer', null],
  ])('at %s: %s', (now, to, next) => {
    const found = dueReminder(due, now);
    expect(found.to).toBe(to);
    expect(found.next && stockholmLocal(found.next).slice(0, 10)).toBe(next);
  });

  test.each<[due: string | null, now: string, first: string | null]>([
    [null, '2026-11-23T09:00:00.000Z', null],
    [due, '2026-11-23T09:00:00.000Z', '2026-11-26'],
    // Told of today, whatever the hour.
    [due, '2026-11-26T05:00:00.000Z', '2026-12-02'],
    [due, '2026-12-10T05:00:00.000Z', '2026-12-11'],
    [due, '2026-12-11T05:00:00.000Z', null],
  ])('%s, agreed at %s, is first reminded of on %s', (day, now, first) => {
    const found = firstReminder(day, now);
    expect(found && stockholmLocal(found).slice(0, 10)).toBe(first);
  });

  test.each<[now: string, may: boolean]>([
    ['2026-11-23T06:59:00.000Z', false],
    ['2026-11-23T07:00:00.000Z', true],
    ['2026-11-23T16:59:00.000Z', true],
    ['2026-11-23T17:00:00.000Z', false],
    ['2026-11-22T10:00:00.000Z', false],
    ['2026-12-24T10:00:00.000Z', false],
    // Summer time.
    ['2027-03-29T06:00:00.000Z', false],
    ['2027-03-30T06:00:00.000Z', true],
  ])('at %s anybody may be written to: %s', (now, may) => {
    expect(mayRemindAt(now)).toBe(may);
  });

  test('the next morning is of the next working day', () => {
    expect(nextMorning('2026-12-23T12:00:00.000Z')).toBe('2026-12-28T07:00:00.000Z');
  });
});

describe('how an owner is reached', () => {
  const anybody = { protectedIdentity: false, wantsReminders: true, accountEmail: '' };
  const account = { ...anybody, accountEmail: 'konto@verkstad.example.se' };
  const person = participant({ party: 'PERSON' });
  test.each<[what: string, Parameters<typeof reachOwner>, how: string, to: string | null]>([
    ['a verified address', [participant(), anybody], 'mail', 'lena@verkstad.example.se'],
    ['a verified address before that of the account', [participant(), account], 'mail', 'lena@verkstad.example.se'],
    ['nobody verified it', [participant({ verifiedAt: null }), anybody], 'call', null],
    ['nobody verified it, an account', [participant({ verifiedAt: null }), account], 'mail', account.accountEmail],
    ['it bounced', [participant({ delivery: 'bounced' }), anybody], 'call', null],
    ['it bounced, an account', [participant({ delivery: 'bounced' }), account], 'mail', account.accountEmail],
    ['the person said no to them', [participant({ view: 'no' }), account], 'call', null],
    ['removed', [participant({ removedAt: '2026-11-23T09:00:00.000Z' }), account], 'call', null],
    ['a protected identity', [participant(), { ...account, protectedIdentity: true }], 'call', null],
    ['nobody known', [null, anybody], 'call', null],
    ['the person', [person, anybody], 'mail', 'lena@verkstad.example.se'],
    ['the person wants none', [person, { ...account, wantsReminders: false }], 'none', null],
    [
      'the person wants none, somebody else does',
      [participant(), { ...anybody, wantsReminders: false }],
      'mail',
      'lena@verkstad.example.se',
    ],
  ])('%s', (_what, given, how, to) => {
    expect(reachOwner(...given)).toEqual({ how, to });
  });
});

test.each<[what: string, carriedOutBy: 'ARBG' | 'FK' | 'AF', person: string, owner: string | null]>([
  ['the name that was written', 'ARBG', ' anna  EK', 'anna'],
  ['one of several, no name', 'ARBG', '', null],
  ['several and another name', 'ARBG', 'Bo Alm', null],
  ['the only one, whatever the name', 'AF', 'Bo Alm', 'af'],
  ['FK’s is whoever has the case', 'FK', 'Sara Lind', null],
])('who carries it out: %s', (_what, carriedOutBy, person, owner) => {
  const one = (id: string, party: 'ARBG' | 'FK' | 'AF', name: string) =>
    participant({ id, party, person: { name, title: '', organisation: '', email: '', phone: '' } });
  const all = [
    one('anna', 'ARBG', 'Anna Ek'),
    one('eva', 'ARBG', 'Eva Ö'),
    one('af', 'AF', 'Eva Ö'),
    one('fk', 'FK', 'Sara Lind'),
  ];
  expect(ownerOf({ carriedOutBy, person }, all)).toBe(owner);
});

const at = { now: '2026-12-03T09:00:00.000Z', today: '2026-12-03' };
const was: Standing = {
  state: 'planned',
  due: '2026-12-10',
  askedDue: null,
  endedAt: null,
  signal: null,
  signalOn: null,
};
const report: OwnReport = { status: 'ongoing', note: '', obstacle: '', proposedDue: null, meet: false };
const waits: Standing = { ...was, askedDue: '2027-01-15', signal: 'date', signalOn: '2026-12-01' };

describe('how a measure stands after', () => {
  test.each<[what: string, Standing, Partial<OwnReport>, Partial<Standing>]>([
    ['it goes as agreed', was, {}, { state: 'ongoing' }],
    ['it is done', was, { status: 'done' }, { state: 'done', endedAt: at.now }],
    [
      'it is done, said again',
      { ...was, state: 'done', endedAt: 'then' },
      { status: 'done' },
      { state: 'done', endedAt: 'then' },
    ],
    ['it goes on after all', { ...was, state: 'done', endedAt: 'then' }, {}, { state: 'ongoing', endedAt: null }],
    [
      'it came to nothing',
      was,
      { status: 'not_done' },
      { state: 'not_done', endedAt: at.now, signal: 'not_done', signalOn: at.today },
    ],
    [
      'it was changed',
      was,
      { status: 'changed' },
      { state: 'changed', endedAt: at.now, signal: 'changed', signalOn: at.today },
    ],
    ['something in the way', was, { obstacle: 'x' }, { state: 'ongoing', signal: 'obstacle', signalOn: at.today }],
    ['to be met about', was, { obstacle: 'x', meet: true }, { state: 'ongoing', signal: 'meet', signalOn: at.today }],
    [
      'more time, the old day stands',
      was,
      { proposedDue: '2027-01-15' },
      { state: 'ongoing', askedDue: '2027-01-15', signal: 'date', signalOn: at.today },
    ],
    ['a day that waits, nothing new', waits, {}, { ...waits, state: 'ongoing' }],
    ['a day that waits, done meanwhile', waits, { status: 'done' }, { state: 'done', endedAt: at.now }],
    [
      'what nobody looked at stays',
      { ...was, signal: 'meet', signalOn: '2026-12-01' },
      {},
      { state: 'ongoing', signal: 'meet', signalOn: '2026-12-01' },
    ],
    [
      'nobody reached them, and they came',
      { ...was, signal: 'unreached', signalOn: '2026-12-01' },
      {},
      { state: 'ongoing' },
    ],
  ])('its owner says: %s', (_what, before, said, then) => {
    expect(afterOwner(before, { ...report, ...said }, at)).toEqual({ ...was, ...then });
  });

  test.each<[what: string, Standing, Partial<OwnReport>, Partial<Standing>]>([
    ['looked at', { ...was, signal: 'meet', signalOn: '2026-12-01' }, {}, { state: 'ongoing' }],
    ['a new day, granted at once', waits, { proposedDue: '2027-02-01' }, { state: 'ongoing', due: '2027-02-01' }],
    ['a day that waits goes on waiting', waits, {}, { ...waits, state: 'ongoing' }],
    ['not done, and they know', was, { status: 'not_done' }, { state: 'not_done', endedAt: at.now }],
  ])('the officer says: %s', (_what, before, said, then) => {
    expect(afterOfficer(before, { ...report, ...said }, at)).toEqual({ ...was, ...then });
  });

  test('a yes moves the day and a no does not; both end the question', () => {
    expect(afterDecision(waits, true)).toEqual({ ...was, due: '2027-01-15' });
    expect(afterDecision(waits, false)).toEqual(was);
    const more: Standing = { ...waits, signal: 'meet' };
    expect(afterDecision(more, true)).toMatchObject({ signal: 'meet', signalOn: '2026-12-01', askedDue: null });
  });

  test('the most pressing is what is shown', () => {
    expect(moreUrgent('date', 'meet')).toBe('meet');
    expect(moreUrgent(null, null)).toBeNull();
    for (const status of measureStatuses) {
      const deviates = status === 'not_done' || status === 'changed';
      expect(signalOf({ ...report, status })).toBe(deviates ? status : null);
    }
  });
});

const said = (change: Partial<MeasureReport>): MeasureReport => ({
  ...{ measureId: 'm', status: 'ongoing', note: '', obstacle: '', meet: false, proposedDue: null, grantedDue: null },
  ...{ decision: null, at: '2026-12-01T09:00:00.000Z', accountName: null },
  ...change,
});

test('the day that waits is the last one asked for and not answered', () => {
  const asked = said({ proposedDue: '2027-01-15' });
  expect(waitingDue('ongoing', [asked, said({})])).toBe('2027-01-15');
  expect(waitingDue('ongoing', [asked, said({ decision: 'refused' })])).toBeNull();
  expect(waitingDue('ongoing', [asked, said({ decision: 'granted', grantedDue: '2027-01-15' })])).toBeNull();
  expect(waitingDue('ongoing', [said({ proposedDue: '2027-01-15', grantedDue: '2027-01-15' })])).toBeNull();
  expect(waitingDue('done', [asked])).toBeNull();
  expect(waitingDue('ongoing', [asked, said({ status: 'done' }), said({})])).toBeNull();
});

test('the agenda holds what goes on, and what ended since the meeting before, with the news of each', () => {
  const news = said({ at: '2026-12-02T09:00:00.000Z' });
  const old = said({ at: '2026-11-01T09:00:00.000Z' });
  const one = (number: number, state: 'planned' | 'done', reports: MeasureReport[]) => ({
    number,
    state,
    reports,
    due: null,
  });
  const measures = [one(1, 'planned', [old]), one(2, 'done', [old]), one(3, 'done', [old, news])];
  const found = agendaOf({ measures, since: '2026-11-20T09:00:00.000Z' }, '2026-12-03');
  expect(found?.rows.map(({ number, news }) => [number, news.length])).toEqual([
    [1, 0],
    [3, 1],
  ]);
  expect(agendaOf({ measures: [one(2, 'done', [old])], since: '2026-11-20T09:00:00.000Z' }, '2026-12-03')).toBeNull();
});

test('a meeting follows up what was agreed at those held before it, also one that was called after it', () => {
  const held = [
    { id: 'a-first', heldAt: '2026-10-01T09:00:00.000Z' },
    { id: 'c-called-last', heldAt: '2026-11-01T09:00:00.000Z' },
    { id: 'd-held-last', heldAt: '2026-12-01T09:00:00.000Z' },
  ];
  expect(heldBefore(held.slice(0, 2), 'b-to-come')).toEqual({
    ids: ['a-first', 'c-called-last'],
    since: '2026-11-01T09:00:00.000Z',
  });
  expect(heldBefore(held, 'c-called-last')).toEqual({ ids: ['a-first'], since: '2026-10-01T09:00:00.000Z' });
  expect(heldBefore(held, 'a-first')).toEqual({ ids: [], since: null });
});
