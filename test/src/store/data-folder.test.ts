import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openDataFolder } from '../../../src/store/data-folder.ts';
import { findFolderOwner, lockFolder } from '../../../src/store/folder-lock.ts';
import { newRequest } from '../../contracts/store.ts';
import { type Child, startChild } from '../../fakes/child.ts';
import { copyPgliteFolder } from '../../fakes/pglite-folder.ts';

const OWNER = new URL('./children/data-folder-owner.mjs', import.meta.url);
const NOBODY = 65_534;

let dataDir: string;
let children: Child[];

beforeEach(async () => {
  dataDir = join(await mkdtemp(join(tmpdir(), 'easel-data-')), 'data');
  children = [];
});
afterEach(async () => {
  for (const child of children) await child.kill('SIGKILL');
  await rm(join(dataDir, '..'), { recursive: true });
});

function owner(job: 'hold' | 'accept'): Child {
  const child = startChild(OWNER, [dataDir, job]);
  children.push(child);
  return child;
}
const open = () => openDataFolder({ dataDir, databaseUrl: null });
const locks = async () => (await readdir(dataDir)).filter((name) => name.includes('.lock'));

const seed = () => copyPgliteFolder(join(dataDir, 'db'));

describe('a data folder has one owner', () => {
  test('a second process is refused, told the folder and the pid; the first goes on', async () => {
    await seed();
    const first = owner('hold');
    await first.line('open');
    const error = await open().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'STORE_LOCKED', details: { pid: first.pid } });
    expect(String(error)).toContain(`${dataDir} is in use by another Easel (pid ${first.pid})`);
    expect(await findFolderOwner(dataDir)).toEqual({ pid: first.pid });
    expect(await first.kill('SIGTERM')).toBe(0);
    expect(await locks()).toEqual([]);
    expect(await findFolderOwner(dataDir)).toBeNull();
  }, 240_000);

  test('the same process cannot take it twice', async () => {
    const lock = await lockFolder(dataDir);
    await expect(lockFolder(dataDir)).rejects.toMatchObject({ code: 'STORE_LOCKED', details: { pid: process.pid } });
    await lock.release();
    await (await lockFolder(dataDir)).release();
  });

  test('the lock of a killed process is stale', async () => {
    await seed();
    const first = owner('hold');
    await first.line('open');
    await first.kill('SIGKILL');
    expect(await locks()).toHaveLength(1);
    const folder = await open();
    expect(await findFolderOwner(dataDir)).toEqual({ pid: process.pid });
    await folder.close();
    expect(await locks()).toEqual([]);
  }, 240_000);

  async function writeLock(change: object): Promise<string> {
    const lock = await lockFolder(dataDir);
    const [name = ''] = await locks();
    const { readFile } = await import('node:fs/promises');
    const content: object = JSON.parse(await readFile(join(dataDir, name), 'utf8'));
    await lock.release();
    await writeFile(join(dataDir, name), JSON.stringify({ ...content, ...change }));
    return join(dataDir, name);
  }

  test('a living process with the pid of a dead owner does not keep the folder', async () => {
    await writeLock({ processStartedAtMs: 1 });
    await (await lockFolder(dataDir)).release();
  });

  test('a lock from before the machine was restarted is stale', async () => {
    await writeLock({ bootId: 'another' });
    await (await lockFolder(dataDir)).release();
  });

  test('an owner on another machine or in another container counts until it is silent for half a minute', async () => {
    const path = await writeLock({ host: 'another', pid: 1 });
    await expect(lockFolder(dataDir)).rejects.toMatchObject({ code: 'STORE_LOCKED', details: { pid: 1 } });
    const longAgo = new Date(Date.now() - 31_000);
    await utimes(path, longAgo, longAgo);
    await (await lockFolder(dataDir)).release();
  });

  test('a broken lock file does not keep the folder for ever', async () => {
    await mkdir(dataDir);
    await writeFile(join(dataDir, 'easel-00000000-0000-4000-8000-000000000000.lock'), '{"pid":');
    await (await lockFolder(dataDir)).release();
  });

  test('of eight that come at once at most one has it at any time', async () => {
    let owners = 0;
    let most = 0;
    let taken = 0;
    const one = async () => {
      const lock = await lockFolder(dataDir).catch(() => null);
      if (lock === null) return;
      owners += 1;
      taken += 1;
      most = Math.max(most, owners);
      await new Promise((resolve) => setTimeout(resolve, 20));
      owners -= 1;
      await lock.release();
    };
    for (let round = 0; round < 5; round += 1) await Promise.all(Array.from({ length: 8 }, one));
    expect(most).toBeLessThanOrEqual(1);
    expect(taken).toBeGreaterThan(0);
  });
});

describe('a data folder that cannot be used', () => {
  test('of a newer version is refused and left as it is', async () => {
    await seed();
    const client = await PGlite.create(join(dataDir, 'db'));
    await client.query('INSERT INTO easel_schema (version) VALUES (99)');
    await client.close();
    for (const _again of [1, 2]) {
      await expect(open()).rejects.toMatchObject({ code: 'STORE_NEWER', details: { found: 99 } });
    }
    expect(await locks()).toEqual([]);
  }, 240_000);

  test('that is a file is named', async () => {
    await writeFile(dataDir, '');
    await expect(open()).rejects.toMatchObject({ code: 'STORE_NO_FOLDER', message: expect.stringContaining(dataDir) });
  });

  test.skipIf(process.platform === 'win32' || process.getuid?.() !== 0)(
    'that this user may not write is named',
    async () => {
      await mkdir(dataDir, { mode: 0o755 });
      const child = startChild(OWNER, [dataDir, 'hold'], { uid: NOBODY });
      const line = await child.line('error');
      expect(JSON.parse(line.slice('error '.length))).toMatchObject({
        code: 'STORE_NO_PERMISSION',
        message: expect.stringContaining(dataDir),
      });
      expect(await child.ended).toBe(1);
    },
    240_000,
  );
});

describe('kill -9', () => {
  test('loses nothing that was acknowledged, whenever it comes', async () => {
    await seed();
    const acknowledged = new Map<string, string | null>();
    for (let round = 1; round <= 4; round += 1) {
      const child = owner('accept');
      await child.line('open');
      await child.line('drawn');
      // At a moment of its own in each round: while accepting, beginning, writing or finishing.
      await new Promise((resolve) => setTimeout(resolve, 37 * round));
      await child.kill('SIGKILL');
      for (const line of child.lines) {
        const [what, id = '', blobKey = null] = line.split(' ');
        if (what === 'accepted') acknowledged.set(id, null);
        if (what === 'drawn') acknowledged.set(id, blobKey);
      }
    }
    const folder = await open();
    for (const [id, blobKey] of acknowledged) {
      const generation = await folder.store.generations.get(id);
      expect(generation).toMatchObject({ id, pictures: [{}, { state: 'waiting' }] });
      expect(generation?.pictures[0]?.state).not.toBe('drawing');
      if (blobKey === null) continue;
      expect(generation?.pictures[0]).toMatchObject({ state: 'drawn', blobKey });
      expect(Buffer.from((await folder.blobs.get(blobKey)) ?? []).toString()).toBe(id);
    }
    const due = await folder.store.outbox.next(Date.now(), 100_000);
    expect(due.length).toBeGreaterThanOrEqual(acknowledged.size);
    expect((await folder.store.describe()).generations).toBe(due.length);
    expect((await folder.store.accept(newRequest('web'))).created).toBe(true);
    await folder.close();
  }, 240_000);
});
