import { createTransport } from 'nodemailer';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { takeMail } from '../../src/features/invitation/reply/commands.ts';
import { readMailbox } from '../../src/platform/mail/mailbox.ts';
import {
  bare,
  bounce,
  exchange,
  google,
  type Invitation,
  ios,
  letter,
  type Said,
  thunderbird,
} from '../support/calendar-replies.ts';
import { kind } from '../support/database.ts';
import { validateHtml } from '../support/html.ts';
import { imapServers, startImapServer, type TestImapServer } from '../support/imap.ts';
import { startSmtpServer, type TestSmtpServer } from '../support/smtp.ts';
import { fixed, openWorld, type Received, received, type World } from './invitation-world.ts';

/**
 * Invitations leave by a real SMTP server; answers come by a real IMAP server, as each kind of client sends them; and
 * the meeting page shows what came of it.
 */

const at = (minute: number, partstat: Said['partstat'], more: Partial<Said> = {}): Said => ({
  partstat,
  stamp: `20261123T08${String(minute).padStart(2, '0')}00Z`,
  ...more,
});
const first = { start: '20261221T100000', end: '20261221T113000' };
const second = { start: '20261222T100000', end: '20261222T113000' };

type Case = {
  name: string;
  /** What comes from them, in the order it was written. `before` is the invitation to the time that was changed. */
  mails(to: Invitation, before: Invitation, raw: Buffer): (string | Buffer)[];
  /** Words of their row on the meeting page, and words that are not there. */
  shows: string[];
  not?: string[];
};

const answering = (make: typeof google) => (to: Invitation) => [
  make(to, at(1, 'TENTATIVE')),
  make(to, at(2, 'ACCEPTED', { comment: 'Jag tar med mig schemat' })),
];
const proposing = (make: typeof google) => (to: Invitation) => [
  make(to, at(1, 'TENTATIVE', { proposed: first })),
  make(to, at(2, 'DECLINED', { proposed: second })),
];
const proposed = ['Kan inte komma', 'i kalendern', 'Föreslår tisdag 22 december 2026'];
const odd =
  (change: (ics: string) => string, more: object = {}) =>
  (to: Invitation) => [
    bare(to, at(1, 'DECLINED'), { change, ...more }),
    bare(to, at(2, 'ACCEPTED'), { change, ...more }),
  ];
const accepted = ['Kommer', 'i kalendern'];
const silent = ['Har inte svarat'];

const cases: Case[] = [
  { name: 'Google', mails: answering(google), shows: [...accepted, 'Jag tar med mig schemat'] },
  { name: 'GoogleTid', mails: proposing(google), shows: [...proposed, 'kl. 10.00–11.30'], not: ['21 december'] },
  { name: 'Iphone', mails: answering(ios), shows: accepted },
  { name: 'IphoneTid', mails: proposing(ios), shows: proposed },
  { name: 'Exchange', mails: answering(exchange), shows: accepted },
  { name: 'ExchangeTid', mails: proposing(exchange), shows: [...proposed, 'kl. 10.00–11.30'] },
  { name: 'Thunderbird', mails: answering(thunderbird), shows: accepted },
  { name: 'Alias', mails: odd((ics) => ics, { from: 'Någon <privat@annan.example>' }), shows: accepted },
  {
    name: 'Teckenkod',
    mails: (to) => [
      bare(to, at(1, 'ACCEPTED', { comment: 'Går åt, jaha' }), { type: 'text/calendar; charset=us-ascii' }),
    ],
    shows: [...accepted, 'Går åt, jaha'],
  },
  { name: 'Tabbar', mails: odd((ics) => ics.replace('PARTSTAT', 'PART\r\n\tSTAT')), shows: accepted },
  { name: 'Versaler', mails: odd((ics) => ics.replaceAll('mailto:', 'MAILTO:')), shows: accepted },
  { name: 'Studs', mails: (to, _before, raw) => [bounce(to, raw)], shows: ['Kom inte fram', ...silent] },
  {
    name: 'Ersatt',
    mails: (to) => [
      bare(to, at(1, 'ACCEPTED'), {
        attendee: `ATTENDEE;PARTSTAT=DELEGATED;DELEGATED-TO="mailto:ny@x.example":mailto:${to.attendee}`,
        also: ['ATTENDEE;PARTSTAT=ACCEPTED:mailto:ny@x.example'],
      }),
    ],
    shows: silent,
  },
  {
    name: 'Främling',
    mails: (to) => [google({ ...to, attendee: 'okand@x.example' }, at(1, 'ACCEPTED'))],
    shows: silent,
  },
  {
    name: 'Tidigare',
    mails: (_to, before) => [google(before, at(1, 'ACCEPTED'))],
    shows: [...silent, 'Svarade Kommer på en tidigare inbjudan'],
  },
  { name: 'Skräp', mails: (to) => [bare(to, at(1, 'ACCEPTED'), { change: (ics) => ics.slice(0, 99) })], shows: silent },
  {
    name: 'Brev',
    mails: (to) => [letter(to.organizer, to.attendee, 'Jag har ont i ryggen och kommer sent.')],
    shows: silent,
  },
];

