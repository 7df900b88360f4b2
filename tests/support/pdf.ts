import { inflateSync } from 'node:zlib';
import { getDocumentProxy } from 'unpdf';

/** What a screen reader says: the words, and of which element they are. */
type Read = { role: string; text: string };
type Node = { role?: string; children?: Node[]; id?: string; type?: string };
type Item = { type?: string; id?: string; str?: string; width?: number; transform?: number[] };
export type ReadPdf = Awaited<ReturnType<typeof readPdf>>;

/** A file as a reader takes it in: title, language, attachments, and of each page what is read, in order. */
export async function readPdf(pdf: Uint8Array) {
  const file = await getDocumentProxy(new Uint8Array(pdf));
  const { info, metadata } = await file.getMetadata();
  const attachments = Object.values((await file.getAttachments()) ?? {}) as { filename: string; content: Uint8Array }[];
  const pages: Read[][] = [];
  const roles = new Set<string>();
  let right = 0;
  for (let number = 1; number <= file.numPages; number++) {
    const page = await file.getPage(number);
    const { items } = await page.getTextContent({ includeMarkedContent: true });
    const texts = new Map<string, string>();
    const open: (string | undefined)[] = [];
    for (const item of items as Item[]) {
      if (item.type === 'beginMarkedContentProps' || item.type === 'beginMarkedContent') open.push(item.id);
      else if (item.type === 'endMarkedContent') open.pop();
      else {
        right = Math.max(right, (item.transform?.[4] ?? 0) + (item.width ?? 0));
        const id = open.findLast(Boolean);
        if (id) texts.set(id, (texts.get(id) ?? '') + item.str);
      }
    }
    const reading: Read[] = [];
    const go = (node: Node, role: string) => {
      if (node.type === 'content') {
        const last = reading.at(-1);
        const text = texts.get(node.id ?? '') ?? '';
        if (last?.role === role && role.startsWith('H')) last.text += text;
        else reading.push({ role, text });
      }
      if (node.role) roles.add(node.role);
      const inherited = node.role === 'Span' || node.role === 'Strong' || !node.role ? role : node.role;
      for (const child of node.children ?? []) go(child, inherited);
    };
    go((await page.getStructTree()) as Node, '');
    pages.push(reading);
  }
  return {
    title: (info as { Title?: string }).Title ?? '',
    language: (info as { Language?: string }).Language,
    standard: `${metadata?.get('pdfaid:part')}${metadata?.get('pdfaid:conformance')}`.toLowerCase(),
    marked: (await file.getMarkInfo())?.Marked,
    attachments: attachments.map(({ filename, content }) => ({ filename, text: Buffer.from(content).toString() })),
    pages,
    roles,
    /** How far to the right any text goes, in points. */
    right,
  };
}

/** The file as text, with what is compressed opened. */
export const openedPdf = (pdf: Uint8Array): string =>
  Buffer.from(pdf)
    .toString('latin1')
    .replace(/(<<(?:(?!endobj)[\s\S])*?>>\n)stream\n([\s\S]*?)\nendstream/g, (whole, head: string, body: string) =>
      head.includes('/FlateDecode') ? head + inflateSync(Buffer.from(body, 'latin1')).toString('latin1') : whole,
    );
