import type { LinkScope } from '../../kernel/access.ts';
import { claimedId, linkLives, tokenOpens } from '../../kernel/links.ts';
import type { IsoInstant } from '../../kernel/time.ts';
import type { House } from '../house.ts';
import type { Ctx } from './route.ts';

/** What a token is judged by. `endedAt` as for `linkLives`. */
export type LinkTarget = { linkGeneration: number; endedAt: IsoInstant | null };

const nothing = '00000000-0000-0000-0000-000000000000';

/**
 * The personal links of one scope. `find` is asked once, whatever the token is, so that one that has ended, been taken
 * back or exchanged looks and costs the same as one that never was.
 */
export function personalLinks<F extends LinkTarget>(
  { config, contact, engine, reply }: House,
  scope: LinkScope,
  find: (id: string) => Promise<F | null>,
) {
  /** The page of every link that opens nothing. */
  const dead = (c: Ctx): Response =>
    reply.page(
      c,
      'public/dead',
      { ...contact, reference: c.get('reference'), survey: scope === 'survey' },
      { titleKey: 'link.dead.title', mood: 'public', status: 404, noindex: true },
    );

  /** Lets in whom the token in the path opens for, with the link as the actor, and nobody else. */
  async function byToken(
    c: Ctx,
    handle: (id: string, token: string, found: F) => Promise<Response>,
  ): Promise<Response> {
    const token = c.req.param('token') ?? '';
    const id = claimedId(token) ?? nothing;
    const found = await find(id);
    if (!found || !tokenOpens(token, config.linkKey, scope, id, found.linkGeneration)) return dead(c);
    if (!linkLives(scope, found.endedAt, engine.clock.now())) return dead(c);
    c.set('actor', { kind: 'link', scope, id });
    return handle(id, token, found);
  }

  return { dead, byToken };
}
