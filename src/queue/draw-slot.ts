/** One slot from its pick to its stored picture. Every line between two steps may be the last one that runs. */
import { AppError, toAppError } from '../errors.ts';
import { upscaleLanczos2x } from '../image/upscale.ts';
import type { Clock } from '../ops/clock.ts';
import { persist } from '../ops/persist.ts';
import { step } from '../ops/step.ts';
import type { SlotProgress } from '../pipeline/pipeline.ts';
import type { BlobStore } from '../store/blob-store.ts';
import type { Generation, SlotKey } from '../store/records.ts';
import type { Store } from '../store/store.ts';
import type { WorkerSupervisor } from '../worker/supervisor.ts';
import { toSlotRequest } from './slot-request.ts';

export type DrawTools = {
  store: Store;
  blobs: BlobStore;
  supervisor: WorkerSupervisor;
  clock: Clock;
  /** Aborted when Easel closes: then nothing is tried again. */
  closing: AbortSignal;
  onRetry(code: string): void;
};

export type SlotOutcome =
  | { kind: 'drawn'; generation: Generation; blobKey: string; drawMs: number; notices: readonly string[] }
  /** Given up; the generation may be finished by it. */
  | { kind: 'failed'; generation: Generation | null; error: AppError }
  /** Cancelled or removed meanwhile: nothing is left of it. */
  | { kind: 'dropped' }
  /** The device is gone or Easel closes: it waits again. */
  | { kind: 'released'; error: AppError };

type Finished = {
  ids: readonly number[];
  png: Uint8Array;
  widthPx: number;
  heightPx: number;
  drawMs: number;
  engineMs: number;
  notices: readonly string[];
};

/** A picture that takes the whole machine down with it is not drawn at every start for ever. */
const ATTEMPTS_MAX = 5;

/** Never throws: each way a slot can end is an outcome. */
export async function drawSlot(
  tools: DrawTools,
  generation: Generation,
  slot: SlotKey,
  onProgress: (progress: SlotProgress) => void,
  signal: AbortSignal,
): Promise<SlotOutcome> {
  const { store, clock, closing, onRetry } = tools;
  const keep = <T>(effect: () => Promise<T>) => persist(effect, clock, closing, onRetry);
  const claim = crypto.randomUUID();
  try {
    const begun = await keep(() => step('pick', () => store.jobs.begin([slot], claim, clock.nowMs())));
    if (begun.length === 0) return { kind: 'dropped' };
    const { attempts = 0 } = generation.pictures.find(({ index }) => index === slot.pictureIndex) ?? {};
    if (attempts >= ATTEMPTS_MAX)
      throw new AppError('WORKER_DIED', 'Easel ended too often while it drew this picture.');
    const picture =
      generation.kind === 'upscale'
        ? await upscale(tools, generation)
        : await draw(tools, generation, slot, onProgress, signal);
    return await keepPicture(tools, slot, picture);
  } catch (thrown) {
    const error = toAppError(thrown);
    if (signal.aborted && error.code === 'CANCELLED') return { kind: 'dropped' };
    if (closing.aborted || isDeviceGone(error)) {
      // A restart releases what this could not write.
      await step('release', () => store.jobs.release([slot], false)).catch(() => {});
      return { kind: 'released', error };
    }
    try {
      const failed = await keep(() => step('refund', () => store.jobs.failed(slot, error.code, clock.nowMs())));
      return { kind: 'failed', generation: failed, error };
    } catch (again) {
      return { kind: 'released', error: toAppError(again) };
    }
  }
}

async function draw(
  { store, supervisor }: DrawTools,
  generation: Generation,
  slot: SlotKey,
  onProgress: (progress: SlotProgress) => void,
  signal: AbortSignal,
): Promise<Finished> {
  let parentIds: number[] | null = null;
  if (generation.kind === 'variation' && generation.parentId !== null) {
    const parent = { generationId: generation.parentId, pictureIndex: generation.parentPictureIndex ?? 0 };
    parentIds = await store.pictures.ids(parent);
    if (parentIds === null) throw new AppError('JOB_NOT_FOUND', 'The picture to vary was deleted meanwhile.');
  }
  const request = toSlotRequest(generation, slot.pictureIndex, parentIds);
  return step('draw', () => supervisor.draw(request, onProgress, signal));
}

