/** The easel family: many pictures share one pass a row, join and leave between rows, and never see each other. */
import { AppError, toAppError } from '../../errors.ts';
import { type CatalogModel, filePath } from '../../models/catalog.ts';
import { loadCaptionTokenizer } from '../caption-tokenizer.ts';
import type { DeviceName } from '../device.ts';
import type { ModelInfo, Pipeline, SlotEvent } from '../pipeline.ts';
import type { EaselGraphs } from './graphs.ts';
import { createKvCache } from './kv-cache.ts';
import { type ModelShape, toModelShape } from './model-shape.ts';
import { toPicture } from './pixels.ts';
import { createPrefixes, type Prefix } from './prefixes.ts';
import { createRowRunner } from './row.ts';
import { checkIds, restart, type Slot, toSlot } from './slot.ts';

export type EaselPipelineOptions = { device: DeviceName; capacity: number };

type Begun = { slot: Slot; conditional: Prefix; unconditional: Prefix };

/** Takes ownership of the graphs. */
export async function createEaselPipeline(
  model: CatalogModel,
  graphs: EaselGraphs,
  { device, capacity }: EaselPipelineOptions,
): Promise<Pipeline> {
  const { manifest } = model;
  const shape = toModelShape(manifest);
  const tokenize = await loadCaptionTokenizer(filePath(model, 'tokenizer'), shape.captionTokens);
  const prefixes = createPrefixes(graphs.prefill, manifest, shape);
  const drawRow = createRowRunner(graphs.row, manifest, shape);
  const cache = createKvCache(shape);
  /** In the order of the cache; finished and evicted ones stay until the next row begins. */
  let batch: Slot[] = [];
  let waiting: Slot[] = [];
  const evicted = new Set<Slot>();
  /** Less than `capacity` once the device's memory was full. */
  let batchLimit = capacity;

  const isActive = (slot: Slot): boolean => slot.rowsDone < shape.rows && !evicted.has(slot);
  const active = (): Slot[] => [...batch, ...waiting].filter(isActive);

  /** Between two rows: who is done goes, who waits comes. */
  async function regroup(): Promise<SlotEvent[]> {
    const events: SlotEvent[] = [];
    const stayed = batch.filter(isActive);
    waiting = waiting.filter(isActive);
    evicted.clear();
    const begun: Begun[] = [];
    for (const slot of waiting.splice(0, batchLimit - stayed.length)) {
      const startMs = performance.now();
      try {
        const conditional = await prefixes.of(slot.captionIds);
        begun.push({ slot, conditional, unconditional: await prefixes.of(slot.unwantedIds) });
      } catch (thrown) {
        events.push(failed(slot, thrown));
      }
      slot.engineMs += performance.now() - startMs;
    }
    if (begun.length > 0 || stayed.length !== batch.length) {
      cache.regroup([...stayed.map((slot) => batch.indexOf(slot)), ...begun.map(() => -1)]);
      begun.forEach(({ conditional, unconditional }, index) => {
        cache.begin(stayed.length + index, conditional, unconditional);
      });
      batch = [...stayed, ...begun.map(({ slot }) => slot)];
    }
    return events;
  }

  async function drawBatchRow(): Promise<void> {
    const startMs = performance.now();
    const result = await drawRow(batch, cache);
    const shareMs = (performance.now() - startMs) / batch.length;
    batch.forEach((slot, b) => {
      cache.appendRow(b, slot.rowsDone, result.cache);
      slot.ids.push(...(result.ids[b] as number[]));
      slot.rowsDone += 1;
      slot.engineMs += shareMs;
    });
  }

  /** The second half begins again later; a picture is a function of its request, so it comes out the same. */
  function shrinkBatch(): void {
    batchLimit = Math.ceil(batch.length / 2);
    const postponed = batch.filter(isActive).slice(batchLimit);
    for (const slot of postponed) evicted.add(slot);
    waiting.unshift(...postponed.map(restart));
  }

  async function toEvent(slot: Slot): Promise<SlotEvent> {
    const { slotId, rowsDone, ids } = slot;
    const startMs = performance.now();
    if (rowsDone < shape.rows) {
      const preview = slot.previews ? await toPicture(graphs.preview, fillUp(ids, shape)) : null;
      return { kind: 'row', slotId, rowsDone, rows: shape.rows, preview };
    }
    const picture = await toPicture(graphs.decoder, ids);
    const nowMs = performance.now();
    return {
      kind: 'drawn',
      slotId,
      ids: [...ids],
      picture,
      drawMs: nowMs - slot.admittedAtMs,
      engineMs: slot.engineMs + nowMs - startMs,
      notices: [...slot.notices],
    };
  }

  return {
    model: toModelInfo(model),
    device,
    capacity,
    get size() {
      return active().length;
    },
    admit(request) {
      const now = active();
      if (now.length >= capacity) throw new AppError('INTERNAL', 'The engine is full: admit when a slot is free.');
      if (now.some((slot) => slot.slotId === request.slotId)) {
        throw new AppError('INTERNAL', 'This slot is being drawn already: give every slot its own id.');
      }
      waiting.push(toSlot(request, manifest, shape, tokenize));
    },
    async advance() {
      const events = await regroup();
      if (batch.length === 0) return events;
      try {
        await drawBatchRow();
      } catch (thrown) {
        const error = toAppError(thrown, 'DEVICE_FAILED');
        if (error.code === 'DEVICE_OUT_OF_MEMORY' && batch.length > 1) {
          shrinkBatch();
          return events;
        }
        events.push(...batch.filter(isActive).map((slot) => failed(slot, error)));
        for (const slot of batch) evicted.add(slot);
        return events;
      }
      for (const slot of batch) {
        if (evicted.has(slot)) continue;
        try {
          events.push(await toEvent(slot));
        } catch (thrown) {
          evicted.add(slot);
          events.push(failed(slot, thrown));
        }
      }
      return events;
    },
    evict(slotId) {
      const slot = active().find((one) => one.slotId === slotId);
      if (slot !== undefined) evicted.add(slot);
    },
    async decode(ids) {
      checkIds(ids, shape);
      return toPicture(graphs.decoder, ids);
    },
    close: () => graphs.close(),
  };
}

function failed(slot: Slot, thrown: unknown): SlotEvent {
  return { kind: 'failed', slotId: slot.slotId, error: toAppError(thrown, 'DEVICE_FAILED') };
}

/** -1 where nothing is drawn yet. */
function fillUp(ids: readonly number[], { rows, columns }: ModelShape): number[] {
  return [...ids, ...new Array<number>(rows * columns - ids.length).fill(-1)];
}

export function toModelInfo({ manifest, hash }: CatalogModel): ModelInfo {
  return {
    name: manifest.name,
    title: manifest.title,
    version: manifest.version,
    hash,
    rows: manifest.grid.rows,
    columns: manifest.grid.columns,
    codebookSize: manifest.codebookSize,
    captionTokens: manifest.caption.tokens,
    widthPx: manifest.picture.widthPx,
    heightPx: manifest.picture.heightPx,
    previewWidthPx: manifest.preview.widthPx,
    previewHeightPx: manifest.preview.heightPx,
  };
}