const copyOf = (mail: string | Buffer) =>
  Buffer.concat([Buffer.from('Received: from another by mx.example; Mon, 23 Nov 2026\r\n'), Buffer.from(mail)]);
const orders: [name: string, of: (mails: (string | Buffer)[]) => (string | Buffer)[]][] = [
  ['as they were written', (mails) => mails],
  ['each twice, and once more by another way', (mails) => mails.flatMap((mail) => [mail, mail, copyOf(mail)])],
  ['the last one first', (mails) => mails.toReversed()],
];

const invitationOf = ({ uid, sequence, organizer, to }: Received): Invitation => ({
  uid,
  sequence,
  organizer,
  attendee: to,
});
/** The row of somebody in the table of who takes part, without its tags. */
const rowOf = (html: string, name: string): string =>
  (html.match(/<tr>.*?<\/tr>/gs) ?? [])
    .filter((row) => row.includes(`<div>${name} `))
    .map((row) => row.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' '))
    .join();

let smtp: TestSmtpServer;
beforeAll(async () => {
  smtp = await startSmtpServer();
});
afterAll(() => smtp.close());

/** Mails as they are after a real SMTP server has taken them. */
async function posted(mails: (string | Buffer)[]): Promise<Buffer[]> {
  smtp.messages.length = 0;
  const client = createTransport({ url: smtp.url, pool: true, maxConnections: 1 });
  for (const raw of mails)
    await client.sendMail({ envelope: { from: 'svar@kund.example.se', to: ['moten@localhost'] }, raw });
  client.close();
  return smtp.messages.map(({ raw }) => raw);
}

/** A meeting that somebody of each case was invited to, and invited to again at another time. */
async function invite(names: string[]) {
  smtp.messages.length = 0;
  const w = await openWorld({ smtpUrl: smtp.url });
  const officer = await w.signIn('fk');
  await w.add('PERSON', 'Personen', '');
  await w.add('FK', 'Sara Lind', 'sara.lind@fk.example.se');
  const ids = new Map<string, string>();
  for (const name of names) ids.set(name, await w.add('ARBG', name, `${name.replace('ä', 'a')}@kund.example.se`));
  const act = async (path: string, body: Record<string, string> = {}) => {
    const response = await w.post(`${w.path}${path}`, body, officer);
    if (response.status !== 303) throw new Error(`${path}: ${response.status}`);
  };
  await act('/tid', fixed);
  await act('/kallelse');
  await w.mails();
  await act('/tid', { ...fixed, startsAt: '2026-12-18T09:00', reason: 'Ny tid.' });
  await w.mails();
  const all = await Promise.all((await smtp.waitFor(2 * (names.length + 1))).map(({ raw }) => received(raw)));
  const of = (name: string) => all.filter(({ to }) => to.startsWith(`${name.replace('ä', 'a')}@`));
  const page = async () => {
    const html = await (await w.get(w.path, officer)).text();
    validateHtml(html, w.path);
    return html;
  };
  return { w, officer, ids, act, of, page };
}

/** Another meeting, whose only guest was told that it is off. */
async function invitedAndCalledOff(w: World, officer: string): Promise<{ path: string; invitation: Invitation }> {
  const path = `/moten/${w.otherMeetingId}`;
  for (const [party, name] of [['PERSON', 'x'] as const, ['FK', 'y'] as const])
    await w.add(party, name, '', true, w.otherMeetingId);
  await w.add('ARBG', 'Avbokad', 'avbokad@kund.example.se', true, w.otherMeetingId);
  smtp.messages.length = 0;
  await w.post(`${path}/tid`, { ...fixed, startsAt: '2026-12-21T09:00' }, officer);
  await w.post(`${path}/kallelse`, {}, officer);
  await w.post(`${path}/installd`, { reason: 'Går inte.' }, officer);
  await w.mails();
  const [request, cancel] = await Promise.all((await smtp.waitFor(2)).map(({ raw }) => received(raw)));
  expect([request?.method, cancel?.method]).toEqual(['REQUEST', 'CANCEL']);
  return { path, invitation: invitationOf(request as Received) };
}

