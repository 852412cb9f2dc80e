/** The model that ships, on the CPU: what the fixture's random weights cannot show. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CatalogModel, verifyModel } from '../../../src/models/catalog.ts';
import { shippedModelsDir } from '../../../src/models/package-root.ts';
import { createRows, loadGraphs } from '../../../src/pipeline/easel/graphs.ts';
import { AGREEMENT_SHARE_MIN, readReference, selfTest } from '../../../src/pipeline/easel/self-test.ts';
import type { Pipeline, SlotRequest } from '../../../src/pipeline/pipeline.ts';
import { captionAt } from '../../../src/prompt/caption.ts';
import { parsePrompt } from '../../../src/prompt/parse-prompt.ts';
import { readPromptModel } from '../../../src/prompt/prompt-model.ts';
import { agreementShare, type Drawn, drawAll, openPipeline, shippedModel } from './fixture-model.ts';
import { slotOf } from './slot-of.ts';

const model = await shippedModel();
const title = model === null ? 'the shipped model (skipped: models/easel-nano is not there yet)' : 'the shipped model';

describe.skipIf(model === null)(title, { timeout: 120_000 }, () => {
  let pipeline: Pipeline;
  beforeAll(async () => {
    pipeline = await openPipeline(model as CatalogModel);
  });
  afterAll(() => pipeline.close());

  const nanoSlot = (overrides: Partial<SlotRequest>): SlotRequest => slotOf({ model: 'easel-nano', ...overrides });

  test('has the files that its description promises', async () => {
    const { files } = await verifyModel('easel-nano');
    expect(files.filter((file) => file.state !== 'ok')).toEqual([]);
  });

  test('is as small as was promised: it lies in the repository', async () => {
    const { dir, manifest } = model as CatalogModel;
    const bytesIn = async (folder: string) => {
      const files = (await readdir(folder, { withFileTypes: true })).filter((entry) => entry.isFile());
      const sizes = await Promise.all(files.map(async ({ name }) => (await stat(join(folder, name))).size));
      return sizes.reduce((sum, size) => sum + size, 0);
    };
    const listed = Object.values(manifest.files).reduce((sum, file) => sum + (file?.bytes ?? 0), 0);
    expect(listed).toBeLessThanOrEqual(16_000_000);
    // With its card and its report.
    expect(await bytesIn(dir)).toBeLessThanOrEqual(16.5e6);
    expect(await bytesIn(join(dir, 'train'))).toBeLessThanOrEqual(30_000_000);
    const judge = await stat(join(shippedModelsDir(), 'train', 'eval', 'judge.onnx'));
    expect(judge.size).toBeLessThanOrEqual(5_000_000);
  });

  test('passes its own self-test, and draws the reference pictures', async () => {
    const shipped = model as CatalogModel;
    const reference = await readReference(shipped);
    const graphs = await loadGraphs(shipped, 'cpu', { threads: 1 });
    const rows = createRows(graphs, shipped.manifest, 8);
    const { agreementShare: share } = await selfTest(graphs, rows, shipped, reference);
    await graphs.close();
    expect(share).toBeGreaterThanOrEqual(AGREEMENT_SHARE_MIN);
    // Another processor's int8 kernels may tip a token, and the tokens after it follow: most pictures stay whole.
    const drawn = await drawAll(pipeline, reference.cases.slice(0, 8).map(toSlot));
    const shares = drawn.map((one, index) => agreementShare(one.ids, reference.cases[index]?.ids ?? []));
    expect(shares.reduce((sum, one) => sum + one, 0) / shares.length).toBeGreaterThan(0.6);
  });

  function toSlot(one: Awaited<ReturnType<typeof readReference>>['cases'][number]): SlotRequest {
    const { caption, seed, picture: pictureIndex, guidanceScale, topK, temperature } = one;
    return nanoSlot({ caption, seed, pictureIndex, guidanceScale, topK, temperature });
  }

  test('draws the same ids alone, in a full batch, and joining late', async () => {
    const captions = ['a red apple', 'two yellow stars', 'a fox under a rainbow', 'a blue house, flat style'];
    const slots = Array.from({ length: 8 }, (_, index) =>
      nanoSlot({
        caption: captions[index % captions.length] as string,
        unwanted: index % 3 === 0 ? 'red' : null,
        seed: 40 + index,
        guidanceScale: 1 + (index % 4),
      }),
    );
    const alone: (readonly number[])[] = [];
    for (const slot of slots) alone.push((await drawAll(pipeline, [slot]))[0]?.ids ?? []);
    const together = await drawAll(pipeline, slots);
    const staggered = await drawAll(pipeline, slots, [0, 1, 1, 3, 4, 6, 7, 9]);
    expect(together.map((one) => one.ids)).toEqual(alone);
    expect(staggered.map((one) => one.ids)).toEqual(alone);
  });

  test('varies: subtle agrees with the parent more than strong, strong more than a re-roll', async () => {
    const captions = ['a red apple', 'a cat', 'a yellow star', 'a house', 'a fish', 'a purple flower'];
    const sums = { subtle: 0, strong: 0, reroll: 0 };
    for (const [index, caption] of captions.entries()) {
      const [parent] = await drawAll(pipeline, [nanoSlot({ caption, seed: index })]);
      const parentIds = [...(parent?.ids ?? [])];
      // Warm enough that a re-roll is another picture.
      const other = { caption, seed: 1000 + index, temperature: 1.5 };
      const [subtle, strong, reroll] = (await drawAll(pipeline, [
        nanoSlot({ ...other, variation: { parentIds, strength: 'subtle' } }),
        nanoSlot({ ...other, variation: { parentIds, strength: 'strong' } }),
        nanoSlot(other),
      ])) as [Drawn, Drawn, Drawn];
      sums.subtle += agreementShare(subtle.ids, parentIds);
      sums.strong += agreementShare(strong.ids, parentIds);
      sums.reroll += agreementShare(reroll.ids, parentIds);
    }
    expect(sums.subtle).toBeGreaterThan(sums.strong);
    expect(sums.strong).toBeGreaterThan(sums.reroll);
    // A subtle variation is not the parent again.
    expect(sums.subtle).toBeLessThan(captions.length);
  });

  test('keeps red out of apples on --no red: less than half of its area over 16 seeds', async () => {
    const seeds = Array.from({ length: 16 }, (_, seed) => seed);
    const plain = await drawInTurns(seeds.map((seed) => nanoSlot({ caption: 'apple', seed })));
    const without = await drawInTurns(seeds.map((seed) => nanoSlot({ caption: 'apple', unwanted: 'red', seed })));
    const area = (drawn: readonly Drawn[]): number => drawn.reduce((sum, one) => sum + redPixels(one.picture.rgba), 0);
    expect(area(plain)).toBeGreaterThan(1000);
    expect(area(without)).toBeLessThan(area(plain) / 2);
  });

  test('draws 24 different pictures for 24 things and one seed', async () => {
    const list = await readFile(new URL('../../../models/train/prompts/single-24.txt', import.meta.url), 'utf8');
    const captions = list.trim().split('\n');
    const drawn = await drawInTurns(captions.map((caption) => nanoSlot({ caption, seed: 7 })));
    expect(captions).toHaveLength(24);
    expect(new Set(drawn.map((one) => one.ids.join())).size).toBe(24);
  });

  test('draws the pictures of a sheet in different styles where the prompt leaves that open', async () => {
    const models = [await readPromptModel(model as CatalogModel)] as const;
    const limits = { charactersMax: 1_000, countMax: 16, promptsMax: 8, picturesMax: 32 };
    const read = parsePrompt('a cat', { models, defaultCount: 3, limits, canBePrivate: false });
    if (!read.ok) throw read.refusal;
    const { caption, sheetCaptions } = read.parsed.expansions[0];
    const slots = [0, 1, 2].map((index) =>
      nanoSlot({ caption: captionAt(caption, sheetCaptions, index), seed: 7, pictureIndex: index }),
    );
    const drawn = await drawInTurns(slots);
    expect(new Set(drawn.map((one) => one.ids.join())).size).toBe(3);
  });

  /** As many at once as the engine takes. */
  async function drawInTurns(slots: SlotRequest[]): Promise<Drawn[]> {
    const drawn: Drawn[] = [];
    for (let at = 0; at < slots.length; at += pipeline.capacity) {
      drawn.push(...(await drawAll(pipeline, slots.slice(at, at + pipeline.capacity))));
    }
    return drawn;
  }
});

/** Visible pixels that anybody calls red. */
function redPixels(rgba: Uint8Array): number {
  let count = 0;
  for (let at = 0; at < rgba.length; at += 4) {
    const [red = 0, green = 0, blue = 0, alpha = 0] = rgba.subarray(at, at + 4);
    if (alpha > 127 && red > 130 && red > 1.7 * green && red > 1.7 * blue) count += 1;
  }
  return count;
}
