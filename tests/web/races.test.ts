import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { insertCover } from '../../src/features/account/cover/store.ts';
import { takeMail } from '../../src/features/invitation/reply/commands.ts';
import { insertMeeting } from '../../src/features/meeting/store.ts';
import { newId } from '../../src/kernel/ids.ts';
import { linkToken } from '../../src/kernel/links.ts';
import { permit } from '../../src/platform/db/access.ts';
import { google, type Invitation } from '../support/calendar-replies.ts';
import { fillForm, parseForm } from '../support/html.ts';
import { canary, opened, openWorld, type World } from './invitation-world.ts';

/** Two things done to one meeting at the same moment: the right one wins, and nobody gets a message about the other. */

let w: World;
/** The assigned officer, and who covers for them. */
let officers: [string, string];
let made = 0;
beforeAll(async () => {
  w = await openWorld();
  await w.set(async (writes) => {
    const fk2 = await writes.db
      .selectFrom('account')
      .select('id')
      .where('demo_key', '=', 'fk2')
      .executeTakeFirstOrThrow();
    const days = { firstDay: '2026-11-01', lastDay: '2027-12-31' };
    const id = newId('2026-11-23T09:00:00.000Z');
    await insertCover(writes, {
      ...{ id, officerId: w.officerId, coverId: fk2.id, ...days },
      ...{ createdAt: '2026-11-23T09:00:00.000Z', createdBy: w.officerId },
    });
  });
  officers = [await w.signIn('fk'), await w.signIn('fk2')];
});
afterAll(() => w.close());

const rounds = Array.from({ length: 6 }, (_, round) => round);
const names = ['FK', 'ARBG', 'PV', 'FACK'] as const;
type Someone = { id: string; email: string; link: string };

/** A meeting of its own with four who have e-mail. */
async function another() {
  const id = newId(w.house.engine.clock.now());
  const { db } = w.house.engine.database.reads;
  const { case_id, unit_id } = await db
    .selectFrom('meeting')
    .select(['case_id', 'unit_id'])
    .where('id', '=', w.meetingId)
    .executeTakeFirstOrThrow();
  await w.set((writes) =>
    insertMeeting(permit(writes), {
      ...{ id, caseId: case_id ?? '', requestId: null, kind: 'reconciliation', reference: 'K7M2-4QXR' },
      ...{ uid: `${id}@localhost`, purpose: canary.purpose, interpreterLanguage: null, officerId: w.officerId },
      ...{ unitId: unit_id, createdAt: w.house.engine.clock.now() },
    }),
  );
  await w.add('PERSON', canary.individual, '', true, id);
  const people: Someone[] = [];
  for (const party of names) {
    const email = `${party.toLowerCase()}${made++}@kund.example.se`;
    const participant = await w.add(party, party, email, true, id);
    const token = linkToken(w.house.config.linkKey, 'participant', participant, 1);
    people.push({ id: participant, email, link: `/svar/${token}` });
  }
  const path = `/moten/${id}`;
  const post = async (officer: 0 | 1, to: string, body: Record<string, string | string[]> = {}) =>
    (await w.post(`${path}${to}`, body, officers[officer])).status;
  /** The form of a page as this officer has it open, with some of it changed. */
  const form = async (officer: 0 | 1, page: string, change: Record<string, string>) => {
    const html = await (await w.get(`${path}${page}`, officers[officer])).text();
    return Object.fromEntries(fillForm(parseForm(html, `${path}${page.split('?')[0]}`), change)) as Record<
      string,
      string
    >;
  };
  const now = () =>
    db
      .selectFrom('meeting')
      .select(['state', 'starts_at', 'sequence', 'uid'])
      .where('id', '=', id)
      .executeTakeFirstOrThrow();
  const answers = () =>
    db
      .selectFrom('participant')
      .select(['id', 'answer', 'answer_sequence', 'proposed_start', 'delivery'])
      .where('meeting_id', '=', id)
      .where('sent_sequence', 'is not', null)
      .where('party', '!=', 'PERSON')
      .execute();
  const options = () =>
    db
      .selectFrom('poll_option as o')
      .innerJoin('poll as p', 'p.id', 'o.poll_id')
      .select(['o.id', 'o.uid', 'o.starts_at', 'o.booked', 'p.state'])
      .where('p.meeting_id', '=', id)
      .orderBy('o.starts_at')
      .execute();
  return { id, path, people, post, form, now, answers, options };
}

const time = (startsAt: string) => ({ startsAt, durationMinutes: '60', placeKind: 'phone' });
const taking = (raw: string | Buffer) => takeMail(w.house.engine, Buffer.from(raw), w.house.config.mailFrom);
const mail = async () => opened(await w.letters());
/** In an order that is another each round, so that each of them is sometimes the first. */
const turned = <T>(acts: readonly T[], round: number): T[] =>
  acts.map((_, at) => acts[(at + round) % acts.length] as T);

