import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { CatalogModel } from '../../../../src/models/catalog.ts';
import { createEaselPipeline } from '../../../../src/pipeline/easel/easel-pipeline.ts';
import { createRows, loadGraphs } from '../../../../src/pipeline/easel/graphs.ts';
import { AGREEMENT_SHARE_MIN, readReference, selfTest } from '../../../../src/pipeline/easel/self-test.ts';
import type { Pipeline } from '../../../../src/pipeline/pipeline.ts';
import { agreementShare, drawAll, openGraphs, openPipeline, withRow } from '../fixture-model.ts';
import { slotOf } from '../slot-of.ts';
import { PRECISIONS, tinyModel } from '../tiny-model.ts';

let model: CatalogModel;
let pipeline: Pipeline;

beforeAll(async () => {
  model = await tinyModel();
  pipeline = await openPipeline(model);
});
afterAll(() => pipeline.close());

describe('parity with the reference', () => {
  test('every reference case comes out as the exporter drew it, from caption to ids', async () => {
    const { cases } = await readReference(model);
    expect(cases.length).toBeGreaterThan(1);
    for (const one of cases) {
      const { caption, seed, picture, guidanceScale, topK, temperature } = one;
      const slot = slotOf({ caption, seed, pictureIndex: picture, guidanceScale, topK, temperature });
      const [drawn] = await drawAll(pipeline, [slot]);
      expect(drawn?.ids).toEqual(one.ids);
    }
  });
});

describe('the same request', () => {
  test('gives the same ids and the same pixels again', async () => {
    const [first] = await drawAll(pipeline, [slotOf()]);
    const [again] = await drawAll(pipeline, [slotOf()]);
    expect(again?.ids).toEqual(first?.ids);
    expect(Buffer.from(again?.picture.rgba ?? []).equals(Buffer.from(first?.picture.rgba ?? []))).toBe(true);
  });

  test.each([
    ['seed', { seed: 8 }],
    ['picture of the sheet', { pictureIndex: 1 }],
    ['caption', { caption: 'a blue house' }],
    ['unwanted', { unwanted: 'a blue house', guidanceScale: 5 }],
    ['guidance', { guidanceScale: 6 }],
    ['top-k', { topK: 1 }],
    ['temperature', { temperature: 0.05 }],
  ])('with another %s gives other ids', async (_, overrides) => {
    const [first, other] = await drawAll(pipeline, [slotOf(), slotOf(overrides)]);
    expect(other?.ids).not.toEqual(first?.ids);
  });

  test('with top-k 1 does not depend on the seed', async () => {
    const [first, other] = await drawAll(pipeline, [slotOf({ topK: 1 }), slotOf({ topK: 1, seed: 99 })]);
    expect(other?.ids).toEqual(first?.ids);
  });
});

const CROWD = [
  slotOf({ seed: 1, caption: 'a red apple' }),
  slotOf({ seed: 2, caption: 'two small yellow stars on a dark blue sky', guidanceScale: 4 }),
  slotOf({ seed: 3, caption: 'cat', unwanted: 'red', topK: 3 }),
  slotOf({ seed: 4, caption: 'a house with a tree', temperature: 0.7 }),
  slotOf({ seed: 5, caption: '' }),
];

const ENGINES = PRECISIONS.flatMap((weights) =>
  (weights === 'fp32' ? (['float32'] as const) : (['float32', 'float16'] as const)).flatMap((compute) => [
    { weights, compute, graph: 'looped', unrolled: false },
    { weights, compute, graph: 'unrolled', unrolled: true },
  ]),
);

describe.each(ENGINES)('with $weights weights in $compute, by the $graph graph', ({ weights, compute, unrolled }) => {
  let engine: Pipeline;
  beforeAll(async () => {
    engine = await openGraphs(await tinyModel(weights), { compute, unrolled });
  });
  afterAll(() => engine.close());

  // Random weights in four bits choose other codes too often.
  const selfTested = weights === 'int4' ? null : 'passes the self-test against what full precision drew';
  if (selfTested !== null)
    test(selfTested, async () => {
      const tiny = await tinyModel(weights);
      const graphs = await loadGraphs(tiny, 'cpu', { threads: 1, compute, unrolled });
      const test = await selfTest(graphs, createRows(graphs, tiny.manifest, 4), tiny, await readReference(tiny));
      await graphs.close();
      expect(test.agreementShare).toBeGreaterThanOrEqual(AGREEMENT_SHARE_MIN);
    });

  test('ids are the same alone, in a full batch, and joining late', async () => {
    const alone: (readonly number[])[] = [];
    for (const slot of CROWD) alone.push((await drawAll(engine, [slot]))[0]?.ids ?? []);
    const together = await drawAll(engine, CROWD);
    const staggered = await drawAll(engine, CROWD, [0, 1, 1, 3, 6]);
    expect(together.map((drawn) => drawn.ids)).toEqual(alone);
    expect(staggered.map((drawn) => drawn.ids)).toEqual(alone);
  });
});

test('a call of the row graph sees whole blocks of places, since rounding follows them', async () => {
  const graphs = await loadGraphs(model, 'cpu', { threads: 1 });
  const lengths = new Set<number | undefined>();
  const watching = withRow(graphs, (row, feeds) => {
    const mask = feeds['past_mask'];
    lengths.add(mask?.type === 'float32' ? mask.dims[3] : undefined);
    return row.run(feeds);
  });
  const watched = await createEaselPipeline(model, watching, { device: 'cpu', capacity: 4 });
  await drawAll(watched, CROWD.slice(0, 3), [0, 1, 3]);
  await watched.close();
  expect([...lengths]).toEqual([64]);
});