const reader = (w: World, imap: TestImapServer) =>
  readMailbox({
    url: imap.url,
    most: 1024 * 1024,
    folders: { processed: 'Behandlade', ignored: 'Ignorerade', human: 'Att titta på' },
    take: (raw) => takeMail(w.house.engine, raw, w.house.config.mailFrom),
    log: w.house.log,
  });

// What an IMAP server can do otherwise, it does on either database.
const servers = kind === 'sqlite' ? imapServers : imapServers.slice(0, 1);
const tried = kind === 'sqlite' ? orders : orders.slice(1, 2);

describe.each(servers)('answers by way of %s', (server) => {
  test.each(tried)('%s', async (_order, inOrder) => {
    const { w, officer, of, page } = await invite(cases.map(({ name }) => name));
    const { path: otherPath, invitation: calledOff } = await invitedAndCalledOff(w, officer);
    const imap = await startImapServer(server);
    const written = cases.flatMap(({ name, mails }) => {
      const [before, now] = of(name);
      return mails(invitationOf(now as Received), invitationOf(before as Received), Buffer.from(now?.raw ?? ''));
    });
    const noise = Buffer.from(Array.from({ length: 900 }, (_, i) => 32 + ((i * 37) % 94)));
    const mails = await posted(inOrder([...written, google(calledOff, at(1, 'ACCEPTED')), noise]));
    await imap.append(...mails);
    const running = reader(w, imap);
    await imap.emptied();
    await running.stop();

    const html = await page();
    for (const { name, shows, not = [] } of cases) {
      const row = rowOf(html, name);
      for (const words of shows) expect(row, name).toContain(words);
      for (const words of not) expect(row, name).not.toContain(words);
    }
    // Those who answered by mail, and nobody else: who answers, when and where it is, is as it was.
    expect(html).toContain('Vill att någon annan kommer i stället');
    expect(html).toContain('Svar från någon som inte är inbjuden');
    expect(html).not.toContain('ont i ryggen');
    const waiting = [...new Set(html.match(/\/moten\/[\w-]+\/kalendersvar\/[\w-]+/g))];
    const read = await Promise.all(waiting.map(async (path) => (await w.get(path, officer)).text()));
    expect(read.filter((mail) => mail.includes('ny@x.example')).length).toBeGreaterThan(0);
    expect(read.filter((mail) => mail.includes('ont i ryggen')).length).toBeGreaterThan(0);
    expect(await w.meeting()).toMatchObject({ state: 'scheduled', sequence: 1, startsAt: '2026-12-18T08:00:00.000Z' });

    const other = await (await w.get(otherPath, officer)).text();
    expect(rowOf(other, 'Avbokad')).toContain('Har inte svarat');
    expect(other).toContain('Svar efter att tiden för svar gått ut');

    // Nothing is lost: each mail lies in one folder, and has one row.
    const counts = await imap.counts();
    expect(Object.values(counts).reduce((a, b) => a + b)).toBe(mails.length);
    const { db } = w.house.engine.database.reads;
    const rows = await db.selectFrom('incoming_mail').selectAll().execute();
    expect(rows.length).toBe(new Set(mails.map(String)).size);
    const inbox = await (await w.get('/inkorg', officer)).text();
    expect(inbox).toMatch(/mejl om mötet .* behöver läsas/);
    expect(inbox).toContain('3 deltagare föreslår en annan tid');
    await imap.close();
    await w.close();
  });
});

