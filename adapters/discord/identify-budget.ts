// How often a connection may be identified: Discord resets the bot's token after 1,000 in a day, whatever program asked.

import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

export type IdentifyBudget = {
  /** Takes one and keeps that on disk before it is used, so that a program that dies again and again is counted too. */
  take(): Promise<void>;
  /** Until one may be taken; 0 when it may be now. */
  waitMs(): number;
};

type Stored = { tokens: number; takenAtMs: number };

/** Discord sends away who comes again sooner, and counts that too. */
const APART_MS = 5_500;
const DAY_MS = 24 * 3_600_000;
const BURST_BASE = 10;
const BURST_PER_SHARD = 3;
const BURST_SHARE_MAX = 0.25;
const DAILY_SHARE = 0.5;

/**
 * A bucket on disk: in any 24 hours it lets through at most three quarters of `total`.
 *
 * @param limits `total` as Discord allows a day, `shards` of this program
 */
export async function openIdentifyBudget(
  path: string,
  limits: { total: number; shards: number },
  nowMs: () => number = Date.now,
): Promise<IdentifyBudget> {
  const burst = Math.max(
    1,
    Math.min(BURST_BASE + BURST_PER_SHARD * limits.shards, Math.floor(limits.total * BURST_SHARE_MAX)),
  );
  const perMs = (limits.total * DAILY_SHARE) / DAY_MS;
  const stored = await readStored(path);
  let tokens = Math.min(burst, stored?.tokens ?? burst);
  let countedAtMs = Math.min(nowMs(), stored?.takenAtMs ?? nowMs());
  /** What another life of this program took; within this one they are kept apart elsewhere. */
  const notBeforeMs = stored === null ? 0 : countedAtMs + APART_MS;

  function refill(): void {
    const now = nowMs();
    tokens = Math.min(burst, tokens + Math.max(0, now - countedAtMs) * perMs);
    countedAtMs = now;
  }

  await mkdir(dirname(path), { recursive: true });
  return {
    async take() {
      refill();
      tokens -= 1;
      await writeFile(`${path}.tmp`, JSON.stringify({ tokens, takenAtMs: countedAtMs } satisfies Stored), {
        mode: 0o600,
      });
      await rename(`${path}.tmp`, path);
    },
    waitMs() {
      refill();
      return Math.max(0, notBeforeMs - nowMs(), tokens >= 1 ? 0 : Math.ceil((1 - tokens) / perMs));
    },
  };
}

async function readStored(path: string): Promise<Stored | null> {
  try {
    const read: Partial<Stored> = JSON.parse(await readFile(path, 'utf8'));
    return typeof read.tokens === 'number' && typeof read.takenAtMs === 'number'
      ? { tokens: read.tokens, takenAtMs: read.takenAtMs }
      : null;
  } catch {
    return null;
  }
}
