/** The door: who asks faster than any hand can is told to wait, before anything is read or stored for them. */
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { AppError } from '../errors.ts';
import type { Scope } from '../store/records.ts';

export type FloodLimit = { actions: number; seconds: number };

/** Nobody presses four buttons a second for ten seconds; a script does. */
export const DEFAULT_FLOOD_LIMIT: FloodLimit = { actions: 40, seconds: 10 };

export type Door = {
  /** Counts one action of this person. @throws {AppError} `LIMIT_FLOOD` with `seconds` to wait */
  enter(scope: Pick<Scope, 'platform' | 'user'>): Promise<void>;
};

/** @param limit null: everybody may be as fast as they can */
export function createDoor(limit: FloodLimit | null): Door {
  if (limit === null) return { enter: async () => {} };
  const limiter = new RateLimiterMemory({ points: limit.actions, duration: limit.seconds });
  return {
    async enter({ platform, user }) {
      try {
        await limiter.consume(`${platform}:${user}`);
      } catch (thrown) {
        if (!(thrown instanceof RateLimiterRes)) throw thrown;
        const seconds = Math.max(1, Math.ceil(thrown.msBeforeNext / 1_000));
        const message = `That is too fast. Wait ${seconds} s, then try again.`;
        throw new AppError('LIMIT_FLOOD', message, { details: { seconds, retryAfterMs: thrown.msBeforeNext } });
      }
    },
  };
}
