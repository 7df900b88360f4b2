import fc from 'fast-check';
import ICAL from 'ical.js';
import { describe, expect, test } from 'vitest';
import {
  type CalendarFacts,
  renderCancel,
  renderDeclineCounter,
  renderDownload,
  renderRequest,
} from '../../src/features/invitation/render.ts';

const facts: CalendarFacts = {
  uid: '0198c2a4-6d1e-7c55-9a3b-2f6f0b1d7e11@moten.example.se',
  sequence: 0,
  dtstamp: '2026-11-23T09:15:30.123Z',
  startsAt: '2027-01-14T12:00:00.000Z',
  endsAt: '2027-01-14T13:00:00.000Z',
  summary: 'Möte med Försäkringskassan',
  location: 'Se länken',
  description:
    'Läs mer och svara på länken:\nhttps://moten.example.se/svar/Zm9yZ2V0LW1lLW5vdC1hLXRva2VuLW9mLWZvcnR5LWNoYXJz',
  url: 'https://moten.example.se/svar/Zm9yZ2V0LW1lLW5vdC1hLXRva2VuLW9mLWZvcnR5LWNoYXJz',
  organizer: 'moten+k3v9q2@moten.example.se',
  attendee: 'Anna.Exempel@kommun.example.se',
};

const FORMS: [string, (f: CalendarFacts) => string][] = [
  ['REQUEST', renderRequest],
  ['CANCEL of the meeting', (f) => renderCancel(f, 'meeting')],
  ['CANCEL to one', (f) => renderCancel(f, 'one')],
  ['DECLINECOUNTER', renderDeclineCounter],
  ['download', renderDownload],
];

const read = (text: string) => {
  const calendar = new ICAL.Component(ICAL.parse(text) as string);
  const events = calendar.getAllSubcomponents('vevent');
  const vevent = events[0];
  if (!vevent || events.length !== 1) throw new Error(`${events.length} events`);
  // ical.js takes no zone from the object unless it is told to.
  const zone = calendar.getFirstSubcomponent('vtimezone');
  if (zone) ICAL.TimezoneService.register(zone);
  return { calendar, vevent, event: new ICAL.Event(vevent) };
};

const instants = (text: string) => {
  const { event } = read(text);
  ICAL.TimezoneService.reset();
  return [event.startDate, event.endDate].map((time) => time.toJSDate().toISOString());
};

const unfold = (text: string) => text.replaceAll('\r\n ', '').split('\r\n');

describe('who', () => {
  test.each(
    FORMS.slice(0, 4),
  )('%s: the only attendee is the recipient, as the mail is addressed, no name', (_name, render) => {
    const { vevent } = read(render(facts));
    const attendees = vevent.getAllProperties('attendee');
    expect(attendees.map((a) => String(a.getFirstValue()).replace(/^mailto:/i, ''))).toEqual([facts.attendee]);
    expect(attendees[0]?.getParameter('partstat')).toBe('NEEDS-ACTION');
    expect(attendees[0]?.getParameter('role')).toBe('REQ-PARTICIPANT');
    expect(attendees[0]?.getParameter('cutype')).toBe('INDIVIDUAL');
    expect(vevent.getFirstPropertyValue('organizer')).toBe(`mailto:${facts.organizer}`);
    const organizer = vevent.getFirstProperty('organizer');
    for (const name of ['cn', 'sent-by', 'email']) {
      expect(attendees[0]?.getParameter(name)).toBeUndefined();
      expect(organizer?.getParameter(name)).toBeUndefined();
    }
  });

  test('an answer is asked for in a REQUEST and not in a CANCEL', () => {
    const rsvp = (text: string) => read(text).vevent.getFirstProperty('attendee')?.getParameter('rsvp');
    expect(rsvp(renderRequest(facts))).toBe('TRUE');
    expect(rsvp(renderCancel(facts, 'meeting'))).toBeUndefined();
  });

  test('the download is a plain event with the same UID', () => {
    const { calendar, vevent, event } = read(renderDownload(facts));
    expect(calendar.getFirstPropertyValue('method')).toBeNull();
    expect(vevent.getFirstProperty('organizer')).toBeNull();
    expect(vevent.getFirstProperty('attendee')).toBeNull();
    expect(event.uid).toBe(facts.uid);
  });
});

