/** What previews after every row cost: a sheet with them against a sheet without. */
import { type Bench, medianOf, toRatio } from './bench.ts';
import { drawPictures, timeMs, withPool } from './worker.ts';

const NAME = 'preview-cost';
/** So many that the median of one run is that of the next: a sheet takes a fifth of a second, and machines waver. */
const ROUNDS = 41;

export const previewCost: Bench = {
  name: NAME,
  run: (model) =>
    withPool(model, async (pool) => {
      for (let warm = 0; warm < 3; warm++) await drawPictures(pool, model.name, 8);
      const times = { with: [] as number[], without: [] as number[] };
      for (let round = 0; round < ROUNDS; round++) {
        times.without.push(await timeMs(() => drawPictures(pool, model.name, 4, false)));
        times.with.push(await timeMs(() => drawPictures(pool, model.name, 4, true)));
      }
      const [withMs, withoutMs] = [medianOf(times.with), medianOf(times.without)];
      const note = `share of the drawing time: a sheet of four takes ${withMs.toFixed(0)} ms with and ${withoutMs.toFixed(0)} ms without`;
      return toRatio(NAME, withMs / withoutMs - 1, note);
    }),
};
