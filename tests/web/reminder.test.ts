import { simpleParser } from 'mailparser';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { tendReminders } from '../../src/features/invitation/reminder/commands.ts';
import { tendPolls } from '../../src/features/meeting/poll/commands.ts';
import { newId } from '../../src/kernel/ids.ts';
import { messageKinds } from '../../src/messages.ts';
import { MailError, type MailTransport } from '../../src/platform/mail/transport.ts';
import { sendDueMessages } from '../../src/platform/outbox/worker.ts';
import { fillForm, parseForm, validateHtml } from '../support/html.ts';
import { canary, type Four, fixed, openWorld, type World } from './invitation-world.ts';

/** Reminders of a meeting on Thursday 17 December 2026 at one: Tuesday the 8th and the 15th at eight, Wednesday at one. */
const seven = '2026-12-08T07:00:00.000Z';
const two = '2026-12-15T07:00:00.000Z';
const afternoon = '2026-12-16T12:00:00.000Z';

let w: World;
let officer: string;
let ids: Four;

beforeEach(async () => {
  w = await openWorld();
  officer = await w.signIn('fk');
  ids = await w.addFour({ person: 'anna@hemma.example' });
});
afterEach(() => w.close());

const act = (path: string, body: Record<string, string | string[]> = {}) => w.post(`${w.path}${path}`, body, officer);
async function page(path: string, cookie = '') {
  const response = await w.get(path, cookie);
  const html = await response.text();
  await validateHtml(html, path.replace(/[A-Za-z0-9_-]{65}/, ':token'));
  return html;
}
const move = (startsAt: string) => act('/tid', { ...fixed, startsAt, reason: canary.reason });
const cancel = () => act('/installd', { reason: canary.reason });
const protect = () => w.set((t) => t.db.updateTable('case_file').set({ protected_identity: 1 }).execute());
async function invite(many = 4) {
  expect((await act('/tid', fixed)).status).toBe(303);
  expect((await act('/kallelse')).status).toBe(303);
  expect(await mail()).toHaveLength(many);
}
const answer = async (who: string, given: string) =>
  expect((await w.post(await w.link(who), { answer: given, comment: canary.comment })).status).toBe(303);
const choose = async (who: string, reminders: string) => w.post(`${await w.link(who)}/paminnelser`, { reminders });
const change = (who: string, columns: Record<string, string | number | null>) =>
  w.set((t) => t.db.updateTable('participant').set(columns).where('id', '=', who).execute());
/** The clock goes on to then; nobody stays signed in that long. */
const until = async (instant: string) => {
  w.pass({ milliseconds: Date.parse(instant) - Date.parse(w.house.engine.clock.now()) });
  officer = await w.signIn('fk');
};
const tend = () => tendReminders(w.house.engine);
async function at(instant: string) {
  await until(instant);
  await tend();
  return mail();
}
/** Each mail as the receiver's first name, and what it is; none has a word that may not leave the house. */
async function mail() {
  const read = await Promise.all((await w.letters()).map(async (raw) => ({ raw, parsed: await simpleParser(raw) })));
  return read
    .map(({ raw, parsed }) => {
      const { subject = '', text = '', html, attachments } = parsed;
      const bytes = [raw, subject, text, html].join('\n');
      for (const word of Object.values(canary)) expect(bytes).not.toContain(word);
      const to = [parsed.to ?? []].flat()[0]?.text.split('@')[0] ?? '';
      return {
        to,
        subject,
        text,
        calendar: attachments.length > 0,
        shape: `${to}: ${subject.split(/ (?=\S*dag \d|\()/)[0]}`,
      };
    })
    .sort((a, b) => (a.shape < b.shape ? -1 : 1));
}
const shapes = (mails: Awaited<ReturnType<typeof mail>>) => mails.map(({ shape }) => shape);
const states = async () => {
  const rows = await w.house.engine.database.reads.db
    .selectFrom('outbox')
    .select(['kind', 'state'])
    .where('kind', 'like', 'invitation.reminder%')
    .execute();
  return rows.map(({ state }) => state).sort();
};

