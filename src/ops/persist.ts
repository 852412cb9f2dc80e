/** Tries an effect again while trying helps: the database or the disk may be back in a minute. */
import { toAppError } from '../errors.ts';
import type { Clock } from './clock.ts';

const FIRST_DELAY_MS = 100;
const MAX_DELAY_MS = 5_000;

/**
 * Runs an idempotent effect until it succeeds.
 *
 * @throws what cannot be helped by trying again, and the last failure on abort
 */
export async function persist<T>(
  effect: () => Promise<T>,
  clock: Clock,
  signal: AbortSignal,
  onRetry: (code: string) => void = () => {},
): Promise<T> {
  for (let delayMs = FIRST_DELAY_MS; ; delayMs = Math.min(MAX_DELAY_MS, 2 * delayMs)) {
    try {
      return await effect();
    } catch (thrown) {
      const error = toAppError(thrown);
      if (!error.retryable || signal.aborted) throw error;
      onRetry(error.code);
      try {
        await clock.sleep(delayMs, signal);
      } catch {
        throw error;
      }
    }
  }
}
