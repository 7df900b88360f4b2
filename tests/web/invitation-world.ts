import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ICAL from 'ical.js';
import { type ParsedMail, simpleParser } from 'mailparser';
import { createApp } from '../../src/app.ts';
import { insertAccount, insertOrganisation, insertUnit } from '../../src/features/account/store.ts';
import { insertCase } from '../../src/features/case/store.ts';
import { insertParticipant, listParticipants } from '../../src/features/meeting/participant/store.ts';
import type { MeetingKind, Participant } from '../../src/features/meeting/rules.ts';
import { insertMeeting, listMeetingEvents, locateMeeting } from '../../src/features/meeting/store.ts';
import { insertTalk } from '../../src/features/meeting/talk/store.ts';
import { newId } from '../../src/kernel/ids.ts';
import { linkToken } from '../../src/kernel/links.ts';
import type { Party } from '../../src/kernel/parties.ts';
import { messageKinds } from '../../src/messages.ts';
import { openHouse } from '../../src/open-house.ts';
import { readConfig } from '../../src/platform/config.ts';
import { permit } from '../../src/platform/db/access.ts';
import { createMailTransport } from '../../src/platform/mail/transport.ts';
import { sendDueMessages } from '../../src/platform/outbox/worker.ts';
import { freshDatabase } from '../support/database.ts';

/** Words that stand for what must never leave the house by mail. */
export const canary = {
  individual: 'Kanarienamn',
  purpose: 'kanariesyfte',
  place: 'kanarieplats',
  reason: 'kanarieskäl',
  comment: 'kanariesvar',
  colleague: 'Kanariekollega',
};

/** An event as the receiver's calendar reads it out of the mail's bytes. */
export type Received = {
  raw: string;
  mail: ParsedMail;
  to: string;
  method: string;
  sequence: number;
  stamp: string;
  start: string;
  uid: string;
  status: string | null;
  organizer: string;
  attendees: string[];
  names: string[];
};

const bare = (address: unknown) => String(address).replace(/^mailto:/i, '');

export async function received(raw: Buffer): Promise<Received> {
  const mail = await simpleParser(raw);
  const part = mail.attachments.find((one) => one.contentType === 'text/calendar');
  const calendar = new ICAL.Component(ICAL.parse(part?.content.toString() ?? '') as string);
  const event = calendar.getFirstSubcomponent('vevent');
  if (!event) throw new Error('no event in the mail');
  const to = [mail.to ?? []].flat().flatMap((one) => one.value);
  const people = [...event.getAllProperties('attendee'), ...event.getAllProperties('organizer')];
  return {
    raw: raw.toString(),
    mail,
    to: to.map((one) => one.address).join(),
    method: String(calendar.getFirstPropertyValue('method')),
    sequence: Number(event.getFirstPropertyValue('sequence')),
    stamp: String(event.getFirstPropertyValue('dtstamp')),
    start: String(event.getFirstPropertyValue('dtstart')),
    uid: String(event.getFirstPropertyValue('uid')),
    status: event.getFirstPropertyValue('status') as string | null,
    organizer: bare(event.getFirstPropertyValue('organizer')),
    attendees: event.getAllProperties('attendee').map((one) => bare(one.getFirstValue())),
    names: people.flatMap((one) => one.getParameter('cn') ?? []),
  };
}

/** Each mail as its reader sees it, `object` as their calendar does where there is one; none has a word it must not. */
export async function opened(letters: readonly Buffer[]) {
  return Promise.all(
    letters.map(async (raw) => {
      const parsed = await simpleParser(raw);
      const calendar = parsed.attachments.some(({ contentType }) => contentType === 'text/calendar');
      const object = calendar ? await received(raw) : null;
      const bytes = [
        raw,
        parsed.subject,
        parsed.text,
        parsed.html,
        ...parsed.attachments.map(({ content }) => content),
      ];
      for (const word of Object.values(canary)) {
        if (bytes.join('\n').includes(word)) throw new Error(`${word} in a mail`);
      }
      const to = [parsed.to ?? []].flat()[0]?.text ?? '';
      return { to, subject: parsed.subject ?? '', text: parsed.text ?? '', object, raw };
    }),
  );
}

