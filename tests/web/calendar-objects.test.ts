import { execFile, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import ICAL from 'ical.js';
import { simpleParser } from 'mailparser';
import { beforeAll, describe, expect, test } from 'vitest';
import { canary, openWorld } from './invitation-world.ts';

/**
 * Every calendar object the suite makes, as it lies in the mails that the outbox's rows become: the whole life of a
 * meeting in winter, in summer, and on both days when the clocks change. Judged here with ical.js, and by the calendar
 * checker where it is installed.
 */

type Day = { at: string; startsAt: string; endsAt: string; moved: string; movedTo: string };
const hour = '60';
/** Times of the form in Stockholm, and what they are; over the change of the clocks on the last two days. */
const days: Record<string, Day> = {
  winter: {
    ...{ at: '2027-01-14T13:00', startsAt: '2027-01-14T12:00:00.000Z', endsAt: '2027-01-14T13:00:00.000Z' },
    ...{ moved: '2027-01-14T16:00', movedTo: '2027-01-14T15:00:00.000Z' },
  },
  summer: {
    ...{ at: '2027-06-15T13:00', startsAt: '2027-06-15T11:00:00.000Z', endsAt: '2027-06-15T12:00:00.000Z' },
    ...{ moved: '2027-06-15T16:00', movedTo: '2027-06-15T14:00:00.000Z' },
  },
  'into summer time': {
    ...{ at: '2027-03-28T01:30', startsAt: '2027-03-28T00:30:00.000Z', endsAt: '2027-03-28T01:30:00.000Z' },
    ...{ moved: '2027-03-28T03:00', movedTo: '2027-03-28T01:00:00.000Z' },
  },
  'into winter time': {
    ...{ at: '2027-10-31T02:30', startsAt: '2027-10-31T00:30:00.000Z', endsAt: '2027-10-31T01:30:00.000Z' },
    ...{ moved: '2027-10-31T03:00', movedTo: '2027-10-31T02:00:00.000Z' },
  },
};

type Made = { ics: string; to: string; prev?: string };

/** One life, by the officer's own forms; each object under the name of what it says. */
async function lifeOf({ at, moved }: Day): Promise<Record<string, Made>> {
  const w = await openWorld();
  const officer = await w.signIn('fk');
  const made: Record<string, Made> = {};
  await w.add('PERSON', canary.individual, '');
  await w.add('FK', 'Sara Lind', 'sara.lind@fk.example.se');
  const anna = await w.add('ARBG', canary.colleague, 'Anna@kommun.example.se');
  const bo = await w.add('PV', 'Bo', 'bo@region.example.se');
  const act = async (path: string, body: Record<string, string | string[]> = {}) => {
    const response = await w.post(`${w.path}${path}`, body, officer);
    if (response.status !== 303) throw new Error(`${path}: ${response.status}`);
  };
  /** The objects that have come to somebody since, in order. */
  const come = async (who: string): Promise<Made[]> => {
    const letters = await Promise.all((await w.letters()).map((raw) => simpleParser(raw)));
    return letters.flatMap(({ to, attachments }) => {
      const address = [to ?? []].flat()[0]?.text ?? '';
      const [part] = attachments.filter(({ contentType }) => contentType === 'text/calendar');
      return part && address.startsWith(who) ? [{ ics: part.content.toString(), to: address }] : [];
    });
  };
  const one = async (who: string, name: string, prev?: string) => {
    const [object, ...others] = await come(who);
    if (!object || others.length > 0) throw new Error(`${name}: ${others.length}`);
    made[name] = prev ? { ...object, prev } : object;
  };

  await act('/tidsforslag', {
    ...{ startsAt: [at, `${at.slice(0, 10)}T18:00`], durationMinutes: hour, holds: 'on', night: 'first' },
  });
  const [hold, other] = await come('Anna');
  const uid = (ics = '') => /^UID:(.*)\r$/m.exec(ics)?.[1] ?? '';
  const { db } = w.house.engine.database.reads;
  const [option] = await db.selectFrom('poll_option').select(['id', 'uid']).orderBy('starts_at').execute();
  const [first, second] = uid(hold?.ics) === option?.uid ? [hold, other] : [other, hold];
  made.hold = first as Made;
  made['other hold'] = second as Made;
  await act('/tid', { startsAt: at, durationMinutes: hour, placeKind: 'office', option: option?.id ?? '' });
  for (const object of await come('Anna')) {
    if (uid(object.ics) === option?.uid) made.request = { ...object, prev: 'hold' };
    else made['hold withdrawn'] = { ...object, prev: 'other hold' };
  }
  await act('/tid', { startsAt: at, durationMinutes: hour, placeKind: 'phone', reason: 'x' });
  await one('Anna', 'update', 'request');
  await act('/tid', { startsAt: moved, durationMinutes: hour, placeKind: 'phone', reason: 'x' });
  await one('Anna', 'reschedule', 'update');
  made.download = { ics: await (await w.get(`${await w.link(anna)}/mote.ics`)).text(), to: '' };
  await w.post(await w.link(anna), { proposedStart: '2027-11-15T10:00' });
  await act(`/deltagare/${anna}/forslag`, { choice: 'decline', seen: '2027-11-15T09:00:00.000Z' });
  await one('Anna', 'decline counter', 'reschedule');
  await w.post('/kalender/flode', { act: 'on' }, officer);
  const page = await (await w.get('/kalender/flode', officer)).text();
  const feed = /value="http:\/\/localhost:3000(\/kalender\/[^"]+\.ics)"/.exec(page)?.[1] ?? '';
  made.feed = { ics: await (await w.get(feed)).text(), to: '' };
  await act(`/deltagare/${bo}/bort`);
  await one('bo', 'cancel for one');
  await act('/installd', { reason: 'x' });
  await one('Anna', 'cancel for all', 'decline counter');
  await w.close();
  return made;
}

