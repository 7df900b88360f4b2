import { simpleParser } from 'mailparser';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { takeMail } from '../../src/features/invitation/reply/commands.ts';
import { decideDue } from '../../src/features/plan/owner/commands.ts';
import { tendMeasures } from '../../src/features/plan/reminder/commands.ts';
import { remindersOf } from '../../src/features/plan/reminder/rules.ts';
import { noteUnreached } from '../../src/features/plan/reminder/store.ts';
import { nothingBeside, type User } from '../../src/kernel/access.ts';
import { addDays, stockholmDate } from '../../src/kernel/time.ts';
import { messageKinds } from '../../src/messages.ts';
import { openHouse } from '../../src/open-house.ts';
import { MailError, type MailTransport } from '../../src/platform/mail/transport.ts';
import { sendDueMessages } from '../../src/platform/outbox/worker.ts';
import { bounce, type Invitation } from '../support/calendar-replies.ts';
import { canary } from './invitation-world.ts';
import { type MeasureWorld, openMeasureWorld, written } from './measure-world.ts';

/** Reminders of measures as their owners and officers get them: one mail a person and day, none too many, over a year. */

const [employer, doctor, person] = ['chef@verkstad.example.se', 'lena@region.example.se', 'anna@hemma.example'];
const officerMail = 'sara.lind@fk.example.se';

let w: MeasureWorld;
let other: Awaited<ReturnType<typeof openHouse>>;
let officer: User;
let one: { caseId: string; meetingId: string };

beforeEach(async () => {
  w = await openMeasureWorld();
  other = await openHouse(w.house.config, { clock: w.house.engine.clock });
  const { vault } = w.house.engine.database.reads;
  await w.set((t) =>
    t.db
      .updateTable('account')
      .set({ email: vault.seal(officerMail) })
      .where('id', '=', w.officerId)
      .execute(),
  );
  one = await w.addCase();
  officer = {
    ...({ kind: 'user', ...nothingBeside, role: 'officer', fk: true, party: 'FK', organisationId: 'fk' } as const),
    ...{ id: w.officerId, unitId: (await w.meeting())?.unit.id ?? '', name: 'Sara Lind' },
  };
});
afterEach(async () => {
  await other.close();
  await w.close();
});

/** Both workers look in the same moment. */
const tend = () => Promise.all([tendMeasures(w.house.engine), tendMeasures(other.house.engine)]);

type Mail = { to: string; links: string[]; text: string };
async function mails(): Promise<Mail[]> {
  const letters = await w.letters();
  const read = await Promise.all(letters.map(async (raw) => ({ raw: raw.toString(), mail: await simpleParser(raw) })));
  return read
    .map(({ raw, mail }) => {
      const bytes = [raw, mail.subject, mail.text, mail.html].join('\n');
      for (const word of [...Object.values(canary), ...Object.values(written), 'Kanariefall'])
        expect(bytes).not.toContain(word);
      const to = [mail.to ?? []].flat()[0]?.text ?? '';
      return { to, text: mail.text ?? '', links: (mail.text ?? '').match(/http:\S+/g) ?? [] };
    })
    .sort((a, b) => (a.to < b.to ? -1 : 1));
}
async function at(instant: string) {
  w.until(instant);
  await tend();
  return mails();
}
const told = (all: Mail[]) => all.map(({ to, links }) => `${to} ${links.length}`);
const url = async (id: string) => `${w.house.config.baseUrl}${await w.measureLink(id)}`;
const say = async (id: string, fields: Record<string, string>) =>
  w.post(await w.measureLink(id), { status: 'ongoing', ...fields });

