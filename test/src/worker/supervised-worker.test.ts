import { spawn } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { decodePng } from '../../../src/image/png.ts';
import type { SlotProgress } from '../../../src/pipeline/pipeline.ts';
import { createMemoryWatch } from '../../../src/worker/memory-watch.ts';
import { createSupervisedWorker, type SupervisedWorkerOptions } from '../../../src/worker/supervised-worker.ts';
import type { WorkerState, WorkerSupervisor } from '../../../src/worker/supervisor.ts';
import { FIXTURES_DIR, slotOf } from '../pipeline/slot-of.ts';
import { DRIVER, missing } from '../pipeline/software-vulkan.ts';
import { writeInt8Catalog } from '../pipeline/tiny-model.ts';

const open: WorkerSupervisor[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((worker) => worker.close()));
});

const ignore = (): void => {};

function superviseTiny(options: Partial<SupervisedWorkerOptions> = {}): WorkerSupervisor {
  const restart = { firstDelayMs: 5, ...options.restart };
  const worker = createSupervisedWorker({ modelsDir: FIXTURES_DIR, model: 'tiny', device: 'cpu', ...options, restart });
  open.push(worker);
  return worker;
}

function program(name: string): string {
  return fileURLToPath(new URL(`./programs/${name}.mjs`, import.meta.url));
}

