import { afterAll, beforeAll, expect, test } from 'vitest';
import { insertAccount, insertOrganisation } from '../../src/features/account/store.ts';
import type { DigestFacts } from '../../src/features/plan/reminder/rules.ts';
import { newId } from '../../src/kernel/ids.ts';
import { linkToken } from '../../src/kernel/links.ts';
import { parseStockholm, stockholmLocal } from '../../src/kernel/time.ts';
import { messageKinds } from '../../src/messages.ts';
import { openHouse } from '../../src/open-house.ts';
import type { MailTransport } from '../../src/platform/mail/transport.ts';
import { type MessageKind, sendDueMessages } from '../../src/platform/outbox/worker.ts';
import { verifyInstallation } from '../../src/verification.ts';
import { chores } from '../../src/worker.ts';
import { fillForm, parseForm, validateHtml } from '../support/html.ts';
import { fixed } from './invitation-world.ts';
import { type MeasureWorld, openMeasureWorld } from './measure-world.ts';

/**
 * A year of one plan, from its first minutes to its closed case, by two workers: over Christmas, Easter with the change to
 * summer time on Easter Day, Ascension Day, Midsummer and the change back. What everybody was mailed is one table.
 */

let w: MeasureWorld;
let other: Awaited<ReturnType<typeof openHouse>>;
let caseId: string;
/** Sessions end long before the next act. */
let officer: string;
let person: string;
type Fields = Record<string, string | string[]>;
type Mail = { at: string; to: string; kind: string; what: string; links: string[] };
const year: Mail[] = [];
const db = () => w.house.engine.database.reads.db;
const t = (key: string, params?: Record<string, unknown>) => w.house.texts.t(key, params);

beforeAll(async () => {
  w = await openMeasureWorld();
  other = await openHouse(w.house.config, { clock: w.house.engine.clock });
  const row = await db()
    .selectFrom('meeting')
    .select('case_id')
    .where('id', '=', w.meetingId)
    .executeTakeFirstOrThrow();
  caseId = row.case_id ?? '';
  const { vault } = w.house.engine.database.reads;
  const id = newId(w.house.engine.clock.now());
  await w.set(async (work) => {
    await insertOrganisation(work, { id, party: 'PERSON', name: 'Privatpersoner' });
    await insertAccount(work, {
      ...{ id, demoKey: 'individ', role: 'individual', fk: false, party: 'PERSON', organisationId: id, unitId: null },
      ...{ name: 'Anna Ask', email: 'anna@hemma.example', phone: null, personalNumber: null },
    });
    await work.db.updateTable('case_file').set({ individual_account_id: id }).where('id', '=', caseId).execute();
    const email = vault.seal('sara.lind@fk.example.se');
    await work.db.updateTable('account').set({ email }).where('id', '=', w.officerId).execute();
  });
});
afterAll(async () => {
  await other.close();
  await w.close();
});

/** What a mail is about, apart from its words: numbers of measures, the list of what is late, the time of a meeting. */
function about(kind: string, facts: Record<string, unknown>, numbers: Map<string, number>): string {
  if (kind === 'measure.digest') {
    const { measures, late } = facts as DigestFacts;
    return [...measures.map(({ measureId }) => numbers.get(measureId)).sort(), ...(late ? ['late'] : [])].join(' ');
  }
  if (kind === 'measure.answered') return String(numbers.get(String(facts.measureId)));
  return typeof facts.startsAt === 'string' ? stockholmLocal(facts.startsAt).slice(0, 16).replace('T', ' ') : '';
}