/** What a calendar reads. */
function read(text: string) {
  const calendar = new ICAL.Component(ICAL.parse(text) as string);
  for (const zone of calendar.getAllSubcomponents('vtimezone')) ICAL.TimezoneService.register(zone);
  const events = calendar.getAllSubcomponents('vevent').map((event) => {
    const { startDate, endDate } = new ICAL.Event(event);
    const people = [...event.getAllProperties('attendee'), ...event.getAllProperties('organizer')];
    return {
      ...{ startsAt: startDate.toJSDate().toISOString(), endsAt: endDate.toJSDate().toISOString() },
      ...{ uid: String(event.getFirstPropertyValue('uid')), status: event.getFirstPropertyValue('status') },
      ...{ sequence: event.getFirstPropertyValue('sequence'), stamp: String(event.getFirstPropertyValue('dtstamp')) },
      organizer: event.getFirstPropertyValue('organizer'),
      attendees: event.getAllProperties('attendee').map((each) => String(each.getFirstValue())),
      asks: event
        .getAllProperties('attendee')
        .map((each) => [each.getParameter('partstat'), each.getParameter('rsvp')]),
      names: people.flatMap((each) => each.getParameter('cn') ?? each.getParameter('sent-by') ?? []),
      zones: event.getAllProperties().flatMap((each) => each.getParameter('tzid') ?? []),
    };
  });
  ICAL.TimezoneService.reset();
  const zones = calendar.getAllSubcomponents('vtimezone').map((zone) => zone.getFirstPropertyValue('tzid'));
  const alarms = calendar.getAllSubcomponents('vevent').flatMap((event) => event.getAllSubcomponents('valarm'));
  return { method: calendar.getFirstPropertyValue('method'), events, zones, alarms };
}

// METHOD, SEQUENCE and STATUS of each, and whether it is at the first time, another of that day, or the second.
const expected: [name: string, method: string | null, sequence: number, status: string | null, when: string][] = [
  ['hold', 'REQUEST', 0, 'TENTATIVE', 'first'],
  ['other hold', 'REQUEST', 0, 'TENTATIVE', 'other'],
  ['request', 'REQUEST', 1, 'CONFIRMED', 'first'],
  ['hold withdrawn', 'CANCEL', 1, 'CANCELLED', 'other'],
  ['update', 'REQUEST', 2, 'CONFIRMED', 'first'],
  ['reschedule', 'REQUEST', 3, 'CONFIRMED', 'moved'],
  ['decline counter', 'DECLINECOUNTER', 3, null, 'moved'],
  ['cancel for one', 'CANCEL', 4, null, 'moved'],
  ['cancel for all', 'CANCEL', 5, 'CANCELLED', 'moved'],
  ['download', null, 3, 'CONFIRMED', 'moved'],
  ['feed', null, 3, 'CONFIRMED', 'moved'],
];

