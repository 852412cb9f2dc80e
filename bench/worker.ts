/** What benches share: a supervised worker on the CPU, and slots for it. */
import { createPreviews } from '../adapters/web/previews.ts';
import type { SlotPicture, SlotRequest } from '../src/pipeline/pipeline.ts';
import { createSupervisedWorker } from '../src/worker/supervised-worker.ts';
import type { WorkerSupervisor } from '../src/worker/supervisor.ts';
import { createWorkerPool } from '../src/worker/worker-pool.ts';
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

/** The workers as the bot has them: on the CPU another process once pictures wait. */
export async function withPool<T>(model: BenchModel, use: (pool: WorkerSupervisor) => Promise<T>): Promise<T> {
  const pool = createWorkerPool({ modelsDir: model.modelsDir, model: model.name, devices: ['cpu'] });
  try {
    await pool.start();
    return await use(pool);
  } finally {
    await pool.close();
  }
}

const NAME = 'bench';
let slotsMade = 0;

/** Draws pictures of one generation, all asked for at once; with previews, made into PNG as for an open page. */
export function drawPictures(
  worker: WorkerSupervisor,
  model: string,
  count: number,
  previews = true,
): Promise<SlotPicture[]> {
  const page = createPreviews(() => {});
  return Promise.all(
    Array.from({ length: count }, (_, pictureIndex) =>
      worker.draw(slotOf(model, pictureIndex, previews), (progress) => page.show(NAME, pictureIndex, progress)),
    ),
  );
}

/** One picture. @param onPreview an open page has a preview of it */
export function drawSlot(worker: WorkerSupervisor, model: string, onPreview: () => void): Promise<SlotPicture> {
  const page = createPreviews((_id, _pictureIndex, { png }) => {
    if (png !== null) onPreview();
  });
  return worker.draw(slotOf(model, 0, true), (progress) => page.show(NAME, 0, progress));
}

function slotOf(model: string, pictureIndex: number, previews: boolean): SlotRequest {
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
    previews,
  };
}

export async function timeMs(work: () => Promise<unknown>): Promise<number> {
  const startMs = performance.now();
  await work();
  return performance.now() - startMs;
}
