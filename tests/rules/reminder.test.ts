import { describe, expect, test } from 'vitest';
import { dueReminder, firstReminder, reminderFor, remindersOf } from '../../src/features/reminder/rules.ts';

/** Instants as 'YYYY-MM-DD HH:MM' in UTC. */
const utc = (text: string) => `${text.replace(' ', 'T')}:00.000Z`;
const short = (instant: string) => instant.slice(0, 16).replace('T', ' ');

describe('a meeting is reminded of seven and two working days before at eight, and the afternoon before at one', () => {
  test.each<[why: string, startsAt: string, reminders: [string, string, string]]>([
    ['winter', '2026-12-17 12:00', ['2026-12-08 07:00', '2026-12-15 07:00', '2026-12-16 12:00']],
    [
      'summer, a Monday: on the Friday',
      '2027-08-16 11:00',
      ['2027-08-05 06:00', '2027-08-12 06:00', '2027-08-13 11:00'],
    ],
    ['a Saturday', '2027-08-14 08:00', ['2027-08-05 06:00', '2027-08-12 06:00', '2027-08-13 11:00']],
    [
      'the clock goes forward between, and it is Easter',
      '2027-03-30 08:00',
      ['2027-03-17 07:00', '2027-03-24 07:00', '2027-03-25 12:00'],
    ],
    [
      'on the day the clock goes forward',
      '2027-03-28 08:00',
      ['2027-03-17 07:00', '2027-03-24 07:00', '2027-03-25 12:00'],
    ],
    ['just after that', '2027-04-01 06:00', ['2027-03-19 07:00', '2027-03-30 06:00', '2027-03-31 11:00']],
    ['the clock goes back between', '2027-11-03 08:00', ['2027-10-25 06:00', '2027-11-01 07:00', '2027-11-02 12:00']],
    [
      'in the hour that comes twice, the first time',
      '2027-10-31 00:30',
      ['2027-10-21 06:00', '2027-10-28 06:00', '2027-10-29 11:00'],
    ],
    ['in that hour, the second time', '2027-10-31 01:30', ['2027-10-21 06:00', '2027-10-28 06:00', '2027-10-29 11:00']],
    ['after Christmas', '2026-12-28 08:00', ['2026-12-15 07:00', '2026-12-22 07:00', '2026-12-23 12:00']],
    ['after New Year and Epiphany', '2027-01-07 08:00', ['2026-12-22 07:00', '2027-01-04 07:00', '2027-01-05 12:00']],
    ['after Midsummer', '2027-06-28 08:00', ['2027-06-16 06:00', '2027-06-23 06:00', '2027-06-24 11:00']],
    ['after Ascension Day', '2027-05-07 08:00', ['2027-04-27 06:00', '2027-05-04 06:00', '2027-05-05 11:00']],
    [
      'just after midnight, which is the day before in UTC',
      '2026-12-16 23:15',
      ['2026-12-08 07:00', '2026-12-15 07:00', '2026-12-16 12:00'],
    ],
  ])('%s', (_why, startsAt, reminders) => {
    expect(remindersOf(utc(startsAt)).map(short)).toEqual(reminders);
  });
});

// Reminders of a meeting on Thursday 17 December 2026: Tuesday the 8th, Tuesday the 15th, Wednesday the 16th.
const startsAt = utc('2026-12-17 12:00');
const [seven = '', two = '', afternoon = ''] = remindersOf(startsAt);

describe('a time that is fixed or changed', () => {
  test.each<[now: string, first: string | null]>([
    ['2026-11-23 09:00', seven],
    ['2026-12-07 22:59', seven],
    // From midnight in Stockholm it is the same day, and they have just been told.
    ['2026-12-07 23:00', two],
    ['2026-12-14 12:00', two],
    ['2026-12-15 05:00', afternoon],
    ['2026-12-16 08:00', null],
    ['2026-12-17 08:00', null],
    ['2026-12-18 08:00', null],
  ])('at %s is first reminded of at %s', (now, first) => {
    expect(firstReminder(startsAt, utc(now))).toBe(first);
  });
});

describe('what is due', () => {
  test.each<[now: string, due: string | null, next: string | null]>([
    ['2026-12-08 06:59', null, seven],
    ['2026-12-08 07:00', seven, two],
    ['2026-12-14 23:00', seven, two],
    ['2026-12-15 07:00', two, afternoon],
    // After a stop: the latest alone.
    ['2026-12-16 11:59', two, afternoon],
    ['2026-12-16 12:00', afternoon, null],
    ['2026-12-17 11:59', afternoon, null],
    ['2026-12-17 12:00', null, null],
    ['2026-12-20 12:00', null, null],
  ])('at %s', (now, due, next) => {
    expect(dueReminder(startsAt, utc(now))).toEqual({ due, next });
  });
});

const meeting = {
  ...({ kind: 'reconciliation', state: 'scheduled', startsAt, sequence: 1, wantsReminders: true } as const),
  individual: { protectedIdentity: false },
};
const one = {
  ...({ party: 'PV', view: 'yes', answer: 'accepted', sentSequence: 1, delivery: 'sent' } as const),
  ...{ person: { email: 'a@b.example' }, verifiedAt: seven, removedAt: null },
};
type Meeting = Parameters<typeof reminderFor>[0];
type One = Parameters<typeof reminderFor>[1];

describe('who is reminded of what', () => {
  test.each<
    [why: string, reminder: 'meeting' | 'answer' | null, meeting: Partial<Meeting>, one: Partial<One>, now?: string]
  >([
    ['has said yes', 'meeting', {}, {}],
    ['has said maybe', 'meeting', {}, { answer: 'tentative' }],
    ['has not answered', 'answer', {}, { answer: 'needs_action' }],
    ['has said no', null, {}, { answer: 'declined' }],
    ['was invited after others, by a higher number', 'meeting', {}, { sentSequence: 3 }],
    ['was not told of the new time', null, {}, { sentSequence: 0 }],
    ['is not invited', null, {}, { sentSequence: null }],
    ['is removed', null, {}, { removedAt: seven }],
    ['has no e-mail', null, {}, { person: { email: '' } }],
    ['has an address that nobody verified', null, {}, { verifiedAt: null }],
    ['has an address that took no mail', null, {}, { delivery: 'bounced' }],
    ['is somebody the person said no to', null, {}, { view: 'no' }],
    ['is somebody the person wants to talk about first', 'meeting', {}, { view: 'talk_first' }],
    ['the same, where a yes is needed', null, { kind: 'sip' }, { view: 'talk_first' }],
    ['is the person', 'meeting', {}, { party: 'PERSON', view: 'not_asked' }],
    ['is the person and wants none', null, { wantsReminders: false }, { party: 'PERSON' }],
    ['is another than the person who wants none', 'meeting', { wantsReminders: false }, {}],
    ['protected identity', null, { individual: { protectedIdentity: true } }, {}],
    ...(['planning', 'proposed', 'held', 'minuted', 'cancelled'] as const).map(
      (state): [string, null, Partial<Meeting>, Partial<One>] => [state, null, { state }, {}],
    ),
    ['no time', null, { startsAt: null }, {}],
    ['a minute before', 'meeting', {}, {}, '2026-12-17 11:59'],
    ['it has begun', null, {}, {}, '2026-12-17 12:00'],
  ])('%s: %s', (_why, reminder, about, who, now = '2026-12-16 12:00') => {
    expect(reminderFor({ ...meeting, ...about }, { ...one, ...who }, utc(now))).toBe(reminder);
  });
});
