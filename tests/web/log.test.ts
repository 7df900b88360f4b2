import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { allRoutes } from '../../src/app.ts';
import demo from '../../views/demo/demo.json' with { type: 'json' };
import { goodRequest, origin } from '../support/app.ts';
import { everyRow } from '../support/database.ts';
import { parseLinks, validateHtml } from '../support/html.ts';
import {
  accounts,
  administeredId,
  goodBodies,
  type HostileWorld,
  openHostileWorld,
  type Place,
  postOf,
  requestOf,
} from './hostile-world.ts';

/** What is looked at and done in a case is logged, shown to the person, and reviewed. */

/** Whom the cases are about. */
const people = [
  ...Object.values(demo.requests).map(({ individualName }) => individualName),
  goodRequest.individualName,
];

let world: HostileWorld;
beforeAll(async () => {
  world = await openHostileWorld();
}, 60_000);
afterAll(() => world.test.close());

const database = () => world.test.house.engine.database;
const rowsAfter = (id: string) =>
  database().reads.db.selectFrom('audit').selectAll().where('id', '>', id).orderBy('id').execute();
const lastRow = async () =>
  (await database().reads.db.selectFrom('audit').select('id').orderBy('id', 'desc').limit(1).executeTakeFirst())?.id ??
  '';
const inDatabase = (statement: string) =>
  database().transaction(({ db }) =>
    sql
      .raw(statement)
      .execute(db)
      .then(() => {}),
  );

function ask(account: string, method: string, path: string, fields?: Record<string, string | string[]>) {
  const cookie = world.sessions.get(account)?.cookie;
  const cookies = [cookie, path.includes('/exemplar') ? world.reader.cookie : ''].filter(Boolean).join('; ');
  const init = requestOf(method, fields, cookies ? { cookie: cookies } : {});
  return Promise.resolve(world.test.app.request(`${origin}${path}`, init));
}

function fill(path: string, place: Place, token: string): string {
  const first = path.split('/')[1] ?? '';
  const id =
    administeredId(world.administered, path) ??
    {
      ...{ begaran: place.request, arenden: place.case, moten: place.meeting, atgarder: place.measure },
      ...{ nodatkomst: place.emergency, loggranskning: place.review, utlamnat: place.release },
      svar: place.release,
      rattelser: place.correction,
      samverkan: place.structural,
    }[first];
  return path
    .replace(':token', token)
    .replace(':pid', place.participant)
    .replace(':mid', postOf(path, place))
    .replace(':rid', path.startsWith('/arenden/') ? place.representation : place.row)
    .replace(':into', world.into)
    .replace(':sid', place.consent)
    .replace(':id', id ?? '');
}
/** A calendar that fetches its feed sees neutral times of its own account (interfaces.md), and the survey is about nobody. */
const aboutSomebody = (method: string) =>
  allRoutes(world.test.house).filter(
    ({ method: own, path }) => own === method && path.includes(':') && !/^\/(kalender|enkat)\//.test(path),
  );
const tokenFor = (path: string, place: Place) =>
  path.startsWith('/begaran/')
    ? world.tokenOf('receipt', place.request)
    : world.tokenOf('participant', readsCopy(path, place) ? world.reader.participant : place.participant);
/** What was released is read by its own party. */
const readsCopy = (path: string, place: Place) =>
  path.includes(':token/exemplar') && place.release === world.places.minuted.release;

