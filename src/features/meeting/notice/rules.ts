import { accept, type Decision, refuse } from '../../../kernel/decision.ts';
import type { IsoDate, IsoInstant } from '../../../kernel/time.ts';
import { type MeetingKind, type MeetingState, mayArrange } from '../rules.ts';

/**
 * Kinds that FK asks the insured to take part in under SFB 110:14 p 4; a follow-up has the form of one. A SIP
 * (HSL 16:4, SoL 10:8) and a multi-party meeting are voluntary, and the law asks nobody to a joint assessment.
 */
const askedFor: readonly MeetingKind[] = ['reconciliation', 'follow_up'];
export const isAskedFor = (kind: MeetingKind): boolean => askedFor.includes(kind);

/** Whether the person must be told what a refusal can lead to (SFB 110:53, 58): there must be a benefit to withdraw. */
export const noticeApplies = (kind: MeetingKind, receivesBenefit: boolean): boolean =>
  isAskedFor(kind) && receivesBenefit;

/** What is said instead where taking part is voluntary; `null` where there is nothing to say. */
export const voluntaryText = (kind: MeetingKind): 'sip' | 'other' | null =>
  kind === 'sip' ? 'sip' : kind === 'multi_party' ? 'other' : null;

/** The text as an officer has adapted it to the person; null where they found that it does not apply. */
export type Notice = { id: string; text: string | null; at: IsoInstant; accountName: string };

export const noticeWays = ['signed_in', 'letter', 'phone'] as const;
export type NoticeWay = (typeof noticeWays)[number];
export const notedNoticeWays = ['letter', 'phone'] as const;
/** One time that the person was informed: of which text, how, and on what day. */
export type NoticeGiven = {
  noticeId: string;
  how: NoticeWay;
  day: IsoDate;
  note: string;
  at: IsoInstant;
  accountName: string;
};

export type NoticeState = 'none' | 'unwritten' | 'not_applicable' | 'missing' | 'given';

/** How far it has come. Only being told the text as it now stands counts; that a page was opened never does. */
export function noticeState(kind: MeetingKind, latest: Notice | null, given: readonly NoticeGiven[]): NoticeState {
  if (!isAskedFor(kind)) return 'none';
  if (!latest) return 'unwritten';
  if (latest.text === null) return 'not_applicable';
  return given.some(({ noticeId }) => noticeId === latest.id) ? 'given' : 'missing';
}

/** Refuses `not_now` when the meeting is held or cancelled, or is of a kind that nobody is asked to. */
export const mayWriteNotice = (kind: MeetingKind, state: MeetingState): Decision<null> =>
  isAskedFor(kind) && mayArrange(state) ? accept(null) : refuse('not_now');

/** Refuses `not_now` where there is no text to have been told. */
export const mayGiveNotice = (kind: MeetingKind, latest: Notice | null): Decision<Notice> =>
  isAskedFor(kind) && latest !== null && latest.text !== null ? accept(latest) : refuse('not_now');
