import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createPrintable } from '../../src/platform/pdf/coverage.ts';
import type { DocumentBlock, DocumentModel, DocumentSection } from '../../src/platform/pdf/document.ts';
import { families } from '../../src/platform/pdf/fonts.ts';
import { type PdfOptions, renderPdf } from '../../src/platform/pdf/render.ts';
import { openedPdf, readPdf } from '../support/pdf.ts';

const standards: PdfOptions['standard'][] = ['a-3a', 'ua-1'];
const createdAt = '2026-11-23T09:15:30.000Z';

const bare: DocumentModel = {
  language: 'sv',
  title: 'Protokoll från avstämningsmöte',
  authority: 'Försäkringskassan',
  unit: 'Gävle',
  diaryLabel: 'Diarienummer',
  diaryNumber: 'FK 2026/004812',
  pageLabel: 'Sida {page} av {pages}',
  facts: [],
  sections: [],
  footer: '',
};

/** The same text everywhere a document can hold text. */
const everywhere = (text: string): DocumentModel => ({
  language: 'sv',
  title: text,
  authority: text,
  unit: text,
  diaryLabel: text,
  diaryNumber: text,
  pageLabel: text,
  address: [text, text],
  lead: text,
  facts: [{ label: text, value: text }],
  sections: [
    {
      heading: text,
      numbered: true,
      blocks: [
        { kind: 'text', label: text, text },
        { kind: 'list', label: text, items: [text] },
        { kind: 'note', label: text, text },
        { kind: 'table', caption: text, columns: [text, text], rows: [[text, text]] },
      ],
    },
  ],
  signature: [text],
  tearOff: {
    heading: text,
    lines: [text],
    options: [text],
    grid: { columns: [text, text], rows: [text] },
    blanks: [text],
    ending: text,
  },
  footer: text,
});

const measures = (count: number): DocumentModel => ({
  ...bare,
  sections: [
    {
      heading: 'Åtgärder',
      numbered: true,
      blocks: [
        {
          kind: 'table',
          caption: 'Vem gör vad',
          columns: ['Nr', 'Åtgärd', 'Klart'],
          widths: [1, 6, 2],
          rows: Array.from({ length: count }, (_, i) => [
            `${i + 1}`,
            'Boka återbesök och meddela gruppen',
            '2026-12-01',
          ]),
        },
      ],
    },
  ],
});

const asUtf8 = (text: string) => Buffer.from(text).toString('latin1');
const pages = (pdf: Uint8Array) => openedPdf(pdf).match(/\/Type \/Page\n/g)?.length;

const markup = '= #panic("x") *bold* _it_ $x^2$ @ref <label> `raw` // \\ #{ ]';