describe('every look', () => {
  test('leaves one row: at every page and file, allowed or refused, known or unknown', async () => {
    const paths = aboutSomebody('get').map(({ path }) => path);
    expect(paths.length).toBeGreaterThan(25);
    const wrong: string[] = [];
    const outcomes = new Set<string>();
    for (const path of paths) {
      for (const [name, place] of Object.entries({ minuted: world.places.minuted, unknown: world.unknown })) {
        const to = fill(path, place, await tokenFor(path, place));
        for (const account of ['fk', 'individ', 'admin', 'granskare']) {
          const before = await lastRow();
          const response = await ask(account, 'GET', to);
          await response.arrayBuffer();
          const rows = await rowsAfter(before);
          const [row] = rows;
          const seen = response.status === 200;
          if (seen) outcomes.add(`${row?.outcome} ${row?.relation !== null}`);
          const about = [row?.request_id, row?.case_id, row?.meeting_id].some((id) => id !== null);
          // A link that opens nothing is a look at nobody's case; how often it is tried is limited (rates).
          if (path.includes(':token') && name === 'unknown' && response.status === 404 && rows.length === 0) continue;
          const right =
            rows.length === 1 &&
            (name === 'unknown' || /^\/(loggranskning|administration|enheten|kalendersvar)/.test(path) || about) &&
            row?.reference === response.headers.get('x-request-id') &&
            (path.includes(':token') || row?.account_id === world.sessions.get(account)?.user.id) &&
            (response.status === 404 ? row?.outcome !== 'done' : true) &&
            (response.status === 403 ? row?.outcome === 'refused' : true);
          if (!right) wrong.push(`${account} ${path} ${name} ${response.status}: ${rows.length} rows`);
        }
      }
    }
    expect(wrong).toEqual([]);
    expect([...outcomes]).toEqual(['seen true']);
  }, 60_000);

  test('that cannot be logged is not shown, and a change that cannot is not made', async () => {
    const { minuted, invited, writing } = world.places;
    const participants = await world.participantsOf(invited.meeting);
    const officer = world.sessions.get('fk2')?.user.id ?? '';
    const bodies = goodBodies({ officer, participants, caseNumber: world.numberElsewhere });
    const before = await everyRow(database());
    const shown: string[] = [];
    await inDatabase('alter table audit rename to audit_away');
    try {
      for (const { path } of aboutSomebody('get')) {
        const to = fill(path, minuted, await tokenFor(path, minuted));
        for (const account of ['fk', 'individ', 'admin']) {
          const response = await ask(account, 'GET', to);
          const body = await response.text();
          if (response.status < 500 || (account !== 'individ' && people.some((word) => body.includes(word))))
            shown.push(`${account} GET ${path}`);
        }
      }
      const unsafe = ['post', 'patch'].flatMap((method) => aboutSomebody(method));
      expect(unsafe.length).toBeGreaterThan(20);
      for (const { method, path } of unsafe) {
        const route = `${method.toUpperCase()} ${path}`;
        for (const place of [invited, writing]) {
          const to = fill(path, place, await tokenFor(path, place));
          const response = await ask('fk', method.toUpperCase(), to, bodies[route] ?? {});
          await response.arrayBuffer();
          if (response.status < 500) shown.push(`${route}: ${response.status}`);
        }
      }
    } finally {
      await inDatabase('alter table audit_away rename to audit');
    }
    expect(shown).toEqual([]);
    // Sessions and counts of requests are no part of any case.
    const plain = ({ session, rate, ...rows }: typeof before) => rows;
    expect(plain(await everyRow(database()))).toEqual(plain(before));
    expect((await ask('fk', 'GET', `/arenden/${minuted.case}`)).status).toBe(200);
  }, 60_000);
});

