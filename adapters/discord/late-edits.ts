// Edits that had to wait for their channel: the newest of each message is made when there is room, none after its result.

export type LateEdits = {
  /** @param work made after the delay, unless something newer takes its place or it is dropped */
  put(key: string, delayMs: number, work: () => Promise<void>): void;
  /** What waits is not made any more; resolves when nothing of this message is on its way. */
  drop(key: string): Promise<void>;
  close(): void;
};

type Late = { timer: NodeJS.Timeout; work: () => Promise<void> };

/** @param onTrouble the next change tries again */
export function createLateEdits(onTrouble: (thrown: unknown) => void): LateEdits {
  const waiting = new Map<string, Late>();
  const running = new Map<string, Promise<void>>();

  function go(key: string): void {
    const late = waiting.get(key);
    if (late === undefined) return;
    waiting.delete(key);
    const run = late
      .work()
      .catch(onTrouble)
      .finally(() => running.delete(key));
    running.set(key, run);
  }

  return {
    put(key, delayMs, work) {
      const before = waiting.get(key);
      if (before !== undefined) {
        before.work = work;
        return;
      }
      waiting.set(key, { work, timer: setTimeout(() => go(key), delayMs) });
    },
    async drop(key) {
      clearTimeout(waiting.get(key)?.timer);
      waiting.delete(key);
      await running.get(key);
    },
    close() {
      for (const { timer } of waiting.values()) clearTimeout(timer);
      waiting.clear();
    },
  };
}
