import { cp, mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { AppError } from '../../../../src/errors.ts';
import { readModel } from '../../../../src/models/catalog.ts';
import { createEaselPipeline } from '../../../../src/pipeline/easel/easel-pipeline.ts';
import { createRows, loadGraphs } from '../../../../src/pipeline/easel/graphs.ts';
import { type Reference, readReference, selfTest } from '../../../../src/pipeline/easel/self-test.ts';
import { slotBytes, slotsFor } from '../../../../src/pipeline/easel/slot-memory.ts';
import { loadPipeline } from '../../../../src/pipeline/load-pipeline.ts';
import type { Pipeline, SlotEvent } from '../../../../src/pipeline/pipeline.ts';
import { drawAll, openPipeline, slotsOfCall, withRow } from '../fixture-model.ts';
import { FIXTURES_DIR, slotOf } from '../slot-of.ts';
import { tinyModel } from '../tiny-model.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'easel-model-'));
  await cp(join(FIXTURES_DIR, 'tiny-model'), dir, { recursive: true });
});
afterEach(() => rm(dir, { recursive: true, force: true }));

/** Changes bytes in place, length kept. */
async function alter(file: string, positions: number[], bytes: number[]): Promise<void> {
  const handle = await open(join(dir, file), 'r+');
  for (const position of positions) await handle.write(Buffer.from(bytes), 0, bytes.length, position);
  await handle.close();
}

describe('an altered model', () => {
  test('with other weights draws other ids, and its self-test says so', async () => {
    const model = await tinyModel();
    const pipeline = await openPipeline(model);
    const [expected] = await drawAll(pipeline, [slotOf()]);
    await pipeline.close();
    // Every 40th float of the transformer becomes 1.
    const positions = Array.from({ length: 3000 }, (_, index) => index * 160);
    await alter('gpt.data', positions, [0, 0, 0x80, 0x3f]);
    const altered = await readModel(dir);
    const { pipeline: other, devices } = await loadPipeline(altered, { device: 'cpu', slots: 1, threads: 1 });
    const [drawn] = await drawAll(other, [slotOf()]);
    await other.close();
    expect(drawn?.ids).not.toEqual(expected?.ids);
    expect(devices[0]).toMatchObject({ device: 'cpu', passed: false });
    expect(devices[0]?.why).toMatch(/Warning/);
  });

  test('with another decoder paints other pixels from the same ids', async () => {
    const pipeline = await openPipeline(await tinyModel());
    const [expected] = await drawAll(pipeline, [slotOf()]);
    await pipeline.close();
    await alter('decoder.onnx', [20_000, 40_000, 60_000], [0, 0, 0x80, 0x41, 0, 0, 0x80, 0x41]);
    const altered = await openPipeline(await readModel(dir));
    const [drawn] = await drawAll(altered, [slotOf()]);
    await altered.close();
    expect(drawn?.ids).toEqual(expected?.ids);
    expect(Buffer.from(drawn?.picture.rgba ?? []).equals(Buffer.from(expected?.picture.rgba ?? []))).toBe(false);
  });
});

describe('a model that cannot be loaded', () => {
  test('lacking an input of the contract is refused with the name of the input', async () => {
    // A graph with other inputs in the place of the row graph.
    await cp(join(dir, 'prefill.onnx'), join(dir, 'row.onnx'));
    const refused = loadPipeline(await readModel(dir), { device: 'cpu', slots: 1, threads: 1 });
    await expect(refused).rejects.toMatchObject({
      code: 'MODEL_INVALID',
      message: expect.stringContaining('row_index'),
    });
  });

  test('with a graph that is no graph is refused with its name, on auto too', async () => {
    await writeFile(join(dir, 'decoder.onnx'), 'not a graph');
    for (const device of ['cpu', 'auto'] as const) {
      const refused = loadPipeline(await readModel(dir), { device, slots: 1, threads: 1 });
      await expect(refused).rejects.toMatchObject({
        code: 'MODEL_INVALID',
        message: expect.stringContaining('decoder.onnx'),
      });
    }
  });

  test('with a reference that is no reference is refused with its name', async () => {
    await writeFile(join(dir, 'reference.json'), JSON.stringify({ cases: [] }));
    const refused = loadPipeline(await readModel(dir), { device: 'cpu', slots: 1, threads: 1 });
    await expect(refused).rejects.toMatchObject({
      code: 'MODEL_INVALID',
      message: expect.stringContaining('reference.json'),
    });
  });
});

