import { FieldReader, type FieldsRead } from '../../kernel/fields.ts';
import { containsPersonalNumber } from '../../kernel/personal-number.ts';
import { addMinutes, type IsoInstant, parseStockholm, stockholmDate } from '../../kernel/time.ts';
import { type Vote, votes } from '../meeting/poll/rules.ts';
import { type Answer, placeKinds, type SaidBy, speakers } from '../meeting/rules.ts';
import type { Appointment } from './rules.ts';

type Body = Record<string, string | string[]>;

const placeCap = 200;
const textCap = 600;
const shortestMinutes = 15;
const longestMinutes = 480;

/** A time to come, or null with the field failed. Refuses the hour that is skipped in spring. */
function readStart(r: FieldReader, name: string, now: IsoInstant): IsoInstant | null {
  const typed = r.line(name, { cap: 30 });
  const parsed = parseStockholm(typed);
  if (!parsed.ok) {
    r.fail(name, parsed.code);
    return null;
  }
  if (parsed.instant <= now) r.fail(name, 'past');
  return parsed.instant;
}

/** Free text that others may come to read, so that a number has no place in it. */
function readNote(
  r: FieldReader,
  name: string,
  now: IsoInstant,
  options: { cap?: number; required?: boolean } = {},
): string {
  const value = r.text(name, { cap: options.cap ?? textCap, required: options.required });
  if (containsPersonalNumber(value, stockholmDate(now))) r.fail(name, 'noNumber');
  return value;
}

function isVideoUrl(text: string): boolean {
  return /^https:\/\/[!-~]+$/.test(text) && URL.canParse(text);
}

export type TimeInput = Appointment & {
  /** Null when the form did not ask. */
  interpreter: { language: string | null; booked: boolean } | null;
  /** Empty unless it is a change. */
  reason: string;
  /** The proposed time that is booked. */
  optionId?: string;
  /** SEQUENCE of the meeting as the form showed it; null if not said. */
  seen?: number | null;
};

export function readTime(body: Body, now: IsoInstant): FieldsRead<TimeInput> {
  const r = new FieldReader(body);
  const startsAt = readStart(r, 'startsAt', now);
  const typed = r.line('durationMinutes', { cap: 10, required: true });
  const minutes = /^\d{1,3}$/.test(typed) ? Number(typed) : 0;
  if (minutes < shortestMinutes || minutes > longestMinutes) r.fail('durationMinutes', 'duration');
  const placeKind = r.choice('placeKind', placeKinds, { required: true });
  const place = readNote(r, 'place', now, { cap: placeCap });
  const videoUrl = r.line('videoUrl', { cap: 500 });
  if (videoUrl !== '' && !isVideoUrl(videoUrl)) r.fail('videoUrl', 'url');
  const language = r.line('interpreterLanguage', { cap: placeCap });
  const booked = r.flag('interpreterBooked');
  const asked = body.interpreterLanguage !== undefined;
  const reason = readNote(r, 'reason', now);
  const optionId = r.line('option', { cap: 64 });
  const seen = readSeen(r);
  return r.done(() => ({
    startsAt: startsAt as IsoInstant,
    endsAt: addMinutes(startsAt as IsoInstant, minutes),
    placeKind: placeKind as NonNullable<typeof placeKind>,
    place,
    videoUrl,
    interpreter: asked ? { language: language || null, booked: language !== '' && booked } : null,
    reason,
    ...(optionId && { optionId }),
    seen,
  }));
}

export function readReason(body: Body, now: IsoInstant): FieldsRead<string> {
  const r = new FieldReader(body);
  const reason = readNote(r, 'reason', now, { required: true });
  return r.done(() => reason);
}

export type GivenAnswer = Exclude<Answer, 'needs_action'>;
export const answers = ['accepted', 'tentative', 'declined'] as const satisfies readonly GivenAnswer[];

