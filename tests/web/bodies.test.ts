import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { goodRequest, origin } from '../support/app.ts';
import { validateHtml } from '../support/html.ts';
import { dryRun, goodBodies, type HostileWorld, openHostileWorld } from './hostile-world.ts';

/** Bodies that are no forms, forms of thousands of fields, and JSON of every shape but the right one. */

let world: HostileWorld;
let dry: ReturnType<typeof dryRun>;
let receipt: string;
beforeAll(async () => {
  world = await openHostileWorld();
  dry = dryRun(world.test);
  receipt = `/begaran/kvitto/${await world.tokenOf('receipt', world.unassigned)}`;
});
afterAll(() => world.test.close());
beforeEach(() => {
  dry.counted.done = 0;
});

const form = 'application/x-www-form-urlencoded';
const boundary = '----WebKitFormBoundaryABCDEFGHIJKLMNOP';
const multipart = `multipart/form-data; boundary=${boundary}`;
const part = (name: string, value: string, more = '') =>
  `--${boundary}\r\nContent-Disposition: form-data; name="${name}"${more}\r\n\r\n${value}\r\n`;
const wholeForm = `${Object.entries(goodRequest)
  .map(([name, value]) => part(name, value))
  .join('')}--${boundary}--\r\n`;

function send(
  path: string,
  type: string | null,
  body: string | Uint8Array<ArrayBuffer>,
  more: Record<string, string> = {},
) {
  const headers: Record<string, string> = { origin, ...(type !== null && { 'content-type': type }), ...more };
  return dry.app.request(`${origin}${path}`, {
    method: 'POST',
    headers,
    body: typeof body === 'string' ? new TextEncoder().encode(body) : body,
  });
}

describe('a body that is no form', () => {
  const plain = new URLSearchParams(goodRequest).toString();
  it.each<[string, string | null, string | Uint8Array<ArrayBuffer>]>([
    ['plain text', 'text/plain', plain],
    ['JSON', 'application/json', JSON.stringify(goodRequest)],
    ['XML', 'application/xml', '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>'],
    ['no type', null, plain],
    ['a type of nonsense', '\u00ff/;;=', plain],
    ['bytes', 'application/octet-stream', new Uint8Array([0, 255, 254, 1])],
    ['multipart without a boundary', 'multipart/form-data', wholeForm],
    ['multipart with another boundary', `${multipart}Q`, wholeForm],
    ['multipart that ends in the middle', multipart, wholeForm.slice(0, -30)],
    ['multipart of nothing', multipart, `--${boundary}`],
    ['multipart without names', multipart, `--${boundary}\r\n\r\nvalue\r\n--${boundary}--\r\n`],
  ])('%s is answered by a page, and nothing is done', async (_, type, body) => {
    for (const path of ['/begaran', `${receipt}/aterkallelse`, '/logga-in/demo']) {
      const response = await send(path, type, body);
      expect(response.status, path).toBe(400);
      const html = await response.text();
      expect(html).toContain('Vi förstod inte det som skickades.');
      validateHtml(html, path);
    }
    expect(dry.counted.done).toBe(0);
  });

  it('no body at all is an empty form', async () => {
    for (const type of [null, form]) {
      expect((await send('/begaran', type, '')).status).toBe(422);
      expect((await send(`${receipt}/aterkallelse`, type, '')).status).toBe(303);
    }
  });

  it('a form may come as multipart, too, with files that nobody asked for', async () => {
    const file = part('requesterName', 'GIF89a', '; filename="zq.gif"\r\nContent-Type: image/gif');
    expect((await send('/begaran', multipart, wholeForm)).status).toBe(303);
    expect((await send('/begaran', multipart, file + wholeForm)).status).toBe(303);
    expect(
      (await send('/begaran', `${form}; charset=ISO-8859-1`, new URLSearchParams(goodRequest).toString())).status,
    ).toBe(303);
  });

  it('the fields of one in Latin-1 are refused in place, and their letters are not guessed at', async () => {
    const body = new URLSearchParams({ ...goodRequest, requesterName: 'NAMN' })
      .toString()
      .replace('NAMN', '%C5sa+%D6berg');
    const response = await send('/begaran', form, body);
    const html = await response.text();
    expect(response.status).toBe(422);
    expect(html).toContain('Några tecken går inte att läsa.');
    expect(html).toContain('value="\ufffdsa \ufffdberg"');
    validateHtml(html, 'Latin-1');
  });
});