describe('a device', () => {
  test('of another system is refused, not quietly replaced by the CPU', async () => {
    const device = process.platform === 'win32' ? 'coreml' : 'dml';
    const refused = loadPipeline(await tinyModel(), { device, slots: 1, threads: 1 });
    await expect(refused).rejects.toMatchObject({
      code: 'DEVICE_UNAVAILABLE',
      message: expect.stringMatching(/cpu.*or auto/),
    });
  });

  test('that a worker died on is passed over and said', async () => {
    const avoid = (['webgpu', 'cuda'] as const).map((device) => ({ device, compute: 'float32' as const }));
    const options = { device: 'auto', slots: 1, threads: 1, avoid } as const;
    const tried: string[] = [];
    const loaded = await loadPipeline(await tinyModel(), { ...options, onTry: ({ device }) => tried.push(device) });
    await loaded.pipeline.close();
    expect(tried).not.toContain('webgpu');
    expect(loaded.devices.find((one) => one.device === 'webgpu')?.why).toMatch(/died/);
    expect(loaded.why).toMatch(/^cpu is /);
  });

  test('that is too slow is given up', async () => {
    const model = await tinyModel();
    const graphs = await loadGraphs(model, 'cpu', { threads: 1 });
    const test = selfTest(graphs, createRows(graphs, model.manifest, 4), model, await readReference(model), 0);
    await expect(test).rejects.toMatchObject({ code: 'DEVICE_SELF_TEST' });
    await graphs.close();
  });

  test('whose choices differ fails its self-test', async () => {
    const model = await tinyModel();
    const graphs = await loadGraphs(model, 'cpu', { threads: 1 });
    const reference = await readReference(model);
    const testOf = (one: Reference, slots: number) =>
      selfTest(graphs, createRows(graphs, model.manifest, slots), model, one);
    // Fewer slots than rows take turns.
    for (const slots of [8, 3, 1]) expect((await testOf(reference, slots)).agreementShare).toBe(1);
    const { teacher } = reference;
    const greedyIds = teacher.greedyIds.map((id, place) => (place < 4 ? (id + 1) % 125 : id));
    const result = await testOf({ ...reference, teacher: { ...teacher, greedyIds } }, 8);
    expect(result.agreementShare).toBe(0.75);
    await graphs.close();
  });
});

describe.each([
  ['looped', false],
  ['unrolled', true],
])('a device whose memory is full, with the %s graph', (_, unrolled) => {
  /** The real row graph, with room for `slotsMax` slots only. */
  async function openWithRoomFor(slotsMax: number): Promise<Pipeline> {
    const model = await tinyModel();
    const graphs = await loadGraphs(model, 'cpu', { threads: 1, unrolled });
    const limited = withRow(graphs, (row, feeds) =>
      slotsOfCall(feeds) > slotsMax
        ? Promise.reject(new AppError('DEVICE_OUT_OF_MEMORY', 'The memory of the device is full.'))
        : row.run(feeds),
    );
    return createEaselPipeline(model, limited, { device: 'cpu', capacity: 8 });
  }

  test('in the middle of a batch draws fewer at once, and the pictures stay the same', async () => {
    const slots = [1, 2, 3, 4, 5].map((seed) => slotOf({ seed }));
    const roomy = await openPipeline(await tinyModel());
    const expected = await drawAll(roomy, slots);
    await roomy.close();
    const pipeline = await openWithRoomFor(2);
    const drawn = await drawAll(pipeline, slots, [0, 0, 1, 1, 2]);
    await pipeline.close();
    expect(drawn.map((one) => one.ids)).toEqual(expected.map((one) => one.ids));
  });

  test('for even one picture fails that picture with a clear sentence, and the engine goes on', async () => {
    const pipeline = await openWithRoomFor(0);
    const slot = slotOf();
    pipeline.admit(slot);
    let events: SlotEvent[] = [];
    while (pipeline.size > 0) events = await pipeline.advance();
    expect(events).toMatchObject([{ kind: 'failed', slotId: slot.slotId, error: { code: 'DEVICE_OUT_OF_MEMORY' } }]);
    expect(await pipeline.advance()).toEqual([]);
    await pipeline.close();
  });
});

