import { FieldReader, type FieldsRead } from '../../../kernel/fields.ts';
import type { IsoDate } from '../../../kernel/time.ts';
import { notedNoticeWays } from './rules.ts';

type Body = Record<string, string | string[]>;

const noticeCap = 4_000;
const noteCap = 600;

export type NoticeInput = { receivesBenefit: boolean; text: string };

/** Whether the person receives benefit, and then the text as it was adapted to them. */
export function readNoticeText(body: Body, today: IsoDate): FieldsRead<NoticeInput> {
  const r = new FieldReader(body);
  const applies = r.choice('applies', ['yes', 'no'] as const, { required: true });
  const text = r.text('text', { cap: noticeCap, required: applies === 'yes', noNumber: today });
  return r.done(() => ({ receivesBenefit: applies === 'yes', text }));
}

export type GivenInput = { how: (typeof notedNoticeWays)[number]; day: IsoDate; note: string };

/** How and when an officer informed the person, by letter or on the telephone. */
export function readNoticeGiven(body: Body, today: IsoDate): FieldsRead<GivenInput> {
  const r = new FieldReader(body);
  const how = r.choice('how', notedNoticeWays, { required: true });
  const day = r.date('day', { required: true });
  if (day !== null && day > today) r.fail('day', 'future');
  const note = r.text('note', { cap: noteCap });
  return r.done(() => ({ how: how as GivenInput['how'], day: day as IsoDate, note }));
}
