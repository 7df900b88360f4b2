import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  type MinutesContent,
  type Sealed,
  verifyChain,
  verifyDocument,
} from '../../src/features/filing/document/rules.ts';
import { listMinutesContents } from '../../src/features/filing/document/store.ts';
import { finaliseMinutes, saveFields } from '../../src/features/minutes/commands.ts';
import { locateOpened, readMinutes } from '../../src/features/minutes/store.ts';
import { nothingBeside, type User } from '../../src/kernel/access.ts';
import { permit } from '../../src/platform/db/access.ts';
import { openTestApp, type TestApp } from '../support/app.ts';
import { storedBytes } from '../support/database.ts';
import { fillForm, parseForm, validateHtml } from '../support/html.ts';

const now = '2026-11-23T09:00:00.000Z';
let app: TestApp;
let fk: Awaited<ReturnType<TestApp['signIn']>>;
/** A meeting that is booked and not yet held, and one of another case whose minutes are final. */
let meeting: string;
let minuted: string;

beforeEach(async () => {
  app = await openTestApp({ now });
  fk = await app.signIn('fk');
  const { db } = app.house.engine.database.reads;
  const of = (state: string) =>
    db.selectFrom('meeting').select('id').where('state', '=', state).executeTakeFirstOrThrow();
  meeting = (await of('scheduled')).id;
  minuted = (await of('minuted')).id;
});
afterEach(() => app.close());

const minutesOf = (id: string) => `/moten/${id}/protokoll`;
async function page(who: { get(path: string): Promise<Response> }, path: string, status = 200): Promise<string> {
  const response = await who.get(path);
  expect(response.status, path).toBe(status);
  const html = await response.text();
  validateHtml(html, path);
  return html;
}
const hold = async () => expect((await fk.post(`/moten/${meeting}/hallet`, {})).status).toBe(303);
const patch = (field: string, text: string, baseVersion = 0) =>
  fk.patch(minutesOf(meeting), { field, text, baseVersion });
const facts = async () => {
  const reads = permit(app.house.engine.database.reads);
  const opened = (await locateOpened(reads, meeting))?.open(reads);
  if (!opened) throw new Error('no minutes');
  return readMinutes(reads, opened);
};
const textOf = async (field: string) => (await facts()).fields.get(field)?.text ?? '';
const measure = {
  text: 'Ordna en stol',
  carriedOutBy: 'ARBG',
  person: 'Eva',
  followedUpBy: 'FK',
  due: '2026-12-01',
  goal: '',
};
const lock = (fields: Record<string, string> = {}) =>
  fk.post(`${minutesOf(meeting)}/faststallande`, {
    reason: 'Alla hörde texten.',
    noFollowUpReason: 'Bokas sedan.',
    ...fields,
  });