test('a year: each reminder comes once, on its day, in one mail a person, by two workers', async () => {
  const two = await w.addCase();
  const add = (party: 'ARBG' | 'PV' | 'PERSON', email: string, to: typeof one) =>
    w.add(party, canary.colleague, email, true, to.meetingId);
  for (const to of [one, two]) await add('ARBG', employer, to);
  await add('PV', doctor, one);
  await add('PERSON', person, two);
  // Days about the year: on both change nights, at Christmas, Easter, Midsummer, and several on one day.
  const dues = [
    '2026-12-25',
    '2027-01-29',
    '2027-03-26',
    '2027-03-28',
    '2027-05-14',
    '2027-06-25',
    '2027-08-02',
    '2027-10-31',
  ];
  const measures: { id: string; to: string; due: string }[] = [];
  for (const [i, due] of dues.entries()) {
    measures.push({ id: await w.agree(one, 2 * i + 1, 'ARBG', due), to: employer, due });
    measures.push({
      id: await w.agree(two, 2 * i + 1, 'ARBG', addDays(due, i % 3)),
      to: employer,
      due: addDays(due, i % 3),
    });
    measures.push({ id: await w.agree(one, 2 * i + 2, 'PV', addDays(due, 5)), to: doctor, due: addDays(due, 5) });
    measures.push({ id: await w.agree(two, 2 * i + 2, 'PERSON', due), to: person, due });
  }
  const expected = new Map<string, Set<string>>();
  for (const { to, due } of measures) {
    for (const step of remindersOf(due)) {
      const key = `${step.at} ${step.to === 'owner' ? to : officerMail}`;
      expected.set(key, (expected.get(key) ?? new Set()).add(due));
    }
  }
  const moments = [...new Set([...expected.keys()].map((key) => key.slice(0, 24)))].sort();
  const came: string[] = [];
  for (const moment of moments) {
    // A minute before, and in the night before: nobody is written to.
    expect(await at(new Date(Date.parse(moment) - 60_000).toISOString())).toEqual([]);
    const now = await at(moment);
    for (const { to } of now) came.push(`${moment} ${to}`);
    const owners = measures.filter(({ due }) =>
      remindersOf(due).some((step) => step.at === moment && step.to === 'owner'),
    );
    for (const to of [employer, doctor, person]) {
      const links = await Promise.all(owners.filter((each) => each.to === to).map(({ id }) => url(id)));
      expect(now.find((mail) => mail.to === to)?.links.sort() ?? []).toEqual(links.sort());
    }
    // Again, and late the same day.
    expect(await at(new Date(Date.parse(moment) + 6 * 3_600_000).toISOString())).toEqual([]);
  }
  expect(came.sort()).toEqual([...expected.keys()].sort());
  expect(moments.length).toBeGreaterThan(60);
  // Whatever comes after.
  expect(await at('2028-06-01T08:00:00.000Z')).toEqual([]);
  const logged = await w.house.engine.database.reads.db
    .selectFrom('audit')
    .select(['case_id', 'outcome'])
    .where('action', '=', 'measure.remind')
    .where('outcome', '=', 'done')
    .execute();
  expect(new Set(logged.map(({ case_id }) => case_id))).toEqual(new Set([one.caseId, two.caseId]));
});

const [due, week, day] = ['2026-12-10', '2026-12-03T07:00:00.000Z', '2026-12-09T07:00:00.000Z'];

test('none for what is done, came to nothing, is moved, or is of a closed case', async () => {
  await w.add('ARBG', canary.colleague, employer, true, one.meetingId);
  const closed = await w.addCase();
  await w.add('ARBG', canary.colleague, employer, true, closed.meetingId);
  const ids: string[] = [];
  for (let i = 1; i <= 4; i++) ids.push(await w.agree(one, i, 'ARBG', due));
  const [done = '', gone = '', moved = '', goes = ''] = ids;
  await w.agree(closed, 1, 'ARBG', due);
  expect(told(await at(week))).toEqual([`${employer} 5`]);
  expect((await say(done, { status: 'done', note: written.note })).status).toBe(303);
  expect((await say(gone, { status: 'not_done', obstacle: written.obstacle })).status).toBe(303);
  expect((await say(moved, { proposedDue: '2027-02-10' })).status).toBe(303);
  await w.set((t) => t.db.updateTable('case_file').set({ state: 'closed' }).where('id', '=', closed.caseId).execute());
  // Until the officer has answered the old day stands.
  expect(told(await at(day))).toEqual([`${employer} 2`]);
  const caller = { actor: officer, reference: 'test' };
  const input = { granted: true, words: written.words, asked: '2027-02-10' };
  expect((await decideDue(w.house.engine, caller, moved, input)).ok).toBe(true);
  const answer = await mails();
  expect(answer.map(({ links }) => links)).toEqual([[await url(moved)]]);
  expect((await at('2026-12-10T07:00:00.000Z'))[0]?.links).toEqual([await url(goes)]);
  expect((await at('2027-02-03T07:00:00.000Z')).find(({ to }) => to === employer)?.links).toEqual([await url(moved)]);
});

