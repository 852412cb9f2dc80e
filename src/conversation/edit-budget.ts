/** The edits that all messages of one platform share: a bucket that refills by the minute. */
import type { Clock } from '../ops/clock.ts';

export type EditBudget = {
  /** Takes one edit if there is one. */
  tryTake(): boolean;
  /** An edit that could not wait (a result): taken even from an empty bucket, so that the next ones wait longer. */
  take(): void;
  /** 0..1 */
  readonly fullShare: number;
  /** Until `tryTake` can succeed; 0 when it can now. */
  waitMs(): number;
  /** The platform asked for a pause. Halves the rate for a minute too: what was too fast once is too fast again. */
  slowDown(delayMs: number): void;
};

/** How much of a minute's edits may go out at once. */
const BURST_SHARE = 0.2;
const CAUTION_MS = 60_000;

export function createEditBudget(editsPerMinute: number, clock: Clock): EditBudget {
  const burst = Math.max(1, editsPerMinute * BURST_SHARE);
  let edits = burst;
  let countedAtMs = clock.nowMs();
  let quietUntilMs = 0;
  let carefulUntilMs = 0;

  const perMs = () => (clock.nowMs() < carefulUntilMs ? 0.5 : 1) * (editsPerMinute / 60_000);
  const refill = (): void => {
    const nowMs = clock.nowMs();
    // A clock that goes back must not take edits away.
    edits = Math.min(burst, edits + Math.max(0, nowMs - countedAtMs) * perMs());
    countedAtMs = nowMs;
  };

  return {
    tryTake() {
      refill();
      if (clock.nowMs() < quietUntilMs || edits < 1) return false;
      edits -= 1;
      return true;
    },
    take() {
      refill();
      edits = Math.max(-burst, edits - 1);
    },
    get fullShare() {
      refill();
      return Math.max(0, edits / burst);
    },
    waitMs() {
      refill();
      const missing = Math.max(0, 1 - edits);
      return Math.max(0, quietUntilMs - clock.nowMs(), Math.ceil(missing / perMs()));
    },
    slowDown(delayMs) {
      const nowMs = clock.nowMs();
      quietUntilMs = Math.max(quietUntilMs, nowMs + delayMs);
      carefulUntilMs = Math.max(carefulUntilMs, quietUntilMs + CAUTION_MS);
    },
  };
}
