import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { closingDocument } from '../../src/features/closing/render.ts';
import { copyDocument } from '../../src/features/consent/release/render.ts';
import { minutesDocument } from '../../src/features/minutes/render.ts';
import { planDocument } from '../../src/features/plan/render.ts';
import { structuralDocument } from '../../src/features/structural/render.ts';
import type { Translate } from '../../src/kernel/mail.ts';
import type { DocumentModel } from '../../src/platform/pdf/document.ts';
import type { RenderPdf } from '../../src/platform/pdf/render.ts';
import { viewsDir } from '../../src/platform/web/render.ts';
import { loadTexts } from '../../src/platform/web/text.ts';
import { openedPdf, type ReadPdf, readPdf } from '../support/pdf.ts';
import { openHostileWorld } from './hostile-world.ts';

/** Every document that leaves: one file for the archive and for a screen reader, with its data inside. */

const made = vi.hoisted(() => [] as { model: DocumentModel; pdf: Uint8Array }[]);
vi.mock('../../src/platform/pdf/render.ts', async (original) => {
  const { renderPdf } = await original<{ renderPdf: RenderPdf }>();
  const noted: RenderPdf = async (model, options) => {
    const pdf = await renderPdf(model, options);
    made.push({ model, pdf });
    return pdf;
  };
  return { renderPdf: noted };
});

type At = Record<
  'meeting' | 'caseId' | 'structural' | 'release' | 'request' | 'invited' | 'receiver' | 'closed',
  string
>;
/** Where it is, and of what is stored: as data where, and the source that is made of it. */
type Leaving = {
  path: (at: At) => string;
  stored?: { beside: string; model: (data: never, t: Translate) => DocumentModel };
  tables?: true;
};
const planAs = (as: string): Leaving => ({
  path: ({ caseId }) => `/arenden/${caseId}/plan.pdf?as=${as}`,
  stored: { beside: `plan.json?as=${as}`, model: planDocument },
  tables: true,
});
const documents: Record<string, Leaving> = {
  minutes: {
    path: ({ meeting }) => `/moten/${meeting}/protokoll.pdf`,
    stored: { beside: 'protokoll.json', model: minutesDocument },
    tables: true,
  },
  'minutes in plain Swedish': { path: ({ meeting }) => `/moten/${meeting}/protokoll/enkelt.pdf` },
  'plan of FK': planAs('fk'),
  'plan of AF': planAs('af'),
  SIP: planAs('sip'),
  'plan in plain Swedish': { path: ({ caseId }) => `/arenden/${caseId}/plan/enkelt.pdf` },
  'the closing of a case': {
    path: ({ closed }) => `/arenden/${closed}/avslut.pdf`,
    stored: { beside: 'avslut.json', model: closingDocument },
  },
  'structural minutes': {
    path: ({ structural }) => `/samverkan/${structural}/protokoll.pdf`,
    stored: { beside: 'protokoll.json', model: structuralDocument },
  },
  'a party’s copy': {
    path: ({ release }) => `/utlamnat/${release}/exemplar.pdf`,
    stored: { beside: 'exemplar.json', model: copyDocument },
    tables: true,
  },
  'a summons': { path: ({ invited, receiver }) => `/moten/${invited}/deltagare/${receiver}/brev.pdf` },
  'an answer to a request': { path: ({ request }) => `/begaran/${request}/besked.pdf` },
};
const names = Object.keys(documents);

const { t } = loadTexts(`${viewsDir}text`);
const files = new Map<string, { pdf: Uint8Array; stored: string | null; document: ReadPdf }>();
const folder = mkdtempSync(join(tmpdir(), 'samsyn-documents-'));

beforeAll(async () => {
  const world = await openHostileWorld();
  const fk = await world.test.signIn('fk');
  const { minuted, invited } = world.places;
  const closed = world.polling.case;
  await fk.post(`/arenden/${closed}/avslut/klart`, {});
  const receiver = await world.test.house.engine.database.reads.db
    .selectFrom('participant')
    .select('id')
    .where('meeting_id', '=', invited.meeting)
    .where('sent_sequence', 'is not', null)
    .executeTakeFirstOrThrow();
  const at = {
    ...{ meeting: minuted.meeting, caseId: minuted.case, structural: minuted.structural, release: minuted.release },
    ...{ request: minuted.request, invited: invited.meeting, receiver: receiver.id, closed },
  };
  for (const [name, { path, stored }] of Object.entries(documents)) {
    const to = path(at);
    const answer = await fk.get(to);
    if (answer.status !== 200) throw new Error(`${name}: ${answer.status}`);
    const pdf = new Uint8Array(await answer.arrayBuffer());
    const beside = stored && (await (await fk.get(to.replace(/[^/]*$/, stored.beside))).text());
    files.set(name, { pdf, stored: beside || null, document: await readPdf(pdf) });
    writeFileSync(join(folder, `${names.indexOf(name)}.pdf`), pdf);
  }
  await world.test.close();
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true }));