/** Both workers send what waits, in the same moment; a worker is woken after each act. */
async function send(): Promise<void> {
  const rows = await db().selectFrom('measure').select(['id', 'number']).execute();
  const numbers = new Map(rows.map(({ id, number }) => [id, number ?? 0]));
  const whatOf = new Map<string, Pick<Mail, 'kind' | 'what'>>();
  const watched = (kinds: Record<string, MessageKind>): Record<string, MessageKind> =>
    Object.fromEntries(
      Object.entries(kinds).map(([name, kind]) => {
        const render: MessageKind['render'] = (row) => {
          const mail = kind.render(row);
          whatOf.set(mail.messageId, { kind: row.kind, what: about(row.kind, row.facts, numbers) });
          return mail;
        };
        return [name, { ...kind, render }];
      }),
    );
  const transport: MailTransport = {
    async send({ messageId, to, text }) {
      const what = whatOf.get(messageId) ?? { kind: '?', what: '' };
      const at = stockholmLocal(w.house.engine.clock.now()).slice(0, 16).replace('T', ' ');
      year.push({ at, to: to.split('@')[0] ?? '', ...what, links: text.match(/http:\S+/g) ?? [] });
      return { response: '250', sha256: '' };
    },
    close: async () => {},
  };
  w.pass({ seconds: 5 });
  await Promise.all(
    [w.house, other.house].map((house) =>
      sendDueMessages(house.engine, transport, watched(messageKinds(house)), house.log, () => false),
    ),
  );
}

/** Both see to everything that is seen to every minute, and send. */
async function look(): Promise<void> {
  await Promise.all(
    [w.house, other.house].map(async ({ engine }) => {
      for (const chore of chores) await chore(engine);
    }),
  );
  await send();
}

/** When the worker has something to do next. */
async function nextDue(): Promise<string | null> {
  const now = w.house.engine.clock.now();
  const soonest = await Promise.all(
    (['measure', 'meeting', 'review'] as const).map((table) =>
      db()
        .selectFrom(table)
        .select((s) => s.fn.min('remind_at').as('at'))
        .where('remind_at', '>', now)
        .executeTakeFirst(),
    ),
  );
  return soonest.flatMap((row) => row?.at ?? []).sort()[0] ?? null;
}

/** Time goes on to then, by Stockholm's clocks: at each due moment, and a minute before and after it, both workers look. */
async function until(local: string): Promise<void> {
  const parsed = parseStockholm(local.replace(' ', 'T'));
  if (!parsed.ok) throw new Error(local);
  await send();
  for (let due = await nextDue(); due !== null && due < parsed.instant; due = await nextDue()) {
    for (const minutes of [-1, 0, 1]) {
      const at = new Date(Date.parse(due) + minutes * 60_000).toISOString();
      if (at <= w.house.engine.clock.now()) continue;
      w.until(at);
      await look();
    }
  }
  w.until(parsed.instant);
  await look();
  officer = await w.signIn('fk');
  person = await w.signIn('individ');
}

async function act(path: string, fields: Fields = {}, status = 303, who = officer): Promise<string> {
  const response = await w.post(path, fields, who);
  const html = await response.text();
  expect(response.status, `${path}: ${html.replaceAll(/<[^>]+>|\s+/g, ' ').slice(0, 600)}`).toBe(status);
  return status === 303 ? (response.headers.get('location') ?? '') : html;
}
/** By link, signed in as nobody. */
const byLink = (path: string, fields: Fields, status = 303) => act(path, fields, status, '');
async function page(path: string, who = officer): Promise<string> {
  const response = await w.get(path, who);
  expect(response.status, path).toBe(200);
  const html = await response.text();
  validateHtml(html, path.replace(/[A-Za-z0-9_-]{65}/, ':token'));
  return html;
}
const words = (html: string) => html.replaceAll(/<[^>]+>/g, ' ').replaceAll(/\s+/g, ' ');
const listed = (html: string) => html.split('<li class="measure').slice(1).map(words);
/** The officer's list of what needs them: number, and why it stands there. */
async function late(): Promise<string[]> {
  const rows = listed(await page('/forsenat'));
  return rows.map((row) => {
    const [, number] = /Åtgärd (\d+) i ärende/.exec(row) ?? [];
    const why = [
      /En dag sen|\d+ dagar sen/,
      /Något står i vägen/,
      /Ring, inget mejl/,
      /Vill ha mer tid, till \d+ [a-z]+ \d{4}/,
    ];
    return [number, ...why.flatMap((one) => one.exec(row)?.[0] ?? [])].join(': ');
  });
}
async function measure(number: number): Promise<string> {
  const row = await db()
    .selectFrom('measure')
    .select('id')
    .where('case_id', '=', caseId)
    .where('number', '=', number)
    .executeTakeFirstOrThrow();
  return row.id;
}
const linkOf = async (number: number) => w.measureLink(await measure(number));
const participants = (meeting: string) =>
  db().selectFrom('participant').selectAll().where('meeting_id', '=', meeting).execute();