function statesOf(worker: WorkerSupervisor): WorkerState[] {
  const states: WorkerState[] = [];
  worker.onState((state) => states.push(state));
  return states;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe('drawing', () => {
  test('gives a PNG of the model size, with progress of every row before it and small pictures on the way', async () => {
    const worker = superviseTiny();
    const info = await worker.start();
    expect(info).toMatchObject({ device: 'cpu', rows: 4, slots: 8, model: { name: 'tiny', widthPx: 32 } });
    const progress: SlotProgress[] = [];
    const picture = await worker.draw(slotOf({ previews: true }), (one) => progress.push(one));
    expect(progress.map((one) => one.rowsDone)).toEqual([1, 2, 3]);
    expect(progress[0]?.preview).toMatchObject({ widthPx: 16, heightPx: 16 });
    expect(progress[0]?.preview?.rgba).toHaveLength(16 * 16 * 4);
    expect((await decodePng(picture.png)).widthPx).toBe(32);
    expect(picture.ids).toHaveLength(16);
  });

  test('of the same seed, prompt and model gives the same bytes, in another worker and in a crowd too', async () => {
    const worker = superviseTiny();
    const alone = await worker.draw(slotOf({ seed: 5 }), ignore);
    const again = superviseTiny({ slots: 3 });
    const crowd = [4, 5, 6, 7, 8].map((seed) => again.draw(slotOf({ seed }), ignore));
    const same = (await Promise.all(crowd))[1];
    expect(Buffer.from(same?.png ?? []).equals(Buffer.from(alone.png))).toBe(true);
  });

  test('leaves onnxruntime out of the parent process', async () => {
    const worker = superviseTiny();
    await worker.draw(slotOf(), ignore);
    const { sharedObjects } = process.report.getReport() as { sharedObjects: string[] };
    expect(sharedObjects.length).toBeGreaterThan(0);
    expect(sharedObjects.filter((path) => path.includes('onnxruntime'))).toEqual([]);
  });

  test('again from ids gives the same picture', async () => {
    const worker = superviseTiny();
    const picture = await worker.draw(slotOf(), ignore);
    const png = await worker.decode('tiny', picture.ids);
    expect(Buffer.from(png).equals(Buffer.from(picture.png))).toBe(true);
    await expect(worker.decode('tiny', [1, 2, 3])).rejects.toMatchObject({ code: 'INPUT_IDS' });
    await expect(worker.decode('other', picture.ids)).rejects.toMatchObject({ code: 'MODEL_UNKNOWN' });
  });

  test('a slot that the engine refuses fails alone', async () => {
    const worker = superviseTiny();
    const bad = worker.draw(slotOf({ variation: { parentIds: [1], strength: 'subtle' } }), ignore);
    const good = worker.draw(slotOf(), ignore);
    await expect(bad).rejects.toMatchObject({ code: 'INPUT_IDS' });
    await expect(good).resolves.toMatchObject({ widthPx: 32 });
  });

  test('two slots with one id, or a model that this worker does not hold, are refused', async () => {
    const worker = superviseTiny();
    const slot = slotOf();
    const first = worker.draw(slot, ignore);
    await expect(worker.draw(slot, ignore)).rejects.toMatchObject({ code: 'INTERNAL' });
    await expect(worker.draw(slotOf({ model: 'other' }), ignore)).rejects.toMatchObject({ code: 'MODEL_UNKNOWN' });
    await first;
  });
});

describe('cancelling', () => {
  test('before, while waiting and while drawing rejects with CANCELLED and leaves the rest alone', async () => {
    const worker = superviseTiny({ slots: 1 });
    await worker.start();
    const drawing = new AbortController();
    const waiting = new AbortController();
    const inFlight = worker.draw(slotOf(), () => drawing.abort(), drawing.signal);
    const queued = worker.draw(slotOf(), ignore, waiting.signal);
    const kept = worker.draw(slotOf({ seed: 3 }), ignore);
    waiting.abort();
    await expect(worker.draw(slotOf(), ignore, AbortSignal.abort())).rejects.toMatchObject({ code: 'CANCELLED' });
    await expect(queued).rejects.toMatchObject({ code: 'CANCELLED' });
    await expect(inFlight).rejects.toMatchObject({ code: 'CANCELLED' });
    await expect(kept).resolves.toMatchObject({ widthPx: 32 });
  });

  test('a start ends the worker', async () => {
    const worker = superviseTiny();
    await expect(worker.start(AbortSignal.abort())).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(worker.state).toBe('closed');
  });
});

describe('a worker that dies', () => {
  test('by kill -9 while drawing is restarted and every picture comes out as it would have', async () => {
    const seeds = Array.from({ length: 24 }, (_, index) => index);
    const calm = superviseTiny();
    const expected = await Promise.all(seeds.map((seed) => calm.draw(slotOf({ seed }), ignore)));
    const worker = superviseTiny();
    const states = statesOf(worker);
    const { pid } = await worker.start();
    let killed = false;
    const drawn = await Promise.all(
      seeds.map((seed) =>
        worker.draw(slotOf({ seed }), () => {
          if (!killed) process.kill(pid, 'SIGKILL');
          killed = true;
        }),
      ),
    );
    expect(killed).toBe(true);
    expect(drawn.map((one) => one.ids)).toEqual(expected.map((one) => one.ids));
    expect(states).toEqual(['ready', 'down', 'ready']);
    expect(worker.info?.pid).not.toBe(pid);
  });

  test('twice on one slot fails that slot with WORKER_DIED and none of those drawn beside it', async () => {
    const worker = superviseTiny({ entry: program('dies-on-poison') });
    await worker.start();
    const captions = ['a cat', 'poison', 'a dog', 'a red apple'];
    const results = await Promise.allSettled(captions.map((caption) => worker.draw(slotOf({ caption }), ignore)));
    expect(results.map((one) => one.status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled']);
    expect(results[1]).toMatchObject({ reason: { code: 'WORKER_DIED', retryable: true } });
    await expect(worker.draw(slotOf(), ignore)).resolves.toMatchObject({ widthPx: 32 });
  });

  test('three times before it is ready rejects start and whoever waits', async () => {
    const worker = superviseTiny({ entry: program('dies-at-once') });
    const waits = worker.draw(slotOf(), ignore);
    await expect(waits).rejects.toMatchObject({ code: 'WORKER_DIED', details: { deaths: 3 } });
    await expect(worker.start()).rejects.toMatchObject({ code: 'WORKER_DIED' });
    expect(worker.state).toBe('closed');
  });

  test('while it opens a device goes on without that device', async () => {
    const worker = superviseTiny({ entry: program('dies-on-webgpu'), device: 'auto' });
    const info = await worker.start();
    expect(info.device).toBe('cpu');
    expect(info.devices.find((one) => one.device === 'webgpu')).toMatchObject({
      passed: false,
      why: expect.stringMatching(/died/),
    });
  });

  test.skipIf(missing !== null)(
    `while it opens a device in float16 goes on in float32 there, asked for by name or not${missing === null ? '' : ` (skipped: ${missing})`}`,
    { timeout: 120_000 },
    async () => {
      const modelsDir = await mkdtemp(join(tmpdir(), 'easel-half-'));
      await writeInt8Catalog(modelsDir);
      vi.stubEnv('VK_DRIVER_FILES', DRIVER);
      const worker = superviseTiny({ entry: program('dies-in-float16'), modelsDir, device: 'webgpu', slots: 1 });
      const info = await worker.start();
      vi.unstubAllEnvs();
      expect(info).toMatchObject({ device: 'webgpu', compute: 'float32' });
      expect(info.devices).toMatchObject([
        { passed: true },
        { compute: 'float16', why: expect.stringMatching(/died/) },
      ]);
      await worker.close();
      await rm(modelsDir, { recursive: true });
    },
  );

  test('or hangs while it opens a device goes on without that device', async () => {
    const options = { entry: program('hangs-on-webgpu'), device: 'auto', restart: { stallMs: 6000 } } as const;
    const info = await superviseTiny(options).start();
    expect(info.devices.find((one) => one.device === 'webgpu')).toMatchObject({ passed: false });
    expect(info.device).toBe('cpu');
  });

  test('or hangs is ended, and its pictures are drawn again', async () => {
    const worker = superviseTiny({ restart: { stallMs: 4000 } });
    const { pid } = await worker.start();
    process.kill(pid, 'SIGSTOP');
    await expect(worker.draw(slotOf(), ignore)).resolves.toMatchObject({ widthPx: 32 });
    expect(isAlive(pid)).toBe(false);
  });
});

describe('a worker whose memory grows', () => {
  test('is replaced between two jobs: what is drawn ends there, what waits is drawn by the next', async () => {
    const logged: string[] = [];
    // Any growth is too much, so the first picture retires its worker.
    const memory = { warmUpPictures: 0, growthMaxBytes: 0 };
    const worker = superviseTiny({ slots: 2, memory, onLog: (text) => logged.push(text) });
    const { pid } = await worker.start();
    const draws = [1, 2, 3].map((seed) => worker.draw(slotOf({ seed }), ignore));
    const drawn = await Promise.all(draws);
    expect(drawn.map(({ widthPx }) => widthPx)).toEqual([32, 32, 32]);
    expect(worker.info?.pid).not.toBe(pid);
    await expect.poll(() => isAlive(pid)).toBe(false);
    expect(logged.join('')).toMatch(/replaced, its memory had grown/);
    expect(logged.join('')).not.toMatch(/death/);
  });

  test('is left alone while it stays within its bounds', () => {
    const watch = createMemoryWatch({ warmUpPictures: 2, growthMaxBytes: 100 });
    expect([500, 700, 800, 750, 801].map((bytes) => watch.seen(bytes))).toEqual([false, false, false, false, true]);
  });
});

describe('a self-test that was passed', () => {
  test('is remembered for the driver and the model, and not repeated; a spoilt file is tested anew', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'easel-self-tests-'));
    const selfTestPath = join(dir, 'cache', 'self-tests.json');
    const first = await superviseTiny({ selfTestPath }).start();
    const file = JSON.parse(await readFile(selfTestPath, 'utf8')) as Record<string, { msPerPicture: number }>;
    const [key = ''] = Object.keys(file);
    expect(Object.values(file)).toMatchObject([{ agreementShare: 1, capacity: 8, msPerPicture: first.msPerPicture }]);
    await writeFile(selfTestPath, JSON.stringify({ [key]: { agreementShare: 1, capacity: 3, msPerPicture: 77 } }));
    expect(await superviseTiny({ selfTestPath }).start()).toMatchObject({ msPerPicture: 77, slots: 3 });
    // Asked for other slots, it is another question.
    expect(await superviseTiny({ selfTestPath, slots: 2 }).start()).toMatchObject({ slots: 2 });
    await writeFile(selfTestPath, '{"spoilt":');
    expect((await superviseTiny({ selfTestPath }).start()).msPerPicture).not.toBe(77);
    await rm(dir, { recursive: true });
  });
});

