import { extractText, getDocumentProxy } from 'unpdf';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { verifyDocument } from '../../src/features/filing/document/rules.ts';
import { structuralDocument } from '../../src/features/structural/render.ts';
import { byOrganisation, checkField, fields } from '../../src/features/structural/rules.ts';
import { readAttachment } from '../../src/platform/pdf/attachment.ts';
import { renderPdf } from '../../src/platform/pdf/render.ts';
import { verifyInstallation } from '../../src/verification.ts';
import { openTestApp, type TestApp } from '../support/app.ts';
import { storedBytes } from '../support/database.ts';
import { fillForm, parseForm, validateHtml } from '../support/html.ts';
import { agenda, measures, notes, participants } from './structural-world.ts';

/** A meeting between organisations, about no individual, from its agenda to its file. */

type Visitor = ReturnType<TestApp['visitor']>;
const now = '2026-11-25T09:00:00.000Z';
let app: TestApp;
let fk: Visitor;
beforeAll(async () => {
  app = await openTestApp({ now });
  fk = await app.signIn('fk');
});
afterAll(() => app.close());

async function page(path: string, status = 200, who: Visitor = fk): Promise<string> {
  const response = await who.get(path);
  expect(response.status, path).toBe(status);
  const html = await response.text();
  validateHtml(html, path);
  return html;
}
async function open(typed: Record<string, string> = {}, who: Visitor = fk): Promise<string> {
  const response = await who.post('/samverkan', { title: 'Styrgrupp', ...typed });
  if (response.status !== 303) throw new Error(`${response.status} ${await response.text()}`);
  return response.headers.get('location') ?? '';
}
const form = async (path: string) => parseForm(await page(path), path);
const send = async (
  path: string,
  shown: Awaited<ReturnType<typeof form>>,
  changes: Record<string, string>,
  more = {},
) => fk.post(path, { ...Object.fromEntries(fillForm(shown, changes)), ...more });

describe('a county dialogue with 27 people of 16 organisations', () => {
  it('is written in full through the pages and comes out as a file of at most four pages', async () => {
    const path = await open({
      ...{ title: 'Länsdialog om samordnat stöd tillbaka till arbete', day: '2026-11-24', time: '9.00–12.00' },
      ...{ place: 'Regionens hus, sal Vättern, Granvik', agenda: agenda.join('\n') },
      participants: participants.join('\n'),
    });
    const written = {
      ...Object.fromEntries(notes.map((text, i) => [`section-${i + 1}-notes`, text])),
      ...Object.fromEntries(
        measures.flatMap(({ text, who, due }, i) => [
          [`measure-${i + 1}-text`, text],
          [`measure-${i + 1}-who`, who],
          [`measure-${i + 1}-due`, due],
        ]),
      ),
      ...{ nextDay: '2027-05-18', nextAbout: 'Klockan 9–12 hos kommunen. Uppföljning av försöket och av åtgärderna.' },
    };
    const html = await page(path);
    expect(html).toContain('27 deltagare från 16 organisationer');
    expect((await send(path, parseForm(html, path), written)).headers.get('location')).toBe(path);
    expect(await page(`${path}/faststallande`)).not.toContain('class="need"');
    expect((await fk.post(`${path}/faststallande`, {})).status).toBe(303);

    const read = await page(path);
    const bytes = Buffer.from(await (await fk.get(`${path}/protokoll.pdf`)).arrayBuffer());
    const pdf = await getDocumentProxy(new Uint8Array(bytes));
    const { text } = await extractText(pdf, { mergePages: true });
    // A word that is broken at the end of a line has a hyphen more.
    const bare = (words: string) => words.replace(/[\s-]+/g, '');
    const plain = bare(text);
    expect(pdf.numPages).toBeLessThanOrEqual(4);
    const words = [...agenda, ...notes, ...measures.flatMap(({ text, who }) => [text, who])].flatMap((one) =>
      one.split('\n'),
    );
    const people = participants.map((line) => line.split(/[\t;,]/)[0] ?? '');
    for (const one of [...words, ...people]) {
      expect(plain, one).toContain(bare(one));
      expect(read, one).toContain(one);
    }
    const content = JSON.parse(readAttachment(bytes) ?? '');
    expect(content).toEqual(await (await fk.get(`${path}/protokoll.json`)).json());
    expect([content.participants.length, content.agenda.length, content.measures.length]).toEqual([
      ...[16, agenda.length, measures.length],
    ]);
    expect(verifyDocument(content)).toBe(true);
    const accessible = await renderPdf(structuralDocument(content, app.house.texts.t), {
      standard: 'ua-1',
      createdAt: now,
    });
    expect(Buffer.from(accessible).toString('latin1')).toContain('<pdfuaid:part>1');
    expect(bytes.toString('latin1')).toMatch(/<pdfaid:part>3/);
    expect(await verifyInstallation(app.house.engine.database)).toMatchObject({ faults: [] });
  });

  it('is opened with nothing lost of what is wrong', async () => {
    const response = await fk.post('/samverkan', {
      title: '',
      day: 'i våras',
      agenda: 'Läget\n20120129-2388 hör av sig',
    });
    expect(response.status).toBe(422);
    const html = await response.text();
    validateHtml(html, 'wrong');
    const typed = parseForm(html, '/samverkan').fields;
    expect(typed.get('day')?.values).toEqual(['i våras']);
    expect(typed.get('agenda')?.values).toEqual(['Läget\n20120129-2388 hör av sig']);
    for (const name of ['title', 'day', 'agenda']) expect(html).toContain(`href="#f-${name}"`);
  });
});