describe('a mailbox', () => {
  let imap: TestImapServer;
  let all: Awaited<ReturnType<typeof invite>>;
  beforeAll(async () => {
    all = await invite(['Anna', 'Bo']);
  });
  afterAll(() => all.w.close());
  const invitationTo = (name: string) => invitationOf(all.of(name).at(-1) as Received);

  it('is read by two workers at once without MOVE, each mail taken once', async () => {
    imap = await startImapServer('hoodiecrow', ['LITERALPLUS']);
    const to = invitationTo('Anna');
    await imap.append(...Array.from({ length: 8 }, (_, i) => google(to, at(i + 1, i % 2 ? 'ACCEPTED' : 'DECLINED'))));
    const workers = [reader(all.w, imap), reader(all.w, imap)];
    await imap.emptied();
    await Promise.all(workers.map((worker) => worker.stop()));
    const events = (await all.w.events()).filter(({ move }) => move === 'answered_mail');
    expect(events.length).toBe(8);
    expect(rowOf(await all.page(), 'Anna')).toContain('Kommer');
    await imap.close();
  });

  it('is told of a mail by IDLE, and read again after the server was away', async () => {
    imap = await startImapServer();
    const { port } = new URL(imap.url);
    const worker = reader(all.w, imap);
    await new Promise((resolve) => setTimeout(resolve, 500));
    const began = Date.now();
    await imap.append(google(invitationTo('Bo'), at(10, 'DECLINED')));
    await imap.emptied();
    expect(Date.now() - began).toBeLessThan(3_000);
    await imap.close();
    const again = await startImapServer('hoodiecrow', undefined, Number(port));
    await again.append(google(invitationTo('Bo'), at(11, 'TENTATIVE')));
    await again.emptied();
    await worker.stop();
    expect(rowOf(await all.page(), 'Bo')).toContain('Kanske');
    await again.close();
  });

  it('keeps a mail in place while the database is away', async () => {
    imap = await startImapServer();
    await imap.append(letter('moten@localhost', 'x@y.example', 'hej'));
    let tries = 0;
    const worker = readMailbox({
      url: imap.url,
      most: 1_000,
      folders: { human: 'Att titta på' },
      take: async () => {
        tries++;
        throw new Error('the database is away');
      },
      log: all.w.house.log,
    });
    while (tries === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    await worker.stop();
    expect((await imap.counts()).INBOX).toBe(1);
    await imap.close();
  });
});

test('an answer after the meeting was called off changes nothing, and is shown', async () => {
  const { w, act, of, page } = await invite(['Anna']);
  await act('/installd', { reason: 'Går inte.' });
  const raw = Buffer.from(google(invitationOf(of('Anna').at(-1) as Received), at(1, 'ACCEPTED')));
  expect(await takeMail(w.house.engine, raw, w.house.config.mailFrom)).toBe('ignored');
  const html = await page();
  expect(rowOf(html, 'Anna')).toContain('Har inte svarat');
  expect(html).toContain('Svar efter att tiden för svar gått ut');
  await w.close();
});

test('what stands in a mail is sealed, read by the meeting’s own officer alone, and gone when dealt with', async () => {
  const { w, officer, of, page } = await invite(['Anna']);
  const words = 'Jag har ont i ryggen';
  const { mailFrom } = w.house.config;
  const take = (raw: string) => takeMail(w.house.engine, Buffer.from(raw), mailFrom);
  const to = invitationOf(of('Anna').at(-1) as Received);
  expect(await take(letter(to.organizer, to.attendee, words))).toBe('human');
  expect(await take(letter('moten@localhost', 'okand@x.example', words))).toBe('human');
  const { db } = w.house.engine.database.reads;
  const rows = await db.selectFrom('incoming_mail').selectAll().orderBy('id').execute();
  expect(JSON.stringify(rows)).not.toMatch(/ryggen|okand|kund/);

  const [path] = /\/moten\/[\w-]+\/kalendersvar\/[\w-]+/.exec(await page()) ?? [''];
  const mail = await (await w.get(path, officer)).text();
  validateHtml(mail, path);
  expect(mail).toContain(words);
  for (const [account, status] of [
    ['fk2', 403],
    ['elsewhere', 404],
  ] as const) {
    expect((await w.get(path, await w.signIn(account))).status).toBe(status);
  }
  expect((await w.post(path, {}, officer)).status).toBe(303);
  expect((await w.post(path, {}, officer)).status).toBe(409);
  expect(await (await w.get(path, officer)).text()).not.toContain(words);
  expect(await page()).not.toContain('Läs mejlet');
  const unplaced = `/kalendersvar/${rows.find(({ meeting_id }) => meeting_id === null)?.id}`;
  expect((await w.get(unplaced, officer)).status).toBe(403);
  await w.close();
});
