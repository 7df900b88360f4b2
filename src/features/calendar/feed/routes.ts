import { sha256 } from '../../../kernel/digest.ts';
import { claimedId, codeMatches, linkToken, tokenOpens } from '../../../kernel/links.ts';
import { nothingYet, view } from '../../../platform/command.ts';
import type { House } from '../../../platform/house.ts';
import { type Ctx, caller, type Route, readForm } from '../../../platform/web/route.ts';
import { feedFrom } from '../rules.ts';
import { arrangeFeed, lookAtFeeds } from './commands.ts';
import { renderFeed } from './render.ts';
import { type FeedEvent, findFeed, listFeedEvents } from './store.ts';

const scope = 'feed';
const feedsKept = 100;

/** `token`: of the address that the version belongs to. */
type Kept = { version: string; token: string; etag: string; body: Buffer<ArrayBuffer> };

/**
 * A user's feed, and the page where it is turned on. Calendars ask again and again for what has not changed: what was
 * last rendered is kept beside a text that changes with it, and one look at the database serves all who ask meanwhile.
 */
export function feedRoutes(house: House): Route[] {
  const { config, engine, reply, texts } = house;
  const kept = new Map<string, Kept>();
  const look = lookAtFeeds(engine);

  async function feed(c: Ctx) {
    const token = (c.req.param('token') ?? '').replace(/\.ics$/, '');
    // What is no token is looked for too, so that it costs the same as one that opens nothing any more.
    const id = claimedId(token) ?? '';
    const found = await look(id);
    const known = kept.get(id);
    const fresh = known && known.version === found?.version && codeMatches(token, known.token) ? known : null;
    if (!found || !(fresh || tokenOpens(token, config.linkKey, scope, id, found.generation)))
      return reply.error(c, 404);
    // Nothing is shown to whoever has it already, so that nothing is logged.
    if (fresh && holds(c.req.header('if-none-match'), fresh.etag)) return answer(c, fresh, null);
    c.set('actor', { kind: 'link', scope, id });
    const seen = await view(engine, caller(c), {
      action: 'feed.read',
      locate: async () => found.at,
      read: async (reads, accountId, now) =>
        fresh ?? keep(accountId, found.version, token, await listFeedEvents(reads, accountId, feedFrom(now))),
    });
    if (!seen.ok) return reply.error(c, 404);
    return answer(c, seen.value, holds(c.req.header('if-none-match'), seen.value.etag) ? null : seen.value.body);
  }

  function keep(id: string, version: string, token: string, events: readonly FeedEvent[]): Kept {
    const { t } = texts;
    const text = renderFeed({
      name: t('feed.name'),
      events: events.map(({ reference, ...event }) => ({ ...event, summary: t('ics.summary', { ref: reference }) })),
    });
    const etag = `"${sha256(text).slice(0, 32)}"`;
    const body = Buffer.from(text);
    kept.delete(id);
    const [oldest] = kept.size < feedsKept ? [] : kept.keys();
    if (oldest !== undefined) kept.delete(oldest);
    const made = { version, token, etag, body };
    kept.set(id, made);
    return made;
  }

  function answer(c: Ctx, { etag }: Kept, body: Buffer<ArrayBuffer> | null): Response {
    c.set('framed', true);
    return new Response(body, {
      status: body === null ? 304 : 200,
      headers: {
        ...c.get('headers'),
        'Cache-Control': 'private',
        ETag: etag,
        ...(body !== null && { 'Content-Type': 'text/calendar; charset=utf-8' }),
      },
    });
  }

  async function page(c: Ctx) {
    const user = c.get('session')?.user;
    if (!user) return reply.expired(c);
    const seen = await view(engine, caller(c), {
      action: 'feed.arrange',
      locate: nothingYet,
      read: (reads) => findFeed(reads, user.id),
    });
    if (!seen.ok) return reply.refused(c, seen.code);
    const { on, generation } = seen.value;
    const url = on ? `${config.baseUrl}/kalender/${linkToken(config.linkKey, scope, user.id, generation)}.ics` : '';
    return reply.page(
      c,
      'calendar/feed',
      { on, url },
      { titleKey: 'feed.title', mood: user.role === 'individual' ? 'person' : 'officer' },
    );
  }

  async function arrange(c: Ctx) {
    const act = (await readForm(c)).act === 'off' ? 'off' : 'on';
    const arranged = await arrangeFeed(engine, caller(c), act);
    if (!arranged.ok) return reply.refused(c, arranged.code);
    return reply.see(c, '/kalender/flode', act === 'off' ? 'flode-av' : arranged.value.was ? 'flode-nytt' : 'flode');
  }

  return [
    { method: 'get', path: '/kalender/flode', action: 'feed.arrange', handle: page },
    { method: 'post', path: '/kalender/flode', action: 'feed.arrange', handle: arrange },
    { method: 'get', path: '/kalender/:token', action: 'feed.read', often: true, handle: feed },
  ];
}

/** Whether what the client has is this (RFC 9110 13.1.2). */
const holds = (given: string | undefined, etag: string): boolean =>
  given?.split(',').some((one) => one.trim().replace(/^W\//, '') === etag) ?? false;