describe('the log of a case', () => {
  const page = async (account: string, path: string) => {
    const response = await ask(account, 'GET', path);
    const html = await response.text();
    if (response.status === 200) await validateHtml(html, path);
    return { status: response.status, html, text: html.replace(/<[^>]+>/g, ' ').replace(/\s+/g, ' ') };
  };

  it('tells the person who read and changed what, why, by unit and role, from the request on', async () => {
    const path = `/arenden/${world.places.minuted.case}/logg`;
    for (let i = 0; i < 3; i++) await ask('fk', 'GET', `/arenden/${world.places.minuted.case}`);
    const { status, text } = await page('individ', path);
    expect(status).toBe(200);
    expect(text).toContain('Vem har läst om dig?');
    expect(text).toMatch(/[3-9] gånger Försäkringskassan Granvik, Handläggare Läste ärendet Är handläggare i ärendet/);
    expect(text).not.toContain('Sara Lindqvist,');
    // To look is logged too.
    expect((await page('individ', path)).text).toMatch(/Du Läste vem som har läst i ärendet Det är ditt eget ärende/);
    const all: string[] = [];
    for (let next: string | undefined = path; next; ) {
      const { html, text } = await page('individ', next);
      all.push(text);
      next = parseLinks(html).find((href) => href.includes('/logg?efter='));
    }
    expect(all.length).toBeGreaterThan(1);
    expect(all.at(-1)).toMatch(/Skickade en begäran om möte|Registrerade en begäran/);
    expect(all.join()).toMatch(/Öppnat utan vanlig behörighet. Skäl: Skäl. Det granskas./);
  });

  it('does not tell the person who asked for the meeting where that is withheld from them', async () => {
    const path = `/arenden/${world.places.minuted.case}/logg`;
    const texts = async (account: string) => {
      const all: string[] = [];
      for (let next: string | undefined = path; next; ) {
        const { html, text } = await page(account, next);
        all.push(text);
        next = parseLinks(html).find((href) => href.includes('/logg?efter='));
      }
      return all.join();
    };
    expect(await texts('individ')).toContain('Region Granviken');
    await database().transaction(({ db, vault }) =>
      db
        .insertInto('withholding')
        .values({
          ...{ id: world.unknown.release, request_id: world.places.minuted.request, move: 'withhold' },
          ...{ reason: vault.seal('Hot'), at: '2026-01-07T09:00:00.000Z' },
          by_id: world.sessions.get('fk')?.user.id ?? '',
        })
        .execute()
        .then(() => {}),
    );
    const told = await texts('individ');
    expect(told).not.toMatch(/Region Granviken|Rehabkoordinator|Jonas Palm/);
    expect(told).toMatch(/Någon utanför Försäkringskassan Skickade en begäran om möte/);
    expect(await texts('chef')).toContain('Region Granviken');
  });

  it('is for the person, the unit’s manager, who sees names, and the reviewer, who sees no case', async () => {
    const path = `/arenden/${world.places.minuted.case}/logg`;
    const statuses = [];
    for (const account of accounts) statuses.push((await page(account, path)).status);
    //                          fk  fk2 chef koo arb af  kom ind reg adm gra
    expect(statuses).toEqual([403, 403, 200, 404, 404, 404, 404, 200, 404, 404, 200]);
    expect((await page('chef', path)).text).toContain('Sara Lindqvist');
    const reviewer = await page('granskare', path);
    expect(reviewer.text).toContain('Sara Lindqvist');
    for (const word of people) expect(reviewer.html).not.toContain(word);
    expect((await page('granskare', `/arenden/${world.places.minuted.case}`)).status).toBe(404);
    expect((await page('chef', `/arenden/${world.places.elsewhere.case}/logg`)).status).toBe(404);
  });
});