describe('a model that is not as promised', () => {
  test.each([
    ['altered', 'MODEL_ALTERED', async (path: string) => writeFile(path, 'x', { flag: 'r+' })],
    ['cut', 'MODEL_CUT', async (path: string) => truncate(path, 1000)],
    ['missing', 'MODEL_MISSING', async (path: string) => rm(path)],
  ])('because a file is %s is refused at start with the name of the file', async (_, code, damage) => {
    const dir = await mkdtemp(join(tmpdir(), 'easel-models-'));
    await cp(FIXTURES_DIR, dir, { recursive: true });
    await damage(join(dir, 'tiny-model', 'gpt.data'));
    const worker = superviseTiny({ modelsDir: dir });
    await expect(worker.start()).rejects.toMatchObject({ code, message: expect.stringContaining('gpt.data') });
    await expect(worker.draw(slotOf(), ignore)).rejects.toMatchObject({ code: 'WORKER_CLOSED' });
    await rm(dir, { recursive: true });
  });

  test('because no such model is known is refused with the nearest name', async () => {
    const worker = superviseTiny({ model: 'tinny' });
    await expect(worker.start()).rejects.toMatchObject({
      code: 'MODEL_UNKNOWN',
      message: expect.stringContaining('tiny?'),
    });
  });
});

