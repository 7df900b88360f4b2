import { randomBytes, randomInt, randomUUID } from 'node:crypto';
import type { IsoInstant } from './time.ts';

let made = 0;

let drawn = Buffer.alloc(0);

/** A few random bytes out of many that were drawn at once: asking for them costs more than using them. */
function someBytes(count: number): Buffer {
  if (drawn.length < count) drawn = randomBytes(4_096);
  const some = drawn.subarray(0, count);
  drawn = drawn.subarray(count);
  return some;
}

/**
 * UUID version 7 (RFC 9562 5.7): sorts by the millisecond it was made, and within one millisecond in the order this
 * process made them, by a counter of 24 bits (6.2 method 1). All that one command writes has one instant, and
 * messages must leave, and events be listed, in the order they were written.
 */
export function newId(now: IsoInstant): string {
  made = (made + 1) % 2 ** 24;
  const bytes = someBytes(16);
  bytes.writeUIntBE(Date.parse(now), 0, 6);
  bytes.writeUInt16BE(0x7000 | (made >> 12), 6);
  bytes.writeUInt16BE(0x8000 | ((made & 0xfff) << 2) | ((bytes[9] ?? 0) & 3), 8);
  const hex = bytes.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** What comes before every id that was made at or after an instant, and after every earlier one. */
export function idsFrom(at: IsoInstant): string {
  const hex = Date.parse(at).toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}`;
}

const readable = '23456789ABCDEFGHJKMNPQRSTVWXYZ';

/** A reference people can read out on the telephone: eight characters without look-alikes, `K7M2-4QXR`. */
export function newReference(): string {
  let text = '';
  while (text.length < 8) {
    for (const byte of someBytes(12)) if (byte < 240 && text.length < 8) text += readable[byte % readable.length];
  }
  return `${text.slice(0, 4)}-${text.slice(4)}`;
}

/** Whether a path segment can be an id at all (interfaces.md "Form rules"). */
export function looksLikeId(text: string): boolean {
  return /^[A-Za-z0-9_-]{8,64}$/.test(text);
}

/** An unguessable lower-case tag, safe in the local part of an address: 24 hexadecimal digits. */
export const newTag = (): string => someBytes(12).toString('hex');

/** An id that holds neither time nor order (UUID version 4), for what nobody may place. */
export const newRandomId = (): string => randomUUID();

/** The same in an order that nothing can be told from. */
export function shuffled<T>(list: readonly T[]): T[] {
  const left = [...list];
  return list.flatMap(() => left.splice(randomInt(left.length), 1));
}
