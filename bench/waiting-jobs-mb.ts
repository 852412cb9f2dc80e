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
      const beforeMb = heapMb();
      const queue = idleQueue(store);
      await queue.start();
      const heldMb = heapMb() - beforeMb;
      if (queue.counts.waiting !== UNFINISHED)
        throw new Error(`Expected ${UNFINISHED} jobs, found ${queue.counts.waiting}.`);
      await queue.close();
      await store.close();
      const note = `heap of this process for ${UNFINISHED} jobs as the store hands them to the queue`;
      return toResult(NAME, 'mb', heldMb, null, note);
    });
  },
};

function heapMb(): number {
  setFlagsFromString('--expose-gc');
  const collectGarbage = runInNewContext('gc') as () => void;
  collectGarbage();
  return process.memoryUsage().heapUsed / 1e6;
}