describe('without ordinary right', () => {
  const open = (account: string, caseNumber: string, emergencyReason = 'Personen ringer och behöver hjälp nu.') =>
    ask(account, 'POST', '/nodatkomst', { caseNumber, emergencyReason });

  it('a case is opened by its number and a reason, for looking, and everybody concerned is told', async () => {
    const { elsewhere } = world.places;
    const path = `/arenden/${elsewhere.case}`;
    expect((await ask('chef', 'GET', path)).status).toBe(404);
    expect((await open('chef', world.numberElsewhere, '')).status).toBe(422);
    expect((await ask('chef', 'GET', path)).status).toBe(404);
    const before = await lastRow();
    const opened = await open('chef', world.numberElsewhere);
    expect([opened.status, opened.headers.get('location')]).toEqual([303, path]);
    for (const look of [path, `/moten/${elsewhere.meeting}`, `/moten/${elsewhere.meeting}/protokoll.pdf`]) {
      expect((await ask('chef', 'GET', look)).status, look).toBe(200);
    }
    const html = await (await ask('chef', 'GET', path)).text();
    expect(html).toContain('Du ser ärendet utan vanlig behörighet');
    const rows = await rowsAfter(before);
    expect(rows.map(({ action, relation }) => `${action} ${relation}`)).toEqual([
      ...['emergency.open fk', 'case.see emergency', 'meeting.see emergency', 'document.read emergency'],
      'case.see emergency',
    ]);
    expect(rows.every(({ case_id }) => case_id === elsewhere.case)).toBe(true);
    // The page offers nothing that would be refused.
    for (const href of parseLinks(html)) expect((await ask('chef', 'GET', href)).status, href).toBe(200);
    expect(html).not.toContain('<form method="post" action="/arenden');
    // Nothing can be changed, and nobody else is let in.
    const statuses = [];
    const body = { officer: world.sessions.get('fk2')?.user.id ?? '' };
    for (const act of ['POST /tilldelning', 'GET /logg'])
      statuses.push(
        (
          await ask(
            'chef',
            act.split(' ')[0] as string,
            `${path}${act.split(' ')[1]}`,
            act.startsWith('POST') ? body : undefined,
          )
        ).status,
      );
    expect(statuses).toEqual([403, 403]);
    expect((await ask('fk', 'GET', path)).status).toBe(404);
    // It ends by itself.
    await database().transaction(({ db }) =>
      db
        .updateTable('emergency')
        .set({ until: '2026-01-01T00:00:00.000Z' })
        .where('case_id', '=', elsewhere.case)
        .execute()
        .then(() => {}),
    );
    expect((await ask('chef', 'GET', path)).status).toBe(404);
  });

  it('a request about the same person shows nothing of a case of another unit', async () => {
    const { elsewhere } = world.places;
    await world.test.visitor().post('/begaran', goodRequest);
    const { id } = await database()
      .reads.db.selectFrom('request')
      .select('id')
      .orderBy('id', 'desc')
      .executeTakeFirstOrThrow();
    const shown = async (account: string) => (await ask(account, 'GET', `/begaran/${id}`)).text();
    expect(await shown('elsewhere')).toContain(`/moten/${elsewhere.meeting}`);
    expect(await shown('fk2')).not.toContain(`/moten/${elsewhere.meeting}`);
  });

  it('a case that one may see anyhow is not opened so', async () => {
    const number = await database()
      .reads.db.selectFrom('case_file')
      .select('number')
      .where('id', '=', world.places.minuted.case)
      .executeTakeFirstOrThrow();
    const answer = await open('fk2', number.number);
    expect([answer.status, await answer.text()]).toEqual([422, expect.stringContaining('Du har redan behörighet')]);
  });

  it('a number that is none is answered alike however it looks, noted, and not guessed at for long', async () => {
    const before = await lastRow();
    const bodies = new Set<string>();
    for (const number of ['2027/999991', '2027/999992', 'zqzqzq', '2027-zq', '19120211-9150']) {
      const answer = await open('fk2', number);
      expect(answer.status).toBe(422);
      bodies.add((await answer.text()).replaceAll(number, '…'));
    }
    expect(bodies.size).toBe(1);
    const tried = (await rowsAfter(before)).filter(({ outcome }) => outcome === 'done');
    expect(tried.map(({ action, case_id }) => `${action} ${case_id}`)).toEqual(Array(5).fill('emergency.open null'));
    const stopped = await open('fk2', world.numberElsewhere);
    expect([stopped.status, await stopped.text()]).toEqual([422, expect.stringContaining('Vänta en timme')]);
    expect((await open('fk', world.numberElsewhere)).status).toBe(303);
  });

  it('it is reviewed once, with what was found, and never by who opened it', async () => {
    const [own, other] = (await Promise.all(
      [world.places.elsewhere, world.places.minuted].map(
        async ({ emergency }) => `/nodatkomst/${emergency}/granskning`,
      ),
    )) as [string, string];
    const review = (account: string, path: string, finding = 'ask', note = 'Ringde enheten.') =>
      ask(account, 'POST', path, { finding, note });
    expect(await (await ask('granskare', 'GET', '/loggranskning')).text()).toContain(other);
    expect(await (await ask('chef', 'GET', '/nodatkomst')).text()).toContain(other);
    expect((await review('granskare', other, 'deviation', '')).status).toBe(422);
    expect((await review('chef', other)).status).toBe(303);
    expect((await review('granskare', other)).status).toBe(409);
    const shown = await (await ask('individ', 'GET', `/arenden/${world.places.minuted.case}/logg`)).text();
    expect(shown).toMatch(/Det granskades .*: Fråga vidare/);
    // The manager who opened one, and the manager of another unit than the case's.
    expect((await review('chef', own)).status).toBe(404);
    await database().transaction(({ db }) =>
      db
        .updateTable('emergency')
        .set({ account_id: world.sessions.get('granskare')?.user.id ?? '' })
        .where('id', '=', world.places.elsewhere.emergency)
        .execute()
        .then(() => {}),
    );
    const refused = await review('granskare', own);
    expect([refused.status, await refused.text()]).toEqual([422, expect.stringContaining('Någon annan granskar')]);
  });
});

