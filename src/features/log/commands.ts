import { accept } from '../../kernel/decision.ts';
import { deletePrefix, lastCheckpoint, nextDisposed, writeCheckpoint } from '../../platform/audit/checkpoint.ts';
import { type Caller, command, type Engine, nothingYet } from '../../platform/command.ts';
import { checkpointIsDue, disposeBefore } from './rules.ts';

const worker: Caller = { actor: { kind: 'worker' }, reference: 'worker' };

/**
 * Once a day: a checkpoint of the log, and away with what has been kept long enough. A row is deleted only after a
 * checkpoint says up to where, so that the rest verifies from there; each thousand leaves a row that tells.
 */
export async function keepLog(engine: Engine): Promise<void> {
  const { database, heads, clock } = engine;
  const now = clock.now();
  if (!checkpointIsDue(await lastCheckpoint(database.reads), now)) return;
  const named = await writeCheckpoint(database, heads, now, disposeBefore(now));
  await heads.drop(({ chain, position }) => (named.get(chain)?.position ?? 0) >= position);
  for (;;) {
    const next = await nextDisposed(database.reads, named.values());
    if (!next) return;
    await command(engine, worker, {
      action: 'log.dispose',
      locate: nothingYet,
      run: async (work) => accept(await deletePrefix(work, next.chain, next.position)),
    });
  }
}
