/** Seven pictures are being drawn; how long the eighth person waits for the first preview. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Bench, medianOf, toResult } from './bench.ts';
import { drawPictures, drawSlot, withPool } from './worker.ts';

const NAME = 'eighth-first-preview-ms';
const ROUNDS = 9;
/** Into the drawing of the others: another place each round. */
const LATE_MS = 40;

export const eighthFirstPreview: Bench = {
  name: NAME,
  run: (model) =>
    withPool(model, async (pool) => {
      for (let warm = 0; warm < 3; warm++) await drawPictures(pool, model.name, 8);
      const firstPreviewMs = async (): Promise<number> => {
        const startMs = performance.now();
        let ms: number | null = null;
        await drawSlot(pool, model.name, () => {
          ms ??= performance.now() - startMs;
        });
        return ms ?? Number.NaN;
      };
      const alone: number[] = [];
      const eighth: number[] = [];
      for (let round = 0; round < ROUNDS; round++) {
        alone.push(await firstPreviewMs());
        const others = drawPictures(pool, model.name, 7);
        await sleep(LATE_MS * (round % 3));
        eighth.push(await firstPreviewMs());
        await others;
      }
      const note = `median of ${ROUNDS}, from asking to the PNG in the bot's process, against a person who is alone`;
      return toResult(NAME, 'ms', medianOf(eighth), medianOf(alone), note);
    }),
};
