/** Runs a repeatable call again while the database is away, for as long as its caller can wait. */
import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '../errors.ts';
import { toStoreError } from './database-error.ts';

const FIRST_DELAY_MS = 50;
const LONGEST_DELAY_MS = 2_000;

/**
 * Only for calls that do nothing the second time: an answer may be lost after the commit.
 *
 * @param patienceMs how long to go on trying; 0 tries once
 * @throws {AppError} what the last try failed with: `STORE_UNAVAILABLE` when time is up, anything else at once
 */
export async function withRetry<T>(call: () => Promise<T>, patienceMs: number, signal?: AbortSignal): Promise<T> {
  const endMs = performance.now() + patienceMs;
  for (let delayMs = FIRST_DELAY_MS; ; delayMs = Math.min(delayMs * 2, LONGEST_DELAY_MS)) {
    try {
      return await call();
    } catch (thrown) {
      const error = toStoreError(thrown);
      const restMs = endMs - performance.now();
      if (error.code !== 'STORE_UNAVAILABLE' || restMs <= 0 || signal?.aborted) throw error;
      // Jitter, so that all who wait do not come back in the same millisecond.
      await sleep(
        Math.min(restMs, delayMs * (0.5 + Math.random() / 2)),
        undefined,
        signal === undefined ? {} : { signal },
      ).catch(() => {
        throw new AppError('STORE_CLOSED', 'Easel is closing: the database takes no more calls.', { cause: error });
      });
    }
  }
}
