export const STOCKHOLM = 'Europe/Stockholm';

// The rules of EU directive 2000/84/EC, which tzdata gives too; a test compares them. Written out since calendars want
// an RRULE from 1970 and the packages that could give it name the zone Europe/Berlin.
export const stockholmZone = `BEGIN:VTIMEZONE
TZID:${STOCKHOLM}
BEGIN:DAYLIGHT
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
TZNAME:CEST
DTSTART:19700329T020000
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
END:DAYLIGHT
BEGIN:STANDARD
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
TZNAME:CET
DTSTART:19701025T030000
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
END:STANDARD
END:VTIMEZONE`;

/** Whether the clock in Stockholm shows this time twice that night. */
export function comesTwice(instant: Temporal.Instant): boolean {
  const clock = instant.toZonedDateTimeISO(STOCKHOLM).toPlainDateTime();
  const earlier = clock.toZonedDateTime(STOCKHOLM, { disambiguation: 'earlier' });
  return !earlier.equals(clock.toZonedDateTime(STOCKHOLM, { disambiguation: 'later' }));
}
