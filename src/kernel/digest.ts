import { createHash, randomBytes } from 'node:crypto';

/** JSON that is the same text for the same value: keys sorted, nothing undefined, no space. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    inner !== null && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}

/** SHA-256 of the bytes, of a text those in UTF-8; 64 hexadecimal digits. */
export const sha256 = (data: string | Uint8Array): string => createHash('sha256').update(data).digest('hex');

/** 128 random bits, so that a short text cannot be guessed from its hash. */
export const newSalt = (): string => randomBytes(16).toString('base64url');
