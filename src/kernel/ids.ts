import { randomBytes } from 'node:crypto';
import type { IsoInstant } from './time.ts';

/** UUID version 7 (RFC 9562 5.7): sorts by the millisecond it was made. */
export function newId(now: IsoInstant): string {
  const bytes = randomBytes(16);
  bytes.writeUIntBE(Date.parse(now), 0, 6);
  bytes[6] = 0x70 | ((bytes[6] ?? 0) & 0x0f);
  bytes[8] = 0x80 | ((bytes[8] ?? 0) & 0x3f);
  const hex = bytes.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

const readable = '23456789ABCDEFGHJKMNPQRSTVWXYZ';

/** A reference people can read out on the telephone: eight characters without look-alikes, `K7M2-4QXR`. */
export function newReference(): string {
  let text = '';
  while (text.length < 8) {
    const [byte = 255] = randomBytes(1);
    if (byte < 240) text += readable[byte % readable.length];
  }
  return `${text.slice(0, 4)}-${text.slice(4)}`;
}

/** Whether a path segment can be an id at all (interfaces.md "Form rules"). */
export function looksLikeId(text: string): boolean {
  return /^[A-Za-z0-9_-]{8,64}$/.test(text);
}
