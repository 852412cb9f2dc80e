// How often a message may be edited on its way to its result, as the headers of Discord's answers allow.

export type EditPace = {
  /** Between two edits of one message; grows while channels run dry. */
  readonly gapMs: number;
  /** Until this channel has an edit to spare beside those kept for results; 0: it has one now. */
  waitMs(channel: string): number;
  /** What an answer told of the channel's limit. */
  heard(channel: string, headers: { get(name: string): string | null }): void;
  /** Discord refused an edit: there were too many. */
  refused(): void;
};

export const GAP_MS = 1_000;
const GAP_MAX_MS = 15_000;
/** Left for results, which must not wait behind previews. */
const KEPT_EDITS = 2;
const SLOWER = 1.5;
const FASTER = 0.9;
const CHANNELS_MAX = 1_000;

export function createEditPace(nowMs: () => number = Date.now): EditPace {
  const dryUntilMs = new Map<string, number>();
  let gapMs = GAP_MS;

  return {
    get gapMs() {
      return gapMs;
    },
    waitMs: (channel) => Math.max(0, (dryUntilMs.get(channel) ?? 0) - nowMs()),
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
