import { addMinutes, type IsoInstant, stockholmDate } from '../../kernel/time.ts';

/** Rows of the log are kept for five years (HSLF-FS 2016:40 4:9), and then no longer than needed (SFB 114:13). */
const keptYears = 5;

/** The instant before which rows of the log are disposed of. */
export function disposeBefore(now: IsoInstant): IsoInstant {
  const then = Temporal.Instant.from(now).toZonedDateTimeISO('UTC').subtract({ years: keptYears });
  return then.toInstant().toString({ smallestUnit: 'millisecond' });
}

/** The log is checkpointed, and disposed of, once a day. */
export const checkpointIsDue = (last: IsoInstant | null, now: IsoInstant): boolean =>
  last === null || last <= addMinutes(now, -24 * 60);

/** One row of the log as its readers need it. */
export type Logged = {
  id: string;
  at: IsoInstant;
  /** The role of a user, `link:<scope>`, `public` or `worker`. */
  actor: string;
  accountId: string | null;
  requestId: string | null;
  /** Unit of the one who acted, or else their organisation; null for whoever was not signed in. */
  unit: string | null;
  name: string | null;
  action: string;
  outcome: string;
  relation: string | null;
};

/** The same act by the same assignment several times in a row, in one line. Newest first: `at` is the last time. */
export type Folded<R extends Logged = Logged> = R & { count: number; first: IsoInstant };

const same = (a: Logged, b: Logged): boolean =>
  (['actor', 'accountId', 'action', 'outcome', 'relation'] as const).every((name) => a[name] === b[name]) &&
  stockholmDate(a.at) === stockholmDate(b.at);

export function fold<R extends Logged>(rows: readonly R[]): Folded<R>[] {
  const folded: Folded<R>[] = [];
  for (const row of rows) {
    const last = folded.at(-1);
    if (last && same(last, row)) folded[folded.length - 1] = { ...last, count: last.count + 1, first: row.at };
    else folded.push({ ...row, count: 1, first: row.at });
  }
  return folded;
}

/** Whoever acts without an assignment: a text `log.who.<code>`. */
const unnamed = (actor: string): string | null =>
  actor === 'public' || actor === 'worker' || actor.startsWith('link:') ? actor.replace('link:', '') : null;

/** Names are of those who work with cases; the person and who represents them are told by their role. */
const hasName = (actor: string): boolean => actor !== 'individual' && actor !== 'representative';

/** What is only looked at; of any other action the page with its form was, where the row says `seen`. */
const looking = /^(public\.read|request\.receipt|participation\.open|case\.log|log\.review|\w+\.(see|list|read))$/;

/** `names`: whether they see them; `withheld`: requests and accounts whose requester they may not learn of. */
export type Viewer = { id: string; names: boolean; withheld: ReadonlySet<string> };

/** By somebody whom the viewer may not know. */
const hidden = (row: Logged, { withheld }: Viewer): boolean =>
  withheld.has(row.accountId ?? '') ||
  (withheld.has(row.requestId ?? '') &&
    (row.relation === 'requester' || /^request\.(submit|supplement|withdraw)$/.test(row.action)));

/** A row as a page tells it. */
export function told<R extends Folded>(row: R, viewer: Viewer) {
  const someone = hidden(row, viewer);
  const known = !someone && hasName(row.actor);
  return {
    ...row,
    mine: row.accountId === viewer.id,
    own: row.accountId === viewer.id && row.actor === 'individual' && row.relation === 'self',
    who: someone ? 'someone' : unnamed(row.actor),
    unit: known ? row.unit : null,
    name: known && viewer.names ? row.name : null,
    refused: row.outcome === 'refused',
    form: row.outcome === 'seen' && !looking.test(row.action),
    emergency: row.relation === 'emergency',
    several: row.count > 1,
  };
}

/** What a review finds about a row or an emergency. */
export const findings = ['ok', 'ask', 'deviation'] as const;
export type Finding = (typeof findings)[number];
