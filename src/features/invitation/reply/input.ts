import { type MimeNode, Splitter } from '@zone-eu/mailsplit';
import ICAL from 'ical.js';
import libmime from 'libmime';
import { FieldReader, type FieldsRead } from '../../../kernel/fields.ts';
import { containsPersonalNumber } from '../../../kernel/personal-number.ts';
import { characters, normaliseLine, normaliseText } from '../../../kernel/text.ts';
import { type IsoInstant, instantOf, stockholmDate } from '../../../kernel/time.ts';
import { type CalendarAnswer, type CalendarRead, type MailRead, windowsZones } from './rules.ts';

/** Larger mails are for a human: no calendar's answer comes near it. */
export const mailCap = 1024 * 1024;
const calendarCap = 128 * 1024;
const limits = { maxHeadSize: 128 * 1024, maxChildNodes: 60 };
const textCap = 4_000;
const commentCap = 600;
const lineCap = 200;

const nothingRead: MailRead = {
  from: '',
  to: [],
  subject: '',
  text: '',
  automatic: false,
  report: null,
  calendar: null,
  fault: 'unreadable',
};

/** Reads the bytes of a mail that anybody may have sent. Never throws: what cannot be read says so as `fault`. */
export async function readMail(raw: Uint8Array): Promise<MailRead> {
  try {
    const parts = await partsOf(raw.subarray(0, mailCap));
    const mail = { ...envelopeOf(parts), fault: null };
    return raw.length > mailCap ? { ...mail, calendar: null, fault: 'too_large' } : mail;
  } catch {
    return nothingRead;
  }
}

type Part = { node: MimeNode; content: Buffer };

/** The parts of a mail with their content decoded. What is inside another mail is none of it. */
async function partsOf(raw: Uint8Array): Promise<Part[]> {
  const splitter = new Splitter({ ignoreEmbedded: true, ...limits });
  splitter.end(raw);
  const found: { node: MimeNode; chunks: Buffer[] }[] = [];
  for await (const chunk of splitter) {
    if (chunk.type === 'node') found.push({ node: chunk, chunks: [] });
    else if (chunk.type === 'body') found.at(-1)?.chunks.push(chunk.value);
  }
  return Promise.all(found.map(async ({ node, chunks }) => ({ node, content: await decoded(node, chunks) })));
}

async function decoded(node: MimeNode, chunks: Buffer[]): Promise<Buffer> {
  const decoder = node.getDecoder();
  decoder.end(Buffer.concat(chunks));
  const content: Buffer[] = [];
  for await (const chunk of decoder) content.push(chunk);
  return Buffer.concat(content);
}

function envelopeOf(parts: readonly Part[]): Omit<MailRead, 'fault'> {
  const root = parts[0]?.node;
  const headers = (...names: string[]) =>
    names.flatMap((name) => (root?.headers ? root.headers.get(name) : []).map(unfolded));
  const [sent] = headers('auto-submitted');
  const automatic = (sent !== undefined && !/^no\b/i.test(sent)) || headers('x-autoreply').length > 0;
  return {
    from: addressesIn(headers('from').slice(0, 1))[0] ?? '',
    to: addressesIn(headers('to', 'cc', 'delivered-to', 'x-original-to', 'envelope-to', 'x-forwarded-to')),
    subject: cut(normaliseLine(words(headers('subject')[0] ?? '')), lineCap),
    text: cut(textOf(parts), textCap),
    automatic,
    report: reportOf(parts, headers('content-type')[0] ?? '', headers('x-failed-recipients').length > 0),
    calendar: calendarOf(parts),
  };
}

const unfolded = (line: string): string =>
  line
    .slice(line.indexOf(':') + 1)
    .replace(/\r?\n[ \t]+/g, ' ')
    .trim();
const cut = (text: string, cap: number): string =>
  characters(text) <= cap ? text : `${Array.from(text).slice(0, cap).join('')}…`;

function words(text: string): string {
  try {
    return libmime.decodeWords(text);
  } catch {
    return text;
  }
}

/** Every address in some header values, bare and in small letters; one in a display name is none. */
function addressesIn(values: readonly string[]): string[] {
  const bare = values.join(',').replace(/"(?:[^"\\]|\\.)*"/g, '');
  return [...bare.matchAll(/[^\s<>,;:()"]+@[^\s<>,;:()"]+/g)].map(([address]) => address.toLowerCase());
}

function textOf(parts: readonly Part[]): string {
  const body = (type: string) =>
    parts.find(({ node }) => node.contentType === type && node.disposition !== 'attachment' && !isEmbedded(node));
  const plain = body('text/plain');
  if (plain) return normaliseText(unpacked(plain));
  const html = body('text/html');
  if (!html) return '';
  const stripped = unpacked(html).replace(/<(style|script|head)\b.*?<\/\1\s*>/gis, ' ');
  return normaliseText(stripped.replace(/<[^>]*>/g, ' ').replace(/&nbsp;/g, ' ')).replace(/[ \t]+/g, ' ');
}

