/** Rows by the looped graph, for the CPU and CUDA: this process keeps keys and values, and the batch is as large as its slots. */
import type { ModelManifest } from '../../models/manifest.ts';
import { floatOutput, type Graph, intOutput } from '../graph.ts';
import type { Tensor } from '../tensor.ts';
import { createKvCache } from './kv-cache.ts';
import { cacheNames, type ModelShape } from './model-shape.ts';
import { createPrefixes } from './prefixes.ts';
import { idsBySlot, type RowSlot, type Rows, slotInputs } from './rows.ts';

export function createLoopRows(
  graphs: { prefill: Graph; row: Graph },
  manifest: ModelManifest,
  shape: ModelShape,
  slotsMax: number,
): Rows {
  const prefixes = createPrefixes(graphs.prefill, manifest, shape);
  const pastNames = cacheNames('past', shape.layers);
  const rowNames = cacheNames('row', shape.layers);
  let cache = createKvCache(shape);
  /** In the order of the cache. */
  let held: readonly RowSlot[] = [];
  let most = slotsMax;

  const clear = (): void => {
    held = [];
    cache = createKvCache(shape);
  };

  async function regroup(slots: readonly RowSlot[]): Promise<void> {
    if (slots.length === held.length && slots.every((slot, b) => slot === held[b])) return;
    const from = slots.map((slot) => held.indexOf(slot));
    cache.regroup(from);
    for (const [b, slot] of slots.entries()) {
      if (from[b] !== -1) continue;
      cache.begin(b, await prefixes.of(slot.captionIds), await prefixes.of(slot.unwantedIds));
    }
    held = [...slots];
  }

  async function drawRow(slots: readonly RowSlot[]): Promise<number[][]> {
    await regroup(slots);
    const feeds: Record<string, Tensor> = { ...slotInputs(slots, manifest, shape), past_mask: cache.mask() };
    cache.past().forEach((past, tensor) => {
      feeds[pastNames[tensor] as string] = past;
    });
    const outputs = await graphs.row.run(feeds);
    cache.appendRow(rowNames.map((name) => floatOutput(outputs, name).data));
    return idsBySlot(intOutput(outputs, 'ids').data, slots.length, shape.columns);
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
    shrink(slots) {
      clear();
      if (slots < 2) return false;
      most = Math.ceil(slots / 2);
      return true;
    },
    clear,
  };
}
