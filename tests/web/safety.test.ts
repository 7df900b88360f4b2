import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ParsedMail, simpleParser } from 'mailparser';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { disclosures } from '../../src/features/request/rules.ts';
import { linkCode, linkPath } from '../../src/kernel/links.ts';
import { addMinutes } from '../../src/kernel/time.ts';
import { goodRequest, openTestApp, type TestApp } from '../support/app.ts';
import { validateHtml } from '../support/html.ts';

/** Personal links, codes, accounts, representatives and protected lives, through the pages. */

let app: TestApp;
type Visitor = Awaited<ReturnType<TestApp['signIn']>>;
const users = new Map<string, Visitor>();
const as = (account: string) => users.get(account) as Visitor;
const seen = new Set<string>();
beforeAll(async () => {
  app = await openTestApp();
  for (const account of ['fk', 'fk2', 'chef', 'individ', 'foretradare', 'arbetsgivare', 'af', 'kommun']) {
    users.set(account, await app.signIn(account));
  }
  await mails();
}, 60_000);
afterAll(() => app.close());

const db = () => app.house.engine.database.reads.db;
const idOf = async (account: string) =>
  (await db().selectFrom('account').select('id').where('demo_key', '=', account).executeTakeFirstOrThrow()).id;

/** Sends what is due, and reads what has been sent since the last time. */
async function mails(): Promise<ParsedMail[]> {
  await app.deliver();
  const folder = join(app.dataDir, 'mail');
  const files = existsSync(folder) ? readdirSync(folder).filter((file) => file.endsWith('.eml')) : [];
  const fresh = files.filter((file) => !seen.has(file)).sort();
  for (const file of fresh) seen.add(file);
  return Promise.all(fresh.map((file) => simpleParser(readFileSync(join(folder, file)))));
}
const to = (mail: ParsedMail) =>
  [mail.to ?? []]
    .flat()
    .map(({ text }) => text)
    .join();

async function html(visitor: Visitor, path: string, status = 200): Promise<string> {
  const response = await visitor.get(path);
  const text = await response.text();
  expect(response.status, path).toBe(status);
  validateHtml(text, path);
  return text;
}
async function post(visitor: Visitor, path: string, fields: Record<string, string>, status = 303): Promise<string> {
  const response = await visitor.post(path, fields);
  expect(response.status, `${path} ${await response.clone().text()}`).toBe(status);
  return response.headers.get('location') ?? '';
}

async function request(fields: Record<string, string> = {}): Promise<{ id: string; receipt: string }> {
  const location = await post(app.visitor(), '/begaran', { ...goodRequest, ...fields });
  const row = await db().selectFrom('request').select('id').orderBy('id', 'desc').executeTakeFirstOrThrow();
  return { id: row.id, receipt: location };
}
const confirmed = { decision: 'confirm', kind: 'reconciliation', purpose: 'Nästa steg.' };
const maja = { individualName: 'Maja Berglund', individualNumber: '19970131-2390' };

/** A meeting of the demo's with its case and a participant's id and link. */
async function meetingOf(state: string, party: string) {
  const row = await db()
    .selectFrom('meeting as m')
    .innerJoin('participant as p', 'p.meeting_id', 'm.id')
    .innerJoin('account as a', 'a.id', 'm.officer_id')
    .select(['m.id as meeting', 'm.case_id', 'm.request_id', 'p.id as participant', 'p.link_generation'])
    .where('m.state', '=', state)
    .where('a.demo_key', '=', 'fk')
    .where('p.party', '=', party)
    .orderBy('m.id')
    .executeTakeFirstOrThrow();
  const path = `/moten/${row.meeting}/deltagare/${row.participant}`;
  const link = () => linkOf(row.participant);
  return { ...row, caseId: row.case_id ?? '', requestId: row.request_id ?? '', path, link };
}
async function linkOf(participant: string): Promise<string> {
  const { link_generation } = await db()
    .selectFrom('participant')
    .select('link_generation')
    .where('id', '=', participant)
    .executeTakeFirstOrThrow();
  return linkPath(app.house.config.linkKey, 'participant', participant, link_generation);
}
const bare = (page: string) =>
  page.replaceAll(/\b[2-9A-Z]{4}-[2-9A-Z]{4}\b/g, '····-····').replaceAll(/[\w-]{65}/g, '·');