describe('a sample of the log', () => {
  const days = () => goodBodies({ officer: '', participants: [] })['POST /loggranskning'] as Record<string, string>;

  it('is drawn, noted row by row, finished, and leaves as CSV and JSON', async () => {
    const drawn = await ask('granskare', 'POST', '/loggranskning', { ...days(), size: '4' });
    const path = drawn.headers.get('location') ?? '';
    const html = await (await ask('granskare', 'GET', path)).text();
    const links = [...html.matchAll(new RegExp(`href="(${path}/rader/[^"]+)"`, 'g'))].map((match) => match[1] ?? '');
    expect(links).toHaveLength(4);
    for (const word of people) expect(html).not.toContain(word);
    for (const [i, link] of links.entries()) {
      const found = i === 0 ? { finding: 'deviation', note: '=1+1;"a' } : { finding: 'ok', note: '' };
      const answer = await ask('granskare', 'POST', link, found);
      expect([answer.status, answer.headers.get('location')]).toEqual([303, path]);
    }
    expect((await ask('granskare', 'POST', links[0] as string, { finding: 'ask', note: '' })).status).toBe(422);
    expect(await (await ask('granskare', 'GET', '/loggranskning')).text()).toMatch(/Klart /);
    const json = (await (await ask('granskare', 'GET', `${path}/stickprov.json`)).json()) as {
      seed: string;
      rows: { finding: string; relation: string; caseNumber: string }[];
    };
    expect(json.rows.map(({ finding }) => finding)).toEqual(['deviation', 'ok', 'ok', 'ok']);
    expect(json.seed.length).toBeGreaterThan(20);
    const csv = await (await ask('granskare', 'GET', `${path}/stickprov.csv`)).text();
    expect(csv.split('\r\n')).toHaveLength(6);
    expect(csv).toContain(`"'=1+1;""a"`);
  });

  it('holds only days that are over, and says so in place', async () => {
    for (const change of [{ lastDay: '2999-01-01' }, { size: '0' }, { size: '101' }, { firstDay: 'zq' }] as Record<
      string,
      string
    >[]) {
      const answer = await ask('granskare', 'POST', '/loggranskning', { ...days(), ...change });
      expect([answer.status, await answer.text()]).toEqual([
        422,
        expect.stringContaining(Object.values(change)[0] as string),
      ]);
    }
    const none = await ask('granskare', 'POST', '/loggranskning', {
      firstDay: '2001-01-01',
      lastDay: '2001-01-02',
      size: '5',
    });
    expect([none.status, await none.text()]).toEqual([422, expect.stringContaining('inga rader')]);
  });

  it('a row of the reviewer’s own is for another', async () => {
    const { review, row } = world.places.minuted;
    await database().transaction(async ({ db }) => {
      const own = await db
        .selectFrom('audit')
        .select('id')
        .where('account_id', '=', world.sessions.get('granskare')?.user.id ?? '')
        .executeTakeFirstOrThrow();
      await db.updateTable('log_review_row').set({ audit_id: own.id }).where('id', '=', row).execute();
    });
    const answer = await ask('granskare', 'POST', `/loggranskning/${review}/rader/${row}`, { finding: 'ok', note: '' });
    expect([answer.status, await answer.text()]).toEqual([422, expect.stringContaining('Någon annan granskar')]);
  });
});