const isEmbedded = (node: MimeNode): boolean => node.contentType === 'message/rfc822';

/** UTF-8 whatever the label says, when it is UTF-8; else as labelled; else what a Western mail program means. */
function unpacked({ node, content }: Part): string {
  for (const [label, fatal] of [
    ['utf-8', true],
    [/^utf-?8$/i.test(node.charset || 'utf-8') ? 'windows-1252' : String(node.charset), false],
    ['windows-1252', false],
  ] as const) {
    try {
      return new TextDecoder(label, { fatal }).decode(content);
    } catch {
      // The next one.
    }
  }
  return '';
}

/** RFC 3464: a report whose every recipient is only delayed or relayed is no failure. A read receipt is no report. */
function reportOf(parts: readonly Part[], type: string, failedRecipients: boolean): MailRead['report'] {
  if (parts[0]?.node.multipart !== 'report') return failedRecipients ? 'failed' : null;
  const kind = /report-type\s*=\s*"?([\w-]+)/i.exec(type)?.[1]?.toLowerCase() ?? 'delivery-status';
  if (kind !== 'delivery-status') return 'other';
  const status = parts.find(({ node }) => node.contentType === 'message/delivery-status');
  const actions = status ? [...unpacked(status).matchAll(/^action:\s*(\w+)/gim)].map(([, action]) => action) : [];
  return actions.length > 0 && actions.every((action) => !/^failed$/i.test(action ?? '')) ? 'other' : 'failed';
}

/** The first part that is an answer; some programs put the same in twice. */
function calendarOf(parts: readonly Part[]): CalendarRead | null {
  const read = parts
    .filter(
      ({ node }) =>
        node.contentType === 'text/calendar' ||
        node.contentType === 'application/ics' ||
        (typeof node.filename === 'string' && /\.ics$/i.test(node.filename) && !isEmbedded(node)),
    )
    .map(
      (part): CalendarRead =>
        part.content.length > calendarCap ? { kind: 'unreadable' } : readCalendar(unpacked(part)),
    );
  return read.find(({ kind }) => kind === 'answer') ?? read.find(({ kind }) => kind === 'other') ?? read[0] ?? null;
}

/** An iCalendar object as an answer. Its own METHOD decides, whatever the mail's header says. */
export function readCalendar(text: string): CalendarRead {
  try {
    const calendar = new ICAL.Component(ICAL.parse(repaired(text)) as [string, unknown[], unknown[]]);
    const method = String(calendar.getFirstPropertyValue('method') ?? '').toUpperCase();
    if (calendar.name !== 'vcalendar' || method === '') return { kind: 'unreadable' };
    if (method !== 'REPLY' && method !== 'COUNTER') return { kind: 'other' };
    const event = calendar.getFirstSubcomponent('vevent');
    const uid = event && textValue(event, 'uid');
    if (!event || !uid) return { kind: 'unreadable' };
    const sequence = Number(event.getFirstPropertyValue('sequence') ?? 0);
    return {
      kind: 'answer',
      uid,
      sequence: Number.isSafeInteger(sequence) && sequence >= 0 ? sequence : 0,
      stamp: stampOf(event),
      attendees: event.getAllProperties('attendee').slice(0, 50).map(attendee),
      comment: cut(normaliseText(textValue(event, 'comment') ?? ''), commentCap),
      proposal: method === 'COUNTER' ? proposalOf(event) : iosProposal(event),
    };
  } catch {
    return { kind: 'unreadable' };
  }
}

/** Line ends that a mail system spelt out instead of decoding, a byte-order mark, and bare carriage returns. */
const repaired = (text: string): string =>
  (/^\s*BEGIN:VCALENDAR=0D=0A/i.test(text) ? text.replace(/=\r?\n/g, '').replace(/=0D=0A/gi, '\n') : text)
    .replace(/^\uFEFF/, '')
    .replace(/\0/g, '')
    .replace(/\r\n?/g, '\n')
    .trim();

const textValue = (event: ICAL.Component, name: string): string | null => {
  const value = event.getFirstPropertyValue(name);
  return value === null ? null : String(value).trim();
};

const answers = { ACCEPTED: 'accepted', TENTATIVE: 'tentative', DECLINED: 'declined', DELEGATED: 'delegated' } as const;

function attendee(property: ICAL.Property): CalendarAnswer['attendees'][number] {
  const said = String(property.getParameter('partstat') ?? '').toUpperCase();
  const [instead] = [property.getParameter('delegated-to') ?? []].flat();
  return {
    address: bareAddress(String(property.getFirstValue() ?? '')),
    answer: answers[said as keyof typeof answers] ?? null,
    instead: instead === undefined ? null : cut(bareAddress(instead), lineCap),
  };
}