test.each(rounds)('a reschedule while answers arrive by link, calendar mail and telephone (%i)', async (round) => {
  const m = await another();
  await m.post(0, '/tid', time('2026-12-17T13:00'));
  await m.post(0, '/kallelse');
  const sent = await mail();
  const [byLink, byMail, byPhone, byCounter] = m.people as [Someone, Someone, Someone, Someone];
  const noted = await m.form(1, `/deltagare/${byPhone.id}/svar`, { answer: 'accepted', via: 'phone' });
  const read = Object.fromEntries(
    fillForm(parseForm(await (await w.get(byLink.link)).text(), byLink.link), { answer: 'accepted' }),
  ) as Record<string, string>;
  const invitation = ({ email }: Someone): Invitation => {
    const object = sent.find(({ to }) => to === email)?.object;
    return { uid: object?.uid ?? '', sequence: 0, organizer: object?.organizer ?? '', attendee: email };
  };
  const stamp = '20261123T080000Z';
  const counter = { start: '20261221T100000', end: '20261221T110000' };
  const acts: [string, () => Promise<unknown>][] = [
    ['moved', () => m.post(0, '/tid', { ...time('2026-12-18T09:00'), reason: 'x' })],
    ['link', async () => (await w.post(byLink.link, { ...read, answer: 'accepted' })).status],
    ['mail', () => taking(google(invitation(byMail), { partstat: 'ACCEPTED', stamp }))],
    ['phone', () => m.post(1, `/deltagare/${byPhone.id}/svar`, noted)],
    ['counter', () => taking(google(invitation(byCounter), { partstat: 'DECLINED', stamp, proposed: counter }))],
  ];
  const done = Object.fromEntries(
    await Promise.all(turned(acts, round).map(async ([name, act]) => [name, await act()] as const)),
  );
  expect(done.moved).toBe(303);
  for (const by of ['link', 'phone']) expect([303, 409]).toContain(done[by]);
  for (const by of ['mail', 'counter']) expect(['processed', 'ignored']).toContain(done[by]);
  // Whoever was first: what was answered to the old time is no answer to the new one, and asks for no other.
  expect(await m.now()).toMatchObject({ state: 'scheduled', sequence: 1, starts_at: '2026-12-18T08:00:00.000Z' });
  for (const one of await m.answers()) {
    expect(one).toMatchObject({ answer: 'needs_action', answer_sequence: null, proposed_start: null });
  }
  const after = await mail();
  expect(after.map(({ to, object }) => `${to} ${object?.method} ${object?.sequence} ${object?.start}`).sort()).toEqual(
    m.people.map(({ email }) => `${email} REQUEST 1 2026-12-18T09:00:00`).sort(),
  );
});

/** Who heard of a time that is not the meeting's, but for its being taken out of a calendar. */
const misled = (mails: Awaited<ReturnType<typeof mail>>, startsAt: string | null) =>
  mails.filter(
    ({ object }) =>
      object?.method === 'REQUEST' &&
      Temporal.PlainDateTime.from(object.start).toZonedDateTime('Europe/Stockholm').toInstant().toString() !==
        startsAt?.replace('.000Z', 'Z'),
  );

