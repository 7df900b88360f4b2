import ical, { ICalEventStatus, ICalEventTransparency } from 'ical-generator';
import type { IsoInstant } from '../../../kernel/time.ts';
import { comesTwice, STOCKHOLM, stockholmZone } from '../../../kernel/zone.ts';

export type FeedFacts = {
  name: string;
  events: {
    uid: string;
    sequence: number;
    changedAt: IsoInstant;
    startsAt: IsoInstant;
    endsAt: IsoInstant;
    summary: string;
  }[];
};

/** How often a calendar is asked to look again; of changes that matter people learn by mail. */
const every = 'PT1H';

/**
 * A user's meetings to subscribe to: when, and nothing else. No METHOD, ORGANIZER or ATTENDEE, so that no client takes it
 * for an invitation; the same facts give the same bytes.
 */
export function renderFeed({ name, events }: FeedFacts): string {
  const calendar = ical({
    prodId: { company: 'Samsyn', product: 'Samsyn', language: 'SV' },
    name,
    timezone: { name: null, generator: () => stockholmZone },
  });
  for (const { uid, sequence, changedAt, startsAt, endsAt, summary } of events) {
    const start = Temporal.Instant.from(startsAt);
    const end = Temporal.Instant.from(endsAt);
    calendar.createEvent({
      id: uid,
      sequence,
      stamp: Temporal.Instant.from(changedAt),
      // As in invitations: a clock time that comes twice is said in UTC.
      timezone: comesTwice(start) || comesTwice(end) ? null : STOCKHOLM,
      start,
      end,
      summary,
      status: ICalEventStatus.CONFIRMED,
      transparency: ICalEventTransparency.OPAQUE,
    });
  }
  // The library puts these after the zone, where no property of the calendar may stand (RFC 5545 3.4).
  const ttl = `REFRESH-INTERVAL;VALUE=DURATION:${every}\r\nX-PUBLISHED-TTL:${every}`;
  return `${calendar.toString().replace(/\r\nX-WR-CALNAME:.*/, (line) => `${line}\r\n${ttl}`)}\r\n`;
}