describe.each(Object.entries(days))('on a day in %s', (when, day) => {
  let made: Record<string, Made>;
  beforeAll(async () => {
    made = await lifeOf(day);
  });

  test('there is nothing else', () => {
    expect(Object.keys(made).sort()).toEqual(expected.map(([name]) => name).sort());
  });

  test.each(expected)('%s', (name, method, sequence, status, at) => {
    const { ics, to, prev } = made[name] as Made;
    const { events, zones, alarms, ...calendar } = read(ics);
    const [event, ...others] = events;
    if (!event || others.length > 0) throw new Error('one event');
    expect({ ...calendar, sequence: event.sequence, status: event.status }).toEqual({ method, sequence, status });
    expect(alarms).toEqual([]);
    if (at === 'first') expect([event.startsAt, event.endsAt]).toEqual([day.startsAt, day.endsAt]);
    if (at === 'moved') expect(event.startsAt).toBe(day.movedTo);
    if (at === 'other') expect(event.startsAt.slice(0, 10)).toBe(day.startsAt.slice(0, 10));

    expect(ics).toMatch(/END:VCALENDAR\r\n$/);
    expect(ics.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/);
    expect(Math.max(...ics.split('\r\n').map((line) => Buffer.byteLength(line)))).toBeLessThanOrEqual(75);
    expect(new Set(event.zones)).toEqual(new Set(zones.slice(0, event.zones.length > 0 ? 1 : 0)));
    expect(event.uid).toMatch(/^[0-9a-f-]{36}@localhost$/);
    expect(event.names).toEqual([]);
    const mailed = method !== null;
    expect(event.attendees).toEqual(mailed ? [`mailto:${to}`] : []);
    expect(event.organizer === null).toBe(!mailed);
    if (method === 'REQUEST') expect(event.asks).toEqual([['NEEDS-ACTION', 'TRUE']]);
    for (const word of Object.values(canary)) expect(ics).not.toContain(word);

    const [before] = prev ? read(made[prev]?.ics ?? '').events : [];
    if (before) {
      expect(event).toMatchObject({ uid: before.uid, organizer: before.organizer });
      expect(event.stamp > before.stamp).toBe(true);
    }
  });

  test('the calendar checker passes each of them, where it is installed', { timeout: 120_000 }, async () => {
    const checker =
      process.env.SAMSYN_CHECK_ICS ?? resolve(import.meta.dirname, '../../../shared/tools/ics/check-ics.sh');
    const python = spawnSync('/usr/bin/python3', ['-c', 'import icalendar, vobject, dateutil, gi']);
    if (!existsSync(checker) || python.status !== 0) return;
    const folder = mkdtempSync(join(tmpdir(), 'samsyn-ics-'));
    const fileOf = (name: string) => join(folder, `${when} ${name}.ics`.replaceAll(' ', '-'));
    for (const [name, { ics }] of Object.entries(made)) writeFileSync(fileOf(name), ics);
    // The zone and the hour are the same in these as in others.
    const alike = when === 'winter' ? [] : ['other hold', 'download'];
    const checked = Object.keys(made).filter((name) => !alike.includes(name));
    const said = await Promise.all(
      checked.map((name) => {
        const { to, prev } = made[name] as Made;
        const options = [...(to ? ['--recipient', to] : []), ...(prev ? ['--prev', fileOf(prev)] : [])];
        const feed = name === 'feed' ? ['--feed'] : [];
        return new Promise<string>((done) => {
          execFile(checker, [fileOf(name), '--quiet', ...options, ...feed], (_error, stdout) => {
            done(`${name}: ${/^PASS/m.test(stdout) ? 'PASS' : stdout}`);
          });
        });
      }),
    );
    rmSync(folder, { recursive: true });
    expect(said).toEqual(checked.map((name) => `${name}: PASS`));
  });
});
