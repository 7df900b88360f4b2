import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { linkToken } from '../../src/kernel/links.ts';
import { addMinutes } from '../../src/kernel/time.ts';
import { openHouse } from '../../src/open-house.ts';
import { readConfig } from '../../src/platform/config.ts';
import { atLeast, inTurn, load, processorTime, type Row, startServer } from './measure.ts';
import { sample, seedFolder } from './pages.ts';

const events = 200;
const rounds = 5;
const seconds = 3;

/** A calendar feed of 200 meetings to come, asked for by those who have not seen it and by those who have. */
export async function feed(): Promise<Row[]> {
  const dataDir = mkdtempSync(join(tmpdir(), 'samsyn-bench-'));
  await seedFolder(dataDir, 2_000);
  const path = await fillFeed(dataDir);
  const ours = await startServer('src/main.ts', { DATA_DIR: dataDir });
  const page = await sample(ours.url, path, '');
  const found = page.body.split('BEGIN:VEVENT').length - 1;
  if (found !== events) throw new Error(`bench: the feed has ${found} events`);
  const file = join(dataDir, 'bare.json');
  writeFileSync(file, JSON.stringify([page]));
  const bare = await startServer('tests/bench/bare.ts', { BARE_PAGES: file });
  const rows: Row[] = [];
  for (const { what, etag, goal } of [
    { what: `feed of ${events} events`, etag: undefined, goal: 0.2 },
    { what: 'the same, unchanged (304)', etag: page.headers.etag, goal: 0.6 },
  ]) {
    await load(ours.url, [path], '', 2, etag);
    await load(bare.url, [path], '', 1, etag);
    const before = processorTime(bare.pid);
    const {
      ours: own,
      other,
      ratio,
    } = await inTurn(
      rounds,
      () => load(ours.url, [path], '', seconds, etag),
      () => load(bare.url, [path], '', seconds, etag),
    );
    const busy = (processorTime(bare.pid) - before) / (rounds * seconds);
    rows.push(atLeast(what, ratio, goal, `${own.toFixed(0)}/s`, `${other.toFixed(0)}/s (${busy.toFixed(2)})`));
  }
  await ours.stop();
  await bare.stop();
  rmSync(dataDir, { recursive: true });
  return rows;
}

/** Gives the first officer exactly so many meetings, an hour apart, and turns their feed on. Its path. */
export async function fillFeed(dataDir: string): Promise<string> {
  const config = readConfig({ DATA_DIR: dataDir, LOG_LEVEL: 'warn' });
  const { house, close } = await openHouse(config);
  const { database, clock } = house.engine;
  const { db } = database.reads;
  const [fk, fk2] = await db
    .selectFrom('account')
    .select('id')
    .where('demo_key', 'in', ['fk', 'fk2'])
    .orderBy('id')
    .execute();
  if (!fk || !fk2) throw new Error('bench: the demo accounts are not there');
  const meetings = await db.selectFrom('meeting').select('id').limit(events).execute();
  await database.transaction(async (w) => {
    await w.db.updateTable('meeting').set({ officer_id: fk2.id }).execute();
    await w.db.updateTable('account').set({ feed_on: 1, feed_generation: 1 }).where('id', '=', fk.id).execute();
    for (const [at, { id }] of meetings.entries()) {
      const startsAt = addMinutes(clock.now(), 60 * (at + 1));
      const time = { starts_at: startsAt, ends_at: addMinutes(startsAt, 45), state: 'scheduled' };
      await w.db
        .updateTable('meeting')
        .set({ officer_id: fk.id, ...time })
        .where('id', '=', id)
        .execute();
    }
  });
  await close();
  return `/kalender/${linkToken(config.linkKey, 'feed', fk.id, 1)}.ics`;
}
