/** Whether a device draws what the reference drew: right first, then how fast. */
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { AppError } from '../../errors.ts';
import { type CatalogModel, filePath } from '../../models/catalog.ts';
import type { EaselGraphs } from './graphs.ts';
import { createKvCache } from './kv-cache.ts';
import { toModelShape } from './model-shape.ts';
import { toPicture } from './pixels.ts';
import { createPrefixes } from './prefixes.ts';
import { createRowRunner, type RowSlot } from './row.ts';

/** Exact tokens would refuse fp16 and another processor's kernels; this much agreement no wrong kernel reaches. */
export const AGREEMENT_SHARE_MIN = 0.98;
/** Added to a logit, it decides. Enough above any real logit, small enough to keep float32 exact. */
const FORCING_STRENGTH = 1e4;

const ids = z.array(z.int());
const drawnSchema = z.looseObject({
  captionIds: ids,
  seed: z.int(),
  picture: z.int(),
  guidanceScale: z.number(),
  topK: z.int(),
  temperature: z.number(),
  ids,
});
const referenceSchema = z.object({
  cases: z.array(drawnSchema.extend({ caption: z.string() })).min(1),
  /** `ids` are what is fed, `greedyIds` what the best choice then was at each place. */
  teacher: drawnSchema.extend({ greedyIds: ids }),
});
type Drawn = z.infer<typeof drawnSchema>;
export type Reference = z.infer<typeof referenceSchema>;

export type SelfTest = {
  /** Of the device's greedy choices with the reference's, teacher-forced row by row. */
  agreementShare: number;
  /** Rows and decoder of one picture, warm. */
  msPerPicture: number;
  testMs: number;
};

/** @throws {AppError} `MODEL_INVALID` */
export async function readReference(model: CatalogModel): Promise<Reference> {
  const path = filePath(model, 'reference');
  try {
    return referenceSchema.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch (cause) {
    throw new AppError('MODEL_INVALID', `${path} is not a reference: restore it from the repository.`, { cause });
  }
}

/**
 * @param giveUpMs a device that takes longer is not wanted, however right it is
 * @throws {AppError} `DEVICE_SELF_TEST` when it gave up, or what the device throws
 */
export async function selfTest(
  graphs: EaselGraphs,
  model: CatalogModel,
  reference: Reference,
  giveUpMs = Number.POSITIVE_INFINITY,
): Promise<SelfTest> {
  const beganMs = performance.now();
  const checkPace = (): void => {
    const tookMs = performance.now() - beganMs;
    if (tookMs < giveUpMs) return;
    throw new AppError('DEVICE_SELF_TEST', `It is much slower than the CPU: given up after ${Math.round(tookMs)} ms.`);
  };
  const shape = toModelShape(model.manifest);
  const prefixes = createPrefixes(graphs.prefill, model.manifest, shape);
  const drawRow = createRowRunner(graphs.row, model.manifest, shape);
  const cache = createKvCache(shape);
  const nullPrefix = await prefixes.of(model.manifest.caption.nullIds);

  /** Two slots with one past, the teacher's: one is forced to its ids and makes the next past, one chooses greedily. */
  async function shareAgreeing(): Promise<number> {
    const { teacher } = reference;
    const prefix = await prefixes.of(teacher.captionIds);
    cache.regroup([-1, -1]);
    for (const slot of [0, 1]) cache.begin(slot, prefix, nullPrefix);
    let agreeing = 0;
    for (let rowsDone = 0; rowsDone < shape.rows; rowsDone++) {
      checkPace();
      const greedy = { ...toRowSlot(teacher), topK: 1, ids: teacher.ids, rowsDone };
      const forced = { ...greedy, biasIds: teacher.ids, biasStrength: FORCING_STRENGTH };
      const { ids: drawn, cache: rowCache } = await drawRow([forced, greedy], cache);
      for (const slot of [0, 1]) cache.appendRow(slot, rowsDone, rowCache, 0);
      const start = rowsDone * shape.columns;
      agreeing += (drawn[1] as number[]).filter((id, column) => id === teacher.greedyIds[start + column]).length;
    }
    return agreeing / (shape.rows * shape.columns);
  }

  async function timePicture(): Promise<number> {
    const one = reference.cases[0] as Drawn;
    cache.regroup([-1]);
    cache.begin(0, await prefixes.of(one.captionIds), nullPrefix);
    const startMs = performance.now();
    const drawnIds: number[] = [];
    for (let rowsDone = 0; rowsDone < shape.rows; rowsDone++) {
      checkPace();
      const row = await drawRow([{ ...toRowSlot(one), ids: drawnIds, rowsDone }], cache);
      cache.appendRow(0, rowsDone, row.cache);
      drawnIds.push(...(row.ids[0] as number[]));
    }
    await toPicture(graphs.decoder, drawnIds);
    return performance.now() - startMs;
  }

  const agreementShare = await shareAgreeing();
  return { agreementShare, msPerPicture: await timePicture(), testMs: performance.now() - beganMs };
}

function toRowSlot(one: Drawn): Omit<RowSlot, 'ids' | 'rowsDone'> {
  const { seed, picture: pictureIndex, guidanceScale, topK, temperature } = one;
  return { seed, pictureIndex, guidanceScale, topK, temperature, biasIds: null, biasStrength: 0 };
}
