import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { openDataFolder } from '../../../src/store/data-folder.ts';
import { lockFolder } from '../../../src/store/folder-lock.ts';
import { newGeneration, newRequest } from '../../contracts/store.ts';
import { copyPgliteFolder } from '../../fakes/pglite-folder.ts';

const parent = mkdtempSync(join(tmpdir(), 'easel-full-'));
const disk = join(parent, 'disk');
const reason = mountSmallDisk();

/** @returns null when a file system of 120 MB is mounted, else why this machine has none to fill */
function mountSmallDisk(): string | null {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'only root on Linux can mount a small disk';
  mkdirSync(disk);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=120m', 'tmpfs', disk], { stdio: 'ignore' });
    return null;
  } catch {
    return 'this machine may not mount a small disk';
  }
}

afterAll(() => {
  if (reason === null) execFileSync('umount', ['-l', disk]);
  rmSync(parent, { recursive: true, force: true });
});

describe.skipIf(reason !== null)(`a disk that is full${reason === null ? '' : ` (skipped: ${reason})`}`, () => {
  const open = () => openDataFolder({ dataDir: join(disk, 'data'), databaseUrl: null });
  const filler = join(disk, 'filler');

  async function fill(): Promise<void> {
    await writeFile(filler, '');
    for (const sizeBytes of [1_000_000, 10_000, 1_000]) {
      try {
        for (;;) await writeFile(filler, randomBytes(sizeBytes), { flag: 'a' });
      } catch {
        // Full to this size: the next, smaller one fills what is left.
      }
    }
  }

  test('a picture is refused and leaves nothing behind; requests are refused or kept, never half; it goes on when there is room', async () => {
    await copyPgliteFolder(join(disk, 'data', 'db'));
    const folder = await open();
    const kept = await folder.store.accept(newRequest('before'));
    await fill();
    await expect(folder.blobs.put(randomBytes(500_000))).rejects.toMatchObject({
      code: 'STORE_NO_SPACE',
      retryable: true,
    });

    const accepted: string[] = [];
    const refusals = new Set<string>();
    for (let tries = 0; tries < 400 && refusals.size === 0; tries += 1) {
      const request = newRequest('full', {
        generations: [newGeneration({ prompt: randomBytes(4_000).toString('hex') })],
      });
      await folder.store.accept(request).then(
        ({ generations }) => accepted.push(generations[0]?.id ?? ''),
        (error: { code: string }) => refusals.add(error.code),
      );
    }
    expect([...refusals].every((code) => code === 'STORE_NO_SPACE' || code === 'STORE_UNAVAILABLE')).toBe(true);
    expect(refusals.size).toBe(1);

    await rm(filler);
    await expect
      .poll(
        () =>
          folder.store.accept(newRequest('after')).then(
            ({ created }) => created,
            () => false,
          ),
        { timeout: 60_000 },
      )
      .toBe(true);
    for (const id of [kept.generations[0]?.id ?? '', ...accepted])
      expect(await folder.store.generations.get(id)).toMatchObject({ id });
    expect(await folder.blobs.get(await folder.blobs.put(randomBytes(1_000)))).toHaveLength(1_000);
    await folder.close();
  }, 300_000);

  test('opening on a full disk says so and locks nothing', async () => {
    await fill();
    await expect(openDataFolder({ dataDir: join(disk, 'another'), databaseUrl: null })).rejects.toMatchObject({
      code: 'STORE_NO_SPACE',
    });
    await rm(filler);
    await (await lockFolder(join(disk, 'another'))).release();
  }, 240_000);

  test('a disk that became read-only says so', async () => {
    execFileSync('mount', ['-o', 'remount,ro', disk]);
    await expect(open()).rejects.toMatchObject({ code: 'STORE_NO_PERMISSION' });
    execFileSync('mount', ['-o', 'remount,rw', disk]);
  });
});
