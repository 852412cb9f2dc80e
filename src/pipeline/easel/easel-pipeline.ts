/** The easel family: many pictures share one pass a row, join and leave between rows, and never see each other. */
import { AppError, toAppError } from '../../errors.ts';
import { type CatalogModel, filePath } from '../../models/catalog.ts';
import { loadCaptionTokenizer } from '../caption-tokenizer.ts';
import type { DeviceName } from '../device.ts';
import type { Drawing, ModelInfo, Pipeline, RawPicture, SlotEvent } from '../pipeline.ts';
import { createRows, type EaselGraphs } from './graphs.ts';
import { type ModelShape, toModelShape } from './model-shape.ts';
import { checkIds, restart, type Slot, toSlot } from './slot.ts';

/** Twenty a second are all that eyes can follow. */
const PREVIEW_GAP_MS = 50;

export type EaselPipelineOptions = { device: DeviceName; capacity: number };

/** Takes ownership of the graphs. */
export async function createEaselPipeline(
  model: CatalogModel,
  graphs: EaselGraphs,
  { device, capacity }: EaselPipelineOptions,
): Promise<Pipeline> {
  const { manifest } = model;
  const { painter } = graphs;
  const shape = toModelShape(manifest);
  const tokenize = await loadCaptionTokenizer(filePath(model, 'tokenizer'), shape.captionTokens);
  const rows = createRows(graphs, manifest, capacity);
  let batch: Slot[] = [];
  let waiting: Slot[] = [];

  const active = (): Slot[] => [...batch, ...waiting];

  /** Between two rows: who is done has gone, who waits comes. */
  function regroup(): void {
    batch = [...batch, ...waiting.splice(0, rows.slotsMax - batch.length)];
  }

  async function drawBatchRow(): Promise<readonly Slot[]> {
    const startMs = performance.now();
    const slots = batch;
    const ids = await rows.draw(slots);
    const shareMs = (performance.now() - startMs) / slots.length;
    slots.forEach((slot, b) => {
      slot.ids.push(...(ids[b] as number[]));
      slot.rowsDone += 1;
      slot.engineMs += shareMs;
    });
    // Evicted while the row was drawn: no event.
    const stayed = slots.filter((slot) => batch.includes(slot));
    batch = batch.filter((slot) => slot.rowsDone < shape.rows);
    return stayed;
  }

  /** A picture is a function of its request: all begin again, fewer at once, and come out the same. */
  function beginAgain(): void {
    waiting = [...batch, ...waiting].map(restart);
    batch = [];
  }

  function toEvent(slot: Slot): SlotEvent {
    const { slotId, rowsDone, ids } = slot;
    if (rowsDone < shape.rows) {
      return { kind: 'row', slotId, rowsDone, rows: shape.rows, preview: toPreview(slot) };
    }
    return { kind: 'drawn', slotId, ids: [...ids], drawing: mayFail(toDrawing(slot)), notices: [...slot.notices] };
  }

  function toPreview(slot: Slot): Promise<RawPicture> | null {
    const nowMs = performance.now();
    if (!slot.previews || nowMs - slot.previewAtMs < PREVIEW_GAP_MS) return null;
    slot.previewAtMs = nowMs;
    return mayFail(painter.paint('preview', fillUp(slot.ids, shape)).then(({ picture }) => picture));
  }

  async function toDrawing(slot: Slot): Promise<Drawing> {
    const { picture, paintMs } = await painter.paint('decoder', slot.ids);
    const drawMs = performance.now() - slot.admittedAtMs;
    return { picture, drawMs, engineMs: slot.engineMs + paintMs };
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
      regroup();
      if (batch.length === 0) return [];
      try {
        return (await drawBatchRow()).map(toEvent);
      } catch (thrown) {
        const error = toAppError(thrown, 'DEVICE_FAILED');
        if (error.code === 'DEVICE_OUT_OF_MEMORY' && rows.shrink(batch.length)) {
          beginAgain();
          return [];
        }
        return batch.splice(0).map(({ slotId }): SlotEvent => ({ kind: 'failed', slotId, error }));
      }
    },
    evict(slotId) {
      const stays = (slot: Slot): boolean => slot.slotId !== slotId;
      batch = batch.filter(stays);
      waiting = waiting.filter(stays);
    },
    async decode(ids) {
      checkIds(ids, shape);
      return (await painter.paint('decoder', ids)).picture;
    },
    async close() {
      rows.clear();
      await graphs.close();
    },
  };
}

/** The same promise, whose failure may stay unheard: the event of a slot that was cancelled meanwhile is dropped. */
function mayFail<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return promise;
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
