/** Picture files in a folder, named by the sha256 of their bytes. */
import { createHash, randomUUID } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm, stat, statfs, utimes } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { BlobInfo, BlobStore } from './blob-store.ts';
import { toFileError } from './file-error.ts';

const KEY = /^[0-9a-f]{64}$/;
/** Files on their way; what a crash left here is taken out at the next opening. */
const UNFINISHED = 'unfinished';

/**
 * Opens (or makes) the folder. One process at a time: the data folder's lock sees to that.
 *
 * @throws {AppError} `STORE_NO_PERMISSION` or `STORE_NO_SPACE` when the folder cannot be made
 */
export async function openFolderBlobs(folder: string): Promise<BlobStore> {
  const unfinished = join(folder, UNFINISHED);
  await guard(folder, async () => {
    await mkdir(folder, { recursive: true });
    await rm(unfinished, { recursive: true, force: true });
    await mkdir(unfinished);
  });
  const pathOf = (key: string) => join(folder, key.slice(0, 2), key);

  return {
    put: (bytes) =>
      guard(folder, async () => {
        const key = hashOf(bytes);
        const path = pathOf(key);
        if (await isWhole(path, bytes.byteLength)) {
          // Young again, so that a sweep of forgotten files leaves it to its new owner.
          const now = new Date();
          await utimes(path, now, now);
          return key;
        }
        await mkdir(dirname(path), { recursive: true });
        const draft = join(unfinished, randomUUID());
        try {
          await writeDurably(draft, bytes);
          await rename(draft, path);
        } catch (error) {
          await rm(draft, { force: true });
          throw error;
        }
        await syncFolder(dirname(path));
        return key;
      }),
    get: async (key) => {
      if (!KEY.test(key)) return null;
      return guard(folder, async () => {
        const bytes = await readFile(pathOf(key)).catch(nullWhenMissing);
        if (bytes === null || hashOf(bytes) === key) return bytes;
        await rm(pathOf(key), { force: true });
        return null;
      });
    },
    remove: (keys) =>
      guard(folder, async () => {
        for (const key of keys) if (KEY.test(key)) await rm(pathOf(key), { force: true });
      }),
    list: () => listFiles(folder),
    freeBytes: () =>
      guard(folder, async () => {
        const { bavail, bsize } = await statfs(folder);
        return bavail * bsize;
      }),
  };
}

async function* listFiles(folder: string): AsyncGenerator<BlobInfo> {
  for (const shelf of await readdir(folder)) {
    if (!/^[0-9a-f]{2}$/.test(shelf)) continue;
    for (const key of await readdir(join(folder, shelf))) {
      const info = KEY.test(key) ? await stat(join(folder, shelf, key)).catch(nullWhenMissing) : null;
      if (info !== null) yield { key, sizeBytes: info.size, writtenAtMs: info.mtimeMs };
    }
  }
}

/** A power cut may leave the length and lose the bytes: those are found by `get`, which reads them anyway. */
async function isWhole(path: string, sizeBytes: number): Promise<boolean> {
  const info = await stat(path).catch(nullWhenMissing);
  return info?.size === sizeBytes;
}

async function writeDurably(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** A rename is durable once its folder is. Windows has no such call and no need of it. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function nullWhenMissing(error: NodeJS.ErrnoException): null {
  if (error.code === 'ENOENT') return null;
  throw error;
}

async function guard<T>(folder: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw toFileError(error, folder);
  }
}