/** The person has said yes to everybody, as before; a time is fixed, and all are invited. */
async function invite(meeting: string, startsAt: string): Promise<void> {
  const views = (await participants(meeting)).map(({ id }) => [`party-${id}`, 'yes']);
  await act(`/moten/${meeting}/samtal`, { how: 'På telefon.', ...Object.fromEntries(views) });
  await act(`/moten/${meeting}/tid`, { ...fixed, startsAt });
  await act(`/moten/${meeting}/kallelse`);
}
async function planned(): Promise<string> {
  const rows = await db()
    .selectFrom('meeting')
    .select('id')
    .where('case_id', '=', caseId)
    .where('state', '=', 'planning')
    .execute();
  expect(rows).toHaveLength(1);
  return rows[0]?.id ?? '';
}
const write = (at: string, fields: Record<string, string>) => {
  const versions = Object.keys(fields).map((name) => [`version-${name}`, '0']);
  return act(at, { ...fields, ...Object.fromEntries(versions) });
};
const plan = async (version = '') =>
  (await (await w.get(`/arenden/${caseId}/plan.json${version}`, officer)).json()) as {
    document: { version: number };
    measures: { number: number; due: string }[];
  };
/** Links of the surveys that came then, by whom they came to. */
const surveyed = (day: string) =>
  new Map(
    year
      .filter(({ at, kind }) => kind === 'survey.ask' && at.startsWith(day))
      .map(({ to, links }) => [to, new URL(links[0] ?? '').pathname]),
  );

let second: string;
let third: string;

test('the first minutes make a plan, and book the follow-up in the same step', async () => {
  await until('2026-11-24 10:00');
  const first = `/moten/${w.meetingId}`;
  for (const [party, name, email] of [
    ['PERSON', 'Anna Ask', 'anna@hemma.example'],
    ['FK', 'Sara Lind', 'sara.lind@fk.example.se'],
    ['ARBG', 'Bo Ek', 'chef@verkstad.example.se'],
    ['PV', 'Lena Dal', 'lena.dal@region.example.se'],
  ] as const) {
    await act(`${first}/deltagare`, { party, name, email, verified: 'on', verifiedHow: 'Ringde.' });
  }
  await act(`/moten/${w.otherMeetingId}/installd`, { reason: 'Dubbelt.' });
  await act(`${first}/samtal`, { how: 'På telefon.' });
  await act(`${first}/tid`, { ...fixed, startsAt: '2026-11-24T13:00' });
  await act(`${first}/hallet`);
  const at = `${first}/protokoll`;
  await write(at, { planGoal: 'Halvtid till hösten.', followUpDate: '2027-04-06', followUpPurpose: 'Se hur det går.' });
  for (const [text, carriedOutBy, due] of [
    ['Ordna en stol', 'ARBG', '2026-12-25'],
    ['Skriva ett intyg', 'PV', '2027-03-28'],
    ['Pröva att cykla', 'PERSON', '2027-05-07'],
    ['Utreda bidrag', 'FK', '2027-10-31'],
  ] as const) {
    await act(`${at}/atgarder`, { text, carriedOutBy, due });
  }
  await act(`${at}/faststallande`, { reason: 'Alla hörde.' });
  second = await planned();
  expect((await plan()).document.version).toBe(1);
  expect((await plan()).measures.map(({ number, due }) => `${number} ${due}`)).toEqual([
    '1 2026-12-25',
    '2 2027-03-28',
    '3 2027-05-07',
    '4 2027-10-31',
  ]);
  expect(await late()).toEqual([]);
  await send();
  // Three of the four that were asked answer.
  const links = surveyed('2026-11-24');
  expect([...links.keys()].sort()).toEqual(['anna', 'chef', 'lena.dal', 'sara.lind']);
  for (const to of ['chef', 'sara.lind']) await byLink(links.get(to) ?? '', { right: 'yes' });
  await byLink(links.get('anna') ?? '', { said: 'yes' });
  // So do others after meetings of theirs: nine together in this quarter, and seven in the one of the next minutes.
  const rows = ['2026-Q4', '2027-Q2'].flatMap((period) =>
    Object.entries({ mostly: 3, no: 4 }).map(([answer, count]) => ({
      ...{ period, who: 'other', question: 'right', answer, count },
    })),
  );
  await w.set((work) => work.db.insertInto('survey_count').values(rows).execute());
});

