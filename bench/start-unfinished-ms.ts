/** From opening a folder with 10,000 unfinished jobs (and 100,000 finished ones) to knowing all of them. */
import { openPgliteStore } from '../src/store/pglite/pglite-store.ts';
import { type Bench, medianOf, toResult } from './bench.ts';
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
      `database open and ${UNFINISHED} jobs read, against an empty folder; median of ${ROUNDS}`,
    );
  },
};

async function startOf(finished: number, unfinished: number): Promise<number> {
  return withStoredGenerations({ finished, unfinished }, async (folder) => {
    const timesMs: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const startMs = performance.now();
      const store = await openPgliteStore(folder);
      const jobs = await store.jobs.snapshot();
      timesMs.push(performance.now() - startMs);
      if (jobs.length !== unfinished) throw new Error(`Expected ${unfinished} jobs, found ${jobs.length}.`);
      await store.close();
    }
    return medianOf(timesMs);
  });
}
