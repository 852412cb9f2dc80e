/** One row of every slot of a batch in one call of the row graph. */
import type { ModelManifest } from '../../models/manifest.ts';
import { floatOutput, type Graph, intOutput } from '../graph.ts';
import { tokenNoise } from '../noise.ts';
import { floats, ints, type Tensor } from '../tensor.ts';
import type { KvCache } from './kv-cache.ts';
import { cacheNames, type ModelShape } from './model-shape.ts';
import { guidanceAtRow } from './slot.ts';

/** What the row graph needs to know of a slot: which row, and how to draw it. */
export type RowSlot = {
  readonly seed: number;
  readonly pictureIndex: number;
  readonly guidanceScale: number;
  readonly topK: number;
  readonly temperature: number;
  readonly biasIds: readonly number[] | null;
  readonly biasStrength: number;
  readonly ids: readonly number[];
  readonly rowsDone: number;
};

export type RowResult = {
  /** Per slot its C ids. */
  ids: number[][];
  /** 2L arrays [C,S,H,E], for `KvCache.appendRow`. */
  cache: Float32Array[];
};

export type RowRunner = (slots: readonly RowSlot[], cache: KvCache) => Promise<RowResult>;

/** Slots may stand at different rows; slot b is sequence b and B + b of the cache. */
export function createRowRunner(graph: Graph, manifest: ModelManifest, shape: ModelShape): RowRunner {
  const { captionTokens, columns, codebookSize, layers } = shape;
  const { guidanceRampRows } = manifest.sampling;
  const pastNames = cacheNames('past', layers);
  const rowNames = cacheNames('row', layers);

  // P is always that of the last row, what is not drawn yet hidden. Otherwise the longest past of a batch decides in which
  // order a kernel adds up the shorter ones, activations round otherwise, and a picture depends on its neighbours.
  const places = captionTokens + (shape.rows - 1) * columns;

  return async (slots, cache) => {
    const batch = slots.length; // B
    const rows = slots.map((slot) => slot.rowsDone);
    const previous = slots.map((slot) => slot.ids[slot.rowsDone * columns - 1] ?? codebookSize);
    const noise = new Float32Array(columns * batch); // (C,B)
    const biasIds = new Array<number>(columns * batch).fill(-1); // (C,B)
    slots.forEach((slot, b) => {
      for (let column = 0; column < columns; column++) {
        const token = slot.rowsDone * columns + column;
        noise[column * batch + b] = tokenNoise(slot.seed, slot.pictureIndex, token);
        biasIds[column * batch + b] = slot.biasIds?.[token] ?? -1;
      }
    });
    const feeds: Record<string, Tensor> = {
      row_index: ints([...rows, ...rows], [2 * batch]), // (S)
      previous_id: ints([...previous, ...previous], [2 * batch]), // (S)
      past_mask: cache.mask(places, rows), // (S,1,1,P)
      guidance: perSlot(slots, (slot) => guidanceAtRow(slot.guidanceScale, slot.rowsDone, guidanceRampRows)),
      temperature: perSlot(slots, (slot) => slot.temperature),
      top_k: ints(
        slots.map((slot) => slot.topK),
        [batch],
      ), // (B)
      noise: floats(noise, [columns, batch]),
      bias_ids: ints(biasIds, [columns, batch]),
      bias_strength: perSlot(slots, (slot) => slot.biasStrength),
    };
    cache.past(places).forEach((past, tensor) => {
      feeds[pastNames[tensor] as string] = past; // (P,S,H,E)
    });
    const outputs = await graph.run(feeds);
    const drawn = intOutput(outputs, 'ids').data; // (C,B)
    return {
      ids: slots.map((_, b) => Array.from({ length: columns }, (_, column) => Number(drawn[column * batch + b]))),
      cache: rowNames.map((name) => floatOutput(outputs, name).data), // (C,S,H,E) each
    };
  };
}

function perSlot(slots: readonly RowSlot[], read: (slot: RowSlot) => number): Tensor {
  return floats(Float32Array.from(slots, read), [slots.length]); // (B)
}