/** Mails as the beginning of the address, and METHOD, SEQUENCE and STATUS of the calendar object. */
export const shape = (mails: Awaited<ReturnType<typeof opened>>): string[] =>
  mails
    .map(
      ({ to, object }) =>
        `${to.split('@')[0]} ${object ? `${object.method} ${object.sequence} ${object.status}` : 'mail'}`,
    )
    .sort();

/** A whole house on a database of its own, with one meeting about one person, at ten on Monday 23 November 2026. */
export async function openWorld(options: { kind?: MeetingKind; smtpUrl?: string; imapUrl?: string } = {}) {
  const dir = mkdtempSync(join(tmpdir(), 'samsyn-invitation-'));
  const config = readConfig({
    DATA_DIR: dir,
    DATABASE_URL: await freshDatabase(dir),
    LOG_LEVEL: 'silent',
    BASE_URL: 'http://localhost:3000',
    VIDEO_URL_TEMPLATE: 'https://video.example/{room}',
    ...(options.imapUrl && { IMAP_URL: options.imapUrl }),
  });
  let now = Temporal.Instant.from('2026-11-23T09:00:00.000Z');
  // Every look at the clock is a millisecond later: acts have an order, and several fit in a second.
  const clock = {
    now: () => {
      now = now.add({ milliseconds: 1 });
      return now.toString({ smallestUnit: 'millisecond' });
    },
  };
  const { house, close } = await openHouse(config, { clock });
  const { database } = house.engine;
  const app = createApp(house);
  const id = () => newId(clock.now());
  const fk = id();
  const units = { own: id(), other: id() };
  const meetingId = id();
  const otherMeetingId = id();
  const officerId = id();

  await database.transaction(async (w) => {
    await insertOrganisation(w, { id: fk, party: 'FK', name: 'Försäkringskassan' });
    for (const [name, unitId] of Object.entries(units)) {
      await insertUnit(w, {
        id: unitId,
        organisationId: fk,
        name,
        phone: '08-465 004 00',
        address: 'Kontorsgatan 1, Granvik',
      });
    }
    const officer = {
      role: 'officer',
      fk: true,
      party: 'FK',
      organisationId: fk,
      email: null,
      phone: '08-465 004 01',
      personalNumber: null,
    } as const;
    await insertAccount(w, { ...officer, id: officerId, demoKey: 'fk', unitId: units.own, name: 'Sara Lind' });
    await insertAccount(w, { ...officer, id: id(), demoKey: 'fk2', unitId: units.own, name: 'Omar Berg' });
    await insertAccount(w, { ...officer, id: id(), demoKey: 'elsewhere', unitId: units.other, name: 'Eva Ek' });
    const caseId = id();
    const individual = { name: canary.individual, number: null, interpreterLanguage: null, protectedIdentity: false };
    await insertCase(permit(w), {
      id: caseId,
      number: '2026/000001',
      individual,
      individualAccountId: null,
      officerId,
      unitId: units.own,
      openedAt: clock.now(),
    });
    for (const one of [meetingId, otherMeetingId]) {
      await insertMeeting(permit(w), {
        id: one,
        caseId,
        requestId: null,
        kind: options.kind ?? 'reconciliation',
        reference: 'K7M2-4QXR',
        uid: `${one}@localhost`,
        purpose: canary.purpose,
        interpreterLanguage: null,
        officerId,
        unitId: units.own,
        createdAt: clock.now(),
      });
    }
  });

  /** Adds somebody with a verified address, or none, to whom the person has said yes. */
  async function add(party: Party, name: string, email: string, verified = true, to = meetingId): Promise<string> {
    const participantId = id();
    const person = { name, title: '', organisation: '', email, phone: '' };
    await database.transaction(async (w) => {
      await insertParticipant(permit(w), {
        id: participantId,
        meetingId: to,
        party,
        person,
        required: false,
        verified: verified ? { at: clock.now(), by: officerId, how: 'ringde' } : null,
        mailTag: participantId.replaceAll('-', ''),
        createdAt: clock.now(),
      });
      await w.db.updateTable('participant').set({ view: 'yes' }).where('id', '=', participantId).execute();
    });
    return participantId;
  }

  async function signIn(account: string): Promise<string> {
    const response = await app.request('/logga-in/demo', {
      method: 'POST',
      body: new URLSearchParams({ account }),
      headers: { 'Sec-Fetch-Site': 'same-origin' },
    });
    return (response.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
  }

  const get = async (path: string, cookie = '') => app.request(path, { headers: cookie ? { cookie } : {} });
  const post = async (path: string, body: Record<string, string | string[]>, cookie = '') =>
    app.request(path, {
      method: 'POST',
      body: new URLSearchParams(
        Object.entries(body).flatMap(([name, value]) => [value].flat().map((each) => [name, each])),
      ),
      headers: { 'Sec-Fetch-Site': 'same-origin', ...(cookie && { cookie }) },
    });

  const mailDir = join(dir, 'mail');
  mkdirSync(mailDir);
  const transport = createMailTransport({ smtpUrl: options.smtpUrl ?? null, mailDir });
  const seen = new Set<string>();

  /** Five seconds later: sends what is due. The bytes of what came, in the order it was sent. */
  async function letters(): Promise<Buffer[]> {
    now = now.add({ seconds: 5 });
    await sendDueMessages(house.engine, transport, messageKinds(house), house.log, () => false);
    const files = readdirSync(mailDir, { recursive: true, encoding: 'utf8' }).sort();
    const fresh = files.filter((file) => file.endsWith('.eml') && !seen.has(file));
    for (const file of fresh) seen.add(file);
    return fresh.map((file) => readFileSync(join(mailDir, file)));
  }
  /** The same, each read as a calendar reads it. */
  const mails = async (): Promise<Received[]> => Promise.all((await letters()).map(received));

  const seeing = permit(database.reads);
  const one = async (participantId: string): Promise<Participant> => {
    const all = await listParticipants(seeing, meetingId, { removed: true });
    const found = all.find((row) => row.id === participantId);
    if (!found) throw new Error('no such participant');
    return found;
  };

  return {
    app,
    house,
    meetingId,
    otherMeetingId,
    officerId,
    path: `/moten/${meetingId}`,
    add,
    signIn,
    get,
    post,
    letters,
    mails,
    one,
    meeting: async () => (await locateMeeting(seeing, meetingId))?.open(seeing) ?? null,
    events: async () => listMeetingEvents(seeing, meetingId),
    talk: (goOnReason: string | null = null) =>
      database.transaction((w) =>
        insertTalk(permit(w), {
          id: id(),
          meetingId,
          at: clock.now(),
          accountId: officerId,
          how: 'telefon',
          goOnReason,
          unsafeContact: null,
          views: {},
        }),
      ),
    link: async (participantId: string) => {
      const { linkGeneration } = await one(participantId);
      return `/svar/${linkToken(config.linkKey, 'participant', participantId, linkGeneration)}`;
    },
    set: (change: (w: Parameters<Parameters<typeof database.transaction>[0]>[0]) => Promise<unknown>) =>
      database.transaction(change),
    pass: (duration: { milliseconds?: number; seconds?: number; hours?: number }) => {
      now = now.add(duration);
    },
    async close() {
      await transport.close();
      await close();
      rmSync(dir, { recursive: true });
    },
  };
}

export type World = Awaited<ReturnType<typeof openWorld>>;

export const fixed = {
  startsAt: '2026-12-17T13:00',
  durationMinutes: '60',
  placeKind: 'care_centre',
  place: canary.place,
};
