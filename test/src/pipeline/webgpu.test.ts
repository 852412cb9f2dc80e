/** The GPU path on a software driver: proves that it is right, says nothing about its speed. */
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readModel } from '../../../src/models/catalog.ts';
import { loadPipeline } from '../../../src/pipeline/load-pipeline.ts';
import type { SelfTests, TestedDevice } from '../../../src/pipeline/self-tests.ts';
import { drawAll, openPipeline } from './fixture-model.ts';
import { slotOf } from './slot-of.ts';
import { DRIVER, missing } from './software-vulkan.ts';
import { tinyModel } from './tiny-model.ts';

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

  test.skipIf(missing !== null)('tries float16 once, says that this driver has none, and draws', TIMEOUT, async () => {
    process.env['VK_DRIVER_FILES'] = DRIVER;
    const answers = new Map<string, TestedDevice>();
    const selfTests: SelfTests = {
      recall: async (device, question) => answers.get(`${device} ${question}`) ?? null,
      remember: async (device, question, tested) => void answers.set(`${device} ${question}`, tested),
    };
    const model = await tinyModel('int8');
    for (const expectedTries of [['float32', 'float16'], ['float32']]) {
      const tried: string[] = [];
      const { pipeline, devices, compute } = await loadPipeline(model, {
        ...{ device: 'webgpu', slots: 2, threads: 1, selfTests },
        onTry: (way) => tried.push(way.compute),
      });
      const [drawn] = await drawAll(pipeline, [slotOf()]);
      await pipeline.close();
      expect(drawn?.ids).toHaveLength(16);
      expect(tried).toEqual(expectedTries);
      expect(compute).toBe('float32');
      expect(devices).toMatchObject([
        { device: 'webgpu', compute: 'float32', passed: true },
        {
          device: 'webgpu',
          compute: 'float16',
          passed: false,
          agreementShare: null,
          why: expect.stringMatching(/f16/),
        },
      ]);
    }
  });

  test.skipIf(missing !== null)(
    'leaves float16 alone where a worker died in it, even when it was asked for',
    TIMEOUT,
    async () => {
      process.env['VK_DRIVER_FILES'] = DRIVER;
      const was = { agreementShare: 1, msPerPicture: 40, capacity: 2 };
      const selfTests: SelfTests = { recall: async () => was, remember: async () => {} };
      const { pipeline, devices } = await loadPipeline(await tinyModel('int8'), {
        ...{ device: 'webgpu', slots: 2, threads: 1, selfTests },
        avoid: [{ device: 'webgpu', compute: 'float16' }],
      });
      await pipeline.close();
      expect(devices).toMatchObject([{ passed: true }, { compute: 'float16', why: expect.stringMatching(/died/) }]);
    },
  );

  test.skipIf(missing !== null).each([
    ['float16', 25],
    ['float32', 37], // too little to change every seed's picture for
  ])('takes %s where float16 was right and took %i ms instead of 40', TIMEOUT, async (expected, msPerPicture) => {
    process.env['VK_DRIVER_FILES'] = DRIVER;
    const was = { agreementShare: 1, msPerPicture: 40, capacity: 2 };
    const selfTests: SelfTests = {
      // As a card would have shown, whose driver has it.
      recall: async (_, question) => (question.includes('float16') ? { ...was, msPerPicture } : was),
      remember: async () => {},
    };
    const options = { device: 'webgpu', slots: 2, threads: 1, selfTests } as const;
    const { pipeline, compute, why } = await loadPipeline(await tinyModel('int8'), options);
    await pipeline.close();
    expect(compute).toBe(expected);
    expect(why.includes('in float16')).toBe(expected === 'float16');
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
