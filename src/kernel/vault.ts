import { createCipheriv, createDecipheriv, createHash, createHmac, hkdfSync, randomBytes } from 'node:crypto';
import { remembering } from './remembering.ts';

let drawn = Buffer.alloc(0);
/** 12 random bytes for one sealing, out of many that were drawn at once: asking for them costs half a sealing. */
function newIv(): Buffer {
  if (drawn.length === 0) drawn = randomBytes(12 * 256);
  const iv = drawn.subarray(0, 12);
  drawn = drawn.subarray(12);
  return iv;
}

/** Encrypts what is about a person before it reaches the database, and seals what must not change unseen. */
export type Vault = {
  /** AES-256-GCM → `<key id>.<base64url of iv, tag, text>`; null stays null. */
  seal: { (text: string): string; (text: string | null): string | null };
  /** The reverse; throws when the value was altered or belongs to another key. */
  open: { (value: string): string; (value: string | null): string | null };
  /** The same for a name or a number of who works here: they stand on page after page, so the latest stay open. */
  openStaff: { (value: string): string; (value: string | null): string | null };
  /** Keyed fingerprint of a personal number: equal numbers give equal prints, and only with the key. */
  fingerprint(digits: string): string;
  /** HMAC that shows a document's hash was written by this installation. */
  stamp(text: string): string;
};

export function createVault(dataKey: Buffer): Vault {
  const derive = (purpose: string) => Buffer.from(hkdfSync('sha256', dataKey, '', `samsyn ${purpose}`, 32));
  const encryption = derive('encryption');
  const fingerprints = derive('fingerprint');
  const stamps = derive('stamp');
  const keyId = createHash('sha256').update(encryption).digest('hex').slice(0, 8);

  function seal(text: string): string;
  function seal(text: string | null): string | null;
  function seal(text: string | null): string | null {
    if (text === null) return null;
    const iv = newIv();
    const cipher = createCipheriv('aes-256-gcm', encryption, iv);
    const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
    return `${keyId}.${Buffer.concat([iv, cipher.getAuthTag(), body]).toString('base64url')}`;
  }

  function open(value: string): string;
  function open(value: string | null): string | null;
  function open(value: string | null): string | null {
    if (value === null) return null;
    const [id, payload] = value.split('.');
    if (id !== keyId || payload === undefined) throw new Error(`sealed with another key (${String(id).slice(0, 8)})`);
    const bytes = Buffer.from(payload, 'base64url');
    const decipher = createDecipheriv('aes-256-gcm', encryption, bytes.subarray(0, 12));
    decipher.setAuthTag(bytes.subarray(12, 28));
    return decipher.update(bytes.subarray(28), undefined, 'utf8') + decipher.final('utf8');
  }

  const opened = remembering(open as (value: string) => string);

  return {
    seal,
    open,
    openStaff: ((value: string | null) => (value === null ? null : opened(value))) as Vault['openStaff'],
    fingerprint: (digits) => createHmac('sha256', fingerprints).update(digits).digest('base64url'),
    stamp: (text) => createHmac('sha256', stamps).update(text).digest('base64url'),
  };
}
