import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Actor, nobody, nothingBeside, type Ruling, type Subject, type Verdict } from '../../src/kernel/access.ts';
import { accept, refuse } from '../../src/kernel/decision.ts';
import { createAuditLog } from '../../src/platform/audit/audit.ts';
import { type Caller, command, type Engine, view, type Work } from '../../src/platform/command.ts';
import { Located } from '../../src/platform/db/access.ts';
import type { Database } from '../../src/platform/db/database.ts';
import { openTestApp, type TestApp } from '../support/app.ts';

const allowed: Ruling = { verdict: 'allowed', by: 'own' };
const now = '2026-11-23T09:00:00.000Z';
const subject: Subject = { ...nobody, requestId: 'request-1', caseId: 'case-1', meetingId: 'meeting-1' };
const locate = async () => new Located(subject, () => subject);
const officer: Actor = {
  kind: 'user',
  ...nothingBeside,
  id: 'account-1',
  role: 'officer',
  fk: true,
  party: 'FK',
  organisationId: 'o',
  unitId: 'u',
  name: 'Sara Lindqvist',
};
const caller: Caller = { actor: officer, reference: 'K7M2-4QXR' };
/** Breaks a rule of the table, so that the row really cannot be written. */
const unloggable = { actor: officer, reference: null as unknown as string };
const ids = { account_id: 'account-1', request_id: 'request-1', case_id: 'case-1', meeting_id: 'meeting-1' };

let app: TestApp;
let engine: Engine;
let woken: number;
beforeAll(async () => {
  app = await openTestApp({ seed: false, now });
  engine = { ...app.house.engine, rights: () => allowed, wake: () => void woken++ };
});
beforeEach(async () => {
  woken = 0;
  await engine.database.transaction(async ({ db }) => {
    for (const table of ['audit', 'counter', 'outbox'] as const) await db.deleteFrom(table).execute();
  });
});
afterAll(() => app.close());

const reads = () => engine.database.reads.db;
const counters = async () =>
  (await reads().selectFrom('counter').select('name').orderBy('name').execute()).map((r) => r.name);
const audit = () => reads().selectFrom('audit').selectAll().orderBy('id').execute();
const place = { chain: expect.any(String), position: expect.any(Number), seal: expect.any(String) };
const queued = async () => (await reads().selectFrom('outbox').select('dedupe_key').execute()).map((r) => r.dedupe_key);
const answering = (verdict: Verdict): Engine => ({
  ...engine,
  rights: () => (verdict === 'allowed' ? allowed : { verdict, by: null }),
});

async function write(work: Work, name: string): Promise<void> {
  await work.db.insertInto('counter').values({ name, value: 1 }).execute();
  await work.send({ kind: 'x', stream: name, dedupeKey: name, facts: {} });
}
const failure = (work: Promise<unknown>) =>
  work.then(
    () => null,
    (error: unknown) => error,
  );