test('the individual can choose none, and is not rung for that', async () => {
  await w.add('PERSON', canary.individual, person, true, one.meetingId);
  const id = await w.agree(one, 1, 'PERSON', due);
  await w.set((t) => t.db.updateTable('case_file').set({ reminders: 0 }).where('id', '=', one.caseId).execute());
  expect(await at(week)).toEqual([]);
  expect((await w.row(id)).signal).toBeNull();
  await w.set((t) => t.db.updateTable('case_file').set({ reminders: 1 }).where('id', '=', one.caseId).execute());
  expect(told(await at(day))).toEqual([`${person} 1`]);
});

test.each<[what: string, set: (id: string) => Promise<unknown>]>([
  ['no verified address', (id) => change(id, { verified_at: null })],
  ['an address that bounced', (id) => change(id, { delivery: 'bounced' })],
  [
    'a protected identity',
    () =>
      w.set((t) => t.db.updateTable('case_file').set({ protected_identity: 1 }).where('id', '=', one.caseId).execute()),
  ],
])('%s: nobody is written to, and the officer is told to ring', async (_what, set) => {
  const owner = await w.add('ARBG', canary.colleague, employer, true, one.meetingId);
  const id = await w.agree(one, 1, 'ARBG', due);
  await set(owner);
  expect(await at(week)).toEqual([]);
  expect(await w.row(id)).toMatchObject({ signal: 'unreached', signal_on: '2026-12-03' });
  const cookie = await w.signIn('fk');
  expect(await (await w.get('/forsenat', cookie)).text()).toContain('Ring, inget mejl når fram');
});
const change = (id: string, columns: Record<string, string | number | null>) =>
  w.set((t) => t.db.updateTable('participant').set(columns).where('id', '=', id).execute());

test('FK’s own is the officer’s, in one mail with what is late', async () => {
  await w.agree(one, 1, 'FK', due);
  await w.agree(one, 2, 'ARBG', '2026-11-25');
  const first = await at(week);
  // The other’s week after has passed, and nobody could be told: the officer is written to on the day after it.
  expect(first.map(({ to, links }) => [to, links])).toEqual([
    [officerMail, [`${w.house.config.baseUrl}/mina-atgarder`, `${w.house.config.baseUrl}/forsenat`]],
  ]);
  const absent = await w.house.engine.database.reads.db
    .selectFrom('account')
    .select('id')
    .where('demo_key', '=', 'fk2')
    .executeTakeFirstOrThrow();
  const { vault } = w.house.engine.database.reads;
  await w.set(async (t) => {
    await t.db
      .updateTable('account')
      .set({ email: vault.seal('omar@fk.example.se') })
      .where('id', '=', absent.id)
      .execute();
    await t.db
      .insertInto('cover')
      .values({
        id: absent.id,
        officer_id: w.officerId,
        cover_id: absent.id,
        first_day: '2026-12-01',
        last_day: '2026-12-31',
        created_at: week,
        created_by: w.officerId,
      } as never)
      .execute();
  });
  expect(told(await at(day))).toEqual(['omar@fk.example.se 1']);
});