describe('METHOD and STATUS', () => {
  test.each([
    ['REQUEST', renderRequest(facts), 'REQUEST', 'CONFIRMED'],
    ['CANCEL of the meeting', renderCancel(facts, 'meeting'), 'CANCEL', 'CANCELLED'],
    ['CANCEL to one', renderCancel(facts, 'one'), 'CANCEL', null],
    ['download', renderDownload(facts), null, 'CONFIRMED'],
  ])('%s', (_name, text, method, status) => {
    const { calendar, vevent } = read(text);
    expect(calendar.getFirstPropertyValue('method')).toBe(method);
    expect(vevent.getFirstPropertyValue('status')).toBe(status);
    expect(vevent.getFirstSubcomponent('valarm')).toBeNull();
  });
});

describe('when', () => {
  test.each([
    ['winter', '2027-01-14T12:00:00.000Z', '2027-01-14T13:00:00.000Z', '20270114T130000'],
    ['summer', '2027-06-15T11:00:00.000Z', '2027-06-15T12:30:00.000Z', '20270615T130000'],
    ['the spring change day, before', '2027-03-28T00:00:00.000Z', '2027-03-28T00:30:00.000Z', '20270328T010000'],
    ['the spring change day, over it', '2027-03-28T00:30:00.000Z', '2027-03-28T01:30:00.000Z', '20270328T013000'],
    ['the spring change day, after', '2027-03-28T07:00:00.000Z', '2027-03-28T08:00:00.000Z', '20270328T090000'],
    ['the autumn change day, before', '2027-10-30T22:00:00.000Z', '2027-10-30T23:30:00.000Z', '20271031T000000'],
    ['the autumn change day, over it', '2027-10-30T23:00:00.000Z', '2027-10-31T03:00:00.000Z', '20271031T010000'],
    ['the autumn change day, after', '2027-10-31T08:00:00.000Z', '2027-10-31T09:00:00.000Z', '20271031T090000'],
  ])('%s', (_name, startsAt, endsAt, local) => {
    for (const [, render] of FORMS) {
      const text = render({ ...facts, startsAt, endsAt });
      expect(instants(text)).toEqual([startsAt, endsAt]);
      expect(unfold(text)).toContain(`DTSTART;TZID=Europe/Stockholm:${local}`);
      expect(text).toContain('\r\nBEGIN:VTIMEZONE\r\nTZID:Europe/Stockholm\r\n');
    }
  });

  test.each([
    ['the first 02:30', '2027-10-31T00:30:00.000Z', '2027-10-31T00:45:00.000Z'],
    ['the second 02:30', '2027-10-31T01:30:00.000Z', '2027-10-31T01:45:00.000Z'],
    ['from the first 02:30 to the second', '2027-10-31T00:30:00.000Z', '2027-10-31T01:30:00.000Z'],
    ['ending in the hour', '2027-10-30T23:00:00.000Z', '2027-10-31T01:15:00.000Z'],
  ])('%s of the hour that comes twice is said in UTC', (_name, startsAt, endsAt) => {
    const text = renderRequest({ ...facts, startsAt, endsAt });
    expect(instants(text)).toEqual([startsAt, endsAt]);
    expect(text).toContain(`\r\nDTSTART:${startsAt.replace(/[-:]|\.000/g, '')}\r\n`);
  });

  test('any time of half a century comes back as it was', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: Date.UTC(2026, 0) / 60_000, max: Date.UTC(2076, 0) / 60_000 }),
        fc.integer({ min: 5, max: 600 }),
        (start, minutes) => {
          const startsAt = new Date(start * 60_000).toISOString();
          const endsAt = new Date((start + minutes) * 60_000).toISOString();
          expect(instants(renderRequest({ ...facts, startsAt, endsAt }))).toEqual([startsAt, endsAt]);
        },
      ),
      { numRuns: 60 },
    );
  });

  test('the zone in the object has the offsets of the time-zone database, each hour of 2027', () => {
    const { calendar } = read(renderRequest(facts));
    const zone = new ICAL.Timezone(calendar.getFirstSubcomponent('vtimezone') ?? {});
    for (let hour = Date.UTC(2027, 0); hour < Date.UTC(2028, 0); hour += 3_600_000) {
      const local = Temporal.Instant.fromEpochMilliseconds(hour).toZonedDateTimeISO('Europe/Stockholm');
      // The clock time that comes twice has two answers.
      if (hour === Date.UTC(2027, 9, 31, 0) || hour === Date.UTC(2027, 9, 31, 1)) continue;
      const { year, month, day, minute } = local;
      const time = new ICAL.Time({ year, month, day, hour: local.hour, minute, second: 0, isDate: false }, zone);
      expect(zone.utcOffset(time), local.toString()).toBe(local.offsetNanoseconds / 1e9);
    }
  });

  test('DTSTAMP is in UTC', () => {
    for (const [, render] of FORMS) expect(unfold(render(facts))).toContain('DTSTAMP:20261123T091530Z');
  });
});

