import { gzipSync } from 'node:zlib';

const policy = [
  "default-src 'none'",
  "img-src 'self' data:",
  "style-src 'self'",
  "script-src 'self'",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
];

/** What every answer says to the browser, worked out once. */
export const safetyHeaders = (https: boolean): Readonly<Record<string, string>> => ({
  'Content-Security-Policy': policy.join('; '),
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Origin-Agent-Cluster': '?1',
  'Referrer-Policy': 'same-origin',
  'X-Content-Type-Options': 'nosniff',
  'X-DNS-Prefetch-Control': 'off',
  'X-Download-Options': 'noopen',
  'X-Frame-Options': 'DENY',
  'X-Permitted-Cross-Domain-Policies': 'none',
  'X-XSS-Protection': '0',
  ...(https && { 'Strict-Transport-Security': 'max-age=31536000' }),
});

/** Whether a request takes gzip, by its Accept-Encoding. */
export const takesGzip = (accepted: string | undefined): boolean =>
  accepted !== undefined && /\bgzip\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))/i.test(accepted);

/** For pages: a third of the usual level's time, some 7 % more bytes, and no memory that is mapped anew each time. */
export const zip = (body: Uint8Array): Buffer<ArrayBuffer> => gzipSync(body, { level: 3, memLevel: 7 });
