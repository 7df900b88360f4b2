import { type RequestKind, type RequestState, requestKinds, undecided } from '../request/rules.ts';

type Filter = {
  view: 'all' | 'mine' | 'unassigned';
  state: RequestState | null;
  kind: RequestKind | null;
  after: { receivedAt: string; id: string } | null;
};

/** Filters in the address of the queue; whatever is not one of ours is left out. */
export function readFilter(query: Readonly<Record<string, string>>): Filter {
  const view = query.visa === 'mine' || query.visa === 'unassigned' ? query.visa : 'all';
  const after = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)_([0-9a-f-]{36})$/.exec(query.efter ?? '');
  return {
    view,
    state: undecided.find((code) => code === query.lage) ?? null,
    kind: requestKinds.find((code) => code === query.slag) ?? null,
    after: after?.[1] && after[2] ? { receivedAt: after[1], id: after[2] } : null,
  };
}
