/** From starting a worker process to its first picture: hashes, graphs, self-test and one drawing. */
import { type Bench, medianOf, toResult } from './bench.ts';
import { drawPictures, timeMs, withWorker } from './worker.ts';

const NAME = 'cold-start-ms';
const ROUNDS = 5;

export const coldStart: Bench = {
  name: NAME,
  async run(model) {
    const cold: number[] = [];
    const warm: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const startMs = performance.now();
      await withWorker(model, async (worker) => {
        await drawPictures(worker, model.name, 1);
        cold.push(performance.now() - startMs);
        warm.push(await timeMs(() => drawPictures(worker, model.name, 1)));
      });
    }
    return toResult(NAME, 'ms', medianOf(cold), medianOf(warm), `median of ${ROUNDS}, against a warm picture`);
  },
};
