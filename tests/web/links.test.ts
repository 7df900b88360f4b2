import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { simpleParser } from 'mailparser';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { addMinutes } from '../../src/kernel/time.ts';
import { goodRequest, openTestApp, type TestApp } from '../support/app.ts';
import { everyRow } from '../support/database.ts';

/** Mail systems open links to look at them. Whatever they open, nothing may change. */

let test: TestApp;
beforeAll(async () => {
  test = await openTestApp();
  // One mail of each kind: the demo holds receipts, questions, answers and invitations; here come the rest.
  await test.visitor().post('/begaran', goodRequest);
  const fk = await test.signIn('fk');
  const cases = await (await fk.get('/arenden')).text();
  for (const [path] of cases.matchAll(/\/arenden\/[0-9a-f-]{36}/g)) {
    const meeting = /\/moten\/[0-9a-f-]{36}/.exec(await (await fk.get(path)).text())?.[0] ?? '';
    const time = { startsAt: '2027-02-03T09:00', durationMinutes: '60', placeKind: 'phone', reason: 'Ny tid.' };
    await fk.post(`${meeting}/tid`, time);
    const removable = [...(await (await fk.get(meeting)).text()).matchAll(/deltagare\?rad=([0-9a-f-]{36})/g)].at(-1);
    if (removable) await fk.post(`${meeting}/deltagare/${removable[1]}/bort`, {});
    await fk.post(`${meeting}/installd`, { reason: 'Går inte.' });
  }
  // Messages to one person within a second leave a second apart.
  test.setClock(addMinutes(test.house.engine.clock.now(), 1));
  await test.deliver();
});
afterAll(() => test.close());

/** Every row of every table but the log of who looked. */
const everything = async (): Promise<string> => JSON.stringify(await everyRow(test.house.engine.database, ['audit']));

it('GET and HEAD on every link in every mail change nothing', async () => {
  const folder = join(test.dataDir, 'mail');
  const mails = await Promise.all(readdirSync(folder).map((file) => simpleParser(readFileSync(join(folder, file)))));
  const kinds = new Set(mails.map(({ subject }) => subject?.split(' ')[0]));
  expect([...kinds].sort()).toEqual(['Det', 'Fem', 'Inställt', 'Möte', 'Vi', 'Ändrat']);
  const texts = mails.flatMap(({ text, html, attachments }) => [
    text ?? '',
    html || '',
    ...attachments.map(({ content }) => content.toString('utf8').replaceAll('\r\n ', '')),
  ]);
  const links = new Set(
    texts.flatMap((text) => [...text.matchAll(/http:\/\/localhost:3000(\/[^\s"<\\]+)/g)].map((m) => m[1] ?? '')),
  );
  expect(links.size).toBeGreaterThan(8);

  const before = await everything();
  expect(before).toContain('"outbox"');
  const scanner = test.visitor({ 'sec-fetch-site': 'none' });
  for (const link of links) {
    for (const path of [link, `${link}/mote.ics`]) {
      expect((await scanner.get(path)).status, path).toBeLessThan(500);
      expect((await scanner.head(path)).status, path).toBeLessThan(500);
    }
  }
  expect(await everything()).toBe(before);
});
