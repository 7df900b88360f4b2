import { isIP } from 'node:net';
import type { HttpBindings } from '@hono/node-server';
import { getConnInfo } from '@hono/node-server/conninfo';
import { claimedId } from '../../kernel/links.ts';
import { addMinutes, type IsoInstant } from '../../kernel/time.ts';
import type { Database, Writes } from '../db/database.ts';
import type { House } from '../house.ts';
import { faultOf } from '../log.ts';
import type { Ctx, Route } from './route.ts';

/** Requests a minute: to one personal link, and from one address without a session. */
export const rateLimits = { link: 100, address: 1_000 };
type Kind = keyof typeof rateLimits;

/** A process tells the others of a visitor once it has seen this part of the limit; seldom visitors leave no row. */
const toldFrom = 1 / 10;
const tellEveryMs = 1_000;
const toldAtOnce = 1_000;
/** Visitors counted at once per kind; the one that came first gives way, so that a flood cannot fill the memory. */
const visitorsKept = 20_000;

/** A visitor's requests in this minute: of this process, the part of them in the table, and the other processes' there. */
type Count = { kind: Kind; who: string; own: number; told: number; others: number };

/**
 * Answers 429 to whoever asks an open route too often. Counts are kept in memory, per minute; those that grow are added
 * up in the table beside the request, so that the limit holds over processes but for what each took since it last told.
 */
export function createRateLimit({ engine, log, reply }: House): (route: Route) => Route['handle'] {
  const { database, clock } = engine;
  let minute = '';
  let counts = { link: new Map<string, Count>(), address: new Map<string, Count>() };
  const untold = new Set<Count>();
  let telling = false;

  function take(kind: Kind, who: string): boolean {
    const known = counts[kind];
    const count = known.get(who) ?? { kind, who, own: 0, told: 0, others: 0 };
    if (count.own + count.others >= rateLimits[kind]) return false;
    count.own += 1;
    if (count.own === 1) {
      const [oldest] = known.size < visitorsKept ? [] : known.keys();
      if (oldest !== undefined) known.delete(oldest);
      known.set(who, count);
    }
    if (count.own - count.told >= rateLimits[kind] * toldFrom) {
      untold.add(count);
      if (!telling) void tell();
    }
    return true;
  }

  /** Nobody's address or link is stored and, with the minute in it, nobody can be followed from one to the next. */
  const keyOf = ({ kind, who }: Count): string => database.reads.vault.stamp(`rate ${kind} ${minute} ${who}`);

  async function tell(): Promise<void> {
    telling = true;
    // In one order, so that two processes never wait for each other's rows.
    const told = [...untold]
      .slice(0, toldAtOnce)
      .map((count) => ({ key: keyOf(count), count }))
      .sort((a, b) => (a.key < b.key ? -1 : 1));
    for (const { count } of told) untold.delete(count);
    const rows = told.map(({ key, count }) => ({ key, minute, count: count.own - count.told }));
    try {
      const totals = await database.claim((writes) => addCounts(writes, rows));
      for (const [i, { key, count }] of told.entries()) {
        count.told += rows[i]?.count ?? 0;
        count.others = (totals.get(key) ?? count.told) - count.told;
      }
    } catch (error) {
      // Told again with the visitor's next request.
      log.error({ event: 'rate', ...faultOf(error) });
    }
    setTimeout(() => {
      telling = false;
      if (untold.size > 0) void tell();
    }, tellEveryMs).unref();
  }

  return (route) => (c) => {
    const now = clock.now();
    if (minute !== now.slice(0, 16)) {
      minute = now.slice(0, 16);
      counts = { link: new Map(), address: new Map() };
      untold.clear();
    }
    const address = c.get('session') || route.uncounted ? null : c.get('address');
    const token = route.often ? undefined : c.req.param('token');
    // What cannot be a token opens nothing, and would be kept as long as it is.
    const link = token !== undefined && claimedId(token) !== null ? token : null;
    const passes = (address === null || take('address', address)) && (link === null || take('link', link));
    if (passes) return route.handle(c);
    c.set('headers', { ...c.get('headers'), 'Retry-After': String(60 - Number(now.slice(17, 19))) });
    return reply.error(c, 429);
  };
}

/** Adds to what is there, and says what it came to. */
async function addCounts(
  { db }: Writes,
  rows: { key: string; minute: string; count: number }[],
): Promise<Map<string, number>> {
  const totals = await db
    .insertInto('rate')
    .values(rows)
    .onConflict((conflict) =>
      conflict.column('key').doUpdateSet((e) => ({ count: e('rate.count', '+', e.ref('excluded.count')) })),
    )
    .returning(['key', 'count'])
    .execute();
  return new Map(totals.map(({ key, count }) => [key, count]));
}

/** Deletes the counts of minutes that are over. */
export async function sweepRates(database: Database, now: IsoInstant): Promise<void> {
  const before = addMinutes(now, -2).slice(0, 16);
  await database.transaction(({ db }) => db.deleteFrom('rate').where('minute', '<', before).execute());
}

/**
 * Whom a request came from: the other end of the socket or, behind a proxy that is trusted, whom the proxy itself
 * names, last in X-Forwarded-For; what stands before that anybody can write. Null where there is no socket.
 */
export function addressOf(c: Ctx, trustProxy: boolean): string | null {
  if (!(c.env as Partial<HttpBindings> | undefined)?.incoming) return null;
  const forwarded = trustProxy ? (c.req.header('x-forwarded-for')?.split(',').at(-1)?.trim() ?? '') : '';
  return network(isIP(forwarded) ? forwarded : (getConnInfo(c).remote.address ?? ''));
}

/** An IPv4 address whole; of an IPv6 address the first 64 bits, which is what one subscriber is given. */
export function network(address: string): string {
  const [bare = ''] = address.split('%');
  const mapped = /^::ffff:([\d.]+)$/i.exec(bare)?.[1];
  if (isIP(bare) !== 6 || mapped) return mapped ?? bare;
  const [front = [], back = []] = new URL(`http://[${bare}]`).hostname
    .slice(1, -1)
    .split('::')
    .map((part) => part.split(':').filter((group) => group !== ''));
  const zeros = Array<string>(8 - front.length - back.length).fill('0');
  return [...front, ...zeros, ...back].slice(0, 4).join(':');
}
