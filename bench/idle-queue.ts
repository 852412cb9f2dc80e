/** The queue over a store, with a device that never comes: what is measured is the waiting. */
import { systemClock } from '../src/ops/clock.ts';
import { EQUAL_WEIGHTS } from '../src/policy/picker.ts';
import { createEventBus } from '../src/queue/events.ts';
import type { JobQueue } from '../src/queue/job-queue.ts';
import { createLocalQueue } from '../src/queue/local-queue.ts';
import type { BlobStore } from '../src/store/blob-store.ts';
import type { Store } from '../src/store/store.ts';
import type { WorkerSupervisor } from '../src/worker/supervisor.ts';

export function idleQueue(store: Store): JobQueue {
  const never = () => Promise.reject(new Error('Nothing is drawn in this bench.'));
  const supervisor: WorkerSupervisor = {
    state: 'starting',
    info: null,
    start: never,
    draw: never,
    decode: never,
    onState: () => () => {},
    close: async () => {},
  };
  const blobs: BlobStore = {
    put: never,
    get: async () => null,
    remove: never,
    async *list() {},
    freeBytes: async () => null,
  };
  return createLocalQueue({
    ...{ store, blobs, supervisor, weights: EQUAL_WEIGHTS, clock: systemClock },
    events: createEventBus(() => {}),
    onTrouble: () => {},
  });
}