describe('reminders', () => {
  test('come when they are due, in neutral words, to those who are coming and those who have not answered', async () => {
    await w.add('AF', 'Ovidimerad', 'ny@af.example.se', false);
    await invite();
    await answer(ids.doctor, 'accepted');
    await answer(ids.employer, 'declined');
    expect(await page(w.path, officer)).toContain('Nästa påminnelse mejlas 8 december 2026 kl. 08.00.');
    expect(await page(await w.link(ids.doctor))).toContain('Vi påminner dig med ett mejl tisdag 8 december 2026.');
    expect(await page(await w.link(ids.employer))).not.toContain('påminner');

    expect(await at('2026-12-08T06:59:00.000Z')).toEqual([]);
    const mails = await at(seven);
    expect(shapes(mails)).toEqual(['anna: Kan du komma', 'lena.dal: Påminnelse: möte', 'sara.lind: Kan du komma']);
    const [missing, reminded] = mails;
    expect(reminded?.subject).toBe('Påminnelse: möte torsdag 17 december 2026 kl. 13.00 (K7M2-4QXR)');
    expect(reminded?.text).toContain('Plats: Se länken');
    expect(reminded?.text).toContain(await w.link(ids.doctor));
    expect(missing?.text).toContain('Vi har inte sett något svar från dig.');
    expect(mails.some(({ calendar }) => calendar)).toBe(false);
    expect(await at(seven)).toEqual([]);

    const timeline = await page(w.path, officer);
    expect(timeline.match(/<h3>Påminnelse(?: om att svara)?<\/h3>/g)).toHaveLength(2);
    expect(timeline).toContain('Nästa påminnelse mejlas 15 december 2026 kl. 08.00.');
    await answer(ids.person, 'tentative');
    // Asleep over two of them: the latest alone.
    expect(shapes(await at('2026-12-16T20:00:00.000Z'))).toEqual([
      'anna: Påminnelse: möte',
      'lena.dal: Påminnelse: möte',
      'sara.lind: Kan du komma',
    ]);
    expect(await page(w.path, officer)).toContain('Inga fler påminnelser mejlas.');
    expect(await at('2026-12-17T11:59:00.000Z')).toEqual([]);
    const log = await w.house.engine.database.reads.db
      .selectFrom('audit')
      .select(['outcome', 'actor'])
      .where('action', '=', 'meeting.remind')
      .execute();
    expect(log).toEqual(Array(2).fill({ outcome: 'done', actor: 'worker' }));
  });

  test('start with those still to come when the meeting is soon, and not on the day one is told', async () => {
    await until('2026-12-15T06:00:00.000Z');
    await invite();
    expect(await at('2026-12-15T20:00:00.000Z')).toEqual([]);
    expect(await at(afternoon)).toHaveLength(4);
    expect(await at('2026-12-17T11:00:00.000Z')).toEqual([]);
  });

  test('follow a meeting that moves: none of the old time, all of the new one', async () => {
    await invite();
    expect(await at(seven)).toHaveLength(4);
    await move('2026-12-21T13:00');
    expect(await mail()).toHaveLength(4);
    const mails = await at('2026-12-10T07:00:00.000Z');
    expect(mails).toHaveLength(4);
    expect(await at(two)).toEqual([]);
    expect(await at('2026-12-17T07:00:00.000Z')).toHaveLength(4);
    for (const { subject } of mails) expect(subject).toContain('måndag 21 december 2026');
    expect(await at('2026-12-18T12:00:00.000Z')).toHaveLength(4);
  });

  test('of a meeting that was fixed before there were any come like all others', async () => {
    await invite();
    // As the migration leaves it.
    await w.set((t) => t.db.updateTable('meeting').set({ remind_at: '2026-11-01T09:00:00.000Z' }).execute());
    expect(await at('2026-11-24T09:00:00.000Z')).toEqual([]);
    expect((await w.meeting())?.remindAt).toBe(seven);
    expect(await at(seven)).toHaveLength(4);
  });

  test('of one meeting come though another’s cannot be made', async () => {
    await invite();
    await w.set((t) =>
      t.db
        .updateTable('meeting')
        .set({ ...{ state: 'scheduled', purpose: 'broken' as never, remind_at: '2026-12-01T07:00:00.000Z' } })
        .set({ starts_at: '2026-12-18T12:00:00.000Z', ends_at: '2026-12-18T13:00:00.000Z' })
        .where('id', '=', w.otherMeetingId)
        .execute(),
    );
    await until(seven);
    await expect(tend()).rejects.toThrow();
    expect(await mail()).toHaveLength(4);
  });

  test('do not come when it has begun, or is held before its time', async () => {
    await invite();
    await until('2026-12-17T12:00:00.000Z');
    expect(await at(w.house.engine.clock.now())).toEqual([]);
    await move('2026-12-28T13:00');
    await mail();
    await act('/hallet');
    expect(await at('2026-12-23T12:00:00.000Z')).toEqual([]);
  });

  test('about a protected identity are never mailed', async () => {
    await protect();
    await invite();
    expect(await page(w.path, officer)).toContain('Påminnelser mejlas inte när identiteten är skyddad.');
    for (const instant of [seven, two, afternoon]) expect(await at(instant)).toEqual([]);
    expect(await page(await w.link(ids.person))).not.toContain('Påminnelser');
  });

  test('that cannot be delivered mark the address', async () => {
    await invite();
    await until(seven);
    await tend();
    const refusing: MailTransport = {
      send: async () => Promise.reject(new MailError(true, '550')),
      close: async () => {},
    };
    await sendDueMessages(w.house.engine, refusing, messageKinds(w.house), w.house.log, () => false);
    expect((await w.one(ids.doctor)).delivery).toBe('bounced');
    expect(await at(two)).toEqual([]);
  });
});

