import { expect, test } from 'vitest';
import { answerDocument } from '../../src/features/request/answer/render.ts';
import { answerOf } from '../../src/features/request/answer/rules.ts';
import type { Disclosure, MeetingRequest, RequestEvent, RequestState } from '../../src/features/request/rules.ts';
import { viewsDir } from '../../src/platform/web/render.ts';
import { loadTexts } from '../../src/platform/web/text.ts';

/** FK's answer on paper: what was disclosed, and nothing about whom it is. */

const { t } = loadTexts(`${viewsDir}text`);
const at = '2026-11-23T09:15:30.000Z';
const form = {
  ...{ requesterName: 'Nils Vester', requesterOrganisation: 'Verkstaden', requesterReference: 'V-7' },
  ...{ individualName: 'Kanarie Namn', individualNumber: '201201292388', purpose: 'Kanarie syfte' },
};
const request = (state: RequestState, endedAt: string | null = at) =>
  ({ ...{ reference: 'CB9W-47AH', state, form, receivedAt: at, endedAt }, holdUntil: '2026-12-04' }) as MeetingRequest;
const event = (move: RequestEvent['move'], disclosure: Disclosure | null): RequestEvent => ({
  ...{ move, at, accountName: 'Kanarie Handläggare', reasonCode: 'too_early', disclosure },
  details: { outwardText: 'Till dig', instead: 'Ring oss', reason: 'Kanarie skäl', disclosureGround: 'Kanarie grund' },
});

const nothing = { holdUntil: null, text: null, reasonCode: null, instead: null };
const secret = { ...nothing, status: 'handled' };
test.each<[string, RequestState, RequestEvent[], object | null]>([
  ['nothing while nobody has answered', 'received', [], null],
  ['nothing once it came back to the queue', 'received', [event('ask', null)], null],
  ['nothing when it was withdrawn', 'withdrawn', [event('ask', null)], null],
  ['nothing when it was misfiled', 'misfiled', [event('decline', 'outcome')], null],
  ['a question', 'needs_info', [event('ask', null)], { ...nothing, status: 'needs_info', text: 'Till dig' }],
  [
    'that it waits, and how long',
    'on_hold',
    [event('hold', null)],
    { ...nothing, status: 'on_hold', text: 'Till dig', holdUntil: '2026-12-04' },
  ],
  ['of a yes that was not disclosed, that it was handled', 'confirmed', [event('confirm', 'nothing')], secret],
  ['of a no that was not disclosed, the same', 'declined', [event('decline', 'nothing')], secret],
  ['of one that was merged into another, the same', 'merged', [], secret],
  [
    'a no without its reason',
    'declined',
    [event('ask', null), event('decline', 'outcome')],
    { ...nothing, status: 'declined', text: 'Till dig', instead: 'Ring oss' },
  ],
  [
    'a no with its reason',
    'declined',
    [event('decline', 'outcome_and_reason')],
    { ...nothing, status: 'declined', text: 'Till dig', instead: 'Ring oss', reasonCode: 'too_early' },
  ],
])('says %s', (_what, state, events, expected) => {
  const answer = answerOf(request(state), events);
  expect(answer?.answer ?? null).toEqual(expected);
  if (!answer) return;
  const printed = JSON.stringify(answerDocument(answer, { phone: '08-465 004 00' }, t));
  for (const text of [JSON.stringify(answer), printed]) expect(text).not.toMatch(/Kanarie|20120129/);
  const { status, holdUntil, ...told } = answer.answer;
  const words = [t(`status.${status}`, { date: '4 december 2026' }), told.text, told.instead, 'CB9W-47AH', 'V-7'];
  for (const word of words.filter((one) => one !== null)) expect(printed).toContain(word);
  expect(printed.includes(t('decline.too_early'))).toBe(told.reasonCode !== null);
});
