/**
 * Baseline (a): the loop a host writes first, on the same ONNX weights. A token a run, the cache in and out through JavaScript as
 * the runtime returns it, guidance and sampling in JavaScript.
 */
import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { CatalogModel } from '../../src/models/catalog.ts';
import { toModelShape } from '../../src/pipeline/easel/model-shape.ts';
import type { RowSlot } from '../../src/pipeline/easel/rows.ts';
import { guidanceAtRow } from '../../src/pipeline/easel/slot.ts';
import { tokenNoise } from '../../src/pipeline/noise.ts';
import { type ThreadSetting, toSessionOptions } from './threads.ts';

export type Stepwise = (slots: readonly RowSlot[]) => Promise<number[][]>;

const HIDDEN = -1e9;

export async function openStepwise({ dir, manifest }: CatalogModel, threads: ThreadSetting): Promise<Stepwise> {
  const prefill = await InferenceSession.create(join(dir, 'prefill.onnx'), toSessionOptions(threads));
  const step = await InferenceSession.create(join(dir, 'step.onnx'), toSessionOptions(threads));
  const { captionTokens, rows, columns, layers, heads, headWidth, codebookSize } = toModelShape(manifest);
  const { guidanceRampRows } = manifest.sampling;
  const int64 = (values: readonly number[], dims: number[]) => new Tensor('int64', values.map(BigInt), dims);

  /** Captions to the cache, [S,H,T,E] each; S = 2B, conditional ones first. */
  async function readCaptions(slots: readonly RowSlot[]): Promise<{ cache: Record<string, Tensor>; mask: number[][] }> {
    const captions = [...slots.map((slot) => slot.captionIds), ...slots.map((slot) => slot.unwantedIds)];
    const dims = [captions.length, captionTokens];
    const padded = captions.map((ids) =>
      Array.from({ length: captionTokens }, (_, t) => ids[t] ?? manifest.caption.padId),
    );
    const mask = captions.map((ids) => Array.from({ length: captionTokens }, (_, t) => (t < ids.length ? 1 : 0)));
    const read = await prefill.run({
      caption_ids: int64(padded.flat(), dims),
      caption_mask: new Tensor('float32', Float32Array.from(mask.flat()), dims),
    });
    const cache: Record<string, Tensor> = {};
    for (let layer = 0; layer < layers; layer++) {
      cache[`past_key.${layer}`] = transposed(read[`key.${layer}`] as Tensor, headWidth, captionTokens);
      cache[`past_value.${layer}`] = read[`value.${layer}`] as Tensor;
    }
    return { cache, mask };
  }

  return async (slots) => {
    const batch = slots.length;
    let { cache, mask } = await readCaptions(slots);
    const drawn: number[][] = slots.map(() => []);
    for (let token = 0; token < rows * columns; token++) {
      const ids = drawn.map((one) => one.at(-1) ?? codebookSize);
      const seen = mask.flatMap((caption) => [
        ...caption.map((one) => (one === 1 ? 0 : HIDDEN)),
        ...new Array<number>(token + 1).fill(0),
      ]);
      const { logits, ...present } = await step.run({
        id: int64([...ids, ...ids], [2 * batch]),
        place: int64(new Array<number>(2 * batch).fill(token), [2 * batch]),
        past_mask: new Tensor('float32', Float32Array.from(seen), [2 * batch, 1, 1, captionTokens + token + 1]),
        ...cache,
      });
      cache = Object.fromEntries(
        Object.entries(present).map(([name, tensor]) => [name.replace('present', 'past'), tensor as Tensor]),
      );
      const scores = (logits as Tensor).data as Float32Array;
      slots.forEach((slot, b) => {
        const guidance = guidanceAtRow(slot.guidanceScale, Math.floor(token / columns), guidanceRampRows);
        const conditional = scores.subarray(b * codebookSize, (b + 1) * codebookSize);
        const unconditional = scores.subarray((batch + b) * codebookSize, (batch + b + 1) * codebookSize);
        const noise = tokenNoise(slot.seed, slot.pictureIndex, token);
        drawn[b]?.push(choose(conditional, unconditional, guidance, slot, noise));
      });
    }
    return drawn;
  };

  /** [S,H,E,T] as the engine reads it -> [S,H,T,E] as the step does. */
  function transposed(tensor: Tensor, inner: number, places: number): Tensor {
    const source = tensor.data as Float32Array;
    const target = new Float32Array(source.length);
    for (let start = 0; start < source.length; start += inner * places) {
      for (let e = 0; e < inner; e++) {
        for (let t = 0; t < places; t++) target[start + t * inner + e] = source[start + e * places + t] as number;
      }
    }
    return new Tensor('float32', target, [tensor.dims[0] as number, heads, places, inner]);
  }
}

/** Guidance, temperature, top-k, softmax, inverse CDF. */
function choose(
  conditional: Float32Array,
  unconditional: Float32Array,
  guidance: number,
  { topK, temperature }: RowSlot,
  noise: number,
): number {
  const logits = conditional.map((c, code) => {
    const u = unconditional[code] as number;
    return (u + guidance * (c - u)) / temperature;
  });
  const codes = Array.from(logits.keys())
    .sort((a, b) => (logits[b] as number) - (logits[a] as number))
    .slice(0, topK);
  const best = logits[codes[0] as number] as number;
  const chances = codes.map((code) => Math.exp((logits[code] as number) - best));
  const sum = chances.reduce((total, chance) => total + chance, 0);
  let running = 0;
  for (const [rank, chance] of chances.entries()) {
    running += chance / sum;
    if (running > noise) return codes[rank] as number;
  }
  return codes.at(-1) as number;
}