test('what is late over Christmas stands in the officer’s list until its owner has said that it is done', async () => {
  await until('2026-12-25 12:00');
  expect(await late()).toEqual([]);
  await until('2026-12-28 12:00');
  expect(await late()).toEqual(['1: 3 dagar sen']);
  // Whoever has not answered in thirty days is not asked any more.
  await byLink(surveyed('2026-11-24').get('lena.dal') ?? '', { right: 'yes' }, 404);
  await until('2027-01-07 10:00');
  expect(await late()).toEqual(['1: 13 dagar sen']);
  // When everybody has been reminded for the last time a new day has reminders of its own.
  const asked = '2027-01-29';
  await byLink(await linkOf(1), { status: 'ongoing', proposedDue: asked });
  expect(await late()).toEqual(['1: 13 dagar sen: Vill ha mer tid, till 29 januari 2027']);
  await act(`/atgarder/${await measure(1)}/datum`, { decision: 'granted', words: '', asked });
  expect(await late()).toEqual([]);
  await until('2027-01-29 12:00');
  await byLink(await linkOf(1), { status: 'done', note: 'Stolen står där.' });
  expect(await late()).toEqual([]);
});

test('the follow-up is held after Easter, with what has happened since on its agenda', async () => {
  await until('2027-03-01 10:00');
  await invite(second, '2027-04-06T10:00');
  await send();
  const { linkKey } = w.house.config;
  const people = await participants(second);
  const answer = async (party: string, given: string) => {
    const one = people.find((each) => each.party === party);
    const token = linkToken(linkKey, 'participant', one?.id ?? '', one?.link_generation ?? 0);
    await byLink(`/svar/${token}`, { answer: given });
  };
  for (const party of ['PERSON', 'FK', 'ARBG']) await answer(party, 'accepted');
  // Whose day is Easter Day asks for Midsummer Eve; until the officer has answered the old day stands.
  await until('2027-03-25 12:00');
  const asked = '2027-06-25';
  await byLink(await linkOf(2), { status: 'ongoing', note: 'Det väntar på ett prov.', proposedDue: asked });
  await answer('PV', 'tentative');
  expect(await late()).toEqual(['2: Vill ha mer tid, till 25 juni 2027']);
  await until('2027-03-30 10:00');
  expect(await late()).toEqual(['2: 2 dagar sen: Vill ha mer tid, till 25 juni 2027']);
  await act(`/atgarder/${await measure(2)}/datum`, { decision: 'granted', words: '', asked });
  expect(await late()).toEqual([]);
  await until('2027-04-06 11:00');
  const agenda = listed(await page(`/moten/${second}`));
  expect(agenda.map((row) => /Åtgärd \d/.exec(row)?.[0])).toEqual(['Åtgärd 1', 'Åtgärd 2', 'Åtgärd 3', 'Åtgärd 4']);
  expect(agenda[0]).toContain('Stolen står där.');
  expect(agenda[1]).toContain(t('plan.dateGranted', { date: '25 juni 2027' }));
  for (const row of agenda.slice(2)) expect(row).toContain(t('agenda.noNews'));
});