describe('the meeting has been held', () => {
  test('a page asks first; the act opens the minutes, once', async () => {
    await page(fk, `/moten/${meeting}/hallet`);
    expect((await fk.get(minutesOf(meeting))).headers.get('location')).toBe(`/moten/${meeting}/hallet`);
    const held = await fk.post(`/moten/${meeting}/hallet`, {});
    expect(held.headers.get('location')).toBe(`${minutesOf(meeting)}`);
    expect((await facts()).meeting).toMatchObject({ state: 'held', heldAt: now });
    expect((await fk.post(`/moten/${meeting}/hallet`, {})).status).toBe(422);
    await page(fk, `/moten/${meeting}/hallet`);
  });

  test('nobody but the case’s officer writes, locks or opens', async () => {
    const others = {
      fk2: 403,
      chef: 403,
      koordinator: 404,
      arbetsgivare: 404,
      individ: 404,
      registrator: 404,
      admin: 404,
    };
    const signedIn = await Promise.all(
      Object.entries(others).map(async ([account, status]) => ({ account, status, other: await app.signIn(account) })),
    );
    for (const { account, status, other } of signedIn) {
      expect((await other.post(`/moten/${meeting}/hallet`, {})).status, account).toBe(status);
    }
    await hold();
    for (const { account, status, other } of signedIn) {
      const answers = [
        other.patch(minutesOf(meeting), { field: 'canDo', text: 'x', baseVersion: 0 }),
        other.post(minutesOf(meeting), { canDo: 'x' }),
        other.post(`${minutesOf(meeting)}/atgarder`, measure),
        other.get(`${minutesOf(meeting)}/faststallande`),
        other.post(`${minutesOf(meeting)}/faststallande`, { reason: 'x', noFollowUpReason: 'y' }),
      ];
      for (const answer of answers) expect((await answer).status, account).toBe(status);
    }
    const { fields, measures, minutes } = await facts();
    expect([fields.size, measures.length, minutes.state]).toEqual([0, 0, 'draft']);
  });

  test('a draft is read by the unit and by nobody else, and is no document yet', async () => {
    await hold();
    await patch('canDo', 'Sitta och stå');
    const colleague = await page(await app.signIn('fk2'), minutesOf(meeting));
    expect(colleague).toContain('Sitta och stå');
    expect(colleague).not.toContain('<textarea');
    for (const account of ['individ', 'koordinator', 'registrator', 'admin']) {
      expect((await (await app.signIn(account)).get(minutesOf(meeting))).status, account).toBe(404);
    }
    for (const file of ['pdf', 'json']) expect((await fk.get(`${minutesOf(meeting)}.${file}`)).status).toBe(404);
  });
});

describe('saving field by field', () => {
  beforeEach(hold);

  test('each save is a version; an older one meets the text that is there, and who wrote it', async () => {
    expect(await (await patch('canDo', ' Sitta ')).json()).toEqual({ version: 1 });
    expect(await (await patch('canDo', 'Sitta och stå', 1)).json()).toEqual({ version: 2 });
    const late = await patch('canDo', 'Ligga', 1);
    expect(late.status).toBe(409);
    const [officer] = await app.house.engine.database.reads.db
      .selectFrom('account')
      .selectAll()
      .where('demo_key', '=', 'fk')
      .execute();
    const by = app.house.engine.database.reads.vault.open(officer?.name ?? '');
    expect(await late.json()).toEqual({ version: 2, text: 'Sitta och stå', by });
    const again = await patch('canDo', 'Sitta och stå', 1);
    expect([again.status, await again.json()]).toEqual([200, { version: 2 }]);
    expect(await textOf('canDo')).toBe('Sitta och stå');
  });

  test('refuses what no field may hold', async () => {
    const refused: [object, string][] = [
      [{ field: 'diagnosis', text: 'x', baseVersion: 0 }, 'unknown_field'],
      [{ field: 'attendance-x', text: 'present', baseVersion: 0 }, 'unknown_field'],
      [{ field: 'canDo', text: 'x'.repeat(4_001), baseVersion: 0 }, 'tooLong'],
      [{ field: 'followUpDate', text: '2026-13-01', baseVersion: 0 }, 'date'],
      [{ field: 'canDo', text: 1 }, 'json'],
      [[], 'json'],
    ];
    for (const [json, code] of refused) {
      const answer = await fk.patch(minutesOf(meeting), json);
      expect([answer.status, await answer.json()]).toEqual([422, { code }]);
    }
    expect((await facts()).fields.size).toBe(0);
  });

  test('no word about the person stands open in the database', async () => {
    await patch('ownWords', 'kanariefågelsång');
    await fk.post(`${minutesOf(meeting)}/atgarder`, { ...measure, text: 'kanariefågelbur' });
    const bytes = await storedBytes(app);
    expect(bytes.includes('ownWords')).toBe(true);
    expect(bytes.includes('kanariefågel')).toBe(false);
  });
});

