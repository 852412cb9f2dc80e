import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { openFolderBlobs } from '../../../src/store/folder-blobs.ts';
import { blobStoreContract } from '../../contracts/blob-store.ts';

const folder = await mkdtemp(join(tmpdir(), 'easel-blobs-'));
afterAll(() => rm(folder, { recursive: true }));

blobStoreContract('a folder', {
  open: () => openFolderBlobs(join(folder, 'contract')),
  dispose: () => rm(join(folder, 'contract'), { recursive: true }),
});

describe('picture files in a folder', () => {
  test('a damaged file is as good as none and is written again', async () => {
    const blobs = await openFolderBlobs(join(folder, 'damaged'));
    const key = await blobs.put(Buffer.from('a fox'));
    await writeFile(join(folder, 'damaged', key.slice(0, 2), key), 'a fax');
    expect(await blobs.get(key)).toBeNull();
    expect(await blobs.put(Buffer.from('a fox'))).toBe(key);
    expect(Buffer.from((await blobs.get(key)) ?? []).toString()).toBe('a fox');
  });

  test('a file cut short by a power cut is written anew', async () => {
    const blobs = await openFolderBlobs(join(folder, 'short'));
    const key = await blobs.put(Buffer.from('a fox'));
    await writeFile(join(folder, 'short', key.slice(0, 2), key), '');
    await blobs.put(Buffer.from('a fox'));
    expect(Buffer.from((await blobs.get(key)) ?? []).toString()).toBe('a fox');
  });

  test('what a crash left half written is gone at the next opening', async () => {
    const half = join(folder, 'half', 'unfinished');
    await mkdir(half, { recursive: true });
    await writeFile(join(half, 'half'), 'a f');
    await openFolderBlobs(join(folder, 'half'));
    expect(await readdir(half)).toEqual([]);
  });

  test('files of others in the folder are not listed', async () => {
    const blobs = await openFolderBlobs(join(folder, 'others'));
    const key = await blobs.put(Buffer.from('a fox'));
    await writeFile(join(folder, 'others', key.slice(0, 2), 'thumbs.db'), 'x');
    await mkdir(join(folder, 'others', 'lost+found'));
    const keys: string[] = [];
    for await (const blob of blobs.list()) keys.push(blob.key);
    expect(keys).toEqual([key]);
  });

  test('a file where the folder should be is named', async () => {
    const path = join(folder, 'taken');
    await writeFile(path, '');
    await expect(openFolderBlobs(path)).rejects.toMatchObject({
      code: 'STORE_NO_FOLDER',
      message: expect.stringContaining(path),
    });
  });
});
