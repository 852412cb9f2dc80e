/**
 * One owner of a data folder: PGlite has no lock of its own, and two processes on one folder lose rows without an error.
 *
 * A lock is a file with a name of its own. Whoever starts writes one, then looks at the others: if the owner of one is alive
 * it withdraws, and stale ones it deletes. So nobody ever deletes or overwrites a lock that could have become valid in
 * between, which is what goes wrong when one shared name is taken over.
 */
import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { AppError } from '../errors.ts';
import { toFileError } from './file-error.ts';
import { bootId, isProcessAlive, pidSpace, startedAtMsOf } from './process-identity.ts';

const LOCK_NAME = /^easel-[0-9a-f-]{36}\.lock$/;
/** Sign of life for owners that cannot be asked by pid: another container or machine on the same folder. */
const BEAT_MS = 5_000;
const SILENT_AFTER_MS = 30_000;
/** Two that start at once may both withdraw: they come again after a random while. */
const TRIES = 4;
const MAX_PAUSE_MS = 200;

const lockFile = z.object({
  pid: z.int(),
  /** When the process started: tells it from a later one with the same pid. */
  processStartedAtMs: z.number().nullable(),
  host: z.string(),
  bootId: z.string().nullable(),
});
type LockFile = z.infer<typeof lockFile>;

export type FolderLock = { release(): Promise<void> };

/**
 * Takes the folder for this process, making it when it is missing.
 *
 * @throws {AppError} `STORE_LOCKED` with `details.pid` when a living Easel owns it; `STORE_NO_PERMISSION`, `STORE_NO_SPACE`
 */
export async function lockFolder(folder: string): Promise<FolderLock> {
  const mine: LockFile = {
    pid: process.pid,
    processStartedAtMs: await startedAtMsOf(process.pid),
    host: hostId(),
    bootId: await bootId(),
  };
  for (let tries = 1; ; tries += 1) {
    const name = `easel-${randomUUID()}.lock`;
    const path = join(folder, name);
    const owner = await atFolder(folder, async () => {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      // Whole or not at all: a reader never sees half a lock.
      await writeFile(`${path}.new`, JSON.stringify(mine), { flag: 'wx' });
      await rename(`${path}.new`, path);
      return findLivingOwner(folder, name, mine);
    });
    if (owner === null) return keepAlive(path);
    await rm(path, { force: true });
    if (tries >= TRIES) {
      throw new AppError(
        'STORE_LOCKED',
        `The data folder ${folder} is in use by another Easel (pid ${owner.pid}). Stop that one first, or set EASEL_DATA_DIR to another folder.`,
        { details: { pid: owner.pid } },
      );
    }
    await sleep(Math.random() * MAX_PAUSE_MS);
  }
}

/** Who owns a folder now, without touching it; null when nobody does. */
export async function findFolderOwner(folder: string): Promise<{ pid: number } | null> {
  const seen: LockFile = { pid: 0, processStartedAtMs: null, host: hostId(), bootId: await bootId() };
  const names = await readdir(folder).catch(() => []);
  for (const name of names.filter((one) => LOCK_NAME.test(one))) {
    const owner = await readLock(join(folder, name));
    if (owner !== null && (await isAlive(owner, join(folder, name), seen))) return { pid: owner.pid };
  }
  return null;
}

async function findLivingOwner(folder: string, ownName: string, mine: LockFile): Promise<LockFile | null> {
  for (const name of await readdir(folder)) {
    if (!LOCK_NAME.test(name) || name === ownName) continue;
    const path = join(folder, name);
    const other = await readLock(path);
    if (other !== null && (await isAlive(other, path, mine))) return other;
    await rm(path, { force: true });
  }
  return null;
}

async function isAlive(owner: LockFile, path: string, observer: LockFile): Promise<boolean> {
  if (owner.host === observer.host) {
    if (owner.bootId !== null && observer.bootId !== null && owner.bootId !== observer.bootId) return false;
    if (!isProcessAlive(owner.pid)) return false;
    const startedAtMs = await startedAtMsOf(owner.pid);
    // Clocks of the system drift by a tick between two readings.
    return (
      startedAtMs === null ||
      owner.processStartedAtMs === null ||
      Math.abs(startedAtMs - owner.processStartedAtMs) < 2_000
    );
  }
  const lastBeatMs = (await stat(path).catch(() => null))?.mtimeMs ?? 0;
  return Date.now() - lastBeatMs < SILENT_AFTER_MS;
}

async function readLock(path: string): Promise<LockFile | null> {
  try {
    return lockFile.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch {
    // Gone meanwhile, or not ours to read: an owner writes its lock whole before it counts.
    return null;
  }
}

function keepAlive(path: string): FolderLock {
  const beat = setInterval(() => {
    const now = new Date();
    utimes(path, now, now).catch(() => undefined);
  }, BEAT_MS);
  beat.unref();
  return {
    release: async () => {
      clearInterval(beat);
      await rm(path, { force: true });
    },
  };
}

/** Where a pid means something: this machine, and this container on it. */
function hostId(): string {
  return createHash('sha256').update(`${hostname()}\n${pidSpace()}`).digest('hex').slice(0, 16);
}

async function atFolder<T>(folder: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw toFileError(error, folder);
  }
}