test('new minutes are read by those who may, and are locked though one is silent', async () => {
  const pv = (await participants(second)).find(({ party }) => party === 'PV');
  const kinds = ['contact', 'work', 'measures', 'health', 'social'];
  await act(`/arenden/${caseId}/samtycken`, { party: pv?.case_party_id ?? '', kinds, how: 'oral' });
  await act(`/moten/${second}/hallet`);
  const at = `/moten/${second}/protokoll`;
  await write(at, { sinceLast: 'Stolen hjälper.', followUpDate: '2027-09-14' });
  await act(`${at}/atgarder`, { text: 'Prova nya tider', carriedOutBy: 'ARBG', due: '2027-08-03' });
  await act(`${at}/granskning`, { lastDay: '2027-04-20' });
  await until('2027-04-07 10:00');
  await act(`${at}/godkannande`, {}, 303, person);
  await act(`${at}/faststallande`, {}, 422);
  await until('2027-04-21 10:00');
  await act(`${at}/faststallande`);
  third = await planned();
  const json = (await (await w.get(`${at}.json`, officer)).json()) as {
    participants: { party: string; answer?: { state: string } }[];
  };
  expect(json.participants.flatMap(({ party, answer }) => (answer ? `${party} ${answer.state}` : []))).toEqual([
    'PERSON approved',
    'ARBG not_asked',
    'PV silent',
  ]);
  const made = await plan();
  expect(made.document.version).toBe(2);
  expect(made.measures.map(({ number, due }) => `${number} ${due}`)).toEqual([
    '1 2027-01-29',
    '2 2027-06-25',
    '3 2027-05-07',
    '4 2027-10-31',
    '5 2027-08-03',
  ]);
  const [, added = '', rest = ''] = (await page(`/arenden/${caseId}/plan/skillnad?fran=1&till=2`)).split(
    /id="(?:nytt|andrat)"/,
  );
  expect(words(added)).toContain('Prova nya tider');
  expect(added).not.toContain('Skriva ett intyg');
  expect(words(rest)).toContain('25 juni 2027');
  await send();
  const links = surveyed('2027-04-21');
  await byLink(links.get('chef') ?? '', { right: 'yes' });
  await byLink(links.get('sara.lind') ?? '', { right: 'mostly' });
  await byLink(links.get('lena.dal') ?? '', { right: 'no' });
  await byLink(links.get('chef') ?? '', { right: 'yes' }, 404);
});

test('an amendment moves a day, and so do the officer’s words; a day that is refused stays', async () => {
  await until('2027-04-26 10:00');
  const at = `/moten/${second}/protokoll/rattelse`;
  const form = parseForm(await page(at), at);
  const due = [...form.fields.keys()].find((name) => /^measure-.+-due$/.test(name)) ?? '';
  const amended = fillForm(form, { reason: 'Fel månad.', [due]: '2027-08-31', step: 'preview' });
  const preview = parseForm(await act(at, Object.fromEntries(amended), 200), at);
  await act(at, Object.fromEntries(fillForm(preview)));
  expect((await plan()).document.version).toBe(3);
  expect((await plan()).measures.at(-1)?.due).toBe('2027-08-31');
  expect((await plan('?version=2')).measures.at(-1)?.due).toBe('2027-08-03');
  // The day after Ascension Day.
  await until('2027-05-05 12:00');
  const asked = '2027-08-02';
  await act(await linkOf(3), { status: 'planned', proposedDue: asked }, 303, '');
  await until('2027-05-07 10:00');
  expect(await late()).toEqual(['3: Vill ha mer tid, till 2 augusti 2027']);
  await act(`/atgarder/${await measure(3)}/datum`, { decision: 'refused', words: 'Det är för sent.', asked });
  expect(await late()).toEqual([]);
  await until('2027-05-12 10:00');
  expect(await late()).toEqual(['3: 5 dagar sen']);
  await act(`/atgarder/${await measure(3)}/status`, { status: 'done', note: 'Jag cyklar.' }, 303, person);
  // On the day before Midsummer Eve.
  await until('2027-06-24 12:00');
  await byLink(await linkOf(2), { status: 'done' });
  await until('2027-08-31 12:00');
  expect(await late()).toEqual([]);
  await byLink(await linkOf(5), { status: 'ongoing', obstacle: 'Schemat är låst.' });
  await until('2027-09-01 10:00');
  expect(await late()).toEqual(['5: En dag sen: Något står i vägen']);
  await act(`/atgarder/${await measure(5)}/status`, {
    status: 'ongoing',
    note: 'Vi väntar.',
    proposedDue: '2027-11-05',
  });
  expect(await late()).toEqual([]);
});

