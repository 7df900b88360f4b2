import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { writeArchive } from '../../src/platform/db/archive.ts';
import { storedBytes } from '../support/database.ts';
import { individualNumber, openCanaryWorld } from './canary-world.ts';

/** A word of its own in every field that anybody can type in, and then a look at every byte that is kept or leaves. */

let world: Awaited<ReturnType<typeof openCanaryWorld>>;
beforeAll(async () => {
  world = await openCanaryWorld();
}, 60_000);
afterAll(() => world.test.close());

it('nothing that was typed stands in any mail', async () => {
  const { planted, people, ours } = world;
  const letters = await ours();
  // Receipt, question, answer; for each of four an invitation, a change, a reminder, a cancellation and a no; for both
  // proposals of times the question, and a hold of each time, of which all but the booked one are withdrawn; news of an answer; an
  // answer about a measure and a day of its officer’s with some that are late.
  expect(letters.length).toBe(3 + (5 + (1 + 2 + 1) + (1 + 1 + 1)) * people.length + 1 + 2);
  expect(planted.size).toBeGreaterThan(50);
  const kinds = /\bsip\b|avst.mning|kartl.ggning|flerparts|sjukskriv|sjukpenning|rehab/i;
  for (const { raw, parsed } of letters) {
    const to = parsed.to && !Array.isArray(parsed.to) ? parsed.to.text : '';
    const bytes = [
      raw.toString('latin1').replaceAll('=\r\n', ''),
      parsed.subject,
      parsed.text,
      parsed.html,
      ...parsed.attachments.map(({ content }) => content.toString('utf8').replaceAll('\r\n ', '')),
      ...[...raw.toString('latin1').matchAll(/^[A-Za-z0-9+/=\r\n]{40,}$/gm)].map(([text]) =>
        Buffer.from(text, 'base64').toString('utf8').replaceAll('\r\n ', ''),
      ),
    ].join('\n');
    for (const [canary, field] of planted) expect(bytes.includes(canary), `${field} in a mail to ${to}`).toBe(false);
    expect(bytes).not.toMatch(/20120129|120129-?2388|kanarieurl/i);
    expect(bytes).not.toMatch(kinds);
    for (const [, address] of people) if (address !== to) expect(bytes, to).not.toContain(address);
  }
});

it('nothing that was typed stands in a feed', () => {
  const { feed, planted, people } = world;
  expect(feed).toContain('DTSTART;TZID=Europe/Stockholm:20270304T090000');
  const words = [...planted.keys(), ...people.map(([, address]) => address), 'kanarieurl', '0129-2388', '01292388'];
  expect(words.filter((word) => feed.includes(word))).toEqual([]);
  expect(feed).not.toMatch(/\bsip\b|avst.mning|kartl.ggning/i);
});

it('nothing that was typed, no number, name or address stands in the clear where anything is kept', async () => {
  const { test, planted, people } = world;
  const { database } = test.house.engine;
  const backup = join(test.dataDir, 'backup.gz');
  const { linkKey } = test.house.config;
  await writeArchive(database, { vault: database.reads.vault, linkKey }, backup, test.house.engine.clock.now());
  const places = {
    'the database with its journal': await storedBytes(test),
    'the log': Buffer.from(test.logged.join('')),
    'a backup': gunzipSync(readFileSync(backup)),
  };
  expect(test.logged.length).toBeGreaterThan(20);

  const digits = individualNumber.replace('-', '');
  const secrets = [
    ...planted.keys(),
    ...[individualNumber, digits, individualNumber.slice(2), digits.slice(2)],
    ...people.map(([, address]) => address),
    'kanarieurl.example',
  ];
  for (const [place, bytes] of Object.entries(places)) {
    expect(bytes.length, place).toBeGreaterThan(2_000);
    for (const secret of secrets) {
      const found = spellings(secret).filter((one) => bytes.includes(one));
      expect(found.map(String), `${planted.get(secret) ?? secret} in ${place}`).toEqual([]);
    }
  }
});

/** A text as it can stand among other bytes: plain, UTF-16, hexadecimal, and base64 wherever a group of three begins. */
function spellings(text: string): Buffer[] {
  const base64 = [0, 1, 2].map((before) => {
    const encoded = Buffer.from('x'.repeat(before) + text).toString('base64');
    return encoded.slice(before === 0 ? 0 : 4, Math.floor((before + text.length) / 3) * 4);
  });
  return [
    Buffer.from(text, 'utf16le'),
    ...[text, Buffer.from(text).toString('hex'), ...base64].map((one) => Buffer.from(one)),
  ];
}

it('the search finds what is there in the clear', () => {
  for (const encoded of ['Kanarie7ord', 'xKanarie7ord', 'xxKanarie7ord y'].map((one) =>
    Buffer.from(one).toString('base64'),
  )) {
    expect(spellings('Kanarie7ord').some((one) => Buffer.from(encoded).includes(one))).toBe(true);
  }
});