describe('text', () => {
  const HOSTILE: [string, string][] = [
    ['special characters', 'a;b,c\\d'],
    ['a written-out line break', 'a\\nb'],
    ['a property on a line of its own', 'rad 1\r\nATTENDEE:mailto:x@evil.example\r\nrad 3'],
    ['an event of its own', 'slut\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nUID:x\r\n'],
    ['the organizer as the library writes it', '\r\nORGANIZER;CN="-":mailto:x@evil.example'],
    ['an alarm', '\nBEGIN:VALARM\nEND:VALARM'],
    [
      'other line ends and other syntaxes',
      '"citat" {{mall}} <b>å</b> %0D%0A \u0085\u2028ATTENDEE:mailto:x@evil.example',
    ],
    ['control characters', 'a\tb\u0000\u0007\u001b[31m\u007f'],
    ['emoji of many parts', '👩‍⚕️🧑🏽‍🦽 Åäö '.repeat(30)],
    ['two octets each', 'ö'.repeat(300)],
    ['one long word', 'x'.repeat(300)],
    ['half a character', '\ud800 ensam'],
    ['nothing', ''],
  ];

  const wellFormed = (text: string) => {
    expect(text.endsWith('\r\nEND:VCALENDAR\r\n')).toBe(true);
    expect(text.replaceAll('\r\n', '')).not.toMatch(/[\p{Cc}\u2028\u2029]/u);
    for (const line of text.split('\r\n')) {
      expect(Buffer.byteLength(line)).toBeLessThanOrEqual(75);
      // A line cut in a surrogate pair would not survive as UTF-8.
      expect(Buffer.from(line).toString()).toBe(line);
    }
    const event = unfold(text.slice(text.indexOf('\r\nEND:VTIMEZONE\r\n')));
    for (const once of ['UID', 'SUMMARY', 'DTSTART', 'DTEND', 'DTSTAMP', 'SEQUENCE', 'URL']) {
      expect(event.filter((line) => line.split(/[;:]/)[0] === once)).toHaveLength(1);
    }
    const { vevent, calendar } = read(text);
    expect(calendar.getAllSubcomponents().map((c) => c.name)).toEqual(['vtimezone', 'vevent']);
    expect(vevent.getAllSubcomponents()).toEqual([]);
    expect(vevent.getAllProperties('attendee').length).toBeLessThanOrEqual(1);
    return vevent;
  };

  test.each(FORMS)('%s: CRLF to the last line, at most 75 octets, no character cut', (_name, render) => {
    wellFormed(render(facts));
  });

  test.each(HOSTILE)('%s stays text', (_name, hostile) => {
    for (const [, render] of FORMS) {
      const text = render({ ...facts, summary: hostile, location: hostile, description: hostile });
      const vevent = wellFormed(text);
      expect(vevent.getFirstPropertyValue('uid')).toBe(facts.uid);
      expect(vevent.getFirstPropertyValue('url')).toBe(facts.url);
    }
  });

  test('what was written comes back', () => {
    const { event } = read(
      renderRequest({
        ...facts,
        summary: 'a;b,c\\d "å" 👩‍⚕️',
        location: 'Rum 1, plan\n2',
        description: 'ett\ntvå\\n, tre;\n',
      }),
    );
    expect(event.summary).toBe('a;b,c\\d "å" 👩‍⚕️');
    expect(event.location).toBe('Rum 1, plan 2');
    expect(event.description).toBe('ett\ntvå\\n, tre;');
  });

  test('no text breaks the object', () => {
    const text = fc.string({ unit: 'binary', maxLength: 300 });
    fc.assert(
      fc.property(text, text, text, (summary, location, description) => {
        wellFormed(renderRequest({ ...facts, summary, location, description }));
      }),
    );
  });
});

