import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, rm, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { BlobStore } from '../../../src/store/blob-store.ts';
import { openFolderBlobs } from '../../../src/store/folder-blobs.ts';
import { openPgliteStore } from '../../../src/store/pglite/pglite-store.ts';
import { applyRetention, DEFAULT_RETENTION, sweepOrphans } from '../../../src/store/retention.ts';
import type { OpenedStore } from '../../../src/store/store.ts';
import { drawnSlot, newGeneration, newRequest } from '../../contracts/store.ts';
import { copyPgliteFolder } from '../../fakes/pglite-folder.ts';

const DAY_MS = 86_400_000;
const NOW_MS = Date.UTC(2026, 5, 1);
const NEVER = { maxAgeMs: Number.POSITIVE_INFINITY, maxBytes: Number.POSITIVE_INFINITY };

let folder: string;
let store: OpenedStore;
let blobs: BlobStore;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'easel-retention-'));
  await copyPgliteFolder(join(folder, 'db'));
  store = await openPgliteStore(join(folder, 'db'));
  blobs = await openFolderBlobs(join(folder, 'pictures'));
}, 240_000);

afterEach(async () => {
  await store.close();
  await rm(folder, { recursive: true });
});

async function drawPicture(drawnAtMs: number, bytes: Uint8Array = randomBytes(1_000)) {
  const { generations } = await store.accept(newRequest('web', { generations: [newGeneration({ pictures: 1 })] }));
  const slot = { generationId: generations[0]?.id ?? '', pictureIndex: 0 };
  await store.jobs.begin([slot], randomUUID(), drawnAtMs);
  const blobKey = await blobs.put(bytes);
  await store.jobs.drawn(drawnSlot(slot, { blobKey, sizeBytes: bytes.length, finishedAtMs: drawnAtMs }));
  return { ...slot, blobKey };
}

async function isThere(picture: { generationId: string; blobKey: string }): Promise<boolean> {
  const generation = await store.generations.get(picture.generationId);
  const isKnown = generation?.pictures[0]?.blobKey === picture.blobKey;
  const hasFile = (await blobs.get(picture.blobKey)) !== null;
  expect(isKnown).toBe(hasFile);
  return hasFile;
}

const age = { ...NEVER, maxAgeMs: 30 * DAY_MS };

describe('retention', () => {
  test('is thirty days or five gigabytes unless told otherwise', () => {
    expect(DEFAULT_RETENTION).toEqual({ maxAgeMs: 30 * DAY_MS, maxBytes: 5_368_709_120 });
  });

  test('a picture expires at exactly its age, its token ids stay', async () => {
    const picture = await drawPicture(NOW_MS - 30 * DAY_MS);
    expect(await applyRetention({ store, blobs }, age, NOW_MS - 1)).toEqual({ expiredPictures: 0, freedBytes: 0 });
    expect(await isThere(picture)).toBe(true);
    expect(await applyRetention({ store, blobs }, age, NOW_MS)).toEqual({ expiredPictures: 1, freedBytes: 1_000 });
    expect(await isThere(picture)).toBe(false);
    expect(await store.pictures.ids(picture)).toHaveLength(256);
  });

  test('over the budget the oldest go first and no more than needed; kept ones stay and count', async () => {
    const kept = await drawPicture(NOW_MS - 9 * DAY_MS);
    await store.generations.keep(kept.generationId, true);
    const [oldest, middle, newest] = [
      await drawPicture(NOW_MS - 3),
      await drawPicture(NOW_MS - 2),
      await drawPicture(NOW_MS - 1),
    ];
    expect(await applyRetention({ store, blobs }, { ...NEVER, maxBytes: 3_000 }, NOW_MS)).toEqual({
      expiredPictures: 1,
      freedBytes: 1_000,
    });
    expect(await Promise.all([kept, oldest, middle, newest].map(isThere))).toEqual([true, false, true, true]);
    await applyRetention({ store, blobs }, { ...NEVER, maxBytes: 0 }, NOW_MS);
    expect(await Promise.all([kept, oldest, middle, newest].map(isThere))).toEqual([true, false, false, false]);
  });

  test('a file that a younger picture shares stays until that one goes', async () => {
    const bytes = randomBytes(1_000);
    await drawPicture(NOW_MS - 31 * DAY_MS, bytes);
    const young = await drawPicture(NOW_MS, bytes);
    expect(await applyRetention({ store, blobs }, age, NOW_MS)).toEqual({ expiredPictures: 1, freedBytes: 0 });
    expect(await isThere(young)).toBe(true);
  });

  test('files nobody refers to are swept once they are an hour old', async () => {
    const picture = await drawPicture(NOW_MS);
    const orphan = await blobs.put(randomBytes(500));
    const written = new Date(NOW_MS - 60 * 60_000);
    for (const key of [picture.blobKey, orphan])
      await utimes(join(folder, 'pictures', key.slice(0, 2), key), written, written);
    expect(await sweepOrphans({ store, blobs }, NOW_MS - 1)).toBe(0);
    expect(await sweepOrphans({ store, blobs }, NOW_MS)).toBe(1);
    expect(await blobs.get(orphan)).toBeNull();
    expect(await isThere(picture)).toBe(true);
  });
});
