import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import ICAL from 'ical.js';
import { expect, test } from 'vitest';
import { renderFeed } from '../../src/features/calendar/feed/render.ts';
import { type CalendarFacts, renderCancel, renderHold, renderRequest } from '../../src/features/invitation/render.ts';

/** Proposed times and feeds in winter, in summer, and over both changes of the clock. */
const starts = {
  winter: '2027-01-14T12:00:00.000Z',
  summer: '2027-06-15T11:00:00.000Z',
  'into summer time': '2027-03-28T00:30:00.000Z',
  'into winter time': '2027-10-31T00:30:00.000Z',
};
const hourLater = (at: string) => new Date(Date.parse(at) + 3_600_000).toISOString();

const factsOf = (startsAt: string): CalendarFacts => ({
  ...{
    uid: '0198c2a4-6d1e-7c55-9a3b-2f6f0b1d7e11@moten.example.se',
    sequence: 0,
    startsAt,
    endsAt: hourLater(startsAt),
  },
  dtstamp: '2026-11-23T09:15:30.123Z',
  ...{
    summary: 'Preliminär tid (K7M2-4QXR)',
    location: 'Se länken',
    description: 'Läs mer och svara: https://a.example/b',
  },
  ...{ url: 'https://a.example/b', organizer: 'moten+k3v9q2@moten.example.se', attendee: 'anna@kommun.example.se' },
});
const feed = renderFeed({
  name: 'Samsyn',
  events: Object.values(starts).map((startsAt, at) => ({
    ...{ uid: `${at}@moten.example.se`, sequence: at, changedAt: '2026-11-23T09:15:30.123Z', startsAt },
    ...{ endsAt: hourLater(startsAt), summary: 'Möte (K7M2-4QXR)' },
  })),
});

/** What a calendar reads: when each event starts and ends, and its STATUS. */
function read(text: string) {
  const calendar = new ICAL.Component(ICAL.parse(text) as string);
  for (const zone of calendar.getAllSubcomponents('vtimezone')) ICAL.TimezoneService.register(zone);
  const events = calendar.getAllSubcomponents('vevent').map((vevent) => {
    const { startDate, endDate } = new ICAL.Event(vevent);
    return [...[startDate, endDate].map((at) => at.toJSDate().toISOString()), vevent.getFirstPropertyValue('status')];
  });
  ICAL.TimezoneService.reset();
  return { method: calendar.getFirstPropertyValue('method'), events };
}

/** The life of a proposed time: a hold, and then either the invitation or nothing. */
function lifeOf(startsAt: string) {
  const facts = factsOf(startsAt);
  const later = { ...facts, sequence: 1, dtstamp: '2026-11-24T09:15:30.123Z' };
  return { hold: renderHold(facts), booked: renderRequest(later), withdrawn: renderCancel(later, 'meeting') };
}

test.each(
  Object.entries(starts),
)('a hold in %s is tentative, and becomes the invitation or goes', (_when, startsAt) => {
  const life = lifeOf(startsAt);
  const when = [startsAt, hourLater(startsAt)];
  expect(read(life.hold)).toEqual({ method: 'REQUEST', events: [[...when, 'TENTATIVE']] });
  expect(read(life.booked)).toEqual({ method: 'REQUEST', events: [[...when, 'CONFIRMED']] });
  expect(read(life.withdrawn)).toEqual({ method: 'CANCEL', events: [[...when, 'CANCELLED']] });
});

test('a feed has the times of all of them, and no METHOD', () => {
  expect(read(feed)).toEqual({
    method: null,
    events: Object.values(starts).map((startsAt) => [startsAt, hourLater(startsAt), 'CONFIRMED']),
  });
  expect(feed.endsWith('END:VCALENDAR\r\n')).toBe(true);
});

test('the calendar checker passes each of them, where it is installed', { timeout: 120_000 }, () => {
  const checker =
    process.env.SAMSYN_CHECK_ICS ?? resolve(import.meta.dirname, '../../../shared/tools/ics/check-ics.sh');
  const python = spawnSync('/usr/bin/python3', ['-c', 'import icalendar, vobject, dateutil, gi']);
  if (!existsSync(checker) || python.status !== 0) return;
  const folder = mkdtempSync(join(tmpdir(), 'samsyn-ics-'));
  const check = (name: string, text: string, ...options: string[]): string => {
    const file = join(folder, `${name.replaceAll(' ', '-')}.ics`);
    writeFileSync(file, text);
    expect(spawnSync(checker, [file, '--quiet', ...options], { encoding: 'utf8' }).stdout, name).toMatch(/^PASS/m);
    return file;
  };
  try {
    for (const [when, startsAt] of Object.entries(starts)) {
      const { hold, booked, withdrawn } = lifeOf(startsAt);
      const to = ['--recipient', 'anna@kommun.example.se'];
      const first = check(`hold ${when}`, hold, ...to);
      // The invitation itself is checked with its own tests.
      if (when === 'winter') check(`booked ${when}`, booked, ...to, '--prev', first);
      check(`withdrawn ${when}`, withdrawn, ...to, '--prev', first);
    }
    check('feed', feed, '--feed');
  } finally {
    rmSync(folder, { recursive: true });
  }
});