describe('command', () => {
  const act = (run: (work: Work, found: Subject) => ReturnType<Parameters<typeof command>[2]['run']>, by = caller) =>
    command(engine, by, { action: 'meeting.arrange', locate, run });

  test('an accepted act leaves its rows, one audit row and its messages, and wakes the worker', async () => {
    const done = await act(async (work, found) => {
      await write(work, 'a');
      expect(found).toBe(subject);
      expect([work.now, work.actor, woken]).toEqual([now, officer, 0]);
      expect(await audit(), 'nothing is said before it is done').toEqual([]);
      return accept('value');
    });
    expect(done).toEqual({ ok: true, value: 'value' });
    expect(await counters()).toEqual(['a']);
    expect(await queued()).toEqual(['a']);
    expect(woken).toBe(1);
    expect(await audit()).toEqual([
      {
        ...ids,
        id: expect.any(String),
        at: now,
        actor: 'officer',
        action: 'meeting.arrange',
        outcome: 'done',
        code: null,
        reference: 'K7M2-4QXR',
        relation: 'own',
        origin: null,
        ...place,
      },
    ]);
  });

  test('the audit row holds ids and codes, no name', async () => {
    await act(async () => accept(null));
    expect(JSON.stringify(await audit())).not.toContain('Sara');
  });

  test('an act without a message does not wake the worker', async () => {
    await act(async () => accept(null));
    expect(woken).toBe(0);
  });

  test('what cannot be audited is not done', async () => {
    const error = await failure(
      act(async (work) => {
        await write(work, 'a');
        return accept(null);
      }, unloggable),
    );
    expect(error).toBeInstanceOf(Error);
    expect([await counters(), await queued(), await audit(), woken]).toEqual([[], [], [], 0]);
  });

  test('a refusal takes everything back and is audited by itself', async () => {
    const done = await act(async (work) => {
      await write(work, 'a');
      return refuse('not_now');
    });
    expect(done).toEqual({ ok: false, code: 'not_now' });
    expect([await counters(), await queued(), woken]).toEqual([[], [], 0]);
    expect(await audit()).toEqual([expect.objectContaining({ ...ids, outcome: 'refused', code: 'not_now' })]);
  });

  test('a fault takes everything back, the audit row too, and reaches the caller', async () => {
    const fault = new Error('broken');
    const error = await failure(
      act(async (work) => {
        await write(work, 'a');
        throw fault;
      }),
    );
    expect(error).toBe(fault);
    expect([await counters(), await queued(), await audit(), woken]).toEqual([[], [], [], 0]);
  });

  test('permission is asked after the subject is found and before anything else', async () => {
    const order: string[] = [];
    const asked: unknown[] = [];
    const asking: Engine = {
      ...engine,
      rights: (...question) => {
        order.push('rights');
        asked.push(question);
        return allowed;
      },
    };
    await command(asking, caller, {
      action: 'case.see',
      locate: async () => {
        order.push('locate');
        return locate();
      },
      run: async () => {
        order.push('run');
        return accept(null);
      },
    });
    expect(order).toEqual(['locate', 'rights', 'run']);
    expect(asked).toEqual([['case.see', officer, subject]]);
  });

  test.each<[Verdict | 'no subject', code: string, logged: object]>([
    ['forbidden', 'forbidden', ids],
    ['hidden', 'not_found', ids],
    ['no subject', 'not_found', { ...ids, request_id: null, case_id: null, meeting_id: null }],
  ])('%s: nothing runs, the code is %s', async (verdict, code, logged) => {
    let ran = false;
    const done = await command(verdict === 'no subject' ? engine : answering(verdict), caller, {
      action: 'meeting.arrange',
      locate: async () => (verdict === 'no subject' ? null : locate()),
      run: async (work) => {
        ran = true;
        await write(work, 'a');
        return accept(null);
      },
    });
    expect(done).toEqual({ ok: false, code });
    expect(ran).toBe(false);
    expect(await counters()).toEqual([]);
    expect(await audit()).toEqual([expect.objectContaining({ ...logged, outcome: 'refused', code })]);
  });

  test.each<[Actor, actor: string, account: string | null]>([
    [officer, 'officer', 'account-1'],
    [{ kind: 'link', scope: 'participant', id: 'participant-1' }, 'link:participant', null],
    [{ kind: 'public' }, 'public', null],
    [{ kind: 'worker' }, 'worker', null],
  ])('who acted: %o', async (actor, label, account) => {
    await act(async () => accept(null), { ...caller, actor });
    expect(await audit()).toEqual([expect.objectContaining({ actor: label, account_id: account })]);
  });

  test('of 20 × 50 parallel commands of which half are refused, exactly the others’ rows are there', async () => {
    const accepted: string[] = [];
    for (let round = 0; round < 20; round++) {
      await Promise.all(
        Array.from({ length: 50 }, async (_, i) => {
          const name = `${round}-${i}`;
          const done = await act(async (work) => {
            await write(work, name);
            return i % 2 === 0 ? accept(null) : refuse('not_now');
          });
          expect(done.ok).toBe(i % 2 === 0);
          if (done.ok) accepted.push(name);
          const seen = await reads().selectFrom('counter').select('name').where('name', '=', name).execute();
          expect(seen).toHaveLength(done.ok ? 1 : 0);
        }),
      );
    }
    expect(accepted).toHaveLength(500);
    expect(await counters()).toEqual([...accepted].sort());
    expect((await queued()).sort()).toEqual([...accepted].sort());
    const outcomes = (await audit()).map(({ outcome }) => outcome);
    expect(outcomes.filter((outcome) => outcome === 'done')).toHaveLength(500);
    expect(outcomes.filter((outcome) => outcome === 'refused')).toHaveLength(500);
  });
});