describe('a form of too many fields', () => {
  it.each([
    ['different ones', () => Array.from({ length: 40_000 }, (_, i) => `a${i}=${i}`).join('&')],
    ['the same one', () => 'purpose=a&'.repeat(50_000)],
    ['nameless ones', () => '=&'.repeat(200_000)],
    ['signs between', () => '&'.repeat(500_000)],
    ['codes to tick', () => 'questions=measures&'.repeat(25_000)],
    ['nested ones', () => `${'a[b]'.repeat(1_000)}=1&${'a.b.'.repeat(1_000)}=1`],
    ['inherited ones', () => '__proto__=x&constructor=x&__proto__[a]=x&toString=x&hasOwnProperty=x&__proto__=y'],
  ])('%s are read in no time and do no harm', async (_, body) => {
    const started = performance.now();
    for (const path of ['/begaran', '/logga-in/demo', `${receipt}/komplettering`]) {
      expect([404, 422], path).toContain((await send(path, form, body())).status);
    }
    expect(performance.now() - started).toBeLessThan(6_000);
    expect(({} as { a?: unknown }).a).toBe(undefined);
  });

  it('of multipart, too', async () => {
    const body = `${Array.from({ length: 4_800 }, (_, i) => part(`a${i}`, '1')).join('')}--${boundary}--\r\n`;
    const started = performance.now();
    expect((await send('/begaran', multipart, body)).status).toBe(422);
    expect(performance.now() - started).toBeLessThan(4_000);
  });
});

describe('the autosave of a field', () => {
  const patch = (body: string | Uint8Array<ArrayBuffer>, type = 'application/json') => {
    const cookie = world.sessions.get('fk')?.cookie ?? '';
    return dry.app.request(`${origin}/moten/${world.places.writing.meeting}/protokoll`, {
      method: 'PATCH',
      headers: { origin, cookie, 'content-type': type },
      body,
    });
  };
  const good = goodBodies({ officer: '', participants: [] })['PATCH /moten/:id/protokoll'];
  const change = (more: object) => JSON.stringify({ ...good, field: 'cannotDo', baseVersion: 0, ...more });

  it.each(
    [
      ...[
        '',
        'null',
        '1',
        '"x"',
        'true',
        '[]',
        '{}',
        '[{"field":"canDo"}]',
        '{',
        '{"field":',
        'undefined',
        '\ufeff{}',
        "{'a':1}",
      ],
      ...[
        change({ field: 1 }),
        change({ text: null }),
        change({ text: ['x'] }),
        change({ text: {} }),
        change({ baseVersion: 'x' }),
      ],
      ...[
        change({ baseVersion: null }),
        change({ baseVersion: {} }),
        change({ baseVersion: 1e300 }),
        change({ baseVersion: [] }),
      ],
      ...[
        change({ field: '__proto__' }),
        change({ field: 'constructor' }),
        change({ field: 'zq\0' }),
        change({ field: 'x'.repeat(100_000) }),
      ],
      ...[
        change({ text: 'a\ufffdb' }),
        change({ text: 'x'.repeat(4_001) }),
        change({ field: 'followUpDate', text: '2026-02-30' }),
      ],
      `${'['.repeat(100_000)}`,
      `${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`,
    ].map((body) => [body.slice(0, 60), body]),
  )('refuses %s', async (_, body = '') => {
    const response = await patch(body);
    expect(response.status).toBe(422);
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(Object.keys((await response.json()) as object)).toEqual(['code']);
  });

  it.each([
    [
      'bytes that are no UTF-8',
      new Uint8Array([...new TextEncoder().encode(change({ text: 'ZQ' }))].map((byte) => (byte === 90 ? 0xe5 : byte))),
    ],
  ])('refuses %s', async (_, body) => {
    expect([(await patch(body)).status, await (await patch(body)).json()]).toEqual([422, { code: 'unreadable' }]);
  });

  it.each([
    ['what nobody asked for', change({ __proto__: { a: 1 }, extra: 'x' })],
    ['a field that comes twice', change({}).replace('{', '{"field":"canDo","__proto__":{"a":1},')],
    ['half a surrogate pair', change({ text: '\ud800x' })],
    ['controls and NUL', change({ text: 'a\u0000b\u001bc' })],
    ['markup', change({ text: '<script>zq</script>' })],
    ['emoji', change({ text: '👩‍👩‍👧' })],
  ])('takes %s', async (_, body) => {
    expect((await patch(body)).status).toBe(200);
    expect(dry.counted.done).toBe(1);
    expect(({} as { a?: unknown }).a).toBe(undefined);
  });

  it('is cut off like any other body', async () => {
    expect((await patch(change({ text: 'x'.repeat(600_000) }))).status).toBe(413);
    expect((await patch('x'.repeat(1_100_000))).status).toBe(413);
  });
});
