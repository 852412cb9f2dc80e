import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test } from 'vitest';
import type { WorkerSupervisor } from '../../../src/worker/supervisor.ts';
import { cpuWorkersFor, createWorkerPool, type WorkerPoolOptions } from '../../../src/worker/worker-pool.ts';
import { FIXTURES_DIR, slotOf } from '../pipeline/slot-of.ts';

const open: WorkerSupervisor[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((pool) => pool.close()));
});

const ignore = (): void => {};
const program = (name: string) => fileURLToPath(new URL(`./programs/${name}.mjs`, import.meta.url));

function poolOf(options: Partial<WorkerPoolOptions> = {}): WorkerSupervisor {
  const pool = createWorkerPool({
    ...{ modelsDir: FIXTURES_DIR, model: 'tiny', devices: ['cpu'], cpuWorkers: 1, restart: { firstDelayMs: 5 } },
    ...options,
  });
  open.push(pool);
  return pool;
}

describe('on the CPU', () => {
  test('one process draws alone; another starts when a second picture comes, and the pictures stay the same', async () => {
    const seeds = [1, 2, 3, 4, 5, 6];
    const single = poolOf();
    const expected = await Promise.all(seeds.map((seed) => single.draw(slotOf({ seed }), ignore)));
    const pool = poolOf({ cpuWorkers: 2, slots: 2 });
    await pool.start();
    await pool.draw(slotOf(), ignore);
    expect(pool.info?.slots).toBe(2);
    const drawn = await Promise.all(seeds.map((seed) => pool.draw(slotOf({ seed }), ignore)));
    await expect.poll(() => pool.info?.slots, { timeout: 15_000 }).toBe(4);
    const again = await Promise.all(seeds.map((seed) => pool.draw(slotOf({ seed }), ignore)));
    expect(drawn.map(({ ids }) => ids)).toEqual(expected.map(({ ids }) => ids));
    expect(again.map(({ ids }) => ids)).toEqual(expected.map(({ ids }) => ids));
  });

  test('there are as many processes as cores and memory carry', () => {
    expect(cpuWorkersFor(2, 8e9)).toBe(2);
    expect(cpuWorkersFor(16, 64e9)).toBe(4);
    expect(cpuWorkersFor(8, 1e9)).toBe(1);
    expect(cpuWorkersFor(1, 64e9)).toBe(1);
  });
});

describe('with several devices', () => {
  test('each has a worker, and one that cannot draw does not stop the other', async () => {
    const absent = process.platform === 'darwin' ? 'dml' : 'coreml';
    const logged: string[] = [];
    const pool = poolOf({ devices: [absent, 'cpu'], onLog: (text) => logged.push(text) });
    expect(await pool.start()).toMatchObject({ device: 'cpu', slots: 8 });
    await expect(pool.draw(slotOf(), ignore)).resolves.toMatchObject({ widthPx: 32 });
    expect(logged.join('')).toContain(`worker ${absent}/tiny cannot draw`);
  });

  test('none of which can draw fails to start with what the first one said', async () => {
    const absent = process.platform === 'darwin' ? 'dml' : 'coreml';
    const pool = poolOf({ devices: [absent] });
    await expect(pool.start()).rejects.toMatchObject({ code: 'DEVICE_UNAVAILABLE' });
    expect(pool.state).toBe('closed');
    await expect(pool.draw(slotOf(), ignore)).rejects.toMatchObject({ code: 'WORKER_CLOSED' });
  });
});

describe('a worker killed with -9', () => {
  test('gives all its pictures back: each is drawn, alone, and comes out as it would have', async () => {
    const seeds = Array.from({ length: 12 }, (_, index) => index);
    const calm = poolOf();
    const expected = await Promise.all(seeds.map((seed) => calm.draw(slotOf({ seed }), ignore)));
    const pool = poolOf({ devices: ['cpu', 'cpu'] });
    const { pid } = await pool.start();
    let killed = false;
    const drawn = await Promise.all(
      seeds.map((seed) =>
        pool.draw(slotOf({ seed }), () => {
          if (!killed) process.kill(pid, 'SIGKILL');
          killed = true;
        }),
      ),
    );
    expect(killed).toBe(true);
    expect(drawn.map(({ ids }) => ids)).toEqual(expected.map(({ ids }) => ids));
  });

  test('by a picture that kills a second one fails that picture only', async () => {
    const pool = poolOf({ entry: program('dies-on-poison') });
    await pool.start();
    const captions = ['a cat', 'poison', 'a dog', 'a red apple'];
    const results = await Promise.allSettled(captions.map((caption) => pool.draw(slotOf({ caption }), ignore)));
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled']);
    expect(results[1]).toMatchObject({ reason: { code: 'WORKER_DIED' } });
  });
});

test('closing ends every worker and refuses what comes after', async () => {
  const pool = poolOf({ cpuWorkers: 2 });
  await pool.draw(slotOf(), ignore);
  await Promise.all([pool.close(), pool.close()]);
  expect(pool.state).toBe('closed');
  await expect(pool.draw(slotOf(), ignore)).rejects.toMatchObject({ code: 'WORKER_CLOSED' });
  await expect(pool.decode('tiny', [])).rejects.toMatchObject({ code: 'WORKER_CLOSED' });
});
