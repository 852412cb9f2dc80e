/** What 10,000 waiting jobs cost in memory of this process once the queue knows them. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { openPgliteStore } from '../src/store/pglite/pglite-store.ts';
import { type Bench, toResult } from './bench.ts';
import { idleQueue } from './idle-queue.ts';
import { withStoredGenerations } from './stored-generations.ts';

const NAME = 'waiting-jobs-mb';
const UNFINISHED = 10_000;

export const waitingJobs: Bench = {
  name: NAME,
  async run() {
    return withStoredGenerations({ finished: 0, unfinished: UNFINISHED }, async (folder) => {
      const store = await openPgliteStore(folder);
      await store.describe();
      const before = usedMb();
      const queue = idleQueue(store);
      await queue.start();
      const { heapMb, residentMb } = usedMb();
      if (queue.counts.waiting !== UNFINISHED)
        throw new Error(`Expected ${UNFINISHED} jobs, found ${queue.counts.waiting}.`);
      await queue.close();
      await store.close();
      const heldMb = heapMb - before.heapMb;
      const note = `${queue.counts.waiting} jobs in the queue (heap); the whole process grew by ${Math.round(residentMb - before.residentMb)} mb, database thread included`;
      return toResult(NAME, 'mb', heldMb, null, note);
    });
  },
};

function usedMb(): { heapMb: number; residentMb: number } {
  setFlagsFromString('--expose-gc');
  const collectGarbage = runInNewContext('gc') as () => void;
  collectGarbage();
  const { heapUsed, rss } = process.memoryUsage();
  return { heapMb: heapUsed / 1e6, residentMb: rss / 1e6 };
}
