/** Platforms tell the same thing again: after a lost acknowledgement, after a restart, to another process. It is worked once. */
import { randomUUID } from 'node:crypto';
import type { Clock } from '../ops/clock.ts';
import { step } from '../ops/step.ts';
import type { Store } from '../store/store.ts';

/**
 * Works once for each key, in all processes on one database. What a crash cut off is worked when it is told again.
 *
 * @param key an id of the platform's that is the same each time: of the event, the interaction, the trigger
 * @throws what the work throws; then it counts as worked, since nobody knows how far it came
 * @returns false when it was worked before, or is being worked
 */
export type Once = (key: string, work: () => Promise<void>) => Promise<boolean>;

/** Nobody works so long on one: the process that began it is gone. Slack tells again after a minute, and after five. */
const STALE_MS = 30_000;

export function createOnce({ store, clock }: { store: Pick<Store, 'claims'>; clock: Clock }): Once {
  return async (key, work) => {
    const holder = randomUUID();
    const claim = { holder, nowMs: clock.nowMs(), staleMs: STALE_MS };
    if (!(await step('claim', () => store.claims.begin(key, claim)))) return false;
    try {
      await work();
    } finally {
      await step('claimed', () => store.claims.end(key, holder, clock.nowMs()));
    }
    return true;
  };
}
