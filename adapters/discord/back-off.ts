// How long to wait before connecting again: at once after a good while, longer each time it fails.

export type BackOff = {
  /** Of the next attempt. */
  nextMs(): number;
  /** It works now; whether that lasts is seen when it fails. */
  succeeded(): void;
};

const FIRST_MS = 1_000;
const MAX_MS = 60_000;
/** What broke sooner did not work. */
const STABLE_MS = 60_000;

/** @param random 0..1: many programs that were cut off together do not come back together */
export function createBackOff(nowMs: () => number = Date.now, random: () => number = Math.random): BackOff {
  let failures = 0;
  let succeededAtMs: number | null = null;
  return {
    nextMs() {
      if (succeededAtMs !== null && nowMs() - succeededAtMs >= STABLE_MS) failures = 0;
      succeededAtMs = null;
      failures += 1;
      if (failures === 1) return 0;
      const fullMs = Math.min(MAX_MS, FIRST_MS * 2 ** (failures - 2));
      return Math.round(fullMs * (0.5 + random() / 2));
    },
    succeeded() {
      succeededAtMs = nowMs();
    },
  };
}
