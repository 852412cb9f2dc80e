/** The GPU path on a software driver: proves that it is right, says nothing about its speed. */
import { existsSync } from 'node:fs';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readModel } from '../../../src/models/catalog.ts';
import { loadPipeline } from '../../../src/pipeline/load-pipeline.ts';
import type { SelfTests } from '../../../src/pipeline/self-tests.ts';
import { drawAll, openPipeline, tinyModel } from './fixture-model.ts';
import { slotOf } from './slot-of.ts';

// SwiftShader of Debian's chromium; the loader is Debian's libvulkan1.
const DRIVER = '/usr/lib/chromium/vk_swiftshader_icd.json';
const LOADERS = ['/usr/lib/x86_64-linux-gnu/libvulkan.so.1', '/usr/lib/aarch64-linux-gnu/libvulkan.so.1'];
const missing = !existsSync(DRIVER)
  ? `${DRIVER} is absent: apt-get install chromium`
  : !LOADERS.some((path) => existsSync(path))
    ? 'libvulkan.so.1 is absent: apt-get install libvulkan1'
    : null;

// Some seconds; on a machine that does other things as well, many times that.
const TIMEOUT = { timeout: 240_000 };

describe(`webgpu on the software driver${missing === null ? '' : ` (skipped: ${missing})`}`, () => {
  test.skipIf(missing !== null)(
    'draws the ids that the CPU draws, alone and in a batch, and paints nearly the same pixels',
    TIMEOUT,
    async () => {
      process.env['VK_DRIVER_FILES'] = DRIVER;
      const model = await tinyModel();
      const slots = [slotOf({ seed: 1, previews: true }), slotOf({ seed: 2, caption: 'a cat', unwanted: 'red' })];
      const cpu = await openPipeline(model);
      const expected = await drawAll(cpu, slots);
      await cpu.close();

      const { pipeline, why, devices } = await loadPipeline(model, { device: 'webgpu', slots: 2, threads: 1 });
      const drawn = await drawAll(pipeline, slots, [0, 1]);
      await pipeline.close();

      expect(devices).toMatchObject([{ device: 'webgpu', passed: true, agreementShare: 1 }]);
      expect(why).toMatch(/^webgpu was asked for/);
      expect(drawn.map((one) => one.ids)).toEqual(expected.map((one) => one.ids));
      drawn.forEach((one, index) => {
        const other = expected[index]?.picture.rgba ?? new Uint8Array();
        const largest = one.picture.rgba.reduce((max, byte, at) => Math.max(max, Math.abs(byte - (other[at] ?? 0))), 0);
        expect(largest).toBeLessThanOrEqual(2);
      });
    },
  );

  test.skipIf(missing !== null)('tries float16 too, and says that this driver has none', TIMEOUT, async () => {
    process.env['VK_DRIVER_FILES'] = DRIVER;
    const { pipeline, devices } = await loadPipeline(await tinyModel('int8'), {
      device: 'webgpu',
      slots: 2,
      threads: 1,
    });
    await pipeline.close();
    expect(devices).toMatchObject([
      { device: 'webgpu', compute: 'float32', passed: true },
      { device: 'webgpu', compute: 'float16', passed: false, agreementShare: null, why: expect.stringMatching(/f16/) },
    ]);
  });

  test.skipIf(missing !== null)('takes float16 where its test was right and faster', TIMEOUT, async () => {
    process.env['VK_DRIVER_FILES'] = DRIVER;
    const was = { agreementShare: 1, msPerPicture: 40, capacity: 2 };
    const selfTests: SelfTests = {
      // As a card would have shown, whose driver has it.
      recall: async (_, question) => (question.includes('float16') ? { ...was, msPerPicture: 25 } : was),
      remember: async () => {},
    };
    const options = { device: 'webgpu', slots: 2, threads: 1, selfTests } as const;
    const { pipeline, why, msPerPicture } = await loadPipeline(await tinyModel('int8'), options);
    await pipeline.close();
    expect(why).toMatch(/^webgpu was asked for: in float16, self-test 100/);
    expect(msPerPicture).toBe(25);
  });

  test.skipIf(missing !== null)('is not used when its choices differ from the reference', TIMEOUT, async () => {
    process.env['VK_DRIVER_FILES'] = DRIVER;
    const dir = await mkdtemp(join(tmpdir(), 'easel-webgpu-'));
    const { dir: tinyDir } = await tinyModel();
    await cp(tinyDir, dir, { recursive: true });
    const path = join(dir, 'reference.json');
    const reference = JSON.parse(await readFile(path, 'utf8')) as { teacher: { greedyIds: number[] } };
    reference.teacher.greedyIds[3] = (reference.teacher.greedyIds[3] as number) + 1;
    await writeFile(path, JSON.stringify(reference));
    const refused = loadPipeline(await readModel(dir), { device: 'webgpu', slots: 1, threads: 1 });
    await expect(refused).rejects.toMatchObject({
      code: 'DEVICE_SELF_TEST',
      message: expect.stringContaining('93.8 %'),
    });
    await rm(dir, { recursive: true });
  });
});
