import { readFileSync } from 'node:fs';
import { serve } from '@hono/node-server';
import { Hono } from 'hono';

/** The other side of the comparison: Hono alone, answering the very bytes and headers that are in the file BARE_PAGES. */
export type BarePage = { path: string; headers: Record<string, string>; body: string };

const app = new Hono();
app.get('/readyz', (c) => c.text('ready'));
if (process.env.BARE_PAGES) {
  for (const { path, headers, body } of JSON.parse(readFileSync(process.env.BARE_PAGES, 'utf8')) as BarePage[]) {
    const { etag } = headers;
    const { 'content-type': _, ...unchanged } = headers;
    app.get(path, (c) =>
      etag && c.req.header('if-none-match') === etag ? c.body(null, 304, unchanged) : c.body(body, 200, headers),
    );
  }
}
const server = serve({ fetch: app.fetch, port: Number(process.env.PORT), hostname: '127.0.0.1' });
process.on('SIGTERM', () => {
  server.close();
  process.exit(0);
});
