// How often a message may be edited on its way to its result, as the headers of Discord's answers allow.

import { setTimeout as sleep } from 'node:timers/promises';

export type EditPace = {
  /** Between two edits of one message; grows while channels run dry. */
  readonly gapMs: number;
  /** Resolves when this channel has an edit to spare beside those kept for results. Rejects on abort. */
  turn(channel: string, signal?: AbortSignal): Promise<void>;
  /** What an answer told of the channel's limit. */
  heard(channel: string, headers: { get(name: string): string | null }): void;
  /** Discord refused an edit: there were too many. */
  refused(): void;
};

export const GAP_MS = 1_000;
const GAP_MAX_MS = 15_000;
/** Left for results, which must not wait behind previews. */
const KEPT_EDITS = 1;
const SLOWER = 1.5;
const FASTER = 0.9;
const CHANNELS_MAX = 1_000;

export function createEditPace(nowMs: () => number = Date.now): EditPace {
  const dryUntilMs = new Map<string, number>();
  const queues = new Map<string, Promise<void>>();
  let gapMs = GAP_MS;

  async function wait(channel: string, signal: AbortSignal | undefined): Promise<void> {
    for (;;) {
      const delayMs = (dryUntilMs.get(channel) ?? 0) - nowMs();
      if (delayMs <= 0) return;
      await sleep(delayMs, undefined, signal === undefined ? {} : { signal });
    }
  }

  return {
    get gapMs() {
      return gapMs;
    },
    turn(channel, signal) {
      const mine = (queues.get(channel) ?? Promise.resolve()).then(() => wait(channel, signal));
      const settled = mine.catch(() => {});
      queues.set(channel, settled);
      void settled.then(() => {
        if (queues.get(channel) === settled) queues.delete(channel);
      });
      return mine;
    },
    heard(channel, headers) {
      const remaining = headers.get('x-ratelimit-remaining');
      const resetAfter = headers.get('x-ratelimit-reset-after');
      if (remaining === null || resetAfter === null) return;
      if (Number(remaining) > KEPT_EDITS) {
        dryUntilMs.delete(channel);
        gapMs = Math.max(GAP_MS, gapMs * FASTER);
        return;
      }
      if (dryUntilMs.size >= CHANNELS_MAX) dryUntilMs.clear();
      dryUntilMs.set(channel, nowMs() + Number(resetAfter) * 1_000);
      gapMs = Math.min(GAP_MAX_MS, gapMs * SLOWER);
    },
    refused() {
      gapMs = Math.min(GAP_MAX_MS, gapMs * SLOWER * SLOWER);
    },
  };
}
