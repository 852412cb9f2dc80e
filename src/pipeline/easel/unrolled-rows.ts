/** Rows by the unrolled graph, for WebGPU: the device keeps keys and values; a fixed batch, in which each slot has its place. */
import type { ModelManifest } from '../../models/manifest.ts';
import { type Graph, intOutput, keptOutput } from '../graph.ts';
import { bools, floats, ints, type KeptTensor, type Tensor, zeros } from '../tensor.ts';
import { cacheNames, type ModelShape } from './model-shape.ts';
import { idsBySlot, type RowSlot, type Rows, slotInputs } from './rows.ts';

export function createUnrolledRows(graph: Graph, manifest: ModelManifest, shape: ModelShape, slotsMax: number): Rows {
  const { captionTokens, columns, heads, headWidth, layers } = shape;
  const cacheInputs = cacheNames('cache', layers);
  const cacheOutputs = cacheNames('next', layers);
  const places = captionTokens + (shape.rows - 1) * columns; // P
  /** What draws at a place without a slot; nobody reads it. */
  const nobody: RowSlot = {
    captionIds: manifest.caption.nullIds,
    unwantedIds: manifest.caption.nullIds,
    ...{ seed: 0, pictureIndex: 0, guidanceScale: 1, topK: 1, temperature: 1, biasIds: null, biasStrength: 0 },
    ids: [],
    rowsDone: 0,
  };
  const compute = graph.inputs.some(({ type }) => type === 'float16') ? 'float16' : 'float32';
  let most = slotsMax; // B
  let seats: (RowSlot | null)[] = new Array(most).fill(null);
  /** 2L tensors in the device's memory, key [S,H,E,P] and value [S,H,P,E]; null before the first row. */
  let cache: KeptTensor[] | null = null;

  const clear = (): void => {
    seats = new Array(most).fill(null);
    for (const tensor of cache ?? []) tensor.dispose();
    cache = null;
  };

  /** Gives those who are new a seat. @returns whether each seat begins */
  function seat(slots: readonly RowSlot[]): boolean[] {
    const wanted = new Set<RowSlot | null>(slots);
    seats = seats.map((slot) => (wanted.has(slot) ? slot : null));
    const begins = seats.map(() => false);
    for (const slot of slots) {
      if (seats.includes(slot)) continue;
      const free = seats.indexOf(null);
      seats[free] = slot;
      begins[free] = true;
    }
    return begins;
  }

  function captions(): Record<string, Tensor> {
    const here = seats.map((slot) => slot ?? nobody);
    const sequences = [...here.map((slot) => slot.captionIds), ...here.map((slot) => slot.unwantedIds)];
    const ids = new Array<number>(sequences.length * captionTokens).fill(manifest.caption.padId);
    const mask = new Float32Array(ids.length);
    sequences.forEach((tokens, sequence) => {
      tokens.forEach((id, place) => {
        ids[sequence * captionTokens + place] = id;
        mask[sequence * captionTokens + place] = 1;
      });
    });
    const dims = [sequences.length, captionTokens]; // (S,T)
    return { caption_ids: ints(ids, dims), caption_mask: floats(mask, dims) };
  }

  function pastOf(tensor: number): Tensor | KeptTensor {
    const kept = cache?.[tensor];
    if (kept !== undefined) return kept;
    const inner = tensor % 2 === 0 ? [headWidth, places] : [places, headWidth];
    return zeros(compute, [2 * most, heads, ...inner]);
  }

  async function drawRow(slots: readonly RowSlot[]): Promise<number[][]> {
    const begins = seat(slots);
    const feeds: Record<string, Tensor | KeptTensor> = {
      ...slotInputs(
        seats.map((slot) => slot ?? nobody),
        manifest,
        shape,
      ),
      ...captions(),
      any_begins: bools([begins.includes(true)], []),
      begins: bools([...begins, ...begins], [2 * most, 1, 1, 1]), // (S,1,1,1)
    };
    cacheInputs.forEach((name, tensor) => {
      feeds[name] = pastOf(tensor);
    });
    const outputs = await graph.run(feeds);
    for (const tensor of cache ?? []) tensor.dispose();
    cache = cacheOutputs.map((name) => keptOutput(outputs, name));
    const drawn = idsBySlot(intOutput(outputs, 'ids').data, most, columns);
    return slots.map((slot) => drawn[seats.indexOf(slot)] as number[]);
  }

  return {
    get slotsMax() {
      return most;
    },
    async draw(slots) {
      try {
        return await drawRow(slots);
      } catch (error) {
        clear();
        throw error;
      }
    },
    shrink() {
      if (most > 1) most = Math.ceil(most / 2);
      else return false;
      clear();
      return true;
    },
    clear,
  };
}
