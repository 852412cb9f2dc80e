/** A data folder opened whole: its lock, its database (or PostgreSQL) and its pictures. */
import { join } from 'node:path';
import type { BlobStore } from './blob-store.ts';
import { openFolderBlobs } from './folder-blobs.ts';
import { lockFolder } from './folder-lock.ts';
import { openPgliteStore } from './pglite/pglite-store.ts';
import { openPostgresStore } from './postgres/postgres-store.ts';
import type { OpenedStore } from './store.ts';

export type DataFolder = {
  readonly store: OpenedStore;
  readonly blobs: BlobStore;
  /** Closes the store, then lets the folder go. Safe to call twice. */
  close(): Promise<void>;
};

/**
 * Takes the folder for this process and opens what is in it.
 *
 * @param databaseUrl PostgreSQL instead of PGlite; pictures and lock stay in the folder
 * @throws {AppError} `STORE_LOCKED`, `STORE_NEWER`, `STORE_UNAVAILABLE`, `STORE_NO_PERMISSION`, `STORE_NO_SPACE`,
 * `STORE_NO_FOLDER` or `STORE_FAILED`; then nothing stays open or locked
 */
export async function openDataFolder({
  dataDir,
  databaseUrl,
}: {
  dataDir: string;
  databaseUrl: string | null;
}): Promise<DataFolder> {
  const lock = await lockFolder(dataDir);
  try {
    const blobs = await openFolderBlobs(join(dataDir, 'pictures'));
    const store =
      databaseUrl === null
        ? await openPgliteStore(join(dataDir, 'db'))
        : await openPostgresStore({ connectionString: databaseUrl });
    let closing: Promise<void> | null = null;
    return {
      store,
      blobs,
      close: () => {
        closing ??= store.close().finally(() => lock.release());
        return closing;
      },
    };
  } catch (error) {
    await lock.release();
    throw error;
  }
}