describe('the page as a form', () => {
  beforeEach(hold);
  const open = async () => parseForm(await page(fk, minutesOf(meeting)), minutesOf(meeting));
  const send = async (form: Awaited<ReturnType<typeof open>>, changes: Record<string, string>) =>
    fk.post(minutesOf(meeting), Object.fromEntries(fillForm(form, changes)));

  test('two pages: what both wrote in is shown twice, all the rest is saved, what one left alone stays', async () => {
    const [mine, theirs] = [await open(), await open()];
    expect((await send(theirs, { canDo: 'Deras', ownWords: 'Deras ord' })).status).toBe(303);
    const response = await send(mine, { canDo: 'Mitt', cannotDo: 'Stressa' });
    expect(response.status).toBe(409);
    const html = await response.text();
    validateHtml(html, 'conflict');
    expect(html).toContain('Deras</p>');
    expect(await textOf('canDo')).toBe('Deras');
    expect(await textOf('cannotDo')).toBe('Stressa');
    expect(await textOf('ownWords')).toBe('Deras ord');
    // What was typed stays in its box, on top of the other's version, and is saved when it is sent once more.
    const again = parseForm(html, minutesOf(meeting));
    expect(again.fields.get('canDo')?.values).toEqual(['Mitt']);
    expect((await send(again, {})).status).toBe(303);
    expect(await textOf('canDo')).toBe('Mitt');
    expect(await textOf('ownWords')).toBe('Deras ord');
  });

  test('one wrong field keeps nothing else from being saved', async () => {
    const form = await open();
    const response = await send(form, { followUpDate: 'snart', canDo: 'Sitta' });
    expect(response.status).toBe(422);
    const html = await response.text();
    validateHtml(html, 'wrong field');
    expect(parseForm(html, minutesOf(meeting)).fields.get('followUpDate')?.values).toEqual(['snart']);
    expect(await textOf('canDo')).toBe('Sitta');
  });

  test('a text that was refused keeps the version it was written on', async () => {
    const form = await open();
    await patch('canDo', 'Deras text');
    const long = await send(form, { canDo: 'x'.repeat(4_001) });
    expect(long.status).toBe(422);
    expect((await send(parseForm(await long.text(), minutesOf(meeting)), { canDo: 'Min text' })).status).toBe(409);
    expect(await textOf('canDo')).toBe('Deras text');
  });

  test('a page that comes back says whether the measure was saved', async () => {
    const form = await open();
    const said: [Record<string, string>, boolean][] = [
      [{ followUpDate: 'snart' }, false],
      [{ followUpDate: 'snart', ...measure, carriedOutBy: '' }, false],
      [{ followUpDate: 'snart', ...measure }, true],
    ];
    for (const [typed, saved] of said) {
      const html = await (await send(form, typed)).text();
      expect(html.includes('data-measure-saved'), JSON.stringify(typed)).toBe(saved);
    }
  });

  test('a measure is added with its button, changed, and taken away', async () => {
    const added = await fk.post(`${minutesOf(meeting)}/atgarder`, { ...measure });
    expect([added.status, added.headers.get('location')]).toEqual([303, `${minutesOf(meeting)}#atgarder`]);
    const one = (await facts()).measures[0];
    expect(one).toMatchObject({ ...measure, state: 'draft', number: null });
    const editing = parseForm(await page(fk, `${minutesOf(meeting)}?atgard=${one?.id}`), minutesOf(meeting));
    const edit = (changes: Record<string, string>) =>
      fk.post(`${minutesOf(meeting)}/atgarder`, Object.fromEntries(fillForm(editing, changes)));
    expect((await edit({ text: 'Ordna ett bord' })).status).toBe(303);
    const stale = await edit({ text: 'Ordna en lampa' });
    expect(stale.status).toBe(409);
    expect(await stale.text()).toContain('Ordna en lampa</textarea>');
    expect((await facts()).measures.map(({ text }) => text)).toEqual(['Ordna ett bord']);
    expect((await fk.post(`${minutesOf(meeting)}/atgarder`, { remove: one?.id ?? '' })).status).toBe(303);
    expect((await facts()).measures).toEqual([]);
  });

  test('a wrong measure comes back with everything that was typed', async () => {
    const form = await open();
    const wrong: [string, Record<string, string>][] = [
      ['text', { text: '' }],
      ['carriedOutBy', { carriedOutBy: '' }],
      ['carriedOutBy', { carriedOutBy: 'TOLK' }],
      ['due', { due: '2026-02-30' }],
    ];
    for (const [name, typed] of wrong) {
      const body = { ...Object.fromEntries(fillForm(form, { canDo: 'Sitta' })), ...measure, ...typed };
      const response = await fk.post(`${minutesOf(meeting)}/atgarder`, body);
      expect(response.status, name).toBe(422);
      const html = await response.text();
      validateHtml(html, 'wrong measure');
      const { fields } = parseForm(html, minutesOf(meeting));
      expect(fields.get('person')?.values).toEqual([measure.person]);
      expect(fields.get('canDo')?.values).toEqual(['Sitta']);
      expect(html).toContain(`href="#f-${name}"`);
    }
    expect((await facts()).measures).toEqual([]);
    expect(await textOf('canDo')).toBe('Sitta');
  });

  test('a measure that was typed is not lost by saving the page', async () => {
    expect((await send(await open(), { text: 'Ordna en stol', carriedOutBy: 'ARBG' })).status).toBe(303);
    expect((await facts()).measures.map(({ text }) => text)).toEqual(['Ordna en stol']);
  });

  test('the button that goes on to locking saves first', async () => {
    const form = await open();
    const sent = await fk.post(minutesOf(meeting), {
      ...Object.fromEntries(fillForm(form, { canDo: 'Sitta' })),
      next: 'lock',
    });
    expect(sent.headers.get('location')).toBe(`${minutesOf(meeting)}/faststallande`);
    expect(await textOf('canDo')).toBe('Sitta');
  });
});