describe('a stranger who names a neighbour', () => {
  const outwardText = 'Vi har läst det du skrev.';
  const answers: [string, Record<string, string>][] = disclosures.flatMap(
    (disclosure): [string, Record<string, string>][] => [
      [`yes, ${disclosure}`, { ...confirmed, disclosure, outwardText }],
      [
        `no, ${disclosure}`,
        {
          decision: 'decline',
          reasonCode: 'too_early',
          instead: 'Ring.',
          disclosure,
          disclosureGround: 'Ett ja.',
          outwardText,
        },
      ],
    ],
  );
  answers.push(
    ['a question', { decision: 'ask', outwardText }],
    ['wait', { decision: 'hold', reasonCode: 'other', outwardText }],
  );
  /** Somebody with a case, somebody without, somebody nobody knows the number of. */
  const neighbours: Record<string, string>[] = [
    maja,
    {},
    { individualNumber: '', individualNumberMissing: 'on', individualName: 'Okänd Granne' },
  ];

  test('reads the same on the receipt whoever it is, and a no as a yes unless an officer has disclosed it', async () => {
    const pages = new Map<string, string>();
    for (const [name, decision] of answers) {
      const bodies = [];
      for (const neighbour of neighbours) {
        const { id, receipt } = await request(neighbour);
        await post(as('fk'), `/begaran/${id}/beslut`, decision);
        const page = await html(app.visitor(), receipt);
        expect(bare(page)).not.toMatch(/Maja|Berglund|Tove|Ask|Granne|970131|120129|2390|2388|Sara|Granvik|protokoll/);
        bodies.push(bare(page));
      }
      expect(new Set(bodies).size, name).toBe(1);
      pages.set(name, bodies[0] as string);
    }
    expect(pages.get('yes, nothing')).toBe(pages.get('no, nothing'));
    expect(pages.get('yes, outcome')).not.toBe(pages.get('no, outcome'));
  }, 30_000);
});