describe('what the unrolled graph keeps on the device', () => {
  /** The real graph, counting the tensors that it gave and that were not disposed of. */
  async function openCounting(
    failAtCall = Number.POSITIVE_INFINITY,
  ): Promise<{ pipeline: Pipeline; kept: () => number }> {
    const model = await tinyModel();
    const graphs = await loadGraphs(model, 'cpu', { threads: 1, unrolled: true });
    let kept = 0;
    let calls = 0;
    const counting = withRow(graphs, async (row, feeds) => {
      calls += 1;
      if (calls === failAtCall) throw new AppError('DEVICE_FAILED', 'The device failed.');
      const outputs = await row.run(feeds);
      for (const [name, tensor] of Object.entries(outputs)) {
        if (tensor.type !== 'kept') continue;
        kept += 1;
        outputs[name] = {
          ...tensor,
          dispose() {
            kept -= 1;
            tensor.dispose();
          },
        };
      }
      return outputs;
    });
    return { pipeline: await createEaselPipeline(model, counting, { device: 'cpu', capacity: 2 }), kept: () => kept };
  }
  const ONE_CACHE = 2 * 2; // key and value of two layers

  test('is one cache, however long it draws, who ever leaves early; and nothing once closed', async () => {
    const { pipeline, kept } = await openCounting();
    await drawAll(pipeline, [slotOf(), slotOf({ seed: 8 }), slotOf({ seed: 9 })], [0, 1, 4]);
    expect(kept()).toBe(ONE_CACHE);
    const goes = slotOf();
    pipeline.admit(goes);
    await pipeline.advance();
    pipeline.evict(goes.slotId);
    expect(await pipeline.advance()).toEqual([]);
    expect(kept()).toBe(ONE_CACHE);
    await pipeline.close();
    expect(kept()).toBe(0);
  });

  test('is given back when a row fails, and the next picture comes out right', async () => {
    const { pipeline, kept } = await openCounting(3);
    pipeline.admit(slotOf());
    let events: SlotEvent[] = [];
    while (pipeline.size > 0) events = await pipeline.advance();
    expect(events).toMatchObject([{ kind: 'failed', error: { code: 'DEVICE_FAILED' } }]);
    expect(kept()).toBe(0);
    const other = await openPipeline(await tinyModel());
    const [expected] = await drawAll(other, [slotOf()]);
    await other.close();
    const [drawn] = await drawAll(pipeline, [slotOf()]);
    await pipeline.close();
    expect(drawn?.ids).toEqual(expected?.ids);
  });
});

test('slots follow the memory there is: eight on a roomy CPU, one on the smallest', async () => {
  const { manifest } = await tinyModel();
  const bytes = slotBytes(manifest);
  expect(slotsFor('cpu', manifest, 1e12)).toBe(8);
  expect(slotsFor('cpu', manifest, 4 * 3 * bytes)).toBe(3);
  expect(slotsFor('cpu', manifest, 1)).toBe(1);
  expect(slotsFor('webgpu', manifest, 1)).toBe(16);
});

test('a graph is refused for what it lacks, not for what it has besides', async () => {
  const text = await readFile(join(dir, 'model.json'), 'utf8');
  await writeFile(join(dir, 'model.json'), JSON.stringify({ ...(JSON.parse(text) as object), later: true }));
  await expect(readModel(dir)).resolves.toMatchObject({ name: 'tiny' });
});

describe('a graph', () => {
  test('that the device cannot run fails with DEVICE_FAILED and what to do', async () => {
    const graphs = await loadGraphs(await tinyModel(), 'cpu', { threads: 1 });
    await expect(graphs.rows.row.run({})).rejects.toMatchObject({
      code: 'DEVICE_FAILED',
      retryable: true,
      message: expect.stringContaining('row.onnx'),
    });
    await graphs.close();
  });

  test.each(['row.onnx', 'gpt.data'])('without its file %s is refused as an invalid model', async (file) => {
    await rm(join(dir, file));
    const refused = loadPipeline(await readModel(dir), { device: 'cpu', slots: 1, threads: 1 });
    await expect(refused).rejects.toMatchObject({ code: 'MODEL_INVALID' });
  });
});
