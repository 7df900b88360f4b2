import { accept, type Decision, refuse } from '../../../kernel/decision.ts';
import { stockholmDate } from '../../../kernel/time.ts';
import { type Caller, command, type Engine, type Work } from '../../../platform/command.ts';
import { eachInTurn } from '../../../platform/groups.ts';
import { addressPrint } from '../../meeting/participant/store.ts';
import { moreUrgent } from '../owner/rules.ts';
import { updateStanding } from '../owner/store.ts';
import { digestKey, digestMessage } from './mail.ts';
import { type DigestFacts, dueReminder, mayRemindAt, nextMorning } from './rules.ts';
import { type Due, hasDigest, listDue, locateDue } from './store.ts';

/** Reminds of the measures that are due, a person at a time, each with one mail. The worker does this every minute. */
export async function tendMeasures(engine: Engine): Promise<void> {
  const now = engine.clock.now();
  if (!mayRemindAt(now)) return;
  const caller: Caller = { actor: { kind: 'worker' }, reference: 'worker' };
  await eachInTurn(await listDue(engine.database.reads, now), (ids) =>
    command(engine, caller, { action: 'measure.remind', locate: (reads) => locateDue(reads, ids, now), run: remind }),
  );
}

/** One that is due, whom to write to about it, and when to look again. */
type Turn = { one: Due; to: string | null; officer: boolean; call: boolean; next: Due['remindAt'] };

function turnOf(one: Due, now: Work['now']): Turn {
  const { to, next } = dueReminder(one.due, now);
  if (to === 'officer') return { one, to: one.officerEmail || null, officer: true, call: false, next };
  const reach = to === null ? { how: 'none' as const, to: null } : one.reach;
  return { one, to: reach.to, officer: false, call: reach.how === 'call', next };
}

async function remind(work: Work, all: Due[]): Promise<Decision<null>> {
  const { now, vault } = work;
  const today = stockholmDate(now);
  // Reported, moved or reminded of by another worker since they were found.
  const due = all.filter(({ remindAt }) => remindAt !== null && remindAt <= now);
  if (due.length === 0) return refuse('not_now');
  for (const { subject } of due.filter(({ id }) => id !== all[0]?.id)) work.also(subject);
  const turns = due.map((one) => turnOf(one, now));
  const byAddress = Map.groupBy(turns, ({ to }) => (to === null ? null : addressPrint(vault, to)));
  for (const [print, some] of byAddress) {
    // One mail a day: who has had theirs is written to on the next day.
    const had = print !== null && (await hasDigest(work, digestKey(print, today)));
    for (const { one, call, next } of some) {
      const signal = call ? moreUrgent(one.signal, 'unreached') : one.signal;
      const change = { signal, signalOn: signal && (one.signalOn ?? today), remindAt: had ? nextMorning(now) : next };
      if (!(await updateStanding(work, one, change))) return refuse('changed_by_someone_else');
    }
    if (print !== null && !had) await work.send(digestMessage(factsOf(some, today), print));
  }
  return accept(null);
}

function factsOf(turns: readonly Turn[], day: DigestFacts['day']): DigestFacts {
  const own = turns.filter(({ officer }) => !officer);
  return {
    to: turns[0]?.to ?? '',
    day,
    measures: own.map(({ one: { id, due, owner } }) => ({
      ...{ measureId: id, due, linkGeneration: owner?.linkGeneration ?? 0 },
    })),
    account: own.length > 0 && own.every(({ one }) => one.account),
    mailTag: own[0]?.one.owner?.mailTag ?? null,
    late: turns.some(({ officer }) => officer),
  };
}
