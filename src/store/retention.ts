/** Keeps picture files within their age and budget; generations and token ids stay, so an expired picture can be drawn from them again. */
import { step } from '../ops/step.ts';
import type { BlobStore } from './blob-store.ts';
import type { SlotKey } from './records.ts';
import type { Store } from './store.ts';

const DAY_MS = 24 * 60 * 60 * 1_000;

export const DEFAULT_RETENTION: RetentionLimits = { maxAgeMs: 30 * DAY_MS, maxBytes: 5 * 1024 ** 3 };

export type RetentionLimits = { readonly maxAgeMs: number; readonly maxBytes: number };

/** A file that no picture refers to may belong to one that is just being stored; younger ones are left alone. */
const ORPHAN_AGE_MS = 60 * 60 * 1_000;
const BATCH = 500;

/** @returns pictures whose file went */
export type RetentionOutcome = { expiredPictures: number; freedBytes: number };

/**
 * Lets the oldest files go until none is too old and all of them fit the budget. Kept ones never go, but count.
 *
 * The database forgets a file before it is erased: a crash in between leaves an orphan for `sweepOrphans`, never a picture
 * without its file.
 */
export async function applyRetention(
  { store, blobs }: { store: Pick<Store, 'pictures'>; blobs: BlobStore },
  { maxAgeMs, maxBytes }: RetentionLimits,
  nowMs: number,
  signal?: AbortSignal,
): Promise<RetentionOutcome> {
  let totalBytes = await store.pictures.totalBytes();
  const outcome: RetentionOutcome = { expiredPictures: 0, freedBytes: 0 };
  while (!signal?.aborted) {
    const candidates = await store.pictures.oldest(BATCH);
    const leaving: SlotKey[] = [];
    let leavingBytes = 0;
    for (const { generationId, pictureIndex, sizeBytes, drawnAtMs } of candidates) {
      if (nowMs - drawnAtMs < maxAgeMs && totalBytes - leavingBytes <= maxBytes) break;
      leaving.push({ generationId, pictureIndex });
      leavingBytes += sizeBytes;
    }
    if (leaving.length === 0) break;
    const blobKeys = await step('expire', () => store.pictures.expire(leaving));
    await step('erase', () => blobs.remove(blobKeys));
    // Pictures may share a file: asked anew, since their sizes do not add up to what was freed.
    const restBytes = await store.pictures.totalBytes();
    outcome.expiredPictures += leaving.length;
    outcome.freedBytes += totalBytes - restBytes;
    totalBytes = restBytes;
  }
  return outcome;
}

/** Erases files that no picture refers to: what a crash between two steps left behind. @returns how many */
export async function sweepOrphans(
  { store, blobs }: { store: Pick<Store, 'pictures'>; blobs: BlobStore },
  nowMs: number,
  signal?: AbortSignal,
): Promise<number> {
  let sweptFiles = 0;
  let batch: string[] = [];
  async function sweep(): Promise<void> {
    const referenced = new Set(await store.pictures.referenced(batch));
    const orphans = batch.filter((key) => !referenced.has(key));
    if (orphans.length > 0) await step('erase', () => blobs.remove(orphans));
    sweptFiles += orphans.length;
    batch = [];
  }
  for await (const { key, writtenAtMs } of blobs.list()) {
    if (signal?.aborted) return sweptFiles;
    if (nowMs - writtenAtMs < ORPHAN_AGE_MS) continue;
    batch.push(key);
    if (batch.length >= BATCH) await sweep();
  }
  if (batch.length > 0) await sweep();
  return sweptFiles;
}