test('who has left is not written to: not the owner by their account, the officer, or who covered for them', async () => {
  const owner = await w.add('ARBG', canary.colleague, employer, true, one.meetingId);
  const id = await w.agree(one, 1, 'ARBG', due);
  await w.agree(one, 2, 'FK', due);
  const { db, vault } = w.house.engine.database.reads;
  const colleague = await db.selectFrom('account').select('id').where('demo_key', '=', 'fk2').executeTakeFirstOrThrow();
  const days = { first_day: '2026-11-01', last_day: '2027-12-31', created_at: week, created_by: w.officerId };
  const account = (state: string, who: string) =>
    w.set((t) =>
      t.db
        .updateTable('account')
        .set({ state, email: vault.seal(who === w.officerId ? officerMail : 'omar@fk.example.se') })
        .where('id', '=', who)
        .execute(),
    );
  await w.set((t) =>
    t.db
      .insertInto('cover')
      .values({ id: colleague.id, officer_id: w.officerId, cover_id: colleague.id, ...days } as never)
      .execute(),
  );
  await account('closed', colleague.id);
  // An account of theirs that is closed leads nowhere: the link does.
  await change(owner, { account_id: colleague.id });
  const both = await at(week);
  expect(told(both)).toEqual([`${employer} 1`, `${officerMail} 1`]);
  expect(both[0]?.links).toEqual([await url(id)]);
  await change(owner, { verified_at: null });
  await account('closed', w.officerId);
  expect(await at(day)).toEqual([]);
  expect(await w.row(id)).toMatchObject({ signal: 'unreached' });
});

test('what was queued before it was done is not sent, and what cannot be delivered reaches the officer', async () => {
  await w.add('ARBG', canary.colleague, employer, true, one.meetingId);
  const [a, b] = [await w.agree(one, 1, 'ARBG', due), await w.agree(one, 2, 'ARBG', due)];
  const own = await w.agree(one, 3, 'FK', due);
  w.until(week);
  await tend();
  expect((await say(a, { status: 'done' })).status).toBe(303);
  const sent = await mails();
  expect(sent.map(({ links }) => links)).toEqual([[await url(b)], [`${w.house.config.baseUrl}/mina-atgarder`]]);
  w.until(day);
  await tend();
  const refusing: MailTransport = {
    send: async () => {
      throw new MailError(true, 'EENVELOPE');
    },
    close: async () => {},
  };
  await sendDueMessages(w.house.engine, refusing, messageKinds(w.house), w.house.log, () => false);
  expect((await w.row(b)).signal).toBe('unreached');
  // Nobody is to ring themselves.
  for (const id of [a, own]) expect((await w.row(id)).signal).toBeNull();
});

test('what comes back from a mail server reaches the officer at once', async () => {
  const owner = await w.add('ARBG', canary.colleague, employer, true, one.meetingId);
  const [a, b] = [await w.agree(one, 1, 'ARBG', due), await w.agree(one, 2, 'ARBG', due)];
  await change(owner, { sent_sequence: 0, delivery: 'sent' });
  expect((await say(b, { status: 'done' })).status).toBe(303);
  w.until(week);
  await tend();
  const [mail] = await w.letters();
  const { mailFrom } = w.house.config;
  const to = { organizer: mailFrom.replace('@', `+${owner.replaceAll('-', '')}@`), attendee: employer } as Invitation;
  const back = Buffer.from(bounce(to, mail ?? ''));
  expect(await takeMail(w.house.engine, back, mailFrom, noteUnreached)).toBe('processed');
  expect(await w.row(a)).toMatchObject({ signal: 'unreached', signal_on: '2026-12-03' });
  expect((await w.row(b)).signal).toBeNull();
});

test('a worker that slept starts with the latest, in the next morning of a working day', async () => {
  await w.add('ARBG', canary.colleague, employer, true, one.meetingId);
  await w.agree(one, 1, 'ARBG', due);
  // Saturday, then Monday before eight.
  expect(await at('2026-12-12T10:00:00.000Z')).toEqual([]);
  expect(await at('2026-12-14T06:30:00.000Z')).toEqual([]);
  expect(told(await at('2026-12-14T07:00:00.000Z'))).toEqual([`${employer} 1`]);
  expect(stockholmDate(w.house.engine.clock.now())).toBe('2026-12-14');
});