describe('locking', () => {
  beforeEach(hold);

  test('a page says what is missing; reasons are needed for no review and no follow-up', async () => {
    const html = await page(fk, `${minutesOf(meeting)}/faststallande`);
    expect(html).toContain(app.house.texts.t('plan.item.timeplan'));
    const refused = await lock({ reason: '', noFollowUpReason: '' });
    expect(refused.status).toBe(422);
    const again = await refused.text();
    validateHtml(again, 'no reasons');
    expect(again).toContain('href="#f-reason"');
    expect(again).toContain('href="#f-noFollowUpReason"');
    await patch('followUpDate', '2026-12-15');
    expect((await lock({ noFollowUpReason: '' })).status).toBe(303);
  });

  test('makes one document that can be read, proved and no longer changed', async () => {
    const [person] = (await facts()).participants;
    await patch('ownWords', 'Lagom takt');
    await patch(`attendance-${person?.id}`, 'present');
    await fk.post(`${minutesOf(meeting)}/atgarder`, { ...measure });
    const locked = await lock();
    expect(locked.headers.get('location')).toBe(`${minutesOf(meeting)}`);

    const read = await page(fk, minutesOf(meeting));
    expect(read).toContain('Lagom takt');
    expect(read).not.toContain('<textarea');
    const file = await fk.get(`${minutesOf(meeting)}.json`);
    const content = (await file.json()) as Sealed<MinutesContent>;
    expect(content.texts.ownWords).toBe('Lagom takt');
    expect(content.participants[0]).toMatchObject({ party: 'PERSON', attendance: 'present' });
    expect(content.measures).toMatchObject([
      { number: 1, text: 'Ordna en stol', carriedOutBy: 'ARBG', due: '2026-12-01' },
    ]);
    expect(content.document).toMatchObject({ finalisedAt: now, reviewLeftOut: 'Alla hörde texten.' });
    expect(verifyDocument(content)).toBe(true);
    const pdf = await fk.get(`${minutesOf(meeting)}.pdf`);
    expect(pdf.headers.get('content-type')).toBe('application/pdf');
    const name = content.document.number.replaceAll('/', '-');
    expect(pdf.headers.get('content-disposition')).toBe(`inline; filename="protokoll-${name}.pdf"`);
    expect(
      Buffer.from(await pdf.arrayBuffer())
        .subarray(0, 5)
        .toString(),
    ).toBe('%PDF-');

    expect((await facts()).meeting.state).toBe('minuted');
    expect((await facts()).measures).toMatchObject([{ number: 1, state: 'planned' }]);

    const late = await patch('canDo', 'För sent');
    expect([late.status, await late.json()]).toEqual([409, { code: 'finalised', kept: true }]);
    const form = await fk.post(minutesOf(meeting), { canDo: 'För sent' });
    expect(form.status).toBe(409);
    expect(await form.text()).toContain('För sent');
    expect((await fk.post(`${minutesOf(meeting)}/atgarder`, { ...measure })).status).toBe(409);
    expect((await lock()).status).toBe(409);
    expect(await (await fk.get(`${minutesOf(meeting)}.json`)).json()).toEqual(content);
  });

  test('files what is there when it is filed: a text saved meanwhile is in it, or nothing is locked', async () => {
    const [account] = await app.house.engine.database.reads.db
      .selectFrom('account')
      .selectAll()
      .where('demo_key', '=', 'fk')
      .execute();
    if (!account) throw new Error('no account');
    const actor: User = {
      kind: 'user',
      ...nothingBeside,
      id: account.id,
      role: 'officer',
      fk: true,
      party: 'FK',
      organisationId: account.organisation_id,
      unitId: account.unit_id,
      name: 'Sara Lind',
    };
    const caller = { actor, reference: 'test' };
    const printed: string[] = [];
    const finalise = (times: number) =>
      finaliseMinutes(
        app.house.engine,
        caller,
        meeting,
        () => ({ reason: 'x', noFollowUpReason: 'y', next: 'reason' }),
        async (content) => {
          printed.push(content.texts.canDo ?? '');
          if (printed.length <= times) {
            const change = { field: 'canDo', text: `text ${printed.length}`, baseVersion: printed.length - 1 };
            await saveFields(app.house.engine, caller, meeting, () => [change]);
          }
          return new Uint8Array();
        },
      );
    expect(await finalise(2)).toEqual({ ok: false, code: 'changed_by_someone_else' });
    expect((await facts()).minutes.state).toBe('draft');
    expect((await finalise(3)).ok).toBe(true);
    expect(printed).toEqual(['', 'text 1', 'text 2', 'text 3']);
    const contents = await listMinutesContents(permit(app.house.engine.database.reads), (await facts()).meeting.caseId);
    expect(contents.at(-1)?.texts.canDo).toBe('text 3');
    expect(verifyChain(contents)).toBe(true);
  });

  test('the person reads their own minutes and nobody else’s', async () => {
    const person = await app.signIn('individ');
    await page(person, minutesOf(minuted));
    for (const file of ['pdf', 'json']) expect((await person.get(`${minutesOf(minuted)}.${file}`)).status).toBe(200);
    await lock();
    for (const end of ['', '.pdf', '.json']) expect((await person.get(`${minutesOf(meeting)}${end}`)).status).toBe(404);
    for (const account of ['koordinator', 'arbetsgivare', 'af', 'kommun', 'admin']) {
      const other = await app.signIn(account);
      for (const end of ['', '.pdf', '.json']) {
        const answer = await other.get(`${minutesOf(minuted)}${end}`);
        // Whoever takes part has a page for what they write themselves, and it holds nothing else.
        const own = end === '' && ['koordinator', 'arbetsgivare'].includes(account);
        expect(answer.status, account + end).toBe(own ? 200 : 404);
        expect(await answer.text(), account).not.toContain('data-field');
      }
    }
    const registrator = await app.signIn('registrator');
    for (const end of ['', '.pdf', '.json'])
      expect((await registrator.get(`${minutesOf(minuted)}${end}`)).status).toBe(200);
  });
});
