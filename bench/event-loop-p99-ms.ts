/** How long the event loop of the bot's process stands still while a worker draws: 99 of 100 turns wait less. */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { composeSheet } from '../src/image/sheet.ts';
import { type Bench, toResult } from './bench.ts';
import { drawPictures, withPool } from './worker.ts';

const NAME = 'event-loop-p99-ms';
const SHEETS = 12;
const IDLE_MS = 2_000;

export const eventLoopP99: Bench = {
  name: NAME,
  run: (model) =>
    withPool(model, async (worker) => {
      await drawPictures(worker, model.name, 4);
      const idleMs = await p99Ms(() => sleep(IDLE_MS));
      const drawingMs = await p99Ms(async () => {
        for (let sheet = 0; sheet < SHEETS; sheet++) {
          const pictures = await drawPictures(worker, model.name, 4);
          await composeSheet(pictures.map((picture) => picture.png));
        }
      });
      return toResult(NAME, 'ms', drawingMs, idleMs, `${SHEETS} sheets of four with previews, against an idle process`);
    }),
};

async function p99Ms(work: () => Promise<unknown>): Promise<number> {
  // The figure includes the resolution: an idle loop shows about 1 ms.
  const histogram = monitorEventLoopDelay({ resolution: 1 });
  histogram.enable();
  await work();
  histogram.disable();
  return histogram.percentile(99) / 1e6;
}
