/** How fast pictures come, measured: the promise "about 2 min left" rests on it. */

export type Speed = {
  /** A picture was finished. @param drawMs from its admission to its last byte */
  measured(drawMs: number): void;
  /** One picture as slots fill now; null before the first measurement. */
  readonly pictureMs: number | null;
};

/** Weight of the newest picture: about the last ten count. */
const NEWEST_SHARE = 0.2;

/** @param firstGuessMs what the worker's self-test measured */
export function createSpeed(firstGuessMs: () => number | null): Speed {
  let averageMs: number | null = null;
  return {
    measured(drawMs) {
      if (!Number.isFinite(drawMs) || drawMs < 0) return;
      const beforeMs = averageMs ?? firstGuessMs() ?? drawMs;
      averageMs = beforeMs + NEWEST_SHARE * (drawMs - beforeMs);
    },
    get pictureMs() {
      return averageMs ?? firstGuessMs();
    },
  };
}
