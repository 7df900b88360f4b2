import { describe, expect, test } from 'vitest';
import {
  mayGiveNotice,
  mayWriteNotice,
  type Notice,
  type NoticeGiven,
  noticeApplies,
  noticeState,
  voluntaryText,
} from '../../src/features/meeting/notice/rules.ts';
import { type MeetingKind, meetingKindCodes, meetingStates } from '../../src/features/meeting/rules.ts';

/** Product.md 4: what FK requests under SFB 110:14, of somebody who receives benefit, and never anything voluntary. */
const table: Record<MeetingKind, { withBenefit: boolean; voluntary: 'sip' | 'other' | null }> = {
  reconciliation: { withBenefit: true, voluntary: null },
  follow_up: { withBenefit: true, voluntary: null },
  joint_assessment: { withBenefit: false, voluntary: null },
  closing: { withBenefit: false, voluntary: null },
  sip: { withBenefit: false, voluntary: 'sip' },
  multi_party: { withBenefit: false, voluntary: 'other' },
};

describe.each(meetingKindCodes)('a %s', (kind) => {
  const { withBenefit, voluntary } = table[kind];

  test('the information applies only to who gets benefit, and not where coming is voluntary', () => {
    expect(noticeApplies(kind, true)).toBe(withBenefit);
    expect(noticeApplies(kind, false)).toBe(false);
    expect(voluntaryText(kind)).toBe(voluntary);
  });

  test.each(meetingStates)('is written about while the meeting can still change: %s', (state) => {
    const open = ['planning', 'proposed', 'scheduled'].includes(state);
    expect(mayWriteNotice(kind, state).ok).toBe(withBenefit && open);
  });
});

describe('how far it has come', () => {
  const text: Notice = { id: 'new', text: 'Om du inte kommer …', at: '2026-11-20T10:00:00.000Z', accountName: 'Namn' };
  const given = (noticeId: string): NoticeGiven => ({
    ...{ noticeId, how: 'letter', day: '2026-11-21', note: '' },
    ...{ at: '2026-11-21T10:00:00.000Z', accountName: 'Namn' },
  });

  test.each<[MeetingKind, Notice | null, NoticeGiven[], string]>([
    ['reconciliation', null, [], 'unwritten'],
    ['reconciliation', { ...text, text: null }, [], 'not_applicable'],
    ['reconciliation', { ...text, text: null }, [given('old')], 'not_applicable'],
    ['reconciliation', text, [], 'missing'],
    // Another text than the one that was told.
    ['reconciliation', text, [given('old')], 'missing'],
    ['reconciliation', text, [given('new'), given('old')], 'given'],
    ['sip', text, [given('new')], 'none'],
  ])('%s %j %j: %s', (kind, latest, all, expected) => {
    expect(noticeState(kind, latest, all)).toBe(expected);
  });

  test('nobody can have been told what is not written', () => {
    expect(mayGiveNotice('reconciliation', text).ok).toBe(true);
    expect(mayGiveNotice('reconciliation', null).ok).toBe(false);
    expect(mayGiveNotice('reconciliation', { ...text, text: null }).ok).toBe(false);
    expect(mayGiveNotice('sip', text).ok).toBe(false);
  });
});
