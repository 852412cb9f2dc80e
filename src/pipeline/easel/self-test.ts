/** Whether a device draws what the reference drew: right first, then how fast. */
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { AppError } from '../../errors.ts';
import { type CatalogModel, filePath } from '../../models/catalog.ts';
import type { EaselGraphs } from './graphs.ts';
import { toModelShape } from './model-shape.ts';
import type { RowSlot, Rows } from './rows.ts';

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
 * Right first, then how fast. Fills every place of `rows` once, so that a device whose memory does not hold them says so here.
 *
 * @param giveUpMs a device that takes longer is not wanted, however right it is
 * @throws {AppError} `DEVICE_SELF_TEST` when it gave up, or what the device throws
 */
export async function selfTest(
  graphs: EaselGraphs,
  rows: Rows,
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
  const { nullIds } = model.manifest.caption;
  const toSlot = (one: Drawn): RowSlot => toRowSlot(one, nullIds);

  /**
   * One slot for each row of the teacher's picture: forced to the teacher's ids up to its row, which it then chooses greedily.
   * So every choice is made from the teacher's own past, and slots stand in a batch as people's do.
   */
  async function shareAgreeing(): Promise<number> {
    const { teacher } = reference;
    const forced = {
      ...toSlot(teacher),
      topK: 1,
      ids: teacher.ids,
      biasIds: teacher.ids,
      biasStrength: FORCING_STRENGTH,
    };
    let agreeing = 0;
    for (let first = 0; first < shape.rows; first += rows.slotsMax) {
      const last = Math.min(shape.rows, first + rows.slotsMax) - 1;
      let slots = Array.from({ length: last - first + 1 }, () => mutable(forced));
      for (let rowsDone = 0; rowsDone <= last; rowsDone++) {
        checkPace();
        // The first of those left is the one whose row it is.
        const choosing = rowsDone >= first ? slots[0] : undefined;
        if (choosing !== undefined) choosing.biasStrength = 0;
        const ids = await rows.draw(slots);
        for (const slot of slots) slot.rowsDone += 1;
        if (choosing === undefined) continue;
        const start = rowsDone * shape.columns;
        agreeing += (ids[0] as number[]).filter((id, column) => id === teacher.greedyIds[start + column]).length;
        slots = slots.slice(1);
      }
    }
    return agreeing / (shape.rows * shape.columns);
  }

  async function fill(): Promise<void> {
    const one = reference.cases[0] as Drawn;
    await rows.draw(Array.from({ length: rows.slotsMax }, () => toSlot(one)));
    rows.clear();
  }

  async function timePicture(): Promise<number> {
    const ids: number[] = [];
    const slot = { ...mutable(toSlot(reference.cases[0] as Drawn)), ids };
    const startMs = performance.now();
    while (slot.rowsDone < shape.rows) {
      checkPace();
      ids.push(...((await rows.draw([slot]))[0] as number[]));
      slot.rowsDone += 1;
    }
    await graphs.painter.paint('decoder', ids);
    return performance.now() - startMs;
  }

  await fill();
  const agreementShare = await shareAgreeing();
  const msPerPicture = await timePicture();
  rows.clear();
  return { agreementShare, msPerPicture };
}

function mutable(slot: RowSlot): { -readonly [Key in keyof RowSlot]: RowSlot[Key] } {
  return { ...slot };
}

function toRowSlot(one: Drawn, unwantedIds: readonly number[]): RowSlot {
  const { captionIds, seed, picture: pictureIndex, guidanceScale, topK, temperature } = one;
  const sampling = { seed, pictureIndex, guidanceScale, topK, temperature };
  return { captionIds, unwantedIds, ...sampling, biasIds: null, biasStrength: 0, ids: [], rowsDone: 0 };
}
