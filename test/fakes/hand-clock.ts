/** A clock turned by hand: sleepers wake when the time is set past their hour. */
import type { Clock } from '../../src/ops/clock.ts';

export type HandClock = Clock & {
  /** Lets time pass, waking sleepers in order and letting them run. */
  pass(delayMs: number): Promise<void>;
};

type Sleeper = { atMs: number; wake(): void };

export function createHandClock(startMs = Date.UTC(2026, 0, 1)): HandClock {
  let nowMs = startMs;
  const sleepers = new Set<Sleeper>();
  const settle = () => new Promise<void>((resolve) => setImmediate(resolve));
  return {
    nowMs: () => nowMs,
    sleep: (delayMs, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        const onAbort = () => sleepers.delete(sleeper) && reject(signal?.reason);
        const wake = () => {
          signal?.removeEventListener('abort', onAbort);
          resolve();
        };
        const sleeper: Sleeper = { atMs: nowMs + delayMs, wake };
        sleepers.add(sleeper);
        signal?.addEventListener('abort', onAbort, { once: true });
      }),
    async pass(delayMs) {
      const untilMs = nowMs + delayMs;
      await settle();
      for (;;) {
        const next = [...sleepers].sort((one, other) => one.atMs - other.atMs)[0];
        if (next === undefined || next.atMs > untilMs) break;
        nowMs = Math.max(nowMs, next.atMs);
        sleepers.delete(next);
        next.wake();
        await settle();
      }
      nowMs = untilMs;
      await settle();
    },
  };
}