test('numbers of a survey are shown of a quarter with enough answers, and of no other', async () => {
  const html = await page('/statistik');
  expect([...html.matchAll(/<li>[^<]*: (\d+)<\/li>/g)].map(([, number]) => Number(number))).toEqual([5, 5]);
});

test('the case is closed on the day that was told of; then nothing reminds, and no link reports', async () => {
  await invite(third, '2027-11-16T10:00');
  await until('2027-10-18 10:00');
  const at = `/arenden/${caseId}/avslut`;
  const form = parseForm(await page(at), at);
  const more: Record<string, string> = {
    ...{ reason: 'goal_reached', ownView: 'Jag klarar mig.', closesOn: '2027-11-02', cancelMeetings: 'on' },
  };
  for (const [name, { values }] of form.fields) {
    if (/^goal-[0-9a-f]+$/.test(name)) more[name] = 'yes';
    if (/^measure-[\w-]{36}$/.test(name)) {
      more[name] = 'goes_on';
      more[`${name}-whom`] = 'Företagshälsan';
    }
    if (/^contact-\w+-phone$/.test(name) && !values[0]) more[name] = '08-465 004 99';
  }
  await act(at, Object.fromEntries(fillForm(form, more)));
  await until('2027-11-01 10:00');
  expect(await late()).toEqual(['4: En dag sen']);
  await act(`${at}/klart`, {}, 422);
  await until('2027-11-02 10:00');
  await act(`${at}/klart`);
  // What goes on with somebody else is not looked for by the worker either.
  const due = db().selectFrom('measure').select('number').where('remind_at', 'is not', null);
  expect(await due.execute()).toEqual([]);
  const link = await linkOf(5);
  await until('2027-11-09 12:00');
  expect(await late()).toEqual([]);
  await byLink(link, { status: 'done' }, 422);
  await until('2027-12-01 12:00');
  expect((await w.get(link)).status).toBe(200);
  await until('2027-12-03 12:00');
  expect((await w.get(link)).status).toBe(404);
  await until('2028-06-01 10:00');
});

/** Who was mailed when, what, and about what; worked out by hand from the calendar. */
const four = ['anna', 'chef', 'lena.dal', 'sara.lind'];
const to = (people: readonly string[], at: string, kind: string, what = '') =>
  people.map((one) => [at, one, kind, what].join(' | '));