describe('two officers at once, while votes arrive', () => {
  const times = ['2026-12-08T09:00', '2026-12-09T13:00', '2026-12-10T10:00'];
  test.each(rounds)('book different times (%i)', async (round) => {
    const holds: Record<string, string> = round % 2 === 0 ? { holds: 'on' } : {};
    const m = await another();
    await m.post(0, '/tidsforslag', { startsAt: times, durationMinutes: '60', ...holds });
    const asked = await mail();
    const [first, second, third] = await m.options();
    const [voter, mailer] = m.people as [Someone, Someone];
    const hold = asked.find(({ to, object }) => to === mailer.email && object?.uid === third?.uid)?.object;
    const reply = google(
      { uid: hold?.uid ?? third?.uid ?? '', sequence: 0, organizer: hold?.organizer ?? '', attendee: mailer.email },
      { partstat: 'ACCEPTED', stamp: '20261123T080000Z' },
    );
    const other =
      round % 3 === 0
        ? time('2026-12-15T15:00')
        : await m.form(1, `/tid?tid=${second?.id}`, { placeKind: 'phone', option: second?.id ?? '' });
    const acts: [string, () => Promise<unknown>][] = [
      ['one', () => m.post(0, '/tid', { ...time(times[0] ?? ''), option: first?.id ?? '' })],
      ['two', () => m.post(1, '/tid', other)],
      ['vote', async () => (await w.post(`${voter.link}/tider`, { [`option-${third?.id}`]: 'yes' })).status],
      ['mail', () => taking(reply)],
    ];
    const done = Object.fromEntries(
      await Promise.all(turned(acts, round).map(async ([name, act]) => [name, await act()] as const)),
    );
    const won = [done.one, done.two].filter((status) => status === 303);
    expect(won).toHaveLength(1);
    expect([409, 422]).toContain(done.one === 303 ? done.two : done.one);
    expect([303, 422]).toContain(done.vote);
    expect(['processed', 'ignored', 'human']).toContain(done.mail);
    if (done.two === 303 && round % 3 === 0) await m.post(1, '/kallelse');

    const meeting = await m.now();
    expect(meeting.starts_at).toBe(
      done.one === 303 ? first?.starts_at : round % 3 === 0 ? '2026-12-15T14:00:00.000Z' : second?.starts_at,
    );
    const options = await m.options();
    expect(
      options.every(
        ({ state }) => state === (meeting.starts_at === '2026-12-15T14:00:00.000Z' ? 'abandoned' : 'booked'),
      ),
    ).toBe(true);
    expect(options.filter(({ booked }) => booked === 1).map(({ starts_at }) => starts_at)).toEqual(
      meeting.starts_at === '2026-12-15T14:00:00.000Z' ? [] : [meeting.starts_at],
    );
    const after = await mail();
    expect(misled(after, meeting.starts_at)).toEqual([]);
    for (const { email } of m.people) {
      const mine = [...asked, ...after].filter(({ to, object }) => to === email && object !== null);
      const last = new Map(mine.map(({ object }) => [object?.uid, `${object?.method} ${object?.status}`]));
      // One thing stands in each calendar: the meeting.
      expect([...last].filter(([, said]) => said !== 'CANCEL CANCELLED')).toEqual([[meeting.uid, 'REQUEST CONFIRMED']]);
    }
  });

  test.each(rounds)('move a fixed meeting (%i)', async (round) => {
    const m = await another();
    await m.post(0, '/tid', time('2026-12-17T13:00'));
    await m.post(0, '/kallelse');
    await mail();
    const typed = ['2026-12-18T09:00', '2026-12-21T10:00'];
    const forms = await Promise.all(
      ([0, 1] as const).map((at) => m.form(at, '/tid', { startsAt: typed[at] ?? '', reason: 'x' })),
    );
    const both = turned([0, 1] as const, round);
    const done = await Promise.all(both.map((at) => m.post(at, '/tid', forms[at] ?? {})));
    expect(done.toSorted()).toEqual([303, 409]);
    const winner = both[done.indexOf(303)] ?? 0;
    const meeting = await m.now();
    expect(meeting).toMatchObject({
      sequence: 1,
      starts_at: { 0: '2026-12-18T08:00:00.000Z', 1: '2026-12-21T09:00:00.000Z' }[winner],
    });
    const after = await mail();
    expect(after).toHaveLength(m.people.length);
    expect(misled(after, meeting.starts_at)).toEqual([]);
    // Whoever lost reads what it is now, and may still move it.
    const again = await m.form(both[done.indexOf(409)] ?? 1, '/tid', { startsAt: '2026-12-22T10:00', reason: 'x' });
    expect(await m.post(1, '/tid', again)).toBe(303);
    await mail();
  });

  test.each(rounds)('one books and one calls it off (%i)', async (round) => {
    const holds: Record<string, string> = round % 2 === 0 ? { holds: 'on' } : {};
    const m = await another();
    await m.post(0, '/tidsforslag', { startsAt: times, durationMinutes: '60', ...holds });
    const asked = await mail();
    const [first] = await m.options();
    const acts = [
      () => m.post(0, '/tid', { ...time(times[0] ?? ''), option: first?.id ?? '' }),
      () => m.post(1, '/installd', { reason: 'x' }),
    ];
    const done = await Promise.all(turned(acts, round).map((act) => act()));
    const [booked, cancelled] = turned(done, round);
    expect(cancelled).toBe(303);
    expect([303, 409, 422]).toContain(booked);
    expect((await m.now()).state).toBe('cancelled');
    const after = await mail();
    for (const { email } of m.people) {
      const mine = [...asked, ...after].filter(({ to, object }) => to === email && object !== null);
      const last = new Map(mine.map(({ object }) => [object?.uid, object?.method]));
      expect([...new Set(last.values())].filter((method) => method !== 'CANCEL')).toEqual([]);
    }
    w.pass({ seconds: 60 });
    expect(await mail()).toEqual([]);
  });
});