describe('view', () => {
  const look = (on: Engine, by = caller, found = locate) =>
    view(on, by, {
      action: 'case.see',
      locate: found,
      read: async (_reads, _subject, at) => `page at ${at}`,
    });

  test('one audit row per reading', async () => {
    expect(await look(engine)).toEqual({ ok: true, value: `page at ${now}` });
    expect(await look(engine)).toEqual({ ok: true, value: `page at ${now}` });
    const seen = expect.objectContaining({
      ...ids,
      at: now,
      actor: 'officer',
      action: 'case.see',
      outcome: 'seen',
      code: null,
    });
    expect(await audit()).toEqual([seen, seen]);
  });

  test.each<[Verdict | 'no subject', code: string]>([
    ['forbidden', 'forbidden'],
    ['hidden', 'not_found'],
    ['no subject', 'not_found'],
  ])('%s: nothing is read, and the try is logged', async (verdict, code) => {
    let read = false;
    const seen = await view(verdict === 'no subject' ? engine : answering(verdict), caller, {
      action: 'case.see',
      locate: async () => (verdict === 'no subject' ? null : locate()),
      read: async () => {
        read = true;
      },
    });
    expect([seen, read]).toEqual([{ ok: false, code }, false]);
    expect(await audit()).toEqual([expect.objectContaining({ outcome: 'refused', code })]);
  });

  test('what cannot be logged is not shown', async () => {
    expect(await failure(look(engine, unloggable))).toBeInstanceOf(Error);
    expect(await failure(look(answering('forbidden'), unloggable))).toBeInstanceOf(Error);
    const failing = { ...engine, audit: { ...engine.audit, record: () => Promise.reject(new Error('no log')) } };
    expect(await failure(look(failing))).toEqual(new Error('no log'));
    expect(await audit()).toEqual([]);
  });

  test('100 at once are logged one by one, in few statements, before any is shown', async () => {
    let statements = 0;
    const counting: Database = {
      ...engine.database,
      statement: (work) => {
        statements += 1;
        return engine.database.statement(work);
      },
    };
    const grouped = { ...engine, audit: createAuditLog(counting, engine.heads) };
    const shown = Array.from({ length: 100 }, async (_, i) => {
      const seen = await look(grouped, { ...caller, reference: `page-${i}` });
      expect(seen.ok).toBe(true);
      const row = await reads().selectFrom('audit').select('id').where('reference', '=', `page-${i}`).execute();
      expect(row).toHaveLength(1);
    });
    await Promise.all(shown);
    expect(await audit()).toHaveLength(100);
    expect(statements).toBeGreaterThan(0);
    expect(statements).toBeLessThan(10);
  });

  test('a group that cannot be written shows none of its pages, and the next group is not held back', async () => {
    let broken = true;
    const faltering: Database = {
      ...engine.database,
      statement: (work) => (broken ? Promise.reject(new Error('disk')) : engine.database.statement(work)),
    };
    const grouped = { ...engine, audit: createAuditLog(faltering, engine.heads) };
    const tried = await Promise.all([1, 2, 3].map(() => failure(look(grouped))));
    expect(tried).toEqual([1, 2, 3].map(() => new Error('disk')));
    broken = false;
    expect((await look(grouped)).ok).toBe(true);
    expect(await audit()).toHaveLength(1);
  });
});
