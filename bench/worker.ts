/** What benches share: a supervised worker on the CPU, and slots for it. */
import type { SlotPicture, SlotRequest } from '../src/pipeline/pipeline.ts';
import { createSupervisedWorker } from '../src/worker/supervised-worker.ts';
import type { WorkerSupervisor } from '../src/worker/supervisor.ts';
import type { BenchModel } from './bench.ts';

export async function withWorker<T>(model: BenchModel, use: (worker: WorkerSupervisor) => Promise<T>): Promise<T> {
  const worker = createSupervisedWorker({ modelsDir: model.modelsDir, model: model.name, device: 'cpu' });
  try {
    await worker.start();
    return await use(worker);
  } finally {
    await worker.close();
  }
}

let slotsMade = 0;

/** Draws pictures of one generation, all asked for at once; with previews, as in chat. */
export function drawPictures(worker: WorkerSupervisor, model: string, count: number): Promise<SlotPicture[]> {
  return Promise.all(
    Array.from({ length: count }, (_, pictureIndex) => worker.draw(slotOf(model, pictureIndex), () => {})),
  );
}

function slotOf(model: string, pictureIndex: number): SlotRequest {
  slotsMade += 1;
  return {
    slotId: `bench-${slotsMade}`,
    model,
    caption: 'a red apple',
    unwanted: null,
    seed: slotsMade,
    pictureIndex,
    guidanceScale: null,
    topK: null,
    temperature: null,
    variation: null,
    previews: true,
  };
}

export async function timeMs(work: () => Promise<unknown>): Promise<number> {
  const startMs = performance.now();
  await work();
  return performance.now() - startMs;
}
