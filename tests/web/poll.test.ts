import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { tendPolls } from '../../src/features/meeting/poll/commands.ts';
import { findPoll } from '../../src/features/meeting/poll/store.ts';
import { permit } from '../../src/platform/db/access.ts';
import { fillForm, parseForm, validateHtml } from '../support/html.ts';
import { canary, type Four, opened, openWorld, shape, type World } from './invitation-world.ts';

/** Times proposed on a Monday, answered by link and telephone, held in calendars, booked or given up. */

let w: World;
let officer: string;
let ids: Four;

beforeEach(async () => {
  w = await openWorld();
  officer = await w.signIn('fk');
  ids = await w.addFour();
  await w.set((writes) =>
    writes.db.updateTable('participant').set({ required: 1 }).where('id', '=', ids.doctor).execute(),
  );
});
afterEach(() => w.close());

const act = (path: string, body: Record<string, string | string[]> = {}) => w.post(`${w.path}${path}`, body, officer);
async function page(path: string, cookie = officer) {
  const response = await w.get(path, cookie);
  const html = await response.text();
  await validateHtml(html, path.replace(/[A-Za-z0-9_-]{65}/, ':token'));
  return { status: response.status, html };
}
const times = ['2026-12-08T09:00', '2026-12-09T13:00', '2026-12-10T10:00'];
const propose = (more: Record<string, string> = {}) =>
  act('/tidsforslag', { startsAt: times, durationMinutes: '60', ...more });
const poll = async () => {
  const found = await findPoll(permit(w.house.engine.database.reads), w.meetingId);
  if (!found) throw new Error('no proposal');
  return found;
};
const option = async (at: number) => (await poll()).options[at]?.id ?? '';
const answers = async (...said: string[]) =>
  Object.fromEntries((await poll()).options.map(({ id }, at) => [`option-${id}`, said[at] ?? '']));
const vote = async (who: string, ...said: string[]) => w.post(`${await w.link(who)}/tider`, await answers(...said));
const book = async (at: number, more: Record<string, string> = {}) =>
  act('/tid', {
    ...{ startsAt: times[at] ?? '', durationMinutes: '60', placeKind: 'office', option: await option(at) },
    ...more,
  });
const mail = async () => opened(await w.letters());