describe.each(standards)('a document as %s', (standard) => {
  const render = (model: DocumentModel) => renderPdf(model, { standard, createdAt });

  it.each<[string, DocumentModel]>([
    ['nothing but a head', bare],
    ['every part', everywhere('Överenskommelse')],
    ['empty strings', everywhere('')],
    ['empty lists', { ...bare, sections: [{ heading: '', numbered: false, blocks: [{ kind: 'list', items: [] }] }] }],
    [
      'a table without columns',
      {
        ...bare,
        sections: [{ heading: 'x', numbered: true, blocks: [{ kind: 'table', caption: '', columns: [], rows: [[]] }] }],
      },
    ],
    [
      'a row that is too short',
      {
        ...bare,
        sections: [
          {
            heading: 'x',
            numbered: true,
            blocks: [{ kind: 'table', caption: 'x', columns: ['a', 'b'], widths: [1], rows: [['a']] }],
          },
        ],
      },
    ],
    ['markup', everywhere(markup)],
    ['emoji', everywhere('👩🏽‍⚕️ ❤️ 🏳️‍🌈 🇸🇪 #️⃣ 🏴󠁧󠁢󠁥󠁮󠁧󠁿')],
    ['Chinese, Japanese, Korean', everywhere('漢字 かな 한국어')],
    ['right to left', everywhere('مرحباً بكم שָׁלוֹם abc \u202eomvänt')],
    ['Tigrinya, Thai, Georgian', everywhere('ሰላም สวัสดี ნახვამდის')],
    ['joiners and marks alone', everywhere('\u200d\u200c\ufe0f\u0301\u05bc\u064e\u0e33\u180b\u115f')],
    ['controls and halves', everywhere('a\u0000b\tc\u001b[d\ud800e\udc00f\uffffg\ue000h\ufeff')],
    ['line breaks of all kinds', everywhere('a\r\nb\rc\u2028d\u2029e\u0085f\n\n\ng\n')],
    ['20 000 characters', everywhere('Arbetsförmågan prövas på nytt. '.repeat(650))],
    ['an unbroken word', everywhere('x'.repeat(3000))],
    ['100 measures', measures(100)],
  ])('is made of %s', { timeout: 60_000 }, async (_name, model) => {
    expect(Buffer.from(await render(model)).toString('latin1', 0, 8)).toBe('%PDF-1.7');
  });

  it('says its standard, title, language and time, and is tagged', async () => {
    const text = openedPdf(await render(measures(3)));
    expect(text).toContain('/Lang (sv)');
    expect(text).toContain(`<rdf:li xml:lang="x-default">${asUtf8(bare.title)}</rdf:li>`);
    expect(text).toContain('/CreationDate (D:20261123091530Z)');
    expect(text).toMatch(/\/Marked true/);
    for (const tag of ['H1', 'H2', 'Table', 'THead', 'TH', 'TD', 'Caption'])
      expect(text).toMatch(new RegExp(`/S /${tag}\\s`));
    if (standard === 'a-3a') {
      expect(text).toContain('<pdfaid:part>3</pdfaid:part>');
      expect(text).toContain('<pdfaid:conformance>A</pdfaid:conformance>');
    } else expect(text).toContain('<pdfuaid:part>1</pdfuaid:part>');
  });

  it('is the same file when it is made again', async () => {
    const first = await render(everywhere('Lika'));
    await render(everywhere('Något annat'));
    expect(Buffer.compare(await render(everywhere('Lika')), first)).toBe(0);
  });

  it('prints markup as it was typed', async () => {
    const text = openedPdf(await render({ ...bare, title: markup }));
    const escaped = markup.replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
    expect(text).toContain(`<rdf:li xml:lang="x-default">${escaped}</rdf:li>`);
  });

  it.each(['👩🏽‍⚕️', '🏃‍♂️', '#️⃣', '☎️'])('loses no part of %s', async (emoji) => {
    const text = openedPdf(await render({ ...bare, lead: emoji })).toUpperCase();
    const [first = ''] = emoji;
    expect(text).toContain(Buffer.from(first, 'utf16le').swap16().toString('hex').toUpperCase());
  });

  it('goes on over pages', async () => {
    expect(await render(measures(3)).then(pages)).toBe(1);
    expect(await render(measures(100)).then(pages)).toBeGreaterThan(2);
  });

  it('keeps all of a row that is longer than a page', async () => {
    const long = 'Arbetsförmågan prövas på nytt. '.repeat(650);
    const table = { kind: 'table' as const, caption: 'x', columns: ['a', 'b'], rows: [['1', long]] };
    const model = { ...bare, sections: [{ heading: 'x', numbered: true, blocks: [table] }] };
    expect(await render(model).then(pages)).toBeGreaterThan(5);
  });

  it('parts no table that is sure to fit on one page', async () => {
    const rows = (count: number, text: string) => Array.from({ length: count }, () => [text, 'rad']);
    const fill = { kind: 'list' as const, items: Array.from({ length: 37 }, () => 'En rad.') };
    const on = async (table: string[][]) => {
      const block = { kind: 'table' as const, caption: 'Tabell', columns: ['a', 'b'], rows: table };
      const model = { ...bare, sections: [{ heading: 'x', numbered: true, blocks: [fill, block] }] };
      const { pages } = await readPdf(await render(model));
      return pages.map((page) => page.filter(({ text }) => text.trim() === 'rad').length);
    };
    expect(await on(rows(5, 'Kort'))).toEqual([0, 5]);
    const long = await on(rows(7, 'Kort'));
    expect(long[0]).toBeGreaterThan(0);
    expect(long[1]).toBeGreaterThan(0);
    // What only seems short is taller than a page.
    expect((await on(rows(6, 'a\n'.repeat(9)))).reduce((sum, count) => sum + count)).toBe(6);
  });

  it('carries its data byte for byte', async () => {
    const json = JSON.stringify({ text: 'Åsa 漢字 👩🏽‍⚕️ \u0000 \ue000', again: 'x'.repeat(5000) });
    const attachment = { name: 'protokoll.json', json, description: 'Protokollet som data' };
    const text = openedPdf(await renderPdf(bare, { standard, createdAt, attachment }));
    expect(text).toContain(asUtf8(json));
    expect(text).toContain('/Subtype /application#2Fjson');
    expect(text).toContain('/UF (protokoll.json)');
    if (standard === 'a-3a') expect(text).toContain('/AFRelationship /Data');
  });

  it('can be made of any text', { timeout: 60_000 }, async () => {
    const units = fc.array(fc.integer({ min: 0, max: 0xffff })).map((codes) => String.fromCharCode(...codes));
    const any = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }), units);
    await fc.assert(
      fc.asyncProperty(any, async (text) => {
        await render(everywhere(text));
      }),
      { numRuns: 40 },
    );
  });
});