describe('closing', () => {
  test('lets what is drawn finish, rejects what waits, and ends the process; a second close is the same', async () => {
    const worker = superviseTiny({ slots: 1, drainMs: 60_000 });
    const { pid } = await worker.start();
    let first = (): void => {};
    const begun = new Promise<void>((resolve) => {
      first = resolve;
    });
    const draws = [1, 2, 3].map((seed) => worker.draw(slotOf({ seed }), () => first()));
    const settled = Promise.allSettled(draws);
    await begun;
    await Promise.all([worker.close(), worker.close()]);
    const [drawn, ...waited] = await settled;
    expect(drawn).toMatchObject({ status: 'fulfilled', value: { widthPx: 32 } });
    for (const one of waited) expect(one).toMatchObject({ status: 'rejected', reason: { code: 'WORKER_CLOSED' } });
    expect(isAlive(pid)).toBe(false);
    expect(worker.state).toBe('closed');
    await expect(worker.draw(slotOf(), ignore)).rejects.toMatchObject({ code: 'WORKER_CLOSED' });
  });

  test('does not wait for ever for what does not finish', async () => {
    const worker = superviseTiny({ drainMs: 10 });
    const { pid } = await worker.start();
    process.kill(pid, 'SIGSTOP');
    const draw = worker.draw(slotOf(), ignore);
    const refused = expect(draw).rejects.toMatchObject({ code: 'WORKER_CLOSED' });
    await worker.close();
    await refused;
    expect(isAlive(pid)).toBe(false);
  });

  test('does not wait for a worker that dies meanwhile', async () => {
    const worker = superviseTiny({ drainMs: 60_000 });
    const { pid } = await worker.start();
    process.kill(pid, 'SIGSTOP');
    const draw = worker.draw(slotOf(), ignore);
    const refused = expect(draw).rejects.toMatchObject({ code: 'WORKER_CLOSED' });
    const closing = worker.close();
    process.kill(pid, 'SIGKILL');
    await closing;
    await refused;
  });

  test('before start leaves nothing running', async () => {
    const worker = superviseTiny();
    await worker.close();
    await expect(worker.start()).rejects.toMatchObject({ code: 'WORKER_CLOSED' });
  });

  test('by a parent killed with -9 ends the worker too', async () => {
    const parent = spawn(process.execPath, [program('parent'), FIXTURES_DIR], { stdio: ['ignore', 'pipe', 'inherit'] });
    const pid = await new Promise<number>((resolve) => {
      parent.stdout.once('data', (text: Buffer) => resolve(Number(text.toString())));
    });
    expect(isAlive(pid)).toBe(true);
    parent.kill('SIGKILL');
    await expect.poll(() => isAlive(pid), { timeout: 5000 }).toBe(false);
  });
});