describe('asking', () => {
  test('goes to verified addresses, in neutral words; the rest is noted by hand', async () => {
    await w.add('AF', 'Ovidimerad', 'ny@af.example.se', false);
    expect((await propose()).headers.get('location')).toBe(`${w.path}/tidsforslag`);
    expect((await w.meeting())?.state).toBe('proposed');
    const mails = await mail();
    expect(shape(mails)).toEqual(['chef mail', 'lena.dal mail', 'sara.lind mail']);
    expect(mails[0]?.subject).toBe('Vilka tider passar dig? Svara senast torsdag 26 november 2026');
    expect(mails.find(({ to }) => to.startsWith('sara'))?.text).toContain(await w.link(ids.fk));

    const { html } = await page(`${w.path}/tidsforslag`);
    for (const words of [
      'Adressen är inte kontrollerad',
      'Per telefon eller brev',
      'Mejl skickat',
      'Ingen har svarat än',
    ])
      expect(html).toContain(words);
    const note = `/deltagare/${ids.person}/tider`;
    const form = parseForm((await page(w.path + note)).html, w.path + note);
    const said = { via: 'phone', ...(await answers('yes', 'no', 'if_needed')) };
    expect((await act(note, Object.fromEntries(fillForm(form, said)))).status).toBe(303);
    expect((await poll()).votes).toHaveLength(3);
    expect((await act(note, { via: 'phone' })).status).toBe(422);

    // Verified later, asked later; nobody is asked twice.
    await w.set((writes) =>
      writes.db
        .updateTable('participant')
        .set({ verified_at: '2026-11-23T09:00:00.000Z' })
        .where('party', '=', 'AF')
        .execute(),
    );
    expect((await act('/tidsforslag/fraga')).status).toBe(303);
    expect(shape(await mail())).toEqual(['ny mail']);
  });

  test('waits for the person’s word, as an invitation does', async () => {
    await w.set((writes) =>
      writes.db.updateTable('participant').set({ view: 'no' }).where('id', '=', ids.employer).execute(),
    );
    const refused = await propose();
    expect(refused.status).toBe(422);
    expect(await refused.text()).toContain('kan inte frågas än');
    expect(await mail()).toEqual([]);
    expect((await w.meeting())?.state).toBe('planning');
  });

  test('about a protected identity is done without mail', async () => {
    await w.set((writes) => writes.db.updateTable('case_file').set({ protected_identity: 1 }).execute());
    await w.set((writes) => writes.db.updateTable('account').set({ handles_protected: 1 }).execute());
    expect((await propose({ holds: 'on' })).status).toBe(303);
    expect(await mail()).toEqual([]);
    expect((await poll()).asked.map(({ delivery }) => delivery)).toEqual(['letter', 'letter', 'letter', 'letter']);
  });

  test('keeps what was chosen while weeks are turned, and says who is busy but not with what', async () => {
    const other = `/moten/${w.otherMeetingId}`;
    await w.add('PV', 'Lena Dal', 'Lena.Dal@region.example.se', true, w.otherMeetingId);
    await w.set((writes) =>
      writes.db
        .updateTable('meeting')
        .set({
          officer_id: writes.db.selectFrom('account').select('id').where('demo_key', '=', 'fk2'),
          state: 'scheduled',
          starts_at: '2026-12-09T12:30:00.000Z',
          ends_at: '2026-12-09T13:30:00.000Z',
        })
        .where('id', '=', w.otherMeetingId)
        .execute(),
    );
    await w.set((writes) =>
      writes.db
        .updateTable('participant')
        .set({ sent_sequence: 0 })
        .where('meeting_id', '=', w.otherMeetingId)
        .execute(),
    );
    const query = new URLSearchParams(
      [...times, '2027-01-06T09:17']
        .map((time) => ['startsAt', time])
        .concat([
          ['vecka', '2026-12-07'],
          ['durationMinutes', '45'],
        ]),
    );
    const { html } = await page(`${w.path}/tidsforslag?${query}`);
    const form = parseForm(html, `${w.path}/tidsforslag`);
    expect(
      form.fields
        .get('startsAt')
        ?.values.filter((value) => value !== '')
        .sort(),
    ).toEqual([...times, '2027-01-06T09:17']);
    expect(form.fields.get('durationMinutes')?.values).toEqual(['45']);
    for (const words of ['Vecka 50', 'Trettondedag jul', 'Lena Dal är upptagen.', 'onsdag 9 december 2026'])
      expect(html).toContain(words);
    expect(html).not.toContain(other);
    expect(html.match(/är upptagen\./g)).toHaveLength(1);
  });

  test('as the form opens suits a time tomorrow: a last day that nobody chose is none that is wrong', async () => {
    const { fields } = parseForm((await page(`${w.path}/tidsforslag`)).html, `${w.path}/tidsforslag`);
    const lastDay = fields.get('lastDay')?.values ?? ['missing'];
    expect((await propose({ startsAt: '2026-11-24T09:00', lastDay: lastDay[0] ?? '' })).status).toBe(303);
    expect(await poll()).toMatchObject({ lastDay: '2026-11-23' });
  });

  test('gives bad times back in place', async () => {
    const refused = await act('/tidsforslag', {
      startsAt: ['2027-10-31T02:30', '2027-03-28T02:30'],
      durationMinutes: '5',
    });
    expect(refused.status).toBe(422);
    const html = await refused.text();
    await validateHtml(html, 'refused proposal');
    for (const words of ['Vilken timme menar du?', 'Den tiden finns inte.', 'mellan 15 och 480'])
      expect(html).toContain(words);
    expect(parseForm(html, `${w.path}/tidsforslag`).fields.get('typed-4')?.values).toEqual(['2027-03-28T02:30']);
  });
});

