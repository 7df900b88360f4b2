import { inflateSync } from 'node:zlib';

/** The text of the file that `renderPdf` put inside; null when there is none, or these bytes are no such PDF. */
export function readAttachment(pdf: Buffer): string | null {
  const object = pdf.indexOf('/Type /EmbeddedFile\n');
  const start = pdf.indexOf('\nstream\n', object);
  if (!pdf.subarray(0, 5).equals(Buffer.from('%PDF-')) || object < 0 || start < 0) return null;
  try {
    return inflateSync(pdf.subarray(start + '\nstream\n'.length)).toString('utf8');
  } catch {
    return null;
  }
}
