import { mkdtempSync, rmSync } from 'node:fs';
import { get, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { atMost, type Row, startServer } from './measure.ts';
import { seedFolder } from './pages.ts';

/** What a browser that was never here fetches for each public page: the heaviest of them all. */
export async function firstView(): Promise<Row[]> {
  const dataDir = mkdtempSync(join(tmpdir(), 'samsyn-bench-'));
  const { links } = await seedFolder(dataDir, 4);
  const server = await startServer('src/main.ts', { DATA_DIR: dataDir });
  const public_ = ['/', '/begaran/ny', '/aktorer', '/ordlista', '/tillganglighet', '/integritet', '/logga-in'];
  const views: { path: string; requests: number; bytes: number }[] = [];
  for (const path of [...public_, ...links.slice(0, 1)]) {
    const page = await fetchZipped(`${server.url}${path}`);
    const html = gunzipSync(page).toString();
    const parts = new Set(
      [...html.matchAll(/<(?:link|script|img)[^>]+(?:href|src)="([^"]+)"/g)].map(([, part]) => part),
    );
    let bytes = page.length;
    for (const part of parts) bytes += (await fetchZipped(`${server.url}${part}`)).length;
    views.push({ path: path.slice(0, 20), requests: 1 + parts.size, bytes });
  }
  await server.stop();
  rmSync(dataDir, { recursive: true });
  const [most] = views.toSorted((a, b) => b.requests - a.requests);
  const [heaviest] = views.toSorted((a, b) => b.bytes - a.bytes);
  if (!most || !heaviest) return [];
  return [
    atMost('first view of a public page: requests', most.requests, 8, String(most.requests), most.path),
    atMost('first view of a public page: KB zipped', heaviest.bytes / 1000, 60, '', heaviest.path),
  ];
}

/** The bytes as they cross the network, without headers. */
function fetchZipped(url: string): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const taken = async (response: IncomingMessage) => {
      const chunks: Buffer[] = [];
      for await (const chunk of response) chunks.push(chunk as Buffer);
      if (response.statusCode === 200) resolve(Buffer.concat(chunks));
      else reject(new Error(`bench: ${url} answered ${response.statusCode}`));
    };
    get(url, { headers: { 'accept-encoding': 'gzip' } }, taken).on('error', reject);
  });
}
