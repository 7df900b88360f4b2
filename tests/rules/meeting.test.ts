import { describe, expect, it } from 'vitest';
import {
  gatesBeforeInvitation,
  lacksDoctor,
  type MeetingKind,
  type MeetingMove,
  type MeetingState,
  mayArrange,
  meetingKindCodes,
  meetingStates,
  missingForQuorum,
  moveMeeting,
  type PersonView,
  personViews,
  type QuorumNeed,
  unverified,
  viewAllows,
} from '../../src/features/meeting/rules.ts';
import { type Party, partyCodes } from '../../src/kernel/parties.ts';

describe('moves of a meeting (states.md)', () => {
  const listed: [MeetingState, MeetingMove, MeetingState][] = [
    ['planning', 'propose', 'proposed'],
    ['planning', 'fix_time', 'scheduled'],
    ['proposed', 'fix_time', 'scheduled'],
    ['scheduled', 'reschedule', 'scheduled'],
    ['planning', 'cancel', 'cancelled'],
    ['proposed', 'cancel', 'cancelled'],
    ['scheduled', 'cancel', 'cancelled'],
    ['scheduled', 'hold', 'held'],
    ['held', 'finalise', 'minuted'],
  ];
  const every: MeetingMove[] = ['propose', 'fix_time', 'reschedule', 'cancel', 'hold', 'finalise'];
  const cases = meetingStates.flatMap((from) => every.map((move) => [from, move] as const));

  it.each(cases)('%s: %s', (from, move) => {
    const to = listed.find((row) => row[0] === from && row[1] === move)?.[2];
    expect(moveMeeting(from, move)).toEqual(to ? { ok: true, value: to } : { ok: false, code: 'not_now' });
  });

  it.each(meetingStates)('%s: participants can change only before the meeting', (state) => {
    expect(mayArrange(state)).toBe(['planning', 'proposed', 'scheduled'].includes(state));
  });
});

describe('quorum (product.md "Meeting kinds")', () => {
  const cases: [MeetingKind, Party[], QuorumNeed[]][] = [
    ['reconciliation', ['PERSON', 'FK', 'ARBG'], []],
    ['reconciliation', ['PERSON', 'FK', 'NARST'], []],
    ['reconciliation', ['PERSON', 'FK'], ['other']],
    ['reconciliation', ['PERSON', 'FK', 'TOLK'], ['other']],
    ['reconciliation', ['PERSON', 'ARBG'], ['fk']],
    ['reconciliation', ['FK', 'ARBG'], ['person']],
    ['reconciliation', [], ['person', 'fk', 'other']],
    ['follow_up', ['PERSON', 'FK', 'PV'], []],
    ['follow_up', ['PERSON', 'FK'], ['other']],
    ['closing', ['PERSON', 'FK', 'AF'], []],
    ['closing', ['PERSON', 'AF'], ['fk']],
    ['joint_assessment', ['PERSON', 'FK', 'AF'], []],
    ['joint_assessment', ['PERSON', 'FK', 'ARBG'], ['af']],
    ['sip', ['PERSON', 'PV', 'SOC'], []],
    ['sip', ['PERSON', 'SPEC', 'KHSL'], []],
    ['sip', ['PERSON', 'SLUTV', 'SKOLA'], []],
    ['sip', ['PERSON', 'FK', 'PV'], ['kommun']],
    ['sip', ['PERSON', 'FK', 'SOC'], ['region']],
    ['multi_party', ['PERSON', 'ARBG', 'PV'], []],
    ['multi_party', ['PERSON', 'FK', 'ARBG'], []],
    ['multi_party', ['PERSON', 'ARBG'], ['two_others']],
    ['multi_party', ['PERSON', 'ARBG', 'TOLK'], ['two_others']],
  ];
  it.each(cases)('%s with %j lacks %j', (kind, invited, missing) => {
    expect(missingForQuorum(kind, invited)).toEqual(missing);
  });

  it('has a row for every kind, and everybody together is enough', () => {
    for (const kind of meetingKindCodes) expect(missingForQuorum(kind, partyCodes), kind).toEqual([]);
  });

  it('no doctor is pointed out where one may be needed, and only there', () => {
    expect(lacksDoctor('reconciliation', ['PERSON', 'FK', 'ARBG'])).toBe(true);
    expect(lacksDoctor('reconciliation', ['PERSON', 'FK', 'FHV'])).toBe(false);
    expect(lacksDoctor('sip', ['PERSON', 'SOC', 'REKO'])).toBe(false);
  });
});

describe('the person\'s view (states.md "Participation")', () => {
  const voluntary: MeetingKind[] = ['sip', 'multi_party'];
  const cases = meetingKindCodes.flatMap((kind) =>
    personViews.flatMap((view) => [null, 'Bråttom.'].map((reason) => [kind, view, reason] as const)),
  );
  it.each(cases)('%s, %s, reason %j', (kind, view, reason) => {
    const may: Record<PersonView, boolean> = {
      yes: true,
      no: false,
      talk_first: !voluntary.includes(kind) && reason !== null,
      not_asked: !voluntary.includes(kind) && reason !== null,
    };
    expect(viewAllows(kind, 'ARBG', view, reason)).toBe(may[view]);
    expect(viewAllows(kind, 'PERSON', view, reason)).toBe(true);
    expect(viewAllows(kind, 'FK', view, reason)).toBe(true);
  });
});

describe('gates before the invitation', () => {
  const participants = (['PERSON', 'FK', 'ARBG', 'PV', 'SOC'] as Party[]).map((party) => ({
    id: party,
    party,
    view: 'yes' as PersonView,
  }));
  const open = {
    kind: 'sip' as MeetingKind,
    state: 'scheduled' as MeetingState,
    hasTime: true,
    talked: true,
    goOnReason: null,
    participants,
  };

  it('are open when nothing is missing', () => {
    expect(gatesBeforeInvitation(open)).toEqual([]);
  });

  const closed: [string, Partial<typeof open> & { goOnReason?: string | null }, object[]][] = [
    ['no time', { hasTime: false }, [{ code: 'no_time' }]],
    ['only proposed', { state: 'proposed' }, [{ code: 'no_time' }]],
    ['no talk before a SIP', { talked: false }, [{ code: 'talk' }]],
    [
      'nobody from kommun',
      { participants: participants.filter(({ party }) => party !== 'SOC') },
      [{ code: 'quorum', need: 'kommun' }],
    ],
    [
      'a no',
      { participants: participants.map((one) => (one.party === 'PV' ? { ...one, view: 'no' as const } : one)) },
      [{ code: 'view', party: 'PV', participantId: 'PV' }],
    ],
  ];
  it.each(closed)('%s', (_, change, gates) => {
    expect(gatesBeforeInvitation({ ...open, ...change })).toEqual(gates);
  });

  it('a talk is no gate where the law does not make the meeting voluntary', () => {
    expect(gatesBeforeInvitation({ ...open, kind: 'reconciliation', talked: false })).toEqual([]);
  });

  it('passes over those whose address nobody has verified, and only them', () => {
    const person = (email: string) => ({ name: '', title: '', organisation: '', email, phone: '' });
    const at = '2026-11-23T09:00:00.000Z';
    const letter = { person: person(''), verifiedAt: null };
    const known = { person: person('a@b.example'), verifiedAt: at };
    const unknown = { person: person('a@b.example'), verifiedAt: null };
    expect(unverified([letter, known, unknown])).toEqual([unknown]);
  });
});
