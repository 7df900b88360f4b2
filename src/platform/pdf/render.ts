import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { IsoInstant } from '../../kernel/time.ts';
import { createPrintable } from './coverage.ts';
import type { DocumentModel } from './document.ts';
import { families } from './fonts.ts';

export type PdfOptions = {
  /** A file is one standard: PDF/A-3a (ISO 19005-3) for the archive, PDF/UA-1 (ISO 14289-1) where it is read. */
  standard: 'a-3a' | 'ua-1';
  /** The file's creation time; the same model, options and time give the same bytes. */
  createdAt: IsoInstant;
  /** The document as data, carried inside the file; its text is kept byte for byte. */
  attachment?: { name: string; json: string; description: string };
};

/** Throws an Error without any of the document's text when the typesetter refuses. */
export type RenderPdf = (model: DocumentModel, options: PdfOptions) => Promise<Uint8Array>;

const template = fileURLToPath(new URL('../../../views/documents/document.typ', import.meta.url));
let renderer: Promise<RenderPdf> | undefined;

/** Typst in this process. It and the fonts are loaded at the first document, since they cost time and memory. */
export const renderPdf: RenderPdf = async (model, options) => {
  renderer ??= startTypst();
  const render = await renderer;
  return render(model, options);
};

async function startTypst(): Promise<RenderPdf> {
  const { NodeCompiler } = await import('@myriaddreamin/typst-ts-node-compiler');
  const source = await readFile(template, 'utf8');
  const fonts = await Promise.all(families.map(({ files }) => Promise.all(files.map((file) => readFile(file)))));
  const printable = createPrintable(fonts);
  const compiler = NodeCompiler.create({ fontArgs: [{ fontBlobs: fonts.flat() }] });

  return async (model, { standard, createdAt, attachment }) => {
    const inputs: Record<string, string> = {
      fonts: JSON.stringify(families.map(({ name }) => name)),
      document: JSON.stringify(model, (_key, value: unknown) => (typeof value === 'string' ? printable(value) : value)),
    };
    if (attachment) {
      const { name, json, description } = attachment;
      inputs.attachment = JSON.stringify({ name, description: printable(description) });
      inputs.json = json;
    }
    try {
      const compiled = compiler.compile({ mainFileContent: source, inputs });
      if (!compiled.result) throw new Error('compile');
      const creationTimestamp = Date.parse(createdAt) / 1000;
      return compiler.pdf(compiled.result, { pdfStandard: standard, creationTimestamp });
    } catch (error) {
      throw new Error(`pdf: the typesetter refused (${standard}, ${refusal(error)})`);
    } finally {
      compiler.evictCache(0);
    }
  };
}

/** Diagnostics quote the document, so only which of the known kinds it was may leave. */
function refusal(error: unknown): string {
  const message = error instanceof Error ? error.message : '';
  const kinds = [
    'could not be displayed',
    'missing document title',
    'alternative text',
    'heading',
    'attach',
    'compile',
  ];
  return kinds.find((kind) => message.includes(kind)) ?? 'other';
}