describe('refused', () => {
  const INJECTIONS = [
    '\r\nATTENDEE:mailto:x@evil.example',
    '\nX:1',
    '\rX:1',
    '\u0000',
    '\u007f',
    ' ',
    '\u2028',
    ';X=1',
    ',',
    '\\',
    '"',
  ];
  const FIELDS = ['uid', 'url', 'organizer', 'attendee'] as const;

  test.each(
    FIELDS.flatMap((field) => INJECTIONS.map((injection) => [field, injection] as const)),
  )('%s with %j', (field, injection) => {
    const bad = facts[field].replace('example', `example${injection}`);
    for (const render of [renderRequest, renderDownload]) {
      expect(() => render({ ...facts, [field]: bad })).toThrow(`calendar object: bad ${field}`);
      expect(() => render({ ...facts, [field]: facts[field] + injection })).toThrow(RangeError);
    }
  });

  test.each<[string, Partial<CalendarFacts>]>([
    ['no UID', { uid: '' }],
    ['UID without domain', { uid: '0198c2a4' }],
    ['SEQUENCE below 0', { sequence: -1 }],
    ['SEQUENCE of a clock', { sequence: Date.now() }],
    ['SEQUENCE with a fraction', { sequence: 0.5 }],
    ['end before start', { endsAt: '2027-01-14T11:00:00.000Z' }],
    ['end at start', { endsAt: facts.startsAt }],
    ['a script for a link', { url: 'javascript:alert(1)' }],
    ['an address with a name', { attendee: 'Anna <anna@kommun.example.se>' }],
    ['a start that is no instant', { startsAt: '2027-01-14' }],
  ])('%s', (_name, change) => {
    expect(() => renderRequest({ ...facts, ...change })).toThrow(RangeError);
  });
});

describe('revisions', () => {
  const moved: CalendarFacts = {
    ...facts,
    sequence: 1,
    dtstamp: '2026-12-01T08:00:00.000Z',
    startsAt: '2027-06-15T11:00:00.000Z',
    endsAt: '2027-06-15T12:00:00.000Z',
  };
  const stopped: CalendarFacts = { ...moved, sequence: 2, dtstamp: '2026-12-02T08:00:00.000Z' };
  const first = renderRequest(facts);
  const second = renderRequest(moved);
  const last = renderCancel(stopped, 'meeting');

  test('UID and ORGANIZER stay, SEQUENCE and DTSTAMP grow, everyone is asked again', () => {
    const revisions = [first, second, last].map((text) => read(text).vevent);
    expect(new Set(revisions.map((r) => r.getFirstPropertyValue('uid'))).size).toBe(1);
    expect(new Set(revisions.map((r) => r.getFirstPropertyValue('organizer'))).size).toBe(1);
    expect(revisions.map((r) => r.getFirstPropertyValue('sequence'))).toEqual([0, 1, 2]);
    const stamps = revisions.map((r) => String(r.getFirstPropertyValue('dtstamp')));
    expect(stamps).toEqual(['2026-11-23T09:15:30Z', '2026-12-01T08:00:00Z', '2026-12-02T08:00:00Z']);
    expect(revisions[1]?.getFirstProperty('attendee')?.getParameter('partstat')).toBe('NEEDS-ACTION');
  });

  test('the same facts give the same bytes', () => {
    for (const [, render] of FORMS) expect(render(facts)).toBe(render({ ...facts }));
  });
});
