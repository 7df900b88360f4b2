/**
 * Collects what is handed in while one group is being written, so that many small writes share a commit. Each caller
 * waits for the group that holds their item, and fails with it. Groups are written one after another, in order.
 */
export function inGroups<T>(write: (items: T[]) => Promise<void>, most = 200): (item: T) => Promise<void> {
  let waiting: { item: T; done: () => void; failed: (error: unknown) => void }[] = [];
  let running = false;

  async function flush(): Promise<void> {
    running = true;
    while (waiting.length > 0) {
      const group = waiting.slice(0, most);
      waiting = waiting.slice(most);
      try {
        await write(group.map(({ item }) => item));
        for (const one of group) one.done();
      } catch (error) {
        for (const one of group) one.failed(error);
      }
    }
    running = false;
  }

  return (item) =>
    new Promise((done, failed) => {
      waiting.push({ item, done, failed });
      if (!running) void flush();
    });
}

/**
 * Asks a question once for all who ask it at the same time. Nobody is given an answer that was looked for before they
 * asked: who comes while one is under way shares the next.
 */
export function asked<T>(ask: (key: string) => Promise<T>): (key: string) => Promise<T> {
  const underWay = new Map<string, Promise<unknown>>();
  const next = new Map<string, Promise<T>>();

  function start(key: string): Promise<T> {
    next.delete(key);
    const asking = ask(key);
    const ended = asking
      .catch(() => {})
      .finally(() => {
        if (underWay.get(key) === ended) underWay.delete(key);
      });
    underWay.set(key, ended);
    return asking;
  }

  return (key) => {
    const running = underWay.get(key);
    if (!running) return start(key);
    const waiting = next.get(key) ?? running.then(() => start(key));
    next.set(key, waiting);
    return waiting;
  };
}

/** Acts on each in turn. One that fails holds up none of the others: the first failure is thrown when all have had theirs. */
export async function eachInTurn<T>(all: Iterable<T>, act: (one: T) => Promise<unknown>): Promise<void> {
  const failures: unknown[] = [];
  for (const one of all) await act(one).catch((error: unknown) => failures.push(error));
  if (failures.length > 0) throw failures[0];
}