describe('a reminder that waits to be sent', () => {
  test('leaves only if nothing has happened to whom it is to, one for each thing that can', async () => {
    const fates: [who: string, act: (id: string) => Promise<unknown>, leaves: string[]][] = [
      ['nothing', async () => {}, ['Kan du komma']],
      ['yes', (id) => answer(id, 'accepted'), []],
      ['no', (id) => answer(id, 'declined'), []],
      ['unwelcome', (id) => change(id, { view: 'no' }), []],
      ['removed', (id) => act(`/deltagare/${id}/bort`), ['Inställt möte']],
      ['revoked', (id) => act(`/deltagare/${id}/aterkallelse`), []],
      ['relinked', (id) => act(`/deltagare/${id}/ny-lank`), ['Möte']],
      [
        'moved',
        (id) => act(`/deltagare/${id}/adress`, { email: 'new@af.example.se', verifiedHow: 'Ringde.' }),
        ['Inställt möte'],
      ],
    ];
    const all = [];
    for (const [who] of fates) all.push(await w.add('AF', who, `${who}@af.example.se`));
    await invite(4 + all.length);
    await until(two);
    await tend();
    for (const [at, [, done]] of fates.entries()) await done(all[at] ?? '');
    await choose(ids.person, 'none');
    const left = fates.flatMap(([who, , leaves]) => leaves.map((what) => `${who}: ${what}`));
    const others = ['chef', 'lena.dal', 'sara.lind'].map((who) => `${who}: Kan du komma`);
    expect(shapes(await mail())).toEqual([...left, ...others, 'new: Möte'].sort());
    const ended = (await states()).filter((state) => state !== 'sent');
    expect(ended).toEqual(Array(8).fill('withdrawn'));
    expect((await page(w.path, officer)).match(/Skickades inte, eftersom det inte gällde längre/g)).toHaveLength(8);
  });

  test.each<[why: string, act: () => Promise<unknown>, leaves: string]>([
    ['is moved', () => move('2026-12-18T13:00'), 'Ändrat möte:'],
    ['becomes one about a protected identity', () => protect(), ''],
    ['has begun', () => until('2026-12-17T12:00:00.000Z'), ''],
  ])('does not leave when the meeting %s', async (_why, done, leaves) => {
    await invite();
    await until(two);
    await tend();
    await done();
    const sent = await mail();
    expect(sent).toHaveLength(leaves === '' ? 0 : 4);
    for (const { shape } of sent) expect(shape).toContain(leaves);
    expect(await states()).toEqual(Array(4).fill('withdrawn'));
  });

  /** A mail server that takes no reminders today. */
  const tryReminders = async (asked: () => Promise<unknown> = async () => {}) => {
    const taken: string[] = [];
    const transport: MailTransport = {
      async send({ subject, to }) {
        if (subject.startsWith('Kan du')) {
          await asked();
          throw new MailError(false, '421');
        }
        taken.push(to);
        return { response: '', sha256: '' };
      },
      close: async () => {},
    };
    await sendDueMessages(w.house.engine, transport, messageKinds(w.house), w.house.log, () => false);
    return taken;
  };

  test('for another try does not hold up the news that makes it pointless', async () => {
    await invite();
    await until(two);
    await tend();
    expect(await tryReminders()).toEqual([]);
    expect(await states()).toEqual(Array(4).fill('queued'));
    await cancel();
    expect(await tryReminders()).toHaveLength(4);
    expect(await states()).toEqual(Array(4).fill('withdrawn'));
  });

  test('nor when that news comes while it is on its way', async () => {
    await invite();
    await until(two);
    await tend();
    let cancelled: Promise<unknown> | null = null;
    const taken = await tryReminders(() => {
      cancelled ??= cancel();
      return cancelled;
    });
    expect(taken).toHaveLength(4);
    expect(await states()).toEqual(Array(4).fill('withdrawn'));
  });

  test('with a worker that died is looked at anew by the next', async () => {
    await invite();
    await until(two);
    await tend();
    // Claimed and never heard of again.
    await w.set((t) =>
      t.db
        .updateTable('outbox')
        .set({ lease_until: '2026-12-15T07:02:00.000Z' })
        .where('state', '=', 'queued')
        .execute(),
    );
    await cancel();
    expect(await mail()).toEqual([]);
    await until('2026-12-15T07:03:00.000Z');
    await mail();
    expect(await states()).toEqual(Array(4).fill('withdrawn'));
  });
});

