/** What every `BlobStore` does. */
import { createHash, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { BlobInfo, BlobStore } from '../../src/store/blob-store.ts';

export type BlobStoreHarness = { open(): Promise<BlobStore>; dispose(): Promise<void> };

export function blobStoreContract(name: string, harness: BlobStoreHarness): void {
  describe(`blob store in ${name}`, () => {
    let blobs: BlobStore;
    beforeAll(async () => {
      blobs = await harness.open();
    });
    afterAll(() => harness.dispose());

    async function listed(): Promise<BlobInfo[]> {
      const all: BlobInfo[] = [];
      for await (const blob of blobs.list()) all.push(blob);
      return all;
    }

    test('bytes come back under the hash of themselves', async () => {
      const bytes = randomBytes(100_000);
      const key = await blobs.put(bytes);
      expect(key).toBe(createHash('sha256').update(bytes).digest('hex'));
      expect(Buffer.compare((await blobs.get(key)) ?? Buffer.alloc(0), bytes)).toBe(0);
    });

    test('the same bytes are stored once, also when they come twenty times at once', async () => {
      const bytes = randomBytes(10_000);
      const keys = await Promise.all(Array.from({ length: 20 }, () => blobs.put(bytes)));
      expect(new Set(keys).size).toBe(1);
      expect((await listed()).filter(({ key }) => key === keys[0])).toMatchObject([{ sizeBytes: 10_000 }]);
    });

    test('no bytes at all are stored too', async () => {
      expect(await blobs.get(await blobs.put(new Uint8Array()))).toHaveLength(0);
    });

    test('removed bytes are gone, can come back, and removing them twice is no error', async () => {
      const bytes = randomBytes(100);
      const key = await blobs.put(bytes);
      await blobs.remove([key]);
      await blobs.remove([key]);
      expect(await blobs.get(key)).toBeNull();
      expect(await blobs.put(bytes)).toBe(key);
      expect(await blobs.get(key)).toHaveLength(100);
    });

    test.each(['', 'unknown', '../../etc/passwd', 'a'.repeat(64), `${'a'.repeat(63)}/`, 'A'.repeat(64), '\0'])(
      'nothing is under %j',
      async (key) => {
        expect(await blobs.get(key)).toBeNull();
        await blobs.remove([key]);
      },
    );

    test('what is stored is still there when it is opened again', async () => {
      const key = await blobs.put(randomBytes(500));
      blobs = await harness.open();
      expect(await blobs.get(key)).toHaveLength(500);
      expect((await listed()).map((blob) => blob.key)).toContain(key);
    });

    test('says how much room is left, or that it cannot know', async () => {
      const freeBytes = await blobs.freeBytes();
      expect(freeBytes === null || freeBytes > 0).toBe(true);
    });
  });
}