describe('writing', () => {
  it('two pages: what both wrote is shown twice, all the rest is saved', async () => {
    const path = await open({ agenda: 'Läget' });
    const [mine, theirs] = [await form(path), await form(path)];
    expect((await send(path, theirs, { 'section-1-notes': 'Deras', place: 'Salen' })).status).toBe(303);
    const response = await send(path, mine, { 'section-1-notes': 'Mitt', time: 'kl. 9' });
    expect(response.status).toBe(409);
    const html = await response.text();
    validateHtml(html, 'conflict');
    expect(html).toContain('Deras</p>');
    const again = parseForm(html, path);
    expect([again.fields.get('section-1-notes')?.values, again.fields.get('place')?.values]).toEqual([
      ['Mitt'],
      ['Salen'],
    ]);
    expect((await send(path, again, {})).status).toBe(303);
    expect((await form(path)).fields.get('section-1-notes')?.values).toEqual(['Mitt']);
    expect((await form(path)).fields.get('time')?.values).toEqual(['kl. 9']);
  });

  it('is saved while it is written, all or nothing, and goes on from what was saved', async () => {
    const path = await open();
    const shown = await form(path);
    const saved = await send(path, shown, { place: 'Salen' }, { autosave: 'on' });
    const { place } = (await saved.json()) as Record<string, string>;
    const wrong = await send(
      path,
      shown,
      { place: 'Rummet', nextDay: 'i höst' },
      { autosave: 'on', 'seen-place': place },
    );
    expect([wrong.status, (await form(path)).fields.get('place')?.values]).toEqual([422, ['Salen']]);
    expect((await send(path, shown, { place: 'Rummet' }, { autosave: 'on', 'seen-place': place })).status).toBe(200);
    expect((await form(path)).fields.get('place')?.values).toEqual(['Rummet']);
  });

  it('into locked minutes changes nothing, and gives back what was typed', async () => {
    const path = await open();
    const shown = await form(path);
    await fk.post(`${path}/faststallande`, {});
    const late = await send(path, shown, { 'section-1-notes': 'För sent skrivet' });
    expect(late.status).toBe(409);
    const html = await late.text();
    validateHtml(html, 'late');
    expect(html).toContain('För sent skrivet');
    expect(await page(path)).not.toContain('För sent skrivet');
    expect((await fk.post(`${path}/faststallande`, {})).status).toBe(409);
    expect((await fk.get(`${path}/faststallande`)).headers.get('location')).toBe(path);
  });

  it('is for the officers and the manager of the unit, whose own it is', async () => {
    const path = await open({ place: 'Kanariesalen' });
    const statuses: Record<string, number> = {};
    for (const account of ['fk2', 'chef', 'koordinator', 'kommun', 'individ', 'registrator', 'admin', 'granskare']) {
      statuses[account] = (await (await app.signIn(account)).get(path)).status;
    }
    expect(statuses).toEqual({
      ...{
        fk2: 200,
        chef: 200,
        koordinator: 404,
        kommun: 404,
        individ: 404,
        registrator: 404,
        admin: 404,
        granskare: 404,
      },
    });
    const chef = await app.signIn('chef');
    const own = await open({ title: 'Chefens möte' }, chef);
    expect(await page('/samverkan', 200, chef)).toContain(own);
    expect((await storedBytes(app)).includes('Kanariesalen')).toBe(false);
  });

  it('locked minutes that somebody changed are found', async () => {
    const path = await open({ place: 'Salen' });
    await fk.post(`${path}/faststallande`, {});
    const id = path.split('/').at(-1) ?? '';
    const { database } = app.house.engine;
    const change = (content: string) =>
      database.transaction(async ({ db }) => {
        await db.updateTable('structural_meeting').set({ content }).where('id', '=', id).execute();
      });
    const row = await database.reads.db
      .selectFrom('structural_meeting')
      .select('content')
      .where('id', '=', id)
      .executeTakeFirstOrThrow();
    const { vault } = database.reads;
    await change(vault.seal(vault.open(row.content ?? '').replace('Salen', 'Rummet')));
    const { faults } = await verifyInstallation(database);
    expect(faults).toEqual(['text', 'file'].map((code) => ({ code, table: 'structural_meeting', id, column: '' })));
    await change(row.content ?? '');
  });
});

describe('people as they are pasted', () => {
  it.each([
    ['Bo Ek, chef, Kommunen', [{ organisation: 'Kommunen', people: ['Bo Ek, chef'] }]],
    ['Bo Ek\tchef\tKommunen', [{ organisation: 'Kommunen', people: ['Bo Ek, chef'] }]],
    ['Bo Ek; Kommunen', [{ organisation: 'Kommunen', people: ['Bo Ek'] }]],
    [' \n, \n', []],
    [
      'Bo Ek\nÅsa Alm, Ögruppen\nEva Dal, Ågruppen\nIda Berg, Ögruppen',
      [
        { organisation: 'Ågruppen', people: ['Eva Dal'] },
        { organisation: 'Ögruppen', people: ['Åsa Alm', 'Ida Berg'] },
        { organisation: '', people: ['Bo Ek'] },
      ],
    ],
  ])('%j', (pasted, expected) => {
    expect(byOrganisation(pasted)).toEqual(expected);
  });

  it.each([
    ['title', ' ', 'required'],
    ['title', 'x'.repeat(201), 'tooLong'],
    ['day', '2026-02-30', 'date'],
    ['section-1-notes', 'Ring 20120129-2388.', 'noNumber'],
    ['place', '', null],
  ])('%s %s: %s', (name, typed, code) => {
    const rule = fields.get(name);
    if (!rule) throw new Error(name);
    const checked = checkField(rule, typed, '2026-11-25');
    expect(checked.ok ? null : checked.code).toBe(code);
  });
});
