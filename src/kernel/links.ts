import { createHmac, timingSafeEqual } from 'node:crypto';
import type { LinkScope } from './access.ts';
import { addDays, type IsoInstant, stockholmDate } from './time.ts';

/**
 * Every kind of personal link (states.md "Links"): where it leads, and how many days it lives after what it is for has
 * ended. What each lets its holder do is said by the rights table alone. 184 days: six months, and none of them short.
 */
export const linkScopes: Record<LinkScope, { path: string; days: number }> = {
  receipt: { path: '/begaran/kvitto', days: 184 },
  participant: { path: '/svar', days: 30 },
  survey: { path: '/enkat', days: 30 },
  // Until it is turned off.
  feed: { path: '/kalender', days: 0 },
};

/** `endedAt`: when the request was answered or the meeting ends; null while it goes on or has no time, and then it lives. */
export const linkLives = (scope: LinkScope, endedAt: IsoInstant | null, now: IsoInstant): boolean =>
  endedAt === null || stockholmDate(now) <= addDays(stockholmDate(endedAt), linkScopes[scope].days);

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

/** Where a personal link leads: a path of ours. */
export const linkPath = (key: Buffer, scope: LinkScope, id: string, generation: number): string =>
  `${linkScopes[scope].path}/${linkToken(key, scope, id, generation)}`;

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

/** The six digits of a one-time code, derived from its row's id like a link's token: neither database nor outbox holds them. */
export function linkCode(key: Buffer, id: string): string {
  const digest = createHmac('sha256', key).update(`code|${id}`).digest();
  // Six bytes leave no number of the million more likely than another by more than one in 10^8.
  return String(digest.readUIntBE(0, 6) % 1_000_000).padStart(6, '0');
}

/** Compares in the same time wherever they differ. */
export function codeMatches(given: string, right: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(right)];
  return a.length === b.length && timingSafeEqual(a, b);
}
