/** From opening a folder with 10,000 unfinished jobs (and 100,000 finished ones) to having all of them in the queue. */
import { openPgliteStore } from '../src/store/pglite/pglite-store.ts';
import { type Bench, medianOf, toResult } from './bench.ts';
import { idleQueue } from './idle-queue.ts';
import { withStoredGenerations } from './stored-generations.ts';

const NAME = 'start-unfinished-ms';
const FINISHED = 100_000;
const UNFINISHED = 10_000;
const ROUNDS = 3;

export const startUnfinished: Bench = {
  name: NAME,
  async run() {
    const emptyMs = await startOf(0, 0);
    const fullMs = await startOf(FINISHED, UNFINISHED);
    return toResult(
      NAME,
      'ms',
      fullMs,
      emptyMs,
      `database open and ${UNFINISHED} jobs in the queue, against an empty folder; median of ${ROUNDS}`,
    );
  },
};

async function startOf(finished: number, unfinished: number): Promise<number> {
  return withStoredGenerations({ finished, unfinished }, async (folder) => {
    const timesMs: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const startMs = performance.now();
      const store = await openPgliteStore(folder);
      const queue = idleQueue(store);
      await queue.start();
      timesMs.push(performance.now() - startMs);
      const { waiting } = queue.counts;
      if (waiting !== unfinished) throw new Error(`Expected ${unfinished} jobs, found ${waiting}.`);
      await queue.close();
      await store.close();
    }
    return medianOf(timesMs);
  });
}
