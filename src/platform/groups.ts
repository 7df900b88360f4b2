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