const of = (name: string) => files.get(name) as NonNullable<ReturnType<typeof files.get>>;
const isThere = (tool: string) => spawnSync(tool, ['--version']).error === undefined;
const run = (tool: string, name: string, ...options: string[]) =>
  spawnSync(tool, [...options, join(folder, `${names.indexOf(name)}.pdf`)], { encoding: 'utf8' });

describe.each(names)('%s', (name) => {
  test('is PDF/A-3a with the data inside that is stored', () => {
    const { document, stored } = of(name);
    expect(document.standard).toBe('3a');
    expect(document.attachments).toHaveLength(1);
    const [inside] = document.attachments;
    expect(inside?.filename).toMatch(/^[a-z-]+[A-Za-z0-9-]*\.json$/);
    const data = JSON.parse(inside?.text ?? '');
    expect(data.document.kind).toMatch(/^\w+$/);
    if (stored) expect(data).toEqual(JSON.parse(stored));
  });

  test('compiles as PDF/UA-1 from the same source', async () => {
    const { pdf, stored, document } = of(name);
    const model = stored
      ? documents[name]?.stored?.model(JSON.parse(stored) as never, t)
      : made.find((one) => Buffer.compare(one.pdf, pdf) === 0)?.model;
    expect(model?.title).toBe(document.title);
    const { renderPdf } = await vi.importActual<{ renderPdf: RenderPdf }>('../../src/platform/pdf/render.ts');
    const options = { standard: 'ua-1', createdAt: '2026-11-25T10:00:00.000Z' } as const;
    const readable = Buffer.from(await renderPdf(model as DocumentModel, options)).toString('latin1');
    expect(readable).toContain('<pdfuaid:part>1');
  });

  test('has a title, a language and a structure that is read in order', () => {
    const { title, language, marked, pages, roles } = of(name).document;
    expect(title).not.toBe('');
    expect([language, marked]).toEqual(['sv', true]);
    const headings = pages.flat().filter(({ role }) => /^H\d$/.test(role));
    expect(headings[0]).toEqual({ role: 'H1', text: title });
    expect(headings.filter(({ role }) => role === 'H1')).toHaveLength(1);
    const levels = headings.map(({ role }) => Number(role[1]));
    for (const [i, level] of levels.entries()) expect(level - (levels[i - 1] ?? 0), headings[i]?.text).toBeLessThan(2);
    for (const { role, text } of headings) expect(text.trim(), role).not.toBe('');
    if (documents[name]?.tables)
      for (const role of ['Table', 'THead', 'TH', 'TR', 'TD', 'Caption']) expect(roles).toContain(role);
    // What is read stands in some element.
    for (const { role } of pages.flat()) expect(role).not.toBe('');
  });

  test('has every font inside', () => {
    const text = openedPdf(of(name).pdf);
    const fonts = text.match(/\/Type \/FontDescriptor\b/g) ?? [];
    expect(fonts.length).toBeGreaterThan(0);
    expect(text.match(/\/FontFile[23] \d+ 0 R/g)).toHaveLength(fonts.length);
  });

  test.skipIf(!isThere('qpdf'))('is sound to qpdf', () => {
    expect(run('qpdf', name, '--check')).toMatchObject({ status: 0, stderr: '' });
  });

  test.skipIf(!isThere('pdfinfo'))('has headings, and tables whose head cells say what they head, to poppler', () => {
    const { stdout, stderr } = run('pdfinfo', name, '-struct');
    expect(stdout.match(/^ *H1 /gm)).toHaveLength(1);
    const heads = stdout.match(/^ *TH\b.*:?$/gm)?.length ?? 0;
    expect(stdout.match(/\/Scope \/Column/g)?.length ?? 0).toBe(heads);
    // Poppler before 25.12 takes the `false` of a sound /Suspects for no boolean (Catalog::getMarkInfo), and the four
    // colours of a table's cell for a wrong attribute. ISO 14289-1, 7.1 asks for exactly that `false`.
    const known =
      /^(Syntax Error: Suspects object is wrong type \(boolean\)|Syntax Warning: Attribute BorderColor value .*|)$/;
    expect(stderr.split('\n').filter((line) => !known.test(line))).toEqual([]);
    const { stdout: fonts } = run('pdffonts', name);
    for (const line of fonts.trim().split('\n').slice(2)) expect(line).toMatch(/ yes yes yes /);
  });
});