test('an abuser who gives an own address as the person’s contact receives nothing', async () => {
  const abuser = 'ond@utomstaende.example';
  await mails();
  const { id } = await request({ individualContact: abuser, requesterEmail: 'granne@utomstaende.example' });
  const meeting = await post(as('fk'), `/begaran/${id}/beslut`, confirmed);
  // An officer who copies it without having made sure of it changes nothing.
  await post(as('fk'), `${meeting}/deltagare`, { party: 'PERSON', name: 'Tove Ask', email: abuser });
  for (const party of ['FK', 'PV']) {
    const email = `${party.toLowerCase()}@verkstad.example`;
    await post(as('fk'), `${meeting}/deltagare`, {
      party,
      name: 'Någon',
      email,
      verified: 'on',
      verifiedHow: 'Ringde.',
    });
  }
  const rows = await db()
    .selectFrom('participant')
    .select(['id', 'party'])
    .where('meeting_id', '=', meeting.slice(7))
    .execute();
  const views = Object.fromEntries(rows.map(({ id: one }) => [`party-${one}`, 'yes']));
  await post(as('fk'), `${meeting}/samtal`, { how: 'På telefon.', ...views });
  const time = { durationMinutes: '60', placeKind: 'office' };
  await post(as('fk'), `${meeting}/tid`, { ...time, startsAt: '2027-03-03T09:00' });
  await post(as('fk'), `${meeting}/kallelse`, {});
  await post(as('fk'), `${meeting}/tid`, { ...time, startsAt: '2027-03-04T09:00', reason: 'Ny tid.' });
  const person = rows.find(({ party }) => party === 'PERSON')?.id ?? '';
  await post(as('fk'), `${meeting}/deltagare/${person}/ny-lank`, {});
  await post(as('fk'), `/begaran/${id}/lank`, { act: 'renew' });
  await post(app.visitor(), `${await linkOf(person)}/kod`, {}, 422);
  await post(as('fk'), `${meeting}/installd`, { reason: 'Går inte.' });
  const sent = await mails();
  expect(sent.map(to).filter((address) => address.includes('ond@'))).toEqual([]);
  for (const mail of sent) expect(`${mail.text}${mail.html}${mail.subject}`).not.toContain('ond@');
  const requester = sent
    .filter((mail) => to(mail).startsWith('granne@'))
    .map(({ subject }) => subject?.replace(/ \(.*/, ''));
  // Who asked is told of the receipt and the answer, and of nothing about the meeting.
  expect(requester.sort()).toEqual([
    'Det finns ett svar på din begäran',
    'Ny länk till din begäran',
    'Vi har tagit emot din begäran',
  ]);
  expect(sent.length).toBe(3 + 2 * 3);
});

describe('a link that opens nothing', () => {
  test('is the same page, whatever has become of it', async () => {
    const { id, receipt } = await request();
    const dead = bare(await html(app.visitor(), '/begaran/kvitto/ingen-sadan', 404));
    await post(as('fk'), `/begaran/${id}/lank`, { act: 'renew' });
    expect(bare(await html(app.visitor(), receipt, 404))).toBe(dead);
    const mail = (await mails()).find(({ subject }) => subject?.startsWith('Ny länk'));
    expect(mail && to(mail)).toBe(goodRequest.requesterEmail);
    const [, newer = ''] = /http:\/\/localhost:3000(\/begaran\/kvitto\/[\w-]+)/.exec(mail?.text ?? '') ?? [];
    await html(app.visitor(), newer);
    await post(as('fk'), `/begaran/${id}/lank`, { act: 'revoke' });
    expect(bare(await html(app.visitor(), newer, 404))).toBe(dead);
    await post(app.visitor(), `${newer}/aterkallelse`, { reason: '' }, 404);
    // Nobody is mailed a link that was taken back.
    await post(as('fk'), `/begaran/${id}/beslut`, { decision: 'decline', reasonCode: 'too_early', instead: 'Ring.' });
    expect(await mails()).toEqual([]);
    await post(as('fk'), `/begaran/${id}/lank`, { act: 'renew' });
    expect((await mails()).map(to)).toEqual([goodRequest.requesterEmail]);

    const one = await meetingOf('scheduled', 'PV');
    const link = await one.link();
    await html(app.visitor(), link);
    await post(as('fk'), `${one.path}/ny-lank`, {});
    expect(bare(await html(app.visitor(), link, 404))).toBe(dead);
    const renewed = await one.link();
    await post(as('fk'), `${one.path}/aterkallelse`, {});
    expect(bare(await html(app.visitor(), renewed, 404))).toBe(dead);
    expect(await html(as('fk'), `${one.path}/atkomst`)).toContain('Inget skickas dit');
    await mails();
  });

  test('a participant’s shows back nothing of what was typed', async () => {
    const one = await meetingOf('scheduled', 'ARBG');
    const link = await one.link();
    const before = await html(app.visitor(), link);
    await post(app.visitor(), link, { answer: 'tentative', comment: 'zqzqzq' });
    await post(app.visitor(), link, { proposedStart: '2027-05-06T07:08' });
    for (const path of [link, `${link}/kod`]) {
      expect(await html(app.visitor(), path)).not.toMatch(/zqzqzq|2027-05-06|6 maj|7\.08/);
    }
    // Nor whom it concerns, what kind of meeting it is, or who else comes.
    expect(before).not.toMatch(/\bAli\b|avstämning|Vårdcentral/);
  });
});

describe('a one-time code', () => {
  const codeOf = async (participant: string) => {
    const row = await db()
      .selectFrom('link_code')
      .select('id')
      .where('participant_id', '=', participant)
      .orderBy('id', 'desc')
      .executeTakeFirstOrThrow();
    return linkCode(app.house.config.linkKey, row.id);
  };
  /** Another code than the right one. */
  const wrong = (code: string, by: number) => String((Number(code) + by) % 1_000_000).padStart(6, '0');
  const reset = () => app.house.engine.database.transaction(({ db: w }) => w.deleteFrom('link_code').execute());

  test('is mailed to the verified address alone, and stands nowhere else', async () => {
    const one = await meetingOf('scheduled', 'ARBG');
    const link = await one.link();
    await mails();
    await post(app.visitor(), `${link}/kod`, {});
    const [mail, ...more] = await mails();
    expect(more).toEqual([]);
    const code = await codeOf(one.participant);
    expect(mail?.text).toContain(`Din kod är ${code}. Den gäller i 10 minuter.`);
    expect(mail?.text).not.toContain('http');
    const { email } = JSON.parse(
      app.house.engine.database.reads.vault.open(
        (
          await db()
            .selectFrom('participant')
            .select('person')
            .where('id', '=', one.participant)
            .executeTakeFirstOrThrow()
        ).person,
      ),
    ) as { email: string };
    expect(mail && to(mail)).toBe(email);
    const { facts } = await db()
      .selectFrom('outbox')
      .select('facts')
      .where('kind', '=', 'participation.code')
      .executeTakeFirstOrThrow();
    expect(app.house.engine.database.reads.vault.open(facts)).not.toContain(code);
  });

  test('is right once, in one browser, for this link', async () => {
    const one = await meetingOf('scheduled', 'ARBG');
    const link = await one.link();
    const code = await codeOf(one.participant);
    const visitor = app.visitor();
    const response = await visitor.post(`${link}/kod/svar`, { code: `${code.slice(0, 3)} ${code.slice(3)}` });
    expect(response.status).toBe(303);
    const cookie = response.headers.getSetCookie().find((one) => one.startsWith('kod='));
    expect(cookie).toMatch(/; HttpOnly/);
    expect(cookie).toContain(`Path=${link}`);
    expect(cookie).toContain('SameSite=Lax');
    const right = await html(visitor, `${link}/kod`);
    expect(right).toContain('Koden stämmer.');
    // It leads on, and nowhere else first.
    expect(right.match(/button--primary"[^>]*/g)).toEqual([`button--primary" href="${link}"`]);
    expect(await html(app.visitor(), `${link}/kod`)).not.toContain('Koden stämmer.');
    await post(app.visitor(), `${link}/kod/svar`, { code }, 422);
    await reset();
  });

  test('cannot be guessed: five tries whether one by one or all at once, three codes an hour', async () => {
    const one = await meetingOf('scheduled', 'ARBG');
    const link = await one.link();
    const tried = (code: string) => app.visitor().post(`${link}/kod/svar`, { code });
    // No code yet: the answer that a wrong one gets.
    const none = await tried('000000');
    expect(none.status).toBe(422);
    const answers = [bare(await none.text()).replaceAll('000000', '······')];
    await post(app.visitor(), `${link}/kod`, {});
    const first = await codeOf(one.participant);
    const guesses = Array.from({ length: 20 }, (_, i) => wrong(first, i + 1));
    for (const response of await Promise.all(guesses.map(tried))) expect(response.status).toBe(422);
    const { tries } = await db()
      .selectFrom('link_code')
      .select('tries')
      .where('participant_id', '=', one.participant)
      .executeTakeFirstOrThrow();
    expect(tries).toBe(5);
    const used = await tried(first);
    expect(used.status).toBe(422);
    answers.push(bare(await used.text()).replaceAll(first, '······'));
    // The right one among the guesses at once, past the fifth.
    await post(app.visitor(), `${link}/kod`, {});
    const second = await codeOf(one.participant);
    for (let guess = 1; guess <= 4; guess++) await tried(wrong(second, guess));
    const last = await tried(wrong(second, 5));
    answers.push(bare(await last.text()).replaceAll(wrong(second, 5), '······'));
    expect((await tried(second)).status).toBe(422);
    await post(app.visitor(), `${link}/kod`, {});
    await post(app.visitor(), `${link}/kod`, {}, 422);
    const third = await codeOf(one.participant);
    // Only the latest counts, and not for long.
    await post(app.visitor(), `${link}/kod/svar`, { code: second }, 422);
    const now = app.house.engine.clock.now();
    app.setClock(addMinutes(now, 11));
    const old = await tried(third);
    answers.push(bare(await old.text()).replaceAll(third, '······'));
    app.setClock(now);
    expect((await tried(third)).status).toBe(303);
    expect(new Set(answers).size).toBe(1);
    await reset();
    await mails();
  });

  test('and the officer’s word bind an account to a participant, until the address is another', async () => {
    const one = await meetingOf('scheduled', 'ARBG');
    const link = await one.link();
    const employer = as('kommun');
    expect(await html(employer, '/mina-moten')).toContain('Inget möte är kopplat');
    await html(employer, `/mina-moten/${one.participant}`, 404);
    await post(employer, `${link}/kod`, {});
    expect(await html(employer, `${link}/kod`)).toContain('Det är jag (');
    await post(employer, `${link}/kod/svar`, { code: await codeOf(one.participant), claim: 'on' });
    // Nothing is given before the officer's word.
    await html(employer, `/mina-moten/${one.participant}`, 404);
    expect(await html(as('fk'), `/moten/${one.meeting}`)).toContain(`${one.path}/atkomst`);
    const page = await html(as('fk'), `${one.path}/atkomst`);
    expect(page).toMatch(/säger sig vara deltagaren/);
    const [, binding = ''] = /name="binding" value="([^"]+)"/.exec(page) ?? [];
    await post(as('fk2'), `${one.path}/konto`, { binding, outcome: 'yes', bindHow: 'Ringde.' }, 403);
    await post(as('fk'), `${one.path}/konto`, { binding, outcome: 'yes', bindHow: '' }, 422);
    await post(as('fk'), `${one.path}/konto`, { binding, outcome: 'yes', bindHow: 'Ringde upp.' });
    expect(await html(employer, '/mina-moten')).toContain('Ali');
    expect(await html(employer, `/mina-moten/${one.participant}`)).toContain('Ali');
    await post(employer, `/mina-moten/${one.participant}`, { answer: 'accepted', comment: '' });
    await html(as('af'), `/mina-moten/${one.participant}`, 404);
    await html(employer, `/moten/${one.meeting}`, 404);
    const row = { participant: one.participant, party: 'ARBG', name: 'En annan', email: '', phone: '' };
    const { email } = await db()
      .selectFrom('account')
      .select('email')
      .where('id', '=', await idOf('arbetsgivare'))
      .executeTakeFirstOrThrow();
    await post(as('fk'), `/moten/${one.meeting}/deltagare`, {
      ...row,
      email: app.house.engine.database.reads.vault.open(email) ?? '',
    });
    await html(employer, `/mina-moten/${one.participant}`, 404);
    await reset();
    await mails();
  });
});

describe('a representative', () => {
  test('sees what the person sees, as themselves, until it is ended', async () => {
    const { caseId, meeting } = await meetingOf('minuted', 'PERSON');
    const representative = as('foretradare');
    expect(await html(representative, '/arenden')).toContain(`/arenden/${caseId}`);
    expect(await html(representative, `/arenden/${caseId}`)).toContain('Ärende för Maja Berglund');
    for (const path of [`/arenden/${caseId}/plan`, `/moten/${meeting}/protokoll`]) {
      const own = (await html(as('individ'), path)).replaceAll(/Maja Berglund|Birgit Norén/g, '·');
      const theirs = (await html(representative, path)).replaceAll(/Maja Berglund|Birgit Norén/g, '·');
      const body = (page: string) => page.slice(page.indexOf('<main'));
      expect(body(theirs)).toBe(body(own));
    }
    const audit = await db()
      .selectFrom('audit')
      .select('account_id')
      .where('case_id', '=', caseId)
      .orderBy('id', 'desc')
      .executeTakeFirstOrThrow();
    const accounts = [await idOf('foretradare'), await idOf('individ')];
    expect(accounts).toContain(audit.account_id);
    // The person sees who acts for them; the reader of another case sees nothing.
    expect(await html(as('individ'), `/arenden/${caseId}/foretradare`)).toContain('Birgit Norén');
    const other = await meetingOf('scheduled', 'PERSON');
    await html(representative, `/arenden/${other.caseId}`, 404);

    const path = `/arenden/${other.caseId}/foretradare`;
    const good = { number: '19120211-9150', basis: 'guardian', how: 'Såg beslutet.' };
    await post(as('fk2'), path, good, 403);
    expect(await (await as('fk').post(path, { ...good, number: '20181231-2385' })).text()).toContain(
      'Be företrädaren logga in',
    );
    await post(as('fk'), path, { ...good, number: '' }, 422);
    // Somebody without an account is given one, so that they can be represented.
    await post(as('fk'), path, good);
    await html(representative, `/arenden/${other.caseId}`);
    const [, end = ''] = /action="([^"]+\/slut)"/.exec(await html(as('fk'), path)) ?? [];
    await post(as('fk'), end, {});
    await html(representative, `/arenden/${other.caseId}`, 404);
    await post(as('fk'), end, {}, 404);
  });
});

describe('a protected identity', () => {
  test('is for its own officer and those named, without a name in lists or a time outside sign-in and letter', async () => {
    const { caseId, meeting, requestId, participant, link } = await meetingOf('scheduled', 'FK');
    const { number } = await db()
      .selectFrom('case_file')
      .select('number')
      .where('id', '=', caseId)
      .executeTakeFirstOrThrow();
    expect(await html(as('fk2'), `/arenden/${caseId}`)).toContain(number);
    await post(as('fk'), `/arenden/${caseId}/skydd`, { protectedIdentity: 'on', reason: '' }, 422);
    await post(as('fk'), `/arenden/${caseId}/skydd`, { protectedIdentity: 'on', reason: 'Hot.' });
    for (const path of [
      `/arenden/${caseId}`,
      `/arenden/${caseId}/plan`,
      `/moten/${meeting}`,
      `/begaran/${requestId}`,
    ]) {
      if (!path.endsWith('/plan')) await html(as('chef'), path);
      await html(as('fk2'), path, 404);
    }
    expect(await html(as('fk2'), '/arenden')).not.toContain(caseId);
    const list = await html(as('chef'), '/arenden');
    expect(list).toContain(caseId);
    expect(list).not.toContain('Ali');
    expect(await html(as('fk'), `/arenden/${caseId}`)).toContain('Skyddade personuppgifter');
    await post(as('fk'), `/arenden/${caseId}/tilldelning`, { officer: await idOf('fk2') }, 422);

    // A new request about the same person is known to nobody else, though its form says nothing.
    const again = await request({ individualNumber: '19701063-2391', individualName: 'A' });
    await html(as('fk2'), `/begaran/${again.id}`, 404);
    expect(await html(as('fk2'), '/inkorg')).not.toContain(again.id);
    expect(await html(as('fk'), '/inkorg')).toContain(again.id);
    const officers = await html(as('fk'), `/begaran/${again.id}`);
    expect(officers).not.toContain(`value="${await idOf('fk2')}"`);
    await post(as('fk'), `/begaran/${again.id}/tilldelning`, { officer: await idOf('fk2') }, 422);

    await mails();
    // In the list of what was opened without right it is for a manager who is named, and for the log reviewer.
    const named = (handles_protected: 0 | 1) =>
      app.house.engine.database.transaction((w) =>
        w.db.updateTable('account').set({ handles_protected }).where('demo_key', '=', 'chef').execute(),
      );
    await post(as('fk2'), '/nodatkomst', { caseNumber: number, emergencyReason: 'Ringer nu.' });
    expect(await html(as('chef'), '/nodatkomst')).toContain(number);
    await named(0);
    expect(await html(as('chef'), '/nodatkomst')).not.toContain(number);
    await named(1);

    await post(as('fk'), `/moten/${meeting}/tid`, {
      startsAt: '2027-04-05T11:15',
      durationMinutes: '60',
      placeKind: 'other',
      place: 'Hemliga gatan 1',
      reason: 'Ny.',
    });
    const sent = await mails();
    expect(sent.length).toBeGreaterThan(1);
    for (const mail of sent) {
      expect(mail.subject).toMatch(/^Det finns något nytt att läsa \(/);
      expect(mail.attachments).toEqual([]);
      expect(`${mail.text}${mail.html}`).not.toMatch(/11\.15|april|2027|Hemliga|Granvik/);
    }
    const page = await html(app.visitor(), await link());
    expect(page).not.toMatch(/11\.15|april|2027|Hemliga/);
    expect(page).toContain('Tid och plats visas inte här');
    await html(app.visitor(), `${await link()}/mote.ics`, 404);
    const letter = await as('fk').get(`/moten/${meeting}/deltagare/${participant}/brev.pdf`);
    expect(letter.headers.get('content-type')).toBe('application/pdf');
    expect(await html(as('fk'), `/moten/${meeting}`)).toContain(`/deltagare/${participant}/brev`);

    await post(as('fk'), `/arenden/${caseId}/skydd`, { reason: 'Upphört.' });
    await html(as('fk2'), `/arenden/${caseId}`);
    await html(as('fk2'), `/begaran/${again.id}`);
    expect(await html(app.visitor(), await link())).toContain('11.15');
  });
});

describe('who asked', () => {
  test('is shown to the person once an officer has looked, and withheld by two people', async () => {
    const { caseId, requestId } = await meetingOf('minuted', 'PERSON');
    const asker = 'Jonas Palm';
    const shown = async () => (await html(as('individ'), `/arenden/${caseId}`)).includes(asker);
    expect(await shown()).toBe(true);
    const path = `/begaran/${requestId}/begarare`;
    await post(as('fk'), path, { move: 'withhold', withholdReason: '' }, 422);
    await post(as('fk'), path, { move: 'withhold', withholdReason: 'Hotfull anhörig.' });
    expect(await shown()).toBe(false);
    await post(as('fk'), `${path}/granskning`, { outcome: 'approved' }, 422);
    await post(as('individ'), `${path}/granskning`, { outcome: 'rejected' }, 404);
    expect(await html(as('fk2'), `/begaran/${requestId}`)).toContain('Hotfull anhörig.');
    await post(as('fk2'), `${path}/granskning`, { outcome: 'approved' });
    expect(await shown()).toBe(false);
    await post(as('fk2'), path, { move: 'lift', withholdReason: 'Har flyttat.' });
    expect(await shown()).toBe(false);
    await post(as('chef'), `${path}/granskning`, { outcome: 'approved' });
    expect(await shown()).toBe(true);
    expect(await html(as('individ'), `/arenden/${caseId}`)).not.toContain('Hotfull');
  });

  test('of a request that nobody has taken is not told', async () => {
    const { id } = await request({ ...maja, requesterName: 'Ny Begärare' });
    const told = async () => html(as('individ'), '/arenden');
    expect(await told()).not.toContain('Ny Begärare');
    await post(as('fk'), `/begaran/${id}/tilldelning`, { officer: await idOf('fk') });
    expect(await told()).toContain('Ny Begärare (Arbetsgivare) har begärt ett möte som gäller dig.');
    await post(as('fk'), `/begaran/${id}/begarare`, { move: 'withhold', withholdReason: 'Fara.' });
    expect(await told()).toContain('Någon har begärt ett möte som gäller dig.');
    expect(await told()).not.toContain('Ny Begärare');
  });

  test('stands in the log that the person reads as somebody, and by nothing more', async () => {
    const organisation = 'Granvik Träförädling AB';
    await post(as('arbetsgivare'), '/begaran', { ...goodRequest, ...maja });
    const row = await db().selectFrom('request').select('id').orderBy('id', 'desc').executeTakeFirstOrThrow();
    await html(as('arbetsgivare'), `/begaran/${row.id}`);
    await post(as('fk'), `/begaran/${row.id}/begarare`, { move: 'withhold', withholdReason: 'Fara.' });
    await post(as('fk'), `/begaran/${row.id}/beslut`, confirmed);
    const { case_id } = await db()
      .selectFrom('request')
      .select('case_id')
      .where('id', '=', row.id)
      .executeTakeFirstOrThrow();
    const log = await html(as('individ'), `/arenden/${case_id}/logg`);
    expect(log).toContain('Skickade en begäran om möte');
    expect(log).toContain('Någon utanför Försäkringskassan');
    expect(log).not.toContain(organisation);
    expect(await html(as('chef'), `/arenden/${case_id}/logg`)).toContain(organisation);
  });
});