const table = [
  ...to(four, '2026-11-24 10:00', 'survey.ask'),
  // Christmas Day: a week before, before the holidays, after them, a week after it, and then the officer.
  ...to(['chef'], '2026-12-18 08:00', 'measure.digest', '1'),
  ...to(['chef'], '2026-12-23 08:00', 'measure.digest', '1'),
  ...to(['chef'], '2026-12-28 08:00', 'measure.digest', '1'),
  ...to(['chef'], '2027-01-04 08:00', 'measure.digest', '1'),
  ...to(['sara.lind'], '2027-01-05 08:00', 'measure.digest', 'late'),
  ...to(['chef'], '2027-01-07 10:00', 'measure.answered', '1'),
  ...to(['chef'], '2027-01-22 08:00', 'measure.digest', '1'),
  ...to(['chef'], '2027-01-28 08:00', 'measure.digest', '1'),
  ...to(['chef'], '2027-01-29 08:00', 'measure.digest', '1'),
  ...to(four, '2027-03-01 10:00', 'invitation.request', '2027-04-06 10:00'),
  // Easter Day and summer time: before Good Friday and after Easter Monday.
  ...to(['lena.dal'], '2027-03-19 08:00', 'measure.digest', '2'),
  ...to(['anna', 'chef', 'sara.lind'], '2027-03-24 08:00', 'invitation.reminder', '2027-04-06 10:00'),
  ...to(['lena.dal'], '2027-03-24 08:00', 'invitation.reminder_answer', '2027-04-06 10:00'),
  ...to(['lena.dal'], '2027-03-25 08:00', 'measure.digest', '2'),
  ...to(['lena.dal'], '2027-03-30 08:00', 'measure.digest', '2'),
  ...to(['lena.dal'], '2027-03-30 10:00', 'measure.answered', '2'),
  ...to(four, '2027-04-02 08:00', 'invitation.reminder', '2027-04-06 10:00'),
  ...to(four, '2027-04-05 13:00', 'invitation.reminder', '2027-04-06 10:00'),
  ...to(['anna', 'lena.dal'], '2027-04-06 11:00', 'review.ask'),
  ...to(['lena.dal'], '2027-04-19 08:00', 'review.remind'),
  ...to(['anna', 'lena.dal'], '2027-04-21 10:00', 'review.final'),
  ...to(four, '2027-04-21 10:00', 'survey.ask'),
  ...to(['anna', 'lena.dal'], '2027-04-26 10:00', 'review.amended'),
  // The day after Ascension Day.
  ...to(['anna'], '2027-04-30 08:00', 'measure.digest', '3'),
  ...to(['anna'], '2027-05-05 08:00', 'measure.digest', '3'),
  ...to(['anna'], '2027-05-07 08:00', 'measure.digest', '3'),
  ...to(['anna'], '2027-05-07 10:00', 'measure.answered', '3'),
  ...to(['anna'], '2027-05-10 08:00', 'measure.digest', '3'),
  // Midsummer Eve.
  ...to(['lena.dal'], '2027-06-18 08:00', 'measure.digest', '2'),
  ...to(['lena.dal'], '2027-06-24 08:00', 'measure.digest', '2'),
  // By the amendment’s day.
  ...to(['chef'], '2027-08-24 08:00', 'measure.digest', '5'),
  ...to(['chef'], '2027-08-30 08:00', 'measure.digest', '5'),
  ...to(['chef'], '2027-08-31 08:00', 'measure.digest', '5'),
  ...to(['chef'], '2027-09-01 08:00', 'measure.digest', '5'),
  ...to(four, '2027-09-01 10:00', 'invitation.request', '2027-11-16 10:00'),
  // A Sunday, and the end of summer time.
  ...to(['sara.lind'], '2027-10-22 08:00', 'measure.digest', '4'),
  ...to(['sara.lind'], '2027-10-29 08:00', 'measure.digest', '4'),
  ...to(['chef'], '2027-10-29 08:00', 'measure.digest', '5'),
  ...to(['sara.lind'], '2027-11-01 08:00', 'measure.digest', '4'),
  ...to(four, '2027-11-02 10:00', 'invitation.cancel', '2027-11-16 10:00'),
];

test('everybody was mailed what the table says, each once and nothing else', () => {
  expect(year.map(({ at, to: one, kind, what }) => [at, one, kind, what].join(' | ')).sort()).toEqual(table.sort());
});

test('the installation is whole, with each document in its place', async () => {
  const rows = await db()
    .selectFrom('document')
    .select(['kind', 'position'])
    .where('case_id', '=', caseId)
    .orderBy('position')
    .execute();
  expect(rows.map(({ kind, position }) => `${position} ${kind}`)).toEqual([
    '1 minutes',
    '2 minutes',
    '3 amendment',
    '4 closing',
  ]);
  const { faults, log } = await verifyInstallation(w.house.engine.database);
  expect(faults).toEqual([]);
  expect(log.faults).toEqual([]);
});