describe('between rows', () => {
  test('a slot reports each row, but no more previews than eyes can follow', async () => {
    const slot = slotOf({ previews: true });
    pipeline.admit(slot);
    // Two rows in no time, however busy the machine is.
    const now = vi.spyOn(performance, 'now').mockReturnValue(performance.now());
    const events = [await pipeline.advance(), await pipeline.advance()].flat();
    now.mockRestore();
    pipeline.evict(slot.slotId);
    expect(events).toMatchObject([
      { rowsDone: 1, preview: expect.any(Promise) },
      { rowsDone: 2, preview: null },
    ]);
  });

  test('a slot whose rows take their time reports each with a preview, before the last token', async () => {
    const slot = slotOf({ previews: true });
    pipeline.admit(slot);
    const rows = model.manifest.grid.rows;
    for (let row = 1; row < rows; row++) {
      const [event] = await pipeline.advance();
      expect(event).toMatchObject({ kind: 'row', slotId: slot.slotId, rowsDone: row, rows });
      const preview = event?.kind === 'row' ? await event.preview : null;
      expect([preview?.widthPx, preview?.heightPx]).toEqual([16, 16]);
      const alphaOfLastPixel = preview?.rgba.at(-1);
      expect(alphaOfLastPixel).toBe(0); // not drawn yet
      await new Promise((resolve) => setTimeout(resolve, 60));
    }
    expect((await pipeline.advance())[0]?.kind).toBe('drawn');
    expect(pipeline.size).toBe(0);
  });

  test('an evicted slot leaves, frees its place and does not disturb the others', async () => {
    const [expected] = await drawAll(pipeline, [slotOf({ seed: 21 })]);
    const stays = slotOf({ seed: 21 });
    const goes = slotOf({ seed: 22 });
    pipeline.admit(goes);
    pipeline.admit(stays);
    await pipeline.advance();
    pipeline.evict(goes.slotId);
    expect(pipeline.size).toBe(1);
    const seen = new Set<string>();
    let ids: readonly number[] = [];
    while (pipeline.size > 0) {
      for (const event of await pipeline.advance()) {
        seen.add(event.slotId);
        if (event.kind === 'drawn') ids = event.ids;
      }
    }
    expect([...seen]).toEqual([stays.slotId]);
    expect(ids).toEqual(expected?.ids);
  });

  test('a slot id is free again once evicted or drawn', async () => {
    const slot = slotOf();
    pipeline.admit(slot);
    expect(() => pipeline.admit(slot)).toThrow(expect.objectContaining({ code: 'INTERNAL' }));
    pipeline.evict(slot.slotId);
    await drawAll(pipeline, [slot]);
    await drawAll(pipeline, [slot]);
    expect(await pipeline.advance()).toEqual([]);
  });

  test('more slots than the capacity are refused', async () => {
    const small = await openPipeline(model, 1);
    small.admit(slotOf());
    expect(() => small.admit(slotOf())).toThrow(expect.objectContaining({ code: 'INTERNAL' }));
    await small.close();
  });
});

describe('variations', () => {
  test('agree with the parent: subtle more than strong more than a re-roll', async () => {
    const shares = { subtle: 0, strong: 0, reroll: 0 };
    for (let seed = 100; seed < 108; seed++) {
      const [parent] = await drawAll(pipeline, [slotOf({ seed })]);
      const parentIds = [...(parent?.ids ?? [])];
      const other = { seed: seed + 1000 };
      const [subtle, strong, reroll] = await drawAll(pipeline, [
        slotOf({ ...other, variation: { parentIds, strength: 'subtle' } }),
        slotOf({ ...other, variation: { parentIds, strength: 'strong' } }),
        slotOf(other),
      ]);
      shares.subtle += agreementShare(subtle?.ids ?? [], parentIds) / 8;
      shares.strong += agreementShare(strong?.ids ?? [], parentIds) / 8;
      shares.reroll += agreementShare(reroll?.ids ?? [], parentIds) / 8;
    }
    expect(shares.subtle).toBeGreaterThan(shares.strong);
    expect(shares.strong).toBeGreaterThan(shares.reroll);
  });

  test.each([
    ['too few', [1, 2, 3]],
    ['ids outside the codebook', new Array<number>(16).fill(125)],
    ['no whole numbers', new Array<number>(16).fill(0.5)],
  ])('of a parent with %s are refused', (_, parentIds) => {
    const slot = slotOf({ variation: { parentIds, strength: 'subtle' } });
    expect(() => pipeline.admit(slot)).toThrow(expect.objectContaining({ code: 'INPUT_IDS' }));
  });
});

describe('decode', () => {
  test('gives the pixels that were drawn', async () => {
    const [drawn] = await drawAll(pipeline, [slotOf()]);
    const again = await pipeline.decode(drawn?.ids ?? []);
    expect(again.widthPx).toBe(32);
    expect(Buffer.from(again.rgba).equals(Buffer.from(drawn?.picture.rgba ?? []))).toBe(true);
  });

  test('refuses ids of another model', async () => {
    await expect(pipeline.decode([1, 2])).rejects.toMatchObject({ code: 'INPUT_IDS' });
  });
});

test('a caption longer than the model reads is cut and said', async () => {
  const long = Array.from({ length: 30 }, () => 'apple').join(' ');
  const [drawn] = await drawAll(pipeline, [slotOf({ caption: long, unwanted: long })]);
  expect(drawn?.notices).toEqual(['CAPTION_CUT', 'UNWANTED_CUT']);
});