/** The one picture at twice the size; needs no model while its file is there. */
async function upscale(tools: DrawTools, generation: Generation): Promise<Finished> {
  const { clock, store } = tools;
  const startedAtMs = clock.nowMs();
  const parent = { generationId: generation.parentId ?? '', pictureIndex: generation.parentPictureIndex ?? 0 };
  const png = await pictureOf(tools, parent);
  const ids = await store.pictures.ids(parent);
  const upscaled = await step('upscale', () => upscaleLanczos2x(png));
  return { ids: ids ?? [], ...upscaled, drawMs: clock.nowMs() - startedAtMs, engineMs: 0, notices: [] };
}

/**
 * The bytes of a picture: its file, or decoded anew from its ids when the file has expired (and then kept again).
 *
 * @throws {AppError} `JOB_NOT_FOUND` when it was removed, `JOB_MODEL_GONE` when its model is no longer here
 */
export async function pictureOf(
  { store, blobs, supervisor }: Pick<DrawTools, 'store' | 'blobs' | 'supervisor'>,
  slot: SlotKey,
): Promise<Uint8Array> {
  const generation = await store.generations.get(slot.generationId);
  const picture = generation?.pictures.find(({ index }) => index === slot.pictureIndex);
  if (generation === null || picture?.state !== 'drawn') {
    throw new AppError('JOB_NOT_FOUND', 'This picture is not here any more: it was deleted, or never existed.');
  }
  const stored = picture.blobKey === null ? null : await blobs.get(picture.blobKey);
  if (stored !== null) return stored;
  const ids = await store.pictures.ids(slot);
  const held = supervisor.info?.model;
  // The hash too: another version of the model decodes the same ids into another picture.
  if (ids === null || (held !== undefined && (held.name !== generation.model || held.hash !== generation.modelHash))) {
    throw modelGone();
  }
  let png: Uint8Array;
  try {
    png = await step('decode', () => supervisor.decode(generation.model, ids));
  } catch (thrown) {
    throw toAppError(thrown).code === 'MODEL_UNKNOWN' ? modelGone() : thrown;
  }
  if (generation.kind === 'upscale') ({ png } = await step('upscale', () => upscaleLanczos2x(png)));
  const blobKey = await step('store', () => blobs.put(png));
  await step('drawn', () => store.pictures.restore(slot, blobKey, png.length));
  return png;
}

async function keepPicture(tools: DrawTools, slot: SlotKey, picture: Finished): Promise<SlotOutcome> {
  const { store, blobs, clock, closing, onRetry } = tools;
  const keep = <T>(effect: () => Promise<T>) => persist(effect, clock, closing, onRetry);
  const { ids, png, widthPx, heightPx, drawMs, engineMs, notices } = picture;
  const blobKey = await keep(() => step('store', () => blobs.put(png)));
  const drawn = { ...slot, ids, blobKey, sizeBytes: png.length, widthPx, heightPx, drawMs, engineMs };
  const generation = await keep(() => step('drawn', () => store.jobs.drawn({ ...drawn, finishedAtMs: clock.nowMs() })));
  if (generation !== null) return { kind: 'drawn', generation, blobKey, drawMs, notices };
  const inUse = await store.pictures.referenced([blobKey]);
  if (inUse.length === 0) await step('erase', () => blobs.remove([blobKey]));
  return { kind: 'dropped' };
}

/** Not the picture's fault: it is drawn when a worker passes its self-test again. */
function isDeviceGone(error: AppError): boolean {
  if (error.code === 'WORKER_CLOSED') return true;
  // A worker that never became ready again, as opposed to a picture that ended two of them.
  if (error.code === 'WORKER_DIED') return error.details['deaths'] !== undefined;
  // One picture alone did not fit: it would not the next time.
  if (error.code === 'DEVICE_OUT_OF_MEMORY') return false;
  return error.area === 'DEVICE' || (error.area === 'MODEL' && error.code !== 'MODEL_UNKNOWN');
}

function modelGone(): AppError {
  return new AppError(
    'JOB_MODEL_GONE',
    'The model that drew this is no longer here. Draw the prompt again with the present one.',
  );
}