describe('answering', () => {
  test('by link, changed until the last day is over; who is silent is reminded once, in the morning before', async () => {
    await propose();
    await mail();
    const link = await w.link(ids.doctor);
    const before = (await page(link, '')).html;
    expect(before).toContain('onsdag 9 december, kl. 13.00–14.00');
    expect(before).not.toContain(canary.colleague);
    expect((await w.post(`${link}/tider`, {})).status).toBe(422);
    expect((await w.post(`${link}/tider`, await answers('maybe'))).status).toBe(422);
    expect((await vote(ids.doctor, 'yes', 'no', 'if_needed')).headers.get('location')).toBe(link);
    await vote(ids.doctor, 'no');
    const after = parseForm((await page(link, '')).html, `${link}/tider`);
    expect([...after.fields.values()].flatMap(({ values }) => values)).toEqual(['no', 'no', 'if_needed']);

    const tend = async (hours: number) => {
      w.pass({ hours });
      await tendPolls(w.house.engine);
      return mail();
    };
    expect(await tend(45)).toEqual([]); // Wednesday seven o'clock
    const reminders = await tend(1);
    expect(shape(reminders)).toEqual(['chef mail', 'sara.lind mail']);
    expect(reminders[0]?.subject).toContain('Påminnelse');
    expect(await tend(24)).toEqual([]);
    expect((await vote(ids.employer, 'yes', 'yes', 'yes')).status).toBe(303);
    expect(await tend(24)).toEqual([]);
    expect((await poll()).state).toBe('closed');
    const late = await vote(ids.employer, 'no');
    expect(late.status).toBe(422);
    expect((await poll()).votes.filter(({ vote }) => vote === 'yes')).toHaveLength(3);
    expect((await w.events()).map(({ move }) => move)).toContain('poll_closed');
  });

  test('moves with somebody’s address: what was mailed to the old one opens nothing, and they are asked at the new one', async () => {
    await propose({ holds: 'on' });
    await mail();
    const before = await w.link(ids.doctor);
    const row = { participant: ids.doctor, party: 'PV', name: 'Lena Dal', email: 'lena.ny@region.example.se' };
    expect((await act('/deltagare', { ...row, verified: 'on', verifiedHow: 'Ringde.' })).status).toBe(303);
    const left = await mail();
    expect(shape(left)).toEqual(Array(3).fill('lena.dal CANCEL 1 CANCELLED'));
    const after = await w.link(ids.doctor);
    expect((await w.get(before)).status).toBe(404);
    expect((await w.get(after)).status).toBe(200);
    for (const { object } of left) expect(object?.raw.replace(/\r\n[ \t]/g, '')).not.toContain(after);

    expect((await page(`${w.path}/tidsforslag`)).html).toContain('/tidsforslag/fraga');
    expect((await act('/tidsforslag/fraga')).status).toBe(303);
    const asked = await mail();
    expect(shape(asked)).toEqual([...Array(3).fill('lena.ny REQUEST 0 TENTATIVE'), 'lena.ny mail']);
    expect(asked.find(({ object }) => object === null)?.text).toContain(after);
    expect((await act('/tidsforslag/fraga')).status).toBe(303);
    expect(await mail()).toEqual([]);
  });

  test('moves with the address of somebody who is invited: the old calendar hears of it from whom it knows', async () => {
    await act('/tid', { startsAt: '2026-12-21T13:00', durationMinutes: '60', placeKind: 'office' });
    expect((await act('/kallelse')).status).toBe(303);
    await mail();
    expect((await propose({ holds: 'on' })).status).toBe(303);
    const held = (await mail()).find(({ to, object }) => to.startsWith('lena') && object?.status === 'TENTATIVE');
    const address = { email: 'lena.ny@region.example.se', verifiedHow: 'Ringde.' };
    expect((await act(`/deltagare/${ids.doctor}/adress`, address)).status).toBe(303);
    const left = (await mail()).filter(({ to }) => to.startsWith('lena.dal'));
    expect(shape(left)).toEqual([...Array(3).fill('lena.dal CANCEL 1 CANCELLED'), 'lena.dal CANCEL 1 null']);
    const after = await w.link(ids.doctor);
    for (const { object } of left) {
      expect(object?.organizer).toBe(held?.object?.organizer);
      expect(object?.raw.replace(/\r\n[ \t]/g, '')).not.toContain(after);
    }
    expect((await act('/tidsforslag/avsluta')).status).toBe(303);
    expect(shape(await mail()).filter((one) => one.startsWith('lena'))).toEqual([]);
  });

  test('goes on by a new link, which is sent to who is asked', async () => {
    await propose();
    await mail();
    expect((await act(`/deltagare/${ids.doctor}/ny-lank`)).status).toBe(303);
    const mails = await mail();
    expect(shape(mails)).toEqual(['lena.dal mail']);
    expect(mails[0]?.text).toContain(await w.link(ids.doctor));
    expect((await vote(ids.doctor, 'yes')).status).toBe(303);
    expect((await act(`/deltagare/${ids.person}/ny-lank`)).status).toBe(303);
    expect((await page(w.path)).html).toContain(`/deltagare/${ids.person}/brev`);
  });

  test('is not asked for by a mail that waited until a time was booked', async () => {
    await propose();
    expect((await book(1)).status).toBe(303);
    expect(shape(await mail())).toEqual(['chef', 'lena.dal', 'sara.lind'].map((who) => `${who} REQUEST 0 CONFIRMED`));
    expect((await page(w.path)).html).toContain('Fråga om tider');
  });

  test('is nobody else’s: a link reaches its own votes alone', async () => {
    await propose();
    const given = await answers('yes', 'yes', 'yes');
    const stranger = await w.add('ARBG', 'Annan', '', true, w.otherMeetingId);
    const link = (await w.link(ids.doctor)).replace(/.{5}$/, 'AAAAA');
    expect((await w.post(`${link}/tider`, given)).status).toBe(404);
    expect((await act(`/deltagare/${stranger}/tider`, { via: 'phone', ...given })).status).toBe(404);
    expect((await poll()).votes).toEqual([]);
  });
});