it.each([false, true])('long contents leave no heading alone, and stay on the page (large: %s)', async (large) => {
  const sentence = 'Arbetsförmågan prövas på nytt efter tre veckor. ';
  const unbroken = 'x'.repeat(200);
  const sections = Array.from({ length: 120 }, (_, i): DocumentSection => {
    const text = sentence.repeat((i * 7) % 11) + (i % 10 ? '' : unbroken);
    const label = `Etikett ${i}`;
    const blocks: DocumentBlock[] = [
      { kind: 'text', label, text },
      { kind: 'list', label, items: [text || 'x', 'x'] },
      { kind: 'note', label, text: text || 'x' },
      { kind: 'table', caption: label, columns: ['Nr', unbroken], rows: [['1', text]] },
    ];
    return { heading: `Avsnitt ${i}`, numbered: i % 2 === 0, blocks: [blocks[i % 4] as DocumentBlock] };
  });
  const long: DocumentBlock = { kind: 'text', label: 'Lång', text: `${sentence.repeat(84)}${'y'.repeat(4000)}` };
  const table = measures(300).sections[0] as DocumentSection;
  const ends: DocumentSection = { heading: 'Sist', numbered: true, blocks: [long] };
  const model = { ...bare, large, sections: [...sections, table, ends] };
  const read = await readPdf(await renderPdf(model, { standard: 'a-3a', createdAt }));
  expect(read.pages.length).toBeGreaterThan(20);
  expect(
    read.pages.map((page) => page.at(-1)?.role).filter((role) => /^(H\d|Caption|TH|Lbl)?$/.test(role ?? '')),
  ).toEqual([]);
  // A4 is 595 points wide, its margin 71.
  expect(read.right).toBeLessThan(525);
});

it('a run that may be broken takes no letter away from the rest of the text', async () => {
  const address = 'http://localhost:3000/svar/AaIHojKQcACCeIqDt2od9mZ3z4l3-A4JdIRT61Cfrc_gM82PSMEhSOtxQTKHNp';
  const model = { ...bare, lead: 'Kl. 09.00: rum 3/4', facts: [{ label: 'Länk', value: address }] };
  const read = await readPdf(await renderPdf(model, { standard: 'a-3a', createdAt }));
  const said = read.pages.flat().map(({ text }) => text);
  expect(said.join('')).toContain('Kl. 09.00: rum 3/4');
  expect(said.join('')).toContain(address);
});

it('says nothing of the document when it cannot be made', async () => {
  const broken = { ...bare, facts: 'Hemligt' } as unknown as DocumentModel;
  const error = await renderPdf(broken, { standard: 'a-3a', createdAt }).catch((reason: unknown) => reason);
  expect(error).toEqual(new Error('pdf: the typesetter refused (a-3a, compile)'));
});

describe('what can be printed', () => {
  const printable = createPrintable(families.map(({ files }) => files.map((file) => readFileSync(file))));

  it.each([
    ['Ångström, naïve – “så” 50 €\n½', 'Ångström, naïve – “så” 50 €\n½'],
    ['A\u030angstro\u0308m', 'Ångström'],
    ['漢字', '□□'],
    ['👩🏽‍⚕️ ❤️', '👩🏽‍⚕️ ❤️'],
    ['ሰላም สวัสดี مرحبا', 'ሰላም สวัสดี مرحبا'],
    ['a\ue000\ud800\uffffb', 'a□□□b'],
    ['\u05bc', '□'],
    ['a\tb\u0000c\ufeffd', 'a b cd'],
    ['a\r\nb\rc\u2028d', 'a\nb\nc\nd'],
    ['fornamn.efternamn@forsakringskassan.se', 'fornamn.\u200befternamn@\u200bforsakringskassan.\u200bse'],
    ['rehabiliteringssamordnare', 'rehabiliteringssamordnare'],
    ['x'.repeat(45), `${'x'.repeat(20)}\u200b${'x'.repeat(20)}\u200b${'x'.repeat(5)}`],
  ])('%j becomes %j', (typed, shown) => {
    expect(printable(typed)).toBe(shown);
  });
});
