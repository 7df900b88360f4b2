import { afterEach, beforeEach, expect, test } from 'vitest';
import { cancelMeeting, fixTime } from '../../src/features/invitation/commands.ts';
import { tendReminders } from '../../src/features/invitation/reminder/commands.ts';
import { insertParticipant } from '../../src/features/meeting/participant/store.ts';
import { insertMeeting } from '../../src/features/meeting/store.ts';
import { nothingBeside, type User } from '../../src/kernel/access.ts';
import { newId } from '../../src/kernel/ids.ts';
import { messageKinds } from '../../src/messages.ts';
import { openHouse } from '../../src/open-house.ts';
import { permit } from '../../src/platform/db/access.ts';
import type { MailTransport } from '../../src/platform/mail/transport.ts';
import { sendDueMessages } from '../../src/platform/outbox/worker.ts';
import { openWorld, type World } from './invitation-world.ts';

/** An officer calls off or moves a meeting in the moment its reminder is due, while two workers look, on one database. */

const rounds = 12;
const startsAt = '2026-12-17T12:00:00.000Z';
const due = '2026-12-15T07:00:00.000Z';

let w: World;
let other: Awaited<ReturnType<typeof openHouse>>;
let officer: User;
/** Meetings about which somebody is to be reminded now. */
let meetings: string[];

beforeEach(async () => {
  w = await openWorld();
  const { clock } = w.house.engine;
  other = await openHouse(w.house.config, { clock });
  w.pass({ milliseconds: Date.parse(due) - Date.parse(clock.now()) });
  const known = await w.meeting();
  const unitId = known?.unit.id ?? '';
  officer = {
    ...({ kind: 'user', ...nothingBeside, role: 'officer', fk: true, party: 'FK', organisationId: 'fk' } as const),
    ...{ id: w.officerId, unitId, name: 'Sara Lind' },
  };
  meetings = Array.from({ length: rounds }, () => newId(clock.now()));
  await w.set(async (t) => {
    const writes = permit(t);
    for (const id of meetings) {
      await insertMeeting(writes, {
        ...({ id, caseId: known?.caseId ?? '', requestId: null, kind: 'reconciliation', purpose: '' } as const),
        ...{
          reference: 'K7M2-4QXR',
          uid: `${id}@localhost`,
          interpreterLanguage: null,
          unitId,
          officerId: w.officerId,
        },
        createdAt: clock.now(),
      });
      for (const party of ['PERSON', 'FK', 'PV'] as const) {
        const one = newId(clock.now());
        await insertParticipant(writes, {
          ...{
            id: one,
            meetingId: id,
            party,
            required: true,
            createdAt: clock.now(),
            mailTag: one.replaceAll('-', ''),
          },
          person: { name: '', title: '', organisation: '', email: `${party}@exempel.example`.toLowerCase(), phone: '' },
          verified: { at: clock.now(), by: w.officerId, how: 'ringde' },
        });
      }
    }
    await t.db
      .updateTable('meeting')
      .set({ state: 'scheduled', starts_at: startsAt, ends_at: '2026-12-17T13:00:00.000Z', place_kind: 'video' })
      .set({ remind_at: due })
      .where('id', 'in', meetings)
      .execute();
    const invited = { sent_sequence: 0, delivery: 'sent', view: 'yes' } as const;
    await t.db.updateTable('participant').set(invited).where('meeting_id', 'in', meetings).execute();
  });
});
afterEach(async () => {
  await other.close();
  await w.close();
});

const remindAt = (at: string | null, of: string[]) =>
  w.set((t) => t.db.updateTable('meeting').set({ remind_at: at }).where('id', 'in', of).execute());
const engines = () => [w.house.engine, other.house.engine];
const caller = () => ({ actor: officer, reference: 'race' });
/** Lets others go first, a little more each round, so that now one and now the other is first. */
async function letOthers(turns: number): Promise<void> {
  for (let turn = 0; turn < turns; turn++) await new Promise(setImmediate);
}
/** The Message-IDs of what a mail server took, in order. */
function inbox() {
  const taken: string[] = [];
  const transport: MailTransport = {
    async send({ messageId }) {
      await letOthers(1);
      taken.push(messageId);
      return { response: '', sha256: '' };
    },
    close: async () => {},
  };
  return { taken, transport };
}
const send = (transport: MailTransport) =>
  Promise.all(
    engines().map((engine) => sendDueMessages(engine, transport, messageKinds(w.house), w.house.log, () => false)),
  );
