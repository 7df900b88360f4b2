import type { User } from '../../../kernel/access.ts';
import { accept, type Decision } from '../../../kernel/decision.ts';
import { type Caller, command, type Engine, nothingYet } from '../../../platform/command.ts';
import { asked } from '../../../platform/groups.ts';
import { feedFrom } from '../rules.ts';
import { type FoundFeed, findFeed, locateFeed, setFeed } from './store.ts';

export type FeedAct = 'on' | 'off';

/** Turns the user's own feed on, at a new address if it was on already, or off. Whether it was on. */
export function arrangeFeed(engine: Engine, caller: Caller, act: FeedAct): Promise<Decision<{ was: boolean }>> {
  return command(engine, caller, {
    action: 'feed.arrange',
    locate: nothingYet,
    async run(work) {
      const { id } = work.actor as User;
      const { on } = await findFeed(work, id);
      await setFeed(work, id, act === 'on');
      return accept({ was: on });
    },
  });
}

/** Finds a feed by its account; one look serves all who ask for the same one meanwhile. */
export const lookAtFeeds = (engine: Engine): ((accountId: string) => Promise<FoundFeed | null>) =>
  asked((id) => locateFeed(engine.database.reads, id, feedFrom(engine.clock.now())));
