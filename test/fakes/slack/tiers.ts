/** How often each method may be called: over it, 429 and when to come back. https://docs.slack.dev/apis/web-api/rate-limits */
import type { ProtocolClock } from '../protocol/clock.ts';
import type { Method } from './methods/method.ts';

/** "20+": some more are let through, and how many Slack does not say. */
const CALLS_A_MINUTE = { 1: 1, 2: 20, 3: 50, 4: 100, special: 600, postMessage: 300 } as const;
/** Tier 1 is said to allow short bursts; a program that is started twice must come up. */
const BURSTS = { 1: 9, 2: 0, 3: 0, 4: 0, special: 0, postMessage: 0 } as const;
const MINUTE_MS = 60_000;
/** One a second in each channel, and a few at once. */
const CHANNEL_BURST = 5;
const CHANNEL_GAP_MS = 1_000;

export type Tiers = {
  /** @returns seconds to wait, or null when the call may be made; it is counted then */
  take(name: string, method: Method, channel: string | undefined): number | null;
};

/** @param factor how many times the documented numbers are allowed; tests that are not about limits give more */
export function createTiers({ nowMs }: Pick<ProtocolClock, 'nowMs'>, factor: number): Tiers {
  const calls = new Map<string, number[]>();

  function waitMs(key: string, count: number, spanMs: number): number {
    const recent = (calls.get(key) ?? []).filter((atMs) => atMs > nowMs() - spanMs);
    calls.set(key, recent);
    const oldest = recent[recent.length - count];
    return oldest === undefined ? 0 : oldest + spanMs - nowMs();
  }

  return {
    take(name, { tier }, channel) {
      const count = Math.floor((CALLS_A_MINUTE[tier] + BURSTS[tier]) * factor);
      const keys = [{ key: name, count, spanMs: MINUTE_MS }];
      if (tier === 'postMessage' && channel !== undefined) {
        const burst = Math.floor(CHANNEL_BURST * factor);
        keys.push({ key: `${name} ${channel}`, count: burst, spanMs: burst * CHANNEL_GAP_MS });
      }
      const longestMs = Math.max(...keys.map((each) => waitMs(each.key, each.count, each.spanMs)));
      if (longestMs > 0) return Math.ceil(longestMs / 1_000);
      for (const { key } of keys) calls.get(key)?.push(nowMs());
      return null;
    },
  };
}