const messages = async (meetingId: string) => {
  const rows = await w.house.engine.database.reads.db
    .selectFrom('outbox')
    .select(['kind', 'stream', 'state', 'message_id'])
    .where('meeting_id', '=', meetingId)
    .orderBy('id')
    .execute();
  return rows.map(({ kind, ...rest }) => ({ kind: kind.replace('invitation.', ''), ...rest }));
};
const count = (rows: { kind: string; state: string }[], kind: string, state: string) =>
  rows.filter((row) => row.kind === kind && row.state === state).length;

test('two workers at once remind once', async () => {
  const { taken, transport } = inbox();
  await Promise.all([...engines(), ...engines()].map(tendReminders));
  await send(transport);
  expect(taken).toHaveLength(3 * rounds);
  for (const id of meetings) expect(count(await messages(id), 'reminder_answer', 'sent')).toBe(3);
});

const acts: Record<'cancel' | 'update', (id: string) => Promise<{ ok: boolean }>> = {
  cancel: (id: string) => cancelMeeting(w.house.engine, caller(), id, 'Går inte.'),
  update: (id: string) => {
    const time = { startsAt: '2026-12-18T12:00:00.000Z', endsAt: '2026-12-18T13:00:00.000Z' };
    const place = { placeKind: 'video', place: '', videoUrl: '', interpreter: null, reason: 'Går inte.' } as const;
    return fixTime(w.house.engine, caller(), id, { ...time, ...place }, null);
  },
};

test.each(['cancel', 'update'] as const)('%s while a reminder is due: nobody hears of the other', async (act) => {
  const first = { officer: 0, worker: 0 };
  const { taken, transport } = inbox();
  await remindAt(null, meetings);
  for (const [round, id] of meetings.entries()) {
    await remindAt(due, [id]);
    const look = () => Promise.all(engines().map(tendReminders));
    // One of them alone first, at either end; between, both at once.
    if (round === rounds - 1) await look();
    const acting = letOthers(round).then(() => acts[act](id));
    if (round === 0) await acting;
    const [done] = await Promise.all([acting, look()]);
    expect(done.ok).toBe(true);
    const rows = await messages(id);
    first[rows.some(({ kind }) => kind === 'reminder_answer') ? 'worker' : 'officer']++;
  }
  await send(transport);
  // Whoever was first, what was decided is all that anybody hears of.
  expect(taken).toHaveLength(3 * rounds);
  for (const id of meetings) {
    const rows = await messages(id);
    expect(count(rows, act, 'sent'), JSON.stringify(rows)).toBe(3);
    expect(rows.filter(({ state }) => state === 'queued')).toEqual([]);
  }
  expect(Math.min(first.officer, first.worker), JSON.stringify(first)).toBeGreaterThan(0);
});

test('cancel while reminders leave: who hears of both hears of that last', async () => {
  const { taken, transport } = inbox();
  await remindAt(null, meetings);
  for (const [round, id] of meetings.entries()) {
    await remindAt(due, [id]);
    await tendReminders(w.house.engine);
    if (round === 0) await send(transport);
    const cancelled = letOthers(round % 2 === 0 ? 6 * round : 0).then(() => acts.cancel(id));
    if (round === rounds - 1) await cancelled;
    await letOthers(round % 2 === 0 ? 0 : 6 * round);
    await Promise.all([cancelled, send(transport)]);
  }
  await send(transport);
  const fates = new Set<string>();
  for (const id of meetings) {
    const rows = await messages(id);
    expect(count(rows, 'cancel', 'sent')).toBe(3);
    for (const { kind, stream, state, message_id } of rows.filter((row) => row.kind !== 'cancel')) {
      fates.add(state);
      const news = rows.find((row) => row.stream === stream && row.kind !== kind)?.message_id ?? '';
      const order = [message_id, news].map((one) => taken.indexOf(one));
      expect(order[1]).toBeGreaterThan(order[0] ?? 0);
      expect((order[0] ?? 0) >= 0).toBe(state === 'sent');
    }
  }
  expect([...fates].sort()).toEqual(['sent', 'withdrawn']);
});
