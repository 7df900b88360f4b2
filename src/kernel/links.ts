import { createHmac, timingSafeEqual } from 'node:crypto';
import type { LinkScope } from './access.ts';

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

function mac(key: Buffer, scope: LinkScope, id: string, generation: number): Buffer {
  return createHmac('sha256', key).update(`${scope}|${id}|${generation}`).digest();
}

/**
 * A personal link's token: the id, then HMAC-SHA256 over `scope | id | generation` (states.md "Links").
 * 65 characters of the base64url alphabet. Nothing of it is stored.
 */
export function linkToken(key: Buffer, scope: LinkScope, id: string, generation: number): string {
  return (
    Buffer.from(id.replaceAll('-', ''), 'hex').toString('base64url') +
    mac(key, scope, id, generation).toString('base64url')
  );
}

/** The id that a token claims to open; null when it cannot be a token. Proves nothing before `tokenOpens`. */
export function claimedId(token: string): string | null {
  if (!/^[A-Za-z0-9_-]{65}$/.test(token)) return null;
  const hex = Buffer.from(token.slice(0, 22), 'base64url').toString('hex');
  const id = `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
  return uuid.test(id) ? id : null;
}

export function tokenOpens(token: string, key: Buffer, scope: LinkScope, id: string, generation: number): boolean {
  const given = Buffer.from(token);
  const right = Buffer.from(linkToken(key, scope, id, generation));
  return given.length === right.length && timingSafeEqual(given, right);
}
