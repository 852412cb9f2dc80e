/** Our side of the comparisons: prefill and rows of the engine in this process, as a worker runs them, without decoder and process. */
import { type CatalogModel, filePath } from '../src/models/catalog.ts';
import { loadCaptionTokenizer } from '../src/pipeline/caption-tokenizer.ts';
import { createRows, loadGraphs } from '../src/pipeline/easel/graphs.ts';
import type { RowSlot } from '../src/pipeline/easel/rows.ts';

/** As `load-pipeline.ts` decides for the CPU. */
const THREADS = 1;
const CAPTION = 'a red apple';

/** Slots with `seed`, `seed + 1`, … and the defaults of the model. */
export type ToSlots = (count: number, seed: number) => RowSlot[];

export async function slotsOf(model: CatalogModel): Promise<ToSlots> {
  const { sampling, caption } = model.manifest;
  const tokenize = await loadCaptionTokenizer(filePath(model, 'tokenizer'), caption.tokens);
  const { guidanceScale, topK, temperature } = sampling;
  return (count, seed) =>
    Array.from({ length: count }, (_, index) => ({
      ...{ captionIds: tokenize(CAPTION).ids, unwantedIds: caption.nullIds, seed: seed + index, pictureIndex: 0 },
      ...{ guidanceScale, topK, temperature, biasIds: null, biasStrength: 0, ids: [], rowsDone: 0 },
    }));
}

/** Draws slots together, from their captions on. */
export async function openEngine(model: CatalogModel): Promise<(slots: readonly RowSlot[]) => Promise<number[][]>> {
  const graphs = await loadGraphs(model, 'cpu', { threads: THREADS });
  const { rows: rowCount } = model.manifest.grid;
  return async (slots) => {
    // New each time: captions are read again.
    const rows = createRows(graphs, model.manifest, slots.length);
    const drawn = slots.map((slot) => ({ ...slot, ids: [] as number[] }));
    for (let row = 0; row < rowCount; row++) {
      const ids = await rows.draw(drawn);
      drawn.forEach((slot, b) => {
        slot.ids.push(...(ids[b] as number[]));
        slot.rowsDone += 1;
      });
    }
    return drawn.map((slot) => slot.ids);
  };
}
