/** From asking for four pictures to the finished sheet, in a warm worker. */
import { composeSheet } from '../src/image/sheet.ts';
import { type Bench, medianOf, toResult } from './bench.ts';
import { drawPictures, timeMs, withPool } from './worker.ts';

const NAME = 'sheet-of-four-ms';
const ROUNDS = 9;

export const sheetOfFour: Bench = {
  name: NAME,
  run: (model) =>
    withPool(model, async (worker) => {
      await drawPictures(worker, model.name, 4);
      const together: number[] = [];
      const oneByOne: number[] = [];
      for (let round = 0; round < ROUNDS; round++) {
        together.push(
          await timeMs(async () => {
            const pictures = await drawPictures(worker, model.name, 4);
            await composeSheet(pictures.map((picture) => picture.png));
          }),
        );
        oneByOne.push(
          await timeMs(async () => {
            for (let picture = 0; picture < 4; picture++) await drawPictures(worker, model.name, 1);
          }),
        );
      }
      const note = `median of ${ROUNDS}, previews and PNG included, against four pictures one after another`;
      return toResult(NAME, 'ms', medianOf(together), medianOf(oneByOne), note);
    }),
};
