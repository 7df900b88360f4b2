import { readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { keepLog } from '../../src/features/log/commands.ts';
import { nobody, type User } from '../../src/kernel/access.ts';
import { accept, refuse } from '../../src/kernel/decision.ts';
import { newId } from '../../src/kernel/ids.ts';
import { createVault } from '../../src/kernel/vault.ts';
import { type AuditEntry, type AuditLog, createAuditLog } from '../../src/platform/audit/audit.ts';
import { auditColumns, sealOf } from '../../src/platform/audit/chain.ts';
import { checkLog, type LogFault } from '../../src/platform/audit/check.ts';
import { beginLog, writeCheckpoint } from '../../src/platform/audit/checkpoint.ts';
import {
  type AllHeads,
  type HeadFile,
  headsFolder,
  noHeads,
  openHeadFile,
  readHeads,
  setHeadsAside,
} from '../../src/platform/audit/heads.ts';
import { command, type Engine, nothingYet } from '../../src/platform/command.ts';
import type { Database, Writes } from '../../src/platform/db/database.ts';
import type { Tables } from '../../src/platform/db/tables.ts';
import { openTestApp, type TestApp } from '../support/app.ts';

const now = '2026-11-23T09:00:00.000Z';
const entry: AuditEntry = {
  ...{ action: 'case.see', actor: { kind: 'public' }, outcome: 'seen', relation: 'unit', code: null, at: now },
  ...{ reference: 'K7M2-4QXR', origin: '192.0.2.7' },
  subject: { ...nobody, caseId: 'case-1', requestId: 'request-1', meetingId: 'meeting-1' },
};

let app: TestApp;
let database: Database;
beforeAll(async () => {
  app = await openTestApp({ seed: false, now });
  ({ database } = app.house.engine);
});
afterAll(() => app.close());

const inDatabase = (work: (writes: Writes) => Promise<unknown>) => database.transaction((w) => work(w).then(() => {}));
const check = (heads: AllHeads) => database.snapshot((reads) => checkLog(reads, heads));
const rows = (): Promise<Tables['audit'][]> =>
  database.reads.db.selectFrom('audit').selectAll().orderBy('chain').orderBy('position').execute();
const checkpoints = () => database.reads.db.selectFrom('log_checkpoint').selectAll().orderBy('position').execute();

/** An empty log, with the heads of a process of its own. */
async function fresh(): Promise<{ audit: AuditLog; heads: HeadFile; folder: string; read(): Promise<AllHeads> }> {
  await inDatabase(async ({ db }) => {
    await db.deleteFrom('audit').execute();
    await db.deleteFrom('log_checkpoint').execute();
  });
  const folder = join(app.dataDir, newId(now));
  const heads = openHeadFile(folder, database.reads.vault);
  await beginLog(database, heads, now);
  return { audit: createAuditLog(database, heads), heads, folder, read: () => readHeads(folder, database.reads.vault) };
}

/** Writes so many rows into as many chains as there are numbers. */
async function fill(audit: AuditLog, ...counts: number[]): Promise<void> {
  const most = Math.max(...counts);
  for (let i = 0; i < most; i++) {
    const still = counts.filter((count) => count > i).length;
    // Side by side, each has a chain to itself; SQLite has one writer, so they are only begun side by side.
    let open = () => {};
    let waiting = 0;
    const all = new Promise<void>((resolve) => {
      open = resolve;
    });
    await Promise.all(
      Array.from({ length: still }, () =>
        audit.within(async (write) => {
          await database.transaction(async (writes) => write(writes, [entry]));
          waiting += 1;
          if (waiting === still) open();
          await all;
        }),
      ),
    );
  }
}

describe('what is changed by hand is found', () => {
  let log: Awaited<ReturnType<typeof fresh>>;
  let kept: AllHeads;
  let before: { rows: Tables['audit'][]; checkpoints: Tables['log_checkpoint'][] };
  beforeAll(async () => {
    log = await fresh();
    await fill(log.audit, 5, 3, 1);
    await writeCheckpoint(database, log.heads, now);
    await fill(log.audit, 2, 1);
    await writeCheckpoint(database, log.heads, now);
    await fill(log.audit, 2, 2);
    kept = await log.read();
    before = { rows: await rows(), checkpoints: await checkpoints() };
    expect(Map.groupBy(before.rows, ({ chain }) => chain).size).toBe(3);
    expect(before.rows).toHaveLength(16);
    expect(before.checkpoints).toHaveLength(3);
  });
  beforeEach(() =>
    inDatabase(async ({ db }) => {
      await db.deleteFrom('audit').execute();
      await db.insertInto('audit').values(before.rows).execute();
      await db.deleteFrom('log_checkpoint').execute();
      await db.insertInto('log_checkpoint').values(before.checkpoints).execute();
    }),
  );

  const codes = async (heads = kept) => (await check(heads)).faults.map(({ code }) => code);
  const set = (id: string, column: string, value: unknown) =>
    inDatabase(({ db }) => sql`update audit set ${sql.ref(column)} = ${value} where id = ${id}`.execute(db));
  const remove = (...ids: string[]) => inDatabase(({ db }) => db.deleteFrom('audit').where('id', 'in', ids).execute());
  const chainsOf = () => [...Map.groupBy(before.rows, ({ chain }) => chain).values()];

  test('nothing, when nothing is, with the heads and without', async () => {
    expect(await check(kept)).toEqual({ faults: [], goesOn: [] });
    expect(await check(noHeads)).toEqual({ faults: [], goesOn: [] });
  });

  test.each(auditColumns)('the column %s of any row', async (column) => {
    expect(Object.keys(before.rows[0] ?? {}).sort()).toEqual([...auditColumns].sort());
    for (const row of before.rows) {
      await set(row.id, column, column === 'position' ? row.position + 100 : 'x');
      const { faults } = await check(kept);
      expect(faults.length, `${row.chain} ${row.position}`).toBeGreaterThan(0);
      const named = faults.some(({ chain, id }) => chain === row.chain || id === row.id || id === 'x');
      expect(named).toBe(true);
      await set(column === 'id' ? 'x' : row.id, column, row[column]);
    }
    expect(await codes()).toEqual([]);
  });

  test('a column that is emptied', async () => {
    const row = before.rows[1] as Tables['audit'];
    for (const column of ['account_id', 'case_id', 'relation', 'origin', 'position', 'seal']) {
      if (row[column as 'seal'] === null) continue;
      await set(row.id, column, null);
      expect(await codes(), column).not.toEqual([]);
      await set(row.id, column, row[column as 'seal']);
    }
  });

  test('any row that is deleted: first, middle, last', async () => {
    for (const row of before.rows) {
      await remove(row.id);
      const { faults } = await check(kept);
      expect(faults.map(({ chain }) => chain)).toEqual([row.chain]);
      await inDatabase(({ db }) => db.insertInto('audit').values(row).execute());
    }
  });

  test('the front of a chain, its end, all of it, and everything', async () => {
    for (const chain of chainsOf()) {
      const ids = chain.map(({ id }) => id);
      await remove(...ids);
      const last = chain.at(-1)?.position;
      expect((await check(kept)).faults).toEqual([
        { code: 'tail', chain: chain[0]?.chain, position: last, id: '' } satisfies Partial<LogFault>,
      ]);
      await inDatabase(({ db }) => db.insertInto('audit').values(chain).execute());
    }
    const [longest = []] = chainsOf().toSorted((a, b) => b.length - a.length);
    await remove(...longest.slice(0, 2).map(({ id }) => id));
    expect(await codes()).toEqual(['gap']);
    await inDatabase(({ db }) => db.deleteFrom('audit').execute());
    expect(await codes()).toEqual(['tail', 'tail', 'tail']);
  });

  test('without the heads, what the last checkpoint named', async () => {
    const seen = new Set<string>();
    for (const chain of chainsOf()) {
      await remove(...chain.map(({ id }) => id));
      for (const fault of (await check(noHeads)).faults) seen.add(fault.chain);
    }
    expect(seen.size).toBe(3);
  });

  test('rows put in: a copy behind the last, one in a chain of its own, one in no chain', async () => {
    const last = before.rows.at(-1) as Tables['audit'];
    const id = newId(now);
    const put = async (row: object) => {
      await inDatabase(({ db }) =>
        db
          .insertInto('audit')
          .values({ ...last, ...row, id } as never)
          .execute(),
      );
      const { faults } = await check(kept);
      await remove(id);
      return faults.map((fault) => `${fault.code} ${fault.id === id}`);
    };
    expect(await put({ position: last.position + 1 })).toEqual(['seal true']);
    expect(await put({ position: last.position + 5 })).toEqual(['gap true']);
    expect(await put({ chain: 'zzz', position: 1 })).toEqual(['seal true']);
    expect(await put({ chain: '', position: null, seal: null })).toEqual(['unplaced true']);
    expect(await put({ chain: '', position: 0, seal: '' })).toEqual(['gap true']);
  });

  test('two rows in each other’s place, and two chains', async () => {
    const [longest = []] = chainsOf().toSorted((x, y) => y.length - x.length);
    const [a, b] = longest as [Tables['audit'], Tables['audit']];
    await set(a.id, 'position', 99);
    await set(b.id, 'position', a.position);
    await set(a.id, 'position', b.position);
    expect(await codes()).toContain('seal');
    await inDatabase(({ db }) => sql`update audit set chain = 'zzz' where chain = ${a.chain}`.execute(db));
    expect(await codes()).toEqual(expect.arrayContaining(['seal', 'tail']));
  });

  test('a chain sealed anew: without the key everywhere, with the key where its end was kept', async () => {
    const reseal = async (vault: typeof database.reads.vault) => {
      let seal = '';
      for (const row of chainsOf()[0] ?? []) {
        const changed = { ...row, account_id: 'somebody-else' };
        seal = sealOf(vault, changed, seal);
        await inDatabase(({ db }) =>
          db.updateTable('audit').set({ account_id: 'somebody-else', seal }).where('id', '=', row.id).execute(),
        );
      }
    };
    await reseal(createVault(Buffer.alloc(32, 7)));
    expect(new Set(await codes())).toEqual(new Set(['seal', 'head']));
    await reseal(database.reads.vault);
    expect(new Set(await codes())).toEqual(new Set(['head']));
  });

  test('a checkpoint that is changed, deleted, put in, or gone with all the others', async () => {
    const columns = ['id', 'position', 'at', 'chains', 'seal'] as const;
    for (const row of before.checkpoints) {
      for (const column of columns) {
        const to = column === 'position' ? row.position + 100 : 'x';
        const change = (from: string, value: unknown) =>
          inDatabase(({ db }) =>
            sql`update log_checkpoint set ${sql.ref(column)} = ${value} where id = ${from}`.execute(db),
          );
        await change(row.id, to);
        expect(await codes(), `${row.position} ${column}`).toContain('checkpoint');
        await change(column === 'id' ? 'x' : row.id, row[column]);
      }
      await inDatabase(({ db }) => db.deleteFrom('log_checkpoint').where('id', '=', row.id).execute());
      expect(await codes(), `without ${row.position}`).toContain('checkpoint');
      await inDatabase(({ db }) => db.insertInto('log_checkpoint').values(row).execute());
    }
    const [first] = before.checkpoints as [Tables['log_checkpoint']];
    await inDatabase(({ db }) =>
      db
        .insertInto('log_checkpoint')
        .values({ ...first, id: newId(now), position: 4 })
        .execute(),
    );
    expect(await codes()).toEqual(['checkpoint']);
    await inDatabase(({ db }) => db.deleteFrom('log_checkpoint').execute());
    expect(await codes()).toEqual(['checkpoint']);
  });

  test('a head that is changed, and heads set aside without a word in the log', async () => {
    const [name = ''] = readdirSync(log.folder);
    const file = join(log.folder, name);
    const text = readFileSync(file, 'utf8');
    const last = before.rows.at(-1) as Tables['audit'];
    writeFileSync(file, text.replace(` ${last.position} ${last.seal}`, ` 1 ${last.seal}`));
    expect(await codes(await log.read())).toEqual(['record']);
    writeFileSync(file, text);
    await setHeadsAside(log.folder, 'no-such-restore');
    expect(await codes(await log.read())).toEqual(['aside']);
  });
});

describe('chains', () => {
  test('a commit of which nobody knows the outcome ends a chain, whichever it was', async () => {
    const { heads, read } = await fresh();
    for (const committed of [true, false]) {
      let broken = true;
      const faltering: Database = {
        ...database,
        async transaction(work) {
          if (!broken) return database.transaction(work);
          broken = false;
          if (committed) await database.transaction(work);
          throw new Error('connection lost');
        },
      };
      const audit = createAuditLog(faltering, heads);
      const write = () =>
        audit
          .within((put) => faltering.transaction((w) => put(w, [entry])))
          .then(
            () => 'written',
            () => 'unknown',
          );
      expect([await write(), await write(), await write()]).toEqual(['unknown', 'written', 'written']);
    }
    const lengths = [...Map.groupBy(await rows(), ({ chain }) => chain).values()].map(({ length }) => length);
    expect(lengths.sort()).toEqual([1, 2, 2]);
    expect((await check(await read())).faults).toEqual([]);
  });

  test('many commands at once that get in each other’s way leave chains that verify', async () => {
    const { audit, heads, read } = await fresh();
    const engine: Engine = { ...app.house.engine, audit, heads, rights: () => ({ verdict: 'allowed', by: 'own' }) };
    const caller = { actor: { kind: 'worker' } as const, reference: 'r' };
    const done = await Promise.all(
      Array.from({ length: 100 }, (_, i) =>
        command(engine, caller, {
          action: 'meeting.arrange',
          locate: nothingYet,
          async run({ db }) {
            await db
              .insertInto('counter')
              .values({ name: 'log', value: 1 })
              .onConflict((on) => on.column('name').doUpdateSet((s) => ({ value: s('counter.value', '+', 1) })))
              .execute();
            return i % 4 === 0 ? refuse('no') : accept(null);
          },
        }),
      ),
    );
    expect(done.filter(({ ok }) => ok)).toHaveLength(75);
    const written = await rows();
    expect(written).toHaveLength(100);
    expect(new Set(written.map(({ chain }) => chain)).size).toBeLessThan(12);
    expect((await check(await read())).faults).toEqual([]);
  });

  test('rows from before there were chains are sealed once, in the order of their ids', async () => {
    await fresh();
    const old = Array.from({ length: 3 }, (_, i) => ({ id: `old-${i}`, actor: 'public', reference: 'r', at: now }));
    const put = () =>
      inDatabase(({ db }) =>
        db
          .insertInto('audit')
          .values(old.map((row) => ({ ...row, action: 'case.see', outcome: 'seen' }) as never))
          .execute(),
      );
    await inDatabase(({ db }) => db.deleteFrom('log_checkpoint').execute());
    await put();
    const heads = openHeadFile(join(app.dataDir, newId(now)), database.reads.vault);
    await beginLog(database, heads, now);
    expect((await rows()).map(({ id, position }) => [id, position])).toEqual(old.map(({ id }, i) => [id, i + 1]));
    expect((await check(noHeads)).faults).toEqual([]);
    await inDatabase(({ db }) => db.deleteFrom('audit').execute());
    expect((await check(noHeads)).faults).toMatchObject([{ code: 'tail', chain: 'earlier', position: 3 }]);
    await put();
    await beginLog(database, heads, now);
    expect((await check(noHeads)).faults.filter(({ code }) => code === 'unplaced')).toHaveLength(3);
  });
});

describe('after five years', () => {
  const years = (n: number) => `${2026 - n}-11-23T08:00:00.000Z`;
  async function aged() {
    const log = await fresh();
    const at = async (instant: string, count: number) => {
      for (let i = 0; i < count; i++) await log.audit.record({ ...entry, at: instant });
    };
    await at(years(6), 3);
    await at(years(5), 2);
    await at(years(4), 2);
    // A chain of another process, all of it old.
    const other = openHeadFile(log.folder, database.reads.vault);
    await createAuditLog(database, other).record({ ...entry, at: years(7) });
    const engine: Engine = { ...app.house.engine, audit: log.audit, heads: log.heads };
    let clock = now;
    const keep = (instant: string) => {
      clock = instant;
      return keepLog({ ...engine, clock: { now: () => clock } });
    };
    return { ...log, keep };
  }

  test('the old front of each chain goes, the rest verifies, and the log says so', async () => {
    const { keep, read } = await aged();
    await keep('2026-11-23T12:00:00.000Z');
    expect((await rows()).filter(({ at }) => at < years(4))).toHaveLength(6);
    await keep('2026-11-24T09:00:00.000Z');
    const left = await rows();
    expect(left.map(({ at, action }) => [at.slice(0, 4), action])).toEqual(
      expect.arrayContaining([
        ['2022', 'case.see'],
        ['2026', 'log.dispose'],
      ]),
    );
    expect(left.filter(({ at }) => at < '2022')).toEqual([]);
    expect((await check(await read())).faults).toEqual([]);
    expect((await check(noHeads)).faults).toEqual([]);
    // What is left is still found when it goes.
    await inDatabase(({ db }) => db.deleteFrom('audit').where('at', '=', years(4)).execute());
    expect((await check(await read())).faults.length).toBeGreaterThan(0);
  });

  test('nothing goes twice a day, and a second day finds nothing to do', async () => {
    const { keep } = await aged();
    await keep('2026-11-24T09:00:00.000Z');
    const after = await rows();
    await keep('2026-11-24T10:00:00.000Z');
    await keep('2026-11-26T10:00:00.000Z');
    expect(await rows()).toEqual(after);
  });

  test('a row with a changed date is not disposed of, but found', async () => {
    const { keep, read } = await aged();
    await inDatabase(({ db }) =>
      db
        .updateTable('audit')
        .set({ at: years(6) })
        .where('at', '=', years(4))
        .execute(),
    );
    await keep('2026-11-24T09:00:00.000Z');
    expect((await check(await read())).faults.map(({ code }) => code)).toContain('seal');
    expect((await rows()).filter(({ at }) => at === years(6))).toHaveLength(2);
  });

  test('heads of processes that ended go when checkpoints cover them, and only then', async () => {
    const { keep, folder, read } = await aged();
    const files = readdirSync(folder);
    expect(files).toHaveLength(2);
    for (const file of files) utimesSync(join(folder, file), new Date(0), new Date(0));
    await inDatabase(({ db }) => db.deleteFrom('audit').where('at', '=', years(4)).execute());
    await keep('2026-11-24T09:00:00.000Z');
    expect(readdirSync(folder)).toHaveLength(1);
    expect((await check(await read())).faults.map(({ code }) => code)).toEqual(['gap']);
  });
});

test('the row says why and from where, and the place it came from can be read only with the key', async () => {
  const { audit } = await fresh();
  const officer = { kind: 'user', id: 'account-1', role: 'officer' } as User;
  await audit.record({ ...entry, actor: officer });
  const [row] = await rows();
  expect(row).toMatchObject({ relation: 'unit', account_id: 'account-1', actor: 'officer' });
  expect(JSON.stringify(row)).not.toContain('192.0.2.7');
  expect(database.reads.vault.open(row?.origin ?? null)).toBe('192.0.2.7');
  rmSync(headsFolder(app.dataDir), { recursive: true, force: true });
});