/** What a participant sends from their link: an answer with a comment, or another time. */
export type Reply = {
  answer: GivenAnswer | null;
  comment: string;
  proposedStart: IsoInstant | null;
  /** SEQUENCE of the page they answered on, so that nobody answers to a time they have not seen; null if not said. */
  sequence: number | null;
};

export function readReply(body: Body, now: IsoInstant): FieldsRead<Reply> {
  const r = new FieldReader(body);
  const answer = r.choice('answer', answers);
  const comment = readNote(r, 'comment', now);
  const proposes = typeof body.proposedStart === 'string' && body.proposedStart.trim() !== '';
  const proposedStart = proposes ? readStart(r, 'proposedStart', now) : null;
  if (answer === null && !proposes) {
    if (body.proposedStart === undefined) r.fail('answer', 'choose', { label: 'inv.answer' });
    else r.fail('proposedStart', 'required', { label: 'inv.counter' });
  }
  const sequence = readSeen(r);
  return r.done(() => ({ answer, comment, proposedStart, sequence }));
}

/** SEQUENCE of what the page showed when it was filled in. */
function readSeen(r: FieldReader): number | null {
  const seen = r.line('sequence', { cap: 10 });
  return /^\d+$/.test(seen) ? Number(seen) : null;
}

/**
 * An answer, another time that would suit, or both; `for` is who said it, null when the participant did. `sequence`: of
 * what the officer saw that they were invited to, null if not said.
 */
export type NotedAnswer = {
  answer: GivenAnswer | null;
  proposedStart: IsoInstant | null;
  comment: string;
  via: 'phone' | 'letter';
  for: SaidBy | null;
  sequence: number | null;
};

const nameCap = 200;

/** How something came that the officer notes, and who said it. */
function readSaid(r: FieldReader): Pick<NotedAnswer, 'via' | 'for'> {
  const via = r.choice('via', ['phone', 'letter'] as const, { required: true });
  const as = r.choice('saidAs', ['self', ...speakers] as const) ?? 'self';
  const name = r.line('saidBy', { cap: nameCap, required: as !== 'self' });
  return { via: via as NonNullable<typeof via>, for: as === 'self' ? null : { as, name } };
}

/** What came on the telephone or on a letter's slip. */
export function readNotedAnswer(body: Body, now: IsoInstant): FieldsRead<NotedAnswer> {
  const r = new FieldReader(body);
  const proposes = typeof body.proposedStart === 'string' && body.proposedStart.trim() !== '';
  const answer = r.choice('answer', answers, { required: !proposes });
  const said = readSaid(r);
  const proposedStart = proposes ? readStart(r, 'proposedStart', now) : null;
  const comment = readNote(r, 'comment', now);
  const sequence = readSeen(r);
  return r.done(() => ({ ...said, answer, proposedStart, comment, sequence }));
}

/** Somebody's answer to the proposed times: one field `option-<id>` each; one without an answer is left as it was. */
export function readVotes(body: Body, optionIds: readonly string[]): FieldsRead<Record<string, Vote>> {
  const r = new FieldReader(body);
  const given: Record<string, Vote> = {};
  for (const id of optionIds) {
    const vote = r.choice(`option-${id}`, votes);
    if (vote) given[id] = vote;
  }
  if (r.ok && Object.keys(given).length === 0) r.fail(`option-${optionIds[0] ?? ''}`, 'choose', { label: 'inv.poll' });
  return r.done(() => given);
}

export type NotedVotes = { votes: Record<string, Vote> } & Pick<NotedAnswer, 'via' | 'for'>;

/** What somebody said on the telephone or wrote on a letter's slip. */
export function readNotedVotes(body: Body, optionIds: readonly string[]): FieldsRead<NotedVotes> {
  const r = new FieldReader(body);
  const said = readSaid(r);
  const read = readVotes(body, optionIds);
  if (read.ok) return r.done(() => ({ ...said, votes: read.value }));
  return { ok: false, values: { ...read.values, ...r.values }, errors: { ...read.errors, ...r.errors } };
}