describe('the individual', () => {
  test('chooses none by their link, and undoes it; a GET changes nothing', async () => {
    await invite();
    const link = await w.link(ids.person);
    const path = `${link}/paminnelser`;
    const press = async () => {
      const form = parseForm(await page(link), path);
      return w.post(path, Object.fromEntries(fillForm(form, {})));
    };
    expect((await w.get(path)).status).toBe(404);
    expect((await w.meeting())?.wantsReminders).toBe(true);
    const chosen = await press();
    expect([chosen.status, chosen.headers.get('location')]).toEqual([303, link]);
    expect(await page(link)).toContain('Du får inga fler påminnelser. Kallelser och ändringar får du ändå.');
    expect(await page(w.path, officer)).toContain('Vill inte ha påminnelser');
    expect(shapes(await at(seven))).not.toContain('anna: Kan du komma');

    await press();
    expect(shapes(await at(two))).toContain('anna: Kan du komma');
    await press();
    // What changes comes all the same.
    await cancel();
    expect(shapes(await mail())).toContain('anna: Inställt möte');
  });

  test('has the choice alone', async () => {
    await invite();
    expect(await page(await w.link(ids.doctor))).not.toContain('/paminnelser');
    expect((await choose(ids.doctor, 'none')).status).toBe(404);
    expect(
      (await w.post(`/arenden/${(await w.meeting())?.caseId}/paminnelser`, { reminders: 'none' }, officer)).status,
    ).toBe(403);
    expect((await w.meeting())?.wantsReminders).toBe(true);
    expect(await at(seven)).toHaveLength(4);
  });

  test('is then not reminded of proposed times either', async () => {
    await act('/tidsforslag', { startsAt: ['2026-12-08T09:00', '2026-12-09T13:00'], durationMinutes: '60' });
    expect(await mail()).toHaveLength(4);
    await choose(ids.person, 'none');
    await until('2026-11-25T07:00:00.000Z');
    await tendPolls(w.house.engine);
    expect((await mail()).map(({ to }) => to)).toEqual(['chef', 'lena.dal', 'sara.lind']);
  });
});

describe('the officer', () => {
  test('hears at once, in neutral words, that somebody who must be there cannot come', async () => {
    const { vault } = w.house.engine.database.reads;
    await w.set((t) =>
      t.db
        .updateTable('account')
        .set({ email: vault.seal('sara@fk.example.se') })
        .where('id', '=', w.officerId)
        .execute(),
    );
    await change(ids.employer, { required: 1 });
    await invite();
    await answer(ids.doctor, 'declined');
    await answer(ids.employer, 'tentative');
    expect(await mail()).toEqual([]);
    await answer(ids.employer, 'declined');
    const mails = await mail();
    expect(mails).toHaveLength(1);
    expect(mails[0]).toMatchObject({
      to: 'sara',
      subject: 'Någon kan inte komma till ett möte (K7M2-4QXR)',
      calendar: false,
    });
    expect(mails[0]?.text).toContain(`http://localhost:3000${w.path}`);
    expect(mails[0]?.text).not.toMatch(/december|arbetsgivare|verkstad/i);
    // Once for each time of the meeting.
    await answer(ids.employer, 'accepted');
    await answer(ids.employer, 'declined');
    expect(await mail()).toEqual([]);
    expect(await page('/inkorg', officer)).toContain(w.path);
    const html = await page(w.path, officer);
    expect(html).toContain('Mejl till handläggaren: någon som behövs kan inte komma');
    await move('2026-12-18T13:00');
    expect(await mail()).toHaveLength(4);
    await w.set(async ({ db }) => {
      const { id: cover_id } = await db
        .selectFrom('account')
        .select('id')
        .where('role', '=', 'officer')
        .where('id', '!=', w.officerId)
        .executeTakeFirstOrThrow();
      const email = vault.seal('omar@fk.example.se');
      await db.updateTable('account').set({ email }).where('id', '=', cover_id).execute();
      const days = { first_day: '2026-11-01', last_day: '2027-01-31', created_at: '2026-11-01T08:00:00.000Z' };
      const officer_id = w.officerId;
      await db
        .insertInto('cover')
        .values({ id: newId(days.created_at), officer_id, cover_id, created_by: officer_id, ...days })
        .execute();
    });
    await answer(ids.employer, 'declined');
    expect((await mail()).map(({ to }) => to).sort()).toEqual(['omar', 'sara']);
    // A closed account is written to no more.
    await w.set((t) =>
      t.db
        .updateTable('account')
        .set({ state: 'closed' })
        .where('id', '!=', w.officerId)
        .where('role', '=', 'officer')
        .execute(),
    );
    await move('2026-12-18T14:00');
    await mail();
    await answer(ids.employer, 'accepted');
    await answer(ids.employer, 'declined');
    expect((await mail()).map(({ to }) => to)).toEqual(['sara']);
  });
});