describe('holds', () => {
  test('become the invitation of the booked time, and leave the calendars of the others', async () => {
    await propose({ holds: 'on' });
    const first = await mail();
    expect(shape(first)).toEqual(
      ['chef', 'lena.dal', 'sara.lind'].flatMap((who) => [
        ...Array(3).fill(`${who} REQUEST 0 TENTATIVE`),
        `${who} mail`,
      ]),
    );
    const held = first.flatMap(({ object }) => object ?? []);
    expect(new Set(held.map(({ uid }) => uid)).size).toBe(3);
    expect(held[0]?.attendees).toEqual([held[0]?.to]);

    await vote(ids.doctor, 'no', 'if_needed', 'yes');
    const choosing = (await page(`${w.path}/tid?tid=${await option(0)}`)).html;
    expect(choosing).toMatch(/De här kan inte då[\s\S]*Lena Dal/);
    expect(parseForm(choosing, `${w.path}/tid`).fields.get('startsAt')?.values).toEqual([times[0]]);
    expect(choosing).toContain('De här har inte svarat');

    expect((await book(1)).status).toBe(303);
    const after = await mail();
    expect(shape(after)).toEqual(
      ['chef', 'lena.dal', 'sara.lind'].flatMap((who) => [
        ...Array(2).fill(`${who} CANCEL 1 CANCELLED`),
        `${who} REQUEST 1 CONFIRMED`,
      ]),
    );
    const uid = (await poll()).options[1]?.uid;
    for (const { object } of after) {
      const before = held.find((one) => one.uid === object?.uid && one.to === object.to);
      expect(object?.method === 'REQUEST').toBe(object?.uid === uid);
      // A calendar takes an update only from the organizer it knows, and only if it is newer.
      expect(object?.organizer).toBe(before?.organizer);
      expect(String(object?.stamp) > String(before?.stamp)).toBe(true);
    }
    expect((await poll()).state).toBe('booked');
    expect(await w.meeting()).toMatchObject({
      state: 'scheduled',
      uid,
      sequence: 1,
      startsAt: '2026-12-09T12:00:00.000Z',
    });

    await act('/installd', { reason: 'Går inte.' });
    expect(shape(await mail())).toEqual(['chef', 'lena.dal', 'sara.lind'].map((who) => `${who} CANCEL 2 CANCELLED`));
  });

  test('are withdrawn when it is given up, and a new proposal can follow', async () => {
    await propose({ holds: 'on' });
    await mail();
    await page(`${w.path}/tidsforslag/avsluta`);
    expect((await act('/tidsforslag/avsluta')).status).toBe(303);
    expect(shape(await mail())).toEqual(
      ['chef', 'lena.dal', 'sara.lind'].flatMap((who) => Array(3).fill(`${who} CANCEL 1 CANCELLED`)),
    );
    expect((await act('/tidsforslag/avsluta')).status).toBe(422);
    expect((await propose()).status).toBe(303);
    expect(shape(await mail())).toEqual(['chef mail', 'lena.dal mail', 'sara.lind mail']);
  });

  test('of one who is removed leave only that calendar, and do not hinder them from coming back', async () => {
    await propose({ holds: 'on' });
    await mail();
    await act(`/deltagare/${ids.doctor}/bort`);
    expect(shape(await mail())).toEqual(Array(3).fill('lena.dal CANCEL 1 CANCELLED'));
    await w.add('PV', 'Lena Dal', 'lena.dal@region.example.se');
    await act('/tidsforslag/fraga');
    expect(shape(await mail())).toEqual(['lena.dal mail']);
    await book(1);
    const again = (await mail()).find(({ to, object }) => to.startsWith('lena') && object?.method === 'REQUEST');
    expect(again?.object?.sequence).toBe(2);
  });

  test('of a booked time that was never invited to leave with the meeting', async () => {
    await propose({ holds: 'on' });
    await mail();
    await w.set((writes) =>
      writes.db.updateTable('participant').set({ view: 'no' }).where('id', '=', ids.doctor).execute(),
    );
    await book(1);
    expect((await mail()).every(({ object }) => object?.method === 'CANCEL')).toBe(true);
    await act('/installd', { reason: 'Går inte.' });
    expect(shape(await mail())).toEqual(['chef', 'lena.dal', 'sara.lind'].map((who) => `${who} CANCEL 2 CANCELLED`));
  });
});

describe('booking', () => {
  test('by two officers at once: one is booked, the other is told, and nobody hears of the other time', async () => {
    await propose();
    await mail();
    const [first, second] = await Promise.all([book(0), book(1)]);
    expect([first.status, second.status].sort()).toEqual([303, 409]);
    const starts = new Set((await mail()).map(({ object }) => object?.start));
    expect(starts.size).toBe(1);
    expect((await poll()).options.filter(({ booked }) => booked)).toHaveLength(1);
  });

  test('twice proposes once', async () => {
    const sent = await Promise.all([propose(), propose()]);
    expect(sent.map(({ status }) => status).sort()).toEqual([303, 422]);
    expect(await mail()).toHaveLength(3);
  });

  test('another time ends the proposal', async () => {
    await propose({ holds: 'on' });
    await mail();
    await act('/tid', { startsAt: '2026-12-15T09:00', durationMinutes: '60', placeKind: 'phone' });
    expect((await poll()).state).toBe('abandoned');
    expect(shape(await mail())).toHaveLength(9);
    expect((await page(w.path)).html).toContain('Föreslå andra tider');
  });
});
