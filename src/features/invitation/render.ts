import ical, {
  ICalAttendeeRole,
  ICalAttendeeStatus,
  ICalAttendeeType,
  ICalCalendarMethod,
  ICalEventStatus,
  ICalEventTransparency,
} from 'ical-generator';
import { isMailAddress } from '../../kernel/mail.ts';
import { normaliseLine, normaliseText } from '../../kernel/text.ts';
import type { IsoInstant } from '../../kernel/time.ts';
import { comesTwice, STOCKHOLM, stockholmZone } from '../../kernel/zone.ts';

/**
 * One participant's calendar object. `dtstamp` must be a later second in every message; `organizer` is the
 * participant's plus-address and `attendee` the address the mail goes to, both bare. The texts are neutral.
 */
export type CalendarFacts = {
  uid: string;
  sequence: number;
  dtstamp: IsoInstant;
  startsAt: IsoInstant;
  endsAt: IsoInstant;
  summary: string;
  location: string;
  description: string;
  url: string;
  organizer: string;
  attendee: string;
};

const NO_NAME = '-';

type Shape = { method: ICalCalendarMethod | null; status: ICalEventStatus | null };

/** An invitation or a changed one, METHOD:REQUEST. Throws RangeError on facts that cannot be a calendar object. */
export const renderRequest = (facts: CalendarFacts): string =>
  render(facts, { method: ICalCalendarMethod.REQUEST, status: ICalEventStatus.CONFIRMED });

/** A proposed time, METHOD:REQUEST with STATUS:TENTATIVE; the invitation that confirms it has the same UID. Throws as renderRequest. */
export const renderHold = (facts: CalendarFacts): string =>
  render(facts, { method: ICalCalendarMethod.REQUEST, status: ICalEventStatus.TENTATIVE });

/**
 * METHOD:CANCEL, of the whole meeting or of one person's part in it, which is what a missing STATUS means
 * (RFC 5546 3.2.5). Throws as renderRequest.
 */
export const renderCancel = (facts: CalendarFacts, scope: 'meeting' | 'one'): string =>
  render(facts, {
    method: ICalCalendarMethod.CANCEL,
    status: scope === 'meeting' ? ICalEventStatus.CANCELLED : null,
  });

/**
 * METHOD:DECLINECOUNTER: the time they proposed is not to be, and the meeting stays as it is. `sequence` is that of the
 * proposal (RFC 5546 3.2.8). Throws as renderRequest.
 */
export const renderDeclineCounter = (facts: CalendarFacts): string =>
  render(facts, { method: ICalCalendarMethod.DECLINECOUNTER, status: null });

/**
 * The file that a participant fetches from the link page. With no METHOD it is a plain event, so it names neither
 * ORGANIZER nor ATTENDEE: with them, clients take an import for an invitation and mail replies when the owner edits it
 * (RFC 5545 3.8.4.3 keeps ORGANIZER for group-scheduled objects). The UID is the invitation's, so it is never there
 * twice.
 */
export const renderDownload = (facts: CalendarFacts): string =>
  render(facts, { method: null, status: ICalEventStatus.CONFIRMED });

function render(facts: CalendarFacts, { method, status }: Shape): string {
  refuseBadFacts(facts);
  const start = Temporal.Instant.from(facts.startsAt);
  const end = Temporal.Instant.from(facts.endsAt);
  // name: null keeps DTSTAMP in UTC; the zone is the event's own.
  const calendar = ical({
    prodId: { company: 'Samsyn', product: 'Samsyn', language: 'SV' },
    method,
    timezone: { name: null, generator: () => stockholmZone },
  });
  const event = calendar.createEvent({
    id: facts.uid,
    sequence: facts.sequence,
    stamp: Temporal.Instant.from(facts.dtstamp),
    // A clock time that comes twice is read as the first by the standard and as either by programs: say it in UTC.
    timezone: comesTwice(start) || comesTwice(end) ? null : STOCKHOLM,
    start,
    end,
    summary: normaliseLine(facts.summary),
    location: normaliseLine(facts.location),
    description: normaliseText(facts.description.replace(/[\u2028\u2029]/g, '\n').replaceAll('\t', ' ')),
    url: facts.url,
    status,
    transparency: ICalEventTransparency.OPAQUE,
  });
  if (method !== null) {
    event.organizer({ name: NO_NAME, email: facts.organizer });
    event.createAttendee({
      email: facts.attendee,
      role: ICalAttendeeRole.REQ,
      type: ICalAttendeeType.INDIVIDUAL,
      status: ICalAttendeeStatus.NEEDSACTION,
      rsvp: method === ICalCalendarMethod.REQUEST ? true : null,
    });
  }
  // The library demands a name of the organizer, writes the attendee's scheme in capitals, and leaves the last line
  // open. Text cannot hold the replaced strings: its line breaks and semicolons are escaped.
  const object = calendar
    .toString()
    .replace(`\r\nORGANIZER;CN="${NO_NAME}":`, '\r\nORGANIZER:')
    .replace(/\r\nATTENDEE;(?:.|\r\n )*/, (line) => line.replace(foldedMailto, (scheme) => scheme.toLowerCase()));
  return `${object}\r\n`;
}

/** `MAILTO:` wherever the line may be folded. */
const foldedMailto = new RegExp([...'MAILTO:'].join('(?:\\r\\n )?'));

/** The library escapes text but trusts the rest. The error names the field and never its value. */
function refuseBadFacts(facts: CalendarFacts): void {
  const good = {
    uid: /^[A-Za-z0-9._-]{1,127}@[A-Za-z0-9.-]{1,127}$/.test(facts.uid),
    // Nothing that TEXT escaping, which the library wrongly does to a URI, would change.
    url: /^https?:\/\/[!-~]+$/.test(facts.url) && !/["<>\\;,]/.test(facts.url),
    organizer: isMailAddress(facts.organizer),
    attendee: isMailAddress(facts.attendee),
    sequence: Number.isInteger(facts.sequence) && facts.sequence >= 0 && facts.sequence <= 2_147_483_647,
    endsAt: facts.startsAt < facts.endsAt,
  };
  for (const [field, ok] of Object.entries(good)) {
    if (!ok) throw new RangeError(`calendar object: bad ${field}`);
  }
}
