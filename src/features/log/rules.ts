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

/** Done by whoever asked for the meeting, as that: who they are can be kept from the person (OSL 28:3). */
const byRequester = (row: Logged): boolean => row.relation === 'requester' || row.action === 'request.submit';

/** A row as a page tells it; `self`: to the person or who represents them. */
export function told<R extends Folded>(row: R, viewer: { id: string; names: boolean; self: boolean }) {
  const mine = row.accountId === viewer.id;
  const withheld = viewer.self && !mine && byRequester(row);
  const named = hasName(row.actor) && !withheld;
  return {
    ...row,
    mine,
    who: withheld ? 'requester' : unnamed(row.actor),
    unit: named ? row.unit : null,
    name: viewer.names && named ? row.name : null,
    refused: row.outcome === 'refused',
    form: row.outcome === 'seen' && !looking.test(row.action),
    emergency: row.relation === 'emergency',
    several: row.count > 1,
  };
}

/** What a review finds about a row or an emergency. */
export const findings = ['ok', 'ask', 'deviation'] as const;
export type Finding = (typeof findings)[number];