const bareAddress = (uri: string): string =>
  uri
    .trim()
    .replace(/^mailto:/i, '')
    .toLowerCase();

/** DTSTAMP is in UTC (RFC 5545 3.8.7.2), also where the Z was lost. */
function stampOf(event: ICAL.Component): IsoInstant | null {
  const value = event.getFirstProperty('dtstamp')?.toJSON()[3];
  return typeof value === 'string' ? instantIn(value.replace(/Z?$/, 'Z'), null) : null;
}

/** `2026-12-17T14:00:00` with a Z or in a zone, as an instant; null where that is no moment on any clock we know. */
function instantIn(value: string, zone: string | null): IsoInstant | null {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ?$/.test(value)) return null;
  try {
    if (value.endsWith('Z')) return instantOf(Temporal.Instant.from(value));
    const known = zone === null ? null : (windowsZones[zone] ?? (/^[A-Za-z]+\/[A-Za-z_/]+$/.test(zone) ? zone : null));
    return known === null
      ? null
      : instantOf(Temporal.PlainDateTime.from(value).toZonedDateTime(known, { disambiguation: 'reject' }).toInstant());
  } catch {
    return null;
  }
}

function proposalOf(event: ICAL.Component): CalendarAnswer['proposal'] {
  const at = (name: string): IsoInstant | 'unclear' | null => {
    const property = event.getFirstProperty(name);
    if (!property) return null;
    const [, parameters, , value] = property.toJSON() as [string, { tzid?: string }, string, unknown];
    return instantIn(String(value), parameters.tzid ?? null) ?? 'unclear';
  };
  const startsAt = at('dtstart');
  const endsAt = at('dtend');
  if (startsAt === null) return null;
  if (startsAt === 'unclear' || endsAt === 'unclear') return 'unclear';
  return { startsAt, endsAt: endsAt ?? afterDuration(startsAt, textValue(event, 'duration')) };
}

function afterDuration(startsAt: IsoInstant, duration: string | null): IsoInstant | null {
  if (duration === null || !/^PT(\d+H)?(\d+M)?$/.test(duration)) return null;
  return instantOf(Temporal.Instant.from(startsAt).add(Temporal.Duration.from(duration)));
}

/** The iPhone's way: a REPLY whose ATTENDEE carries the other time in a parameter. */
function iosProposal(event: ICAL.Component): CalendarAnswer['proposal'] {
  const proposed = event
    .getAllProperties('attendee')
    .map((property) => property.getParameter('to-all-proposed-new-time'))
    .find((value) => value !== undefined);
  if (proposed === undefined) return null;
  const at = (name: string): IsoInstant | 'unclear' | null => {
    const line = new RegExp(`${name}(?:;TZID=([^:;]+))?:(\\d{4})(\\d\\d)(\\d\\d)T(\\d\\d)(\\d\\d)(\\d\\d)(Z?)`, 'i');
    const found = line.exec([proposed].flat().join(','));
    if (!found) return null;
    const [, zone, y, mo, d, h, mi, s, z] = found;
    return instantIn(`${y}-${mo}-${d}T${h}:${mi}:${s}${z}`, zone ?? null) ?? 'unclear';
  };
  const startsAt = at('DTSTART');
  const endsAt = at('DTEND');
  if (startsAt === null || startsAt === 'unclear' || endsAt === 'unclear') return 'unclear';
  return { startsAt, endsAt };
}

type Body = Record<string, string | string[]>;

/** What an officer answers to a proposed time; `seen` is the proposal as they read it. */
export type ProposalChoice = { choice: 'accept' | 'decline'; seen: string; reason: string };

export function readProposalChoice(body: Body, now: IsoInstant): FieldsRead<ProposalChoice> {
  const r = new FieldReader(body);
  const choice = r.choice('choice', ['accept', 'decline'] as const, { required: true });
  const seen = r.line('seen', { cap: 40 });
  if (!Number.isFinite(Date.parse(seen))) r.fail('', 'changed_by_someone_else');
  const reason = r.text('reason', { cap: commentCap, required: choice === 'accept' });
  if (containsPersonalNumber(reason, stockholmDate(now))) r.fail('reason', 'noNumber');
  return r.done(() => ({ choice: choice as NonNullable<typeof choice>, seen, reason }));
}

export type NewAddress = { email: string; verifiedHow: string };

export function readNewAddress(body: Body): FieldsRead<NewAddress> {
  const r = new FieldReader(body);
  const email = r.email('email', { cap: lineCap, required: true });
  const verifiedHow = r.text('verifiedHow', { cap: commentCap, required: true });
  return r.done(() => ({ email, verifiedHow }));
}
